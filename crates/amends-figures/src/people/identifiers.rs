//! What sources call a customer: identifiers without the names behind them.

use std::collections::HashMap;

use amends_model::{IdentifierId, Result};
use amends_query::Session;
use arrow::array::{FixedSizeBinaryArray, StringArray};
use serde::Serialize;

use crate::customer_math::counted;
use crate::sql::{Template, typed};

const IDENTIFIERS: Template = Template(include_str!("identifiers.sql"));

/// One identifier and what kind of name it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    /// What kind of name, such as `email`.
    pub namespace: String,
    /// The identifier: the vault knows the name.
    pub identifier: IdentifierId,
}

/// The identifiers of everybody.
pub struct Identifiers(HashMap<IdentifierId, Vec<Named>>);

impl Identifiers {
    /// Reads them from the table `customers`.
    ///
    /// # Errors
    /// `AM0804` when reading fails.
    pub async fn read(session: &Session) -> Result<Self> {
        let text = IDENTIFIERS.fill(&[("counted", counted(session))]);
        let mut all: HashMap<IdentifierId, Vec<Named>> = HashMap::new();
        for batch in session.sql(&text).await? {
            let customers = typed::<FixedSizeBinaryArray>(&batch, 0)?;
            let identifiers = typed::<FixedSizeBinaryArray>(&batch, 1)?;
            let namespaces = typed::<StringArray>(&batch, 2)?;
            for row in 0..batch.num_rows() {
                let id = |ids: &FixedSizeBinaryArray| IdentifierId::from_slice(ids.value(row));
                let (Some(customer), Some(identifier)) = (id(customers), id(identifiers)) else {
                    continue;
                };
                all.entry(customer).or_default().push(Named {
                    namespace: namespaces.value(row).to_owned(),
                    identifier,
                });
            }
        }
        for named in all.values_mut() {
            named.sort_by(|a, b| (&a.namespace, a.identifier).cmp(&(&b.namespace, b.identifier)));
        }
        Ok(Self(all))
    }

    /// Those of one customer.
    pub fn of(&self, customer: IdentifierId) -> Vec<Named> {
        self.0.get(&customer).cloned().unwrap_or_default()
    }
}
