//! What is at stake where a promise is not kept: the amount of the event that opened it.

use std::collections::{BTreeMap, HashMap};

use amends_model::{IdentifierId, Result};
use amends_project::definition::{About, Promise};
use amends_query::Session;
use arrow::array::{Array, FixedSizeBinaryArray, Int64Array, StringArray};

use crate::exposed::Row;
use crate::voice::typed;

const AMOUNTS: &str = include_str!("amounts.sql");

/// The amounts of what opened a promise, by what it is about and when, in minor units of their currency.
pub(crate) struct Stakes(Amounts);

type Amounts = HashMap<(String, i64), (i64, String)>;

impl Stakes {
    /// Reads them.
    ///
    /// # Errors
    /// `AM0804` when reading fails.
    pub(crate) async fn read(session: &Session, promise: &Promise) -> Result<Self> {
        let mut all = HashMap::new();
        // What opened before was opened by what was in force then.
        let definitions: Vec<Promise> = session
            .project()
            .definitions(&promise.name)
            .cloned()
            .collect();
        for definition in &definitions {
            if session.kinds().contains_key(&definition.opens.kind) {
                add(session, definition, &mut all).await?;
            }
        }
        Ok(Self(all))
    }

    /// What is at stake in some let-downs, by currency: amounts of different ones are not added (rule 17).
    pub(crate) fn of(&self, let_downs: &[&Row]) -> BTreeMap<String, i64> {
        let mut sums: BTreeMap<String, i64> = BTreeMap::new();
        for row in let_downs {
            if let Some((amount, currency)) = self.0.get(&(row.about.clone(), row.opened_at)) {
                let sum = sums.entry(currency.clone()).or_default();
                *sum = sum.saturating_add(*amount);
            }
        }
        sums
    }
}

async fn add(session: &Session, promise: &Promise, all: &mut Amounts) -> Result<()> {
    let kind = promise.opens.kind.replace('"', "\"\"");
    for batch in session.sql(&AMOUNTS.replace("{kind}", &kind)).await? {
        let abouts = typed::<StringArray>(&batch, 0)?;
        let identifiers = typed::<FixedSizeBinaryArray>(&batch, 1)?;
        let moments = typed::<Int64Array>(&batch, 2)?;
        let amounts = typed::<Int64Array>(&batch, 3)?;
        let currencies = typed::<StringArray>(&batch, 4)?;
        for row in 0..batch.num_rows() {
            let about = match promise.about {
                About::Record => abouts.is_valid(row).then(|| abouts.value(row).to_owned()),
                About::Customer => {
                    IdentifierId::from_slice(identifiers.value(row)).map(|id| id.to_string())
                }
            };
            if let Some(about) = about {
                let amount = (amounts.value(row), currencies.value(row).to_owned());
                all.insert((about, moments.value(row)), amount);
            }
        }
    }
    Ok(())
}
