//! One event's values for some records of a batch, before it is known which of them go into the ledger.

use std::collections::{BTreeMap, HashMap};

use amends_expressions::Expression;
use amends_model::event::moment_type;
use amends_model::time::Note;
use amends_project::definition::Normalise;
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray, new_null_array,
};
use arrow::compute::{cast, filter_record_batch, prep_null_mask_filter};
use arrow::datatypes::{DataType, Date32Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use arrow::error::ArrowError;

use super::fault::Faults;
use super::names::{Names, generic, normalised};
use super::plan::{EventPlan, IdentifierPlan};
use crate::decode::Clock;

/// Where an identifier that is not there stands among the names.
pub(crate) const NOBODY: u32 = u32::MAX;

/// When an event happened, as far as its source told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At {
    /// Microseconds since 1970.
    pub(crate) micros: i64,
    /// Seconds east of UTC.
    pub(crate) offset: i32,
    /// What else must be known.
    pub(crate) note: Option<Note>,
}

/// What a value of `at` says.
#[derive(Clone, Copy)]
enum Said {
    /// An instant.
    Instant,
    /// A time of the source's zone.
    Civil,
    /// A day of the company's calendar.
    Day,
}

/// What moments of a column said beyond their instant, by line: offset and note.
pub(crate) type Remarks = HashMap<std::sync::Arc<str>, HashMap<i64, (i32, Option<Note>)>>;

/// One event's values for the records that give it.
pub(crate) struct Draft {
    /// The records' rows in their batch.
    pub(crate) rows: Vec<u32>,
    /// When it happened.
    pub(crate) at: Vec<At>,
    /// What it concerns.
    pub(crate) about: Option<StringArray>,
    /// Whom it names: for each identifier of the plan the places of the names.
    pub(crate) names: Vec<Vec<u32>>,
    /// Money in minor units.
    pub(crate) amount: Option<Int64Array>,
    /// The currency, where the record tells it.
    pub(crate) currency: Option<StringArray>,
    /// The properties of the kind.
    pub(crate) properties: Vec<ArrayRef>,
}

/// What a batch of records is drafted with.
pub(crate) struct Drafting<'a> {
    /// The zone of the source, for civil times.
    pub(crate) clock: &'a mut Clock,
    /// The zone of the company, for days: a day is that day of its calendar, whatever zone the source tells its times in.
    pub(crate) days: &'a mut Clock,
    /// What moments said beyond their instant.
    pub(crate) remarks: &'a Remarks,
    /// The lines of the records.
    pub(crate) lines: &'a [i64],
    /// The names met, by identifier.
    pub(crate) names: &'a mut BTreeMap<String, Names>,
    /// Nothing may have happened after this moment, in microseconds.
    pub(crate) latest: i64,
    /// What went wrong, by row.
    pub(crate) faults: &'a mut Faults,
}

impl Drafting<'_> {
    /// Drafts one event for all records that give it.
    ///
    /// # Errors
    /// When a value cannot be cast, which is a mistake of ours.
    pub(crate) fn draft(
        &mut self,
        plan: &EventPlan,
        batch: &RecordBatch,
    ) -> Result<Draft, ArrowError> {
        let mut rows: Vec<u32> = (0..batch.num_rows() as u32).collect();
        let mut chosen = batch.project(&plan.reads)?;
        if let Some(when) = &plan.when {
            let holds = self.each(when, &chosen, &rows, plan, "when")?;
            choose(&mut chosen, &mut rows, holds.as_boolean().clone())?;
        }
        let at = self.each(&plan.at, &chosen, &rows, plan, "at")?;
        let there = arrow::compute::is_not_null(&at)?;
        let at = arrow::compute::filter(&at, &there)?;
        choose(&mut chosen, &mut rows, there)?;
        let mut at = self.moments(&at, &rows, plan)?;
        if plan.planned {
            let has_come: BooleanArray =
                at.iter().map(|at| Some(at.micros <= self.latest)).collect();
            at.retain(|at| at.micros <= self.latest);
            choose(&mut chosen, &mut rows, has_come)?;
        }
        let about = self.text(plan.about.as_ref(), &chosen, &rows, plan, "about")?;
        let amount = match &plan.amount {
            None => None,
            Some(amount) => {
                let amount = self.each(amount, &chosen, &rows, plan, "amount")?;
                let amount = cast(&amount, &DataType::Int64)?;
                Some(amount.as_primitive::<Int64Type>().clone())
            }
        };
        let currency = self.text(plan.currency.as_ref(), &chosen, &rows, plan, "currency")?;
        let mut names = Vec::with_capacity(plan.identifiers.len());
        let mut texts = Vec::with_capacity(plan.identifiers.len());
        for identifier in &plan.identifiers {
            let what = &identifier.rule.name;
            let text = self.text(Some(&identifier.name), &chosen, &rows, plan, what)?;
            names.push(self.places(identifier, text.as_ref(), rows.len()));
            texts.push(text);
        }
        self.nobody(&names, &texts, &rows, plan);
        let mut properties = Vec::with_capacity(plan.properties.len());
        for (name, of, expression) in &plan.properties {
            properties.push(match expression {
                None => new_null_array(of, rows.len()),
                Some(expression) => {
                    let value = self.each(expression, &chosen, &rows, plan, name)?;
                    self.property(&value, of)?
                }
            });
        }
        Ok(Draft {
            rows,
            at,
            about,
            names,
            amount,
            currency,
            properties,
        })
    }

    /// An expression's value for each record; those that fail are faults.
    fn each(
        &mut self,
        expression: &Expression,
        chosen: &RecordBatch,
        rows: &[u32],
        plan: &EventPlan,
        what: &str,
    ) -> Result<ArrayRef, ArrowError> {
        let (values, failures) = expression.evaluate_each(chosen);
        for (place, _) in failures {
            // The planner's own words may quote the row: they stay out.
            self.faults.add(rows[place], "AM0532", || {
                format!("`{what}` of {} fails for this row", plan.kind)
            });
        }
        Ok(values)
    }

    fn text(
        &mut self,
        expression: Option<&Expression>,
        chosen: &RecordBatch,
        rows: &[u32],
        plan: &EventPlan,
        what: &str,
    ) -> Result<Option<StringArray>, ArrowError> {
        let Some(expression) = expression else {
            return Ok(None);
        };
        let values = self.each(expression, chosen, rows, plan, what)?;
        let text = cast(&values, &DataType::Utf8)?;
        Ok(Some(text.as_string::<i32>().clone()))
    }

    fn property(&mut self, value: &ArrayRef, of: &DataType) -> Result<ArrayRef, ArrowError> {
        if let (DataType::Timestamp(_, None), true) = (value.data_type(), *of == moment_type()) {
            return self.civil(value);
        }
        if value.data_type() == of {
            return Ok(value.clone());
        }
        cast(value, of)
    }

    /// Civil moments in the source's zone.
    fn civil(&mut self, value: &ArrayRef) -> Result<ArrayRef, ArrowError> {
        let value = cast(value, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
        let civil = value.as_primitive::<TimestampMicrosecondType>();
        let instants: arrow::array::TimestampMicrosecondArray = civil
            .iter()
            .map(|civil| Some(self.clock.instant(civil?)?.micros))
            .collect();
        Ok(std::sync::Arc::new(instants.with_timezone("UTC")))
    }

    fn moments(
        &mut self,
        at: &ArrayRef,
        rows: &[u32],
        plan: &EventPlan,
    ) -> Result<Vec<At>, ArrowError> {
        let mut moments = Vec::with_capacity(rows.len());
        match at.data_type() {
            DataType::Timestamp(_, zone) => {
                let said = zone.as_ref().map_or(Said::Civil, |_| Said::Instant);
                let to = DataType::Timestamp(TimeUnit::Microsecond, zone.clone());
                let at = cast(at, &to)?;
                for (micros, row) in at
                    .as_primitive::<TimestampMicrosecondType>()
                    .values()
                    .iter()
                    .zip(rows)
                {
                    moments.push(self.moment(*micros, said, *row, plan));
                }
            }
            _ => {
                let at = cast(at, &DataType::Date32)?;
                let note = match &plan.at_column {
                    Some((_, true)) => Note::Month,
                    _ => Note::Day,
                };
                for (days, row) in at.as_primitive::<Date32Type>().values().iter().zip(rows) {
                    let mut at =
                        self.moment(i64::from(*days) * 86_400_000_000, Said::Day, *row, plan);
                    at.note = Some(note);
                    moments.push(at);
                }
            }
        }
        Ok(moments)
    }

    fn moment(&mut self, micros: i64, said: Said, row: u32, plan: &EventPlan) -> At {
        let line = self.lines[row as usize];
        let clock = match said {
            Said::Civil => Some(&mut *self.clock),
            Said::Day => Some(&mut *self.days),
            Said::Instant => None,
        };
        let told = if let Some(clock) = clock {
            let instant = clock.instant(micros);
            instant.map(|instant| (instant.micros, instant.offset, instant.note))
        } else {
            let said = plan
                .at_column
                .as_ref()
                .and_then(|(name, _)| self.remarks.get(name.as_str()));
            let shown = match said.and_then(|said| said.get(&line)) {
                Some((offset, note)) => Some((*offset, *note)),
                None => self.clock.shown(micros),
            };
            shown.map(|(offset, note)| (micros, offset, note))
        };
        let Some((micros, offset, note)) = told else {
            self.faults.add(row, "AM0532", || {
                format!(
                    "`at` of {} lies outside the years that can be told",
                    plan.kind
                )
            });
            return At {
                micros: 0,
                offset: 0,
                note: None,
            };
        };
        if micros > self.latest && !plan.planned {
            self.faults.add(row, "AM0531", || {
                format!(
                    "{} happened more than a day after it was received",
                    plan.kind
                )
            });
        }
        At {
            micros,
            offset,
            note,
        }
    }

    /// The places of an identifier's names.
    fn places(
        &mut self,
        plan: &IdentifierPlan,
        text: Option<&StringArray>,
        count: usize,
    ) -> Vec<u32> {
        let Some(text) = text else {
            return vec![NOBODY; count];
        };
        let names = self.names.entry(plan.rule.name.clone()).or_default();
        let place = |name: Option<&str>| {
            let name = normalised(name?, plan.rule.normalise)?;
            Some(names.place(&name, || generic(&name, &plan.rule)))
        };
        text.iter()
            .map(place)
            .map(|place| place.unwrap_or(NOBODY))
            .collect()
    }

    fn nobody(
        &mut self,
        names: &[Vec<u32>],
        texts: &[Option<StringArray>],
        rows: &[u32],
        plan: &EventPlan,
    ) {
        for (place, row) in rows.iter().enumerate() {
            if names.iter().all(|names| names[place] == NOBODY) {
                self.faults.add(*row, "AM0530", || {
                    let why = unreadable(plan, texts, place);
                    format!("{} names nobody{}", plan.kind, why.unwrap_or_default())
                });
            }
        }
    }
}

/// What stands where a name should and can be none, without quoting it; `None` where nothing stands there.
fn unreadable(plan: &EventPlan, texts: &[Option<StringArray>], place: usize) -> Option<String> {
    let mut each = plan.identifiers.iter().zip(texts);
    each.find_map(|(identifier, text)| {
        let what = match identifier.rule.normalise {
            Normalise::Email => "mail address",
            Normalise::Phone => "telephone number",
            Normalise::None | Normalise::Lower => return None,
        };
        let text = text.as_ref().filter(|text| text.is_valid(place))?;
        let is_there = !text.value(place).trim().is_empty();
        is_there.then(|| format!(": what stands as its {} is no {what}", identifier.rule.name))
    })
}

/// Keeps the records for which something holds; null is false.
fn choose(
    chosen: &mut RecordBatch,
    rows: &mut Vec<u32>,
    holds: BooleanArray,
) -> Result<(), ArrowError> {
    let holds = match holds.null_count() {
        0 => holds,
        _ => prep_null_mask_filter(&holds),
    };
    if holds.true_count() == rows.len() {
        return Ok(());
    }
    let mut place = 0;
    rows.retain(|_| {
        place += 1;
        holds.value(place - 1)
    });
    *chosen = filter_record_batch(chosen, &holds)?;
    Ok(())
}
