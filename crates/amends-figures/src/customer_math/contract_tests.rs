//! What [`super::contract`] settles, case by case.

use amends_model::IdentifierId;
use amends_project::definition::{Cause, Nature, ReasonClass};

use super::fold::memberships;
use super::{Contract, Entry, Meaning, Reason, Reasons, Remarks, Rule, Sign};

/// A story such as `+1@3 -1@8 -@9`: contract 1 begins at 3 and ends at 8, everything ends at 9. A reason follows a colon.
fn told(story: &str) -> (Vec<String>, Remarks) {
    let mut reasons = Reasons::new(&[ReasonClass {
        reasons: vec!["moved".into()],
        nature: Nature::Natural,
        cause: Cause::Life,
    }]);
    let signs: Vec<Sign> = story
        .split_whitespace()
        .map(|word| {
            let (what, reason) = word.split_once(':').unwrap_or((word, ""));
            let (contract, at) = what[1..].split_once('@').unwrap();
            Sign {
                customer: IdentifierId([1; 16]),
                at: at.parse().unwrap(),
                meaning: if what.starts_with('+') {
                    Meaning::Begins
                } else {
                    Meaning::Ends
                },
                contract: Contract(contract.parse().unwrap_or(0)),
                reason: reasons.meet(reason),
            }
        })
        .collect();
    let (memberships, remarks) = memberships(Rule::Contract, 1_000, &signs, &reasons).unwrap();
    let shown = memberships
        .iter()
        .map(|one| {
            let start = one.start.map_or("?".into(), |start| start.to_string());
            let entry = match one.entry {
                Entry::Before => "before",
                Entry::New => "new",
                Entry::Returned => "returned",
            };
            match one.leaving {
                None => format!("{entry} {start}.."),
                Some(leaving) if leaving.reason == Reason::NONE => {
                    format!("{entry} {start}..{}", leaving.at)
                }
                Some(leaving) => format!(
                    "{entry} {start}..{} {} {:?}",
                    leaving.at,
                    reasons.words(leaving.reason),
                    leaving.nature
                ),
            }
        })
        .collect();
    (shown, remarks)
}

#[track_caller]
fn check(story: &str, expected: &[&str]) -> Remarks {
    let (shown, remarks) = told(story);
    assert_eq!(shown, expected, "{story}");
    remarks
}

#[test]
fn a_customer_is_lost_with_the_last_contract() {
    check("+1@1 +2@3 -1@5 -2@9:moved", &["new 1..9 moved Natural"]);
    check("+1@1 -1@5 +2@7", &["new 1..5", "returned 7.."]);
    check("+1@1 +1@2 -1@5:dear -1@6:moved", &["new 1..5 dear Unknown"]);
}

#[test]
fn changing_contracts_at_one_moment_loses_nobody() {
    check("+1@1 -1@5 +2@5", &["new 1.."]);
    check("+1@1 -1@5 +1@5 -1@8", &["new 1..8"]);
    check("+1@1 -@5 +2@5", &["new 1.."]);
}

#[test]
fn a_contract_that_begins_and_ends_at_once_is_joined_and_left() {
    check("+1@4 -1@4:moved", &["new 4..4 moved Natural"]);
    check("+1@4 -1@4 +2@4", &["new 4.."]);
}

#[test]
fn leaving_without_naming_a_contract_ends_them_all() {
    check("+1@1 +2@2 -@6:moved", &["new 1..6 moved Natural"]);
    let remarks = check("+1@1 -@6 -@7", &["new 1..6"]);
    assert_eq!(remarks.stray_ends, 1);
}

#[test]
fn of_reasons_at_one_moment_a_stated_one_counts() {
    check("+1@1 +2@1 -1@6 -2@6:moved", &["new 1..6 moved Natural"]);
    check("+1@1 +2@1 -1@5:dear -2@6", &["new 1..6"]);
}

#[test]
fn an_end_before_its_beginning_is_the_moment_of_beginning() {
    let remarks = check("-1@3:moved +1@5", &["new 5..5 moved Natural"]);
    assert_eq!((remarks.ended_before_begun, remarks.stray_ends), (1, 0));
    let remarks = check("-1@3 +1@5 -1@9", &["new 5..9"]);
    assert_eq!((remarks.ended_before_begun, remarks.stray_ends), (0, 1));
}

#[test]
fn an_end_without_a_beginning_tells_of_a_customer_from_before_the_book() {
    let remarks = check("-1@3:moved", &["before ?..3 moved Natural"]);
    assert_eq!(remarks.known_before, 1);
    check("-1@3 +2@5", &["before ?..3", "returned 5.."]);
    check("-1@5 +2@5", &["before ?.."]);
    check("-@3 +2@5", &["before ?..3", "returned 5.."]);
    let remarks = check("+2@1 -1@3", &["new 1.."]);
    assert_eq!((remarks.known_before, remarks.stray_ends), (0, 1));
}
