//! docs/json.md is what the program prints: every field on the page is printed with its type, and every printed field is on the page.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use amends_testkit::tempfile;
use jiff::Timestamp;
use serde_json::Value;

use crate::invented::Invented;
use crate::private::EVA;
use crate::program::{self, repository};

/// One field of the page: a path in which `[]` stands for each element and `{}` for each value.
#[derive(Debug)]
struct Field {
    types: Vec<String>,
    optional: bool,
}

type Fields = BTreeMap<String, Field>;

/// The commands of each section; a field may be printed by one of them only.
const COMMANDS: &[(&str, &[&str])] = &[
    ("import", &["import"]),
    ("import --dry-run", &["import --dry-run"]),
    ("imports", &["imports"]),
    ("card", &["card --period 2026-03", "card --period 2025"]),
    ("math", &["math --from 2026-01 --to 2026-03 --by series"]),
    ("promises", &["promises"]),
    ("letdowns", &["letdowns", "letdowns --period 2026-03"]),
    (
        "letdowns --promise",
        &[
            "letdowns --promise answer",
            "letdowns --promise answer --period 2026-03 --reveal",
        ],
    ),
    (
        "people",
        &[
            "people lost --period 2026-03",
            "people lost --period 2026-03 --reveal",
            "people normal.answer.made --period 2030-W01",
        ],
    ),
    ("hold add", &["hold add cleo --reason lawsuit"]),
    ("hold lift", &["hold lift cleo --reason settled"]),
    ("erase", &["erase cleo --yes"]),
    (
        "customer",
        &[
            "customer ana",
            "customer bo",
            "customer bo --reveal",
            "customer cleo",
        ],
    ),
    ("explain", &["explain answer/l-3", "explain answer/l-1"]),
    (
        "identity explain",
        &[
            "identity explain ana --reveal",
            "identity explain gus info@example.com",
        ],
    ),
    ("quarantine list", &["quarantine list"]),
    (
        "quarantine explain",
        &["quarantine explain 1/1", "quarantine explain 1/1 --reveal"],
    ),
    (
        "identity unlink",
        &["identity unlink ana ana@example.com --by Vera --why test"],
    ),
    (
        "identity link",
        &["identity link ana ana@example.com --by Vera --why test"],
    ),
    ("quarantine replay", &["quarantine replay 1"]),
    ("hold list", &["hold list"]),
    ("retention", &["retention"]),
    ("backup", &["backup copied"]),
    ("restore", &["restore copied --replace"]),
    ("doctor", &["doctor"]),
    ("completions", &["completions bash"]),
    ("help", &["help AM0001"]),
];

/// What only a damaged ledger prints.
const UNSEEN: &str = "findings[].wrong[]";

#[test]
fn the_page_of_json_answers_is_what_the_program_prints() {
    let page = std::fs::read_to_string(repository().join("docs/json.md")).unwrap();
    let sections = sections(&page);
    let company = crate::behind::company_with_flaws();
    alter_columns(&company);
    let mistaken = crate::behind::company_with_mistakes();
    let outside = tempfile::tempdir().unwrap();
    let mut compared = BTreeSet::new();
    let mut wrong = Vec::new();
    for (section, commands) in COMMANDS {
        let answers = commands
            .iter()
            .map(|command| answer(company.path(), command));
        compare(section, &sections, &answers.collect::<Vec<_>>(), &mut wrong);
        compared.insert(*section);
    }
    let proof = answer(company.path(), "explain answer/l-1");
    let event = format!("explain {}", proof["events"][0].as_str().unwrap());
    let answers = [answer(company.path(), &event)];
    compare("explain EVENT", &sections, &answers, &mut wrong);
    compared.insert("explain EVENT");
    for (section, arguments) in [
        ("init", vec!["init", "shop"]),
        (
            "simulate",
            vec![
                "simulate",
                "--customers",
                "20",
                "--months",
                "2",
                "--out",
                "tea",
            ],
        ),
    ] {
        let answers = [program::json(outside.path(), &arguments)];
        compare(section, &sections, &answers, &mut wrong);
        compared.insert(section);
    }
    for section in ["check", "test"] {
        compare(
            section,
            &sections,
            &[answer(mistaken.path(), section)],
            &mut wrong,
        );
        compared.insert(section);
    }
    let (_keep, shop) = crate::private::project();
    program::text(&shop, &["hold", "add", EVA, "--reason", "lawsuit"]);
    for section in ["export-person", "export-person --out"] {
        let file = section.ends_with("--out").then_some("eva.json");
        let command = format!(
            "{section} {} --identifier email={EVA}",
            file.unwrap_or_default()
        );
        compare(section, &sections, &[answer(&shop, &command)], &mut wrong);
        compared.insert(section);
    }
    compared.extend(of_fractures(&sections, &mut wrong));
    compared.extend(of_voices(&sections, &mut wrong));
    compared.extend(of_normal(&sections, &mut wrong));
    compared.extend(of_plans(&sections, &mut wrong));
    let all: BTreeSet<&str> = sections.keys().map(String::as_str).collect();
    assert_eq!(
        compared, all,
        "sections of the page and commands that are run"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What tells where promises keep breaking. Returns the sections that were compared.
fn of_fractures(sections: &BTreeMap<String, Fields>, wrong: &mut Vec<String>) -> [&'static str; 4] {
    let broken = crate::fractures::broken();
    let of_broken = answer(broken.path(), "fractures");
    crate::stakes::with_amounts(&broken);
    let by_money = answer(broken.path(), "fractures --by money");
    let id = of_broken["items"][0]["id"].as_str().unwrap();
    let own = answer(broken.path(), &format!("fracture own {id} --by Vera"));
    let one = answer(broken.path(), &format!("fracture show {id}"));
    let first = answer(broken.path(), "fracture look --as-of 2026-03-16");
    let looked = answer(broken.path(), "fracture look");
    answer(
        broken.path(),
        &format!("fracture mended {id} --by Vera --on 2026-01-19"),
    );
    answer(broken.path(), "fracture look --as-of 2026-03-23");
    let later = answer(broken.path(), "fracture look");
    for (section, answers) in [
        ("fractures", vec![of_broken.clone(), by_money]),
        ("fracture own", vec![own]),
        ("fracture show", vec![one]),
        ("fracture look", vec![first, looked, later]),
    ] {
        compare(section, sections, &answers, wrong);
    }
    [
        "fractures",
        "fracture own",
        "fracture show",
        "fracture look",
    ]
}

/// What tells of complaints. Returns the sections that were compared.
fn of_voices(sections: &BTreeMap<String, Fields>, wrong: &mut Vec<String>) -> Vec<&'static str> {
    let shop = crate::validate::rated();
    let mut compared = Vec::new();
    for (section, commands) in [
        (
            "complaints",
            [
                "complaints --from 2025-01 --to 2025-03",
                "complaints --from 2024 --to 2026",
            ]
            .as_slice(),
        ),
        ("validate", &["validate", "validate --as-of 2025-05-10"]),
        (
            "validate --promise",
            &[
                "validate --promise parcel",
                "validate --promise parcel --from 2025-02 --until 2026",
                "validate --promise thanks --as-of 2025-05-10",
            ],
        ),
    ] {
        let answers = commands.iter().map(|command| answer(shop.path(), command));
        compare(section, sections, &answers.collect::<Vec<_>>(), wrong);
        compared.push(section);
    }
    compared
}

/// What definitions would move, and putting them in force: of a promise that has another name and of one that says something else.
fn of_plans(sections: &BTreeMap<String, Fields>, wrong: &mut Vec<String>) -> [&'static str; 2] {
    let company = crate::fractures::broken();
    let change = |file: &str, from: &str, to: &str| {
        let path = company.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, text.replace(from, to)).unwrap();
    };
    let mut plans = vec![company.json("plan")];
    let note = "plan --in-force --approver Ada --note spring";
    let mut done = vec![company.json(note)];
    change("promises/parcel.toml", "promise.parcel", "promise.box");
    change("promises/refund.toml", "7 days", "1 days");
    plans.push(company.json("plan"));
    done.push(company.json("plan --in-force --approver Ada"));
    change("promises/refund.toml", "1 days", "70 days");
    company.json("plan --in-force --approver Ada --restate");
    change("promises/refund.toml", "70 days", "1 days");
    plans.push(company.json("plan"));
    change("customers.toml", "subscription_started", "ordered");
    plans.push(company.json("plan"));
    done.push(company.json("plan --in-force --approver Ada --from 2026-02-01"));
    plans.push(company.json("plan"));
    compare("plan", sections, &plans, wrong);
    compare("plan --in-force", sections, &done, wrong);
    ["plan", "plan --in-force"]
}

/// What tells of what is normal. Returns the sections that were compared.
fn of_normal(sections: &BTreeMap<String, Fields>, wrong: &mut Vec<String>) -> [&'static str; 3] {
    let shop = crate::normal::fallen();
    // Of much is told how chances did, of little it is not.
    let few = crate::behind::company_with_flaws().json("due --as-of 2026-03-29");
    let many = shop.json("due --as-of 2026-08-01");
    compare("due", sections, &[few, many], wrong);
    for (section, commands) in [
        ("normal", ["normal", "normal --period 2030-W01"]),
        ("normal PROMISE", ["normal parcel", "normal refund"]),
    ] {
        let answers = commands.map(|command| answer(shop.path(), command));
        compare(section, sections, &answers, wrong);
    }
    ["due", "normal", "normal PROMISE"]
}

/// Leaves an export in which a column is new, one is gone, and one has another name than in the import before.
fn alter_columns(company: &Invented) {
    let read = |path: &str| std::fs::read_to_string(company.path().join(path)).unwrap();
    let letters = read("exports/desk.csv");
    let with = |column: &str, letters: &str| {
        letters
            .replacen("words\n", &format!("words,{column}\n"), 1)
            .lines()
            .enumerate()
            .map(|(line, text)| {
                if line == 0 {
                    format!("{text}\n")
                } else {
                    format!("{text},7\n")
                }
            })
            .collect::<String>()
    };
    company.write("exports/desk.csv", &with("room", &letters));
    company.text("import desk");
    let altered = with("channel", &letters).replacen("topic", "Subject", 1);
    let altered = altered.replace(",7\n", ",post\n");
    // And one letter is about something else now.
    company.write(
        "exports/desk.csv",
        &altered.replace("scent,Less", "price,Less"),
    );
    let definition = read("sources/desk.toml");
    let renamed = "[source.desk.file.rows.rename]\nSubject = \"topic\"\n";
    company.write("sources/desk.toml", &format!("{definition}{renamed}"));
}

fn answer(project: &Path, command: &str) -> Value {
    let mut arguments: Vec<&str> = command.split_whitespace().collect();
    arguments.push("--json");
    let output = program::amends(project, &arguments);
    let done = matches!(output.status.code(), Some(0 | 1));
    assert!(
        done,
        "{command}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The tables of the page by section.
fn sections(page: &str) -> BTreeMap<String, Fields> {
    let mut sections: BTreeMap<String, Fields> = BTreeMap::new();
    let mut section = String::new();
    for line in page.lines() {
        if let Some(name) = line.strip_prefix("## ") {
            section = name.to_owned();
        }
        let mut cells = line.split('|').map(str::trim);
        let (Some(""), Some(path), Some(types)) = (cells.next(), cells.next(), cells.next()) else {
            continue;
        };
        let Some(path) = path
            .strip_prefix('`')
            .and_then(|path| path.strip_suffix('`'))
        else {
            continue;
        };
        let required = types.strip_suffix(", optional");
        let field = Field {
            types: required
                .unwrap_or(types)
                .split(" or ")
                .map(str::to_owned)
                .collect(),
            optional: required.is_some(),
        };
        let fields = sections.entry(section.clone()).or_default();
        assert!(
            fields.insert(path.to_owned(), field).is_none(),
            "{section}: {path} twice"
        );
    }
    sections
}

/// What a section says against some answers.
fn compare(
    section: &str,
    sections: &BTreeMap<String, Fields>,
    answers: &[Value],
    wrong: &mut Vec<String>,
) {
    let Some(fields) = sections.get(section) else {
        wrong.push(format!("{section}: has no table"));
        return;
    };
    let mut seen = BTreeSet::new();
    for answer in answers {
        walk(answer, "", fields, &mut seen, &mut |what| {
            wrong.push(format!("{section}: {what}"))
        });
    }
    let unseen = fields.keys().filter(|path| !seen.contains(*path));
    for path in unseen.filter(|path| *path != UNSEEN) {
        wrong.push(format!("{section}: nothing prints {path}"));
    }
}

/// Walks through a printed value, whose place is written as on the page.
fn walk(
    value: &Value,
    path: &str,
    fields: &Fields,
    seen: &mut BTreeSet<String>,
    wrong: &mut dyn FnMut(String),
) {
    if let Some(field) = fields.get(path) {
        seen.insert(path.to_owned());
        if !field.types.iter().any(|of| is(value, of)) {
            wrong(format!(
                "{path} is {value}, and not {}",
                field.types.join(" or ")
            ));
        }
        if !fields.keys().any(|other| {
            other.len() > path.len()
                && other.starts_with(path)
                && ".[{".contains(&other[path.len()..path.len() + 1])
        }) {
            return;
        }
    }
    match value {
        Value::Array(items) => {
            let each = format!("{path}[]");
            items
                .iter()
                .for_each(|item| walk(item, &each, fields, seen, wrong));
        }
        Value::Object(object) => {
            let named = format!("{path}{{}}");
            if fields.keys().any(|other| other.starts_with(&named)) {
                object
                    .values()
                    .for_each(|one| walk(one, &named, fields, seen, wrong));
                return;
            }
            let before = if path.is_empty() {
                String::new()
            } else {
                format!("{path}.")
            };
            for (name, one) in object {
                walk(one, &format!("{before}{name}"), fields, seen, wrong);
            }
            for (other, field) in fields {
                let rest = other.strip_prefix(&before).filter(|_| !field.optional);
                let name = rest.and_then(|rest| rest.split(['.', '[', '{']).next());
                if name.is_some_and(|name| !object.contains_key(name)) {
                    wrong(format!("{other} is not printed: {value}"));
                }
            }
        }
        _ if fields.contains_key(path) => {}
        _ => wrong(format!("{path} is printed and not on the page")),
    }
}

fn is(value: &Value, of: &str) -> bool {
    let text = value.as_str();
    match of {
        "text" => text.is_some(),
        "moment" => {
            text.is_some_and(|text| text.parse::<Timestamp>().is_ok() && text.ends_with('Z'))
        }
        "id" => text.is_some_and(|text| {
            text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
        }),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "list" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the page knows a type that the test does not: {other}"),
    }
}

#[test]
fn the_comparison_finds_what_is_missing_what_is_new_and_what_has_another_type() {
    let page = "## a\n| `x` | integer | |\n| `y[].z` | text or null | |\n| `m{}` | number | |\n| `o` | id, optional | |\n";
    let sections = sections(page);
    let wrong = |answer: Value| {
        let mut wrong = Vec::new();
        compare("a", &sections, &[answer], &mut wrong);
        wrong.retain(|what| !what.contains("nothing prints"));
        wrong.len()
    };
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(
        wrong(json(r#"{"x": 1, "y": [{"z": null}], "m": {"k": 0.5}}"#)),
        0
    );
    assert_eq!(wrong(json(r#"{"y": [], "m": {}}"#)), 1, "x is missing");
    assert_eq!(
        wrong(json(r#"{"x": 1, "y": [{}], "m": {}}"#)),
        1,
        "z is missing"
    );
    assert_eq!(
        wrong(json(r#"{"x": 1.5, "y": [], "m": {}}"#)),
        1,
        "x has another type"
    );
    assert_eq!(
        wrong(json(r#"{"x": 1, "y": [], "m": {}, "n": 2}"#)),
        1,
        "n is new"
    );
    assert_eq!(
        wrong(json(
            r#"{"x": 1, "y": [{"z": "", "w": 1}], "m": {"k": ""}}"#
        )),
        2
    );
}
