//! Which definition judges what, after whatever was put in force in whatever order of its days.

use std::path::Path;

use amends_project::{Project, Texts, load_texts};
use amends_promises::{Activation, Differs, Scope, differences, reported_by, standing};
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
    Some(project.judge("parcel", opened)?.version.clone())
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
        // Who says the same again corrects the day of what was said.
        let mut corrected: Vec<(Option<i64>, Option<u8>)> = Vec::new();
        for (from, days) in &decisions {
            match corrected.last_mut() {
                Some((last, said)) if said == days => *last = *from,
                _ => corrected.push((*from, *days)),
            }
        }
        let folder = project(Some(9));
        let in_force = standing(&folder, &activations).unwrap();
        for at in -1..13 {
            let mut judge_of_day = None;
            for (number, (from, days)) in corrected.iter().enumerate() {
                if from.is_none() || number == 0 || *from <= Some(at) {
                    judge_of_day = *days;
                }
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

fn activation(at: i64, scope: Scope, texts: Texts) -> Activation {
    Activation {
        at: day(at),
        scope,
        approver: "Ada".to_owned(),
        note: None,
        texts,
    }
}

/// A project of two promises, of which the second gives so many days and has these lines.
fn beside(days: u8, lines: &str) -> Texts {
    let mut texts = texts(Some(3));
    let parcel = &texts["promises/parcel.toml"];
    let other = parcel
        .replace("promise.parcel", "promise.other")
        .replace("3 days", &format!("{days} days"));
    texts.insert("promises/other.toml".to_owned(), format!("{other}{lines}"));
    texts
}

#[test]
fn a_day_is_of_what_was_changed_and_can_be_corrected() {
    let from = |at: i64| Scope::From(day(at));
    let told = "touchpoint = \"door\"\ngreat = 0.9\n";
    let mut all = vec![
        activation(0, Scope::Restated, beside(1, "")),
        activation(1, from(50), beside(2, "")),
    ];
    let mut parcel = beside(2, told);
    let four = parcel["promises/parcel.toml"].replace("3 days", "4 days");
    parcel.insert("promises/parcel.toml".to_owned(), four);
    all.push(activation(2, from(30), parcel.clone()));
    for one in &mut all {
        let journey = "[stage.home]\n[touchpoint.door]\nstage = \"home\"\nowner = \"Doors\"\n";
        let journey = ("journey.toml".to_owned(), journey.to_owned());
        one.texts.extend([journey]);
    }
    let folder = project(Some(3));
    let in_force = standing(&folder, &all).unwrap();
    let begins = |in_force: &Project, name: &str| {
        let all: Vec<_> = in_force.definitions(name).collect();
        // All are told as the last one is.
        assert!(
            all.iter()
                .all(|one| one.great == all[0].great && one.touchpoint == all[0].touchpoint)
        );
        all.iter().map(|one| one.spell.from).collect::<Vec<_>>()
    };
    assert_eq!(begins(&in_force, "parcel"), [None, Some(day(30))]);
    assert_eq!(begins(&in_force, "other"), [None, Some(day(50))]);
    assert_eq!(in_force.promises["other"].great, Some(0.9));
    // The same again, a source and a word touched meanwhile, from another day: that of what was changed last.
    let mut again = Activation {
        scope: from(10),
        ..all[2].clone()
    };
    let source = again.texts["sources/shop.toml"].replace("Orders", "All orders");
    again.texts.insert("sources/shop.toml".to_owned(), source);
    all.push(again);
    let in_force = standing(&folder, &all).unwrap();
    assert_eq!(begins(&in_force, "parcel"), [None, Some(day(10))]);
    assert_eq!(begins(&in_force, "other"), [None, Some(day(50))]);
}

#[test]
fn silence_is_counted_by_the_calendar_that_was_put_in_force_with_it() {
    let customers =
        "[identifier.who]\n[customers]\nnew = \"ordered\"\nsilence = \"40 business days\"\n";
    let with = |calendar: &str| {
        let mut texts = texts(None);
        texts.insert("amends.toml".to_owned(), format!("{COMPANY}{calendar}"));
        texts.insert("customers.toml".to_owned(), customers.to_owned());
        texts
    };
    let mondays = with("[calendar.default]\nmonday = \"09:00-17:00\"\n");
    let all = [activation(0, Scope::Restated, mondays)];
    let (folder, _) = load_texts(Path::new("/shop"), &with(""), &|_| Some("x".into()));
    let folder = folder.unwrap();
    let in_force = standing(&folder, &all).unwrap();
    assert_ne!(folder.customers_version(), in_force.customers_version());
    assert_eq!(
        in_force.calendars["default"].hours,
        folder.calendars["default"].hours
    );
}

#[test]
fn each_definition_counts_by_the_calendar_of_its_time() {
    let calendar = "[calendar.default]\nmonday = \"09:00-17:00\"\n";
    let mut mondays = texts(Some(3));
    mondays.insert("amends.toml".to_owned(), format!("{COMPANY}{calendar}"));
    let all = [
        activation(0, Scope::Restated, mondays.clone()),
        activation(1, Scope::From(day(5)), texts(None)),
    ];
    let folder = project(None);
    let in_force = standing(&folder, &all).unwrap();
    let gone = in_force.judge("parcel", day(4)).unwrap();
    let was = standing(&folder, &all[..1]).unwrap();
    assert_eq!(gone.calendar.hours, was.promises["parcel"].calendar.hours);
    assert_ne!(gone.calendar.hours, folder.calendars["default"].hours);
    assert_ne!(in_force.version, was.version);
}

#[test]
fn what_a_source_told_that_is_gone_stays_told() {
    let mut without = texts(None);
    without.remove("sources/shop.toml");
    let all = [
        activation(0, Scope::Restated, texts(Some(3))),
        activation(1, Scope::From(day(5)), without.clone()),
    ];
    let (folder, _) = load_texts(Path::new("/shop"), &without, &|_| None);
    let in_force = standing(&folder.unwrap(), &all).unwrap();
    let watermarks = [("shop".to_owned(), day(4))].into();
    let promise = &in_force.promises["parcel"];
    assert_eq!(reported_by(&in_force, &watermarks, promise), day(4));
}

#[test]
fn plans_tell_what_is_in_force_but_not_for_everything() {
    let all = [
        activation(0, Scope::Restated, texts(Some(3))),
        activation(1, Scope::From(day(5)), texts(Some(4))),
    ];
    let folder = project(Some(4));
    let in_force = standing(&folder, &all).unwrap();
    let told = differences(&folder, &in_force);
    assert_eq!(told["parcel"], Differs::Since);
    assert!(!told["parcel"].is_draft());
    let restated = [activation(2, Scope::Restated, texts(Some(4)))];
    let in_force = standing(&folder, &restated).unwrap();
    assert!(differences(&folder, &in_force).is_empty());
    assert_eq!(in_force.version, folder.version);
    let mut words = texts(Some(4));
    let says = words["promises/parcel.toml"].replace("It comes soon", "It is here soon");
    words.insert("promises/parcel.toml".to_owned(), says);
    words.insert(
        "promises/later.toml".to_owned(),
        "[promise.later]\nsays = \"We call back\"\nmade-by = \"desk\"\nneeds = \"the log of calls\"\n".to_owned(),
    );
    let (folder, _) = load_texts(Path::new("/shop"), &words, &|_| Some("x".into()));
    let told = differences(&folder.unwrap(), &in_force);
    assert_eq!(
        (told["parcel"], told["later"]),
        (Differs::Words, Differs::New)
    );
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
