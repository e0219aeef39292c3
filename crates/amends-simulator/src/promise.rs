//! What the company promised, and what came of it: known because the simulator made it happen, not because events were read.

use crate::Settings;
use crate::civil::{DAY, HOUR};
use crate::timeline::Timeline;

/// Days after which an order that is overdue is given up.
pub(crate) const DELIVERY_GIVES_UP_DAYS: i64 = 21;

/// Opening hours within which the help desk answers.
pub(crate) const ANSWER_WITHIN: i64 = 8 * HOUR;

/// Days after which an answer that is overdue is given up.
pub(crate) const ANSWER_GIVES_UP_DAYS: i64 = 14;

/// Seconds within which the app lets somebody in.
pub(crate) const OPENS_WITHIN: i64 = 120;

/// Seconds after which an app that still lets nobody in is given up.
const OPENING_GIVES_UP: i64 = HOUR;

/// Days for which a bill that was paid must not be paid again.
pub(crate) const CHARGED_ONCE_DAYS: i64 = 30;

/// The promises of the company: the first two of every one, the others of one with all of its systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Promise {
    /// An order arrives by the date shown at checkout.
    DeliveryDate,
    /// A question is answered within eight opening hours.
    FirstAnswer,
    /// The app lets whoever signs in in within two minutes.
    AppOpens,
    /// A bill is paid once.
    ChargedOnce,
    /// A kettle is on the line all week.
    KettleOnLine,
}

impl Promise {
    /// All of them.
    pub(crate) const ALL: [Promise; 5] = [
        Promise::DeliveryDate,
        Promise::FirstAnswer,
        Promise::AppOpens,
        Promise::ChargedOnce,
        Promise::KettleOnLine,
    ];

    /// Those that a company makes.
    pub(crate) fn of(settings: &Settings) -> &'static [Promise] {
        if settings.all_systems {
            &Self::ALL
        } else {
            &Self::ALL[..2]
        }
    }

    /// Its name in the definitions.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Promise::DeliveryDate => "delivery-date",
            Promise::FirstAnswer => "first-answer",
            Promise::AppOpens => "app-opens",
            Promise::ChargedOnce => "charged-once",
            Promise::KettleOnLine => "kettle-on-line",
        }
    }

    fn seriousness(self, state: State, late_by: i64) -> u8 {
        let (third, second) = match self {
            Promise::DeliveryDate => (late_by > 7 * DAY, late_by > DAY),
            Promise::FirstAnswer => (state == State::Broken, late_by > 2 * DAY),
            Promise::ChargedOnce => (false, true),
            Promise::AppOpens | Promise::KettleOnLine => (false, false),
        };
        match (third, second) {
            (true, _) => 3,
            (_, true) => 2,
            _ => 1,
        }
    }
}

/// How one promise to one customer stands at the horizon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// Not yet due.
    Open,
    /// Kept in time.
    Kept,
    /// Kept with a day to spare.
    Beaten,
    /// Kept too late.
    Late,
    /// Due and still waited for.
    Overdue,
    /// Given up.
    Broken,
    /// The customer let us off before it was due.
    Excused,
}

impl State {
    /// All of them.
    pub(crate) const ALL: [State; 7] = [
        State::Open,
        State::Kept,
        State::Beaten,
        State::Late,
        State::Overdue,
        State::Broken,
        State::Excused,
    ];

    /// Its word in the truth files.
    pub(crate) fn word(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Kept => "kept",
            State::Beaten => "beaten",
            State::Late => "late",
            State::Overdue => "overdue",
            State::Broken => "broken",
            State::Excused => "excused",
        }
    }
}

/// A let-down as it could be proven at the horizon.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LetDown {
    /// From when on the records prove it: the moment the promise was due.
    pub(crate) could_have_known: i64,
    /// How late, in seconds: until it was kept, until it was given up, or until the horizon. `None` of what must not happen.
    pub(crate) late_by: Option<i64>,
    /// 1 to 3.
    pub(crate) serious: u8,
}

/// How a promise stands, and the let-down that it is, if it is one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    /// The state.
    pub(crate) state: State,
    /// What there is to make good.
    pub(crate) let_down: Option<LetDown>,
}

impl Standing {
    /// Not due, as far as is known.
    pub(crate) const OPEN: Standing = Standing {
        state: State::Open,
        let_down: None,
    };

    /// Of what must not happen until a moment, and perhaps did.
    pub(crate) fn never(promise: Promise, broken: Option<i64>, until: i64, horizon: i64) -> Self {
        let let_down = broken
            .filter(|broken| *broken < horizon)
            .map(|broken| LetDown {
                could_have_known: broken,
                late_by: None,
                serious: promise.seriousness(State::Broken, 0),
            });
        let state = match let_down {
            Some(_) => State::Broken,
            None if until <= horizon => State::Kept,
            None => State::Open,
        };
        Self { state, let_down }
    }
}

/// The deadline of one promise to one customer.
pub(crate) struct Deadline {
    promise: Promise,
    due: i64,
    gives_up: i64,
    beaten: Option<i64>,
}

impl Deadline {
    /// An order is due when the promised day ends.
    pub(crate) fn of_delivery(timeline: &Timeline, promised_day: i64) -> Self {
        let day_after = promised_day + 1;
        Self {
            promise: Promise::DeliveryDate,
            due: timeline.midnight(day_after),
            gives_up: timeline.midnight(day_after + DELIVERY_GIVES_UP_DAYS),
            beaten: Some(timeline.midnight(day_after - 1)),
        }
    }

    /// A question is due when the help desk has been open for eight hours.
    pub(crate) fn of_answer(timeline: &Timeline, asked: i64) -> Self {
        let due = timeline.desk_time_after(asked, ANSWER_WITHIN);
        let (day, clock) = timeline.day_and_clock(due);
        Self {
            promise: Promise::FirstAnswer,
            due,
            gives_up: timeline.at(day + ANSWER_GIVES_UP_DAYS, clock),
            beaten: None,
        }
    }

    /// The app is due within two minutes.
    pub(crate) fn of_opening(tried: i64) -> Self {
        let due = tried + OPENS_WITHIN;
        Self {
            promise: Promise::AppOpens,
            due,
            gives_up: due + OPENING_GIVES_UP,
            beaten: None,
        }
    }

    /// When it is due.
    pub(crate) fn due(&self) -> i64 {
        self.due
    }

    /// How it stands at the horizon. Nothing that happens at the horizon or after it is known.
    pub(crate) fn judge(&self, kept: Option<i64>, excused: Option<i64>, horizon: i64) -> Standing {
        let known = |moment: Option<i64>| moment.filter(|moment| *moment < horizon);
        let standing = |state| Standing {
            state,
            let_down: None,
        };
        if known(excused).is_some_and(|excused| self.meets(excused, self.due)) {
            return standing(State::Excused);
        }
        match known(kept) {
            Some(kept) if self.beaten.is_some_and(|beaten| kept <= beaten) => {
                standing(State::Beaten)
            }
            Some(kept) if self.meets(kept, self.due) => standing(State::Kept),
            Some(kept) if self.meets(kept, self.gives_up) => self.let_down(State::Late, kept),
            _ if horizon >= self.gives_up => self.let_down(State::Broken, self.gives_up),
            _ if horizon >= self.due => self.let_down(State::Overdue, horizon),
            _ => standing(State::Open),
        }
    }

    /// A day is met before it ends, an instant until it is there.
    fn meets(&self, moment: i64, deadline: i64) -> bool {
        match self.promise {
            Promise::DeliveryDate => moment < deadline,
            _ => moment <= deadline,
        }
    }

    fn let_down(&self, state: State, until: i64) -> Standing {
        let late_by = until - self.due;
        Standing {
            state,
            let_down: Some(LetDown {
                could_have_known: self.due,
                late_by: Some(late_by),
                serious: self.promise.seriousness(state, late_by),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEADLINE: Deadline = Deadline {
        promise: Promise::DeliveryDate,
        due: 100 * DAY,
        gives_up: 121 * DAY,
        beaten: Some(99 * DAY),
    };

    fn state(kept: Option<i64>, excused: Option<i64>, horizon: i64) -> (State, i64) {
        let standing = DEADLINE.judge(kept, excused, horizon * DAY);
        let late_by = standing.let_down.and_then(|let_down| let_down.late_by);
        let late_by = late_by.unwrap_or(0);
        (standing.state, late_by / DAY)
    }

    #[test]
    fn a_deadline_is_judged_by_what_is_known_at_the_horizon() {
        let day = |day: i64| Some(day * DAY);
        assert_eq!(state(None, None, 99), (State::Open, 0));
        assert_eq!(state(None, None, 105), (State::Overdue, 5));
        assert_eq!(state(None, None, 200), (State::Broken, 21));
        assert_eq!(state(day(98), None, 200), (State::Beaten, 0));
        assert_eq!(state(Some(100 * DAY - 1), None, 200), (State::Kept, 0));
        assert_eq!(state(day(103), None, 200), (State::Late, 3));
        assert_eq!(state(day(103), None, 102), (State::Overdue, 2));
        assert_eq!(state(day(130), None, 200), (State::Broken, 21));
        assert_eq!(state(None, day(99), 200), (State::Excused, 0));
        assert_eq!(state(None, day(103), 104), (State::Overdue, 4));
    }
    #[test]
    fn what_must_not_happen_is_kept_once_its_time_is_over() {
        let state = |broken, until| {
            let standing = Standing::never(Promise::ChargedOnce, broken, until, 100);
            (
                standing.state,
                standing.let_down.map(|one| one.could_have_known),
            )
        };
        assert_eq!(state(Some(90), 120), (State::Broken, Some(90)));
        assert_eq!(state(Some(100), 120), (State::Open, None));
        assert_eq!(state(None, 100), (State::Kept, None));
    }
}
