//! Reads rows of a segment: all of them, or the ranges that may be wanted.

use std::error::Error;
use std::fs::File;
use std::ops::Range;

use amends_model::event::column;
use arrow::array::{BooleanArray, RecordBatch};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::file::metadata::{PageIndexPolicy, RowGroupMetaData};
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescPtr;

use crate::index::{common, push_range};
use crate::snapshot::Segment;

/// Rows of a batch, at most.
pub(crate) const BATCH_ROWS: usize = 65_536;
/// Bytes of a batch, about: it has fewer rows where they are long.
const BATCH_BYTES: u64 = 32 << 20;

/// Whatever a library says when a file is damaged.
pub(crate) type Damage = Box<dyn Error + Send + Sync>;

/// Some columns of some rows of a segment, batch by batch.
pub(crate) struct SegmentRows {
    reader: ParquetRecordBatchReader,
    /// The rows that are still to come.
    rows: Vec<Range<usize>>,
    /// Which of them are superseded, ascending.
    superseded: std::sync::Arc<[u32]>,
}

impl SegmentRows {
    /// Opens a segment for some columns, those it has, and some rows, as ranges in ascending order.
    ///
    /// # Errors
    /// When the file is missing or damaged.
    pub(crate) fn open(
        segment: &Segment,
        columns: &[&str],
        rows: Vec<Range<usize>>,
    ) -> Result<Self, Damage> {
        let file = File::open(&segment.path)?;
        let footer = footer(segment, &file)?;
        let schema = footer.schema();
        let mut roots: Vec<usize> = columns
            .iter()
            .filter_map(|name| schema.index_of(name).ok())
            .collect();
        if roots.is_empty() {
            // Rows are counted by what is read: one column at least.
            roots.extend(schema.index_of(amends_model::event::column::AT).ok());
        }
        let mask = ProjectionMask::roots(footer.parquet_schema(), roots);
        let (groups, selection) = selected(&footer, &rows)?;
        let longest = groups.iter().map(|group| {
            let group = footer.metadata().row_group(*group);
            row_bytes(group, |leaf| mask.leaf_included(leaf))
        });
        let at_once = BATCH_BYTES / longest.max().unwrap_or(1).max(1);
        let mut builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, footer)
            .with_projection(mask)
            .with_row_groups(groups)
            .with_batch_size((at_once as usize).clamp(1, BATCH_ROWS));
        if let Some(selection) = selection {
            builder = builder.with_row_selection(selection);
        }
        let mut rows = rows;
        rows.reverse();
        Ok(Self {
            reader: builder.build()?,
            rows,
            superseded: segment.superseded_rows.clone(),
        })
    }

    /// The next batch, and the rows of the segment that it has.
    pub(crate) fn next(&mut self) -> Option<Result<(RecordBatch, Vec<Range<usize>>), Damage>> {
        let batch = match self.reader.next()? {
            Ok(batch) => batch,
            Err(error) => return Some(Err(error.into())),
        };
        let rows = self.advance(batch.num_rows());
        Some(Ok((batch, rows)))
    }

    /// The next batch, and which of its rows are current; `None` for that when all are.
    pub(crate) fn next_current(
        &mut self,
    ) -> Option<Result<(RecordBatch, Option<BooleanArray>), Damage>> {
        let next = self.next()?;
        Some(next.map(|(batch, rows)| {
            let current = self.current(&rows, batch.num_rows());
            (batch, current)
        }))
    }

    /// Passes over the next rows; tells which they are.
    fn advance(&mut self, count: usize) -> Vec<Range<usize>> {
        let mut passed = Vec::new();
        let mut left = count;
        while left > 0 {
            let Some(range) = self.rows.last_mut() else {
                break;
            };
            let here = range.start..range.end.min(range.start + left);
            left -= here.len();
            range.start = here.end;
            if range.start == range.end {
                self.rows.pop();
            }
            passed.push(here);
        }
        passed
    }

    /// Which of some rows are current; `None` when all are.
    fn current(&self, rows: &[Range<usize>], count: usize) -> Option<BooleanArray> {
        let mut keep: Option<Vec<bool>> = None;
        let mut passed = 0;
        for range in rows {
            let before = |row: &u32| (*row as usize) < range.start;
            let first = self.superseded.partition_point(before);
            let inside = |row: &&u32| (**row as usize) < range.end;
            for row in self.superseded[first..].iter().take_while(inside) {
                let keep = keep.get_or_insert_with(|| vec![true; count]);
                keep[passed + *row as usize - range.start] = false;
            }
            passed += range.len();
        }
        keep.map(BooleanArray::from)
    }
}

/// Those of some rows that stand in slices with imports of interest, told by each slice's first and last import.
///
/// # Errors
/// When the file is missing or damaged.
pub(crate) fn imported(
    segment: &Segment,
    rows: Vec<Range<usize>>,
    wanted: impl Fn(i64, i64) -> bool,
) -> Result<Vec<Range<usize>>, Damage> {
    let footer = footer(segment, &File::open(&segment.path)?)?;
    let columns = footer.parquet_schema().columns();
    let is_import = |of: &ColumnDescPtr| of.path().string() == column::IMPORT;
    let column = columns.iter().position(is_import);
    let column = column.ok_or("it has no column of imports")?;
    let (mut start, mut slices) = (0, Vec::new());
    for group in footer.metadata().row_groups() {
        let end = start + usize::try_from(group.num_rows())?;
        let within = match group.column(column).statistics() {
            Some(Statistics::Int64(imports)) => imports.min_opt().zip(imports.max_opt()),
            _ => None,
        };
        if within.is_none_or(|(first, last)| wanted(*first, *last)) {
            push_range(&mut slices, start..end);
        }
        start = end;
    }
    Ok(common(&rows, &slices))
}

/// How many bytes an event of a segment takes on the average while it is held.
///
/// # Errors
/// When the file is missing or damaged.
pub(crate) fn mean_bytes(segment: &Segment) -> Result<u64, Damage> {
    let footer = footer(segment, &File::open(&segment.path)?)?;
    let groups = footer.metadata().row_groups();
    let rows = |group: &RowGroupMetaData| group.num_rows().unsigned_abs();
    let bytes = groups
        .iter()
        .map(|group| row_bytes(group, |_| true).saturating_mul(rows(group)));
    let bytes = bytes.fold(0, u64::saturating_add);
    Ok(bytes / groups.iter().map(rows).sum::<u64>().max(1))
}

/// How many bytes a row of some columns takes on the average. Texts count as often as they stand there, however they are packed.
fn row_bytes(group: &RowGroupMetaData, wanted: impl Fn(usize) -> bool) -> u64 {
    let columns = group.columns().iter().enumerate();
    let bytes = columns
        .filter(|(leaf, _)| wanted(*leaf))
        .map(|(_, column)| {
            let texts = column.unencoded_byte_array_data_bytes().unwrap_or(0);
            texts.max(column.uncompressed_size()).unsigned_abs()
        });
    bytes.fold(0, u64::saturating_add) / group.num_rows().unsigned_abs().max(1)
}

/// The end of a segment's file, read once for all snapshots' clones.
fn footer(segment: &Segment, file: &File) -> Result<ArrowReaderMetadata, Damage> {
    if let Some(footer) = segment.footer.get() {
        return Ok(footer.clone());
    }
    let options = ArrowReaderOptions::new()
        .with_column_index_policy(PageIndexPolicy::Skip)
        .with_offset_index_policy(PageIndexPolicy::Optional);
    let footer = ArrowReaderMetadata::load(file, options)?;
    Ok(segment.footer.get_or_init(|| footer).clone())
}

/// The row groups in which ranges of rows stand, and the ranges within these groups; `None` for all of their rows.
fn selected(
    footer: &ArrowReaderMetadata,
    rows: &[Range<usize>],
) -> Result<(Vec<usize>, Option<RowSelection>), Damage> {
    let mut groups = Vec::new();
    let mut inside = Vec::new();
    let (mut start, mut kept, mut wanted) = (0, 0, 0);
    let mut left = rows;
    for (group, metadata) in footer.metadata().row_groups().iter().enumerate() {
        let length = usize::try_from(metadata.num_rows())?;
        let end = start + length;
        let before = inside.len();
        while let Some(range) = left.first() {
            let here = range.start.max(start)..range.end.min(end);
            if !here.is_empty() {
                wanted += here.len();
                inside.push(here.start - start + kept..here.end - start + kept);
            }
            if range.end > end {
                break;
            }
            left = &left[1..];
        }
        if inside.len() > before {
            groups.push(group);
            kept += length;
        }
        start = end;
    }
    if wanted != rows.iter().map(ExactSizeIterator::len).sum::<usize>() {
        return Err("it has fewer rows than it should".into());
    }
    let selection = RowSelection::from_consecutive_ranges(inside.into_iter(), kept);
    Ok((groups, (wanted != kept).then_some(selection)))
}
