//! Who is who, kept on disk: finding it anew takes reading all that every event names.
//!
//! It is derived: one file `derived/people/who.arrow` of the data folder, which may be deleted at any time. It says of what it was made, and is believed for that
//! alone; what is damaged, or of another ledger, vault, rule or moment, is made anew.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Cursor, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use amends_ledger::Snapshot;
use amends_model::event::id_type;
use amends_model::{IdentifierId, time};
use arrow::array::{
    ArrayRef, AsArray, BooleanArray, FixedSizeBinaryArray, RecordBatch, UInt16Array, UInt32Array,
    UInt64Array,
};
use arrow::buffer::Buffer;
use arrow::datatypes::{DataType, Field, Schema, UInt16Type, UInt32Type, UInt64Type};
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use jiff::Timestamp;
use xxhash_rust::xxh3::Xxh3Default;

use crate::accounts::Memberships;
use crate::register::Register;
use crate::{People, Rule};

/// The form in which it is kept, and how it is found. Whoever changes either gives the next number.
const FORM: u32 = 1;

/// What a file says of itself, beside the columns of identifiers.
const KEY: &str = "key";
const VERSION: &str = "version";
const NAMESPACES: &str = "namespaces";

/// The place of those who follow from a snapshot, a vault, rules and a moment.
pub struct Kept {
    folder: PathBuf,
    key: String,
    rules: BTreeMap<String, Rule>,
}

impl Kept {
    /// The place in a data folder; `None` where the ledger does not know which way it came. `vault` is the version of what the vault knows.
    pub fn at(
        data: &Path,
        snapshot: &Snapshot,
        vault: &str,
        rules: &BTreeMap<String, Rule>,
        as_of: Timestamp,
    ) -> Option<Self> {
        let point = serde_json::to_string(&snapshot.point()?).ok()?;
        let mut hash = blake3::Hasher::new();
        let moment = time::micros(as_of).to_string();
        let rule = |(name, rule): (&String, &Rule)| format!("{name:?} {rule:?}");
        let rules_said: Vec<String> = rules.iter().map(rule).collect();
        let form = FORM.to_string();
        let said = [form, point, vault.to_owned(), moment];
        for part in said.iter().chain(&rules_said) {
            hash.update(&(part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        Some(Self::of(data, &hash.finalize().to_hex(), rules))
    }

    pub(crate) fn of(data: &Path, key: &str, rules: &BTreeMap<String, Rule>) -> Self {
        Self {
            folder: data.join("derived").join("people"),
            key: key.to_owned(),
            rules: rules.clone(),
        }
    }

    /// Who is who, where it is kept and whole.
    pub fn read(&self) -> Option<People> {
        let bytes = fs::read(self.file()).ok()?;
        let (body, sum) = bytes.split_last_chunk::<8>()?;
        let mut hash = Xxh3Default::new();
        hash.update(body);
        if hash.digest() != u64::from_le_bytes(*sum) {
            return None;
        }
        let mut rest = Cursor::new(body);
        let mut identifiers = StreamReader::try_new(&mut rest, None).ok()?;
        let says = identifiers.schema().metadata().clone();
        if says.get(KEY) != Some(&self.key) {
            return None;
        }
        let names: Vec<String> = serde_json::from_str(says.get(NAMESPACES)?).ok()?;
        let (register, roots) = self.register(&identifiers.next()?.ok()?, names)?;
        // The end of the first table, before the next one is read.
        if identifiers.next().is_some() {
            return None;
        }
        let mut memberships = StreamReader::try_new(&mut rest, None).ok()?;
        let memberships = self::memberships(&memberships.next()?.ok()?)?;
        let version = says.get(VERSION)?.clone();
        Some(People::new(
            register,
            roots,
            Memberships::of(memberships),
            version,
        ))
    }

    /// Keeps who is who. What cannot be kept is found anew next time.
    pub fn keep(&self, people: &People) {
        let _next_time = self.write(people);
    }

    fn file(&self) -> PathBuf {
        self.folder.join("who.arrow")
    }

    fn write(&self, people: &People) -> Result<(), ArrowError> {
        fs::create_dir_all(&self.folder)?;
        // Whoever writes at the same time writes the same, or spoils a file that is found to be spoilt.
        let unfinished = self.folder.join("who.arrow.tmp");
        let mut file = Summed {
            file: BufWriter::with_capacity(1 << 17, File::create(&unfinished)?),
            hash: Xxh3Default::new(),
        };
        for table in [self.table(people)?, memberships_table(people)?] {
            let mut writer = StreamWriter::try_new(&mut file, &table.schema())?;
            writer.write(&table)?;
            writer.finish()?;
        }
        let sum = file.hash.digest();
        let mut file = file.file;
        file.write_all(&sum.to_le_bytes())?;
        file.into_inner().map_err(|error| error.into_error())?;
        Ok(fs::rename(unfinished, self.file())?)
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

    fn register(&self, table: &RecordBatch, names: Vec<String>) -> Option<(Register, Vec<u32>)> {
        let ids = table.column(0).as_fixed_size_binary_opt()?;
        let (ids, _) = ids.value_data().as_chunks::<16>();
        let kinds = table.column(1).as_primitive_opt::<UInt16Type>()?;
        let generic = table.column(2).as_boolean_opt()?;
        let roots = table.column(3).as_primitive_opt::<UInt32Type>()?;
        let known = |kind: &u16| usize::from(*kind) < names.len();
        let there = |root: &u32| (*root as usize) < table.num_rows();
        if !kinds.values().iter().all(known) || !roots.values().iter().all(there) {
            return None;
        }
        let namespaces = names.into_iter().map(|name| {
            let rule = self.rules.get(&name).copied().unwrap_or_default();
            (name.into(), rule)
        });
        let register = Register::of(
            ids.iter().map(|id| IdentifierId(*id)).collect(),
            kinds.values().to_vec(),
            generic.values().iter().collect(),
            namespaces.collect(),
        );
        Some((register, roots.values().to_vec()))
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

fn memberships(table: &RecordBatch) -> Option<Vec<(u32, u32, u64)>> {
    let people = table.column(0).as_primitive_opt::<UInt32Type>()?;
    let accounts = table.column(1).as_primitive_opt::<UInt32Type>()?;
    let events = table.column(2).as_primitive_opt::<UInt64Type>()?;
    let pairs = people.values().iter().zip(accounts.values());
    let all = pairs.zip(events.values());
    Some(
        all.map(|((person, account), events)| (*person, *account, *events))
            .collect(),
    )
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
