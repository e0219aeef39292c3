//! Real files, where they are at hand.

use super::*;

fn rows_of(name: &str, file: &SourceFile) -> Option<Told> {
    let folder = amends_testkit::real_data("olist")?;
    let file = SourceFile {
        packing: Packing::Gzip,
        ..file.clone()
    };
    Some(read_path(&folder.join(name), &file).unwrap())
}

#[test]
fn olist_reads_whole() {
    for (name, count) in [
        ("olist_orders_dataset.csv.gz", 15_000),
        ("olist_order_items_dataset.csv.gz", 17_071),
        ("olist_order_payments_dataset.csv.gz", 15_733),
        ("olist_order_reviews_dataset.csv.gz", 14_944),
        ("olist_customers_dataset.csv.gz", 15_000),
    ] {
        let Some(told) = rows_of(name, &csv()) else {
            return;
        };
        assert_eq!((told.rows.len(), told.failures.len()), (count, 0), "{name}");
    }
}

#[test]
fn olist_reviews_keep_their_line_breaks() {
    let file = with(csv(), "review_score", ColumnType::Integer, None);
    let Some(told) = rows_of("olist_order_reviews_dataset.csv.gz", &file) else {
        return;
    };
    let mut scores = [0; 6];
    for row in &told.rows {
        scores[row[3].parse::<usize>().unwrap()] += 1;
    }
    assert_eq!(scores, [0, 1_701, 478, 1_281, 2_887, 8_597]);
    assert!(told.rows.iter().any(|row| row[5].contains('\n')));
}
