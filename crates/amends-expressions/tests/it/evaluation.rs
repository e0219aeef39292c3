//! Values: right by name and order of columns, one bad row loses only itself.

use std::sync::Arc;

use amends_expressions::Planner;
use amends_testkit::proptest;
use amends_testkit::proptest::prelude::*;
use arrow::array::{Array, AsArray, Int64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type};

use crate::{orders, schema};

#[test]
fn columns_are_found_by_name_in_any_order_with_capitals_and_spaces() {
    let planner = Planner::new();
    let expression = planner
        .expression(
            "case when Churn_Reason is null then \"Monthly Charge\" else items end",
            &schema(),
        )
        .unwrap();
    assert_eq!(
        expression
            .columns()
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>(),
        ["Churn_Reason", "Monthly Charge", "items"]
    );
    let batch = orders();
    let backwards: Vec<usize> = (0..batch.num_columns()).rev().collect();
    let straight = expression.evaluate(&batch).unwrap();
    assert_eq!(
        &straight,
        &expression
            .evaluate(&batch.project(&backwards).unwrap())
            .unwrap()
    );
    assert_eq!(straight.data_type(), expression.data_type());
    assert_eq!(
        straight
            .as_primitive::<arrow::datatypes::Float64Type>()
            .values()[..2],
        [1.0, 2.0]
    );
}

#[test]
fn a_constant_has_as_many_rows_as_the_batch() {
    let three = Planner::new()
        .expression("LOWER('ABC')", &schema())
        .unwrap();
    let values = three.evaluate(&orders()).unwrap();
    let values = cast(&values, &DataType::Utf8).unwrap();
    assert_eq!(
        values.as_string::<i32>().iter().collect::<Vec<_>>(),
        [Some("abc"); 3]
    );
    assert!(three.columns().is_empty());
}

#[test]
fn a_condition_that_is_null_does_not_hold() {
    let moved = Planner::new()
        .condition("Churn_Reason = 'Moved'", &schema())
        .unwrap();
    let verdicts = moved.holds(&orders()).unwrap();
    assert_eq!(
        verdicts.iter().collect::<Vec<_>>(),
        [Some(true), Some(false), Some(false)]
    );
}

#[test]
fn a_row_that_fails_is_named_and_the_others_are_kept() {
    let number = Planner::new()
        .expression("cast(score as bigint)", &schema())
        .unwrap();
    let problem = number.evaluate(&orders()).unwrap_err();
    assert_eq!(problem.code(), "AM0203");
    let (values, failures) = number.evaluate_each(&orders());
    assert_eq!(
        values
            .as_primitive::<Int64Type>()
            .iter()
            .collect::<Vec<_>>(),
        [Some(5), None, Some(3)]
    );
    assert_eq!(
        failures,
        [(1, "'five' cannot be read as integer".to_owned())]
    );
}

#[test]
fn a_batch_without_the_column_or_with_another_type_is_refused() {
    let items = Planner::new().expression("items + 1", &schema()).unwrap();
    let none = orders().project(&[0]).unwrap();
    assert!(
        items
            .evaluate(&none)
            .unwrap_err()
            .to_string()
            .contains("`items`")
    );
    assert_eq!(items.evaluate_each(&none).1.len(), 3);
    let other =
        RecordBatch::try_from_iter([("items", Arc::new(StringArray::from(vec!["1"])) as _)])
            .unwrap();
    assert!(items.evaluate(&other).is_err());
    assert_eq!(items.evaluate_each(&none.slice(0, 0)).1, []);
}

#[test]
fn overflow_and_division_by_zero_fail_only_their_rows() {
    let batch =
        RecordBatch::try_from_iter([("n", Arc::new(Int64Array::from(vec![i64::MAX, 0, 4])) as _)])
            .unwrap();
    let planner = Planner::new();
    let plan = |text: &str| {
        planner
            .expression(text, &batch.schema())
            .unwrap()
            .evaluate_each(&batch)
    };
    assert_eq!(
        plan("8 / n")
            .1
            .iter()
            .map(|(row, _)| *row)
            .collect::<Vec<_>>(),
        [1]
    );
    let (values, failures) = plan("n + 1");
    assert_eq!(values.len(), 3);
    assert!(failures.iter().all(|(row, _)| *row == 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Bisecting gives what evaluating each row alone gives.
    #[test]
    fn bisecting_equals_row_by_row(cells in proptest::collection::vec(proptest::option::of("[0-9x]{1,3}"), 0..60)) {
        let batch = RecordBatch::try_from_iter([("score", Arc::new(StringArray::from(cells.clone())) as _)]).unwrap();
        let number = Planner::new().expression("cast(score as bigint) * 2", &batch.schema()).unwrap();
        let (values, failures) = number.evaluate_each(&batch);
        let values = values.as_primitive::<Int64Type>();
        prop_assert_eq!(values.len(), cells.len());
        for (row, cell) in cells.iter().enumerate() {
            let expected = cell.as_ref().and_then(|cell| cell.parse::<i64>().ok()).map(|n| n * 2);
            let bad = cell.as_ref().is_some_and(|cell| cell.parse::<i64>().is_err());
            prop_assert_eq!(values.is_valid(row).then(|| values.value(row)), expected);
            prop_assert_eq!(failures.iter().any(|(failed, _)| *failed == row), bad);
        }
    }

    /// Whatever is written, planning and running it ends with a value or an error.
    #[test]
    fn no_text_makes_the_planner_panic(
        words in proptest::collection::vec(
            proptest::sample::select(vec![
                "items", "late_by", "score", "\"Monthly Charge\"", "Churn_Reason", "interval '7 days'", "interval '1 month'", "'x'", "7", "-1.5",
                "null", "true", "=", "<", ">=", "+", "-", "*", "/", "%", "and", "or", "not", "in", "between", "is", "like", "case", "when", "then",
                "else", "end", "(", ")", ",", "cast(", "as bigint)", "as date)", "as timestamp)", "date_trunc('month',", "coalesce(", "nullif(",
                "greatest(", "substr(", "sum(", "extract(year from", "||", "::", "interval", "[", "]", ".", "date '2018-01-01'", "at time zone 'UTC'",
            ]),
            1..12,
        ),
    ) {
        let text = words.join(" ");
        if let Ok(expression) = Planner::new().expression(&text, &schema()) {
            let (values, failures) = expression.evaluate_each(&orders());
            prop_assert_eq!(values.len(), 3);
            for (row, _) in failures {
                prop_assert!(values.is_null(row));
            }
        }
    }
}
