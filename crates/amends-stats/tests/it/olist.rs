//! Late deliveries of a Brazilian marketplace: the ten subgroups that PyPI `pysubgroup` 0.8 finds, with their qualities.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use amends_stats::subgroups::{Attribute, Found, Search, Selector, Table};

/// A column by row, as text.
type Column = Vec<String>;

/// The rows of a packed CSV file, as cells by the names of its columns.
fn rows(folder: &Path, name: &str) -> Vec<HashMap<String, String>> {
    let file = std::fs::File::open(folder.join(format!("{name}.csv.gz"))).unwrap();
    let mut reader = csv::Reader::from_reader(flate2::read::MultiGzDecoder::new(file));
    reader.deserialize().map(Result::unwrap).collect()
}

/// By key, the row whose field is the smallest.
fn smallest(rows: &[HashMap<String, String>], key: &str, field: &str) -> HashMap<String, String> {
    let mut smallest: HashMap<String, String> = HashMap::new();
    for row in rows {
        let value = smallest
            .entry(row[key].clone())
            .or_insert_with(|| row[field].clone());
        if row[field] < *value {
            value.clone_from(&row[field]);
        }
    }
    smallest
}

fn by<'a>(
    rows: &'a [HashMap<String, String>],
    key: &str,
    field: &str,
) -> HashMap<&'a str, &'a str> {
    let pair = |row: &'a HashMap<String, String>| (row[key].as_str(), row[field].as_str());
    rows.iter().map(pair).collect()
}

/// Values numbered in order of their text.
fn attribute(column: &Column) -> (Attribute, Vec<String>) {
    let mut numbers: BTreeMap<&str, u32> = column.iter().map(|value| (value.as_str(), 0)).collect();
    numbers
        .values_mut()
        .zip(0..)
        .for_each(|(number, next)| *number = next);
    let codes = column.iter().map(|value| numbers[value.as_str()]).collect();
    let values = numbers.len() as u32;
    let names = numbers.into_keys().map(str::to_owned).collect();
    (Attribute::of_one(codes, values).unwrap(), names)
}

/// The table that the figures are of: delivered orders, one row each, and the names of the values of each attribute.
fn table(folder: &Path) -> (Table, Vec<Vec<String>>) {
    let orders = rows(folder, "olist_orders_dataset");
    let items = rows(folder, "olist_order_items_dataset");
    let (customers, sellers, products) = (
        rows(folder, "olist_customers_dataset"),
        rows(folder, "olist_sellers_dataset"),
        rows(folder, "olist_products_dataset"),
    );
    let seller_of = smallest(&items, "order_id", "seller_id");
    let product_of = smallest(&items, "order_id", "product_id");
    let state_of_customer = by(&customers, "customer_id", "customer_state");
    let state_of_seller = by(&sellers, "seller_id", "seller_state");
    let category_of = by(&products, "product_id", "product_category_name");
    let mut hits = Vec::new();
    let mut columns = vec![Column::new(); 5];
    for order in orders
        .iter()
        .filter(|order| order["order_status"] == "delivered")
    {
        let delivered = &order["order_delivered_customer_date"];
        let estimated = &order["order_estimated_delivery_date"];
        hits.push(!delivered.is_empty() && delivered[..10] > estimated[..10]);
        let seller = seller_of.get(&order["order_id"]).map_or("", String::as_str);
        let product = product_of
            .get(&order["order_id"])
            .map_or("", String::as_str);
        let told = [
            state_of_customer[order["customer_id"].as_str()],
            state_of_seller.get(seller).copied().unwrap_or_default(),
            seller,
            category_of.get(product).copied().unwrap_or_default(),
            &order["order_purchase_timestamp"][..7],
        ];
        for (column, value) in columns.iter_mut().zip(told) {
            column.push(value.to_owned());
        }
    }
    let (attributes, names) = columns.iter().map(attribute).unzip();
    let people = (0..hits.len() as u32).collect();
    (Table::new(hits, people, attributes).unwrap(), names)
}

fn shown(selectors: &[Selector], names: &[Vec<String>]) -> String {
    const WHOSE: [&str; 5] = ["customer", "seller", "seller_id", "category", "month"];
    let one = |one: &Selector| {
        let value = &names[one.attribute][one.value as usize];
        format!("{}={value}", WHOSE[one.attribute])
    };
    selectors.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_ten_subgroups_of_late_orders() {
    let Some(olist) = amends_testkit::real_data("olist") else {
        return;
    };
    let (table, names) = table(&olist);
    assert_eq!((table.rows(), table.hits()), (14_552, 957));
    let Found { best, tested } = Search::default().run(&table);
    let told: Vec<(String, u64, String, String)> = best
        .iter()
        .map(|one| {
            let rate = 100.0 * one.hits as f64 / one.rows as f64;
            let what = shown(&one.selectors, &names);
            (
                what,
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
