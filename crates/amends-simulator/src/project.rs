//! The project that reads the exports: that of `examples/tumblewick`, for this company's months and next to its files.

use std::fs;
use std::path::Path;

use amends_model::Result;

use crate::Settings;
use crate::civil::{date, date_of};
use crate::sheet::unwritable;
use crate::timeline::{holidays, horizon_day};

/// For how many months the files of the example are written.
const EXAMPLE_MONTHS: u32 = 24;

/// Where the example looks for the exports, and where they lie from the project that is written beside them.
const EXAMPLE_FOLDER: &str = "${AMENDS_SIMULATED}/";
const FOLDER: &str = "../";

macro_rules! example {
    ($($path:literal),* $(,)?) => {
        [$(($path, include_str!(concat!("../../../examples/tumblewick/", $path)))),*]
    };
}

/// Every file of the example's definitions.
const FILES: [(&str, &str); 11] = example!(
    "amends.toml",
    "customers.toml",
    "journey.toml",
    "promises/delivery-date.toml",
    "promises/first-answer.toml",
    "sources/billing.toml",
    "sources/couriers.toml",
    "sources/desk.toml",
    "sources/referrals.toml",
    "sources/shop.toml",
    "sources/survey.toml",
);

/// Writes the project into `project/` below the folder of the exports.
pub(crate) fn write(settings: &Settings, out: &Path) -> Result<()> {
    let root = out.join("project");
    for folder in ["sources", "promises"] {
        let folder = root.join(folder);
        fs::create_dir_all(&folder).map_err(|error| unwritable(&folder, error))?;
    }
    for (path, text) in FILES {
        let path = root.join(path);
        let text = adapted(text, settings.months);
        fs::write(&path, text).map_err(|error| unwritable(&path, error))?;
    }
    Ok(())
}

fn adapted(text: &str, months: u32) -> String {
    text.replace(EXAMPLE_FOLDER, FOLDER)
        .replace(&complete_until(EXAMPLE_MONTHS), &complete_until(months))
        .replace(&days_off(EXAMPLE_MONTHS), &days_off(months))
}

fn complete_until(months: u32) -> String {
    format!("complete-until = \"{}\"", date(horizon_day(months) - 1))
}

/// The help desk's days off, a line for each year.
fn days_off(months: u32) -> String {
    let mut text = String::from("holidays = [\n");
    for year in holidays(months).chunk_by(|a, b| date_of(*a).0 == date_of(*b).0) {
        let days: Vec<String> = year
            .iter()
            .map(|day| format!("\"{}\"", date(*day)))
            .collect();
        text.push_str(&format!("    {},\n", days.join(", ")));
    }
    text + "]\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_holds_what_is_adapted() {
        let sources = FILES
            .iter()
            .filter(|(path, _)| path.starts_with("sources/"));
        for (path, text) in sources {
            assert!(text.contains(EXAMPLE_FOLDER), "{path}");
            assert!(text.contains(&complete_until(EXAMPLE_MONTHS)), "{path}");
        }
        assert!(FILES[0].1.contains(&days_off(EXAMPLE_MONTHS)));
    }

    #[test]
    fn of_as_many_months_only_the_paths_differ() {
        for (path, text) in FILES {
            let adapted = adapted(text, EXAMPLE_MONTHS);
            assert_eq!(adapted, text.replace(EXAMPLE_FOLDER, FOLDER), "{path}");
        }
    }

    #[test]
    fn other_months_end_elsewhere() {
        for (path, text) in FILES {
            let adapted = adapted(text, 6);
            assert!(!adapted.contains(&complete_until(EXAMPLE_MONTHS)), "{path}");
            assert_eq!(
                adapted.contains("complete-until = \"2024-06-30\""),
                path.starts_with("sources/")
            );
        }
    }
}
