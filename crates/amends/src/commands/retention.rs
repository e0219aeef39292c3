//! `amends retention`: what is kept for a time only is forgotten.

use std::io::{self, Write};

use amends_custody::{Forgotten, Limits};
use amends_model::Result;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::context::Context;
use crate::surroundings;
use crate::terminal::number::counted;
use crate::terminal::paint::{GOOD, paint};

/// Forgets now what every import forgets at its end.
///
/// # Errors
/// `AM0402` when somebody else is writing; whatever ledger and vault report.
pub(crate) async fn run(context: &Context) -> Result<Outcome> {
    let _writer = context.writer(&surroundings::holder("retention")).await?;
    let forgotten = forget(context, surroundings::now()).await?;
    let retention = &context.project.retention;
    let kept = retention.quarantine.iter().count() + retention.personal.len();
    Ok(Outcome::good(Done { forgotten, kept }))
}

/// Forgets what the definitions keep no longer. The caller holds the writer.
///
/// # Errors
/// As `run`.
pub(crate) async fn forget(context: &Context, now: Timestamp) -> Result<Forgotten> {
    let retention = &context.project.retention;
    let calendar = &context.project.calendars["default"];
    let quarantine = retention.quarantine.as_ref();
    let personal = retention.personal.iter();
    let limits = Limits {
        quarantine: quarantine
            .map(|kept| kept.before(now, calendar))
            .transpose()?,
        personal: personal
            .map(|(source, kept)| Ok((source.clone(), kept.before(now, calendar)?)))
            .collect::<Result<_>>()?,
    };
    amends_custody::forget_old(&context.ledger, &context.vault, &limits).await
}

/// What was forgotten, in a sentence.
pub(crate) fn sentence(forgotten: &Forgotten) -> String {
    format!(
        "{} {} and personal fields of {}, whose time was over",
        paint(GOOD, "Forgot"),
        counted(forgotten.rows, "raw row", "raw rows"),
        counted(forgotten.fields, "record", "records")
    )
}

/// The same for scripts.
pub(crate) fn counts(forgotten: &Forgotten) -> Value {
    json!({ "rows": forgotten.rows, "fields": forgotten.fields })
}

struct Done {
    forgotten: Forgotten,
    /// How many limits the definitions name.
    kept: usize,
}

impl Answer for Done {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", sentence(&self.forgotten))?;
        if self.kept == 0 {
            let hint = "amends.toml names no limits: everything is kept until somebody is erased. For example:";
            writeln!(
                out,
                "{hint}\n  [retention]\n  quarantine = \"90 days\"\n  personal = {{ tickets = \"2 years\" }}"
            )?;
        }
        Ok(())
    }

    fn json(&self) -> Value {
        counts(&self.forgotten)
    }
}
