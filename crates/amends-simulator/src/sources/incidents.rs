//! `incidents.csv`, as those write it who run the line: planned works by night, and failures. A row names an exchange and nobody on it.

use std::path::Path;

use amends_model::Result;

use super::known;
use crate::Settings;
use crate::civil::utc;
use crate::kettle;
use crate::plant::{FRACTURED_EXCHANGE, Plant};
use crate::sheet::{FileCounts, Sheet, cells};
use crate::timeline::Timeline;

const HEADER: &str = "incident_id,exchange,what,began_at,ended_at";

/// Writes the whole file: it is of no one customer.
pub(super) fn write(folder: &Path, settings: &Settings, timeline: &Timeline) -> Result<FileCounts> {
    let mut sheet = Sheet::create(folder, "incidents.csv", HEADER)?;
    let works = kettle::planned_works(settings, timeline);
    let mut all: Vec<_> = works
        .into_iter()
        .map(|(began, ended, exchange)| (began, ended, exchange, "planned"))
        .collect();
    if settings.plants.has(Plant::Outage) {
        let (began, ended) = kettle::outage(timeline);
        all.push((began, ended, FRACTURED_EXCHANGE, "failure"));
    }
    all.sort_unstable();
    for (number, (began, ended, exchange, what)) in (1..).zip(all) {
        let Some(began) = known(timeline, Some(began)) else {
            continue;
        };
        let ended = known(timeline, Some(ended)).map(utc).unwrap_or_default();
        let id = format!("I-{number}");
        sheet.once(&cells(',', &[&id, exchange, what, &utc(began), &ended]))?;
    }
    sheet.bad("I-0,Old Ferry,failure,last night,")?;
    sheet.finish()
}
