//! Numbered points and lines between them: what is connected, what is crowded, and the shortest way. Nothing here knows of events.

use std::collections::{HashMap, VecDeque};

/// For every point the smallest number among those that lines connect it with, its own included.
///
/// Union-find with path halving, in which the smaller root always wins: the result does not depend on the order of the lines.
pub(crate) fn joined(points: usize, lines: impl Iterator<Item = (u32, u32)>) -> Vec<u32> {
    let mut roots: Vec<u32> = (0..points as u32).collect();
    for (a, b) in lines {
        let (a, b) = (root(&mut roots, a), root(&mut roots, b));
        roots[a.max(b) as usize] = a.min(b);
    }
    // A root is smaller than what hangs from it, so one pass upwards settles every point.
    for point in 0..points {
        roots[point] = roots[roots[point] as usize];
    }
    roots
}

fn root(roots: &mut [u32], mut point: u32) -> u32 {
    while roots[point as usize] != point {
        let above = roots[roots[point as usize] as usize];
        roots[point as usize] = above;
        point = above;
    }
    point
}

/// A point with lines to too many others of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Crowd {
    /// Which kind; the one with the most lines, the smallest of several.
    pub(crate) kind: u16,
    /// How many points of that kind.
    pub(crate) others: u32,
}

/// The crowded points: those with lines to more than `at_most` points of one kind. Every line is given once.
pub(crate) fn crowds(
    kinds: &[u16],
    lines: impl Iterator<Item = (u32, u32)>,
    at_most: impl Fn(u32) -> usize,
) -> HashMap<u32, Crowd> {
    let mut ends: Vec<u64> = Vec::new();
    for (a, b) in lines {
        ends.push(u64::from(a) << 16 | u64::from(kinds[b as usize]));
        ends.push(u64::from(b) << 16 | u64::from(kinds[a as usize]));
    }
    ends.sort_unstable();
    let mut crowds: HashMap<u32, Crowd> = HashMap::new();
    for same in ends.chunk_by(|a, b| a == b) {
        let (point, kind) = ((same[0] >> 16) as u32, same[0] as u16);
        let others = same.len() as u32;
        if same.len() > at_most(point)
            && crowds.get(&point).is_none_or(|crowd| crowd.others < others)
        {
            crowds.insert(point, Crowd { kind, others });
        }
    }
    crowds
}

/// The places of the lines on the shortest way between two points, in order; `None` where there is no way.
/// Of several shortest ways it is always the same one for the same lines, given in the same order.
pub(crate) fn way(lines: &[(u32, u32)], from: u32, to: u32) -> Option<Vec<usize>> {
    let mut at: HashMap<u32, Vec<usize>> = HashMap::new();
    for (place, (a, b)) in lines.iter().enumerate() {
        at.entry(*a).or_default().push(place);
        at.entry(*b).or_default().push(place);
    }
    let mut came_by: HashMap<u32, Option<usize>> = HashMap::from([(from, None)]);
    let mut next = VecDeque::from([from]);
    while let Some(point) = next.pop_front() {
        if point == to {
            break;
        }
        for place in at.get(&point).into_iter().flatten() {
            let other = other_end(lines[*place], point);
            came_by.entry(other).or_insert_with(|| {
                next.push_back(other);
                Some(*place)
            });
        }
    }
    let (mut way, mut point) = (Vec::new(), to);
    while let Some(place) = *came_by.get(&point)? {
        way.push(place);
        point = other_end(lines[place], point);
    }
    way.reverse();
    Some(way)
}

/// The other end of a line.
pub(crate) fn other_end((a, b): (u32, u32), point: u32) -> u32 {
    if a == point { b } else { a }
}
