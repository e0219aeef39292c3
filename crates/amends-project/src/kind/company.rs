//! `amends.toml`: who the company is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use amends_model::money::Currency;
use amends_model::period::Length;
use amends_model::wait::Calendar;
use jiff::tz::TimeZone;

use super::{calendar, path, zone};
use crate::definition::{Company, Counted, Retention};
use crate::read::{Section, Text, wait};

/// The form of definition files that this program reads.
const VERSION: i64 = 1;

/// What amends.toml says.
pub(crate) struct Root {
    /// The company. What is wrong about it has a stand-in, so that the other files can be examined.
    pub(crate) company: Company,
    pub(crate) calendars: BTreeMap<String, Calendar>,
    pub(crate) data: PathBuf,
    pub(crate) erasures: PathBuf,
    pub(crate) retention: Retention,
    /// The names of sources in it, as written.
    pub(crate) retained: Vec<Text>,
}

/// Reads amends.toml.
pub(crate) fn read(
    whole: &Section<'_>,
    root: &Path,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Root {
    version(whole);
    let data = whole
        .text("data")
        .and_then(|text| path::filled(&text, variable, whole.report));
    let erasures = whole
        .text("erasures")
        .and_then(|text| path::filled(&text, variable, whole.report));
    let section = whole.section("company");
    if !whole.has("company") {
        whole.missing("company", "[company] with name, zone and currency");
    }
    let said = section.as_ref().map(company).unwrap_or_default();
    let (customer_word, customers_word) = words(whole, said.counts);
    let zone = said.zone.clone().unwrap_or(TimeZone::UTC);
    let calendars = calendar::read(whole, &zone);
    let (retention, retained) = retention(whole);
    whole.finish();
    let company = Company {
        name: said.name.unwrap_or_default(),
        zone,
        currency: said.currency.unwrap_or(Currency::NONE),
        period: said.period.unwrap_or(Length::Month),
        counts: said.counts.unwrap_or(Counted::Customers),
        customer_word,
        customers_word,
    };
    let data = root.join(data.as_deref().unwrap_or(".amends"));
    let erasures = erasures.map_or_else(|| data.join("erasures.jsonl"), |path| root.join(path));
    Root {
        company,
        calendars,
        data,
        erasures,
        retention,
        retained,
    }
}

fn version(whole: &Section<'_>) {
    if !whole.has("version") {
        whole.get("version");
        whole.missing("version", "version = 1");
        return;
    }
    let Some(version) = whole.integer("version", i64::MIN, i64::MAX) else {
        return;
    };
    if version != VERSION {
        let message = format!("this program reads definitions of version {VERSION}");
        let suggestion = match version > VERSION {
            true => "use the release of amends that the project was written for",
            false => "write version = 1",
        };
        whole.report.mistake(
            "AM0106",
            &whole.spot_of("version"),
            message,
            Some(suggestion.into()),
        );
    }
}

/// `[retention]`, and the names of sources in it.
fn retention(whole: &Section<'_>) -> (Retention, Vec<Text>) {
    let (mut retention, mut names) = (Retention::default(), Vec::new());
    let Some(section) = whole.section("retention") else {
        return (retention, names);
    };
    let quarantine = section.text("quarantine");
    retention.quarantine = quarantine.and_then(|text| wait(&text, section.report));
    if let Some(personal) = section.section("personal") {
        for (name, text) in personal.pairs() {
            let kept = wait(&text, section.report);
            let kept = kept.map(|kept| (name.text.clone(), kept));
            retention.personal.extend(kept);
            names.push(name);
        }
    }
    section.finish();
    (retention, names)
}

/// `[company]` as far as it can be read.
#[derive(Default)]
struct Said {
    name: Option<String>,
    zone: Option<TimeZone>,
    currency: Option<Currency>,
    period: Option<Length>,
    counts: Option<Counted>,
}

fn company(section: &Section<'_>) -> Said {
    let report = section.report;
    let name = section.required("name", "name = \"Meadow Bikes\"");
    let zone = section.required("zone", "zone = \"Europe/Vienna\"");
    let currency = section.required("currency", "currency = \"EUR\"");
    let lengths = [
        ("month", Length::Month),
        ("quarter", Length::Quarter),
        ("year", Length::Year),
    ];
    let counted = [
        ("customers", Counted::Customers),
        ("accounts", Counted::Accounts),
    ];
    let said = Said {
        name: name.map(|name| name.text),
        zone: zone.and_then(|text| zone::zone(&text, report)),
        currency: currency.and_then(|text| zone::currency(&text, report)),
        period: section.choice("period", &lengths),
        counts: section.choice("counts", &counted),
    };
    section.finish();
    said
}

/// The sector's own words for one and for several customers.
fn words(whole: &Section<'_>, counts: Option<Counted>) -> (String, String) {
    let section = whole.section("words");
    let word = |key| {
        section
            .as_ref()?
            .text(key)
            .map(|word| word.text)
            .filter(|word| !word.trim().is_empty())
    };
    let (one, many) = (word("customer"), word("customers"));
    if let Some(section) = &section {
        section.finish();
    }
    let usual = if counts == Some(Counted::Accounts) {
        "account"
    } else {
        "customer"
    };
    let one = one.unwrap_or_else(|| usual.to_owned());
    let many = many.unwrap_or_else(|| format!("{one}s"));
    (one, many)
}
