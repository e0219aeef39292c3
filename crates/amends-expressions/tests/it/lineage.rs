use std::sync::Arc;

use amends_expressions::{Lineage, Planner};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

fn table(names: &[&str]) -> SchemaRef {
    let field = |name: &&str| Field::new(*name, DataType::Utf8, true);
    Arc::new(Schema::new(names.iter().map(field).collect::<Vec<_>>()))
}

async fn lineage(sql: &str) -> Lineage {
    let tables = [
        (
            "tickets".to_owned(),
            table(&["id", "status", "subject", "email"]),
        ),
        ("people".to_owned(), table(&["mail", "born", "city"])),
    ];
    Planner::new().lineage(sql, &tables).await.unwrap()
}

/// What a column of a result reads, and of that what it holds as it is.
async fn of(sql: &str, column: &str) -> (Vec<String>, Vec<String>) {
    let lineage = lineage(sql).await;
    let origins = &lineage.columns[column];
    let names = |set: &std::collections::BTreeSet<(String, String)>| {
        set.iter()
            .map(|(table, column)| format!("{table}.{column}"))
            .collect()
    };
    (names(&origins.reads), names(&origins.holds))
}

/// Queries, what their column `x` reads, and what it holds.
const CASES: [(&str, &str, &str); 18] = [
    (
        "select subject as x from tickets",
        "tickets.subject",
        "tickets.subject",
    ),
    (
        "select *, t.subject as x from tickets t",
        "tickets.subject",
        "tickets.subject",
    ),
    (
        "select y as x from (select subject as y from tickets) s",
        "tickets.subject",
        "tickets.subject",
    ),
    (
        "with s(x) as (select trim(subject) from tickets) select * from s",
        "tickets.subject",
        "tickets.subject",
    ),
    (
        "select length(subject) as x from tickets",
        "tickets.subject",
        "",
    ),
    (
        "select cast(coalesce(subject, email) as varchar) as x from tickets",
        "tickets.email tickets.subject",
        "tickets.email tickets.subject",
    ),
    (
        "select case when subject like '%!%' then 'loud' else status end as x from tickets",
        "tickets.status tickets.subject",
        "tickets.status",
    ),
    (
        "select max(subject) as x from tickets group by id",
        "tickets.subject",
        "tickets.subject",
    ),
    (
        "select count(*) as n, lower(subject) as x from tickets group by lower(subject)",
        "tickets.subject",
        "tickets.subject",
    ),
    (
        "select row_number() over (partition by email order by id) as x from tickets",
        "tickets.email tickets.id",
        "",
    ),
    (
        "select first_value(subject) over (order by id) as x from tickets",
        "tickets.id tickets.subject",
        "tickets.subject",
    ),
    (
        "select p.born as x from tickets t left join people p on p.mail = t.email",
        "people.born",
        "people.born",
    ),
    (
        "select x from (select id as x from tickets union all select mail from people) s",
        "people.mail tickets.id",
        "people.mail tickets.id",
    ),
    (
        "select distinct on (id) subject as x from tickets order by id",
        "tickets.subject",
        "tickets.subject",
    ),
    (
        "select (select max(city) from people) as x from tickets",
        "people.city",
        "people.city",
    ),
    (
        "select exists (select 1 from people where mail = t.email) as x from tickets t",
        "people.mail tickets.email",
        "",
    ),
    (
        "select t.id in (select mail from people where born > '1') as x from tickets t",
        "people.born people.mail tickets.id",
        "",
    ),
    (
        "select 'new' as x from tickets where subject is null",
        "",
        "",
    ),
];

#[tokio::test]
async fn a_column_is_followed_through_every_part_of_a_query() {
    for (sql, reads, holds) in CASES {
        let (found, held) = of(sql, "x").await;
        assert_eq!(
            (found.join(" "), held.join(" ")),
            (reads.into(), holds.into()),
            "{sql}"
        );
    }
}

#[tokio::test]
async fn what_a_join_holds_equal_is_told() {
    let email = ("tickets".to_owned(), "email".to_owned());
    let mail = ("people".to_owned(), "mail".to_owned());
    for sql in [
        "select p.mail from tickets t join people p on p.mail = t.email",
        "select p.mail from tickets t join people p on lower(p.mail) = lower(t.email) and p.city <> t.id",
        "select p.mail from tickets t cross join people p where t.status = 'x' and t.email = p.mail",
    ] {
        let equal = lineage(sql).await.equal;
        let there = equal.contains(&(email.clone(), mail.clone()))
            || equal.contains(&(mail.clone(), email.clone()));
        assert!(there, "{sql}: {equal:?}");
    }
    let none = lineage("select p.mail from tickets t join people p on p.city <> t.id").await;
    assert_eq!(none.equal, []);
}
