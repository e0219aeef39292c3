//! `customers.toml`: what makes one new, returned, lost.

use std::collections::BTreeMap;

use super::{Around, identifier, leaving, on, segment};
use crate::definition::{Customers, IdentifierRule, Lost, On, Voice};
use crate::read::{Section, Text, wait};

/// What customers.toml says.
#[derive(Default)]
pub(crate) struct Said {
    pub(crate) identifiers: BTreeMap<String, IdentifierRule>,
    /// The names of the identifiers where they are declared.
    pub(crate) declared: Vec<Text>,
    pub(crate) customers: Option<Customers>,
    pub(crate) voice: Voice,
}

/// Reads customers.toml.
pub(crate) fn read(whole: &Section<'_>, around: &Around<'_>) -> Said {
    let (identifiers, declared) = identifier::read_all(whole);
    let customers = whole.section("customers");
    let leaving = leaving::read(whole, around);
    let segments = segment::read_all(whole, around);
    let recommend = whole.section("recommend");
    let said = |key| {
        recommend
            .as_ref()
            .and_then(|section| on::several(section, key, around))
            .unwrap_or_default()
    };
    let voice = voice(whole, around);
    let (would_recommend, did_recommend) = (said("said"), said("did"));
    if let Some(recommend) = &recommend {
        recommend.finish();
    }
    whole.finish();
    let Some(section) = customers else {
        for key in ["leaving", "recommend", "segment"] {
            if whole.has(key) && !whole.has("customers") {
                let message = format!(
                    "`{key}` says something about customers, and nothing says who they are"
                );
                let suggestion = "add [customers] with new and lost, or new and silence".to_owned();
                whole
                    .report
                    .mistake("AM0104", &whole.spot_of(key), message, Some(suggestion));
            }
        }
        return Said {
            identifiers,
            declared,
            customers: None,
            voice,
        };
    };
    let new = new(&section, around);
    let lost = lost(&section, around);
    section.finish();
    if matches!(lost, Some(Lost::Silence { .. })) && leaving.reason.is_some() {
        let message = "whoever is lost by silence states no reason: there is no leaving event to read it from";
        let suggestion = "take out `reason`, or name what ends a contract with `lost`".to_owned();
        whole.report.mistake(
            "AM0113",
            &whole.spot_of("leaving"),
            message,
            Some(suggestion),
        );
    }
    let customers = (|| {
        Some(Customers {
            new: new?,
            lost: lost?,
            reason: leaving.reason,
            classes: leaving.classes,
            would_recommend,
            did_recommend,
            segments,
        })
    })();
    Said {
        identifiers,
        declared,
        customers,
        voice,
    }
}

fn voice(whole: &Section<'_>, around: &Around<'_>) -> Voice {
    let Some(section) = whole.section("voice") else {
        return Voice::default();
    };
    let said = |key| on::several(&section, key, around).unwrap_or_default();
    let voice = Voice {
        complaint: said("complaint"),
        praise: said("praise"),
        service: section.sql("service", around),
    };
    section.finish();
    voice
}

fn new(section: &Section<'_>, around: &Around<'_>) -> Option<Vec<On>> {
    if !section.has("new") {
        section.get("new");
        section.missing("new", "new = { on = \"subscription_started\" }");
        return None;
    }
    on::several(section, "new", around)
}

fn lost(section: &Section<'_>, around: &Around<'_>) -> Option<Lost> {
    let contract = on::several(section, "lost", around);
    let silence = section.text("silence");
    let activity = on::several(section, "activity", around).unwrap_or_default();
    match (section.has("lost"), section.has("silence")) {
        (true, true) => {
            let message = "customers are lost either by an event or by silence";
            let suggestion = "keep one of `lost` and `silence`".to_owned();
            section.report.mistake(
                "AM0113",
                &section.spot_of("silence"),
                message,
                Some(suggestion),
            );
            None
        }
        (false, false) => {
            let message = "nothing says when a customer is lost";
            let suggestion = "write lost = { on = \"subscription_ended\" }, or silence = \"180 days\" where there are no contracts";
            let keys = ["lost", "silence"];
            section.missing_any(&keys, message.to_owned(), suggestion.to_owned());
            None
        }
        (true, false) => {
            if section.has("activity") {
                let message = "`activity` goes with `silence`: a contract ends by an event";
                section
                    .report
                    .mistake("AM0113", &section.spot_of("activity"), message, None);
            }
            Some(Lost::Contract { on: contract? })
        }
        (false, true) => {
            let after = wait(&silence?, section.report)?;
            Some(Lost::Silence {
                after,
                activity,
                calendar: Box::new(around.calendar("default")),
            })
        }
    }
}
