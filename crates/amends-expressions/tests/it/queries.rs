//! Queries stream their main table, read nothing else, change nothing, and pass problems through.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use amends_expressions::{Joins, Planner, Table};
use amends_model::{Problem, Result};
use arrow::array::{AsArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{Int64Type, SchemaRef};
use futures::{StreamExt, TryStreamExt, stream};

use crate::{orders, schema};

fn people() -> RecordBatch {
    RecordBatch::try_from_iter([
        ("order", Arc::new(StringArray::from(vec!["o1", "o3"])) as _),
        (
            "person",
            Arc::new(StringArray::from(vec!["Ada", "Bo"])) as _,
        ),
    ])
    .unwrap()
}

fn table(name: &str, batch: RecordBatch) -> Table {
    Table {
        name: name.into(),
        schema: batch.schema(),
        rows: stream::iter([Ok(batch)]).boxed(),
    }
}

async fn run(text: &str, tables: Vec<Table>) -> Result<Vec<RecordBatch>> {
    Planner::new()
        .query(text, tables, Joins::Held)
        .await?
        .try_collect()
        .await
}

fn both() -> Vec<Table> {
    vec![table("Orders", orders()), table("people", people())]
}

fn schemas() -> Vec<(String, SchemaRef)> {
    vec![
        ("Orders".into(), schema()),
        ("people".into(), people().schema()),
    ]
}

#[tokio::test]
async fn tables_join_by_name_and_give_the_planned_schema() {
    let text = "with p as (select \"order\" as id, person from people)
        select o.order_id, o.Churn_Reason, p.person from Orders o left join p on p.id = o.order_id order by o.order_id";
    let planned = Planner::new().query_schema(text, &schemas()).await.unwrap();
    let names: Vec<&str> = planned
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    assert_eq!(names, ["order_id", "Churn_Reason", "person"]);
    let rows = run(text, both()).await.unwrap();
    let rows = arrow::compute::concat_batches(&rows[0].schema(), &rows).unwrap();
    let persons: Vec<_> = rows.column(2).as_string::<i32>().iter().collect();
    assert_eq!(persons, [Some("Ada"), None, Some("Bo")]);
    for (planned, real) in planned.fields().iter().zip(rows.schema().fields()) {
        assert_eq!(planned.data_type(), real.data_type());
    }
}

#[tokio::test]
async fn a_table_may_be_read_in_two_places() {
    let text = "select a.order_id from Orders a join Orders b on a.order_id = b.order_id";
    let rows = run(text, both()).await.unwrap();
    assert_eq!(rows.iter().map(RecordBatch::num_rows).sum::<usize>(), 3);
}

#[tokio::test]
async fn the_main_table_is_never_held_whole() {
    const BATCHES: usize = 400;
    for text in [
        "select m.n, s.word from main m left join small s on s.n = m.n",
        "select m.n, s.word from main m join small s on s.n = m.n",
        "select m.n, s.word from small s right join main m on s.n = m.n",
        "select m.n, s.word from small s join main m on s.n = m.n",
        "select m.n, t.word from (select m.n as n, s.word from main m left join small s on s.n = m.n) m left join (select n, max(word) as word from other group by n) t on t.n = m.n where m.n >= 0",
        "select m.n, s.word from main m cross join small s",
        "select m.n, s.word from main m left join small s on s.n < m.n",
        "select m.n, m.n as word from main m where m.n in (select n from small)",
    ] {
        let made = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&made);
        let numbers = || {
            RecordBatch::try_from_iter([(
                "n",
                Arc::new(Int64Array::from_iter_values((0..64).map(|n| n % 3))) as _,
            )])
            .unwrap()
        };
        let words = || {
            RecordBatch::try_from_iter([
                ("n", Arc::new(Int64Array::from_iter_values(0..3)) as _),
                (
                    "word",
                    Arc::new(StringArray::from(vec!["a", "b", "c"])) as _,
                ),
            ])
            .unwrap()
        };
        let rows = stream::iter(0..BATCHES).map(move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
            Ok(numbers())
        });
        let main = Table {
            name: "main".into(),
            schema: numbers().schema(),
            rows: rows.boxed(),
        };
        let tables = vec![main, table("small", words()), table("other", words())];
        let mut rows = Planner::new()
            .query(text, tables, Joins::Held)
            .await
            .unwrap();
        let first = rows.next().await.unwrap().unwrap();
        assert!(first.num_rows() > 0, "{text}");
        let held = made.load(Ordering::SeqCst);
        // A join gathers up to a batch of 8192 rows, 128 of ours, before it hands them on.
        assert!(
            held <= 260,
            "{text}: {held} batches were read before the first row came out"
        );
        drop(rows);
        assert!(made.load(Ordering::SeqCst) < BATCHES, "{text}");
    }
}

#[tokio::test]
async fn nothing_but_one_select_is_allowed() {
    for text in [
        "insert into Orders values (1)",
        "create table x as select 1",
        "drop table Orders",
        "copy Orders to 'out.csv'",
        "set datafusion.execution.batch_size = 1",
        "explain select 1",
        "describe Orders",
        "show tables",
        "select 1; select 2",
        "select * into x from Orders",
        "create external table x stored as csv location '/etc/passwd'",
        "select * from '/etc/passwd'",
        "select * from read_csv('/etc/passwd')",
        "select * from generate_series(1, 10)",
        "select * from information_schema.tables",
        "with recursive r as (select 1 as n union all select n + 1 from r) select * from r",
        "select now()",
        "select * from Orders order by random()",
        "select * from Orders where order_id = $1",
        "",
        "begin",
        "delete from Orders",
        "update Orders set items = 1",
    ] {
        let error = Planner::new().query_schema(text, &schemas()).await;
        assert!(error.is_err(), "{text}");
        assert!(run(text, both()).await.is_err(), "{text}");
    }
}

#[tokio::test]
async fn mistakes_are_told_with_words_place_and_suggestion() {
    let mut all = Vec::new();
    for text in [
        "select order_ids from Orders",
        "select o.order_id,\n o.nothing_like_it from Orders o",
        "select * from orders",
        "select * from Nowhere",
        "select \"order\", order_id from Orders o join people p on o.order_id = p.orders",
        "select order_id from Orders a, Orders b",
        "select order_id, order_id from Orders",
        "selec order_id from Orders",
        "select from Orders",
        "select order_id form Orders",
        "select lowr(order_id) from Orders",
        "select * from read_csv('x.csv')",
        "select order_id, count(*) from Orders",
        "insert into Orders values (1)",
        "select now() from Orders",
        "select * from Orders where late_by > interval '1 month'",
        "select * from Orders union all select 1",
        "select * from Orders where order_id",
        "select 1; select 2",
    ] {
        let error = Planner::new().query_schema(text, &schemas()).await;
        let told = match error {
            Ok(_) => "no error".into(),
            Err(error) => format!("{:?} {:?} {error}", error.at, error.words),
        };
        all.push(format!("{text:?}\n    {told}"));
    }
    amends_testkit::insta::assert_snapshot!(all.join("\n"));
}

#[tokio::test]
async fn a_problem_of_a_stream_passes_through_unchanged() {
    for text in [
        "select * from main",
        "select max(items) from main",
        "select a.items from main a join main b on a.items = b.items",
    ] {
        let bad = stream::iter([
            Ok(orders()),
            Err(Problem::new("AM0599", "the disk is gone")
                .detail("row 4")
                .hint("look at it")),
        ]);
        let main = Table {
            name: "main".into(),
            schema: schema(),
            rows: bad.boxed(),
        };
        let problem = run(text, vec![main]).await.unwrap_err();
        assert_eq!(
            (problem.code(), problem.hint_text()),
            ("AM0599", Some("look at it")),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_query_that_fails_while_it_runs_says_why() {
    let problem = run("select cast(score as bigint) from Orders", both())
        .await
        .unwrap_err();
    assert_eq!(problem.code(), "AM0202");
    assert_eq!(
        problem.detail_text().unwrap(),
        "'five' cannot be read as integer"
    );
}

#[tokio::test]
async fn an_unused_table_is_not_read_and_an_empty_one_is_empty() {
    let empty = Table {
        name: "main".into(),
        schema: schema(),
        rows: stream::empty().boxed(),
    };
    let rows = run(
        "select count(*) as n from main",
        vec![empty, table("people", people())],
    )
    .await
    .unwrap();
    assert_eq!(rows[0].column(0).as_primitive::<Int64Type>().values(), &[0]);
}
