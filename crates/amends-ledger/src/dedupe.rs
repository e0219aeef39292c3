//! Which incoming events are news, and which event of a record is the current one (rule 1).

use std::collections::HashMap;

use amends_model::EventId;

use crate::entry::{Entry, event_id};
use crate::silence;

/// An incoming event as dedupe sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Incoming {
    /// Its record's key.
    pub(crate) key: u128,
    /// Hash of what the source said.
    pub(crate) content: i64,
    /// The source's own version.
    pub(crate) version: Option<i64>,
    /// The order of ingest.
    pub(crate) sequence: u64,
    /// Its row among those that came in together.
    pub(crate) index: u32,
}

/// An event that came in before: the part it stands in, and its entry there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Earlier {
    /// The part.
    pub(crate) part: i64,
    /// Its entry.
    pub(crate) entry: Entry,
    /// Whether it counts no longer: then it only shows that something was said of its record once.
    pub(crate) withdrawn: bool,
}

/// An incoming event that is news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct News {
    /// Its row among those that came in together.
    pub(crate) index: u32,
    /// How often this content had come with this version before.
    pub(crate) occurrence: u32,
    /// The event that replaces it, if it is not the current one at once.
    pub(crate) superseded_by: Option<EventId>,
}

/// An event of an earlier part that is no longer the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Replaced {
    /// The part it stands in.
    pub(crate) part: i64,
    /// Its row there.
    pub(crate) row: u32,
    /// Its id.
    pub(crate) id: EventId,
    /// The event that replaces it.
    pub(crate) by: EventId,
}

/// What became of a batch.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// What is news, in order of key and ingest.
    pub(crate) news: Vec<News>,
    /// What was current before and is so no longer.
    pub(crate) replaced: Vec<Replaced>,
    /// Silences with nothing to take back today, of records of which something was said that counts no longer: it may count again.
    pub(crate) idle: Vec<u32>,
    /// Silences with nothing to take back, ever: they leave no trace.
    pub(crate) unheard: Vec<u32>,
}

impl Verdict {
    /// The same as [`Record::judge`] for the one thing that was ever said of a record, as most of what comes in is.
    fn judge_first(&mut self, incoming: &Incoming) {
        if incoming.content == silence::CONTENT && incoming.version.is_none() {
            self.unheard.push(incoming.index);
            return;
        }
        self.news.push(News {
            index: incoming.index,
            occurrence: 0,
            superseded_by: None,
        });
    }
}

/// One known version of a record.
#[derive(Clone, Copy)]
struct Version {
    content: i64,
    version: Option<i64>,
    sequence: u64,
    occurrence: u32,
    place: Place,
}

#[derive(Clone, Copy)]
enum Place {
    /// Part and row.
    Earlier(i64, u32),
    /// Position in the news.
    Here(usize),
}

/// Judges incoming events, sorted by key and then by order of ingest, against all that is known of their records, sorted by key.
///
/// - What says the same as the current event of its record, in the same version, is a duplicate.
/// - What repeats another event of its record, content and version, is a duplicate too where the source tells versions apart;
///   where it does not, a content that returns is an event again.
/// - The current event is the one with the highest version (none is the lowest), then the later in order of ingest.
///
/// Another version with the same content is news, so that the outcome does not depend on the order in which versions arrive: what changed between
/// them may still come.
///
/// A silence is judged as a version of its record like any other, but that it needs something to take back: without a version of the source's own,
/// where nothing that counts was said before, it is no news.
pub(crate) fn judge(incoming: &[Incoming], earlier: &[Earlier]) -> Verdict {
    let mut verdict = Verdict {
        news: Vec::with_capacity(incoming.len()),
        ..Verdict::default()
    };
    let mut earlier = earlier;
    let mut record = Record::default();
    for same in incoming.chunk_by(|left, right| left.key == right.key) {
        let key = same[0].key;
        let before = earlier.iter().take_while(|known| known.entry.key < key);
        earlier = &earlier[before.count()..];
        let known = earlier.iter().take_while(|known| known.entry.key == key);
        if let ([one], 0) = (same, known.clone().count()) {
            verdict.judge_first(one);
            continue;
        }
        record.begin(key, known);
        for incoming in same {
            record.judge(incoming, &mut verdict);
        }
    }
    verdict
}

/// What is known of one record while its incoming events are judged.
#[derive(Default)]
struct Record {
    key: u128,
    current: Option<Version>,
    /// How often each content came with each version.
    said: HashMap<(i64, Option<i64>), u32>,
    /// Whether anything that counts no longer was said of it, and whether a silence was among that.
    once: (bool, bool),
}

impl Record {
    fn begin<'a>(&mut self, key: u128, known: impl Iterator<Item = &'a Earlier>) {
        self.key = key;
        self.current = None;
        self.said.clear();
        self.once = (false, false);
        for known in known {
            let entry = known.entry;
            if known.withdrawn {
                self.once.0 = true;
                self.once.1 |= entry.content == silence::CONTENT;
                continue;
            }
            self.enter(Version {
                content: entry.content,
                version: entry.version,
                sequence: entry.sequence,
                occurrence: entry.occurrence,
                place: Place::Earlier(known.part, entry.row),
            });
        }
    }

    /// Adds a version; returns the one that was current until then.
    fn enter(&mut self, new: Version) -> Option<Version> {
        *self.said.entry((new.content, new.version)).or_default() += 1;
        let before = self.current;
        let rank = |version: &Version| (version.version, version.sequence);
        if before.is_none_or(|before| rank(&new) > rank(&before)) {
            self.current = Some(new);
        }
        before
    }

    fn id(&self, version: &Version) -> EventId {
        event_id(
            self.key,
            version.version,
            version.content,
            version.occurrence,
        )
    }

    fn judge(&mut self, incoming: &Incoming, verdict: &mut Verdict) {
        if self.is_idle(incoming) {
            match self.once {
                (false, _) => verdict.unheard.push(incoming.index),
                (true, false) => verdict.idle.push(incoming.index),
                (true, true) => {}
            }
            self.once.1 |= self.once.0;
            return;
        }
        let said = (incoming.content, incoming.version);
        let times = self.said.get(&said).copied().unwrap_or(0);
        if self.is_duplicate(incoming, times) {
            return;
        }
        let new = Version {
            content: incoming.content,
            version: incoming.version,
            sequence: incoming.sequence,
            occurrence: times,
            place: Place::Here(verdict.news.len()),
        };
        let before = self.enter(new);
        let current = self.current.unwrap_or(new);
        let lost = current.sequence != new.sequence;
        verdict.news.push(News {
            index: incoming.index,
            occurrence: times,
            superseded_by: lost.then(|| self.id(&current)),
        });
        let Some(loser) = before.filter(|_| !lost) else {
            return;
        };
        let by = self.id(&new);
        match loser.place {
            Place::Here(position) => verdict.news[position].superseded_by = Some(by),
            Place::Earlier(part, row) => verdict.replaced.push(Replaced {
                part,
                row,
                id: self.id(&loser),
                by,
            }),
        }
    }

    /// Whether this is a silence that has nothing to take back. One with a version of the source's own has: an older version may still arrive.
    fn is_idle(&self, incoming: &Incoming) -> bool {
        incoming.content == silence::CONTENT && incoming.version.is_none() && self.current.is_none()
    }

    fn is_duplicate(&self, incoming: &Incoming, times: u32) -> bool {
        let Some(current) = self.current else {
            return false;
        };
        if incoming.content == current.content {
            let is_silence = incoming.content == silence::CONTENT;
            if incoming.version == current.version
                || (is_silence && incoming.version < current.version)
            {
                return true;
            }
        }
        let versioned = incoming.version.is_some() || current.version.is_some();
        versioned && times > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Judges contents and versions of one record that come in one after the other; tells what is news and what is current at the end.
    fn check(said: &[(i64, Option<i64>)]) -> (Vec<usize>, Vec<usize>) {
        let incoming: Vec<_> = said
            .iter()
            .zip(0..)
            .map(|((content, version), index)| Incoming {
                key: 1,
                content: *content,
                version: *version,
                sequence: u64::from(index),
                index,
            })
            .collect();
        let verdict = judge(&incoming, &[]);
        let news = verdict.news.iter();
        let current = news.clone().filter(|news| news.superseded_by.is_none());
        (
            news.clone().map(|news| news.index as usize).collect(),
            current.map(|news| news.index as usize).collect(),
        )
    }

    #[test]
    fn without_versions_the_last_said_is_current() {
        assert_eq!(check(&[(7, None), (7, None)]), (vec![0], vec![0]));
        assert_eq!(check(&[(7, None), (8, None)]), (vec![0, 1], vec![1]));
        assert_eq!(
            check(&[(7, None), (8, None), (7, None)]),
            (vec![0, 1, 2], vec![2])
        );
    }

    #[test]
    fn with_versions_the_highest_is_current_in_any_order() {
        let (a, b, c) = ((7, Some(1)), (8, Some(2)), (7, Some(3)));
        assert_eq!(check(&[a, b, c]), (vec![0, 1, 2], vec![2]));
        assert_eq!(check(&[c, b, a]), (vec![0, 1, 2], vec![0]));
        assert_eq!(check(&[a, c, b]), (vec![0, 1, 2], vec![1]));
        assert_eq!(check(&[b, a, b, a, c]), (vec![0, 1, 4], vec![4]));
        assert_eq!(check(&[b, (9, None), (9, None)]), (vec![0, 1], vec![0]));
    }

    #[test]
    fn what_returns_is_told_apart_by_its_occurrence() {
        let said = [(7, 0), (8, 1), (7, 2), (8, 3), (7, 4)];
        let incoming = said.map(|(content, sequence)| Incoming {
            key: 1,
            content,
            version: None,
            sequence,
            index: sequence as u32,
        });
        let verdict = judge(&incoming, &[]);
        let occurrences: Vec<_> = verdict.news.iter().map(|news| news.occurrence).collect();
        assert_eq!(occurrences, [0, 0, 1, 1, 2]);
    }

    #[test]
    fn an_earlier_part_loses_its_current_event() {
        let entry = Entry {
            key: 5,
            content: 1,
            version: None,
            sequence: 0,
            row: 33,
            occurrence: 0,
        };
        let incoming = [Incoming {
            key: 5,
            content: 2,
            version: None,
            sequence: 1,
            index: 0,
        }];
        let earlier = Earlier {
            part: 9,
            entry,
            withdrawn: false,
        };
        let verdict = judge(&incoming, &[earlier]);
        let by = event_id(5, None, 2, 0);
        let replaced = Replaced {
            part: 9,
            row: 33,
            id: entry.id(),
            by,
        };
        assert_eq!(verdict.replaced, [replaced]);
        assert_eq!(verdict.news[0].superseded_by, None);
    }

    #[test]
    fn a_silence_takes_back_what_counts_and_is_taken_back() {
        let nothing = silence::CONTENT;
        // Nothing was said: without a version it is no news, with one it waits for what is older.
        assert_eq!(check(&[(nothing, None)]), (vec![], vec![]));
        assert_eq!(check(&[(nothing, Some(2))]), (vec![0], vec![0]));
        assert_eq!(check(&[(nothing, None), (7, None)]), (vec![1], vec![1]));
        assert_eq!(
            check(&[(7, None), (nothing, None), (nothing, None), (7, None)]),
            (vec![0, 1, 3], vec![3])
        );
        assert_eq!(
            check(&[(nothing, Some(2)), (7, Some(1)), (7, None)]),
            (vec![0, 1, 2], vec![0])
        );
        assert_eq!(check(&[(7, Some(1)), (nothing, None)]).1, [0]);
    }

    #[test]
    fn a_silence_is_remembered_where_something_may_count_again() {
        let entry = |content, sequence| Entry {
            key: 5,
            content,
            version: None,
            sequence,
            row: 0,
            occurrence: 0,
        };
        let silent = [1, 2].map(|index| Incoming {
            key: 5,
            content: silence::CONTENT,
            version: None,
            sequence: 9 + u64::from(index),
            index,
        });
        let known = |withdrawn, content| Earlier {
            part: 1,
            entry: entry(content, 1),
            withdrawn,
        };
        let outcome = |earlier: &[Earlier]| {
            let verdict = judge(&silent, earlier);
            (verdict.news.len(), verdict.idle, verdict.unheard)
        };
        assert_eq!(outcome(&[]), (0, vec![], vec![1, 2]));
        assert_eq!(outcome(&[known(false, 7)]), (1, vec![], vec![]));
        assert_eq!(outcome(&[known(true, 7)]), (0, vec![1], vec![]));
        assert_eq!(
            outcome(&[known(true, silence::CONTENT)]),
            (0, vec![], vec![])
        );
    }
}
