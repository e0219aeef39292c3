//! What can be planted: where, from when until when, and in which of the company's systems it shows.

use std::collections::BTreeSet;
use std::str::FromStr;

use amends_model::{Problem, Result};
use serde::Serialize;

use crate::promise::Promise;

/// One flaw that a company may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Plant {
    /// Parcels of one depot come late.
    Depot,
    /// A version of the app lets nobody in on one platform, until the next one.
    Release,
    /// Who pays for one plan pays twice, until it is mended.
    Charges,
    /// Whoever asks at a weekend waits long for an answer.
    Weekends,
    /// One exchange is down for hours: with it every kettle that hangs on it then.
    Outage,
    /// One kind of goods of one depot comes late; of neither the depot nor the goods more comes late than of others.
    Pair,
}

impl Plant {
    /// All of them.
    pub const ALL: [Plant; 6] = [
        Plant::Depot,
        Plant::Release,
        Plant::Charges,
        Plant::Weekends,
        Plant::Outage,
        Plant::Pair,
    ];

    /// Its name, as `--plant` takes it and the truth tells it.
    pub fn name(self) -> &'static str {
        match self {
            Plant::Depot => "depot",
            Plant::Release => "release",
            Plant::Charges => "charges",
            Plant::Weekends => "weekends",
            Plant::Outage => "outage",
            Plant::Pair => "pair",
        }
    }

    /// The promise that it breaks.
    pub(crate) fn promise(self) -> Promise {
        match self {
            Plant::Depot | Plant::Pair => Promise::DeliveryDate,
            Plant::Release => Promise::AppOpens,
            Plant::Charges => Promise::ChargedOnce,
            Plant::Weekends => Promise::FirstAnswer,
            Plant::Outage => Promise::KettleOnLine,
        }
    }

    /// Where it shows: attributes with their values.
    pub(crate) fn place(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Plant::Depot => vec![("depot", FRACTURED_DEPOT)],
            Plant::Release => vec![
                ("app_version", FRACTURED_VERSION),
                ("platform", FRACTURED_PLATFORM),
            ],
            Plant::Charges => vec![("plan", FRACTURED_PLAN)],
            Plant::Weekends => vec![("asked_on", "weekend")],
            Plant::Outage => vec![("exchange", FRACTURED_EXCHANGE)],
            Plant::Pair => vec![("depot", PAIR_DEPOT), ("product_category", PAIR_CATEGORY)],
        }
    }

    /// The first day, and the first one after, as parts of a thousand of the simulated days, each with the weekday from which on it is taken: 0 is
    /// Monday. What goes on has no end; what ends does so on the first such weekday after it began.
    pub(crate) fn span(self) -> ((i64, i64), Option<(i64, i64)>) {
        match self {
            Plant::Depot => ((400, 0), None),
            Plant::Release => ((500, 1), Some((800, 1))),
            Plant::Charges => ((300, 0), Some((550, 0))),
            Plant::Weekends => ((450, 0), None),
            Plant::Outage => ((700, 2), Some((700, 3))),
            Plant::Pair => ((350, 0), None),
        }
    }
}

impl FromStr for Plant {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self> {
        let found = Plant::ALL.into_iter().find(|plant| plant.name() == text);
        found.ok_or_else(|| {
            Problem::new("AM0904", "nothing of this name can be planted")
                .detail(format!("{text:?}"))
                .hint("depot, release, charges, weekends, outage or pair, several with commas between them; or all, or none")
        })
    }
}

/// The depot at which parcels come late.
pub(crate) const FRACTURED_DEPOT: &str = "Saltmere";

/// The version of the app that lets nobody in, and the platform on which it does not.
pub(crate) const FRACTURED_VERSION: &str = "4.0";
pub(crate) const FRACTURED_PLATFORM: &str = "Android";

/// The plan that is paid twice.
pub(crate) const FRACTURED_PLAN: &str = "Tea Cupboard";

/// The exchange that goes down.
pub(crate) const FRACTURED_EXCHANGE: &str = "Sandpiper Row";

/// The depot and the goods that come late together.
pub(crate) const PAIR_DEPOT: &str = "Hollins Cross";
pub(crate) const PAIR_CATEGORY: &str = "herbal tea";

/// What is planted in one company.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Plants(BTreeSet<Plant>);

impl Plants {
    /// Nothing.
    pub fn none() -> Self {
        Self::default()
    }

    /// Everything.
    pub fn all() -> Self {
        Self(Plant::ALL.into())
    }

    /// One of them alone.
    pub fn one(plant: Plant) -> Self {
        Self([plant].into())
    }

    /// Whether it is among them.
    pub fn has(&self, plant: Plant) -> bool {
        self.0.contains(&plant)
    }

    /// All of them, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Plant> + '_ {
        self.0.iter().copied()
    }
}

impl FromStr for Plants {
    type Err = Problem;

    /// Names with commas between them, `all` or `none`.
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "all" => Ok(Self::all()),
            "none" => Ok(Self::none()),
            names => {
                let names = names.split(',').map(|name| name.trim().parse());
                Ok(Self(names.collect::<Result<_>>()?))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plants_are_read_by_name() {
        let both: Plants = "release, depot".parse().unwrap();
        assert!(both.has(Plant::Depot) && both.has(Plant::Release) && !both.has(Plant::Pair));
        assert_eq!("all".parse::<Plants>().unwrap(), Plants::all());
        assert_eq!("none".parse::<Plants>().unwrap(), Plants::none());
        for wrong in ["", "depots", "all,depot", "depot,"] {
            assert_eq!(wrong.parse::<Plants>().unwrap_err().code(), "AM0904");
        }
        for plant in Plant::ALL {
            assert_eq!(plant.name().parse::<Plant>().unwrap(), plant);
            let written = serde_json::to_value(plant).unwrap();
            assert_eq!(written, plant.name());
        }
    }
}
