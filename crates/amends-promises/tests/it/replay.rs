//! A replay against `fold` over the same facts, and a replay of a ledger against one of the batches that were put into it.

use std::path::Path;
use std::sync::Arc;

use amends_expressions::Planner;
use amends_model::event::{self, column, moment_type, texts_type};
use amends_model::{State, time};
use amends_project::definition::{
    About, Deadline, Moved, On, Pause, Place, Promise, Shape, Sql, Window,
};
use amends_promises::fact::arrange;
use amends_promises::{
    Compiled, Counting, Events, Fact, Grade, InMemory, Instance, LeftOut, Role, count, fold,
    hash_of_all,
};
use amends_testkit::proptest::prelude::*;
use amends_testkit::tempfile::tempdir;
use arrow::array::{
    ArrayRef, BooleanArray, FixedSizeBinaryArray, Int32Array, Int64Array, ListBuilder, RecordBatch,
    StringArray, StringBuilder, TimestampMicrosecondArray, new_null_array,
};
use arrow::datatypes::DataType;
use jiff::Timestamp;
use xxhash_rust::xxh3::xxh3_64;

use crate::apart::Apart;
use crate::histories::{Event, Form, Kind, STEPS, events, exposures, kinds, nevers, step, windows};
use crate::others::{happenings, others};

const ROLES: [(&str, Role); 13] = [
    ("opens", Role::Opens),
    ("keeps", Role::Kept),
    ("excuses", Role::Excused),
    ("moves", Role::Moved),
    ("starts", Role::PauseTo),
    ("stops", Role::PauseFrom),
    ("breaks", Role::Breaks),
    ("ends", Role::Ends),
    ("before", Role::Before),
    ("measured", Role::Measured),
    ("down", Role::Down),
    ("up", Role::Up),
    ("counted", Role::Counted),
];

pub(crate) const KIND: &str = "thing_happened";

/// A promise all of whose roles are played by one kind of event, each under a condition of its own.
pub(crate) fn promise(kind: &Kind) -> Promise {
    let sql = |text: &str| Sql {
        text: text.into(),
        place: Place::default(),
    };
    let on = |condition: &str| On {
        kind: KIND.into(),
        condition: Some(sql(condition)),
        reaches: None,
        place: Place::default(),
    };
    let whole = |deadline: Deadline| Deadline {
        kept: on("keeps"),
        excused: Some(on("excuses")),
        moved: Some(Moved {
            on: on("moves"),
            by: "due".into(),
            from: matches!(kind.form, Form::Window(_)).then(|| "from".into()),
        }),
        pause: Some(Pause {
            from: on("stops"),
            to: on("starts"),
        }),
        ..deadline
    };
    Promise {
        opens: on("opens"),
        shape: match kind.shape(&on) {
            Shape::Deadline(deadline) => Shape::Deadline(whole(deadline)),
            Shape::Window(window) => Shape::Window(Window {
                deadline: whole(window.deadline),
                ..window
            }),
            never => never,
        },
        serious: Some(sql(
            "case when grade = 3 then 3 when late_by > interval '3 days' and state <> 'broken' then 3 \
             when late_by > interval '36 hours' then 2 else 1 end",
        )),
        attributes: vec!["seller".into(), "grade".into()],
        ..kind.promise()
    }
}

/// Events as batches of the ledger. The record key is the id.
pub(crate) fn batch(events: &[&Event]) -> RecordBatch {
    let mut properties = vec![
        ("due".to_owned(), moment_type()),
        ("from".to_owned(), moment_type()),
        ("seller".to_owned(), texts_type()),
        ("grade".to_owned(), DataType::Int64),
    ];
    properties.extend(ROLES.map(|(name, _)| (name.to_owned(), DataType::Boolean)));
    let schema = event::schema(&properties).unwrap();
    let columns = schema
        .fields()
        .iter()
        .map(|field| column_of(field.name(), field.data_type(), events));
    RecordBatch::try_new(schema.clone(), columns.collect()).unwrap()
}

fn column_of(name: &str, of: &DataType, events: &[&Event]) -> ArrayRef {
    let ids = || {
        let bytes: Vec<u8> = events.iter().flat_map(|event| event.id.0).collect();
        FixedSizeBinaryArray::try_new(16, bytes.into(), None).unwrap()
    };
    let texts = |of: &dyn Fn(&Event) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(
            events.iter().map(|event| of(event)),
        ))
    };
    let moments = |of: &dyn Fn(&Event) -> Option<i64>| -> ArrayRef {
        let moments = events.iter().map(|event| of(event));
        Arc::new(
            moments
                .collect::<TimestampMicrosecondArray>()
                .with_timezone("UTC"),
        )
    };
    let numbers = |of: &dyn Fn(&Event) -> i64| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(
            events.iter().map(|event| of(event)),
        ))
    };
    match name {
        column::ID | column::KEY | column::IDENTIFIER => Arc::new(ids()),
        column::CONTENT => {
            numbers(&|event| xxh3_64(format!("{event:?} {:?}", event.id).as_bytes()) as i64)
        }
        column::SOURCE => texts(&|event| format!("source {}", event.source)),
        column::STREAM | column::MAPPING => texts(&|_| "main".into()),
        column::KIND => texts(&|_| KIND.into()),
        column::AT | column::RECEIVED_AT => moments(&|event| Some(event.at)),
        column::AT_OFFSET => Arc::new(Int32Array::from_value(0, events.len())),
        column::ABOUT => {
            // What is about nothing has an empty name here.
            let abouts = events.iter().map(|event| Some(event.about));
            let abouts = abouts.map(|about| about.filter(|about| !about.is_empty()));
            Arc::new(abouts.collect::<StringArray>())
        }
        column::IMPORT | column::LINE => numbers(&|_| 0),
        "due" => moments(&|event| event.by),
        "from" => moments(&|event| event.from),
        "grade" => numbers(&|event| i64::from(event.source) + 1),
        "seller" => {
            let mut sellers = ListBuilder::new(StringBuilder::new());
            for event in events {
                sellers
                    .append_value((0..event.source).map(|number| Some(format!("seller {number}"))));
            }
            Arc::new(sellers.finish())
        }
        _ => match ROLES.iter().find(|(role, _)| *role == name) {
            Some((_, role)) => {
                let plays = events.iter().map(|event| Some(event.roles.contains(role)));
                Arc::new(plays.collect::<BooleanArray>())
            }
            None => new_null_array(of, events.len()),
        },
    }
}

/// Every instance folded one by one from the facts of all events.
fn folded(compiled: &Compiled, batch: &RecordBatch, as_of: i64, reported: i64) -> Vec<Instance> {
    let rank = |name: &str| name[7..].parse().unwrap();
    let observed = compiled.observed(KIND, batch, &rank).unwrap();
    let mut abouts: Vec<&str> = observed.iter().map(|heard| heard.about.as_str()).collect();
    abouts.sort_unstable();
    abouts.dedup();
    let mut all = Vec::new();
    for about in abouts {
        let of_it = || observed.iter().filter(|heard| heard.about == about);
        let mut facts: Vec<Fact> = of_it().map(|heard| heard.fact).collect();
        arrange(&mut facts);
        let mut proof = Vec::new();
        let Some(standing) = fold(compiled.terms(), &facts, as_of, reported, &mut proof) else {
            continue;
        };
        let opening = of_it().find(|heard| heard.fact == facts[standing.opening]);
        let opening = opening.unwrap().opening.as_ref().unwrap();
        let mut instance = Instance::new(about, &standing, opening, proof).unwrap();
        if instance.state.is_let_down() {
            instance.serious = compiled.serious().grade(&[(&instance, opening)]).unwrap()[0];
        }
        all.push(instance);
    }
    all
}

/// A replay in pieces and passes against every instance folded alone.
fn replayed(
    kind: &Kind,
    events: &[Event],
    pieces: usize,
    facts_at_a_time: u64,
    as_of: i64,
    reported: i64,
) -> Result<(), TestCaseError> {
    let (promise, planner) = (promise(kind), Planner::new());
    let all: Vec<&Event> = events.iter().collect();
    let mut in_memory = InMemory::default();
    for piece in all.chunks(all.len().div_ceil(pieces)) {
        in_memory.add(KIND, batch(piece));
    }
    let compiled = Compiled::new(&promise, &planner, in_memory.kinds()).unwrap();
    let compiled = compiled.with_facts_at_a_time(facts_at_a_time);
    let [now, told] =
        [step(as_of), step(reported)].map(|micros| time::from_micros(micros).unwrap());
    let replay = compiled.replay(&in_memory, now, told).unwrap();
    let folder = tempdir().unwrap();
    for folder in [folder.path(), &folder.path().join("missing")] {
        let apart = Apart::new(&in_memory, folder);
        let put_apart = compiled.replay(&apart, now, told).unwrap();
        prop_assert_eq!(put_apart.hash(), replay.hash());
        prop_assert_eq!(put_apart.left_out, replay.left_out);
    }
    let expected = folded(&compiled, &batch(&all), step(as_of), step(reported));
    let mut instances: Vec<Instance> = replay.instances().collect();
    instances.sort_by(|one, other| one.about.cmp(&other.about));
    prop_assert_eq!(&instances, &expected);
    prop_assert_eq!(replay.hash(), hash_of_all(&expected));
    let counts = replay.counts();
    for state in State::ALL {
        let standing = expected
            .iter()
            .filter(|instance| instance.state == state)
            .count();
        prop_assert_eq!(counts[&state], standing as u64);
    }
    let let_downs = expected
        .iter()
        .filter(|instance| instance.state.is_let_down())
        .count();
    prop_assert_eq!(replay.let_downs().count(), let_downs);
    let whole = replay.to_batch().unwrap();
    prop_assert_eq!(whole.num_rows(), expected.len());
    prop_assert_eq!(whole.schema(), replay.schema());
    for instance in &expected {
        prop_assert_eq!(replay.find(&instance.about), Some(instance.clone()));
    }
    Ok(())
}

/// A promise, another one, and both matched by customer, counted together as each is replayed alone.
fn counted(
    kind: &Kind,
    all: &[Event],
    facts_at_a_time: u64,
    as_of: i64,
    reported: i64,
) -> Result<(), TestCaseError> {
    let mut events = InMemory::default();
    for piece in all.chunks(7) {
        events.add(KIND, batch(&piece.iter().collect::<Vec<_>>()));
    }
    let [now, told] =
        [step(as_of), step(reported)].map(|micros| time::from_micros(micros).unwrap());
    let (promise, other) = (promise(kind), promise(&plain()));
    let by_customer = |promise: &Promise| Promise {
        about: About::Customer,
        ..promise.clone()
    };
    let promises = [
        (by_customer(&other), now),
        (by_customer(&promise), now),
        (promise, told),
        (other, told),
    ];
    let compiled = promises.map(|(promise, reported)| {
        let compiled = Compiled::new(&promise, &Planner::new(), events.kinds()).unwrap();
        (compiled.with_facts_at_a_time(facts_at_a_time), reported)
    });
    let counting = compiled.each_ref().map(|(compiled, reported)| Counting {
        compiled,
        reported: *reported,
    });
    let tallies = count(&counting, &events, now).unwrap();
    let folder = tempdir().unwrap();
    for folder in [folder.path(), &folder.path().join("missing")] {
        let apart = Apart::new(&events, folder);
        prop_assert_eq!(&count(&counting, &apart, now).unwrap(), &tallies);
    }
    for ((compiled, reported), tally) in compiled.iter().zip(tallies) {
        let replay = compiled.replay(&events, now, *reported).unwrap();
        let states = State::ALL.map(|state| tally.states.get(&state).copied().unwrap_or(0));
        prop_assert_eq!(states, State::ALL.map(|state| replay.counts()[&state]));
        prop_assert_eq!(tally.left_out, replay.left_out);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50))]

    #[test]
    fn promises_counted_together_are_counted_as_alone(
        kind in prop_oneof![kinds(false), windows(false)],
        events in events(4, 30),
        facts_at_a_time in prop_oneof![Just(1u64), Just(10), Just(1000)],
        as_of in 0..STEPS + 12,
        reported in 0..STEPS + 12,
    ) {
        counted(&kind, &events, facts_at_a_time, as_of, reported)?;
    }

    #[test]
    fn promises_of_other_shapes_are_counted_as_alone(
        kind in prop_oneof![others(), nevers()],
        events in happenings(4, 30),
        facts_at_a_time in prop_oneof![Just(1u64), Just(10), Just(1000)],
        as_of in 0..STEPS + 12,
        reported in 0..STEPS + 12,
    ) {
        counted(&kind, &events, facts_at_a_time, as_of, reported)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_replay_folds_every_thing_as_it_is_folded_alone(
        kind in kinds(false),
        events in events(4, 30),
        pieces in 1usize..4,
        facts_at_a_time in prop_oneof![Just(1u64), Just(10), Just(1000)],
        as_of in 0..STEPS + 12,
        reported in 0..STEPS + 12,
    ) {
        replayed(&kind, &events, pieces, facts_at_a_time, as_of, reported)?;
    }

    #[test]
    fn a_replay_folds_every_window_as_it_is_folded_alone(
        kind in windows(false),
        events in events(4, 30),
        pieces in 1usize..4,
        facts_at_a_time in prop_oneof![Just(1u64), Just(10), Just(1000)],
        as_of in 0..STEPS + 12,
        reported in 0..STEPS + 12,
    ) {
        replayed(&kind, &events, pieces, facts_at_a_time, as_of, reported)?;
    }

    #[test]
    fn a_replay_folds_every_other_shape_as_it_is_folded_alone(
        kind in others(),
        events in happenings(4, 30),
        pieces in 1usize..4,
        facts_at_a_time in prop_oneof![Just(1u64), Just(10), Just(1000)],
        as_of in 0..STEPS + 12,
        reported in 0..STEPS + 12,
    ) {
        replayed(&kind, &events, pieces, facts_at_a_time, as_of, reported)?;
    }

    #[test]
    fn a_replay_folds_every_exposure_as_it_is_folded_alone(
        kind in nevers(),
        events in exposures(4, 30),
        pieces in 1usize..4,
        facts_at_a_time in prop_oneof![Just(1u64), Just(10), Just(1000)],
        as_of in 0..STEPS + 12,
        reported in 0..STEPS + 12,
    ) {
        replayed(&kind, &events, pieces, facts_at_a_time, as_of, reported)?;
    }
}

fn plain() -> Kind {
    Kind {
        form: Form::Deadline,
        by: "timestamp",
        beaten: None,
        gives_up: None,
    }
}

fn opening(about: &'static str, number: u8, by: Option<i64>) -> Event {
    Event {
        about,
        at: step(1),
        source: u32::from(number),
        id: amends_model::EventId([number; 16]),
        roles: vec![Role::Opens],
        by: by.map(step),
        from: None,
    }
}

/// Four openings, of which one names no deadline and one comes again.
fn openings() -> InMemory {
    let all = [
        opening("a", 0, Some(4)),
        opening("b", 1, None),
        opening("c", 2, Some(4)),
        opening("c", 3, Some(5)),
    ];
    let mut in_memory = InMemory::default();
    in_memory.add(KIND, batch(&all.iter().collect::<Vec<_>>()));
    in_memory
}

#[test]
fn openings_that_open_nothing_are_counted_and_empty_is_a_value() {
    let in_memory = openings();
    let compiled = Compiled::new(&promise(&plain()), &Planner::new(), in_memory.kinds()).unwrap();
    for facts_at_a_time in [1, 100] {
        let compiled = Compiled::new(&promise(&plain()), &Planner::new(), in_memory.kinds())
            .unwrap()
            .with_facts_at_a_time(facts_at_a_time);
        let as_of = time::from_micros(step(9)).unwrap();
        let replay = compiled.replay(&in_memory, as_of, as_of).unwrap();
        let left_out = LeftOut {
            without_deadline: 1,
            without_about: 0,
            again: 1,
        };
        assert_eq!((replay.len(), replay.left_out), (2, left_out));
        let attributes = |about| replay.find(about).unwrap().attributes;
        assert_eq!(attributes("a"), [vec![""], vec!["1"]]);
        assert_eq!(attributes("c"), [vec!["seller 0", "seller 1"], vec!["3"]]);
    }
    let nobody = compiled
        .replay(&InMemory::default(), Timestamp::MAX, Timestamp::MAX)
        .unwrap();
    assert!(nobody.is_empty());
    assert_eq!(nobody.to_batch().unwrap().num_rows(), 0);
}

#[test]
fn where_events_can_be_put_apart_only_the_first_pass_reads_them_all() {
    let in_memory = openings();
    let compiled = Compiled::new(&promise(&plain()), &Planner::new(), in_memory.kinds()).unwrap();
    let compiled = compiled.with_facts_at_a_time(1);
    let as_of = time::from_micros(step(9)).unwrap();
    let scanned = |folder: &Path| {
        let apart = Apart::new(&in_memory, folder);
        assert_eq!(compiled.replay(&apart, as_of, as_of).unwrap().len(), 2);
        apart.scanned.into_inner()
    };
    let folder = tempdir().unwrap();
    assert_eq!(scanned(folder.path()), 1);
    assert_eq!(scanned(&folder.path().join("missing")), 4);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

fn deadline(promise: &mut Promise) -> &mut Deadline {
    match &mut promise.shape {
        Shape::Deadline(deadline) => deadline,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_cannot_be_planned_is_said_with_its_words() {
    let mut in_memory = InMemory::default();
    in_memory.add(KIND, batch(&[&opening("a", 0, Some(4))]));
    let compile = |promise: &Promise| {
        let compiled = Compiled::new(promise, &Planner::new(), in_memory.kinds());
        compiled
            .err()
            .map(|problem| problem.to_string())
            .unwrap_or_default()
    };
    let fine = promise(&plain());
    assert_eq!(compile(&fine), "");
    let mut wrong = fine.clone();
    deadline(&mut wrong).kept.condition.as_mut().unwrap().text = "keps".into();
    assert!(compile(&wrong).contains("\"keps\""), "{}", compile(&wrong));
    let mut wrong = fine.clone();
    deadline(&mut wrong).moved.as_mut().unwrap().by = "new_date".into();
    assert!(
        compile(&wrong).contains("have no property \"new_date\""),
        "{}",
        compile(&wrong)
    );
    let mut wrong = fine.clone();
    wrong.serious.as_mut().unwrap().text = "'very'".into();
    assert!(
        compile(&wrong).contains("is no whole number"),
        "{}",
        compile(&wrong)
    );
}
