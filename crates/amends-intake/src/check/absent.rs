//! Columns that are named and are not there: once they are told, the rest is planned as if they were.

use std::sync::Arc;

use amends_project::definition::SourceFile;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use crate::decode::{field, nearest};

/// A file's definition without the columns that are missing. What such a rule says holds of the column that is probably meant.
pub(super) fn mended(file: &SourceFile, names: &[String], missing: &[String]) -> SourceFile {
    let mut mended = file.clone();
    for name in missing {
        let rule = mended.columns.remove(name);
        if let (Some(rule), Some(near)) = (rule, nearest(name, names)) {
            mended.columns.entry(near.to_owned()).or_insert(rule);
        }
    }
    mended
}

/// The columns of a file, and those that are declared and missing with the types that they would have.
pub(super) fn with_missing(there: &SchemaRef, file: &SourceFile, missing: &[String]) -> SchemaRef {
    let ruled = missing.iter().filter_map(|name| {
        let rule = file.columns.get(name)?;
        Some(Arc::new(field(name, rule.kind)))
    });
    let all: Vec<_> = there.fields().iter().cloned().chain(ruled).collect();
    Arc::new(Schema::new(all))
}

/// Adds a column that a query names to the table that has the one most like it, with its type. Whether there is one; else it is a column of
/// the main table, and of no type.
pub(super) fn add(schemas: &mut [(String, SchemaRef)], name: &str) -> bool {
    let like = |schema: &SchemaRef| -> Option<DataType> {
        let fields = schema.fields().iter();
        let names: Vec<String> = fields.map(|field| field.name().clone()).collect();
        let near = schema.field_with_name(nearest(name, &names)?).ok()?;
        Some(near.data_type().clone())
    };
    let found = schemas
        .iter()
        .enumerate()
        .find_map(|(place, (_, schema))| Some((place, like(schema)?)));
    let is_typed = found.is_some();
    let (place, of) = found.unwrap_or((0, DataType::Null));
    if let Some((_, schema)) = schemas.get_mut(place) {
        let own = Arc::new(Field::new(name, of, true));
        let all: Vec<_> = schema.fields().iter().cloned().chain([own]).collect();
        *schema = Arc::new(Schema::new(all));
    }
    is_typed
}
