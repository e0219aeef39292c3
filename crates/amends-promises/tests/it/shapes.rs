//! Windows and exposures against second readings of their rules, and both against rule 7 and rule 4 word for word.

use amends_model::State;
use amends_promises::fact::arrange;
use amends_promises::{Fact, Role, Standing, Terms, fold};
use amends_testkit::proptest::prelude::*;

use crate::histories::{Event, Form, Kind, STEP, STEPS, events, exposures, nevers, step, windows};

fn arranged(events: &[Event]) -> Vec<Fact> {
    let mut facts: Vec<Fact> = events.iter().flat_map(Event::facts).collect();
    arrange(&mut facts);
    facts
}

fn stands(terms: &Terms, facts: &[Fact], as_of: i64, reported: i64) -> Option<Standing> {
    fold(terms, facts, as_of, reported, &mut Vec::new())
}

fn deadline_of(kind: &Kind) -> Kind {
    Kind {
        form: Form::Deadline,
        ..kind.clone()
    }
}

/// From when on a window may be kept that an event opens then, of the plain kinds of beginnings.
fn beginning(kind: &Kind, at: i64, named: Option<i64>) -> Option<i64> {
    match kind.form {
        Form::Window("12 hours") => Some(at + 2 * STEP),
        _ => named,
    }
}

/// A second reading of windows in which no clock stands still: a deadline over those facts that count, and what kept it is looked at again.
fn window(kind: &Kind, facts: &[Fact], as_of: i64, reported: i64) -> Option<Standing> {
    let terms = deadline_of(kind).terms();
    let due = |fact: &Fact| match kind.steps() {
        Some(steps) => Some(fact.at + steps * STEP),
        None => fact.by(),
    };
    let is_window = |fact: &Fact| {
        let from = beginning(kind, fact.at, fact.from());
        from.zip(due(fact)).is_some_and(|(from, due)| from <= due)
    };
    let opening = facts
        .iter()
        .find(|fact| fact.at <= as_of && fact.role == Role::Opens && is_window(fact))?;
    let mut from = beginning(kind, opening.at, opening.from())?;
    let mut begins = Vec::new();
    let mut counting = Vec::new();
    for fact in facts {
        let counts = match fact.role {
            Role::Opens => fact == opening,
            Role::Kept => fact.at >= opening.at || fact.at >= from,
            Role::Moved => {
                let moved = fact.from().unwrap_or(from);
                let fits = fact.at >= opening.at && fact.by().is_some_and(|by| moved <= by);
                // What comes after the deadline moves nothing: the beginning stays too.
                let before = stands(&terms, &counting, fact.at, i64::MAX);
                let let_down = before.is_some_and(|before| before.state.is_let_down());
                let late = let_down && before.is_some_and(|before| before.due_at < fact.at);
                let ended = before.is_some_and(|before| before.state.is_closed());
                if fits && !late && !ended && !is_over(kind, before, fact.at) {
                    from = moved;
                }
                fits
            }
            _ => true,
        };
        if counts {
            counting.push(*fact);
        }
        begins.push((fact.at, fact.source, fact.id, fact.role, from));
    }
    let standing = stands(&terms, &counting, as_of, reported)?;
    let Some(kept_at) = standing.closed_at else {
        return Some(standing);
    };
    let kept = counting.iter().find(|fact| {
        fact.role == Role::Kept && fact.at == kept_at && standing.state != State::Excused
    });
    let Some(kept) = kept else {
        return Some(standing);
    };
    let begun = begins.iter().rev().find(|(at, source, id, role, _)| {
        (*at, *source, *id, *role) <= (kept.at, kept.source, kept.id, kept.role)
    });
    let from = begun.map_or(from, |(.., from)| *from);
    Some(match kept.at < from {
        true => Standing {
            state: State::Broken,
            could_have_known: Some(kept.at),
            late_by: Some(kept.at - from),
            ..standing
        },
        false => standing,
    })
}

/// Whether the deadline had passed when a fact came, as it stood before the fact.
fn is_over(kind: &Kind, before: Option<Standing>, at: i64) -> bool {
    let due = before.map(|before| before.due_at);
    due.is_some_and(|due| at > due || (kind.by == "date" && at == due))
}

/// State, closed, could have known, late by.
type Told = (State, Option<i64>, Option<i64>, Option<i64>);

fn told(standing: &Standing) -> Told {
    let Standing {
        state,
        closed_at,
        could_have_known,
        late_by,
        ..
    } = *standing;
    (state, closed_at, could_have_known, late_by)
}

/// A second reading of *never*: every instant of a history is asked by itself whether it lies in an exposure.
fn exposure(kind: &Kind, facts: &[Fact], as_of: i64, reported: i64) -> Option<(State, i64)> {
    let lasts = |at: i64| match kind.form {
        Form::Never("36 hours") => at + 6 * STEP,
        _ => i64::MAX,
    };
    let (mut exposed, mut ends, mut begun) = (false, i64::MAX, false);
    for number in 0..STEPS {
        let now = step(number);
        if now > as_of {
            break;
        }
        if exposed && now > ends {
            exposed = false;
        }
        let here = || facts.iter().filter(|fact| fact.at == now);
        let of = |role| here().any(|fact| fact.role == role);
        let before = exposed;
        let beginner = here().find(|fact| fact.role == Role::Opens && !before);
        if let Some(beginner) = beginner {
            (exposed, ends, begun) = (true, lasts(beginner.at), true);
        }
        let breaks = |fact: &&Fact| {
            let own = beginner.is_some_and(|beginner| beginner.id == fact.id);
            fact.role == Role::Breaks && !own
        };
        if exposed && here().any(|fact| breaks(&fact)) {
            return Some((State::Broken, now));
        }
        if exposed && of(Role::Ends) {
            (exposed, ends) = (false, now);
            if before && of(Role::Opens) {
                (exposed, ends) = (true, lasts(now));
            }
        }
    }
    let is_open = exposed && as_of < ends;
    let state = match () {
        () if is_open => State::Open,
        () if reported < ends => State::Unconfirmed,
        () => State::Kept,
    };
    begun.then_some((state, ends))
}

pub(crate) fn known_first(kind: &Kind, events: &[Event]) -> Result<(), TestCaseError> {
    let (terms, facts) = (kind.terms(), arranged(events));
    let last = stands(&terms, &facts, step(STEPS + 40), i64::MAX);
    let known = last.and_then(|standing| standing.could_have_known);
    let mut moments: Vec<i64> = (0..STEPS + 40).step_by(2).map(step).collect();
    moments.extend(
        known
            .into_iter()
            .flat_map(|known| [known - 1, known, known + 1]),
    );
    for as_of in moments {
        let standing = stands(&terms, &facts, as_of, i64::MAX);
        let let_down = standing.is_some_and(|standing| standing.state.is_let_down());
        prop_assert_eq!(
            let_down,
            known.is_some_and(|known| known <= as_of),
            "at {}",
            as_of
        );
    }
    Ok(())
}

pub(crate) fn only_confirms(
    kind: &Kind,
    events: &[Event],
    as_of: i64,
    so_far: i64,
) -> Result<(), TestCaseError> {
    let (terms, facts) = (kind.terms(), arranged(events));
    let [less, all] = [so_far, i64::MAX].map(|reported| stands(&terms, &facts, as_of, reported));
    prop_assert_eq!(less.is_some(), all.is_some());
    if let Some((less, all)) = less.zip(all) {
        let confirmed = match less.state {
            State::Unconfirmed => matches!(all.state, State::Overdue | State::Broken | State::Kept),
            State::Overdue => matches!(all.state, State::Overdue | State::Broken),
            other => other == all.state,
        };
        prop_assert!(confirmed, "{:?} became {:?}", less.state, all.state);
        prop_assert_eq!(less.due_at, all.due_at);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn a_window_is_a_deadline_that_can_be_kept_too_early(
        kind in windows(true),
        events in events(1, 9),
        as_of in 0..STEPS + 12,
        reported in 0..STEPS + 12,
    ) {
        let mut facts = arranged(&events);
        facts.retain(|fact| !matches!(fact.role, Role::PauseFrom | Role::PauseTo));
        let (as_of, reported) = (step(as_of), step(reported));
        let standing = stands(&kind.terms(), &facts, as_of, reported);
        let read = window(&kind, &facts, as_of, reported);
        prop_assert_eq!(standing.as_ref().map(told), read.as_ref().map(told));
    }

    #[test]
    fn an_exposure_stands_as_every_instant_of_it_says(
        lasts in prop::sample::select(&["", "36 hours"][..]),
        events in exposures(1, 9),
        as_of in 0..STEPS,
        reported in 0..STEPS + 12,
    ) {
        let kind = Kind { form: Form::Never(lasts), by: "", beaten: None, gives_up: None };
        let facts = arranged(&events);
        let (as_of, reported) = (step(as_of), step(reported));
        let standing = stands(&kind.terms(), &facts, as_of, reported);
        let standing = standing.map(|standing| (standing.state, standing.due_at));
        prop_assert_eq!(standing, exposure(&kind, &facts, as_of, reported));
    }

    #[test]
    fn of_a_window_could_have_known_is_the_first_instant_that_proves_the_let_down(
        kind in windows(false),
        events in events(1, 9),
    ) {
        known_first(&kind, &events)?;
    }

    #[test]
    fn of_an_exposure_could_have_known_is_the_first_instant_that_proves_the_let_down(
        kind in nevers(),
        events in exposures(1, 9),
    ) {
        known_first(&kind, &events)?;
    }

    #[test]
    fn reports_only_confirm_a_window(
        kind in windows(false),
        events in events(1, 9),
        as_of in 0..STEPS + 12,
        reported in 0..STEPS + 12,
    ) {
        only_confirms(&kind, &events, step(as_of), step(reported))?;
    }

    #[test]
    fn reports_only_confirm_an_exposure(
        kind in nevers(),
        events in exposures(1, 9),
        as_of in 0..STEPS + 12,
        reported in 0..STEPS + 12,
    ) {
        only_confirms(&kind, &events, step(as_of), step(reported))?;
    }
}
