//! `customer_math.csv`: gained and lost, month by month in the company's zone.

use std::path::Path;

use amends_model::Result;

use crate::civil::date;
use crate::membership::{Nature, Stint};
use crate::sheet::{Sheet, cells};
use crate::timeline::Timeline;

const HEADER: &str = "month,opening,new,returned,lost,lost_natural,lost_avoidable,lost_company,\
lost_unknown,joined_and_left,closing";

/// The customer math of one month: `opening + new + returned - lost = closing`.
#[derive(Default)]
struct MonthCounts {
    /// The month, as `2024-01`.
    month: String,
    /// Customers when it began.
    opening: u64,
    /// Who became a customer for the first time.
    new: u64,
    /// Who became a customer again.
    returned: u64,
    /// Whose last contract ended.
    lost: u64,
    /// Of the lost: nobody could have held them.
    lost_natural: u64,
    /// Of the lost: we could have held them.
    lost_avoidable: u64,
    /// Of the lost: the company let them go.
    lost_company: u64,
    /// Of the lost: nobody knows why.
    lost_unknown: u64,
    /// Who joined, or joined again, and was lost after that within the month: counted in both.
    joined_and_left: u64,
    /// Customers when it ended.
    closing: u64,
}

/// The counts of all months.
pub(super) struct CustomerMath {
    months: Vec<MonthCounts>,
}

impl CustomerMath {
    pub(super) fn new(timeline: &Timeline) -> Self {
        let month = |first: &i64| MonthCounts {
            month: date(timeline.day_and_clock(*first).0)[..7].to_owned(),
            ..MonthCounts::default()
        };
        let months = &timeline.months[..timeline.months.len() - 1];
        Self {
            months: months.iter().map(month).collect(),
        }
    }

    /// Counts the memberships of one person.
    pub(super) fn count(&mut self, timeline: &Timeline, stints: &[Stint]) {
        for (index, stint) in stints.iter().enumerate() {
            let joined = timeline.month(stint.joined);
            let ended = stint.ending.map_or(i64::MAX, |ending| ending.ended);
            let lost = timeline.month(ended);
            if let Some(month) = joined {
                let month = &mut self.months[month];
                *if index == 0 {
                    &mut month.new
                } else {
                    &mut month.returned
                } += 1;
            }
            if let (Some(number), Some(ending)) = (lost, stint.ending) {
                let month = &mut self.months[number];
                month.lost += 1;
                month.joined_and_left += u64::from(joined == lost);
                *match ending.why.nature() {
                    Nature::Natural => &mut month.lost_natural,
                    Nature::Avoidable => &mut month.lost_avoidable,
                    Nature::Company => &mut month.lost_company,
                    Nature::Unknown => &mut month.lost_unknown,
                } += 1;
            }
            for (number, bounds) in timeline.months.windows(2).enumerate() {
                let (first, after) = (bounds[0], bounds[1]);
                let month = &mut self.months[number];
                month.opening += u64::from(stint.joined < first && ended >= first);
                month.closing += u64::from(stint.joined < after && ended >= after);
            }
        }
    }

    pub(super) fn finish(self, folder: &Path) -> Result<()> {
        let mut sheet = Sheet::create(folder, "customer_math.csv", HEADER)?;
        for month in &self.months {
            let counts = [
                month.opening,
                month.new,
                month.returned,
                month.lost,
                month.lost_natural,
                month.lost_avoidable,
                month.lost_company,
                month.lost_unknown,
                month.joined_and_left,
                month.closing,
            ]
            .map(|count| count.to_string());
            let mut row = vec![month.month.as_str()];
            row.extend(counts.iter().map(String::as_str));
            sheet.once(&cells(',', &row))?;
        }
        sheet.finish().map(|_| ())
    }
}
