//! What a plan tells.

use std::io::{self, Write};

use amends_fractures::Fracture;
use amends_promises::{Differs, LetDown, Moved, Scope};
use serde_json::{Value, json};

use super::{Compared, PromiseMoves, PutInForce, told};
use crate::answer::Answer;
use crate::commands::moves::{Move, table};
use crate::terminal::number::{counted, whole};
use crate::terminal::paint::{CARE, GOOD, HEADING, QUIET, paint};
use crate::terminal::prose;
use crate::terminal::table::{Column, Table};
use crate::terminal::when;

/// How a definition of the folder differs, in a word.
fn word(change: Differs) -> &'static str {
    match change {
        Differs::New => "new",
        Differs::Changed => "changed",
        Differs::Words => "words",
        Differs::Since => "since",
        Differs::Ended => "ended",
        Differs::Gone => "gone",
    }
}

/// The same for a table.
fn shown(change: Differs) -> &'static str {
    match change {
        Differs::Words => "other words",
        Differs::Since => "in force",
        Differs::Ended => "gone before",
        other => word(other),
    }
}

impl Answer for Compared {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        self.show_what_is_in_force(out)?;
        if self.promises.is_empty() && !self.customers {
            return Ok(());
        }
        let heading = match self.as_of {
            Some(as_of) => {
                let as_of = when::moment(as_of, &self.zone);
                format!("If the folder had always been in force, as of {as_of}")
            }
            None => "Nothing was imported yet, so nothing would move".to_owned(),
        };
        writeln!(out)?;
        prose::write(out, 0, HEADING, &heading)?;
        writeln!(out)?;
        self.show_promises(out)?;
        if self.promises.iter().any(|one| !one.change.is_draft()) {
            let what = "What is in force as the folder has it judges what opened since it was put in force. What opened before, also of promises that are gone, is judged by what was in force then: --restate would move it.";
            writeln!(out)?;
            prose::write(out, 0, QUIET, what)?;
        }
        if self.customers {
            writeln!(
                out,
                "\n{}",
                paint(
                    CARE,
                    "What makes a customer, or what counts as speaking up, is changed"
                )
            )?;
        }
        if let Some(usual) = self.would_be_as_of {
            let usual = when::moment(usual, &self.zone);
            let line = format!(
                "Questions would be asked as of {usual}, as far as the sources have reported that these definitions use"
            );
            writeln!(out)?;
            prose::write(out, 0, CARE, &line)?;
        }
        writeln!(out)?;
        match self.moves.is_empty() {
            true => writeln!(
                out,
                "No figure of the card and no count of a promise would move"
            )?,
            false => table(&self.moves).write(out)?,
        }
        for (title, fractures) in [
            ("Fractures that there would be", &self.fractures.0),
            ("Fractures that there would be no longer", &self.fractures.1),
        ] {
            show_fractures(title, fractures, self.limit, out)?;
        }
        for promise in &self.promises {
            let name = &promise.name;
            let lists = [("comes", &promise.comes), ("goes", &promise.goes)];
            for (list, moved) in lists {
                show_let_downs(name, list, &moved.let_downs, self.limit, out)?;
            }
        }
        writeln!(out)?;
        prose::write(
            out,
            0,
            QUIET,
            "Put them in force with `amends plan --in-force --approver NAME`: they judge what opens from then on, from a day with --from DAY, or everything with --restate.",
        )
    }

    fn json(&self) -> Value {
        let last = self.last.as_ref().map(|last| {
            json!({ "at": last.at.to_string(), "approver": last.approver, "note": last.note, "scope": scope(last.scope) })
        });
        json!({
            "as_of": self.as_of.map(|at| at.to_string()),
            "would_be_as_of": self.would_be_as_of.map(|at| at.to_string()),
            "in_force": last,
            "promises": self.promises.iter().map(PromiseMoves::json).collect::<Vec<_>>(),
            "customers_changed": self.customers,
            "moves": self.moves.iter().map(Move::json).collect::<Vec<_>>(),
            "fractures_in": fractures(&self.fractures.0),
            "fractures_out": fractures(&self.fractures.1),
        })
    }
}

/// What is judged: null for everything, else from when on.
fn scope(scope: Scope) -> Value {
    match scope {
        Scope::Restated => Value::Null,
        Scope::From(from) => from.to_string().into(),
    }
}

impl Compared {
    fn show_what_is_in_force(&self, out: &mut dyn Write) -> io::Result<()> {
        let Some(last) = &self.last else {
            return prose::write(
                out,
                0,
                QUIET,
                "Nothing was ever put in force, so what the folder says counts at once, and for everything that ever opened. `amends plan --in-force --approver NAME` puts it in force: from then on a change in the folder moves nothing before it is put in force as well.",
            );
        };
        let at = when::moment(last.at, &self.zone);
        let approver = &last.approver;
        let is_draft = self.promises.iter().any(|one| one.change.is_draft());
        let same = !is_draft && !self.customers;
        let (style, state) = match same {
            true => (GOOD, "The folder says what is in force"),
            false => (CARE, "The folder says something else than what is in force"),
        };
        let line = format!("{state} since {at}, approved by {approver}");
        prose::write(out, 0, style, &line)?;
        match &last.note {
            Some(note) => prose::write(out, 0, QUIET, &format!("note: {note}")),
            None => Ok(()),
        }
    }

    fn show_promises(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.promises.is_empty() {
            return Ok(());
        }
        let mut table = Table::new(&[
            Column::name("promise"),
            Column::words("in the folder"),
            Column::number("instances"),
            Column::number("then"),
            Column::number("let-downs in"),
            Column::number("out"),
            Column::number("changed"),
            Column::number("people in"),
            Column::number("out"),
        ]);
        for one in &self.promises {
            table.row([
                one.name.clone(),
                shown(one.change).to_owned(),
                whole(one.instances.0),
                whole(one.instances.1),
                whole(one.comes.let_downs.len() as u64),
                whole(one.goes.let_downs.len() as u64),
                whole(one.comes.otherwise),
                whole(one.comes.people.len() as u64),
                whole(one.goes.people.len() as u64),
            ]);
        }
        table.write(out)
    }
}

fn show_let_downs(
    promise: &str,
    list: &str,
    let_downs: &[LetDown],
    limit: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    if let_downs.is_empty() {
        return Ok(());
    }
    let count = counted(let_downs.len() as u64, "let-down", "let-downs");
    let (title, [now, then]) = match list {
        "comes" => (
            format!("{count} of {promise} would come in"),
            ["then", "now"],
        ),
        _ => (
            format!("{count} of {promise} would go out"),
            ["now", "then"],
        ),
    };
    writeln!(out)?;
    prose::write(out, 0, HEADING, &title)?;
    let mut table = Table::new(&[
        Column::name("about"),
        Column::name("customer"),
        Column::words(now),
        Column::words(then),
    ]);
    for let_down in let_downs.iter().take(limit) {
        let (about, customer, state, other) = told(let_down);
        table.row([
            about.to_owned(),
            customer.to_string(),
            state.to_owned(),
            other.to_owned(),
        ]);
    }
    table.write(out)?;
    show_rest(let_downs.len(), limit, out)
}

fn show_fractures(
    title: &str,
    fractures: &[Fracture],
    limit: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    if fractures.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    prose::write(out, 0, HEADING, title)?;
    let mut table = Table::new(&[
        Column::name("fracture"),
        Column::name("promise"),
        Column::words("where"),
        Column::number("people"),
    ]);
    for one in fractures.iter().take(limit) {
        table.row([
            one.id.clone(),
            one.promise.clone(),
            one.place.to_string(),
            whole(one.people.len() as u64),
        ]);
    }
    table.write(out)?;
    show_rest(fractures.len(), limit, out)
}

fn show_rest(all: usize, limit: usize, out: &mut dyn Write) -> io::Result<()> {
    match all.saturating_sub(limit) {
        0 => Ok(()),
        more => writeln!(
            out,
            "{}",
            paint(
                QUIET,
                format!("and {} more: --limit, or --json", whole(more as u64))
            )
        ),
    }
}

fn fractures(all: &[Fracture]) -> Vec<Value> {
    let told = all.iter().map(|one| {
        json!({ "id": one.id, "promise": one.promise, "where": one.place.to_string(), "people": one.people.len() })
    });
    told.collect()
}

impl PromiseMoves {
    fn json(&self) -> Value {
        let let_downs = |moved: &Moved| -> Vec<Value> {
            let told = moved.let_downs.iter().map(|one| {
                let (about, customer, state, other) = told(one);
                let other = one.other.map(|_| other);
                json!({ "about": about, "customer": customer.to_string(), "state": state, "otherwise": other })
            });
            told.collect()
        };
        let people = |moved: &Moved| -> Vec<String> {
            moved.people.iter().map(ToString::to_string).collect()
        };
        json!({
            "promise": self.name,
            "change": word(self.change),
            "version_in_force": self.versions.0,
            "version": self.versions.1,
            "instances": { "before": self.instances.0, "after": self.instances.1, "in": self.comes.instances, "out": self.goes.instances },
            "let_downs_in": let_downs(&self.comes),
            "let_downs_out": let_downs(&self.goes),
            "let_downs_changed": self.comes.otherwise,
            "people_in": people(&self.comes),
            "people_out": people(&self.goes),
        })
    }
}

impl Answer for PutInForce {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let judges = match self.scope {
            Scope::Restated if self.is_first => "everything that ever opened, as before".to_owned(),
            Scope::Restated => {
                "everything that ever opened: figures of the past may move".to_owned()
            }
            Scope::From(from) => {
                let from = when::moment(from, &self.zone);
                format!("what opens from {from} on; what opened before is judged as before")
            }
        };
        let approver = &self.approver;
        writeln!(
            out,
            "{}, approved by {approver}",
            paint(GOOD, "Put in force")
        )?;
        prose::write(
            out,
            0,
            QUIET,
            &format!("The definitions of the folder judge {judges}."),
        )?;
        match self.customers {
            true => prose::write(
                out,
                0,
                CARE,
                "What makes a customer, or what counts as speaking up, was changed too. It holds for all of time, so figures of the past may move.",
            ),
            false => Ok(()),
        }
    }

    fn json(&self) -> Value {
        json!({
            "event": self.event.to_string(),
            "from": scope(self.scope),
            "approver": self.approver,
            "customers_changed": self.customers,
            "version": self.version,
        })
    }
}
