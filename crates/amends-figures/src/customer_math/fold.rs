//! Signs in order of customer and time become memberships, one customer at a time.

use amends_model::wait::{Calendar, Wait};
use amends_model::{Problem, Result};

use super::{Membership, Reasons, Sign, contract, silence};

/// How customers are lost.
#[derive(Clone, Copy)]
pub enum Rule<'a> {
    /// With the end of their last contract.
    Contract,
    /// By silence of this length on this calendar.
    Silence(&'a Wait, &'a Calendar),
}

/// What the signs left unclear, and how often it was settled as [`contract`] says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Remarks {
    /// Customers whose contract ended without ever having begun: they were customers before the book begins.
    pub known_before: u64,
    /// Contracts whose only end lies before their beginning: taken as ended the moment they began.
    pub ended_before_begun: u64,
    /// Ends of contracts that never began, of customers already known: not counted.
    pub stray_ends: u64,
}

/// The fold under way: [`Fold::observe`] signs sorted by customer, then [`Fold::finish`].
pub struct Fold<'a> {
    losing: Losing<'a>,
    reported: i64,
    /// The signs of the customer at hand.
    signs: Vec<Sign>,
    memberships: Vec<Membership>,
    remarks: Remarks,
}

enum Losing<'a> {
    Contract(Box<contract::Room>),
    Silence(Box<silence::Silence<'a>>),
}

impl<'a> Fold<'a> {
    /// Begins a fold. A silence counts only if it has ended by the moment, in microseconds of UTC, up to which everything was reported.
    pub fn new(rule: Rule<'a>, reported: i64) -> Self {
        let losing = match rule {
            Rule::Contract => Losing::Contract(Box::default()),
            Rule::Silence(wait, calendar) => {
                Losing::Silence(Box::new(silence::Silence::new(wait, calendar)))
            }
        };
        Self {
            losing,
            reported,
            signs: Vec::new(),
            memberships: Vec::new(),
            remarks: Remarks::default(),
        }
    }

    /// Takes the next sign, in order of customer and then of time; signs of the same moment in any order.
    ///
    /// # Errors
    /// `AM0802` when a sign comes out of order; as [`silence::of_one`].
    pub fn observe(&mut self, sign: Sign, reasons: &Reasons) -> Result<()> {
        if let Some(last) = self.signs.last() {
            if (last.customer, last.at) > (sign.customer, sign.at) {
                return Err(out_of_order(last, &sign));
            }
            if last.customer != sign.customer {
                self.close_customer(reasons)?;
            }
        }
        self.signs.push(sign);
        Ok(())
    }

    /// The memberships of everybody, in order of customer and time, and what was unclear.
    ///
    /// # Errors
    /// As [`silence::of_one`].
    pub fn finish(mut self, reasons: &Reasons) -> Result<(Vec<Membership>, Remarks)> {
        self.close_customer(reasons)?;
        Ok((self.memberships, self.remarks))
    }

    fn close_customer(&mut self, reasons: &Reasons) -> Result<()> {
        match &mut self.losing {
            Losing::Contract(room) => contract::of_one(
                &self.signs,
                room,
                reasons,
                &mut self.remarks,
                &mut self.memberships,
            ),
            Losing::Silence(silence) => {
                silence::of_one(&self.signs, silence, self.reported, &mut self.memberships)?;
            }
        }
        self.signs.clear();
        Ok(())
    }
}

fn out_of_order(last: &Sign, sign: &Sign) -> Problem {
    Problem::new(
        "AM0802",
        "signs of customers came in another order than asked for",
    )
    .detail(format!(
        "{} at {} came before {} at {}",
        last.customer, last.at, sign.customer, sign.at
    ))
    .hint("this is a mistake in Amends: please report it with the output of `amends doctor`")
}

/// All memberships from signs in any order: for small books and for tests.
///
/// # Errors
/// As [`silence::of_one`].
pub fn memberships(
    rule: Rule<'_>,
    reported: i64,
    signs: &[Sign],
    reasons: &Reasons,
) -> Result<(Vec<Membership>, Remarks)> {
    let mut sorted = signs.to_vec();
    sorted.sort_by_key(|sign| (sign.customer, sign.at));
    let mut fold = Fold::new(rule, reported);
    for sign in sorted {
        fold.observe(sign, reasons)?;
    }
    fold.finish(reasons)
}
