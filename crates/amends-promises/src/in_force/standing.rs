//! Which definition judges what, out of all that were put in force one after the other.

use std::collections::{BTreeMap, BTreeSet};

use amends_model::{Problem, Result};
use amends_project::definition::{Earlier, Promise, Spell};
use amends_project::{Project, load_texts};
use jiff::Timestamp;

use super::activation::{Activation, Scope};

/// A definition of one promise, or that there is none any more, from a moment on.
struct Link {
    /// Without one: ever since.
    from: Option<Timestamp>,
    promise: Option<Earlier>,
}

/// The definitions in force: promises, customers and voice are those that were put in force, with all that judge what opened before. Sources, identifiers,
/// the journey and the company are those of the folder: they say how records are read and who answers for what, and judge nothing.
/// Where nothing was ever put in force, the folder is.
///
/// # Errors
/// `AM0711` when this release finds mistakes in definitions that were put in force.
pub fn standing(folder: &Project, activations: &[Activation]) -> Result<Project> {
    let mut chains: BTreeMap<String, Vec<Link>> = BTreeMap::new();
    let mut last = None;
    // What is restated needs nothing that was in force before.
    let restated = |activation: &Activation| activation.scope == Scope::Restated;
    let first = activations.iter().rposition(restated).unwrap_or(0);
    for activation in &activations[first..] {
        let project = read(folder, activation)?;
        let from = match (activation.scope, &last) {
            (Scope::From(from), Some(_)) => Some(from),
            _ => None,
        };
        let names: BTreeSet<String> = chains
            .keys()
            .chain(project.promises.keys())
            .cloned()
            .collect();
        for name in names {
            let promise = project.promises.get(&name).map(|promise| Earlier {
                promise: promise.clone(),
                calendars: project.calendars.clone(),
            });
            follow(chains.entry(name).or_default(), Link { from, promise });
        }
        last = Some(project);
    }
    let Some(last) = last else {
        return Ok(folder.clone());
    };
    let mut project = Project {
        customers: last.customers,
        voice: last.voice,
        calendars: last.calendars,
        promises: BTreeMap::new(),
        earlier: BTreeMap::new(),
        unmeasured: last.unmeasured,
        version: last.version,
        texts: last.texts,
        ..folder.clone()
    };
    for (name, chain) in chains {
        let mut judges = spells(chain);
        if let Some(one) = judges.pop() {
            project.promises.insert(name.clone(), one.promise);
        }
        if !judges.is_empty() {
            project.earlier.insert(name, judges);
        }
    }
    Ok(project)
}

/// The definitions of one activation. Paths of exports are not wanted, so their variables need not be set.
fn read(folder: &Project, activation: &Activation) -> Result<Project> {
    let as_written = |name: &str| Some(format!("${{{name}}}"));
    let (project, mistakes) = load_texts(&folder.root, &activation.texts, &as_written);
    project.ok_or_else(|| {
        let first = mistakes.iter().find(|mistake| !mistake.is_warning);
        let detail = first.map_or_else(String::new, |mistake| mistake.message.clone());
        let when = activation.at;
        Problem::new("AM0711", "definitions that are in force hold mistakes")
            .detail(format!("put in force at {when}: {detail}"))
            .hint("this release reads them in another way: use the one that they were written for, or put the folder in force with `amends plan --in-force --restate`")
    })
}

/// Adds what is in force from a moment on. What would have been later gives way. A definition that says what the last one said was not changed: it judges
/// what it judged, whatever day another one was given, with the words that it has now.
fn follow(chain: &mut Vec<Link>, next: Link) {
    let version = |link: &Link| link.promise.as_ref().map(|one| one.promise.version.clone());
    let Some(from) = next.from else {
        *chain = vec![next];
        return;
    };
    if let Some(last) = chain.last_mut()
        && version(last) == version(&next)
    {
        last.promise = next.promise;
        return;
    }
    chain.retain(|link| link.from < Some(from));
    chain.push(next);
}

/// The definitions of a chain, each with its spell.
fn spells(chain: Vec<Link>) -> Vec<Earlier> {
    let mut until = None;
    let mut judges = Vec::new();
    for link in chain.into_iter().rev() {
        let from = link.from;
        if let Some(mut one) = link.promise {
            one.promise.spell = Spell { from, until };
            judges.push(one);
        }
        until = from;
    }
    judges.reverse();
    judges
}

/// How a definition of the folder differs from what is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Differs {
    /// It is not in force.
    New,
    /// Another one is in force.
    Changed,
    /// It is in force, and not in the folder.
    Gone,
}

/// The promises of a folder that differ from those in force, by name.
pub fn differences(folder: &Project, in_force: &Project) -> BTreeMap<String, Differs> {
    let still = |name: &str| {
        let promise: Option<&Promise> = in_force.promises.get(name);
        promise.filter(|promise| promise.spell.until.is_none())
    };
    let names = folder.promises.keys().chain(in_force.promises.keys());
    let differs = |name: &String| match (folder.promises.get(name), still(name)) {
        (Some(_), None) => Some(Differs::New),
        (None, Some(_)) => Some(Differs::Gone),
        (Some(one), Some(other)) if one.version != other.version => Some(Differs::Changed),
        _ => None,
    };
    names
        .filter_map(|name| Some((name.clone(), differs(name)?)))
        .collect()
}
