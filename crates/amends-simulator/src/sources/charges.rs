//! `charges.csv`, as the payment provider exports it: one row for each payment, and for each fee that was waived.

use std::path::Path;

use amends_model::Result;

use super::known;
use crate::Settings;
use crate::charging::REMINDER;
use crate::civil::utc;
use crate::dice::Dice;
use crate::life::Life;
use crate::promise::Promise;
use crate::sheet::{Sheet, cells, euros};
use crate::timeline::Timeline;
use crate::truth::{Told, Truth};

const HEADER: &str = "charge_id,invoice,customer_id,plan,method,what,amount,currency,charged_at";

/// The file and the numbers it gives.
pub(super) struct Export {
    pub(super) sheet: Sheet,
    last_charge: u64,
    last_invoice: u64,
}

impl Export {
    pub(super) fn create(folder: &Path) -> Result<Self> {
        Ok(Self {
            sheet: Sheet::create(folder, "charges.csv", HEADER)?,
            last_charge: 30_000_000,
            last_invoice: 200_000,
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
        for (stint, charge) in &life.charges {
            self.last_invoice += 1;
            let invoice = format!("INV-{}", self.last_invoice);
            let customer = life.person.customer_id(life.stints[*stint].account);
            let payments =
                [Some(charge.paid), charge.again].map(|at| (at, "payment", charge.cents));
            let waiver = (charge.waived, "waived reminder fee", REMINDER);
            for (at, what, cents) in payments.into_iter().chain([waiver]) {
                let Some(at) = known(timeline, at) else {
                    continue;
                };
                self.last_charge += 1;
                let row = [
                    &format!("ch_{}", self.last_charge),
                    &invoice,
                    &customer,
                    charge.plan,
                    charge.method,
                    what,
                    &euros(cents),
                    "EUR",
                    &utc(at),
                ];
                self.sheet.record(clerk, &cells(',', &row))?;
            }
            if let Some(at) = known(timeline, charge.waived) {
                truth.kindness(life, ("fee waived", &invoice), at, Some(REMINDER))?;
            }
            let told = Told {
                promise: Promise::ChargedOnce,
                about: &invoice,
                customer: &life.customer_id(),
                opened: charge.paid,
                standing: charge.standing,
                place: charge.place(timeline, &settings.plants),
                spoke: charge.is_complained_of,
            };
            truth.told(timeline, life, &told)?;
        }
        Ok(())
    }
}

/// Rows that cannot be read: a date that is none, too few cells, nobody's.
pub(super) fn broken(number: u64) -> Vec<String> {
    vec![
        format!(
            "cx_{number},INV-X{number},cus_test{number},Daily Cup,card,payment,12.90,EUR,2024-02-30T10:00:00Z"
        ),
        format!("cy_{number},INV-Y{number},cus_test{number},Daily Cup,card,payment"),
        format!("cz_{number},INV-Z{number},,Daily Cup,card,payment,12.90,EUR,2024-02-10T10:00:00Z"),
    ]
}
