use std::collections::HashMap;

use amends_model::IdentifierId;
use amends_testkit::proptest::prelude::*;
use amends_vault::{Incoming, Personal, RawRow, Vault};

use crate::{folder, open, record};

#[derive(Clone, Debug)]
enum Step {
    Import {
        /// Bytes that wait in memory.
        waiting: usize,
        says: Vec<Say>,
        kept: bool,
    },
    SealRaw(i64, Vec<(i64, Vec<u8>)>),
    Forget(i64, Vec<i64>),
    Reopen,
}

#[derive(Clone, Debug)]
enum Say {
    /// Names, and whether each stands for nobody in particular.
    Mint(u8, Vec<(String, bool)>),
    Seal(Vec<(usize, u8, String)>),
}

fn say() -> impl Strategy<Value = Say> {
    let names = prop::collection::vec(("[a-c]{0,2}|\\PC{0,4}", any::<bool>()), 0..12);
    let fields = prop::collection::vec((0..20_usize, 0..6_u8, "\\PC{0,20}"), 0..6);
    prop_oneof![
        (0..2_u8, names).prop_map(|(namespace, names)| Say::Mint(namespace, names)),
        fields.prop_map(Say::Seal),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let waiting = prop_oneof![Just(0), 0..4_000_usize, Just(1 << 20)];
    let import = (waiting, prop::collection::vec(say(), 0..7), any::<bool>());
    let raw = prop::collection::vec((0..6_i64, prop::collection::vec(any::<u8>(), 0..20)), 0..5);
    prop_oneof![
        6 => import.prop_map(|(waiting, says, kept)| Step::Import { waiting, says, kept }),
        2 => (0..3_i64, raw).prop_map(|(import, rows)| Step::SealRaw(import, rows)),
        1 => (0..3_i64, prop::collection::vec(0..6_i64, 0..4)).prop_map(|(import, entries)| Step::Forget(import, entries)),
        1 => Just(Step::Reopen),
    ]
}

/// What a vault must hold, in plain maps.
#[derive(Clone, Default)]
struct Model {
    ids: HashMap<(String, String), IdentifierId>,
    order: Vec<IdentifierId>,
    generic: HashMap<IdentifierId, bool>,
    fields: HashMap<u8, String>,
    raw: HashMap<i64, HashMap<i64, Vec<u8>>>,
    /// The number of the last import that said something of people: none of those that set rows aside.
    import: i64,
}

impl Model {
    /// Takes a step in the vault and in the maps.
    async fn take(&mut self, vault: &Vault, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Import {
                waiting,
                says,
                kept,
            } => self.import(vault, waiting, says, kept).await?,
            Step::SealRaw(import, rows) => {
                let sealed: Vec<RawRow> = rows
                    .iter()
                    .map(|(entry, text)| RawRow {
                        entry: *entry,
                        text: text.clone(),
                    })
                    .collect();
                vault.seal_raw(import, &sealed).await.unwrap();
                self.raw.entry(import).or_default().extend(rows);
            }
            Step::Forget(import, entries) => {
                vault.forget_raw(import, &entries).await.unwrap();
                self.raw
                    .entry(import)
                    .or_default()
                    .retain(|entry, _| !entries.contains(entry));
            }
            Step::Reopen => {}
        }
        Ok(())
    }

    async fn import(
        &mut self,
        vault: &Vault,
        waiting: usize,
        says: Vec<Say>,
        kept: bool,
    ) -> Result<(), TestCaseError> {
        let before = self.clone();
        let is_first = self.import == 0;
        self.import = self.import.max(100) + 1;
        let incoming = vault.begin_with(self.import, is_first, waiting).await;
        let incoming = incoming.unwrap();
        for say in says {
            match say {
                Say::Mint(namespace, names) => self.mint(&incoming, namespace, names).await?,
                Say::Seal(fields) => self.seal(&incoming, fields).await,
            }
        }
        if kept {
            incoming.settle().await.unwrap();
            vault.keep(self.import).await.unwrap();
            return Ok(());
        }
        incoming.forget().await.unwrap();
        self.ids = before.ids;
        self.order = before.order;
        self.fields = before.fields;
        Ok(())
    }

    async fn seal(&mut self, incoming: &Incoming, fields: Vec<(usize, u8, String)>) {
        if self.order.is_empty() {
            return;
        }
        let personal = fields.iter().map(|(subject, number, text)| Personal {
            subject: self.order[subject % self.order.len()],
            record: record(*number),
            fields: text.clone(),
        });
        let personal: Vec<Personal> = personal.collect();
        incoming.seal(&personal).await.unwrap();
        self.fields
            .extend(fields.into_iter().map(|(_, number, text)| (number, text)));
    }

    async fn mint(
        &mut self,
        incoming: &Incoming,
        namespace: u8,
        names: Vec<(String, bool)>,
    ) -> Result<(), TestCaseError> {
        let namespace = format!("space {namespace}");
        let given: Vec<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
        let generic: Vec<bool> = names.iter().map(|(_, generic)| *generic).collect();
        let ids = incoming.mint(&namespace, &given, &generic).await.unwrap();
        for ((name, generic), id) in names.into_iter().zip(ids) {
            let order = &mut self.order;
            let expected = *self
                .ids
                .entry((namespace.clone(), name))
                .or_insert_with(|| {
                    order.push(id);
                    id
                });
            prop_assert_eq!(expected, id);
            self.generic.insert(id, generic);
        }
        Ok(())
    }

    /// Asks the vault for everything.
    async fn compare(&self, vault: &Vault) -> Result<(), TestCaseError> {
        let minted = vault.minted().await.unwrap();
        for one in &minted {
            prop_assert_eq!(one.generic, self.generic[&one.id]);
        }
        let minted: Vec<_> = minted.iter().map(|one| one.id).collect();
        prop_assert_eq!(&minted, &self.order);
        let names = vault.names(&minted).await.unwrap();
        for ((_, name), id) in &self.ids {
            prop_assert_eq!(&names[id], name);
        }
        let records: Vec<_> = (0..6).map(record).collect();
        let fields = vault.personal(&records).await.unwrap();
        prop_assert_eq!(fields.len(), self.fields.len());
        for (number, text) in &self.fields {
            prop_assert_eq!(&fields[&record(*number)], text);
        }
        for (import, rows) in &self.raw {
            let raw = vault.raw(*import).await.unwrap();
            let found: HashMap<i64, Vec<u8>> =
                raw.into_iter().map(|row| (row.entry, row.text)).collect();
            prop_assert_eq!(&found, rows);
        }
        Ok(())
    }
}

async fn run(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let folder = folder();
    let mut vault = open(folder.path()).await;
    let mut model = Model::default();
    for step in steps {
        if matches!(step, Step::Reopen) {
            vault.close().await;
            vault = open(folder.path()).await;
        }
        model.take(&vault, step).await?;
    }
    model.compare(&vault).await
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]
    #[test]
    fn a_vault_holds_what_plain_maps_would(steps in prop::collection::vec(step(), 0..14)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(steps))?;
    }
}
