//! Random histories, drawn from so few moments that everything coincides: ties, moves, pauses, excuses, keeps before openings.

use std::fmt;

use amends_model::clock::Clock;
use amends_model::period::Length;
use amends_model::wait::{Calendar, Wait};
use amends_model::{EventId, IdentifierId, Result};
use amends_project::definition::{
    About, By, Deadline, Lasts, Never, On, Place, Promise, Shape, Window,
};
use amends_promises::{Fact, Grade, Instance, Observed, Opening, Role, Terms, Value};
use amends_testkit::proptest::prelude::*;
use jiff::SignedDuration;

/// Moments are counted in steps of six hours from a Thursday's midnight, so that some are ends of days and some lie in a weekend.
pub(crate) const STEP: i64 = 6 * 3600 * 1_000_000;
const START: i64 = 1_767_225_600_000_000;

/// How many steps a history has.
pub(crate) const STEPS: i64 = 40;

pub(crate) fn step(number: i64) -> i64 {
    START + number * STEP
}

/// The kinds of terms that are tried.
#[derive(Clone, Debug)]
pub(crate) struct Kind {
    pub(crate) form: Form,
    pub(crate) by: &'static str,
    pub(crate) beaten: Option<i64>,
    pub(crate) gives_up: Option<i64>,
}

/// The shape of a promise.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    Deadline,
    /// How its window begins.
    Window(&'static str),
    /// How long its exposure lasts; for ever where that is empty.
    Never(&'static str),
    /// One of the shapes of `others`.
    Other(&'static str),
}

/// `date` and `timestamp` read the deadline from the event; the others are lengths.
pub(crate) const PLAIN: [&str; 3] = ["date", "timestamp", "36 hours"];
const ALL: [&str; 5] = [
    "date",
    "timestamp",
    "36 hours",
    "2 business days",
    "10 opening hours",
];

pub(crate) fn kinds(plain: bool) -> impl Strategy<Value = Kind> {
    let by: &'static [&'static str] = if plain { &PLAIN } else { &ALL };
    let room = prop_oneof![Just(None), (1i64..6).prop_map(Some)];
    let patience = prop_oneof![Just(None), (1i64..12).prop_map(Some)];
    let drawn = (prop::sample::select(by), room, patience);
    drawn.prop_map(|(by, beaten, gives_up)| Kind {
        form: Form::Deadline,
        by,
        beaten,
        gives_up,
    })
}

pub(crate) fn windows(plain: bool) -> impl Strategy<Value = Kind> {
    let from: &'static [&'static str] = match plain {
        true => &["date", "timestamp", "12 hours"],
        false => &[
            "date",
            "timestamp",
            "12 hours",
            "1 business day",
            "3 opening hours",
        ],
    };
    let drawn = (kinds(plain), prop::sample::select(from));
    drawn.prop_map(|(kind, from)| Kind {
        form: Form::Window(from),
        ..kind
    })
}

pub(crate) fn nevers() -> impl Strategy<Value = Kind> {
    let lasts = prop::sample::select(&["", "36 hours", "2 business days", "month"][..]);
    lasts.prop_map(|lasts| Kind {
        form: Form::Never(lasts),
        by: "",
        beaten: None,
        gives_up: None,
    })
}

impl Kind {
    pub(crate) fn promise(&self) -> Promise {
        let on = |kind: &str| On {
            kind: kind.into(),
            condition: None,
            reaches: None,
            place: Place::default(),
        };
        let zone = amends_model::time::zone("UTC").unwrap();
        Promise {
            name: "p".into(),
            says: "it comes".into(),
            place: Place::default(),
            made_by: "checkout".into(),
            opens: on("opens"),
            about: About::Record,
            stands: None,
            shape: self.shape(&on),
            touchpoint: None,
            great: None,
            serious: None,
            attributes: Vec::new(),
            calendar: Calendar::weekdays(zone.clone()),
            zone,
            tests: Vec::new(),
            version: "1".into(),
            spell: amends_project::definition::Spell::default(),
        }
    }

    /// The shape, its roles played by events that are named after them.
    pub(crate) fn shape(&self, on: &dyn Fn(&str) -> On) -> Shape {
        let hours = |steps: i64| Wait::parse(&format!("{} hours", steps * 6)).unwrap();
        let bound = |by: &str, property: &str| match by {
            "date" => By::Date(property.into()),
            "timestamp" => By::Timestamp(property.into()),
            wait => By::After(Wait::parse(wait).unwrap()),
        };
        let deadline = || Deadline {
            kept: on("kept"),
            by: bound(self.by, "due"),
            beaten: self.beaten.map(hours),
            moved: None,
            pause: None,
            excused: None,
            gives_up: self.gives_up.map(hours),
        };
        match self.form {
            Form::Deadline => Shape::Deadline(deadline()),
            Form::Window(from) => Shape::Window(Window {
                from: bound(from, "from"),
                deadline: deadline(),
            }),
            Form::Other(form) => crate::others::shape(form, on),
            Form::Never(lasts) => Shape::Never(Never {
                breaks: on("breaks"),
                at_most: None,
                ends: Some(on("ends")),
                lasts: match lasts {
                    "" => None,
                    "month" => Some(Lasts::Period(Length::Month)),
                    wait => Some(Lasts::For(Wait::parse(wait).unwrap())),
                },
            }),
        }
    }

    pub(crate) fn terms(&self) -> Terms {
        Terms::new(&self.promise()).unwrap()
    }

    /// How many steps the promise lasts, where it is a plain length.
    pub(crate) fn steps(&self) -> Option<i64> {
        let wait = Wait::parse(self.by).ok()?;
        (wait.clock() == Clock::Always).then_some(6)
    }
}

/// One event: its facts are made when its terms are known.
#[derive(Clone)]
pub(crate) struct Event {
    pub(crate) about: &'static str,
    pub(crate) at: i64,
    pub(crate) source: u32,
    pub(crate) id: EventId,
    pub(crate) roles: Vec<Role>,
    pub(crate) by: Option<i64>,
    pub(crate) from: Option<i64>,
}

/// Events about a few things, in the roles of a deadline. Their ids are drawn, so that ties fall out either way.
pub(crate) fn events(abouts: usize, most: usize) -> impl Strategy<Value = Vec<Event>> {
    let role = prop_oneof![
        4 => Just(Role::Opens),
        3 => Just(Role::Kept),
        1 => Just(Role::Excused),
        2 => Just(Role::Moved),
        2 => Just(Role::PauseTo),
        2 => Just(Role::PauseFrom),
    ];
    events_in(role.boxed(), abouts, most)
}

/// Events in the roles of what must not happen.
pub(crate) fn exposures(abouts: usize, most: usize) -> impl Strategy<Value = Vec<Event>> {
    let role = prop_oneof![
        4 => Just(Role::Opens),
        2 => Just(Role::Breaks),
        3 => Just(Role::Ends),
    ];
    events_in(role.boxed(), abouts, most)
}

pub(crate) fn events_in(
    role: BoxedStrategy<Role>,
    abouts: usize,
    most: usize,
) -> impl Strategy<Value = Vec<Event>> {
    const ABOUTS: [&str; 4] = ["a", "b", "c", "d"];
    let from = prop_oneof![1 => Just(None), 6 => (0..STEPS).prop_map(Some)];
    let by = prop_oneof![1 => Just(None), 6 => (0..STEPS).prop_map(Some)];
    let event = (
        prop::sample::select(&ABOUTS[..abouts]),
        0..STEPS,
        0u32..3,
        any::<u8>(),
        prop::collection::btree_set(role, 1..3),
        (by, from),
    );
    prop::collection::vec(event, 1..most).prop_map(|drawn| {
        let numbered = drawn.into_iter().enumerate();
        numbered
            .map(|(number, (about, at, source, id, roles, (by, from)))| {
                let mut bytes = [id; 16];
                bytes[15] = number as u8;
                let roles = roles.into_iter().collect();
                Event {
                    about,
                    at: step(at),
                    source,
                    id: EventId(bytes),
                    roles,
                    by: by.map(step),
                    from: from.map(step),
                }
            })
            .collect()
    })
}

/// Moments as steps, for a failing case is read by people.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = (self.at - START) / STEP;
        let by = self.by.map(|by| (by - START) / STEP);
        let from = self.from.map(|from| (from - START) / STEP);
        let (about, source, id) = (self.about, self.source, &self.id.to_string()[30..]);
        write!(
            f,
            "<{about} at {at} from {source} #{id} {:?} between {from:?} and {by:?}>",
            self.roles
        )
    }
}

impl Event {
    pub(crate) fn facts(&self) -> impl Iterator<Item = Fact> + '_ {
        let fact = |role: &Role| {
            Fact::new(self.at, self.source, self.id, *role, self.by).starting(self.from)
        };
        self.roles.iter().map(fact)
    }

    pub(crate) fn observed(&self) -> impl Iterator<Item = Observed> + '_ {
        self.facts().map(|fact| Observed {
            about: self.about.into(),
            fact,
            opening: (fact.role == Role::Opens).then(|| self.opening()),
        })
    }

    pub(crate) fn opening(&self) -> Opening {
        Opening {
            identifier: IdentifierId(self.id.0),
            attributes: vec![vec![format!("seller {}", self.source)]],
            row: vec![Value::Integer(self.source.into())],
        }
    }
}

/// Judges by lateness and by the opening event: 2 after a day, 3 after three, and at once where the opening's source is 2.
pub(crate) struct ByLateness;

impl Grade for ByLateness {
    fn grade(&self, let_downs: &[(&Instance, &Opening)]) -> Result<Vec<u8>> {
        let judge = |(instance, opening): &(&Instance, &Opening)| {
            let late = instance.late_by.unwrap_or_default();
            match () {
                () if opening.row == [Value::Integer(2)] => 3,
                () if late > SignedDuration::from_hours(72) => 3,
                () if late > SignedDuration::from_hours(24) => 2,
                () => 1,
            }
        };
        Ok(let_downs.iter().map(judge).collect())
    }
}
