//! `customers.toml`, `[segment.NAME]`: what customers are told apart by.

use std::collections::BTreeMap;

use super::{Around, name};
use crate::definition::Segment;
use crate::read::Section;

/// Every segment.
pub(crate) fn read_all(whole: &Section<'_>, around: &Around<'_>) -> BTreeMap<String, Segment> {
    let mut segments = BTreeMap::new();
    for (text, section) in whole.named("segment") {
        name::check_alias(&text, section.report);
        let says = section.text("says").map(|says| says.text);
        if !section.has("value") {
            section.missing("value", "value = \"plan\"");
        }
        let value = section.sql("value", around);
        section.finish();
        if let Some(value) = value {
            segments.insert(text.text, Segment { says, value });
        }
    }
    segments
}
