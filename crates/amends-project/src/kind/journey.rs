//! `journey.toml`: stages, touchpoints, owners, moments of truth, standards, and the past that says what is normal.

use std::collections::BTreeMap;

use amends_model::stretch::days;

use super::{great, name};
use crate::definition::{Baseline, Stage, Touchpoint};
use crate::nearest::suggestion;
use crate::read::{Section, Text};

/// What journey.toml says.
#[derive(Default)]
pub(crate) struct Said {
    pub(crate) stages: Vec<Stage>,
    pub(crate) touchpoints: BTreeMap<String, Touchpoint>,
    pub(crate) baseline: Option<Baseline>,
    /// Every touchpoint that is written, also those with mistakes.
    pub(crate) known: Vec<String>,
}

/// Reads journey.toml.
pub(crate) fn read(whole: &Section<'_>) -> Said {
    let mut said = Said::default();
    for (name, section) in whole.named("stage") {
        name::check(&name, whole.report);
        let says = section
            .text("says")
            .map(|says| says.text)
            .unwrap_or_default();
        section.finish();
        said.stages.push(Stage {
            name: name.text,
            says,
        });
    }
    for (name, section) in whole.named("touchpoint") {
        name::check(&name, whole.report);
        said.known.push(name.text.clone());
        if let Some(touchpoint) = touchpoint(&name, &section, &said.stages) {
            said.touchpoints.insert(name.text, touchpoint);
        }
    }
    if let Some(section) = whole.section("normal") {
        said.baseline = baseline(&section);
        section.finish();
    }
    whole.finish();
    said
}

/// `baseline = "2026-01..2026-06"`: from the beginning of one day, week, month, quarter or year to the end of another; one alone is both.
fn baseline(section: &Section<'_>) -> Option<Baseline> {
    let text = section.text("baseline")?;
    let (from, until) = text
        .text
        .split_once("..")
        .unwrap_or((&text.text, &text.text));
    let ends = days(from.trim()).and_then(|from| Ok((from, days(until.trim())?)));
    let message = match ends {
        Ok(((from, _), (_, until))) if from < until => return Some(Baseline { from, until }),
        Ok(_) => format!("{} ends before it begins", text.spot.words),
        Err(_) => format!("{} is not a stretch of time", text.spot.words),
    };
    let suggestion = "write its first and its last month, week or day, as in \"2026-01..2026-06\"";
    section
        .report
        .mistake("AM0106", &text.spot, message, Some(suggestion.into()));
    None
}

fn touchpoint(name: &Text, section: &Section<'_>, stages: &[Stage]) -> Option<Touchpoint> {
    let says = section
        .text("says")
        .map(|says| says.text)
        .unwrap_or_default();
    let stage = section.required("stage", "stage = \"deliver\"");
    let owner = section.required("owner", "owner = \"Logistics\"");
    let moment_of_truth = section.flag("moment-of-truth").unwrap_or(false);
    let standard = section.text("standard").map(|standard| standard.text);
    let great = great::great(section);
    let baseline = baseline(section);
    section.finish();
    let stage = stage?;
    if !stages.iter().any(|known| known.name == stage.text) {
        let message = format!("there is no stage {}", stage.spot.words);
        let known = stages.iter().map(|stage| stage.name.as_str());
        let suggestion =
            suggestion(&stage.text, known).or_else(|| Some(format!("add [stage.{}]", stage.text)));
        section
            .report
            .mistake("AM0107", &stage.spot, message, suggestion);
    }
    Some(Touchpoint {
        name: name.text.clone(),
        says,
        stage: stage.text,
        owner: owner?.text,
        moment_of_truth,
        standard,
        great,
        baseline,
    })
}
