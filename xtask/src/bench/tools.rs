//! What has to be there before anything is measured: the program built for release, and a Python with what it is held against.

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

/// What pip installs from PyPI.
pub(super) struct Package {
    /// How Python imports it.
    module: &'static str,
    /// How pip is asked for it.
    requirement: &'static str,
}

pub(super) const DUCKDB: Package = Package {
    module: "duckdb",
    requirement: "duckdb",
};
pub(super) const PYSUBGROUP: Package = Package {
    module: "pysubgroup",
    requirement: "pysubgroup==0.8.0",
};

/// The Python of an environment below the target folder that has some packages; makes what is missing.
///
/// # Errors
/// What has to be installed.
pub(super) fn python(target: &Path, packages: &[Package]) -> Result<PathBuf, String> {
    let environment = target.join("bench-python");
    let python = environment.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    let folder = environment.to_string_lossy();
    let has = |what: &str| {
        works(
            &python.to_string_lossy(),
            &["-c", &format!("import {what}")],
        )
    };
    if !has("pip") {
        if !works("python3", &["-c", "import ensurepip, venv"]) {
            return Err(
                "missing: python3 with venv and pip, in which the other side runs; install your system's packages \
                 `python3`, `python3-venv` and `python3-pip`"
                    .into(),
            );
        }
        std::fs::create_dir_all(target)
            .map_err(|error| format!("{}: {error}", target.display()))?;
        done(target, "python3", &["-m", "venv", &folder])?;
    }
    for Package {
        module,
        requirement,
    } in packages
    {
        if has(module) {
            continue;
        }
        let pip = ["-m", "pip", "install", "--quiet", requirement];
        done(target, &python.to_string_lossy(), &pip).map_err(|error| {
            format!("{error}\nmissing: {requirement}, which pip installs from PyPI into {folder}")
        })?;
        if !has(module) {
            return Err(format!(
                "{requirement} was installed into {folder}, but Python cannot import it"
            ));
        }
    }
    Ok(python)
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
