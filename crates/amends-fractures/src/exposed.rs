//! The instances of a promise that are decided, as rows with attributes (rule 8).
//!
//! Decided are those that were kept, beaten, late, overdue or broken; what is open, unconfirmed or excused says nothing. Of what must not happen an
//! exposure counts from its beginning: while it goes on it has not been broken so far. To wait for its end would leave of the newest only the broken ones.

use std::collections::{BTreeSet, HashMap};

use amends_model::{IdentifierId, Problem, Result, State};
use amends_promises::Kept;
use amends_stats::subgroups::{Attribute, Table};
use arrow::array::{Array, AsArray, ListArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Int64Type, TimestampMicrosecondType, UInt8Type};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::bins::{Bins, Kind, day_of, first_opened};
use crate::calendar;
use crate::whereabouts::{Part, Where};

/// The columns that are read beside the attributes.
const COLUMNS: [&str; 6] = [
    "about",
    "identifier",
    "opened_at",
    "due_at",
    "could_have_known",
    "serious",
];

/// What a fracture's place calls the week since which it breaks. It stands apart from the other attributes.
const SINCE: &str = "since";

/// A promise's decided instances.
pub struct Exposed {
    /// One row each, in no order.
    pub rows: Vec<Row>,
    /// What they are described by: the promise's `where`, then when they were opened and due; the last is the week of opening, from which on.
    pub attributes: Vec<Described>,
    /// Whether its instances are due at a time of their own.
    pub is_due: bool,
}

/// One instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// To whom.
    pub identifier: IdentifierId,
    /// What it is about, of a let-down; else empty, since nobody asks.
    pub about: String,
    /// Whether the customer was let down.
    pub is_let_down: bool,
    /// 1 to 3 for a let-down, else 0.
    pub serious: u8,
    /// When it was made, in microseconds of UTC.
    pub opened_at: i64,
    /// When it was due, in microseconds of UTC; of what must not happen, when it was made.
    pub due_at: i64,
    /// When the let-down could have been known, in microseconds of UTC.
    pub known_at: i64,
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
}

impl Exposed {
    /// Reads the instances. `kinds` says of what kind the promise's attributes are, in their order.
    ///
    /// # Errors
    /// Whatever keeps the instances from being read; `AM1001` when there are more than can be numbered.
    pub fn read(kept: &Kept, kinds: &[Kind], is_due: bool, zone: &TimeZone) -> Result<Self> {
        let fields = kept.columns().fields();
        let first = fields.len().saturating_sub(kept.attributes.len());
        let names: Vec<&str> = fields[first..]
            .iter()
            .map(|field| field.name().as_str())
            .collect();
        let mut reading = Reading {
            is_due,
            rows: Vec::new(),
            attributes: names.iter().map(|_| Words::default()).collect(),
        };
        let wanted: Vec<&str> = COLUMNS
            .iter()
            .copied()
            .chain(names.iter().copied())
            .collect();
        for batch in kept.batches(Some(&wanted))? {
            reading.add(&batch?, &names).ok_or_else(foreign)??;
        }
        let Reading {
            rows, attributes, ..
        } = reading;
        Self::new(
            rows,
            kept.attributes.clone(),
            attributes,
            kinds,
            is_due,
            zone,
        )
    }

    fn new(
        rows: Vec<Row>,
        names: Vec<String>,
        words: Vec<Words>,
        kinds: &[Kind],
        is_due: bool,
        zone: &TimeZone,
    ) -> Result<Self> {
        let opened: Vec<i64> = rows.iter().map(|row| row.opened_at).collect();
        let first = first_opened(&opened);
        let mut attributes = Vec::with_capacity(names.len() + 7);
        for (place, (name, words)) in names.into_iter().zip(words).enumerate() {
            let kind = kinds.get(place).copied().unwrap_or(Kind::Word);
            attributes.push(words.described(name, kind, &first, zone)?);
        }
        attributes.extend(times(&rows, is_due, zone)?);
        Ok(Self {
            rows,
            attributes,
            is_due,
        })
    }

    /// The table in which subgroups are looked for.
    ///
    /// # Errors
    /// `AM1001` when there are more instances than can be numbered.
    pub fn table(&self) -> Result<Table> {
        let hits = self.rows.iter().map(|row| row.is_let_down).collect();
        let attributes = self.attributes.iter().map(|one| one.codes.clone());
        Table::new(hits, attributes.collect()).ok_or_else(too_many)
    }

    /// The rows that lie in a place; none where a part of it is not known.
    pub fn within(&self, place: &Where) -> Vec<u32> {
        let parts: Option<Vec<(&Attribute, u32)>> =
            place.parts.iter().map(|part| self.selected(part)).collect();
        let Some(parts) = parts else {
            return Vec::new();
        };
        let since = place.since.and_then(|since| self.since(since));
        let has = |row: &u32| {
            let mut parts = parts.iter().chain(&since);
            parts.all(|(attribute, value)| attribute.has(*row, *value))
        };
        let rows = 0..self.rows.len() as u32;
        match place.since.is_some() && since.is_none() {
            // It begins after everything that is known.
            true => Vec::new(),
            false => rows.filter(has).collect(),
        }
    }

    fn selected(&self, part: &Part) -> Option<(&Attribute, u32)> {
        let mut attributes = self.attributes.iter();
        let of = attributes.find(|one| one.name == part.attribute)?;
        let value = of.values.iter().position(|value| *value == part.value)?;
        Some((&of.codes, u32::try_from(value).ok()?))
    }

    /// The first week from a day on, as a value of the last attribute.
    fn since(&self, since: Date) -> Option<(&Attribute, u32)> {
        let weeks = self.attributes.last()?;
        let since = since.to_string();
        // Days of this form are in order as texts.
        let value = weeks.values.iter().position(|monday| *monday >= since)?;
        Some((&weeks.codes, u32::try_from(value).ok()?))
    }
}

/// Instances as they are read.
struct Reading {
    is_due: bool,
    rows: Vec<Row>,
    attributes: Vec<Words>,
}

impl Reading {
    /// Adds the decided ones of a batch; `None` when it has other columns than instances have.
    fn add(&mut self, batch: &RecordBatch, names: &[&str]) -> Option<Result<()>> {
        let column = |name: &str| batch.column_by_name(name);
        let states = column("state")?.as_primitive_opt::<UInt8Type>()?;
        let abouts = column("about")?.as_string_opt::<i32>()?;
        let identifiers = column("identifier")?.as_fixed_size_binary_opt()?;
        let moments = |name| column(name)?.as_primitive_opt::<TimestampMicrosecondType>();
        let (opened, due) = (moments("opened_at")?, moments("due_at")?);
        let known = moments("could_have_known")?;
        let serious = column("serious")?.as_primitive_opt::<Int64Type>()?;
        let attributes: Vec<&ListArray> = names
            .iter()
            .map(|name| column(name)?.as_list_opt::<i32>())
            .collect::<Option<_>>()?;
        for row in 0..batch.num_rows() {
            let state = *State::ALL.get(usize::from(states.value(row)))?;
            if !self.is_decided(state) {
                continue;
            }
            let is_let_down = state.is_let_down();
            let due_at = match self.is_due {
                true => due.value(row),
                false => opened.value(row),
            };
            self.rows.push(Row {
                identifier: IdentifierId::from_slice(identifiers.value(row))?,
                about: if is_let_down {
                    abouts.value(row).to_owned()
                } else {
                    String::new()
                },
                is_let_down,
                serious: u8::try_from(serious.value(row)).ok()?,
                opened_at: opened.value(row),
                due_at,
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

    fn is_decided(&self, state: State) -> bool {
        match state {
            State::Kept | State::Beaten | State::Late | State::Overdue | State::Broken => true,
            State::Open | State::Unconfirmed => !self.is_due,
            State::Excused => false,
        }
    }
}

/// The words of one attribute of all rows, each word once.
#[derive(Default)]
struct Words {
    words: Vec<String>,
    numbers: HashMap<String, u32>,
    /// The words of each row, one row behind the other, and where each row's end.
    codes: Vec<u32>,
    ends: Vec<usize>,
}

impl Words {
    fn add(&mut self, texts: &StringArray) -> Result<()> {
        for text in texts.iter().map(Option::unwrap_or_default) {
            let number = match self.numbers.get(text) {
                Some(number) => *number,
                None => {
                    let number = u32::try_from(self.words.len()).map_err(|_| too_many())?;
                    self.words.push(text.to_owned());
                    self.numbers.insert(text.to_owned(), number);
                    number
                }
            };
            self.codes.push(number);
        }
        self.ends.push(self.codes.len());
        Ok(())
    }

    fn of_row(&self, row: usize) -> &[u32] {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.codes[start..self.ends[row]]
    }

    /// The attribute, its values in an order that does not depend on that of the rows.
    fn described(
        self,
        name: String,
        kind: Kind,
        first: &[usize],
        zone: &TimeZone,
    ) -> Result<Described> {
        let of_first = first.iter().flat_map(|row| self.of_row(*row));
        let bins = Bins::new(
            kind,
            of_first.map(|word| self.words[*word as usize].as_str()),
        );
        let binned = self.words.iter().map(|word| bins.bin(word, zone));
        let binned: Vec<(u32, String)> = binned.collect();
        let mut values = binned.clone();
        values.sort();
        values.dedup();
        let number = |bin: &(u32, String)| values.partition_point(|known| known < bin) as u32;
        let numbers: Vec<u32> = binned.iter().map(number).collect();
        let rows = 0..self.ends.len();
        let several = rows.clone().any(|row| self.of_row(row).len() != 1);
        let count = u32::try_from(values.len()).map_err(|_| too_many())?;
        let of = |word: &u32| numbers[*word as usize];
        let codes = if several {
            let rows: Vec<Vec<u32>> = rows
                .map(|row| self.of_row(row).iter().map(of).collect())
                .collect();
            Attribute::of_several(&rows, count)
        } else {
            Attribute::of_one(self.codes.iter().map(of).collect(), count)
        };
        Ok(Described {
            name,
            is_when: false,
            values: values.into_iter().map(|(_, name)| name).collect(),
            codes: codes.ok_or_else(too_many)?,
        })
    }
}

/// When rows were opened and due, as attributes of their own.
fn times(rows: &[Row], is_due: bool, zone: &TimeZone) -> Result<Vec<Described>> {
    let days = |at: fn(&Row) -> i64| -> Vec<Date> {
        rows.iter().map(|row| day_of(at(row), zone)).collect()
    };
    let opened = days(|row| row.opened_at);
    let mut all = calendar_of("opened", &opened)?;
    if is_due {
        all.extend(calendar_of("due", &days(|row| row.due_at))?);
    }
    let weeks: Vec<i64> = opened
        .iter()
        .map(|day| calendar::week_number(*day))
        .collect();
    let first = weeks.iter().min().copied().unwrap_or_default();
    let last = weeks.iter().max().copied().unwrap_or_default();
    let numbers = weeks.iter().map(|week| u32::try_from(week - first));
    let numbers: Vec<u32> = numbers.collect::<Result<_, _>>().map_err(|_| too_many())?;
    let count = u32::try_from(last - first + 1).map_err(|_| too_many())?;
    all.push(Described {
        name: SINCE.into(),
        is_when: true,
        values: (first..=last)
            .map(|week| calendar::monday(week).to_string())
            .collect(),
        codes: Attribute::of_onwards(numbers, count).ok_or_else(too_many)?,
    });
    Ok(all)
}

/// Month, week and weekday.
fn calendar_of(what: &str, days: &[Date]) -> Result<Vec<Described>> {
    let different: BTreeSet<Date> = days.iter().copied().collect();
    let of = |name: &str, value: &dyn Fn(Date) -> String| {
        let names: HashMap<Date, String> =
            different.iter().map(|day| (*day, value(*day))).collect();
        let values: BTreeSet<&String> = names.values().collect();
        let values: Vec<String> = values.into_iter().cloned().collect();
        let numbers: HashMap<Date, u32> = names
            .iter()
            .map(|(day, name)| (*day, values.partition_point(|known| known < name) as u32))
            .collect();
        let codes = days.iter().map(|day| numbers[day]).collect();
        let codes = Attribute::of_one(codes, values.len() as u32);
        Ok(Described {
            name: format!("{what}-{name}"),
            is_when: true,
            codes: codes.ok_or_else(too_many)?,
            values,
        })
    };
    Ok(vec![
        of("month", &calendar::month)?,
        of("week", &calendar::week)?,
        of("weekday", &|day| calendar::weekday(day).to_owned())?,
    ])
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
mod tests;
