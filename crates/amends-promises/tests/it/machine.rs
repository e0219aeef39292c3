//! The machine against `fold`: whatever the order of arrival, the ticks, the repeats, the withdrawals and the restarts,
//! what it says at last is what the set of current events says (rule 6).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use amends_model::{EventId, Result};
use amends_promises::fact::arrange;
use amends_promises::{
    Change, Fact, Grade, Instance, Machine, Observed, Opening, Role, fold, hash_of_all,
};
use amends_testkit::proptest::prelude::*;

use crate::histories::{
    ByLateness, Event, Form, Kind, STEPS, events, exposures, kinds, nevers, step, windows,
};
use crate::others::{happenings, others};

/// What happens to a machine.
#[derive(Clone, Debug)]
enum Deed {
    Observe(usize),
    Withdraw(usize),
    /// Time and reports go on to their shares of the end, in 256ths.
    Tick(u8, u8),
    Restart,
    /// Histories that were asked for are answered.
    Answer,
}

/// A ledger, a machine, and the table that its changes keep.
struct World<'a> {
    kind: &'a Kind,
    events: &'a [Event],
    current: BTreeSet<usize>,
    last: BTreeSet<usize>,
    machine: Machine,
    now: (i64, i64),
    table: BTreeMap<String, Instance>,
    /// What was asked for, and what the ledger held then.
    asked: BTreeMap<String, BTreeSet<usize>>,
    answers: Answers,
}

/// As of when the ledger answers what it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answers {
    WhenAsked,
    WhenAnswered,
    /// As it will be at last, ahead of what the machine has heard.
    AtLast,
}

const DEFINITION: &str = "1";

impl World<'_> {
    fn apply(&mut self, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::Stands(instance) | Change::Closed(instance) => {
                    self.table.insert(instance.about.clone(), instance);
                }
                Change::Gone(about) => {
                    self.table.remove(&about);
                }
                Change::Recall(about) => {
                    let held = self.current.clone();
                    assert!(
                        self.asked.insert(about, held).is_none(),
                        "asked twice without an answer"
                    );
                }
            }
        }
    }

    fn do_one(&mut self, deed: &Deed) {
        match deed {
            Deed::Observe(number) => {
                self.current.insert(*number);
                for observed in self.events[*number].observed() {
                    let changes = self.machine.observe(observed).unwrap();
                    self.apply(changes);
                }
            }
            Deed::Withdraw(number) => {
                self.current.remove(number);
                let event = &self.events[*number];
                let changes = self.machine.withdraw(event.about, event.id).unwrap();
                self.apply(changes);
            }
            Deed::Tick(now, reported) => {
                let share = |share: &u8| step(i64::from(*share) * (STEPS + 12) / 256);
                self.tick(share(now), share(reported));
            }
            Deed::Restart => {
                let bytes = self.machine.checkpoint().unwrap();
                let (machine, asked) =
                    Machine::restore(self.kind.terms(), Arc::new(ByLateness), DEFINITION, &bytes)
                        .unwrap();
                assert!(asked.iter().eq(self.asked.keys()));
                self.machine = machine;
            }
            Deed::Answer => self.answer(),
        }
    }

    fn tick(&mut self, now: i64, reported: i64) {
        self.now = (self.now.0.max(now), self.now.1.max(reported));
        let changes = self.machine.tick(self.now.0, self.now.1).unwrap();
        self.apply(changes);
    }

    fn answer(&mut self) {
        for (about, when_asked) in std::mem::take(&mut self.asked) {
            let held = match self.answers {
                Answers::WhenAsked => &when_asked,
                Answers::WhenAnswered => &self.current,
                Answers::AtLast => &self.last,
            };
            let events = held.iter().map(|number| &self.events[*number]);
            let history: Vec<(Fact, Option<Opening>)> = events
                .filter(|event| event.about == about)
                .flat_map(Event::observed)
                .map(|Observed { fact, opening, .. }| (fact, opening))
                .collect();
            let changes = self.machine.recall(&about, history).unwrap();
            self.apply(changes);
        }
    }

    /// Every instance as the machine has it: what it holds as of now, and what it let go of.
    fn instances(&self) -> Vec<Instance> {
        let held = self.machine.instances().unwrap();
        for instance in &held {
            let said = &self.table[&instance.about];
            let lately = Instance {
                late_by: instance.late_by,
                ..said.clone()
            };
            assert_eq!(
                &lately, instance,
                "what was said of it is not how it stands"
            );
        }
        let mut all = self.table.clone();
        all.extend(
            held.into_iter()
                .map(|instance| (instance.about.clone(), instance)),
        );
        all.into_values().collect()
    }
}

/// What the set of events says.
fn folded(
    kind: &Kind,
    events: &[Event],
    current: &BTreeSet<usize>,
    now: (i64, i64),
) -> Vec<Instance> {
    let mut all = Vec::new();
    for about in ["a", "b", "c", "d"] {
        let about_it = || {
            current
                .iter()
                .map(|number| &events[*number])
                .filter(|event| event.about == about)
        };
        let mut facts: Vec<Fact> = about_it().flat_map(Event::facts).collect();
        arrange(&mut facts);
        let mut proof = Vec::new();
        let Some(standing) = fold(&kind.terms(), &facts, now.0, now.1, &mut proof) else {
            continue;
        };
        let id = facts[standing.opening].id;
        let opening = about_it().find(|event| event.id == id).unwrap().opening();
        let mut instance = Instance::new(about, &standing, &opening, proof).unwrap();
        if instance.state.is_let_down() {
            instance.serious = ByLateness.grade(&[(&instance, &opening)]).unwrap()[0];
        }
        all.push(instance);
    }
    all
}

/// Deeds in a random order: every event is observed at least once, and withdrawn, if at all, after that.
fn deeds(events: usize) -> impl Strategy<Value = (Vec<Deed>, BTreeSet<usize>)> {
    let fates = prop::collection::vec((any::<u16>(), any::<u16>(), 0u8..4, any::<u16>()), events);
    let other = prop_oneof![
        3 => (any::<u8>(), any::<u8>()).prop_map(|(now, reported)| Deed::Tick(now, reported)),
        1 => Just(Deed::Restart),
        2 => Just(Deed::Answer),
    ];
    let others = prop::collection::vec((any::<u16>(), other), 0..12);
    (fates, others).prop_map(|(fates, others)| {
        let mut deeds: Vec<(u32, Deed)> = others
            .into_iter()
            .map(|(when, deed)| (when.into(), deed))
            .collect();
        let mut current = BTreeSet::new();
        for (number, (first, again, fate, withdrawn)) in fates.into_iter().enumerate() {
            deeds.push((first.into(), Deed::Observe(number)));
            if fate == 1 {
                deeds.push((again.into(), Deed::Observe(number)));
            }
            if fate == 2 {
                deeds.push((u32::from(first.max(withdrawn)) + 1, Deed::Withdraw(number)));
            } else {
                current.insert(number);
            }
        }
        deeds.sort_by_key(|(when, _)| *when);
        (deeds.into_iter().map(|(_, deed)| deed).collect(), current)
    })
}

fn run(
    kind: &Kind,
    events: &[Event],
    deeds: &[Deed],
    last: &BTreeSet<usize>,
    ends: (i64, i64),
    answers: Answers,
) -> Result<(), TestCaseError> {
    let mut world = World {
        kind,
        events,
        current: BTreeSet::new(),
        last: last.clone(),
        machine: Machine::new(kind.terms(), Arc::new(ByLateness), DEFINITION),
        now: (i64::MIN, i64::MIN),
        table: BTreeMap::new(),
        asked: BTreeMap::new(),
        answers,
    };
    for deed in deeds {
        world.do_one(deed);
        // What nobody is waiting for is true at every moment, not only at last.
        if answers != Answers::AtLast && world.asked.is_empty() {
            let expected = folded(kind, events, &world.current, world.now);
            prop_assert_eq!(world.instances(), expected, "after {:?}", deed);
        }
    }
    world.answer();
    world.tick(ends.0, ends.1);
    let expected = folded(kind, events, last, world.now);
    let instances = world.instances();
    prop_assert_eq!(&instances, &expected);
    prop_assert_eq!(hash_of_all(&instances), hash_of_all(expected.iter().rev()));
    let open = expected
        .iter()
        .filter(|instance| !instance.state.is_closed());
    // A history may be complete only with what is known of later.
    let completes = matches!(kind.form, Form::Other("each value normal"));
    let begins = |role: &Role| *role == Role::Opens || (completes && *role == Role::Measured);
    let opens_later = events
        .iter()
        .any(|event| event.at > world.now.0 && event.roles.iter().any(begins));
    // A history that grows by itself is held until it is one.
    let grows = matches!(kind.form, Form::Other("as many as usual"));
    if !opens_later && !grows {
        prop_assert_eq!(
            world.machine.len(),
            open.count(),
            "more is held than is open"
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_order_of_arrival_gives_the_state_of_the_set(
        kind in kinds(false),
        (events, (deeds, last)) in events(3, 14).prop_flat_map(|events| {
            let deeds = deeds(events.len());
            (Just(events), deeds)
        }),
        now in 0..STEPS + 12,
        reported in 0..STEPS + 12,
        answers in prop::sample::select(&[Answers::WhenAsked, Answers::WhenAnswered, Answers::AtLast][..]),
    ) {
        run(&kind, &events, &deeds, &last, (step(now), step(reported)), answers)?;
    }

    #[test]
    fn any_order_of_arrival_gives_the_same_window(
        kind in windows(false),
        (events, (deeds, last)) in events(3, 14).prop_flat_map(|events| {
            let deeds = deeds(events.len());
            (Just(events), deeds)
        }),
        now in 0..STEPS + 12,
        reported in 0..STEPS + 12,
        answers in prop::sample::select(&[Answers::WhenAsked, Answers::WhenAnswered, Answers::AtLast][..]),
    ) {
        run(&kind, &events, &deeds, &last, (step(now), step(reported)), answers)?;
    }

    #[test]
    fn any_order_of_arrival_gives_the_same_of_every_other_shape(
        kind in others(),
        (events, (deeds, last)) in happenings(3, 18).prop_flat_map(|events| {
            let deeds = deeds(events.len());
            (Just(events), deeds)
        }),
        now in 0..STEPS + 12,
        reported in 0..STEPS + 12,
        answers in prop::sample::select(&[Answers::WhenAsked, Answers::WhenAnswered, Answers::AtLast][..]),
    ) {
        run(&kind, &events, &deeds, &last, (step(now), step(reported)), answers)?;
    }

    #[test]
    fn any_order_of_arrival_gives_the_same_exposure(
        kind in nevers(),
        (events, (deeds, last)) in exposures(3, 14).prop_flat_map(|events| {
            let deeds = deeds(events.len());
            (Just(events), deeds)
        }),
        now in 0..STEPS + 12,
        reported in 0..STEPS + 12,
        answers in prop::sample::select(&[Answers::WhenAsked, Answers::WhenAnswered, Answers::AtLast][..]),
    ) {
        run(&kind, &events, &deeds, &last, (step(now), step(reported)), answers)?;
    }
}

fn event(about: &'static str, at: i64, number: u8, role: Role, by: Option<i64>) -> Event {
    Event {
        about,
        at: step(at),
        source: 0,
        id: EventId([number; 16]),
        roles: vec![role],
        by: by.map(step),
        from: None,
    }
}

const BY_MOMENT: Kind = Kind {
    form: Form::Deadline,
    by: "timestamp",
    beaten: None,
    gives_up: None,
};

fn hear(machine: &mut Machine, event: &Event) -> Vec<Change> {
    let heard = event
        .observed()
        .map(|observed| machine.observe(observed).unwrap());
    heard.flatten().collect()
}

#[test]
fn a_late_event_about_something_closed_asks_for_its_history() {
    let mut machine = Machine::new(BY_MOMENT.terms(), Arc::new(ByLateness), DEFINITION);
    machine.tick(step(20), step(20)).unwrap();
    let opens = event("o1", 1, 1, Role::Opens, Some(5));
    let kept = event("o1", 8, 2, Role::Kept, None);
    assert!(matches!(
        hear(&mut machine, &opens)[..],
        [Change::Stands(_)]
    ));
    assert!(
        matches!(&hear(&mut machine, &kept)[..], [Change::Closed(instance)] if instance.serious == 1)
    );
    assert!(machine.is_empty());
    let excused = event("o1", 3, 3, Role::Excused, None);
    assert_eq!(hear(&mut machine, &excused), [Change::Recall("o1".into())]);
    let facts = [opens, kept, excused];
    let history = facts
        .iter()
        .flat_map(Event::observed)
        .map(|heard| (heard.fact, heard.opening));
    let changes = machine.recall("o1", history).unwrap();
    assert!(
        matches!(&changes[..], [Change::Closed(instance)] if instance.state == amends_model::State::Excused)
    );
    assert!(machine.is_empty());
}

#[test]
fn seriousness_grows_with_the_clock_alone() {
    let mut machine = Machine::new(BY_MOMENT.terms(), Arc::new(ByLateness), DEFINITION);
    hear(&mut machine, &event("o1", 1, 1, Role::Opens, Some(4)));
    let mut told = Vec::new();
    for now in 0..30 {
        for change in machine.tick(step(now), step(now)).unwrap() {
            let Change::Stands(instance) = change else {
                panic!("{change:?}");
            };
            told.push((now, instance.state.as_str(), instance.serious));
        }
    }
    let expected = [
        (1, "open", 0),
        (4, "overdue", 1),
        (9, "overdue", 2),
        (17, "overdue", 3),
    ];
    assert_eq!(told, expected);
}

#[test]
fn time_and_reports_do_not_go_back_and_foreign_checkpoints_are_refused() {
    let mut machine = Machine::new(BY_MOMENT.terms(), Arc::new(ByLateness), DEFINITION);
    machine.tick(step(2), step(2)).unwrap();
    assert_eq!(machine.tick(step(1), step(2)).unwrap_err().code(), "AM0702");
    assert_eq!(machine.tick(step(2), step(1)).unwrap_err().code(), "AM0702");
    let bytes = machine.checkpoint().unwrap();
    let restore = |definition: &str, bytes: &[u8]| {
        let restored = Machine::restore(BY_MOMENT.terms(), Arc::new(ByLateness), definition, bytes);
        restored.err().map(|problem| problem.code())
    };
    assert_eq!(restore(DEFINITION, &bytes), None);
    assert_eq!(restore("another", &bytes), Some("AM0704"));
    assert_eq!(restore(DEFINITION, &bytes[1..]), Some("AM0704"));
}
