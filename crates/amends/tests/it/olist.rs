//! The example `examples/olist` on the real data gives the figures that others computed from the same files.

use std::path::PathBuf;
use std::sync::OnceLock;

use amends_testkit::tempfile::{TempDir, tempdir};
use serde_json::Value;

use crate::opened::Opened;
use crate::program::{copy, json, repository, text};

/// The example, imported once for all tests of this file. `None`, said aloud, where the data is not there.
pub(crate) fn project() -> Option<&'static PathBuf> {
    static PROJECT: OnceLock<Option<(TempDir, PathBuf)>> = OnceLock::new();
    let project = PROJECT.get_or_init(|| {
        amends_testkit::real_data("olist")?;
        let folder = tempdir().unwrap();
        let project = folder.path().join("olist");
        copy(&repository().join("examples/olist"), &project);
        text(&project, &["import"]);
        Some((folder, project))
    });
    project.as_ref().map(|(_, project)| project)
}

fn letdowns(promise: &str) -> Option<Value> {
    Some(json(project()?, &["letdowns", "--promise", promise]))
}

fn count(answer: &Value, state: &str) -> usize {
    answer["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| item["state"] == state)
        .count()
}

#[test]
fn every_row_is_accounted_for_and_a_second_import_finds_only_duplicates() {
    let Some(project) = project() else { return };
    let again = json(project, &["import"]);
    for (source, rows) in [("orders", 15_000), ("reviews", 14_944)] {
        let counts = &again["sources"][source];
        assert_eq!(counts["received"], rows, "{counts}");
        assert_eq!(
            (
                &counts["stored"],
                &counts["duplicate"],
                &counts["quarantined"]
            ),
            (&0.into(), &rows.into(), &0.into())
        );
    }
}

#[test]
fn the_definitions_hold_no_mistakes_and_their_tests_pass() {
    let Some(project) = project() else { return };
    assert_eq!(json(project, &["check"])["mistakes"], 0);
    assert_eq!(json(project, &["test"])["failed"], 0);
}

#[test]
fn delivery_date_by_calendar_date() {
    let Some(answer) = letdowns("delivery-date") else {
        return;
    };
    assert_eq!(answer["exposed"], 15_000);
    assert_eq!(answer["late"], 957);
    assert_eq!(
        answer["overdue"].as_u64().unwrap() + answer["broken"].as_u64().unwrap(),
        448
    );
    assert_eq!(answer["total"], 1_405);
    assert_eq!(answer["items"].as_array().unwrap().len(), 1_405);
    assert_eq!(count(&answer, "late"), 957);
    let share = answer["late_share"].as_f64().unwrap();
    assert!(
        (share - 957.0 / 14_552.0).abs() < 1e-12,
        "6.58 % of the delivered: {share}"
    );
}

#[test]
fn delivery_date_on_the_day_of_the_export_leaves_three_orders_open() {
    let Some(project) = project() else { return };
    let answer = json(
        project,
        &[
            "letdowns",
            "--promise",
            "delivery-date",
            "--as-of",
            "2018-10-11",
        ],
    );
    assert_eq!(
        answer["overdue"].as_u64().unwrap() + answer["broken"].as_u64().unwrap(),
        445
    );
    assert_eq!(answer["open"], 3);
}

#[test]
fn delivery_by_timestamp_is_another_figure() {
    let Some(answer) = letdowns("delivery-timestamp") else {
        return;
    };
    assert_eq!(answer["late"], 1_156);
    let share = answer["late_share"].as_f64().unwrap();
    assert!(
        (share - 1_156.0 / 14_552.0).abs() < 1e-12,
        "7.94 % of the delivered: {share}"
    );
}

#[test]
fn the_card_reconciles_in_every_month() {
    let Some(project) = project() else { return };
    let mut closing = None;
    for period in ["2017-11", "2017-12", "2018-01", "2018-02", "2018-03"] {
        let card = json(project, &["card", "--period", period]);
        let of = |name: &str| {
            card[name]
                .as_i64()
                .unwrap_or_else(|| panic!("{name} in {card}"))
        };
        assert_eq!(
            of("opening") + of("new") + of("returned") - of("lost"),
            of("closing"),
            "{period}"
        );
        assert_eq!(of("closing") - of("opening"), of("net"), "{period}");
        if let Some(before) = closing {
            assert_eq!(
                of("opening"),
                before,
                "{period} opens where the month before closed"
            );
        }
        closing = Some(of("closing"));
        let new = json(project, &["people", "new", "--period", period]);
        assert_eq!(
            new["items"].as_array().unwrap().len() as i64,
            of("new"),
            "{period}"
        );
    }
}

/// Runs SQL over the imported example; the rows as text.
fn sql(query: &str) -> Option<Vec<Vec<String>>> {
    let project = project()?;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    Some(runtime.block_on(async { Opened::at(project).await.rows(query).await }))
}

#[test]
fn the_orders_by_status() {
    let Some(rows) =
        sql("select status, count(*) from order_placed group by status order by 2 desc")
    else {
        return;
    };
    let expected = [
        ("delivered", "14552"),
        ("shipped", "159"),
        ("canceled", "113"),
        ("unavailable", "89"),
        ("invoiced", "49"),
        ("processing", "37"),
        ("approved", "1"),
    ];
    assert_eq!(
        rows,
        expected.map(|(status, count)| vec![status.to_owned(), count.to_owned()])
    );
}

#[test]
fn sellers_hand_over_after_the_latest_shipping_limit_and_those_orders_arrive_late() {
    let query = "
        select handover.state = 'late', count(*), sum(case when delivery.state = 'late' then 1 else 0 end)
        from instances as handover
        join instances as delivery on delivery.about = handover.about and delivery.promise = 'delivery-date'
        join order_delivered on order_delivered.about = handover.about
        where handover.promise = 'seller-handover'
        group by 1 order by 1 desc";
    let Some(rows) = sql(query) else { return };
    assert_eq!(
        rows[0][..2],
        ["true", "1354"],
        "handed over late, among the delivered"
    );
    let share = |row: &[String]| row[2].parse::<f64>().unwrap() / row[1].parse::<f64>().unwrap();
    assert_eq!(
        format!("{:.4}", share(&rows[0])),
        "0.2046",
        "of those handed over late arrive late"
    );
    assert_eq!(format!("{:.4}", share(&rows[1])), "0.0515", "of the others");
}

/// Reviews of delivered orders, in time and late: how many, their mean, the share of one and two stars.
fn reviews(promise: &str) -> Option<Vec<Vec<String>>> {
    sql(&format!(
        "select instances.state, count(*), round(avg(score), 3), round(avg(case when score <= 2 then 1.0 else 0.0 end), 3)
        from review_answered join instances on instances.about = review_answered.about
        where promise = '{promise}' and instances.state in ('kept', 'late')
        group by 1 order by 1"
    ))
}

#[test]
fn the_mean_reviews_on_time_and_late() {
    let Some(rows) = reviews("delivery-timestamp") else {
        return;
    };
    assert_eq!(
        rows,
        [
            ["kept", "13383", "4.284", "0.093"],
            ["late", "1135", "2.603", "0.526"]
        ]
    );
    let rows = reviews("delivery-date").unwrap();
    assert_eq!([&rows[0][2], &rows[1][2]], ["4.283", "2.271"]);
}

#[test]
fn dirty_rows_are_kept_and_can_be_counted() {
    let Some(rows) = sql("select count(*), count(distinct about) from review_answered") else {
        return;
    };
    assert_eq!(rows, [["14944", "14872"]], "72 rows more than orders");
    let several_reviews = "select count(*) from (select about from review_answered group by about having count(*) > 1)";
    assert_eq!(sql(several_reviews).unwrap(), [["71"]]);
    let one_id_for_several_orders = "
        select count(*) from (
            select split_part(native_key, '/', 1) as review from review_answered
            group by 1 having count(distinct about) > 1
        )";
    assert_eq!(sql(one_id_for_several_orders).unwrap(), [["20"]]);
    let handed_over_before_approval = "
        select count(*) from order_handed_over as h join order_approved as a on a.about = h.about where h.at < a.at";
    assert_eq!(sql(handed_over_before_approval).unwrap(), [["206"]]);
    let asked_before_delivery = "
        select count(*) from review_answered as r join order_delivered as d on d.about = r.about where r.asked_at < d.at";
    assert_eq!(sql(asked_before_delivery).unwrap(), [["1232"]]);
    let without_items = "select count(*) from order_placed where seller is null";
    assert_eq!(sql(without_items).unwrap(), [["115"]]);
    let several_sellers = "select count(*) from order_placed where cardinality(seller) > 1";
    assert_eq!(sql(several_sellers).unwrap(), [["163"]]);
}

/// What was ordered around Black Friday of 2017 was due in the middle of December, and the orders of February and March of 2018 from the middle of March on.
#[test]
fn the_weeks_that_broke_are_not_normal_for_what_was_before() {
    let Some(project) = project() else { return };
    let answer = json(project, &["normal", "delivery-date"]);
    let kept = answer["items"].as_array().unwrap().iter();
    let kept = kept.clone().find(|item| item["measure"] == "kept").unwrap();
    assert_eq!(kept["baseline_until"], "2017-W43");
    let share = kept["baseline_value"].as_f64().unwrap();
    assert!((share - 0.920_759).abs() < 1e-6, "{share}");
    let course = kept["course"].as_array().unwrap().iter();
    let beyond = course.filter(|point| point["standing"] == "signal" && point["run"].is_null());
    let beyond: Vec<&str> = beyond
        .map(|point| point["period"].as_str().unwrap())
        .collect();
    let [black_friday, spring] = [
        &["2017-W50", "2017-W51"][..],
        &["2018-W11", "2018-W12", "2018-W13", "2018-W14", "2018-W15"],
    ];
    let broke = [black_friday, spring, &["2018-W23"]].concat();
    assert_eq!(beyond, broke);
    let of_march = json(
        project,
        &[
            "people",
            "normal.delivery-date.let-down",
            "--period",
            "2018-W13",
        ],
    );
    assert_eq!(of_march["total"], 59);
}
