//! Which definition judges what, after whatever was put in force in whatever order of its days.

use std::path::Path;

use amends_project::{Project, Texts, load_texts};
use amends_promises::{Activation, Differs, Scope, differences, standing};
use amends_testkit::proptest::prelude::*;
use jiff::{Timestamp, ToSpan};

const COMPANY: &str = "version = 1\n[company]\nname = \"Tern & Teasel\"\nzone = \"Europe/Vienna\"\ncurrency = \"EUR\"\n";

/// A project whose only promise gives so many days, or that has none.
fn texts(days: Option<u8>) -> Texts {
    let source = "[source.shop]\nsays = \"Orders\"\nmain = \"rows\"\n[source.shop.file.rows]\npath = \"${EXPORTS}/shop.csv\"\n\
         [source.shop.file.rows.columns]\nplaced = \"date\"\narrived = \"date\"\n\
         [[source.shop.event]]\nkind = \"ordered\"\nat = \"placed\"\nabout = \"id\"\nidentifiers = { who = \"who\" }\n\
         [[source.shop.event]]\nkind = \"arrived\"\nat = \"arrived\"\nabout = \"id\"\nidentifiers = { who = \"who\" }\n";
    let mut texts: Texts = [
        ("amends.toml", COMPANY.to_owned()),
        ("customers.toml", "[identifier.who]\n".to_owned()),
        ("sources/shop.toml", source.to_owned()),
    ]
    .map(|(path, text)| (path.to_owned(), text))
    .into();
    if let Some(days) = days {
        let promise = format!(
            "[promise.parcel]\nsays = \"It comes soon\"\nmade-by = \"shop\"\nopens = \"ordered\"\nkept = \"arrived\"\nby = \"{days} days\"\n"
        );
        texts.insert("promises/parcel.toml".to_owned(), promise);
    }
    texts
}

fn project(days: Option<u8>) -> Project {
    let (project, mistakes) = load_texts(Path::new("/shop"), &texts(days), &|_| Some("x".into()));
    project.unwrap_or_else(|| panic!("{mistakes:?}"))
}

fn day(number: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + (number * 24).hours()
}

/// The version that judges what opened then.
fn judge(project: &Project, opened: Timestamp) -> Option<String> {
    let (promise, _) = project.judge("parcel", opened)?;
    Some(promise.version.clone())
}

fn decisions() -> impl Strategy<Value = Vec<(Option<i64>, Option<u8>)>> {
    let days = prop::option::weighted(0.8, 1u8..4);
    prop::collection::vec((prop::option::weighted(0.8, 0i64..12), days), 1..7)
}

proptest! {
    #[test]
    fn what_was_put_in_force_last_judges_what_opens_from_its_day_on(decisions in decisions()) {
        let activations: Vec<Activation> = decisions
            .iter()
            .enumerate()
            .map(|(number, (from, days))| Activation {
                at: day(100 + number as i64),
                scope: from.map_or(Scope::Restated, |from| Scope::From(day(from))),
                approver: "Ada".to_owned(),
                note: None,
                texts: texts(*days),
            })
            .collect();
        let folder = project(Some(9));
        let in_force = standing(&folder, &activations).unwrap();
        for at in -1..13 {
            let mut judge_of_day = None;
            let mut before = None;
            for (number, (from, days)) in decisions.iter().enumerate() {
                // What says the same as before was not changed, whatever its day.
                let is_new = number == 0 || before != Some(days);
                if from.is_none() || number == 0 || (is_new && *from <= Some(at)) {
                    judge_of_day = *days;
                }
                before = Some(days);
            }
            let expected = judge_of_day.map(|days| project(Some(days)).promises["parcel"].version.clone());
            prop_assert_eq!(judge(&in_force, day(at)), expected, "of day {}", at);
        }
        let differs = differences(&folder, &in_force);
        let last = decisions.last().unwrap().1;
        let expected = if last.is_some() { Differs::Changed } else { Differs::New };
        prop_assert_eq!(differs.get("parcel"), Some(&expected));
    }
}

#[test]
fn without_a_decision_the_folder_is_in_force() {
    let folder = project(Some(3));
    let in_force = standing(&folder, &[]).unwrap();
    assert!(differences(&folder, &in_force).is_empty());
    assert_eq!(
        judge(&in_force, day(0)),
        Some(folder.promises["parcel"].version.clone())
    );
    assert_eq!(folder.texts, texts(Some(3)));
}

#[test]
fn definitions_that_this_release_cannot_read_are_told_and_can_be_restated() {
    let activation = |at: i64, scope: Scope, texts: Texts| Activation {
        at: day(at),
        scope,
        approver: "Ada".to_owned(),
        note: None,
        texts,
    };
    let mut broken = texts(Some(3));
    broken.insert(
        "promises/parcel.toml".to_owned(),
        "[promise.parcel]\nby = 3\n".to_owned(),
    );
    let folder = project(Some(4));
    let mut all = vec![activation(0, Scope::Restated, broken)];
    let problem = standing(&folder, &all).unwrap_err();
    assert_eq!(problem.code(), "AM0711");
    all.push(activation(1, Scope::Restated, texts(Some(4))));
    assert!(standing(&folder, &all).is_ok());
}
