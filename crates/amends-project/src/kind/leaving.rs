//! `customers.toml`, `[leaving]`: stated reasons and what they mean.

use std::collections::BTreeMap;

use super::Around;
use crate::definition::{Cause, Nature, Place, ReasonClass, Sql};
use crate::read::Section;

/// What `[leaving]` says.
#[derive(Default)]
pub(crate) struct Leaving {
    pub(crate) reason: Option<Sql>,
    pub(crate) classes: Vec<ReasonClass>,
}

/// Reads `[leaving]` with its classes.
pub(crate) fn read(whole: &Section<'_>, around: &Around<'_>) -> Leaving {
    let Some(section) = whole.section("leaving") else {
        return Leaving::default();
    };
    let reason = section.sql("reason", around);
    let mut seen = BTreeMap::new();
    let classes: Vec<ReasonClass> = section
        .several("class")
        .iter()
        .filter_map(|class| one(class, &mut seen))
        .collect();
    section.finish();
    if !classes.is_empty() && !section.has("reason") {
        section.missing("reason", "reason = \"cancel_reason\"");
    }
    Leaving { reason, classes }
}

fn one(section: &Section<'_>, seen: &mut BTreeMap<String, Place>) -> Option<ReasonClass> {
    let natures = [
        ("natural", Nature::Natural),
        ("avoidable", Nature::Avoidable),
        ("company", Nature::Company),
        ("unknown", Nature::Unknown),
    ];
    let causes = [
        ("product", Cause::Product),
        ("service", Cause::Service),
        ("price", Cause::Price),
        ("life", Cause::Life),
        ("unknown", Cause::Unknown),
    ];
    let reasons = section.texts("reasons");
    if !section.has("reasons") || reasons.as_ref().is_some_and(Vec::is_empty) {
        section.missing("reasons", "reasons = [\"moved\", \"deceased\"]");
    }
    if !section.has("nature") {
        section.missing("nature", "nature = \"avoidable\"");
    }
    let nature = section.choice("nature", &natures);
    let cause = section.choice("cause", &causes);
    section.finish();
    let reasons = reasons?;
    for reason in &reasons {
        let lower = reason.text.trim().to_lowercase();
        if let Some(before) = seen.insert(lower, reason.spot.place.clone()) {
            let message = format!(
                "the reason {} has a meaning already, in line {}",
                reason.spot.words, before.line
            );
            section.report.mistake(
                "AM0108",
                &reason.spot,
                message,
                Some("keep it in one class".into()),
            );
        }
    }
    Some(ReasonClass {
        reasons: reasons.into_iter().map(|reason| reason.text).collect(),
        nature: nature?,
        cause: cause.unwrap_or(Cause::Unknown),
    })
}
