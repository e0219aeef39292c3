//! What a promise says: what opens it, and by its shape when it is kept and when it is not.

use amends_model::period::Length;
use amends_model::wait::{Calendar, Wait};
use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::shapes::{
    AtLeast, AtMost, Before, Exposed, Limits, Match, Normal, Notice, Share, ShareOf,
};
use super::{On, Place, PromiseTest, Sql};

/// `promises/*.toml`, `[promise.NAME]`.
#[derive(Clone, Debug)]
pub struct Promise {
    /// Its name.
    pub name: String,
    /// The promise in the company's own words.
    pub says: String,
    /// Where it was written.
    pub place: Place,
    /// Which function made it.
    pub made_by: String,
    /// What opens it: its exposure (rule 8).
    pub opens: On,
    /// What an event must share with the one that opened the promise to be heard.
    pub about: About,
    /// SQL over the opening event: where it stands. An event that reaches many is heard by everything that stood there then.
    pub stands: Option<Sql>,
    /// When it is kept, and when not.
    pub shape: Shape,
    /// The touchpoint at which it is felt.
    pub touchpoint: Option<String>,
    /// The share of it that is to be kept, where that was written for it; else its touchpoint may say it.
    pub great: Option<f64>,
    /// SQL over the instance's columns (`late_by`, `early_by`, `state`, and the opening event's): 1, 2 or 3. Without it every let-down is 1.
    pub serious: Option<Sql>,
    /// Properties of the opening event in which to look for the fracture.
    pub attributes: Vec<String>,
    /// The calendar by which its days and hours count.
    pub calendar: Calendar,
    /// The zone in which its days end.
    pub zone: TimeZone,
    /// Tests that travel with it.
    pub tests: Vec<PromiseTest>,
    /// A short hash of its definition.
    pub version: String,
    /// Which instances it judges, by when they opened.
    pub spell: Spell,
}

/// From when to when a definition is in force (rule 12). Without an end of its own it has none on that side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spell {
    /// The first moment.
    pub from: Option<Timestamp>,
    /// The first moment behind it.
    pub until: Option<Timestamp>,
}

impl Spell {
    /// Whether it is in force at a moment.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
}

/// What the events of one instance have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum About {
    /// What they are about: an order, a ticket.
    #[default]
    Record,
    /// Whom they happened to: the first identifier that they name.
    Customer,
}

/// The shape of a promise.
#[derive(Clone, Debug)]
pub enum Shape {
    /// This by then.
    Deadline(Deadline),
    /// Not before, not after.
    Window(Window),
    /// This at least so long before that.
    Notice(Notice),
    /// This does not happen, or not more often than so, while exposed.
    Never(Never),
    /// So many at least in every span.
    AtLeast(AtLeast),
    /// Two events agree, or a value stays within limits.
    Match(Match),
    /// A share over a span.
    Share(Share),
    /// Within this customer's own history.
    Normal(Normal),
}

/// As what a promise hears of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hears {
    /// It opens it.
    Opens,
    /// It keeps it, or counts towards keeping it.
    Kept,
    /// It excuses it.
    Excused,
    /// It moves it.
    Moved,
    /// It starts the clock.
    PauseTo,
    /// It stops the clock.
    PauseFrom,
    /// It is what must not happen.
    Breaks,
    /// It ends the exposure.
    Ends,
    /// It is what must be announced.
    Before,
    /// It is measured.
    Measured,
    /// It begins an outage.
    Down,
    /// It ends one.
    Up,
    /// It is one of all of which a share is taken.
    Counted,
}

/// Something happens by then.
#[derive(Clone, Debug)]
pub struct Deadline {
    /// What keeps it.
    pub kept: On,
    /// By when.
    pub by: By,
    /// Kept this much before it was due, it is beaten.
    pub beaten: Option<Wait>,
    /// What moves it, and to which property's value.
    pub moved: Option<Moved>,
    /// What stops the clock and starts it again.
    pub pause: Option<Pause>,
    /// What excuses it, if it comes before the promise is due or kept (rule 9).
    pub excused: Option<On>,
    /// After this long overdue it is broken.
    pub gives_up: Option<Wait>,
}

/// Something happens by then, and not before.
#[derive(Clone, Debug)]
pub struct Window {
    /// Not before: the start of a day, an instant, a time of a day, or so long after it opened.
    pub from: By,
    /// Not after.
    pub deadline: Deadline,
}

/// Something does not happen while exposed. One of `ends` and `lasts` is there.
#[derive(Clone, Debug)]
pub struct Never {
    /// What must not happen.
    pub breaks: On,
    /// So often it may.
    pub at_most: Option<AtMost>,
    /// What ends the exposure.
    pub ends: Option<On>,
    /// When the exposure ends by itself.
    pub lasts: Option<Lasts>,
}

/// How long an exposure lasts if nothing ends it before.
#[derive(Clone, Copy, Debug)]
pub enum Lasts {
    /// So long after it began.
    For(Wait),
    /// Until the end of the calendar's month, quarter or year in which it began.
    Period(Length),
}

/// When a promise is due, or when its window opens.
#[derive(Clone, Debug)]
pub enum By {
    /// On the day that a property of the opening event names: due at its end, open from its start.
    Date(String),
    /// At the instant that a property of the opening event names.
    Timestamp(String),
    /// At a time of the day that a property of the opening event names.
    Day(String, TimeOfDay),
    /// So long after it opened.
    After(Wait),
}

/// A time of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeOfDay {
    /// As the clock shows it.
    Clock(Time),
    /// When the calendar opens on that day.
    Opening,
    /// When the calendar closes on that day.
    Closing,
}

/// `moved = { on = "...", by = "new_date", where = "..." }`.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The event that moves it.
    pub on: On,
    /// The property that holds the new date or moment, read as the promise's `by` is; for a duration, a timestamp.
    pub by: String,
    /// Of a window: the property that holds its new beginning, read as its `from` is. Without it the beginning stays.
    pub from: Option<String>,
}

/// `pause = { from = "...", to = "..." }`.
#[derive(Clone, Debug)]
pub struct Pause {
    /// What stops the clock.
    pub from: On,
    /// What starts it again.
    pub to: On,
}

impl By {
    /// The property of the opening event that names it; `None` where a length of time gives it.
    pub fn property(&self) -> Option<&str> {
        match self {
            By::Date(property) | By::Timestamp(property) | By::Day(property, _) => Some(property),
            By::After(_) => None,
        }
    }
}

impl Shape {
    /// Its word.
    pub fn as_str(&self) -> &'static str {
        match self {
            Shape::Deadline(_) => "deadline",
            Shape::Window(_) => "window",
            Shape::Notice(_) => "notice",
            Shape::Never(Never { at_most: None, .. }) => "never",
            Shape::Never(_) => "at most",
            Shape::AtLeast(_) => "at least",
            Shape::Match(_) => "match",
            Shape::Share(_) => "share",
            Shape::Normal(_) => "own normal",
        }
    }

    /// By when it is due, where something is: for a deadline and a window.
    pub fn deadline(&self) -> Option<&Deadline> {
        match self {
            Shape::Deadline(deadline) | Shape::Window(Window { deadline, .. }) => Some(deadline),
            _ => None,
        }
    }

    /// Whether something is due at a time, and is late after it.
    pub fn is_due(&self) -> bool {
        self.is_due_once() || matches!(self, Shape::AtLeast(_))
    }

    /// Whether it is judged once, at a time that is known from its opening on.
    pub fn is_due_once(&self) -> bool {
        matches!(
            self,
            Shape::Deadline(_) | Shape::Window(_) | Shape::Notice(_)
        )
    }

    /// Whether it binds all the time from its opening to its end, and may break at any moment of it; else it is judged once, when it is due or by what is
    /// measured first.
    pub fn binds(&self) -> bool {
        let first_decides = |compared: &Match| {
            let Exposed { ends, lasts } = &compared.exposed;
            ends.is_none() && lasts.is_none()
        };
        !self.is_due_once() && !matches!(self, Shape::Match(compared) if first_decides(compared))
    }

    /// From when on it may be kept, where that is promised: for a window.
    pub fn from(&self) -> Option<&By> {
        match self {
            Shape::Window(window) => Some(&window.from),
            _ => None,
        }
    }

    /// What moves it.
    pub fn moved(&self) -> Option<&Moved> {
        match self {
            Shape::Notice(notice) => notice.moved.as_ref(),
            other => other.deadline()?.moved.as_ref(),
        }
    }

    /// The time that its opening event names, or the length that it has from then on; of a notice the time that is announced.
    pub fn by(&self) -> Option<&By> {
        match self {
            Shape::Notice(Notice { before, .. }) => match before {
                Before::Named(by) => Some(by),
                Before::Event(_) => None,
            },
            other => Some(&other.deadline()?.by),
        }
    }

    /// The events that reach many.
    pub(crate) fn reaching(&self) -> Vec<&On> {
        let all = self.hears().into_iter().map(|(_, on)| on);
        all.filter(|on| on.reaches.is_some()).collect()
    }

    /// Its events and as what they are heard, what it awaits first.
    fn hears(&self) -> Vec<(Hears, &On)> {
        match self {
            Shape::Deadline(deadline) | Shape::Window(Window { deadline, .. }) => {
                let mut all = vec![(Hears::Kept, &deadline.kept)];
                all.extend(deadline.excused.as_ref().map(|on| (Hears::Excused, on)));
                all.extend(
                    deadline
                        .moved
                        .as_ref()
                        .map(|moved| (Hears::Moved, &moved.on)),
                );
                all.extend(pauses(&deadline.pause));
                all
            }
            Shape::Notice(notice) => {
                let mut all = vec![(Hears::Kept, &notice.kept)];
                if let Before::Event(on) = &notice.before {
                    all.push((Hears::Before, on));
                }
                all.extend(notice.excused.as_ref().map(|on| (Hears::Excused, on)));
                all.extend(notice.moved.as_ref().map(|moved| (Hears::Moved, &moved.on)));
                all
            }
            Shape::Never(never) => {
                let mut all = vec![(Hears::Breaks, &never.breaks)];
                all.extend(never.ends.as_ref().map(|on| (Hears::Ends, on)));
                all
            }
            Shape::AtLeast(at_least) => {
                let mut all = vec![(Hears::Kept, &at_least.kept)];
                all.extend(at_least.excused.as_ref().map(|on| (Hears::Excused, on)));
                all.extend(pauses(&at_least.pause));
                all.extend(ends(&at_least.exposed));
                all
            }
            Shape::Match(Match {
                measures, exposed, ..
            })
            | Shape::Normal(Normal {
                measures, exposed, ..
            }) => {
                let mut all = vec![(Hears::Measured, measures)];
                all.extend(ends(exposed));
                all
            }
            Shape::Share(share) => {
                let mut all = match &share.of {
                    ShareOf::Time { down, up } => vec![(Hears::Down, down), (Hears::Up, up)],
                    ShareOf::Events { kept, of } => vec![(Hears::Counted, of), (Hears::Kept, kept)],
                };
                all.extend(ends(&share.exposed));
                all
            }
        }
    }
}

fn pauses(pause: &Option<Pause>) -> impl Iterator<Item = (Hears, &On)> {
    pause
        .iter()
        .flat_map(|pause| [(Hears::PauseFrom, &pause.from), (Hears::PauseTo, &pause.to)])
}

fn ends(exposed: &Exposed) -> impl Iterator<Item = (Hears, &On)> {
    exposed.ends.iter().map(|on| (Hears::Ends, on))
}

impl Promise {
    /// The event without which nothing is known of it: what keeps it, what must not happen, or what is measured.
    pub fn awaits(&self) -> &On {
        match &self.shape {
            Shape::Deadline(deadline) | Shape::Window(Window { deadline, .. }) => &deadline.kept,
            Shape::Notice(notice) => &notice.kept,
            Shape::Never(never) => &never.breaks,
            Shape::AtLeast(at_least) => &at_least.kept,
            Shape::Match(Match { measures, .. }) | Shape::Normal(Normal { measures, .. }) => {
                measures
            }
            Shape::Share(share) => match &share.of {
                ShareOf::Time { down, .. } => down,
                ShareOf::Events { of, .. } => of,
            },
        }
    }

    /// Every event that it hears of and as what, what opens it first and what it awaits second.
    pub fn hears(&self) -> Vec<(Hears, &On)> {
        let mut all = vec![(Hears::Opens, &self.opens)];
        all.extend(self.shape.hears());
        all
    }

    /// Every event that it listens to, what opens it first and what it awaits second.
    pub fn listens(&self) -> Vec<&On> {
        self.hears().into_iter().map(|(_, on)| on).collect()
    }

    /// The properties by which its events name days and moments, with the events that have them.
    pub fn named_times(&self) -> Vec<(&On, &str)> {
        let bounds = [self.shape.from(), self.shape.by()];
        let opening = bounds.into_iter().flatten().filter_map(By::property);
        let mut all: Vec<(&On, &str)> = opening.map(|property| (&self.opens, property)).collect();
        if let Some(moved) = self.shape.moved() {
            all.extend(moved.from.iter().map(|from| (&moved.on, from.as_str())));
            all.push((&moved.on, &moved.by));
        }
        all
    }

    /// The SQL by which its events give numbers and places, with the events over which it runs.
    pub fn reads(&self) -> Vec<(&On, &Sql)> {
        let opening = |sql| (&self.opens, sql);
        let mut all: Vec<(&On, &Sql)> = self.stands.iter().map(opening).collect();
        for (_, on) in self.hears() {
            all.extend(on.reaches.iter().map(|sql| (on, sql)));
        }
        match &self.shape {
            Shape::Match(compared) => {
                all.push((&compared.measures, &compared.value));
                match &compared.limits {
                    Limits::Equal(sql, _) => all.push(opening(sql)),
                    Limits::Between(least, most) => {
                        all.extend(least.iter().chain(most).map(opening))
                    }
                }
            }
            Shape::Normal(normal) => {
                all.extend(normal.value.iter().map(|sql| (&normal.measures, sql)))
            }
            _ => {}
        }
        all
    }
}
