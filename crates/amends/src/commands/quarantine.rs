//! `amends quarantine`: rows that could not be read.

use std::collections::BTreeMap;
use std::io::{self, Write};

use amends_intake::Replayed;
use amends_ledger::Quarantined;
use amends_model::{Problem, Result};
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::arguments::QuarantineAction;
use crate::context::Context;
use crate::surroundings;
use crate::terminal::number::{counted, whole};
use crate::terminal::paint::{BAD, CARE, GOOD, HEADING, QUIET, paint};
use crate::terminal::table::{Side, Table, plain};

/// Lists, explains or replays.
///
/// # Errors
/// `AM0015` when there is no such row; whatever ledger, vault or intake report.
pub(crate) async fn run(context: &Context, action: QuarantineAction) -> Result<Outcome> {
    match action {
        QuarantineAction::List { import, limit } => list(context, import, limit).await,
        QuarantineAction::Explain { entry, reveal } => explain(context, &entry, reveal).await,
        QuarantineAction::Replay { import } => {
            let writer = context
                .writer(&surroundings::holder("quarantine replay"))
                .await?;
            let now = surroundings::now();
            let replayed = amends_intake::replay(
                &context.project,
                import,
                &context.planner,
                &context.ledger,
                &context.vault,
                &writer,
                now,
            )
            .await?;
            Ok(Outcome::good(Tried {
                from: import,
                replayed,
            }))
        }
    }
}

async fn list(context: &Context, import: Option<i64>, limit: usize) -> Result<Outcome> {
    let imports = context.ledger.imports().await?.into_iter();
    let mains: BTreeMap<i64, String> = imports
        .map(|import| (import.import, import.start.file))
        .collect();
    Ok(Outcome::good(List {
        rows: context.ledger.quarantine(import).await?,
        mains,
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
    let rows = context.ledger.quarantine(Some(import)).await?;
    let (_, row) = rows
        .into_iter()
        .find(|(_, row)| row.entry == number)
        .ok_or_else(unknown)?;
    let text = match reveal {
        true => Some(text(context, import, number).await?),
        false => None,
    };
    Ok(Outcome::good(One { import, row, text }))
}

/// The text of a row as the vault keeps it, if it still does.
async fn text(context: &Context, import: i64, entry: i64) -> Result<Option<String>> {
    let kept = context.vault.raw(import).await?;
    let raw = kept.into_iter().find(|raw| raw.entry == entry);
    Ok(raw.map(|raw| String::from_utf8_lossy(&raw.text).into_owned()))
}

struct List {
    rows: Vec<(i64, Quarantined)>,
    /// The main file of each import.
    mains: BTreeMap<i64, String>,
    limit: usize,
}

impl List {
    fn is_joined(&self, import: i64, row: &Quarantined) -> bool {
        self.mains.get(&import) != Some(&row.file)
    }

    /// Rows of main files, and of joined ones.
    fn counts(&self) -> (usize, usize) {
        let joined = |(import, row): &&(i64, Quarantined)| self.is_joined(*import, row);
        let joined = self.rows.iter().filter(joined).count();
        (self.rows.len() - joined, joined)
    }
}

impl Answer for List {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.rows.is_empty() {
            return writeln!(out, "{} is in quarantine", paint(GOOD, "Nothing"));
        }
        let columns = ["row", "file", "line", "column", "code", "reason"]
            .map(|heading| (heading, Side::Left));
        let mut table = Table::new(&columns);
        for (import, row) in self.rows.iter().take(self.limit) {
            let file = row.file.rsplit('/').next().unwrap_or_default().to_owned();
            table.row([
                format!("{import}/{}", row.entry),
                file,
                row.line.to_string(),
                row.column.clone().unwrap_or_default(),
                row.code.clone(),
                row.reason.clone(),
            ]);
        }
        table.write(out)?;
        let shown = self.rows.len().min(self.limit);
        if shown < self.rows.len() {
            let (shown, all) = (whole(shown as u64), whole(self.rows.len() as u64));
            writeln!(
                out,
                "{}",
                paint(QUIET, format!("{shown} of {all}; --limit shows more"))
            )?;
        }
        let (of_main, of_joined) = self.counts();
        writeln!(out, "\n{}", aside(of_main as u64, of_joined as u64))?;
        writeln!(
            out,
            "`amends quarantine explain ROW` shows one; after mending a definition, `amends quarantine replay IMPORT` tries again"
        )
    }

    fn json(&self) -> Value {
        let (of_main, of_joined) = self.counts();
        let items = self.rows.iter().map(|(import, row)| {
            let mut object = entry(*import, row);
            object["joined"] = json!(self.is_joined(*import, row));
            object
        });
        json!({
            "total": self.rows.len(),
            "quarantined": of_main,
            "quarantined_joined": of_joined,
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
    import: i64,
    row: Quarantined,
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
        } = &self.row;
        let column = column
            .as_ref()
            .map(|column| format!(", column {column:?}"))
            .unwrap_or_default();
        writeln!(
            out,
            "{} {file}, line {line}{column}",
            paint(HEADING, format!("Row {}/{}", self.import, self.row.entry))
        )?;
        writeln!(
            out,
            "{} {reason} {}",
            paint(BAD, "why:"),
            paint(QUIET, format!("[{code}]"))
        )?;
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
        let mut object = entry(self.import, &self.row);
        object["revealed"] = json!(self.text.is_some());
        object["text"] = json!(self.text.as_ref().and_then(Option::as_ref));
        object
    }
}

struct Tried {
    from: i64,
    replayed: Replayed,
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
        )
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
        })
    }
}
