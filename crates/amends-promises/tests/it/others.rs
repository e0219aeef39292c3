//! The shapes that are judged over time, and notices, drawn at random: the same claims as for deadlines, windows and exposures.

use amends_model::period::Length;
use amends_model::wait::Wait;
use amends_project::definition::{
    AtLeast, AtMost, Before, By, Exposed, Lasts, Limits, Match, Never, Normal, Notice, On, Pause,
    Place, Shape, Share, ShareOf, Side, Sql, Tolerance,
};
use amends_promises::Role;
use amends_testkit::proptest::prelude::*;

use crate::histories::{Event, Form, Kind, STEPS, events_in, step};
use crate::shapes::{known_first, only_confirms};

/// One of each, in the ways in which they differ.
const FORMS: [&str; 15] = [
    "notice before an event",
    "notice before a day",
    "at most 1",
    "at most 2 within 36 hours",
    "at least 1 in 36 hours",
    "at least 2 in 3 days, given up",
    "at least 1 a month",
    "at least 1 in 2 business days, for a while",
    "half of every month up",
    "three quarters of 2 days up",
    "half of the events",
    "the first value decides",
    "every value within limits",
    "each value normal",
    "as many as usual",
];

/// Terms of any of these shapes.
pub(crate) fn others() -> impl Strategy<Value = Kind> {
    prop::sample::select(&FORMS[..]).prop_map(|form| Kind {
        form: Form::Other(form),
        by: "",
        beaten: None,
        gives_up: None,
    })
}

/// Events in every role.
pub(crate) fn happenings(abouts: usize, most: usize) -> impl Strategy<Value = Vec<Event>> {
    let role = prop_oneof![
        5 => Just(Role::Opens),
        4 => Just(Role::Kept),
        1 => Just(Role::Excused),
        1 => Just(Role::Moved),
        1 => Just(Role::PauseTo),
        1 => Just(Role::PauseFrom),
        3 => Just(Role::Breaks),
        1 => Just(Role::Ends),
        2 => Just(Role::Before),
        4 => Just(Role::Measured),
        3 => Just(Role::Down),
        2 => Just(Role::Up),
        3 => Just(Role::Counted),
    ];
    events_in(role.boxed(), abouts, most)
}

fn wait(text: &str) -> Wait {
    Wait::parse(text).unwrap()
}

fn sql(text: &str) -> Sql {
    Sql {
        text: text.into(),
        place: Place::default(),
    }
}

/// The shape of a form, its roles played by events that are named after them.
pub(crate) fn shape(form: &str, on: &dyn Fn(&str) -> On) -> Shape {
    let until = |lasts: &str| Exposed {
        ends: Some(on("ends")),
        lasts: (!lasts.is_empty()).then(|| Lasts::For(wait(lasts))),
    };
    match form {
        _ if form.starts_with("notice") => notice(form, on),
        "at most 1" | "at most 2 within 36 hours" => Shape::Never(Never {
            breaks: on("breaks"),
            at_most: Some(match form {
                "at most 1" => AtMost {
                    count: 1,
                    within: None,
                },
                _ => AtMost {
                    count: 2,
                    within: Some(wait("36 hours")),
                },
            }),
            ends: Some(on("ends")),
            lasts: Some(Lasts::For(wait("5 days"))),
        }),
        _ if form.starts_with("at least") => at_least(form, on, &until),
        "half of every month up" | "three quarters of 2 days up" => Shape::Share(Share {
            of: ShareOf::Time {
                down: on("down"),
                up: on("up"),
            },
            least_ppm: if form.starts_with("half") {
                500_000
            } else {
                750_000
            },
            per: Some(match form.starts_with("half") {
                true => Lasts::Period(Length::Month),
                false => Lasts::For(wait("2 days")),
            }),
            exposed: until(""),
        }),
        "half of the events" => Shape::Share(Share {
            of: ShareOf::Events {
                kept: on("keeps"),
                of: on("counted"),
            },
            least_ppm: 500_000,
            per: Some(Lasts::For(wait("2 days"))),
            exposed: until("9 days"),
        }),
        "the first value decides" => Shape::Match(Match {
            measures: on("measured"),
            value: sql("due"),
            limits: Limits::Equal(sql("from"), Tolerance::Share(0.000_1)),
            exposed: Exposed::default(),
        }),
        "every value within limits" => Shape::Match(Match {
            measures: on("measured"),
            value: sql("due"),
            limits: Limits::Between(Some(sql("due")), Some(sql("from"))),
            exposed: until("6 days"),
        }),
        "each value normal" => Shape::Normal(Normal {
            measures: on("measured"),
            value: Some(sql("due")),
            every: None,
            history: 2,
            side: Side::Within,
            exposed: until(""),
        }),
        _ => Shape::Normal(Normal {
            measures: on("measured"),
            value: None,
            every: Some(wait("12 hours")),
            history: 3,
            side: Side::Within,
            exposed: until("8 days"),
        }),
    }
}

fn notice(form: &str, on: &dyn Fn(&str) -> On) -> Shape {
    Shape::Notice(Notice {
        kept: on("keeps"),
        ahead: wait("36 hours"),
        before: match form {
            "notice before an event" => Before::Event(on("before")),
            _ => Before::Named(By::Date("due".into())),
        },
        beaten: Some(wait("1 day")),
        moved: None,
        excused: Some(on("excuses")),
        gives_up: Some(wait("2 days")),
    })
}

fn at_least(form: &str, on: &dyn Fn(&str) -> On, until: &dyn Fn(&str) -> Exposed) -> Shape {
    let (count, every, gives_up, lasts) = match form {
        "at least 1 in 36 hours" => (1, Lasts::For(wait("36 hours")), None, ""),
        "at least 2 in 3 days, given up" => {
            (2, Lasts::For(wait("3 days")), Some(wait("30 hours")), "")
        }
        "at least 1 a month" => (1, Lasts::Period(Length::Month), None, ""),
        _ => (1, Lasts::For(wait("2 business days")), None, "6 days"),
    };
    let pause = matches!(every, Lasts::For(_)).then(|| Pause {
        from: on("stops"),
        to: on("starts"),
    });
    Shape::AtLeast(AtLeast {
        kept: on("keeps"),
        count,
        every,
        excused: Some(on("excuses")),
        pause,
        gives_up,
        exposed: until(lasts),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn could_have_known_is_the_first_instant_that_proves_the_let_down(
        kind in others(),
        events in happenings(1, 14),
    ) {
        known_first(&kind, &events)?;
    }

    #[test]
    fn reports_only_confirm(
        kind in others(),
        events in happenings(1, 14),
        as_of in 0..STEPS + 12,
        reported in 0..STEPS + 12,
    ) {
        only_confirms(&kind, &events, step(as_of), step(reported))?;
    }
}
