//! Small tables against a search that looks at everything.

use amends_testkit::proptest::prelude::*;

use super::*;

/// Every subgroup of one or two values, best first.
fn plainly(table: &Table, least: u64, exponent: f64) -> Vec<(Vec<Selector>, u64, u64, f64)> {
    let singles: Vec<Selector> = (0..table.attributes.len())
        .flat_map(|attribute| {
            let values = 0..table.attributes[attribute].values();
            values.map(move |value| Selector::one(attribute, value))
        })
        .collect();
    let mut groups: Vec<Vec<Selector>> = singles.iter().map(|one| vec![*one]).collect();
    for a in &singles {
        let later = singles.iter().filter(|b| a.attribute < b.attribute);
        groups.extend(later.map(|b| vec![*a, *b]));
    }
    let (all, hits) = (table.rows() as f64, table.hits() as f64);
    let mut told: Vec<_> = groups
        .into_iter()
        .filter_map(|selectors| {
            let rows = table.covered(&selectors);
            let found = rows.iter().filter(|row| table.hits[**row as usize]).count() as f64;
            let n = rows.len() as f64;
            let quality = (n / all).powf(exponent) * (found / n - hits / all);
            let enough = !rows.is_empty() && rows.len() as u64 >= least;
            enough.then_some((selectors, rows.len() as u64, found as u64, quality))
        })
        .collect();
    told.sort_by(|a, b| {
        let shorter = a.0.len().cmp(&b.0.len());
        b.3.total_cmp(&a.3)
            .then(shorter)
            .then_with(|| a.0.cmp(&b.0))
    });
    told
}

fn table(rows: &[(bool, u32, u32, Vec<u32>)]) -> Table {
    let hits = rows.iter().map(|row| row.0).collect();
    let one = Attribute::of_one(rows.iter().map(|row| row.1).collect(), 3).unwrap();
    let two = Attribute::of_one(rows.iter().map(|row| row.2).collect(), 4).unwrap();
    let several: Vec<Vec<u32>> = rows.iter().map(|row| row.3.clone()).collect();
    let several = Attribute::of_several(&several, 3).unwrap();
    Table::new(
        hits,
        (0..rows.len() as u32).collect(),
        vec![one, two, several],
    )
    .unwrap()
}

proptest! {
    #[test]
    fn a_beam_that_holds_everything_finds_everything(
        rows in prop::collection::vec((any::<bool>(), 0..3_u32, 0..4_u32, prop::collection::vec(0..3_u32, 0..3)), 1..60),
        least in 0..4_u64,
        half in any::<bool>(),
    ) {
        let table = table(&rows);
        let exponent = if half { 0.5 } else { 1.0 };
        let search = Search { depth: 2, beam: 1_000, least, exponent, keep: 1_000 };
        let found = search.run(&table);
        let plain = plainly(&table, least, exponent);
        prop_assert_eq!(found.tested, plain.len() as u64);
        let told: Vec<_> = found.best.iter().map(|one| (one.selectors.clone(), one.rows, one.hits, one.quality)).collect();
        prop_assert_eq!(told, plain);
    }

    #[test]
    fn a_narrow_beam_finds_no_more_and_nothing_twice(
        rows in prop::collection::vec((any::<bool>(), 0..3_u32, 0..4_u32, prop::collection::vec(0..3_u32, 0..3)), 1..60),
        beam in 1..6_usize,
        depth in 1..4_usize,
    ) {
        let table = table(&rows);
        let wide = Search { depth, beam: 1_000, keep: 1_000, ..Search::default() }.run(&table);
        let narrow = Search { depth, beam, keep: 8, ..Search::default() }.run(&table);
        prop_assert!(narrow.tested <= wide.tested);
        for (place, one) in narrow.best.iter().enumerate() {
            prop_assert!(wide.best.contains(one));
            prop_assert!(narrow.best[..place].iter().all(|other| other.selectors != one.selectors));
        }
        // The single best value is found by any beam.
        let single = |found: &Found| found.best.iter().find(|one| one.selectors.len() == 1).cloned();
        if depth == 1 {
            prop_assert_eq!(single(&narrow), single(&wide));
        }
    }
}

#[test]
fn a_planted_pair_is_found_where_neither_value_alone_is_striking() {
    // Depot 2 on Mondays: one of ten rows elsewhere is late, all of these are.
    let rows: Vec<(bool, u32, u32, Vec<u32>)> = (0..1_200_u32)
        .map(|row| {
            let (depot, day) = (row % 3, row / 3 % 4);
            let late = (depot == 2 && day == 0) || row % 10 == 7;
            (late, depot, day, vec![])
        })
        .collect();
    let found = Search::default().run(&table(&rows));
    let best = &found.best[0];
    let pair = [(0, 2), (1, 0)].map(|(attribute, value)| Selector::one(attribute, value));
    assert_eq!(best.selectors, pair);
    assert_eq!((best.rows, best.hits), (100, 100));
    assert!(best.chance < 1e-60, "{}", best.chance);
}

#[test]
fn tables_that_do_not_fit_are_none() {
    assert_eq!(Attribute::of_one(vec![0, 3], 3), None);
    assert_eq!(Attribute::of_several(&[vec![0], vec![9]], 3), None);
    let one = Attribute::of_one(vec![0, 1], 2).unwrap();
    assert_eq!(Table::new(vec![true], vec![0], vec![one]), None);
    let nothing = Table::new(Vec::new(), Vec::new(), Vec::new()).unwrap();
    assert_eq!(Search::default().run(&nothing), Found::default());
}
