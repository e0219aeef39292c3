//! Reads a project folder: every file, then every file held against the others.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use crate::Diagnostic;
use crate::canonical;
use crate::definition::{Place, Project, Promise, Source};
use crate::kind::{Around, company, customers, journey, promise, source};
use crate::links::{self, Known};
use crate::nearest::nearest;
use crate::read::{File, Report, Section, Spot, Text};

/// A definition file longer than this is none.
const LONGEST: u64 = 4 << 20;

/// Reads a project folder. Every mistake is reported, never only the first; the project is there when none of them is an error.
///
/// `variable` answers for `${NAME}` in paths, so that nothing here reads the environment.
pub fn load(
    root: &Path,
    variable: &dyn Fn(&str) -> Option<String>,
) -> (Option<Project>, Vec<Diagnostic>) {
    let (project, diagnostics) = examine(root, variable);
    let stopped = diagnostics.iter().any(|diagnostic| !diagnostic.is_warning);
    (project.filter(|_| !stopped), diagnostics)
}

/// As `load`, but with what could be read where there are mistakes, so that the rest can be examined further. A project with mistakes is good
/// for nothing else.
pub fn examine(
    root: &Path,
    variable: &dyn Fn(&str) -> Option<String>,
) -> (Option<Project>, Vec<Diagnostic>) {
    let report = Report::default();
    let project = read(root, variable, &report);
    (project, report.into_diagnostics())
}

fn read(
    root: &Path,
    variable: &dyn Fn(&str) -> Option<String>,
    report: &Report,
) -> Option<Project> {
    let Some(file) = file(root, "amends.toml".into(), report) else {
        no_project(root, report);
        return None;
    };
    let company = with_whole(&file, report, |whole| company::read(whole, root, variable));
    let around = Around {
        root,
        variable,
        zone: company.zone.clone(),
        currency: company.currency,
    };
    let mut sources = Gathered::<Source>::default();
    each_file(root, "sources", report, |whole| {
        for (name, section) in whole.named("source") {
            let source = source::read(&name, &section, &around);
            sources.add("source", &name, source, report);
        }
        if !whole.has("source") {
            whole.missing("source", "[source.orders]");
        }
        whole.finish();
    });
    let customers = single(root, "customers.toml", report, |whole| {
        customers::read(whole, &around)
    })
    .unwrap_or_default();
    let journey = single(root, "journey.toml", report, journey::read).unwrap_or_default();
    let mut promises = Gathered::<promise::Read>::default();
    each_file(root, "promises", report, |whole| {
        for (name, read) in promise::read_file(whole, &around) {
            promises.add("promise", &name, read, report);
        }
    });
    leftovers(root, report);

    let known = Known {
        touchpoints: &journey.known,
        calendars: company.calendars.keys().map(String::as_str).collect(),
        sources: sources.found.values().collect(),
        sources_are_whole: !report.has_mistakes_in("sources"),
        journey_is_whole: !report.has_mistakes_in("journey.toml"),
    };
    let mut identifiers = customers.identifiers;
    let counts = company.company.as_ref().map(|company| company.counts);
    links::identifiers(
        &mut identifiers,
        &customers.declared,
        &known,
        counts,
        report,
    );
    links::retention(&company.retained, &known, report);
    let of_promises = promises.found.values();
    of_promises.for_each(|read| links::promise(read, &known, report));
    if let Some(customers) = &customers.customers {
        links::customers(customers, &known, report);
    }
    let mut project = Project {
        root: root.to_owned(),
        data: company.data,
        erasures: company.erasures,
        retention: company.retention,
        company: company.company?,
        calendars: company.calendars,
        sources: sources.found,
        identifiers,
        customers: customers.customers,
        touchpoints: journey.touchpoints,
        stages: journey.stages,
        promises: whole(promises),
        version: String::new(),
    };
    canonical::stamp(&mut project);
    Some(project)
}

/// The promises without what was only needed to check them.
fn whole(promises: Gathered<promise::Read>) -> BTreeMap<String, Promise> {
    let found = promises.found.into_iter();
    found.map(|(name, read)| (name, read.promise)).collect()
}

/// Says that there is no project where the user looked for one.
fn no_project(root: &Path, report: &Report) {
    if root.join("amends.toml").exists() {
        return;
    }
    let message = format!("there is no amends.toml in {}", root.display());
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

/// Reads a file that may be missing.
fn single<T>(
    root: &Path,
    name: &str,
    report: &Report,
    read: impl FnOnce(&Section<'_>) -> T,
) -> Option<T> {
    if !root.join(name).exists() {
        return None;
    }
    let file = file(root, name.into(), report)?;
    Some(with_whole(&file, report, read))
}

/// Reads every TOML file of a folder, in the order of their names.
fn each_file(root: &Path, folder: &str, report: &Report, mut read: impl FnMut(&Section<'_>)) {
    for name in names(root, Path::new(folder), report) {
        let path = Path::new(folder).join(name);
        if let Some(file) = file(root, path, report) {
            with_whole(&file, report, &mut read);
        }
    }
}

/// The TOML files of a folder below the project folder, sorted; none where the folder is missing.
fn names(root: &Path, folder: &Path, report: &Report) -> Vec<String> {
    let entries = match fs::read_dir(root.join(folder)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            let message = format!("this folder cannot be read: {error}");
            report.mistake("AM0101", &place_of(folder.to_owned()), message, None);
            return Vec::new();
        }
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.retain(|name| name.ends_with(".toml") && !name.starts_with('.'));
    names.sort_unstable();
    names
}

/// The text of a file; a mistake where it cannot be read.
fn file(root: &Path, path: PathBuf, report: &Report) -> Option<File> {
    let whole = root.join(&path);
    let too_long = fs::metadata(&whole).is_ok_and(|data| data.len() > LONGEST);
    let read = if too_long {
        Err(io::ErrorKind::FileTooLarge.into())
    } else {
        fs::read(&whole)
    };
    let bytes = match read {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            report.mistake(
                "AM0101",
                &place_of(path),
                format!("this file cannot be read: {error}"),
                None,
            );
            return None;
        }
    };
    match String::from_utf8(bytes) {
        // A byte order mark is no part of TOML, and some editors write one.
        Ok(text) => Some(File::new(
            path,
            text.strip_prefix('\u{feff}')
                .map(str::to_owned)
                .unwrap_or(text),
        )),
        Err(error) => {
            let valid =
                String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()])
                    .into_owned();
            let end = valid.len();
            let spot = File::new(path, valid).spot(end..end);
            report.mistake(
                "AM0101",
                &spot,
                "this file is not UTF-8 text",
                Some("save it as UTF-8".into()),
            );
            None
        }
    }
}

fn place_of(file: PathBuf) -> Spot {
    Spot {
        place: Place {
            file,
            line: 1,
            column: 1,
        },
        words: String::new(),
    }
}

/// Parses a file and hands its sections on. After a mistake of TOML itself what can be read is read, but only for the names in it:
/// further mistakes there would often be echoes of the first.
fn with_whole<T>(file: &File, report: &Report, read: impl FnOnce(&Section<'_>) -> T) -> T {
    let (table, errors) = DeTable::parse_recoverable(&file.text);
    for error in &errors {
        let spot = error
            .span()
            .map_or_else(|| file.beginning(), |span| file.spot(span));
        report.mistake(
            "AM0102",
            &spot,
            format!("this is not TOML: {}", error.message()),
            None,
        );
    }
    let echoes = Report::default();
    let report = if errors.is_empty() { report } else { &echoes };
    read(&Section::whole(file, report, table.get_ref()))
}

/// Warns of TOML files that nothing reads: their names are probably misspelt.
fn leftovers(root: &Path, report: &Report) {
    const READ: [&str; 3] = ["amends.toml", "customers.toml", "journey.toml"];
    for name in names(root, Path::new(""), report) {
        if READ.contains(&name.as_str()) {
            continue;
        }
        let missing = READ.iter().filter(|read| !root.join(read).exists());
        let near = nearest(
            name.trim_end_matches(".toml"),
            missing.map(|read| read.trim_end_matches(".toml")),
        );
        let suggestion = near.map(|near| format!("name it {near}.toml"));
        report.warning(
            "AM0112",
            &place_of(name.into()),
            "nothing reads this file",
            suggestion,
        );
    }
    for (folder, read) in [("source", "sources"), ("promise", "promises")] {
        if root.join(folder).is_dir() {
            let suggestion = Some(format!("name it {read}"));
            report.warning(
                "AM0112",
                &place_of(folder.into()),
                "nothing reads this folder",
                suggestion,
            );
        }
    }
}
