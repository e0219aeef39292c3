//! Who said they would recommend the company, and who did.
//!
//! Intent is not the act: of those who say so, far fewer do (68 % said they would, 33 % did; in another study 81 % and 30 %:
//! V. Kumar, J. A. Petersen, R. P. Leone, "How Valuable Is Word of Mouth?", Harvard Business Review, October 2007).

use std::collections::BTreeMap;

use amends_model::{Evidence, Figure, IdentifierId, Result, time};
use amends_project::definition::On;
use amends_query::Session;
use arrow::array::{Array, FixedSizeBinaryArray, Int64Array, RecordBatch};

use crate::Frame;
use crate::customer_math::counted;
use crate::sql::{Template, condition, moment, quoted, typed};

const SAID: Template = Template(include_str!("said.sql"));
const EVENT: Template = Template(include_str!("event.sql"));

/// Customers by the moment, in microseconds of UTC, at which they first did it in the period.
pub type Firsts = BTreeMap<IdentifierId, i64>;

/// Recommendations of one period.
#[derive(Clone, Debug, PartialEq)]
pub struct Recommendation {
    /// Who said in the period that they would; or why that is not known.
    pub said: Result<Firsts, String>,
    /// Who did in the period; or why that is not known.
    pub did: Result<Firsts, String>,
    /// Of those who said so in the period, who had done so by its end, whenever that was; or why that is not known.
    pub kept_word: Result<Firsts, String>,
}

impl Recommendation {
    /// Who said they would, and who did.
    ///
    /// # Errors
    /// `AM0803` when a condition of customers.toml cannot be planned; `AM0804` when reading fails.
    pub async fn of(session: &Session, frame: &Frame) -> Result<Self> {
        let project = std::sync::Arc::clone(session.project());
        let (would, did) = match &project.customers {
            Some(customers) => (&customers.would_recommend[..], &customers.did_recommend[..]),
            None => (&[][..], &[][..]),
        };
        let mut named = [known(session, would, frame), known(session, did, frame)];
        let mut events = Vec::new();
        for (tag, ons) in [would, did].into_iter().enumerate() {
            let there = ons
                .iter()
                .filter(|on| session.kinds().contains_key(&on.kind));
            events.extend(there.map(|on| event(tag, on)));
        }
        if !events.is_empty() {
            let text = SAID.fill(&[
                ("counted", counted(session)),
                ("events", &events.join("union all\n")),
                ("from", &moment(frame.from)),
                ("until", &moment(frame.until)),
            ]);
            for batch in session.sql(&text).await? {
                gather(&batch, &mut named)?;
            }
        }
        let [said, did] = named;
        let kept_word = match (&said, &did) {
            (Ok(said), Ok(did)) => {
                let promised = |customer: &IdentifierId| {
                    said.get(customer).is_some_and(|said| said.first.is_some())
                };
                let both = did.iter().filter(|(customer, _)| promised(customer));
                Ok(both.map(|(customer, did)| (*customer, did.ever)).collect())
            }
            (Err(reason), _) | (_, Err(reason)) => Err(reason.clone()),
        };
        Ok(Self {
            said: said.map(firsts),
            did: did.map(firsts),
            kept_word,
        })
    }

    /// The figures `recommend.said`, `recommend.did` and `recommend.kept-word`.
    pub fn figures(&self, frame: &Frame) -> Vec<Figure> {
        let count = |id: &str, who: &Result<Firsts, String>, evidence| {
            let told = who.as_ref().map(|who| who.len() as u64);
            frame.count(id, told.map_err(String::as_str), evidence)
        };
        vec![
            count("recommend.said", &self.said, Evidence::StatedByCustomers),
            count("recommend.did", &self.did, Evidence::Measured),
            count("recommend.kept-word", &self.kept_word, Evidence::Measured),
        ]
    }
}

/// When a customer was named first: in the period, and ever.
struct Times {
    first: Option<i64>,
    ever: i64,
}

type Named = Result<BTreeMap<IdentifierId, Times>, String>;

/// Nobody yet; or why nobody can be known: not while a source that tells of it has reported less far than those that tell who is a customer.
fn known(session: &Session, ons: &[On], frame: &Frame) -> Named {
    if ons.is_empty() {
        return Err("customers.toml does not say which events tell of this".into());
    }
    let kinds: Vec<&str> = ons.iter().map(|on| on.kind.as_str()).collect();
    if !kinds.iter().any(|kind| session.kinds().contains_key(*kind)) {
        return Err(format!(
            "no event of kind {} has been imported",
            kinds.join(" or ")
        ));
    }
    match session.reported(kinds) {
        Some(behind) if time::micros(behind.until) < frame.until.min(frame.reported.until) => {
            Err(format!(
                "{}, which tells of this, has not fully reported this far",
                behind.by
            ))
        }
        _ => Ok(BTreeMap::new()),
    }
}

fn event(tag: usize, on: &On) -> String {
    EVENT.fill(&[
        ("tag", &tag.to_string()),
        ("kind", &quoted(&on.kind)),
        ("condition", &condition(on)),
    ])
}

fn gather(batch: &RecordBatch, named: &mut [Named; 2]) -> Result<()> {
    let tags = typed::<Int64Array>(batch, 0)?;
    let customers = typed::<FixedSizeBinaryArray>(batch, 1)?;
    let first = typed::<Int64Array>(batch, 2)?;
    let ever = typed::<Int64Array>(batch, 3)?;
    for row in 0..batch.num_rows() {
        let named = &mut named[usize::from(tags.value(row) == 1)];
        let customer = customers.is_valid(row).then(|| customers.value(row));
        let customer = customer.and_then(IdentifierId::from_slice);
        if let (Ok(named), Some(customer)) = (named, customer) {
            let times = Times {
                first: (!first.is_null(row)).then(|| first.value(row)),
                ever: ever.value(row),
            };
            named.insert(customer, times);
        }
    }
    Ok(())
}

fn firsts(named: BTreeMap<IdentifierId, Times>) -> Firsts {
    let firsts = named.into_iter();
    firsts
        .filter_map(|(customer, times)| Some((customer, times.first?)))
        .collect()
}
