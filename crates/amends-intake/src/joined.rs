//! A source of several files: SQL joins them to one table of records, and every row of the main file is accounted for.
//!
//! How often each row comes is counted while the query runs. Where one comes twice, what was made of it so far is of no use, and the query
//! runs again for the rows that come once: so nothing of a row that comes twice reaches the ledger. The main file streams past the others, which are
//! held in memory; where they are large, both are sorted on the disk instead, so that no file need fit.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use amends_expressions::{Batches, Joins, Lineage, Planner, Table};
use amends_model::{Problem, Result};
use amends_project::definition::{Project, Source, SourceFile};
use arrow::array::{Array, AsArray, BooleanArray, Int64Array, RecordBatch};
use arrow::compute::{concat_batches, filter_record_batch};
use arrow::datatypes::{DataType, Int64Type, Schema, SchemaRef};
use futures::{StreamExt, stream};

use crate::decode::{self, Decode, Decoded, LINE, Meter, Remark, Rows, Wanted};
use crate::failure::Failure;
use crate::files;
use crate::import::unfit;
use crate::lines::Lines;

/// Records that are handed on at once, about: so many, or fewer of so many bytes.
const MANY_ROWS: usize = 1 << 15;
const MANY_BYTES: usize = 16 << 20;

/// Files that are joined to the main one are held in memory up to so many bytes, as they are on the disk: they take some three times as much.
const HELD: u64 = 512 << 20;
/// Where they are larger, so many bytes are sorted at once.
const SORTED: usize = 512 << 20;

/// What the tables of a query leave behind while it runs.
#[derive(Default)]
pub(crate) struct Left {
    /// Lines of the rows of the main file that could be read.
    lines: Lines,
    /// Rows of the main file that could not.
    pub(crate) failures: Vec<Failure>,
    /// Rows of other files that could not.
    pub(crate) joined: Vec<(String, Failure)>,
    /// What moments of the main file said beyond their instant.
    pub(crate) remarks: Vec<Remark>,
    /// Rows of the main file.
    pub(crate) received: u64,
}

/// A query under way.
pub(crate) struct Run {
    records: Batches,
    main: Arc<tokio::sync::Mutex<Rows>>,
    left: Arc<Mutex<Left>>,
    meters: Vec<Arc<Meter>>,
}

/// How often each row of the main file comes.
#[derive(Default)]
pub(crate) struct Counts {
    lines: Lines,
    /// Of each line: never, once, or more often.
    times: Vec<u8>,
    /// How often those came that came more often than once.
    often: HashMap<usize, u32>,
    /// Whether all were counted.
    complete: bool,
}

/// The tables of a source: names, columns and files.
pub(crate) struct Tables<'a> {
    project: &'a Project,
    source: &'a Source,
    main: Main,
}

/// Where the rows of the main table come from.
pub(crate) enum Main {
    /// A file of the main path.
    File(PathBuf),
    /// Rows taken out of the quarantine.
    Rows(RecordBatch, Vec<Remark>),
}

impl<'a> Tables<'a> {
    /// The tables, the main one from there.
    pub(crate) fn new(project: &'a Project, source: &'a Source, main: Main) -> Self {
        Self {
            project,
            source,
            main,
        }
    }

    /// The names and columns of the tables, the main one first.
    ///
    /// # Errors
    /// As `decode::open`.
    pub(crate) fn schemas(&self) -> Result<Vec<(String, SchemaRef)>> {
        let mut schemas = Vec::new();
        for (alias, file, paths) in self.tables()? {
            let opened = self.open(paths.first(), file)?.0;
            let schema = opened.schema();
            let schema = if alias == self.source.main {
                schema.clone()
            } else {
                without_line(schema)
            };
            schemas.push((alias.to_owned(), schema));
        }
        Ok(schemas)
    }

    /// Which columns of the tables the columns of the records come from.
    ///
    /// # Errors
    /// As `schemas`; `AM0509` when the query cannot be planned.
    pub(crate) async fn lineage(&self, planner: &Planner) -> Result<Lineage> {
        let Some(sql) = &self.source.sql else {
            return Ok(Lineage::default());
        };
        let lineage = planner.lineage(&sql.text, &self.schemas()?).await;
        lineage.map_err(|error| unfit(self.source, &error.message))
    }

    /// Aliases, files and paths, the main one first.
    fn tables(&self) -> Result<Vec<(&'a str, &'a SourceFile, Vec<PathBuf>)>> {
        let mut tables = Vec::new();
        for (alias, file) in &self.source.files {
            if *alias != self.source.main {
                tables.push((alias.as_str(), file, files::matching(file)?));
                continue;
            }
            let paths = match &self.main {
                Main::File(path) => vec![path.clone()],
                Main::Rows(..) => Vec::new(),
            };
            tables.insert(0, (alias.as_str(), file, paths));
        }
        Ok(tables)
    }

    /// Opens a file, or the rows of the main table where they are in none.
    fn open(
        &self,
        path: Option<&PathBuf>,
        file: &SourceFile,
    ) -> Result<(Box<dyn Decode>, Arc<Meter>)> {
        const NOTHING: &BTreeSet<String> = &BTreeSet::new();
        let wanted = Wanted {
            zone: &self.source.zone,
            // With SQL, these are columns of the records, not of a file.
            ignore: NOTHING,
            named: NOTHING,
        };
        match (path, &self.main) {
            (Some(path), _) => {
                let opened = decode::open(path, file, &wanted)?;
                Ok((opened.decoder, opened.meter))
            }
            (None, Main::Rows(batch, remarks)) => {
                let held = decode::held(batch.clone(), remarks.clone());
                Ok((held, Meter::new(0)))
            }
            (None, Main::File(_)) => Err(no_line("the source has no main file")),
        }
    }

    /// Starts the query.
    ///
    /// # Errors
    /// As `decode::open`; `AM0201` or `AM0202` when the query cannot be run.
    pub(crate) async fn run(&self, planner: &Planner, sql: &str) -> Result<Run> {
        let left = Arc::new(Mutex::new(Left::default()));
        let (mut tables, mut meters, mut main) = (Vec::new(), Vec::new(), None);
        let mut joined = 0;
        for (alias, file, paths) in self.tables()? {
            let is_main = alias == self.source.main;
            let mut parts = Vec::new();
            for path in some(&paths) {
                let (decoder, meter) = self.open(path, file)?;
                if !is_main {
                    joined += meter.size();
                }
                meters.push(Arc::clone(&meter));
                let shown = path.map(|path| files::shown(&self.project.root, path));
                parts.push((shown.unwrap_or_default(), decode::start(decoder, meter)?));
            }
            let schema = same_schema(&parts)?;
            let (schema, rows) = if is_main {
                let (_, rows) = parts.swap_remove(0);
                let rows = Arc::new(tokio::sync::Mutex::new(rows));
                main = Some(rows.clone());
                (schema, main_rows(rows, left.clone()))
            } else {
                (without_line(&schema), joined_rows(parts, left.clone()))
            };
            tables.push(Table {
                name: alias.to_owned(),
                schema,
                rows,
            });
        }
        let main = main.ok_or_else(|| no_line("the source has no main file"))?;
        Ok(Run {
            records: planner
                .query(sql, tables, joins(joined, &self.project.data))
                .await?,
            main,
            left,
            meters,
        })
    }
}

impl Counts {
    /// Counts the rows of some records, among all those that the tables have left behind until now.
    ///
    /// # Errors
    /// `AM0512` when the records do not carry the lines of the main file.
    pub(crate) fn add(&mut self, batch: &RecordBatch, left: &mut Left) -> Result<()> {
        self.read(left);
        for line in line_column(batch)?.iter() {
            let place = line.and_then(|line| self.lines.place(line));
            let place = place
                .ok_or_else(|| no_line("it gives records that stand on no row of the main file"))?;
            if self.times[place] == 0 {
                self.times[place] = 1;
                continue;
            }
            self.times[place] = 2;
            let times = self.often.entry(place).or_insert(1);
            *times = times.saturating_add(1);
        }
        Ok(())
    }

    /// Ends the counting: what was read since the last records gave none.
    pub(crate) fn end(&mut self, left: &mut Left) {
        self.read(left);
        self.complete = true;
    }

    fn read(&mut self, left: &mut Left) {
        self.lines.append(&mut left.lines);
        self.times.resize(self.lines.len(), 0);
    }

    /// Whether all rows were counted.
    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }

    /// Whether some row came more than once so far.
    pub(crate) fn has_twice(&self) -> bool {
        !self.often.is_empty()
    }

    /// The records of rows that come once.
    ///
    /// # Errors
    /// `AM0512` when the records do not carry the lines of the main file.
    pub(crate) fn once(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let once = |line: Option<i64>| {
            let place = self.lines.place(line?)?;
            Some(self.times[place] == 1)
        };
        let keep: BooleanArray = line_column(batch)?
            .iter()
            .map(|line| Some(once(line).unwrap_or(false)))
            .collect();
        filter_record_batch(batch, &keep)
            .map_err(|error| no_line("it cannot be filtered").because(error))
    }

    /// The rows that come never or several times.
    pub(crate) fn failures(&self) -> impl Iterator<Item = Failure> + '_ {
        self.lines
            .iter()
            .enumerate()
            .filter_map(|(place, line)| match self.times[place] {
                0 => Some(Failure::new(
                    line,
                    "AM0527",
                    "the source's SQL left this row out",
                )),
                1 => None,
                _ => Some(Failure::new(
                    line,
                    "AM0528",
                    format!(
                        "the source's SQL gives {} records for this row",
                        self.often[&place]
                    ),
                )),
            })
    }
}

impl Run {
    /// The next records.
    ///
    /// # Errors
    /// `AM0202` when the query fails; what a file's decoder says.
    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        self.records.next().await.transpose()
    }

    /// The next records, many of them at once: what is done with each batch has a price of its own.
    ///
    /// # Errors
    /// As [`Run::next`].
    pub(crate) async fn next_large(&mut self) -> Result<Option<RecordBatch>> {
        let Some(first) = self.next().await? else {
            return Ok(None);
        };
        let (mut rows, mut bytes) = (first.num_rows(), first.get_array_memory_size());
        let mut batches = vec![first];
        while rows < MANY_ROWS && bytes < MANY_BYTES {
            let Some(batch) = self.next().await? else {
                break;
            };
            rows += batch.num_rows();
            bytes += batch.get_array_memory_size();
            batches.push(batch);
        }
        let joined = concat_batches(&batches[0].schema(), &batches);
        joined.map(Some).map_err(|error| {
            Problem::new("AM0202", "records cannot be put together").because(error)
        })
    }

    /// What the tables have left behind.
    pub(crate) fn left(&self) -> MutexGuard<'_, Left> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far the main file was read.
    pub(crate) fn meter(&self) -> &Meter {
        &self.meters[0]
    }

    /// Reads what the query left of the main file, such as behind a LIMIT.
    ///
    /// # Errors
    /// What the file's decoder says.
    pub(crate) async fn drain(&mut self) -> Result<()> {
        let mut rows = self.main.lock().await;
        while let Some(decoded) = rows.next().await? {
            take(decoded, &self.left);
        }
        Ok(())
    }
}

/// Whether the records that a query gives can be told apart and found again in the main file.
///
/// # Errors
/// `AM0512` without the lines of the main file; `AM0504` when two columns have one name.
pub(crate) fn check(records: &SchemaRef) -> Result<()> {
    let mut names = BTreeSet::new();
    let twice = records
        .fields()
        .iter()
        .find(|field| !names.insert(field.name()));
    if let Some(field) = twice {
        return Err(Problem::new("AM0504", "the source's SQL gives two columns of the same name")
            .detail(format!("{:?}", field.name()))
            .hint("name the columns that you need instead of `*`, or give one of the two another name with `as`"));
    }
    match records.field_with_name(LINE) {
        Ok(field) if *field.data_type() == DataType::Int64 => Ok(()),
        Ok(_) => Err(no_line("the column is no longer what it was")),
        Err(_) => Err(no_line("the column is missing")),
    }
}

/// How files of so many bytes are joined to the main one.
fn joins(bytes: u64, data: &Path) -> Joins {
    match bytes <= HELD {
        true => Joins::Held,
        false => Joins::Sorted {
            memory: SORTED,
            folder: data.to_owned(),
            order: LINE.to_owned(),
        },
    }
}

/// Each path, or once none where there are none.
fn some(paths: &[PathBuf]) -> impl Iterator<Item = Option<&PathBuf>> {
    let none = paths.is_empty().then_some(None);
    paths.iter().map(Some).chain(none)
}

/// Keeps what concerns a batch of the main file, and gives its rows on.
fn take(decoded: Decoded, left: &Mutex<Left>) -> RecordBatch {
    let mut left = left.lock().unwrap_or_else(PoisonError::into_inner);
    left.received += decoded.received();
    let lines = decoded.batch.column(0).as_primitive_opt::<Int64Type>();
    for line in lines.iter().flat_map(|lines| lines.values()) {
        left.lines.push(*line);
    }
    left.failures.extend(decoded.failures);
    left.remarks.extend(decoded.remarks);
    decoded.batch
}

fn main_rows(rows: Arc<tokio::sync::Mutex<Rows>>, left: Arc<Mutex<Left>>) -> Batches {
    let next = |(rows, left): (Arc<tokio::sync::Mutex<Rows>>, Arc<Mutex<Left>>)| async move {
        let decoded = rows.lock().await.next().await?;
        Ok(decoded.map(|decoded| (take(decoded, &left), (rows.clone(), left))))
    };
    stream::try_unfold((rows, left), next).boxed()
}

fn joined_rows(parts: Vec<(String, Rows)>, left: Arc<Mutex<Left>>) -> Batches {
    let parts = parts.into_iter().map(move |(file, rows)| {
        let next = |(file, mut rows, left): (String, Rows, Arc<Mutex<Left>>)| async move {
            let Some(decoded) = rows.next().await? else {
                return Ok(None);
            };
            let batch = decoded.batch;
            let places: Vec<usize> = (1..batch.num_columns()).collect();
            let batch = batch
                .project(&places)
                .map_err(|error| no_line("a table loses its columns").because(error))?;
            let failures = decoded
                .failures
                .into_iter()
                .map(|failure| (file.clone(), failure));
            left.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .joined
                .extend(failures);
            Ok(Some((batch, (file, rows, left))))
        };
        stream::try_unfold((file, rows, left.clone()), next)
    });
    stream::iter(parts).flatten().boxed()
}

/// The columns of a table of several files, which must have the same.
fn same_schema(parts: &[(String, Rows)]) -> Result<SchemaRef> {
    let (first, rows) = &parts[0];
    let schema = rows.schema();
    for (file, other) in &parts[1..] {
        if other.schema() != schema {
            return Err(
                Problem::new("AM0505", "two files of one table have different columns")
                    .detail(format!("{first} and {file}"))
                    .hint(
                        "export them alike, or make them two tables and join them with `union all`",
                    ),
            );
        }
    }
    Ok(schema.clone())
}

/// The columns of a joined table.
pub(crate) fn without_line(schema: &SchemaRef) -> SchemaRef {
    let fields: Vec<_> = schema.fields().iter().skip(1).cloned().collect();
    Arc::new(Schema::new(fields))
}

fn line_column(batch: &RecordBatch) -> Result<&Int64Array> {
    let column = batch.column_by_name(LINE);
    let lines = column.and_then(|column| column.as_primitive_opt::<Int64Type>());
    match lines {
        Some(lines) if lines.null_count() == 0 => Ok(lines),
        Some(_) => Err(no_line(
            "it gives records that stand on no row of the main file",
        )),
        None => Err(no_line("the column is missing, or no longer what it was")),
    }
}

fn no_line(why: &str) -> Problem {
    Problem::new("AM0512", "the source's SQL does not carry `_line`")
        .detail(why)
        .hint("select `_line` of the main file as it is, and join the other files to it with `left join`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_files_are_sorted_in_the_data_folder_and_come_back_by_line() {
        let data = Path::new("data");
        assert!(matches!(joins(HELD, data), Joins::Held));
        let Joins::Sorted { folder, order, .. } = joins(HELD + 1, data) else {
            panic!("files larger than that are held");
        };
        assert_eq!((folder.as_path(), order.as_str()), (data, LINE));
    }
}
