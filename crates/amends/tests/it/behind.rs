//! There are no bare numbers: behind every figure of the card are its people, or it says what it is computed or taken from.

use serde_json::Value;

use crate::invented::{CUSTOMERS, Invented};

const ROWS: &str = "s-1,ana,2026-01-05,2026-03-09,moved
s-2,bo,2026-01-06,2026-03-10,too dear
s-3,cleo,2026-01-07,2026-03-11,too dear
s-4,dag,2026-01-08,2026-03-12,
s-5,eve,2026-01-09,,
s-6,finn,2026-03-02,2026-03-20,
s-7,gus,2026-03-03,,
s-8,ana,2026-03-25,,
";

const CLASSES: &str = r#"
[[leaving.class]]
reasons = ["moved"]
nature = "natural"
cause = "life"

[[leaving.class]]
reasons = ["too dear"]
nature = "avoidable"
cause = "price"

[recommend]
said = { on = "praised" }
did = { on = "referred" }
"#;

const DESK: &str = r#"
[source.desk]
says = "Letters and what became of them"
main = "rows"
key = "id"
complete-until = "2026-03-31"
snapshot = true
personal = ["words"]

[source.desk.file.rows]
path = "exports/desk.csv"

[source.desk.file.rows.columns]
wrote = "timestamp"
answered = "timestamp"
praised = "date"
referred = "date"

[[source.desk.event]]
kind = "wrote"
at = "wrote"
about = "id"
identifiers = { subscriber = "who" }

[source.desk.event.properties]
topic = "topic"
"#;

const PROMISE: &str = r#"
[promise.answer]
says = "Whoever writes to us has an answer within two days"
made-by = "desk"
opens = { on = "wrote" }
kept = { on = "answered" }
by = "2 days"
beaten = "1 day"
gives-up = "10 days"
where = ["topic"]
"#;

/// Beaten, kept, late, broken, overdue; and praise by two, one of whom did recommend.
const LETTERS: &str = "id,who,wrote,answered,praised,referred,topic,words
l-1,ana,2026-03-02 09:00:00,2026-03-02 10:00:00,2026-03-03,,scent,Less rose please
l-2,bo,2026-03-02 09:00:00,2026-03-04 08:00:00,2026-03-03,2026-03-05,scent,
l-3,bo,2026-03-03 09:00:00,2026-03-07 09:00:00,,,price,It costs too much
l-4,eve,2026-03-04 09:00:00,,,,price,
l-5,gus,2026-03-28 09:00:00,,,,scent,
";

/// A company of which everything that a card shows is known.
pub(crate) fn company() -> Invented {
    written().imported()
}

fn written() -> Invented {
    let event = |kind: &str| {
        format!(
            "[[source.desk.event]]\nkind = \"{kind}\"\nat = \"{kind}\"\nabout = \"id\"\nidentifiers = {{ subscriber = \"who\" }}\n"
        )
    };
    let events = ["answered", "praised", "referred"].map(event);
    Invented::that_counts("customers")
        .with("customers.toml", &format!("{CUSTOMERS}{CLASSES}"))
        .subscriptions("billing", "complete-until = \"2026-03-31\"", ROWS)
        .with("sources/desk.toml", &format!("{DESK}{}", events.concat()))
        .with("exports/desk.csv", LETTERS)
        .with("promises/answer.toml", PROMISE)
}

/// The same company with what goes wrong in real ones: a row that cannot be read, a contract known from its end alone, names that connect people
/// and names that must not.
pub(crate) fn company_with_flaws() -> Invented {
    let flaws = "s-9,hana,,2026-03-02,moved\ns-10,ivo,10.01.2026,,\n";
    let named = "{ subscriber = \"who\", email = \"case when who in ('gus', 'eve') then 'info' else who end || '@example.com'\" }";
    let rows = format!("{ROWS}{flaws}");
    let series = "[segment.series]\nvalue = \"substr(about, 1, 3)\"\n";
    let customers =
        format!("[identifier.email]\nnormalise = \"email\"\n{CUSTOMERS}{CLASSES}{series}");
    let company = written()
        .subscriptions("billing", "complete-until = \"2026-03-31\"", &rows)
        .with("customers.toml", &customers);
    let path = company.path().join("sources/billing.toml");
    let source = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, source.replace("{ subscriber = \"who\" }", named)).unwrap();
    company.imported()
}

/// The same company with a test that fails and a condition that cannot be planned.
pub(crate) fn company_with_mistakes() -> Invented {
    let promise = PROMISE.replace(
        "on = \"answered\"",
        "on = \"answered\", where = \"topik = 'scent'\"",
    );
    let test = "[[test]]\nname = \"answered at once\"\nevents = [{ at = \"2026-03-02T10:00\", kind = \"wrote\", about = \"t1\" }]\nexpect = [{ about = \"t1\", is = \"kept\" }]\n";
    let company = written().with("promises/answer.toml", &format!("{PROMISE}{test}"));
    let promise = promise.replace("promise.answer", "promise.scented");
    company.with("promises/scented.toml", &promise)
}

#[test]
fn every_figure_has_its_people_or_says_what_it_is_computed_or_taken_from() {
    let company = company();
    let card = company.json("card --period 2026-03");
    let figures = card["figures"].as_object().unwrap();
    assert_eq!(figures["letdowns.answer.total"]["value"], 3.0);
    let mut with_people = 0;
    for (id, figure) in figures {
        let command = format!("people {id} --period 2026-03");
        let formula = figure.get("formula");
        for over in formula
            .iter()
            .flat_map(|formula| formula["over"].as_array().unwrap())
        {
            assert!(figures.contains_key(over.as_str().unwrap()), "{figure}");
        }
        if figure["evidence"] == "assumed" || (formula.is_some() && id != "net") {
            assert!(
                figure["source"].is_string() || formula.is_some(),
                "{figure}"
            );
            let (_, talk) = company.fails(&command);
            assert!(talk.contains("AM0809"), "{talk}");
            continue;
        }
        with_people += 1;
        let people = company.json(&command);
        let [value, count] = ["value", "count"].map(|name| figure[name].as_f64().unwrap());
        let counted = match id.as_str() {
            "net" => count,
            // A share of all who were there: behind it are those of them who were lost.
            _ if id.starts_with("churn.") => (value * count).round(),
            _ => value,
        };
        assert_eq!(people["total"].as_f64(), Some(counted), "{id}");
        let items = people["items"].as_array().unwrap().len();
        assert_eq!(items as f64, counted, "{id}");
    }
    assert!(with_people > 35, "{with_people}");
}

#[test]
fn the_parts_of_a_year_s_churn_add_up_to_it() {
    let card = company().json("card --period 2026-03");
    let value = |id: &str| card["figures"][id]["value"].as_f64().unwrap();
    for whole in ["churn.period", "churn.year"] {
        let parts = ["natural", "avoidable", "company", "unknown"];
        let sum: f64 = parts
            .map(|part| value(&format!("{whole}.{part}")))
            .iter()
            .sum();
        assert!((sum - value(whole)).abs() < 1e-12, "{whole}: {sum}");
    }
    // Four of five were lost, one of them for natural reasons: a quarter of what the year loses.
    let natural = value("churn.year.natural");
    assert!(
        (natural - (1.0 - 0.2_f64.powi(12)) / 4.0).abs() < 1e-12,
        "{natural}"
    );
    let interval = &card["figures"]["churn.year.natural"]["interval"];
    let bound = |end: &str| interval[end].as_f64().unwrap();
    assert!(
        bound("low") < natural && natural < bound("high"),
        "{interval}"
    );
}

#[test]
fn an_instance_stands_behind_the_count_of_its_state() {
    let company = company();
    for (state, about) in [
        ("beaten", "l-1"),
        ("kept", "l-2"),
        ("late", "l-3"),
        ("broken", "l-4"),
        ("overdue", "l-5"),
    ] {
        let people = company.json(&format!("people letdowns.answer.{state} --period 2026-03"));
        let items = people["items"].as_array().unwrap();
        let why: Vec<&Value> = items.iter().map(|item| &item["why"]).collect();
        assert_eq!(why, [&Value::from(format!("{state}: {about}"))]);
    }
}
