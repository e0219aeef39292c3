//! Who does not want to write the whole id of a let-down writes how it begins, as long as one thing alone begins so.

use crate::fractures::{PROMISE, broken};
use crate::invented::Invented;

/// Two tubs that came late, and a jar that came late and was complained about.
fn company() -> Invented {
    let company = broken();
    let orders = "id,who,placed,arrived,complained,refunded,depot,carrier,product,weight\n\
        tub-small,w-1,2026-01-05T12:00:00,2026-01-12T12:00:00,,,Saltmere,Swiftfoot,bar,3\n\
        tub-large,w-2,2026-01-06T12:00:00,2026-01-13T12:00:00,,,Saltmere,Swiftfoot,bar,3\n\
        jar-blue,w-3,2026-01-20T12:00:00,2026-02-20T12:00:00,2026-02-10T12:00:00,,Saltmere,Swiftfoot,bar,3\n";
    company.write("exports/shop.csv", orders);
    company.text("import shop");
    company
}

#[test]
fn a_beginning_that_two_things_share_names_both_and_tells_neither() {
    let company = company();
    let (exit, talk) = company.fails("explain parcel/tub-");
    assert_eq!(exit, 3, "{talk}");
    assert!(
        talk.contains("AM0016") && talk.contains("several things begin like that"),
        "{talk}"
    );
    assert!(
        talk.contains("tub-large") && talk.contains("tub-small"),
        "{talk}"
    );
    assert!(!talk.contains("jar-blue"), "{talk}");
    // One letter more, and it is one.
    for (beginning, whole) in [("tub-s", "tub-small"), ("tub-l", "tub-large")] {
        let told = company.json(&format!("explain parcel/{beginning}"));
        assert_eq!(told["id"], format!("parcel/{whole}"));
    }
    // Nothing begins so, and less than four letters are no beginning.
    for (wrong, said) in [("pail-", "never made"), ("tub", "never made")] {
        let (_, talk) = company.fails(&format!("explain parcel/{wrong}"));
        assert!(talk.contains("AM0016") && talk.contains(said), "{talk}");
    }
}

#[test]
fn a_thing_that_two_definitions_judge_is_one_that_begins_so() {
    let company = company();
    company.json("plan --in-force --approver Ada");
    let complained = PROMISE.replace("opens = \"ordered\"", "opens = \"complained\"");
    let (complained, _) = complained.split_once("where =").unwrap();
    company.write("promises/parcel.toml", complained);
    company.json("plan --in-force --approver Ada --from 2026-02-01");
    let told = company.json("explain parcel/jar-");
    assert_eq!(told["id"], "parcel/jar-blue");
    assert_eq!(told, company.json("explain parcel/jar-blue"));
    // The order of January by the first definition, the complaint of February by the second.
    let sentences = told["sentences"].to_string();
    let promised = sentences.matches("promised, about jar-blue").count();
    assert_eq!(promised, 2, "{sentences}");
}
