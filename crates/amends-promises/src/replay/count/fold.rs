//! The events of one bucket become tallies.

use super::Counting;
use super::gather::{Gathered, Pass, Pieces};
use crate::fact::Fact;
use crate::kept::Tally;
use crate::replay::judge::{Moments, judge, reaching};

/// The events of a bucket, thing by thing, their sources ranked.
fn in_order(pieces: &Pieces, pass: &Pass) -> Vec<Gathered> {
    let mut all = Vec::with_capacity(pieces.iter().map(Vec::len).sum());
    let ranked = |event: &Gathered| Gathered {
        source: pass.ranks[event.source as usize],
        ..*event
    };
    for piece in pieces {
        all.extend(piece.iter().map(ranked));
    }
    all.sort_unstable_by_key(|event| event.key);
    all
}

/// Judges the things of a bucket by each promise.
pub(super) fn fold(
    promises: &[Counting<'_>],
    moments: &[Moments],
    pieces: &Pieces,
    pass: &Pass,
) -> Vec<Tally> {
    let mut tallies = vec![Tally::default(); promises.len()];
    let mut facts: Vec<Vec<Fact>> = vec![Vec::new(); promises.len()];
    let mut proof = Vec::new();
    let events = in_order(pieces, pass);
    for about_one in events.chunk_by(|one, other| one.key == other.key) {
        for event in about_one {
            let row = event.row as usize;
            for (promise, found) in &pass.found[event.batch as usize] {
                let found = found.iter().filter(|found| found.holds(row));
                let said = found.map(|it| it.fact_of(event.at, event.id, row, event.source));
                facts[*promise].extend(said);
            }
        }
        for (place, facts) in facts.iter_mut().enumerate() {
            if facts.is_empty() {
                continue;
            }
            let reaching = reaching(facts, &pass.reaching[place]);
            facts.extend(reaching.map(|fact| fact.ranked(&pass.ranks)));
            let compiled = promises[place].compiled;
            let judged = judge(compiled, facts, moments[place], &mut proof);
            let tally = &mut tallies[place];
            if let Some(standing) = judged.standing {
                *tally.states.entry(standing.state).or_default() += 1;
            }
            tally.left_out += judged.left_out;
            facts.clear();
            proof.clear();
        }
    }
    tallies
}
