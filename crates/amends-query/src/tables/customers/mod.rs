//! `customers`: who is who. One row for each identifier.
//!
//! | column | type | meaning |
//! |---|---|---|
//! | `identifier` | 16 bytes | an identifier as it stands in events |
//! | `namespace` | text | what kind of name it is, such as `email` |
//! | `customer` | 16 bytes | the customer it belongs to: the oldest of its identifiers (rule 10) |
//! | `account` | 16 bytes | the account that the customer belongs to; null where none is known |
//!
//! Whoever asks of many events whose they are need not join: `customer_of(identifier)` and `account_of(identifier)` say what these columns hold, and null of an
//! identifier that is not known.

mod known;
mod table;

use std::sync::Arc;

use amends_model::IdentifierId;
use amends_model::event::id_type;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

pub use known::Customers;
pub(crate) use table::Table;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// The identifier.
    pub identifier: IdentifierId,
    /// What kind of name it is.
    pub namespace: &'a str,
    /// The customer.
    pub customer: IdentifierId,
    /// The account.
    pub account: Option<IdentifierId>,
}

/// The columns of the table.
pub fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("identifier", id_type(), false),
        Field::new("namespace", DataType::Utf8, false),
        Field::new("customer", id_type(), false),
        Field::new("account", id_type(), true),
    ]))
}
