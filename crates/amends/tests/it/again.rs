//! A promise is made once about a thing: what would open it again is counted.

use crate::invented::Invented;

const DESK: &str = r#"
[source.desk]
says = "Letters and what became of them"
main = "rows"
key = "row"
complete-until = "2026-03-31"

[source.desk.file.rows]
path = "exports/desk.csv"

[source.desk.file.rows.columns]
wrote = "timestamp"
answered = "timestamp"

[[source.desk.event]]
kind = "wrote"
at = "wrote"
about = "letter"
identifiers = { subscriber = "who" }

[[source.desk.event]]
kind = "answered"
at = "answered"
about = "letter"
identifiers = { subscriber = "who" }
"#;

const PROMISE: &str = r#"
[promise.answer]
says = "Whoever writes to us has an answer within two days"
made-by = "desk"
opens = { on = "wrote" }
kept = { on = "answered" }
by = "2 days"
"#;

const ROWS: &str = "row,letter,who,wrote,answered
1,l-1,ana,2026-03-02 09:00:00,2026-03-03 09:00:00
2,l-1,ana,2026-03-09 09:00:00,
3,l-1,ana,2026-03-16 09:00:00,
4,l-2,bo,2026-03-02 09:00:00,
";

#[test]
fn events_that_would_open_a_promise_again_are_counted() {
    let company = Invented::with_customers()
        .subscriptions("billing", "", "s-1,ana,2026-01-05,,\ns-2,bo,2026-01-05,,\n")
        .with("sources/desk.toml", DESK)
        .with("exports/desk.csv", ROWS)
        .with("promises/answer.toml", PROMISE)
        .imported();
    let line = "2 opening events of answer opened nothing: the first about a thing opens its only instance";
    for command in ["letdowns", "letdowns --promise answer"] {
        let said = company.text(&format!("{command} --as-of 2026-03-31"));
        assert!(said.lines().any(|said| said == line), "{said}");
    }
    let every = company.json("letdowns --as-of 2026-03-31");
    let one = company.json("letdowns --promise answer --as-of 2026-03-31");
    for answer in [&every["promises"][0], &one] {
        assert_eq!(answer["exposed"], 2, "{answer}");
        assert_eq!(answer["left_out"]["again"], 2, "{answer}");
        assert_eq!(answer["left_out"]["without_about"], 0, "{answer}");
    }
    let before = company.text("letdowns --as-of 2026-03-05");
    assert!(!before.contains("opened nothing"), "{before}");
}
