//! What a promise says: what opens it, and by its shape when it is kept and when it is not.

use amends_model::period::Length;
use amends_model::wait::Wait;
use jiff::civil::Time;
use jiff::tz::TimeZone;

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
    /// When it is kept, and when not.
    pub shape: Shape,
    /// The touchpoint at which it is felt.
    pub touchpoint: Option<String>,
    /// SQL over the instance's columns (`late_by`, `early_by`, `state`, and the opening event's): 1, 2 or 3. Without it every let-down is 1.
    pub serious: Option<Sql>,
    /// Properties of the opening event in which to look for the fracture.
    pub attributes: Vec<String>,
    /// The name of the calendar.
    pub calendar: String,
    /// The zone in which its days end.
    pub zone: TimeZone,
    /// Tests that travel with it.
    pub tests: Vec<PromiseTest>,
    /// A short hash of its definition.
    pub version: String,
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
    /// This does not happen, while exposed.
    Never(Never),
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
            Shape::Never(_) => "never",
        }
    }

    /// By when it is due, where something is: for a deadline and a window.
    pub fn deadline(&self) -> Option<&Deadline> {
        match self {
            Shape::Deadline(deadline) | Shape::Window(Window { deadline, .. }) => Some(deadline),
            Shape::Never(_) => None,
        }
    }

    /// From when on it may be kept, where that is promised: for a window.
    pub fn from(&self) -> Option<&By> {
        match self {
            Shape::Window(window) => Some(&window.from),
            Shape::Deadline(_) | Shape::Never(_) => None,
        }
    }
}

impl Promise {
    /// The event without which nothing is known of it: what keeps it, or what must not happen.
    pub fn awaits(&self) -> &On {
        match &self.shape {
            Shape::Deadline(Deadline { kept, .. })
            | Shape::Window(Window {
                deadline: Deadline { kept, .. },
                ..
            }) => kept,
            Shape::Never(never) => &never.breaks,
        }
    }

    /// Every event that it listens to, what opens it first and what it awaits second.
    pub fn listens(&self) -> Vec<&On> {
        let mut all = vec![&self.opens, self.awaits()];
        match &self.shape {
            Shape::Deadline(deadline) | Shape::Window(Window { deadline, .. }) => {
                all.extend(&deadline.excused);
                all.extend(deadline.moved.as_ref().map(|moved| &moved.on));
                let pause = deadline.pause.iter();
                all.extend(pause.flat_map(|pause| [&pause.from, &pause.to]));
            }
            Shape::Never(never) => all.extend(&never.ends),
        }
        all
    }

    /// The properties by which its events name days and moments, with the events that have them.
    pub fn named_times(&self) -> Vec<(&On, &str)> {
        let Some(deadline) = self.shape.deadline() else {
            return Vec::new();
        };
        let bounds = [self.shape.from(), Some(&deadline.by)];
        let opening = bounds.into_iter().flatten().filter_map(By::property);
        let mut all: Vec<(&On, &str)> = opening.map(|property| (&self.opens, property)).collect();
        if let Some(moved) = &deadline.moved {
            all.extend(moved.from.iter().map(|from| (&moved.on, from.as_str())));
            all.push((&moved.on, &moved.by));
        }
        all
    }
}
