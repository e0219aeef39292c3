//! The instances of a promise whose time has come, as rows with attributes (rule 8).
//!
//! What was due counts once it was due, as far as the sources have reported, however early it was kept; what is excused does not. So the newest are not
//! those alone that were quick. What must not happen for a length of time counts once that length is over, broken or not. Where an exposure ends with an
//! event, all count, since nobody knows how long it will be; then its age tells of it, and when it began is no attribute.

mod words;

use std::collections::HashMap;

use amends_model::{IdentifierId, Problem, Result, State};
use amends_promises::Kept;
use amends_stats::subgroups::{Attribute, Table};
use arrow::array::{Array, AsArray, ListArray, RecordBatch};
use arrow::datatypes::{DataType, Int64Type, TimestampMicrosecondType, UInt8Type};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use words::{Scale, Words, scales};

use crate::bins::{Kind, day_of, lies_in};
use crate::calendar;
use crate::ripe::{Ripe, Times};
use crate::voice::Customers;
use crate::whereabouts::{Part, Where};

/// The columns that are read beside the attributes.
const COLUMNS: [&str; 7] = [
    "about",
    "identifier",
    "opened_at",
    "due_at",
    "closed_at",
    "could_have_known",
    "serious",
];

/// The week in which an instance was opened: the axis of which places are a stretch.
const OPENED: &str = "opened";

/// A promise's decided instances.
pub struct Exposed {
    /// One row each, in no order.
    pub rows: Vec<Row>,
    /// What they are described by: the promise's `where`, then the weekdays on which they were opened and due; the last is the week of opening.
    pub attributes: Vec<Described>,
    /// How the values of the promise's `where` are told apart, in order.
    scales: Vec<Scale>,
    /// Which of its times say something.
    times: Times,
}

/// One instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Who is counted: the customer or account to whom it was promised.
    pub customer: IdentifierId,
    /// What it is about, of a let-down or of what is still open; else empty, since nobody asks.
    pub about: String,
    /// Whether the customer was let down.
    pub is_let_down: bool,
    /// 1 to 3 for a let-down, else 0.
    pub serious: u8,
    /// When it was made, in microseconds of UTC.
    pub opened_at: i64,
    /// When it was due, or its exposure over, in microseconds of UTC.
    pub due_at: i64,
    /// When it was kept or given up, in microseconds of UTC; the greatest number while it is not.
    pub closed_at: i64,
    /// When the let-down could have been known, in microseconds of UTC.
    pub known_at: i64,
}

impl Row {
    /// Whether it was known by a moment that the customer was let down.
    pub(crate) fn is_let_down_by(&self, until: i64) -> bool {
        self.is_let_down && self.known_at <= until
    }
}

/// One attribute of all rows.
pub struct Described {
    /// Its name.
    pub name: String,
    /// Whether it says when.
    pub is_when: bool,
    /// Its values, by number.
    pub values: Vec<String>,
    /// Which rows have which.
    pub codes: Attribute,
    /// What it says before it is put into ranges, where it is.
    raw: Option<Words>,
}

impl Exposed {
    /// Reads the instances whose time has come. `kinds` says of what kind the promise's attributes are, in their order.
    ///
    /// # Errors
    /// Whatever keeps the instances from being read; `AM1001` when there are more than can be numbered.
    pub(crate) fn read(
        kept: &Kept,
        kinds: &[Kind],
        ripe: &Ripe,
        customers: &Customers,
        zone: &TimeZone,
    ) -> Result<Self> {
        let due = |state, opened_at, due_at| ripe.due(state, opened_at, due_at);
        let (rows, words) = rows(kept, customers, &due)?;
        let names = kept.attributes.clone();
        let scales = scales(&rows, &words, kinds);
        Self::new(rows, names, words, scales, ripe.times(), zone)
    }

    /// The instances that are still open and whose clock runs, described as these are.
    ///
    /// # Errors
    /// As [`Exposed::read`].
    pub(crate) fn open(&self, kept: &Kept, customers: &Customers, zone: &TimeZone) -> Result<Self> {
        let due = |state, _, due_at| (state == State::Open).then_some(due_at);
        let (rows, words) = rows(kept, customers, &due)?;
        let names = kept.attributes.clone();
        Self::new(rows, names, words, self.scales.clone(), self.times, zone)
    }

    fn new(
        rows: Vec<Row>,
        names: Vec<String>,
        words: Vec<Words>,
        scales: Vec<Scale>,
        times: Times,
        zone: &TimeZone,
    ) -> Result<Self> {
        let mut attributes = Vec::with_capacity(names.len() + 7);
        // Which rows have nothing where whoever has nothing was let down without exception: that says how it ended, such as that no seller was left,
        // and where nothing stands for the same reason is no place.
        let mut outcomes = vec![false; rows.len()];
        words
            .iter()
            .for_each(|words| words.mark(&rows, &mut outcomes));
        for ((name, words), scale) in names.into_iter().zip(words).zip(&scales) {
            attributes.push(words.described(name, scale, &outcomes, zone)?);
        }
        // A property of the company's own goes before a time of the same name.
        let mut whens = whens(&rows, times, zone)?;
        whens.retain(|when| {
            let is_other = |one: &Described| one.name != when.name;
            when.codes.is_ordered() || attributes.iter().all(is_other)
        });
        attributes.extend(whens);
        Ok(Self {
            rows,
            attributes,
            scales,
            times,
        })
    }

    /// The table in which subgroups are looked for.
    ///
    /// # Errors
    /// `AM1001` when there are more instances than can be numbered.
    pub fn table(&self) -> Result<Table> {
        let hits = self.rows.iter().map(|row| row.is_let_down).collect();
        let attributes = self.attributes.iter().map(|one| one.codes.clone());
        let mut numbers: HashMap<IdentifierId, u32> = HashMap::new();
        let people = self.rows.iter().map(|row| {
            // There are no more people than rows, which fit.
            let next = numbers.len() as u32;
            *numbers.entry(row.customer).or_insert(next)
        });
        Table::new(hits, people.collect(), attributes.collect()).ok_or_else(too_many)
    }

    /// Whether a place can be looked at: all of its attributes are known.
    pub fn knows(&self, place: &Where) -> bool {
        let is_dated = place.since.is_some() || place.until.is_some();
        let mut parts = place.parts.iter();
        parts.all(|part| self.described(part).is_some()) && (!is_dated || self.weeks().is_some())
    }

    /// The rows that lie in a place; none where an attribute of it is not known.
    pub fn within(&self, place: &Where) -> Vec<u32> {
        if !self.knows(place) {
            return Vec::new();
        }
        let mut rows: Vec<u32> = (0..self.rows.len() as u32).collect();
        for part in &place.parts {
            if let Some(of) = self.described(part) {
                of.keep(&mut rows, &part.value);
            }
        }
        if let Some(weeks) = self.weeks() {
            // Days of this form are in order as texts.
            let since = place.since.map(|day| day.to_string());
            let until = place.until.map(|day| day.to_string());
            let is_in = |monday: &String| {
                since.as_ref().is_none_or(|since| since <= monday)
                    && until.as_ref().is_none_or(|until| monday <= until)
            };
            let is_in: Vec<bool> = weeks.values.iter().map(is_in).collect();
            rows.retain(|row| {
                let mut weeks = weeks.codes.of_row(*row).iter();
                weeks.all(|week| is_in[*week as usize])
            });
        }
        rows
    }

    fn described(&self, part: &Part) -> Option<&Described> {
        let mut attributes = self.attributes.iter();
        attributes.find(|one| one.name == part.attribute && !one.codes.is_ordered())
    }

    /// The week of opening; `None` where it is no attribute.
    fn weeks(&self) -> Option<&Described> {
        self.attributes.last().filter(|one| one.codes.is_ordered())
    }
}

impl Described {
    /// Leaves of some rows those that have a value.
    fn keep(&self, rows: &mut Vec<u32>, value: &str) {
        match &self.raw {
            Some(raw) => {
                let words = raw.words.iter().map(|word| lies_in(word, value));
                let is_in: Vec<bool> = words.collect();
                rows.retain(|row| {
                    let mut words = raw.of_row(*row as usize).iter();
                    words.any(|word| is_in[*word as usize])
                });
            }
            None => {
                let number = self.values.iter().position(|one| one == value);
                rows.retain(|row| {
                    let mut codes = self.codes.of_row(*row).iter();
                    codes.any(|code| Some(*code as usize) == number)
                });
            }
        }
    }
}

/// When an instance was due, by its state, when it was opened and what it says itself; `None` where it is left out.
type Due<'a> = &'a dyn Fn(State, i64, i64) -> Option<i64>;

/// The instances that are due by this, and the words of each attribute.
fn rows(kept: &Kept, customers: &Customers, due: Due<'_>) -> Result<(Vec<Row>, Vec<Words>)> {
    let fields = kept.columns().fields();
    let first = fields.len().saturating_sub(kept.attributes.len());
    let names = fields[first..].iter().map(|field| field.name().as_str());
    let names: Vec<&str> = names.collect();
    let mut reading = Reading {
        due,
        customers,
        rows: Vec::new(),
        attributes: names.iter().map(|_| Words::default()).collect(),
    };
    let wanted: Vec<&str> = COLUMNS.iter().chain(&names).copied().collect();
    for batch in kept.batches(Some(&wanted))? {
        reading.add(&batch?, &names).ok_or_else(foreign)??;
    }
    Ok((reading.rows, reading.attributes))
}

/// Instances as they are read.
struct Reading<'a> {
    due: Due<'a>,
    customers: &'a Customers,
    rows: Vec<Row>,
    attributes: Vec<Words>,
}

impl Reading<'_> {
    /// Adds those of a batch that are due; `None` when it has other columns than instances have.
    fn add(&mut self, batch: &RecordBatch, names: &[&str]) -> Option<Result<()>> {
        let column = |name: &str| batch.column_by_name(name);
        let states = column("state")?.as_primitive_opt::<UInt8Type>()?;
        let abouts = column("about")?.as_string_opt::<i32>()?;
        let identifiers = column("identifier")?.as_fixed_size_binary_opt()?;
        let moments = |name| column(name)?.as_primitive_opt::<TimestampMicrosecondType>();
        let (opened, due) = (moments("opened_at")?, moments("due_at")?);
        let (closed, known) = (moments("closed_at")?, moments("could_have_known")?);
        let serious = column("serious")?.as_primitive_opt::<Int64Type>()?;
        let attributes: Vec<&ListArray> = names
            .iter()
            .map(|name| column(name)?.as_list_opt::<i32>())
            .collect::<Option<_>>()?;
        for row in 0..batch.num_rows() {
            let state = *State::ALL.get(usize::from(states.value(row)))?;
            let is_let_down = state.is_let_down();
            let Some(due_at) = (self.due)(state, opened.value(row), due.value(row)) else {
                continue;
            };
            self.rows.push(Row {
                customer: self
                    .customers
                    .of(IdentifierId::from_slice(identifiers.value(row))?),
                about: if is_let_down || state == State::Open {
                    abouts.value(row).to_owned()
                } else {
                    String::new()
                },
                is_let_down,
                serious: u8::try_from(serious.value(row)).ok()?,
                opened_at: opened.value(row),
                due_at,
                closed_at: if closed.is_valid(row) {
                    closed.value(row)
                } else {
                    i64::MAX
                },
                known_at: if known.is_valid(row) {
                    known.value(row)
                } else {
                    due_at
                },
            });
            for (words, lists) in self.attributes.iter_mut().zip(&attributes) {
                let texts = lists.value(row);
                if let Err(problem) = words.add(texts.as_string_opt::<i32>()?) {
                    return Some(Err(problem));
                }
            }
        }
        Some(Ok(()))
    }
}

/// When rows were opened and due, as attributes of their own: the weekdays, and the week of opening.
fn whens(rows: &[Row], times: Times, zone: &TimeZone) -> Result<Vec<Described>> {
    let days = |at: fn(&Row) -> i64| -> Vec<Date> {
        rows.iter().map(|row| day_of(at(row), zone)).collect()
    };
    if !times.are_known {
        return Ok(Vec::new());
    }
    let opened = days(|row| row.opened_at);
    let mut all = vec![weekdays("opened-weekday", &opened)?];
    if times.are_due {
        all.push(weekdays("due-weekday", &days(|row| row.due_at))?);
    }
    let weeks = opened.iter().map(|day| calendar::week_number(*day));
    let weeks: Vec<i64> = weeks.collect();
    let first = weeks.iter().min().copied().unwrap_or_default();
    let last = weeks.iter().max().copied().unwrap_or_default();
    let numbers = weeks.iter().map(|week| u32::try_from(week - first));
    let numbers: Vec<u32> = numbers.collect::<Result<_, _>>().map_err(|_| too_many())?;
    let count = u32::try_from(last - first + 1).map_err(|_| too_many())?;
    all.push(Described {
        name: OPENED.into(),
        is_when: true,
        values: (first..=last)
            .map(|week| calendar::monday(week).to_string())
            .collect(),
        codes: Attribute::of_ordered(numbers, count).ok_or_else(too_many)?,
        raw: None,
    });
    Ok(all)
}

fn weekdays(name: &str, days: &[Date]) -> Result<Described> {
    let number = |day: &Date| day.weekday().to_monday_zero_offset() as u32;
    let codes = Attribute::of_one(days.iter().map(number).collect(), 7);
    let monday = calendar::monday(0);
    let week = monday.series(jiff::Span::new().days(1)).take(7);
    Ok(Described {
        name: name.into(),
        is_when: true,
        values: week.map(|day| calendar::weekday(day).to_owned()).collect(),
        codes: codes.ok_or_else(too_many)?,
        raw: None,
    })
}

/// Of what kind the attributes of a promise are, by the columns of its opening events.
pub(crate) fn kinds(
    attributes: &[String],
    columns: Option<&arrow::datatypes::Schema>,
) -> Vec<Kind> {
    let of = |name: &String| {
        let field = columns.and_then(|columns| columns.field_with_name(name).ok());
        let of = field.map_or(&DataType::Utf8, |field| field.data_type());
        match of {
            DataType::List(item) => Kind::of(item.data_type()),
            of => Kind::of(of),
        }
    };
    attributes.iter().map(of).collect()
}

fn too_many() -> Problem {
    Problem::new(
        "AM1001",
        "a promise has more instances than can be looked through",
    )
    .hint("ask with an earlier --as-of, or split the promise by `where` in its `opens`")
}

fn foreign() -> Problem {
    Problem::new(
        "AM0705",
        "instances do not have the columns that instances have",
    )
}

#[cfg(test)]
pub(crate) mod tests;
