//! Which segment each membership belongs to: pure, over what beginnings say in order of customer and time.

use std::cmp::Ordering;

use amends_model::IdentifierId;

use crate::customer_math::Membership;

/// The number of a value; 0 where nothing was said.
pub(super) type Number = u32;

/// What one event said that makes somebody a customer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begun {
    /// Whom it is about.
    pub(super) customer: IdentifierId,
    /// When, in microseconds of UTC.
    pub(super) at: i64,
    /// The value that it says.
    pub(super) value: Number,
}

/// Assigns memberships, in order of customer and time, to what was said when they began: by the event at that moment, of several the first that
/// says anything, else by the last before it (who was kept by a sign of life after having been lost).
pub(super) struct Assigning<'a> {
    memberships: &'a [Membership],
    assigned: Vec<Number>,
    /// What was said of the customer at hand.
    said: Vec<Begun>,
}

impl<'a> Assigning<'a> {
    pub(super) fn new(memberships: &'a [Membership]) -> Self {
        Self {
            memberships,
            assigned: Vec::with_capacity(memberships.len()),
            said: Vec::new(),
        }
    }

    /// Takes what is said next, in order of customer, then of time, then of value.
    pub(super) fn observe(&mut self, begun: Begun) {
        if self
            .said
            .last()
            .is_some_and(|last| last.customer != begun.customer)
        {
            self.close();
        }
        self.said.push(begun);
    }

    /// The number of each membership's value.
    pub(super) fn finish(mut self) -> Vec<Number> {
        self.close();
        self.assigned.resize(self.memberships.len(), 0);
        self.assigned
    }

    fn close(&mut self) {
        let Some(customer) = self.said.first().map(|begun| begun.customer) else {
            return;
        };
        while let Some(membership) = self.memberships.get(self.assigned.len()) {
            match membership.customer.cmp(&customer) {
                Ordering::Less => self.assigned.push(0),
                Ordering::Equal => self.assigned.push(self.value_at(membership.start)),
                Ordering::Greater => break,
            }
        }
        self.said.clear();
    }

    fn value_at(&self, start: Option<i64>) -> Number {
        let Some(start) = start else {
            return 0;
        };
        let until = self.said.partition_point(|begun| begun.at <= start);
        let Some(last) = self.said[..until].last() else {
            return 0;
        };
        let from = self.said.partition_point(|begun| begun.at < last.at);
        let there = self.said[from..until].iter().map(|begun| begun.value);
        there.into_iter().find(|value| *value != 0).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer_math::Entry;

    fn membership(who: u8, start: Option<i64>) -> Membership {
        Membership {
            customer: IdentifierId([who; 16]),
            entry: Entry::New,
            start,
            leaving: None,
        }
    }

    fn assigned(memberships: &[(u8, Option<i64>)], said: &[(u8, i64, Number)]) -> Vec<Number> {
        let memberships: Vec<Membership> = memberships
            .iter()
            .map(|(who, start)| membership(*who, *start))
            .collect();
        let mut assigning = Assigning::new(&memberships);
        for (who, at, value) in said {
            assigning.observe(Begun {
                customer: IdentifierId([*who; 16]),
                at: *at,
                value: *value,
            });
        }
        assigning.finish()
    }

    #[test]
    fn each_membership_has_what_was_said_when_it_began() {
        let memberships = [(1, Some(5)), (1, Some(20)), (3, Some(7)), (4, Some(9))];
        let said = [(1, 5, 1), (1, 8, 2), (1, 20, 3), (2, 1, 9), (3, 7, 4)];
        assert_eq!(assigned(&memberships, &said), [1, 3, 4, 0]);
    }

    #[test]
    fn of_several_at_one_moment_the_first_that_says_anything() {
        assert_eq!(
            assigned(&[(1, Some(5))], &[(1, 5, 0), (1, 5, 2), (1, 5, 3)]),
            [2]
        );
        assert_eq!(assigned(&[(1, Some(5))], &[(1, 5, 0)]), [0]);
    }

    #[test]
    fn who_comes_back_by_a_sign_of_life_is_what_they_were() {
        let memberships = [(1, Some(5)), (1, Some(50))];
        assert_eq!(assigned(&memberships, &[(1, 5, 1), (1, 9, 2)]), [1, 2]);
    }

    #[test]
    fn nothing_is_said_of_those_from_before_the_book() {
        assert_eq!(assigned(&[(1, None), (1, Some(8))], &[(1, 8, 1)]), [0, 1]);
        assert_eq!(assigned(&[(1, Some(3))], &[(1, 8, 1)]), [0]);
    }
}
