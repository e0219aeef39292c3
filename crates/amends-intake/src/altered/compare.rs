//! Two lists of columns compared: what came, what went, and which of them are probably the same under another name.

use std::collections::BTreeMap;

use amends_ledger::FileColumn;
use amends_project::definition::SourceFile;

/// A column that has probably another name now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renamed {
    /// What it was called.
    pub from: String,
    /// What it is called now.
    pub to: String,
    /// Whether the definition reads both as one column.
    pub is_read: bool,
}

impl Renamed {
    /// What to write where they are one column.
    pub(super) fn hint(&self, file: &SourceFile) -> String {
        let Self { from, to, .. } = self;
        let section = &file.section;
        format!(
            "where `{to}` is what `{from}` was, write below [{section}.rename]: \"{to}\" = \"{from}\"; then both are read as one column"
        )
    }
}

/// What is different.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Compared {
    pub(super) added: Vec<String>,
    pub(super) dropped: Vec<String>,
    pub(super) renamed: Vec<Renamed>,
}

/// Compares columns with those of before. A column that went and one that came are held to be the same where the definition says so, or where
/// two of three speak for it, their values among them or unknown: what the values look like, the names beside it, its own name.
pub(super) fn compare(
    before: &[FileColumn],
    now: &[FileColumn],
    definition: &BTreeMap<String, String>,
) -> Compared {
    let missing_from = |others: &[FileColumn], column: &FileColumn| {
        !others.iter().any(|other| other.name == column.name)
    };
    let gone = (0..before.len()).filter(|place| missing_from(now, &before[*place]));
    let mut gone: Vec<usize> = gone.collect();
    let new = (0..now.len()).filter(|place| missing_from(before, &now[*place]));
    let mut new: Vec<usize> = new.collect();
    let meant = |name: &String| definition.get(name).unwrap_or(name).clone();
    let mut pairs = Vec::new();
    for &from in &gone {
        for &to in &new {
            let is_read = meant(&before[from].name) == meant(&now[to].name);
            let score = match is_read {
                true => 4,
                false => likeness(before, from, now, to),
            };
            if score >= 2 {
                pairs.push((score, from, to, is_read));
            }
        }
    }
    pairs.sort_by_key(|(score, from, to, _)| (std::cmp::Reverse(*score), *from, *to));
    let mut compared = Compared::default();
    for (_, from, to, is_read) in pairs {
        if !gone.contains(&from) || !new.contains(&to) {
            continue;
        }
        gone.retain(|place| *place != from);
        new.retain(|place| *place != to);
        compared.renamed.push(Renamed {
            from: before[from].name.clone(),
            to: now[to].name.clone(),
            is_read,
        });
    }
    compared.dropped = gone.iter().map(|at| before[*at].name.clone()).collect();
    compared.added = new.iter().map(|at| now[*at].name.clone()).collect();
    compared
}

/// How many of three things speak for it that two columns are one; none where their values differ.
fn likeness(before: &[FileColumn], from: usize, now: &[FileColumn], to: usize) -> u8 {
    let (old, new) = (&before[from], &now[to]);
    let looks = match (&old.looks, &new.looks) {
        (Some(old), Some(new)) if old != new => return 0,
        (Some(_), Some(_)) => 1,
        _ => 0,
    };
    let name = |columns: &[FileColumn], place: Option<usize>| {
        place.and_then(|place| columns.get(place).map(|column| column.name.clone()))
    };
    let beside = |step: fn(usize) -> Option<usize>| name(before, step(from)) == name(now, step(to));
    let has_neighbours = beside(|place| place.checked_sub(1)) && beside(|place| Some(place + 1));
    let is_called_alike = strsim::jaro_winkler(&plain(&old.name), &plain(&new.name)) > 0.8;
    looks + u8::from(has_neighbours) + u8::from(is_called_alike)
}

/// A name without what is only a matter of spelling.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|sign| sign.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(told: &[(&str, &str)]) -> Vec<FileColumn> {
        let column = |(name, looks): &(&str, &str)| FileColumn {
            name: (*name).to_owned(),
            looks: (!looks.is_empty()).then(|| (*looks).to_owned()),
        };
        told.iter().map(column).collect()
    }

    fn compared(before: &[(&str, &str)], now: &[(&str, &str)]) -> Compared {
        compare(&columns(before), &columns(now), &BTreeMap::new())
    }

    fn is_called(from: &str, to: &str) -> Renamed {
        Renamed {
            from: from.into(),
            to: to.into(),
            is_read: false,
        }
    }

    #[test]
    fn the_same_columns_in_any_order_are_no_change() {
        let before = [("id", "9"), ("email", "a@a.a")];
        let now = [("email", ""), ("id", "a-9")];
        assert_eq!(compared(&before, &now), Compared::default());
    }

    #[test]
    fn values_and_place_or_values_and_name_tell_another_name() {
        let before = [("id", "9"), ("email", "a@a.a"), ("since", "9-9-9")];
        let by_name = [("since", "9-9-9"), ("id", "9"), ("E-Mail", "a@a.a")];
        assert_eq!(
            compared(&before, &by_name).renamed,
            [is_called("email", "E-Mail")]
        );
        let by_place = [("id", "9"), ("contact", "a@a.a"), ("since", "9-9-9")];
        assert_eq!(
            compared(&before, &by_place).renamed,
            [is_called("email", "contact")]
        );
        let other_values = [("id", "9"), ("e_mail", "9"), ("since", "9-9-9")];
        let changed = compared(&before, &other_values);
        assert_eq!(changed.renamed, []);
        assert_eq!(
            (changed.dropped, changed.added),
            (vec!["email".into()], vec!["e_mail".into()])
        );
    }

    #[test]
    fn each_column_has_one_new_name_and_the_likeliest() {
        let before = [("begun", "9-9-9"), ("ended", "9-9-9")];
        let now = [("ended_on", "9-9-9"), ("begun_on", "9-9-9")];
        let changed = compared(&before, &now);
        assert_eq!(
            changed.renamed,
            [
                is_called("begun", "begun_on"),
                is_called("ended", "ended_on")
            ]
        );
        assert!(changed.added.is_empty() && changed.dropped.is_empty());
    }

    #[test]
    fn what_the_definition_reads_as_one_is_one() {
        let definition = BTreeMap::from([("Kunde".to_owned(), "customer".to_owned())]);
        let before = columns(&[("customer", "9"), ("x", "")]);
        let now = columns(&[("x", ""), ("Kunde", "a9")]);
        let changed = compare(&before, &now, &definition);
        assert_eq!(
            changed.renamed,
            [Renamed {
                is_read: true,
                ..is_called("customer", "Kunde")
            }]
        );
    }
}
