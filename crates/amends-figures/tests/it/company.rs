//! An invented tea company: subscriptions, parcels, a survey, referrals.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use amends_expressions::Planner;
use amends_model::event::{self, column};
use amends_model::money::Currency;
use amends_model::period::Length;
use amends_model::wait::{Calendar, Wait};
use amends_model::{IdentifierId, Period, Result, time};
use amends_project::definition::{
    About, By, Cause, Company, Counted, Customers, Deadline, Lost, Nature, On, Project, Promise,
    ReasonClass, Shape, Spell, Sql,
};
use amends_promises::{Compiled, Events, InMemory, Kept};
use amends_query::tables::customers::{self, Row};
use amends_query::{Parts, Replays, Session, Stored};
use arrow::array::{
    ArrayRef, FixedSizeBinaryArray, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray, new_null_array,
};
use arrow::datatypes::DataType;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Kind, moment (a time of Vienna), whom it happened to, about what, and a property `note`.
pub(crate) type Event<'a> = (&'a str, &'a str, u8, &'a str, &'a str);

pub(crate) fn zone() -> TimeZone {
    TimeZone::get("Europe/Vienna").unwrap()
}

pub(crate) fn moment(text: &str) -> Timestamp {
    time::as_of(text, &zone()).unwrap()
}

pub(crate) fn period(text: &str) -> Period {
    Period::parse(text).unwrap()
}

pub(crate) fn customer(number: u8) -> IdentifierId {
    IdentifierId([number; 16])
}

pub(crate) fn sql(text: &str) -> Sql {
    Sql {
        text: text.into(),
        place: Default::default(),
    }
}

pub(crate) fn on(kind: &str, condition: &str) -> On {
    On {
        kind: kind.into(),
        condition: (!condition.is_empty()).then(|| sql(condition)),
        reaches: None,
        place: Default::default(),
    }
}

/// Customers lost with their last subscription, four reasons known.
pub(crate) fn contractual() -> Customers {
    let class = |reason: &str, nature, cause| ReasonClass {
        reasons: vec![reason.into()],
        nature,
        cause,
    };
    Customers {
        new: vec![on("started", "")],
        lost: Lost::Contract {
            // A comment at the end of a condition must not swallow what follows.
            on: vec![on("ended", "note <> 'paused' -- a pause is no end")],
        },
        reason: Some(sql("nullif(note, '')")),
        classes: vec![
            class("Moved", Nature::Natural, Cause::Life),
            class("too dear", Nature::Avoidable, Cause::Price),
            class("late parcels", Nature::Avoidable, Cause::Service),
            class("unpaid", Nature::Company, Cause::Unknown),
        ],
        would_recommend: vec![on("survey", "cast(note as bigint) >= 9")],
        did_recommend: vec![on("referral", "")],
        segments: BTreeMap::new(),
    }
}

/// Customers lost after thirty days without an order.
pub(crate) fn by_silence() -> Customers {
    Customers {
        lost: Lost::Silence {
            after: Wait::parse("30 days").unwrap(),
            activity: vec![on("opened_app", ""), on("started", "")],
            calendar: Box::new(Calendar::weekdays(zone())),
        },
        reason: None,
        classes: Vec::new(),
        ..contractual()
    }
}

fn within_three_days() -> Deadline {
    Deadline {
        kept: on("arrived", ""),
        by: By::After(Wait::parse("3 days").unwrap()),
        beaten: Wait::parse("2 days").ok(),
        moved: None,
        pause: None,
        excused: None,
        gives_up: Wait::parse("20 days").ok(),
    }
}

pub(crate) fn promise() -> Promise {
    Promise {
        name: "parcel".into(),
        says: "Your tea arrives within three days".into(),
        place: Default::default(),
        made_by: "depot".into(),
        opens: on("shipped", ""),
        about: About::Record,
        stands: None,
        shape: Shape::Deadline(within_three_days()),
        touchpoint: None,
        great: None,
        serious: None,
        attributes: Vec::new(),
        calendar: Calendar::weekdays(zone()),
        zone: zone(),
        tests: Vec::new(),
        version: "p1".into(),
        spell: Spell::default(),
    }
}

pub(crate) fn project(customers: Option<Customers>, counts: Counted) -> Project {
    let unmeasured = Promise {
        name: "refund".into(),
        opens: on("returned", ""),
        shape: Shape::Deadline(Deadline {
            kept: on("refunded", ""),
            ..within_three_days()
        }),
        ..promise()
    };
    Project {
        root: "tea".into(),
        data: "tea/.amends".into(),
        erasures: "tea/.amends/erasures.jsonl".into(),
        retention: Default::default(),
        company: Company {
            name: "Leaf & Daughters".into(),
            zone: zone(),
            currency: Currency::parse("EUR").unwrap(),
            period: Length::Month,
            counts,
            customer_word: "guest".into(),
            customers_word: "guests".into(),
        },
        calendars: BTreeMap::from([("default".into(), Calendar::weekdays(zone()))]),
        sources: BTreeMap::new(),
        gone: BTreeMap::new(),
        identifiers: BTreeMap::new(),
        customers,
        voice: Default::default(),
        touchpoints: BTreeMap::new(),
        stages: Vec::new(),
        baseline: None,
        promises: BTreeMap::from([("parcel".into(), promise()), ("refund".into(), unmeasured)]),
        earlier: BTreeMap::new(),
        unmeasured: BTreeMap::new(),
        version: "d1".into(),
        texts: BTreeMap::new(),
    }
}

fn batch(kind: &str, events: &[(usize, &Event<'_>)]) -> RecordBatch {
    let schema = event::schema(&[("note".into(), DataType::Utf8)]).unwrap();
    let rows = events.len();
    let id = |number: usize| (number as u128 + 1).to_be_bytes();
    let columns = schema.fields().iter().map(|field| -> ArrayRef {
        match field.name().as_str() {
            column::ID | column::KEY => {
                let ids = events.iter().map(|(number, _)| id(*number));
                Arc::new(FixedSizeBinaryArray::try_from_iter(ids).unwrap())
            }
            column::IDENTIFIER => {
                let ids = events.iter().map(|(_, event)| [event.2; 16]);
                Arc::new(FixedSizeBinaryArray::try_from_iter(ids).unwrap())
            }
            column::AT | column::RECEIVED_AT => {
                let at = events
                    .iter()
                    .map(|(_, event)| Some(moment(event.1).as_microsecond()));
                let at: TimestampMicrosecondArray = at.collect();
                Arc::new(at.with_timezone("UTC"))
            }
            column::KIND => Arc::new(StringArray::from(vec![kind; rows])),
            column::SOURCE | column::STREAM | column::MAPPING => {
                Arc::new(StringArray::from(vec!["shop"; rows]))
            }
            column::ABOUT => {
                let abouts = events.iter().map(|(_, event)| Some(event.3));
                Arc::new(
                    abouts
                        .map(|about| about.filter(|about| !about.is_empty()))
                        .collect::<StringArray>(),
                )
            }
            "note" => Arc::new(
                events
                    .iter()
                    .map(|(_, event)| Some(event.4))
                    .collect::<StringArray>(),
            ),
            _ => match field.data_type() {
                DataType::Int64 if !field.is_nullable() => {
                    Arc::new(Int64Array::from(vec![0; rows]))
                }
                DataType::Int32 => Arc::new(Int32Array::from(vec![0; rows])),
                other => new_null_array(other, rows),
            },
        }
    });
    let columns = columns.collect();
    RecordBatch::try_new(schema, columns).unwrap()
}

/// Real replays over the events in memory.
struct InMemoryReplays {
    project: Arc<Project>,
    events: InMemory,
    as_of: Timestamp,
}

impl Replays for InMemoryReplays {
    fn replay(&self, name: &str) -> Result<Kept> {
        let promise = &self.project.promises[name];
        let planner = Planner::new();
        let compiled = Compiled::new(promise, &planner, self.events.kinds())?;
        let replay = compiled.replay(&self.events, self.as_of, self.as_of);
        replay.and_then(Kept::try_from)
    }
}

/// A session over events; who is who as in [`everybody`].
pub(crate) async fn session(project: Project, events: &[Event<'_>], as_of: &str) -> Session {
    let project = Arc::new(project);
    let kinds: BTreeSet<&str> = events.iter().map(|event| event.0).collect();
    let mut in_memory = InMemory::default();
    let mut stored = BTreeMap::new();
    for kind in kinds {
        let of_kind = events
            .iter()
            .enumerate()
            .filter(|(_, event)| event.0 == kind);
        let rows = batch(kind, &of_kind.collect::<Vec<_>>());
        in_memory.add(kind, rows.clone());
        let tail = Stored {
            schema: rows.schema(),
            segments: Vec::new(),
            tail: Some(rows),
        };
        stored.insert(kind.to_owned(), tail);
    }
    let as_of = moment(as_of);
    let parts = Parts {
        project: Arc::clone(&project),
        kinds: stored,
        customers: customers::Customers::of(everybody()),
        replays: Arc::new(InMemoryReplays {
            project,
            events: in_memory,
            as_of,
        }),
        watermarks: BTreeMap::new(),
        as_of,
    };
    Session::assemble(parts).await.unwrap()
}

/// Identifiers 1 to 99 are customers of their own, 100 + n is a second identifier of customer n;
/// customers 1 to 9 belong to account 201, 10 to 19 to account 202, the others to none.
pub(crate) fn everybody() -> Vec<Row<'static>> {
    let row = |identifier: u8, customer: u8| Row {
        identifier: IdentifierId([identifier; 16]),
        namespace: if identifier == customer {
            "subscriber"
        } else {
            "email"
        },
        customer: IdentifierId([customer; 16]),
        account: match customer {
            1..=9 => Some(IdentifierId([201; 16])),
            10..=19 => Some(IdentifierId([202; 16])),
            _ => None,
        },
    };
    (1..100)
        .flat_map(|number| [row(number, number), row(number + 100, number)])
        .collect()
}

/// Half a year of the tea company.
pub(crate) const HALF_A_YEAR: &[Event<'static>] = &[
    ("started", "2026-01-05", 1, "s1", ""),
    ("started", "2026-01-05", 2, "s2", ""),
    ("started", "2026-01-06", 3, "s3", ""),
    ("started", "2026-01-07", 4, "s4", ""),
    ("started", "2026-02-01", 5, "s5", ""),
    // Two subscriptions at once, the second under another identifier of the same person.
    ("started", "2026-02-03", 101, "s6", ""),
    ("shipped", "2026-03-01", 2, "p1", ""),
    ("arrived", "2026-03-09", 2, "p1", ""),
    ("shipped", "2026-03-02", 2, "p2", ""),
    ("arrived", "2026-03-09", 2, "p2", ""),
    ("shipped", "2026-03-02", 3, "p3", ""),
    ("arrived", "2026-03-03T12:00", 3, "p3", ""),
    ("shipped", "2026-03-05", 5, "p4", ""),
    ("survey", "2026-03-10", 1, "q1", "10"),
    ("survey", "2026-03-10", 2, "q2", "3"),
    ("survey", "2026-03-11", 3, "q3", "9"),
    ("referral", "2026-02-27", 3, "r1", ""),
    ("referral", "2026-03-20", 4, "r2", ""),
    // March: one ends one of two, one leaves over the price, one moves, one is back within the month, one joins and leaves.
    ("ended", "2026-03-12", 1, "s1", "too dear"),
    ("ended", "2026-03-12", 2, "s2", "Late Parcels"),
    ("ended", "2026-03-15", 3, "s3", "moved"),
    ("ended", "2026-03-16", 4, "s4", "late parcels"),
    ("started", "2026-03-25", 4, "s7", ""),
    ("started", "2026-03-04", 6, "s8", ""),
    ("ended", "2026-03-28", 6, "s8", ""),
    ("started", "2026-03-05", 7, "s9", ""),
    ("ended", "2026-03-20", 7, "s9", "paused"),
    // At the very beginning of April, in Vienna's time.
    ("ended", "2026-03-31", 5, "s5", "unpaid"),
    ("ended", "2026-05-10", 1, "s6", "ufos"),
];
