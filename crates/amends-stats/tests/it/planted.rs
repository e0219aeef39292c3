//! The table that the bench searches: what was planted leads.

use amends_stats::subgroups::Search;

use crate::made::{PLANTED, table};

#[test]
fn the_planted_pair_leads() {
    let table = table(60_000).unwrap();
    let most = table.attributes().iter().map(|one| one.values()).max();
    assert_eq!((table.attributes().len(), most), (12, Some(2_000)));
    let found = Search::default().run(&table);
    assert_eq!(found.best[0].selectors, PLANTED);
    assert!(found.best[0].rows > 1_000, "{}", found.best[0].rows);
    assert!(found.tested > 50_000, "{}", found.tested);
    // Not by a hair, as chance would have it.
    assert!(found.best[0].quality > 1.05 * found.best[1].quality);
}
