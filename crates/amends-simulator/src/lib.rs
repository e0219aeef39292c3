//! An invented company with a fracture planted in it: what its systems would export, and the truth beside it.
//!
//! Every customer's life is drawn from the seed and the customer's number alone and written at once, so a million customers
//! need no more memory than a thousand, and the same settings give the same bytes. What is true is known because it was made
//! to happen: nothing here reads events or runs the state machine of promises.

mod asking;
mod civil;
mod dice;
mod life;
mod membership;
mod person;
mod project;
mod promise;
mod sheet;
mod shopping;
mod sources;
mod timeline;
mod truth;

use std::fs;
use std::path::Path;

use amends_model::{Problem, Result};
use serde::Serialize;

pub use sheet::FileCounts;
pub use timeline::{START, ZONE};
pub use truth::{Fracture, PromiseCounts, Summary};

use life::Life;
use sheet::unwritable;
use sources::Sources;
use timeline::Timeline;
use truth::Truth;

/// The longest time that is simulated, in months.
pub const MONTHS_AT_MOST: u32 = 240;

/// The company that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Settings {
    /// How many people become customers at some time.
    pub customers: u64,
    /// How many calendar months are simulated, from `START` on.
    pub months: u32,
    /// Where chance begins: another seed is another company.
    pub seed: u64,
}

/// Writes the exports of a simulated company into a new or empty folder, the truth into `truth/` below it and a project that reads them into `project/`.
///
/// `progress` hears how many customers are written, of how many.
///
/// # Errors
/// `AM0901` when a file cannot be written, `AM0902` when the settings ask for nobody or for no time or too much of it,
/// `AM0903` when the folder already holds something.
pub fn simulate(
    settings: &Settings,
    out: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Summary> {
    check(settings)?;
    let timeline = Timeline::new(settings)?;
    let truth_folder = out.join("truth");
    make_folders(out, &truth_folder)?;
    project::write(settings, out)?;
    let mut sources = Sources::create(out)?;
    let mut truth = Truth::create(&truth_folder, &timeline)?;
    for number in 1..=settings.customers {
        let life = Life::of(settings, &timeline, number);
        sources.write(settings, &timeline, number, &life, &mut truth)?;
        truth.end_customer(&timeline, &life)?;
        if number % 256 == 0 || number == settings.customers {
            progress(number, settings.customers);
        }
    }
    let files = sources.finish()?;
    let (promises, fracture) = truth.finish(&truth_folder, &timeline)?;
    let summary = Summary::new(settings, &timeline, fracture, promises, files);
    summary.write(&truth_folder)?;
    Ok(summary)
}

fn check(settings: &Settings) -> Result<()> {
    let most = u64::from(u32::MAX);
    if (1..=most).contains(&settings.customers) && (1..=MONTHS_AT_MOST).contains(&settings.months) {
        return Ok(());
    }
    let (customers, months) = (settings.customers, settings.months);
    Err(
        Problem::new("AM0902", "no company can be simulated from these settings")
            .detail(format!("{customers} customers, {months} months"))
            .hint(format!(
                "ask for 1 to {most} customers and 1 to {MONTHS_AT_MOST} months"
            )),
    )
}

fn make_folders(out: &Path, truth: &Path) -> Result<()> {
    let holds_something = fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some());
    if holds_something {
        return Err(Problem::new(
            "AM0903",
            "the folder for the simulated company already holds something",
        )
        .detail(format!("{:?}", out.display().to_string()))
        .hint("name a folder that does not exist yet, or empty this one"));
    }
    fs::create_dir_all(truth).map_err(|error| unwritable(truth, error))
}
