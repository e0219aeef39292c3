//! What has to be there before anything is measured: the program built for release, and a Python with DuckDB.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{cargo, works};

/// Builds the program for release, with the features of the whole workspace, and says where it is.
///
/// # Errors
/// When it does not build.
pub(super) fn release(root: &Path, target: &Path) -> Result<PathBuf, String> {
    done(root, &cargo(), &["build", "--release", "--bin", "amends"])?;
    let name = format!("amends{}", std::env::consts::EXE_SUFFIX);
    Ok(target.join("release").join(name))
}

/// Builds an example of the workspace for release, and says where it is.
///
/// # Errors
/// When it does not build.
pub(super) fn example(root: &Path, target: &Path, name: &str) -> Result<PathBuf, String> {
    done(root, &cargo(), &["build", "--release", "--example", name])?;
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    Ok(target.join("release/examples").join(file))
}

/// The Python of an environment below the target folder that has DuckDB; makes it where it is missing.
///
/// # Errors
/// What has to be installed.
pub(super) fn python_with_duckdb(target: &Path) -> Result<PathBuf, String> {
    let environment = target.join("bench-python");
    let python = environment.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    let has_duckdb = |python: &Path| works(&python.to_string_lossy(), &["-c", "import duckdb"]);
    if has_duckdb(&python) {
        return Ok(python);
    }
    if !works("python3", &["-c", "import ensurepip, venv"]) {
        return Err(
            "missing: python3 with venv and pip, in which DuckDB runs; install your system's packages \
             `python3`, `python3-venv` and `python3-pip`"
                .into(),
        );
    }
    let folder = environment.to_string_lossy();
    std::fs::create_dir_all(target).map_err(|error| format!("{}: {error}", target.display()))?;
    done(target, "python3", &["-m", "venv", &folder])?;
    let pip = ["-m", "pip", "install", "--quiet", "duckdb"];
    done(target, &python.to_string_lossy(), &pip).map_err(|error| {
        format!("{error}\nmissing: DuckDB, which pip installs from PyPI into {folder}")
    })?;
    if has_duckdb(&python) {
        return Ok(python);
    }
    Err(format!(
        "DuckDB was installed into {folder}, but Python cannot import it"
    ))
}

/// Runs a command, having shown it; what it says goes to the terminal and not among the answers.
fn done(folder: &Path, program: &str, arguments: &[&str]) -> Result<(), String> {
    let line = format!("{program} {}", arguments.join(" "));
    eprintln!("$ {line}");
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdout(std::io::stderr())
        .status()
        .map_err(|error| format!("cannot run {line}: {error}"))?;
    if output.success() {
        Ok(())
    } else {
        Err(format!("failed ({output}): {line}"))
    }
}
