//! A length of time compares with an interval as exact time.

use std::sync::Arc;

use amends_expressions::{Joins, Planner, Table};
use amends_testkit::proptest::prelude::*;
use arrow::array::{AsArray, DurationMicrosecondArray, RecordBatch};
use arrow::datatypes::Int64Type;
use futures::{StreamExt, TryStreamExt};

use crate::{mistake, orders, schema};

fn holds(condition: &str) -> Vec<bool> {
    let planned = Planner::new().condition(condition, &schema());
    let planned = planned.unwrap_or_else(|error| panic!("{condition}: {error}"));
    planned
        .holds(&orders())
        .unwrap()
        .iter()
        .map(|verdict| verdict.unwrap())
        .collect()
}

#[test]
fn hours_and_days_are_of_one_kind() {
    // 200 hours are more than 7 days, though their count of whole days is none.
    for (condition, expected) in [
        ("late_by > interval '7 days'", [true, false, false]),
        ("interval '7 days' < late_by", [true, false, false]),
        ("late_by = interval '1 day'", [false, true, false]),
        ("late_by = interval '24 hours'", [false, true, false]),
        ("late_by <> interval '1 day'", [true, false, false]),
        (
            "late_by is distinct from interval '1 day'",
            [true, false, true],
        ),
        (
            "late_by between interval '23 hours' and interval '1 week'",
            [false, true, false],
        ),
        (
            "late_by not between interval '23 hours' and interval '1 week'",
            [true, false, false],
        ),
        (
            "late_by in (interval '1 day', interval '200 hours')",
            [true, true, false],
        ),
        (
            "coalesce(late_by, interval '9 days') > interval '8 days 12 hours'",
            [false, false, true],
        ),
        (
            "late_by - interval '1 day' > interval '7 days'",
            [true, false, false],
        ),
        (
            "late_by + interval '1 hour' > interval '1 day'",
            [true, true, false],
        ),
        ("late_by > -interval '1 day'", [true, true, false]),
        (
            "case late_by when interval '1 day' then true else false end",
            [false, true, false],
        ),
        (
            "case when items = 1 then late_by else interval '2 days' end > interval '30 hours'",
            [true, true, true],
        ),
        ("not late_by <= interval '7' day", [true, false, false]),
    ] {
        assert_eq!(holds(condition), expected, "{condition}");
    }
}

#[test]
fn the_seriousness_of_the_design_page_is_right() {
    let serious = "case when late_by > interval '7 days' then 3 when late_by > interval '1 day' then 2 else 1 end";
    let planned = Planner::new().expression(serious, &schema()).unwrap();
    let values = planned.evaluate(&orders()).unwrap();
    assert_eq!(values.as_primitive::<Int64Type>().values(), &[3, 1, 1]);
}

#[test]
fn months_have_no_length() {
    let error = mistake("items > 1 and\n late_by > interval '1 month'");
    assert_eq!(error.words.as_deref(), Some("interval '1 month'"));
    assert_eq!(error.at, Some((2, 12)));
    assert!(error.suggestion.unwrap().contains("interval '30 days'"));
}

#[tokio::test]
async fn a_query_compares_exactly_too() {
    let table = || Table {
        name: "orders".into(),
        schema: schema(),
        rows: futures::stream::iter([Ok(orders())]).boxed(),
    };
    let planner = Planner::new();
    let text = "select order_id from orders where late_by > interval '7 days' and items in (select items from orders where late_by > interval '190 hours')";
    let rows: Vec<RecordBatch> = planner
        .query(text, vec![table()], Joins::Held)
        .await
        .unwrap()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(rows.iter().map(RecordBatch::num_rows).sum::<usize>(), 1);
    let text = "select late_by - interval '1 day' as less from orders having count(*) > 0";
    assert!(
        planner
            .query(text, vec![table()], Joins::Held)
            .await
            .is_err()
    );
    let refused = planner
        .query(
            "select 1 from orders where late_by > interval '1 year'",
            vec![table()],
            Joins::Held,
        )
        .await;
    assert_eq!(refused.err().unwrap().code(), "AM0201");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Comparison agrees with plain numbers, whatever units the interval is written in.
    #[test]
    fn comparison_is_that_of_exact_time(late in -2_000_000_000_000_i64..2_000_000_000_000, days in -20_i64..20, hours in -100_i64..100, seconds in -5000_i64..5000) {
        let column = Arc::new(DurationMicrosecondArray::from(vec![late])) as _;
        let batch = RecordBatch::try_from_iter([("late_by", column)]).unwrap();
        let text = format!("late_by > interval '{days} days {hours} hours {seconds} seconds'");
        let planned = Planner::new().condition(&text, &batch.schema()).unwrap();
        let exact = ((days * 24 + hours) * 3600 + seconds) * 1_000_000;
        prop_assert_eq!(planned.holds(&batch).unwrap().value(0), late > exact);
    }
}
