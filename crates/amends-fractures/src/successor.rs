//! Which fracture a place goes on: estimates move as more becomes known, and whoever spoke of a fracture speaks of it still (rule 14).

use std::collections::HashSet;

use amends_model::IdentifierId;

use crate::exposed::Exposed;
use crate::tell::Scene;
use crate::whereabouts::Where;

/// A fracture that was seen before, somewhere else.
pub(crate) struct Predecessor {
    pub(crate) id: String,
    /// Where it was seen last.
    pub(crate) place: Where,
}

/// The fracture that the last look saw and that these rows go on: they share at least half of those harmed in either, by what is known now. Of several the one with
/// which they share most. `None` where that look saw a fracture of their own id. `is_there` says which ids are found still.
pub(crate) fn predecessor(
    scene: &Scene<'_>,
    (id, rows): (&str, &[u32]),
    is_there: impl Fn(&str) -> bool,
) -> Option<Predecessor> {
    let mut looks = scene.looks.iter().rev();
    let last = looks.find(|look| look.as_of <= scene.as_of)?;
    if last.seen.contains_key(id) {
        return None;
    }
    let here = harmed(scene.exposed, rows);
    let seen = last.seen.iter().filter(|(id, sight)| {
        sight.promise == scene.promise.name && !sight.place.is_everywhere() && !is_there(id)
    });
    let shared = seen.filter_map(|(id, sight)| {
        let there = harmed(scene.exposed, &scene.exposed.within(&sight.place));
        let both = here.intersection(&there).count();
        let is_half = 2 * both >= here.len().max(there.len()) && both > 0;
        is_half.then_some((both, id, &sight.place))
    });
    // Of two that share as much always the same one.
    let most = shared.max_by(|a, b| a.0.cmp(&b.0).then_with(|| b.1.cmp(a.1)));
    most.map(|(_, id, place)| Predecessor {
        id: id.clone(),
        place: place.clone(),
    })
}

fn harmed(exposed: &Exposed, rows: &[u32]) -> HashSet<IdentifierId> {
    let rows = rows.iter().map(|row| &exposed.rows[*row as usize]);
    let let_down = rows.filter(|row| row.is_let_down);
    let_down.map(|row| row.customer).collect()
}
