//! One customer's story: what happened, what was promised and what became of it, in order of time.

mod changed;

pub use changed::{Change, Values};

use amends_model::{EventId, IdentifierId, Problem, Result, State, event, time};
use amends_query::Session;
use arrow::array::{
    Array, FixedSizeBinaryArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use jiff::Timestamp;
use serde::Serialize;

use crate::customer_math::{Book, Entry, counted};
use crate::let_downs::measurable;
use crate::people::{Named, left};
use crate::sql::{Template, id, typed};

const EVENTS: Template = Template(include_str!("events.sql"));
const PROMISES: Template = Template(include_str!("promises.sql"));
const WHOSE: Template = Template(include_str!("whose.sql"));

/// One customer's story.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Story {
    /// The customer.
    pub customer: IdentifierId,
    /// What sources call them.
    pub identifiers: Vec<Named>,
    /// Whether they are a customer now; `None` where the project does not say what makes one, or losses cannot be told.
    pub is_customer: Option<bool>,
    /// How often they were let down.
    pub let_downs: u64,
    /// What happened, in order of time.
    pub moments: Vec<Moment>,
}

impl Story {
    /// Whether they ever were a customer, as far as is told.
    pub fn was_customer(&self) -> bool {
        let tells = |what: &What| matches!(what, What::Joined { .. } | What::Lost { .. });
        self.moments.iter().any(|moment| tells(&moment.what))
    }
}

/// Something in a story.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Moment {
    /// When; `None` for what lies before anything was recorded.
    pub at: Option<Timestamp>,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum What {
    /// A source recorded an event.
    Event {
        /// Its kind.
        kind: String,
        /// Which source.
        source: String,
        /// What it is about.
        about: Option<String>,
        /// Money, in minor units, and its currency.
        amount: Option<(i64, Option<String>)>,
        /// The event.
        id: EventId,
    },
    /// What a source recorded before came to say something else.
    Changed {
        /// The kind of the event that changed.
        kind: String,
        /// Which source.
        source: String,
        /// What it is about.
        about: Option<String>,
        /// Money from then on, in minor units, and its currency.
        amount: Option<(i64, Option<String>)>,
        /// The event that tells of the change.
        id: EventId,
        /// What changed.
        #[serde(flatten)]
        change: Change,
    },
    /// They became a customer.
    Joined {
        /// Whether they had been one before.
        returned: bool,
    },
    /// They were lost.
    Lost {
        /// Why, in a few words.
        why: String,
    },
    /// A promise was found not to be kept, at the moment at which that could have been known.
    LetDown {
        /// Which promise.
        promise: String,
        /// What it was about.
        about: String,
        /// How it stands now.
        state: State,
        /// When it was due; `None` for what must not happen.
        due_at: Option<Timestamp>,
        /// How serious, 1 to 3.
        serious: i64,
    },
    /// A promise was kept with room to spare.
    Beaten {
        /// Which promise.
        promise: String,
        /// What it was about.
        about: String,
    },
}

/// The story of the customer to whom an identifier belongs.
///
/// # Errors
/// `AM0808` when nobody is known by this identifier; whatever keeps the ledger from being read.
pub async fn story(session: &Session, identifier: IdentifierId) -> Result<Story> {
    let (customer, identifiers) = whose(session, identifier).await?;
    let mut moments = events(session, &identifiers).await?;
    let book = Book::read_one(session, customer).await?;
    moments.extend(memberships(&book)?);
    moments.extend(promises(session, customer, &identifiers).await?);
    let is_let_down = |moment: &&Moment| matches!(moment.what, What::LetDown { .. });
    let let_downs = moments.iter().filter(is_let_down).count() as u64;
    // Stable: of what happened at one moment, events come first, then what follows from them.
    moments.sort_by_key(|moment| moment.at);
    let last = book.memberships.last();
    Ok(Story {
        customer,
        identifiers,
        is_customer: book
            .missing
            .is_none()
            .then(|| last.is_some_and(|membership| membership.leaving.is_none())),
        let_downs,
        moments,
    })
}

async fn whose(session: &Session, identifier: IdentifierId) -> Result<(IdentifierId, Vec<Named>)> {
    let text = WHOSE.fill(&[
        ("counted", counted(session)),
        ("identifier", &id(identifier)),
    ]);
    let mut customer = None;
    let mut identifiers = Vec::new();
    for batch in session.sql(&text).await? {
        let namespaces = typed::<StringArray>(&batch, 2)?;
        for row in 0..batch.num_rows() {
            customer = Some(id_at(&batch, 0, row)?);
            identifiers.push(Named {
                namespace: namespaces.value(row).to_owned(),
                identifier: id_at(&batch, 1, row)?,
            });
        }
    }
    let customer = customer.ok_or_else(|| {
        Problem::new("AM0808", "nobody is known by this identifier").detail(identifier.to_string())
    })?;
    Ok((customer, identifiers))
}

/// Identifiers as literals, to be listed.
fn listed(identifiers: &[Named]) -> String {
    let ids = identifiers.iter().map(|named| id(named.identifier));
    ids.collect::<Vec<_>>().join(", ")
}

async fn events(session: &Session, identifiers: &[Named]) -> Result<Vec<Moment>> {
    let identifiers = listed(identifiers);
    let mut changes = changed::changes(session, &identifiers).await?;
    let text = EVENTS.fill(&[("identifiers", &identifiers)]);
    let mut moments = Vec::new();
    for batch in session.sql(&text).await? {
        let kinds = typed::<StringArray>(&batch, 1)?;
        let sources = typed::<StringArray>(&batch, 2)?;
        let amounts = typed::<Int64Array>(&batch, 4)?;
        for row in 0..batch.num_rows() {
            let amount = (!amounts.is_null(row)).then(|| amounts.value(row));
            let currency = text_at(&batch, 5, row)?;
            let id = EventId(id_at(&batch, 6, row)?.0);
            let kind = event::told_by(kinds.value(row)).to_owned();
            let source = sources.value(row).to_owned();
            let about = text_at(&batch, 3, row)?;
            let what = match changes.remove(&id) {
                Some(change) => What::Changed {
                    kind,
                    source,
                    about,
                    amount: amount.map(|amount| (amount, currency)),
                    id,
                    change,
                },
                None => What::Event {
                    kind,
                    source,
                    about,
                    amount: amount.map(|amount| (amount, currency)),
                    id,
                },
            };
            moments.push(Moment {
                at: moment_at(&batch, 0, row)?,
                what,
            });
        }
    }
    Ok(moments)
}

fn memberships(book: &Book) -> Result<Vec<Moment>> {
    let mut moments = Vec::new();
    for membership in &book.memberships {
        if membership.entry != Entry::Before {
            moments.push(Moment {
                at: membership.start.map(time::from_micros).transpose()?,
                what: What::Joined {
                    returned: membership.entry == Entry::Returned,
                },
            });
        }
        if let Some(leaving) = &membership.leaving {
            moments.push(Moment {
                at: Some(time::from_micros(leaving.at)?),
                what: What::Lost {
                    why: left(leaving, &book.reasons, book.contractual),
                },
            });
        }
    }
    Ok(moments)
}

async fn promises(
    session: &Session,
    customer: IdentifierId,
    identifiers: &[Named],
) -> Result<Vec<Moment>> {
    let measurable = measurable(session).await?;
    if measurable.is_empty() {
        return Ok(Vec::new());
    }
    let text = PROMISES.fill(&[
        ("counted", counted(session)),
        ("customer", &id(customer)),
        ("identifiers", &listed(identifiers)),
        ("promises", &measurable),
    ]);
    let mut moments = Vec::new();
    for batch in session.sql(&text).await? {
        for row in 0..batch.num_rows() {
            moments.extend(promise(session, &batch, row)?);
        }
    }
    Ok(moments)
}

/// A promise that was beaten or not kept.
fn promise(session: &Session, batch: &RecordBatch, row: usize) -> Result<Option<Moment>> {
    let text = |column: usize| -> Result<String> {
        Ok(typed::<StringArray>(batch, column)?.value(row).to_owned())
    };
    let (promise, about) = (text(0)?, text(1)?);
    let Ok(state) = text(2)?.parse::<State>() else {
        return Ok(None);
    };
    if state == State::Beaten {
        return Ok(Some(Moment {
            at: moment_at(batch, 4, row)?,
            what: What::Beaten { promise, about },
        }));
    }
    let Some(due_at) = moment_at(batch, 3, row)? else {
        return Ok(None);
    };
    let known = moment_at(batch, 5, row)?;
    let shape = session
        .project()
        .promises
        .get(&promise)
        .map(|one| &one.shape);
    let is_due = shape.is_some_and(|shape| shape.is_due());
    Ok(Some(Moment {
        at: Some(known.unwrap_or(due_at)),
        what: What::LetDown {
            promise,
            about,
            state,
            due_at: is_due.then_some(due_at),
            serious: typed::<Int64Array>(batch, 6)?.value(row),
        },
    }))
}

fn id_at(batch: &RecordBatch, column: usize, row: usize) -> Result<IdentifierId> {
    let ids = typed::<FixedSizeBinaryArray>(batch, column)?;
    IdentifierId::from_slice(ids.value(row))
        .ok_or_else(|| Problem::new("AM0804", "an id has not sixteen bytes"))
}

fn text_at(batch: &RecordBatch, column: usize, row: usize) -> Result<Option<String>> {
    let texts = typed::<StringArray>(batch, column)?;
    Ok((!texts.is_null(row)).then(|| texts.value(row).to_owned()))
}

fn moment_at(batch: &RecordBatch, column: usize, row: usize) -> Result<Option<Timestamp>> {
    let moments = typed::<TimestampMicrosecondArray>(batch, column)?;
    (!moments.is_null(row))
        .then(|| time::from_micros(moments.value(row)))
        .transpose()
}
