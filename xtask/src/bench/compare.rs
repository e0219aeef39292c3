//! Whether two sides found the same. What differs is named, so that it can be looked at.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// What an import says about each source.
pub(super) const BALANCE: [&str; 5] = ["received", "stored", "duplicate", "quarantined", "events"];

/// What the customer math of a month says.
const MATH: [&str; 10] = [
    "opening",
    "new",
    "returned",
    "lost",
    "lost_natural",
    "lost_avoidable",
    "lost_company",
    "lost_unknown",
    "joined_and_left",
    "closing",
];

/// A let-down as the program lists it.
#[derive(Debug, Deserialize)]
pub(super) struct OurLetDown {
    about: String,
    state: String,
    late_by_seconds: Option<i64>,
    /// Whose it is.
    pub(super) customer: String,
}

/// A let-down as DuckDB finds it.
#[derive(Debug, Deserialize)]
pub(super) struct TheirLetDown {
    about: String,
    state: String,
    late_by_seconds: Option<i64>,
}

/// How many instances of a promise stand in a state, as DuckDB counts them.
#[derive(Debug, Deserialize)]
pub(super) struct State {
    state: String,
    instances: u64,
}

/// Compares what became of the rows of every source.
///
/// # Errors
/// The first count that differs.
pub(super) fn balances(ours: &Value, theirs: &Value) -> Result<(), String> {
    let names = |value: &Value| -> Vec<String> {
        let object = value.as_object().into_iter().flatten();
        object.map(|(name, _)| name.clone()).collect()
    };
    same("sources", names(ours), names(theirs))?;
    for source in names(ours) {
        for count in BALANCE {
            let what = format!("{count} of {source}");
            same(&what, &ours[&source][count], &theirs[&source][count])?;
        }
    }
    Ok(())
}

/// Compares how many instances of a promise stand in each state. DuckDB does not tell kept with room to spare from kept.
///
/// # Errors
/// The first count that differs.
pub(super) fn states(ours: &Value, theirs: &[State]) -> Result<(), String> {
    let counted: BTreeMap<&str, u64> = theirs
        .iter()
        .map(|state| (state.state.as_str(), state.instances))
        .collect();
    let promise = &ours["promise"];
    let count = |name: &str| ours[name].as_u64().unwrap_or_default();
    for state in [
        "open",
        "kept",
        "unconfirmed",
        "overdue",
        "late",
        "broken",
        "excused",
    ] {
        let beaten = if state == "kept" { count("beaten") } else { 0 };
        let their = counted.get(state).copied().unwrap_or_default();
        same(
            &format!("{state} of {promise}"),
            count(state) + beaten,
            their,
        )?;
    }
    same(
        &format!("exposed of {promise}"),
        count("exposed"),
        counted.values().sum(),
    )
}

/// Compares let-downs one by one; theirs are in order of what they are about.
///
/// # Errors
/// The first that differs.
pub(super) fn let_downs(mut ours: Vec<OurLetDown>, theirs: &[TheirLetDown]) -> Result<(), String> {
    ours.sort_by(|a, b| a.about.cmp(&b.about));
    for (our, their) in ours.iter().zip(theirs) {
        let found = (&our.about, &our.state, our.late_by_seconds);
        same(
            "a let-down",
            found,
            (&their.about, &their.state, their.late_by_seconds),
        )?;
    }
    same("let-downs", ours.len(), theirs.len())
}

/// Compares the customer math of one month with that month among theirs.
///
/// # Errors
/// The first count that differs.
pub(super) fn customer_math(ours: &Value, theirs: &[Value]) -> Result<(), String> {
    let month = &ours["period"];
    let their = theirs.iter().find(|their| their["period"] == *month);
    let their = their.ok_or_else(|| format!("DuckDB found nothing in {month}"))?;
    for line in MATH {
        same(&format!("{line} in {month}"), &ours[line], &their[line])?;
    }
    Ok(())
}

/// Compares the customer math of every month and segment in which anybody came or went, and what became of the others.
///
/// # Errors
/// The first count that differs.
pub(super) fn by_segment(
    ours: &Value,
    theirs: &[Value],
    (first, last): (&str, &str),
) -> Result<(), String> {
    let asked = |their: &&Value| {
        let period = their["period"].as_str();
        period.is_some_and(|period| (first..=last).contains(&period))
    };
    let theirs: Vec<&Value> = theirs.iter().filter(asked).collect();
    let segments = ours["segments"].as_array().into_iter().flatten();
    let (mut compared, mut told) = (0, 0);
    for segment in segments {
        let value = &segment["value"];
        let their: Vec<Value> = theirs
            .iter()
            .filter(|their| their["segment"] == *value)
            .map(|their| (*their).clone())
            .collect();
        told += their.len();
        for month in segment["periods"].as_array().into_iter().flatten() {
            if their.iter().any(|their| their["period"] == month["period"]) {
                customer_math(month, &their).map_err(|differs| format!("{value}: {differs}"))?;
                compared += 1;
            }
        }
    }
    same("months of segments", told, theirs.len())?;
    same("months of segments that are told", compared, told)
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, ours: T, theirs: T) -> Result<(), String> {
    if ours == theirs {
        return Ok(());
    }
    Err(format!(
        "the answers differ, so nothing is timed: {what} is {ours:?} here and {theirs:?} in DuckDB"
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ASKED: (&str, &str) = ("2025-01", "2025-12");

    #[test]
    fn imports_are_the_same_when_every_count_of_every_source_is() {
        let source =
            json!({"received": 4, "stored": 2, "duplicate": 1, "quarantined": 1, "events": 3});
        let ours = json!({"shop": source});
        assert_eq!(balances(&ours, &ours), Ok(()));
        let mut theirs = ours.clone();
        theirs["shop"]["events"] = json!(4);
        let message = balances(&ours, &theirs).unwrap_err();
        assert!(message.contains("events of shop"), "{message}");
        assert!(balances(&ours, &json!({})).is_err());
    }

    #[test]
    fn kept_with_room_to_spare_is_kept() {
        let ours = json!({"promise": "p", "exposed": 10, "kept": 3, "beaten": 4, "late": 3});
        let theirs = |kept| {
            let state = |state: &str, instances| State {
                state: state.into(),
                instances,
            };
            [state("kept", kept), state("late", 3)]
        };
        assert_eq!(states(&ours, &theirs(7)), Ok(()));
        assert!(states(&ours, &theirs(6)).unwrap_err().contains("kept of"));
    }

    #[test]
    fn one_let_down_more_or_another_is_noticed() {
        let ours = |about: &str, late: i64| OurLetDown {
            about: about.into(),
            state: "late".into(),
            late_by_seconds: Some(late),
            customer: String::new(),
        };
        let theirs = |about: &str, late: i64| TheirLetDown {
            about: about.into(),
            state: "late".into(),
            late_by_seconds: Some(late),
        };
        let both = || vec![ours("b", 2), ours("a", 1)];
        assert_eq!(let_downs(both(), &[theirs("a", 1), theirs("b", 2)]), Ok(()));
        assert!(let_downs(both(), &[theirs("a", 1)]).is_err());
        assert!(let_downs(both(), &[theirs("a", 1), theirs("b", 3)]).is_err());
    }

    #[test]
    fn segments_are_compared_month_by_month_and_none_is_left_out() {
        let month = |name: &str, new: u64| {
            let mut month = json!({"period": name, "segment": "a"});
            for line in MATH {
                month[line] = json!(new);
            }
            month
        };
        let ours = |new: u64| json!({"segments": [{"value": "a", "periods": [month("2025-01", new), month("2025-02", 5)]}]});
        let theirs = [month("2025-01", 4)];
        assert_eq!(by_segment(&ours(4), &theirs, ASKED), Ok(()));
        assert!(by_segment(&ours(3), &theirs, ASKED).is_err());
        assert!(by_segment(&ours(4), &[month("2025-01", 4), month("2025-03", 1)], ASKED).is_err());
        let mut other = month("2025-01", 4);
        other["segment"] = json!("b");
        assert!(by_segment(&ours(4), &[month("2025-01", 4), other], ASKED).is_err());
    }

    #[test]
    fn months_are_found_by_their_name() {
        let month = |name: &str, opening: u64| {
            let mut month = json!({"period": name});
            for line in MATH {
                month[line] = json!(opening);
            }
            month
        };
        let theirs = [month("2025-01", 1), month("2025-02", 2)];
        assert_eq!(customer_math(&month("2025-02", 2), &theirs), Ok(()));
        assert!(customer_math(&month("2025-02", 1), &theirs).is_err());
        assert!(customer_math(&month("2025-03", 2), &theirs).is_err());
    }
}
