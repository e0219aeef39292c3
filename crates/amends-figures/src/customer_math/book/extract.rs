//! Signs out of events: the SQL is put together from customers.toml, run on the session, and read batch by batch.

use std::collections::HashMap;

use amends_model::{IdentifierId, Problem, Result};
use amends_project::definition::{Counted, Customers, Lost, On};
use amends_query::Session;
use arrow::array::{
    FixedSizeBinaryArray, Int8Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray, UInt64Array,
};
use futures::StreamExt;

use crate::customer_math::{Contract, Meaning, Reason, Reasons, Sign};
use crate::sql::{Template, condition, quoted, typed};

const SIGN: Template = Template(include_str!("sign.sql"));
const SIGNS: Template = Template(include_str!("signs.sql"));
const REASON: Template = Template(include_str!("reason.sql"));
const REASONS: Template = Template(include_str!("reasons.sql"));

/// The queries of one reading.
pub(super) struct Extraction {
    signs: String,
    reasons: Option<String>,
}

/// What was seen on the way.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) leavings: u64,
    pub(super) first: Option<i64>,
}

impl Extraction {
    /// The queries for the kinds of event that there are; `None` where there is none that says anything.
    pub(super) fn of(
        session: &Session,
        definition: &Customers,
        whose: Option<IdentifierId>,
    ) -> Option<Self> {
        let there = |on: &&On| session.kinds().contains_key(&on.kind);
        let reason = definition.reason.as_ref().map(|sql| sql.text.as_str());
        let mut signs = Vec::new();
        let mut reasons = Vec::new();
        for on in definition.new.iter().filter(there) {
            signs.push(sign(on, 0, None));
        }
        match &definition.lost {
            Lost::Contract { on } => {
                for on in on.iter().filter(there) {
                    signs.push(sign(on, 1, reason));
                    if let Some(reason) = reason {
                        reasons.push(fill_reason(on, reason));
                    }
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
        let reasons = (!reasons.is_empty())
            .then(|| REASONS.fill(&[("reasons", &reasons.join("union all\n"))]));
        Some(Self {
            signs: SIGNS.fill(&[
                ("counted", counted),
                ("signs", &signs.join("union all\n")),
                ("whose", &whose),
            ]),
            reasons,
        })
    }

    /// Reads the stated reasons, and what the hash of each spelling stands for.
    pub(super) async fn reasons(
        &self,
        session: &Session,
        reasons: &mut Reasons,
    ) -> Result<HashMap<u64, Reason>> {
        let mut met = HashMap::new();
        let Some(text) = &self.reasons else {
            return Ok(met);
        };
        for batch in session.sql(text).await? {
            let words = typed::<StringArray>(&batch, 0)?;
            let hashes = typed::<UInt64Array>(&batch, 1)?;
            let times = typed::<Int64Array>(&batch, 2)?;
            for row in 0..batch.num_rows() {
                let reason = reasons.meet_often(words.value(row), times.value(row) as u64);
                met.insert(hashes.value(row), reason);
            }
        }
        Ok(met)
    }

    /// Hands on every sign in order of customer and time.
    pub(super) async fn signs(
        &self,
        session: &Session,
        met: &HashMap<u64, Reason>,
        mut observe: impl FnMut(Sign) -> Result<()>,
    ) -> Result<Seen> {
        let mut seen = Seen::default();
        let mut batches = session.stream(&self.signs).await?;
        while let Some(batch) = batches.next().await {
            for_each(&batch?, met, |sign| {
                seen.leavings += u64::from(sign.meaning == Meaning::Ends);
                seen.first = Some(seen.first.map_or(sign.at, |first| first.min(sign.at)));
                observe(sign)
            })?;
        }
        Ok(seen)
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

fn fill_reason(on: &On, reason: &str) -> String {
    REASON.fill(&[
        ("kind", &quoted(&on.kind)),
        ("condition", &condition(on)),
        ("reason", reason),
    ])
}

fn for_each(
    batch: &RecordBatch,
    met: &HashMap<u64, Reason>,
    mut observe: impl FnMut(Sign) -> Result<()>,
) -> Result<()> {
    let customers = typed::<FixedSizeBinaryArray>(batch, 0)?;
    let ats = typed::<TimestampMicrosecondArray>(batch, 1)?;
    let meanings = typed::<Int8Array>(batch, 2)?;
    let contracts = typed::<UInt64Array>(batch, 3)?;
    let reasons = typed::<UInt64Array>(batch, 4)?;
    for row in 0..batch.num_rows() {
        let customer = IdentifierId::from_slice(customers.value(row))
            .ok_or_else(|| Problem::new("AM0804", "a customer's id has not sixteen bytes"))?;
        let meaning = match meanings.value(row) {
            0 => Meaning::Begins,
            1 => Meaning::Ends,
            _ => Meaning::Lives,
        };
        let stated = reasons.value(row);
        observe(Sign {
            customer,
            at: ats.value(row),
            meaning,
            contract: Contract(contracts.value(row)),
            reason: if stated == 0 {
                Reason::NONE
            } else {
                met.get(&stated).copied().unwrap_or(Reason::NONE)
            },
        })?;
    }
    Ok(())
}
