//! `amends identity`: which identifiers are one person, and why; how to undo a link, and how to take that back.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use amends_identity::{Evidence, Explanation, Reason};
use amends_model::{EventId, IdentifierId, Problem, Result};
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::arguments::IdentityAction;
use crate::context::Context;
use crate::look::{Look, Study};
use crate::terminal::number::{counted, whole};
use crate::terminal::paint::{CARE, GOOD, HEADING, QUIET, paint};
use crate::terminal::table::plain;
use crate::{surroundings, who};

/// Explains, unlinks or links again.
///
/// # Errors
/// `AM0016` when an identifier is not known; `AM0602` when both are the same; `AM0604` when nobody has unlinked them.
pub(crate) async fn run(context: &Context, action: IdentityAction) -> Result<Outcome> {
    match action {
        IdentityAction::Explain { who, other, reveal } => {
            explain(context, &who, other.as_deref(), reveal).await
        }
        IdentityAction::Unlink { a, b, by, why } => unlink(context, (&a, &b), &by, &why).await,
        IdentityAction::Link { a, b, by, why } => link(context, (&a, &b), &by, &why).await,
    }
}

async fn explain(
    context: &Context,
    one: &str,
    other: Option<&str>,
    reveal: bool,
) -> Result<Outcome> {
    let look = Study::at(context).await?;
    let (a, b) = match other {
        Some(other) => (
            who::find_one(context, &look, one).await?,
            who::find_one(context, &look, other).await?,
        ),
        None => {
            let one = who::find(context, &look, one).await?;
            (one, one)
        }
    };
    let customer = look.people.customer(a);
    let explanation = look.links.explain(a, b);
    let links = match (&explanation.path, other) {
        (Some(path), Some(_)) => path.clone(),
        (None, Some(_)) => Vec::new(),
        (_, None) => look.links.evidence(customer),
    };
    let mut ids: Vec<IdentifierId> = look.people.members(customer).to_vec();
    ids.extend([a, b]);
    ids.extend(links.iter().flat_map(|link| [link.a, link.b]));
    let rejected = explanation.rejected.iter();
    ids.extend(rejected.flat_map(|rejected| [rejected.evidence.a, rejected.evidence.b]));
    let names = match reveal {
        true => Some(context.vault.names(&ids).await?),
        false => None,
    };
    let namespaces = namespaces(&look, &ids);
    let members = look.people.members(customer).to_vec();
    let between = other.is_some().then_some((a, b));
    Ok(Outcome::good(Explained {
        customer,
        members,
        between,
        links,
        explanation,
        names,
        namespaces,
    }))
}

fn namespaces(look: &Look, ids: &[IdentifierId]) -> BTreeMap<IdentifierId, String> {
    let named = |id: &IdentifierId| Some((*id, look.people.namespace(*id)?.to_owned()));
    ids.iter().filter_map(named).collect()
}

async fn unlink(context: &Context, (a, b): (&str, &str), by: &str, why: &str) -> Result<Outcome> {
    let look = Look::at(context).await?;
    let (a, b) = (
        who::find_one(context, &look, a).await?,
        who::find_one(context, &look, b).await?,
    );
    let writer = context
        .writer(&surroundings::holder("identity unlink"))
        .await?;
    let event = amends_identity::unlink(&writer, (a, b), by, why, surroundings::now()).await?;
    drop(writer);
    let after = Study::at(context).await?;
    let path = after.links.explain(a, b).path;
    Ok(Outcome::good(Unlinked {
        a,
        b,
        event,
        hops: path.map(|path| path.len()),
        namespaces: namespaces(&after, &[a, b]),
    }))
}

/// Takes an unlinking back.
async fn link(context: &Context, (a, b): (&str, &str), by: &str, why: &str) -> Result<Outcome> {
    let look = Study::at_whole_people(context).await?;
    let (a, b) = (
        who::find_one(context, &look, a).await?,
        who::find_one(context, &look, b).await?,
    );
    if !look.links.is_unlinked(a, b) {
        return Err(
            Problem::new("AM0604", "nobody has unlinked these two identifiers")
                .detail(format!("{a} and {b}"))
                .hint("`amends identity explain A B` says why they are not linked: only what `amends identity unlink` decided can be taken back"),
        );
    }
    let writer = context
        .writer(&surroundings::holder("identity link"))
        .await?;
    let event = amends_identity::link_again(&writer, (a, b), by, why, surroundings::now()).await?;
    drop(writer);
    let after = Study::at_whole_people(context).await?;
    Ok(Outcome::good(Linked {
        a,
        b,
        event,
        linked: after.links.explain(a, b).path.is_some(),
        namespaces: namespaces(&after, &[a, b]),
    }))
}

struct Explained {
    customer: IdentifierId,
    members: Vec<IdentifierId>,
    between: Option<(IdentifierId, IdentifierId)>,
    links: Vec<Evidence>,
    explanation: Explanation,
    /// `None` unless the user asked to see them.
    names: Option<HashMap<IdentifierId, String>>,
    namespaces: BTreeMap<IdentifierId, String>,
}

impl Explained {
    fn name(&self, id: IdentifierId) -> String {
        let Some(names) = &self.names else {
            return called(&self.namespaces, id);
        };
        let namespace = self.namespaces.get(&id).map_or("?", String::as_str);
        let name = names.get(&id).map_or("(erased)", String::as_str);
        format!("{namespace} {}", plain(name))
    }

    fn reason(&self, reason: &Reason) -> String {
        match reason {
            Reason::Generic(id) => format!("{} is a generic mailbox", self.name(*id)),
            Reason::OneNamespace(namespace) => format!("both are of {namespace}: two parties"),
            Reason::TooMany {
                identifier,
                namespace,
                others,
                at_most,
            } => {
                let others = whole(i128::from(*others));
                format!(
                    "{} is on {others} of {namespace}, more than {at_most}",
                    self.name(*identifier)
                )
            }
            Reason::Unlinked { by, why, .. } => {
                format!("unlinked by {}: {}", plain(by), plain(why))
            }
            Reason::Member => "a person and their account".into(),
        }
    }
}

impl Answer for Explained {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{} {}", paint(HEADING, "Customer"), self.customer)?;
        for id in &self.members {
            match &self.names {
                Some(_) => writeln!(out, "  {}  {}", self.name(*id), paint(QUIET, id))?,
                None => writeln!(out, "  {}", self.name(*id))?,
            }
        }
        if let Some((a, b)) = self.between {
            let (one, other) = (self.name(a), self.name(b));
            match &self.explanation.path {
                Some(_) => writeln!(
                    out,
                    "\n{one} and {other} are {}",
                    paint(GOOD, "one customer")
                )?,
                None => writeln!(out, "\n{one} and {other} are {}", paint(CARE, "not linked"))?,
            }
        }
        if !self.links.is_empty() {
            writeln!(out, "\n{}", paint(HEADING, "Because"))?;
        }
        for link in &self.links {
            let events = counted(link.events, "record names", "records name");
            let first = paint(QUIET, format!("first {}", link.event));
            writeln!(
                out,
                "  {events} both {} and {}  {first}",
                self.name(link.a),
                self.name(link.b)
            )?;
        }
        if !self.explanation.rejected.is_empty() {
            writeln!(out, "\n{}", paint(HEADING, "Not counted"))?;
        }
        for rejected in &self.explanation.rejected {
            let (a, b) = (
                self.name(rejected.evidence.a),
                self.name(rejected.evidence.b),
            );
            writeln!(out, "  {a} and {b}: {}", self.reason(&rejected.reason))?;
        }
        let more = self.explanation.rejected_in_all - self.explanation.rejected.len();
        if more > 0 {
            writeln!(
                out,
                "  {}",
                paint(QUIET, format!("and {} more", whole(more as u64)))
            )?;
        }
        match &self.names {
            Some(_) => Ok(()),
            None => {
                let note = "names stay in the vault; --reveal shows them";
                writeln!(out, "\n{}", paint(QUIET, note))
            }
        }
    }

    fn json(&self) -> Value {
        let identifier = |id: &IdentifierId| json!({ "id": id, "namespace": self.namespaces.get(id), "name": self.names.as_ref().and_then(|names| names.get(id)) });
        let evidence = |link: &Evidence| json!({ "a": link.a, "b": link.b, "event": link.event, "events": link.events });
        let rejected = self.explanation.rejected.iter().map(|rejected| {
            let mut object = evidence(&rejected.evidence);
            object["reason"] = json!(self.reason(&rejected.reason));
            object
        });
        json!({
            "customer": self.customer,
            "revealed": self.names.is_some(),
            "identifiers": self.members.iter().map(identifier).collect::<Vec<_>>(),
            "linked": self.between.map(|_| self.explanation.path.is_some()),
            "links": self.links.iter().map(evidence).collect::<Vec<_>>(),
            "rejected": rejected.collect::<Vec<_>>(),
            "rejected_in_all": self.explanation.rejected_in_all,
        })
    }
}

/// An identifier without the name behind it.
fn called(namespaces: &BTreeMap<IdentifierId, String>, id: IdentifierId) -> String {
    let namespace = namespaces.get(&id).map_or("?", String::as_str);
    format!("{namespace} {id}")
}

struct Linked {
    a: IdentifierId,
    b: IdentifierId,
    event: EventId,
    linked: bool,
    namespaces: BTreeMap<IdentifierId, String>,
}

impl Answer for Linked {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let (a, b) = (
            called(&self.namespaces, self.a),
            called(&self.namespaces, self.b),
        );
        let decision = paint(QUIET, format!("decision {}", self.event));
        let done = paint(GOOD, "Linked again");
        writeln!(out, "{done} {a} and {b}  {decision}")?;
        match self.linked {
            true => writeln!(
                out,
                "They are one customer now; the history of both is theirs."
            ),
            false => writeln!(
                out,
                "{}: `amends identity explain {} {}` says why",
                paint(CARE, "They are still two customers"),
                self.a,
                self.b
            ),
        }
    }

    fn json(&self) -> Value {
        json!({ "event": self.event, "a": self.a, "b": self.b, "linked": self.linked })
    }
}

struct Unlinked {
    a: IdentifierId,
    b: IdentifierId,
    event: EventId,
    hops: Option<usize>,
    namespaces: BTreeMap<IdentifierId, String>,
}

impl Answer for Unlinked {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let (a, b) = (
            called(&self.namespaces, self.a),
            called(&self.namespaces, self.b),
        );
        writeln!(
            out,
            "{} {a} and {b}  {}",
            paint(GOOD, "Unlinked"),
            paint(QUIET, format!("decision {}", self.event))
        )?;
        match self.hops {
            None => writeln!(
                out,
                "They are two customers now; their history follows each of them."
            ),
            Some(hops) => writeln!(
                out,
                "{} through {}: `amends identity explain {} {}` shows the way",
                paint(CARE, "They are still linked"),
                counted(hops as u64, "other link", "other links"),
                self.a,
                self.b
            ),
        }
    }

    fn json(&self) -> Value {
        json!({ "event": self.event, "a": self.a, "b": self.b, "separated": self.hops.is_none() })
    }
}
