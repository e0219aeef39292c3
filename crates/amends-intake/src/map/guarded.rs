//! Columns whose values stay out of the ledger: what is personal, and what comes from it by the source's SQL (rule 16).

use std::collections::{BTreeMap, BTreeSet};

use amends_expressions::{Expression, Lineage, Origin, Planner};
use amends_project::definition::{Normalise, Project, Source};
use amends_project::{Diagnostic, Sql};
use arrow::datatypes::SchemaRef;

use crate::decode::{covers, listed, nearest};
use crate::mistake;

/// The guarded columns of a source's records, each with the column that it comes from.
#[derive(Default)]
pub(crate) struct Guarded {
    /// What goes to the vault and may be read by identifiers only.
    personal: BTreeMap<String, String>,
    /// By what somebody can be reached: identifiers and conditions may read it.
    contacts: BTreeMap<String, String>,
}

/// The guarded columns, and what is wrong with the declarations that make them so.
pub(crate) fn guarded(
    project: &Project,
    source: &Source,
    planner: &Planner,
    records: &SchemaRef,
    lineage: &Lineage,
) -> (Guarded, Vec<Diagnostic>) {
    let fields = records.fields().iter();
    let names: Vec<String> = fields.map(|field| field.name().clone()).collect();
    let mut found = unknown(source, &names);
    let declared = names.iter().filter(|name| covers(&source.personal, name));
    let mut guarded = Guarded {
        personal: followed(declared, lineage),
        contacts: followed(&contacts(project, source, planner, records), lineage),
    };
    let own = |guarded: &BTreeMap<String, String>| -> Vec<String> {
        let own = guarded.iter().filter(|(name, from)| name == from);
        own.map(|(name, _)| name.clone()).collect()
    };
    let own = [own(&guarded.personal), own(&guarded.contacts)].concat();
    let secret = secrets(&own, lineage);
    for (name, reason) in &source.derived {
        let from = guarded.personal.get(name).or(guarded.contacts.get(name));
        if let (Some(from), Some(origins)) = (from, lineage.columns.get(name))
            && !origins.holds.is_disjoint(&secret)
        {
            found.push(mistake::at(
                reason.place.clone(),
                name,
                "AM0562",
                format!("`{name}` is no band: it holds what stands in `{from}`"),
                Some("let the source's `sql` give a band, such as an age group".to_owned()),
            ));
            continue;
        }
        let was = guarded
            .personal
            .remove(name)
            .or(guarded.contacts.remove(name));
        if was.is_none() && names.contains(name) {
            let mut idle = mistake::at(
                reason.place.clone(),
                name,
                "AM0562",
                format!("`{name}` comes from nothing personal"),
                Some("take it out of `derived`".to_owned()),
            );
            idle.is_warning = true;
            found.push(idle);
        }
    }
    (guarded, found)
}

impl Guarded {
    /// Whether a column goes to the vault.
    pub(crate) fn is_personal(&self, column: &str) -> bool {
        self.personal.contains_key(column)
    }

    /// Whether a column comes from a mail address or a telephone number, and is not the one that identifiers read.
    pub(crate) fn is_copy_of_contact(&self, column: &str) -> bool {
        self.contacts.get(column).is_some_and(|from| from != column)
    }

    /// Why an expression may not be kept in the ledger. A mail address in a native key or a property would stand there for ever,
    /// out of the reach of an erasure.
    pub(crate) fn refused(&self, sql: &Sql, expression: &Expression) -> Option<Diagnostic> {
        self.refused_to_conditions(sql, expression).or_else(|| {
            let is = "names somebody by mail address or telephone";
            let hint = "leave it out here: what it names is found through the identifier";
            refused(&self.contacts, sql, expression, is, hint)
        })
    }

    /// Why an expression may not even be asked whether it holds.
    pub(crate) fn refused_to_conditions(
        &self,
        sql: &Sql,
        expression: &Expression,
    ) -> Option<Diagnostic> {
        let hint = "leave it out here, or take it out of `personal` if it is not personal";
        refused(&self.personal, sql, expression, "is personal", hint)
    }
}

fn refused(
    guarded: &BTreeMap<String, String>,
    sql: &Sql,
    expression: &Expression,
    is: &str,
    hint: &str,
) -> Option<Diagnostic> {
    let mut columns = expression.columns().iter();
    let (name, from) = columns.find_map(|name| guarded.get_key_value(name))?;
    let (message, hint) = if name == from {
        (
            format!("`{name}` {is}: only identifiers may read it"),
            hint.to_owned(),
        )
    } else {
        let message =
            format!("`{name}` comes from `{from}`, which {is}: only identifiers may read it");
        let hint = format!(
            "leave it out here; where it is a band that says nobody's own value, declare derived = {{ {name} = \"why\" }} in the source"
        );
        (message, hint)
    };
    Some(mistake::in_sql(sql, "AM0514", message, Some(hint)))
}

/// Some columns of the records, and all others that depend on the same columns of the tables; each with one of the former.
fn followed<'a>(
    first: impl IntoIterator<Item = &'a String>,
    lineage: &Lineage,
) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    let first: Vec<&String> = first.into_iter().collect();
    for from in &first {
        let secret = secrets([*from], lineage);
        for (name, origins) in &lineage.columns {
            if !origins.reads.is_disjoint(&secret) {
                all.entry(name.clone()).or_insert_with(|| (*from).clone());
            }
        }
    }
    all.extend(first.into_iter().map(|name| (name.clone(), name.clone())));
    all
}

/// The columns of the tables that tell what stands in these columns of the records: what they hold; where they are computed, all
/// that they read; and whatever a join holds equal to one of those.
fn secrets<'a>(
    columns: impl IntoIterator<Item = &'a String>,
    lineage: &Lineage,
) -> BTreeSet<Origin> {
    let mut secrets = BTreeSet::new();
    for origins in columns
        .into_iter()
        .filter_map(|name| lineage.columns.get(name))
    {
        let tell = if origins.holds.is_empty() {
            &origins.reads
        } else {
            &origins.holds
        };
        secrets.extend(tell.iter().cloned());
    }
    loop {
        let before = secrets.len();
        for (one, other) in &lineage.equal {
            if secrets.contains(one) || secrets.contains(other) {
                secrets.extend([one.clone(), other.clone()]);
            }
        }
        if secrets.len() == before {
            return secrets;
        }
    }
}

/// A misspelt personal column would stay in the ledger.
fn unknown(source: &Source, names: &[String]) -> Vec<Diagnostic> {
    let absent = |name: &String| {
        let one = BTreeSet::from([name.clone()]);
        !names.iter().any(|column| covers(&one, column))
    };
    let mistake = |name: &String, place, declared| {
        let near = nearest(name, names).map(|near| format!("write `{near}`"));
        let message = format!("the records have no column `{name}`, which is declared {declared}");
        let hint = near.or_else(|| Some(listed(names)));
        mistake::at(place, name, "AM0505", message, hint)
    };
    let personal = source.personal.iter().filter(|name| absent(name));
    let personal = personal.map(|name| mistake(name, source.place.clone(), "personal"));
    let derived = source.derived.iter().filter(|(name, _)| absent(name));
    let derived = derived.map(|(name, reason)| mistake(name, reason.place.clone(), "derived"));
    personal.chain(derived).collect()
}

/// The columns that identifiers read which are mail addresses or telephone numbers.
fn contacts(
    project: &Project,
    source: &Source,
    planner: &Planner,
    records: &SchemaRef,
) -> BTreeSet<String> {
    let named = source.events.iter().flat_map(|event| &event.identifiers);
    let is_contact = |name: &String| {
        let rule = project.identifiers.get(name);
        rule.is_some_and(|rule| matches!(rule.normalise, Normalise::Email | Normalise::Phone))
    };
    let contacts = named.filter(|named| is_contact(&named.identifier));
    contacts
        .filter_map(|named| planner.expression(&named.sql.text, records).ok())
        .flat_map(|expression| expression.columns().clone())
        .collect()
}
