//! Which definition judges what, out of all that were put in force one after the other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use amends_model::{Problem, Result};
use amends_project::definition::{Promise, Source, Spell, Unmeasured};
use amends_project::{Project, load_texts};
use jiff::Timestamp;

use super::activation::{Activation, Scope};

/// A definition of one promise, or that there is none any more, from a moment on.
struct Link {
    /// Without one: ever since.
    from: Option<Timestamp>,
    promise: Option<Promise>,
}

/// The definitions in force: promises, customers and voice are those that were put in force, with all that judge what opened before. Sources, identifiers,
/// the journey and the company are those of the folder: they say how records are read and who answers for what, and judge nothing.
/// Where nothing was ever put in force, the folder is.
///
/// # Errors
/// `AM0711` when this release finds mistakes in definitions that were put in force.
pub fn standing(folder: &Project, activations: &[Activation]) -> Result<Project> {
    let put = put(&folder.root, activations);
    let mut chains: BTreeMap<String, Vec<Link>> = BTreeMap::new();
    let mut last: Option<Project> = None;
    let gone = gone(folder, &put);
    for Put { project, scope } in counting(put) {
        let project = project?;
        let from = match (scope, &last) {
            (Scope::From(from), Some(_)) => Some(from),
            _ => None,
        };
        let names: BTreeSet<String> = chains
            .keys()
            .chain(project.promises.keys())
            .cloned()
            .collect();
        for name in names {
            let promise = project.promises.get(&name).cloned();
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
        promises: BTreeMap::new(),
        earlier: BTreeMap::new(),
        unmeasured: last.unmeasured,
        texts: last.texts,
        gone,
        ..folder.clone()
    };
    for (name, chain) in chains {
        let mut judges = spells(chain);
        if let Some(one) = judges.pop() {
            project.promises.insert(name.clone(), one);
        }
        if !judges.is_empty() {
            project.earlier.insert(name, judges);
        }
    }
    tell_unmeasured(&mut project);
    project.version = project.whole_version();
    Ok(project)
}

/// What is promised now and cannot be measured yet is told so, also for what an earlier definition of it judged and judges still.
fn tell_unmeasured(project: &mut Project) {
    for one in project.unmeasured.values() {
        let Some(promise) = project.promises.get_mut(&one.name) else {
            continue;
        };
        let told = Promise {
            says: one.says.clone(),
            made_by: one.made_by.clone(),
            touchpoint: one.touchpoint.clone(),
            ..promise.clone()
        };
        let earlier = project.earlier.get_mut(&one.name).into_iter().flatten();
        for judge in [promise].into_iter().chain(earlier) {
            *judge = judge.told_as(&told);
        }
    }
}

/// What was put in force once, and what it judges.
struct Put {
    project: Result<Project>,
    scope: Scope,
}

fn put(root: &Path, activations: &[Activation]) -> Vec<Put> {
    let put = activations.iter().map(|activation| Put {
        project: as_put_in_force(root, activation),
        scope: activation.scope,
    });
    put.collect()
}

/// The sources that there were and that the folder has no longer, as they were last.
fn gone(folder: &Project, put: &[Put]) -> BTreeMap<String, Source> {
    let projects = put.iter().filter_map(|put| put.project.as_ref().ok());
    let sources = projects.flat_map(|project| &project.sources);
    let gone = sources.filter(|(name, _)| !folder.sources.contains_key(*name));
    gone.map(|(name, source)| (name.clone(), source.clone()))
        .collect()
}

/// What still says something, with what it judges. What judges as the one before did corrects what that one judges; what is restated needs nothing that
/// was in force before.
fn counting(put: Vec<Put>) -> Vec<Put> {
    let mut counting: Vec<Put> = Vec::new();
    for one in put {
        let corrects = match (counting.last().map(|last| &last.project), &one.project) {
            (Some(Ok(last)), Ok(one)) => judge_alike(last, one),
            _ => false,
        };
        if corrects {
            counting.pop();
        }
        counting.push(one);
    }
    let restated = |put: &Put| put.scope == Scope::Restated;
    let first = counting.iter().rposition(restated).unwrap_or(0);
    counting.split_off(first)
}

/// Whether two projects judge alike: their promises, what makes a customer, and what counts as speaking up.
pub fn judge_alike(one: &Project, other: &Project) -> bool {
    let judging = |of: &Project| -> Vec<(String, String)> {
        let promises = of.promises.iter();
        promises
            .map(|(name, promise)| (name.clone(), promise.judging_version()))
            .collect()
    };
    one.customers_version() == other.customers_version() && judging(one) == judging(other)
}

/// The definitions of one activation, with the sources, identifiers, journey and company of that time. Paths of exports are not wanted, so their variables
/// need not be set.
///
/// # Errors
/// `AM0711` when this release finds mistakes in them.
pub fn as_put_in_force(root: &Path, activation: &Activation) -> Result<Project> {
    let as_written = |name: &str| Some(format!("${{{name}}}"));
    let (project, mistakes) = load_texts(root, &activation.texts, &as_written);
    project.ok_or_else(|| {
        let first = mistakes.iter().find(|mistake| !mistake.is_warning);
        let detail = first.map_or_else(String::new, |mistake| mistake.message.clone());
        let when = activation.at;
        Problem::new("AM0711", "definitions that are in force hold mistakes")
            .detail(format!("put in force at {when}: {detail}"))
            .hint("this release reads them in another way: use the one that they were written for, or put the folder in force with `amends plan --in-force --restate`")
    })
}

/// Adds what is in force from a moment on. What would have been later gives way. A definition that judges as the last one did was not changed: it judges
/// what it judged, whatever day another one was given, and is told as it is told now.
fn follow(chain: &mut Vec<Link>, next: Link) {
    if !chain.last().is_some_and(|last| judges_alike(last, &next)) {
        chain.retain(|link| link.from < next.from);
    }
    match chain.last_mut() {
        Some(last) if judges_alike(last, &next) => last.promise = next.promise,
        _ => chain.push(next),
    }
}

fn judges_alike(one: &Link, other: &Link) -> bool {
    let judging = |link: &Link| link.promise.as_ref().map(Promise::judging_version);
    judging(one) == judging(other)
}

/// The definitions of a chain, each with its spell, and all told as the last one is.
fn spells(chain: Vec<Link>) -> Vec<Promise> {
    let mut until = None;
    let mut judges: Vec<Promise> = Vec::new();
    for link in chain.into_iter().rev() {
        let from = link.from;
        if let Some(mut one) = link.promise {
            one.spell = Spell { from, until };
            judges.push(match judges.first() {
                Some(last) => one.told_as(last),
                None => one,
            });
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
    /// It is in force told in other words, by another maker or standard, which moves no instance.
    Words,
    /// It is in force, and not in the folder.
    Gone,
    /// It is in force as the folder has it; what opened before is judged in another way.
    Since,
    /// It is neither in force nor in the folder; what opened before is still judged by it.
    Ended,
}

impl Differs {
    /// Whether the folder says something that is not in force.
    pub fn is_draft(self) -> bool {
        !matches!(self, Self::Since | Self::Ended)
    }
}

/// The promises that would be judged in another way, or told in other words, if the folder had always been in force, by name.
pub fn differences(folder: &Project, in_force: &Project) -> BTreeMap<String, Differs> {
    let measured = |of: &Project| of.promises.keys().cloned().collect::<Vec<_>>();
    let unmeasured = |of: &Project| of.unmeasured.keys().cloned().collect::<Vec<_>>();
    let names = [folder, in_force].map(|of| [measured(of), unmeasured(of)].concat());
    let names: BTreeSet<String> = names.concat().into_iter().collect();
    let differs = |name: String| {
        let differs = differs(folder, in_force, &name)?;
        Some((name, differs))
    };
    names.into_iter().filter_map(differs).collect()
}

fn differs(folder: &Project, in_force: &Project, name: &str) -> Option<Differs> {
    let was = in_force.promises.get(name);
    let is = was.filter(|promise| promise.spell.until.is_none());
    match (folder.promises.get(name), is) {
        (Some(_), None) => Some(Differs::New),
        (None, Some(_)) => Some(Differs::Gone),
        (Some(one), Some(other)) => {
            let is_since = other.spell.from.is_some() || in_force.earlier.contains_key(name);
            differs_measured(one, other).or(is_since.then_some(Differs::Since))
        }
        (None, None) => {
            let [one, other] = [folder, in_force].map(|of| of.unmeasured.get(name));
            differs_unmeasured(one, other).or(was.and(Some(Differs::Ended)))
        }
    }
}

fn differs_measured(one: &Promise, other: &Promise) -> Option<Differs> {
    let words = |of: &Promise| {
        (
            of.says.clone(),
            of.made_by.clone(),
            of.great.map(f64::to_bits),
        )
    };
    match one.version == other.version {
        false => Some(Differs::Changed),
        true => (words(one) != words(other)).then_some(Differs::Words),
    }
}

fn differs_unmeasured(one: Option<&Unmeasured>, other: Option<&Unmeasured>) -> Option<Differs> {
    let words = |of: &Unmeasured| (of.version.clone(), of.says.clone(), of.made_by.clone());
    match (one, other) {
        (Some(_), None) => Some(Differs::New),
        (None, Some(_)) => Some(Differs::Gone),
        (Some(one), Some(other)) => (words(one) != words(other)).then_some(Differs::Words),
        (None, None) => None,
    }
}
