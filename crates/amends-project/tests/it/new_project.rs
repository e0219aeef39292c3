//! `amends init` writes a project that is right.

use std::fs;

use amends_testkit::tempfile::TempDir;

use crate::{load, shown};

#[test]
fn a_new_project_has_no_mistakes_and_its_exports_are_there() {
    let dir = TempDir::new().unwrap();
    let root = dir.path().join("new/project");
    let files = amends_project::init(&root).unwrap();
    assert!(files.iter().all(|file| root.join(file).is_file()));
    let ignored = fs::read_to_string(root.join(".gitignore")).unwrap();
    assert!(ignored.lines().any(|line| line == ".amends/"), "{ignored}");
    let (project, diagnostics) = load(&root);
    assert!(diagnostics.is_empty(), "{}", shown(&diagnostics));
    let project = project.unwrap();
    assert_eq!(project.data, root.join(".amends"));
    assert_eq!(project.company.customers_word, "riders");
    assert!(project.promises["first-answer"].tests.len() >= 3);
    for source in project.sources.values() {
        for file in source.files.values() {
            let text = fs::read_to_string(&file.path).unwrap();
            let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
            assert!(
                text.lines()
                    .all(|line| line.split(',').count() == header.len())
            );
            let named = file
                .columns
                .keys()
                .chain(&source.personal)
                .chain(&source.ignore);
            for column in named {
                assert!(header.contains(&column.as_str()), "{column}");
            }
        }
    }
}

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("mine.txt"), "mine").unwrap();
    let code = |path: &std::path::Path| amends_project::init(path).unwrap_err().code();
    assert_eq!(code(dir.path()), "AM0115");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    assert_eq!(code(&dir.path().join("mine.txt/project")), "AM0116");
    let repository = TempDir::new().unwrap();
    fs::create_dir(repository.path().join(".git")).unwrap();
    assert!(amends_project::init(repository.path()).is_ok());
    assert_eq!(code(repository.path()), "AM0115");
}

#[test]
fn a_project_of_the_gallery_is_written_by_its_name() {
    let dir = TempDir::new().unwrap();
    let shop = dir.path().join("shop");
    let files = amends_project::init_from_gallery(&shop, "shop").unwrap();
    assert!(
        files
            .iter()
            .any(|file| file.ends_with("parcel-unharmed.toml"))
    );
    let (project, diagnostics) = load(&shop);
    assert!(diagnostics.is_empty());
    assert_eq!(project.unwrap().unmeasured.len(), 1);
    let other = dir.path().join("other");
    let problem = amends_project::init_from_gallery(&other, "lifts").unwrap_err();
    assert_eq!(problem.code(), "AM0121");
    assert!(!other.exists());
}
