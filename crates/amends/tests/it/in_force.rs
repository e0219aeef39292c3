//! Definitions over time: what is in force judges, whatever the folder says, and what opened before a change is judged as before.

use std::collections::BTreeMap;

use jiff::ToSpan;
use serde_json::Value;

use crate::fractures::{PROMISE, broken};
use crate::invented::{CUSTOMERS, Invented};

const FILE: &str = "promises/parcel.toml";

fn shorter() -> String {
    PROMISE.replace("4 days", "2 days")
}

/// The let-downs of the promise, by what they are about: the day on which they opened.
fn let_downs(company: &Invented) -> BTreeMap<String, String> {
    let answer = company.json("letdowns --promise parcel");
    let items = answer["items"].as_array().unwrap().iter();
    let told = |item: &Value, key: &str| item[key].as_str().unwrap().to_owned();
    items
        .map(|item| (told(item, "about"), told(item, "opened_at")))
        .collect()
}

#[test]
fn what_opened_before_a_change_is_judged_as_before() {
    let company = broken();
    let nothing = company.text("plan");
    assert!(
        nothing.contains("Nothing was ever put in force"),
        "{nothing}"
    );
    let four = let_downs(&company);
    let first = company.json("plan --in-force --approver Ada");
    assert_eq!(first["from"], Value::Null);
    assert_eq!(let_downs(&company), four);

    company.write(FILE, &shorter());
    let three = let_downs(&company);
    assert_eq!(three, four, "the folder is not in force");
    let quiet = crate::program::amends(company.path(), &["letdowns"]);
    let talk = String::from_utf8(quiet.stderr).unwrap();
    assert!(
        talk.contains("1 definition of the folder is not in force"),
        "{talk}"
    );

    let from = "2025-12-01T00:00:00+01:00[Europe/Vienna]";
    let from: jiff::Zoned = from.parse().unwrap();
    let from = from.timestamp();
    company.json("plan --in-force --approver Ada --from 2025-12-01");
    let both = let_downs(&company);
    // What the shorter promise makes of everything, by another company that always had it.
    let always = broken();
    always.write(FILE, &shorter());
    let all_three = let_downs(&always);
    let opened = |at: &str| -> jiff::Timestamp { at.parse().unwrap() };
    let before = four.iter().filter(|(_, at)| opened(at) < from);
    let after = all_three.iter().filter(|(_, at)| opened(at) >= from);
    let expected: BTreeMap<String, String> = before
        .chain(after)
        .map(|(about, at)| (about.clone(), at.clone()))
        .collect();
    assert!(expected.len() > four.len() && expected.len() < all_three.len());
    assert_eq!(both, expected);
    for (about, at) in expected.iter().step_by(expected.len() / 8) {
        let told = company.json(&format!("explain parcel/{about}"))["sentences"].to_string();
        let is_before = opened(at) < from;
        let days = if is_before { 4 } else { 2 };
        let due = opened(at).in_tz("Europe/Vienna").unwrap() + days.days();
        let due = due.strftime("was due by %-d %B %Y").to_string();
        assert!(told.contains(&due), "{due}: {told}");
        assert_eq!(told.contains("in force when it opened"), is_before);
    }
    let same = company.text("plan");
    assert!(same.contains("The folder says what is in force"), "{same}");
    company.text("doctor");
    // Kept instances say the same again, and after something new.
    assert_eq!(let_downs(&company), expected);

    let (_, again) = company.fails("plan --in-force --approver Ada");
    assert!(again.contains("AM0023"), "{again}");
    company.write(
        FILE,
        &format!("{}\n", shorter().replace("30 days", "31 days")),
    );
    company.json("plan --in-force --approver Ada --restate");
    company.write(FILE, &shorter());
    company.json("plan --in-force --approver Ada --restate");
    assert_eq!(let_downs(&company), all_three);
}

#[test]
fn a_plan_tells_what_restating_would_move() {
    let company = broken();
    company.json("plan --in-force --approver Ada");
    company.write(FILE, &shorter());
    company.json("plan --in-force --approver Ada --from 2025-12-01");
    let since = let_downs(&company);
    let plan = company.json("plan");
    let parcel = &plan["promises"][0];
    assert_eq!(parcel["change"], "since");
    let comes = parcel["let_downs_in"].as_array().unwrap().len();
    assert!(comes > 0);
    let shown = company.text("plan");
    assert!(shown.contains("--restate would move"), "{shown}");
    company.json("plan --in-force --approver Ada --restate");
    assert_eq!(let_downs(&company).len(), since.len() + comes);
    assert_eq!(company.json("plan")["promises"], Value::Array(Vec::new()));
}

#[test]
fn a_wrong_day_is_corrected() {
    let company = broken();
    let (_, no) = company.fails("plan --in-force --approver Ada --from 2025-12-01");
    assert!(no.contains("AM0023"), "{no}");
    company.json("plan --in-force --approver Ada");
    company.write(FILE, &shorter());
    company.json("plan --in-force --approver Ada --from 2025-12-01");
    let right = let_downs(&company);
    company.json("plan --in-force --approver Ada --from 2025-10-01");
    assert!(let_downs(&company).len() > right.len());
    company.json("plan --in-force --approver Ada --from 2025-12-01");
    assert_eq!(let_downs(&company), right);
    let (_, again) = company.fails("plan --in-force --approver Ada --from 2025-12-01");
    assert!(again.contains("AM0023"), "{again}");
}

#[test]
fn the_first_definitions_have_no_day_whatever_else_was_touched_since() {
    let company = broken();
    company.json("plan --in-force --approver Ada");
    let journey = std::fs::read_to_string(company.path().join("journey.toml")).unwrap();
    company.write(
        "journey.toml",
        &format!("# who answers for what\n{journey}"),
    );
    let (_, no) = company.fails("plan --in-force --approver Ada --from 2025-12-01");
    assert!(no.contains("judge everything that ever opened"), "{no}");
    // Other words leave the day as it was.
    company.write(FILE, &shorter());
    company.json("plan --in-force --approver Ada --from 2025-12-01");
    let since = let_downs(&company);
    company.write(FILE, &shorter().replace("within four days", "soon"));
    let words = company.json("plan --in-force --approver Ada");
    assert!(
        words["from"].as_str().unwrap().starts_with("2025-11-30T23"),
        "{words}"
    );
    assert_eq!(let_downs(&company), since);
}

#[test]
fn what_holds_for_all_of_time_cannot_wait_for_a_day() {
    let company = broken();
    company.json("plan --in-force --approver Ada");
    let voice = std::fs::read_to_string(company.path().join("customers.toml")).unwrap();
    let other = voice.replace("subscription_started", "ordered");
    company.write("customers.toml", &other);
    let (_, no) = company.fails("plan --in-force --approver Ada --from 2126-01-01");
    assert!(no.contains("cannot wait for a day to come"), "{no}");
    let put = company.text("plan --in-force --approver Ada --from 2026-01-01");
    assert!(put.contains("It holds for all of time"), "{put}");
}

#[test]
fn a_new_attribute_makes_no_place_of_the_instances_before_it() {
    let company = broken();
    let with = company.json("fractures");
    company.write(FILE, &PROMISE.replace("\"depot\", ", ""));
    company.json("plan --in-force --approver Ada");
    company.write(
        FILE,
        &shorter()
            .replace("2 days", "4 days")
            .replace("30 days", "31 days"),
    );
    company.json("plan --in-force --approver Ada --from 2025-12-01");
    let places = |answer: &Value| -> Vec<String> {
        let items = answer["items"].as_array().unwrap().iter();
        items.map(|item| item["where"].to_string()).collect()
    };
    let now = company.json("fractures");
    assert_eq!(places(&now), places(&with));
    let told = company.json("letdowns");
    let definitions = told["promises"][0]["definitions"].as_array().unwrap();
    assert_eq!(definitions.len(), 2);
}

#[test]
fn a_thing_that_two_definitions_promise_is_told_twice() {
    let company = broken();
    company.json("plan --in-force --approver Ada");
    // From now on it counts from when somebody complains that soap comes.
    let other = PROMISE.replace("opens = \"ordered\"", "opens = \"complained\"");
    let (other, _) = other.split_once("where =").unwrap();
    company.write(FILE, other);
    company.json("plan --in-force --approver Ada --from 2026-02-01");
    let answer = company.json("letdowns");
    let exposed = |answer: &Value| answer["promises"][0]["exposed"].as_u64().unwrap();
    let moves = &company.json("plan")["promises"][0]["instances"];
    let [before, after, comes, goes] =
        ["before", "after", "in", "out"].map(|key| moves[key].as_u64().unwrap());
    assert_eq!(exposed(&answer), before);
    assert_eq!(before + comes, after + goes, "{moves}");
    // Something that was ordered before the change, and complained about after it.
    let rows = std::fs::read_to_string(company.path().join("exports/shop.csv")).unwrap();
    let both = rows.lines().skip(1).find_map(|row| {
        let cells: Vec<&str> = row.split(',').collect();
        let spans = cells[2] < "2026-01-31" && cells[4] > "2026-02-02";
        spans.then(|| cells[0].to_owned())
    });
    let both = both.unwrap();
    // What it is judged by now and then alike is the same let-down, and neither comes in nor goes out as that.
    let plan = company.json("plan");
    let comes = plan["promises"][0]["let_downs_in"].as_array().unwrap();
    assert!(
        comes.iter().all(|one| one["about"] != both.as_str()),
        "{comes:?}"
    );
    let explained = company.json(&format!("explain parcel/{both}"));
    let mut proof: Vec<&Value> = explained["events"].as_array().unwrap().iter().collect();
    let all = proof.len();
    proof.sort_by_key(|one| one.to_string());
    proof.dedup();
    assert_eq!(proof.len(), all, "an event proves once");
    let told = explained["sentences"].to_string();
    assert_eq!(told.matches("in force when it opened").count(), 1, "{told}");
    assert!(
        told.matches("was due by").count() + told.matches("is due by").count() >= 2,
        "{told}"
    );
}

#[test]
fn each_spell_keeps_its_instances() {
    let company = broken();
    company.json("plan --in-force --approver Ada");
    for (text, from) in [
        (shorter(), "2025-12-01"),
        (PROMISE.to_owned(), "2026-01-01"),
        (shorter(), "2026-02-01"),
    ] {
        company.write(FILE, &text);
        company.json(&format!("plan --in-force --approver Ada --from {from}"));
    }
    let first = company.json("letdowns");
    assert_eq!(
        first["promises"][0]["definitions"]
            .as_array()
            .unwrap()
            .len(),
        4
    );
    let kept = || {
        let folder = company.path().join(".amends/derived/promises");
        let folders = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
        let manifests = folders.map(|folder| folder.path().join("manifest"));
        let written = manifests.filter_map(|path| {
            let when = std::fs::metadata(&path).ok()?.modified().ok()?;
            Some((path, when))
        });
        written.collect::<BTreeMap<_, _>>()
    };
    let once = kept();
    assert_eq!(once.len(), 5, "four of one promise, one of the other");
    assert_eq!(company.json("letdowns"), first);
    assert_eq!(kept(), once, "nothing was kept anew");
}

#[test]
fn a_plan_tells_what_would_come_in() {
    let company = broken();
    company.json("plan --in-force --approver Ada");
    company.write(FILE, &shorter());
    let plan = company.json("plan");
    let parcel = &plan["promises"][0];
    assert_eq!(parcel["change"], "changed");
    assert_ne!(parcel["version"], parcel["version_in_force"]);
    let comes = parcel["let_downs_in"].as_array().unwrap();
    assert!(!comes.is_empty() && parcel["let_downs_out"] == Value::Array(Vec::new()));
    assert!(
        comes.iter().all(|one| one["otherwise"] == "kept"),
        "{parcel}"
    );
    let moves = plan["moves"].as_array().unwrap();
    let late = moves
        .iter()
        .find(|one| one["of"] == "parcel" && one["figure"] == "late");
    let late = late.unwrap();
    let more = late["after"].as_u64().unwrap() - late["before"].as_u64().unwrap();
    assert_eq!(comes.len() as u64, more);
    let shown = company.text("plan");
    assert!(shown.contains("of parcel would come in"), "{shown}");
}

#[test]
fn promises_come_and_go() {
    let company = broken();
    company.json("plan --in-force --approver Ada");
    let counts = |company: &Invented| -> BTreeMap<String, u64> {
        let answer = company.json("letdowns");
        let promises = answer["promises"].as_array().unwrap().iter();
        promises
            .map(|one| {
                let name = one["promise"].as_str().unwrap().to_owned();
                (name, one["exposed"].as_u64().unwrap())
            })
            .collect()
    };
    let four = counts(&company);
    company.write(FILE, &PROMISE.replace("promise.parcel", "promise.box"));
    assert_eq!(counts(&company), four);
    let plan = company.json("plan");
    let changes: Vec<_> = plan["promises"].as_array().unwrap().iter().collect();
    let changes: Vec<_> = changes
        .iter()
        .map(|one| {
            (
                one["promise"].as_str().unwrap(),
                one["change"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(changes, [("box", "new"), ("parcel", "gone")]);
    company.json("plan --in-force --approver Ada --from 2026-01-05");
    let text = company.text("letdowns");
    assert!(text.contains("parcel is no longer in force"), "{text}");
    let both = counts(&company);
    assert!(both["box"] > 0 && both["parcel"] > 0);
    assert_eq!(both["box"] + both["parcel"], four["parcel"]);
    // As of a day before the change only what was promised then is there.
    let early = company.json("letdowns --as-of 2026-01-04");
    let promises = early["promises"].as_array().unwrap().iter();
    let of_box = promises
        .clone()
        .find(|one| one["promise"] == "box")
        .unwrap();
    assert_eq!(of_box["exposed"], 0);
}

#[test]
fn what_makes_a_customer_is_put_in_force_as_well() {
    let company = broken();
    company.json("plan --in-force --approver Ada");
    let card = company.json("card --period 2026-02");
    let other = CUSTOMERS.replace("subscription_started", "ordered");
    company.write("customers.toml", &other);
    assert_eq!(company.json("card --period 2026-02"), card);
    let plan = company.json("plan");
    assert_eq!(plan["customers_changed"], true);
    let moves = plan["moves"].as_array().unwrap();
    let of_card = |one: &&Value| one["of"].as_str().unwrap().starts_with("card ");
    assert!(moves.iter().any(|one| of_card(&one)), "{plan}");
    company.json("plan --in-force --approver Ada");
    assert_ne!(company.json("card --period 2026-02"), card);
}

#[test]
fn a_mistake_in_the_folder_keeps_nothing_from_being_asked_that_is_in_force() {
    let company = broken();
    company.write(FILE, &format!("{PROMISE}\nby = 3\n"));
    let (_, no) = company.fails("letdowns");
    assert!(no.contains("AM0012"), "{no}");
    company.write(FILE, PROMISE);
    company.json("plan --in-force --approver Ada");
    let all = let_downs(&company);
    company.write(FILE, &format!("{PROMISE}\nby = 3\n"));
    assert_eq!(let_downs(&company), all);
    let told = crate::program::amends(company.path(), &["letdowns"]);
    let talk = String::from_utf8(told.stderr).unwrap();
    assert!(
        talk.contains("what was put in force last answers"),
        "{talk}"
    );
    let erase = "erase w-1 --yes";
    for command in [
        "plan",
        "plan --in-force --approver Ada",
        "import",
        erase,
        "import --undo 1",
    ] {
        let (_, no) = company.fails(command);
        assert!(no.contains("AM0012"), "{command}: {no}");
    }
}

/// What a folder with mistakes is asked is asked of the data that it names, wherever these were when something was put in force.
#[test]
fn where_the_data_are_says_the_folder_alone() {
    let company = broken();
    company.json("plan --in-force --approver Ada");
    let all = let_downs(&company);
    std::fs::rename(
        company.path().join(".amends"),
        company.path().join("elsewhere"),
    )
    .unwrap();
    let toml = std::fs::read_to_string(company.path().join("amends.toml")).unwrap();
    company.write(
        "amends.toml",
        &toml.replace("version = 1\n", "version = 1\ndata = \"elsewhere\"\n"),
    );
    company.write(FILE, &format!("{PROMISE}\nby = 3\n"));
    assert_eq!(let_downs(&company), all);
    assert!(!company.path().join(".amends").exists());
}

#[test]
fn a_plan_tells_what_a_promise_that_is_gone_takes_along_and_other_complaints() {
    let company = broken();
    company.json("plan --in-force --approver Ada");
    std::fs::remove_file(company.path().join(FILE)).unwrap();
    let moves = |figure: &str| -> Vec<Value> {
        let plan = company.json("plan");
        let moves = plan["moves"].as_array().unwrap().iter();
        moves
            .filter(|one| one["figure"] == figure)
            .cloned()
            .collect()
    };
    let late = moves("late");
    assert!(
        late.iter()
            .any(|one| one["of"] == "parcel" && one["after"].is_null()),
        "{late:?}"
    );
    assert!(!moves("let_down").is_empty());
    company.write(FILE, PROMISE);
    let customers = std::fs::read_to_string(company.path().join("customers.toml")).unwrap();
    company.write(
        "customers.toml",
        &customers.replace("complaint = \"complained\"", "complaint = \"arrived\""),
    );
    let complaints = moves("complaints");
    assert!(!complaints.is_empty());
    assert!(
        complaints
            .iter()
            .all(|one| one["after"].as_i64() > one["before"].as_i64()),
        "{complaints:?}"
    );
    let shown = company.text("plan");
    assert!(
        shown.contains("what counts as speaking up, is changed"),
        "{shown}"
    );
}

#[test]
fn nothing_is_put_in_force_whose_tests_fail() {
    let company = broken();
    let test = r#"
[[test]]
name = "never"
events = [{ at = "2026-01-05T10:00", kind = "ordered", about = "a" }]
as-of = "2026-01-06"
expect = [{ about = "a", is = "late" }]
"#;
    company.write(FILE, &format!("{PROMISE}{test}"));
    let (_, talk) = company.fails("plan --in-force --approver Ada");
    assert!(
        talk.contains("AM0024") && talk.contains("parcel: never"),
        "{talk}"
    );
    let (code, talk) = company.fails("plan --in-force");
    assert!(code == 2 && talk.contains("--approver"), "{talk}");
    let nothing = company.text("plan");
    assert!(
        nothing.contains("Nothing was ever put in force"),
        "{nothing}"
    );
}

#[test]
fn before_anything_is_imported_a_plan_tells_what_differs() {
    let company = Invented::with_customers()
        .subscriptions("billing", "", "")
        .with("promises/stay.toml", STAY);
    company.json("plan --in-force --approver Ada");
    company.write("promises/stay.toml", &STAY.replace("5 weeks", "6 weeks"));
    let plan = company.json("plan");
    assert_eq!(plan["as_of"], Value::Null);
    assert_eq!(plan["promises"][0]["change"], "changed");
    let text = company.text("plan");
    assert!(text.contains("Nothing was imported yet"), "{text}");
}

const STAY: &str = r#"
[promise.stay]
says = "Whoever subscribes stays"
made-by = "billing"
opens = { on = "subscription_started" }
breaks = { on = "subscription_ended" }
for = "5 weeks"
"#;
