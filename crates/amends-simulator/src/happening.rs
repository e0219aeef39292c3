//! What happens to somebody in one membership, and what each of it leads to.

use crate::Settings;
use crate::aftermath::{Aftermath, draw_leaving};
use crate::app::LogIn;
use crate::asking::{self, Ticket};
use crate::charging::Charge;
use crate::dice::Dice;
use crate::kettle::Week;
use crate::life::Life;
use crate::promise::{Promise, Standing};
use crate::shopping::{self, Order};
use crate::timeline::Timeline;

/// Everything that happens in one membership, in order of time, each with what it leads to.
pub(crate) struct Happening {
    /// Orders.
    pub(crate) orders: Vec<(Order, Aftermath)>,
    /// Questions to the help desk. Complaints are not among them.
    pub(crate) questions: Vec<(Ticket, Aftermath)>,
    /// Times of signing in to the app.
    pub(crate) log_ins: Vec<(LogIn, Aftermath)>,
    /// Bills: none before the contracts are drawn.
    pub(crate) charges: Vec<(Charge, Aftermath)>,
    /// Weeks of a kettle.
    pub(crate) weeks: Vec<(Week, Aftermath)>,
}

impl Happening {
    /// Draws what happens between two moments, if nobody leaves before.
    ///
    /// What only the depot's parcels and the questions lead to is drawn from the stream of the life, as every company has it; what is planted
    /// beyond that comes from streams of its own, so that it changes whom it touches and nobody else.
    pub(crate) fn draw(
        settings: &Settings,
        timeline: &Timeline,
        dice: &mut Dice,
        life: &Life,
        (from, until): (i64, i64),
    ) -> Self {
        let number = life.number;
        let orders = shopping::draw_orders(dice, timeline, life.person.depot, from, until);
        let complaints: Vec<Option<Ticket>> = orders
            .iter()
            .map(|order| {
                let known = order.standing.let_down?.could_have_known;
                asking::draw_complaint(dice, timeline, Promise::DeliveryDate, known)
            })
            .collect();
        let questions = asking::draw_questions(dice, timeline, from, until);
        let drawn: Vec<Aftermath> = orders
            .iter()
            .zip(complaints)
            .map(|(order, complaint)| Aftermath {
                complaint,
                leaves: draw_leaving(dice, Promise::DeliveryDate, order.standing),
            })
            .collect();
        let after_questions: Vec<Aftermath> = questions
            .iter()
            .map(|ticket| Aftermath {
                complaint: None,
                leaves: draw_leaving(dice, Promise::FirstAnswer, ticket.standing),
            })
            .collect();
        let after = |promise, was: Standing, drawn: Aftermath, now: (i64, Standing)| match was
            .let_down
            .is_some()
            == now.1.let_down.is_some()
        {
            true => drawn,
            false => Aftermath::draw(settings, timeline, number, promise, now),
        };
        let orders = orders.into_iter().zip(drawn).map(|(mut order, drawn)| {
            let was = order.standing;
            order.as_planted(settings, timeline, number);
            let now = (order.placed, order.standing);
            let drawn = after(Promise::DeliveryDate, was, drawn, now);
            (order, drawn)
        });
        let questions = questions.into_iter().zip(after_questions);
        let questions = questions.map(|(mut ticket, drawn)| {
            let was = ticket.standing;
            ticket.as_planted(settings, timeline, number);
            let now = (ticket.asked, ticket.standing);
            let drawn = after(Promise::FirstAnswer, was, drawn, now);
            (ticket, drawn)
        });
        let draw = |promise, now| Aftermath::draw(settings, timeline, number, promise, now);
        let span = (from, until);
        let app = life.app.as_ref();
        let log_ins = app.map(|app| app.draw_log_ins(settings, timeline, number, span));
        let log_ins = log_ins.into_iter().flatten().map(|log_in| {
            let drawn = draw(Promise::AppOpens, (log_in.tried, log_in.standing));
            (log_in, drawn)
        });
        let kettle = life.kettle.as_ref();
        let weeks = kettle.map(|kettle| kettle.weeks(settings, timeline, span));
        let weeks = weeks.into_iter().flatten().map(|week| {
            let drawn = draw(Promise::KettleOnLine, (week.reported, week.standing));
            (week, drawn)
        });
        Self {
            orders: orders.collect(),
            questions: questions.collect(),
            log_ins: log_ins.collect(),
            charges: Vec::new(),
            weeks: weeks.collect(),
        }
    }

    /// When somebody asks to end the membership over a let-down, and over which: the promise and when it was made. The earliest that makes them.
    pub(crate) fn last_straw(&self) -> Option<(i64, (Promise, i64))> {
        let straw = |promise: Promise, made: i64, after: &Aftermath| {
            after.leaves.map(|asked| (asked, (promise, made)))
        };
        let orders = self.orders.iter();
        let orders =
            orders.filter_map(|(one, after)| straw(Promise::DeliveryDate, one.placed, after));
        let questions = self.questions.iter();
        let questions =
            questions.filter_map(|(one, after)| straw(Promise::FirstAnswer, one.asked, after));
        let log_ins = self.log_ins.iter();
        let log_ins = log_ins.filter_map(|(one, after)| straw(Promise::AppOpens, one.tried, after));
        let weeks = self.weeks.iter();
        let weeks =
            weeks.filter_map(|(one, after)| straw(Promise::KettleOnLine, one.reported, after));
        let all = orders.chain(questions).chain(log_ins).chain(weeks);
        all.min_by_key(|(asked, _)| *asked)
    }

    /// Leaves what begins before somebody is gone.
    pub(crate) fn end(&mut self, stays_until: i64) {
        self.orders.retain(|(one, _)| one.placed < stays_until);
        self.questions.retain(|(one, _)| one.asked < stays_until);
        self.log_ins.retain(|(one, _)| one.tried < stays_until);
        self.charges.retain(|(one, _)| one.paid < stays_until);
        self.weeks.retain(|(one, _)| one.reported < stays_until);
    }
}
