//! Who spoke up (rule 15): a complaint about the same thing, or one by the same customer soon after they were let down.

use std::collections::HashMap;

use amends_model::{IdentifierId, Problem, Result, time};
use amends_project::definition::{Counted, On};
use amends_query::Session;
use arrow::array::{Array, FixedSizeBinaryArray, Int64Array, RecordBatch, StringArray};
use jiff::Timestamp;

const COMPLAINTS: &str = include_str!("complaints.sql");

/// A complaint by the same customer counts from so long before a let-down could have been known until so long after, whatever it is about.
const HEARD_FOR_US: u64 = 60 * 86_400 * 1_000_000;

/// Who is who, as the company counts.
pub(crate) struct Customers {
    known: amends_query::Customers,
    counted: Counted,
}

impl Customers {
    /// Everybody who is counted: accounts, and customers without one, or customers.
    pub(crate) fn of_session(session: &Session) -> Self {
        Self {
            known: session.customers().clone(),
            counted: session.project().company.counts,
        }
    }

    /// Whom an identifier names: itself, where nothing is known.
    pub(crate) fn of(&self, identifier: IdentifierId) -> IdentifierId {
        let account = match self.counted {
            Counted::Customers => None,
            Counted::Accounts => self.known.account(identifier),
        };
        let found = account.or_else(|| self.known.customer(identifier));
        found.unwrap_or(identifier)
    }
}

/// All complaints, by whom, and how far they are known.
pub(crate) struct Complaints {
    by: HashMap<IdentifierId, Vec<Complaint>>,
    /// Until when their sources have reported, in microseconds of UTC.
    reported: i64,
}

struct Complaint {
    /// When, in microseconds of UTC.
    at: i64,
    about: Option<String>,
}

impl Complaints {
    /// Reads them; `None` where no source of complaints is connected: none is declared, nothing of its kind was ever imported, or all of it was undone.
    ///
    /// # Errors
    /// `AM0803` when a condition cannot be planned; `AM0804` when reading fails.
    pub(crate) async fn read(session: &Session) -> Result<Option<Self>> {
        let project = std::sync::Arc::clone(session.project());
        let declared = project.voice.complaint.iter();
        let there: Vec<&On> = declared
            .filter(|on| session.kinds().contains_key(&on.kind))
            .collect();
        let reported = session.reported(there.iter().map(|on| on.kind.as_str()));
        let Some(reported) = reported.filter(|one| one.until > Timestamp::MIN) else {
            return Ok(None);
        };
        let mut all: HashMap<IdentifierId, Vec<Complaint>> = HashMap::new();
        for on in there {
            for batch in session.sql(&filled(COMPLAINTS, session, on)).await? {
                let customers = typed::<FixedSizeBinaryArray>(&batch, 0)?;
                let moments = typed::<Int64Array>(&batch, 1)?;
                let abouts = typed::<StringArray>(&batch, 2)?;
                for row in 0..batch.num_rows() {
                    let about = abouts.is_valid(row).then(|| abouts.value(row).to_owned());
                    if let Some(customer) = IdentifierId::from_slice(customers.value(row)) {
                        let at = moments.value(row);
                        all.entry(customer)
                            .or_default()
                            .push(Complaint { at, about });
                    }
                }
            }
        }
        Ok(Some(Self {
            by: all,
            reported: time::micros(reported.until),
        }))
    }

    /// Whether a customer complained of a let-down; `None` where they did not, as far as is known, and the sources have not reported until it was known.
    pub(crate) fn heard(&self, customer: IdentifierId, of: &LetDown<'_>) -> Option<bool> {
        let complaints = self.by.get(&customer).into_iter().flatten();
        let heard = complaints.into_iter().any(|one| {
            let near = one.at.abs_diff(of.known_at) <= HEARD_FOR_US;
            one.at >= of.opened_at && (near || one.about.as_deref() == Some(of.about))
        });
        (heard || of.known_at <= self.reported).then_some(heard)
    }
}

/// What a complaint may be about.
pub(crate) struct LetDown<'a> {
    /// The thing.
    pub(crate) about: &'a str,
    /// When it was promised, in microseconds of UTC.
    pub(crate) opened_at: i64,
    /// When it could have been known that the promise was not kept.
    pub(crate) known_at: i64,
}

fn filled(text: &str, session: &Session, on: &On) -> String {
    let counted = match session.project().company.counts {
        Counted::Customers => "customer",
        Counted::Accounts => "coalesce(account, customer)",
    };
    let text = text.replace("{counted}", counted);
    let kind = on.kind.replace('"', "\"\"");
    // A comment at the end of a condition goes no farther than its line.
    let condition = match &on.condition {
        Some(sql) => format!("{}\n", sql.text),
        None => "true".into(),
    };
    text.replace("{kind}", &kind)
        .replace("{condition}", &condition)
}

pub(crate) fn typed<T: 'static>(batch: &RecordBatch, column: usize) -> Result<&T> {
    let found = batch.columns().get(column);
    let found = found.and_then(|column| column.as_any().downcast_ref::<T>());
    found.ok_or_else(|| {
        Problem::new("AM0804", "an answer has other columns than were asked for")
            .detail(format!("column {column} of {}", batch.schema()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000_000;
    const VERA: IdentifierId = IdentifierId([1; 16]);

    /// Whether Vera was heard, who complained on a day of something, of a parcel that was promised on day 0 and could be known to be late on day 300.
    fn heard(day: i64, about: Option<&str>) -> Option<bool> {
        let complaint = Complaint {
            at: day * DAY,
            about: about.map(str::to_owned),
        };
        let all = Complaints {
            by: HashMap::from([(VERA, vec![complaint])]),
            reported: 400 * DAY,
        };
        all.heard(VERA, &late(300))
    }

    fn late(known: i64) -> LetDown<'static> {
        LetDown {
            about: "parcel",
            opened_at: 0,
            known_at: known * DAY,
        }
    }

    #[test]
    fn a_complaint_counts_of_the_same_thing_or_soon_before_and_after() {
        assert_eq!(heard(20, Some("parcel")), Some(true));
        assert_eq!(heard(-1, Some("parcel")), Some(false));
        for about in [None, Some("another")] {
            assert_eq!(heard(20, about), Some(false));
            assert_eq!(heard(240, about), Some(true));
            assert_eq!(heard(360, about), Some(true));
            assert_eq!(heard(361, about), Some(false));
        }
    }

    #[test]
    fn beyond_what_is_reported_it_is_unknown_who_said_nothing() {
        let all = Complaints {
            by: HashMap::new(),
            reported: 299 * DAY,
        };
        assert_eq!(all.heard(VERA, &late(300)), None);
        assert_eq!(all.heard(VERA, &late(299)), Some(false));
    }
}
