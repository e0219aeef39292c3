//! How long a search for subgroups takes: of depth 2, with a beam of 50, by weighted relative accuracy, the ten best.
//!
//! `cargo run --release --example subgroups -- orders FOLDER [CSV]` searches the orders of a marketplace that were late, and writes the table that it
//! searches as CSV, so that others can search the same. `-- made ROWS` searches a table of twelve attributes that is made from numbers, where one pair
//! of values is planted.
//!
//! Timed is the search alone: not the reading or making of the table. As many threads as there are processors. What comes of it is printed as JSON.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "run by hand or by the bench: it measures time and prints, and stops where its data is not what it should be"
)]

#[path = "../dice/mod.rs"]
mod dice;
mod late_orders;
mod made;

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use amends_stats::subgroups::{Search, Selector, Table};
use late_orders::{ATTRIBUTES, Orders};

const USAGE: &str = "subgroups orders FOLDER [CSV] | subgroups made ROWS";

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["orders", folder, csv @ ..] if csv.len() < 2 => {
            let orders = late_orders::orders(Path::new(folder));
            if let [csv] = csv {
                written(&orders, Path::new(csv))?;
            }
            search(&orders.table, &[], |one| orders.told(one));
        }
        ["made", rows] => {
            let table = made::table(rows.parse()?).ok_or("too many rows")?;
            search(&table, &made::PLANTED, by_number);
        }
        _ => return Err(USAGE.into()),
    }
    Ok(())
}

/// Searches a table, and tells what was found and how long it took.
fn search(table: &Table, planted: &[Selector], told: impl Fn(&Selector) -> String) {
    let begun = Instant::now();
    let found = Search::default().run(table);
    let seconds = begun.elapsed().as_secs_f64();
    let listed = |selectors: &[Selector]| {
        let selectors: Vec<String> = selectors
            .iter()
            .map(|one| format!("{:?}", told(one)))
            .collect();
        format!("[{}]", selectors.join(", "))
    };
    let best = found.best.iter().map(|one| {
        let selectors = listed(&one.selectors);
        format!(
            "{{\"selectors\": {selectors}, \"rows\": {}, \"quality\": {}}}",
            one.rows, one.quality
        )
    });
    let best: Vec<String> = best.collect();
    println!(
        "{{\"rows\": {}, \"hits\": {}, \"tested\": {}, \"seconds\": {seconds:.6}, \"planted\": {}, \"best\": [{}]}}",
        table.rows(),
        table.hits(),
        found.tested,
        listed(planted),
        best.join(", ")
    );
}

/// Writes what is searched: the attributes, and `late` as `1` or `0`.
fn written(orders: &Orders, path: &Path) -> Result<(), Box<dyn Error>> {
    let mut writer = csv::Writer::from_path(path)?;
    writer.write_record(ATTRIBUTES.iter().chain(&["late"]))?;
    for row in 0..orders.table.rows() as u32 {
        for (attribute, names) in orders.table.attributes().iter().zip(&orders.names) {
            for value in attribute.of_row(row) {
                writer.write_field(&names[*value as usize])?;
            }
        }
        writer.write_field(if orders.table.is_hit(row) { "1" } else { "0" })?;
        writer.write_record(None::<&[u8]>)?;
    }
    writer.flush()?;
    Ok(())
}

/// What one value selects, as `3=7`: the place of the attribute and the number of the value.
fn by_number(one: &Selector) -> String {
    format!("{}={}", one.attribute, one.value)
}
