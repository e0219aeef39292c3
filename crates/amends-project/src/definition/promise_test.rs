//! What the tests say that travel with a promise.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::Place;

/// `[[test]]` of a promise file.
#[derive(Clone, Debug)]
pub struct PromiseTest {
    /// Its name.
    pub name: String,
    /// Where it was written.
    pub place: Place,
    /// What happens.
    pub events: Vec<TestEvent>,
    /// As of when the states are expected; the latest event's moment without it, or the latest deadline if that is later.
    pub as_of: Option<Timestamp>,
    /// How far the sources have reported; `as_of` without it.
    pub complete_until: Option<Timestamp>,
    /// What is expected.
    pub expect: Vec<Expectation>,
}

/// One event of a test.
#[derive(Clone, Debug)]
pub struct TestEvent {
    /// Where its kind was written.
    pub place: Place,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: String,
    /// About what.
    pub about: String,
    /// Its properties.
    pub properties: BTreeMap<String, TestValue>,
}

/// A property in a test.
#[derive(Clone, Debug, PartialEq)]
pub enum TestValue {
    /// Text; also a date or a moment where the property's use says so.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// True or false.
    Boolean(bool),
    /// A day.
    Date(Date),
    /// Several texts.
    Texts(Vec<String>),
}

/// What a test expects of one instance. Fields that are `None` are not compared.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// Where it was written.
    pub place: Place,
    /// About what.
    pub about: String,
    /// The state; `None` says that there must be no instance.
    pub is: Option<amends_model::State>,
    /// When we could have known.
    pub could_have_known: Option<Timestamp>,
    /// How late, in exact time.
    pub late_by: Option<jiff::SignedDuration>,
    /// How much too early, in exact time.
    pub early_by: Option<jiff::SignedDuration>,
    /// How serious.
    pub serious: Option<u8>,
    /// When it was or is due.
    pub due: Option<Timestamp>,
}
