//! The real orders, where they are at hand.

use amends_project::definition::*;

use crate::shop::*;

fn file(folder: &std::path::Path, name: &str, columns: &[(&str, ColumnType)]) -> SourceFile {
    SourceFile {
        packing: Packing::Gzip,
        ..csv_file(
            &folder.join(format!("olist_{name}_dataset.csv.gz")),
            columns,
        )
    }
}

#[tokio::test]
async fn olist_orders_become_events_of_their_customers() {
    let Some(folder) = amends_testkit::real_data("olist") else {
        return;
    };
    let shop = Shop::new().await;
    let moments = [
        "order_purchase_timestamp",
        "order_approved_at",
        "order_delivered_carrier_date",
        "order_delivered_customer_date",
    ];
    let moments = moments.map(|name| (name, ColumnType::Timestamp));
    let mut source = source(file(&folder, "orders", &moments));
    source
        .files
        .insert("customers".to_owned(), file(&folder, "customers", &[]));
    source.files.insert(
        "items".to_owned(),
        file(
            &folder,
            "order_items",
            &[
                ("shipping_limit_date", ColumnType::Timestamp),
                ("price", money()),
            ],
        ),
    );
    source.sql = Some(sql(
        "select o.*, o.order_id as id, c.customer_unique_id as customer, i.limit_date, i.sellers, i.price
         from orders o
         left join customers c on c.customer_id = o.customer_id
         left join (select order_id, max(shipping_limit_date) as limit_date, array_agg(distinct seller_id) as sellers, sum(price) as price
                    from items group by order_id) i on i.order_id = o.order_id",
    ));
    source.key = Some(sql("id"));
    let mut placed = event("order_placed", "order_purchase_timestamp");
    placed.amount = Some(sql("price"));
    placed.properties = vec![
        ("sellers".to_owned(), sql("sellers")),
        ("handover_limit".to_owned(), sql("limit_date")),
        (
            "estimated".to_owned(),
            sql("cast(substr(order_estimated_delivery_date, 1, 10) as date)"),
        ),
    ];
    source.events = vec![
        placed,
        event("order_handed_over", "order_delivered_carrier_date"),
        event("order_delivered", "order_delivered_customer_date"),
    ];
    assert_eq!(shop.sums(&source).await, (15_000, 15_000, 0, 0));
    assert_eq!(shop.sums(&source).await, (15_000, 0, 15_000, 0));
    let count = |events: Vec<String>| events.len();
    assert_eq!(count(shop.events("order_placed", &["about"]).await), 15_000);
    let delivered = shop.events("order_delivered", &["about"]).await.len();
    assert!((14_540..14_560).contains(&delivered), "{delivered}");
    let minted = shop.vault.minted().await.unwrap();
    assert_eq!(minted.len(), 14_904);
    let gaps = shop
        .events("order_placed", &["at_note"])
        .await
        .iter()
        .filter(|note| *note == "gap")
        .count();
    println!("orders placed while the clocks skipped: {gaps}");
}

#[tokio::test]
async fn olist_reviews_that_repeat_an_id_are_all_kept() {
    let Some(folder) = amends_testkit::real_data("olist") else {
        return;
    };
    let shop = Shop::new().await;
    let columns = [
        ("review_creation_date", ColumnType::Timestamp),
        ("review_score", ColumnType::Integer),
    ];
    let mut source = source(file(&folder, "order_reviews", &columns));
    source.personal = [
        "review_comment_title".to_owned(),
        "review_comment_message".to_owned(),
    ]
    .into();
    source.key = Some(sql("review_id || '/' || order_id"));
    let mut reviewed = event("order_reviewed", "review_creation_date");
    reviewed.about = Some(sql("order_id"));
    reviewed.identifiers = vec![named_by("customer", "order_id")];
    reviewed.properties = vec![("score".to_owned(), sql("review_score"))];
    source.events = vec![reviewed];
    assert_eq!(shop.sums(&source).await, (14_944, 14_944, 0, 0));
}
