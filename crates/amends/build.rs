//! Gathers the pages of the error codes, so that `amends help AM0402` needs no files beside the program.

#![allow(
    clippy::disallowed_methods,
    reason = "cargo tells a build script where to write by a variable"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    // Asked for when it runs: clones that share a target folder share this script.
    let crate_of = env::var_os("CARGO_MANIFEST_DIR");
    let crate_of = crate_of.ok_or_else(|| io::Error::other("cargo sets CARGO_MANIFEST_DIR"))?;
    let root = Path::new(&crate_of).join("../../docs/errors");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut pages: Vec<PathBuf> = fs::read_dir(&root)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    pages.sort();
    let mut code = String::from(
        "/// The page of each error code.\nstatic ERROR_PAGES: &[(&str, &str)] = &[\n",
    );
    for page in pages {
        let name = page
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default();
        writeln!(
            code,
            "    ({name:?}, include_str!({:?})),",
            page.canonicalize()?
        )
        .map_err(io::Error::other)?;
    }
    code.push_str("];\n");
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(PathBuf::from(out).join("error_pages.rs"), code)
}
