//! `manifest.json`: what was asked for, what was planted, and what is in every file.

use std::path::Path;

use amends_model::Result;
use serde::Serialize;

use super::letdowns::PromiseCounts;
use crate::Settings;
use crate::civil::{date, utc};
use crate::person::FRACTURED_DEPOT;
use crate::promise::Promise;
use crate::sheet::{FileCounts, unwritable};
use crate::shopping::Order;
use crate::timeline::{Timeline, ZONE};

/// What a simulation made: the content of `truth/manifest.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// What was asked for.
    pub settings: Settings,
    /// The zone of the company: its months and days are this zone's.
    pub zone: String,
    /// The first instant of which orders and tickets tell.
    pub start: String,
    /// Every source has reported everything before this instant and nothing after: the end of the last simulated day.
    pub horizon: String,
    /// The last simulated day, as the definitions write it: `complete-until`.
    pub complete_until: String,
    /// What was planted.
    pub fracture: Fracture,
    /// How the promises stand at the horizon.
    pub promises: Vec<PromiseCounts>,
    /// What is in the exported files.
    pub files: Vec<FileCounts>,
}

impl Summary {
    pub(crate) fn new(
        settings: &Settings,
        timeline: &Timeline,
        fracture: Fracture,
        promises: Vec<PromiseCounts>,
        files: Vec<FileCounts>,
    ) -> Self {
        Self {
            settings: settings.clone(),
            zone: ZONE.to_owned(),
            start: utc(timeline.start),
            horizon: utc(timeline.horizon),
            complete_until: date(timeline.day_and_clock(timeline.horizon - 1).0),
            fracture,
            promises,
            files,
        }
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join("manifest.json");
        // Texts and whole numbers under fixed names: this cannot fail.
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        std::fs::write(&path, text + "\n").map_err(|error| unwritable(&path, error))
    }
}

/// The fracture that was planted: orders with this value of this attribute, placed from the onset on, break the promise far more often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fracture {
    /// The promise that breaks.
    pub promise: String,
    /// The attribute of the order.
    pub attribute: String,
    /// Its value.
    pub value: String,
    /// The first day, a Monday, on which orders were placed that fall through it.
    pub onset: String,
    /// Orders that were placed in the fracture.
    pub exposed_inside: u64,
    /// Those of them that became let-downs.
    pub let_down_inside: u64,
    /// All other orders.
    pub exposed_outside: u64,
    /// Those of them that became let-downs.
    pub let_down_outside: u64,
}

/// Orders and let-downs in and outside the fracture.
#[derive(Default)]
pub(super) struct FractureCounts {
    exposed: [u64; 2],
    let_down: [u64; 2],
}

impl FractureCounts {
    pub(super) fn count(&mut self, timeline: &Timeline, order: &Order) {
        let inside = order.depot == FRACTURED_DEPOT && order.placed >= timeline.onset;
        self.exposed[usize::from(inside)] += 1;
        self.let_down[usize::from(inside)] += u64::from(order.standing.let_down.is_some());
    }

    pub(super) fn finish(self, timeline: &Timeline) -> Fracture {
        Fracture {
            promise: Promise::DeliveryDate.name().to_owned(),
            attribute: "depot".to_owned(),
            value: FRACTURED_DEPOT.to_owned(),
            onset: date(timeline.day_and_clock(timeline.onset).0),
            exposed_inside: self.exposed[1],
            let_down_inside: self.let_down[1],
            exposed_outside: self.exposed[0],
            let_down_outside: self.let_down[0],
        }
    }
}
