//! `amends simulate`: an invented company with fractures planted in it, and the truth beside it.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use amends_model::Result;
use amends_simulator::{Settings, Summary, simulate};
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::arguments::Simulate;
use crate::terminal::number::{counted, whole};
use crate::terminal::paint::{GOOD, QUIET, paint};
use crate::terminal::progress::Bar;

/// Writes the company.
///
/// # Errors
/// `AM09..` when the folder is not empty or cannot be written.
pub(crate) fn run(arguments: &Simulate) -> Result<Outcome> {
    let settings = Settings::new(arguments.customers, arguments.months as u32, arguments.seed);
    let settings = match &arguments.plant {
        Some(plants) => settings.with(plants.parse()?),
        None => settings,
    };
    let bar = Bar::new("simulating", Arc::new(AtomicBool::new(false)));
    let summary = simulate(&settings, &arguments.out, &mut |done, of| {
        bar.show(done, of, |_| format!("{} customers", whole(done)));
    });
    bar.finish();
    Ok(Outcome::good(Simulated {
        out: arguments.out.clone(),
        summary: summary?,
    }))
}

struct Simulated {
    out: PathBuf,
    summary: Summary,
}

impl Answer for Simulated {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        let rows = self.summary.files.iter().map(|file| file.rows).sum();
        let dir = self.out.display();
        writeln!(
            out,
            "{} {} in {dir}",
            paint(GOOD, "Wrote"),
            counted(rows, "record", "records")
        )?;
        for file in &self.summary.files {
            writeln!(out, "  {:<22} {:>12}", file.name, whole(file.rows))?;
        }
        writeln!(
            out,
            "{}",
            paint(
                QUIET,
                "  truth/ holds what really happened: let-downs, memberships, customer math"
            )
        )?;
        writeln!(
            out,
            "\nNext:\n  amends import --project {dir}/project\n  amends card --project {dir}/project"
        )
    }

    fn json(&self) -> Value {
        json!({ "out": self.out, "summary": self.summary })
    }
}
