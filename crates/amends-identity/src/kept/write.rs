//! Writes who is who: a table of identifiers, a table of memberships, and the sum of both.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::sync::Arc;

use amends_model::event::id_type;
use arrow::array::{
    ArrayRef, BooleanArray, FixedSizeBinaryArray, RecordBatch, UInt16Array, UInt32Array,
    UInt64Array,
};
use arrow::buffer::Buffer;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;
use arrow::ipc::writer::StreamWriter;
use xxhash_rust::xxh3::Xxh3Default;

use super::{KEY, Kept, NAMESPACES, VERSION};
use crate::People;

impl Kept {
    pub(super) fn write(&self, people: &People) -> Result<(), ArrowError> {
        fs::create_dir_all(&self.folder)?;
        // Whoever writes at the same time writes the same, or spoils a file that is found to be spoilt.
        let unfinished = self.folder.join("who.arrow.tmp");
        let mut file = Summed {
            file: BufWriter::with_capacity(1 << 17, File::create(&unfinished)?),
            hash: Xxh3Default::new(),
        };
        for table in [self.table(people)?, memberships_table(people)?] {
            let mut writer = StreamWriter::try_new(&mut file, &table.schema())?;
            for first in (0..table.num_rows()).step_by(self.part_rows) {
                let rows = self.part_rows.min(table.num_rows() - first);
                writer.write(&table.slice(first, rows))?;
            }
            writer.finish()?;
        }
        let sum = file.hash.digest();
        let mut file = file.file;
        file.write_all(&sum.to_le_bytes())?;
        file.into_inner().map_err(|error| error.into_error())?;
        Ok(fs::rename(unfinished, self.path())?)
    }

    /// The columns of identifiers, oldest first.
    fn table(&self, people: &People) -> Result<RecordBatch, ArrowError> {
        let register = &people.register;
        let names = register.namespaces.iter();
        let names: Vec<&str> = names.map(|(name, _)| &**name).collect();
        let says = [
            (KEY, self.key.clone()),
            (VERSION, people.version.clone()),
            (NAMESPACES, serde_json::json!(names).to_string()),
        ];
        let says = says.map(|(name, value)| (name.to_owned(), value));
        let field = |name: &str, of| Field::new(name, of, false);
        let schema = Schema::new(vec![
            field("identifier", id_type()),
            field("namespace", DataType::UInt16),
            field("generic", DataType::Boolean),
            field("oldest", DataType::UInt32),
        ]);
        let bytes: Vec<u8> = register.ids.iter().flat_map(|id| id.0).collect();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(FixedSizeBinaryArray::try_new(
                16,
                Buffer::from(bytes),
                None,
            )?),
            Arc::new(UInt16Array::from(register.kinds.clone())),
            Arc::new(BooleanArray::from(register.generic.clone())),
            Arc::new(UInt32Array::from(people.roots.clone())),
        ];
        RecordBatch::try_new(Arc::new(schema.with_metadata(says.into())), columns)
    }
}

/// Who belongs to which account, and how many events name both.
fn memberships_table(people: &People) -> Result<RecordBatch, ArrowError> {
    let all = &people.memberships.of_people;
    let numbers = |of: fn(&(u32, u32, u64)) -> u32| -> ArrayRef {
        Arc::new(UInt32Array::from_iter_values(all.iter().map(of)))
    };
    let events = UInt64Array::from_iter_values(all.iter().map(|one| one.2));
    RecordBatch::try_from_iter([
        ("person", numbers(|one| one.0)),
        ("account", numbers(|one| one.1)),
        ("events", Arc::new(events) as ArrayRef),
    ])
}

/// Sums what is written.
struct Summed {
    file: BufWriter<File>,
    hash: Xxh3Default,
}

impl Write for Summed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
