//! Lost by contract: contracts run side by side, and a customer is lost with the last of them.
//!
//! A membership begins when the first contract does and ends when none is left. What is unclear is settled thus:
//!
//! - Where one contract ends at the very moment at which another begins, nobody was lost.
//! - Where a contract begins and ends at the same moment, it ran for no time: joined and left. If it ran before that moment, it was renewed.
//! - A leaving event that names no contract ends all that the customer has.
//! - A contract that begins while it runs, or ends once more, says nothing new.
//! - A contract whose only end lies before its beginning (a cancelled order, a date without its time) ended the moment it began.
//! - The end of a contract that never began, not later than the first beginning of the customer's, means that they were one before the book begins.
//!   Later ends of contracts that never began are strays: reported, not counted.

use super::fold::Remarks;
use super::{Contract, Entry, Leaving, Meaning, Membership, Reason, Reasons, Sign};

/// The stretch in which one contract, or several without a gap, ran.
#[derive(Clone, Copy, Debug)]
struct Run {
    /// Where it began; `i64::MIN` before the book.
    start: i64,
    /// Where it ended, and why; `i64::MAX` while it lasts.
    end: i64,
    reason: Reason,
}

const BEFORE: i64 = i64::MIN;
const LASTING: i64 = i64::MAX;

/// Room for the work on one customer, used again for the next.
#[derive(Default)]
pub struct Room {
    signs: Vec<Sign>,
    /// Ends that name no contract: when, why, and whether they ended anything.
    all: Vec<(i64, Reason, bool)>,
    runs: Vec<Run>,
    /// Ends of contracts that never began.
    unbegun: Vec<(i64, Reason)>,
}

/// The memberships of one customer from their signs in order of time.
pub fn of_one(
    signs: &[Sign],
    room: &mut Room,
    reasons: &Reasons,
    remarks: &mut Remarks,
    out: &mut Vec<Membership>,
) {
    let Some(customer) = signs.first().map(|sign| sign.customer) else {
        return;
    };
    room.runs.clear();
    room.unbegun.clear();
    if let [only] = signs
        && only.meaning == Meaning::Begins
    {
        room.runs.push(Run {
            start: only.at,
            end: LASTING,
            reason: Reason::NONE,
        });
    } else {
        runs_of_contracts(signs, room, remarks);
        runs_before_the_book(room, remarks);
        room.runs
            .sort_unstable_by_key(|run| (run.start, run.end, run.reason));
    }
    let mut entry = Entry::New;
    let mut runs = room.runs.iter().copied();
    let mut current = runs.next();
    while let Some(mut run) = current {
        current = runs.next();
        while let Some(next) = current
            && next.start <= run.end
        {
            run = joined(run, next);
            current = runs.next();
        }
        out.push(membership(customer, entry, run, reasons));
        entry = Entry::Returned;
    }
}

/// Two runs without a gap between them. Of reasons given at the same moment a stated one counts, the smallest by hash.
fn joined(run: Run, next: Run) -> Run {
    let reason = match run.end.cmp(&next.end) {
        std::cmp::Ordering::Less => next.reason,
        std::cmp::Ordering::Greater => run.reason,
        std::cmp::Ordering::Equal => either(run.reason, next.reason),
    };
    Run {
        start: run.start,
        end: run.end.max(next.end),
        reason,
    }
}

fn either(a: Reason, b: Reason) -> Reason {
    match (a.is_stated(), b.is_stated()) {
        (true, true) => a.min(b),
        (true, false) => a,
        (false, _) => b,
    }
}

fn membership(
    customer: amends_model::IdentifierId,
    entry: Entry,
    run: Run,
    reasons: &Reasons,
) -> Membership {
    let start = (run.start != BEFORE).then_some(run.start);
    let leaving = (run.end != LASTING).then(|| {
        let (nature, cause) = reasons.class(run.reason);
        Leaving {
            at: run.end,
            reason: run.reason,
            nature,
            cause,
        }
    });
    Membership {
        customer,
        entry: if start.is_some() {
            entry
        } else {
            Entry::Before
        },
        start,
        leaving,
    }
}

/// Fills `room.runs` with the runs of each contract, and `room.unbegun` with the ends of those that never began.
fn runs_of_contracts(signs: &[Sign], room: &mut Room, remarks: &mut Remarks) {
    room.all.clear();
    room.signs.clear();
    for sign in signs {
        match sign.meaning {
            Meaning::Ends if sign.contract == Contract::NONE => {
                room.all.push((sign.at, sign.reason, false));
            }
            Meaning::Ends | Meaning::Begins => room.signs.push(*sign),
            Meaning::Lives => {}
        }
    }
    room.all.sort_unstable();
    room.signs
        .sort_unstable_by_key(|sign| (sign.contract, sign.at, sign.meaning, sign.reason));
    let signs = std::mem::take(&mut room.signs);
    for contract in signs.chunk_by(|a, b| a.contract == b.contract) {
        one_contract(contract, room, remarks);
    }
    room.signs = signs;
    for (at, reason, used) in &room.all {
        if !used {
            room.unbegun.push((*at, *reason));
        }
    }
}

/// What is known of one contract while its signs are read.
#[derive(Default)]
struct Reading {
    /// When it began, while it runs.
    since: Option<i64>,
    /// Whether it ever began.
    began: bool,
    /// The first end that came before any beginning.
    early: Option<(i64, Reason)>,
}

impl Reading {
    /// The contract ended where it should: an earlier end was a stray.
    fn ended(&mut self, remarks: &mut Remarks) {
        self.since = None;
        remarks.stray_ends += u64::from(self.early.take().is_some());
    }
}

fn one_contract(signs: &[Sign], room: &mut Room, remarks: &mut Remarks) {
    let mut reading = Reading::default();
    let mut all = 0;
    for instant in signs.chunk_by(|a, b| a.at == b.at) {
        let at = instant[0].at;
        end_by_all(&mut reading, room, remarks, &mut all, at);
        let begins = instant[0].meaning == Meaning::Begins;
        let end = instant
            .iter()
            .filter(|sign| sign.meaning == Meaning::Ends)
            .map(|sign| sign.reason)
            .reduce(either);
        let ran = reading.since.is_some();
        one_instant(&mut reading, room, remarks, at, begins, end);
        // An end of everything at this very moment spares what begins, or begins again, with it, and adds nothing to an end of its own.
        if begins || ran {
            while all < room.all.len() && room.all[all].0 == at {
                room.all[all].2 = true;
                all += 1;
            }
        }
    }
    end_by_all(&mut reading, room, remarks, &mut all, i64::MAX);
    if let Some(start) = reading.since {
        let (end, reason) = match reading.early {
            Some((_, reason)) => (start, reason),
            None => (LASTING, Reason::NONE),
        };
        remarks.ended_before_begun += u64::from(reading.early.is_some());
        room.runs.push(Run { start, end, reason });
    } else if let Some(early) = reading.early {
        room.unbegun.push(early);
    }
}

/// Lets the ends that name no contract, and come before `until`, end this one.
fn end_by_all(
    reading: &mut Reading,
    room: &mut Room,
    remarks: &mut Remarks,
    all: &mut usize,
    until: i64,
) {
    while let Some((at, reason, used)) = room.all.get_mut(*all)
        && *at < until
    {
        if let Some(start) = reading.since {
            *used = true;
            room.runs.push(Run {
                start,
                end: *at,
                reason: *reason,
            });
            reading.ended(remarks);
        }
        *all += 1;
    }
}

fn one_instant(
    reading: &mut Reading,
    room: &mut Room,
    remarks: &mut Remarks,
    at: i64,
    begins: bool,
    end: Option<Reason>,
) {
    match (reading.since, begins, end) {
        (Some(start), false, Some(reason)) => {
            room.runs.push(Run {
                start,
                end: at,
                reason,
            });
            reading.ended(remarks);
        }
        (None, true, Some(reason)) => {
            room.runs.push(Run {
                start: at,
                end: at,
                reason,
            });
            reading.ended(remarks);
        }
        (None, true, None) => reading.since = Some(at),
        (None, false, Some(reason)) if !reading.began => {
            reading.early.get_or_insert((at, reason));
        }
        _ => {}
    }
    reading.began |= begins;
}

/// Contracts that never began but ended, before anything of the customer had begun: they ran since before the book.
fn runs_before_the_book(room: &mut Room, remarks: &mut Remarks) {
    let first = room.runs.iter().map(|run| run.start).min();
    let mut known_before = false;
    for (at, reason) in &room.unbegun {
        if first.is_none_or(|first| *at <= first) {
            known_before = true;
            room.runs.push(Run {
                start: BEFORE,
                end: *at,
                reason: *reason,
            });
        } else {
            remarks.stray_ends += 1;
        }
    }
    remarks.known_before += u64::from(known_before);
}
