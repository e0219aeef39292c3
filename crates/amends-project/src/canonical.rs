//! Versions: a short hash of what a definition means, so that spaces, comments and the order of keys do not make a new one.

mod promise;

use std::fmt::Write;

use amends_expressions::same_sql;

use crate::definition::{
    Baseline, ColumnRule, Counted, Customers, EventMapping, Format, IdentifierRule, Lost, NamedBy,
    On, Project, Source, Spell, Sql, Voice,
};
use amends_model::wait::Calendar;

/// So many hexadecimal digits of a hash tell any two definitions of a company apart.
const DIGITS: usize = 12;

/// Writes the versions into a project: of each source, of each promise, of the whole.
pub(crate) fn stamp(project: &mut Project) {
    let mappings: Vec<(String, String)> = project
        .sources
        .values()
        .map(|source| (source.name.clone(), mapping(source, project)))
        .collect();
    for (name, version) in mappings {
        if let Some(source) = project.sources.get_mut(&name) {
            source.mapping = version;
        }
    }
    let judged: Vec<(String, String)> = project
        .promises
        .values()
        .map(|one| (one.name.clone(), promise::version(one)))
        .collect();
    for (name, version) in judged {
        if let Some(promise) = project.promises.get_mut(&name) {
            promise.version = version;
        }
    }
    for promise in project.unmeasured.values_mut() {
        promise.version = promise::version_of_unmeasured(promise);
    }
    project.version = project.whole_version();
}

impl Project {
    /// A short hash of everything that a figure may depend on: with the definitions that judge what opened before others followed them.
    pub fn whole_version(&self) -> String {
        whole(self)
    }

    /// A short hash of what makes somebody a customer, why customers leave, and what counts as speaking up.
    pub fn customers_version(&self) -> String {
        let mut form = Form::default();
        if let Some(rules) = &self.customers {
            customers(&mut form, rules);
        }
        voice(&mut form, &self.voice);
        form.version()
    }
}

/// What is hashed: each field by name, each text in quotes, so that nothing can be taken for something else.
#[derive(Default)]
pub(crate) struct Form {
    text: String,
}

impl Form {
    pub(crate) fn say(&mut self, name: &str, value: impl std::fmt::Debug) -> &mut Self {
        // Writing to a String never fails.
        let _ = writeln!(self.text, "{name}={value:?}");
        self
    }

    pub(crate) fn sql(&mut self, name: &str, sql: Option<&Sql>) -> &mut Self {
        if let Some(sql) = sql {
            self.say(name, same_sql(&sql.text));
        }
        self
    }

    pub(crate) fn on(&mut self, name: &str, on: &On) -> &mut Self {
        self.say(name, &on.kind)
            .sql("where", on.condition.as_ref())
            .sql("reaches", on.reaches.as_ref())
    }

    pub(crate) fn calendar(&mut self, calendar: &Calendar) -> &mut Self {
        self.say("zone", calendar.zone.iana_name())
            .say("hours", &calendar.hours)
            .say("holidays", &calendar.holidays)
    }

    pub(crate) fn version(&self) -> String {
        let hash = blake3::hash(self.text.as_bytes()).to_hex();
        hash.as_str().get(..DIGITS).unwrap_or_default().to_owned()
    }
}

/// What makes the events of a source: not where its files lie, what it is called in words, or how far it has reported.
fn mapping(source: &Source, project: &Project) -> String {
    let mut form = Form::default();
    form.say("source", &source.name)
        .say("main", &source.main)
        .say("zone", source.zone.iana_name());
    form.sql("sql", source.sql.as_ref())
        .sql("key", source.key.as_ref())
        .sql("version", source.version.as_ref());
    form.say("personal", &source.personal)
        .say("ignore", &source.ignore);
    for name in source.derived.keys() {
        form.say("derived", name);
    }
    for (alias, file) in &source.files {
        form.say("file", alias);
        match &file.format {
            Format::Csv {
                delimiter,
                encoding,
                header,
            } => form.say("csv", (delimiter, encoding, header)),
            Format::JsonLines => form.say("format", "jsonl"),
            Format::Parquet => form.say("format", "parquet"),
            Format::Xlsx { sheet, header_row } => form.say("xlsx", (sheet, header_row)),
        };
        for (name, ColumnRule { kind, format, .. }) in &file.columns {
            form.say("column", (name, kind, format));
        }
        for renamed in &file.renamed {
            form.say("renamed", renamed);
        }
    }
    for mapping in &source.events {
        event(&mut form, mapping, project);
    }
    form.version()
}

fn event(form: &mut Form, mapping: &EventMapping, project: &Project) {
    form.say("event", &mapping.kind)
        .sql("at", Some(&mapping.at))
        .sql("when", mapping.when.as_ref());
    if mapping.planned {
        form.say("planned", true);
    }
    form.sql("about", mapping.about.as_ref())
        .sql("amount", mapping.amount.as_ref());
    match &mapping.currency {
        Some(currency) => form.sql("currency", Some(currency)),
        None if mapping.amount.is_some() => {
            form.say("currency of the company", project.company.currency.as_str())
        }
        None => form,
    };
    for NamedBy {
        identifier: name,
        sql,
        ..
    } in &mapping.identifiers
    {
        // How a name is brought into one form decides which identifier an event names.
        let normalise = project.identifiers.get(name).map(|rule| rule.normalise);
        form.say("identifier", (name, normalise))
            .sql("is", Some(sql));
    }
    let mut properties: Vec<&(String, Sql)> = mapping.properties.iter().collect();
    properties.sort_by(|one, other| one.0.cmp(&other.0));
    for (name, sql) in properties {
        form.say("property", name).sql("is", Some(sql));
    }
    let corrections: std::collections::BTreeSet<&String> = mapping.corrections.iter().collect();
    for name in corrections {
        form.say("correction", name);
    }
}

/// Everything that a figure may depend on.
fn whole(project: &Project) -> String {
    let mut form = Form::default();
    let company = &project.company;
    form.say("zone", company.zone.iana_name())
        .say("currency", company.currency.as_str());
    form.say("period", company.period)
        .say("counts", company.counts);
    for (name, calendar) in &project.calendars {
        form.say("calendar", name).calendar(calendar);
    }
    for source in project.sources.values() {
        let lag = source.lag.as_ref().map(ToString::to_string);
        form.say(
            "source",
            (&source.mapping, source.complete, lag, source.snapshot),
        );
    }
    for rule in project.identifiers.values() {
        identifier(&mut form, rule);
    }
    if let Some(rules) = &project.customers {
        customers(&mut form, rules);
    }
    voice(&mut form, &project.voice);
    for stage in &project.stages {
        form.say("stage", &stage.name);
    }
    for touchpoint in project.touchpoints.values() {
        form.say(
            "touchpoint",
            (
                &touchpoint.name,
                &touchpoint.stage,
                &touchpoint.owner,
                touchpoint.moment_of_truth,
            ),
        );
        normal(&mut form, touchpoint.great, touchpoint.baseline);
    }
    normal(&mut form, None, project.baseline);
    for promise in project.promises.values() {
        form.say("promise", (&promise.name, &promise.version));
        normal(&mut form, promise.great, None);
        if promise.spell != Spell::default() {
            form.say("spell", promise.spell);
        }
        for earlier in project.earlier.get(&promise.name).into_iter().flatten() {
            form.say("earlier", (&earlier.version, earlier.spell));
        }
    }
    for promise in project.unmeasured.values() {
        form.say("not measurable", (&promise.name, &promise.version));
    }
    form.version()
}

/// What is held beside what happens, and judges nobody: it is of the whole, and of no promise.
fn normal(form: &mut Form, great: Option<f64>, baseline: Option<Baseline>) {
    if let Some(great) = great {
        form.say("great", great);
    }
    if let Some(baseline) = baseline {
        form.say("baseline", baseline);
    }
}

fn identifier(form: &mut Form, rule: &IdentifierRule) {
    let names_accounts = rule.names == Counted::Accounts;
    form.say(
        "identifier",
        (
            &rule.name,
            rule.normalise,
            rule.at_most,
            &rule.generic,
            names_accounts,
        ),
    );
}

fn voice(form: &mut Form, voice: &Voice) {
    for (name, several) in [("complaint", &voice.complaint), ("praise", &voice.praise)] {
        for on in several {
            form.on(name, on);
        }
    }
    form.sql("service", voice.service.as_ref());
}

fn customers(form: &mut Form, customers: &Customers) {
    let mut all = |name: &str, several: &[On]| {
        for on in several {
            form.on(name, on);
        }
    };
    all("new", &customers.new);
    all("would recommend", &customers.would_recommend);
    all("did recommend", &customers.did_recommend);
    match &customers.lost {
        Lost::Contract { on } => all("lost", on),
        Lost::Silence {
            after,
            activity,
            calendar,
        } => {
            all("activity", activity);
            form.say("silence", after.to_string()).calendar(calendar);
        }
    }
    form.sql("reason", customers.reason.as_ref());
    for class in &customers.classes {
        form.say("class", (&class.reasons, class.nature, class.cause));
    }
    for (name, segment) in &customers.segments {
        form.say("segment", name).sql("value", Some(&segment.value));
    }
}
