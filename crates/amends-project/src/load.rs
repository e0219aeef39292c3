//! Reads a project folder: every file, then every file held against the others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::Diagnostic;
use crate::canonical;
use crate::definition::{Place, Project, Promise, Source, Unmeasured};
use crate::files::{Files, Texts};
use crate::folder::{Reading, each_file, file, leftovers, place_of, single, with_whole};
use crate::kind::promise::Found;
use crate::kind::{Around, company, customers, journey, promise, source};
use crate::links::{self, Known};
use crate::read::{Report, Text};

/// What reading a project folder found.
#[derive(Debug)]
pub struct Examined {
    /// The project, as far as it could be read.
    pub project: Option<Project>,
    /// Every mistake.
    pub diagnostics: Vec<Diagnostic>,
    /// What could not be read whole.
    pub in_doubt: InDoubt,
}

/// Definitions with mistakes: nothing is to be held against what is missing from them.
#[derive(Clone, Debug, Default)]
pub struct InDoubt {
    /// Sources whose files, columns or SQL hold mistakes.
    pub sources: BTreeSet<String>,
    /// Events of which properties may be missing: the source and the kind.
    pub events: BTreeSet<(String, String)>,
}

/// Reads a project folder. Every mistake is reported, never only the first; the project is there when none of them is an error.
///
/// `variable` answers for `${NAME}` in paths, so that nothing here reads the environment.
pub fn load(
    root: &Path,
    variable: &dyn Fn(&str) -> Option<String>,
) -> (Option<Project>, Vec<Diagnostic>) {
    sound(examine(root, variable))
}

/// As [`load`], of texts that were read from the folder before: [`Project::texts`].
pub fn load_texts(
    root: &Path,
    texts: &Texts,
    variable: &dyn Fn(&str) -> Option<String>,
) -> (Option<Project>, Vec<Diagnostic>) {
    sound(examined(Files::given(root, texts), variable))
}

fn sound(examined: Examined) -> (Option<Project>, Vec<Diagnostic>) {
    let mut mistakes = examined.diagnostics.iter();
    let stopped = mistakes.any(|diagnostic| !diagnostic.is_warning);
    (examined.project.filter(|_| !stopped), examined.diagnostics)
}

/// As `load`, but with what could be read where there are mistakes, so that the rest can be examined further. A project with mistakes is good
/// for nothing else.
pub fn examine(root: &Path, variable: &dyn Fn(&str) -> Option<String>) -> Examined {
    examined(Files::on_disk(root), variable)
}

fn examined(files: Files<'_>, variable: &dyn Fn(&str) -> Option<String>) -> Examined {
    let reading = Reading::default();
    let mut project = read(&files, variable, &reading);
    if let Some(project) = &mut project {
        project.texts = files.into_texts();
    }
    let Reading { report, doubts } = reading;
    doubts.tell(&report);
    Examined {
        project,
        diagnostics: report.into_diagnostics(),
        in_doubt: InDoubt {
            sources: doubts.sources.into_inner(),
            events: doubts.events.into_inner(),
        },
    }
}

fn read(
    files: &Files<'_>,
    variable: &dyn Fn(&str) -> Option<String>,
    reading: &Reading,
) -> Option<Project> {
    let Reading { report, doubts } = reading;
    let root = files.root();
    let Some(file) = file(files, "amends.toml".into(), reading) else {
        no_project(files, report);
        return None;
    };
    let company = with_whole(&file, reading, |whole| company::read(whole, root, variable));
    let around = Around {
        files,
        variable,
        zone: company.company.zone.clone(),
        currency: company.company.currency,
        calendars: &company.calendars,
        doubts,
    };
    let sources = sources(files, reading, &around);
    let customers = single(files, "customers.toml", reading, |whole| {
        customers::read(whole, &around)
    })
    .unwrap_or_default();
    let journey = single(files, "journey.toml", reading, journey::read).unwrap_or_default();
    let promises = promises(files, reading, &around);
    leftovers(files, report);

    let known = Known {
        touchpoints: &journey.known,
        calendars: company.calendars.keys().map(String::as_str).collect(),
        sources: sources.found.values().collect(),
        doubts,
    };
    let mut identifiers = customers.identifiers;
    let counts = company.company.counts;
    links::identifiers(
        &mut identifiers,
        &customers.declared,
        &known,
        counts,
        report,
    );
    links::retention(&company.retained, &known, report);
    promises
        .found
        .values()
        .for_each(|found| linked(found, &known, report));
    if let Some(customers) = &customers.customers {
        links::customers(customers, &known, report);
    }
    links::voice(&customers.voice, &known, report);
    let (promises, unmeasured) = whole(promises);
    let mut project = Project {
        root: root.to_owned(),
        data: company.data,
        erasures: company.erasures,
        retention: company.retention,
        company: company.company,
        calendars: company.calendars,
        sources: sources.found,
        gone: BTreeMap::new(),
        identifiers,
        customers: customers.customers,
        voice: customers.voice,
        touchpoints: journey.touchpoints,
        stages: journey.stages,
        baseline: journey.baseline,
        promises,
        earlier: BTreeMap::new(),
        unmeasured,
        version: String::new(),
        texts: Texts::new(),
    };
    canonical::stamp(&mut project);
    Some(project)
}

fn linked(found: &Found, known: &Known<'_>, report: &Report) {
    match found {
        Found::Promise(read) => links::promise(read, known, report),
        Found::Unmeasured(_, touchpoint) => links::touchpoint(touchpoint.as_ref(), known, report),
    }
}

fn sources(files: &Files<'_>, reading: &Reading, around: &Around<'_>) -> Gathered<Source> {
    let mut sources = Gathered::default();
    each_file(files, "sources", reading, |whole| {
        for (name, section) in whole.named("source") {
            let source = source::read(&name, &section, around);
            sources.add("source", &name, source, &reading.report);
        }
        if !whole.has("source") {
            whole.missing("source", "[source.orders]");
        }
        whole.finish();
    });
    sources
}

fn promises(files: &Files<'_>, reading: &Reading, around: &Around<'_>) -> Gathered<Found> {
    let mut promises = Gathered::default();
    each_file(files, "promises", reading, |whole| {
        for (name, read) in promise::read_file(whole, around) {
            promises.add("promise", &name, read, &reading.report);
        }
    });
    promises
}

/// The promises without what was only needed to check them, and those that cannot be measured.
fn whole(promises: Gathered<Found>) -> (BTreeMap<String, Promise>, BTreeMap<String, Unmeasured>) {
    let (mut measured, mut unmeasured) = (BTreeMap::new(), BTreeMap::new());
    for (name, found) in promises.found {
        match found {
            Found::Promise(read) => _ = measured.insert(name, read.promise),
            Found::Unmeasured(promise, _) => _ = unmeasured.insert(name, *promise),
        }
    }
    (measured, unmeasured)
}

/// Says that there is no project where the user looked for one.
fn no_project(files: &Files<'_>, report: &Report) {
    if files.exists(Path::new("amends.toml")) {
        return;
    }
    let message = format!("there is no amends.toml in {}", files.root().display());
    let suggestion = "go to the project's folder, or begin one with `amends init DIR`".to_owned();
    let place = place_of("amends.toml".into());
    report.mistake("AM0101", &place, message, Some(suggestion));
}

/// Definitions of one kind from several files.
struct Gathered<T> {
    found: BTreeMap<String, T>,
    places: BTreeMap<String, Place>,
}

impl<T> Default for Gathered<T> {
    fn default() -> Self {
        Self {
            found: BTreeMap::new(),
            places: BTreeMap::new(),
        }
    }
}

impl<T> Gathered<T> {
    fn add(&mut self, what: &str, name: &Text, one: Option<T>, report: &Report) {
        if let Some(first) = self.places.get(&name.text) {
            let message = format!(
                "there is a {what} `{}` already, in {} line {}",
                name.text,
                first.file.display(),
                first.line
            );
            report.mistake(
                "AM0108",
                &name.spot,
                message,
                Some("give one of them another name".into()),
            );
            return;
        }
        self.places
            .insert(name.text.clone(), name.spot.place.clone());
        if let Some(one) = one {
            self.found.insert(name.text.clone(), one);
        }
    }
}
