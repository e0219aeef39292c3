//! Each case in `cases/` is a project with mistakes; what is said of them is pinned beside it.
//!
//! A case is the files of a project one after another, each below a line `--- path`. Without an amends.toml it has one that is right.

use std::fs;
use std::path::Path;

use amends_testkit::insta;

use crate::{COMPANY, folder, load, shown};

fn files(case: &str) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, String)> = Vec::new();
    for line in case.split_inclusive('\n') {
        match (line.strip_prefix("--- "), files.last_mut()) {
            (Some(path), _) => files.push((path.trim().to_owned(), String::new())),
            (None, Some((_, text))) => text.push_str(line),
            (None, None) => {}
        }
    }
    if !files.iter().any(|(path, _)| path.starts_with("amends.t")) {
        files.push(("amends.toml".into(), COMPANY.into()));
    }
    files
        .into_iter()
        .map(|(path, text)| (path, text.into_bytes()))
        .collect()
}

#[test]
fn every_mistake_of_a_project_is_told_at_once() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases");
    let mut names: Vec<_> = fs::read_dir(&cases)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.retain(|path| path.extension().is_some_and(|ending| ending == "case"));
    names.sort();
    assert!(names.len() >= 8);
    for path in names {
        let dir = folder(&files(&fs::read_to_string(&path).unwrap()));
        let (project, diagnostics) = load(dir.path());
        let stopped = diagnostics.iter().any(|diagnostic| !diagnostic.is_warning);
        assert_eq!(project.is_none(), stopped, "{}", path.display());
        let told = shown(&diagnostics).replace(&dir.path().display().to_string(), "FOLDER");
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(&cases);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name, told));
    }
}

#[test]
fn every_code_is_told_by_some_case() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases");
    let told: String = fs::read_dir(&cases)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "snap"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    for code in (101..=114).chain(117..=120).chain([130]) {
        assert!(
            told.contains(&format!("[AM{code:04}]")),
            "no case tells AM{code:04}"
        );
    }
}

#[test]
fn a_file_that_is_no_text_and_a_folder_that_is_no_project_are_named() {
    let dir = folder(&[("amends.toml".into(), b"version = 1\n# \xff\n".to_vec())]);
    let (project, diagnostics) = load(dir.path());
    assert!(project.is_none());
    assert_eq!(
        diagnostics[0].to_string().lines().next(),
        Some("amends.toml:2:3: mistake [AM0101]: this file is not UTF-8 text")
    );
    let (project, diagnostics) = load(&dir.path().join("nowhere"));
    assert!(project.is_none());
    assert_eq!((diagnostics.len(), diagnostics[0].code), (1, "AM0101"));
}

#[test]
fn a_mistake_in_sql_has_its_place_in_the_file() {
    use amends_expressions::PlanError;
    use amends_project::{Diagnostic, Place, Sql};

    let place = Place {
        file: "a.toml".into(),
        line: 7,
        column: 12,
    };
    let sql = Sql {
        text: "x +\n  y".into(),
        place,
    };
    let place = |at| {
        let error = PlanError {
            message: "no".into(),
            words: Some("y".into()),
            at,
            suggestion: None,
        };
        let place = Diagnostic::of_sql(&sql, &error).place;
        (place.line, place.column)
    };
    assert_eq!(place(Some((1, 3))), (7, 14));
    assert_eq!(place(Some((2, 3))), (8, 3));
    assert_eq!(place(None), (7, 12));
}
