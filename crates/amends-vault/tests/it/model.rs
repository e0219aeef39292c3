use std::collections::HashMap;

use amends_model::IdentifierId;
use amends_testkit::proptest::prelude::*;
use amends_vault::{Personal, RawRow, Vault};

use crate::{folder, open, record};

#[derive(Clone, Debug)]
enum Step {
    Mint(u8, Vec<String>),
    Seal(Vec<(usize, u8, String)>),
    SealRaw(i64, Vec<(i64, Vec<u8>)>),
    Forget(i64, Vec<i64>),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let names = prop::collection::vec("[a-c]{0,2}|\\PC{0,4}", 0..12);
    let fields = prop::collection::vec((0..20_usize, 0..6_u8, "\\PC{0,20}"), 0..6);
    let raw = prop::collection::vec((0..6_i64, prop::collection::vec(any::<u8>(), 0..20)), 0..5);
    prop_oneof![
        4 => (0..2_u8, names).prop_map(|(namespace, names)| Step::Mint(namespace, names)),
        3 => fields.prop_map(Step::Seal),
        2 => (0..3_i64, raw).prop_map(|(import, rows)| Step::SealRaw(import, rows)),
        1 => (0..3_i64, prop::collection::vec(0..6_i64, 0..4)).prop_map(|(import, entries)| Step::Forget(import, entries)),
        1 => Just(Step::Reopen),
    ]
}

/// What a vault must hold, in plain maps.
#[derive(Default)]
struct Model {
    ids: HashMap<(String, String), IdentifierId>,
    order: Vec<IdentifierId>,
    fields: HashMap<u8, String>,
    raw: HashMap<i64, HashMap<i64, Vec<u8>>>,
}

impl Model {
    /// Takes a step in the vault and in the maps.
    async fn take(&mut self, vault: &Vault, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Mint(namespace, names) => self.mint(vault, namespace, names).await?,
            Step::Seal(fields) if !self.order.is_empty() => {
                let personal: Vec<Personal> = fields
                    .iter()
                    .map(|(subject, number, text)| Personal {
                        subject: self.order[subject % self.order.len()],
                        record: record(*number),
                        fields: text.clone(),
                    })
                    .collect();
                vault.seal(1, &personal).await.unwrap();
                self.fields
                    .extend(fields.into_iter().map(|(_, number, text)| (number, text)));
            }
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
            Step::Seal(_) | Step::Reopen => {}
        }
        Ok(())
    }

    async fn mint(
        &mut self,
        vault: &Vault,
        namespace: u8,
        names: Vec<String>,
    ) -> Result<(), TestCaseError> {
        let namespace = format!("space {namespace}");
        let given: Vec<&str> = names.iter().map(String::as_str).collect();
        let ids = vault
            .mint(&namespace, &given, &vec![false; given.len()])
            .await
            .unwrap();
        for (name, id) in names.into_iter().zip(ids) {
            let order = &mut self.order;
            let expected = *self
                .ids
                .entry((namespace.clone(), name))
                .or_insert_with(|| {
                    order.push(id);
                    id
                });
            prop_assert_eq!(expected, id);
        }
        Ok(())
    }

    /// Asks the vault for everything.
    async fn compare(&self, vault: &Vault) -> Result<(), TestCaseError> {
        let minted: Vec<_> = vault
            .minted()
            .await
            .unwrap()
            .iter()
            .map(|one| one.id)
            .collect();
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
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]
    #[test]
    fn a_vault_holds_what_plain_maps_would(steps in prop::collection::vec(step(), 0..14)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(steps))?;
    }
}
