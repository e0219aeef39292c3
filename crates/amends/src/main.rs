//! `amends`: the program. It reads arguments, wires the crates together and shows what they answer; it holds no logic of its own.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is the program that talks to the terminal"
)]

mod answer;
mod arguments;
mod commands;
mod context;
mod look;
mod names;
mod noticing;
mod room;
mod surroundings;
mod terminal;
mod who;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use crate::answer::Outcome;
use crate::arguments::Arguments;

/// The system's own keeps much of what is given back ([decision 22](../../../docs/decisions/0022-allocator.md)).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// How long connections may take to close.
const TIDYING: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return misread(&error),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the program cannot start its threads: {error}");
            return ExitCode::from(answer::FAILED);
        }
    };
    let json = arguments.json;
    let outcome = runtime.block_on(commands::run(arguments));
    let exit = match outcome {
        Ok(outcome) => show(&outcome, json),
        Err(problem) => {
            terminal::problem::show(&problem, json);
            answer::exit_code_of(&problem)
        }
    };
    // The answer is given. What still runs is the tidying of connections, and one that never came to its end must not keep anybody waiting.
    runtime.shutdown_timeout(TIDYING);
    exit
}

/// A command line that asks for help, or that cannot be read: a problem like any other where JSON is asked for.
fn misread(error: &clap::Error) -> ExitCode {
    let mut options = surroundings::words().take_while(|word| word != "--");
    if !error.use_stderr() || options.all(|word| word != "--json") {
        error.exit();
    }
    let problem = answer::misread(error);
    terminal::problem::show(&problem, true);
    answer::exit_code_of(&problem)
}

/// Writes the answer to standard output. A reader that went away (`| head`) is no mistake.
fn show(outcome: &Outcome, json: bool) -> ExitCode {
    match terminal::write(outcome.answer.as_ref(), json) {
        Ok(()) => outcome.exit,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => outcome.exit,
        Err(error) => {
            eprintln!("error: the answer cannot be written: {error}");
            ExitCode::from(answer::FAILED)
        }
    }
}
