//! Rows in quarantine, each told once, and what became of them.

use amends_ledger::{BadRow, ImportEnd, Ledger, Quarantined, RowState, Writer};
use jiff::Timestamp;

use RowState::{Changed, Gone, Mended, Open, Removed, Replayed};

use crate::events::{KINDS, Said, batch, ledger, start};

/// A bad row: its text, its record, and its file.
type Bad<'a> = (Option<&'a str>, Option<&'a str>, &'a str);

struct File<'a> {
    name: &'a str,
    source: &'a str,
    bytes: Option<&'a str>,
    bad: &'a [Bad<'a>],
    read_well: &'a [&'a str],
}

const FILE: File<'_> = File {
    name: "orders.csv",
    source: "shop",
    bytes: Some("bytes"),
    bad: &[],
    read_well: &[],
};

async fn import(writer: &Writer, file: File<'_>) -> i64 {
    let mut begun = start(file.name);
    begun.source = file.source.to_owned();
    let mut import = writer.begin(begun).await.unwrap();
    let number = import.number();
    let told = batch(KINDS[0], &[Said::default()], None);
    import.stage(KINDS[0], told).await.unwrap();
    let row = |((text, record, name), entry): (&Bad<'_>, i64)| Quarantined {
        entry,
        file: (*name).to_owned(),
        line: 10 + entry,
        code: "AM0520".to_owned(),
        reason: "it is bad".to_owned(),
        text_hash: text.map(str::to_owned),
        record: record.map(str::to_owned),
        ..Quarantined::default()
    };
    let of_main = file.bad.iter().filter(|(_, _, name)| *name == file.name);
    let end = ImportEnd {
        received: 1 + of_main.count() as u64,
        quarantined: file.bad.iter().zip(1..).map(row).collect(),
        fingerprint: file.bytes.map(str::to_owned),
        read_well: file
            .read_well
            .iter()
            .map(|record| (*record).to_owned())
            .collect(),
        ..ImportEnd::default()
    };
    import.commit(end).await.unwrap();
    number
}

async fn rows(ledger: &Ledger) -> Vec<BadRow> {
    ledger.bad_rows().await.unwrap()
}

/// Text, how often, and what became of it, in order of texts.
async fn states(ledger: &Ledger) -> Vec<(String, usize, RowState)> {
    let told = |row: &BadRow| {
        let text = row.last().unwrap().1.text_hash.clone();
        (text.unwrap_or_default(), row.times.len(), row.state)
    };
    let mut states: Vec<_> = rows(ledger).await.iter().map(told).collect();
    states.sort_by(|one, other| (&one.0, one.1).cmp(&(&other.0, other.1)));
    states
}

fn of(states: &[(&str, usize, RowState)]) -> Vec<(String, usize, RowState)> {
    let states = states.iter();
    states
        .map(|(text, times, state)| ((*text).to_owned(), *times, *state))
        .collect()
}

async fn undo(writer: &Writer, import: i64) {
    let at = Timestamp::UNIX_EPOCH;
    writer.undo(&[import], at).await.unwrap();
}

#[tokio::test]
async fn a_row_that_comes_again_is_one_row_and_equal_rows_of_one_file_are_two() {
    let (_folder, ledger, writer) = ledger().await;
    let bad: [Bad<'_>; 4] = [
        (Some("a"), None, "orders.csv"),
        (Some("b"), None, "orders.csv"),
        (Some("a"), None, "orders.csv"),
        (Some("a"), None, "sellers.csv"),
    ];
    import(&writer, File { bad: &bad, ..FILE }).await;
    import(&writer, File { bad: &bad, ..FILE }).await;
    let twice = of(&[
        ("a", 2, Open),
        ("a", 2, Open),
        ("a", 2, Open),
        ("b", 2, Open),
    ]);
    assert_eq!(states(&ledger).await, twice);
    let joined = rows(&ledger).await.into_iter().filter(|row| row.joined);
    assert_eq!(joined.count(), 1);
    // One of the two equal rows is gone.
    import(
        &writer,
        File {
            bad: &bad[1..],
            ..FILE
        },
    )
    .await;
    let now = of(&[
        ("a", 2, Gone(3)),
        ("a", 3, Open),
        ("a", 3, Open),
        ("b", 3, Open),
    ]);
    assert_eq!(states(&ledger).await, now);
    undo(&writer, 3).await;
    assert_eq!(states(&ledger).await, twice);
    undo(&writer, 1).await;
    let once: Vec<_> = twice
        .into_iter()
        .map(|(text, _, state)| (text, 1, state))
        .collect();
    assert_eq!(states(&ledger).await, once);
}

#[tokio::test]
async fn a_row_is_settled_by_what_came_after_it_and_opened_by_an_undo() {
    let (_folder, ledger, writer) = ledger().await;
    let bad: [Bad<'_>; 4] = [
        (Some("a"), Some("r1"), "orders.csv"),
        (Some("b"), Some("r2"), "orders.csv"),
        (Some("c"), None, "orders.csv"),
        (Some("d"), Some("r4"), "orders.csv"),
    ];
    import(
        &writer,
        File {
            bad: &bad,
            read_well: &["r1"],
            ..FILE
        },
    )
    .await;
    let open = of(&[
        ("a", 1, Open),
        ("b", 1, Open),
        ("c", 1, Open),
        ("d", 1, Open),
    ]);
    assert_eq!(states(&ledger).await, open);
    let next = writer.begin(start("x.csv")).await.unwrap();
    assert_eq!(next.awaited().len(), 3);
    drop(next);
    // Another file, another source, a replay: none of them read this file.
    import(
        &writer,
        File {
            name: "older.csv",
            ..FILE
        },
    )
    .await;
    import(
        &writer,
        File {
            source: "other",
            read_well: &["r1"],
            ..FILE
        },
    )
    .await;
    import(
        &writer,
        File {
            bytes: None,
            ..FILE
        },
    )
    .await;
    assert_eq!(states(&ledger).await, open);
    // Another file of the source reads a record well.
    let other = import(
        &writer,
        File {
            name: "older.csv",
            read_well: &["r1"],
            ..FILE
        },
    )
    .await;
    assert_eq!(states(&ledger).await[0].2, Mended(other));
    let anew: [Bad<'_>; 1] = [(Some("e"), Some("r4"), "orders.csv")];
    let same = import(&writer, File { bad: &anew, ..FILE }).await;
    let settled = of(&[
        ("a", 1, Mended(other)),
        ("b", 1, Removed(same)),
        ("c", 1, Gone(same)),
        ("d", 1, Changed(same)),
        ("e", 1, Open),
    ]);
    assert_eq!(states(&ledger).await, settled);
    undo(&writer, other).await;
    undo(&writer, same).await;
    assert_eq!(states(&ledger).await, open);
}

#[tokio::test]
async fn a_row_that_comes_back_is_open_again() {
    let (_folder, ledger, writer) = ledger().await;
    let bad: [Bad<'_>; 1] = [(Some("a"), Some("r1"), "orders.csv")];
    import(&writer, File { bad: &bad, ..FILE }).await;
    let gone = import(&writer, FILE).await;
    assert_eq!(states(&ledger).await, of(&[("a", 1, Removed(gone))]));
    import(&writer, File { bad: &bad, ..FILE }).await;
    assert_eq!(states(&ledger).await, of(&[("a", 2, Open)]));
}

#[tokio::test]
async fn a_replay_settles_a_row_unless_it_comes_again_or_the_replay_is_undone() {
    let (_folder, ledger, writer) = ledger().await;
    let bad: [Bad<'_>; 1] = [(Some("a"), None, "orders.csv")];
    import(&writer, File { bad: &bad, ..FILE }).await;
    import(&writer, File { bad: &bad, ..FILE }).await;
    // The rows of the first are replayed, though the second told them last.
    let replay = import(
        &writer,
        File {
            bytes: None,
            ..FILE
        },
    )
    .await;
    writer.replayed(1, &[1], replay).await.unwrap();
    assert_eq!(states(&ledger).await, of(&[("a", 2, Replayed(replay))]));
    import(&writer, File { bad: &bad, ..FILE }).await;
    assert_eq!(states(&ledger).await, of(&[("a", 3, Open)]));
    undo(&writer, 4).await;
    undo(&writer, replay).await;
    assert_eq!(states(&ledger).await, of(&[("a", 2, Open)]));
}

#[tokio::test]
async fn rows_of_older_programs_have_no_text_to_know_them_by_and_stay_listed_as_they_are() {
    let (_folder, ledger, writer) = ledger().await;
    let bad: [Bad<'_>; 2] = [(None, None, "orders.csv"); 2];
    import(&writer, File { bad: &bad, ..FILE }).await;
    import(
        &writer,
        File {
            bad: &bad[1..],
            ..FILE
        },
    )
    .await;
    import(&writer, FILE).await;
    assert_eq!(states(&ledger).await, of(&[("", 1, Open); 3]));
}
