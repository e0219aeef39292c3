//! How many instances of promises stand in each state, where nobody asks for the instances themselves.

use std::sync::Arc;

use amends_model::Result;
use amends_project::definition::{Promise, Spell};

use super::InForce;
use crate::compile::Compiled;
use crate::kept::Tally;
use crate::replay::{Counting, count};
use crate::store::{Known, Store};

/// How many instances of one promise stand in each state.
#[derive(Clone, Debug)]
pub struct Count {
    /// By all definitions together.
    pub all: Tally,
    /// By each definition that was in force, the first one first; never none.
    pub parts: Vec<PartCount>,
}

/// How many of them one definition judges.
#[derive(Clone, Debug)]
pub struct PartCount {
    /// Its version.
    pub version: String,
    /// When what it judges opened.
    pub spell: Spell,
    /// How these stand.
    pub tally: Tally,
}

impl InForce<'_> {
    /// Counts promises, in their order: by what is kept of them; where that tells nothing, all of them by one pass over the events.
    ///
    /// # Errors
    /// As [`Store::ask`].
    pub fn count(&self, promises: &[&Promise], store: &Store) -> Result<Vec<Count>> {
        let definitions = promises.iter().map(|promise| {
            let known = self.earlier(promise).chain([*promise]).map(|one| {
                let part = |tally| PartCount {
                    version: one.version.clone(),
                    spell: one.spell,
                    tally,
                };
                Ok(match store.known(&self.asked(one))? {
                    Known::Tally(tally) => (part(tally), None),
                    Known::Nothing(compiled) => {
                        let unknown = Unknown {
                            compiled,
                            reported: self.reported(one),
                        };
                        (part(Tally::default()), Some(unknown))
                    }
                })
            });
            known.collect::<Result<Vec<_>>>()
        });
        let definitions = definitions.collect::<Result<Vec<_>>>()?;
        let unknown = definitions.iter().flatten();
        let unknown: Vec<Counting<'_>> = unknown
            .filter_map(|(_, unknown)| unknown.as_ref())
            .map(|unknown| Counting {
                compiled: &unknown.compiled,
                reported: unknown.reported,
            })
            .collect();
        let mut counted = count(&unknown, self.snapshot, self.as_of)?.into_iter();
        let counts = definitions.into_iter().map(|parts| {
            let parts = parts.into_iter().map(|(part, unknown)| PartCount {
                tally: unknown.and_then(|_| counted.next()).unwrap_or(part.tally),
                ..part
            });
            Count::of(parts.collect())
        });
        Ok(counts.collect())
    }
}

/// A definition of which nothing is kept.
struct Unknown {
    compiled: Arc<Compiled>,
    reported: jiff::Timestamp,
}

impl Count {
    fn of(parts: Vec<PartCount>) -> Self {
        // What opens nothing because it is about nothing is the same for all, and the last one stands for it.
        let mut later = parts.iter().rev().map(|part| &part.tally);
        let mut all = later.next().cloned().unwrap_or_default();
        later.for_each(|earlier| all.join(earlier));
        Self { all, parts }
    }
}
