//! After an import, every promise is looked at again, and the moment at which each let-down was first noticed is written down.
//!
//! It is a log beside the state, which does not depend on it (rule 6).

use std::collections::BTreeMap;

use amends_ledger::Writer;
use amends_model::Result;
use jiff::Timestamp;

use crate::context::Context;
use crate::look::Look;

/// Notes the let-downs that were not known before; how many there are, by promise.
///
/// # Errors
/// Whatever keeps a promise from being replayed, or the log from being written.
pub(crate) async fn notice(
    context: &Context,
    writer: &Writer,
    now: Timestamp,
) -> Result<BTreeMap<String, u64>> {
    let mut new = BTreeMap::new();
    let look = match Look::at(context).await {
        Ok(look) => look,
        Err(problem) if problem.code() == "AM0017" => return Ok(new),
        Err(problem) => return Err(problem),
    };
    for (name, promise) in &context.project.promises {
        let known = context.ledger.noticed(name).await?;
        let mut abouts = Vec::new();
        for let_down in look.instances(context, promise)?.let_downs()? {
            let about = let_down?.about;
            if !known.contains_key(&about) {
                abouts.push(about);
            }
        }
        writer.notice(name, &abouts, now).await?;
        new.insert(name.clone(), abouts.len() as u64);
    }
    Ok(new)
}
