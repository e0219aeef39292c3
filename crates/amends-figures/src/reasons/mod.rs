//! Why customers say they leave, and which promises had been broken to them before.

use std::collections::{BTreeMap, HashMap};

use amends_model::{Evidence, Figure, IdentifierId};

use crate::Frame;
use crate::customer_math::{Book, Line, Membership, Reason, Reasons};
use crate::let_downs::Kept;

/// The id of the figure of those who left without a word.
pub const UNSTATED: &str = "left-without-reason";
/// How the ids of the figures go on, or begin, of those who had been let down by the promise that follows before they left.
pub(crate) const BEFORE_LEAVING: &str = "let-down-before-leaving.";

/// A stated reason and those who left for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Stated {
    /// The reason as most of them spell it.
    pub reason: String,
    /// The id of its figure: `reason.` and the reason's slug.
    pub id: String,
    /// How many left for it.
    pub count: u64,
    /// How many of them had been let down before they left, by promise; those of whom nobody had been are absent.
    pub let_down_before: BTreeMap<String, u64>,
}

/// Why customers left in one period.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WhyTheyLeft {
    /// Every reason, the most frequent first.
    pub stated: Vec<Stated>,
    /// How many left without a word.
    pub unstated: u64,
    /// Of all who left, how many had been let down before, by promise.
    pub let_down_before: BTreeMap<String, u64>,
}

impl WhyTheyLeft {
    /// The reasons of those lost in a period. `promises` tell when each had first been broken to whom.
    pub fn of(book: &Book, frame: &Frame, promises: &[Kept]) -> Self {
        let slugs = slugs(&book.reasons);
        let mut groups: BTreeMap<Reason, Vec<&Membership>> = BTreeMap::new();
        let mut all = Vec::new();
        for membership in &book.memberships {
            if let Some(leaving) = membership.leaving
                && Line::Lost.counts(membership, frame.from, frame.until)
            {
                groups.entry(leaving.reason).or_default().push(membership);
                all.push(membership);
            }
        }
        let unstated = groups.remove(&Reason::NONE).map_or(0, |left| left.len());
        let mut stated: Vec<Stated> = groups
            .into_iter()
            .map(|(reason, left)| Stated {
                reason: book.reasons.words(reason).to_owned(),
                id: id(&slugs, reason),
                count: left.len() as u64,
                let_down_before: let_down_before(&left, promises),
            })
            .collect();
        stated.sort_by(|a, b| b.count.cmp(&a.count).then(a.reason.cmp(&b.reason)));
        Self {
            stated,
            unstated: unstated as u64,
            let_down_before: let_down_before(&all, promises),
        }
    }

    /// One figure for each reason, one for those who stated none, and of each those whom a promise had let down before; `told` is why it cannot be
    /// told who left, where it cannot.
    pub fn figures(&self, frame: &Frame, told: Result<(), &str>) -> Vec<Figure> {
        let count =
            |id: String, count: u64, evidence| frame.count(id, told.map(|()| count), evidence);
        let before = |of: &str, let_down: &BTreeMap<String, u64>| {
            let figures = let_down.iter().map(|(promise, harmed)| {
                let id = format!("{of}{BEFORE_LEAVING}{promise}");
                count(id, *harmed, Evidence::Measured)
            });
            figures.collect::<Vec<Figure>>()
        };
        let mut figures = Vec::new();
        for stated in &self.stated {
            let evidence = Evidence::StatedByCustomers;
            figures.push(count(stated.id.clone(), stated.count, evidence));
            figures.extend(before(&format!("{}.", stated.id), &stated.let_down_before));
        }
        figures.push(count(UNSTATED.into(), self.unstated, Evidence::Measured));
        figures.extend(before("", &self.let_down_before));
        figures
    }
}

/// The id of a reason's figure.
fn id(slugs: &HashMap<Reason, String>, reason: Reason) -> String {
    format!("reason.{}", slugs.get(&reason).map_or("", String::as_str))
}

/// The reason whose figure has this id.
pub(crate) fn of_id(reasons: &Reasons, wanted: &str) -> Option<Reason> {
    let slugs = slugs(reasons);
    let mut all = slugs.keys().copied();
    all.find(|reason| id(&slugs, *reason) == wanted)
}

/// A short name for each reason: its letters and digits, joined by dashes, with a number where two would be the same.
fn slugs(reasons: &Reasons) -> HashMap<Reason, String> {
    let mut taken: HashMap<String, u32> = HashMap::new();
    let mut slugs = HashMap::new();
    for reason in reasons.all() {
        let words = reasons.words(reason).to_lowercase();
        let parts = words.split(|sign: char| !sign.is_alphanumeric());
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        let mut slug = parts.join("-");
        if slug.is_empty() {
            slug = format!("{:016x}", reason.0);
        }
        let times = taken.entry(slug.clone()).or_default();
        *times += 1;
        if *times > 1 {
            slug = format!("{slug}-{times}");
        }
        slugs.insert(reason, slug);
    }
    slugs
}

/// How many of those who left had been let down by the time they left, by promise. Somebody who left twice is counted once.
fn let_down_before(left: &[&Membership], promises: &[Kept]) -> BTreeMap<String, u64> {
    let mut last: HashMap<IdentifierId, i64> = HashMap::new();
    for membership in left {
        if let Some(end) = membership.end() {
            let at = last.entry(membership.customer).or_insert(end);
            *at = end.max(*at);
        }
    }
    let mut before = BTreeMap::new();
    for kept in promises {
        let was_harmed = |customer: &IdentifierId, end: i64| {
            let harmed = kept.harmed.get(customer);
            harmed.is_some_and(|harmed| harmed.ever <= end)
        };
        let harmed = last
            .iter()
            .filter(|(customer, end)| was_harmed(customer, **end));
        let harmed = harmed.count() as u64;
        if harmed > 0 {
            before.insert(kept.promise.clone(), harmed);
        }
    }
    before
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_slug_of_its_own() {
        let mut reasons = Reasons::new(&[]);
        let texts = [
            "Too dear!",
            "too (dear)",
            "Zu teuer – wirklich",
            "???",
            "Moved",
        ];
        let met: Vec<Reason> = texts.iter().map(|text| reasons.meet(text)).collect();
        let slugs = slugs(&reasons);
        assert_eq!(slugs[&met[0]], "too-dear");
        assert_eq!(slugs[&met[1]], "too-dear-2");
        assert_eq!(slugs[&met[2]], "zu-teuer-wirklich");
        assert_eq!(slugs[&met[3]].len(), 16);
        assert_eq!(of_id(&reasons, "reason.moved"), Some(met[4]));
        assert_eq!(of_id(&reasons, "reason.nobody"), None);
    }
}
