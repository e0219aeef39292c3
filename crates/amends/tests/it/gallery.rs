//! `amends init --gallery`: every project of it is without mistakes, and all its tests pass.

use amends_testkit::tempfile;

use crate::program;

#[test]
fn every_project_of_the_gallery_passes_its_checks_and_tests_and_has_let_downs_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let (mut promises, mut shapes) = (0, std::collections::BTreeSet::new());
    for sector in amends_project::gallery() {
        program::text(folder.path(), &["init", sector, "--gallery", sector]);
        let project = folder.path().join(sector);
        let check = program::json(&project, &["check"]);
        assert_eq!(check["mistakes"], 0, "{sector}: {check}");
        assert_eq!(check["items"].as_array().unwrap().len(), 0, "{check}");
        let tests = program::json(&project, &["test"]);
        assert_eq!(tests["failed"], 0, "{sector}: {tests}");
        // Before an import the register is there as well.
        let register = program::json(&project, &["promises"]);
        assert!(register["as_of"].is_null());
        program::text(&project, &["import"]);
        let register = program::json(&project, &["promises"]);
        for item in register["items"].as_array().unwrap() {
            promises += 1;
            assert!(item["owner"].is_string(), "{item}");
            match item["shape"].as_str() {
                Some(shape) => {
                    shapes.insert(shape.to_owned());
                    assert!(item["exposed"].as_u64() > Some(0), "{sector}: {item}");
                    assert!(item["needs"].is_null());
                }
                None => assert!(item["needs"].is_string(), "{item}"),
            }
        }
    }
    assert!(promises >= 20, "{promises}");
    assert_eq!(shapes.len(), 9, "{shapes:?}");
}

#[test]
fn one_outage_is_one_incident_of_everybody_who_was_on_the_exchange_then() {
    let folder = tempfile::tempdir().unwrap();
    program::text(folder.path(), &["init", "net", "--gallery", "telecom"]);
    let project = folder.path().join("net");
    program::text(&project, &["import"]);
    let downs = program::json(&project, &["letdowns", "--promise", "line-up"]);
    let items = downs["items"].as_array().unwrap();
    let about: Vec<&str> = items
        .iter()
        .map(|item| item["about"].as_str().unwrap())
        .collect();
    assert_eq!(about.len(), 2, "{downs}");
    assert!(about.contains(&"l-1") && about.contains(&"l-2"));
    let told = program::text(&project, &["explain", "line-up/l-1"]);
    assert!(told.contains("it went down (outage began)"), "{told}");
    assert!(told.contains("1 other"), "{told}");
    // Doctor compares what is kept of every promise with a replay.
    program::text(&project, &["doctor"]);
}
