//! What really happened, written beside the exports so that every claim can be compared with it.

mod customer_math;
mod fractures;
mod harmed;
mod letdowns;
mod memberships;
mod summary;

use std::path::Path;

use amends_model::Result;

pub use fractures::Fracture;
pub use letdowns::PromiseCounts;
pub use summary::Summary;

use crate::Settings;
use crate::civil::utc;
use crate::life::Life;
use crate::plant::Plant;
use crate::promise::{Promise, Standing, State};
use crate::sheet::{Sheet, cells, euros};
use crate::timeline::Timeline;

/// How one promise to one customer came out.
pub(crate) struct Told<'a> {
    /// Which.
    pub(crate) promise: Promise,
    /// What it is about, as the records call it.
    pub(crate) about: &'a str,
    /// To whom it was made; empty where nobody can be named.
    pub(crate) customer: &'a str,
    /// When it was made.
    pub(crate) opened: i64,
    /// How it stands at the horizon.
    pub(crate) standing: Standing,
    /// In which planted place it was made.
    pub(crate) place: Option<Plant>,
    /// Whether somebody complained of it.
    pub(crate) spoke: bool,
}

impl Told<'_> {
    /// Whether it was kept with room to spare.
    pub(crate) fn is_beaten(&self) -> bool {
        self.standing.state == State::Beaten
    }
}

/// The truth files, and the counts that go into the manifest. Memory grows with the months, never with the customers.
pub(crate) struct Truth {
    letdowns: letdowns::LetDowns,
    memberships: memberships::Memberships,
    math: customer_math::CustomerMath,
    harmed: harmed::Harmed,
    identifiers: Sheet,
    leavings: Sheet,
    kindness: Sheet,
    /// Names already written for the customer at hand.
    named: Vec<String>,
    fractures: fractures::FractureCounts,
}

impl Truth {
    /// Creates the files in a folder.
    pub(crate) fn create(folder: &Path, timeline: &Timeline) -> Result<Self> {
        let sheet = |name, header| Sheet::create(folder, name, header);
        Ok(Self {
            letdowns: letdowns::LetDowns::create(folder)?,
            memberships: memberships::Memberships::create(folder)?,
            math: customer_math::CustomerMath::new(timeline),
            harmed: harmed::Harmed::create(folder)?,
            identifiers: sheet("identifiers.csv", "customer_id,identifier,name")?,
            leavings: sheet(
                "leavings.csv",
                "customer_id,asked_at,left_at,promise,about,fracture",
            )?,
            kindness: sheet("kindness.csv", "customer_id,kindness,about,at,amount")?,
            named: Vec::new(),
            fractures: fractures::FractureCounts::default(),
        })
    }

    /// Notes under which name the records know a customer.
    pub(crate) fn name(&mut self, life: &Life, identifier: &str, name: &str) -> Result<()> {
        let row = cells(',', &[&life.customer_id(), identifier, name]);
        if self.named.contains(&row) {
            return Ok(());
        }
        self.identifiers.once(&row)?;
        self.named.push(row);
        Ok(())
    }

    /// Notes how one promise came out, and whether its customer left over it.
    pub(crate) fn told(&mut self, timeline: &Timeline, life: &Life, told: &Told<'_>) -> Result<()> {
        self.fractures.count(told);
        self.letdowns
            .note(told.promise, told.about, told.customer, told.standing)?;
        let of = Some((told.promise, told.opened));
        let endings = life.stints.iter().filter_map(|stint| stint.ending);
        let left = endings.into_iter().find(|ending| ending.over == of);
        if let Some(ending) = left {
            let is_over = ending.ended < timeline.horizon;
            let customer = life.customer_id();
            let row = [
                customer.as_str(),
                &utc(ending.asked),
                &Some(utc(ending.ended))
                    .filter(|_| is_over)
                    .unwrap_or_default(),
                told.promise.name(),
                told.about,
                told.place.map_or("", Plant::name),
            ];
            self.leavings.once(&cells(',', &row))?;
        }
        self.harmed.note(told, left.is_some());
        Ok(())
    }

    /// Notes what was given without being owed: its name and what it was about, when, and how much it was worth, in cents.
    pub(crate) fn kindness(
        &mut self,
        life: &Life,
        (name, about): (&str, &str),
        at: i64,
        cents: Option<i64>,
    ) -> Result<()> {
        let amount = cents.map(euros).unwrap_or_default();
        let row = [&life.customer_id(), name, about, &utc(at), &amount];
        self.kindness.once(&cells(',', &row))
    }

    /// Notes the memberships of a customer whose records are all written.
    pub(crate) fn end_customer(&mut self, timeline: &Timeline, life: &Life) -> Result<()> {
        self.named.clear();
        self.harmed.end_customer(&life.customer_id())?;
        self.math.count(timeline, &life.stints);
        self.memberships.note(timeline, life)
    }

    /// Ends the files.
    pub(crate) fn finish(
        self,
        folder: &Path,
        settings: &Settings,
        timeline: &Timeline,
    ) -> Result<(Vec<PromiseCounts>, Vec<Fracture>)> {
        for sheet in [self.identifiers, self.leavings, self.kindness] {
            sheet.finish()?;
        }
        self.memberships.finish()?;
        let promises = self.letdowns.finish(settings)?;
        self.math.finish(folder)?;
        let people = self.harmed.finish()?;
        let fractures = self.fractures.finish(timeline, &settings.plants, &people);
        Ok((promises, fractures))
    }
}
