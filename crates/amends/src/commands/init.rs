//! `amends init`: a project that works, to start from.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use amends_model::Result;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::terminal::paint::{GOOD, QUIET, paint};

/// Writes a new project.
///
/// # Errors
/// `AM01..` when the folder is not empty or cannot be written.
pub(crate) fn run(dir: &Path, gallery: Option<&str>) -> Result<Outcome> {
    let files = match gallery {
        Some(sector) => amends_project::init_from_gallery(dir, sector)?,
        None => amends_project::init(dir)?,
    };
    Ok(Outcome::good(Written {
        dir: dir.to_owned(),
        files,
    }))
}

struct Written {
    dir: PathBuf,
    files: Vec<PathBuf>,
}

impl Answer for Written {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let dir = self.dir.display();
        writeln!(out, "{} a project in {dir}", paint(GOOD, "Wrote"))?;
        self.files
            .iter()
            .try_for_each(|file| writeln!(out, "  {}", paint(QUIET, file.display())))?;
        writeln!(
            out,
            "\nNext:\n  amends check --project {dir}    finds mistakes in the definitions"
        )?;
        writeln!(
            out,
            "  amends test --project {dir}     runs the tests inside the promises"
        )?;
        writeln!(
            out,
            "  amends import --project {dir}   reads the sample exports"
        )?;
        writeln!(
            out,
            "  amends card --project {dir}     shows the first card\n"
        )?;
        writeln!(out, "Then put your own exports in its place, file by file.")
    }

    fn json(&self) -> Value {
        json!({ "project": self.dir, "files": self.files })
    }
}
