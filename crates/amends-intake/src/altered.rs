//! Columns that came, went, or changed their names since the file before: noticed, and told where a definition no longer fits (rule 2).

mod compare;
mod looks;

use std::collections::BTreeMap;
use std::path::Path;

use amends_ledger::{FileColumn, ImportRecord, Ledger};
use amends_model::{Problem, Result};
use amends_project::definition::{Format, Project, Source, SourceFile};

pub use compare::Renamed;

use crate::{decode, files};

/// So many bytes of names are kept of a file. What has more is no table that anybody would compare.
const LONGEST: usize = 256 << 10;

/// What is different about the columns of an import's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Altered {
    /// The file, as shown to users.
    pub file: String,
    /// The import whose file it is compared with.
    pub compared_with: i64,
    /// Columns that are new, in the order of the file.
    pub added: Vec<String>,
    /// Columns that are gone, in the order of the file before.
    pub dropped: Vec<String>,
    /// Columns that have probably another name now.
    pub renamed: Vec<Renamed>,
}

impl Altered {
    fn of(
        file: String,
        (compared_with, before): (i64, Vec<FileColumn>),
        now: &[FileColumn],
        definition: &SourceFile,
    ) -> Option<Self> {
        let compared = compare::compare(&before, now, &definition.renamed);
        (compared != compare::Compared::default()).then_some(Self {
            file,
            compared_with,
            added: compared.added,
            dropped: compared.dropped,
            renamed: compared.renamed,
        })
    }
}

/// The columns of a file as they stand in it, and what the values in its first rows look like; none of JSON lines, where any field may be
/// rare. Nothing is refused here: a file that cannot be read says so when it is imported.
pub(crate) fn columns(path: &Path, file: &SourceFile) -> Vec<FileColumn> {
    if file.format == Format::JsonLines {
        return Vec::new();
    }
    let as_it_is = SourceFile {
        columns: BTreeMap::new(),
        renamed: BTreeMap::new(),
        ..file.clone()
    };
    let columns = looks::of_file(path, &as_it_is).unwrap_or_default();
    let names: usize = columns.iter().map(|column| column.name.len()).sum();
    if names > LONGEST { Vec::new() } else { columns }
}

/// Compares the file of each import of a run with the one before. Files with the columns of before are not among them.
///
/// # Errors
/// `AM0403` when the database fails; `AM0406` when it holds what it should not.
pub async fn altered(
    source: &Source,
    ledger: &Ledger,
    run: &[ImportRecord],
) -> Result<Vec<Altered>> {
    let mut altered = Vec::new();
    let Some(definition) = source.files.get(&source.main) else {
        return Ok(altered);
    };
    for record in run {
        let shown = &record.start.file;
        let Some(now) = ledger.file_columns(record.import).await? else {
            continue;
        };
        let before = ledger
            .file_columns_before(record.import, &source.name, shown)
            .await?;
        altered
            .extend(before.and_then(|before| Altered::of(shown.clone(), before, &now, definition)));
    }
    Ok(altered)
}

/// Adds to a problem of an import, where it is that a definition and a file do not fit, what is different about the columns since the file before.
///
/// # Errors
/// As [`altered`].
pub async fn explained(
    project: &Project,
    source: &Source,
    ledger: &Ledger,
    problem: Problem,
) -> Result<Problem> {
    let is_misfit = matches!(problem.code(), "AM0505" | "AM0509");
    let Some(definition) = source.files.get(&source.main).filter(|_| is_misfit) else {
        return Ok(problem);
    };
    for path in files::files(source)? {
        let shown = files::shown(&project.root, &path);
        let now = columns(&path, definition);
        let names: Vec<String> = now.iter().map(|column| column.name.clone()).collect();
        if let Some(other) = decode::separated_otherwise(definition, &names, &shown) {
            return Ok(other);
        }
        let before = ledger
            .file_columns_before(i64::MAX, &source.name, &shown)
            .await?;
        let found = before
            .filter(|_| !now.is_empty())
            .and_then(|before| Altered::of(shown, before, &now, definition));
        if let Some(altered) = found.filter(Altered::takes_away) {
            return Ok(altered.added_to(problem, definition));
        }
    }
    Ok(problem)
}

impl Altered {
    /// Whether a column is no longer there under its name, so that a definition may miss it.
    fn takes_away(&self) -> bool {
        let unread = |renamed: &Renamed| !renamed.is_read;
        !self.dropped.is_empty() || self.renamed.iter().any(unread)
    }

    fn added_to(&self, problem: Problem, definition: &SourceFile) -> Problem {
        let since = format!(
            "since import {} the columns of {}",
            self.compared_with, self.file
        );
        let mut said = Vec::new();
        for Renamed { from, to, .. } in &self.renamed {
            said.push(format!("`{from}` seems to be called `{to}` now"));
        }
        if !self.dropped.is_empty() {
            said.push(format!("gone: {}", self.dropped.join(", ")));
        }
        if !self.added.is_empty() {
            said.push(format!("new: {}", self.added.join(", ")));
        }
        let detail = problem.detail_text();
        let detail = detail
            .map(|detail| format!("{detail}; "))
            .unwrap_or_default();
        let hint = self.renamed.iter().find(|renamed| !renamed.is_read);
        let hint = hint.map(|renamed| renamed.hint(definition));
        let known = problem.hint_text().map(str::to_owned);
        let with = problem.detail(format!("{detail}{since} have changed: {}", said.join("; ")));
        match hint.or(known) {
            Some(hint) => with.hint(hint),
            None => with,
        }
    }
}
