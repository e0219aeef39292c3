//! Instances by period.

use amends_model::wait::Wait;
use amends_model::{Every, State, Stretch, time};
use amends_project::definition::{
    self, AtLeast, Exposed, Lasts, Limits, Match, Never, On, Place, Shape, Share, ShareOf, Sql,
};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::calendar::{Calendar, Places};
use super::charted::Past;
use super::control::under_control;
use super::tally::{Counts, Row, Tally};
use super::{Kind, Measure, Standing, Subject, undone};

/// A moment on a day of January 2026, at noon.
fn on(day: i8) -> i64 {
    let day = Date::constant(2026, 1, 1).saturating_add(jiff::Span::new().days(day - 1));
    let noon = day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap();
    time::micros(noon.timestamp())
}

fn row(opened: i8, due: i8, state: State) -> Row {
    Row {
        opened_at: on(opened),
        due_at: on(due),
        state,
        late_by: state.is_let_down().then_some(7_200_000_000),
    }
}

fn weeks(rows: &[Row], reported: i8) -> Calendar {
    let calendar = Calendar::of(rows, Every::Week, on(reported), &TimeZone::UTC);
    calendar.unwrap().unwrap()
}

fn names(calendar: &Calendar) -> Vec<String> {
    calendar.periods.iter().map(ToString::to_string).collect()
}

/// The weeks of January 2026 begin on the 5th, 12th, 19th and 26th.
#[test]
fn only_weeks_that_are_reported_to_their_end_count_and_the_first_does_not() {
    let rows = [row(6, 9, State::Kept)];
    let calendar = weeks(&rows, 26);
    assert_eq!(calendar.begins.to_string(), "2026-W02");
    assert_eq!(names(&calendar), ["2026-W03", "2026-W04"]);
    // At noon of the last Sunday the week is not over.
    assert_eq!(names(&weeks(&rows, 25)), ["2026-W03"]);
    assert!(names(&weeks(&rows, 18)).is_empty());
    let places = [(11, -1), (12, 0), (18, 0), (19, 1), (25, 1), (26, 2)];
    for (day, place) in places {
        assert_eq!(calendar.place(on(day)), place, "{day}");
    }
    // A moment that was read wrongly makes no endless past.
    let stray = [
        row(6, 9, State::Kept),
        Row {
            opened_at: i64::MIN / 200,
            ..rows[0]
        },
    ];
    let of_a_century = weeks(&stray, 26).periods.len();
    assert!((5_200..5_230).contains(&of_a_century), "{of_a_century}");
    let nothing = Calendar::of(
        &rows,
        Every::Day,
        time::micros(jiff::Timestamp::MIN),
        &TimeZone::UTC,
    );
    assert!(nothing.unwrap().unwrap().periods.is_empty());
    let none = Calendar::of(&[], Every::Week, on(26), &TimeZone::UTC).unwrap();
    assert!(none.is_none());
}

#[test]
fn what_is_due_counts_once_it_is_decided() {
    let rows = [
        row(6, 9, State::Kept),
        row(6, 13, State::Kept),
        row(6, 14, State::Beaten),
        row(7, 15, State::Late),
        row(13, 16, State::Broken),
        row(13, 17, State::Overdue),
        row(13, 17, State::Excused),
        row(14, 17, State::Unconfirmed),
        row(20, 90, State::Open),
        row(20, 21, State::Kept),
    ];
    let calendar = weeks(&rows, 27);
    let tally = Tally::of(&rows, Counts::WhenDue, &calendar, 0);
    assert_eq!(tally.kept, [(2, 5), (1, 1)]);
    assert_eq!(tally.opened, [4, 2]);
    assert_eq!(tally.late, [vec![7_200.0], vec![]]);
    // The first was due in the week in which the data begins.
    assert_eq!(tally.first_due, None);
}

#[test]
fn the_week_in_which_something_is_first_due_is_left_out_of_what_is_due() {
    let rows = [
        row(6, 14, State::Kept),
        row(7, 15, State::Broken),
        row(8, 21, State::Broken),
    ];
    let calendar = weeks(&rows, 27);
    let tally = Tally::of(&rows, Counts::WhenDue, &calendar, 0);
    assert_eq!(tally.kept, [(0, 0), (0, 1)]);
    assert_eq!(tally.first_due.unwrap().to_string(), "2026-W03");
}

/// Due by the end of Sunday the 18th is due at the first moment of Monday the 19th, and belongs to the week that ends there.
#[test]
fn what_is_due_by_the_end_of_a_day_is_due_in_the_week_of_that_day() {
    let monday = on(19) - 12 * 3_600_000_000;
    let by_sunday = Row {
        due_at: monday,
        ..row(14, 18, State::Broken)
    };
    let rows = [row(2, 6, State::Kept), row(6, 13, State::Kept), by_sunday];
    let calendar = weeks(&rows, 26);
    assert_eq!(names(&calendar), ["2026-W02", "2026-W03", "2026-W04"]);
    let tally = Tally::of(&rows, Counts::WhenDue, &calendar, 0);
    assert_eq!(tally.kept, [(0, 0), (1, 2), (0, 0)]);
    // What may break at any moment did so when that week began.
    let tally = Tally::of(&rows[2..], Counts::WhileItBinds, &calendar, 0);
    assert_eq!(tally.kept[2], (0, 1));
}

/// A quote that waits for its bill is neither kept nor broken in the weeks in which it waits.
#[test]
fn what_the_first_value_decides_counts_once_it_is_decided() {
    let sql = || Sql {
        text: "1".into(),
        place: Place::default(),
    };
    let compared = |ends: Option<Lasts>| {
        Shape::Match(Match {
            measures: On {
                kind: "billed".into(),
                condition: None,
                reaches: None,
                place: Place::default(),
            },
            value: sql(),
            limits: Limits::Between(Some(sql()), None),
            exposed: Exposed {
                ends: None,
                lasts: ends,
            },
        })
    };
    let within_days = Lasts::For(Wait::parse("9 days").unwrap());
    assert_eq!(Counts::of(&compared(None)), Counts::WhenDecided);
    assert_eq!(
        Counts::of(&compared(Some(within_days))),
        Counts::WhileItBinds
    );
    let monday = on(19) - 12 * 3_600_000_000;
    let rows = [
        row(2, 6, State::Kept),
        row(6, 20, State::Kept),
        row(6, 21, State::Broken),
        // Of what is decided at a moment, that moment counts and not the day before.
        Row {
            due_at: monday,
            ..row(6, 19, State::Broken)
        },
        row(6, 120, State::Open),
    ];
    let calendar = weeks(&rows, 26);
    let tally = Tally::of(&rows, Counts::WhenDecided, &calendar, 0);
    assert_eq!(tally.kept, [(0, 0), (0, 0), (1, 3)]);
}

#[test]
fn what_binds_is_exposed_in_every_week_until_it_breaks_or_ends() {
    let rows = [
        // Bound throughout, and it holds.
        row(6, 120, State::Open),
        // It broke on the 20th: kept in the week before.
        row(6, 20, State::Broken),
        // Its exposure ended well on the 13th.
        row(7, 13, State::Kept),
        // Nobody knows yet how its last week was.
        row(13, 21, State::Unconfirmed),
        row(13, 21, State::Excused),
    ];
    let calendar = weeks(&rows, 27);
    let tally = Tally::of(&rows, Counts::WhileItBinds, &calendar, 0);
    assert_eq!(tally.kept, [(4, 4), (1, 2)]);
    assert_eq!(tally.first_due, None);
}

/// A promise of 25 weeks, kept about 95 times of 100, of which the last is looked at.
fn promise(kept_last: u64) -> Subject {
    let mut week = Stretch::parse("2026-W01").unwrap();
    let periods = std::iter::repeat_with(|| {
        week = week.next();
        week
    });
    let periods: Vec<Stretch> = periods.take(25).collect();
    let mut kept: Vec<(u64, u64)> = (0..24).map(|week| (93 + week * 7 % 5, 100)).collect();
    kept.push((kept_last, 100));
    let tally = Tally {
        late: vec![Vec::new(); 25],
        waiting: vec![0; 25],
        undone: vec![(0, 0); 25],
        opened: vec![100; 25],
        first_due: None,
        kept,
    };
    let places = Places {
        week: vec![0; 25],
        year: vec![0; 25],
    };
    let past = Past {
        every: Every::Week,
        periods: &periods,
        places: &places,
        baseline: None,
    };
    Subject {
        now: Some(24),
        charts: vec![past.charted(Measure::Kept, &tally)],
        periods,
        ..Subject::new(Kind::Promise, "parcel", vec!["parcel".into()])
    }
}

fn standing(of: &Subject) -> Standing<'_> {
    of.charts[0].standing(24)
}

/// 2023 and 2024 hold 104 weeks from Monday to Sunday.
#[test]
fn two_calendar_years_of_weeks_are_two_years() {
    let mut next = Stretch::containing(Date::constant(2023, 1, 2), Every::Week);
    let periods = std::iter::from_fn(|| {
        let week = next;
        next = next.next();
        Some(week)
    });
    let periods: Vec<Stretch> = periods.take(104).collect();
    let places = Places {
        week: vec![0; 104],
        year: vec![0; 104],
    };
    let past = Past {
        every: Every::Week,
        periods: &periods,
        places: &places,
        baseline: None,
    };
    assert_eq!(past.seasons(&(0..104)).len(), 1);
    assert_eq!(past.seasons(&(0..103)).len(), 0);
}

/// By itself 86 of 100 signal; of a hundred and twenty promises one such week is to be expected. What is far off signals among any number.
#[test]
fn among_many_charts_what_may_be_chance_is_held_back_and_counted() {
    let mut alone = [promise(86)];
    assert_eq!(under_control(&mut alone), (1, 0));
    assert!(
        matches!(standing(&alone[0]), Standing::Signals(_)),
        "{alone:?}"
    );
    let mut many: Vec<Subject> = (0..120).map(|_| promise(95)).collect();
    many.push(promise(86));
    many.push(promise(50));
    assert_eq!(under_control(&mut many), (122, 1));
    assert_eq!(standing(&many[0]), Standing::Normal);
    assert!(
        matches!(standing(&many[120]), Standing::PerhapsChance(_)),
        "{:?}",
        many[120]
    );
    assert!(
        matches!(standing(&many[121]), Standing::Signals(_)),
        "{:?}",
        many[121]
    );
    assert_eq!(many[0].charts[0].standing(3), Standing::Baseline);
    assert_eq!(
        (many[121].share_now(), many[121].charts[0].believed[3]),
        (Some(0.5), None)
    );
}

/// Other periods are looked at with the same period of others, whatever is looked at now.
#[test]
fn a_period_is_held_against_the_same_period_of_other_promises() {
    let mut one = [promise(86)];
    one[0].now = Some(23);
    assert_eq!(under_control(&mut one), (0, 0));
    assert!(matches!(standing(&one[0]), Standing::Signals(_)));
    let mut many: Vec<Subject> = (0..60).map(|_| promise(95)).collect();
    many.push(promise(86));
    many.iter_mut().for_each(|of| of.now = None);
    assert_eq!(under_control(&mut many), (0, 0));
    assert!(matches!(standing(&many[60]), Standing::PerhapsChance(_)));
}

/// Nine of ten of what came late in the baseline came within nine hours; of the two that did not, one has not waited so long yet.
#[test]
fn what_is_not_done_in_the_usual_time_is_undone() {
    let hours = |hours: i64| Some(hours * 3_600_000_000);
    let late = |day: i8, state: State, late_by: Option<i64>| Row {
        late_by,
        ..row(6, day, state)
    };
    let past: Vec<Row> = (1..=10)
        .map(|many| late(9, State::Late, hours(many)))
        .collect();
    let zone = TimeZone::UTC;
    let none = undone::used(&[], None, &zone).unwrap();
    let used = undone::used(&past, None, &zone).unwrap();
    assert_eq!((none, Some(used)), (0, hours(9)));
    let of_february = definition::Baseline {
        from: Date::constant(2026, 2, 1),
        until: Date::constant(2026, 3, 1),
    };
    let later = undone::used(&past, Some(of_february), &zone).unwrap();
    assert_eq!(later, 0, "nothing was due in it");
    let rows = [
        late(9, State::Late, hours(1)),
        late(14, State::Late, hours(9)),
        late(14, State::Late, hours(10)),
        late(15, State::Overdue, hours(200)),
        late(16, State::Broken, hours(72)),
        // It came, too early.
        late(16, State::Broken, hours(-5)),
        late(16, State::Kept, None),
        late(26, State::Overdue, hours(12)),
        late(27, State::Overdue, hours(3)),
    ];
    let monday = on(26) - 12 * 3_600_000_000;
    let counted = |reported: i64| {
        let calendar = Calendar::of(&rows, Every::Week, reported, &zone);
        Tally::of(&rows, Counts::WhenDue, &calendar.unwrap().unwrap(), used)
    };
    let first = counted(monday);
    assert_eq!((&first.undone[0], first.waiting[0]), (&(3, 4), 2));
    let second = counted(monday + 7 * 86_400_000_000);
    assert_eq!(second.undone, [(3, 4), (0, 0), (2, 2)]);
    assert_eq!(second.waiting, [2, 0, 2]);
    // At noon of the 27th the one of the 26th has waited long enough, and that of the 27th has not.
    let later = Calendar::of(&rows, Every::Week, monday + 7 * 86_400_000_000, &zone);
    let mut partly = later.unwrap().unwrap();
    partly.reported = on(27);
    let partly = Tally::of(&rows, Counts::WhenDue, &partly, used);
    assert_eq!((partly.undone[2], partly.waiting[2]), ((1, 1), 2));
}

/// What lies long before the record is no beginning of it, and of what was due in its first week those made before it are still missing.
#[test]
fn a_record_begins_where_nearly_all_of_it_does() {
    let stray = Row {
        opened_at: on(6) - 4_000 * 86_400_000_000,
        due_at: on(9) - 4_000 * 86_400_000_000,
        ..row(6, 9, State::Kept)
    };
    let usual = (0..40).map(|one| row(6 + one % 10, 14 + one % 10, State::Kept));
    let rows: Vec<Row> = [stray].into_iter().chain(usual).collect();
    let calendar = weeks(&rows, 27);
    assert_eq!(calendar.begins.to_string(), "2026-W02");
    let early = calendar.early.unwrap();
    assert_eq!((early.count, early.of), (1, 41));
    assert_eq!(early.first.to_string(), "2015-01-24");
    let tally = Tally::of(&rows, Counts::WhenDue, &calendar, 0);
    assert_eq!(tally.first_due.unwrap().to_string(), "2026-W03");
    assert_eq!(tally.kept, [(0, 0), (20, 20)]);
}

/// What a span or a history decides is decided once; what must not happen might in every week.
#[test]
fn only_what_must_not_happen_counts_in_every_week() {
    let on = || On {
        kind: "used".into(),
        condition: None,
        reaches: None,
        place: Place::default(),
    };
    let exposed = || Exposed {
        ends: Some(on()),
        lasts: None,
    };
    let share = Shape::Share(Share {
        of: ShareOf::Time {
            down: on(),
            up: on(),
        },
        least_ppm: 990_000,
        per: None,
        exposed: exposed(),
    });
    let at_least = Shape::AtLeast(AtLeast {
        kept: on(),
        count: 1,
        every: Lasts::For(Wait::parse("9 days").unwrap()),
        excused: None,
        pause: None,
        gives_up: None,
        exposed: exposed(),
    });
    let own = Shape::Normal(definition::Normal {
        measures: on(),
        value: None,
        every: None,
        history: 6,
        side: definition::Side::NotBelow,
        exposed: exposed(),
    });
    for shape in [share, at_least, own] {
        assert_eq!(Counts::of(&shape), Counts::WhenDecided, "{shape:?}");
    }
    let never = Shape::Never(Never {
        breaks: on(),
        at_most: None,
        ends: Some(on()),
        lasts: None,
    });
    assert_eq!(Counts::of(&never), Counts::WhileItBinds);
}
