//! Writes who is who.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};

use xxhash_rust::xxh3::xxh3_64;

use super::Kept;
use super::file::Head;
use super::rows::{Account, Identifier, Numbered, Person, Row, Younger};
use crate::People;

impl Kept {
    pub(super) fn write(&self, people: &People) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        // Whoever writes at the same time writes the same, or spoils a file that is found to be spoilt.
        let unfinished = self.folder.join("who.parts.tmp");
        let mut writer = Writer {
            file: BufWriter::with_capacity(1 << 17, File::create(&unfinished)?),
            part_rows: self.part_rows,
            directory: Vec::new(),
        };
        let (register, memberships) = (&people.register, &people.memberships);
        let rows = [
            writer.section(identifiers(people))?,
            writer.section(register.ascending().map(|number| Numbered {
                id: register.id(number).0,
                number,
            }))?,
            writer.section(younger(&people.roots).into_iter())?,
            writer.section(memberships.of_people.iter().map(|one| Account {
                person: one.0,
                account: one.1,
                events: one.2,
            }))?,
            writer.section(memberships.of_accounts.iter().map(|one| Person {
                account: one.0,
                person: one.1,
            }))?,
        ];
        let names = register.namespaces.iter();
        writer.finish(&Head {
            key: self.key.clone(),
            version: people.version.clone(),
            namespaces: names.map(|(name, _)| (**name).to_owned()).collect(),
            part_rows: self.part_rows,
            rows,
        })?;
        fs::rename(unfinished, self.path())
    }
}

/// All identifiers, oldest first.
fn identifiers(people: &People) -> impl Iterator<Item = Identifier> {
    let register = &people.register;
    let roots = people.roots.iter().zip(0_u32..);
    roots.map(|(root, number)| Identifier {
        number,
        id: register.id(number).0,
        kind: register.kinds[number as usize],
        generic: register.generic[number as usize],
        root: *root,
    })
}

/// Those who are not the oldest of their customer, by the oldest.
fn younger(roots: &[u32]) -> Vec<Younger> {
    let all = roots.iter().zip(0_u32..);
    let younger = all.filter(|(root, number)| *root != number);
    let mut younger: Vec<Younger> = younger
        .map(|(root, number)| Younger {
            root: *root,
            number,
        })
        .collect();
    younger.sort_unstable_by_key(|one| (one.root, one.number));
    younger
}

/// Writes sections, and remembers what the directory says of their parts.
struct Writer {
    file: BufWriter<File>,
    part_rows: usize,
    directory: Vec<u8>,
}

impl Writer {
    /// Writes rows in order of their keys; how many there were.
    fn section<R: Row>(&mut self, mut rows: impl Iterator<Item = R>) -> io::Result<usize> {
        let mut written = 0;
        let mut part = Vec::with_capacity(self.part_rows.saturating_mul(R::WIDTH));
        loop {
            part.clear();
            for row in rows.by_ref().take(self.part_rows) {
                row.put(&mut part);
            }
            if part.is_empty() {
                return Ok(written);
            }
            written += part.len() / R::WIDTH;
            self.directory.extend(xxh3_64(&part).to_le_bytes());
            self.directory.extend_from_slice(&part[..R::WIDTH]);
            self.file.write_all(&part)?;
        }
    }

    /// Writes what stands behind the sections.
    fn finish(mut self, head: &Head) -> io::Result<()> {
        let head = serde_json::to_vec(head)?;
        let lengths = [self.directory.len() as u64, head.len() as u64];
        let mut about = self.directory;
        about.extend_from_slice(&head);
        about.extend(lengths.iter().flat_map(|length| length.to_le_bytes()));
        let sum = xxh3_64(&about);
        self.file.write_all(&about)?;
        self.file.write_all(&sum.to_le_bytes())?;
        self.file.into_inner().map_err(|error| error.into_error())?;
        Ok(())
    }
}
