//! Which sources give events of a kind, and where that is written.

use amends_model::event;

use super::{Place, Project};

impl Project {
    /// The sources that give events of a kind, or those whose changes are of that kind, and where that is written.
    pub fn given_by(&self, kind: &str) -> Vec<(&str, &Place)> {
        let kind = event::told_by(kind);
        let mut given = Vec::new();
        for source in self.sources.values() {
            let events = source.events.iter().filter(|event| event.kind == kind);
            given.extend(events.map(|event| (source.name.as_str(), &event.place)));
        }
        given
    }
}

/// Sources and places as a sentence names them: `source billing, sources/billing.toml:14`.
pub fn listed(given: &[(&str, &Place)]) -> String {
    let one = |(source, place): &(&str, &Place)| {
        format!("source {source}, {}:{}", place.file.display(), place.line)
    };
    let all: Vec<String> = given.iter().map(one).collect();
    match all.is_empty() {
        true => "which no source gives any more".into(),
        false => all.join("; "),
    }
}
