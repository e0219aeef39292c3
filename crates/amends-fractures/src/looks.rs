//! Looks at all fractures: what was seen as of one moment, kept as an event (rules 13 and 14).
//!
//! Whatever is looked at often enough looks bad once. So a fracture is new, or one that was mended is back, only when two looks as of different moments saw
//! it one after the other. A look is read again and never taken again: what it saw stays, whatever is imported or defined later.

use std::collections::BTreeMap;

use amends_ledger::{Filter, Snapshot, Writer};
use amends_model::event::column;
use amends_model::{EventId, Problem, Result, time};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::fracture::Fracture;
use crate::whereabouts::Where;

/// The kind of its event.
const KIND: &str = "fractures_looked_at";

/// What was seen as of one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// When it was taken.
    pub at: Timestamp,
    /// As of when.
    pub as_of: Timestamp,
    /// What it saw, by the fracture's id. What was not looked for is not among it.
    pub seen: BTreeMap<String, Sight>,
}

/// What a look saw of one fracture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sight {
    /// Of which promise it is.
    pub promise: String,
    /// Its place.
    pub place: Where,
    /// How many people it had harmed.
    pub people: u64,
    /// Whether it had been said to be mended and broke again.
    pub is_back: bool,
}

/// What an event of a look says, as JSON.
#[derive(Serialize, Deserialize)]
struct Content {
    as_of: Timestamp,
    seen: BTreeMap<String, Sight>,
}

/// Keeps what is seen of these fractures.
///
/// # Errors
/// `AM0403` when the ledger's database fails.
pub async fn keep(
    writer: &Writer,
    fractures: &[Fracture],
    (at, as_of): (Timestamp, Timestamp),
) -> Result<EventId> {
    let there = fractures.iter().filter(|one| one.is_looked_for);
    let seen = there.map(|one| {
        let sight = Sight {
            promise: one.promise.clone(),
            place: one.place.clone(),
            people: one.people.len() as u64,
            is_back: one.is_back,
        };
        (one.id.clone(), sight)
    });
    let content = Content {
        as_of,
        seen: seen.collect(),
    };
    let content = serde_json::to_string(&content).map_err(|error| unreadable().because(error))?;
    writer.decide(KIND, &as_of.to_string(), &content, at).await
}

/// All looks as of a moment or an earlier one, in order of the moments; all there are without one. Of several as of moments of the same day the last: what is looked
/// at often enough on one day is seen twice by chance.
///
/// # Errors
/// `AM0406` when a segment cannot be read; `AM1002` when a look is of another release.
pub fn looks(snapshot: &Snapshot, until: Option<Timestamp>, zone: &TimeZone) -> Result<Vec<Look>> {
    let mut all: Vec<(Timestamp, EventId, Look)> = Vec::new();
    let columns = [column::ID, column::AT, column::REST];
    for batch in snapshot.scan(KIND, &columns, &Filter::default())? {
        let batch = batch?;
        for row in 0..batch.num_rows() {
            let (event, look) = read(&batch, row).ok_or_else(unreadable)?;
            all.push((look.at, event, look));
        }
    }
    all.sort_by_key(|(at, event, look)| (look.as_of, *at, *event));
    // Midnight is the end of a day: nothing of the next one is known by then.
    let known = |look: &Look| look.as_of.checked_sub(SignedDuration::from_micros(1));
    let day = |look: &Look| {
        let known = known(look).unwrap_or(look.as_of);
        known.to_zoned(zone.clone()).date()
    };
    let mut looks: Vec<Look> = Vec::new();
    for (_, _, look) in all {
        if until.is_some_and(|until| look.as_of > until) {
            continue;
        }
        looks.pop_if(|last| day(last) == day(&look));
        looks.push(look);
    }
    Ok(looks)
}

fn read(batch: &RecordBatch, row: usize) -> Option<(EventId, Look)> {
    let ids = batch.column(0).as_fixed_size_binary_opt()?;
    let moments = batch
        .column(1)
        .as_primitive_opt::<TimestampMicrosecondType>()?;
    let rest = batch.column(2).as_string_opt::<i32>()?;
    let content = rest.is_valid(row).then(|| rest.value(row))?;
    let Content { as_of, seen } = serde_json::from_str(content).ok()?;
    let at = time::from_micros(moments.value(row)).ok()?;
    Some((
        EventId::from_slice(ids.value(row))?,
        Look { at, as_of, seen },
    ))
}

fn unreadable() -> Problem {
    Problem::new("AM1002", "a look at fractures cannot be read")
        .detail(format!("an event of kind {KIND}"))
        .hint("the ledger was written by another release: use that one, or a newer one")
}

/// How many looks in a row saw a fracture, the last one included.
pub(crate) fn in_a_row(looks: &[Look], fracture: &str) -> u64 {
    let saw = |look: &&Look| look.seen.contains_key(fracture);
    looks.iter().rev().take_while(saw).count() as u64
}

/// Whether it is new: the last two looks saw it, and none before.
pub(crate) fn is_new(looks: &[Look], fracture: &str) -> bool {
    let saw = |look: &&Look| look.seen.contains_key(fracture);
    in_a_row(looks, fracture) == 2 && looks.iter().filter(saw).count() == 2
}

/// Whether a fracture that was said, at a moment, to be mended from another one on was back in the two last looks since: of those taken after it was said, as
/// of moments after it is to hold.
pub(crate) fn is_seen_back(
    looks: &[Look],
    fracture: &str,
    (said_at, from): (Timestamp, Timestamp),
) -> bool {
    let since = |look: &&Look| look.at >= said_at && look.as_of > from;
    let back = |look: &Look| look.seen.get(fracture).is_some_and(|sight| sight.is_back);
    let mut last = looks.iter().rev().filter(since).map(back);
    last.next() == Some(true) && last.next() == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks on days in order, each taken on the day, that saw a fracture or did not, and saw it back or not.
    fn looks(saw: &[Option<bool>]) -> Vec<Look> {
        let days = (0..).zip(saw);
        days.map(|(day, saw)| {
            let at = Timestamp::from_second(day * 86_400).unwrap();
            let sight = |is_back| Sight {
                promise: "parcel".into(),
                place: Where::default(),
                people: 9,
                is_back,
            };
            Look {
                at,
                as_of: at,
                seen: saw
                    .iter()
                    .map(|saw| ("f".to_owned(), sight(*saw)))
                    .collect(),
            }
        })
        .collect()
    }

    #[test]
    fn new_is_what_two_looks_saw_and_none_before() {
        let (yes, no) = (Some(false), None);
        for (saw, is) in [
            (&[no, yes][..], false),
            (&[no, yes, yes], true),
            (&[yes, yes], true),
            (&[yes, yes, yes], false),
            (&[yes, no, yes, yes], false),
            (&[yes, yes, no], false),
            (&[], false),
        ] {
            assert_eq!(is_new(&looks(saw), "f"), is, "{saw:?}");
            assert!(!is_new(&looks(saw), "another"));
        }
        assert_eq!(in_a_row(&looks(&[yes, no, yes, yes]), "f"), 2);
    }

    #[test]
    fn back_is_what_the_last_two_looks_since_it_was_mended_saw_back() {
        let (back, good) = (Some(true), Some(false));
        let second = |day: i64| Timestamp::from_second(day * 86_400).unwrap();
        for (saw, said_on, from, is) in [
            (&[back, back][..], 0, -1, true),
            (&[good, back, back], 0, -1, true),
            (&[back, good, back], 0, -1, false),
            (&[back, back, None], 0, -1, false),
            (&[back], 0, -1, false),
            // One of the two was taken before it was said, or is as of a moment before it is to hold.
            (&[back, back], 1, -1, false),
            (&[back, back], 0, 0, false),
        ] {
            let told = is_seen_back(&looks(saw), "f", (second(said_on), second(from)));
            assert_eq!(told, is, "{saw:?} {said_on} {from}");
        }
    }
}
