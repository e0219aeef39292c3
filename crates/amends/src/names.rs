//! What sources call customers, where the user asked to see it.

use std::collections::{BTreeMap, HashMap};

use amends_model::{IdentifierId, Result};
use serde_json::{Value, json};

use crate::context::Context;
use crate::look::Look;

/// The names that the vault keeps of some customers.
pub(crate) struct Names(HashMap<IdentifierId, BTreeMap<IdentifierId, String>>);

impl Names {
    /// The names of all identifiers of these customers; those that were erased have none.
    ///
    /// # Errors
    /// `AM0303` and `AM0304` when the vault fails.
    pub(crate) async fn of_customers(
        context: &Context,
        look: &Look,
        customers: impl Iterator<Item = IdentifierId>,
    ) -> Result<Self> {
        let mut members = HashMap::new();
        for customer in customers {
            let all = || look.people.members(customer).to_vec();
            members.entry(customer).or_insert_with(all);
        }
        let ids: Vec<IdentifierId> = members.values().flatten().copied().collect();
        let names = context.vault.names(&ids).await?;
        let named = members.into_iter().map(|(customer, ids)| {
            let ids = ids.into_iter();
            let of = ids.filter_map(|id| Some((id, names.get(&id)?.clone())));
            (customer, of.collect())
        });
        Ok(Self(named.collect()))
    }

    /// One customer's names in a line, each once.
    pub(crate) fn of(&self, customer: IdentifierId) -> String {
        let named = self.0.get(&customer).into_iter().flatten();
        let mut names: Vec<&str> = named.map(|(_, name)| name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names.join(", ")
    }

    /// One customer's names by identifier.
    pub(crate) fn json(&self, customer: IdentifierId) -> Value {
        json!(self.0.get(&customer))
    }
}
