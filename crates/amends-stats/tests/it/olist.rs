//! Late deliveries of a Brazilian marketplace: the ten subgroups that PyPI `pysubgroup` 0.8 finds, with their qualities.

use amends_stats::subgroups::{Found, Search};

use crate::late_orders::orders;

#[test]
fn the_ten_subgroups_of_late_orders() {
    let Some(olist) = amends_testkit::real_data("olist") else {
        return;
    };
    let orders = orders(&olist);
    let table = &orders.table;
    assert_eq!((table.rows(), table.hits()), (14_552, 957));
    let Found { best, tested } = Search::default().run(table);
    let told: Vec<(String, u64, String, String)> = best
        .iter()
        .map(|one| {
            let rate = 100.0 * one.hits as f64 / one.rows as f64;
            let what: Vec<String> = one.selectors.iter().map(|one| orders.told(one)).collect();
            (
                what.join(" "),
                one.rows,
                format!("{rate:.1}"),
                format!("{:.6}", one.quality),
            )
        })
        .collect();
    let expected = [
        ("month=2018-03", 1_081, "17.3", "0.007965"),
        ("seller=SP month=2018-03", 821, "18.5", "0.006735"),
        ("customer=RJ", 1_835, "11.4", "0.006138"),
        ("customer=RJ seller=SP", 1_227, "13.9", "0.006137"),
        ("month=2018-02", 1_013, "13.5", "0.004837"),
        ("month=2017-11", 1_095, "12.6", "0.004535"),
        ("seller=SP month=2017-11", 787, "14.9", "0.004483"),
        ("seller=SP month=2018-02", 722, "14.7", "0.004021"),
        ("seller=SP", 10_384, "7.0", "0.003237"),
        ("customer=RJ month=2018-02", 122, "36.9", "0.002541"),
    ];
    let expected = expected.map(|(what, rows, rate, quality)| {
        (what.to_owned(), rows, rate.to_owned(), quality.to_owned())
    });
    assert_eq!(told, expected);
    assert!(tested > 10_000, "{tested}");
    // Ten orders of a state in one month would be chance; these are not.
    assert!(best.iter().all(|one| one.chance < 1e-3));
}
