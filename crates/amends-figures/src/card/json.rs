//! The card as JSON: plain integers at the top level, the figure objects beside them under `figures`.

use std::collections::BTreeMap;

use amends_model::{Figure, State, time};
use amends_project::definition::Nature;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::{Card, Marbles, REASONS_SHOWN};
use crate::customer_math::Line;
use crate::let_downs::Kept;
use crate::reasons::Stated;

#[derive(Serialize)]
struct Shape<'a> {
    period: String,
    from: Option<String>,
    until: Option<String>,
    as_of: Option<String>,
    so_far: bool,
    reported_until: Option<String>,
    reported_by: Option<&'a str>,
    opening: Option<u64>,
    new: Option<u64>,
    returned: Option<u64>,
    lost: Option<u64>,
    lost_natural: Option<u64>,
    lost_avoidable: Option<u64>,
    lost_company: Option<u64>,
    lost_unknown: Option<u64>,
    joined_and_left: Option<u64>,
    closing: Option<u64>,
    net: Option<i64>,
    refused: Option<&'a str>,
    reasons: Vec<ShapeOfReason<'a>>,
    all_reasons: Vec<ShapeOfReason<'a>>,
    left_without_reason: Option<u64>,
    let_down_before_leaving: &'a BTreeMap<String, u64>,
    said_they_would_recommend: Option<u64>,
    did_recommend: Option<u64>,
    said_and_did_recommend: Option<u64>,
    let_down: Option<u64>,
    promises: Vec<ShapeOfPromise<'a>>,
    sentences: &'a [String; 3],
    marbles: Marbles,
    remarks: &'a [String],
    figures: ById,
}

#[derive(Serialize)]
struct ShapeOfReason<'a> {
    reason: &'a str,
    count: u64,
    id: &'a str,
    let_down_before: &'a BTreeMap<String, u64>,
}

#[derive(Serialize)]
struct ShapeOfPromise<'a> {
    promise: &'a str,
    says: &'a str,
    exposed: Option<u64>,
    open: Option<u64>,
    kept: Option<u64>,
    beaten: Option<u64>,
    unconfirmed: Option<u64>,
    overdue: Option<u64>,
    late: Option<u64>,
    broken: Option<u64>,
    excused: Option<u64>,
    total: Option<u64>,
    customers: Option<u64>,
    late_share: Option<f64>,
    refused: Option<&'a str>,
}

/// Figures as an object, each under its id, in the order of the card.
struct ById(Vec<Figure>);

impl Serialize for ById {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for figure in &self.0 {
            map.serialize_entry(&figure.id, figure)?;
        }
        map.end()
    }
}

impl Serialize for Card {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let line = |line: Line| self.math.get(line);
        let moment = |micros: i64| time::from_micros(micros).ok().map(|at| at.to_string());
        let reasons: Vec<ShapeOfReason<'_>> = self.why.stated.iter().map(shape_of_reason).collect();
        let lost = line(Line::Lost);
        let said = |who: &Result<crate::recommend::Firsts, String>| {
            who.as_ref().ok().map(|who| who.len() as u64)
        };
        Shape {
            period: self.frame.period.to_string(),
            from: moment(self.frame.from),
            until: moment(self.frame.until),
            as_of: moment(self.frame.as_of),
            so_far: self.frame.is_so_far(),
            reported_until: self.frame.reported.known().and_then(moment),
            reported_by: self.frame.reported.by.as_deref(),
            opening: line(Line::Opening),
            new: line(Line::New),
            returned: line(Line::Returned),
            lost,
            lost_natural: line(Line::LostBy(Nature::Natural)),
            lost_avoidable: line(Line::LostBy(Nature::Avoidable)),
            lost_company: line(Line::LostBy(Nature::Company)),
            lost_unknown: line(Line::LostBy(Nature::Unknown)),
            joined_and_left: line(Line::JoinedAndLeft),
            closing: line(Line::Closing),
            net: self.math.net(),
            refused: self.math.refusal.as_ref().map(|refusal| refusal.reason()),
            reasons: self
                .why
                .stated
                .iter()
                .take(REASONS_SHOWN)
                .map(shape_of_reason)
                .collect(),
            all_reasons: reasons,
            left_without_reason: lost.map(|_| self.why.unstated),
            let_down_before_leaving: &self.why.let_down_before,
            said_they_would_recommend: said(&self.recommendation.said),
            did_recommend: said(&self.recommendation.did),
            said_and_did_recommend: said(&self.recommendation.kept_word),
            let_down: self.let_down(),
            promises: self.promises.iter().map(shape_of_promise).collect(),
            sentences: &self.sentences,
            marbles: self.marbles,
            remarks: &self.remarks,
            figures: ById(self.figures()),
        }
        .serialize(serializer)
    }
}

fn shape_of_reason(stated: &Stated) -> ShapeOfReason<'_> {
    ShapeOfReason {
        reason: &stated.reason,
        count: stated.count,
        id: &stated.id,
        let_down_before: &stated.let_down_before,
    }
}

fn shape_of_promise(kept: &Kept) -> ShapeOfPromise<'_> {
    let measured = |count: u64| kept.refused.is_none().then_some(count);
    let state = |state: State| measured(kept.count(state));
    ShapeOfPromise {
        promise: &kept.promise,
        says: &kept.says,
        exposed: measured(kept.exposed()),
        open: state(State::Open),
        kept: state(State::Kept),
        beaten: state(State::Beaten),
        unconfirmed: state(State::Unconfirmed),
        overdue: state(State::Overdue),
        late: state(State::Late),
        broken: state(State::Broken),
        excused: state(State::Excused),
        total: measured(kept.let_downs()),
        customers: measured(kept.customers()),
        late_share: kept.refused.is_none().then(|| kept.late_share()).flatten(),
        refused: kept.refused.as_deref(),
    }
}
