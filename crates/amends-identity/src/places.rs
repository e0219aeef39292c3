//! Where in a list an identifier stands.
//!
//! Identifiers are random, so their first bits spread them evenly: a table of as many parts as there are identifiers finds one after looking at two or so,
//! is made in two passes, and takes eight bytes of each.

use amends_model::IdentifierId;

/// The places of identifiers, by their first bits.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Places {
    /// How many of the first bits name a part.
    bits: u32,
    /// Where the places of each part begin.
    starts: Vec<u32>,
    places: Vec<u32>,
}

impl Places {
    /// The places of the identifiers of a list, each of which stands there once.
    pub(crate) fn of(ids: &[IdentifierId]) -> Self {
        let bits = ids.len().max(2).ilog2();
        let mut starts = vec![0_u32; (1 << bits) + 1];
        for id in ids {
            starts[part(*id, bits) + 1] += 1;
        }
        for part in 1..starts.len() {
            starts[part] += starts[part - 1];
        }
        let mut next = starts.clone();
        let mut places = vec![0_u32; ids.len()];
        for (place, id) in ids.iter().enumerate() {
            let next = &mut next[part(*id, bits)];
            places[*next as usize] = place as u32;
            *next += 1;
        }
        Self {
            bits,
            starts,
            places,
        }
    }

    /// Where an identifier stands in the list of which these are the places.
    pub(crate) fn find(&self, ids: &[IdentifierId], id: IdentifierId) -> Option<u32> {
        if self.places.is_empty() {
            return None;
        }
        let part = part(id, self.bits);
        let places = &self.places[self.starts[part] as usize..self.starts[part + 1] as usize];
        let found = places.iter().find(|place| ids[**place as usize] == id);
        found.copied()
    }

    /// All places in the list of which these are the places, in the order of its identifiers.
    pub(crate) fn ascending(&self, ids: &[IdentifierId]) -> impl Iterator<Item = u32> {
        self.starts.windows(2).flat_map(|part| {
            let mut places = self.places[part[0] as usize..part[1] as usize].to_vec();
            places.sort_unstable_by_key(|place| ids[*place as usize]);
            places
        })
    }
}

fn part(id: IdentifierId, bits: u32) -> usize {
    (id.as_u128() >> (128 - bits)) as usize
}

#[cfg(test)]
mod tests {
    use amends_testkit::proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_identifier_is_found_where_it_stands(ids in prop::collection::hash_set(any::<u128>(), 0..60), another in any::<u128>()) {
            let id = |number: u128| IdentifierId(number.to_be_bytes());
            let list: Vec<IdentifierId> = ids.iter().copied().map(id).collect();
            let places = Places::of(&list);
            for (place, id) in list.iter().enumerate() {
                prop_assert_eq!(places.find(&list, *id), Some(place as u32));
            }
            prop_assert_eq!(places.find(&list, id(another)).is_some(), ids.contains(&another));
            let ascending: Vec<IdentifierId> = places.ascending(&list).map(|place| list[place as usize]).collect();
            prop_assert!(ascending.is_sorted());
            prop_assert_eq!(ascending.len(), list.len());
        }

        #[test]
        fn they_need_not_be_spread(count in 0_u32..40) {
            let list: Vec<IdentifierId> = (0..count).map(|number| IdentifierId(u128::from(number).to_be_bytes())).collect();
            let places = Places::of(&list);
            let found: Vec<_> = list.iter().map(|id| places.find(&list, *id)).collect();
            prop_assert_eq!(found, (0..count).map(Some).collect::<Vec<_>>());
        }
    }
}
