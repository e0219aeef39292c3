//! Random worlds, resolved here as slowly and plainly as can be, and there as the crate does it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use amends_model::{EventId, IdentifierId};
use amends_testkit::proptest::prelude::*;
use amends_testkit::tempfile::tempdir;

use super::invented::{Decided, Event, World, id};
use crate::{Kept, Links};

const NAMESPACES: [&str; 4] = ["customer", "email", "phone", "organisation"];

fn world() -> impl Strategy<Value = World> {
    (2..14_u32).prop_flat_map(|count| {
        let identifiers =
            prop::collection::vec((0..4_usize, prop::bool::weighted(0.1)), count as usize);
        let event = (prop::collection::vec(0..count, 1..5), 0..6_i64, any::<u8>());
        let events = prop::collection::vec(event, 0..20);
        let decided = prop::collection::vec((0..count, 0..count, any::<bool>()), 0..5);
        (
            identifiers,
            events,
            decided,
            prop::collection::vec(0..4_usize, 4),
        )
            .prop_map(build)
    })
}

type Drawn = (
    Vec<(usize, bool)>,
    Vec<(Vec<u32>, i64, u8)>,
    Vec<(u32, u32, bool)>,
    Vec<usize>,
);

fn build((identifiers, events, decided, at_most): Drawn) -> World {
    let mut world = World::new(&[]);
    world.identifiers = identifiers
        .into_iter()
        .map(|(kind, generic)| (NAMESPACES[kind], generic))
        .collect();
    world.events = events
        .into_iter()
        .map(|(named, at, id)| Event { named, at, id })
        .collect();
    let decided = decided.into_iter().filter(|(a, b, _)| a != b).enumerate();
    world.decided = decided
        .map(|(at, (a, b, unlinked))| Decided {
            pair: (a, b),
            unlinked,
            at: at as i64,
        })
        .collect();
    for (name, at_most) in NAMESPACES.iter().zip(at_most) {
        world.rules.get_mut(*name).unwrap().at_most = at_most;
    }
    world
}

/// Everything that links, each pair with its first event and how many there are.
struct Reference {
    links: BTreeMap<(u32, u32), (EventId, u64)>,
    members: BTreeMap<(u32, u32), u64>,
    customers: Vec<u32>,
}

fn reference(world: &World) -> Reference {
    let kind = |number: u32| world.identifiers[number as usize].0;
    let rule = |number: u32| world.rules[kind(number)];
    let generic = |number: u32| world.identifiers[number as usize].1;
    let count = world.identifiers.len() as u32;
    let mut together: BTreeMap<(u32, u32), BTreeSet<(i64, u8, usize)>> = BTreeMap::new();
    for (place, event) in world.events.iter().enumerate() {
        for a in &event.named {
            for b in event.named.iter().filter(|b| a < *b) {
                together
                    .entry((*a, *b))
                    .or_default()
                    .insert((event.at, event.id, place));
            }
        }
    }
    let unlinked = |a: u32, b: u32| {
        let of_pair = |decided: &&Decided| decided.pair == (a, b) || decided.pair == (b, a);
        world
            .decided
            .iter()
            .filter(of_pair)
            .max_by_key(|decided| decided.at)
            .is_some_and(|last| last.unlinked)
    };
    let candidate = |a: u32, b: u32| {
        !generic(a)
            && !generic(b)
            && kind(a) != kind(b)
            && rule(a).account == rule(b).account
            && together.contains_key(&(a.min(b), a.max(b)))
    };
    let counts_as_crowd = |a: u32, b: u32| candidate(a, b);
    let crowded = |number: u32| {
        NAMESPACES.iter().any(|name| {
            let others =
                (0..count).filter(|other| kind(*other) == *name && counts_as_crowd(number, *other));
            others.count() > rule(number).at_most
        })
    };
    let (mut links, mut members) = (BTreeMap::new(), BTreeMap::new());
    for ((a, b), events) in &together {
        let (a, b) = (*a, *b);
        if candidate(a, b) && !unlinked(a, b) && !crowded(a) && !crowded(b) {
            let first = events.first().map(|(_, id, _)| EventId([*id; 16])).unwrap();
            links.insert((a, b), (first, events.len() as u64));
        }
        if !generic(a) && !generic(b) && !unlinked(a, b) && rule(a).account != rule(b).account {
            members.insert((a, b), events.len() as u64);
        }
    }
    let mut customers: Vec<u32> = (0..count).collect();
    for _ in 0..count {
        for (a, b) in links.keys() {
            let oldest = customers[*a as usize].min(customers[*b as usize]);
            customers[*a as usize] = oldest;
            customers[*b as usize] = oldest;
        }
    }
    Reference {
        links,
        members,
        customers,
    }
}

fn compare(world: &World, people: &Links) -> Result<(), TestCaseError> {
    let expected = reference(world);
    let account = |number: u32| world.rules[world.identifiers[number as usize].0].account;
    let numbers = 0..world.identifiers.len() as u32;
    for number in numbers.clone() {
        let customer = expected.customers[number as usize];
        prop_assert_eq!(people.customer(id(number)), id(customer));
        let same = numbers
            .clone()
            .filter(|other| expected.customers[*other as usize] == customer);
        prop_assert_eq!(
            people.members(id(number)).to_vec(),
            same.map(id).collect::<Vec<_>>()
        );
        let evidence: BTreeSet<_> = people
            .evidence(id(number))
            .into_iter()
            .map(|one| (one.a, one.b, one.event, one.events))
            .collect();
        let links = expected
            .links
            .iter()
            .filter(|((a, _), _)| expected.customers[*a as usize] == customer);
        let links: BTreeSet<_> = links
            .map(|((a, b), (event, events))| (id(*a), id(*b), *event, *events))
            .collect();
        prop_assert_eq!(evidence, links);
        let mut accounts: BTreeMap<u32, u64> = BTreeMap::new();
        for ((a, b), events) in &expected.members {
            let (person, account) = if account(*a) { (*b, *a) } else { (*a, *b) };
            if expected.customers[person as usize] == customer {
                *accounts
                    .entry(expected.customers[account as usize])
                    .or_default() += events;
            }
        }
        if !account(number) {
            prop_assert_eq!(
                people.accounts(id(number)),
                accounts.keys().map(|one| id(*one)).collect::<Vec<_>>()
            );
            let most = accounts
                .iter()
                .max_by_key(|(account, events)| (**events, std::cmp::Reverse(**account)));
            prop_assert_eq!(
                people.account(id(number)),
                most.map(|(account, _)| id(*account))
            );
            for account in accounts.keys() {
                prop_assert!(people.people_of(id(*account)).contains(&id(customer)));
            }
        }
    }
    prop_assert_eq!(people.len(), people.customers().count());
    for (id, namespace, customer, account) in people.everyone(0..world.identifiers.len()) {
        prop_assert_eq!(Some(namespace), people.namespace(id));
        prop_assert_eq!(
            (customer, account),
            (people.customer(id), people.account(id))
        );
    }
    prop_assert_eq!(people.identifiers().len(), world.identifiers.len());
    Ok(())
}

/// Every way that is explained consists of links, hop by hop, and leads where it should.
fn walk(people: &Links, from: u32, to: u32) -> Result<(), TestCaseError> {
    let explained = people.explain(id(from), id(to));
    prop_assert_eq!(
        explained.path.is_some(),
        people.customer(id(from)) == people.customer(id(to))
    );
    let mut at = id(from);
    let links = people.evidence(id(from));
    for hop in explained.path.iter().flatten() {
        prop_assert_eq!(hop.a, at);
        let is_hop = |link: &&crate::Evidence| {
            (link.a, link.b) == (hop.a, hop.b) || (link.b, link.a) == (hop.a, hop.b)
        };
        prop_assert_eq!(
            links.iter().find(is_hop).map(|link| link.event),
            Some(hop.event)
        );
        at = hop.b;
    }
    prop_assert!(explained.path.is_none() || at == id(to));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) })]

    #[test]
    fn resolution_equals_a_naive_one(world in world()) {
        compare(&world, &world.links())?;
    }

    #[test]
    fn the_order_of_events_and_decisions_does_not_matter(world in world(), seed in any::<u64>()) {
        let mut shuffled = world.clone();
        let order = |place: usize, salt: u64| (place as u64 + 1).wrapping_mul(seed | 1).rotate_left(17) ^ salt;
        let mut keyed: Vec<_> = shuffled.events.into_iter().enumerate().collect();
        keyed.sort_by_key(|(place, _)| order(*place, 1));
        shuffled.events = keyed.into_iter().map(|(_, event)| event).collect();
        shuffled.decided.reverse();
        let (one, other) = (world.links(), shuffled.links());
        prop_assert_eq!(one.links_version(), other.links_version());
        prop_assert_eq!(&one.roots, &other.roots);
        prop_assert_eq!(&one.pairs, &other.pairs);
    }

    #[test]
    fn what_is_kept_is_read_as_it_was_or_not_at_all(world in world(), flipped in any::<prop::sample::Index>()) {
        let folder = tempdir().unwrap();
        let kept = |key: &str| Kept::of(folder.path(), key, &world.rules);
        let people = world.links();
        prop_assert!(kept("one").read().is_none());
        kept("one").keep(&people);
        let read = kept("one").read();
        prop_assert_eq!(read.as_ref(), Some(&**people.people()));
        prop_assert!(kept("another").read().is_none());
        let file = folder.path().join("derived/people/who.parts");
        let mut bytes = std::fs::read(&file).unwrap();
        *flipped.get_mut(&mut bytes) ^= 1;
        let everybody: Vec<_> = people.identifiers().map(|(one, _)| one..=one).collect();
        let few = |wanted: &RangeInclusive<IdentifierId>| kept("one").read_those(std::slice::from_ref(wanted));
        let before: Vec<_> = everybody.iter().map(few).collect();
        std::fs::write(&file, bytes).unwrap();
        prop_assert!(kept("one").read().is_none());
        for (wanted, before) in everybody.iter().zip(before) {
            let after = few(wanted);
            prop_assert!(after.is_none() || after == before);
        }
    }

    #[test]
    fn a_few_of_those_who_are_kept_are_who_they_are(world in world(), asked in prop::collection::btree_set(0..16_u32, 0..4), part_rows in 1..6_usize) {
        let folder = tempdir().unwrap();
        let mut kept = Kept::of(folder.path(), "one", &world.rules);
        kept.part_rows = part_rows;
        let links = world.links();
        kept.keep(links.people());
        let all = kept.read().unwrap();
        prop_assert_eq!(&all, &**links.people());
        let wanted: Vec<_> = asked.iter().map(|number| id(*number)..=id(*number)).collect();
        let few = kept.read_those(&wanted).unwrap();
        for asked in asked {
            let around = [Some(id(asked)), all.account(id(asked))].into_iter().flatten();
            let everybody: Vec<IdentifierId> = around
                .chain(all.accounts(id(asked)))
                .flat_map(|one| [vec![one], all.people_of(one)].concat())
                .flat_map(|one| [&[one], all.members(one)].concat())
                .collect();
            for one in everybody {
                prop_assert_eq!(few.members(one), all.members(one));
                prop_assert_eq!(few.customer(one), all.customer(one));
                prop_assert_eq!(few.account(one), all.account(one));
                prop_assert_eq!(few.accounts(one), all.accounts(one));
                prop_assert_eq!(few.namespace(one), all.namespace(one));
                prop_assert_eq!(few.is_account(one), all.is_account(one));
            }
            for account in all.accounts(id(asked)) {
                prop_assert_eq!(few.people_of(account), all.people_of(account));
            }
        }
        prop_assert_eq!(few.links_version(), all.links_version());
    }

    #[test]
    fn every_explanation_can_be_walked(world in world(), from in 0..14_u32, to in 0..14_u32) {
        let count = world.identifiers.len() as u32;
        walk(&world.links(), from % count, to % count)?;
    }

    #[test]
    fn unlinking_never_joins_and_linking_again_restores(world in world(), a in 0..14_u32, b in 0..14_u32) {
        let count = world.identifiers.len() as u32;
        let (a, b) = (a % count, b % count);
        prop_assume!(a != b);
        let mut before = world.clone();
        let at = 100;
        before.decided.push(Decided { pair: (a, b), unlinked: false, at });
        let mut after = before.clone();
        after.decided.push(Decided { pair: (b, a), unlinked: true, at: at + 1 });
        let (linked, unlinked) = (before.links(), after.links());
        for number in 0..count {
            for other in unlinked.members(id(number)) {
                prop_assert_eq!(linked.customer(*other), linked.customer(id(number)));
            }
        }
        after.decided.push(Decided { pair: (a, b), unlinked: false, at: at + 2 });
        let again = after.links();
        prop_assert_eq!(&again.roots, &linked.roots);
        prop_assert_eq!(again.links_version(), linked.links_version());
    }
}
