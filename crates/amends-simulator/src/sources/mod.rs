//! What the company's systems export of the lives of its customers: one file of code for each exported file.

mod deliveries;
mod orders;
mod referrals;
mod satisfaction;
mod subscriptions;
mod tickets;

use std::path::Path;

use amends_model::Result;

use crate::Settings;
use crate::dice::{Dice, Part};
use crate::life::Life;
use crate::sheet::{FileCounts, Sheet};
use crate::timeline::Timeline;
use crate::truth::Truth;

/// Customers, in ten thousand, beside whose rows an export holds one that is broken.
const BROKEN: u64 = 60;

/// All exported files.
pub(crate) struct Sources {
    subscriptions: subscriptions::Export,
    tickets: tickets::Export,
    orders: orders::Export,
    deliveries: deliveries::Export,
    satisfaction: satisfaction::Export,
    referrals: referrals::Export,
}

impl Sources {
    /// Creates the files in a folder.
    pub(crate) fn create(folder: &Path) -> Result<Self> {
        Ok(Self {
            subscriptions: subscriptions::Export::create(folder)?,
            tickets: tickets::Export::create(folder)?,
            orders: orders::Export::create(folder)?,
            deliveries: deliveries::Export::create(folder)?,
            satisfaction: satisfaction::Export::create(folder)?,
            referrals: referrals::Export::create(folder)?,
        })
    }

    /// Writes what the systems recorded of one life, and tells the truth what they named it.
    pub(crate) fn write(
        &mut self,
        settings: &Settings,
        timeline: &Timeline,
        number: u64,
        life: &Life,
        truth: &mut Truth,
    ) -> Result<()> {
        let clerk = &mut Dice::new(settings.seed, number, Part::Clerk);
        self.subscriptions.write(clerk, timeline, life, truth)?;
        self.tickets.write(clerk, timeline, life, truth)?;
        for (stint, order) in &life.orders {
            let account = life.stints[*stint].account;
            let id = self
                .orders
                .write(clerk, timeline, life, account, order, truth)?;
            self.deliveries.write(clerk, timeline, order, &id)?;
        }
        self.satisfaction
            .write(settings, clerk, timeline, number, life)?;
        self.referrals
            .write(settings, clerk, timeline, number, life)?;
        self.break_rows(clerk, number)?;
        for sheet in self.sheets() {
            sheet.end_customer()?;
        }
        Ok(())
    }

    /// Ends the files and tells what is in each.
    pub(crate) fn finish(self) -> Result<Vec<FileCounts>> {
        [
            self.subscriptions.sheet,
            self.tickets.sheet,
            self.orders.sheet,
            self.deliveries.sheet,
            self.satisfaction.sheet,
            self.referrals.sheet,
        ]
        .into_iter()
        .map(Sheet::finish)
        .collect()
    }

    /// Writes rows that cannot be read: each kind in each file beside the first customer, so that none is missing, then by chance.
    fn break_rows(&mut self, clerk: &mut Dice, number: u64) -> Result<()> {
        let files = [
            subscriptions::broken,
            tickets::broken,
            orders::broken,
            deliveries::broken,
            satisfaction::broken,
            referrals::broken,
        ];
        for (sheet, broken) in self.sheets().into_iter().zip(files) {
            let rows = broken(number);
            if number == 1 {
                for row in &rows {
                    sheet.bad(row)?;
                }
            } else if clerk.chance(BROKEN) {
                sheet.bad(&rows[clerk.below(rows.len() as u64) as usize])?;
            }
        }
        Ok(())
    }

    fn sheets(&mut self) -> [&mut Sheet; 6] {
        [
            &mut self.subscriptions.sheet,
            &mut self.tickets.sheet,
            &mut self.orders.sheet,
            &mut self.deliveries.sheet,
            &mut self.satisfaction.sheet,
            &mut self.referrals.sheet,
        ]
    }
}

/// A moment if the export can know it: before the horizon.
fn known(timeline: &Timeline, moment: Option<i64>) -> Option<i64> {
    moment.filter(|moment| *moment < timeline.horizon)
}
