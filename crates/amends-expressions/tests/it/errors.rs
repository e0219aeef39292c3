//! Every mistake in an expression names its words, its place and a way out.

use amends_expressions::Planner;

use crate::{mistake, orders, schema};

fn shown(text: &str) -> String {
    let error = mistake(text);
    let place = match (&error.words, error.at) {
        (Some(words), Some((line, column))) => format!("{line}:{column} [{words}] "),
        (None, Some((line, column))) => format!("{line}:{column} "),
        (Some(words), None) => format!("[{words}] "),
        (None, None) => String::new(),
    };
    let hint = error.suggestion.map(|hint| format!(" -> {hint}"));
    format!("{place}{}{}", error.message, hint.unwrap_or_default())
}

#[test]
fn mistakes_are_told_with_words_place_and_suggestion() {
    let texts = [
        "ordr_id = 'x'",
        "churn_reason",
        "\"Monthly Charges\" > 1",
        "order_id = \"delivered\"",
        "z",
        "orders.order_id",
        "lowr(order_id)",
        "lower()",
        "abs(order_id = 'x')",
        "items + (score = '1')",
        "items > (score = '1')",
        "order_id ==",
        "order_id = 'open",
        "case when items > 1 then 2",
        "order_id score",
        "order_id, score",
        "items >\n  (2",
        "",
        "  ",
        "items; items",
        "sum(items)",
        "row_number() over (order by items)",
        "(select 1)",
        "items in (select 1)",
        "exists (select 1)",
        "*",
        "$1",
        "@home",
        "now()",
        "items > random()",
        "current_date",
        "CURRENT_TIMESTAMP",
        "uuid()",
        "unnest(make_array(1, 2))",
        "cast(order_id as nonsense)",
        "cast('x' as integer)",
        "cast(order_id as date) > interval '1 day'",
        "items between 'a' and late_by",
        "late_by > interval '1 month'",
        "late_by > interval 'soon'",
        "interval '1 month' > interval '30 days'",
        "late_by > late_by * interval '1 day'",
        "order_id not",
        "substr(order_id, 'a', 'b', 'c', 'd')",
        "order_id like 5",
        "items.foo",
        "order_id[1]",
        "not order_id",
        "items and score",
        "case items when 'a' then 1 else order_id end",
    ];
    let all: Vec<String> = texts
        .iter()
        .map(|text| format!("{text:?}\n    {}", shown(text)))
        .collect();
    amends_testkit::insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn a_condition_must_be_true_or_false() {
    let planner = Planner::new();
    let error = planner.condition("order_id", &schema()).unwrap_err();
    assert_eq!(
        error.message,
        "a condition must be true or false, and this is text"
    );
    assert!(planner.condition("order_id = 'o1'", &schema()).is_ok());
    assert!(planner.condition("null", &schema()).is_err());
}

#[test]
fn deep_and_long_texts_are_refused_or_planned_but_never_overflow() {
    let planner = Planner::new();
    for text in [
        "(".repeat(30_000),
        format!("{}1{}", "(".repeat(5_000), ")".repeat(5_000)),
        "not ".repeat(10_000) + "true",
        vec!["items"; 400].join(" + "),
        vec!["items = 1"; 400].join(" or "),
        "-".repeat(900) + "1",
        "case when true then ".repeat(400),
        format!("items in ({})", vec!["1"; 1_900].join(",")),
        "x".repeat(70_000),
        "a.".repeat(1_500) + "a",
        "case when true then ".repeat(14),
        "cast(".repeat(14),
        "substring(array[".repeat(7),
        "interval '1' ".repeat(300),
        "- ".repeat(900),
    ] {
        if let Ok(expression) = planner.expression(&text, &schema()) {
            let _ = expression.evaluate_each(&orders());
        }
    }
}

#[test]
fn columns_of_events_and_instances_need_no_quotes() {
    use arrow::datatypes::{DataType, Field, Schema};
    let mut fields: Vec<Field> = amends_model::event::head()
        .iter()
        .map(|field| field.as_ref().clone())
        .collect();
    for name in [
        "rest",
        "state",
        "late_by",
        "due_at",
        "opened_at",
        "closed_at",
        "month",
        "day",
        "date",
        "reason",
        "status",
        "type",
        "name",
        "value",
        "user",
        "plan",
        "name",
        "_line",
    ] {
        if !fields.iter().any(|field| field.name() == name) {
            fields.push(Field::new(name, DataType::Utf8, true));
        }
    }
    let schema = std::sync::Arc::new(Schema::new(fields));
    for field in schema.fields() {
        let text = format!("{} is not null", field.name());
        let planned = Planner::new().condition(&text, &schema);
        let columns = planned
            .unwrap_or_else(|error| panic!("{text}: {error}"))
            .columns()
            .clone();
        assert_eq!(
            columns.into_iter().collect::<Vec<_>>(),
            [field.name().clone()]
        );
    }
}
