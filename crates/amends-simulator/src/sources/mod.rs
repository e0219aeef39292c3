//! What the company's systems export of the lives of its customers: one file of code for each exported file.

mod charges;
mod deliveries;
mod incidents;
mod kettles;
mod log_ins;
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
    more: Option<More>,
}

/// The files of a company with all of its systems.
struct More {
    log_ins: log_ins::Export,
    charges: charges::Export,
    kettles: kettles::Export,
    incidents: FileCounts,
}

impl More {
    fn create(folder: &Path, settings: &Settings, timeline: &Timeline) -> Result<Self> {
        Ok(Self {
            log_ins: log_ins::Export::create(folder)?,
            charges: charges::Export::create(folder)?,
            kettles: kettles::Export::create(folder)?,
            incidents: incidents::write(folder, settings, timeline)?,
        })
    }
}

impl Sources {
    /// Creates the files in a folder.
    pub(crate) fn create(folder: &Path, settings: &Settings, timeline: &Timeline) -> Result<Self> {
        let more = settings
            .all_systems
            .then(|| More::create(folder, settings, timeline));
        Ok(Self {
            subscriptions: subscriptions::Export::create(folder)?,
            tickets: tickets::Export::create(folder)?,
            orders: orders::Export::create(folder)?,
            deliveries: deliveries::Export::create(folder)?,
            satisfaction: satisfaction::Export::create(folder)?,
            referrals: referrals::Export::create(folder)?,
            more: more.transpose()?,
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
        self.tickets.write(clerk, settings, timeline, life, truth)?;
        let answers = satisfaction::draw_answers(settings, timeline, life);
        for ((stint, order), answer) in life.orders.iter().zip(&answers) {
            let account = life.stints[*stint].account;
            let of = orders::Written {
                order,
                account,
                is_rated_low: answer.as_ref().is_some_and(|answer| answer.is_low()),
            };
            let id = self
                .orders
                .write(clerk, settings, timeline, life, &of, truth)?;
            self.deliveries.write(clerk, timeline, order, &id)?;
        }
        self.satisfaction.write(clerk, timeline, life, &answers)?;
        self.referrals
            .write(settings, clerk, timeline, number, life)?;
        if let Some(more) = &mut self.more {
            more.log_ins.write(clerk, settings, timeline, life, truth)?;
            more.charges.write(clerk, settings, timeline, life, truth)?;
            more.kettles.write(clerk, settings, timeline, life, truth)?;
        }
        self.break_rows(clerk, number)?;
        for sheet in self.sheets() {
            sheet.end_customer()?;
        }
        Ok(())
    }

    /// Ends the files and tells what is in each.
    pub(crate) fn finish(self) -> Result<Vec<FileCounts>> {
        let mut sheets = vec![
            self.subscriptions.sheet,
            self.tickets.sheet,
            self.orders.sheet,
            self.deliveries.sheet,
            self.satisfaction.sheet,
            self.referrals.sheet,
        ];
        let incidents = self.more.map(|more| {
            sheets.extend([more.log_ins.sheet, more.charges.sheet, more.kettles.sheet]);
            more.incidents
        });
        let files = sheets.into_iter().map(Sheet::finish);
        files.chain(incidents.map(Ok)).collect()
    }

    /// Writes rows that cannot be read: each kind in each file beside the first customer, so that none is missing, then by chance.
    fn break_rows(&mut self, clerk: &mut Dice, number: u64) -> Result<()> {
        let files: [fn(u64) -> Vec<String>; 9] = [
            subscriptions::broken,
            tickets::broken,
            orders::broken,
            deliveries::broken,
            satisfaction::broken,
            referrals::broken,
            log_ins::broken,
            charges::broken,
            kettles::broken,
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

    fn sheets(&mut self) -> Vec<&mut Sheet> {
        let mut sheets = vec![
            &mut self.subscriptions.sheet,
            &mut self.tickets.sheet,
            &mut self.orders.sheet,
            &mut self.deliveries.sheet,
            &mut self.satisfaction.sheet,
            &mut self.referrals.sheet,
        ];
        if let Some(more) = &mut self.more {
            sheets.push(&mut more.log_ins.sheet);
            sheets.push(&mut more.charges.sheet);
            sheets.push(&mut more.kettles.sheet);
        }
        sheets
    }
}

/// A moment if the export can know it: before the horizon.
fn known(timeline: &Timeline, moment: Option<i64>) -> Option<i64> {
    moment.filter(|moment| *moment < timeline.horizon)
}
