//! What one pass will want of the events of one kind, in a file without a name.
//!
//! A file is a list of frames: how many bytes, their hash, and a batch of rows as an Arrow stream. What is damaged is not decoded: it may lead anywhere.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

use amends_model::{Problem, Result};
use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use xxhash_rust::xxh3::xxh3_64;

/// Bytes that are written and read at once.
const CHUNK: usize = 1 << 16;

/// A file that is written once and read once.
pub(super) struct Aside {
    /// None: it was read, or given back.
    file: Option<BufWriter<File>>,
    /// How many frames were written.
    frames: usize,
    /// What is too little yet to be written.
    waiting: Vec<RecordBatch>,
    batch_rows: usize,
}

impl Aside {
    /// A file in a folder; so many rows are written at once.
    pub(super) fn new(folder: &Path, batch_rows: usize) -> io::Result<Self> {
        let file = tempfile::tempfile_in(folder)?;
        Ok(Self {
            file: Some(BufWriter::with_capacity(CHUNK, file)),
            frames: 0,
            waiting: Vec::new(),
            batch_rows,
        })
    }

    /// Adds rows. Nothing is added to what was given back.
    pub(super) fn put(&mut self, batch: RecordBatch) -> Result<(), ArrowError> {
        self.waiting.push(batch);
        let rows: usize = self.waiting.iter().map(RecordBatch::num_rows).sum();
        match rows < self.batch_rows {
            true => Ok(()),
            false => self.write(),
        }
    }

    fn write(&mut self) -> Result<(), ArrowError> {
        let waiting = std::mem::take(&mut self.waiting);
        let (Some(file), Some(first)) = (&mut self.file, waiting.first()) else {
            return Ok(());
        };
        let schema = first.schema();
        let mut frame = Vec::new();
        let mut writer = StreamWriter::try_new(&mut frame, &schema)?;
        writer.write(&concat_batches(&schema, &waiting)?)?;
        writer.finish()?;
        drop(writer);
        file.write_all(&(frame.len() as u64).to_le_bytes())?;
        file.write_all(&xxh3_64(&frame).to_le_bytes())?;
        file.write_all(&frame)?;
        self.frames += 1;
        Ok(())
    }

    /// Everything that was put in. The file goes when that was read.
    pub(super) fn read(&mut self) -> Result<Frames, ArrowError> {
        self.write()?;
        let file = self.file.take().map(|file| {
            let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.rewind()?;
            Ok::<_, io::Error>(BufReader::with_capacity(CHUNK, file))
        });
        Ok(Frames {
            left: file.as_ref().map_or(0, |_| self.frames),
            file: file.transpose()?,
        })
    }

    /// Gives the file back, and what waits for it.
    pub(super) fn give_back(&mut self) {
        self.file = None;
        self.waiting = Vec::new();
    }
}

/// The batches of a file; an error, and nothing more, where one is not as it was written.
pub(super) struct Frames {
    file: Option<BufReader<File>>,
    left: usize,
}

impl Iterator for Frames {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Result<RecordBatch>> {
        self.left = self.left.checked_sub(1)?;
        let read = self.file.as_mut().and_then(frame);
        if read.is_none() {
            self.left = 0;
        }
        Some(read.ok_or_else(damaged))
    }
}

/// The next frame; `None` where it is damaged or not there.
fn frame(file: &mut BufReader<File>) -> Option<RecordBatch> {
    let mut number = || -> Option<u64> {
        let mut bytes = [0; 8];
        file.read_exact(&mut bytes).ok()?;
        Some(u64::from_le_bytes(bytes))
    };
    let (length, sum) = (number()?, number()?);
    let mut frame = Vec::new();
    let read = file.take(length).read_to_end(&mut frame).ok()?;
    if read as u64 != length || xxh3_64(&frame) != sum {
        return None;
    }
    StreamReader::try_new(&frame[..], None).ok()?.next()?.ok()
}

fn damaged() -> Problem {
    Problem::new(
        "AM0712",
        "events that were put apart on the disk are not what was written",
    )
    .hint("run the command again; if it fails again, look after the disk")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use amends_testkit::tempfile::tempdir;
    use arrow::array::{AsArray, Int64Array};
    use arrow::datatypes::Int64Type;

    use super::*;

    fn batch(numbers: std::ops::Range<i64>) -> RecordBatch {
        let numbers = Int64Array::from_iter_values(numbers);
        RecordBatch::try_from_iter([("number", Arc::new(numbers) as _)]).unwrap()
    }

    fn written(folder: &Path) -> Aside {
        let mut aside = Aside::new(folder, 30).unwrap();
        for first in 0..10 {
            aside.put(batch(first * 10..first * 10 + 10)).unwrap();
        }
        aside
    }

    #[test]
    fn what_was_put_apart_is_read_once() {
        let folder = tempdir().unwrap();
        let mut aside = written(folder.path());
        let batches: Vec<RecordBatch> = aside.read().unwrap().map(Result::unwrap).collect();
        let numbers = batches.iter().flat_map(|batch| {
            batch
                .column(0)
                .as_primitive::<Int64Type>()
                .values()
                .to_vec()
        });
        assert_eq!(
            numbers.collect::<Vec<i64>>(),
            (0..100).collect::<Vec<i64>>()
        );
        assert_eq!(batches.len(), 4);
        assert_eq!(aside.read().unwrap().count(), 0);
    }

    #[test]
    fn what_was_given_back_takes_nothing_and_gives_nothing() {
        let folder = tempdir().unwrap();
        let mut aside = written(folder.path());
        aside.give_back();
        aside.put(batch(0..60)).unwrap();
        assert_eq!(aside.read().unwrap().count(), 0);
    }

    #[test]
    fn damage_is_found_wherever_it_is() {
        let folder = tempdir().unwrap();
        let length = |aside: &mut Aside| {
            aside.write().unwrap();
            let file = aside.file.as_mut().unwrap();
            file.flush().unwrap();
            file.get_ref().metadata().unwrap().len()
        };
        let all = length(&mut written(folder.path()));
        for place in 0..all {
            let mut aside = written(folder.path());
            assert_eq!(length(&mut aside), all);
            let mut file = aside.file.as_ref().unwrap().get_ref();
            let mut byte = [0];
            file.seek(io::SeekFrom::Start(place)).unwrap();
            file.read_exact(&mut byte).unwrap();
            file.seek(io::SeekFrom::Start(place)).unwrap();
            file.write_all(&[byte[0] ^ 1]).unwrap();
            let read: Vec<_> = aside.read().unwrap().collect();
            assert!(read.last().unwrap().is_err(), "byte {place}");
        }
        let mut short = written(folder.path());
        length(&mut short);
        let file = short.file.as_ref().unwrap().get_ref();
        file.set_len(all - 1).unwrap();
        assert!(short.read().unwrap().any(|batch| batch.is_err()));
    }
}
