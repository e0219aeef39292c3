//! Imports stop to count, or begin to: what that does to every event, as one change of the catalog.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use amends_model::{Problem, Result};
use sqlx::Row;

use crate::anew::{Again, Kind, Outcome, Revived};
use crate::change::Change;
use crate::contents::{self, Contents};
use crate::known::KnownPart;
use crate::part::{self, NewPart};
use crate::revive::{self, Reviving};
use crate::said::{self, Repeated};
use crate::standing::{self, Standing};
use crate::writer::Shared;
use crate::{ImportRecord, blocking, recount, silence, trouble};

/// New parts, each with its kind.
type KnownParts = Vec<(String, Arc<KnownPart>)>;

/// The imports that an import replaces: of the same source, of a file with the same bytes, with another definition; and what was replayed of them.
///
/// # Errors
/// `AM0403` when the database fails.
pub(crate) async fn replaced(
    shared: &Shared,
    record: &ImportRecord,
    imports: &[ImportRecord],
) -> Result<Vec<i64>> {
    let of = |import: &&ImportRecord| {
        import.undone_at.is_none()
            && import.start.source == record.start.source
            && import.start.fingerprint.is_some()
            && import.start.fingerprint == record.start.fingerprint
            && import.start.mapping != record.start.mapping
    };
    let older = imports.iter().filter(of).map(|import| import.import);
    let older: BTreeSet<i64> = older.collect();
    if older.is_empty() {
        return Ok(Vec::new());
    }
    with_replays(shared, older, imports).await
}

/// Imports with those that replayed rows of theirs, undone ones left out.
///
/// # Errors
/// `AM0403` when the database fails.
pub(crate) async fn with_replays(
    shared: &Shared,
    mut some: BTreeSet<i64>,
    imports: &[ImportRecord],
) -> Result<Vec<i64>> {
    let rows = sqlx::query(include_str!("../sql/replays.sql"))
        .fetch_all(&shared.catalog.pool)
        .await
        .map_err(trouble::database)?;
    // A replay is younger than what it replays: one pass in this order finds the replays of replays as well.
    for row in rows {
        let of: i64 = row.try_get(0).map_err(trouble::database)?;
        let by: i64 = row.try_get(1).map_err(trouble::database)?;
        if some.contains(&of) {
            some.insert(by);
        }
    }
    for undone in imports.iter().filter(|import| import.undone_at.is_some()) {
        some.remove(&undone.import);
    }
    Ok(some.into_iter().collect())
}

/// Completes a change that undoes or replaces imports: marks, events that come back, counts. `imports` are all, with the one of the change.
///
/// # Errors
/// `AM0403` when the database fails; `AM0404` when a file cannot be written; `AM0406` when a part cannot be read;
/// `AM0413` when an import in question kept nothing of what it said again.
pub(crate) async fn withdraw(
    shared: &Shared,
    imports: Vec<ImportRecord>,
    change: &mut Change,
    known: &mut KnownParts,
) -> Result<()> {
    if change.withdrawal.is_empty() {
        return Ok(());
    }
    let standing = Arc::new(standing(shared, imports, change).await?);
    let contents = Arc::new(after(shared, change).await?);
    let mut kinds: BTreeMap<String, Vec<Arc<KnownPart>>> = BTreeMap::new();
    for (name, parts) in shared.known().iter() {
        let of_kind = kinds.entry(silence::kind_of(name).to_owned()).or_default();
        of_kind.extend(parts.iter().cloned());
    }
    for (name, part) in known.iter() {
        let parts = kinds.entry(silence::kind_of(name).to_owned()).or_default();
        parts.push(Arc::clone(part));
    }
    let mut shifted = standing.begin.clone();
    for (kind, parts) in kinds {
        let task = Withdrawing {
            shared,
            kind,
            standing: &standing,
            contents: &contents,
        };
        let outcome = task.judge(parts, change).await?;
        shifted.extend(&outcome.shifted);
        task.settle(outcome, change, known).await?;
    }
    for (_, part) in known.iter_mut() {
        if let Some(marks) = change.marked_anew.get(&part.part) {
            *part = Arc::new(part.marked(marks));
        }
    }
    let entered = change.enter.iter().map(|part| part.info.part);
    let entered: BTreeSet<i64> = entered.collect();
    for part in change.marked_anew.keys().filter(|p| entered.contains(*p)) {
        change.marks.remove(part);
    }
    recounted(shared, shifted, change).await
}

async fn standing(
    shared: &Shared,
    imports: Vec<ImportRecord>,
    change: &Change,
) -> Result<Standing> {
    let mut pairs = standing::replaced(&shared.catalog).await?;
    if let Some(by) = &change.import {
        let replaced = change.withdrawal.replaced.iter();
        pairs.extend(replaced.map(|import| (*import, by.import)));
    }
    let undone = change.withdrawal.undone.iter().map(|(import, _)| *import);
    let standing = Standing::after(imports, &undone.collect(), &pairs);
    match standing.forgetful() {
        None => Ok(standing),
        Some(import) => Err(Problem::new("AM0413", "what came after this import cannot be judged without it")
            .detail(format!("import {import} was made by an older program, which kept nothing of what it said again"))
            .hint("undo the later imports of older programs as well, or import the files into a new ledger")),
    }
}

/// What the catalog will hold, but for what the withdrawal itself adds.
async fn after(shared: &Shared, change: &Change) -> Result<Contents> {
    let mut contents = contents::read(&shared.catalog).await?;
    contents.parts.extend(change.enter.iter().cloned());
    for (part, marks) in &change.marks {
        contents.marks.entry(*part).or_default().extend(marks);
    }
    Ok(contents)
}

/// The records of one kind.
struct Withdrawing<'a> {
    shared: &'a Shared,
    kind: String,
    standing: &'a Arc<Standing>,
    contents: &'a Arc<Contents>,
}

impl Withdrawing<'_> {
    async fn judge(&self, parts: Vec<Arc<KnownPart>>, change: &Change) -> Result<Outcome> {
        let mut begun = HashSet::new();
        for place in self.said_again().await? {
            let begins = self
                .standing
                .voices(place.0)
                .any(|voice| self.standing.begin.contains(&voice));
            if begins {
                let sayings = self.unpacked(place).await?;
                begun.extend(sayings.into_iter().map(|saying| saying.hash));
            }
        }
        let of_kind = |part: &&NewPart| silence::kind_of(&part.info.kind) == self.kind;
        let events = self.contents.parts.iter().filter(of_kind);
        let kind = Arc::new(Kind {
            parts,
            events: events.map(|part| part.info.events).sum(),
            standing: Arc::clone(self.standing),
            begun,
        });
        let look = Arc::clone(&kind);
        let again = blocking::run(move || Ok(look.affected())).await?;
        let mut again = again.map_err(|damage| self.damaged(&damage))?;
        if again.is_empty() {
            return Ok(Outcome::default());
        }
        self.add_all(&mut again, change).await?;
        let outcome = blocking::run(move || Ok(kind.judge(&again))).await?;
        outcome.map_err(|damage| self.damaged(&damage))
    }

    async fn add_all(&self, again: &mut Again, change: &Change) -> Result<()> {
        let heard = |import: i64| {
            let mut voices = self.standing.voices(import);
            voices.any(|voice| voice >= self.standing.first())
        };
        for place in self.said_again().await? {
            if heard(place.0) {
                let sayings = self.unpacked(place).await?;
                again.add(place.0, sayings, self.standing);
            }
        }
        let now = change.repeated.iter();
        for repeated in now.filter(|repeated| repeated.kind == self.kind) {
            again.add(repeated.import, said::unpack(repeated)?, self.standing);
        }
        Ok(())
    }

    /// Where something of the kind was said again: import and part.
    async fn said_again(&self) -> Result<Vec<(i64, i64)>> {
        let query = "SELECT import, part FROM repeated WHERE kind = $1 ORDER BY import, part";
        let rows = sqlx::query(query)
            .bind(self.kind.as_str())
            .fetch_all(&self.shared.catalog.pool)
            .await
            .map_err(trouble::database)?;
        let places = rows.iter().map(|row| {
            let import = row.try_get(0).map_err(trouble::database)?;
            Ok((import, row.try_get(1).map_err(trouble::database)?))
        });
        places.collect()
    }

    async fn unpacked(&self, (import, part): (i64, i64)) -> Result<Vec<said::Saying>> {
        let row = sqlx::query(include_str!("../sql/repeated.sql"))
            .bind(import)
            .bind(part)
            .bind(self.kind.as_str())
            .fetch_one(&self.shared.catalog.pool)
            .await
            .map_err(trouble::database)?;
        let sayings: i64 = row.try_get(0).map_err(trouble::database)?;
        let repeated = Repeated {
            import,
            kind: self.kind.clone(),
            part,
            sayings: sayings as u64,
            body: row.try_get(1).map_err(trouble::database)?,
        };
        blocking::run(move || said::unpack(&repeated)).await
    }

    fn damaged(&self, (part, error): &(i64, std::io::Error)) -> Problem {
        let path = part::keys_path(&self.shared.ledger, &self.kind, *part);
        trouble::unreadable(path.display().to_string(), error.to_string())
    }

    /// Writes what the judgement says: marks, and events that come back.
    async fn settle(
        &self,
        outcome: Outcome,
        change: &mut Change,
        known: &mut KnownParts,
    ) -> Result<()> {
        for (part, judged) in outcome.marks {
            let mut before = self.contents.marks.get(&part).cloned().unwrap_or_default();
            before.sort_unstable_by_key(|mark| mark.row);
            let others = before.iter().filter(|mark| !judged.contains_key(&mark.row));
            let mut marks: Vec<_> = others.copied().collect();
            marks.extend(judged.values().flatten());
            marks.sort_unstable_by_key(|mark| mark.row);
            if marks != before {
                change.marked_anew.insert(part, marks);
            }
        }
        let is_silence = |revived: &Revived| revived.entry.content == silence::CONTENT;
        let (silent, revived) = outcome.revived.into_iter().partition(is_silence);
        self.revive(&self.kind, revived, change, known).await?;
        let silences = silence::parts_of(&self.kind);
        self.revive(&silences, silent, change, known).await
    }

    /// Sayings become parts of a name.
    async fn revive(
        &self,
        name: &str,
        mut revived: Vec<Revived>,
        change: &mut Change,
        known: &mut KnownParts,
    ) -> Result<()> {
        if revived.is_empty() {
            return Ok(());
        }
        let of_kind = |part: &&NewPart| part.info.kind == name;
        let parts = self.contents.parts.iter().filter(of_kind);
        let parts = Arc::new(
            parts
                .map(|part| (part.info.part, part.clone()))
                .collect::<BTreeMap<_, _>>(),
        );
        revived.sort_unstable_by_key(|revived| revived.like);
        let sizes = self.shared.sizes;
        for portion in revived.chunks(sizes.buffered_events.max(1)) {
            let reviving = Reviving {
                ledger: self.shared.ledger.clone(),
                kind: name.to_owned(),
                part: self.shared.catalog.next("part").await?,
                into_tail: portion.len() < sizes.small,
                revived: portion.to_vec(),
                parts: Arc::clone(&parts),
                standing: Arc::clone(self.standing),
                slice: sizes.slice,
            };
            let (part, entries, marks) = blocking::run(move || revive::revive(&reviving)).await?;
            if !marks.is_empty() {
                change.marks.insert(part.info.part, marks);
            }
            known.push((name.to_owned(), Arc::new(entries)));
            change.enter.push(part);
        }
        Ok(())
    }
}

/// Counts anew what some imports have stored, as the catalog will hold it.
async fn recounted(shared: &Shared, imports: BTreeSet<i64>, change: &mut Change) -> Result<()> {
    if imports.is_empty() {
        return Ok(());
    }
    let mut contents = after(shared, change).await?;
    for (part, marks) in &change.marked_anew {
        contents.marks.insert(*part, marks.clone());
    }
    let ledger = shared.ledger.clone();
    let counts = blocking::run(move || recount::stored(&ledger, &contents, &imports)).await?;
    change.withdrawal.counts = counts;
    Ok(())
}
