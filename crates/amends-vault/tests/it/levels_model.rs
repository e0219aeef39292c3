//! Many small imports, forgetting and erasing, in a vault and in plain lists.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;

use amends_model::{EventId, IdentifierId, RecordKey};
use amends_testkit::proptest::prelude::*;
use amends_testkit::tempfile::TempDir;
use amends_vault::{Erasure, Incoming, Personal, Vault};
use jiff::Timestamp;

use crate::levels::{each_is_found_once, name};
use crate::{folder, open, record};

#[derive(Clone, Debug)]
enum Step {
    Import {
        /// Bytes that wait in memory.
        waiting: usize,
        says: Vec<Say>,
        end: End,
    },
    /// An import that was kept.
    Forget(usize),
    ForgetFields(Vec<u8>),
    Erase(usize, Vec<u8>),
}

#[derive(Clone, Debug)]
enum Say {
    Mint(Vec<u8>),
    /// Of whom, which record, and what.
    Seal(Vec<(usize, u8, u8)>),
}

#[derive(Clone, Debug)]
enum End {
    Kept,
    Forgotten,
    /// Somebody is erased before it is forgotten.
    BrokenOff(usize),
}

fn say() -> impl Strategy<Value = Say> {
    let few = || prop::collection::vec(0..120_u8, 0..4);
    let many = prop::collection::vec(0..120_u8, 30..60);
    let fields = (0..99_usize, 0..40_u8, 0..3_u8);
    prop_oneof![
        4 => few().prop_map(Say::Mint),
        1 => many.prop_map(Say::Mint),
        4 => prop::collection::vec(fields.clone(), 0..4).prop_map(Say::Seal),
        1 => prop::collection::vec(fields, 20..60).prop_map(Say::Seal),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let waiting = prop_oneof![Just(0), 0..4_000_usize, Just(1 << 20)];
    let end = prop_oneof![
        6 => Just(End::Kept),
        1 => Just(End::Forgotten),
        1 => any::<usize>().prop_map(End::BrokenOff),
    ];
    let import = (waiting, prop::collection::vec(say(), 0..6), end);
    let records = || prop::collection::vec(0..40_u8, 0..3);
    prop_oneof![
        8 => import.prop_map(|(waiting, says, end)| Step::Import { waiting, says, end }),
        1 => any::<usize>().prop_map(Step::Forget),
        1 => records().prop_map(Step::ForgetFields),
        1 => (any::<usize>(), records()).prop_map(|(who, records)| Step::Erase(who, records)),
    ]
}

/// What a vault must answer, in plain lists.
#[derive(Clone, Default)]
struct Model {
    /// Names with their identifiers, in the order of minting.
    people: Vec<(u8, IdentifierId)>,
    erased: BTreeSet<IdentifierId>,
    /// By record and import: of whom, and what.
    said: BTreeMap<(u8, i64), (IdentifierId, String)>,
    withheld: BTreeSet<u8>,
    import: i64,
    kept: Vec<i64>,
}

impl Model {
    async fn take(&mut self, folder: &TempDir, vault: Vault, step: Step) -> Vault {
        match step {
            Step::Import { waiting, says, end } => {
                return self.import(folder, vault, waiting, says, end).await;
            }
            Step::Forget(which) if !self.kept.is_empty() => {
                let import = self.kept.remove(which % self.kept.len());
                vault.forget(import).await.unwrap();
                self.said.retain(|(_, of), _| *of != import);
            }
            Step::Forget(_) => {}
            Step::ForgetFields(records) => {
                let keys: Vec<RecordKey> = records.iter().map(|number| record(*number)).collect();
                vault.forget_fields(&keys).await.unwrap();
                self.said.retain(|(of, _), _| !records.contains(of));
            }
            Step::Erase(who, records) => self.erase(&vault, who, &records).await,
        }
        vault
    }

    async fn import(
        &mut self,
        folder: &TempDir,
        mut vault: Vault,
        waiting: usize,
        says: Vec<Say>,
        end: End,
    ) -> Vault {
        let before = self.people.clone();
        self.import += 1;
        let import = self.import;
        let incoming = vault.begin_with(import, false, waiting).await.unwrap();
        for say in says {
            match say {
                Say::Mint(names) => self.mint(&incoming, names).await,
                Say::Seal(fields) => self.seal(&incoming, fields).await,
            }
        }
        match end {
            End::Kept => {
                incoming.settle().await.unwrap();
                vault.keep(import).await.unwrap();
                self.kept.push(import);
                return vault;
            }
            End::Forgotten => incoming.forget().await.unwrap(),
            End::BrokenOff(who) => {
                drop(incoming);
                vault.close().await;
                vault = open(folder.path()).await;
                self.people.clone_from(&before);
                self.erase(&vault, who, &[]).await;
                // Nobody may be there to be erased.
                vault.forget_fields(&[]).await.unwrap();
                each_is_found_once(folder.path()).await;
                vault.forget(import).await.unwrap();
            }
        }
        self.people = before;
        self.said.retain(|(_, of), _| *of != import);
        vault
    }

    async fn mint(&mut self, incoming: &Incoming, numbers: Vec<u8>) {
        let names: Vec<String> = numbers.iter().copied().map(name).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let ids = incoming.mint("email", &names, &[]).await.unwrap();
        for (number, id) in numbers.into_iter().zip(ids) {
            match self.people.iter().find(|(of, _)| *of == number) {
                Some((_, known)) => assert_eq!(*known, id),
                None => self.people.push((number, id)),
            }
        }
    }

    async fn seal(&mut self, incoming: &Incoming, fields: Vec<(usize, u8, u8)>) {
        if self.people.is_empty() {
            return;
        }
        let personal = fields.into_iter().map(|(who, number, text)| Personal {
            subject: self.people[who % self.people.len()].1,
            record: record(number),
            fields: format!("text {text}"),
        });
        let personal: Vec<Personal> = personal.collect();
        incoming.seal(&personal).await.unwrap();
        // Of a record that comes twice the last counts.
        let last: BTreeMap<RecordKey, Personal> =
            personal.into_iter().map(|one| (one.record, one)).collect();
        for (key, one) in last {
            let (number, says) = (key.0[0], (one.subject, one.fields));
            let newest = self.newest(number);
            let is_kept = !self.withheld.contains(&number) && !self.erased.contains(&says.0);
            if is_kept && newest != Some(&says) {
                self.said.insert((number, self.import), says);
            }
        }
    }

    async fn erase(&mut self, vault: &Vault, who: usize, records: &[u8]) {
        if self.people.is_empty() {
            return;
        }
        let id = self.people[who % self.people.len()].1;
        let erasure = Erasure {
            number: EventId([who as u8; 16]),
            at: Timestamp::UNIX_EPOCH,
            identifiers: vault.marks(&[id]).await.unwrap(),
            records: records.iter().map(|number| record(*number)).collect(),
            perhaps: false,
        };
        assert_eq!(erasure.identifiers.len(), 1);
        vault.erase(&erasure).await.unwrap();
        self.erased.insert(id);
        self.withheld.extend(records);
        self.said
            .retain(|(of, _), (subject, _)| *subject != id && !records.contains(of));
    }

    fn newest(&self, number: u8) -> Option<&(IdentifierId, String)> {
        let mut of_record = self.said.range((number, i64::MIN)..=(number, i64::MAX));
        of_record.next_back().map(|(_, says)| says)
    }

    /// Asks the vault for everything.
    async fn compare(&self, vault: &Vault) {
        let minted = vault.minted().await.unwrap();
        let minted: Vec<IdentifierId> = minted.iter().map(|one| one.id).collect();
        let ids: Vec<IdentifierId> = self.people.iter().map(|(_, id)| *id).collect();
        assert_eq!(minted, ids);
        let names = vault.names(&ids).await.unwrap();
        assert_eq!(names.len(), ids.len() - self.erased.len());
        assert_eq!(vault.marks(&ids).await.unwrap().len(), ids.len());
        for (number, id) in &self.people {
            let found = vault.find(Some("email"), &name(*number)).await.unwrap();
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].id, *id);
            let expected = (!self.erased.contains(id)).then(|| name(*number));
            assert_eq!(names.get(id), expected.as_ref());
        }
        let records: Vec<RecordKey> = (0..40).map(record).collect();
        let told = vault.personal(&records).await.unwrap();
        for number in 0..40 {
            let expected = self.newest(number).map(|(_, text)| text);
            assert_eq!(told.get(&record(number)), expected, "{number}");
        }
        let all = self.said.iter().map(|((number, _), (subject, text))| {
            let key = record(*number);
            (key, *subject, text.clone())
        });
        let mut all: Vec<(RecordKey, IdentifierId, String)> = all.collect();
        all.sort_unstable();
        for found in [
            vault.personal_versions(&records).await.unwrap(),
            vault.personal_of(&ids).await.unwrap(),
        ] {
            let found = found
                .into_iter()
                .map(|one| (one.record, one.subject, one.fields));
            let mut found: Vec<(RecordKey, IdentifierId, String)> = found.collect();
            found.sort_unstable();
            assert_eq!(found, all);
        }
    }
}

async fn run(steps: Vec<Step>) {
    let folder = folder();
    let mut vault = open(folder.path()).await;
    let mut model = Model::default();
    // Much at first, so that what follows is little beside it.
    let many = Step::Import {
        waiting: 1 << 20,
        says: vec![
            Say::Mint((0..80).collect()),
            Say::Seal((0..30).map(|n| (usize::from(n), n, 0)).collect()),
        ],
        end: End::Kept,
    };
    for step in iter::once(many).chain(steps) {
        vault = model.take(&folder, vault, step).await;
        each_is_found_once(folder.path()).await;
        model.compare(&vault).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]
    #[test]
    fn in_two_levels_is_found_what_plain_lists_would_hold(steps in prop::collection::vec(step(), 1..14)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(steps));
    }
}
