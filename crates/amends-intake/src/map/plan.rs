//! Plans the expressions of a source over the columns of its records.

use std::collections::{BTreeMap, BTreeSet};

use amends_expressions::{Expression, Lineage, Planner};
use amends_model::event::{self, moment_type, property_type};
use amends_project::definition::{EventMapping, IdentifierRule, Normalise, Project, Source};
use amends_project::{Diagnostic, Sql};
use arrow::datatypes::{DataType, SchemaRef};
use jiff::tz::TimeZone;

use super::content::Spoken;
use super::guarded::{Guarded, guarded};
use crate::decode::{CURRENCY, LINE, MONTH, covers};
use crate::mistake;

/// What there is to know of a source while its records become events.
pub(crate) struct Mapping {
    /// The source.
    pub(crate) source: String,
    /// Its stream.
    pub(crate) stream: String,
    /// The version of its mapping.
    pub(crate) version_of_mapping: String,
    /// The zone of its civil times.
    pub(crate) zone: TimeZone,
    /// The company's zone, in which days begin.
    pub(crate) company_zone: TimeZone,
    /// The native key.
    pub(crate) key: Option<Expression>,
    /// The source's own version.
    pub(crate) version: Option<Expression>,
    /// What each record becomes.
    pub(crate) events: Vec<EventPlan>,
    /// What a record says, for one without a native key.
    pub(crate) spoken: Spoken,
    /// Columns that no expression reads, for `rest`.
    pub(crate) rest: Vec<String>,
}

/// One event that a record gives.
pub(crate) struct EventPlan {
    /// Its kind.
    pub(crate) kind: String,
    /// When it happened.
    pub(crate) at: Expression,
    /// The column that `at` is, if it is no more than a column, and whether that knows only the month.
    pub(crate) at_column: Option<(String, bool)>,
    /// Whether that may be a plan.
    pub(crate) planned: bool,
    /// Whether it happened.
    pub(crate) when: Option<Expression>,
    /// What it concerns.
    pub(crate) about: Option<Expression>,
    /// Whom it names.
    pub(crate) identifiers: Vec<IdentifierPlan>,
    /// Money.
    pub(crate) amount: Option<Expression>,
    /// Its currency.
    pub(crate) currency: Option<Expression>,
    /// The currency where `currency` says nothing.
    pub(crate) usual_currency: String,
    /// The properties of the kind, and what gives them here.
    pub(crate) properties: Vec<(String, DataType, Option<Expression>)>,
    /// The places of the columns that its expressions read.
    pub(crate) reads: Vec<usize>,
    /// The columns of its events.
    pub(crate) schema: SchemaRef,
}

/// One identifier of an event.
pub(crate) struct IdentifierPlan {
    /// Its rule.
    pub(crate) rule: IdentifierRule,
    /// The name.
    pub(crate) name: Expression,
    /// Whether the name itself is personal, so that not even a plain hash of it may leave the vault.
    pub(crate) is_personal: bool,
}

/// A plan, or the mistakes that stand in its way; warnings stand in nobody's.
pub(crate) struct Planned {
    /// The plan.
    pub(crate) mapping: Option<Mapping>,
    /// The kinds that stand in nobody's way, with the columns of their events, also where there is no plan of the whole.
    pub(crate) kinds: Vec<(String, SchemaRef)>,
    /// The mistakes.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Plans a source over the columns of its records, which come from the columns of its tables as the lineage says.
pub(crate) fn plan(
    project: &Project,
    source: &Source,
    planner: &Planner,
    records: &SchemaRef,
    lineage: &Lineage,
) -> Planned {
    let (guarded, diagnostics) = guarded(project, source, planner, records, lineage);
    let mut planning = Planning {
        project,
        source,
        planner,
        records,
        guarded,
        read: BTreeSet::new(),
        kinds: Vec::new(),
        diagnostics,
    };
    let mapping = planning.source();
    Planned {
        mapping,
        kinds: planning.kinds,
        diagnostics: planning.diagnostics,
    }
}

/// Types that may be asked for: a test, and what to say when it fails.
type Fits = (fn(&DataType) -> bool, &'static str);

const MOMENT: Fits = (
    |of| {
        matches!(
            of,
            DataType::Timestamp(..) | DataType::Date32 | DataType::Date64
        )
    },
    "must be a date or a moment",
);
const MINOR_UNITS: Fits = (
    |of| of.is_integer() || *of == DataType::Null,
    "must be a column of money, or whole minor units",
);
const NUMBER_OR_MOMENT: Fits = (
    |of| of.is_integer() || matches!(of, DataType::Timestamp(..) | DataType::Date32),
    "must be a whole number or a moment",
);
const PLAIN: Fits = (
    |of| property_type(of).is_some_and(|of| !matches!(of, DataType::List(_))),
    "must be a plain value",
);
const PROPERTY: Fits = (
    |of| property_type(of).is_some(),
    "must be a plain value or a list of texts",
);

struct Planning<'a> {
    project: &'a Project,
    source: &'a Source,
    planner: &'a Planner,
    records: &'a SchemaRef,
    guarded: Guarded,
    read: BTreeSet<String>,
    kinds: Vec<(String, SchemaRef)>,
    diagnostics: Vec<Diagnostic>,
}

impl Planning<'_> {
    fn source(&mut self) -> Option<Mapping> {
        let source = self.source;
        let key = source.key.as_ref().map(|sql| self.open(sql, "key", PLAIN));
        let version = source
            .version
            .as_ref()
            .map(|sql| self.open(sql, "version", NUMBER_OR_MOMENT));
        let mut events = Vec::with_capacity(source.events.len());
        for mapping in &source.events {
            events.extend(self.event(mapping).map(|event| (mapping, event)));
        }
        self.unite(&mut events);
        let events: Vec<EventPlan> = events.into_iter().map(|(_, event)| event).collect();
        self.kinds = self.kinds_of(&events);
        if events.len() < source.events.len() {
            return None;
        }
        let spoken = self.spoken();
        let rest = spoken
            .plain
            .iter()
            .filter(|name| !self.read.contains(*name));
        Some(Mapping {
            source: source.name.clone(),
            stream: source.main.clone(),
            version_of_mapping: source.mapping.clone(),
            zone: source.zone.clone(),
            company_zone: self.project.company.zone.clone(),
            key: key.map_or(Some(None), |key| key.map(Some))?,
            version: version.map_or(Some(None), |version| version.map(Some))?,
            events,
            rest: rest.cloned().collect(),
            spoken,
        })
    }

    /// The kinds of which every event was planned.
    fn kinds_of(&self, events: &[EventPlan]) -> Vec<(String, SchemaRef)> {
        let asked = |kind: &str| {
            self.source
                .events
                .iter()
                .filter(|it| it.kind == kind)
                .count()
        };
        let there = |kind: &str| events.iter().filter(|it| it.kind == kind).count();
        let whole = events
            .iter()
            .filter(|it| there(&it.kind) == asked(&it.kind));
        whole
            .map(|it| (it.kind.clone(), it.schema.clone()))
            .collect()
    }

    fn spoken(&self) -> Spoken {
        let mut spoken = Spoken::default();
        for field in self.records.fields() {
            let name = field.name();
            if covers(&self.source.personal, name) {
                spoken.personal.push(name.clone());
            } else if *name != LINE && !name.starts_with('_') && !covers(&self.source.ignore, name)
            {
                let hidden =
                    self.guarded.is_personal(name) || self.guarded.is_copy_of_contact(name);
                let among = if hidden {
                    &mut spoken.personal
                } else {
                    &mut spoken.plain
                };
                among.push(name.clone());
            }
        }
        spoken
    }

    fn event(&mut self, event: &EventMapping) -> Option<EventPlan> {
        let before = std::mem::take(&mut self.read);
        let when = match &event.when {
            None => Some(None),
            Some(sql) => self.condition(sql).map(Some),
        };
        let at = self.open(&event.at, "at", MOMENT);
        let about = self.optional(event.about.as_ref(), "about", PLAIN);
        let amount = self.optional(event.amount.as_ref(), "amount", MINOR_UNITS);
        let currency = self.optional(event.currency.as_ref(), "currency", PLAIN);
        let identifiers: Vec<_> = event
            .identifiers
            .iter()
            .map(|named| self.identifier(&named.identifier, &named.sql))
            .collect();
        let properties: Vec<_> = event
            .properties
            .iter()
            .map(|(name, sql)| {
                let expression = self.open(sql, name, PROPERTY)?;
                let of = property_type(expression.data_type())?;
                Some((name.clone(), of, Some(expression)))
            })
            .collect();
        let reads = self.places();
        self.read.extend(before);
        let (at, amount) = (at?, amount?);
        let usual_currency = self.usual_currency(event, amount.as_ref());
        Some(EventPlan {
            kind: event.kind.clone(),
            at_column: self.only_column(&event.at, &at),
            at,
            planned: event.planned,
            when: when?,
            about: about?,
            identifiers: identifiers.into_iter().collect::<Option<_>>()?,
            amount,
            currency: currency?,
            usual_currency,
            properties: properties.into_iter().collect::<Option<_>>()?,
            reads,
            schema: self.records.clone(),
        })
    }

    fn places(&self) -> Vec<usize> {
        let places = self.read.iter();
        places
            .filter_map(|name| self.records.index_of(name).ok())
            .collect()
    }

    fn optional(
        &mut self,
        sql: Option<&Sql>,
        what: &str,
        fits: Fits,
    ) -> Option<Option<Expression>> {
        match sql {
            None => Some(None),
            Some(sql) => self.open(sql, what, fits).map(Some),
        }
    }

    /// Plans an expression whose value is kept in the ledger, and so may not read what is personal.
    fn open(&mut self, sql: &Sql, what: &str, fits: Fits) -> Option<Expression> {
        let expression = self.typed(sql, what, fits)?;
        let refused = self.guarded.refused(sql, &expression);
        self.allowed(refused)?;
        Some(expression)
    }

    fn condition(&mut self, sql: &Sql) -> Option<Expression> {
        match self.planner.condition(&sql.text, self.records) {
            Ok(expression) => {
                self.read.extend(expression.columns().iter().cloned());
                let refused = self.guarded.refused_to_conditions(sql, &expression);
                self.allowed(refused)?;
                Some(expression)
            }
            Err(error) => {
                self.diagnostics.push(mistake::unplannable(sql, error));
                None
            }
        }
    }

    fn typed(&mut self, sql: &Sql, what: &str, (fits, must): Fits) -> Option<Expression> {
        let expression = match self.planner.expression(&sql.text, self.records) {
            Ok(expression) => expression,
            Err(error) => {
                self.diagnostics.push(mistake::unplannable(sql, error));
                return None;
            }
        };
        self.read.extend(expression.columns().iter().cloned());
        if !fits(expression.data_type()) {
            let message = format!(
                "`{what}` {must}, and this is {}",
                in_words(expression.data_type())
            );
            let suggestion = "give the column its type under `columns`".to_owned();
            self.diagnostics
                .push(mistake::in_sql(sql, "AM0515", message, Some(suggestion)));
            return None;
        }
        Some(expression)
    }

    fn allowed(&mut self, refused: Option<Diagnostic>) -> Option<()> {
        self.diagnostics.extend(refused.clone());
        refused.is_none().then_some(())
    }

    fn identifier(&mut self, name: &str, sql: &Sql) -> Option<IdentifierPlan> {
        let expression = self.typed(sql, name, PLAIN)?;
        // The project has checked that the rule is there.
        let rule = self.project.identifiers.get(name)?.clone();
        let personal = |column: &String| self.guarded.is_personal(column);
        Some(IdentifierPlan {
            is_personal: matches!(rule.normalise, Normalise::Email | Normalise::Phone)
                || expression.columns().iter().any(personal),
            rule,
            name: expression,
        })
    }

    /// The column that an expression is, if it is no more than that, and whether it knows only the month.
    fn only_column(&self, sql: &Sql, expression: &Expression) -> Option<(String, bool)> {
        let name = expression
            .columns()
            .first()
            .filter(|_| expression.columns().len() == 1)?;
        let text = sql.text.trim();
        let bare = text
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'))
            .unwrap_or(text);
        let field = self.records.field_with_name(name).ok()?;
        (bare == name).then(|| (name.clone(), field.metadata().contains_key(MONTH)))
    }

    /// The currency of the columns of money that an amount reads; the company's where they say nothing.
    fn usual_currency(&mut self, event: &EventMapping, amount: Option<&Expression>) -> String {
        let company = self.project.company.currency.to_string();
        let (Some(amount), Some(sql), None) = (amount, &event.amount, &event.currency) else {
            return company;
        };
        let told = |name: &String| {
            let field = self.records.field_with_name(name).ok()?;
            field.metadata().get(CURRENCY).cloned()
        };
        let currencies: BTreeSet<_> = amount.columns().iter().filter_map(told).collect();
        if currencies.len() > 1 {
            let all: Vec<_> = currencies.iter().map(String::as_str).collect();
            self.diagnostics.push(mistake::in_sql(
                sql,
                "AM0515",
                format!("`amount` mixes currencies: {}", all.join(", ")),
                Some("keep one of them as `amount` and the others as properties".to_owned()),
            ));
        }
        currencies.into_iter().next().unwrap_or(company)
    }

    /// Gives all events of one kind the same columns.
    fn unite(&mut self, events: &mut [(&EventMapping, EventPlan)]) {
        let mut kinds: BTreeMap<String, Vec<(String, DataType)>> = BTreeMap::new();
        for (mapping, event) in events.iter() {
            let properties = kinds.entry(event.kind.clone()).or_default();
            for (name, of, _) in &event.properties {
                match properties.iter().find(|(known, _)| known == name) {
                    None => properties.push((name.clone(), of.clone())),
                    Some((_, known)) if known == of => {}
                    Some((_, known)) => {
                        self.diagnostics
                            .push(disagreement(mapping, name, of, known));
                    }
                }
            }
        }
        for (_, event) in events {
            let Some(all) = kinds.get(&event.kind) else {
                continue;
            };
            let mut own = std::mem::take(&mut event.properties);
            for (name, of) in all {
                let mine = own.iter().position(|(known, ..)| known == name);
                let expression = mine.and_then(|place| own.swap_remove(place).2);
                event
                    .properties
                    .push((name.clone(), of.clone(), expression));
            }
            match event::schema(all) {
                Ok(schema) => event.schema = schema,
                Err(problem) => self.reserved(&event.kind, &problem.to_string()),
            }
        }
    }

    fn reserved(&mut self, kind: &str, message: &str) {
        let place = self.source.events.iter().find(|event| event.kind == kind);
        let place = place.map_or_else(|| self.source.place.clone(), |event| event.place.clone());
        self.diagnostics
            .push(mistake::at(place, kind, "AM0010", message, None));
    }
}

/// Two definitions of a kind that give a property different types.
pub(crate) fn disagreement(
    event: &EventMapping,
    property: &str,
    here: &DataType,
    there: &DataType,
) -> Diagnostic {
    let sql = event.properties.iter().find(|(name, _)| name == property);
    let place = sql.map_or_else(|| event.place.clone(), |(_, sql)| sql.place.clone());
    mistake::at(
        place,
        property,
        "AM0516",
        format!(
            "`{property}` of {} is {} here and {} elsewhere",
            event.kind,
            in_words(here),
            in_words(there)
        ),
        Some("declare the columns alike, or give one of the properties another name".to_owned()),
    )
}

/// A type as people call it.
pub(crate) fn in_words(of: &DataType) -> &'static str {
    match of {
        DataType::Boolean => "true or false",
        DataType::Date32 | DataType::Date64 => "a date",
        DataType::Timestamp(..) => "a moment",
        DataType::Interval(_) | DataType::Duration(_) => "a span of time",
        DataType::Null => "null",
        of if of.is_integer() => "a whole number",
        of if of.is_numeric() => "a number",
        of => match property_type(of) {
            Some(DataType::Utf8) => "text",
            Some(DataType::List(_)) => "a list",
            Some(of) if of == moment_type() => "a moment",
            _ => "a value of another kind",
        },
    }
}
