//! `customer_of(identifier)` and `account_of(identifier)`: what the table `customers` says of an identifier, without a join, which would first put everybody
//! into a table of its own.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use amends_model::IdentifierId;
use amends_model::event::id_type;
use arrow::array::{Array, ArrayRef, FixedSizeBinaryArray, FixedSizeBinaryBuilder};
use arrow::datatypes::DataType;
use datafusion::common::cast::as_fixed_size_binary_array;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use crate::tables::customers::Customers;

/// Both functions, over those whom a session knows.
pub(super) fn functions(customers: &Customers) -> [ScalarUDF; 2] {
    let function = |name, of| {
        ScalarUDF::new_from_impl(Whose {
            name,
            of,
            customers: customers.clone(),
            signature: Signature::exact(vec![id_type()], Volatility::Immutable),
        })
    };
    [
        function("customer_of", Customers::customer),
        function("account_of", Customers::account),
    ]
}

#[derive(Debug)]
struct Whose {
    name: &'static str,
    of: fn(&Customers, IdentifierId) -> Option<IdentifierId>,
    customers: Customers,
    signature: Signature,
}

impl PartialEq for Whose {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.customers.is(&other.customers)
    }
}

impl Eq for Whose {}

impl Hash for Whose {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for Whose {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(id_type())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_one = matches!(args.args[..], [ColumnarValue::Scalar(_)]);
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let found = self.whose(as_fixed_size_binary_array(&arrays[0])?)?;
        Ok(match is_one {
            true => ColumnarValue::Scalar(ScalarValue::try_from_array(&found, 0)?),
            false => ColumnarValue::Array(found),
        })
    }
}

impl Whose {
    fn whose(&self, identifiers: &FixedSizeBinaryArray) -> Result<ArrayRef> {
        let mut found = FixedSizeBinaryBuilder::with_capacity(identifiers.len(), 16);
        // Events of one identifier often stand together.
        let mut last = None;
        for identifier in identifiers {
            let identifier = identifier.and_then(IdentifierId::from_slice);
            let whose = match last {
                Some((same, whose)) if same == identifier => whose,
                _ => identifier.and_then(|one| (self.of)(&self.customers, one)),
            };
            last = Some((identifier, whose));
            match whose {
                Some(whose) => found.append_value(whose.0)?,
                None => found.append_null(),
            }
        }
        Ok(Arc::new(found.finish()))
    }
}
