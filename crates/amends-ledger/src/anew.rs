//! Judges records anew over the sayings that remain, in the order of ingest: as if the imports that no longer count had never been.
//!
//! A saying is known by its import and its place in it. It stands as an event in a part, or among what was said again, or it is what another import
//! said that said the very same. Keys are hashes, so that a kind is gone through in ranges of them, as many as memory can bear.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io;
use std::ops::RangeInclusive;
use std::sync::Arc;

use amends_model::EventId;
use rayon::prelude::*;

use crate::contents::Mark;
use crate::dedupe::{Earlier, Incoming, judge};
use crate::entry::Entry;
use crate::known::KnownPart;
use crate::said::{self, Saying};
use crate::standing::Standing;

/// Entries that are held while their records are judged, about.
const HELD: u64 = 1 << 20;

/// One kind, whose records are judged anew.
pub(crate) struct Kind {
    /// All its parts, those of its silences among them.
    pub(crate) parts: Vec<Arc<KnownPart>>,
    /// How many events they have.
    pub(crate) events: u64,
    /// Which imports count.
    pub(crate) standing: Arc<Standing>,
    /// Hashes of what those said again that begin to count.
    pub(crate) begun: HashSet<u64>,
}

/// What was said again of records that are judged anew.
#[derive(Default)]
pub(crate) struct Again {
    /// By hash: whether their record says one thing only, and who said it, with the order of ingest.
    said: HashMap<u64, (bool, Vec<(u64, Saying)>)>,
}

impl Again {
    /// Whether no record is judged anew.
    pub(crate) fn is_empty(&self) -> bool {
        self.said.is_empty()
    }

    /// Takes in what an import said again, for all that count and said it.
    pub(crate) fn add(&mut self, import: i64, sayings: Vec<Saying>, standing: &Standing) {
        for saying in sayings {
            let Some((single, said)) = self.said.get_mut(&saying.hash) else {
                continue;
            };
            for voice in standing.voices(import) {
                let sequence = said::sequence(voice, saying.place);
                let same = said
                    .iter_mut()
                    .find(|(_, known)| *single && known.version == saying.version);
                match same {
                    // Where a record says one thing only, who says it later is a duplicate in any case.
                    Some(known) if sequence < known.0 => *known = (sequence, saying),
                    Some(_) => {}
                    None => said.push((sequence, saying)),
                }
            }
        }
    }
}

/// A saying as it is judged.
struct Heard {
    sequence: u64,
    version: Option<i64>,
    content: i64,
    /// Part and row of an event that said the same.
    like: (i64, u32),
    /// Line and offset, where they are not those of that event.
    told: Option<(Option<i64>, i32)>,
}

/// A saying that becomes an event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Revived {
    /// Part and row of an event that said the same.
    pub(crate) like: (i64, u32),
    /// Line and offset, where they are not those of that event.
    pub(crate) told: Option<(Option<i64>, i32)>,
    /// Its entry, without a row.
    pub(crate) entry: Entry,
    /// The event that replaces it, if it is not the current one.
    pub(crate) superseded_by: Option<EventId>,
}

/// What judging anew has come to.
#[derive(Default)]
pub(crate) struct Outcome {
    /// For each part and row that was judged its mark; none where the event is current.
    pub(crate) marks: BTreeMap<i64, HashMap<u32, Option<Mark>>>,
    /// Sayings that become events.
    pub(crate) revived: Vec<Revived>,
    /// Imports of whose sayings others are events now than before.
    pub(crate) shifted: BTreeSet<i64>,
}

/// The number of the part that is damaged, and how.
type Damage = (i64, io::Error);

impl Kind {
    /// The records that are to be judged anew, as the hashes of what they say.
    ///
    /// # Errors
    /// The number of the part that is damaged, and how.
    pub(crate) fn affected(&self) -> Result<Again, Damage> {
        let mut again = Again::default();
        for range in self.ranges() {
            for record in self.records(&range)?.chunk_by(same_key) {
                let first = record[0].entry.content;
                let single = record.iter().all(|event| event.entry.content == first);
                for event in record {
                    let hash = said::hash(event.entry.key, event.entry.content);
                    again.said.entry(hash).or_insert((single, Vec::new()));
                }
            }
        }
        Ok(again)
    }

    /// Judges them.
    ///
    /// # Errors
    /// The number of the part that is damaged, and how.
    pub(crate) fn judge(&self, again: &Again) -> Result<Outcome, Damage> {
        let mut outcome = Outcome::default();
        for range in self.ranges() {
            let records = self.records(&range)?;
            let mut heard = Vec::with_capacity(records.len());
            let mut incoming = Vec::with_capacity(records.len());
            for record in records.chunk_by(same_key) {
                let from = heard.len();
                self.hear(record, again, &mut heard);
                let said = heard[from..].iter().zip(from as u32..);
                incoming.extend(said.map(|(heard, index)| Incoming {
                    key: record[0].entry.key,
                    content: heard.content,
                    version: heard.version,
                    sequence: heard.sequence,
                    index,
                }));
            }
            self.settle(&records, &heard, &incoming, &mut outcome);
        }
        Ok(outcome)
    }

    /// All that counts and was said of a record, in order of ingest.
    fn hear(&self, record: &[Earlier], again: &Again, heard: &mut Vec<Heard>) {
        let from = heard.len();
        for event in record {
            let entry = &event.entry;
            for voice in self.standing.voices(said::import(entry.sequence)) {
                heard.push(Heard {
                    sequence: said::sequence(voice, said::place(entry.sequence)),
                    version: entry.version,
                    content: entry.content,
                    like: (event.part, entry.row),
                    told: None,
                });
            }
        }
        let mut contents: Vec<i64> = record.iter().map(|event| event.entry.content).collect();
        contents.sort_unstable();
        contents.dedup();
        for content in contents {
            let hash = said::hash(record[0].entry.key, content);
            let like = record.iter().find(|event| event.entry.content == content);
            let (Some((_, said)), Some(like)) = (again.said.get(&hash), like) else {
                continue;
            };
            heard.extend(said.iter().map(|(sequence, saying)| Heard {
                sequence: *sequence,
                version: saying.version,
                content,
                like: (like.part, like.entry.row),
                told: Some((saying.line, saying.offset)),
            }));
        }
        let mut own = heard.split_off(from);
        // What stands as an event tells more than a saying does.
        own.sort_by_key(|heard| (heard.sequence, heard.told.is_some()));
        own.dedup_by_key(|heard| heard.sequence);
        heard.append(&mut own);
    }

    fn settle(
        &self,
        records: &[Earlier],
        heard: &[Heard],
        incoming: &[Incoming],
        outcome: &mut Outcome,
    ) {
        let verdict = judge(incoming, &[]);
        let (mut were, mut are) = (HashSet::new(), HashSet::new());
        let mut homes: HashMap<(u64, u32), &Earlier> = HashMap::new();
        for event in records {
            let entry = &event.entry;
            if !event.withdrawn {
                were.insert(entry.sequence);
            }
            homes.insert((entry.sequence, entry.occurrence), event);
            let mark = Mark::withdrawn(entry.row, entry.id());
            let marks = outcome.marks.entry(event.part).or_default();
            marks.insert(entry.row, Some(mark));
        }
        for news in &verdict.news {
            let said = &heard[news.index as usize];
            are.insert(said.sequence);
            if let Some(home) = homes.get(&(said.sequence, news.occurrence)) {
                let entry = &home.entry;
                let mark = news.superseded_by.map(|by| Mark {
                    row: entry.row,
                    id: entry.id(),
                    by,
                    position: None,
                });
                let marks = outcome.marks.entry(home.part).or_default();
                marks.insert(entry.row, mark);
                continue;
            }
            outcome.revived.push(Revived {
                like: said.like,
                told: said.told,
                entry: Entry {
                    key: incoming[news.index as usize].key,
                    content: said.content,
                    version: said.version,
                    sequence: said.sequence,
                    row: 0,
                    occurrence: news.occurrence,
                },
                superseded_by: news.superseded_by,
            });
        }
        let shifted = were.symmetric_difference(&are);
        let shifted = shifted.map(|sequence| said::import(*sequence));
        outcome
            .shifted
            .extend(shifted.filter(|import| self.standing.counts(*import)));
    }

    /// Ranges of the upper halves of keys.
    fn ranges(&self) -> Vec<RangeInclusive<u64>> {
        let count = self.events.div_ceil(HELD).max(1);
        let width = u64::MAX / count;
        let range = |number: u64| {
            let first = number * width + u64::from(number > 0);
            let last = if number + 1 == count {
                u64::MAX
            } else {
                (number + 1) * width
            };
            first..=last
        };
        (0..count).map(range).collect()
    }

    /// The events of a range that belong to records to be judged anew, by key and order of ingest.
    fn records(&self, range: &RangeInclusive<u64>) -> Result<Vec<Earlier>, Damage> {
        let found: Result<Vec<Vec<Earlier>>, Damage> = self
            .parts
            .par_iter()
            .map(|known| {
                let part = known.part;
                let entries = known.between(range).map_err(|error| (part, error))?;
                let entries = entries.into_iter();
                Ok(entries.map(|entry| known.earlier(entry)).collect())
            })
            .collect();
        let mut all: Vec<Earlier> = found?.into_iter().flatten().collect();
        all.par_sort_unstable_by_key(|event| (event.entry.key, event.entry.sequence, event.part));
        let mut records = Vec::new();
        for record in all.chunk_by(same_key) {
            if record.iter().any(|event| self.touches(&event.entry)) {
                records.extend_from_slice(record);
            }
        }
        Ok(records)
    }

    fn touches(&self, entry: &Entry) -> bool {
        let touched = &self.standing.touched;
        touched.contains(&said::import(entry.sequence))
            || (!self.begun.is_empty()
                && self.begun.contains(&said::hash(entry.key, entry.content)))
    }
}

fn same_key(left: &Earlier, right: &Earlier) -> bool {
    left.entry.key == right.entry.key
}
