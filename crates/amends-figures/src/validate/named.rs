//! Whom a promise let down, and when that could have been known.

use std::collections::HashMap;

use amends_model::{IdentifierId, Result};
use amends_project::definition::{About, Promise};
use amends_query::Session;
use arrow::array::{
    Array, AsArray, BooleanArray, FixedSizeBinaryArray, Int64Array, ListArray, StringArray,
};

use super::heard::{Heard, counted_or_self};
use crate::sql::{Template, literal, typed};

const INSTANCES: Template = Template(include_str!("instances.sql"));

/// One promise: whom it was made to, and whom it let down.
pub(super) struct Named {
    pub(super) promise: String,
    pub(super) rows: Vec<Made>,
    /// By the number of a unit, when a let-down of it could first have been known, in microseconds of UTC.
    pub(super) known: HashMap<usize, i64>,
}

/// The promise made once.
pub(super) struct Made {
    pub(super) unit: usize,
    pub(super) customer: IdentifierId,
    pub(super) opened_at: i64,
    /// When it was due; of what must not happen, when it was made. In microseconds of UTC.
    pub(super) due_at: i64,
    /// Whether it let the customer down.
    pub(super) is_let_down: bool,
    /// Whether it was excused: then it says nothing of anybody.
    pub(super) is_excused: bool,
    /// `name=value` for each value of its attributes.
    pub(super) attributes: Vec<String>,
}

impl Named {
    /// Reads the instances of a promise. The inner error says why it cannot be laid beside what was said.
    ///
    /// # Errors
    /// `AM0804` when reading fails.
    pub(super) async fn read(
        session: &Session,
        promise: &Promise,
        heard: &mut Heard,
    ) -> Result<Result<Self, String>> {
        if promise.about == About::Customer && !heard.hearing().of_customers {
            return Ok(Err(
                "it is about a customer, and complaints are about one thing each".into(),
            ));
        }
        let is_due = promise.shape.is_due_once();
        let mut named = Self {
            promise: promise.name.clone(),
            rows: Vec::new(),
            known: HashMap::new(),
        };
        let text = INSTANCES.fill(&[
            ("counted", counted_or_self(session)),
            ("promise", &literal(&promise.name)),
        ]);
        for batch in session.sql(&text).await? {
            let abouts = typed::<StringArray>(&batch, 0)?;
            let customers = typed::<FixedSizeBinaryArray>(&batch, 1)?;
            let opened = typed::<Int64Array>(&batch, 2)?;
            let due = typed::<Int64Array>(&batch, 3)?;
            let known = typed::<Int64Array>(&batch, 4)?;
            let attributes = typed::<ListArray>(&batch, 5)?;
            let excused = typed::<BooleanArray>(&batch, 6)?;
            for row in 0..batch.num_rows() {
                let Some(customer) = IdentifierId::from_slice(customers.value(row)) else {
                    continue;
                };
                let opened_at = opened.value(row);
                let Some(unit) = heard.promised(abouts.value(row), Some(customer), opened_at)
                else {
                    continue;
                };
                let is_let_down = known.is_valid(row);
                if is_let_down {
                    let at = known.value(row);
                    let first = named.known.entry(unit).or_insert(at);
                    *first = at.min(*first);
                }
                named.rows.push(Made {
                    unit,
                    customer,
                    opened_at,
                    due_at: if is_due { due.value(row) } else { opened_at },
                    is_let_down,
                    is_excused: excused.value(row),
                    attributes: texts(attributes, row),
                });
            }
        }
        Ok(Ok(named))
    }
}

fn texts(lists: &ListArray, row: usize) -> Vec<String> {
    let list = lists.value(row);
    let texts = list.as_string_opt::<i32>();
    let texts = texts.into_iter().flat_map(|texts| texts.iter().flatten());
    texts.map(str::to_owned).collect()
}
