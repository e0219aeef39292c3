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

/// What the files of every company say only of one with all of its systems: that tickets complain too, and what is asked at weekends.
const MORE: [(&str, &str); 3] = [
    (
        "    { on = \"ticket_opened\", where = \"priority = 'high'\" },\n",
        "",
    ),
    (
        "asked_on = \"\"\"\n\
case when date_part('dow', created_at at time zone 'Europe/Vienna') in (0, 6) then 'weekend' else 'weekday' end\n\
\"\"\"\n",
        "",
    ),
    (", \"asked_on\"]", "]"),
];

/// Where the touchpoints of the other systems begin.
const MORE_TOUCHPOINTS: &str = "\n[stage.use]";

/// The files of the example's definitions that every company has.
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

/// The files that only a company with all of its systems has.
const MORE_FILES: [(&str, &str); 7] = example!(
    "promises/app-opens.toml",
    "promises/charged-once.toml",
    "promises/kettle-on-line.toml",
    "sources/app.toml",
    "sources/kettles.toml",
    "sources/line.toml",
    "sources/payments.toml",
);

/// Writes the project into `project/` below the folder of the exports.
pub(crate) fn write(settings: &Settings, out: &Path) -> Result<()> {
    let root = out.join("project");
    for folder in ["sources", "promises"] {
        let folder = root.join(folder);
        fs::create_dir_all(&folder).map_err(|error| unwritable(&folder, error))?;
    }
    let more = MORE_FILES.iter().filter(|_| settings.all_systems);
    for (path, text) in FILES.iter().chain(more) {
        let path = root.join(path);
        let text = adapted(text, settings);
        fs::write(&path, text).map_err(|error| unwritable(&path, error))?;
    }
    Ok(())
}

fn adapted(text: &str, settings: &Settings) -> String {
    let months = settings.months;
    let mut text = text.to_owned();
    if !settings.all_systems {
        for (more, without) in MORE {
            text = text.replace(more, without);
        }
        if let Some(more) = text.find(MORE_TOUCHPOINTS) {
            text.truncate(more);
        }
    }
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
    use crate::Plants;

    fn all() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
        FILES.iter().chain(&MORE_FILES)
    }

    #[test]
    fn the_example_holds_what_is_adapted() {
        for (path, text) in all().filter(|(path, _)| path.starts_with("sources/")) {
            assert!(text.contains(EXAMPLE_FOLDER), "{path}");
            assert!(text.contains(&complete_until(EXAMPLE_MONTHS)), "{path}");
        }
        assert!(FILES[0].1.contains(&days_off(EXAMPLE_MONTHS)));
        for (more, _) in MORE {
            assert!(FILES.iter().any(|(_, text)| text.contains(more)), "{more}");
        }
        assert!(FILES[2].1.contains(MORE_TOUCHPOINTS));
    }

    #[test]
    fn of_as_many_months_and_all_systems_only_the_paths_differ() {
        let whole = Settings::new(1, EXAMPLE_MONTHS, 1).with(Plants::none());
        for (path, text) in all() {
            let adapted = adapted(text, &whole);
            assert_eq!(adapted, text.replace(EXAMPLE_FOLDER, FOLDER), "{path}");
        }
    }

    #[test]
    fn a_company_without_the_other_systems_does_not_speak_of_them() {
        for (path, text) in FILES {
            let adapted = adapted(text, &Settings::new(1, 6, 1));
            for word in [
                "kettle",
                "app-",
                "charged",
                "ticket_opened\", where",
                "asked_on",
            ] {
                assert!(!adapted.contains(word), "{path}: {word}");
            }
        }
    }

    #[test]
    fn other_months_end_elsewhere() {
        for (path, text) in all() {
            let adapted = adapted(text, &Settings::new(1, 6, 1).with(Plants::all()));
            assert!(!adapted.contains(&complete_until(EXAMPLE_MONTHS)), "{path}");
            assert_eq!(
                adapted.contains("complete-until = \"2024-06-30\""),
                path.starts_with("sources/")
            );
        }
    }
}
