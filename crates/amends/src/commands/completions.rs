//! `amends completions`: what a shell needs to complete commands.

use std::io::{self, Write};

use amends_model::Result;
use clap::CommandFactory;
use clap_complete::Shell;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::arguments::Arguments;

/// Writes the completions of a shell.
///
/// # Errors
/// None.
pub(crate) fn run(shell: Shell) -> Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "amends", &mut script);
    Ok(Outcome::good(Script(
        String::from_utf8_lossy(&script).into_owned(),
    )))
}

struct Script(String);

impl Answer for Script {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self.0.as_bytes())
    }

    fn json(&self) -> Value {
        json!({ "script": self.0 })
    }

    fn is_document(&self) -> bool {
        true
    }
}
