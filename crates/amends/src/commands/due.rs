//! `amends due`: what is about to break.

use std::io::{self, Write};

use amends_model::wait::Wait;
use amends_model::{Result, State};
use amends_project::definition::Promise;
use amends_promises::Instance;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::context::Context;
use crate::look::Look;
use crate::terminal::number::{counted, whole};
use crate::terminal::paint::{GOOD, HEADING, QUIET, paint};
use crate::terminal::table::{Column, Table};
use crate::terminal::when;

/// Lists the open promises that are due within a wait, the next first.
///
/// # Errors
/// `AM0008` when the wait cannot be read; `AM0014` when there is no such promise.
pub(crate) async fn run(
    context: &Context,
    within: &str,
    promise: Option<&str>,
    limit: usize,
) -> Result<Outcome> {
    let within = Wait::parse(within)?;
    let look = Look::at(context).await?;
    let until = within.after(look.as_of, &context.project.calendars["default"])?;
    let promises = match promise {
        Some(name) => vec![look.promise(context, name)?],
        None => context.project.promises.values().collect(),
    };
    let mut items = Vec::new();
    // What must not happen has no time at which it is due.
    let due = |promise: &&Promise| promise.shape.is_due();
    for promise in promises.into_iter().filter(due) {
        let kept = look.instances(context, promise)?;
        let open = kept.in_states(|state| state == State::Open)?;
        let open: Vec<Instance> = open.collect::<Result<_>>()?;
        for instance in amends_promises::due(open, look.as_of, until) {
            let customer = look.people.customer(instance.identifier).to_string();
            items.push(Item {
                due: when::due(instance.due_at, promise, &look.zone),
                promise: promise.name.clone(),
                instance,
                customer,
            });
        }
    }
    items.sort_by(|a, b| {
        (a.instance.due_at, &a.instance.about).cmp(&(b.instance.due_at, &b.instance.about))
    });
    Ok(Outcome::good(Due {
        items,
        as_of: look.as_of,
        until,
        zone: look.zone.clone(),
        limit,
    }))
}

struct Item {
    promise: String,
    /// When, in words.
    due: String,
    instance: Instance,
    customer: String,
}

struct Due {
    items: Vec<Item>,
    as_of: Timestamp,
    until: Timestamp,
    zone: TimeZone,
    limit: usize,
}

impl Answer for Due {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let (from, until) = (
            when::moment(self.as_of, &self.zone),
            when::moment(self.until, &self.zone),
        );
        if self.items.is_empty() {
            return writeln!(
                out,
                "{} is due between {from} and {until}",
                paint(GOOD, "Nothing")
            );
        }
        let promises = counted(
            self.items.len() as u64,
            "open promise is",
            "open promises are",
        );
        writeln!(
            out,
            "{} due between {from} and {until}\n",
            paint(HEADING, promises)
        )?;
        let mut table = Table::new(&[
            Column::words("due"),
            Column::words("in"),
            Column::name("promise"),
            Column::name("about"),
            Column::name("customer"),
        ]);
        for item in self.items.iter().take(self.limit) {
            table.row([
                item.due.clone(),
                when::short(self.as_of.duration_until(item.instance.due_at)),
                item.promise.clone(),
                item.instance.about.clone(),
                item.customer.chars().take(12).collect(),
            ]);
        }
        table.write(out)?;
        let (shown, all) = (self.items.len().min(self.limit), self.items.len());
        if shown < all {
            let note = format!(
                "{} of {}; --limit shows more",
                whole(shown as u64),
                whole(all as u64)
            );
            writeln!(out, "{}", paint(QUIET, note))?;
        }
        Ok(())
    }

    fn json(&self) -> Value {
        let items = self.items.iter().map(|item| {
            json!({
                "promise": item.promise,
                "about": item.instance.about,
                "customer": item.customer,
                "opened_at": item.instance.opened_at,
                "due_at": item.instance.due_at,
            })
        });
        json!({ "as_of": self.as_of, "until": self.until, "total": self.items.len(), "items": items.collect::<Vec<_>>() })
    }
}
