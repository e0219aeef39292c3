//! Finds whom a user means: by a whole name that a source uses, by an id, or by the beginning of one.
//!
//! A name comes first: many sources number their customers, and the beginning of somebody's id may look like a number.

use std::ops::RangeInclusive;

use amends_custody::Person;
use amends_model::{IdentifierId, Problem, Result};

use crate::arguments::Whom;
use crate::context::Context;
use crate::look::{Look, links};

/// How many of those who go by a text are named.
const NAMED: usize = 10;

/// An identifier of the customer that a text means.
///
/// # Errors
/// `AM0016` when nobody goes by it, or several do who are not one customer.
pub(crate) async fn find(context: &Context, look: &Look, text: &str) -> Result<IdentifierId> {
    let meant = Meant::by(context, text).await?;
    one_customer(look, text, &meant.among(look))
}

/// The same, with a look at them and whoever shares an account with them: little is read.
///
/// # Errors
/// As `find`; `AM0017` when nothing was imported yet.
pub(crate) async fn look_at(context: &Context, text: &str) -> Result<(Look, IdentifierId)> {
    let meant = Meant::by(context, text).await?;
    let look = Look::at_those(context, &meant.between()).await?;
    let found = one_customer(&look, text, &meant.among(&look))?;
    Ok((look, found))
}

fn one_customer(look: &Look, text: &str, found: &[IdentifierId]) -> Result<IdentifierId> {
    let mut customers: Vec<IdentifierId> =
        found.iter().map(|id| look.people.customer(*id)).collect();
    customers.sort();
    customers.dedup();
    match (customers.len(), found.first()) {
        (1, Some(first)) => Ok(*first),
        (several, _) => Err(unclear(look, text, found, several, "customers")),
    }
}

/// The one identifier that a text means.
///
/// # Errors
/// `AM0016` when none goes by it, or several do, be they of one customer or not.
pub(crate) async fn find_one(context: &Context, look: &Look, text: &str) -> Result<IdentifierId> {
    let found = Meant::by(context, text).await?.among(look);
    match found[..] {
        [one] => Ok(one),
        _ => Err(unclear(look, text, &found, found.len(), "identifiers")),
    }
}

/// Which identifiers a text may mean.
enum Meant {
    /// Those of which it is the name.
    Named(Vec<IdentifierId>),
    /// Those of which it is the beginning, as a number, and by how many bits they go on.
    Beginning(u128, u32),
}

impl Meant {
    async fn by(context: &Context, text: &str) -> Result<Self> {
        let named = named(context, text).await?;
        if !named.is_empty() {
            return Ok(Self::Named(named));
        }
        let digits = text.len() >= 4
            && text.len() <= 32
            && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let beginning = u128::from_str_radix(text, 16).ok().filter(|_| digits);
        Ok(match beginning {
            Some(beginning) => Self::Beginning(beginning, 4 * (32 - text.len()) as u32),
            None => Self::Named(Vec::new()),
        })
    }

    /// Between which identifiers they all lie.
    fn between(&self) -> Vec<RangeInclusive<IdentifierId>> {
        match self {
            Self::Named(ids) => ids.iter().map(|id| *id..=*id).collect(),
            Self::Beginning(beginning, others) => {
                let first = beginning << others;
                let last = first | ((1 << others) - 1);
                let [first, last] = [first, last].map(|id: u128| IdentifierId(id.to_be_bytes()));
                vec![first..=last]
            }
        }
    }

    /// Those of a look. A name that the vault knows means somebody also where no event names them yet.
    fn among(self, look: &Look) -> Vec<IdentifierId> {
        match self {
            Self::Named(ids) => ids,
            Self::Beginning(..) => {
                let between = self.between();
                let ids = look.people.identifiers().map(|(id, _)| id);
                ids.filter(|id| between.iter().any(|range| range.contains(id)))
                    .collect()
            }
        }
    }
}

fn unclear(look: &Look, text: &str, found: &[IdentifierId], several: usize, of: &str) -> Problem {
    if found.is_empty() {
        return Problem::new("AM0016", "nobody goes by this")
            .detail(format!("{text:?}"))
            .hint("write an id, at least four characters of one, or a whole name as a source writes it; `amends people new` lists ids");
    }
    let namespace = |id: &IdentifierId| look.people.namespace(*id).unwrap_or("?");
    let mut candidates: Vec<String> = found
        .iter()
        .take(NAMED)
        .map(|id| format!("{} {id}", namespace(id)))
        .collect();
    if found.len() > NAMED {
        candidates.push(format!("and {} more", found.len() - NAMED));
    }
    Problem::new("AM0016", format!("{several} {of} go by this"))
        .detail(candidates.join("\n"))
        .hint("write one of these ids")
}

/// The whole person that the arguments of a command name.
///
/// # Errors
/// As `find`; `AM0406` when the ledger cannot be read.
pub(crate) async fn person(context: &Context, look: &Look, whom: &Whom) -> Result<Person> {
    let found = match (&whom.identifier, &whom.who) {
        (Some(identifier), _) => by_identifier(context, identifier).await?,
        (None, who) => find(context, look, who.as_deref().unwrap_or_default()).await?,
    };
    let stored = context.ledger.snapshot_with_replaced().await?;
    let stored = links(context, &stored, None).await?;
    Person::whole(&look.snapshot, &look.people, &stored, found)
}

/// The identifier that `NAMESPACE=NAME` means, the name brought into its one form.
async fn by_identifier(context: &Context, text: &str) -> Result<IdentifierId> {
    let nobody = |hint: String| {
        Problem::new("AM0016", "nobody goes by this")
            .detail(format!("{text:?}"))
            .hint(hint)
    };
    let known: Vec<&str> = context
        .project
        .identifiers
        .keys()
        .map(String::as_str)
        .collect();
    let known = known.join(", ");
    let (namespace, name) = text
        .split_once('=')
        .ok_or_else(|| nobody("write NAMESPACE=NAME, such as email=ada@example.com".to_owned()))?;
    let rule = context.project.identifiers.get(namespace);
    let rule = rule.ok_or_else(|| nobody(format!("the project's identifiers are: {known}")))?;
    let name = amends_intake::normalised(name, rule.normalise);
    let name = name.ok_or_else(|| nobody(format!("this can be no {namespace}")))?;
    let found = context.vault.find(Some(namespace), &name).await?;
    let found = found.first().map(|minted| minted.id);
    found.ok_or_else(|| nobody("write the whole name as a source writes it".to_owned()))
}

/// Sources write names in their own way; identifiers that bring them into one form keep them so.
async fn named(context: &Context, text: &str) -> Result<Vec<IdentifierId>> {
    let mut forms = vec![text.to_owned(), text.trim().to_lowercase()];
    forms.dedup();
    let mut found = Vec::new();
    for form in forms {
        found.extend(
            context
                .vault
                .find(None, &form)
                .await?
                .into_iter()
                .map(|minted| minted.id),
        );
    }
    found.sort();
    found.dedup();
    Ok(found)
}
