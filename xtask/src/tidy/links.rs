//! Links between our pages lead to a file, and to a heading that is there.

use std::sync::LazyLock;

use regex::Regex;

use super::repository::{File, Finding, Repository};
use super::sql::resolve;

static LINK: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\]\(([^()\s]+)(?:\s[^()]*)?\)").ok());

pub(crate) fn check(repository: &Repository) -> Vec<Finding> {
    repository
        .under("", ".md")
        .flat_map(|file| {
            let links = links(file);
            links
                .into_iter()
                .filter_map(|(line, target)| {
                    let why = broken(repository, file, &target)?;
                    Some(Finding::new(&file.path, line, why))
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The targets of a page's links, code blocks aside.
fn links(file: &File) -> Vec<(usize, String)> {
    let mut in_code = false;
    let mut found = Vec::new();
    for (number, line) in file.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        let matches = LINK.iter().flat_map(|link| link.captures_iter(line));
        if !in_code {
            found.extend(matches.map(|link| (number, link[1].to_owned())));
        }
    }
    found
}

fn broken(repository: &Repository, from: &File, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, heading) = target.split_once('#').unwrap_or((target, ""));
    let path = if path.is_empty() {
        from.path.clone()
    } else {
        match resolve(&from.path, path) {
            Some(path) => path,
            None => return Some(format!("{target} leads out of the repository")),
        }
    };
    let folder = format!("{path}/");
    match repository.file(&path) {
        None if repository
            .files
            .iter()
            .any(|file| file.path.starts_with(&folder)) =>
        {
            None
        }
        None => Some(format!("{target} leads to {path}, which is not there")),
        Some(page) if !heading.is_empty() && !has_heading(page, heading) => {
            Some(format!("{path} has no heading #{heading}"))
        }
        Some(_) => None,
    }
}

fn has_heading(page: &File, anchor: &str) -> bool {
    page.lines().any(|(_, line)| {
        let title = line.trim_start_matches('#');
        title.len() < line.len() && slug(title.trim()) == anchor
    })
}

/// The anchor of a heading, as hosts of repositories make it.
fn slug(title: &str) -> String {
    title
        .to_lowercase()
        .chars()
        .filter_map(|sign| match sign {
            ' ' => Some('-'),
            '-' | '_' => Some(sign),
            sign if sign.is_alphanumeric() => Some(sign),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::repository::samples::{of_files, printed};
    use super::*;

    #[test]
    fn links_that_lead_nowhere_are_found() {
        let page = "[a](docs/a.md) [b](docs/b.md) [c](docs/a.md#the-words) [d](docs/a.md#none)\n[e](https://example.com) [f](docs) [g](#top)\n```\n[h](nowhere.md)\n```\n# Top\n";
        let found = printed(&check(&of_files(&[
            ("README.md", page),
            (
                "docs/a.md",
                "# A\n\n## The `words`\n[up](../README.md) [out](../../x.md)\n",
            ),
        ])));
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].contains("docs/b.md, which is not there"));
        assert!(found[1].contains("no heading #none"));
        assert!(found[2].contains("leads out of the repository"));
    }
}
