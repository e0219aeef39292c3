//! Signs out of events: the SQL is put together from customers.toml, run on the session, and read batch by batch.

use amends_model::{IdentifierId, Problem, Result};
use amends_project::definition::{Counted, Customers, Lost, On};
use amends_query::Session;
use arrow::array::{
    Array, FixedSizeBinaryArray, Int8Array, RecordBatch, StringArray, TimestampMicrosecondArray,
    UInt64Array,
};
use futures::StreamExt;

use crate::customer_math::{Contract, Fold, Meaning, Reason, Reasons, Sign};
use crate::sql::{Template, condition, quoted, typed};

const SIGN: Template = Template(include_str!("sign.sql"));
const SIGNS: Template = Template(include_str!("signs.sql"));

/// The query of one reading.
pub(super) struct Extraction(String);

impl Extraction {
    /// The query for the kinds of event that there are; `None` where there is none that says anything.
    pub(super) fn of(
        session: &Session,
        definition: &Customers,
        whose: Option<IdentifierId>,
    ) -> Option<Self> {
        let there = |on: &&On| session.kinds().contains_key(&on.kind);
        let reason = definition.reason.as_ref().map(|sql| sql.text.as_str());
        let mut signs = Vec::new();
        for on in definition.new.iter().filter(there) {
            signs.push(sign(on, 0, None));
        }
        match &definition.lost {
            Lost::Contract { on } => {
                for on in on.iter().filter(there) {
                    signs.push(sign(on, 1, reason));
                }
            }
            Lost::Silence { activity, .. } => {
                let known = |on: &&On| !definition.new.iter().any(|new| same(new, on));
                for on in activity.iter().filter(there).filter(known) {
                    signs.push(sign(on, 2, None));
                }
            }
        }
        if signs.is_empty() {
            return None;
        }
        let counted = counted(session);
        let whose = match whose {
            Some(customer) => format!("customers.{counted} = {}", crate::sql::id(customer)),
            None => "true".into(),
        };
        Some(Self(SIGNS.fill(&[
            ("counted", counted),
            ("signs", &signs.join("union all\n")),
            ("whose", &whose),
        ])))
    }

    /// Hands every sign to the fold, in order of customer and time, and notes the reasons that are stated. The moment of the first sign.
    pub(super) async fn read(
        &self,
        session: &Session,
        reasons: &mut Reasons,
        fold: &mut Fold<'_>,
    ) -> Result<Option<i64>> {
        let mut first: Option<i64> = None;
        let mut batches = session.stream(&self.0).await?;
        while let Some(batch) = batches.next().await {
            let batch = batch?;
            let columns = Columns::of(&batch)?;
            for row in 0..batch.num_rows() {
                let sign = columns.sign(row, reasons)?;
                first = Some(first.map_or(sign.at, |first| first.min(sign.at)));
                fold.observe(sign, reasons)?;
            }
        }
        Ok(first)
    }
}

/// The column of the table `customers` that holds what the company counts.
pub(crate) fn counted(session: &Session) -> &'static str {
    match session.project().company.counts {
        Counted::Customers => "customer",
        Counted::Accounts => "account",
    }
}

fn same(a: &On, b: &On) -> bool {
    let text = |on: &On| on.condition.as_ref().map(|sql| sql.text.clone());
    a.kind == b.kind && text(a) == text(b)
}

fn sign(on: &On, meaning: u8, reason: Option<&str>) -> String {
    SIGN.fill(&[
        ("meaning", &meaning.to_string()),
        ("kind", &quoted(&on.kind)),
        ("condition", &condition(on)),
        ("reason", reason.unwrap_or("null")),
    ])
}

/// The columns of `signs.sql`.
struct Columns<'a> {
    customers: &'a FixedSizeBinaryArray,
    ats: &'a TimestampMicrosecondArray,
    meanings: &'a Int8Array,
    contracts: &'a UInt64Array,
    reasons: &'a StringArray,
}

impl<'a> Columns<'a> {
    fn of(batch: &'a RecordBatch) -> Result<Self> {
        Ok(Self {
            customers: typed(batch, 0)?,
            ats: typed(batch, 1)?,
            meanings: typed(batch, 2)?,
            contracts: typed(batch, 3)?,
            reasons: typed(batch, 4)?,
        })
    }

    fn sign(&self, row: usize, reasons: &mut Reasons) -> Result<Sign> {
        let customer = IdentifierId::from_slice(self.customers.value(row));
        let customer = customer
            .ok_or_else(|| Problem::new("AM0804", "a customer's id has not sixteen bytes"))?;
        let reason = if self.reasons.is_null(row) {
            Reason::NONE
        } else {
            reasons.meet(self.reasons.value(row))
        };
        Ok(Sign {
            customer,
            at: self.ats.value(row),
            meaning: match self.meanings.value(row) {
                0 => Meaning::Begins,
                1 => Meaning::Ends,
                _ => Meaning::Lives,
            },
            contract: Contract(self.contracts.value(row)),
            reason,
        })
    }
}
