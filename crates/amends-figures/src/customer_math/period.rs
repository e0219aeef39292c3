//! The counts of successive periods, checked person by person.

use amends_model::{IdentifierId, Period, Problem, Result, time};
use amends_project::definition::{Cause, Nature};
use jiff::tz::TimeZone;

use super::{Entry, Line, Membership};

/// Successive periods without a gap: the boundaries between them, in microseconds of UTC, rising.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boundaries(Vec<i64>);

impl Boundaries {
    /// The boundaries of `count` successive periods from `first` on, in the company's zone.
    ///
    /// # Errors
    /// `AM0002` when one cannot be represented.
    pub fn successive(first: Period, count: usize, zone: &TimeZone) -> Result<Self> {
        let mut boundaries = vec![time::micros(first.bounds(zone)?.0)];
        let mut period = first;
        for _ in 0..count {
            boundaries.push(time::micros(period.bounds(zone)?.1));
            period = period.next();
        }
        Ok(Self(boundaries))
    }

    /// Boundaries given as moments; sorted, each once.
    pub fn at(mut moments: Vec<i64>) -> Self {
        moments.sort_unstable();
        moments.dedup();
        Self(moments)
    }

    /// How many periods lie between them.
    pub fn periods(&self) -> usize {
        self.0.len().saturating_sub(1)
    }

    /// The first moment of a period and the first one after it.
    pub fn bounds(&self, period: usize) -> (i64, i64) {
        (self.0[period], self.0[period + 1])
    }

    /// How many boundaries are not later than a moment: what happens then belongs to the period before that many.
    fn passed(&self, moment: i64) -> usize {
        self.0.partition_point(|boundary| *boundary <= moment)
    }

    /// The period in which a moment lies.
    fn period_of(&self, moment: i64) -> Option<usize> {
        let passed = self.passed(moment);
        (passed > 0 && passed < self.0.len()).then(|| passed - 1)
    }

    /// The boundaries at which a membership was there: from the first one after its start to the last one not after its end.
    fn spanned(&self, membership: &Membership) -> (usize, usize) {
        let from = membership.start.map_or(0, |start| self.passed(start));
        let until = membership
            .end()
            .map_or(self.0.len(), |end| self.passed(end));
        (from, until)
    }
}

/// The customer math of one period: counts of memberships that were there, began or ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Customers when it was about to begin.
    pub opening: u64,
    /// New ones.
    pub new: u64,
    /// Those who came back.
    pub returned: u64,
    /// Those lost.
    pub lost: u64,
    /// Those lost, by nature: natural, avoidable, company's choice, unknown.
    pub by_nature: [u64; 4],
    /// Those lost, by cause: product, service, price, life, unknown.
    pub by_cause: [u64; 5],
    /// Those lost who had joined or returned in the same period.
    pub joined_and_left: u64,
    /// Customers when it was about to end.
    pub closing: u64,
}

impl Counts {
    /// Gained less lost.
    pub fn net(&self) -> i64 {
        (self.new + self.returned) as i64 - self.lost as i64
    }

    /// The count of a line.
    pub fn get(&self, line: Line) -> u64 {
        match line {
            Line::Opening => self.opening,
            Line::New => self.new,
            Line::Returned => self.returned,
            Line::Lost => self.lost,
            Line::LostBy(nature) => self.by_nature[place_of_nature(nature)],
            Line::LostOver(cause) => self.by_cause[place_of_cause(cause)],
            Line::JoinedAndLeft => self.joined_and_left,
            Line::Closing => self.closing,
        }
    }
}

fn place_of_nature(nature: Nature) -> usize {
    match nature {
        Nature::Natural => 0,
        Nature::Avoidable => 1,
        Nature::Company => 2,
        Nature::Unknown => 3,
    }
}

fn place_of_cause(cause: Cause) -> usize {
    match cause {
        Cause::Product => 0,
        Cause::Service => 1,
        Cause::Price => 2,
        Cause::Life => 3,
        Cause::Unknown => 4,
    }
}

/// The customer math of successive periods from memberships in order of customer and time.
///
/// Who comes and goes is counted from the memberships' beginnings and ends; who is there at a boundary is counted on its own, each customer at most once.
/// For every customer and period the second must follow from the first: opening + new + returned - lost = closing.
///
/// # Errors
/// `AM0801`, naming the customers, when it does not.
pub fn periods(memberships: &[Membership], boundaries: &Boundaries) -> Result<Vec<Counts>> {
    let mut counts = vec![Counts::default(); boundaries.periods()];
    // How presence changes from one boundary to the next, over all customers; the first entry is presence at the first boundary.
    let mut changes = vec![0_i64; boundaries.0.len() + 1];
    let mut check = Check::default();
    for person in memberships.chunk_by(|a, b| a.customer == b.customer) {
        check.begin(person, boundaries);
        for &(from, until) in &check.present {
            changes[from] += 1;
            changes[until] -= 1;
        }
        for membership in person {
            count_moves(membership, boundaries, &mut counts, &mut check.moves);
        }
        check.end(person[0].customer, boundaries);
    }
    let mut present = 0;
    for (boundary, change) in changes[..boundaries.0.len()].iter().enumerate() {
        present += change;
        if boundary > 0 {
            counts[boundary - 1].closing = present as u64;
        }
        if boundary < counts.len() {
            counts[boundary].opening = present as u64;
        }
    }
    check.verdict()?;
    Ok(counts)
}

/// Counts how a membership began and ended, and notes the moves: the period, and 1 or -1.
fn count_moves(
    membership: &Membership,
    boundaries: &Boundaries,
    counts: &mut [Counts],
    moves: &mut Vec<(usize, i64)>,
) {
    let joined = membership
        .start
        .and_then(|start| boundaries.period_of(start));
    if let Some(period) = joined {
        match membership.entry {
            Entry::New | Entry::Before => counts[period].new += 1,
            Entry::Returned => counts[period].returned += 1,
        }
        moves.push((period, 1));
    }
    let Some(leaving) = membership.leaving else {
        return;
    };
    if let Some(period) = boundaries.period_of(leaving.at) {
        let counts = &mut counts[period];
        counts.lost += 1;
        counts.by_nature[place_of_nature(leaving.nature)] += 1;
        counts.by_cause[place_of_cause(leaving.cause)] += 1;
        counts.joined_and_left += u64::from(joined == Some(period));
        moves.push((period, -1));
    }
}

/// The check of one customer at a time: what came and went against who was there.
#[derive(Default)]
struct Check {
    /// Boundaries at which the customer was there, each once however many memberships span it: first, and first without.
    present: Vec<(usize, usize)>,
    /// Periods in which the customer came (1) or went (-1).
    moves: Vec<(usize, i64)>,
    /// The first of those who do not add up.
    wrong: Vec<IdentifierId>,
    /// How many do not.
    count: u64,
}

impl Check {
    /// How many customers a failed check names.
    const NAMED: usize = 10;

    fn begin(&mut self, person: &[Membership], boundaries: &Boundaries) {
        self.moves.clear();
        self.present.clear();
        let spanned = person
            .iter()
            .map(|membership| boundaries.spanned(membership));
        self.present
            .extend(spanned.filter(|(from, until)| from < until));
        self.present.sort_unstable();
        self.present.dedup_by(|next, last| {
            let touch = next.0 <= last.1;
            if touch {
                last.1 = last.1.max(next.1);
            }
            touch
        });
    }

    fn end(&mut self, customer: IdentifierId, boundaries: &Boundaries) {
        for &(from, until) in &self.present {
            if from > 0 {
                self.moves.push((from - 1, -1));
            }
            if until < boundaries.0.len() {
                self.moves.push((until - 1, 1));
            }
        }
        self.moves.sort_unstable();
        let mut periods = self.moves.chunk_by(|a, b| a.0 == b.0);
        if periods.any(|moves| moves.iter().map(|(_, step)| step).sum::<i64>() != 0) {
            self.count += 1;
            if self.wrong.len() < Self::NAMED {
                self.wrong.push(customer);
            }
        }
    }

    fn verdict(&self) -> Result<()> {
        if self.count == 0 {
            return Ok(());
        }
        let ids: Vec<String> = self.wrong.iter().map(ToString::to_string).collect();
        Err(Problem::new(
            "AM0801",
            "the customer math does not add up: opening + new + returned - lost is not closing",
        )
        .detail(format!("{} customers, among them {}", self.count, ids.join(", ")))
        .hint("`amends customer ID` shows what is known of each; figures are refused until this is mended"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer_math::{Leaving, Reason};

    fn membership(who: u8, entry: Entry, start: i64, end: Option<i64>) -> Membership {
        Membership {
            customer: IdentifierId([who; 16]),
            entry,
            start: Some(start),
            leaving: end.map(|at| Leaving {
                at,
                reason: Reason::NONE,
                nature: Nature::Avoidable,
                cause: Cause::Price,
            }),
        }
    }

    #[test]
    fn what_happens_at_a_boundary_belongs_to_the_later_period() {
        let boundaries = Boundaries::at(vec![0, 10, 20]);
        let counts = periods(
            &[
                membership(1, Entry::New, 10, None),
                membership(2, Entry::New, 3, Some(10)),
            ],
            &boundaries,
        )
        .unwrap();
        assert_eq!(
            (counts[0].new, counts[0].lost, counts[0].closing),
            (1, 0, 1)
        );
        assert_eq!((counts[1].opening, counts[1].new), (1, 1));
        assert_eq!((counts[1].lost, counts[1].closing), (1, 1));
        assert_eq!(counts[1].joined_and_left, 0);
    }

    #[test]
    fn lost_and_back_within_a_period_counts_as_both() {
        let counts = periods(
            &[
                membership(1, Entry::New, -5, Some(2)),
                membership(1, Entry::Returned, 4, Some(6)),
                membership(1, Entry::Returned, 8, None),
            ],
            &Boundaries::at(vec![0, 10]),
        )
        .unwrap();
        let counts = &counts[0];
        assert_eq!((counts.opening, counts.returned), (1, 2));
        assert_eq!((counts.lost, counts.closing), (2, 1));
        assert_eq!((counts.joined_and_left, counts.net()), (1, 0));
    }

    #[test]
    fn memberships_that_overlap_or_run_backwards_are_found_and_named() {
        let overlapping = [
            membership(7, Entry::New, 1, None),
            membership(7, Entry::Returned, 5, Some(15)),
        ];
        let boundaries = Boundaries::at(vec![0, 10, 20]);
        let problem = periods(&overlapping, &boundaries).unwrap_err();
        assert_eq!(problem.code(), "AM0801");
        assert!(problem.to_string().contains(&"07".repeat(16)), "{problem}");
        let backwards = [membership(8, Entry::New, 12, Some(3))];
        assert_eq!(
            periods(&backwards, &boundaries).unwrap_err().code(),
            "AM0801"
        );
        // Two mistakes that cancel each other in the sums are still two mistakes.
        let cancelling = [
            membership(1, Entry::New, 12, Some(3)),
            membership(2, Entry::New, 3, Some(14)),
            membership(2, Entry::New, 3, None),
        ];
        assert_eq!(
            periods(&cancelling, &boundaries).unwrap_err().code(),
            "AM0801"
        );
    }
}
