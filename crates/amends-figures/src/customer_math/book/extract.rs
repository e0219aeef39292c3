//! Signs out of events: the SQL is put together from customers.toml, run on the session, read batch by batch, and sorted here: what is left
//! of a sign is small, and sorts sooner than rows of a table do.

use amends_model::{IdentifierId, Problem, Result};
use amends_project::definition::{Counted, Customers, Lost, On, Sql};
use amends_query::{Session, Stored};
use arrow::array::{
    Array, FixedSizeBinaryArray, Int8Array, RecordBatch, StringArray, TimestampMicrosecondArray,
    UInt64Array,
};
use futures::StreamExt;
use rayon::slice::ParallelSliceMut;

use crate::customer_math::{Contract, Meaning, Reason, Reasons, Sign};
use crate::sql::{Template, condition, quoted, typed};

const SIGN: Template = Template(include_str!("sign.sql"));
const SIGNS: Template = Template(include_str!("signs.sql"));

/// The query of one reading, and how many signs it gives at most.
pub(super) struct Extraction {
    query: String,
    most: u64,
}

impl Extraction {
    /// The query for the kinds of event that there are; `None` where there is none that says anything.
    pub(super) fn of(
        session: &Session,
        definition: &Customers,
        whose: Option<IdentifierId>,
        said: Option<&Sql>,
    ) -> Option<Self> {
        let said = said.map_or("null", |sql| sql.text.as_str());
        let there = |on: &&On| session.kinds().contains_key(&on.kind);
        let reason = definition.reason.as_ref().map(|sql| sql.text.as_str());
        let mut signs = Vec::new();
        let mut most = 0;
        let mut add = |on: &On, meaning, reason, said| {
            most += session.kinds().get(&on.kind).map_or(0, Stored::rows);
            signs.push(sign(on, meaning, reason, said));
        };
        for on in definition.new.iter().filter(there) {
            add(on, 0, None, said);
        }
        match &definition.lost {
            Lost::Contract { on } => {
                for on in on.iter().filter(there) {
                    add(on, 1, reason, "null");
                }
            }
            Lost::Silence { activity, .. } => {
                let known = |on: &&On| !definition.new.iter().any(|new| same(new, on));
                for on in activity.iter().filter(there).filter(known) {
                    add(on, 2, None, "null");
                }
            }
        }
        if signs.is_empty() {
            return None;
        }
        let counted = counted(session);
        let whose = match whose {
            Some(customer) => format!(
                "{counted}_of(signs.identifier) = {}",
                crate::sql::id(customer)
            ),
            None => "true".into(),
        };
        let query = SIGNS.fill(&[
            ("counted", counted),
            ("signs", &signs.join("union all\n")),
            ("whose", &whose),
        ]);
        Some(Self { query, most })
    }

    /// Every sign, in order of customer and time. The reasons that are stated are noted, and what beginnings say of a segment is told.
    pub(super) async fn read(
        &self,
        session: &Session,
        reasons: &mut Reasons,
        tell: &mut Tell<'_>,
    ) -> Result<Vec<Sign>> {
        let mut signs = Vec::new();
        // Grown step by step, all of them would be copied again and again. Where so much cannot be had, less may do.
        let _perhaps = signs.try_reserve_exact(self.most as usize);
        let mut batches = session.stream(&self.query).await?;
        while let Some(batch) = batches.next().await {
            let batch = batch?;
            let columns = Columns::of(&batch)?;
            let is_counted = |row: &usize| columns.customers.is_valid(*row);
            for row in (0..batch.num_rows()).filter(is_counted) {
                let sign = columns.sign(row, reasons)?;
                if sign.meaning == Meaning::Begins {
                    tell(&sign, columns.said(row))?;
                }
                signs.push(sign);
            }
        }
        signs.par_sort_unstable_by_key(|sign| (sign.customer, sign.at));
        Ok(signs)
    }
}

/// Hears what the sign that begins something says of a segment, in any order.
pub(super) type Tell<'a> = dyn FnMut(&Sign, Option<&str>) -> Result<()> + Send + 'a;

/// The column of the table `customers` that holds what the company counts; `_of` behind it, the function that says so of an identifier.
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

fn sign(on: &On, meaning: u8, reason: Option<&str>, said: &str) -> String {
    SIGN.fill(&[
        ("meaning", &meaning.to_string()),
        ("kind", &quoted(&on.kind)),
        ("condition", &condition(on)),
        ("reason", reason.unwrap_or("null")),
        ("said", said),
    ])
}

/// The columns of `signs.sql`.
struct Columns<'a> {
    customers: &'a FixedSizeBinaryArray,
    ats: &'a TimestampMicrosecondArray,
    meanings: &'a Int8Array,
    contracts: &'a UInt64Array,
    reasons: &'a StringArray,
    said: &'a StringArray,
}

impl<'a> Columns<'a> {
    fn of(batch: &'a RecordBatch) -> Result<Self> {
        Ok(Self {
            customers: typed(batch, 0)?,
            ats: typed(batch, 1)?,
            meanings: typed(batch, 2)?,
            contracts: typed(batch, 3)?,
            reasons: typed(batch, 4)?,
            said: typed(batch, 5)?,
        })
    }

    /// What a row says of a segment.
    fn said(&self, row: usize) -> Option<&str> {
        self.said.is_valid(row).then(|| self.said.value(row))
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
