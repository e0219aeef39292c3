//! Plainly invented events in a ledger of their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use amends_identity::{Links, Rule};
use amends_ledger::{ImportEnd, ImportStart, Ledger, Writer};
use amends_model::IdentifierId;
use amends_model::event::{self, column};
use amends_vault::Minted;
use arrow::array::{
    ArrayRef, FixedSizeBinaryArray, FixedSizeBinaryBuilder, Int32Array, Int64Array, ListBuilder,
    RecordBatch, StringArray, TimestampMicrosecondArray, new_null_array,
};
use arrow::datatypes::Field;
use jiff::Timestamp;

/// When, in seconds, and whom an event names.
pub(crate) type Said = (i64, Vec<u8>);

pub(crate) fn id(number: u8) -> IdentifierId {
    IdentifierId([number; 16])
}

pub(crate) fn second(at: i64) -> Timestamp {
    Timestamp::from_second(at).unwrap()
}

fn ids(ids: impl Iterator<Item = [u8; 16]>) -> ArrayRef {
    let bytes: Vec<u8> = ids.flatten().collect();
    Arc::new(FixedSizeBinaryArray::try_new(16, bytes.into(), None).unwrap())
}

fn batch(kind: &str, said: &[Said]) -> RecordBatch {
    let texts = |text: &str| Arc::new(StringArray::from(vec![text; said.len()])) as ArrayRef;
    let moments = said.iter().map(|(at, _)| at * 1_000_000);
    let moments = TimestampMicrosecondArray::from_iter_values(moments).with_timezone("UTC");
    let item = Field::new_list_field(event::id_type(), false);
    let mut others = ListBuilder::new(FixedSizeBinaryBuilder::new(16)).with_field(item);
    for (_, named) in said {
        for other in &named[1..] {
            others.values().append_value(id(*other).0).unwrap();
        }
        others.append(named.len() > 1);
    }
    let others = Arc::new(others.finish()) as ArrayRef;
    let schema = event::schema(&[]).unwrap();
    let lines = || Arc::new(Int64Array::from_iter_values(1..=said.len() as i64)) as ArrayRef;
    let key = |(at, named): &Said| {
        std::array::from_fn(|place| named.get(place).copied().unwrap_or(*at as u8))
    };
    let columns = schema
        .fields()
        .iter()
        .map(|field| match field.name().as_str() {
            column::ID => ids(said.iter().map(|_| [0; 16])),
            column::KEY => ids(said.iter().map(key)),
            column::CONTENT | column::LINE => lines(),
            column::SOURCE => texts("shop"),
            column::STREAM => texts("orders"),
            column::KIND => texts(kind),
            column::MAPPING => texts("m1"),
            column::AT | column::RECEIVED_AT => Arc::new(moments.clone()),
            column::AT_OFFSET => Arc::new(Int32Array::from_value(0, said.len())),
            column::IDENTIFIER => ids(said.iter().map(|(_, named)| id(named[0]).0)),
            column::OTHERS => Arc::clone(&others),
            column::IMPORT => Arc::new(Int64Array::from_value(0, said.len())),
            _ => new_null_array(field.data_type(), said.len()),
        });
    RecordBatch::try_new(Arc::clone(&schema), columns.collect()).unwrap()
}

/// Imports events of one kind.
pub(crate) async fn import(writer: &Writer, kind: &str, said: &[Said]) {
    let start = ImportStart {
        source: "shop".into(),
        mapping: "m1".into(),
        file: "orders.csv".into(),
        fingerprint: None,
        started_at: Timestamp::UNIX_EPOCH,
        telling: amends_ledger::Telling::default(),
    };
    let mut import = writer.begin(start).await.unwrap();
    import.stage(kind, batch(kind, said)).await.unwrap();
    let end = ImportEnd {
        received: said.len() as u64,
        ..ImportEnd::default()
    };
    import.commit(end).await.unwrap();
}

/// Identifiers 1 to 9: customers, mail addresses and telephones in turn, each in its own namespace.
pub(crate) async fn people(ledger: &Ledger, as_of: Option<Timestamp>) -> Links {
    let minted: Vec<Minted> = (1..10)
        .map(|number| Minted {
            id: id(number),
            namespace: ["phone", "customer", "email"][number as usize % 3].into(),
            sequence: i64::from(number),
            generic: false,
        })
        .collect();
    let rule = Rule {
        at_most: 2,
        account: false,
    };
    let rules = BTreeMap::from(["customer", "email", "phone"].map(|name| (name.to_owned(), rule)));
    let snapshot = ledger.snapshot().await.unwrap();
    Links::resolve(&snapshot, &minted, &rules, as_of).unwrap()
}
