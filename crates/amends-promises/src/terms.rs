//! The terms of a promise: everything that its definition says about time, by its shape.

use std::sync::Arc;

use amends_model::Result;
use amends_project::definition::{Promise, Shape};
use jiff::tz::TimeZone;

use crate::at_least::Recurring;
use crate::counted::Counted;
use crate::fact::{Fact, Role};
use crate::never::Exposure;
use crate::normal::Own;
use crate::replay::LeftOut;
use crate::share::Portion;
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
    /// Deadline, window and notice: kept within a span.
    Timed(Box<Span>),
    /// Never, at most and match: nothing happens while exposed.
    Exposed(Exposure),
    /// At least: again and again.
    Recurring(Box<Recurring>),
    /// Share: over spans.
    Share(Portion),
    /// Own normal: within limits of its own.
    Own(Own),
}

impl Terms {
    /// The terms of a promise.
    ///
    /// # Errors
    /// `AM0009` when the calendar never opens and the promise counts its hours.
    pub fn new(promise: &Promise) -> Result<Self> {
        let counted = Counted::new(promise.calendar.clone(), promise.zone.clone());
        let counted = Arc::new(counted);
        let shape = match &promise.shape {
            Shape::Deadline(deadline) => {
                Shaped::Timed(Box::new(Span::new(None, deadline, &counted)?))
            }
            Shape::Window(window) => {
                let span = Span::new(Some(&window.from), &window.deadline, &counted)?;
                Shaped::Timed(Box::new(span))
            }
            Shape::Notice(notice) => Shaped::Timed(Box::new(Span::notice(notice, &counted)?)),
            Shape::Never(never) => Shaped::Exposed(Exposure::never(never, &counted)?),
            Shape::Match(compared) => Shaped::Exposed(Exposure::matches(compared, &counted)?),
            Shape::AtLeast(least) => Shaped::Recurring(Box::new(Recurring::new(least, &counted)?)),
            Shape::Share(share) => Shaped::Share(Portion::new(share, &counted)?),
            Shape::Normal(normal) => Shaped::Own(Own::new(normal, &counted)?),
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
                Shaped::Exposed(exposure) => exposure.is_named(fact),
                Shaped::Recurring(_) | Shaped::Share(_) | Shaped::Own(_) => true,
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
        matches!(&self.shape, Shaped::Exposed(exposure) if exposure.reopens())
    }

    /// When an instance will come of facts that make none yet, though nothing more happens.
    pub(crate) fn begins(&self, facts: &[Fact]) -> Option<i64> {
        match &self.shape {
            Shaped::Own(own) => own.begins(facts),
            _ => None,
        }
    }

    /// Whether an instance may come of what is known of a thing as time passes, though nothing new is heard of it.
    pub(crate) fn begins_by_itself(&self) -> bool {
        matches!(&self.shape, Shaped::Own(own) if own.is_summed())
    }
}
