//! `hash64(text)`: a number that stands for a text, so that no text need be kept or sorted for each of many millions of rows.

use std::sync::Arc;

use arrow::array::{Array, UInt64Array};
use arrow::datatypes::DataType;
use datafusion::common::cast::as_string_array;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use xxhash_rust::xxh3::xxh3_64;

/// The function: XXH3-64 of the text's UTF-8 bytes, never 0; 0 for null.
pub(super) fn function() -> ScalarUDF {
    ScalarUDF::new_from_impl(Hash64 {
        signature: Signature::exact(vec![DataType::Utf8], Volatility::Immutable),
    })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Hash64 {
    signature: Signature,
}

fn hash(text: Option<&str>) -> u64 {
    text.map_or(0, |text| xxh3_64(text.as_bytes()).max(1))
}

impl ScalarUDFImpl for Hash64 {
    fn name(&self) -> &str {
        "hash64"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::UInt64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match args.args.into_iter().next() {
            Some(ColumnarValue::Array(texts)) => {
                let texts = as_string_array(&texts)?;
                let hashes = (0..texts.len())
                    .map(|row| Some(hash((!texts.is_null(row)).then(|| texts.value(row)))));
                Ok(ColumnarValue::Array(Arc::new(
                    hashes.collect::<UInt64Array>(),
                )))
            }
            Some(ColumnarValue::Scalar(value)) => {
                let hash = hash(value.try_as_str().flatten());
                Ok(ColumnarValue::Scalar(ScalarValue::UInt64(Some(hash))))
            }
            None => Ok(ColumnarValue::Scalar(ScalarValue::UInt64(Some(0)))),
        }
    }
}
