//! A fracture: a place in which a promise keeps breaking, and everything that is told of it.

use std::collections::BTreeMap;

use amends_model::IdentifierId;
use amends_stats::difference::Difference;
use jiff::Timestamp;

use crate::causes::{Change, Trait};
use crate::life::{Decided, Standing, State};
use crate::whereabouts::Where;

/// A fracture as of one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Fracture {
    /// Its id: of the promise and the place.
    pub id: String,
    /// The promise.
    pub promise: String,
    /// The version of the promise's definition.
    pub definition: String,
    /// Where it breaks.
    pub place: Where,
    /// Where the last look saw it, if that was another place that it goes on.
    pub formerly: Option<Where>,
    /// The touchpoint at which it is felt.
    pub touchpoint: Option<String>,
    /// To whom it belongs: whoever took it, else the owner of the touchpoint.
    pub owner: Option<String>,
    /// What people decided about it, and the state that follows.
    pub standing: Standing,
    /// Its state: that of its decisions; or regressed, where two looks in a row saw it break again.
    pub state: State,
    /// Whether it was said to be mended and breaks again, as of this moment.
    pub is_back: bool,
    /// Whether it is new: the last two looks saw it, and none before.
    pub is_new: bool,
    /// How many looks in a row saw it, the last one included.
    pub looks: u64,
    /// Decided instances there.
    pub instances: u64,
    /// How many of them let their customer down.
    pub let_downs: u64,
    /// How it is elsewhere. `None` where it is everywhere.
    pub elsewhere: Option<Elsewhere>,
    /// Everybody who was let down there.
    pub people: BTreeMap<IdentifierId, Harmed>,
    /// How many of them said nothing. `None` where of nobody it is known: no source of complaints is connected (rule 15), or none has reported so far.
    pub silent: Option<u64>,
    /// Let-downs of seriousness 1, 2 and 3.
    pub serious: [u64; 3],
    /// Whether it is still looked for: its promise is made, and described by what the place is of.
    pub is_looked_for: bool,
    /// When the first let-down there could have been known. `None` where there is none.
    pub first_seen: Option<Timestamp>,
    /// When the last one could.
    pub last_seen: Option<Timestamp>,
    /// Whether it grows.
    pub trend: Trend,
    /// Instances that came due in the last thirteen weeks, and how many of them were let-downs; the same of the thirteen weeks before.
    pub lately: [(u64, u64); 2],
    /// Before it began to break: instances there, and let-downs. `None` where it has no beginning.
    pub before: Option<(u64, u64)>,
    /// Where inside of it is worse than the rest of it.
    pub traits: Vec<Trait>,
    /// What became more or less frequent there since it breaks.
    pub changes: Vec<Change>,
    /// The share of false discoveries among places as striking as this. `None` for what was not searched for: what breaks everywhere, or what people named.
    pub false_discovery: Option<f64>,
    /// What was at stake in its let-downs by currency, in minor units: the amounts of what opened them. Empty where nobody asked, or nothing has an amount.
    pub at_stake: BTreeMap<String, i64>,
    /// By what fractures are ordered: see [`Fracture::reason`].
    pub weight: f64,
}

/// The same promise where it is in no fracture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Elsewhere {
    /// Decided instances.
    pub instances: u64,
    /// How many of them let their customer down.
    pub let_downs: u64,
    /// How much larger the share is in the fracture, with Newcombe's interval.
    pub difference: Difference,
}

/// What a fracture did to one customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Harmed {
    /// How often they were let down there.
    pub times: u64,
    /// When the first of these could have been known, in microseconds of UTC.
    pub first: i64,
    /// What the first was about.
    pub about: String,
    /// How serious the worst was.
    pub serious: u8,
    /// Whether they complained. `None` where the sources of complaints have not reported until they were first let down.
    pub spoke: Option<bool>,
}

/// The last thirteen weeks beside the thirteen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trend {
    /// The share of let-downs grew: Newcombe's interval of the difference holds no zero.
    Worse,
    /// It fell.
    Better,
    /// Neither is shown.
    Steady,
    /// There was nothing before to compare with.
    New,
    /// Nothing came due there of late.
    Quiet,
}

impl Trend {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Trend::Worse => "worse",
            Trend::Better => "better",
            Trend::Steady => "steady",
            Trend::New => "new",
            Trend::Quiet => "quiet",
        }
    }
}

impl Fracture {
    /// One about which something was decided, and of which nothing else is known: its promise is not made now, or cannot be measured.
    pub(crate) fn forgotten(last: &Decided, standing: Standing) -> Self {
        Self {
            id: last.fracture.clone(),
            promise: last.promise.clone(),
            definition: String::new(),
            place: last.place.clone(),
            formerly: None,
            touchpoint: None,
            owner: standing.owner.clone(),
            state: standing.state,
            standing,
            is_back: false,
            is_new: false,
            looks: 0,
            instances: 0,
            let_downs: 0,
            elsewhere: None,
            people: BTreeMap::new(),
            silent: None,
            serious: [0; 3],
            is_looked_for: false,
            first_seen: None,
            last_seen: None,
            trend: Trend::Quiet,
            lately: [(0, 0); 2],
            before: None,
            traits: Vec::new(),
            changes: Vec::new(),
            false_discovery: None,
            at_stake: BTreeMap::new(),
            weight: 0.0,
        }
    }

    /// Of how many of the people it is not known whether they spoke up.
    pub fn unheard(&self) -> u64 {
        let unheard = self.people.values().filter(|one| one.spoke.is_none());
        unheard.count() as u64
    }

    /// The share of let-downs among the decided instances there.
    pub fn rate(&self) -> f64 {
        share(self.let_downs, self.instances)
    }

    /// The share elsewhere.
    pub fn rate_elsewhere(&self) -> Option<f64> {
        let elsewhere = self.elsewhere.as_ref()?;
        Some(share(elsewhere.let_downs, elsewhere.instances))
    }

    /// The part of its let-downs that would not be there if it broke as rarely as elsewhere.
    pub fn beyond(&self) -> f64 {
        match (self.rate_elsewhere(), self.rate()) {
            (Some(elsewhere), here) if here > 0.0 => (1.0 - elsewhere / here).max(0.0),
            _ => 1.0,
        }
    }

    /// How many of the people would have been spared, in whole people, if it broke as rarely there as elsewhere.
    pub fn people_beyond(&self) -> u64 {
        (self.people.len() as f64 * self.beyond()).round() as u64
    }

    /// How serious the worst of each person was, on average; nothing where nobody was harmed.
    pub fn mean_serious(&self) -> f64 {
        let sum: u64 = self.people.values().map(|one| u64::from(one.serious)).sum();
        share(sum, self.people.len() as u64)
    }

    /// Why it stands where it stands among others.
    pub fn reason(&self) -> String {
        let (people, serious) = (self.people.len(), self.mean_serious());
        if !self.is_looked_for {
            return "no longer looked for: the promise, or what the place is of, is not in its definition".into();
        }
        let seriousness = format!("{serious:.1} serious on average");
        if self.place.is_everywhere() {
            return format!(
                "{people} harmed, {seriousness}; what breaks everywhere alike comes after what breaks in a place"
            );
        }
        let spared = self.people_beyond();
        format!("{spared} of {people} harmed beyond what is usual elsewhere, {seriousness}")
    }
}

pub(crate) fn share(count: u64, of: u64) -> f64 {
    if of == 0 {
        0.0
    } else {
        count as f64 / of as f64
    }
}
