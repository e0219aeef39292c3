//! Segments read out of the events that make somebody a customer.

use std::collections::{BTreeMap, HashMap};

use amends_model::{Problem, Result};
use amends_project::definition::{Customers, On, Segment};
use amends_query::Session;
use rayon::slice::ParallelSliceMut;

use super::assign::{Assigning, Begun, Number};
use crate::customer_math::{Book, Membership, Sign};
use crate::sql::{Template, quoted};

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

    /// Reads the book, and what the beginnings of its memberships say of a segment.
    ///
    /// # Errors
    /// `AM0811` when the project has no such segment, it has too many values, or a kind of event does not tell it; as [`Book::read`].
    pub async fn read(session: &Session, name: &str) -> Result<(Book, Self)> {
        let (customers, segment) = defined(session, name)?;
        let mut values = Values::default();
        let mut said: Vec<Begun> = Vec::new();
        let mut tell = |sign: &Sign, value: Option<&str>| {
            said.push(Begun {
                customer: sign.customer,
                at: sign.at,
                value: values.number(value.unwrap_or_default().trim()),
            });
            match values.by_number.len() > Self::MOST {
                true => Err(too_many(name, segment)),
                false => Ok(()),
            }
        };
        let book = Book::read_telling(session, &segment.value, &mut tell).await;
        let book = match book {
            Ok(book) => book,
            Err(problem) => return Err(told(session, customers, name, segment, problem).await),
        };
        values.sort(&mut said);
        said.par_sort_unstable_by_key(|begun| (begun.customer, begun.at, begun.value));
        let mut assigning = Assigning::new(&book.memberships);
        said.into_iter().for_each(|begun| assigning.observe(begun));
        let segments = Self {
            values: values.by_number,
            assigned: assigning.finish(),
        };
        Ok((book, segments))
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

    /// Numbers the values in order of their texts, as what was said is then numbered too.
    fn sort(&mut self, said: &mut [Begun]) {
        self.by_number.sort_unstable();
        let mut renumbered = vec![0; self.by_number.len() + 1];
        for (place, value) in self.by_number.iter().enumerate() {
            let number = place as Number + 1;
            if let Some(before) = self.numbers.insert(value.clone(), number) {
                renumbered[before as usize] = number;
            }
        }
        for begun in said {
            begun.value = renumbered[begun.value as usize];
        }
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

/// What is wrong with the segment, where that is why a query failed; else the problem itself.
async fn told(
    session: &Session,
    customers: &Customers,
    name: &str,
    segment: &Segment,
    problem: Problem,
) -> Problem {
    if problem.code() != "AM0803" {
        return problem;
    }
    let there = |on: &&On| session.kinds().contains_key(&on.kind);
    for on in customers.new.iter().filter(there) {
        let text = VALUE.fill(&[("value", &segment.value.text), ("kind", &quoted(&on.kind))]);
        if let Err(said) = session.check(&text).await {
            return untold(name, segment, &said);
        }
    }
    problem
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
