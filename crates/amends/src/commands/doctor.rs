//! `amends doctor`: looks for damage, and says how to mend it.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::Path;

use amends_custody::Usage;
use amends_custody::sums::{self, Compared};
use amends_model::{IdentifierId, Result};
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::context::Context;
use crate::look::{Look, links};
use crate::terminal::number::{counted, whole};
use crate::terminal::paint::{BAD, GOOD, QUIET, paint};
use crate::terminal::prose;

/// Examines the data folder of a project.
///
/// # Errors
/// When ledger or vault cannot be asked at all.
pub(crate) async fn run(context: &Context) -> Result<Outcome> {
    let mut findings = vec![
        databases(&context.project.data)?,
        told("files", files(context).await),
        told("conservation", conservation(context).await),
        told("vault", vault(context).await),
        told("erasures", erasures(context).await),
        told("derived", derived(context).await),
    ];
    let imports = context.ledger.imports().await.unwrap_or_default();
    let usage = amends_custody::usage(&context.project.data, &imports);
    findings.push(space(&usage, &context.project.data));
    let (state, unread) = match state(context).await {
        Ok(state) => (Some(state), None),
        Err(problem) => (None, Some(problem)),
    };
    findings.extend(unread.map(|problem| told("state", Err(problem))));
    let fine = findings.iter().all(|finding| finding.wrong.is_empty());
    Ok(Outcome::good_if(
        fine,
        Examined {
            findings,
            usage,
            state,
        },
    ))
}

/// What was found, or what kept it from being looked at: the rest is looked at all the same.
fn told(name: &'static str, finding: Result<Finding>) -> Finding {
    finding.unwrap_or_else(|problem| Finding {
        name,
        looked_at: "it could not be looked at".into(),
        wrong: vec![problem.to_string()],
        mend: "put the damaged file back from a backup",
    })
}

/// Compares the databases with the checksums beside them. One without gets its own at the end.
fn databases(data: &Path) -> Result<Finding> {
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for database in sums::databases(data) {
        match sums::compare(&database)? {
            Compared::Right => compared += 1,
            Compared::Absent => {}
            Compared::Wrong => wrong.push(format!(
                "{}: its checksum is wrong",
                database.file.display()
            )),
            Compared::Unreadable => wrong.push(format!(
                "{}: it is damaged itself; the next command that writes replaces it",
                database.sum.display()
            )),
        }
    }
    let mut looked_at = format!("{compared} of 2 compared with the checksum beside them");
    if compared + wrong.len() < 2 {
        looked_at += "; the last command that wrote was cut short or is under way, so the next examination compares";
    }
    Ok(Finding {
        name: "databases",
        looked_at,
        wrong,
        mend: "put the data folder back from a backup: amends restore DIR --replace",
    })
}

/// A hash of everything that sources said: the same records give the same one, in whatever order they were imported.
async fn state(context: &Context) -> Result<String> {
    let snapshot = context.ledger.snapshot().await?;
    let ids: Vec<IdentifierId> = context
        .vault
        .minted()
        .await?
        .iter()
        .map(|minted| minted.id)
        .collect();
    let natives = context.vault.native_hashes(&ids).await?;
    let native = |id: IdentifierId| natives.get(&id).copied().unwrap_or_default();
    let hash = amends_ledger::state_hash(&snapshot, &native)?;
    Ok(hash.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// One thing that was looked at.
struct Finding {
    name: &'static str,
    looked_at: String,
    wrong: Vec<String>,
    mend: &'static str,
}

async fn files(context: &Context) -> Result<Finding> {
    let damage = context.ledger.verify().await?;
    Ok(Finding {
        name: "files",
        looked_at: "the database checked itself; every segment compared with its checksum".into(),
        wrong: damage
            .iter()
            .map(|damage| format!("{}: {}", damage.path.display(), damage.what))
            .collect(),
        mend: "put the file back from a backup, or undo and repeat the import that wrote it",
    })
}

async fn conservation(context: &Context) -> Result<Finding> {
    let imports = context.ledger.imports().await?;
    let off = imports.iter().filter(|import| {
        import.ended_at.is_some()
            && import.received != import.stored + import.duplicate + import.quarantined
    });
    let wrong = off.map(|import| {
        let (received, stored, duplicate, set_aside) = (
            import.received,
            import.stored,
            import.duplicate,
            import.quarantined,
        );
        format!(
            "import {}: {received} received, but {stored} + {duplicate} + {set_aside}",
            import.import
        )
    });
    let rows: u64 = imports.iter().map(|import| import.received).sum();
    Ok(Finding {
        name: "conservation",
        wrong: wrong.collect(),
        looked_at: format!(
            "{} in {}: received = stored + duplicate + quarantined",
            counted(rows, "row", "rows"),
            counted(imports.len() as u64, "import", "imports")
        ),
        mend: "repeat the import: known rows are counted as duplicates",
    })
}

async fn vault(context: &Context) -> Result<Finding> {
    let minted = context.vault.minted().await?;
    // Some thousand of them, so that a large vault is not opened whole.
    let sample: Vec<_> = minted
        .iter()
        .step_by((minted.len() / 1000).max(1))
        .map(|minted| minted.id)
        .collect();
    let names = context.vault.names(&sample).await;
    let erased = context.vault.erased().await?;
    let nameless = |names: &HashMap<IdentifierId, String>| {
        let without = |id: &&IdentifierId| !names.contains_key(*id) && !erased.contains_key(*id);
        sample.iter().filter(without).count()
    };
    let wrong = match names {
        Ok(names) if nameless(&names) == 0 => Vec::new(),
        Ok(names) => vec![format!(
            "{} of {} identifiers have no name",
            nameless(&names),
            sample.len()
        )],
        Err(problem) => vec![problem.to_string()],
    };
    Ok(Finding {
        name: "vault",
        looked_at: format!(
            "{} of {} opened; {} erased",
            whole(sample.len() as u64),
            counted(minted.len() as u64, "name", "names"),
            whole(erased.len() as u64)
        ),
        wrong,
        mend: "put vault.db and master.key back from the same backup",
    })
}

/// Whether the journal and the vault know of the same erasures; what the vault lacks was done when the project was opened.
async fn erasures(context: &Context) -> Result<Finding> {
    let path = context.journal.path().display();
    let known = context.vault.finished_erasures().await?;
    let listed = context.journal.len()?;
    let wrong = match known.saturating_sub(listed) {
        0 => Vec::new(),
        missing => {
            let missing = counted(missing as u64, "erasure", "erasures");
            vec![format!(
                "{missing} that the vault knows of are not in {path}"
            )]
        }
    };
    Ok(Finding {
        name: "erasures",
        looked_at: format!(
            "{} in {path}",
            counted(listed as u64, "erasure", "erasures")
        ),
        wrong,
        mend: "put the whole journal back from a copy: without it the erased may return with a restored backup",
    })
}

/// Compares what is kept of every promise with a replay, and who is who with the events. What was damaged before is computed anew by that.
async fn derived(context: &Context) -> Result<Finding> {
    let mut finding = Finding {
        name: "derived",
        looked_at: "nothing is kept yet".into(),
        wrong: Vec::new(),
        mend: "delete the folder `derived` in the data folder: everything in it is computed again",
    };
    let look = match Look::at(context).await {
        Err(problem) if problem.code() == "AM0017" => return Ok(finding),
        look => look?,
    };
    let mut compared = 0;
    for (name, promise) in &context.project.promises {
        let kept = match look.instances(context, promise) {
            // Such a promise is not measurable, which is for `amends check` to say.
            Err(problem) if problem.code().starts_with("AM07") => continue,
            kept => kept?,
        };
        compared += kept.len();
        if kept.hash()? != look.replay(context, promise)?.hash()? {
            let wrong = format!("{name}: what is kept is not what a replay says");
            finding.wrong.push(wrong);
        }
    }
    let anew = links(context, &look.snapshot, Some(look.as_of)).await?;
    if look.people != *anew.people() {
        let wrong = "who is who: what is kept is not what the events say";
        finding.wrong.push(wrong.into());
    }
    let instances = counted(compared, "instance", "instances");
    let identifiers = look.people.identifiers().len() as u64;
    let identifiers = counted(identifiers, "identifier", "identifiers");
    finding.looked_at =
        format!("{instances} of promises compared with a replay, {identifiers} with the events");
    Ok(finding)
}

/// What the data folder takes, part by part; wrong where it will not fit for another month.
fn space(usage: &Usage, data: &Path) -> Finding {
    let megabytes = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
    let all = usage.parts.iter().map(|part| part.bytes).sum();
    let each = usage.parts.iter().filter(|part| part.bytes > 0);
    let each = each.map(|part| format!("{} {}", part.name, megabytes(part.bytes)));
    let each: Vec<String> = each.collect();
    let mut looked_at = format!(
        "{} in {}: {}",
        megabytes(all),
        data.display(),
        each.join(", ")
    );
    if let Some(grown) = usage.a_month {
        looked_at += &format!("; {} more a month", megabytes(grown));
    }
    if let Some(free) = usage.free {
        looked_at += &format!("; {} free", megabytes(free));
    }
    let months = usage.months_left();
    if let Some(months) = months.filter(|months| *months < 1000.0) {
        looked_at += &format!(", enough for {months:.0} months");
    }
    let tight = months.is_some_and(|months| months < 1.0);
    Finding {
        name: "space",
        looked_at,
        wrong: tight
            .then(|| "the disk will be full within a month".to_owned())
            .into_iter()
            .collect(),
        mend: "make room, or move the data folder to a larger disk: `data = \"...\"` in amends.toml",
    }
}

struct Examined {
    findings: Vec<Finding>,
    usage: Usage,
    /// None where the ledger cannot be read.
    state: Option<String>,
}

impl Answer for Examined {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        for finding in &self.findings {
            let mark = if finding.wrong.is_empty() {
                paint(GOOD, "good")
            } else {
                paint(BAD, "BAD ")
            };
            let label = format!("{mark}  {:<13} ", finding.name);
            prose::beside(out, &label, &paint(QUIET, &finding.looked_at))?;
            finding
                .wrong
                .iter()
                .try_for_each(|wrong| writeln!(out, "      {wrong}"))?;
            if !finding.wrong.is_empty() {
                writeln!(out, "      to mend it: {}", finding.mend)?;
            }
        }
        match &self.state {
            Some(state) => writeln!(out, "{}", paint(QUIET, format!("state {state}"))),
            None => Ok(()),
        }
    }

    fn json(&self) -> Value {
        let each = self.findings.iter().map(|finding| {
            json!({ "name": finding.name, "looked_at": finding.looked_at, "wrong": finding.wrong, "mend": finding.mend })
        });
        json!({ "good": self.findings.iter().all(|finding| finding.wrong.is_empty()), "findings": each.collect::<Vec<_>>(), "usage": self.usage, "state": self.state })
    }
}
