//! After an import or a replay, every promise is looked at again, and the moment at which each let-down was first noticed is written down.
//!
//! It is a log beside the state, which does not depend on it (rule 6).

use std::collections::BTreeMap;
use std::io::{self, Write};

use amends_ledger::Writer;
use amends_model::{Problem, Result};
use amends_project::definition::Promise;
use jiff::Timestamp;

use crate::context::Context;
use crate::look::Glance;
use crate::terminal::number::counted;
use crate::terminal::paint::{BAD, QUIET, paint};

/// Notes the let-downs that were not known before: how many there are, by promise, and what kept other promises from being looked at.
pub(crate) async fn notice(
    context: &Context,
    writer: &Writer,
    now: Timestamp,
) -> (BTreeMap<String, u64>, Vec<Problem>) {
    let (mut new, mut problems) = (BTreeMap::new(), Vec::new());
    let look = match Glance::at(context).await {
        Ok(look) => look,
        Err(problem) if problem.code() == "AM0017" => return (new, problems),
        Err(problem) => return (new, vec![problem]),
    };
    for (name, promise) in &context.project.promises {
        match of_promise(context, &look, writer, promise, now).await {
            Ok(count) => {
                new.insert(name.clone(), count);
            }
            Err(problem) => problems.push(problem),
        }
    }
    (new, problems)
}

/// Tells which promises let-downs were noticed of for the first time.
///
/// # Errors
/// When the output cannot be written.
pub(crate) fn show(noticed: &BTreeMap<String, u64>, out: &mut dyn Write) -> io::Result<()> {
    for (promise, new) in noticed.iter().filter(|(_, new)| **new > 0) {
        let new = paint(BAD, counted(*new, "new let-down", "new let-downs"));
        let how = format!("`amends letdowns --promise {promise}` lists them");
        let how = paint(QUIET, how);
        writeln!(out, "{new} of {promise}; {how}")?;
    }
    Ok(())
}

async fn of_promise(
    context: &Context,
    look: &Glance,
    writer: &Writer,
    promise: &Promise,
    now: Timestamp,
) -> Result<u64> {
    let known = context.ledger.noticed(&promise.name).await?;
    let mut abouts = Vec::new();
    for let_down in look.instances(context, promise)?.let_downs()? {
        let about = let_down?.about;
        if !known.contains_key(&about) {
            abouts.push(about);
        }
    }
    writer.notice(&promise.name, &abouts, now).await?;
    Ok(abouts.len() as u64)
}
