//! The map in ARCHITECTURE.md shows the crates of the workspace: all of them, and no other.

use super::repository::{Finding, Repository};

const FILE: &str = "ARCHITECTURE.md";
const HEADING: &str = "## Map";

pub(crate) fn check(repository: &Repository) -> Vec<Finding> {
    let Some(file) = repository.file(FILE) else {
        return vec![Finding::new(
            FILE,
            1,
            "is missing: write the map of the crates",
        )];
    };
    let lines = file
        .lines()
        .skip_while(|(_, line)| !line.starts_with(HEADING))
        .skip(1)
        .take_while(|(_, line)| !line.starts_with("## "));
    let shown: Vec<(usize, &str)> = lines
        .filter_map(|(number, line)| {
            let name = line.strip_prefix("| `")?.split('`').next()?;
            Some((number, name))
        })
        .collect();
    let start = file.line_of(HEADING);
    let missing = repository
        .crates
        .iter()
        .filter(|known| !shown.iter().any(|(_, name)| *name == known.name))
        .map(|known| {
            let row = format!(
                "the map lacks {}: add a row \"| `{}` | ...\"",
                known.name, known.name
            );
            Finding::new(FILE, start, row)
        });
    let gone = shown
        .iter()
        .filter(|(_, name)| !repository.crates.iter().any(|known| known.name == *name))
        .map(|(line, name)| {
            Finding::new(
                FILE,
                *line,
                format!("the map shows {name}, which is no crate: remove the row"),
            )
        });
    missing.chain(gone).collect()
}

#[cfg(test)]
mod tests {
    use super::super::repository::File;
    use super::super::repository::samples::{of_crates, printed};
    use super::*;

    #[test]
    fn the_map_and_the_workspace_agree() {
        let mut repository = of_crates(&[("amends-model", &[]), ("amends-vault", &[])]);
        assert_eq!(check(&repository).len(), 1);
        let text = "# Map\n## Map\n| `amends-model` | nouns |\n| `amends-core` | all |\n## Else\n| `x` | |\n";
        repository.files = vec![File::new(FILE, text)];
        let found = printed(&check(&repository));
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with("ARCHITECTURE.md:2: the map lacks amends-vault"));
        assert!(found[1].starts_with("ARCHITECTURE.md:4: the map shows amends-core"));
    }
}
