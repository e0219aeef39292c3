//! `harmed.csv`: who was harmed by what was planted, who of them complained, and who left because of it. One row for each person and flaw.

use std::collections::BTreeMap;
use std::path::Path;

use amends_model::Result;

use super::Told;
use crate::civil::utc;
use crate::plant::Plant;
use crate::sheet::{Sheet, cells};

const HEADER: &str = "fracture,customer_id,times,first_known,spoke,left";

/// What one flaw did to one customer.
struct Harm {
    times: u64,
    first_known: i64,
    spoke: bool,
    left: bool,
}

/// How many people there are of each kind.
#[derive(Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) people: u64,
    pub(super) spoke: u64,
    pub(super) left: u64,
}

/// The file, what was done to the customer at hand, and how many there were.
pub(super) struct Harmed {
    sheet: Sheet,
    of_customer: BTreeMap<Plant, Harm>,
    counts: BTreeMap<Plant, Counts>,
}

impl Harmed {
    pub(super) fn create(folder: &Path) -> Result<Self> {
        Ok(Self {
            sheet: Sheet::create(folder, "harmed.csv", HEADER)?,
            of_customer: BTreeMap::new(),
            counts: BTreeMap::new(),
        })
    }

    /// Notes a let-down in a planted place. Behind a shared mailbox nobody can be named.
    pub(super) fn note(&mut self, told: &Told<'_>, left: bool) {
        let Some((plant, let_down)) = told.place.zip(told.standing.let_down) else {
            return;
        };
        if told.customer.is_empty() {
            return;
        }
        let known = let_down.could_have_known;
        let harm = self.of_customer.entry(plant).or_insert(Harm {
            times: 0,
            first_known: known,
            spoke: false,
            left: false,
        });
        harm.times += 1;
        harm.first_known = harm.first_known.min(known);
        harm.spoke |= told.spoke;
        harm.left |= left;
    }

    /// Writes what was done to the customer whose records are all written.
    pub(super) fn end_customer(&mut self, customer: &str) -> Result<()> {
        let word = |is_so: bool| if is_so { "yes" } else { "no" };
        for (plant, harm) in std::mem::take(&mut self.of_customer) {
            let counts = self.counts.entry(plant).or_default();
            counts.people += 1;
            counts.spoke += u64::from(harm.spoke);
            counts.left += u64::from(harm.left);
            let row = [
                plant.name(),
                customer,
                &harm.times.to_string(),
                &utc(harm.first_known),
                word(harm.spoke),
                word(harm.left),
            ];
            self.sheet.once(&cells(',', &row))?;
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<BTreeMap<Plant, Counts>> {
        self.sheet.finish()?;
        Ok(self.counts)
    }
}
