//! What a command answers, and the exit code that goes with it.

use std::io::{self, Write};
use std::process::ExitCode;

use amends_model::Problem;

/// The command did what was asked, and something is wrong with what it looked at: mistakes in definitions, tests that failed, damage found.
pub(crate) const FOUND_WRONG: u8 = 1;
/// The command was asked for something that does not exist or cannot be read, as by a misspelt option.
pub(crate) const WRONG_USAGE: u8 = 2;
/// What only an argument can be wrong about: the words themselves, a moment, a period, a length of time, a source, a promise, a figure, a fracture.
const OF_ARGUMENTS: [&str; 9] = [
    "AM0004", "AM0007", "AM0008", "AM0014", "AM0022", "AM0806", "AM0811", "AM1003", "AM1004",
];
/// What is wrong with what was looked at, beside an answer.
const OF_WHAT_WAS_READ: [&str; 1] = ["AM0540"];
/// The command could not do what was asked.
pub(crate) const FAILED: u8 = 3;
/// The user stopped it.
const STOPPED: u8 = 130;

/// Something that a command answers: the same content for people and for scripts.
pub(crate) trait Answer {
    /// For people: written to standard output, in colour where the terminal can.
    ///
    /// # Errors
    /// When the output cannot be written.
    fn show(&self, out: &mut dyn Write) -> io::Result<()>;

    /// For scripts: the documented fields.
    fn json(&self) -> serde_json::Value;

    /// Whether what is shown is a document of its own, whose lines are left as they are.
    fn is_document(&self) -> bool {
        false
    }
}

/// An answer and how the program ends.
pub(crate) struct Outcome {
    /// What was found.
    pub answer: Box<dyn Answer>,
    /// The exit code.
    pub exit: ExitCode,
}

impl Outcome {
    /// All is well.
    pub(crate) fn good(answer: impl Answer + 'static) -> Self {
        Self {
            answer: Box::new(answer),
            exit: ExitCode::SUCCESS,
        }
    }

    /// All is well only if `fine`.
    pub(crate) fn good_if(fine: bool, answer: impl Answer + 'static) -> Self {
        let exit = if fine {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(FOUND_WRONG)
        };
        Self {
            answer: Box::new(answer),
            exit,
        }
    }
}

/// A command line that cannot be read.
pub(crate) fn misread(error: &clap::Error) -> Problem {
    let problem = Problem::new("AM0022", "the command line cannot be read");
    if error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return problem
            .detail("it names no command")
            .hint("`amends help` lists the commands");
    }
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let (said, rest) = text.split_once("\n\nUsage: ").unwrap_or((text, ""));
    let said: Vec<&str> = said.lines().map(str::trim).collect();
    let said: Vec<&str> = said.into_iter().filter(|line| !line.is_empty()).collect();
    let usage = rest.lines().next().unwrap_or_default();
    let hint = match usage {
        "" => "`amends help` lists the commands".to_owned(),
        usage => format!("write {usage}"),
    };
    problem.detail(said.join("; ")).hint(hint)
}

/// The exit code of a problem: 130 where the user stopped the work, 2 where an argument is wrong, 1 where only what was read is, else 3.
pub(crate) fn exit_code_of(problem: &Problem) -> ExitCode {
    ExitCode::from(match problem.code() {
        "AM0510" => STOPPED,
        code if OF_ARGUMENTS.contains(&code) => WRONG_USAGE,
        code if OF_WHAT_WAS_READ.contains(&code) => FOUND_WRONG,
        _ => FAILED,
    })
}
