//! The register of promises and the let-downs of one, as people and scripts read them.

use crate::behind::{company, company_with_flaws};
use crate::invented::Invented;

/// A promise of days, broken once: due by the end of 3 March.
const BY_DAY: &str = r#"
[promise.praise]
says = "You hear from us by the day you praised us"
made-by = "desk"
opens = { on = "wrote" }
kept = { on = "referred" }
by = { property = "praised_on", as = "date" }
"#;

#[test]
fn the_table_and_json_count_the_same() {
    let company = company();
    let text = company.text("letdowns");
    let mut lines = text.lines().map(|line| line.split_whitespace());
    let headings: Vec<&str> = lines.next().unwrap().collect();
    let row: Vec<&str> = lines.next().unwrap().collect();
    let answer = company.json("letdowns");
    let promise = &answer["promises"][0];
    for state in ["kept", "beaten", "open", "late", "overdue", "broken"] {
        let at = headings.iter().position(|heading| *heading == state);
        let shown: u64 = row[at.unwrap()].parse().unwrap();
        assert_eq!(promise[state], shown, "{state}: {text}");
    }
    assert_eq!([&promise["kept"], &promise["beaten"]], [1, 1]);
}

#[test]
fn let_downs_of_a_period_are_those_that_the_card_counts() {
    let company = company();
    let of = |period: &str| {
        let command = format!("letdowns --promise answer --period {period}");
        company.json(&command)
    };
    let card = company.json("card --period 2026-03");
    let march = of("2026-03");
    let counted = &card["promises"][0];
    assert_eq!(march["period"], "2026-03");
    for count in ["exposed", "late", "broken", "overdue", "kept", "beaten"] {
        assert_eq!(march[count], counted[count], "{count}");
    }
    let items = march["items"].as_array().unwrap();
    assert_eq!(march["total"], items.len());
    assert!(!items.is_empty());
    let february = of("2026-02");
    assert_eq!(february["total"], 0);
    assert!(february["items"].as_array().unwrap().is_empty());
    let register = company.json("letdowns --period 2026-02");
    assert_eq!(register["promises"][0]["exposed"], 0);
    let text = company.text("letdowns --period 2026-03");
    assert!(text.contains("due in 2026-03, as of"), "{text}");
}

#[test]
fn names_are_shown_where_they_are_asked_for() {
    let company = company_with_flaws();
    for command in ["letdowns --promise answer", "people lost --period 2026-03"] {
        let hidden = company.text(command) + &company.json(command).to_string();
        assert!(!hidden.contains("@example.com"), "{command}: {hidden}");
        let shown = company.text(&format!("{command} --reveal"));
        assert!(
            shown.contains("known as") && shown.contains("bo@example.com"),
            "{shown}"
        );
        let told = company.json(&format!("{command} --reveal"));
        let items = told["items"].as_array().unwrap().iter();
        let named = items.filter(|item| item["names"].to_string().contains("\"bo@example.com\""));
        assert!(named.count() > 0, "{told:#}");
    }
}

/// The company, which has promised something by a day as well.
fn by_day() -> Invented {
    let company = company();
    let path = company.path().join("sources/desk.toml");
    let source = std::fs::read_to_string(&path).unwrap();
    let with = "topic = \"topic\"\npraised_on = \"praised\"\n";
    let source = source.replacen("topic = \"topic\"\n", with, 1);
    std::fs::write(&path, source).unwrap();
    company.with("promises/praise.toml", BY_DAY).imported()
}

#[test]
fn what_is_due_on_a_day_is_due_by_its_end() {
    let company = by_day();
    let list = company.text("letdowns --promise praise");
    let ana = list.lines().find(|line| line.contains("praise/l-1"));
    assert!(list.contains("by the end of"), "{list}");
    assert!(
        ana.is_some_and(|line| line.contains(" 2026-03-03 ")),
        "{list}"
    );
    let story = company.text("customer ana");
    assert!(story.contains("due end of 2026-03-03"), "{story}");
    let due = company.text("due --as-of 2026-03-02T12:00 --within 3days --promise praise");
    assert!(due.contains("end of 2026-03-03"), "{due}");
    let told = company.text("explain praise/l-1");
    assert!(told.contains("by the end of 3 March 2026"), "{told}");
}

#[test]
fn an_event_is_shown_by_its_id_without_what_is_personal() {
    let company = company();
    let told = company.json("explain answer/l-3");
    let id = told["events"][0].as_str().unwrap();
    let event = company.json(&format!("explain {id}"));
    assert_eq!(event["event"]["kind"], "wrote");
    assert_eq!(event["event"]["topic"], "price");
    assert_eq!(event["counts"], true);
    let text = company.text(&format!("explain {id}"));
    for part in [
        "wrote",
        "2026-03-03",
        "l-3",
        "exports/desk.csv, line 4",
        "topic",
        "price",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!(text + &event.to_string()).contains("It costs too much"));
    let (code, talk) = company.fails("explain 00000000000000000000000000000000");
    assert!(
        code == 3 && talk.contains("there is no such event"),
        "{talk}"
    );
    // What was taken back can still be looked at.
    company.text("import --undo 2");
    let gone = company.text(&format!("explain {id}"));
    assert!(gone.contains("counts no longer"), "{gone}");
}

#[test]
fn an_unlinking_can_be_taken_back() {
    let company = company_with_flaws();
    let linked = || company.json("identity explain ana ana@example.com")["linked"].clone();
    let link = "identity link ana ana@example.com --by Vera --why test";
    let (code, talk) = company.fails(link);
    assert!(code == 3 && talk.contains("AM0604"), "{talk}");
    assert_eq!(linked(), true);
    company.text("identity unlink ana ana@example.com --by Vera --why test");
    assert_eq!(linked(), false);
    let told = company.text(link);
    assert!(told.contains("They are one customer now"), "{told}");
    assert_eq!(linked(), true);
}
