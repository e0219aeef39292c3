//! One source: its files are there, have the columns that are named, and its expressions can be planned over them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use amends_expressions::{Lineage, Planner};
use amends_model::Problem;
use amends_project::Diagnostic;
use amends_project::definition::{Project, Source, SourceFile};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use super::{absent, exposed};
use crate::decode::{self, Decode, Decoded, Wanted, covers, nearest};
use crate::import::wanted;
use crate::joined;
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
        tables: BTreeMap::new(),
    };
    let given = checking.run().await;
    (given.unwrap_or_default(), checking.found)
}

/// The table of records.
struct Records {
    schema: SchemaRef,
    lineage: Lineage,
    /// Whether there is a column in it whose type nobody knows.
    untyped: bool,
}

struct Checking<'a> {
    project: &'a Project,
    source: &'a Source,
    planner: &'a Planner,
    found: Vec<Diagnostic>,
    tables: BTreeMap<String, Table>,
}

/// A table of the source, as its file shows it.
struct Table {
    /// Its columns, those among them that are declared and missing.
    schema: SchemaRef,
    /// Its first rows.
    sample: Option<RecordBatch>,
}

impl Checking<'_> {
    async fn run(&mut self) -> Option<Given> {
        let source = self.source;
        let main = source.files.get(&source.main)?;
        let mut all_open = true;
        let mut paths = Vec::new();
        for (alias, file) in &source.files {
            match files::matching(file) {
                Ok(found) if *alias == source.main => paths = found,
                Ok(found) => {
                    for path in found.iter().rev() {
                        all_open &= self.opens(alias, path, file).is_some();
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
            let opened = self.opens(&source.main, &path, main);
            let (Some(schema), true) = (opened, all_open) else {
                continue;
            };
            let records = match source.sql {
                None => Some(Records {
                    schema,
                    lineage: Lineage::default(),
                    untyped: false,
                }),
                Some(_) => self.records().await,
            };
            if let Some(records) = records {
                let planned = self.plan(&records);
                given.get_or_insert(planned);
            }
        }
        given
    }

    fn plan(&mut self, records: &Records) -> Given {
        let Records {
            schema, lineage, ..
        } = records;
        let planned = plan(self.project, self.source, self.planner, schema, lineage);
        let exposed = planned.mapping.as_ref().and_then(|mapping| {
            let sample = self.sample(records)?;
            Some(exposed::check(self.source, mapping, &sample, lineage))
        });
        // Against a column of which not even the type is known nothing is held.
        let diagnostics = planned.diagnostics.into_iter();
        let diagnostics = diagnostics.filter(|it| !records.untyped || it.code != "AM0515");
        for found in diagnostics.chain(exposed.into_iter().flatten()) {
            if !self.found.contains(&found) {
                self.found.push(found);
            }
        }
        planned.kinds
    }

    /// The first records: of a joined source each column by itself, as far as it holds a column of a table.
    fn sample(&self, records: &Records) -> Option<RecordBatch> {
        let samples = self.tables.iter().filter_map(|(alias, table)| {
            let sample = table.sample.as_ref()?;
            Some((alias.as_str(), sample))
        });
        let samples: BTreeMap<&str, &RecordBatch> = samples.collect();
        if self.source.sql.is_none() {
            let main = samples.get(self.source.main.as_str())?;
            return Some((*main).clone());
        }
        exposed::side_by_side(&records.schema, &records.lineage, &samples)
    }

    /// Opens a file, looks at its first rows, and gives its columns. A column that is declared and missing is told once and then taken to be
    /// there, so that what else is wrong is told too.
    fn opens(&mut self, alias: &str, path: &Path, file: &SourceFile) -> Option<SchemaRef> {
        let wanted = wanted(self.source);
        let names = match names(path, file) {
            Ok(names) => names,
            Err(problem) => {
                self.in_file(file, &problem);
                return None;
            }
        };
        if let Some(problem) = decode::separated_otherwise(file, &names, &file.written) {
            self.in_file(file, &problem);
            return None;
        }
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
        let there = absent::mended(file, &names, &missing);
        let first = decode::open(path, &there, &wanted).and_then(|mut opened| {
            let first = opened.decoder.next()?;
            Ok((opened.decoder, first))
        });
        match first {
            Ok((decoder, first)) => {
                let schema = absent::with_missing(decoder.schema(), file, &missing);
                let table = Table {
                    schema: schema.clone(),
                    sample: first.as_ref().map(|first| first.batch.clone()),
                };
                self.tables.insert(alias.to_owned(), table);
                self.look(file, first);
                self.ignored(&names);
                Some(schema)
            }
            Err(problem) => {
                self.in_file(file, &problem);
                None
            }
        }
    }

    /// Warns where most of the first rows would be set aside because of one column; where all would, it is a mistake.
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
                found.is_warning = count < all;
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

    /// The columns of the records that the source's SQL gives, and where they come from. A column that the SQL names and no table has is told
    /// and then taken to be there.
    async fn records(&mut self) -> Option<Records> {
        let sql = self.source.sql.as_ref()?;
        let mut schemas = self.schemas();
        let mut untyped = false;
        let mut told: BTreeSet<String> = BTreeSet::new();
        let schema = loop {
            match self.planner.query_schema(&sql.text, &schemas).await {
                Ok(records) => break records,
                Err(mut error) => {
                    // What was added is none of the columns that there are.
                    for name in &told {
                        error.suggestion = error
                            .suggestion
                            .map(|listed| listed.replace(&format!(", {name}"), ""));
                    }
                    let absent = error.absent_column().map(str::to_owned);
                    let again = absent.as_ref().is_some_and(|name| told.contains(name));
                    if !again {
                        self.found.push(mistake::unplannable(sql, error));
                    }
                    let absent = absent.filter(|_| !again)?;
                    untyped |= !absent::add(&mut schemas, &absent);
                    told.insert(absent);
                }
            }
        };
        if let Err(problem) = joined::check(&schema) {
            self.in_sql(&problem);
            return None;
        }
        match self.planner.lineage(&sql.text, &schemas).await {
            Ok(lineage) => Some(Records {
                schema,
                lineage,
                untyped,
            }),
            Err(error) => {
                self.found.push(mistake::unplannable(sql, error));
                None
            }
        }
    }

    /// The columns of the tables, those of the main one first.
    fn schemas(&self) -> Vec<(String, SchemaRef)> {
        let mut schemas = Vec::new();
        for (alias, table) in &self.tables {
            if *alias == self.source.main {
                schemas.insert(0, (alias.clone(), table.schema.clone()));
            } else {
                schemas.push((alias.clone(), joined::without_line(&table.schema)));
            }
        }
        schemas
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
