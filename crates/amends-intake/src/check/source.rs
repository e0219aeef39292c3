//! One source: its files are there, have the columns that are named, and its expressions can be planned over them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use amends_expressions::{Lineage, Planner};
use amends_model::Problem;
use amends_project::Diagnostic;
use amends_project::definition::{Project, Source, SourceFile};
use arrow::datatypes::SchemaRef;

use crate::decode::{self, Decode, Decoded, Wanted, covers, nearest};
use crate::import::wanted;
use crate::joined::{self, Main, Tables};
use crate::map::plan;
use crate::{files, mistake};

/// The kinds of events that a source gives and that could be planned, each with the columns of its events.
pub(super) type Given = Vec<(String, SchemaRef)>;

/// Checks a source; the kinds are those of its first file.
pub(super) async fn check(
    project: &Project,
    source: &Source,
    planner: &Planner,
) -> (Given, Vec<Diagnostic>) {
    let mut checking = Checking {
        project,
        source,
        planner,
        found: Vec::new(),
    };
    let given = checking.run().await;
    (given.unwrap_or_default(), checking.found)
}

struct Checking<'a> {
    project: &'a Project,
    source: &'a Source,
    planner: &'a Planner,
    found: Vec<Diagnostic>,
}

impl Checking<'_> {
    async fn run(&mut self) -> Option<Given> {
        let main = self.source.files.get(&self.source.main)?;
        let mut all_open = true;
        let mut paths = Vec::new();
        for (alias, file) in &self.source.files {
            let is_main = *alias == self.source.main;
            match files::matching(file) {
                Ok(found) if is_main => paths = found,
                Ok(found) => {
                    for path in found {
                        all_open &= self.opens(&path, file).is_some();
                    }
                }
                Err(problem) => {
                    self.in_file(file, &problem);
                    all_open = false;
                }
            }
        }
        let mut given = None;
        for path in paths {
            let schema = self.opens(&path, main);
            let (Some(schema), true) = (schema, all_open) else {
                continue;
            };
            let records = match self.source.sql {
                None => Some((schema, Lineage::default())),
                Some(_) => self.records(path).await,
            };
            if let Some((records, lineage)) = records {
                let planned = self.plan(&records, &lineage);
                given.get_or_insert(planned);
            }
        }
        given
    }

    fn plan(&mut self, records: &SchemaRef, lineage: &Lineage) -> Given {
        let planned = plan(self.project, self.source, self.planner, records, lineage);
        for found in planned.diagnostics {
            if !self.found.contains(&found) {
                self.found.push(found);
            }
        }
        planned.kinds
    }

    /// Opens a file, looks at its first rows, and gives its columns.
    fn opens(&mut self, path: &Path, file: &SourceFile) -> Option<SchemaRef> {
        let wanted = wanted(self.source);
        let names = match names(path, file) {
            Ok(names) => names,
            Err(problem) => {
                self.in_file(file, &problem);
                return None;
            }
        };
        let missing = decode::missing(file, &names);
        for name in &missing {
            let rule = &file.columns[name];
            let near = nearest(name, &names).map(|near| format!("write `{near}`"));
            self.found.push(mistake::at(
                rule.place.clone(),
                name,
                "AM0505",
                format!("{} has no column `{name}`", file.written),
                near.or_else(|| Some(decode::listed(&names))),
            ));
        }
        let there = SourceFile {
            columns: file
                .columns
                .clone()
                .into_iter()
                .filter(|(name, _)| !missing.contains(name))
                .collect(),
            ..file.clone()
        };
        let first = decode::open(path, &there, &wanted).and_then(|mut opened| {
            let first = opened.decoder.next()?;
            Ok((opened.decoder, first))
        });
        match first {
            Ok((decoder, first)) => {
                self.look(file, first);
                self.ignored(&names);
                missing.is_empty().then(|| decoder.schema().clone())
            }
            Err(problem) => {
                self.in_file(file, &problem);
                None
            }
        }
    }

    /// Warns where most of the first rows would be set aside because of one column.
    fn look(&mut self, file: &SourceFile, first: Option<Decoded>) {
        let Some(first) = first else {
            return;
        };
        let mut faults: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
        for failure in first
            .failures
            .iter()
            .filter(|failure| failure.code == "AM0525")
        {
            let column = failure.column.as_deref().unwrap_or_default();
            let fault = faults.entry(column).or_insert((0, &failure.reason));
            fault.0 += 1;
        }
        let all = first.received() as usize;
        for (column, (count, reason)) in faults {
            if let (true, Some(rule)) = (count * 2 > all, file.columns.get(column)) {
                let mut found = mistake::at(
                    rule.place.clone(),
                    column,
                    "AM0518",
                    format!("{count} of the first {all} rows do not fit: {reason}"),
                    Some("look at the file, and correct the type or its format".to_owned()),
                );
                found.is_warning = true;
                self.found.push(found);
            }
        }
    }

    /// Warns of columns to be ignored that are not there.
    fn ignored(&mut self, names: &[String]) {
        if self.source.sql.is_some() {
            return;
        }
        for name in &self.source.ignore {
            let one = BTreeSet::from([name.clone()]);
            if names.iter().any(|column| covers(&one, column)) {
                continue;
            }
            let mut found = mistake::at(
                self.source.place.clone(),
                name,
                "AM0505",
                format!("there is no column `{name}` to be ignored"),
                nearest(name, names).map(|near| format!("write `{near}`")),
            );
            found.is_warning = true;
            if !self.found.contains(&found) {
                self.found.push(found);
            }
        }
    }

    /// The columns of the records that the source's SQL gives, and where they come from.
    async fn records(&mut self, path: PathBuf) -> Option<(SchemaRef, Lineage)> {
        let sql = self.source.sql.as_ref()?;
        let tables = Tables::new(self.project, self.source, Main::File(path));
        let schemas = match tables.schemas() {
            Ok(schemas) => schemas,
            Err(problem) => {
                self.in_sql(&problem);
                return None;
            }
        };
        let records = match self.planner.query_schema(&sql.text, &schemas).await {
            Ok(records) => records,
            Err(error) => {
                self.found.push(mistake::unplannable(sql, error));
                return None;
            }
        };
        let lineage = match joined::check(&records) {
            Ok(()) => tables.lineage(self.planner).await,
            Err(problem) => Err(problem),
        };
        match lineage {
            Ok(lineage) => Some((records, lineage)),
            Err(problem) => {
                self.in_sql(&problem);
                None
            }
        }
    }

    fn in_sql(&mut self, problem: &Problem) {
        if let Some(sql) = &self.source.sql {
            let hint = problem.hint_text().map(str::to_owned);
            self.found
                .push(mistake::in_sql(sql, problem.code(), said(problem), hint));
        }
    }

    fn in_file(&mut self, file: &SourceFile, problem: &Problem) {
        self.found.push(mistake::at(
            file.place.clone(),
            &file.written,
            problem.code(),
            said(problem),
            problem.hint_text().map(str::to_owned),
        ));
    }
}

fn said(problem: &Problem) -> String {
    match problem.detail_text() {
        Some(detail) => format!("{}: {detail}", problem.message()),
        None => problem.message().to_owned(),
    }
}

/// The names of a file's columns, whatever the definition says of them.
fn names(path: &Path, file: &SourceFile) -> Result<Vec<String>, Problem> {
    let nothing = BTreeSet::new();
    let wanted = Wanted {
        zone: &jiff::tz::TimeZone::UTC,
        ignore: &nothing,
        named: &nothing,
    };
    let plain = SourceFile {
        columns: BTreeMap::new(),
        ..file.clone()
    };
    let decoder: Box<dyn Decode> = decode::open(path, &plain, &wanted)?.decoder;
    let fields = decoder.schema().fields().iter().skip(1);
    Ok(fields.map(|field| field.name().clone()).collect())
}
