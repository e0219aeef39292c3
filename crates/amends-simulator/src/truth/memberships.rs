//! `memberships.csv`: from joining to leaving, one row each, so that customer math can be compared person by person.

use std::path::Path;

use amends_model::Result;

use crate::civil::utc;
use crate::life::Life;
use crate::sheet::{Sheet, cells};
use crate::timeline::Timeline;

const HEADER: &str = "customer_id,joined_at,left_at,nature,cause,reason";

/// The file.
pub(super) struct Memberships {
    sheet: Sheet,
}

impl Memberships {
    pub(super) fn create(folder: &Path) -> Result<Self> {
        Ok(Self {
            sheet: Sheet::create(folder, "memberships.csv", HEADER)?,
        })
    }

    pub(super) fn note(&mut self, timeline: &Timeline, life: &Life) -> Result<()> {
        for stint in &life.stints {
            let ending = stint
                .ending
                .filter(|ending| ending.ended < timeline.horizon);
            let (left, nature, cause, reason) = match ending {
                None => (String::new(), "", "", ""),
                Some(ending) => {
                    let why = ending.why;
                    (
                        utc(ending.ended),
                        why.nature().word(),
                        why.cause(),
                        why.stated(),
                    )
                }
            };
            let row = [
                &life.customer_id(),
                &utc(stint.joined),
                &left,
                nature,
                cause,
                reason,
            ];
            self.sheet.once(&cells(',', &row))?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<()> {
        self.sheet.finish().map(|_| ())
    }
}
