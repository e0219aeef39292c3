//! The life of a fracture: what people decided about it, each step an event that holds its content (rules 13 and 14).

use amends_ledger::{Filter, Snapshot, Writer};
use amends_model::event::column;
use amends_model::{EventId, Problem, Result, time};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::fracture::Fracture;
use crate::looks::{self, Look};
use crate::whereabouts::Where;

/// How a fracture stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Found, and nobody has said anything about it.
    #[default]
    Suspected,
    /// Somebody has taken it.
    Owned,
    /// It is being mended.
    Mending,
    /// It is said to be mended, and nothing shows otherwise.
    Mended,
    /// It was said to be mended, and two looks in a row saw it break again more often than elsewhere.
    Regressed,
    /// It is known, and borne.
    Accepted,
    /// It is no fracture, or nobody's business.
    Dismissed,
}

impl State {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Suspected => "suspected",
            State::Owned => "owned",
            State::Mending => "mending",
            State::Mended => "mended",
            State::Regressed => "regressed",
            State::Accepted => "accepted",
            State::Dismissed => "dismissed",
        }
    }
}

/// What can be decided about a fracture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Somebody takes it.
    Own {
        /// Who: a function or a team.
        owner: String,
    },
    /// It is being mended.
    Mend,
    /// It is mended, for whatever is promised from a moment on.
    Mended {
        /// From when on.
        from: Timestamp,
    },
    /// It is borne.
    Accept,
    /// It is none.
    Dismiss,
    /// A note; it changes nothing.
    Note,
}

impl Decision {
    /// The kind of its event.
    pub fn kind(&self) -> &'static str {
        match self {
            Decision::Own { .. } => "fracture_owned",
            Decision::Mend => "fracture_mending",
            Decision::Mended { .. } => "fracture_mended",
            Decision::Accept => "fracture_accepted",
            Decision::Dismiss => "fracture_dismissed",
            Decision::Note => "fracture_noted",
        }
    }
}

/// The kinds of all decisions.
const KINDS: [&str; 6] = [
    "fracture_owned",
    "fracture_mending",
    "fracture_mended",
    "fracture_accepted",
    "fracture_dismissed",
    "fracture_noted",
];

/// A decision that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// Its event.
    pub event: EventId,
    /// The id of the fracture that it is about.
    pub fracture: String,
    /// When.
    pub at: Timestamp,
    /// As of when whoever decided had looked at it.
    pub as_of: Timestamp,
    /// What.
    pub decision: Decision,
    /// Of which promise.
    pub promise: String,
    /// Of which place.
    pub place: Where,
    /// By whom.
    pub by: String,
    /// Why, or what was noted.
    pub why: Option<String>,
}

/// What an event of a decision says, as JSON.
#[derive(Serialize, Deserialize)]
struct Content {
    promise: String,
    place: Where,
    by: String,
    why: Option<String>,
    /// Decisions of the first release do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    as_of: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<Timestamp>,
}

/// What was decided about fractures, and what looks at them saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The decisions, the oldest first.
    pub decisions: Vec<Decided>,
    /// The looks, in order of the moments as of which they were taken.
    pub looks: Vec<Look>,
}

impl History {
    /// Everything that was decided and seen as of a moment; all there is without one. `zone` is that of the company, in which days begin.
    ///
    /// # Errors
    /// As [`decisions`] and [`looks::looks`].
    pub fn read(snapshot: &Snapshot, until: Option<Timestamp>, zone: &TimeZone) -> Result<Self> {
        Ok(Self {
            decisions: decisions(snapshot, until)?,
            looks: looks::looks(snapshot, until, zone)?,
        })
    }
}

/// Decides about a fracture. What is written stays in the ledger, so it must not name a customer.
///
/// # Errors
/// `AM1004` when it says nothing, or nothing that can follow on what was decided before; `AM0403` when the ledger's database fails.
pub async fn decide(
    writer: &Writer,
    fracture: &Fracture,
    decision: &Decision,
    (by, why): (&str, Option<&str>),
    (at, as_of): (Timestamp, Timestamp),
) -> Result<EventId> {
    check(fracture.state, decision, (by, why), at)?;
    let kind = decision.kind();
    let content = Content {
        promise: fracture.promise.clone(),
        place: fracture.place.clone(),
        by: by.to_owned(),
        why: why.map(str::to_owned),
        as_of: Some(as_of),
        owner: match decision {
            Decision::Own { owner } => Some(owner.clone()),
            _ => None,
        },
        from: match decision {
            Decision::Mended { from } => Some(*from),
            _ => None,
        },
    };
    let content =
        serde_json::to_string(&content).map_err(|error| unreadable(kind).because(error))?;
    writer.decide(kind, &fracture.id, &content, at).await
}

/// All decisions about fractures by those who saw no more than what is known as of a moment, the oldest first; all there are without one. The day on
/// which somebody decided says nothing here: reports lag behind it, and an answer as of the same moment must be the same (rule 6).
///
/// # Errors
/// `AM0406` when a segment cannot be read; `AM1002` when a decision is of another release.
pub fn decisions(snapshot: &Snapshot, until: Option<Timestamp>) -> Result<Vec<Decided>> {
    let mut all = Vec::new();
    let columns = [column::ID, column::AT, column::REST, column::ABOUT];
    for kind in KINDS {
        for batch in snapshot.scan(kind, &columns, &Filter::default())? {
            let batch = batch?;
            for row in 0..batch.num_rows() {
                all.push(decided(kind, &batch, row).ok_or_else(|| unreadable(kind))?);
            }
        }
    }
    all.retain(|one| until.is_none_or(|until| one.as_of <= until));
    all.sort_by_key(|one| (one.at, one.event));
    Ok(all)
}

fn decided(kind: &str, batch: &RecordBatch, row: usize) -> Option<Decided> {
    let ids = batch.column(0).as_fixed_size_binary_opt()?;
    let moments = batch
        .column(1)
        .as_primitive_opt::<TimestampMicrosecondType>()?;
    let rest = batch.column(2).as_string_opt::<i32>()?;
    let abouts = batch.column(3).as_string_opt::<i32>()?;
    let content = rest.is_valid(row).then(|| rest.value(row))?;
    let content: Content = serde_json::from_str(content).ok()?;
    let decision = match kind {
        "fracture_owned" => Decision::Own {
            owner: content.owner?,
        },
        "fracture_mending" => Decision::Mend,
        "fracture_mended" => Decision::Mended {
            from: content.from?,
        },
        "fracture_accepted" => Decision::Accept,
        "fracture_dismissed" => Decision::Dismiss,
        _ => Decision::Note,
    };
    let at = time::from_micros(moments.value(row)).ok()?;
    Some(Decided {
        event: EventId::from_slice(ids.value(row))?,
        fracture: abouts.is_valid(row).then(|| abouts.value(row).to_owned())?,
        at,
        as_of: content.as_of.unwrap_or(at),
        decision,
        promise: content.promise,
        place: content.place,
        by: content.by,
        why: content.why,
    })
}

/// Whether a decision says something, and can follow on how it stands.
fn check(
    state: State,
    decision: &Decision,
    (by, why): (&str, Option<&str>),
    at: Timestamp,
) -> Result<()> {
    let no = |why: &str, hint: &str| {
        Err(Problem::new("AM1004", "this cannot be decided")
            .detail(why)
            .hint(hint))
    };
    let is_settled = matches!(state, State::Accepted | State::Dismissed);
    if by.trim().is_empty() {
        return no("nobody decides it", "--by names a function or a team");
    }
    match decision {
        Decision::Own { owner } if owner.trim().is_empty() => no(
            "it would belong to nobody",
            "--owner names a function or a team",
        ),
        Decision::Note if why.is_none_or(|why| why.trim().is_empty()) => {
            no("the note is empty", "--why holds it")
        }
        Decision::Mend | Decision::Mended { .. } if is_settled => no(
            &format!("it is {}", state.as_str()),
            "`amends fracture own ID` takes it up again",
        ),
        Decision::Mended { from } if *from > at => no(
            "the day from which on it is said to be mended has not come",
            "name a day that is over",
        ),
        Decision::Accept if state == State::Accepted => no("it is accepted", "a note adds to it"),
        Decision::Dismiss if state == State::Dismissed => {
            no("it is dismissed", "a note adds to it")
        }
        _ => Ok(()),
    }
}

fn unreadable(kind: &str) -> Problem {
    Problem::new("AM1002", "a decision about a fracture cannot be read")
        .detail(format!("an event of kind {kind}"))
        .hint("the ledger was written by another release: use that one, or a newer one")
}

/// What follows from the decisions about one fracture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Suspected while nobody decided anything.
    pub state: State,
    /// Who took it last.
    pub owner: Option<String>,
    /// From when on it is said to be mended, while that is its state.
    pub mended_from: Option<Timestamp>,
    /// The decisions, the oldest first.
    pub history: Vec<Decided>,
}

impl Standing {
    /// When it was said to be mended, and from when on, while that is its state.
    pub(crate) fn mended(&self) -> Option<(Timestamp, Timestamp)> {
        let from = self.mended_from.filter(|_| self.state == State::Mended)?;
        let is_it = |one: &&Decided| matches!(one.decision, Decision::Mended { .. });
        let said = self.history.iter().rev().find(is_it)?;
        Some((said.at, from))
    }

    /// What follows from decisions in order.
    pub fn of(decisions: impl IntoIterator<Item = Decided>) -> Self {
        let mut standing = Self::default();
        for decided in decisions {
            // A mended one that somebody takes over is mended still, or back, as it was.
            let is_mended = standing.state == State::Mended;
            let is_taken_over = is_mended && matches!(decided.decision, Decision::Own { .. });
            if decided.decision != Decision::Note && !is_taken_over {
                standing.mended_from = None;
            }
            match &decided.decision {
                Decision::Own { owner } => {
                    standing.owner = Some(owner.clone());
                    if !is_taken_over {
                        standing.state = State::Owned;
                    }
                }
                Decision::Mend => standing.state = State::Mending,
                Decision::Mended { from } => {
                    standing.state = State::Mended;
                    standing.mended_from = Some(*from);
                }
                Decision::Accept => standing.state = State::Accepted,
                Decision::Dismiss => standing.state = State::Dismissed,
                Decision::Note => {}
            }
            standing.history.push(decided);
        }
        standing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(second: i64, decision: Decision) -> Decided {
        Decided {
            event: EventId([0; 16]),
            fracture: String::new(),
            at: Timestamp::from_second(second).unwrap(),
            as_of: Timestamp::from_second(second).unwrap(),
            decision,
            promise: "delivery".into(),
            place: Where::default(),
            by: "Vera".into(),
            why: None,
        }
    }

    #[test]
    fn the_last_decision_says_how_it_stands_and_a_note_changes_nothing() {
        let from = Timestamp::from_second(30).unwrap();
        let owner = |owner: &str| Decision::Own {
            owner: owner.into(),
        };
        let steps = [
            (owner("Depots"), State::Owned),
            (Decision::Mend, State::Mending),
            (Decision::Mended { from }, State::Mended),
            (Decision::Note, State::Mended),
            (Decision::Accept, State::Accepted),
            (Decision::Dismiss, State::Dismissed),
            (owner("Couriers"), State::Owned),
        ];
        let all: Vec<Decided> = (0..)
            .zip(&steps)
            .map(|(at, step)| decided(at, step.0.clone()))
            .collect();
        assert_eq!(Standing::of([]).state, State::Suspected);
        for (count, (_, expected)) in steps.iter().enumerate() {
            let standing = Standing::of(all[..=count].iter().cloned());
            assert_eq!(standing.state, *expected);
            assert_eq!(standing.mended_from.is_some(), *expected == State::Mended);
            let owner = if count == 6 { "Couriers" } else { "Depots" };
            assert_eq!(standing.owner.as_deref(), Some(owner));
            assert_eq!(standing.history.len(), count + 1);
        }
    }

    #[test]
    fn every_decision_has_a_kind_that_is_read() {
        let from = Timestamp::UNIX_EPOCH;
        let owner = String::new();
        let all = [
            Decision::Own { owner },
            Decision::Mend,
            Decision::Mended { from },
            Decision::Accept,
            Decision::Dismiss,
            Decision::Note,
        ];
        assert_eq!(all.map(|one| one.kind()), KINDS);
    }
}
