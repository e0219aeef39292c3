//! Which parts of a kind are to become one: always several of about the same size, so that no event is rewritten often.

use std::collections::BTreeMap;

use crate::columns::{self, Properties};
use crate::part::PartInfo;

/// Parts are of about the same size when their events have as many digits to this base.
const TIER: u64 = 8;

/// Parts of one kind, by their place in a list, that are to become one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    /// Their kind.
    pub(crate) kind: String,
    /// The union of their properties: no two of them differ in the type of one.
    pub(crate) properties: Properties,
    /// Their places.
    pub(crate) members: Vec<usize>,
    /// How many events they have.
    pub(crate) events: u64,
}

/// All parts by kind, and by properties that agree.
pub(crate) fn all<'a>(parts: impl Iterator<Item = &'a PartInfo>) -> Vec<Group> {
    grouped(parts, |_| 0, u64::MAX)
}

/// Groups of at least `fan` parts of about the same size that have no more than so many events together.
pub(crate) fn due<'a>(
    parts: impl Iterator<Item = &'a PartInfo>,
    fan: usize,
    most: usize,
) -> Vec<Group> {
    let fan = fan.max(2);
    let tier = |part: &PartInfo| part.events.max(1).ilog(TIER);
    let mut groups = grouped(parts, tier, most as u64);
    groups.retain(|group| group.members.len() >= fan);
    groups
}

fn grouped<'a>(
    parts: impl Iterator<Item = &'a PartInfo>,
    tier: impl Fn(&PartInfo) -> u32,
    most: u64,
) -> Vec<Group> {
    let mut groups: BTreeMap<(&str, u32), Vec<Group>> = BTreeMap::new();
    for (place, part) in parts.enumerate() {
        let alike = groups.entry((&part.kind, tier(part))).or_default();
        let fits = |group: &Group| {
            columns::agree(&group.properties, &part.properties)
                && group.events.saturating_add(part.events) <= most
        };
        let group = match alike.iter().position(fits) {
            Some(found) => &mut alike[found],
            None => {
                alike.push(Group {
                    kind: part.kind.clone(),
                    properties: Properties::new(),
                    members: Vec::new(),
                    events: 0,
                });
                let last = alike.len() - 1;
                &mut alike[last]
            }
        };
        columns::unite(&mut group.properties, &part.properties);
        group.events = group.events.saturating_add(part.events);
        group.members.push(place);
    }
    groups.into_values().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::DataType;

    fn part(kind: &str, events: u64, weight: Option<DataType>) -> PartInfo {
        PartInfo {
            part: 0,
            kind: kind.into(),
            events,
            first_at: 0,
            last_at: 0,
            properties: weight.map(|of| ("weight".into(), of)).into_iter().collect(),
        }
    }

    #[test]
    fn like_joins_like() {
        let parts = [
            part("a", 100, None),
            part("a", 90, Some(DataType::Int64)),
            part("a", 110, Some(DataType::Utf8)),
            part("b", 100, None),
            part("a", 9_000, None),
            part("a", 80, Some(DataType::Int64)),
        ];
        let members = |groups: Vec<Group>| -> Vec<Vec<usize>> {
            groups.into_iter().map(|group| group.members).collect()
        };
        assert_eq!(
            members(all(parts.iter())),
            [vec![0, 1, 4, 5], vec![2], vec![3]]
        );
        assert_eq!(members(due(parts.iter(), 3, 1_000)), [[0, 1, 5]]);
        assert!(due(parts.iter(), 3, 200).is_empty());
        assert!(due(parts.iter(), 4, 1_000).is_empty());
    }
}
