//! Judging pairs: which of them are links, which are memberships, and which are no evidence.

use std::collections::{BTreeMap, HashMap};

use crate::decisions::Decision;
use crate::graph::{self, Crowd};
use crate::pairs::Pair;
use crate::register::Register;

/// What a pair is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Evidence that both are one person, or one account.
    Link,
    /// A person's identifier and an account's.
    Member,
    /// An end is evidence of nothing.
    Generic,
    /// Both are of one namespace.
    OneKind,
    /// Somebody unlinked them.
    Unlinked,
    /// An end is crowded.
    Crowded,
}

/// A verdict for every pair, in the pairs' order, and the crowded identifiers.
pub(crate) fn judge(
    register: &Register,
    pairs: &[Pair],
    decisions: &BTreeMap<(u32, u32), Decision>,
) -> (Vec<Verdict>, HashMap<u32, Crowd>) {
    let mut verdicts: Vec<Verdict> = pairs
        .iter()
        .map(|pair| alone(register, pair, decisions))
        .collect();
    // Unlinked pairs count as well: an address that was crowded stays so when somebody unlinks one of its people.
    // Those of a person with an account never count, unlinked or not: many people share an account.
    let counted = pairs.iter().zip(&verdicts).filter(|(pair, verdict)| {
        matches!(verdict, Verdict::Link | Verdict::Unlinked) && register.one_side(pair.a, pair.b)
    });
    let crowds = graph::crowds(
        &register.kinds,
        counted.map(|(pair, _)| (pair.a, pair.b)),
        |number| register.rule(number).at_most,
    );
    for (pair, verdict) in pairs.iter().zip(&mut verdicts) {
        let crowded = crowds.contains_key(&pair.a) || crowds.contains_key(&pair.b);
        if *verdict == Verdict::Link && crowded {
            *verdict = Verdict::Crowded;
        }
    }
    (verdicts, crowds)
}

/// What a pair is by itself, the others aside.
fn alone(register: &Register, pair: &Pair, decisions: &BTreeMap<(u32, u32), Decision>) -> Verdict {
    let (a, b) = (pair.a as usize, pair.b as usize);
    if register.generic[a] || register.generic[b] {
        return Verdict::Generic;
    }
    if register.kinds[a] == register.kinds[b] {
        return Verdict::OneKind;
    }
    if decisions
        .get(&(pair.a, pair.b))
        .is_some_and(|decision| decision.unlinked)
    {
        return Verdict::Unlinked;
    }
    if !register.one_side(pair.a, pair.b) {
        return Verdict::Member;
    }
    Verdict::Link
}
