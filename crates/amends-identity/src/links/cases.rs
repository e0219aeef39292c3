use amends_model::EventId;

use super::invented::{World, id};
use crate::{Evidence, Reason};

#[test]
fn the_oldest_identifier_is_the_customer() {
    let world = World::new(&["email", "customer", "phone", "email"])
        .names(&[1, 0])
        .names(&[2, 1]);
    let people = world.links();
    assert_eq!(
        [0, 1, 2, 3].map(|number| people.customer(id(number))),
        [0, 0, 0, 3].map(id)
    );
    assert_eq!(people.members(id(2)), [0, 1, 2].map(id));
    assert_eq!(
        (people.len(), people.customers().collect::<Vec<_>>()),
        (2, vec![id(0), id(3)])
    );
    // Whoever joins later changes no id.
    let more = world.names(&[1, 3]).links();
    assert_eq!(more.members(id(0)), [0, 1, 2, 3].map(id));
    assert_ne!(people.links_version(), more.links_version());
    // One that was never minted is alone.
    assert_eq!(people.customer(id(9)), id(9));
    assert!(people.members(id(9)).is_empty());
}

#[test]
fn a_shared_address_welds_nobody() {
    // Two customer numbers may share an address at two, three may not.
    let two = World::new(&["email", "customer", "customer", "customer"])
        .names(&[1, 0])
        .names(&[2, 0]);
    assert_eq!(two.links().len(), 2);
    let people = two.names(&[3, 0]).links();
    assert_eq!(people.len(), 4);
    let explained = people.explain(id(1), id(0));
    assert_eq!(explained.path, None);
    let TooMany {
        identifier,
        others,
        at_most,
    } = too_many(&explained.rejected[0].reason);
    assert_eq!((identifier, others, at_most), (id(0), 3, 2));
}

struct TooMany {
    identifier: amends_model::IdentifierId,
    others: u32,
    at_most: usize,
}

fn too_many(reason: &Reason) -> TooMany {
    match reason {
        Reason::TooMany {
            identifier,
            namespace,
            others,
            at_most,
        } => {
            assert_eq!(namespace, "customer");
            TooMany {
                identifier: *identifier,
                others: *others,
                at_most: *at_most,
            }
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_customer_number_may_have_several_addresses_and_telephones() {
    let world = World::new(&["customer", "email", "email", "phone", "phone"]);
    let people = world
        .names(&[0, 1])
        .names(&[0, 2])
        .names(&[0, 3])
        .names(&[0, 4])
        .links();
    assert_eq!(people.members(id(0)).len(), 5);
}

#[test]
fn generic_mailboxes_and_two_of_a_kind_are_no_evidence() {
    let world = World::new(&["email", "customer", "email"])
        .generic(0)
        .names(&[1, 0])
        .names(&[2, 0])
        .names(&[2, 0]);
    let people = world.links();
    assert_eq!(people.len(), 3);
    let reasons: Vec<Reason> = people
        .explain(id(0), id(2))
        .rejected
        .into_iter()
        .map(|one| one.reason)
        .collect();
    assert_eq!(reasons, [Reason::Generic(id(0)), Reason::Generic(id(0))]);
    let people = World::new(&["email", "email"]).names(&[0, 1]).links();
    assert_eq!(people.len(), 2);
    assert_eq!(
        people.explain(id(0), id(1)).rejected[0].reason,
        Reason::OneNamespace("email".into())
    );
}

#[test]
fn an_account_has_people_and_welds_none_of_them() {
    let world = World::new(&[
        "organisation",
        "email",
        "email",
        "customer",
        "organisation",
        "phone",
    ]);
    let world = world
        .names(&[1, 0])
        .names(&[2, 0])
        .names(&[3, 0])
        .names(&[3, 2]);
    let people = world.clone().links();
    assert_eq!(people.len(), 3, "1; 2 with 3; the telephone");
    assert_eq!(people.people_of(id(0)), [1, 2].map(id));
    assert_eq!(
        [0, 1, 3, 5].map(|number| people.account(id(number))),
        [Some(id(0)), Some(id(0)), Some(id(0)), None]
    );
    assert_eq!(people.all_accounts().collect::<Vec<_>>(), [0, 4].map(id));
    assert!(people.is_account(id(4)) && !people.is_account(id(1)));
    // Somebody in two organisations belongs to the one that names them most.
    let people = world.names(&[4, 3]).names(&[4, 3]).names(&[4, 2]).links();
    assert_eq!(people.accounts(id(2)), [0, 4].map(id));
    assert_eq!(people.account(id(2)), Some(id(4)));
    assert_eq!(
        people.explain(id(1), id(0)).rejected[0].reason,
        Reason::Member
    );
}

#[test]
fn unlinking_parts_exactly_two_and_can_be_taken_back() {
    let linked = World::new(&["customer", "email", "phone"])
        .names(&[0, 1])
        .names(&[0, 1]);
    let unlinked = linked.clone().decided((1, 0), true).links();
    assert_eq!(unlinked.len(), 3);
    let rejected = &unlinked.explain(id(0), id(1)).rejected[0];
    let expected = Reason::Unlinked {
        decision: EventId([0; 16]),
        by: "Bo".into(),
        why: "two sisters".into(),
    };
    assert_eq!(rejected.reason, expected);
    assert_eq!(
        rejected.evidence,
        Evidence {
            a: id(0),
            b: id(1),
            event: EventId([0; 16]),
            events: 2
        }
    );
    let again = linked
        .clone()
        .decided((0, 1), true)
        .decided((0, 1), false)
        .links();
    assert_eq!((again.len(), linked.links().len()), (2, 2));
    // Whom a telephone connects stays connected, and the way says how.
    let still = linked
        .names(&[0, 2])
        .names(&[1, 2])
        .decided((0, 1), true)
        .links();
    let path = still.explain(id(0), id(1)).path.unwrap();
    let hops: Vec<_> = path.iter().map(|hop| (hop.a, hop.b)).collect();
    assert_eq!(hops, [(id(0), id(2)), (id(2), id(1))]);
    assert_eq!(still.explain(id(1), id(1)).path, Some(Vec::new()));
}

#[test]
fn unlinking_somebody_from_accounts_crowds_nobody() {
    let namespaces = [
        "email",
        "customer",
        "organisation",
        "organisation",
        "organisation",
    ];
    let world = World::new(&namespaces)
        .names(&[0, 1])
        .names(&[0, 2])
        .names(&[0, 3])
        .names(&[0, 4]);
    let apart = [2, 3, 4]
        .iter()
        .fold(world, |world, account| world.decided((0, *account), true));
    assert_eq!(apart.links().members(id(0)), [0, 1].map(id));
    assert!(apart.links().accounts(id(0)).is_empty());
}

#[test]
fn unlinking_one_of_a_crowd_does_not_weld_the_others() {
    let crowd = World::new(&["email", "customer", "customer", "customer"])
        .names(&[0, 1])
        .names(&[0, 2])
        .names(&[0, 3]);
    assert_eq!(crowd.decided((0, 3), true).links().len(), 4);
}

#[test]
fn only_so_many_rejected_pairs_are_listed() {
    let mut world = World::new(&["email"; 160]).generic(0);
    for number in 1..160 {
        world.identifiers[number as usize].0 = "customer";
        world = world.names(&[0, number]);
    }
    let explained = world.links().explain(id(0), id(120));
    assert_eq!(
        (explained.rejected.len(), explained.rejected_in_all),
        (100, 159)
    );
    assert_eq!(explained.rejected[0].evidence.b, id(120));
}
