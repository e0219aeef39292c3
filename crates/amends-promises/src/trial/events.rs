//! The events of a test, as the ledger would hold them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use amends_expressions::{Expression, PlanError};
use amends_model::event::{self, column, moment_type};
use amends_model::{IdentifierId, Problem, Result, time};
use amends_project::definition::{PromiseTest, TestEvent, TestValue};
use arrow::array::{
    ArrayRef, FixedSizeBinaryArray, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray, new_null_array,
};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use xxhash_rust::xxh3::xxh3_128;

use crate::value::Value;

/// A batch for each kind that occurs. The id of an event is its place in the test, so that at one moment the order written decides.
pub(super) fn batches(
    test: &PromiseTest,
    zone: &TimeZone,
    kinds: &BTreeMap<String, SchemaRef>,
) -> Result<BTreeMap<String, RecordBatch>> {
    let mut by_kind: BTreeMap<&str, Vec<(usize, &TestEvent)>> = BTreeMap::new();
    for (number, event) in test.events.iter().enumerate() {
        by_kind
            .entry(&event.kind)
            .or_default()
            .push((number, event));
    }
    let batch = |(kind, events): (&str, Vec<_>)| {
        Ok((kind.to_owned(), of_kind(&events, zone, kinds.get(kind))?))
    };
    by_kind.into_iter().map(batch).collect()
}

fn of_kind(
    events: &[(usize, &TestEvent)],
    zone: &TimeZone,
    known: Option<&SchemaRef>,
) -> Result<RecordBatch> {
    let mut properties: Vec<(String, DataType)> = Vec::new();
    for field in known
        .iter()
        .flat_map(|schema| schema.fields())
        .filter(|field| !event::is_reserved(field.name()))
    {
        properties.push((field.name().clone(), field.data_type().clone()));
    }
    let named: BTreeSet<&String> = events
        .iter()
        .flat_map(|(_, event)| event.properties.keys())
        .collect();
    for name in named {
        if !event::is_reserved(name) && !properties.iter().any(|(known, _)| known == name) {
            let values = events
                .iter()
                .filter_map(|(_, event)| event.properties.get(name));
            properties.push((name.clone(), written_type(values)));
        }
    }
    let schema = event::schema(&properties)?;
    let columns = schema
        .fields()
        .iter()
        .map(|field| filled(field, zone, events));
    let columns: Vec<ArrayRef> = columns.collect::<Result<_>>()?;
    // What a test leaves out is null here, also where a ledger always has a value.
    let lenient = schema
        .fields()
        .iter()
        .map(|field| field.as_ref().clone().with_nullable(true));
    let lenient = Arc::new(Schema::new(lenient.collect::<Vec<_>>()));
    RecordBatch::try_new(lenient, columns).map_err(unfit)
}

/// The type that a property has as the test writes it.
fn written_type<'a>(values: impl Iterator<Item = &'a TestValue>) -> DataType {
    let types: BTreeSet<u8> = values.map(rank).collect();
    match types.iter().copied().collect::<Vec<_>>()[..] {
        [0] => DataType::Int64,
        [1] | [0, 1] => DataType::Float64,
        [2] => DataType::Boolean,
        [3] => DataType::Date32,
        [.., 5] => event::texts_type(),
        _ => DataType::Utf8,
    }
}

fn rank(value: &TestValue) -> u8 {
    match value {
        TestValue::Integer(_) => 0,
        TestValue::Number(_) => 1,
        TestValue::Boolean(_) => 2,
        TestValue::Date(_) => 3,
        TestValue::Text(_) => 4,
        TestValue::Texts(_) => 5,
    }
}

/// One column for the events of one kind.
fn filled(field: &Field, zone: &TimeZone, events: &[(usize, &TestEvent)]) -> Result<ArrayRef> {
    let ids = || {
        let bytes: Vec<[u8; 16]> = events
            .iter()
            .map(|(number, _)| (*number as u128).to_be_bytes())
            .collect();
        FixedSizeBinaryArray::try_from_iter(bytes.into_iter()).map_err(unfit)
    };
    let texts = |of: &dyn Fn(&TestEvent) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(
            events.iter().map(|(_, event)| of(event)),
        ))
    };
    let moments = || -> ArrayRef {
        let moments = events.iter().map(|(_, event)| time::micros(event.at));
        Arc::new(TimestampMicrosecondArray::from_iter_values(moments).with_timezone("UTC"))
    };
    Ok(match field.name().as_str() {
        column::ID | column::KEY => Arc::new(ids()?),
        column::IDENTIFIER => {
            let customers = events.iter().map(|(_, event)| customer(&event.about).0);
            Arc::new(FixedSizeBinaryArray::try_from_iter(customers).map_err(unfit)?)
        }
        column::AT | column::RECEIVED_AT => moments(),
        column::KIND => texts(&|event| event.kind.clone()),
        column::ABOUT => texts(&|event| event.about.clone()),
        column::SOURCE
            if !events
                .iter()
                .any(|(_, event)| event.properties.contains_key(column::SOURCE)) =>
        {
            texts(&|_| "test".into())
        }
        column::LINE => Arc::new(Int64Array::from_iter_values(
            events.iter().map(|(number, _)| *number as i64),
        )),
        name => given(name, field.data_type(), zone, events)?,
    })
}

/// The identifier of whom a test speaks: what it says that an event is about.
pub(super) fn customer(about: &str) -> IdentifierId {
    IdentifierId(xxh3_128(about.as_bytes()).to_be_bytes())
}

/// The values that a test gives, in the type of the column.
fn given(
    name: &str,
    of: &DataType,
    zone: &TimeZone,
    events: &[(usize, &TestEvent)],
) -> Result<ArrayRef> {
    let values: Vec<Option<&TestValue>> = events
        .iter()
        .map(|(_, event)| event.properties.get(name))
        .collect();
    if values.iter().all(Option::is_none) {
        return Ok(new_null_array(of, values.len()));
    }
    let written = written_type(values.iter().copied().flatten());
    let as_moment = |value: &TestValue| moment_of(value, zone);
    let values: Vec<Value> = match *of == moment_type() {
        true => values
            .into_iter()
            .map(|value| value.and_then(as_moment).unwrap_or(Value::Null))
            .collect(),
        false => values
            .into_iter()
            .map(|value| value_in(value, &written))
            .collect(),
    };
    let values: Vec<&Value> = values.iter().collect();
    if *of == moment_type() {
        return Ok(Value::column(&values, of));
    }
    let column = Value::column(&values, &written);
    let strict = CastOptions {
        safe: false,
        ..CastOptions::default()
    };
    cast_with_options(&column, of, &strict).map_err(|error| {
        Problem::new(
            "AM0706",
            "a test gives a property in a form that its source does not",
        )
        .detail(format!(
            "{name:?} is {of} in the source, {written} in the test"
        ))
        .hint("write it as the source would give it")
        .because(error)
    })
}

/// A moment as a test writes it: with an offset, or civil in the promise's zone; of a day its first instant.
fn moment_of(value: &TestValue, zone: &TimeZone) -> Option<Value> {
    let text = plain(value);
    let civil = || {
        text.parse::<DateTime>()
            .ok()
            .and_then(|civil| time::instant(civil, zone).ok())
    };
    let moment = text
        .parse::<Timestamp>()
        .ok()
        .or_else(|| Some(civil()?.0))?;
    Some(Value::Moment(time::micros(moment)))
}

fn value_in(value: Option<&TestValue>, written: &DataType) -> Value {
    let Some(value) = value else {
        return Value::Null;
    };
    match (value, written) {
        (TestValue::Integer(whole), DataType::Float64) => Value::Number((*whole as f64).to_bits()),
        (TestValue::Integer(whole), DataType::Int64) => Value::Integer(*whole),
        (TestValue::Number(number), DataType::Float64) => Value::Number(number.to_bits()),
        (TestValue::Boolean(truth), DataType::Boolean) => Value::Boolean(*truth),
        (TestValue::Date(day), DataType::Date32) => {
            let epoch = jiff::civil::date(1970, 1, 1);
            Value::Date(epoch.until(*day).map_or(0, |span| span.get_days()))
        }
        (TestValue::Texts(texts), DataType::List(_)) => {
            Value::Texts(texts.iter().cloned().map(Some).collect())
        }
        (other, DataType::List(_)) => Value::Texts(vec![Some(plain(other))]),
        (other, _) => Value::Text(plain(other)),
    }
}

fn plain(value: &TestValue) -> String {
    match value {
        TestValue::Text(text) => text.clone(),
        TestValue::Integer(whole) => whole.to_string(),
        TestValue::Number(number) => number.to_string(),
        TestValue::Boolean(truth) => truth.to_string(),
        TestValue::Date(day) => day.to_string(),
        TestValue::Texts(texts) => texts.join(", "),
    }
}

/// The types that a property may have which neither a test nor a source gives.
const TYPES: [DataType; 5] = [
    DataType::Utf8,
    DataType::Boolean,
    DataType::Int64,
    DataType::Float64,
    DataType::Date32,
];

/// Adds to a batch the properties that an expression reads and nobody gives: without a value, in whatever type the expression takes them.
pub(super) fn completed(
    mut batch: RecordBatch,
    plan: &dyn Fn(&SchemaRef) -> Result<Expression, PlanError>,
) -> RecordBatch {
    let missing = |batch: &RecordBatch, error: &PlanError| {
        let is_missing = |name: &String| batch.schema().column_with_name(name).is_none();
        error.words.clone().filter(is_missing)
    };
    while let Err(error) = plan(&batch.schema()) {
        let Some(name) = missing(&batch, &error) else {
            return batch;
        };
        let fits = |of: &DataType| {
            let wider = with_column(&batch, &name, of)?;
            match plan(&wider.schema()) {
                Ok(_) => Some(wider),
                Err(next) => missing(&wider, &next).map(|_| wider),
            }
        };
        match TYPES.iter().find_map(fits) {
            Some(wider) => batch = wider,
            None => return batch,
        }
    }
    batch
}

fn with_column(batch: &RecordBatch, name: &str, of: &DataType) -> Option<RecordBatch> {
    let mut fields: Vec<_> = batch.schema().fields().iter().cloned().collect();
    fields.push(Arc::new(Field::new(name, of.clone(), true)));
    let mut columns = batch.columns().to_vec();
    columns.push(new_null_array(of, batch.num_rows()));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).ok()
}

fn unfit(error: arrow::error::ArrowError) -> Problem {
    Problem::new("AM0706", "the events of a test cannot be read").because(error)
}
