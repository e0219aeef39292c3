//! Snapshots: reading little, and the state hash.

use amends_ledger::{Filter, Sizes, state_hash};
use amends_model::event::column;
use amends_model::time::from_micros;
use arrow::array::AsArray;

use crate::events::{Said, contents, current, identifier, import, ledger, ledger_sized};

/// Events over a hundred days, of two hundred customers and an organisation that every seventh names.
fn many(count: u64) -> Vec<Said> {
    (0..count)
        .map(|n| Said {
            record: n,
            content: n as i64,
            at: ((n * 7_919) % 100) as i64 * 86_400_000_000,
            whom: (n % 200) as u8,
            others: if n % 7 == 0 { vec![201] } else { Vec::new() },
            about: Some(format!("order-{}", n / 2)),
            line: n as i64,
            ..Said::default()
        })
        .collect()
}

#[tokio::test]
async fn a_filter_finds_the_same_in_granules_and_slices_as_in_a_list() {
    let (_folder, ledger, writer) = ledger_sized(Sizes {
        slice: 6_000,
        ..Sizes::default()
    })
    .await;
    let all = many(20_000);
    import(&writer, "parcel", &all).await;
    let changed: Vec<Said> = all
        .iter()
        .step_by(50)
        .map(|said| Said {
            content: -said.content - 1,
            ..said.clone()
        })
        .collect();
    import(&writer, "parcel", &changed).await;
    let snapshot = ledger.snapshot().await.unwrap();
    assert_eq!(snapshot.segments("parcel")[0].superseded_rows.len(), 400);
    let now: Vec<Said> = all
        .iter()
        .map(|said| match said.record % 50 {
            0 => changed[said.record as usize / 50].clone(),
            _ => said.clone(),
        })
        .collect();
    let check = |filter: &Filter, wanted: &dyn Fn(&Said) -> bool| {
        let mut expected: Vec<i64> = now
            .iter()
            .filter(|said| wanted(said))
            .map(|said| said.content)
            .collect();
        expected.sort_unstable();
        let found = contents(&snapshot, "parcel", filter);
        let mut found: Vec<i64> = found.into_iter().map(|(_, content)| content).collect();
        found.sort_unstable();
        assert!(!expected.is_empty());
        assert_eq!(found, expected);
    };
    check(&Filter::default(), &|_| true);
    for whom in [0, 3, 150, 199] {
        let filter = Filter {
            identifiers: Some(vec![identifier(whom)]),
            ..Filter::default()
        };
        check(&filter, &|said| said.whom == whom);
    }
    let filter = Filter {
        identifiers: Some(vec![identifier(201), identifier(5)]),
        ..Filter::default()
    };
    check(&filter, &|said| said.whom == 5 || !said.others.is_empty());
    let day = |day: i64| day * 86_400_000_000;
    let month = Filter {
        from: Some(from_micros(day(40)).unwrap()),
        until: Some(from_micros(day(70)).unwrap()),
        ..Filter::default()
    };
    check(&month, &|said| (day(40)..day(70)).contains(&said.at));
    let both = Filter {
        identifiers: Some(vec![identifier(201)]),
        ..month
    };
    check(&both, &|said| {
        (day(40)..day(70)).contains(&said.at) && !said.others.is_empty()
    });
    let about = Filter {
        abouts: Some(vec!["order-77".into(), "order-9999".into()]),
        ..Filter::default()
    };
    check(&about, &|said| {
        said.record / 2 == 77 || said.record / 2 == 9_999
    });
    let none = Filter {
        identifiers: Some(vec![identifier(250)]),
        ..Filter::default()
    };
    assert!(contents(&snapshot, "parcel", &none).is_empty());
    let nobody = Filter {
        identifiers: Some(Vec::new()),
        ..Filter::default()
    };
    assert!(contents(&snapshot, "parcel", &nobody).is_empty());
    assert!(contents(&snapshot, "no_such_kind", &Filter::default()).is_empty());
}

#[tokio::test]
async fn events_are_found_by_id_in_tail_and_segments() {
    let (_folder, ledger, writer) = ledger().await;
    import(&writer, "parcel", &many(6_000)).await;
    import(&writer, "letter", &many(10)).await;
    let snapshot = ledger.snapshot().await.unwrap();
    let parcels = current(&snapshot, "parcel");
    let letters = current(&snapshot, "letter");
    let ids = [
        parcels[17].0,
        parcels[5_000].0,
        letters[3].0,
        amends_model::EventId([9; 16]),
    ];
    let found = snapshot.events(&ids).unwrap();
    let mut kinds: Vec<String> = found
        .iter()
        .flat_map(|batch| {
            let kinds = batch
                .column_by_name(column::KIND)
                .unwrap()
                .as_string::<i32>();
            kinds
                .iter()
                .flatten()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect();
    kinds.sort();
    assert_eq!(kinds, ["letter", "parcel", "parcel"]);
}

#[tokio::test]
async fn large_scans_read_on_several_threads_and_may_be_left_early() {
    let (_folder, ledger, writer) = ledger().await;
    for part in 0..3 {
        let said: Vec<Said> = many(100_000)
            .into_iter()
            .map(|said| Said {
                record: said.record + part * 1_000_000,
                ..said
            })
            .collect();
        import(&writer, "parcel", &said).await;
    }
    let snapshot = ledger.snapshot().await.unwrap();
    assert_eq!(current(&snapshot, "parcel").len(), 300_000);
    let mut scan = snapshot
        .scan("parcel", &[column::AT], &Filter::default())
        .unwrap();
    assert!(scan.next().unwrap().unwrap().num_rows() > 0);
    drop(scan);
    let nothing = snapshot.scan("parcel", &[], &Filter::default()).unwrap();
    let rows: usize = nothing.map(|batch| batch.unwrap().num_rows()).sum();
    assert_eq!(rows, 300_000);
}

#[tokio::test]
async fn the_state_hash_tells_states_apart_and_knows_no_minted_names() {
    let (_folder, ledger, writer) = ledger().await;
    import(&writer, "parcel", &many(10)).await;
    let before = ledger.snapshot().await.unwrap();
    let hash = |snapshot| state_hash(snapshot, &|id| id.0).unwrap();
    let renamed = state_hash(&before, &|_| [1; 16]).unwrap();
    assert_ne!(hash(&before), renamed);
    import(&writer, "parcel", &many(10)).await;
    let same = ledger.snapshot().await.unwrap();
    assert_eq!(hash(&before), hash(&same));
    import(&writer, "parcel", &many(11)).await;
    assert_ne!(hash(&before), hash(&ledger.snapshot().await.unwrap()));
}
