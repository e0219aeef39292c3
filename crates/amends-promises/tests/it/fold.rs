//! `fold` against a second reading of the rules, which lives through a history step by step, and against rule 7 word for word.

use amends_model::State;
use amends_promises::fact::arrange;
use amends_promises::{Fact, Role, Standing, Terms, fold};
use amends_testkit::proptest::prelude::*;

use crate::histories::{Event, Kind, STEP, STEPS, events, kinds, step};

fn arranged(events: &[Event]) -> Vec<Fact> {
    let mut facts: Vec<Fact> = events.iter().flat_map(Event::facts).collect();
    arrange(&mut facts);
    facts
}

fn stands(terms: &Terms, facts: &[Fact], as_of: i64, reported: i64) -> Option<Standing> {
    fold(terms, facts, as_of, reported, &mut Vec::new())
}

/// State, due, closed, could have known, late by.
type Told = (State, i64, Option<i64>, Option<i64>, Option<i64>);

/// Lives through the steps one after the other. Knows plain time only.
struct Life<'a> {
    kind: &'a Kind,
    due: i64,
    opened: i64,
    stands_still: bool,
    /// Whether what stands still has time left: a deadline moved into the past has not.
    time_left: bool,
    known: Option<i64>,
    broken: Option<i64>,
    end: Option<(State, i64)>,
}

impl Life<'_> {
    fn strict(&self) -> bool {
        self.kind.by == "date"
    }

    fn over(&self, limit: i64, now: i64) -> bool {
        now > limit || (self.strict() && now == limit)
    }

    fn look(&mut self, now: i64, over: bool) {
        if self.known.is_none() && !self.stands_still && over {
            self.known = Some(now);
        }
        let given_up = self.known.zip(self.kind.gives_up);
        let given_up = given_up.map(|(known, steps)| known + steps * STEP);
        if self.broken.is_none() && given_up.is_some_and(|limit| self.over(limit, now)) {
            self.broken = given_up;
        }
    }

    fn hear(&mut self, fact: &Fact, now: i64) {
        self.look(now, self.over(self.due, now));
        let let_down = self.known.is_some();
        match fact.role {
            Role::Kept => {
                self.stands_still = false;
                self.look(now, self.over(self.due, now));
                let room = self
                    .kind
                    .beaten
                    .is_some_and(|room| now + room * STEP <= self.due);
                self.end = Some(match (self.broken, self.known) {
                    (Some(broken), _) => (State::Broken, broken),
                    (None, Some(_)) => (State::Late, now),
                    (None, None) if room => (State::Beaten, now),
                    (None, None) => (State::Kept, now),
                });
            }
            Role::Excused if !let_down => {
                self.stands_still = false;
                self.end = Some((State::Excused, now));
            }
            Role::Moved if !let_down && fact.by().is_some() => {
                self.due = fact.by().unwrap();
                self.time_left = self.due >= now;
            }
            Role::PauseFrom if !let_down && !self.stands_still => {
                (self.stands_still, self.time_left) = (true, true);
            }
            Role::PauseTo if !let_down => self.stands_still = false,
            _ => {}
        }
    }

    /// What happened before the opening: only an end counts, and whether the clock stands still.
    fn hear_early(&mut self, fact: &Fact) {
        let met = !self.over(self.due, fact.at);
        match fact.role {
            Role::Kept if met => self.end = Some((State::Kept, fact.at)),
            Role::Kept => {
                self.known = Some(self.opened);
                self.end = Some((State::Late, fact.at));
            }
            Role::Excused if met => self.end = Some((State::Excused, fact.at)),
            Role::PauseFrom if met => (self.stands_still, self.time_left) = (true, true),
            Role::PauseTo if met => self.stands_still = false,
            _ => {}
        }
    }

    fn tell(&self, as_of: i64, reported: i64) -> Told {
        let due = self.due;
        if let Some((state, at)) = self.end {
            let late = state.is_let_down().then_some(at - due);
            return (state, due, Some(at), self.known, late);
        }
        match (self.known, self.broken) {
            (None, _) => (State::Open, due, None, None, None),
            _ if reported < due => (State::Unconfirmed, due, None, None, None),
            (known, Some(broken)) if reported >= broken => {
                (State::Broken, due, Some(broken), known, Some(broken - due))
            }
            (known, _) => (State::Overdue, due, None, known, Some(as_of - due)),
        }
    }
}

/// A second reading of the rules.
fn lived(kind: &Kind, facts: &[Fact], as_of: i64, reported: i64) -> Option<Told> {
    let facts: Vec<&Fact> = facts.iter().filter(|fact| fact.at <= as_of).collect();
    let (opened, due) = facts.iter().find_map(|fact| {
        let due = kind
            .steps()
            .map_or(fact.by(), |steps| Some(fact.at + steps * STEP));
        (fact.role == Role::Opens).then_some((fact.at, due?))
    })?;
    let mut life = Life {
        kind,
        due,
        opened,
        stands_still: false,
        time_left: true,
        known: None,
        broken: None,
        end: None,
    };
    for fact in facts.iter().filter(|fact| fact.at < opened) {
        if life.end.is_none() {
            life.hear_early(fact);
        }
    }
    // What stands still at the opening does so from the opening on, if there is time left then.
    life.time_left = life.due >= opened;
    let mut now = opened;
    while now <= as_of && life.end.is_none() {
        for fact in facts.iter().filter(|fact| fact.at == now) {
            if life.end.is_none() {
                life.hear(fact, now);
            }
        }
        let at_its_instant = now >= life.due;
        if life.end.is_none() {
            life.look(now, at_its_instant);
            if life.broken.is_none() {
                let limit = life
                    .known
                    .zip(kind.gives_up)
                    .map(|(known, steps)| known + steps * STEP);
                life.broken = limit.filter(|limit| now >= *limit);
            }
        }
        if life.stands_still && life.time_left {
            life.due += STEP;
        }
        now += STEP;
    }
    // The shift of a pause is told once it is over.
    let told = life.tell(as_of, reported);
    Some(told)
}

fn told(standing: &Standing) -> Told {
    (
        standing.state,
        standing.due_at,
        standing.closed_at,
        standing.could_have_known,
        standing.late_by,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn fold_says_what_living_through_it_says(
        kind in kinds(true),
        events in events(1, 9),
        as_of in 0..STEPS + 12,
        reported in 0..STEPS + 12,
    ) {
        let (terms, facts) = (kind.terms(), arranged(&events));
        let (as_of, reported) = (step(as_of), step(reported));
        let standing = stands(&terms, &facts, as_of, reported);
        let lived = lived(&kind, &facts, as_of, reported);
        let paused = standing.is_some_and(|standing| standing.paused_since.is_some());
        match (standing.as_ref().map(told), lived) {
            // While the clock stands still nobody can tell when it will be due.
            (Some(standing), Some(lived)) if paused => prop_assert_eq!(standing.0, lived.0),
            (standing, lived) => prop_assert_eq!(standing, lived),
        }
    }

    #[test]
    fn could_have_known_is_the_first_instant_that_proves_the_let_down(
        kind in kinds(false),
        events in events(1, 9),
    ) {
        let (terms, facts) = (kind.terms(), arranged(&events));
        let last = stands(&terms, &facts, step(STEPS + 40), i64::MAX);
        let known = last.and_then(|standing| standing.could_have_known);
        let mut moments: Vec<i64> = (0..STEPS + 40).step_by(2).map(step).collect();
        moments.extend(known.into_iter().flat_map(|known| [known - 1, known, known + 1]));
        for as_of in moments {
            let standing = stands(&terms, &facts, as_of, i64::MAX);
            let let_down = standing.is_some_and(|standing| standing.state.is_let_down());
            prop_assert_eq!(let_down, known.is_some_and(|known| known <= as_of), "at {}", as_of);
            if let_down {
                prop_assert_eq!(standing.and_then(|standing| standing.could_have_known), known);
            }
        }
    }

    #[test]
    fn reports_only_confirm(
        kind in kinds(false),
        events in events(1, 9),
        as_of in 0..STEPS + 12,
        reported in 0..STEPS + 12,
    ) {
        let (terms, facts) = (kind.terms(), arranged(&events));
        let [less, all] = [step(reported), i64::MAX].map(|reported| {
            stands(&terms, &facts, step(as_of), reported)
        });
        prop_assert_eq!(less.is_some(), all.is_some());
        if let Some((less, all)) = less.zip(all) {
            let confirmed = match less.state {
                State::Unconfirmed => matches!(all.state, State::Overdue | State::Broken),
                State::Overdue => matches!(all.state, State::Overdue | State::Broken),
                other => other == all.state,
            };
            prop_assert!(confirmed, "{:?} became {:?}", less.state, all.state);
            prop_assert_eq!(less.due_at, all.due_at);
        }
    }
}
