//! The plain record: which share of those that were open as long was let down, in the same fracture, or in none.

use super::is_open_at;
use super::model::TENTHS;
use crate::exposed::Exposed;
use crate::whereabouts::Where;

/// Of fewer that were open as long, wherever, no chance is told.
const LEAST: u64 = 20;

/// The share of a place counts as if it had so many more instances with the share of all.
const ALL_ALIKE: f64 = 10.0;

/// How many were open at a tenth, and how many of them were let-downs.
type Counts = [(u64, u64); TENTHS as usize];

/// What became of those that were open at each tenth: everywhere, in each place, and in none.
pub(super) struct Record {
    everywhere: Counts,
    places: Vec<Counts>,
    outside: Counts,
}

impl Record {
    pub(super) fn of(past: &Exposed, rows: &[u32], places: &[Where]) -> Self {
        let inside = inside(past, places);
        let mut all = Self {
            everywhere: Counts::default(),
            places: vec![Counts::default(); places.len()],
            outside: Counts::default(),
        };
        for row in rows {
            let instance = &past.rows[*row as usize];
            let open = (0..TENTHS).filter(|tenth| is_open_at(instance, *tenth));
            for tenth in open {
                let count = |counts: &mut Counts| {
                    let (open, let_down) = &mut counts[tenth as usize];
                    *open += 1;
                    *let_down += u64::from(instance.is_let_down);
                };
                count(&mut all.everywhere);
                let here = &inside[*row as usize];
                here.iter().for_each(|place| count(&mut all.places[*place]));
                if here.is_empty() {
                    count(&mut all.outside);
                }
            }
        }
        all
    }

    /// How many were open at a tenth in a place, or in none, and how many of them were let-downs.
    pub(super) fn of_place(&self, place: Option<usize>, tenth: u32) -> (u64, u64) {
        let of = place.map_or(&self.outside, |place| &self.places[place]);
        of[tenth as usize]
    }

    /// The share of let-downs there; of few drawn towards that of all, and never 0 or 1.
    pub(super) fn share(&self, place: Option<usize>, tenth: u32) -> f64 {
        let (open, let_down) = self.everywhere[tenth as usize];
        let all = (let_down as f64 + 0.5) / (open as f64 + 1.0);
        let (open, let_down) = self.of_place(place, tenth);
        (let_down as f64 + ALL_ALIKE * all) / (open as f64 + ALL_ALIKE)
    }

    /// The share as a chance; `None` where too few came due that were open as long.
    pub(super) fn chance(&self, place: Option<usize>, tenth: u32) -> Option<f64> {
        let (open, _) = self.everywhere[tenth as usize];
        (open >= LEAST).then(|| self.share(place, tenth))
    }

    /// The place among these in which the largest share of those that were open as long was let down.
    pub(super) fn worst(&self, places: &[usize], tenth: u32) -> Option<usize> {
        let share = |place: &usize| self.share(Some(*place), tenth);
        let worst = places.iter().copied();
        worst.max_by(|one, other| share(one).total_cmp(&share(other)).then(other.cmp(one)))
    }
}

/// In which of some places each row stands.
pub(super) fn inside(exposed: &Exposed, places: &[Where]) -> Vec<Vec<usize>> {
    let mut inside = vec![Vec::new(); exposed.rows.len()];
    for (number, place) in places.iter().enumerate() {
        for row in exposed.within(place) {
            inside[row as usize].push(number);
        }
    }
    inside
}
