//! Where something breaks: values of attributes, and since when.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3Default;

/// One value of one attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Part {
    /// The attribute: a property of the opening event, or one of the times.
    pub attribute: String,
    /// Its value, or the name of its bin. Empty is a value.
    pub value: String,
}

/// A place in the business: all of the parts, from a day on. Without either it is everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Where {
    /// In order of the attributes' names.
    pub parts: Vec<Part>,
    /// The Monday of the week since which; of what was opened from then on.
    pub since: Option<Date>,
}

impl Where {
    /// A place of these parts.
    pub fn new(mut parts: Vec<Part>, since: Option<Date>) -> Self {
        parts.sort();
        Self { parts, since }
    }

    /// Whether it is the promise as a whole.
    pub fn is_everywhere(&self) -> bool {
        self.parts.is_empty() && self.since.is_none()
    }

    /// The id of a fracture of a promise there: eight hexadecimal digits. The day since which it breaks is no part of it, since that is an estimate
    /// which may move by a week as more becomes known; whether there is such a day is, where nothing else tells it from the whole.
    pub fn id(&self, promise: &str) -> String {
        let mut hash = Xxh3Default::new();
        let mut say = |text: &str| {
            hash.update(&(text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        };
        say(promise);
        for part in &self.parts {
            say(&part.attribute);
            say(&part.value);
        }
        if self.parts.is_empty() && self.since.is_some() {
            say("since");
        }
        format!("{:08x}", hash.digest() >> 32)
    }
}

impl fmt::Display for Where {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_everywhere() {
            return f.write_str("everywhere");
        }
        for (place, part) in self.parts.iter().enumerate() {
            let between = if place > 0 { ", " } else { "" };
            let value = match part.value.as_str() {
                "" => "(none)",
                value => value,
            };
            write!(f, "{between}{} {value}", part.attribute)?;
        }
        match (self.since, self.parts.is_empty()) {
            (None, _) => Ok(()),
            (Some(since), true) => write!(f, "since {since}"),
            (Some(since), false) => write!(f, ", since {since}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn part(attribute: &str, value: &str) -> Part {
        Part {
            attribute: attribute.into(),
            value: value.into(),
        }
    }

    #[test]
    fn an_id_is_of_promise_and_parts_and_stays() {
        let depot = Where::new(vec![part("depot", "Saltmere"), part("class", "")], None);
        assert_eq!(depot.to_string(), "class (none), depot Saltmere");
        let since = Where::new(depot.parts.clone(), Some(date(2024, 5, 6)));
        assert_eq!(
            since.to_string(),
            "class (none), depot Saltmere, since 2024-05-06"
        );
        assert_eq!(depot.id("delivery"), since.id("delivery"));
        // Stable across machines and releases: decisions name it.
        assert_eq!(depot.id("delivery"), "ce9da3a8");
        let others = [
            depot.id("deliver"),
            Where::new(vec![part("depot", "Saltmere")], None).id("delivery"),
            Where::new(vec![part("depotS", "altmere"), part("class", "")], None).id("delivery"),
            Where::default().id("delivery"),
            Where::new(vec![], Some(date(2024, 5, 6))).id("delivery"),
        ];
        let mut all: Vec<&String> = others.iter().collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), others.len());
        assert!(!others.contains(&depot.id("delivery")));
    }
}
