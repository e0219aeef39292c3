//! The same settings give the same bytes, and more customers need no more memory.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use amends_simulator::{Settings, simulate};
use amends_testkit::tempfile::tempdir;

use crate::company::Company;

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

#[test]
fn the_same_settings_give_the_same_bytes() {
    let first = Company::new(300, 9, 42);
    let second = Company::new(300, 9, 42);
    let other = Company::new(300, 9, 43);
    let bytes = files(first.path());
    assert_eq!(bytes.len(), 6 + 8 + 11, "{:?}", bytes.keys());
    assert!(bytes == files(second.path()));
    assert_ne!(first.text("orders.csv"), other.text("orders.csv"));
}

#[test]
fn a_customer_is_the_same_among_few_and_among_many() {
    let few = Company::new(40, 9, 42);
    let many = Company::new(60, 9, 42);
    let memberships = |company: &Company| company.text("truth/memberships.csv");
    assert!(memberships(&many).starts_with(&memberships(&few)));
}

#[test]
fn ten_times_the_customers_need_no_more_memory() {
    let before = peak_kib();
    drop(Company::new(400, 6, 1));
    let few = peak_kib();
    drop(Company::new(6_000, 6, 1));
    let many = peak_kib();
    let Some((before, few, many)) = before.zip(few).zip(many).map(|((a, b), c)| (a, b, c)) else {
        println!("skipped: this system does not tell how much memory a process uses");
        return;
    };
    // Tests that run beside this one in the same process may use some of their own.
    assert!(many - few < 24_000, "{before} {few} {many} KiB at most");
}

/// The most memory that this process ever used, in KiB, where the system tells.
fn peak_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn progress_ends_with_everybody() {
    let folder = tempdir().unwrap();
    let settings = Settings::new(700, 1, 1);
    let mut heard = Vec::new();
    simulate(&settings, folder.path(), &mut |done, of| {
        heard.push((done, of));
    })
    .unwrap();
    assert_eq!(heard, [(256, 700), (512, 700), (700, 700)]);
}

#[test]
fn settings_and_folders_that_cannot_be_are_refused() {
    let company = Company::new(1, 1, 1);
    let settings = |customers, months| Settings::new(customers, months, 1);
    let refused = |settings: Settings, folder: &Path| {
        let result = simulate(&settings, folder, &mut |_, _| {});
        result.unwrap_err().code()
    };
    let new = company.path().join("new");
    assert_eq!(refused(settings(0, 1), &new), "AM0902");
    assert_eq!(refused(settings(1, 0), &new), "AM0902");
    assert_eq!(refused(settings(1, 100_000), &new), "AM0902");
    assert_eq!(refused(settings(1, 1), company.path()), "AM0903");
    let file = company.path().join("orders.csv");
    assert_eq!(refused(settings(1, 1), &file), "AM0901");
}

/// Whoever changes how lives are drawn changes every company that was ever simulated: this test says so.
#[test]
fn the_first_order_of_a_seed_is_always_the_same() {
    let company = Company::new(3, 12, 7);
    let orders = company.text("orders.csv");
    let first = "TW-1000001,cus_cggJQMGGUXZGE,nessa.pebblegarth.1@example.com,2024-07-22 17:09:33 +0200,2024-07-28,Saltmere,gift box,63.95,EUR,,";
    assert_eq!(orders.lines().nth(1), Some(first));
}
