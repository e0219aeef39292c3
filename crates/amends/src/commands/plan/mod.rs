//! `amends plan`: what the definitions in the folder would move, and putting them in force (rule 12).

mod show;

use std::collections::BTreeSet;
use std::sync::Arc;

use amends_fractures::Fracture;
use amends_model::{EventId, IdentifierId, Problem, Result};
use amends_project::Project;
use amends_project::definition::Promise;
use amends_promises::{Activation, Differs, LetDown, Moved, Scope, moved};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::moves::{self, Answers, Move};
use super::{fractures, test};
use crate::answer::Outcome;
use crate::arguments::{Command, Plan};
use crate::context::{Context, Definitions};
use crate::look::Look;
use crate::surroundings;

/// So many periods of the card are compared, the last complete one and those before it.
const PERIODS: usize = 3;

/// Compares, or puts in force.
///
/// # Errors
/// As [`put`], or as the questions that are compared.
pub(super) async fn run(context: &Context, asked: &Plan) -> Result<Outcome> {
    match asked.in_force {
        true => put(context, asked).await,
        false => compare(context, asked.limit).await,
    }
}

/// Which definitions a command asks. Whoever changes something does not do it by definitions that stand in for those of a folder with mistakes; and those
/// that were put in force need not be read to put others in force, so that none that cannot be read any more stands in the way.
pub(super) fn asks(command: &Command) -> Definitions {
    match command {
        Command::Plan(asked) if asked.in_force => Definitions::OfFolder,
        Command::Card { .. }
        | Command::Math(_)
        | Command::Letdowns(_)
        | Command::Promises
        | Command::Fractures { .. }
        | Command::Validate(_)
        | Command::Complaints(_)
        | Command::Normal(_)
        | Command::Due(_)
        | Command::Customer { .. }
        | Command::Explain { .. }
        | Command::People { .. } => Definitions::InForceWhateverTheFolder,
        _ => Definitions::InForce,
    }
}

/// What is in force now, and what was before.
struct PutInForce {
    event: EventId,
    scope: Scope,
    is_first: bool,
    /// Whether what makes a customer is another thing now.
    customers: bool,
    approver: String,
    version: String,
    zone: TimeZone,
}

/// Puts what the folder says in force.
///
/// # Errors
/// `AM0007` when the day cannot be read; `AM0023` when there is nothing to put in force, or not so; `AM0024` when tests of the definitions fail.
async fn put(context: &Context, asked: &Plan) -> Result<Outcome> {
    let snapshot = context.ledger.snapshot().await?;
    let activations = amends_promises::activations(&snapshot)?;
    let folder = &context.folder;
    let zone = context.project.company.zone.clone();
    let now = surroundings::now();
    let last = activations.last();
    let judges_as_folder = |one: &Activation| {
        let put = amends_promises::as_put_in_force(&folder.root, one);
        put.is_ok_and(|put| amends_promises::judge_alike(&put, folder))
    };
    let is_told_otherwise = last.is_some_and(judges_as_folder);
    let scope = match (&asked.from, last) {
        (Some(day), _) => Scope::From(beginning(day, &zone)?),
        (None, Some(last)) if is_told_otherwise && !asked.restate => last.scope,
        (None, Some(_)) if !asked.restate => Scope::From(now),
        (None, _) => Scope::Restated,
    };
    let customers = match amends_promises::standing(folder, &activations) {
        Ok(one) => one.customers_version() != folder.customers_version(),
        // What is restated needs nothing that this release cannot read any more; what begins on a day does.
        Err(_) if scope == Scope::Restated => true,
        Err(problem) => return Err(problem),
    };
    let approver = asked.approver.as_deref().unwrap_or_default().trim();
    let is_first = activations.iter().all(judges_as_folder);
    refuse(
        context,
        asked,
        (&activations, is_first),
        (scope, now),
        customers,
    )?;
    let failed = test::failing(folder).await;
    if !failed.is_empty() {
        return Err(Problem::new("AM0024", "tests of these definitions fail")
            .detail(failed.join(", "))
            .hint("`amends test` shows why; nothing was put in force"));
    }
    let writer = context.writer(&surroundings::holder("plan")).await?;
    let said = (approver, asked.note.as_deref());
    let event = amends_promises::put_in_force(&writer, folder, scope, said, now).await?;
    Ok(Outcome::good(PutInForce {
        event,
        scope,
        is_first: activations.is_empty(),
        customers,
        approver: approver.to_owned(),
        version: folder.version.clone(),
        zone,
    }))
}

/// What cannot be put in force, or not so.
fn refuse(
    context: &Context,
    asked: &Plan,
    (activations, is_first): (&[Activation], bool),
    (scope, now): (Scope, Timestamp),
    customers: bool,
) -> Result<()> {
    let problem = |message: &str, hint: &str| Err(Problem::new("AM0023", message).hint(hint));
    let is_same = |one: &Activation| one.texts == context.folder.texts;
    if asked
        .approver
        .as_deref()
        .unwrap_or_default()
        .trim()
        .is_empty()
    {
        return problem(
            "nobody approved of these definitions",
            "name who did: --approver \"Ada Example\"",
        );
    }
    if context.as_of.is_some() {
        return problem(
            "definitions are put in force now, and not as of another moment",
            "leave --as-of away; --from DAY says from when on they judge",
        );
    }
    // Whether nothing that judges in another way was ever in force.
    if asked.from.is_some() && is_first {
        return problem(
            "the first definitions judge everything that ever opened",
            "leave --from away: before them nothing was in force that could judge it",
        );
    }
    if activations
        .last()
        .is_some_and(|last| is_same(last) && last.scope == scope)
    {
        return problem(
            "what the folder says is in force already",
            "`amends plan` compares the folder with what is in force; --from DAY or --restate corrects what it judges",
        );
    }
    match scope {
        Scope::From(from) if from > now && customers => problem(
            "what makes a customer, or what counts as speaking up, cannot wait for a day to come",
            "it holds for all of time once it is in force: put it in force without --from, or on that day",
        ),
        _ => Ok(()),
    }
}

/// When a day begins.
fn beginning(day: &str, zone: &TimeZone) -> Result<Timestamp> {
    let wrong = || {
        Problem::new("AM0007", "this is not a day")
            .detail(format!("{day:?}"))
            .hint("write it as 2026-03-01")
    };
    let parsed: Date = day.parse().map_err(|_| wrong())?;
    // A time of the day would be read, and left out.
    if parsed.to_string() != day {
        return Err(wrong());
    }
    let begins = parsed.to_zoned(zone.clone()).map_err(|_| wrong())?;
    Ok(begins.timestamp())
}

/// What would move.
struct Compared {
    as_of: Option<Timestamp>,
    /// The moment of which questions would be asked by default, where it is another one.
    would_be_as_of: Option<Timestamp>,
    zone: TimeZone,
    /// The last that was put in force; without one the folder counts.
    last: Option<Activation>,
    promises: Vec<PromiseMoves>,
    customers: bool,
    moves: Vec<Move>,
    /// Those that there would be, and those that there would be no longer.
    fractures: (Vec<Fracture>, Vec<Fracture>),
    limit: usize,
}

/// What another definition of a promise moves.
struct PromiseMoves {
    name: String,
    change: Differs,
    /// The versions in force and in the folder.
    versions: (Option<String>, Option<String>),
    /// How many instances there are now, and would be.
    instances: (u64, u64),
    /// What would come in.
    comes: Moved,
    /// What would go out.
    goes: Moved,
}

/// Compares what the folder says with what is in force.
///
/// # Errors
/// As the questions that are compared.
async fn compare(context: &Context, limit: usize) -> Result<Outcome> {
    let activations = amends_promises::activations(&context.ledger.snapshot().await?)?;
    let differing = amends_promises::differences(&context.folder, &context.project);
    let customers = context.folder.customers_version() != context.project.customers_version();
    let mut compared = Compared {
        as_of: None,
        would_be_as_of: None,
        zone: context.project.company.zone.clone(),
        last: activations.into_iter().next_back(),
        promises: Vec::new(),
        customers,
        moves: Vec::new(),
        fractures: (Vec::new(), Vec::new()),
        limit,
    };
    if differing.is_empty() && !customers {
        return Ok(Outcome::good(compared));
    }
    let look = match Look::at(context).await {
        Err(problem) if moves::is_empty(&problem) => None,
        look => Some(look?),
    };
    let Some(look) = look else {
        let named = differing.into_iter();
        let none = |(name, change)| PromiseMoves::none(context, name, change);
        compared.promises = named.map(none).collect();
        return Ok(Outcome::good(compared));
    };
    compared.as_of = Some(look.as_of);
    let usual = amends_promises::earliest_watermark(&context.folder, &look.snapshot);
    let usual = usual.filter(|usual| context.as_of.is_none() && *usual != look.as_of);
    compared.would_be_as_of = usual;
    let then = as_in_folder(context, look.as_of);
    for (name, change) in differing {
        let moves = of_promise(context, &then, &look, name, change)?;
        compared.promises.push(moves);
    }
    let mut period = look.period(context, None)?;
    for number in 0..PERIODS {
        let named = Some(period.to_string());
        let before = Answers::of(context, named.as_deref()).await?;
        let after = Answers::of(&then, named.as_deref()).await?;
        compared.moves.extend(match number {
            0 => moves::between(&before, &after),
            _ => moves::of_card(&before, &after),
        });
        period = period.previous();
    }
    let now = fractures::read(context, &look, None).await?.fractures;
    let then_look = Look::at(&then).await?;
    let would_be = fractures::read(&then, &then_look, None).await?.fractures;
    compared.fractures = (without(&would_be, &now), without(&now, &would_be));
    Ok(Outcome::good(compared))
}

/// The same project, as if the definitions of the folder had always been in force. Its answers are of one moment, so that nothing of them is kept.
fn as_in_folder(context: &Context, as_of: Timestamp) -> Context {
    Context {
        project: Arc::clone(&context.folder),
        folder: Arc::clone(&context.folder),
        planner: context.planner.clone(),
        ledger: context.ledger.clone(),
        vault: context.vault.clone(),
        journal: context.journal.clone(),
        as_of: Some(as_of),
    }
}

fn of_promise(
    context: &Context,
    then: &Context,
    look: &Look,
    name: String,
    change: Differs,
) -> Result<PromiseMoves> {
    let kept = |of: &Context| {
        let promise: Option<&Promise> = of.project.promises.get(&name);
        promise
            .map(|promise| look.instances(of, promise))
            .transpose()
    };
    let (before, after) = (kept(context)?, kept(then)?);
    let customer = |identifier: IdentifierId| look.people.customer(identifier);
    let between = |one: &Option<amends_promises::Kept>, other: &Option<amends_promises::Kept>| {
        let one = one.as_ref().map(|one| moved(one, other.as_ref(), customer));
        Ok::<_, Problem>(one.transpose()?.unwrap_or_default())
    };
    let count = |kept: &Option<amends_promises::Kept>| kept.as_ref().map_or(0, |kept| kept.len());
    Ok(PromiseMoves {
        instances: (count(&before), count(&after)),
        comes: between(&after, &before)?,
        goes: between(&before, &after)?,
        ..PromiseMoves::none(context, name, change)
    })
}

impl PromiseMoves {
    /// Nothing moves, as where nothing was imported.
    fn none(context: &Context, name: String, change: Differs) -> Self {
        let version = |of: &Project| of.promises.get(&name).map(|one| one.version.clone());
        Self {
            change,
            versions: (version(&context.project), version(&context.folder)),
            instances: (0, 0),
            comes: Moved::default(),
            goes: Moved::default(),
            name,
        }
    }
}

/// The fractures that are in one list only, or in the other at another place: one that moves keeps its id.
fn without(these: &[Fracture], others: &[Fracture]) -> Vec<Fracture> {
    let told = |one: &Fracture| (one.id.clone(), one.place.parts.clone());
    let others: BTreeSet<_> = others.iter().map(told).collect();
    let only = these.iter().filter(|one| !others.contains(&told(one)));
    only.cloned().collect()
}

/// One let-down for the list: what it is about, whose it is, and how it stands now and then.
fn told(let_down: &LetDown) -> (&str, IdentifierId, &'static str, &'static str) {
    let other = let_down.other.map_or("-", |state| state.as_str());
    (
        &let_down.about,
        let_down.customer,
        let_down.state.as_str(),
        other,
    )
}
