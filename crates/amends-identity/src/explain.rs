//! Why two identifiers are held to be the same, or why not: a way of evidence, and what was looked at and rejected.

use amends_model::{EventId, IdentifierId};

use crate::graph;
use crate::pairs::Pair;
use crate::verdict::Verdict;
use crate::{Evidence, Links};

/// Rejected pairs that are listed, at most: a generic mailbox may have a million.
const MOST_REJECTED: usize = 100;

/// How two identifiers hang together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// The links that lead from the first to the second, in order, each from `a` to `b`; empty where both are one identifier,
    /// `None` where nothing connects them.
    pub path: Option<Vec<Evidence>>,
    /// Pairs that touch either customer and do not link: the pair asked about first, then those with most events. At most 100.
    pub rejected: Vec<Rejected>,
    /// How many such pairs there are in all.
    pub rejected_in_all: usize,
}

/// Two identifiers that events name together and that are not linked by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The events that name both.
    pub evidence: Evidence,
    /// Why they do not count.
    pub reason: Reason,
}

/// Why a pair is no link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// This one is a generic mailbox or the like.
    Generic(IdentifierId),
    /// Both are of one namespace: two parties, such as sender and receiver.
    OneNamespace(String),
    /// This one shares events with too many.
    TooMany {
        /// The crowded one.
        identifier: IdentifierId,
        /// The namespace of the others.
        namespace: String,
        /// How many others of that namespace.
        others: u32,
        /// How many its rule allows.
        at_most: usize,
    },
    /// Somebody unlinked them.
    Unlinked {
        /// The decision.
        decision: EventId,
        /// Who.
        by: String,
        /// Why.
        why: String,
    },
    /// One names a person and the other an account to which that person belongs.
    Member,
}

impl Links {
    /// Whether somebody has unlinked two identifiers, and nobody has linked them again since.
    pub fn is_unlinked(&self, a: IdentifierId, b: IdentifierId) -> bool {
        let numbers = self.register.number(a).zip(self.register.number(b));
        let pair = numbers.map(|(a, b)| (a.min(b), a.max(b)));
        let decision = pair.and_then(|pair| self.decisions.get(&pair));
        decision.is_some_and(|decision| decision.unlinked)
    }

    /// How two identifiers hang together: the shortest way of evidence, and what was rejected around both.
    pub fn explain(&self, a: IdentifierId, b: IdentifierId) -> Explanation {
        let numbers = self.register.number(a).zip(self.register.number(b));
        let Some((a, b)) = numbers else {
            return Explanation::default();
        };
        let (rejected, rejected_in_all) = self.rejected(a, b);
        Explanation {
            path: self.path(a, b),
            rejected,
            rejected_in_all,
        }
    }

    fn path(&self, from: u32, to: u32) -> Option<Vec<Evidence>> {
        let root = self.roots[from as usize];
        if root != self.roots[to as usize] {
            return None;
        }
        let links: Vec<&Pair> = self.links_of(root).collect();
        let lines: Vec<(u32, u32)> = links.iter().map(|pair| (pair.a, pair.b)).collect();
        let mut at = from;
        let hops = graph::way(&lines, from, to)?.into_iter().map(|place| {
            let (here, there) = (at, graph::other_end(lines[place], at));
            at = there;
            Evidence {
                a: self.register.id(here),
                b: self.register.id(there),
                ..self.evidence_of(links[place])
            }
        });
        Some(hops.collect())
    }

    fn rejected(&self, a: u32, b: u32) -> (Vec<Rejected>, usize) {
        let roots = (self.roots[a as usize], self.roots[b as usize]);
        let touches = |number: u32| {
            let root = self.roots[number as usize];
            root == roots.0 || root == roots.1
        };
        let mut places: Vec<usize> = (0..self.pairs.len())
            .filter(|place| self.verdicts[*place] != Verdict::Link)
            .filter(|place| touches(self.pairs[*place].a) || touches(self.pairs[*place].b))
            .collect();
        let in_all = places.len();
        let asked = (a.min(b), a.max(b));
        places.sort_by_key(|place| {
            let pair = &self.pairs[*place];
            let other = (pair.a, pair.b) != asked;
            (other, std::cmp::Reverse(pair.events), pair.a, pair.b)
        });
        places.truncate(MOST_REJECTED);
        let rejected = places.into_iter().filter_map(|place| {
            Some(Rejected {
                evidence: self.evidence_of(&self.pairs[place]),
                reason: self.reason(place)?,
            })
        });
        (rejected.collect(), in_all)
    }

    /// Why the pair at a place is no link; `None` if it is one.
    fn reason(&self, place: usize) -> Option<Reason> {
        let pair = &self.pairs[place];
        Some(match self.verdicts[place] {
            Verdict::Link => return None,
            Verdict::Member => Reason::Member,
            Verdict::Generic => {
                let which = match self.register.generic[pair.a as usize] {
                    true => pair.a,
                    false => pair.b,
                };
                Reason::Generic(self.register.id(which))
            }
            Verdict::OneKind => Reason::OneNamespace(self.register.namespace(pair.a).to_owned()),
            Verdict::Unlinked => {
                let decision = self.decisions.get(&(pair.a, pair.b))?;
                Reason::Unlinked {
                    decision: decision.order.1,
                    by: decision.by.clone(),
                    why: decision.why.clone(),
                }
            }
            Verdict::Crowded => {
                let crowd = |number: u32| self.crowds.get(&number).map(|crowd| (number, crowd));
                let (number, crowd) = crowd(pair.a).or_else(|| crowd(pair.b))?;
                Reason::TooMany {
                    identifier: self.register.id(number),
                    namespace: self.register.namespaces[crowd.kind as usize].0.to_string(),
                    others: crowd.others,
                    at_most: self.register.rule(number).at_most,
                }
            }
        })
    }
}
