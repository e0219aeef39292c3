//! Late deliveries of a Brazilian marketplace: delivered orders, one row each, described by five attributes.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use amends_stats::subgroups::{Attribute, Selector, Table};

/// What each order is described by.
pub(crate) const ATTRIBUTES: [&str; 5] = ["customer", "seller", "seller_id", "category", "month"];

/// The orders, and what their numbers stand for.
pub(crate) struct Orders {
    /// The table that is searched: a hit is an order that was late, by date.
    pub(crate) table: Table,
    /// The values of each attribute, by their numbers.
    pub(crate) names: Vec<Vec<String>>,
}

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

/// The delivered orders of a folder with the exports of the marketplace.
///
/// # Panics
/// Where the folder has something else.
pub(crate) fn orders(folder: &Path) -> Orders {
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
    let mut columns = vec![Column::new(); ATTRIBUTES.len()];
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
    Orders {
        table: Table::new(hits, people, attributes).unwrap(),
        names,
    }
}

impl Orders {
    /// What one value selects, as `month=2018-03`.
    pub(crate) fn told(&self, one: &Selector) -> String {
        let value = &self.names[one.attribute][one.value as usize];
        format!("{}={value}", ATTRIBUTES[one.attribute])
    }
}
