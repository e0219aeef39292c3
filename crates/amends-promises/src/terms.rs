//! The terms of a promise: everything that its definition says about time, by its shape.

use std::collections::BTreeMap;
use std::sync::Arc;

use amends_model::wait::Calendar;
use amends_model::{Problem, Result};
use amends_project::definition::{Promise, Shape};
use jiff::tz::TimeZone;

use crate::counted::Counted;
use crate::fact::{Fact, Role};
use crate::never::Exposure;
use crate::replay::LeftOut;
use crate::timed::Span;

/// What a definition says about time.
///
/// A moment that lies beyond the years that can be told is never reached.
#[derive(Clone, Debug)]
pub struct Terms {
    pub(crate) shape: Shaped,
    counted: Arc<Counted>,
}

/// The terms of each shape.
#[derive(Clone, Debug)]
pub(crate) enum Shaped {
    /// Deadline and window: kept within a span.
    Timed(Box<Span>),
    /// Never: nothing happens while exposed.
    Never(Exposure),
}

impl Terms {
    /// The terms of a promise.
    ///
    /// # Errors
    /// `AM0703` when there is no such calendar; `AM0009` when the calendar never opens and the promise counts its hours.
    pub fn new(promise: &Promise, calendars: &BTreeMap<String, Calendar>) -> Result<Self> {
        let calendar =
            calendars.get(&promise.calendar).cloned().ok_or_else(|| {
                Problem::new(
                "AM0703",
                format!("promise {:?} names a calendar that there is not", promise.name),
            )
            .detail(format!("{:?}", promise.calendar))
            .hint("add the calendar to amends.toml, or leave `calendar` out to use the default one")
            })?;
        let counted = Arc::new(Counted::new(calendar, promise.zone.clone()));
        let shape = match &promise.shape {
            Shape::Deadline(deadline) => {
                Shaped::Timed(Box::new(Span::new(None, deadline, &counted)?))
            }
            Shape::Window(window) => {
                let span = Span::new(Some(&window.from), &window.deadline, &counted)?;
                Shaped::Timed(Box::new(span))
            }
            Shape::Never(never) => Shaped::Never(Exposure::new(never, &counted)?),
        };
        Ok(Self { shape, counted })
    }

    /// The zone in which its days end.
    pub fn zone(&self) -> &TimeZone {
        self.counted.zone()
    }

    /// Whether an event that could open the promise does: whether it names the times that it must name.
    pub fn opens(&self, fact: &Fact) -> bool {
        fact.role == Role::Opens
            && match &self.shape {
                Shaped::Timed(span) => span.is_named(fact),
                Shaped::Never(_) => true,
            }
    }

    /// Takes out of the facts about one thing the openings that name no deadline, and counts what opens nothing.
    pub(crate) fn leave_out(&self, facts: &mut Vec<Fact>) -> LeftOut {
        let all = facts.len();
        facts.retain(|fact| fact.role != Role::Opens || self.opens(fact));
        let opens = facts.iter().filter(|fact| fact.role == Role::Opens);
        let more_than_one = (opens.count() as u64).saturating_sub(1);
        LeftOut {
            without_deadline: (all - facts.len()) as u64,
            without_about: 0,
            again: if self.reopens() { 0 } else { more_than_one },
        }
    }

    /// Whether an instance that is closed may be opened again by what happens later.
    pub(crate) fn reopens(&self) -> bool {
        matches!(self.shape, Shaped::Never(_))
    }
}
