//! A company with a file of subscriptions for each month: enough events that the ledger seals its tail and merges segments, where asked for.

use std::fmt::Write;
use std::path::Path;

use amends_vault::Vault;

use crate::invented::CUSTOMERS;

/// How much there is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// A few files: some seconds.
    Small,
    /// A file whose events of one kind go to a segment, those of another to the tail.
    WithSegment,
    /// More events of one kind than the tail holds, and as many segments of another as are merged.
    SealsAndMerges,
}

const SOURCE: &str = r#"
[source.billing]
says = "Subscriptions, a file for each month"
main = "rows"
key = "id"
personal = ["name"]

[source.billing.file.rows]
path = "exports/billing-*.csv"

[source.billing.file.rows.columns]
started_on = "date"
ended_on = "date"

[[source.billing.event]]
kind = "subscription_started"
at = "started_on"
about = "id"
identifiers = { subscriber = "who" }

[[source.billing.event]]
kind = "subscription_ended"
at = "ended_on"
about = "id"
identifiers = { subscriber = "who" }

[source.billing.event.properties]
reason = "reason"
"#;

const PROMISE: &str = r#"
[promise.five-weeks-at-least]
says = "Whoever subscribes stays for five weeks"
made-by = "billing"
opens = { on = "subscription_started" }
breaks = { on = "subscription_ended" }
for = "5 weeks"
"#;

/// Writes the project.
pub(crate) fn project(folder: &Path, size: Size) {
    let company = "version = 1\n[company]\nname = \"Tern & Teasel\"\nzone = \"Europe/Vienna\"\ncurrency = \"EUR\"\nperiod = \"month\"\ncounts = \"customers\"\n";
    std::fs::create_dir_all(folder.join("exports")).unwrap();
    std::fs::write(folder.join("amends.toml"), company).unwrap();
    std::fs::write(folder.join("customers.toml"), CUSTOMERS).unwrap();
    for (path, text) in [
        ("sources/billing.toml", SOURCE),
        ("promises/five-weeks-at-least.toml", PROMISE),
    ] {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    // Ends are fewer than go to a segment of their own, and together more than the tail holds.
    let (months, rows, ends) = match size {
        Size::Small => (3, 1_200, 900),
        Size::WithSegment => (1, 5_100, 900),
        Size::SealsAndMerges => (11, 5_100, 4_800),
    };
    for month in 0..months {
        let path = folder.join(format!("exports/billing-{month:02}.csv"));
        std::fs::write(path, file(month, rows, ends)).unwrap();
    }
}

/// The rows of a month: two of them say what they said the month before, one cannot be read.
fn file(month: u32, rows: u32, ends: u32) -> String {
    let mut text = String::from("id,who,name,started_on,ended_on,reason\n");
    let mut row = |month: u32, n: u32| {
        let (day, last) = (1 + n % 28, 1 + (n + 7) % 28);
        let ended = match n < ends {
            true => format!(
                "{}-{:02}-{last:02}",
                2025 + (month + 1) / 12,
                (month + 1) % 12 + 1
            ),
            false => String::new(),
        };
        let started = format!("{}-{:02}-{day:02}", 2025 + month / 12, month % 12 + 1);
        writeln!(
            text,
            "s-{month}-{n},who-{}-{},Name {n},{started},{ended},moved",
            n % 700,
            month % 3,
        )
        .unwrap();
    };
    for n in 0..rows {
        row(month, n);
    }
    if let Some(before) = month.checked_sub(1) {
        row(before, 0);
        row(before, 1);
    }
    text += "s-bad,who-bad,Name,2025-02-31,,\n";
    text
}

/// How many identifiers the vault of a project has minted.
pub(crate) fn minted(project: &Path) -> usize {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let vault = Vault::open(&project.join(".amends/vault")).await.unwrap();
        let minted = vault.minted().await.unwrap().len();
        vault.close().await;
        minted
    })
}
