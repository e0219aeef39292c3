use std::error::Error;

use amends_model::Problem;

fn broken_disk() -> std::io::Error {
    std::io::Error::other("disk is full")
}

#[test]
fn a_problem_says_what_where_and_what_to_do() {
    let problem = Problem::new("AM0003", "there is no such time zone")
        .detail("\"CET+1\"")
        .hint("write an IANA name");
    assert_eq!(
        problem.to_string(),
        "there is no such time zone [AM0003]: \"CET+1\""
    );
    assert_eq!(
        (problem.code(), problem.message(), problem.hint_text()),
        (
            "AM0003",
            "there is no such time zone",
            Some("write an IANA name")
        )
    );
    assert!(problem.source().is_none());
}

#[test]
fn what_lies_underneath_is_told_and_kept() {
    let bare = Problem::new("AM0002", "no").because(broken_disk());
    assert_eq!(bare.detail_text().as_deref(), Some("disk is full"));
    let detailed = Problem::new("AM0002", "no")
        .detail("while sealing")
        .because(broken_disk());
    assert_eq!(
        detailed.detail_text().as_deref(),
        Some("while sealing: disk is full")
    );
    assert_eq!(
        detailed.source().map(ToString::to_string).as_deref(),
        Some("disk is full")
    );
    assert_eq!(Problem::new("AM0002", "no").to_string(), "no [AM0002]");
}
