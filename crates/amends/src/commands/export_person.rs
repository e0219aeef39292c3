//! `amends export-person`: everything that is kept about one person.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use amends_custody::{Asked, everything_about};
use amends_figures::story::{What, story};
use amends_model::{Problem, Result};
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::arguments::Whom;
use crate::context::Context;
use crate::look::Study;
use crate::terminal::number::counted;
use crate::terminal::paint::{GOOD, QUIET, paint};
use crate::{surroundings, who};

/// Writes the document, to a file or to standard output.
///
/// # Errors
/// `AM0016` when nobody goes by this; `AM0019` when the file is there already or cannot be written.
pub(crate) async fn run(context: &Context, whom: &Whom, out: Option<&Path>) -> Result<Outcome> {
    let look = Study::at_whole_people(context).await?;
    let person = who::person(context, &look, whom).await?;
    let accounts = look.accounts();
    let mut story = story(
        &look.session_of(context, person.customer).await?,
        person.customer,
    )
    .await?;
    // Events are told in full beside.
    let is_event = |what: &What| matches!(what, What::Event { .. } | What::Changed { .. });
    story.moments.retain(|moment| !is_event(&moment.what));
    let asked = Asked {
        person: &person,
        links: &look.links,
        accounts: &accounts,
        promises: serde_json::to_value(&story.moments).unwrap_or_default(),
        company: &context.project.company.name,
        at: surroundings::now(),
    };
    let document = everything_about(&context.ledger, &context.vault, &asked).await?;
    match out {
        None => Ok(Outcome::good(Told(document))),
        Some(path) => {
            write(path, &document).map_err(|error| unwritten(path, error))?;
            let path = path.to_owned();
            Ok(Outcome::good(Written { path, document }))
        }
    }
}

/// Writes a new file for its owner alone.
fn write(path: &Path, document: &Value) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    serde_json::to_writer_pretty(&mut file, document)?;
    writeln!(file)?;
    file.sync_all()
}

fn unwritten(path: &Path, error: io::Error) -> Problem {
    Problem::new("AM0019", "the document cannot be written")
        .detail(path.display().to_string())
        .because(error)
        .hint("name a file that is not there yet, in a folder that can be written")
}

/// The document itself, the same for people and for scripts.
struct Told(Value);

impl Answer for Told {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, &self.0)?;
        writeln!(out)
    }

    fn json(&self) -> Value {
        self.0.clone()
    }

    fn is_document(&self) -> bool {
        true
    }
}

struct Written {
    path: PathBuf,
    document: Value,
}

impl Written {
    fn count(&self, part: &str) -> u64 {
        self.document[part].as_array().map_or(0, Vec::len) as u64
    }
}

impl Answer for Written {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let path = self.path.display();
        writeln!(out, "{} {path}", paint(GOOD, "Wrote"))?;
        writeln!(
            out,
            "  {}, {}, {}, {}",
            counted(self.count("identifiers"), "identifier", "identifiers"),
            counted(
                self.count("personal"),
                "record with personal fields",
                "records with personal fields"
            ),
            counted(self.count("events"), "event", "events"),
            counted(
                self.count("quarantined"),
                "row in quarantine",
                "rows in quarantine"
            ),
        )?;
        let note = "the file holds personal data in clear: hand it over safely, then delete it";
        writeln!(out, "{}", paint(QUIET, note))
    }

    fn json(&self) -> Value {
        json!({
            "out": self.path,
            "customer": self.document["customer"],
            "identifiers": self.count("identifiers"),
            "personal": self.count("personal"),
            "events": self.count("events"),
            "quarantined": self.count("quarantined"),
        })
    }
}
