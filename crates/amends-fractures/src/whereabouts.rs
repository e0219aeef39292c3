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

/// A place in the business: all of the parts, from a day on, until another. Without any of these it is everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Where {
    /// In order of the attributes' names.
    pub parts: Vec<Part>,
    /// The Monday of the week since which; of what was opened from then on.
    pub since: Option<Date>,
    /// The Sunday of the week until which; of what was opened until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

impl Where {
    /// A place of these parts, from one day to another.
    pub fn new(mut parts: Vec<Part>, since: Option<Date>, until: Option<Date>) -> Self {
        parts.sort();
        Self {
            parts,
            since,
            until,
        }
    }

    /// Whether it is the promise as a whole.
    pub fn is_everywhere(&self) -> bool {
        self.parts.is_empty() && self.since.is_none() && self.until.is_none()
    }

    /// Whether it has all parts of another one, and more.
    pub(crate) fn narrows(&self, other: &Self) -> bool {
        let has = |part| self.parts.contains(part);
        let all = !other.parts.is_empty() && other.parts.iter().all(has);
        all && other.parts.len() < self.parts.len()
    }

    /// The same place before it began to break; `None` where it has no beginning.
    pub(crate) fn before(&self) -> Option<Self> {
        let until = self.since?.yesterday().ok();
        Some(Self::new(self.parts.clone(), None, until))
    }

    /// The id of a fracture of a promise there: eight hexadecimal digits. The days are no part of it where parts tell the place, since they are estimates
    /// which may move by a week as more becomes known.
    pub fn id(&self, promise: &str) -> String {
        match self.parts.is_empty() {
            true => self.dated_id(promise),
            false => self.hash(promise, &[]),
        }
    }

    /// The id of a fracture where another one has the same parts at another time.
    pub(crate) fn dated_id(&self, promise: &str) -> String {
        let bound = |bound: Option<Date>| bound.map(|day| day.to_string()).unwrap_or_default();
        match self.is_everywhere() {
            true => self.hash(promise, &[]),
            false => self.hash(promise, &[bound(self.since), bound(self.until)]),
        }
    }

    fn hash(&self, promise: &str, times: &[String]) -> String {
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
        times.iter().for_each(|time| say(time));
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
        if !self.parts.is_empty() && (self.since.is_some() || self.until.is_some()) {
            f.write_str(", ")?;
        }
        match (self.since, self.until) {
            (None, None) => Ok(()),
            (Some(since), None) => write!(f, "since {since}"),
            (None, Some(until)) => write!(f, "until {until}"),
            (Some(since), Some(until)) => write!(f, "{since} to {until}"),
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
        let depot = Where::new(
            vec![part("depot", "Saltmere"), part("class", "")],
            None,
            None,
        );
        assert_eq!(depot.to_string(), "class (none), depot Saltmere");
        let since = Where::new(depot.parts.clone(), Some(date(2024, 5, 6)), None);
        assert_eq!(
            since.to_string(),
            "class (none), depot Saltmere, since 2024-05-06"
        );
        assert_eq!(depot.id("delivery"), since.id("delivery"));
        let ended = Where::new(Vec::new(), since.since, Some(date(2024, 6, 2)));
        assert_eq!(ended.to_string(), "2024-05-06 to 2024-06-02");
        assert_eq!(
            since.before().unwrap().to_string(),
            "class (none), depot Saltmere, until 2024-05-05"
        );
        // Stable across machines and releases: decisions name it.
        assert_eq!(depot.id("delivery"), "ce9da3a8");
        let others = [
            depot.id("deliver"),
            Where::new(vec![part("depot", "Saltmere")], None, None).id("delivery"),
            Where::new(
                vec![part("depotS", "altmere"), part("class", "")],
                None,
                None,
            )
            .id("delivery"),
            Where::default().id("delivery"),
            Where::new(vec![], Some(date(2024, 5, 6)), None).id("delivery"),
            Where::new(vec![], Some(date(2024, 9, 2)), None).id("delivery"),
            since.dated_id("delivery"),
        ];
        let mut all: Vec<&String> = others.iter().collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), others.len());
        assert!(!others.contains(&depot.id("delivery")));
    }
}
