//! Subgroup discovery: depth 2, a beam of 50, the ten best by weighted relative accuracy.

use std::path::Path;

use serde::Deserialize;

use crate::bench::Bench;
use crate::bench::report::Measured;
use crate::bench::side::{Run, Side};
use crate::bench::tools;

/// Rows of the table that is made from numbers.
const ROWS: u64 = 10_000_000;
/// Where two qualities are the same: half of the sixth decimal.
const NEAR: f64 = 5e-7;

/// What both sides print: ours is `examples/subgroups` of amends-stats.
#[derive(Deserialize)]
struct Searched {
    rows: u64,
    seconds: f64,
    /// What has to lead, where something was planted.
    #[serde(default)]
    planted: Vec<String>,
    best: Vec<Subgroup>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Subgroup {
    selectors: Vec<String>,
    rows: u64,
    quality: f64,
}

/// Late orders of a marketplace, against pysubgroup; and a large table that is made from numbers, alone. Timed is the search, as each side tells it.
pub(in crate::bench) fn measure(bench: &Bench) -> Result<Vec<Measured>, String> {
    let program = tools::example(&bench.root, &bench.target, "subgroups")?;
    let mut measured = Vec::new();
    match &bench.data {
        Some(data) => measured.push(orders(bench, &program, &data.join("olist"))?),
        None => eprintln!("skipped: late orders, because AMENDS_DATA is not set"),
    }
    measured.push(made(bench, &program)?);
    Ok(measured)
}

fn orders(bench: &Bench, program: &Path, folder: &Path) -> Result<Measured, String> {
    if !folder.is_dir() {
        return Err(format!(
            "AMENDS_DATA is set, but {} is no folder",
            folder.display()
        ));
    }
    let python = tools::python(&bench.target, &[tools::PYSUBGROUP])?;
    let script = bench.scripts.join("pysubgroup/search.py");
    let table = bench.out.join("orders.csv");
    let [folder, script, table] =
        [folder, &script, &table].map(|path: &Path| path.to_string_lossy());
    let ours = || searched(bench, program, &["orders", &folder, &table]);
    let theirs = || searched(bench, &python, &[&script, &table]);
    let ((_, found), (_, known)) = (ours()?, theirs()?);
    if found.rows != known.rows {
        return Err(format!(
            "{} rows are searched, and {}",
            found.rows, known.rows
        ));
    }
    same(&found.best, &known.best)?;
    let (ours, theirs) = bench.race(|| Ok(ours()?.0), || Ok(theirs()?.0))?;
    Ok(Measured {
        work: "ten subgroups of late orders".into(),
        events: found.rows,
        ours,
        theirs: Some(("pysubgroup", theirs)),
    })
}

fn made(bench: &Bench, program: &Path) -> Result<Measured, String> {
    let rows = ROWS.to_string();
    let told = || {
        let (run, found) = searched(bench, program, &["made", &rows])?;
        let leads = found.best.first().map(|one| &one.selectors);
        if found.planted.is_empty() || leads != Some(&found.planted) {
            return Err(format!(
                "{:?} is planted, but {leads:?} leads",
                found.planted
            ));
        }
        Ok(run)
    };
    told()?;
    let runs: Vec<Run> = (0..bench.runs).map(|_| told()).collect::<Result<_, _>>()?;
    Ok(Measured {
        work: "ten subgroups of twelve attributes".into(),
        events: ROWS,
        ours: Side::of(&runs),
        theirs: None,
    })
}

/// One search. What processors worked and the most memory are those of the whole process.
fn searched(bench: &Bench, program: &Path, arguments: &[&str]) -> Result<(Run, Searched), String> {
    let mut run = bench.watched(program, arguments)?;
    let mut found: Searched = serde_json::from_str(&run.output)
        .map_err(|error| format!("an answer of {}: {error}", program.display()))?;
    for one in &mut found.best {
        one.selectors.sort_unstable();
    }
    run.seconds = found.seconds;
    Ok((run, found))
}

/// Refuses answers that differ.
fn same(ours: &[Subgroup], theirs: &[Subgroup]) -> Result<(), String> {
    let is_same = |(one, other): (&Subgroup, &Subgroup)| {
        (&one.selectors, one.rows) == (&other.selectors, other.rows)
            && (one.quality - other.quality).abs() < NEAR
    };
    if ours.len() == 10 && ours.len() == theirs.len() && ours.iter().zip(theirs).all(is_same) {
        return Ok(());
    }
    Err(format!(
        "answers differ: amends says {ours:#?}, pysubgroup {theirs:#?}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ten() -> Vec<Subgroup> {
        let one = |rows: u64| Subgroup {
            selectors: vec![format!("month={rows}")],
            rows,
            quality: 0.1,
        };
        (1..=10).map(one).collect()
    }

    #[test]
    fn answers_that_differ_are_refused() {
        let ours = ten();
        assert_eq!(same(&ours, &ours), Ok(()));
        let changed = |change: fn(&mut Vec<Subgroup>)| {
            let mut theirs = ten();
            change(&mut theirs);
            same(&ours, &theirs)
        };
        assert_eq!(changed(|all| all[3].quality += 1e-7), Ok(()));
        assert!(changed(|all| all[3].quality += 1e-6).is_err());
        assert!(changed(|all| all[3].rows += 1).is_err());
        assert!(changed(|all| all[3].selectors[0].push('x')).is_err());
        assert!(changed(|all| all.swap(3, 4)).is_err());
        assert!(changed(|all| all.truncate(9)).is_err());
        assert!(same(&ours[..9], &ours[..9]).is_err());
    }
}
