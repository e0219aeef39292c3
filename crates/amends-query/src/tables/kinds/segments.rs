//! Plans over the segment files of one kind.

use std::path::Path;
use std::sync::Arc;

use amends_model::event::{column, id_type};
use arrow::array::{FixedSizeBinaryBuilder, RecordBatch};
use arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::common::{Column, JoinType, Result};
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};

use super::in_memory;
use crate::{Part, Stored};

/// One plan for all segments whose events all count, and one for each of the others.
pub(super) fn plans(stored: &Stored) -> Result<Vec<LogicalPlan>> {
    let (whole, holed): (Vec<&Part>, Vec<&Part>) = stored
        .segments
        .iter()
        .partition(|part| part.superseded.is_empty());
    let mut plans = Vec::new();
    if !whole.is_empty() {
        let paths: Vec<&Path> = whole.iter().map(|part| part.path.as_path()).collect();
        plans.push(files(&stored.schema, &paths)?);
    }
    for part in holed {
        let scan = files(&stored.schema, &[&part.path])?;
        let superseded = in_memory("superseded", id_schema(), vec![vec![ids(part)?]])?;
        let on = |table: &str| vec![Column::new(Some(table), column::ID)];
        let current = LogicalPlanBuilder::from(scan)
            .join(
                superseded,
                JoinType::LeftAnti,
                (on("segment"), on("superseded")),
                None,
            )?
            .build()?;
        plans.push(current);
    }
    Ok(plans)
}

/// Parquet files as one table in the union schema; columns that a file does not have are null.
fn files(schema: &SchemaRef, paths: &[&Path]) -> Result<LogicalPlan> {
    let urls: Result<Vec<_>> = paths.iter().map(|path| url(path)).collect();
    let options = ListingOptions::new(Arc::new(ParquetFormat::default())).with_file_extension("");
    let config = ListingTableConfig::new_with_multi_paths(urls?)
        .with_listing_options(options)
        .with_schema(Arc::clone(schema));
    let table = provider_as_source(Arc::new(ListingTable::try_new(config)?));
    LogicalPlanBuilder::scan("segment", table, None)?.build()
}

/// The URL of one file, whatever signs its path holds.
fn url(path: &Path) -> Result<ListingTableUrl> {
    let absolute = std::path::absolute(path)?;
    let mut text = String::from("file://");
    for byte in absolute.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    ListingTableUrl::parse(text)
}

fn id_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new(column::ID, id_type(), false)]))
}

fn ids(part: &Part) -> Result<RecordBatch> {
    let mut ids = FixedSizeBinaryBuilder::with_capacity(part.superseded.len(), 16);
    for id in part.superseded.iter() {
        ids.append_value(id.to_be_bytes())?;
    }
    Ok(RecordBatch::try_new(
        id_schema(),
        vec![Arc::new(ids.finish())],
    )?)
}
