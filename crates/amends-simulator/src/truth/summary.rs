//! `manifest.json`: what was asked for, what was planted, and what is in every file.

use std::path::Path;

use amends_model::Result;
use serde::Serialize;

use super::fractures::Fracture;
use super::letdowns::PromiseCounts;
use crate::Settings;
use crate::civil::{date, utc};
use crate::sheet::{FileCounts, unwritable};
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
    pub fractures: Vec<Fracture>,
    /// How the promises stand at the horizon.
    pub promises: Vec<PromiseCounts>,
    /// What is in the exported files.
    pub files: Vec<FileCounts>,
}

impl Summary {
    pub(crate) fn new(
        settings: &Settings,
        timeline: &Timeline,
        fractures: Vec<Fracture>,
        promises: Vec<PromiseCounts>,
        files: Vec<FileCounts>,
    ) -> Self {
        Self {
            settings: settings.clone(),
            zone: ZONE.to_owned(),
            start: utc(timeline.start),
            horizon: utc(timeline.horizon),
            complete_until: date(timeline.day_and_clock(timeline.horizon - 1).0),
            fractures,
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
