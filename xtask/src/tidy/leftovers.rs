//! Nothing is left open: no code to be written later, no ignored test, no note to ourselves.

use super::repository::{File, Finding, Repository};

/// Macros that stand for code not written, or for looking at a value once.
const MACROS: [&str; 3] = ["todo", "unimplemented", "dbg"];

/// Notes to ourselves; put together here so that this file passes its own rule.
const NOTES: [&str; 3] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
];

pub(crate) fn check(repository: &Repository) -> Vec<Finding> {
    let texts = repository
        .files
        .iter()
        .filter(|file| file.path != "LICENSE" && file.path != "Cargo.lock");
    texts
        .flat_map(|file| code(file).into_iter().chain(notes(file)))
        .collect()
}

fn code(file: &File) -> Vec<Finding> {
    let Some(rust) = &file.rust else {
        return Vec::new();
    };
    let macros = rust
        .macros
        .iter()
        .filter(|name| MACROS.contains(&name.words.as_str()))
        .map(|name| {
            let message = format!("{}! is left: write the code, or take it out", name.words);
            Finding::new(&file.path, name.line, message)
        });
    let ignored = rust
        .attributes
        .iter()
        .filter(|attribute| attribute.words == "ignore" || attribute.words.starts_with("ignore ="))
        .map(|attribute| {
            let message = "an ignored test proves nothing: mend it or remove it";
            Finding::new(&file.path, attribute.line, message)
        });
    macros.chain(ignored).collect()
}

fn notes(file: &File) -> Vec<Finding> {
    file.lines()
        .filter_map(|(number, line)| {
            let words = line.split(|sign: char| !sign.is_ascii_alphanumeric());
            let note = words.into_iter().find(|word| NOTES.contains(word))?;
            let message = format!("{note} is left: do it, or say why it is as it is");
            Some(Finding::new(&file.path, number, message))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::repository::samples::{of_files, printed};
    use super::*;

    #[test]
    fn open_ends_are_found_in_code_and_not_in_strings() {
        let text =
            "fn f() { todo!() }\n#[test]\n#[ignore = \"slow\"]\nfn g() { dbg!(1); \"todo!()\"; }\n";
        let found = printed(&check(&of_files(&[("a.rs", text)])));
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].starts_with("a.rs:1: todo!"));
        assert!(found[1].starts_with("a.rs:4: dbg!"));
        assert!(found[2].starts_with("a.rs:3: an ignored test"));
    }

    #[test]
    fn notes_to_ourselves_are_found_anywhere() {
        let note = format!("fine\n# {}: later\n", NOTES[0]);
        assert_eq!(check(&of_files(&[("a.toml", &note)])).len(), 1);
        assert!(check(&of_files(&[("a.md", "a TODOs-like word in todo lists\n")])).is_empty());
    }
}
