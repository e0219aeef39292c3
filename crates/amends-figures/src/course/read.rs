//! Segments read out of the events that make somebody a customer.

use std::collections::{BTreeMap, HashMap};

use amends_model::{IdentifierId, Problem, Result};
use amends_project::definition::{Customers, On, Segment};
use amends_query::Session;
use arrow::array::{Array, FixedSizeBinaryArray, StringArray, TimestampMicrosecondArray};
use futures::StreamExt;

use super::assign::{Assigning, Begun, Number};
use crate::customer_math::{Book, Membership, counted};
use crate::sql::{Template, condition, quoted, typed};

const BEGUN: Template = Template(include_str!("begun.sql"));
const VALUE: Template = Template(include_str!("value.sql"));

/// Which segment each membership of a book belongs to.
#[derive(Clone, Debug, Default)]
pub struct Segments {
    /// By number, from 1.
    values: Vec<String>,
    /// By membership.
    assigned: Vec<Number>,
}

/// A segment and the memberships in it.
type Part = (Option<String>, Vec<Membership>);

impl Segments {
    /// A segment with more values than this is none: it would be a list of customers.
    pub const MOST: usize = 1_000;

    /// Reads what the beginnings of memberships say of a segment.
    ///
    /// # Errors
    /// `AM0811` when the project has no such segment, it has too many values, or a kind of event does not tell it; `AM0804` when reading fails.
    pub async fn read(session: &Session, book: &Book, name: &str) -> Result<Self> {
        let (customers, segment) = defined(session, name)?;
        let there = |on: &&On| session.kinds().contains_key(&on.kind);
        let begun: Vec<String> = customers
            .new
            .iter()
            .filter(there)
            .map(|on| {
                VALUE.fill(&[
                    ("value", &segment.value.text),
                    ("kind", &quoted(&on.kind)),
                    ("condition", &condition(on)),
                ])
            })
            .collect();
        if begun.is_empty() {
            return Ok(Self::default());
        }
        for text in &begun {
            let planned = session.check(text).await;
            planned.map_err(|problem| untold(name, segment, &problem))?;
        }
        let text = BEGUN.fill(&[
            ("counted", counted(session)),
            ("begun", &begun.join("union all\n")),
        ]);
        let mut values = Values::default();
        let mut assigning = Assigning::new(&book.memberships);
        let mut batches = session.stream(&text).await?;
        while let Some(batch) = batches.next().await {
            let batch = batch?;
            let customers = typed::<FixedSizeBinaryArray>(&batch, 0)?;
            let ats = typed::<TimestampMicrosecondArray>(&batch, 1)?;
            let said = typed::<StringArray>(&batch, 2)?;
            for row in 0..batch.num_rows() {
                let customer = IdentifierId::from_slice(customers.value(row)).ok_or_else(|| {
                    Problem::new("AM0804", "a customer's id has not sixteen bytes")
                })?;
                let value = said.is_valid(row).then(|| said.value(row).trim());
                assigning.observe(Begun {
                    customer,
                    at: ats.value(row),
                    value: values.number(value.unwrap_or_default()),
                });
                if values.by_number.len() > Self::MOST {
                    return Err(too_many(name, segment));
                }
            }
        }
        Ok(Self {
            values: values.by_number,
            assigned: assigning.finish(),
        })
    }

    /// The memberships of each segment that has any, in order of its value, those of whom nothing was said last.
    pub(super) fn parts(&self, memberships: &[Membership]) -> Vec<Part> {
        let mut parts: BTreeMap<Number, Vec<Membership>> = BTreeMap::new();
        for (place, membership) in memberships.iter().enumerate() {
            let number = self.assigned.get(place).copied().unwrap_or(0);
            parts.entry(number).or_default().push(*membership);
        }
        let value = |number: Number| {
            let place = (number as usize).checked_sub(1)?;
            self.values.get(place).cloned()
        };
        let parts = parts.into_iter().map(|(number, of)| (value(number), of));
        let mut parts: Vec<Part> = parts.collect();
        parts.sort_by(|(a, _), (b, _)| (a.is_none(), a).cmp(&(b.is_none(), b)));
        parts
    }
}

/// Values by number, in the order in which they were met.
#[derive(Default)]
struct Values {
    by_number: Vec<String>,
    numbers: HashMap<String, Number>,
}

impl Values {
    /// The number of a value; 0 of nothing.
    fn number(&mut self, value: &str) -> Number {
        if value.is_empty() {
            return 0;
        }
        if let Some(number) = self.numbers.get(value) {
            return *number;
        }
        self.by_number.push(value.to_owned());
        let number = self.by_number.len() as Number;
        self.numbers.insert(value.to_owned(), number);
        number
    }
}

fn defined<'a>(session: &'a Session, name: &str) -> Result<(&'a Customers, &'a Segment)> {
    let customers = session.project().customers.as_ref();
    let found = customers.and_then(|customers| Some((customers, customers.segments.get(name)?)));
    found.ok_or_else(|| {
        let known = customers.into_iter().flat_map(|customers| customers.segments.keys());
        let known: Vec<&str> = known.map(String::as_str).collect();
        let hint = match known.is_empty() {
            true => format!("define it in customers.toml: [segment.{name}] with value = \"...\", SQL over the event that makes somebody a customer"),
            false => format!("its segments are: {}", known.join(", ")),
        };
        Problem::new("AM0811", "the project has no such segment")
            .detail(format!("{name:?}"))
            .hint(hint)
    })
}

fn place(segment: &Segment) -> String {
    let place = &segment.value.place;
    format!("{}:{}", place.file.display(), place.line)
}

fn untold(name: &str, segment: &Segment, problem: &Problem) -> Problem {
    let said = problem.detail_text().unwrap_or_default();
    let said = said
        .split("; it was: ")
        .next()
        .unwrap_or_default()
        .to_owned();
    Problem::new("AM0811", format!("events that make somebody a customer do not tell the segment {name}"))
        .detail(format!("{}: {}: {said}", place(segment), segment.value.text.trim()))
        .hint("give these events a property that the segment reads, `null` where the source does not say, and import again; `amends check` shows all mistakes")
}

fn too_many(name: &str, segment: &Segment) -> Problem {
    Problem::new("AM0811", format!("the segment {name} has more than {} values", Segments::MOST))
        .detail(format!("{}: {}", place(segment), segment.value.text.trim()))
        .hint("tell customers apart by something that many of them share: a plan, a region, a band of amounts")
}
