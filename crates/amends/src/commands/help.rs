//! `amends help`: the page of an error code, the help of a command, or the whole reference.

use std::fmt::Write as _;
use std::io::{self, Write};

use amends_model::{Problem, Result};
use clap::{Command, CommandFactory};
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::arguments::Arguments;

include!(concat!(env!("OUT_DIR"), "/error_pages.rs"));

/// Explains a topic.
///
/// # Errors
/// `AM0013` when there is no such topic.
pub(crate) fn run(topic: &[String], markdown: bool) -> Result<Outcome> {
    if markdown {
        return Ok(Outcome::good(Page(reference())));
    }
    let Some((first, rest)) = topic.split_first() else {
        return Ok(Outcome::good(Page(
            Arguments::command().render_long_help().ansi().to_string(),
        )));
    };
    let code = first.to_ascii_uppercase();
    let page = ERROR_PAGES.iter().find(|(name, _)| *name == code);
    if let Some((_, page)) = page.filter(|_| rest.is_empty()) {
        return Ok(Outcome::good(Page((*page).to_owned())));
    }
    let mut program = Arguments::command();
    program.build();
    let command = topic.iter().try_fold(&mut program, |command, word| {
        command.find_subcommand_mut(word)
    });
    match command {
        Some(command) => Ok(Outcome::good(Page(
            command.render_long_help().ansi().to_string(),
        ))),
        None => Err(Problem::new("AM0013", "there is no help on this")
            .detail(format!("{:?}", topic.join(" ")))
            .hint(
                "name an error code such as AM0402, or a command; `amends help` lists the commands",
            )),
    }
}

/// The command reference as Markdown, made from the definitions of the arguments.
pub(crate) fn reference() -> String {
    let mut program = Arguments::command();
    program.build();
    let mut text = String::from(
        "# Commands\n\nMade from the program itself by `cargo xtask gen`; a test fails when it is out of date.\n",
    );
    let options = program
        .clone()
        .term_width(100)
        .render_long_help()
        .to_string();
    section(&mut text, 2, "amends", &options);
    for command in program
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
    {
        describe(&mut text, command, 2, "amends");
    }
    text
}

fn describe(text: &mut String, command: &Command, depth: usize, above: &str) {
    let name = format!("{above} {}", command.get_name());
    section(
        text,
        depth,
        &name,
        &command
            .clone()
            .term_width(100)
            .render_long_help()
            .to_string(),
    );
    for inner in command
        .get_subcommands()
        .filter(|inner| inner.get_name() != "help")
    {
        describe(text, inner, depth + 1, &name);
    }
}

fn section(text: &mut String, depth: usize, name: &str, help: &str) {
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    // Writing to a String cannot fail.
    let _written = write!(
        text,
        "\n{} {name}\n\n```text\n{}\n```\n",
        "#".repeat(depth),
        help.join("\n").trim_end()
    );
}

struct Page(String);

impl Answer for Page {
    fn show(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.0.trim_end())
    }

    fn json(&self) -> Value {
        json!({ "page": self.0 })
    }

    fn is_document(&self) -> bool {
        true
    }
}
