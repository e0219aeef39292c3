//! The shapes of promises beside those that are kept by a time: announced, counted, compared, shared, as usual.

use amends_model::wait::Wait;

use super::{By, Lasts, Moved, On, Pause, Sql};

/// This at least so long before that.
#[derive(Clone, Debug)]
pub struct Notice {
    /// What announces it.
    pub kept: On,
    /// How long before.
    pub ahead: Wait,
    /// Before what.
    pub before: Before,
    /// Announced this much sooner than it must be, it is beaten.
    pub beaten: Option<Wait>,
    /// What moves the day or moment that the opening event names.
    pub moved: Option<Moved>,
    /// What excuses it, if it comes before the promise is due or kept (rule 9).
    pub excused: Option<On>,
    /// After this long overdue it is broken.
    pub gives_up: Option<Wait>,
}

/// What is to be announced.
#[derive(Clone, Debug)]
pub enum Before {
    /// An event: until it happens nobody knows when the notice is due.
    Event(On),
    /// A day or a moment that the opening event names.
    Named(By),
}

/// So many at most: within the whole exposure, or within any span of it.
#[derive(Clone, Copy, Debug)]
pub struct AtMost {
    /// How many do not break it yet.
    pub count: u32,
    /// Within any span of this length; without it within the whole exposure.
    pub within: Option<Wait>,
}

/// While what an exposure lasts. One of the two is there where an end is needed.
#[derive(Clone, Debug, Default)]
pub struct Exposed {
    /// What ends the exposure.
    pub ends: Option<On>,
    /// When the exposure ends by itself.
    pub lasts: Option<Lasts>,
}

/// So many at least in every span, while exposed.
#[derive(Clone, Debug)]
pub struct AtLeast {
    /// What is counted.
    pub kept: On,
    /// How many.
    pub count: u32,
    /// In every span of this length, or in every month, quarter or year that lies whole in the exposure.
    pub every: Lasts,
    /// What excuses it before it has fallen behind (rule 9).
    pub excused: Option<On>,
    /// What stops its clock and starts it again.
    pub pause: Option<Pause>,
    /// After this long behind it is broken.
    pub gives_up: Option<Wait>,
    /// How long it binds.
    pub exposed: Exposed,
}

/// What is measured agrees with what the opening event says, or stays within its limits.
#[derive(Clone, Debug)]
pub struct Match {
    /// The event that is held against the opening one.
    pub measures: On,
    /// SQL over it: what is compared.
    pub value: Sql,
    /// With what it is compared.
    pub limits: Limits,
    /// How long it binds: everything measured meanwhile must agree. With neither, what is measured first decides.
    pub exposed: Exposed,
}

/// What a measured value must keep to. All SQL is over the opening event.
#[derive(Clone, Debug)]
pub enum Limits {
    /// The same, give or take.
    Equal(Sql, Tolerance),
    /// Not below, not above. One of the two is there.
    Between(Option<Sql>, Option<Sql>),
}

/// How much two numbers may differ and still agree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tolerance {
    /// So much, in the unit of what is compared.
    Absolute(f64),
    /// So much of what it must equal: 0.05 are five per cent.
    Share(f64),
}

/// A share over a span.
#[derive(Clone, Debug)]
pub struct Share {
    /// Of what.
    pub of: ShareOf,
    /// The least share, in millionths.
    pub least_ppm: u32,
    /// In every month, quarter or year, or in spans of this length one after the other; without it over the whole exposure.
    pub per: Option<Lasts>,
    /// How long it binds.
    pub exposed: Exposed,
}

/// What a share is taken of.
#[derive(Clone, Debug)]
pub enum ShareOf {
    /// Of time: from what begins an outage to what ends it does not count.
    Time {
        /// What begins an outage.
        down: On,
        /// What ends it.
        up: On,
    },
    /// Of events.
    Events {
        /// Those that count as kept.
        kept: On,
        /// All of them.
        of: On,
    },
}

/// Within the limits of this customer's own history.
#[derive(Clone, Debug)]
pub struct Normal {
    /// What is measured.
    pub measures: On,
    /// SQL over it; without it events are counted.
    pub value: Option<Sql>,
    /// Summed up over spans of this length one after the other; without it each event is a value of its own.
    pub every: Option<Wait>,
    /// How many values make a history: the first so many set the limits, and only then does the promise bind.
    pub history: u32,
    /// On which side of the limits it breaks.
    pub side: Side,
    /// How long it binds.
    pub exposed: Exposed,
}

/// On which side of its limits a value is a let-down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Below them.
    NotBelow,
    /// Above them.
    NotAbove,
    /// On both.
    Within,
}

/// A promise that stands in the register and cannot be measured yet.
#[derive(Clone, Debug)]
pub struct Unmeasured {
    /// Its name.
    pub name: String,
    /// The promise in the company's own words.
    pub says: String,
    /// Which function made it.
    pub made_by: String,
    /// The touchpoint at which it is felt.
    pub touchpoint: Option<String>,
    /// What it needs to be measured.
    pub needs: String,
    /// Where it was written.
    pub place: super::Place,
    /// A short hash of its definition.
    pub version: String,
}
