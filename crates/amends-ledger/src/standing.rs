//! Which imports count once others are undone or replaced.

use std::collections::{BTreeMap, BTreeSet};

use amends_model::Result;
use sqlx::Row;

use crate::catalog::Catalog;
use crate::record::speaking;
use crate::{ImportRecord, trouble};

/// The imports before and after some stop or begin to count.
pub(crate) struct Standing {
    imports: BTreeMap<i64, ImportRecord>,
    /// Those that count afterwards.
    stand: BTreeSet<i64>,
    /// Those of them that say something.
    speak: BTreeSet<i64>,
    /// Those that begin to say something: what had replaced them is undone, or what they repeated.
    pub(crate) begin: BTreeSet<i64>,
    /// Those whose stored events must be looked at: they begin or cease to say something, or one that begins said the very same.
    pub(crate) touched: BTreeSet<i64>,
    /// For each import the later ones that count and said the very same.
    twins: BTreeMap<i64, Vec<i64>>,
}

/// Pairs of imports: the first is replaced by the second, as long as that is not undone.
pub(crate) type Replaced = BTreeSet<(i64, i64)>;

/// All pairs.
///
/// # Errors
/// `AM0403` when the database fails.
pub(crate) async fn replaced(catalog: &Catalog) -> Result<Replaced> {
    let rows = sqlx::query("SELECT import, by_import FROM replaced")
        .fetch_all(&catalog.pool)
        .await
        .map_err(trouble::database)?;
    let pairs = rows.iter().map(|row| {
        let pair = (row.try_get(0), row.try_get(1));
        Ok((
            pair.0.map_err(trouble::database)?,
            pair.1.map_err(trouble::database)?,
        ))
    });
    pairs.collect()
}

impl Standing {
    /// Which of these imports count when some more are undone, given all that replace others.
    pub(crate) fn after(
        imports: Vec<ImportRecord>,
        undone: &BTreeSet<i64>,
        replaced: &Replaced,
    ) -> Self {
        let gone: BTreeSet<i64> = imports
            .iter()
            .filter(|import| import.undone_at.is_some() || undone.contains(&import.import))
            .map(|import| import.import)
            .collect();
        let replaced: BTreeSet<i64> = replaced
            .iter()
            .filter(|(_, by)| !gone.contains(by))
            .map(|(import, _)| *import)
            .collect();
        let counts = |import: &i64| !gone.contains(import) && !replaced.contains(import);
        let spoke = speaking(imports.iter().filter(|import| import.stands()));
        let all = imports.iter().filter(|import| counts(&import.import));
        let stand: BTreeSet<i64> = all.map(|import| import.import).collect();
        let all = imports.iter().filter(|import| counts(&import.import));
        let speak = speaking(all);
        let begin: BTreeSet<i64> = speak.difference(&spoke).copied().collect();
        let mut touched: BTreeSet<i64> = spoke.symmetric_difference(&speak).copied().collect();
        let mut twins: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for import in &imports {
            let Some(root) = import.same_as else {
                continue;
            };
            if speak.contains(&import.import) {
                twins.entry(root).or_default().push(import.import);
            }
            if begin.contains(&import.import) {
                touched.insert(root);
            }
        }
        let imports = imports.into_iter().map(|import| (import.import, import));
        Self {
            imports: imports.collect(),
            stand,
            speak,
            begin,
            touched,
            twins,
        }
    }

    /// Whether an import counts afterwards. Decisions belong to none, and always count.
    pub(crate) fn counts(&self, import: i64) -> bool {
        import == 0 || self.stand.contains(&import)
    }

    /// The imports that say what an import said: itself, and later ones that said the very same.
    pub(crate) fn voices(&self, import: i64) -> impl Iterator<Item = i64> + '_ {
        let own = import == 0 || self.speak.contains(&import);
        let own = own.then_some(import);
        let twins = self.twins.get(&import).into_iter().flatten().copied();
        own.into_iter().chain(twins)
    }

    /// What is known of an import.
    pub(crate) fn import(&self, import: i64) -> Option<&ImportRecord> {
        self.imports.get(&import)
    }

    /// The first import that begins or ceases to count: what was said before it is judged as it was.
    pub(crate) fn first(&self) -> i64 {
        self.touched.first().copied().unwrap_or(i64::MAX)
    }

    /// A later import that counts and whose sayings were not all kept, so that it cannot be judged without an earlier one.
    pub(crate) fn forgetful(&self) -> Option<i64> {
        let later = self.imports.range(self.first()..);
        let mut later = later.filter(|(number, _)| self.stand.contains(number));
        let found = later.find(|(_, import)| import.digest.is_none());
        found.map(|(number, _)| *number)
    }
}
