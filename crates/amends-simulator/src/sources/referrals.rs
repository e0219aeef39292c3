//! `referrals.csv`: who brought whom. A row names the one by address and the other by customer id: two people, not one.

use std::path::Path;

use amends_model::Result;

use crate::Settings;
use crate::civil::{DAY, utc};
use crate::dice::{Dice, Part};
use crate::life::Life;
use crate::sheet::{Sheet, cells};
use crate::timeline::Timeline;

const HEADER: &str = "referrer_email,referred_customer_id,referred_at,campaign";

/// Newcomers, in ten thousand, of whom somebody is asked whether they brought them.
const BROUGHT: u64 = 3_000;

/// The file.
pub(super) struct Export {
    pub(super) sheet: Sheet,
}

impl Export {
    pub(super) fn create(folder: &Path) -> Result<Self> {
        Ok(Self {
            sheet: Sheet::create(folder, "referrals.csv", HEADER)?,
        })
    }

    /// Writes who brought this customer, if somebody did.
    ///
    /// The other life is lived again from its number, so that nobody has to be remembered.
    pub(super) fn write(
        &mut self,
        settings: &Settings,
        clerk: &mut Dice,
        timeline: &Timeline,
        number: u64,
        life: &Life,
    ) -> Result<()> {
        let mut dice = Dice::new(settings.seed, number, Part::Referral);
        let other = 1 + dice.below(settings.customers);
        let Some(stint) = life.stints.first() else {
            return Ok(());
        };
        let at = stint.joined - dice.between(600, 10 * DAY);
        if at < timeline.start || other == number || !dice.chance(BROUGHT) {
            return Ok(());
        }
        let other = Life::of(settings, timeline, other);
        if other.person.shares_mailbox() || !other.is_customer(at) {
            return Ok(());
        }
        let row = cells(
            ',',
            &[
                other.person.email(at),
                &life.customer_id(),
                &utc(at),
                "a tin for a friend",
            ],
        );
        self.sheet.record(clerk, &row)
    }
}

/// Rows that cannot be read: a date that is none, too many cells, nobody's.
pub(super) fn broken(number: u64) -> Vec<String> {
    vec![
        format!(
            "test.{number}@example.net,cus_testa{number},0000-00-00T00:00:00Z,a tin for a friend"
        ),
        format!(
            "test.{number}@example.net,cus_testb{number},2024-01-10T08:15:00Z,a tin, for a friend"
        ),
        format!(",cus_testc{number},2024-01-10T08:15:00Z,a tin for a friend"),
    ]
}
