//! Who spoke up (rule 15): a complaint about the same thing, or one by the same customer soon after they were let down.

use std::collections::HashMap;

use amends_model::{IdentifierId, Problem, Result};
use amends_project::definition::{Counted, On};
use amends_query::Session;
use arrow::array::{Array, FixedSizeBinaryArray, Int64Array, RecordBatch, StringArray};

const COMPLAINTS: &str = include_str!("complaints.sql");
const CUSTOMERS: &str = include_str!("customers.sql");

/// A complaint by the same customer counts until so long after a let-down could have been known, whatever it is about.
const HEARD_FOR_US: i64 = 60 * 86_400 * 1_000_000;

/// Who is who.
pub(crate) struct Customers(HashMap<IdentifierId, IdentifierId>);

impl Customers {
    /// Everybody who is counted: accounts, and customers without one, or customers.
    ///
    /// # Errors
    /// `AM0804` when reading fails.
    pub(crate) async fn read(session: &Session) -> Result<Self> {
        let mut all = HashMap::new();
        for batch in session.sql(&filled(CUSTOMERS, session, None)).await? {
            let identifiers = typed::<FixedSizeBinaryArray>(&batch, 0)?;
            let customers = typed::<FixedSizeBinaryArray>(&batch, 1)?;
            for row in 0..batch.num_rows() {
                let id = |ids: &FixedSizeBinaryArray| IdentifierId::from_slice(ids.value(row));
                if let (Some(identifier), Some(customer)) = (id(identifiers), id(customers)) {
                    all.insert(identifier, customer);
                }
            }
        }
        Ok(Self(all))
    }

    /// Whom an identifier names: itself, where nothing is known.
    pub(crate) fn of(&self, identifier: IdentifierId) -> IdentifierId {
        self.0.get(&identifier).copied().unwrap_or(identifier)
    }
}

/// All complaints, by whom.
pub(crate) struct Complaints(HashMap<IdentifierId, Vec<Complaint>>);

struct Complaint {
    /// When, in microseconds of UTC.
    at: i64,
    about: Option<String>,
}

impl Complaints {
    /// Reads them; `None` where no source of complaints is connected: none is declared, or nothing of its kind was ever imported.
    ///
    /// # Errors
    /// `AM0803` when a condition cannot be planned; `AM0804` when reading fails.
    pub(crate) async fn read(session: &Session) -> Result<Option<Self>> {
        let project = std::sync::Arc::clone(session.project());
        let declared = project.voice.complaint.iter();
        let there: Vec<&On> = declared
            .filter(|on| session.kinds().contains_key(&on.kind))
            .collect();
        if there.is_empty() {
            return Ok(None);
        }
        let mut all: HashMap<IdentifierId, Vec<Complaint>> = HashMap::new();
        for on in there {
            for batch in session.sql(&filled(COMPLAINTS, session, Some(on))).await? {
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
        Ok(Some(Self(all)))
    }

    /// Whether a customer complained of a let-down.
    pub(crate) fn heard(&self, customer: IdentifierId, of: &LetDown<'_>) -> bool {
        let complaints = self.0.get(&customer).into_iter().flatten();
        complaints.into_iter().any(|one| {
            let soon = one.at <= of.known_at.saturating_add(HEARD_FOR_US);
            one.at >= of.opened_at && (soon || one.about.as_deref() == Some(of.about))
        })
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

fn filled(text: &str, session: &Session, on: Option<&On>) -> String {
    let counted = match session.project().company.counts {
        Counted::Customers => "customer",
        Counted::Accounts => "coalesce(account, customer)",
    };
    let text = text.replace("{counted}", counted);
    let Some(on) = on else { return text };
    let kind = on.kind.replace('"', "\"\"");
    // A comment at the end of a condition goes no farther than its line.
    let condition = match &on.condition {
        Some(sql) => format!("{}\n", sql.text),
        None => "true".into(),
    };
    text.replace("{kind}", &kind)
        .replace("{condition}", &condition)
}

fn typed<T: 'static>(batch: &RecordBatch, column: usize) -> Result<&T> {
    let found = batch.columns().get(column);
    let found = found.and_then(|column| column.as_any().downcast_ref::<T>());
    found.ok_or_else(|| {
        Problem::new("AM0804", "an answer has other columns than were asked for")
            .detail(format!("column {column} of {}", batch.schema()))
    })
}
