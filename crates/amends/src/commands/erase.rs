//! `amends erase`: what is kept about one person is destroyed.

use std::io::{self, IsTerminal, Write};

use amends_custody::{Done, Plan};
use amends_model::{Problem, Result};
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::arguments::Whom;
use crate::context::Context;
use crate::look::Study;
use crate::terminal::number::counted;
use crate::terminal::paint::{CARE, GOOD, HEADING, QUIET, paint};
use crate::{surroundings, who};

/// Shows what will go, asks, and erases.
///
/// # Errors
/// `AM0018` when it may not; `AM0312` when a legal hold stops it; `AM0016` when nobody goes by this.
pub(crate) async fn run(
    context: &Context,
    whom: &Whom,
    reason: Option<&str>,
    perhaps: bool,
    yes: bool,
    json: bool,
) -> Result<Outcome> {
    if !yes {
        let plan = plan(context, whom).await?;
        // A hold is told before anybody is asked anything.
        if plan.holds.is_empty() {
            if !json {
                show(&plan, perhaps, &mut anstream::stderr()).map_err(unasked)?;
            }
            ask()?;
        }
    }
    let writer = context.writer(&surroundings::holder("erase")).await?;
    // Looked up again: something may have been imported while somebody was thinking.
    let plan = plan(context, whom).await?;
    let at = surroundings::now();
    let (vault, journal) = (&context.vault, &context.journal);
    let done = amends_custody::erase(vault, journal, &writer, &plan, reason, perhaps, at).await?;
    let exports = exports(context);
    Ok(Outcome::good(Gone {
        plan,
        done,
        perhaps,
        exports,
    }))
}

async fn plan(context: &Context, whom: &Whom) -> Result<Plan> {
    let look = Study::at_whole_people(context).await?;
    let person = who::person(context, &look, whom).await?;
    let accounts = look.accounts();
    amends_custody::plan(&context.ledger, &context.vault, person, &accounts).await
}

/// The paths from which the project imports: Amends never changes them.
fn exports(context: &Context) -> Vec<String> {
    let sources = context.project.sources.values();
    let files = sources.flat_map(|source| source.files.values());
    files.map(|file| file.written.clone()).collect()
}

fn show(plan: &Plan, perhaps: bool, out: &mut dyn Write) -> io::Result<()> {
    let customer = plan.person.customer;
    writeln!(out, "{} {customer}, for good:", paint(HEADING, "Erase"))?;
    let identifiers = counted(plan.names, "name and its key", "names and their keys");
    writeln!(out, "  {identifiers}")?;
    writeln!(
        out,
        "  personal fields of {}",
        counted(plan.fields, "record", "records")
    )?;
    let rows = plan.rows_that_go(perhaps);
    writeln!(
        out,
        "  {} them",
        counted(
            rows as u64,
            "raw row in quarantine that names",
            "raw rows in quarantine that name"
        )
    )?;
    let events = counted(plan.events, "event stays", "events stay");
    writeln!(
        out,
        "{}",
        paint(
            QUIET,
            format!("{events}, under identifiers whose names are gone")
        )
    )?;
    let left = plan.rows.len() - rows;
    if left > 0 {
        let rows = counted(
            left as u64,
            "row in quarantine holds",
            "rows in quarantine hold",
        );
        let note =
            format!("{rows} something as short as one of their names; --perhaps takes them too");
        writeln!(out, "{}", paint(CARE, note))?;
    }
    Ok(())
}

/// Asks on standard error.
fn ask() -> Result<()> {
    if !io::stdin().is_terminal() {
        return Err(
            Problem::new("AM0018", "nobody can be asked whether to erase")
                .hint("look at what will go, then add --yes"),
        );
    }
    anstream::eprint!("Erase? Write yes: ");
    let mut said = String::new();
    io::stdin().read_line(&mut said).map_err(unasked)?;
    if said.trim() != "yes" {
        return Err(Problem::new("AM0018", "nothing was erased").hint("write yes to erase"));
    }
    Ok(())
}

fn unasked(error: io::Error) -> Problem {
    Problem::new("AM0018", "nobody can be asked whether to erase").because(error)
}

struct Gone {
    plan: Plan,
    done: Done,
    perhaps: bool,
    exports: Vec<String>,
}

impl Answer for Gone {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let erased = &self.done.erased;
        writeln!(
            out,
            "{} {}: {}, personal fields of {}, {}  {}",
            paint(GOOD, "Erased"),
            self.plan.person.customer,
            counted(erased.names, "name and its key", "names and their keys"),
            counted(erased.fields, "record", "records"),
            counted(erased.rows, "raw row", "raw rows"),
            paint(QUIET, format!("decision {}", self.done.event))
        )?;
        let left = self.plan.rows.len() - self.plan.rows_that_go(self.perhaps);
        if left > 0 {
            let rows = counted(
                left as u64,
                "row in quarantine holds",
                "rows in quarantine hold",
            );
            writeln!(
                out,
                "{rows} something as short as one of their names and stayed"
            )?;
        }
        writeln!(out, "The exports are not touched, and may still name them:")?;
        self.exports
            .iter()
            .try_for_each(|path| writeln!(out, "  {path}"))
    }

    fn json(&self) -> Value {
        let erased = &self.done.erased;
        json!({
            "customer": self.plan.person.customer,
            "identifiers": self.plan.person.identifiers,
            "event": self.done.event,
            "names": erased.names,
            "fields": erased.fields,
            "rows": erased.rows,
            "rows_left": self.plan.rows.len() - self.plan.rows_that_go(self.perhaps),
            "events_kept": self.plan.events,
            "exports": self.exports,
        })
    }
}
