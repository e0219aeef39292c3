//! By which definitions a promise is judged, where one has followed another: they stand side by side, and where they meet is told (rule 12).

use std::io::{self, Write};

use amends_project::definition::Spell;
use amends_promises::Count;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::terminal::number::whole;
use crate::terminal::paint::{CARE, QUIET};
use crate::terminal::prose;
use crate::terminal::when;

/// What each definition of a promise says, the first in force first.
pub(super) struct Definitions(Vec<Told>);

/// What one definition says, without the instances that it judges.
struct Told {
    version: String,
    spell: Spell,
    /// How many instances it judges.
    exposed: u64,
    /// How many of them are let-downs.
    let_down: u64,
}

impl Definitions {
    pub(super) fn of(count: &Count) -> Self {
        let told = count.parts.iter().map(|part| Told {
            version: part.version.clone(),
            spell: part.spell,
            exposed: part.tally.exposed(),
            let_down: part.tally.let_down(),
        });
        Self(told.collect())
    }

    /// A line for each, where there are several, or where none is in force any more.
    pub(super) fn show(
        &self,
        out: &mut dyn Write,
        promise: &str,
        zone: &TimeZone,
    ) -> io::Result<()> {
        let ended = self.0.last().is_some_and(|part| part.spell.until.is_some());
        let what = match ended {
            true => "is no longer in force",
            false if self.0.len() < 2 => return Ok(()),
            false => "was put in force anew",
        };
        prose::write(out, 0, CARE, &format!("{promise} {what}:"))?;
        self.0.iter().try_for_each(|part| {
            let when = match (part.spell.from, part.spell.until) {
                (None, Some(until)) => format!("before {}", when::moment(until, zone)),
                (Some(from), None) => format!("from {} on", when::moment(from, zone)),
                (Some(from), Some(until)) => {
                    let [from, until] = [from, until].map(|at| when::moment(at, zone));
                    format!("from {from} until {until}")
                }
                (None, None) => "ever".to_owned(),
            };
            let [exposed, let_down] = [part.exposed, part.let_down].map(whole);
            let line = format!("of {exposed} that opened {when}, {let_down} are let-downs");
            prose::write(out, 2, QUIET, &line)
        })
    }

    pub(super) fn json(&self) -> Value {
        let told = self.0.iter().map(|part| {
            json!({
                "version": part.version,
                "from": part.spell.from,
                "until": part.spell.until,
                "exposed": part.exposed,
                "total": part.let_down,
            })
        });
        told.collect()
    }
}
