//! `kettles.csv`: each kettle reports on Mondays, and when it moves to another exchange.

use std::path::Path;

use amends_model::Result;

use crate::Settings;
use crate::civil::{date, utc};
use crate::dice::Dice;
use crate::life::Life;
use crate::promise::Promise;
use crate::sheet::{Sheet, cells};
use crate::timeline::Timeline;
use crate::truth::{Told, Truth};

const HEADER: &str = "report_id,kettle_week,customer_id,exchange,reported_at";

/// The file and the numbers it gives.
pub(super) struct Export {
    pub(super) sheet: Sheet,
    last: u64,
}

impl Export {
    pub(super) fn create(folder: &Path) -> Result<Self> {
        Ok(Self {
            sheet: Sheet::create(folder, "kettles.csv", HEADER)?,
            last: 70_000_000,
        })
    }

    pub(super) fn write(
        &mut self,
        clerk: &mut Dice,
        settings: &Settings,
        timeline: &Timeline,
        life: &Life,
        truth: &mut Truth,
    ) -> Result<()> {
        for (stint, week) in &life.weeks {
            let customer = life.person.customer_id(life.stints[*stint].account);
            let monday = date(timeline.day_and_clock(week.reported).0);
            let about = format!("K-{}/{monday}", life.number);
            let reports = [Some((week.reported, week.exchange)), week.moved];
            for (at, exchange) in reports.into_iter().flatten() {
                self.last += 1;
                let id = self.last.to_string();
                let row = [&id, &about, &customer, exchange, &utc(at)];
                self.sheet.record(clerk, &cells(',', &row))?;
            }
            let told = Told {
                promise: Promise::KettleOnLine,
                about: &about,
                customer: &life.customer_id(),
                opened: week.reported,
                standing: week.standing,
                place: week.place(&settings.plants),
                spoke: week.is_complained_of,
            };
            truth.told(timeline, life, &told)?;
        }
        Ok(())
    }
}

/// Rows that cannot be read: a date that is none, too many cells, nobody's.
pub(super) fn broken(number: u64) -> Vec<String> {
    vec![
        format!("8{number},K-T{number}/2024-01-08,cus_test{number},Old Ferry,2024-01-08T25:00:00Z"),
        format!(
            "81{number},K-T{number}/2024-01-08,cus_test{number},Old, Ferry,2024-01-08T05:00:00Z"
        ),
        format!("82{number},K-T{number}/2024-01-08,,Old Ferry,2024-01-08T05:00:00Z"),
    ]
}
