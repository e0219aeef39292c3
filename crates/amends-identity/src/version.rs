//! The version of the links: a short hash that changes whenever who is who can have changed.

use std::collections::BTreeMap;

use crate::decisions::Decision;
use crate::pairs::Pair;
use crate::register::Register;
use crate::verdict::Verdict;

/// Sixteen hexadecimal digits of BLAKE3 over rules, pairs with their verdicts, and decisions, by identifier.
/// How many events stand behind a pair is left out, but for memberships, where it decides which account comes first.
pub(crate) fn of(
    register: &Register,
    pairs: &[Pair],
    verdicts: &[Verdict],
    decisions: &BTreeMap<(u32, u32), Decision>,
) -> String {
    let mut hash = blake3::Hasher::new();
    for (name, rule) in &register.namespaces {
        hash.update(&(name.len() as u64).to_le_bytes());
        hash.update(name.as_bytes());
        hash.update(&(rule.at_most as u64).to_le_bytes());
        hash.update(&[u8::from(rule.account)]);
    }
    for (pair, verdict) in pairs.iter().zip(verdicts) {
        hash.update(&register.id(pair.a).0);
        hash.update(&register.id(pair.b).0);
        hash.update(&[*verdict as u8]);
        if *verdict == Verdict::Member {
            hash.update(&pair.events.to_le_bytes());
        }
    }
    hash.update(b"decisions");
    for ((a, b), decision) in decisions {
        hash.update(&register.id(*a).0);
        hash.update(&register.id(*b).0);
        hash.update(&[u8::from(decision.unlinked)]);
    }
    hash.finalize().to_hex()[..16].to_owned()
}
