//! An invented company, its events and a session over them.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use amends_expressions::Planner;
use amends_model::event::{self, column, id_type};
use amends_model::money::Currency;
use amends_model::period::Length;
use amends_model::wait::{Calendar, Wait};
use amends_model::{IdentifierId, Problem, Result};
use amends_project::definition::{
    About, By, Company, Counted, Deadline, On, Project, Promise, Shape, Touchpoint, Unmeasured,
};
use amends_promises::{Compiled, Events, InMemory, Kept};
use amends_query::tables::customers;
use amends_query::{Parts, Replays, Session, Stored};
use arrow::array::{
    Array, ArrayRef, FixedSizeBinaryArray, RecordBatch, StringArray, TimestampMicrosecondArray,
    new_null_array,
};
use arrow::datatypes::{DataType, SchemaRef};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// One event in short.
#[derive(Clone)]
pub(crate) struct Event {
    pub(crate) id: u128,
    pub(crate) at: &'static str,
    pub(crate) who: u8,
    pub(crate) about: &'static str,
    pub(crate) depot: Option<&'static str>,
}

/// The schema of an invented kind, with or without the property `depot`.
pub(crate) fn schema(with_depot: bool) -> SchemaRef {
    let depot = with_depot.then(|| ("depot".to_owned(), DataType::Utf8));
    event::schema(&depot.into_iter().collect::<Vec<_>>()).unwrap()
}

pub(crate) fn batch(schema: &SchemaRef, kind: &str, events: &[Event]) -> RecordBatch {
    let rows = events.len();
    let ids = |of: &dyn Fn(&Event) -> [u8; 16]| -> ArrayRef {
        let values = events.iter().map(of);
        Arc::new(FixedSizeBinaryArray::try_from_iter(values).unwrap())
    };
    let texts = |of: &dyn Fn(&Event) -> Option<&'static str>| -> ArrayRef {
        Arc::new(events.iter().map(of).collect::<StringArray>())
    };
    let columns: Vec<ArrayRef> = schema
        .fields()
        .iter()
        .map(|field| match field.name().as_str() {
            column::ID | column::KEY => ids(&|event| event.id.to_be_bytes()),
            column::IDENTIFIER => ids(&|event| [event.who; 16]),
            column::AT | column::RECEIVED_AT => {
                let at = events.iter().map(|event| moment(event.at).as_microsecond());
                let at: TimestampMicrosecondArray = at.map(Some).collect();
                Arc::new(at.with_timezone("UTC"))
            }
            column::KIND => Arc::new(StringArray::from(vec![kind; rows])),
            column::SOURCE | column::STREAM | column::MAPPING => {
                Arc::new(StringArray::from(vec!["shop"; rows]))
            }
            column::ABOUT => texts(&|event| Some(event.about)),
            "depot" => texts(&|event| event.depot),
            _ => zeros(field.data_type(), rows),
        })
        .collect();
    RecordBatch::try_new(Arc::clone(schema), columns).unwrap()
}

fn zeros(of: &DataType, rows: usize) -> ArrayRef {
    match of {
        DataType::Int64 => Arc::new(arrow::array::Int64Array::from(vec![0; rows])),
        DataType::Int32 => Arc::new(arrow::array::Int32Array::from(vec![0; rows])),
        other => new_null_array(other, rows),
    }
}

pub(crate) fn moment(text: &str) -> Timestamp {
    amends_model::time::as_of(text, &TimeZone::UTC).unwrap()
}

pub(crate) fn segment(folder: &Path, name: &str, rows: &RecordBatch) -> std::path::PathBuf {
    let path = folder.join(name);
    let file = std::fs::File::create(&path).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, rows.schema(), None).unwrap();
    writer.write(rows).unwrap();
    writer.close().unwrap();
    path
}

pub(crate) fn superseded(ids: &[u128]) -> Arc<HashSet<u128>> {
    Arc::new(ids.iter().copied().collect())
}

fn on(kind: &str) -> On {
    On {
        kind: kind.into(),
        condition: None,
        reaches: None,
        place: Default::default(),
    }
}

fn promise(name: &str) -> Promise {
    Promise {
        name: name.into(),
        says: "It arrives in two days".into(),
        place: Default::default(),
        made_by: "checkout".into(),
        opens: on("order_placed"),
        about: About::Record,
        stands: None,
        shape: Shape::Deadline(Deadline {
            kept: on("order_delivered"),
            by: By::After(Wait::parse("2 days").unwrap()),
            beaten: None,
            moved: None,
            pause: None,
            excused: None,
            gives_up: Wait::parse("1 day").ok(),
        }),
        touchpoint: Some("delivery".into()),
        great: None,
        serious: None,
        attributes: vec!["depot".into()],
        calendar: Calendar::weekdays(TimeZone::UTC),
        zone: TimeZone::UTC,
        tests: Vec::new(),
        version: "v1".into(),
        spell: amends_project::definition::Spell::default(),
    }
}

/// A promise that was measured once, and is measured no longer.
fn needs(name: &str) -> Unmeasured {
    Unmeasured {
        name: name.into(),
        says: "It is paid back".into(),
        made_by: "desk".into(),
        touchpoint: Some("delivery".into()),
        needs: "to hear from the bank".into(),
        place: Default::default(),
        version: "v2".into(),
    }
}

pub(crate) fn project() -> Arc<Project> {
    let touchpoint = Touchpoint {
        name: "delivery".into(),
        says: "The parcel arrives".into(),
        stage: "use".into(),
        owner: "logistics".into(),
        moment_of_truth: true,
        standard: None,
        great: None,
        baseline: None,
    };
    let promises = ["delivery", "refund"].map(|name| (name.to_owned(), promise(name)));
    Arc::new(Project {
        root: "shop".into(),
        data: "shop/.amends".into(),
        erasures: "shop/.amends/erasures.jsonl".into(),
        retention: Default::default(),
        company: Company {
            name: "Nord & Söhne".into(),
            zone: TimeZone::UTC,
            currency: Currency::parse("EUR").unwrap(),
            period: Length::Month,
            counts: Counted::Customers,
            customer_word: "customer".into(),
            customers_word: "customers".into(),
        },
        calendars: BTreeMap::from([("default".into(), Calendar::weekdays(TimeZone::UTC))]),
        sources: BTreeMap::new(),
        gone: BTreeMap::new(),
        identifiers: BTreeMap::new(),
        customers: None,
        voice: Default::default(),
        touchpoints: BTreeMap::from([("delivery".into(), touchpoint)]),
        baseline: None,
        stages: Vec::new(),
        promises: BTreeMap::from(promises),
        earlier: BTreeMap::new(),
        unmeasured: BTreeMap::from([("refund".into(), needs("refund"))]),
        version: "v1".into(),
        texts: BTreeMap::new(),
    })
}

/// Replays that note which promises were asked for.
#[derive(Default)]
pub(crate) struct Noted(pub(crate) Mutex<Vec<String>>);

impl Replays for Noted {
    fn replay(&self, promise: &str) -> Result<Kept> {
        self.0.lock().unwrap().push(promise.to_owned());
        if promise == "refund" {
            return Err(Problem::new("AM0701", "this promise cannot be replayed"));
        }
        let event = |id, at, who, about| Event {
            id,
            at,
            who,
            about,
            depot: Some("north"),
        };
        let mut events = InMemory::default();
        let placed = [
            event(1, "2026-01-01T09:00", 1, "o0"),
            event(2, "2026-01-01T09:00", 2, "o1"),
            event(3, "2026-01-31T09:00", 3, "o2"),
            event(4, "2026-01-01T09:00", 4, "o3"),
        ];
        let delivered = [
            event(5, "2026-01-02T09:00", 1, "o0"),
            event(6, "2026-01-03T14:00", 2, "o1"),
        ];
        for (kind, rows) in [
            ("order_placed", &placed[..]),
            ("order_delivered", &delivered),
        ] {
            events.add(kind, batch(&schema(true), kind, rows));
        }
        let project = project();
        let promise = &project.promises[promise];
        let kinds = events.kinds().clone();
        let compiled = Compiled::new(promise, &Planner::new(), &kinds)?;
        let replay = compiled.replay(&events, moment("2026-02-01"), moment("2026-02-01"));
        replay.and_then(Kept::try_from)
    }
}

pub(crate) async fn session(
    kinds: BTreeMap<String, Stored>,
    replays: Arc<Noted>,
    as_of: &str,
) -> Session {
    // Identifiers 1 and 2 are one customer, 3 is another.
    let customers = [(1, 1), (2, 1), (3, 3)].map(|(identifier, customer)| customers::Row {
        identifier: IdentifierId([identifier; 16]),
        namespace: "email",
        customer: IdentifierId([customer; 16]),
        account: None,
    });
    let parts = Parts {
        project: project(),
        kinds,
        customers: customers::Customers::of(customers),
        replays,
        watermarks: BTreeMap::new(),
        as_of: moment(as_of),
    };
    Session::assemble(parts).await.unwrap()
}

/// The rows of an answer, cells joined by commas.
pub(crate) fn shown(batches: &[RecordBatch]) -> Vec<String> {
    let mut rows = Vec::new();
    for batch in batches {
        assert!(
            batch
                .schema()
                .fields()
                .iter()
                .all(|field| *field.data_type() != DataType::Utf8View)
        );
        for row in 0..batch.num_rows() {
            let cells = batch.columns().iter().map(|column| cell(column, row));
            rows.push(cells.collect::<Vec<_>>().join(","));
        }
    }
    rows
}

fn cell(column: &ArrayRef, row: usize) -> String {
    if column.is_null(row) {
        return "-".into();
    }
    if *column.data_type() == id_type() {
        let bytes = column
            .as_any()
            .downcast_ref::<FixedSizeBinaryArray>()
            .unwrap();
        return bytes.value(row)[15].to_string();
    }
    arrow::util::display::array_value_to_string(column, row).unwrap()
}

/// Names of columns in use, to be sure that none is missing.
pub(crate) fn names(schema: &SchemaRef) -> BTreeSet<String> {
    schema
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect()
}
