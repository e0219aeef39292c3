//! *own normal*: what is measured stays within the limits of this customer's own history.
//!
//! - The first values since the opening, as many as the definition asks for, set the limits (an XmR chart, as [`Limits`] has it) and are judged by nobody; the promise
//!   binds from the last of them on. Who has no such history is not exposed: there is no instance.
//! - The limits stay as they are: what slowly gets worse is held against what it was.
//! - A value is what an event says, or a sum over spans of a length, one after the other from the opening on; a span without events counts nothing and is a value too.
//!   A span is judged when it is over and every source has reported that far; one that the end of the exposure cuts short is not judged.
//! - The first value outside of the limits, on the side that is meant, breaks it for good: one let-down, whatever follows.

use std::sync::Arc;

use amends_model::wait::Wait;
use amends_model::{EventId, Result, State};
use amends_project::definition::{Lasts, Normal, Side};
use amends_stats::xmr::Limits;

use crate::counted::{Counted, NEVER};
use crate::exposed::{Stretch, prove};
use crate::fact::{Fact, Role};
use crate::fold::Standing;

/// What a customer's own history is, and how long it binds.
#[derive(Clone, Debug)]
pub(crate) struct Own {
    counted: Arc<Counted>,
    /// Whether events are counted, and not what they say.
    counts: bool,
    every: Option<Wait>,
    history: usize,
    side: Side,
    lasts: Option<Lasts>,
}

/// One value.
pub(crate) struct Point {
    /// When it is complete.
    pub(crate) at: i64,
    pub(crate) value: f64,
    /// The facts that gave it.
    facts: std::ops::Range<usize>,
}

impl Own {
    /// # Errors
    /// `AM0009` when the calendar never opens and the promise counts its hours.
    pub(crate) fn new(normal: &Normal, counted: &Arc<Counted>) -> Result<Self> {
        counted.check_lasts(normal.exposed.lasts.as_ref())?;
        if let Some(every) = &normal.every {
            counted.check(every)?;
        }
        Ok(Self {
            counted: Arc::clone(counted),
            counts: normal.value.is_none(),
            every: normal.every,
            history: normal.history as usize,
            side: normal.side,
            lasts: normal.exposed.lasts,
        })
    }

    /// Whether time alone makes a history.
    pub(crate) fn is_summed(&self) -> bool {
        self.every.is_some()
    }

    /// When a history will be complete for which nothing more need be heard: that it is lies in what is known, or is a question of time.
    pub(crate) fn begins(&self, facts: &[Fact]) -> Option<i64> {
        let stretch = Stretch::of(facts, self.lasts.as_ref(), &self.counted)?;
        let Some(every) = &self.every else {
            let points = self.points(facts, &stretch, i64::MAX);
            return points
                .get(self.history.checked_sub(1)?)
                .map(|point| point.at);
        };
        let mut at = stretch.begun;
        for _ in 0..self.history {
            at = self.counted.later(every, at);
        }
        (at <= stretch.end).then_some(at)
    }

    /// The values of an exposure until a moment.
    fn points(&self, facts: &[Fact], stretch: &Stretch, as_of: i64) -> Vec<Point> {
        let measured = |place: &usize| facts[*place].role == Role::Measured;
        let value = |place: usize| match self.counts {
            true => Some(1.0),
            false => facts[place].least(),
        };
        let Some(every) = &self.every else {
            let from = facts.partition_point(|fact| fact.at < stretch.begun);
            let until = facts.partition_point(|fact| fact.at <= stretch.end);
            let point = |place: usize| {
                Some(Point {
                    at: facts[place].at,
                    value: value(place)?,
                    facts: place..place + 1,
                })
            };
            return (from..until).filter(measured).filter_map(point).collect();
        };
        let mut points = Vec::new();
        let mut start = stretch.begun;
        loop {
            let end = self.counted.later(every, start);
            if end == NEVER || end <= start || end > as_of.min(stretch.end) {
                return points;
            }
            let from = facts.partition_point(|fact| fact.at < start);
            let until = facts.partition_point(|fact| fact.at < end);
            let values = (from..until).filter(measured).filter_map(value);
            points.push(Point {
                at: end,
                value: values.sum(),
                facts: from..until,
            });
            start = end;
        }
    }

    /// The limits that values set, and the value that lies outside of them first.
    fn signal<'a>(&self, points: &'a [Point]) -> Option<(Limits, Option<&'a Point>)> {
        let baseline: Vec<f64> = points
            .get(..self.history)?
            .iter()
            .map(|point| point.value)
            .collect();
        let limits = Limits::of_baseline(&baseline)?;
        let outside = |point: &&Point| {
            let (low, high) = (point.value < limits.lower, point.value > limits.upper);
            match self.side {
                Side::NotBelow => low,
                Side::NotAbove => high,
                Side::Within => low || high,
            }
        };
        Some((limits, points[self.history..].iter().find(outside)))
    }

    pub(crate) fn fold(
        &self,
        facts: &[Fact],
        as_of: i64,
        reported: i64,
        proof: &mut Vec<EventId>,
    ) -> Option<Standing> {
        let stretch = Stretch::of(facts, self.lasts.as_ref(), &self.counted)?;
        let points = self.points(facts, &stretch, as_of);
        let (_, outside) = self.signal(&points)?;
        let bound = points[self.history - 1].at;
        let standing = Standing::open(stretch.opening, bound, stretch.end);
        let mut places = vec![stretch.opening];
        let standing = match outside {
            Some(point) => {
                let due_at = point.at;
                let standing = Standing { due_at, ..standing };
                let history = points[..self.history]
                    .iter()
                    .map(|point| point.facts.clone());
                let all = history.chain([point.facts.clone()]).flatten();
                places.extend(all.filter(|place| facts[*place].role == Role::Measured));
                match self.is_summed() && reported < point.at {
                    true => Standing {
                        state: State::Unconfirmed,
                        ..standing
                    },
                    false => standing.broken(point.at),
                }
            }
            None => {
                let last = points.last().map(|point| point.at);
                let next = self.every.as_ref().zip(last);
                let next = next.map(|(every, last)| self.counted.later(every, last));
                let turns_at = next.filter(|next| *next <= stretch.end && *next != NEVER);
                let standing = Standing {
                    turns_at,
                    ..standing
                }
                .kept_at_end(as_of, reported);
                if standing.state == State::Kept {
                    places.extend(stretch.ended_by);
                }
                standing
            }
        };
        prove(facts, places, proof);
        Some(standing)
    }

    /// The limits that a history sets, and the value of a moment, among the facts of a proof.
    pub(crate) fn told(&self, facts: &[Fact], at: i64) -> Option<(Limits, f64)> {
        let stretch = Stretch::of(facts, self.lasts.as_ref(), &self.counted)?;
        let points = self.points(facts, &stretch, at);
        let (limits, _) = self.signal(&points)?;
        let point = points
            .iter()
            .skip(self.history)
            .find(|point| point.at == at);
        Some((limits, point?.value))
    }
}
