//! An invented company with fractures planted in it: what its systems would export, and the truth beside it.
//!
//! Every customer's life is drawn from the seed and the customer's number alone and written at once, so a million customers
//! need no more memory than a thousand, and the same settings give the same bytes. What is true is known because it was made
//! to happen: nothing here reads events or runs the state machine of promises.

mod aftermath;
mod app;
mod asking;
mod charging;
mod civil;
mod dice;
mod happening;
mod kettle;
mod life;
mod membership;
mod person;
mod plant;
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

pub use plant::{Plant, Plants};
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
    /// What is planted in it. What shows in a system that the company does not have shows nowhere.
    pub plants: Plants,
    /// Whether it has an app, charges and kettles on a line beside its shop and its help desk.
    pub all_systems: bool,
}

impl Settings {
    /// A company with shop and help desk, and a depot from which parcels come late.
    pub fn new(customers: u64, months: u32, seed: u64) -> Self {
        Self {
            customers,
            months,
            seed,
            plants: Plants::one(Plant::Depot),
            all_systems: false,
        }
    }

    /// The same with all of its systems, and this planted in it.
    #[must_use]
    pub fn with(self, plants: Plants) -> Self {
        Self {
            plants,
            all_systems: true,
            ..self
        }
    }
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
    let mut sources = Sources::create(out, settings, &timeline)?;
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
    let (promises, fractures) = truth.finish(&truth_folder, settings, &timeline)?;
    let summary = Summary::new(settings, &timeline, fractures, promises, files);
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
