//! `amends explain EVENT`: one event as the ledger keeps it, and where it was read. What is personal stands in the vault, and is not here.

use std::io::{self, Write};

use amends_model::event::column;
use amends_model::{EventId, Problem, Result};
use arrow::array::RecordBatch;
use arrow::json::LineDelimitedWriter;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use crate::answer::{Answer, Outcome};
use crate::context::Context;
use crate::terminal::paint::{CARE, HEADING, QUIET, paint};
use crate::terminal::table::plain;
use crate::terminal::{prose, when};

/// How far from the margin values stand.
const LABEL: usize = 14;
/// What has words of its own, or says how the ledger keeps an event: the other columns are what the source said.
const HEAD: [&str; 16] = [
    column::ID,
    column::KEY,
    column::CONTENT,
    column::KIND,
    column::AT,
    column::AT_OFFSET,
    column::SOURCE,
    column::STREAM,
    column::ABOUT,
    column::IDENTIFIER,
    column::OTHERS,
    column::IMPORT,
    column::LINE,
    column::MAPPING,
    column::RECEIVED_AT,
    column::REST,
];

/// Tells one event.
///
/// # Errors
/// `AM0016` when there is none of this id; `AM0406` when a segment cannot be read.
pub(super) async fn run(context: &Context, id: EventId) -> Result<Outcome> {
    let current = context.ledger.snapshot().await?.events(&[id])?;
    let counts = !current.is_empty();
    let found = match counts {
        true => current,
        false => {
            let stored = context.ledger.snapshot_with_replaced().await?;
            stored.events(&[id])?
        }
    };
    let event = found.last().map(columns).transpose()?.flatten();
    let event = event.ok_or_else(|| {
        Problem::new("AM0016", "there is no such event")
            .detail(id.to_string())
            .hint("`amends explain PROMISE/ABOUT` prints the ids of the events that prove it")
    })?;
    let import = event.get(column::IMPORT).and_then(Value::as_i64);
    let imports = context.ledger.imports().await?.into_iter();
    let file = imports.filter(|record| Some(record.import) == import);
    Ok(Outcome::good(Told {
        file: file.map(|record| record.start.file).next(),
        zone: context.project.company.zone.clone(),
        event,
        counts,
    }))
}

/// The columns of the last row that have a value.
fn columns(batch: &RecordBatch) -> Result<Option<Map<String, Value>>> {
    let unwritten = |error: Box<dyn std::error::Error + Send + Sync>| {
        Problem::new("AM0315", "an event cannot be written as JSON")
            .because(error)
            .hint("this is a mistake in Amends: please report it with the kind's definition")
    };
    let mut lines = LineDelimitedWriter::new(Vec::new());
    let written = lines.write(batch).and_then(|()| lines.finish());
    written.map_err(|error| unwritten(error.into()))?;
    let text = lines.into_inner();
    let mut rows = text.split(|byte| *byte == b'\n');
    let Some(last) = rows.rfind(|line| !line.is_empty()) else {
        return Ok(None);
    };
    let mut event: Map<String, Value> =
        serde_json::from_slice(last).map_err(|error| unwritten(error.into()))?;
    for inner in [column::KEY, column::CONTENT] {
        event.remove(inner);
    }
    let rest = event.get(column::REST).and_then(Value::as_str);
    if let Some(rest) = rest.and_then(|rest| serde_json::from_str(rest).ok()) {
        event.insert(column::REST.to_owned(), rest);
    }
    Ok(Some(event))
}

struct Told {
    event: Map<String, Value>,
    file: Option<String>,
    zone: TimeZone,
    /// False for one that was replaced or taken back.
    counts: bool,
}

impl Told {
    fn text(&self, name: &str) -> Option<String> {
        match self.event.get(name)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    fn moment(&self, name: &str) -> Option<String> {
        let text = self.text(name)?;
        let at: Timestamp = text.parse().ok()?;
        Some(when::moment(at, &self.zone))
    }

    /// What the source said, by name.
    fn said(&self) -> impl Iterator<Item = (&str, String)> {
        let own = self
            .event
            .keys()
            .filter(|name| !HEAD.contains(&name.as_str()));
        let own = own.filter_map(|name| Some((name.as_str(), self.text(name)?)));
        let rest = self.event.get(column::REST).and_then(Value::as_object);
        let rest = rest.into_iter().flatten().map(|(name, value)| {
            let text = value.as_str().map(str::to_owned);
            (name.as_str(), text.unwrap_or_else(|| value.to_string()))
        });
        own.chain(rest)
    }
}

fn line(out: &mut dyn Write, label: &str, value: &str) -> io::Result<()> {
    prose::beside(out, &format!("  {label:<LABEL$}"), &plain(value))
}

impl Answer for Told {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let id = self.text(column::ID).unwrap_or_default();
        writeln!(out, "{} {id}", paint(HEADING, "Event"))?;
        if !self.counts {
            let note = "counts no longer: it was replaced by a newer version, or taken back";
            writeln!(out, "  {}", paint(CARE, note))?;
        }
        let kind = self.text(column::KIND).map(|kind| kind.replace('_', " "));
        let read = self.file.clone().map(|file| match self.text(column::LINE) {
            Some(line) => format!("{file}, line {line}"),
            None => file,
        });
        let head = [
            ("kind", kind),
            ("at", self.moment(column::AT)),
            ("about", self.text(column::ABOUT)),
            ("whom", self.text(column::IDENTIFIER)),
            ("source", self.text(column::SOURCE)),
            ("file", read),
            (
                "import",
                self.text(column::IMPORT).filter(|import| import != "0"),
            ),
            ("received", self.moment(column::RECEIVED_AT)),
        ];
        for (label, value) in head {
            if let Some(value) = value {
                line(out, label, &value)?;
            }
        }
        let mut said = self.said().peekable();
        if said.peek().is_some() {
            writeln!(out, "{}", paint(HEADING, "As its source told it"))?;
        }
        said.try_for_each(|(name, value)| line(out, name, &value))?;
        writeln!(out, "{}", paint(QUIET, "names and texts stay in the vault"))
    }

    fn json(&self) -> Value {
        json!({ "event": self.event, "file": self.file, "counts": self.counts })
    }
}
