//! What is told of one promise.

use std::collections::BTreeMap;
use std::sync::Arc;

use amends_expressions::Planner;
use amends_model::EventId;
use amends_model::event::{self, column};
use amends_project::definition::Promise;
use amends_promises::{Compiled, Events, InMemory};
use arrow::array::{
    ArrayRef, BooleanArray, FixedSizeBinaryArray, RecordBatch, StringArray,
    TimestampMicrosecondArray, new_null_array,
};
use arrow::datatypes::DataType;

use crate::scenario::{delivery, moment};

/// One event about the same order: when, of which kind, its date, and who asked.
type Told = (
    &'static str,
    &'static str,
    Option<&'static str>,
    &'static str,
);

fn batch(kind: &str, told: &[(usize, Told)], promise: &Promise) -> RecordBatch {
    let texts = ["estimated_delivery", "new_date", "asked_by"]
        .map(|name| (name.to_owned(), DataType::Utf8));
    let properties: Vec<_> = texts
        .into_iter()
        .chain([("by_customer".to_owned(), DataType::Boolean)])
        .collect();
    let schema = event::schema(&properties).unwrap();
    let lenient = schema
        .fields()
        .iter()
        .map(|field| field.as_ref().clone().with_nullable(true));
    let lenient = arrow::datatypes::Schema::new(lenient.collect::<Vec<_>>());
    let text = |of: &dyn Fn(&Told) -> Option<String>| -> ArrayRef {
        Arc::new(
            told.iter()
                .map(|(_, told)| of(told))
                .collect::<StringArray>(),
        )
    };
    let columns = schema.fields().iter().map(|field| -> ArrayRef {
        match field.name().as_str() {
            column::ID | column::IDENTIFIER => {
                let bytes: Vec<u8> = told
                    .iter()
                    .flat_map(|(number, _)| [*number as u8; 16])
                    .collect();
                Arc::new(FixedSizeBinaryArray::try_new(16, bytes.into(), None).unwrap())
            }
            column::AT => {
                let moments = told
                    .iter()
                    .map(|(_, told)| moment(told.0, &promise.zone).as_microsecond());
                Arc::new(TimestampMicrosecondArray::from_iter_values(moments).with_timezone("UTC"))
            }
            column::KIND => text(&|_| Some(kind.into())),
            column::SOURCE => text(&|_| Some("shop".into())),
            column::ABOUT => text(&|_| Some("o1".into())),
            "estimated_delivery" | "new_date" => text(&|told| told.2.map(str::to_owned)),
            "asked_by" => text(&|told| Some(told.3.into())),
            "by_customer" => Arc::new(BooleanArray::from(vec![true; told.len()])),
            _ => new_null_array(field.data_type(), told.len()),
        }
    });
    RecordBatch::try_new(Arc::new(lenient), columns.collect()).unwrap()
}

fn explained(promise: &Promise, as_of: &str, reported: &str, told: &[Told]) -> String {
    let mut by_kind: BTreeMap<&str, Vec<(usize, Told)>> = BTreeMap::new();
    for (number, told) in told.iter().enumerate() {
        by_kind.entry(told.1).or_default().push((number, *told));
    }
    let mut events = InMemory::default();
    for (kind, told) in &by_kind {
        events.add(kind, batch(kind, told, promise));
    }
    let compiled = Compiled::new(promise, &Planner::new(), events.kinds()).unwrap();
    let [as_of, reported] = [as_of, reported].map(|text| moment(text, &promise.zone));
    let instance = compiled
        .replay(&events, as_of, reported)
        .unwrap()
        .find("o1")
        .unwrap();
    assert!(
        instance
            .proof
            .iter()
            .all(|EventId(bytes)| usize::from(bytes[0]) < told.len())
    );
    let batches: Vec<RecordBatch> = by_kind
        .keys()
        .flat_map(|kind| events.batches(kind))
        .cloned()
        .collect();
    compiled.explain(&instance, &batches).unwrap().join("\n")
}

const PLACED: Told = ("2018-03-01T10:00", "order_placed", Some("2018-03-10"), "");

#[test]
fn a_late_promise_is_told_from_its_making_to_what_we_could_have_known() {
    let told = [PLACED, ("2018-03-13T09:00", "order_delivered", None, "")];
    let expected = "\
On 1 March 2018 at 10:00 checkout promised, about o1: \"Your order arrives by the date we showed you at checkout\".
It was due by the end of 10 March 2018.
It was kept (order delivered) on 13 March 2018 at 09:00, 2 days and 9 hours late.
We could have known on 11 March 2018 at 00:00.
The let-down is serious (2 of 3).";
    assert_eq!(
        explained(&delivery(), "2018-04-01T00:00", "2018-04-01T00:00", &told),
        expected
    );
}

#[test]
fn moves_and_pauses_are_told_where_they_counted() {
    let told = [
        PLACED,
        (
            "2018-03-02T10:00",
            "delivery_rescheduled",
            Some("2018-03-12"),
            "customer",
        ),
        (
            "2018-03-03T10:00",
            "delivery_rescheduled",
            Some("2018-03-20"),
            "depot",
        ),
        ("2018-03-05T10:00", "waiting_for_customer", None, ""),
        ("2018-03-06T10:00", "customer_answered", None, ""),
        ("2018-03-13T12:00", "order_delivered", None, ""),
    ];
    let expected = "\
On 1 March 2018 at 10:00 checkout promised, about o1: \"Your order arrives by the date we showed you at checkout\".
At first it was due by the end of 10 March 2018.
On 2 March 2018 at 10:00 the deadline was moved to the end of 12 March 2018 (delivery rescheduled).
On 5 March 2018 at 10:00 the clock was stopped (waiting for customer).
On 6 March 2018 at 10:00 the clock was started again (customer answered).
It was due by the end of 13 March 2018.
It was kept (order delivered) on 13 March 2018 at 12:00, in time.";
    assert_eq!(
        explained(&delivery(), "2018-04-01T00:00", "2018-04-01T00:00", &told),
        expected
    );
}

#[test]
fn every_state_has_its_sentence() {
    let last = |as_of: &str, reported: &str, told: &[Told]| {
        let told: Vec<Told> = [PLACED].into_iter().chain(told.iter().copied()).collect();
        let all = explained(&delivery(), as_of, reported, &told);
        all.lines().skip(1).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        last("2018-03-05T00:00", "2018-03-05T00:00", &[]),
        "It is due by the end of 10 March 2018."
    );
    assert_eq!(
        last("2018-03-20T00:00", "2018-03-05T00:00", &[]),
        "It was due by the end of 10 March 2018. Whether it was kept is not confirmed: \
         the sources that would tell (order delivered) have not reported that far."
    );
    assert_eq!(
        last("2018-03-11T08:30", "2018-03-20T00:00", &[]),
        "It was due by the end of 10 March 2018. It has not been kept; it is 8 hours and 30 minutes late. \
         We could have known on 11 March 2018 at 00:00. The let-down is slightly serious (1 of 3)."
    );
    assert_eq!(
        last("2018-05-20T00:00", "2018-05-20T00:00", &[]),
        "It was due by the end of 10 March 2018. It was not kept, and given up on 10 April 2018 at 00:00, 30 days after it was due. \
         We could have known on 11 March 2018 at 00:00. The let-down is very serious (3 of 3)."
    );
    assert_eq!(
        last(
            "2018-05-20T00:00",
            "2018-05-20T00:00",
            &[("2018-03-02T09:00", "order_cancelled", None, "")]
        ),
        "It was due by the end of 10 March 2018. It was excused (order cancelled) on 2 March 2018 at 09:00, before it was due."
    );
    assert_eq!(
        last(
            "2018-05-20T00:00",
            "2018-05-20T00:00",
            &[("2018-03-02T09:00", "waiting_for_customer", None, "")]
        ),
        "Since 2 March 2018 at 09:00 its clock stands still; when it stopped, the promise was due by the end of 10 March 2018."
    );
}
