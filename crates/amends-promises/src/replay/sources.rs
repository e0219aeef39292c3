//! The sources of events: numbered as they are met on several threads, ranked by their names when all are.

use std::collections::HashMap;
use std::sync::Mutex;

use super::lock::lock;
use crate::events::Columns;

/// The sources that were met.
#[derive(Default)]
pub(super) struct Sources(Mutex<HashMap<String, u32>>);

impl Sources {
    /// For each row the order in which its source was met.
    pub(super) fn of(&self, columns: &Columns<'_>) -> Vec<u32> {
        let mut sources = lock(&self.0);
        let mut last: Option<(&str, u32)> = None;
        let mut met = |name| {
            if let Some((_, number)) = last.filter(|(same, _)| *same == name) {
                return number;
            }
            let next = sources.len() as u32;
            let number = *sources.entry(str::to_owned(name)).or_insert(next);
            last = Some((name, number));
            number
        };
        columns
            .source
            .iter()
            .map(|name| met(name.unwrap_or_default()))
            .collect()
    }

    /// The rank of each source's name, by the order in which sources were met.
    pub(super) fn ranks(&self) -> Vec<u32> {
        let sources = lock(&self.0);
        let mut names: Vec<&String> = sources.keys().collect();
        names.sort_unstable();
        let mut ranks = vec![0; names.len()];
        for (rank, name) in names.into_iter().enumerate() {
            ranks[sources[name] as usize] = rank as u32;
        }
        ranks
    }
}
