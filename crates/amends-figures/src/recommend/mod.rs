//! Who said they would recommend the company, and who did.
//!
//! Intent is not the act: of those who say so, far fewer do (68 % said they would, 33 % did; in another study 81 % and 30 %:
//! V. Kumar, J. A. Petersen, R. P. Leone, "How Valuable Is Word of Mouth?", Harvard Business Review, October 2007).

use std::collections::BTreeMap;

use amends_model::{Evidence, Figure, IdentifierId, Result};
use amends_project::definition::On;
use amends_query::Session;
use arrow::array::{FixedSizeBinaryArray, Int64Array};

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
        let said = named(session, would, frame.from, frame.until).await?;
        let ever = named(session, did, i64::MIN / 2, frame.until).await?;
        let kept_word = match (&said, &ever) {
            (Ok(said), Ok(ever)) => {
                let both = ever
                    .iter()
                    .filter(|(customer, _)| said.contains_key(customer));
                Ok(both.map(|(customer, at)| (*customer, *at)).collect())
            }
            (Err(reason), _) | (_, Err(reason)) => Err(reason.clone()),
        };
        Ok(Self {
            did: named(session, did, frame.from, frame.until).await?,
            said,
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

/// Who is named by events of these kinds, and when first; or why that is not known.
async fn named(
    session: &Session,
    ons: &[On],
    from: i64,
    until: i64,
) -> Result<Result<Firsts, String>> {
    if ons.is_empty() {
        return Ok(Err(
            "customers.toml does not say which events tell of this".into()
        ));
    }
    let events: Vec<String> = ons
        .iter()
        .filter(|on| session.kinds().contains_key(&on.kind))
        .map(|on| EVENT.fill(&[("kind", &quoted(&on.kind)), ("condition", &condition(on))]))
        .collect();
    if events.is_empty() {
        let kinds: Vec<&str> = ons.iter().map(|on| on.kind.as_str()).collect();
        return Ok(Err(format!(
            "no event of kind {} has been imported",
            kinds.join(" or ")
        )));
    }
    let text = SAID.fill(&[
        ("counted", counted(session)),
        ("events", &events.join("union all\n")),
        ("from", &moment(from)),
        ("until", &moment(until)),
    ]);
    let mut firsts = Firsts::new();
    for batch in session.sql(&text).await? {
        let customers = typed::<FixedSizeBinaryArray>(&batch, 0)?;
        let first = typed::<Int64Array>(&batch, 1)?;
        for row in 0..batch.num_rows() {
            if let Some(customer) = IdentifierId::from_slice(customers.value(row)) {
                firsts.insert(customer, first.value(row));
            }
        }
    }
    Ok(Ok(firsts))
}
