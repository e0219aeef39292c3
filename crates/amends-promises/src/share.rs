//! *share*: over every span while exposed, so much of the time it is up, or so many of the events are as promised.
//!
//! - The first span whose share is too small closes it for good: one let-down, whatever follows.
//! - A span is a month, quarter or year of the calendar, or a length, one after the other from the opening on; the first and the last may be cut short by the
//!   exposure, and their share is taken of what is left of them. Without a span it is the exposure as a whole.
//! - Of time: an outage runs from the first event that begins it to the first that ends it. As soon as more of a span is lost than may be, the let-down can be known:
//!   not only when the span is over. While the outage has not ended that is proven once every source has reported that far; until then it is unconfirmed.
//! - Of events: those that happened in the span are counted, when it is over and every source has reported that far. Over none nothing is said.

use std::sync::Arc;

use amends_model::{EventId, Result, State};
use amends_project::definition::{Lasts, Share, ShareOf};

use crate::counted::{Counted, NEVER};
use crate::exposed::{Stretch, prove};
use crate::fact::{Fact, Role};
use crate::fold::Standing;

/// The least share, and over what.
#[derive(Clone, Debug)]
pub(crate) struct Portion {
    counted: Arc<Counted>,
    of_time: bool,
    least_ppm: i64,
    per: Option<Lasts>,
    lasts: Option<Lasts>,
}

const ALL_PPM: i64 = 1_000_000;

/// A stretch in which it was down.
struct Outage {
    from: i64,
    /// `NEVER` while it lasts.
    to: i64,
    /// The facts that began and ended it.
    facts: (usize, Option<usize>),
}

/// A span whose share is too small.
struct Short {
    known: i64,
    /// Whether an event might still show otherwise until the sources have reported that far.
    awaits: bool,
    proof: Vec<usize>,
}

/// What is known of the spans.
enum Judged {
    Short(Short),
    /// None was too small; when the next may be known to be.
    Fine(Option<i64>),
}

impl Portion {
    /// # Errors
    /// `AM0009` when the calendar never opens and the promise counts its hours.
    pub(crate) fn new(share: &Share, counted: &Arc<Counted>) -> Result<Self> {
        counted.check_lasts(share.per.as_ref())?;
        counted.check_lasts(share.exposed.lasts.as_ref())?;
        Ok(Self {
            counted: Arc::clone(counted),
            of_time: matches!(share.of, ShareOf::Time { .. }),
            least_ppm: share.least_ppm.into(),
            per: share.per,
            lasts: share.exposed.lasts,
        })
    }

    pub(crate) fn fold(
        &self,
        facts: &[Fact],
        as_of: i64,
        reported: i64,
        proof: &mut Vec<EventId>,
    ) -> Option<Standing> {
        let stretch = Stretch::of(facts, self.lasts.as_ref(), &self.counted)?;
        let judged = match self.of_time {
            true => self.of_time(facts, &stretch),
            false => self.of_events(facts, &stretch, as_of),
        };
        let standing = Standing::open(stretch.opening, stretch.begun, stretch.end);
        let mut places = vec![stretch.opening];
        let standing = match judged {
            Judged::Short(short) if short.known <= as_of => {
                places.extend(short.proof);
                let due_at = short.known;
                let standing = Standing { due_at, ..standing };
                match short.awaits && reported < short.known {
                    true => Standing {
                        state: State::Unconfirmed,
                        ..standing
                    },
                    false => standing.broken(short.known),
                }
            }
            Judged::Short(short) => Standing {
                turns_at: Some(short.known),
                ..standing
            },
            Judged::Fine(turns_at) => {
                let standing = Standing {
                    turns_at,
                    ..standing
                };
                let standing = standing.kept_at_end(as_of, reported);
                if standing.state == State::Kept {
                    places.extend(stretch.ended_by);
                }
                standing
            }
        };
        prove(facts, places, proof);
        Some(standing)
    }

    /// When the span that begins then is over, if nothing ends the exposure before.
    fn next(&self, start: i64, stretch: &Stretch) -> i64 {
        let next = self
            .per
            .as_ref()
            .map_or(NEVER, |per| self.counted.over(per, start));
        // A length that a calendar cannot count would never go on.
        let next = if next > start { next } else { NEVER };
        next.min(stretch.runs_out)
    }

    fn of_time(&self, facts: &[Fact], stretch: &Stretch) -> Judged {
        let outages = outages(facts, stretch);
        let mut start = stretch.begun;
        while start < stretch.end {
            let next = self.next(start, stretch);
            let rest = outages.iter().skip_while(|outage| outage.to <= start);
            if rest.clone().next().is_none() {
                break;
            }
            let within: Vec<&Outage> = rest.take_while(|outage| outage.from < next).collect();
            if let Some(short) = self.lost(&within, start, next, stretch) {
                return Judged::Short(short);
            }
            start = next;
        }
        Judged::Fine(None)
    }

    /// How much of a span may be lost.
    fn allowed(&self, start: i64, end: i64) -> i64 {
        if end == NEVER {
            return NEVER;
        }
        let length = i128::from(end) - i128::from(start);
        let allowed = length * i128::from(ALL_PPM - self.least_ppm) / i128::from(ALL_PPM);
        i64::try_from(allowed).unwrap_or(NEVER)
    }

    /// Whether more of a span was lost than may be, and since when that is known.
    fn lost(&self, outages: &[&Outage], start: i64, next: i64, stretch: &Stretch) -> Option<Short> {
        let allowed = self.allowed(start, next);
        let end = next.min(stretch.end);
        let mut lost: i64 = 0;
        let mut proof = Vec::new();
        let mut awaits = false;
        for outage in outages {
            let from = outage.from.max(start);
            let length = outage.to.min(end).saturating_sub(from);
            proof.push(outage.facts.0);
            awaits = outage.to == NEVER;
            // What ends the outage comes after that and proves nothing more: it may be heard of later, or never.
            if lost.saturating_add(length) > allowed {
                let known = from.saturating_add(allowed - lost);
                return Some(Short {
                    known,
                    awaits,
                    proof,
                });
            }
            proof.extend(outage.facts.1);
            lost = lost.saturating_add(length);
        }
        // What ended the exposure cut the span short.
        let cut = stretch
            .ended_by
            .filter(|_| end < next && lost > self.allowed(start, end));
        proof.extend(cut);
        cut.map(|_| Short {
            known: end,
            awaits,
            proof,
        })
    }

    fn of_events(&self, facts: &[Fact], stretch: &Stretch, as_of: i64) -> Judged {
        let mut start = stretch.begun;
        while start < stretch.end {
            let next = self.next(start, stretch);
            let end = next.min(stretch.end);
            if as_of < end {
                return Judged::Fine((end != NEVER).then_some(end));
            }
            let from = facts.partition_point(|fact| fact.at < start);
            let until = facts.partition_point(|fact| fact.at < end);
            let of = |role| (from..until).filter(move |place| facts[*place].role == role);
            let (kept, all) = (
                of(Role::Kept).count() as i64,
                of(Role::Counted).count() as i64,
            );
            if kept.saturating_mul(ALL_PPM) < all.saturating_mul(self.least_ppm) {
                let proof = of(Role::Counted).chain(stretch.ended_by.filter(|_| end < next));
                let proof = proof.collect();
                return Judged::Short(Short {
                    known: end,
                    awaits: true,
                    proof,
                });
            }
            start = next;
        }
        Judged::Fine(None)
    }
}

/// The stretches of an exposure in which it was down, in order of time.
fn outages(facts: &[Fact], stretch: &Stretch) -> Vec<Outage> {
    let mut outages = Vec::new();
    let mut down: Option<usize> = None;
    let outage = |began: usize, ended: Option<usize>| Outage {
        from: facts[began].at.max(stretch.begun),
        to: ended.map_or(NEVER, |ended| facts[ended].at),
        facts: (began, ended),
    };
    for (place, fact) in facts.iter().enumerate() {
        match (fact.role, down) {
            (Role::Down, None) => down = Some(place),
            (Role::Up, Some(began)) => {
                outages.push(outage(began, Some(place)));
                down = None;
            }
            _ => {}
        }
    }
    outages.extend(down.map(|began| outage(began, None)));
    outages.retain(|outage| outage.from < outage.to && outage.from < stretch.end);
    outages
}
