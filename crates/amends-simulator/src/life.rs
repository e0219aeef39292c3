//! The whole story of one customer: joining, buying, asking, being let down, leaving, coming back.

use crate::Settings;
use crate::asking::{self, Ticket};
use crate::civil::DAY;
use crate::dice::{Dice, Part};
use crate::membership::{self, Ending, Stint, Subscription, Why};
use crate::person::Person;
use crate::shopping::{self, Order};
use crate::timeline::Timeline;

/// Of those let down by a late parcel and by a late answer so many in ten thousand leave for it.
const LEAVES_OVER_PARCEL: u64 = 1_000;
const LEAVES_OVER_ANSWER: u64 = 600;

/// So many in ten thousand change their mail address, and come back under a new customer id.
const CHANGES_ADDRESS: u64 = 250;
const COMES_BACK_ANEW: u64 = 2_500;

/// Nobody joins more often.
const STINTS: u8 = 3;

/// Everything that happens to one customer.
pub(crate) struct Life {
    /// Who it is.
    pub(crate) person: Person,
    /// Their memberships, in order of time.
    pub(crate) stints: Vec<Stint>,
    /// Their orders, in order of time, each with the number of the membership in which it was placed.
    pub(crate) orders: Vec<(usize, Order)>,
    /// Their questions, in order of time.
    pub(crate) tickets: Vec<Ticket>,
}

impl Life {
    /// The life of customer `number`, from 1.
    pub(crate) fn of(settings: &Settings, timeline: &Timeline, number: u64) -> Self {
        let mut dice = Dice::new(settings.seed, number, Part::Life);
        let mut life = Life {
            person: Person::new(settings, number),
            stints: Vec::new(),
            orders: Vec::new(),
            tickets: Vec::new(),
        };
        let (from, until) = if dice.chance(4_000) {
            (timeline.founded, timeline.start)
        } else {
            (timeline.start, timeline.horizon)
        };
        let mut joins = Some(membership::minute(dice.between(from + 60, until)));
        while let Some(joined) = joins.filter(|joined| *joined < timeline.horizon) {
            let ending = life.live_stint(&mut dice, timeline, joined);
            let known = ending.filter(|ending| ending.ended < timeline.horizon);
            joins = known
                .filter(|_| life.stints.len() < usize::from(STINTS))
                .and_then(|ending| membership::draw_return(&mut dice, &ending));
        }
        life.tickets.sort_by_key(|ticket| ticket.asked);
        life.change_address(&mut dice, timeline);
        life
    }

    /// Whether they are a customer at a moment.
    pub(crate) fn is_customer(&self, at: i64) -> bool {
        self.stints
            .iter()
            .any(|stint| stint.joined <= at && stint.ending.is_none_or(|ending| at < ending.ended))
    }

    /// The customer id that names them in the truth: their first.
    pub(crate) fn customer_id(&self) -> String {
        self.person.customer_id(0)
    }

    fn live_stint(&mut self, dice: &mut Dice, timeline: &Timeline, joined: i64) -> Option<Ending> {
        let returned = !self.stints.is_empty();
        let anew = returned && dice.chance(COMES_BACK_ANEW) && !self.person.shares_mailbox();
        let before = self.stints.last().map_or(0, |stint| stint.account);
        let account = if anew { 1 } else { before };
        let first = Subscription {
            plan: membership::choose_plan(dice),
            created: joined,
            ending: None,
        };
        let mut ending = membership::draw_ending(dice, first, returned);
        let (from, until) = (
            joined.max(timeline.start),
            ending.ended.min(timeline.horizon),
        );
        let orders = shopping::draw_orders(dice, timeline, self.person.depot, from, until);
        let complaints: Vec<Option<Ticket>> = orders
            .iter()
            .map(|order| {
                let let_down = order.standing.let_down?;
                asking::draw_complaint(dice, timeline, let_down.could_have_known)
            })
            .collect();
        let questions = asking::draw_questions(dice, timeline, from, until);
        if let Some(asked) = draw_last_straw(dice, &orders, &questions)
            && asked < ending.asked
        {
            ending = membership::ask_to_end(dice, first, asked, Why::Service, returned);
        }
        let ending = Some(ending).filter(|ending| ending.asked < timeline.horizon);
        let stays_until = ending.map_or(i64::MAX, |ending| ending.ended);
        let subscriptions = membership::draw_contracts(dice, first, ending, timeline.horizon);
        let stint = self.stints.len();
        for (order, complaint) in orders.into_iter().zip(complaints) {
            if order.placed < stays_until {
                self.orders.push((stint, order));
                self.tickets.extend(complaint);
            }
        }
        self.tickets.extend(
            questions
                .into_iter()
                .filter(|ticket| ticket.asked < stays_until),
        );
        self.stints.push(Stint {
            account,
            joined,
            ending,
            subscriptions,
        });
        ending
    }

    /// Some use another address from some day on: after their first order, which ties the old address to their customer id.
    fn change_address(&mut self, dice: &mut Dice, timeline: &Timeline) {
        let Some((_, first)) = self.orders.first_mut() else {
            return;
        };
        let earliest = first.placed + DAY;
        let changes = dice.chance(CHANGES_ADDRESS) && earliest < timeline.horizon;
        if changes && !self.person.shares_mailbox() {
            first.guest = false;
            self.person.changed_at = Some(dice.between(earliest, timeline.horizon));
        }
    }
}

/// Draws whether a let-down makes somebody leave, and when they ask for it: the earliest that does.
fn draw_last_straw(dice: &mut Dice, orders: &[Order], questions: &[Ticket]) -> Option<i64> {
    let parcels = orders
        .iter()
        .map(|order| (order.standing, LEAVES_OVER_PARCEL));
    let answers = questions
        .iter()
        .map(|ticket| (ticket.standing, LEAVES_OVER_ANSWER));
    parcels
        .chain(answers)
        .filter_map(|(standing, odds)| {
            let known = standing.let_down?.could_have_known;
            let asked = known + dice.between(DAY, 11 * DAY);
            dice.chance(odds).then_some(asked)
        })
        .min()
}
