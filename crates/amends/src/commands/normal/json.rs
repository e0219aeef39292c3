//! What is normal, for scripts.

use amends_figures::normal::{
    Charted, DISCOVERIES, Kind, Measure, Normal, Rule, Side, Signal, Standing, Subject,
};
use amends_model::Stretch;
use serde_json::{Map, Value, json};

/// One item for each measure of each promise; with the course, every period of it.
pub(super) fn normal<'a>(
    normal: &Normal,
    period: Option<Stretch>,
    promises: impl Iterator<Item = &'a Subject>,
    course: bool,
) -> Value {
    let (mut items, mut refused) = (Vec::new(), Vec::new());
    for of in promises {
        if let Some(reason) = &of.refused {
            refused.push(json!({ "promise": of.name, "needs": reason }));
        }
        for charted in &of.charts {
            items.push(item(of, charted, course));
        }
    }
    json!({
        "every": normal.every.word(1),
        "period": period.map(|period| period.to_string()),
        "definition": normal.definition,
        "judged": normal.judged,
        "perhaps_chance": normal.perhaps_chance,
        "discoveries": DISCOVERIES,
        "items": items,
        "not_measurable": refused,
    })
}

fn item(of: &Subject, charted: &Charted, course: bool) -> Value {
    let great = of.great.filter(|_| charted.measure == Measure::Kept);
    let reaches = |share: Option<f64>| great.zip(share).map(|(great, share)| share >= great);
    let chart = charted.chart.as_ref().ok();
    let mut item = json!({
        "kind": of.kind.as_str(),
        "name": of.name,
        "promise": (of.kind == Kind::Promise).then_some(&of.name),
        "promises": of.promises,
        "says": of.says,
        "touchpoint": of.touchpoint,
        "owner": of.owner,
        "standard": of.standard,
        "great": great,
        "great_now": reaches(of.share_now()),
        "great_baseline": reaches(of.baseline_share()),
        "version": of.version,
        "measure": charted.measure.as_str(),
        "begins": of.begins.map(|period| period.to_string()),
        "early": of.early.map(|early| early.count),
        "early_first": of.early.map(|early| early.first.to_string()),
        "undone_after_seconds": of.undone_after.filter(|_| charted.measure == Measure::Undone),
        "first_due": of.first_due.map(|period| period.to_string()),
        "baseline_from": charted.baseline.map(|ends| ends.0.to_string()),
        "baseline_until": charted.baseline.map(|ends| ends.1.to_string()),
        "baseline_count": chart.map(|chart| chart.count),
        "baseline_value": chart.map(|chart| chart.centre),
        "seasons": chart.map(|chart| chart.seasons),
        "no_limits": charted.chart.as_ref().err(),
        "people": people(of, charted.measure),
    });
    if let Some(fields) = item.as_object_mut() {
        fields.extend(point(of, charted, of.now));
        if course {
            let all = (0..of.periods.len()).map(|place| point(of, charted, Some(place)).into());
            fields.insert("course".into(), Value::Array(all.collect()));
        }
    }
    item
}

/// The figure that lists who is behind the measure of a period.
fn people(of: &Subject, measure: Measure) -> String {
    let whom = match measure {
        Measure::Kept => "let-down",
        Measure::Lateness => "late",
        Measure::Undone => "undone",
        Measure::Volume => "made",
    };
    match of.kind {
        Kind::Promise => format!("normal.{}.{whom}", of.name),
        kind => format!("normal.{}.{}.{whom}", kind.as_str(), of.name),
    }
}

/// One period, or nothing of each where there is none.
fn point(of: &Subject, charted: &Charted, place: Option<usize>) -> Map<String, Value> {
    let period = place.and_then(|place| of.periods.get(place));
    let seen = place.and_then(|place| charted.seen.get(place));
    let point = place.and_then(|place| charted.point(place));
    let normal = point.and_then(|point| point.normal);
    let judged = place.filter(|place| charted.is_judged(*place));
    let (word, signal) = match place.map(|place| charted.standing(place)) {
        None | Some(Standing::NoValue) => ("no value", None),
        Some(Standing::NoLimits(_)) => ("no limits", None),
        Some(Standing::NotJudged) => ("not judged", None),
        Some(Standing::Before) => ("before", None),
        Some(Standing::Baseline) => ("baseline", None),
        Some(Standing::Normal) => ("normal", None),
        Some(Standing::PerhapsChance(signal)) => ("perhaps chance", Some(signal)),
        Some(Standing::Signals(signal)) => ("signal", Some(signal)),
    };
    let fields = json!({
        "period": period.map(|period| period.to_string()),
        "value": seen.and_then(|seen| seen.value),
        "count": seen.map(|seen| seen.count),
        "of": seen.map(|seen| seen.of),
        "expected": normal.map(|normal| normal.expected),
        "lower": normal.map(|normal| normal.lower),
        "upper": normal.map(|normal| normal.upper),
        "chance": judged.and(point).map(|point| point.chance),
        "believed": judged.and_then(|place| charted.believed[place]),
        "standing": word,
        "side": signal.map(side),
        "run": signal.and_then(run),
    });
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn side(signal: Signal) -> &'static str {
    match signal.side {
        Side::Below => "below",
        Side::Above => "above",
    }
}

/// How many in a row, where that is what signals.
fn run(signal: Signal) -> Option<usize> {
    match signal.rule {
        Rule::Limit => None,
        Rule::Run(length) => Some(length),
    }
}
