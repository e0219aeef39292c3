//! What the versions of one record come to: a pure function of what they say, in their order.

/// What can be asked of the versions of a record. They are named by their place in the order of versions; properties by their number.
pub(crate) trait Said {
    /// How many properties an event of this kind has.
    fn properties(&self) -> usize;
    /// Whether two versions give the same value to a property.
    fn is_same(&self, property: usize, one: usize, other: usize) -> bool;
    /// Whether a version gives no value to a property.
    fn is_null(&self, property: usize, version: usize) -> bool;
    /// Whether a version corrects a property instead of telling that it changed.
    fn corrects(&self, property: usize, version: usize) -> bool;
    /// Whether a property was read in the same way in two versions.
    fn is_read_alike(&self, property: usize, one: usize, other: usize) -> bool;
    /// Whether a version that was read in another way than one before tells a property at all.
    fn is_told(&self, property: usize, version: usize) -> bool;
    /// Whether two versions say the same of everything but properties: when, whom, about what.
    fn is_same_else(&self, one: usize, other: usize) -> bool;
}

/// What the versions come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Composed {
    /// The version that tells whom it happened to, when, and about what.
    pub(crate) other: usize,
    /// For each property of the event the version that tells its value.
    pub(crate) values: Vec<usize>,
    /// The version that tells the whole event as it is, if one does.
    pub(crate) whole: Option<usize>,
    /// What happened to it later, in order.
    pub(crate) changes: Vec<Change>,
}

/// A change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// The version that told it.
    pub(crate) by: usize,
    /// The version before.
    pub(crate) before: usize,
    /// The version that tells whom it happened to and about what.
    pub(crate) other: usize,
    /// For each property the version that tells its value after the change.
    pub(crate) values: Vec<usize>,
    /// The properties that changed, each with the version that told what it was.
    pub(crate) was: Vec<(usize, usize)>,
}

/// Composes the versions from `first` to `last`, both included.
pub(crate) fn compose(said: &impl Said, first: usize, last: usize) -> Composed {
    let mut course = Course {
        said,
        event: vec![first; said.properties()],
        changes: Vec::new(),
        // What is known of each property: which version told it, and by which change; none by the event itself.
        state: vec![(first, None); said.properties()],
        read: vec![first; said.properties()],
    };
    for version in first + 1..=last {
        course.hear(version);
    }
    let mut other = last;
    while other > first && said.is_same_else(other - 1, last) {
        other -= 1;
    }
    let (values, mut changes) = (course.event, course.changes);
    changes.retain(|change| !change.was.is_empty());
    changes.iter_mut().for_each(|change| change.other = other);
    let end = changes.first().map_or(last, |change| change.by - 1);
    let tells = |version: &usize| {
        values
            .iter()
            .enumerate()
            .all(|(property, told)| told <= version && said.is_same(property, *version, *told))
    };
    Composed {
        whole: (other..=end).rev().find(tells),
        other,
        values,
        changes,
    }
}

struct Course<'a, S> {
    said: &'a S,
    event: Vec<usize>,
    changes: Vec<Change>,
    state: Vec<(usize, Option<usize>)>,
    /// For each property the last version that could tell its value.
    read: Vec<usize>,
}

impl<S: Said> Course<'_, S> {
    /// Takes in the next version.
    fn hear(&mut self, version: usize) {
        let said = self.said;
        let mut was = Vec::new();
        for property in 0..said.properties() {
            let (told, holder) = self.state[property];
            let alike = said.is_read_alike(property, self.read[property], version);
            if !alike && !said.is_told(property, version) {
                continue;
            }
            if said.is_same(property, told, version) {
                self.read[property] = version;
                continue;
            }
            // What nobody had told yet is told now.
            let completes = holder.is_none() && said.is_null(property, told);
            self.read[property] = version;
            if completes || !alike || said.corrects(property, version) {
                self.correct(property, version, holder);
            } else {
                was.push((property, told));
            }
        }
        if was.is_empty() {
            return;
        }
        let number = self.changes.len();
        for (property, _) in &was {
            self.state[*property] = (version, Some(number));
        }
        self.changes.push(Change {
            by: version,
            before: version - 1,
            other: version,
            values: self.state.iter().map(|(told, _)| *told).collect(),
            was,
        });
    }

    /// Another value takes the place of the one that is known, where that was told and in all that came after.
    fn correct(&mut self, property: usize, version: usize, holder: Option<usize>) {
        self.state[property].0 = version;
        if holder.is_none() {
            self.event[property] = version;
        }
        for change in &mut self.changes[holder.unwrap_or(0)..] {
            change.values[property] = version;
        }
        // Corrected to what it was before, it never changed.
        if let Some(holder) = holder
            && let Some(place) = self.changes[holder]
                .was
                .iter()
                .position(|(of, was)| *of == property && self.said.is_same(property, *was, version))
        {
            let (_, was) = self.changes[holder].was.remove(place);
            let earlier = self.changes[..holder]
                .iter()
                .rposition(|change| change.was.iter().any(|(of, _)| *of == property));
            self.state[property] = (was, earlier);
            let later = self.changes[holder..].iter_mut();
            later.for_each(|change| change.values[property] = was);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use amends_testkit::proptest::prelude::*;

    /// A version: mapping, everything else, properties, and which of them it corrects.
    #[derive(Clone, Debug, PartialEq, Eq)]
    struct One(u8, u8, [Option<u8>; 2], [bool; 2]);

    impl Said for Vec<One> {
        fn properties(&self) -> usize {
            2
        }
        fn is_same(&self, property: usize, one: usize, other: usize) -> bool {
            self[one].2[property] == self[other].2[property]
        }
        fn is_null(&self, property: usize, version: usize) -> bool {
            self[version].2[property].is_none()
        }
        fn corrects(&self, property: usize, version: usize) -> bool {
            self[version].3[property]
        }
        fn is_read_alike(&self, _property: usize, one: usize, other: usize) -> bool {
            self[one].0 == self[other].0
        }
        fn is_told(&self, property: usize, version: usize) -> bool {
            !self.is_null(property, version)
        }
        fn is_same_else(&self, one: usize, other: usize) -> bool {
            self[one].1 == self[other].1
        }
    }

    fn said(properties: [Option<u8>; 2]) -> One {
        One(0, 0, properties, [false; 2])
    }

    /// Everything else and the properties of the event, then for each change who told it and what the properties are.
    fn composed(said: &Vec<One>) -> (u8, [Option<u8>; 2], Vec<(usize, [Option<u8>; 2])>) {
        let composed = compose(said, 0, said.len() - 1);
        let values = |values: &[usize]| [0, 1].map(|property| said[values[property]].2[property]);
        let (other, event) = (said[composed.other].1, values(&composed.values));
        if let Some(whole) = composed.whole {
            assert_eq!((said[whole].1, said[whole].2), (other, event));
        }
        let changes = composed.changes.iter();
        let changes = changes.map(|change| (change.by, values(&change.values)));
        (other, event, changes.collect())
    }

    #[test]
    fn what_differs_happened() {
        let (a, b) = ([Some(1), Some(5)], [Some(2), Some(5)]);
        assert_eq!(composed(&vec![said(a), said(b)]), (0, a, vec![(1, b)]));
        let flips = vec![said(a), said(b), said(a)];
        assert_eq!(composed(&flips), (0, a, vec![(1, b), (2, a)]));
        // What says when and whom is taken from the newest.
        let moved = vec![said(a), One(0, 7, b, [false; 2])];
        assert_eq!(composed(&moved), (7, a, vec![(1, b)]));
    }

    #[test]
    fn what_is_declared_so_corrects() {
        let (a, b) = ([Some(1), Some(5)], [Some(2), Some(6)]);
        let corrected = vec![said(a), One(0, 0, b, [true, false])];
        assert_eq!(
            composed(&corrected),
            (0, [Some(2), Some(5)], vec![(1, [Some(2), Some(6)])])
        );
        // A correction is of the last that was said.
        let c = [Some(2), Some(7)];
        let late = vec![said(a), said(b), One(0, 0, c, [false, true])];
        assert_eq!(composed(&late), (0, a, vec![(1, [Some(2), Some(7)])]));
    }

    #[test]
    fn what_is_corrected_to_what_it_was_never_changed() {
        let (a, b) = ([Some(1), Some(5)], [Some(2), Some(5)]);
        let back = |properties| One(0, 0, properties, [true, false]);
        assert_eq!(composed(&vec![said(a), said(b), back(a)]), (0, a, vec![]));
        // The next change is told from there, and what else changed stays told.
        let c = [Some(3), Some(5)];
        let on = vec![said(a), said(b), back(a), said(c)];
        assert_eq!(composed(&on), (0, a, vec![(3, c)]));
        let both = [Some(2), Some(6)];
        let half = vec![said(a), said(both), back([Some(1), Some(6)])];
        assert_eq!(composed(&half), (0, a, vec![(1, [Some(1), Some(6)])]));
        let twice = vec![said(a), said(b), said(c), back(b), back(a)];
        assert_eq!(composed(&twice), (0, a, vec![]));
    }

    #[test]
    fn what_was_not_told_yet_is_completed() {
        let (blank, told, other) = ([Some(1), None], [Some(1), Some(5)], [Some(1), Some(6)]);
        let filled = vec![said(blank), said(told), said(other)];
        assert_eq!(composed(&filled), (0, told, vec![(2, other)]));
        // What was emptied once was told to be so.
        let emptied = vec![said(told), said(blank), said(other)];
        assert_eq!(composed(&emptied), (0, told, vec![(1, blank), (2, other)]));
    }

    #[test]
    fn another_reading_corrects() {
        let (a, b, c) = ([Some(1), Some(5)], [Some(2), Some(5)], [Some(3), Some(5)]);
        let newer = |properties| One(1, 0, properties, [false; 2]);
        let read_again = vec![said(a), newer(b), newer(c)];
        assert_eq!(composed(&read_again), (0, b, vec![(2, c)]));
    }

    #[test]
    fn what_only_one_mapping_reads_did_not_change() {
        let (without, with, other) = ([Some(1), None], [Some(1), Some(5)], [Some(1), Some(6)]);
        let newer = |properties| One(1, 0, properties, [false; 2]);
        let added = vec![said(without), newer(with), newer(other)];
        assert_eq!(composed(&added), (0, with, vec![(2, other)]));
        let dropped = vec![said(with), newer(without), newer(without), said(other)];
        assert_eq!(composed(&dropped), (0, with, vec![(3, other)]));
        // Under one mapping an empty cell says something.
        let emptied = vec![said(with), said(without)];
        assert_eq!(composed(&emptied), (0, with, vec![(1, without)]));
    }

    fn one() -> impl Strategy<Value = One> {
        let value = || prop::option::weighted(0.8, 0..3_u8);
        (0..2_u8, 0..2_u8, [value(), value()], any::<[bool; 2]>())
            .prop_map(|(mapping, other, values, corrects)| One(mapping, other, values, corrects))
    }

    proptest! {
        /// A version that repeats the one before it changes nothing, and what was told last is what the course ends with.
        #[test]
        fn repeats_say_nothing(versions in prop::collection::vec(one(), 1..7), place in any::<prop::sample::Index>()) {
            let (other, event, changes) = composed(&versions);
            let place = place.index(versions.len());
            let mut again = versions.clone();
            again.insert(place, versions[place].clone());
            let (other_again, event_again, changes_again) = composed(&again);
            prop_assert_eq!((other_again, event_again), (other, event));
            let values = |changes: &[(usize, [Option<u8>; 2])]| changes.iter().map(|(_, of)| *of).collect::<Vec<_>>();
            prop_assert_eq!(values(&changes_again), values(&changes));
            let last = changes.last().map_or(event, |(_, of)| *of);
            let newest = &versions[versions.len() - 1];
            for (told, known) in newest.2.iter().zip(last) {
                prop_assert!(told.is_none() || *told == known);
            }
        }

        /// Where everything corrects, the newest version stands as it is, but for what its mapping does not read.
        #[test]
        fn with_corrections_alone_nothing_happens(versions in prop::collection::vec(one(), 1..7)) {
            let all: Vec<One> = versions.into_iter().map(|one| One(0, one.1, one.2, [true; 2])).collect();
            let composed = compose(&all, 0, all.len() - 1);
            prop_assert_eq!(composed.whole, Some(all.len() - 1));
            prop_assert!(composed.changes.is_empty());
        }
    }
}
