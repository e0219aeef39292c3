//! Who is who, kept on disk: finding it anew takes reading all that every event names.
//!
//! It is derived: one file `derived/people/who.parts` of the data folder, which may be deleted at any time. It says of what it was made, and is believed for that
//! alone; what is damaged, or of another ledger, vault, rule or moment, is made anew.

mod few;
mod file;
mod rows;
mod section;
mod write;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use amends_ledger::Snapshot;
use amends_model::{IdentifierId, time};
use jiff::Timestamp;

use self::file::Opened;
use self::rows::{Account, Identifier, Numbered, Person, Younger};
use crate::accounts::Memberships;
use crate::register::Register;
use crate::{People, Rule};

/// The form in which it is kept, and how it is found. Whoever changes either gives the next number.
const FORM: u32 = 3;

/// Rows that stand together, so that whoever looks for a few reads as many and not all.
const PART_ROWS: usize = 1 << 12;

/// The place of those who follow from a snapshot, a vault, rules and a moment.
pub struct Kept {
    folder: PathBuf,
    key: String,
    rules: BTreeMap<String, Rule>,
    pub(crate) part_rows: usize,
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
            part_rows: PART_ROWS,
        }
    }

    /// Who is who, where it is kept and whole.
    pub fn read(&self) -> Option<People> {
        thread::scope(|scope| {
            let others = scope.spawn(|| self.finds());
            let everybody = self.everybody();
            others.join().ok().flatten().and(everybody)
        })
    }

    /// Whether those sections are whole by which a few are found. What they say follows from the others, but whoever looks for a few believes it.
    fn finds(&self) -> Option<()> {
        let opened = Opened::of(self.file()?, &self.key)?;
        let mut sections = opened.sections();
        sections.next::<Identifier>()?;
        let numbers = sections.next::<Numbered>()?;
        let younger = sections.next::<Younger>()?;
        sections.next::<Account>()?;
        let people = sections.next::<Person>()?;
        (numbers.is_whole() && younger.is_whole() && people.is_whole()).then_some(())
    }

    fn everybody(&self) -> Option<People> {
        let opened = Opened::of(self.file()?, &self.key)?;
        let mut sections = opened.sections();
        let identifiers = sections.next::<Identifier>()?;
        sections.next::<Numbered>()?;
        sections.next::<Younger>()?;
        let accounts = sections.next::<Account>()?;
        let namespaces = self.ruled(&opened.head.namespaces);
        let [all, ..] = opened.head.rows;
        let (mut ids, mut kinds) = (Vec::with_capacity(all), Vec::with_capacity(all));
        let (mut generic, mut roots) = (Vec::with_capacity(all), Vec::with_capacity(all));
        identifiers.each(|one| {
            let is_sound = usize::from(one.kind) < namespaces.len() && one.root <= one.number;
            ids.push(IdentifierId(one.id));
            kinds.push(one.kind);
            generic.push(one.generic);
            roots.push(one.root);
            is_sound.then_some(())
        })?;
        let mut memberships = Vec::with_capacity(opened.head.rows[3]);
        accounts.each(|one| {
            memberships.push((one.person, one.account, one.events));
            Some(())
        })?;
        let register = Register::of(ids, kinds, generic, namespaces);
        let memberships = Memberships::of(memberships);
        let version = opened.head.version.clone();
        Some(People::new(register, roots, memberships, version))
    }

    /// Keeps who is who. What cannot be kept is found anew next time.
    pub fn keep(&self, people: &People) {
        let _next_time = self.write(people);
    }

    fn path(&self) -> PathBuf {
        self.folder.join("who.parts")
    }

    fn file(&self) -> Option<File> {
        File::open(self.path()).ok()
    }

    /// Namespaces with their rules.
    fn ruled(&self, namespaces: &[String]) -> Vec<(Arc<str>, Rule)> {
        let ruled = namespaces.iter().map(|name| {
            let rule = self.rules.get(name).copied().unwrap_or_default();
            (name.as_str().into(), rule)
        });
        ruled.collect()
    }
}
