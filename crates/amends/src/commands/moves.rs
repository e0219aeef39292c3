//! Figures that would stand otherwise, before something is done.

use std::collections::BTreeSet;

use amends_model::{Problem, Result};
use serde_json::{Value, json};

use super::{card, complaints, letdowns};
use crate::answer::Outcome;
use crate::arguments::{Complaints, Letdowns};
use crate::context::Context;
use crate::terminal::number::whole;
use crate::terminal::table::{Column, Table};

/// The figures of a card that are compared.
const OF_CARD: [&str; 12] = [
    "opening",
    "new",
    "returned",
    "lost",
    "lost_natural",
    "lost_avoidable",
    "lost_company",
    "lost_unknown",
    "joined_and_left",
    "closing",
    "net",
    "let_down",
];
/// The figures of a promise that are compared.
const OF_PROMISE: [&str; 10] = [
    "exposed",
    "open",
    "kept",
    "beaten",
    "unconfirmed",
    "overdue",
    "late",
    "broken",
    "excused",
    "total",
];

/// What is answered at one moment; null where nothing was imported.
pub(super) struct Answers {
    card: Value,
    promises: Value,
    /// All complaints of the period.
    complaints: Value,
}

impl Answers {
    pub(super) async fn of(context: &Context, period: Option<&str>) -> Result<Self> {
        let told = |answer: Result<Outcome>| match answer {
            Ok(outcome) => Ok(outcome.answer.json()),
            Err(problem) if is_empty(&problem) => Ok(Value::Null),
            Err(problem) => Err(problem),
        };
        let asked = Complaints {
            from: period.map(str::to_owned),
            to: period.map(str::to_owned),
            by: None,
        };
        let complaints = match complaints::run(context, &asked).await {
            // None where there is no source of them.
            Err(problem) if problem.code() == "AM0812" => Value::Null,
            // The first item is of all of them.
            answer => told(answer)?["items"][0].clone(),
        };
        Ok(Self {
            complaints,
            card: told(card::run(context, period, None).await)?,
            promises: told(letdowns::run(context, &Letdowns::default()).await)?,
        })
    }

    pub(super) fn period(&self) -> Option<String> {
        self.card["period"].as_str().map(str::to_owned)
    }

    pub(super) fn as_of(&self) -> Value {
        self.promises["as_of"].clone()
    }

    fn promise(&self, name: &str) -> &Value {
        let all = self.promises["promises"].as_array().into_iter().flatten();
        let mut named = all.filter(|promise| promise["promise"] == name);
        named.next().unwrap_or(&Value::Null)
    }
}

/// Whether nothing was imported yet.
pub(super) fn is_empty(problem: &Problem) -> bool {
    problem.code() == "AM0017"
}

/// A figure that would stand otherwise.
pub(super) struct Move {
    /// The card's period, or the promise.
    of: String,
    figure: &'static str,
    before: Option<i64>,
    after: Option<i64>,
}

/// The figures of the card and the counts of promises that differ.
pub(super) fn between(before: &Answers, after: &Answers) -> Vec<Move> {
    let mut moves = of_card(before, after);
    let all = [before, after]
        .into_iter()
        .flat_map(|answers| answers.promises["promises"].as_array());
    let names = all
        .flatten()
        .filter_map(|promise| promise["promise"].as_str());
    for name in names.collect::<BTreeSet<_>>() {
        moves.extend(differing(
            name,
            &OF_PROMISE,
            before.promise(name),
            after.promise(name),
        ));
    }
    moves
}

/// The figures of the card that differ, and how many complaints there are of its period.
pub(super) fn of_card(before: &Answers, after: &Answers) -> Vec<Move> {
    let period = after.period().or_else(|| before.period());
    let of = format!("card {}", period.unwrap_or_default());
    let mut moves = differing(&of, &OF_CARD, &before.card, &after.card);
    moves.extend(differing(
        &of,
        &["complaints"],
        &before.complaints,
        &after.complaints,
    ));
    moves
}

fn differing(of: &str, figures: &[&'static str], before: &Value, after: &Value) -> Vec<Move> {
    let moves = figures.iter().map(|figure| Move {
        of: of.to_owned(),
        figure,
        before: before[*figure].as_i64(),
        after: after[*figure].as_i64(),
    });
    moves.filter(|one| one.before != one.after).collect()
}

/// The figures as they are now and as they would be then.
pub(super) fn table(moves: &[Move]) -> Table {
    let mut table = Table::new(&[
        Column::name("of"),
        Column::words("figure"),
        Column::number("now"),
        Column::number("then"),
    ]);
    let number = |value: Option<i64>| match value {
        None => "-".to_owned(),
        Some(value) if value < 0 => format!("-{}", whole(value.unsigned_abs())),
        Some(value) => whole(value.unsigned_abs()),
    };
    for one in moves {
        table.row([
            one.of.clone(),
            one.figure.replace('_', " "),
            number(one.before),
            number(one.after),
        ]);
    }
    table
}

impl Move {
    pub(super) fn json(&self) -> Value {
        json!({ "of": self.of, "figure": self.figure, "before": self.before, "after": self.after })
    }
}
