//! `amends quarantine`: rows that could not be read.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::process::ExitCode;

use amends_intake::Replayed;
use amends_ledger::{BadRow, Quarantined, RowState, Writer};
use amends_model::{Problem, Result};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome, exit_code_of};
use crate::arguments::QuarantineAction;
use crate::commands::import::told;
use crate::context::Context;
use crate::terminal::number::{counted, whole};
use crate::terminal::paint::{BAD, CARE, GOOD, HEADING, QUIET, paint};
use crate::terminal::table::{Column, Table, plain};
use crate::terminal::when::day;
use crate::{noticing, surroundings, terminal};

/// Lists, explains or replays.
///
/// # Errors
/// `AM0015` when there is no such row; whatever ledger, vault or intake report.
pub(crate) async fn run(context: &Context, action: QuarantineAction) -> Result<Outcome> {
    match action {
        QuarantineAction::List { import, all, limit } => list(context, import, all, limit).await,
        QuarantineAction::Explain { entry, reveal } => explain(context, &entry, reveal).await,
        QuarantineAction::Replay { import } => {
            let writer = context
                .writer(&surroundings::holder("quarantine replay"))
                .await?;
            replay(context, &writer, import).await
        }
    }
}

async fn replay(context: &Context, writer: &Writer, import: i64) -> Result<Outcome> {
    let replayed = amends_intake::replay(
        &context.project,
        import,
        &context.planner,
        &context.ledger,
        &context.vault,
        writer,
        surroundings::now(),
    )
    .await?;
    let (noticed, problems) = noticing::notice(context, writer, surroundings::now()).await;
    let exit = problems.first().map_or(ExitCode::SUCCESS, exit_code_of);
    let tried = Tried {
        from: import,
        replayed,
        noticed,
        problems,
    };
    Ok(Outcome {
        answer: Box::new(tried),
        exit,
    })
}

async fn list(context: &Context, import: Option<i64>, all: bool, limit: usize) -> Result<Outcome> {
    let imports = context.ledger.imports().await?.into_iter();
    let moments = imports.map(|import| (import.import, import.start.started_at));
    let mut rows = Vec::new();
    for bad in context.ledger.bad_rows().await? {
        let shown = match import {
            Some(import) => bad.in_import(import).map(|row| (import, row.clone())),
            None => bad.last().cloned(),
        };
        rows.extend(shown.map(|(import, row)| Shown { import, row, bad }));
    }
    rows.sort_by_key(|shown| (shown.import, shown.row.entry));
    let (open, settled): (Vec<Shown>, Vec<Shown>) = rows
        .into_iter()
        .partition(|shown| shown.bad.state.is_open());
    Ok(Outcome::good(List {
        open,
        settled,
        all,
        moments: moments.collect(),
        zone: context.project.company.zone.clone(),
        limit,
    }))
}

/// How many rows are set aside. Those of joined files are named where there are any: they count among no rows received.
pub(crate) fn aside(of_main: u64, of_joined: u64) -> String {
    let of_main = counted(of_main, "row of a main file", "rows of main files");
    let joined = counted(of_joined, "row of a joined file", "rows of joined files");
    let all = match of_joined {
        0 => of_main,
        _ => format!("{of_main}, {joined}"),
    };
    format!("Set aside: {}", paint(CARE, all))
}

async fn explain(context: &Context, entry: &str, reveal: bool) -> Result<Outcome> {
    let unknown = || {
        Problem::new("AM0015", "there is no such row in quarantine")
            .detail(format!("{entry:?}"))
            .hint("write IMPORT/ENTRY as `amends quarantine list` prints it, such as 3/17")
    };
    let (import, number) = entry.split_once('/').ok_or_else(unknown)?;
    let (import, number): (i64, i64) = (
        import.parse().map_err(|_| unknown())?,
        number.parse().map_err(|_| unknown())?,
    );
    let rows = context.ledger.bad_rows().await?.into_iter();
    let mut found = rows.filter_map(|bad| {
        let row = bad.times.iter();
        let mut row = row.filter(|(of, row)| (*of, row.entry) == (import, number));
        let row = row.next()?.1.clone();
        Some(Shown { import, row, bad })
    });
    let shown = found.next().ok_or_else(unknown)?;
    let text = match reveal {
        true => Some(text(context, import, number).await?),
        false => None,
    };
    Ok(Outcome::good(One { shown, text }))
}

/// The text of a row as the vault keeps it, if it still does.
async fn text(context: &Context, import: i64, entry: i64) -> Result<Option<String>> {
    let kept = context.vault.raw(import).await?;
    let raw = kept.into_iter().find(|raw| raw.entry == entry);
    Ok(raw.map(|raw| String::from_utf8_lossy(&raw.text).into_owned()))
}

/// A row as one import told it, and all that is known of it.
struct Shown {
    import: i64,
    row: Quarantined,
    bad: BadRow,
}

/// What became of a row, in a word and in words.
fn state(state: RowState) -> (&'static str, String) {
    match state {
        RowState::Open => ("waiting", "waits".to_owned()),
        RowState::Replayed(by) => ("replayed", format!("replayed by import {by}")),
        RowState::Mended(by) => ("mended", format!("mended: import {by} read its record")),
        RowState::Changed(by) => (
            "changed",
            format!("changed: import {by} set its record aside anew"),
        ),
        RowState::Removed(by) => (
            "removed",
            format!("removed: import {by} held nothing of its record"),
        ),
        RowState::Gone(by) => (
            "gone",
            format!("mended or removed: import {by} held it no longer"),
        ),
    }
}

struct List {
    open: Vec<Shown>,
    settled: Vec<Shown>,
    /// Whether settled rows are listed as well.
    all: bool,
    /// When each import began.
    moments: BTreeMap<i64, Timestamp>,
    zone: TimeZone,
    limit: usize,
}

impl List {
    /// Rows of main files that wait, and of joined ones.
    fn counts(&self) -> (usize, usize) {
        let joined = self.open.iter().filter(|shown| shown.bad.joined).count();
        (self.open.len() - joined, joined)
    }

    fn listed(&self) -> impl Iterator<Item = &Shown> {
        let settled = self.settled.iter().filter(|_| self.all);
        self.open.iter().chain(settled)
    }

    /// When a row was set aside first, and last.
    fn seen(&self, bad: &BadRow) -> (Option<Timestamp>, Option<Timestamp>) {
        let at = |time: Option<&(i64, Quarantined)>| {
            let (import, _) = time?;
            self.moments.get(import).copied()
        };
        (at(bad.times.first()), at(bad.times.last()))
    }

    fn times(&self, bad: &BadRow) -> String {
        match (bad.times.len() as u64, self.seen(bad).0) {
            (0 | 1, _) => "once".to_owned(),
            (times, None) => format!("{} times", whole(times)),
            (times, Some(first)) => {
                format!("{} times since {}", whole(times), day(first, &self.zone))
            }
        }
    }

    fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut columns = vec![
            Column::name("row"),
            Column::words("file"),
            Column::name("line"),
            Column::words("column"),
            Column::name("code").goes(2),
            Column::words("seen").goes(1),
            Column::words("reason"),
        ];
        if self.all {
            columns.insert(6, Column::words("state"));
        }
        let mut table = Table::new(&columns);
        for Shown { import, row, bad } in self.listed().take(self.limit) {
            let file = row.file.rsplit('/').next().unwrap_or_default().to_owned();
            let mut cells = vec![
                format!("{import}/{}", row.entry),
                file,
                row.line.to_string(),
                row.column.clone().unwrap_or_default(),
                row.code.clone(),
                self.times(bad),
            ];
            if self.all {
                cells.push(state(bad.state).1);
            }
            cells.push(row.reason.clone());
            table.row(cells);
        }
        table.write(out)?;
        let all = self.listed().count();
        let shown = all.min(self.limit);
        if shown < all {
            let (shown, all) = (whole(shown as u64), whole(all as u64));
            writeln!(
                out,
                "{}",
                paint(QUIET, format!("{shown} of {all}; --limit shows more"))
            )?;
        }
        writeln!(out)
    }
}

impl Answer for List {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.listed().next().is_some() {
            self.table(out)?;
        }
        let (of_main, of_joined) = self.counts();
        match of_main + of_joined {
            0 => writeln!(out, "{} is in quarantine", paint(GOOD, "Nothing"))?,
            _ => writeln!(out, "{}", aside(of_main as u64, of_joined as u64))?,
        }
        if !self.all && !self.settled.is_empty() {
            let settled = counted(self.settled.len() as u64, "row is", "rows are");
            let line = format!("{settled} settled; --all shows what became of them");
            writeln!(out, "{}", paint(QUIET, line))?;
        }
        if self.listed().next().is_none() {
            return Ok(());
        }
        writeln!(
            out,
            "`amends quarantine explain ROW` shows one; after mending a definition, `amends quarantine replay IMPORT` tries again"
        )
    }

    fn json(&self) -> Value {
        let (of_main, of_joined) = self.counts();
        let items = self.listed().map(|Shown { import, row, bad }| {
            let mut object = entry(*import, row);
            let (first, last) = self.seen(bad);
            let rows = bad.times.iter();
            let rows = rows.map(|(import, row)| format!("{import}/{}", row.entry));
            object["joined"] = json!(bad.joined);
            object["rows"] = json!(rows.collect::<Vec<_>>());
            object["first_seen"] = json!(first.map(|at| at.to_string()));
            object["last_seen"] = json!(last.map(|at| at.to_string()));
            object["state"] = json!(state(bad.state).0);
            object["settled_by"] = json!(bad.state.by());
            object
        });
        json!({
            "total": of_main + of_joined,
            "quarantined": of_main,
            "quarantined_joined": of_joined,
            "settled": self.settled.len(),
            "items": items.collect::<Vec<_>>(),
        })
    }
}

fn entry(import: i64, row: &Quarantined) -> Value {
    json!({
        "row": format!("{import}/{}", row.entry),
        "import": import,
        "file": row.file,
        "line": row.line,
        "column": row.column,
        "code": row.code,
        "reason": row.reason,
    })
}

struct One {
    shown: Shown,
    /// `None` unless the user asked to see it.
    text: Option<Option<String>>,
}

impl Answer for One {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let Quarantined {
            file,
            line,
            column,
            code,
            reason,
            ..
        } = &self.shown.row;
        let column = column
            .as_ref()
            .map(|column| format!(", column {column:?}"))
            .unwrap_or_default();
        writeln!(
            out,
            "{} {file}, line {line}{column}",
            paint(
                HEADING,
                format!("Row {}/{}", self.shown.import, self.shown.row.entry)
            )
        )?;
        writeln!(
            out,
            "{} {reason} {}",
            paint(BAD, "why:"),
            paint(QUIET, format!("[{code}]"))
        )?;
        let settled = self.shown.bad.state;
        if !settled.is_open() {
            writeln!(out, "{} {}", paint(GOOD, "settled:"), state(settled).1)?;
        }
        match &self.text {
            Some(Some(text)) => {
                writeln!(out, "{}", paint(HEADING, "as it stood in the file:"))?;
                text.lines()
                    .try_for_each(|line| writeln!(out, "  {}", plain(line)))
            }
            Some(None) => writeln!(out, "{}", paint(QUIET, "its text is no longer kept")),
            None => {
                let note = "its text stays in the vault; --reveal shows it";
                writeln!(out, "{}", paint(QUIET, note))
            }
        }
    }

    fn json(&self) -> Value {
        let mut object = entry(self.shown.import, &self.shown.row);
        object["state"] = json!(state(self.shown.bad.state).0);
        object["settled_by"] = json!(self.shown.bad.state.by());
        object["revealed"] = json!(self.text.is_some());
        object["text"] = json!(self.text.as_ref().and_then(Option::as_ref));
        object
    }
}

struct Tried {
    from: i64,
    replayed: Replayed,
    /// By promise, let-downs seen for the first time.
    noticed: BTreeMap<String, u64>,
    /// What kept promises from being looked at.
    problems: Vec<Problem>,
}

impl Tried {
    /// Rows stored, and rows all of whose events were known already.
    fn read(&self) -> (u64, u64) {
        let import = self.replayed.import.as_ref();
        import.map_or((0, 0), |import| (import.stored, import.duplicate))
    }
}

impl Answer for Tried {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let (stored, duplicate) = self.read();
        let waiting = self.replayed.waiting.len() as u64;
        writeln!(
            out,
            "{} {} of import {}: {} stored, {} known already, {} still set aside",
            paint(GOOD, "Tried"),
            counted(stored + duplicate + waiting, "row", "rows"),
            self.from,
            whole(stored),
            whole(duplicate),
            whole(waiting)
        )?;
        noticing::show(&self.noticed, out)?;
        let problems = self.problems.iter();
        problems.for_each(|problem| terminal::problem::show(problem, false));
        Ok(())
    }

    fn json(&self) -> Value {
        let (stored, duplicate) = self.read();
        let waiting = &self.replayed.waiting;
        let import = self.replayed.import.as_ref();
        json!({
            "replayed": self.from,
            "import": import.map(|import| import.import),
            "received": stored + duplicate + waiting.len() as u64,
            "stored": stored,
            "duplicate": duplicate,
            "quarantined": waiting.len(),
            "events": import.map_or(0, |import| import.events),
            "waiting": waiting.iter().map(|row| entry(self.from, row)).collect::<Vec<_>>(),
            "noticed": self.noticed,
            "problems": self.problems.iter().map(|problem| told(None, problem)).collect::<Vec<_>>(),
        })
    }
}
