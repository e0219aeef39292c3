//! `customers`: who is who. One row for each identifier.
//!
//! | column | type | meaning |
//! |---|---|---|
//! | `identifier` | 16 bytes | an identifier as it stands in events |
//! | `namespace` | text | what kind of name it is, such as `email` |
//! | `customer` | 16 bytes | the customer it belongs to: the oldest of its identifiers (rule 10) |
//! | `account` | 16 bytes | the account that the customer belongs to; null where none is known |

use std::sync::Arc;

use amends_identity::People;
use amends_model::event::id_type;
use amends_model::{IdentifierId, Problem, Result};
use arrow::array::{FixedSizeBinaryBuilder, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

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

/// The rows of the table for those who were resolved.
///
/// # Errors
/// `AM0804` when memory does not suffice.
pub(crate) fn rows(people: &People) -> Result<RecordBatch> {
    let everyone = people.everyone();
    batch(
        everyone.map(|(identifier, namespace, customer, account)| Row {
            identifier,
            namespace,
            customer,
            account,
        }),
    )
}

/// The same for some identifiers; those never minted are absent.
///
/// # Errors
/// `AM0804` when memory does not suffice.
pub(crate) fn rows_of(people: &People, identifiers: &[IdentifierId]) -> Result<RecordBatch> {
    batch(identifiers.iter().filter_map(|id| {
        Some(Row {
            identifier: *id,
            namespace: people.namespace(*id)?,
            customer: people.customer(*id),
            account: people.account(*id),
        })
    }))
}

/// Rows as a batch.
///
/// # Errors
/// `AM0804` when memory does not suffice.
pub fn batch<'a>(rows: impl IntoIterator<Item = Row<'a>>) -> Result<RecordBatch> {
    let ids = || FixedSizeBinaryBuilder::new(16);
    let (mut identifiers, mut customers, mut accounts) = (ids(), ids(), ids());
    let mut namespaces = StringBuilder::new();
    let failed = |error: arrow::error::ArrowError| {
        Problem::new("AM0804", "the table of customers cannot be built").because(error)
    };
    for row in rows {
        identifiers.append_value(row.identifier.0).map_err(failed)?;
        customers.append_value(row.customer.0).map_err(failed)?;
        namespaces.append_value(row.namespace);
        match row.account {
            Some(account) => accounts.append_value(account.0).map_err(failed)?,
            None => accounts.append_null(),
        }
    }
    RecordBatch::try_new(
        schema(),
        vec![
            Arc::new(identifiers.finish()),
            Arc::new(namespaces.finish()),
            Arc::new(customers.finish()),
            Arc::new(accounts.finish()),
        ],
    )
    .map_err(failed)
}
