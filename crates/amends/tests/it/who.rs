//! Whom a name on the command line means.

use serde_json::Value;

use crate::invented::Invented;

/// A thousand customers with four digits for names, so that many a random id begins with the digits of somebody else's name.
fn numbered() -> Invented {
    let row = |number: u32| format!("s-{number},{number},2026-01-05,,\n");
    let rows: String = (1000..2000).map(row).collect();
    Invented::with_customers()
        .subscriptions("billing", "complete-until = \"2026-03-31\"", &rows)
        .imported()
}

#[test]
fn a_whole_name_comes_before_the_beginning_of_an_id() {
    let company = numbered();
    let people = company.json("people opening --period 2026-03");
    let ids = people["items"].as_array().unwrap().iter();
    let begins = |id: &str| {
        let number = id[..4].parse::<u32>().ok();
        number.filter(|number| (1000..2000).contains(number))
    };
    let clash = ids
        .map(|item| item["customer"].as_str().unwrap())
        .find_map(|id| Some((begins(id)?, id)));
    let (number, id) = clash.expect("of a thousand ids some begin like a name");
    for command in [
        format!("customer {number} --reveal"),
        format!("identity explain {number} --reveal"),
    ] {
        let found = company.json(&command);
        let text = found.to_string();
        assert!(
            text.contains(&format!("\"{number}\"")),
            "{command}: {found:#}"
        );
    }
    // The beginning of an id that is nobody's name still finds its owner.
    let found = company.json(&format!("customer {}", &id[..12]));
    assert_eq!(found["customer"], id);
}

const SOURCE: &str = r#"
[source.club]
says = "Members"
main = "rows"
key = "id"
complete-until = "2026-03-31"

[source.club.file.rows]
path = "exports/club.csv"

[source.club.file.rows.columns]
joined_on = "date"

[[source.club.event]]
kind = "joined"
at = "joined_on"
about = "id"
identifiers = { member = "member" }
"#;

#[test]
fn a_name_that_two_have_is_refused_with_both_of_them() {
    let customers = format!("[identifier.member]\n{}", crate::invented::CUSTOMERS);
    let company = Invented::that_counts("customers")
        .with("customers.toml", &customers)
        .subscriptions(
            "billing",
            "complete-until = \"2026-03-31\"",
            "s-1,7001,2026-01-05,,\n",
        )
        .with("sources/club.toml", SOURCE)
        .with(
            "exports/club.csv",
            "id,member,joined_on\nc-1,7001,2026-01-06\n",
        )
        .imported();
    for command in [
        "customer 7001",
        "identity explain 7001",
        "identity explain 7001 7001",
    ] {
        let (code, talk) = company.fails(command);
        assert_eq!(code, 3);
        assert!(
            talk.contains("AM0016") && talk.contains("go by this"),
            "{talk}"
        );
        assert!(
            talk.contains("member ") && talk.contains("subscriber "),
            "{talk}"
        );
    }
    let (_, talk) = company.fails("customer 7001 --json");
    let problem: Value = serde_json::from_str(&talk).unwrap();
    let detail = problem["error"]["detail"].as_str().unwrap();
    let ids: Vec<&str> = detail
        .split_whitespace()
        .filter(|word| word.len() == 32)
        .collect();
    assert_eq!(ids.len(), 2, "{detail}");
    assert_eq!(
        company.json(&format!("customer {}", ids[0]))["customer"],
        ids[0]
    );
}
