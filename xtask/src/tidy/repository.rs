//! What the rules look at: the files under version control and the crates of the workspace.

use std::fmt;
use std::path::Path;
use std::process::Command;

use cargo_metadata::{DependencyKind, MetadataCommand};

use super::rust::RustText;

/// A place where a rule is broken, with what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    path: String,
    line: usize,
    message: String,
}

impl Finding {
    pub(crate) fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            line,
            message: message.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// A text file under version control, or about to be.
pub(crate) struct File {
    /// Its path below the top, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
    /// What it says as Rust; `None` for other files, and for one that is no Rust.
    pub(crate) rust: Option<RustText>,
}

impl File {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let rust = path
            .ends_with(".rs")
            .then(|| RustText::read(text))
            .flatten();
        Self {
            path: path.into(),
            text: text.into(),
            rust,
        }
    }

    /// Its lines with their numbers, from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line))
    }

    /// The number of the first line that holds these words, else 1.
    pub(crate) fn line_of(&self, words: &str) -> usize {
        self.lines()
            .find(|(_, line)| line.contains(words))
            .map_or(1, |(number, _)| number)
    }
}

/// A crate of the workspace.
pub(crate) struct Crate {
    pub(crate) name: String,
    /// The path of its manifest below the top.
    pub(crate) manifest: String,
    pub(crate) uses: Vec<Use>,
}

/// A dependency of a crate.
pub(crate) struct Use {
    pub(crate) name: String,
    /// Whether only its tests use it.
    pub(crate) tests_only: bool,
}

/// The repository as the rules see it.
#[derive(Default)]
pub(crate) struct Repository {
    pub(crate) files: Vec<File>,
    pub(crate) crates: Vec<Crate>,
}

impl Repository {
    /// Reads the files that git knows or would take, and asks cargo for the crates.
    ///
    /// # Errors
    /// A sentence when git or cargo cannot answer.
    pub(crate) fn read(root: &Path) -> Result<Self, String> {
        Ok(Self {
            files: files(root)?,
            crates: crates(root)?,
        })
    }

    /// The file of a path.
    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The files below a folder that end in a certain way.
    pub(crate) fn under<'a>(
        &'a self,
        folder: &'a str,
        ending: &'a str,
    ) -> impl Iterator<Item = &'a File> {
        self.files
            .iter()
            .filter(move |file| file.path.starts_with(folder) && file.path.ends_with(ending))
    }
}

fn files(root: &Path) -> Result<Vec<File>, String> {
    let arguments = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ];
    let output = Command::new("git")
        .args(arguments)
        .current_dir(root)
        .output()
        .map_err(|error| format!("cannot run git: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let listing = String::from_utf8_lossy(&output.stdout);
    let mut paths: Vec<&str> = listing
        .split('\0')
        .filter(|path| !path.is_empty())
        .collect();
    paths.sort_unstable();
    paths.dedup();
    // A path that is gone was deleted and not yet staged; one that is no text is no business of these rules.
    Ok(paths
        .into_iter()
        .filter_map(|path| {
            let text = std::fs::read_to_string(root.join(path)).ok()?;
            Some(File::new(path, &text))
        })
        .collect())
}

fn crates(root: &Path) -> Result<Vec<Crate>, String> {
    let metadata = MetadataCommand::new()
        .current_dir(root)
        .no_deps()
        .exec()
        .map_err(|error| format!("cargo metadata: {error}"))?;
    let top = metadata.workspace_root.clone();
    let crates = metadata.packages.iter().map(|package| Crate {
        name: package.name.to_string(),
        manifest: package
            .manifest_path
            .strip_prefix(&top)
            .unwrap_or(&package.manifest_path)
            .to_string(),
        uses: package
            .dependencies
            .iter()
            .map(|dependency| Use {
                name: dependency.name.clone(),
                tests_only: dependency.kind == DependencyKind::Development,
            })
            .collect(),
    });
    Ok(crates.collect())
}

#[cfg(test)]
pub(crate) mod samples {
    //! Small repositories for the tests of the rules.

    use super::*;

    /// A repository of files alone.
    pub(crate) fn of_files(files: &[(&str, &str)]) -> Repository {
        Repository {
            files: files
                .iter()
                .map(|(path, text)| File::new(path, text))
                .collect(),
            ..Repository::default()
        }
    }

    /// A repository of crates alone: a name and what it uses; `test:` before a name says that only tests do.
    pub(crate) fn of_crates(crates: &[(&str, &[&str])]) -> Repository {
        Repository {
            crates: crates
                .iter()
                .map(|(name, uses)| of_crate(name, uses))
                .collect(),
            ..Repository::default()
        }
    }

    fn of_crate(name: &str, uses: &[&str]) -> Crate {
        let uses = uses.iter().map(|used| match used.strip_prefix("test:") {
            Some(name) => Use {
                name: name.into(),
                tests_only: true,
            },
            None => Use {
                name: (*used).into(),
                tests_only: false,
            },
        });
        Crate {
            name: name.into(),
            manifest: format!("crates/{name}/Cargo.toml"),
            uses: uses.collect(),
        }
    }

    /// The findings as they are printed.
    pub(crate) fn printed(findings: &[Finding]) -> Vec<String> {
        findings.iter().map(ToString::to_string).collect()
    }
}
