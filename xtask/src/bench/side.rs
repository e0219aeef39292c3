//! Two sides do the same work in turn, each timed and its memory watched in the same way.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Bench;

/// One run of a command.
#[derive(Clone, Debug)]
pub(super) struct Run {
    /// How long it took.
    pub(super) seconds: f64,
    /// How long processors worked for it: what others do on the machine hardly moves this.
    pub(super) busy_seconds: f64,
    /// The most memory that it held.
    pub(super) peak_bytes: u64,
    /// What it wrote to standard output.
    pub(super) output: String,
}

/// So many characters of a command are shown: what is filled into SQL is long.
const SHOWN: usize = 180;

/// What `measure.py` reports.
#[derive(Deserialize)]
struct Report {
    seconds: f64,
    busy_seconds: f64,
    peak_bytes: u64,
    exit: i32,
}

/// What `work.py` prints.
#[derive(Deserialize)]
struct Answered<T> {
    seconds: f64,
    busy_seconds: f64,
    answer: T,
}

impl Run {
    /// What the program answered in JSON.
    ///
    /// # Errors
    /// When it is not what is expected.
    pub(super) fn answer<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_str(&self.output).map_err(|error| format!("an answer of amends: {error}"))
    }

    /// What DuckDB answered.
    ///
    /// # Errors
    /// When it is not what is expected.
    pub(super) fn their_answer<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_str::<Answered<T>>(&self.output)
            .map(|answered| answered.answer)
            .map_err(|error| format!("an answer of DuckDB: {error}"))
    }
}

impl Bench {
    /// Runs the program; the whole process is timed.
    ///
    /// # Errors
    /// When it fails.
    pub(super) fn ours(&self, arguments: &[&str]) -> Result<Run, String> {
        self.watched(self.program()?, arguments)
    }

    /// Where the program is.
    ///
    /// # Errors
    /// When no work was said to need it.
    pub(super) fn program(&self) -> Result<&Path, String> {
        let program = self.program.as_deref();
        program.ok_or_else(|| "the program was not built".into())
    }

    /// Runs DuckDB; timed is the work alone, without the start of Python.
    ///
    /// # Errors
    /// When it fails.
    pub(super) fn theirs(&self, arguments: &[&str]) -> Result<Run, String> {
        let script = self.scripts.join("duckdb/work.py");
        let script = script.to_string_lossy();
        let mut run = self.watched(&self.python, &[&[&*script], arguments].concat())?;
        let answered: Answered<serde::de::IgnoredAny> = serde_json::from_str(&run.output)
            .map_err(|error| format!("an answer of DuckDB: {error}"))?;
        run.seconds = answered.seconds;
        run.busy_seconds = answered.busy_seconds;
        Ok(run)
    }

    /// Asks DuckDB a question once for each of the values to be filled in.
    ///
    /// # Errors
    /// When it fails.
    pub(super) fn ask(&self, question: &str, folder: &Path, values: &str) -> Result<Run, String> {
        self.theirs(&["ask", question, &folder.to_string_lossy(), values])
    }

    /// Runs any program; the whole process is timed.
    ///
    /// # Errors
    /// When it fails.
    pub(super) fn watched(&self, program: &Path, arguments: &[&str]) -> Result<Run, String> {
        let (report, output) = (self.out.join("report.json"), self.out.join("output.txt"));
        let line = format!("{} {}", program.display(), arguments.join(" "));
        let status = Command::new(&self.python)
            .arg(self.scripts.join("measure.py"))
            .args([&report, &output])
            .arg(program)
            .args(arguments)
            .status()
            .map_err(|error| format!("cannot run {line}: {error}"))?;
        if !status.success() {
            return Err(format!("cannot be measured ({status}): {line}"));
        }
        let read = |path: &Path| {
            fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
        };
        let report: Report =
            serde_json::from_str(&read(&report)?).map_err(|error| format!("a report: {error}"))?;
        if report.exit != 0 {
            return Err(format!("failed ({}): {line}", report.exit));
        }
        let shown: String = line.chars().take(SHOWN).collect();
        eprintln!("  {:>9.3} s  {shown}", report.seconds);
        Ok(Run {
            seconds: report.seconds,
            busy_seconds: report.busy_seconds,
            peak_bytes: report.peak_bytes,
            output: read(&output)?,
        })
    }

    /// Times two sides in turn, each beginning every other time, so that neither has the quieter machine.
    ///
    /// # Errors
    /// The first that fails.
    pub(super) fn race(
        &self,
        ours: impl FnMut() -> Result<Run, String>,
        theirs: impl FnMut() -> Result<Run, String>,
    ) -> Result<(Side, Side), String> {
        self.race_on((Vec::new(), Vec::new()), ours, theirs)
    }

    /// The same, where some runs of each side are there already: those whose answers were compared count, since each takes long.
    ///
    /// # Errors
    /// The first that fails.
    pub(super) fn race_on(
        &self,
        (mut our_runs, mut their_runs): (Vec<Run>, Vec<Run>),
        mut ours: impl FnMut() -> Result<Run, String>,
        mut theirs: impl FnMut() -> Result<Run, String>,
    ) -> Result<(Side, Side), String> {
        for number in our_runs.len()..self.runs {
            if number % 2 == 0 {
                our_runs.push(ours()?);
                their_runs.push(theirs()?);
            } else {
                their_runs.push(theirs()?);
                our_runs.push(ours()?);
            }
        }
        Ok((Side::of(&our_runs), Side::of(&their_runs)))
    }
}

/// What one side came to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Side {
    /// The median of its times.
    pub(super) seconds: f64,
    /// The median of its processors' times.
    pub(super) busy_seconds: f64,
    /// Every time, in order of the runs.
    pub(super) each: Vec<f64>,
    /// The most memory that it held in any run.
    pub(super) peak_bytes: u64,
}

impl Side {
    pub(super) fn of(runs: &[Run]) -> Self {
        let each: Vec<f64> = runs.iter().map(|run| run.seconds).collect();
        let busy: Vec<f64> = runs.iter().map(|run| run.busy_seconds).collect();
        Self {
            seconds: median(&each),
            busy_seconds: median(&busy),
            peak_bytes: runs.iter().map(|run| run.peak_bytes).max().unwrap_or(0),
            each,
        }
    }
}

/// The middle of some numbers; of an even count the mean of the two in the middle. Not a number where there is none.
pub(super) fn median(of: &[f64]) -> f64 {
    let mut sorted = of.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match (sorted.len(), sorted.len() % 2) {
        (0, _) => f64::NAN,
        (_, 0) => f64::midpoint(sorted[middle - 1], sorted[middle]),
        _ => sorted[middle],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(seconds: f64, peak_bytes: u64) -> Run {
        Run {
            seconds,
            busy_seconds: seconds / 2.0,
            peak_bytes,
            output: r#"{"seconds": 1.5, "busy_seconds": 2.0, "answer": [3]}"#.into(),
        }
    }

    #[test]
    fn one_slow_run_does_not_move_the_median() {
        assert_eq!(median(&[3.0, 1.0, 90.0]), 3.0);
        assert_eq!(median(&[4.0, 1.0, 90.0, 2.0]), 3.0);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn a_side_is_its_median_time_and_its_highest_peak() {
        let side = Side::of(&[run(2.0, 5), run(9.0, 7), run(1.0, 6)]);
        assert_eq!((side.seconds, side.peak_bytes), (2.0, 7));
        assert_eq!(side.busy_seconds, 1.0);
        assert_eq!(side.each, [2.0, 9.0, 1.0]);
    }

    #[test]
    fn the_answer_of_duckdb_stands_beside_its_time() {
        assert_eq!(run(1.0, 1).their_answer::<Vec<u8>>().unwrap(), [3]);
        assert!(run(1.0, 1).their_answer::<String>().is_err());
    }
}
