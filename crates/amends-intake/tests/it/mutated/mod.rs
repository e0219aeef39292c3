//! Files that somebody damaged, on their whole way into a ledger: no panic, no hang, no more memory than a small machine has, and every row
//! accounted for. Each kind of file is read in a process of its own, which is watched from outside.

mod count;
mod kind;
mod parquet;
mod workbook;
mod worst;

use amends_model::{Problem, Result};
use amends_project::definition::Source;
use amends_testkit::hostile::{Dice, Watch, watched};
use amends_testkit::rounds;

use self::kind::Kind;
use crate::shop::*;

/// A ledger is used for so many files.
const FILES_OF_A_SHOP: u64 = 100;
/// What these do with damaged bytes is their affair, as long as the decoder tells it as a fault of the file.
const CONTAINED: &[&str] = &["/parquet-", "/arrow-"];

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// A source that reads every column of the files of `kind`.
fn visits(shop: &Shop, kind: Kind, keyed: bool) -> Source {
    let mut source = source(kind.file(&shop.path("f")));
    source.key = keyed.then(|| sql("id"));
    let mut visit = event("visit", "day");
    visit.amount = Some(sql("amount"));
    for column in ["id", "at", "n", "share", "flag", "month"] {
        visit
            .properties
            .push((format!("its_{column}"), sql(column)));
    }
    source.personal = ["note".to_owned()].into();
    source.events = vec![visit];
    source
}

/// Imports a file. Its rows are counted by `expected` as well, where that can be told.
async fn import(
    shop: &mut Shop,
    kind: Kind,
    bytes: &[u8],
    expected: Option<u64>,
    keyed: bool,
) -> Result<()> {
    shop.write("f", bytes);
    let source = visits(shop, kind, keyed);
    let before = shop.ledger.imports().await.unwrap().len();
    let outcome = shop.import(&source).await;
    let imports = shop.ledger.imports().await.unwrap();
    let records = match outcome {
        Ok(records) => records,
        Err(problem) => {
            let code = problem.code();
            assert!(code.starts_with("AM05") && code != "AM0510", "{problem}");
            assert_eq!(
                imports.len(),
                before,
                "something was stored of a file that was refused"
            );
            return Err(problem);
        }
    };
    let record = &records[0];
    let sum = record.stored + record.duplicate + record.quarantined;
    assert_eq!(record.received, sum, "{record:?}");
    if let Some(expected) = expected {
        assert_eq!(record.received, expected, "rows of the file: {record:?}");
    }
    let aside = shop.ledger.quarantine(Some(record.import)).await.unwrap();
    // What was set aside before, of another file, is listed there.
    assert!(aside.len() as u64 <= record.quarantined);
    let raw = shop.vault.raw(record.import).await.unwrap();
    let heading = u64::from(record.quarantined > 0);
    assert_eq!(
        raw.len() as u64,
        record.quarantined + heading,
        "the text of each row that was set aside"
    );
    if record.quarantined > 0 && record.quarantined < 1000 {
        shop.project.sources.insert("orders".to_owned(), source);
        let replayed = shop.replay(record.import).await;
        // Lines of JSON that are read without the others may not have the columns that the definition needs.
        let unfit = |problem: Problem| (kind, problem.code()) == (Kind::JsonLines, "AM0509");
        assert!(replayed.map_or_else(unfit, |_| true));
    }
    Ok(())
}

/// The child's side: so many files of a kind, one after the other.
fn read_mutated(kind: Kind) {
    let Some(mut watch) = Watch::begin(CONTAINED) else {
        return;
    };
    let runtime = runtime();
    let (mut whole, mut refused) = (0, 0);
    let mut shop = runtime.block_on(Shop::new());
    let honest = kind.honest(&mut Dice::new(0));
    let read = import(&mut shop, kind, &honest, Some(kind::ROWS), true);
    runtime.block_on(read).unwrap();
    watch.baseline();
    for seed in 0..rounds(150, 5000) as u64 {
        if seed % FILES_OF_A_SHOP == 0 {
            shop = runtime.block_on(Shop::new());
        }
        let mut dice = Dice::new(seed);
        let (bytes, expected) = kind.damaged(&mut dice);
        let keyed = dice.once_in(2);
        let read = || runtime.block_on(import(&mut shop, kind, &bytes, expected, keyed));
        match watch.input(&format!("{kind:?} of seed {seed}"), read) {
            Ok(()) => whole += 1,
            Err(_) => refused += 1,
        }
    }
    watch.end(&format!("{whole} read, {refused} refused"));
}

/// The child's side: the worst files of a kind that we could think of.
fn read_worst(kind: Kind) {
    let Some(mut watch) = Watch::begin(CONTAINED) else {
        return;
    };
    let runtime = runtime();
    let mut shop = runtime.block_on(Shop::new());
    let honest = kind.honest(&mut Dice::new(0));
    let read = import(&mut shop, kind, &honest, Some(kind::ROWS), true);
    runtime.block_on(read).unwrap();
    watch.baseline();
    let mut told = Vec::new();
    for (name, read, _) in worst::of(kind) {
        let path = watch.folder().join(name);
        let outcome = watch.input(name, || {
            let shop = runtime.block_on(Shop::new());
            let mut source = visits(&shop, kind, false);
            source.files.get_mut("orders").unwrap().path = path;
            runtime.block_on(shop.import(&source))
        });
        let outcome = outcome.map(|records| (records[0].received, records[0].quarantined));
        let outcome = outcome.map_err(|problem| problem.code());
        assert_eq!(outcome, read, "{name}");
        told.push(name);
    }
    watch.end(&told.join(", "));
}

macro_rules! kinds {
    ($($module:ident: $kind:expr;)*) => {$(
        mod $module {
            use super::*;

            #[test]
            fn whatever_becomes_of_a_file_every_row_is_accounted_for() {
                let child = concat!("mutated::", stringify!($module), "::child_mutated");
                println!("{}", watched(child, |_| {}));
            }

            #[test]
            fn files_made_to_do_harm_do_none() {
                let child = concat!("mutated::", stringify!($module), "::child_worst");
                println!("{}", watched(child, |folder| worst::write($kind, folder)));
            }

            #[test]
            fn child_mutated() {
                read_mutated($kind);
            }

            #[test]
            fn child_worst() {
                read_worst($kind);
            }
        }
    )*};
}

kinds! {
    csv: Kind::Csv;
    latin1: Kind::Latin1;
    gzip: Kind::Gzip;
    zstd: Kind::Zstd;
    json_lines: Kind::JsonLines;
    parquet_files: Kind::Parquet;
    workbooks: Kind::Xlsx;
}
