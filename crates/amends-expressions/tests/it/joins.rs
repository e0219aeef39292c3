//! Sorted joins give the rows that held ones give, in little memory, and leave no file behind.

use std::path::Path;
use std::sync::Arc;

use amends_expressions::{Batches, Joins, Planner, Table};
use amends_model::Result;
use amends_testkit::proptest::prelude::*;
use amends_testkit::tempfile::tempdir;
use arrow::array::{Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::util::pretty::pretty_format_batches;
use futures::{StreamExt, TryStreamExt, stream};

/// Queries over `a (k, v)`, the main table, and `b (k, w)`.
const QUERIES: [&str; 14] = [
    "select a.k, a.v, b.w from a join b on a.k = b.k",
    "select a.k, a.v, b.w from a left join b on a.k = b.k",
    "select a.k, a.v, b.k as other, b.w from b left join a on a.k = b.k",
    "select a.k, a.v, b.k as other, b.w from a full join b on a.k = b.k",
    "select a.k, a.v, b.w from a left join b on a.k = b.k and a.v < b.w",
    "select a.k, a.v, b.w from a join b on a.k = b.k and a.v = b.w",
    "select a.v, g.w, g.n from a left join (select k, max(w) as w, count(*) as n from b group by k) as g on g.k = a.k",
    "select a.k, a.v from a where exists (select 1 from b where b.k = a.k)",
    "select a.k, a.v from a where not exists (select 1 from b where b.k = a.k)",
    "select a.k, a.v from a where a.k in (select k from b)",
    "select a.k, a.v from a where a.k not in (select k from b)",
    "select a.k, a.v from a where a.k not in (select k from b where k is not null) or a.v > 2",
    "select a.k, a.v, b.w from a cross join b where a.v + b.w > 4",
    "select a.v, b.w, (select max(w) from b as c where c.k = a.k) as most from a left join b on b.k = a.k",
];

type Row = (Option<u8>, i64);

fn batch(value: &str, rows: &[Row]) -> RecordBatch {
    let keys = rows.iter().map(|(key, _)| key.map(|key| format!("k{key}")));
    let keys: StringArray = keys.collect();
    let values = Int64Array::from_iter_values(rows.iter().map(|(_, value)| *value));
    let moments: TimestampMicrosecondArray =
        rows.iter().map(|(key, _)| key.map(i64::from)).collect();
    let halves = rows
        .iter()
        .map(|(key, _)| key.map(|key| f64::from(key) / 2.0));
    let halves: Float64Array = halves.collect();
    RecordBatch::try_from_iter_with_nullable([
        ("k", Arc::new(keys) as _, true),
        (value, Arc::new(values) as _, false),
        ("at", Arc::new(moments.with_timezone("UTC")) as _, true),
        ("half", Arc::new(halves) as _, true),
    ])
    .unwrap()
}

/// Rows in batches of three.
fn cut(value: &str, rows: &[Row]) -> Vec<RecordBatch> {
    match rows {
        [] => vec![batch(value, rows)],
        _ => rows.chunks(3).map(|rows| batch(value, rows)).collect(),
    }
}

fn table(name: &str, batches: Vec<RecordBatch>) -> Table {
    Table {
        name: name.into(),
        schema: batches[0].schema(),
        rows: stream::iter(batches.into_iter().map(Ok)).boxed(),
    }
}

fn sorted_in(folder: &Path, memory: usize) -> Joins {
    Joins::Sorted {
        memory,
        folder: folder.to_owned(),
        order: "n".to_owned(),
    }
}

/// Rows as text, borders among them.
async fn rows(query: Result<Batches>) -> Result<Vec<String>> {
    let batches: Vec<RecordBatch> = query?.try_collect().await?;
    let text = pretty_format_batches(&batches).unwrap().to_string();
    Ok(text.lines().map(str::to_owned).collect())
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread();
    { runtime }.build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]
    #[test]
    fn rows_are_those_of_held_joins(
        a in prop::collection::vec((prop::option::weighted(0.9, 0..6_u8), 0..5_i64), 0..20),
        b in prop::collection::vec((prop::option::weighted(0.9, 0..6_u8), 0..5_i64), 0..20),
        query in 0..QUERIES.len(),
    ) {
        let folder = tempdir().unwrap();
        let tables = || vec![table("a", cut("v", &a)), table("b", cut("w", &b))];
        let (held, sorted) = run(async {
            let planner = Planner::new();
            let text = QUERIES[query];
            let held = planner.query(text, tables(), Joins::Held).await;
            let sorted = planner.query(text, tables(), sorted_in(folder.path(), 1 << 20)).await;
            (rows(held).await.unwrap(), rows(sorted).await.unwrap())
        });
        let (mut held, mut sorted) = (held, sorted);
        held.sort_unstable();
        sorted.sort_unstable();
        prop_assert_eq!(held, sorted, "{}", QUERIES[query]);
    }
}

/// Two large tables of which each key of one stands in the other.
fn large() -> Vec<Table> {
    const ROWS: i64 = 60_000;
    let batch = |value: &str, step: i64, from: i64| {
        let keys = (from..from + 1_000)
            .map(|row| format!("a key that takes some room {:07}", row * step % ROWS));
        let keys = StringArray::from_iter_values(keys);
        let values = Int64Array::from_iter_values(from..from + 1_000);
        RecordBatch::try_from_iter([("k", Arc::new(keys) as _), (value, Arc::new(values) as _)])
            .unwrap()
    };
    let batches = |value, step| (0..60).map(|at| batch(value, step, at * 1_000)).collect();
    vec![table("a", batches("v", 7)), table("b", batches("w", 11))]
}

#[tokio::test]
async fn what_does_not_fit_goes_to_files_that_nobody_sees() {
    let text = "select count(*) as n, sum(a.v) as v, sum(g.w) as w, count(distinct a.k) as k
        from a left join (select k, max(w) as w from b group by k) as g on g.k = a.k";
    let planner = Planner::new();
    let folder = tempdir().unwrap();
    let held = planner.query(text, large(), Joins::Held).await;
    let held = rows(held).await.unwrap();
    let sorted = planner.query(text, large(), sorted_in(folder.path(), 1 << 20));
    assert_eq!(rows(sorted.await).await.unwrap(), held);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);

    let nowhere = folder.path().join("nowhere");
    let without = planner.query(text, large(), sorted_in(&nowhere, 1 << 20));
    let problem = rows(without.await).await.unwrap_err();
    assert_eq!(
        problem.code(),
        "AM0202",
        "nothing went to files: {problem:?}"
    );
    let enough = planner.query(text, large(), sorted_in(&nowhere, 1 << 30));
    assert_eq!(rows(enough.await).await.unwrap(), held);
}

#[tokio::test]
async fn rows_come_in_the_order_of_the_main_table_unless_the_query_says_another() {
    let numbered = |table: Table| async move {
        let mut batches: Vec<RecordBatch> = table.rows.try_collect().await.unwrap();
        let mut number = 0;
        for batch in &mut batches {
            let numbers = Int64Array::from_iter_values(number..number + batch.num_rows() as i64);
            number += batch.num_rows() as i64;
            *batch = RecordBatch::try_from_iter([
                ("n", Arc::new(numbers) as _),
                ("k", Arc::clone(batch.column(0))),
                ("v", Arc::clone(batch.column(1))),
            ])
            .unwrap();
        }
        Table {
            schema: batches[0].schema(),
            rows: stream::iter(batches.into_iter().map(Ok)).boxed(),
            ..table
        }
    };
    let folder = tempdir().unwrap();
    let planner = Planner::new();
    for text in [
        "select a.n, a.v, b.w from a left join b on a.k = b.k",
        "select a.n, a.v, b.w from a left join b on a.k = b.k order by b.w desc",
        "select a.n, b.w from a join b on a.k = b.k limit 100",
        "select n, w from (select a.n, b.w from a join b on a.k = b.k order by a.k) as s",
    ] {
        let mut answers = Vec::new();
        for joins in [Joins::Held, sorted_in(folder.path(), 1 << 20)] {
            let mut tables = large();
            let main = numbered(tables.remove(0)).await;
            tables.insert(0, main);
            answers.push(
                rows(planner.query(text, tables, joins).await)
                    .await
                    .unwrap(),
            );
        }
        assert!(answers[0] == answers[1], "{text}");
    }
}

#[tokio::test]
async fn one_batch_that_is_larger_than_a_share_of_the_memory_is_taken() {
    let wide = |value: &str, from: i64| {
        let keys = (from..from + 40).map(|row| format!("{row:04}{}", "x".repeat(30_000)));
        let keys = StringArray::from_iter_values(keys);
        let values = Int64Array::from_iter_values(from..from + 40);
        RecordBatch::try_from_iter([("k", Arc::new(keys) as _), (value, Arc::new(values) as _)])
            .unwrap()
    };
    let tables = || {
        let batches = |value| (0..5).map(|at| wide(value, at * 40)).collect();
        vec![
            table("a", batches("v")),
            table("b", batches("w")),
            table("c", batches("u")),
        ]
    };
    let text = "select sum(a.v) as v, sum(b.w) as w, sum(c.u) as u
        from a left join b on b.k = a.k left join c on c.k = a.k";
    let folder = tempdir().unwrap();
    let planner = Planner::new();
    let held = planner.query(text, tables(), Joins::Held).await;
    let sorted = planner.query(text, tables(), sorted_in(folder.path(), 1 << 20));
    assert_eq!(rows(sorted.await).await.unwrap(), rows(held).await.unwrap());
}
