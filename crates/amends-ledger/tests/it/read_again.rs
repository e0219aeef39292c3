//! Files that are read again as they were.

use amends_ledger::{ImportEnd, ImportStart, Telling};
use amends_model::event::changes_of;
use amends_model::time::from_micros;
use arrow::datatypes::DataType;

use crate::changing::{DAY, KIND, said, weights};
use crate::events::{SIZES, Said, batch, ledger_sized, start};

/// Files that are read again every day say what is in them once, also where another file has told of a record since; an undo finds what is true without it.
#[tokio::test]
async fn a_file_that_stayed_as_it_was_says_nothing_again() {
    let (_keep, ledger, writer) = ledger_sized(SIZES).await;
    let import = async |day: i64, file: &str, weights: &[f64]| {
        let start = ImportStart {
            started_at: from_micros(day * DAY).unwrap(),
            telling: Telling::default(),
            ..start(file)
        };
        let mut import = writer.begin(start).await.unwrap();
        for weight in weights {
            let told = [Said {
                line: *weight as i64,
                ..said(1, *weight)
            }];
            let told = batch(KIND, &told, Some(DataType::Float64));
            import.stage(KIND, told).await.unwrap();
        }
        let end = ImportEnd {
            received: weights.len() as u64,
            watermark: Some(from_micros(day * DAY - 1).unwrap()),
            ..ImportEnd::default()
        };
        import.commit(end).await.unwrap()
    };
    let changes = async || {
        let snapshot = ledger.snapshot().await.unwrap();
        weights(&snapshot, &changes_of(KIND))
    };
    import(1, "one.csv", &[5.0, 6.0]).await;
    import(2, "two.csv", &[9.0]).await;
    assert_eq!(changes().await, [Some(6.0), Some(9.0)]);
    for day in 3..6 {
        let again = import(day, "one.csv", &[5.0, 6.0]).await;
        assert_eq!((again.stored, again.duplicate), (0, 2));
        import(day, "two.csv", &[9.0]).await;
    }
    assert_eq!(changes().await, [Some(6.0), Some(9.0)]);
    // Without what it repeats it speaks for itself, when it came.
    writer
        .undo(&[1], from_micros(9 * DAY).unwrap())
        .await
        .unwrap();
    assert_eq!(changes().await, [Some(5.0), Some(6.0)]);
    writer
        .undo(&[3], from_micros(9 * DAY).unwrap())
        .await
        .unwrap();
    assert_eq!(changes().await, [Some(5.0), Some(6.0)]);
    // A file that said something else in between says something again.
    import(6, "two.csv", &[4.0]).await;
    import(7, "two.csv", &[9.0]).await;
    assert_eq!(
        changes().await,
        [Some(5.0), Some(6.0), Some(4.0), Some(9.0)]
    );
}
