//! Lost by silence: gaps and islands. A loss is dated last activity + the wait (rule 11).
//!
//! Only a sign that begins something makes somebody a customer; once a customer, any sign of life keeps them,
//! and brings them back after they were lost. A sign at the very moment at which the wait ends still keeps them.

use amends_model::wait::{Calendar, Wait};
use amends_model::{Result, time};

use super::{Entry, Leaving, Meaning, Membership, Reason, Sign};
use amends_project::definition::{Cause, Nature};

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;
/// A wait that begins later may end earlier, but only on the same day: business days and months keep the clock's time. The rest is for daylight time.
const SLACK: i64 = 2 * DAY;
/// Some three hundred years of ends are kept; those of moments farther away are computed whenever they are asked for.
const DAYS_KEPT: i64 = 110_000;

/// How long a silence must last, on which calendar.
pub struct Silence<'a> {
    wait: &'a Wait,
    calendar: &'a Calendar,
    /// Ends of the wait counted from the starts of days (of UTC), by day since `first_day`, so that most gaps are judged without calendar arithmetic.
    ends: Vec<i64>,
    first_day: i64,
}

impl<'a> Silence<'a> {
    /// A silence of this length.
    pub fn new(wait: &'a Wait, calendar: &'a Calendar) -> Self {
        Self {
            wait,
            calendar,
            ends: Vec::new(),
            first_day: 0,
        }
    }

    /// The moment at which a silence that began with the activity at `last` has lasted long enough.
    ///
    /// # Errors
    /// `AM0002` when the end cannot be represented; `AM0009` when the calendar never opens.
    pub fn end(&self, last: i64) -> Result<i64> {
        let end = self.wait.after(time::from_micros(last)?, self.calendar)?;
        Ok(time::micros(end))
    }

    /// Whether somebody whose last activity was at `last` had been lost before the next one.
    ///
    /// # Errors
    /// As [`Silence::end`].
    pub fn lost_before(&mut self, last: i64, next: i64) -> Result<bool> {
        let day = last.div_euclid(DAY);
        if next < self.end_from_day(day)?.saturating_sub(SLACK) {
            return Ok(false);
        }
        if next > self.end_from_day(day + 1)?.saturating_add(SLACK) {
            return Ok(true);
        }
        Ok(next > self.end(last)?)
    }

    /// The end of a wait that begins with a day of UTC, numbered from 1970.
    fn end_from_day(&mut self, day: i64) -> Result<i64> {
        if self.ends.is_empty() {
            self.first_day = day;
        }
        let (first, last) = (self.first_day, self.first_day + self.ends.len() as i64);
        if day < first && last - day <= DAYS_KEPT {
            let before: Result<Vec<i64>> = (day..first).map(|day| self.end(day * DAY)).collect();
            self.ends.splice(0..0, before?);
            self.first_day = day;
        } else if day >= last && day - first < DAYS_KEPT {
            for day in last..=day {
                let end = self.end(day * DAY)?;
                self.ends.push(end);
            }
        } else if day < first || day >= last {
            return self.end(day * DAY);
        }
        Ok(self.ends[(day - self.first_day) as usize])
    }
}

/// The memberships of one customer from their signs in order of time.
///
/// A silence is one only where everything was reported: what would end after `reported` may have been broken by a sign that is still to come.
///
/// # Errors
/// As [`Silence::end`].
pub fn of_one(
    signs: &[Sign],
    silence: &mut Silence<'_>,
    reported: i64,
    out: &mut Vec<Membership>,
) -> Result<()> {
    let Some(first) = signs
        .iter()
        .position(|sign| sign.meaning == Meaning::Begins)
    else {
        return Ok(());
    };
    let mut membership = Membership {
        customer: signs[first].customer,
        entry: Entry::New,
        start: Some(signs[first].at),
        leaving: None,
    };
    let mut last = signs[first].at;
    for sign in &signs[first..] {
        if silence.lost_before(last, sign.at)? {
            let end = silence.end(last)?;
            if end <= reported {
                out.push(Membership {
                    leaving: Some(unexplained(end)),
                    ..membership
                });
                membership.entry = Entry::Returned;
                membership.start = Some(sign.at);
            }
        }
        last = sign.at;
    }
    let end = silence.end(last)?;
    out.push(Membership {
        leaving: (end <= reported).then(|| unexplained(end)),
        ..membership
    });
    Ok(())
}

/// Who leaves in silence states no reason.
fn unexplained(at: i64) -> Leaving {
    Leaving {
        at,
        reason: Reason::NONE,
        nature: Nature::Unknown,
        cause: Cause::Unknown,
    }
}
