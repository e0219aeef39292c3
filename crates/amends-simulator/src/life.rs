//! The whole story of one customer: joining, buying, asking, being let down, leaving, coming back.

use crate::Settings;
use crate::aftermath::Aftermath;
use crate::app::{App, LogIn};
use crate::asking::Ticket;
use crate::charging::{self, Charge};
use crate::civil::DAY;
use crate::dice::{Dice, Part};
use crate::happening::Happening;
use crate::kettle::{Kettle, Week};
use crate::membership::{self, Ending, Stint, Subscription, Why};
use crate::person::Person;
use crate::promise::Promise;
use crate::shopping::Order;
use crate::timeline::Timeline;

/// So many in ten thousand change their mail address, and come back under a new customer id.
const CHANGES_ADDRESS: u64 = 250;
const COMES_BACK_ANEW: u64 = 2_500;

/// Nobody joins more often.
const STINTS: u8 = 3;

/// Everything that happens to one customer. What belongs to a membership has its number beside it.
pub(crate) struct Life {
    /// Which customer it is, from 1.
    pub(crate) number: u64,
    /// Who it is.
    pub(crate) person: Person,
    /// Their app.
    pub(crate) app: Option<App>,
    /// Their kettle.
    pub(crate) kettle: Option<Kettle>,
    /// Their memberships, in order of time.
    pub(crate) stints: Vec<Stint>,
    /// Their orders, in order of time.
    pub(crate) orders: Vec<(usize, Order)>,
    /// Their questions, in order of time.
    pub(crate) tickets: Vec<Ticket>,
    /// When they signed in to the app, in order of time.
    pub(crate) log_ins: Vec<(usize, LogIn)>,
    /// Their bills, contract by contract.
    pub(crate) charges: Vec<(usize, Charge)>,
    /// The weeks of their kettle, in order of time.
    pub(crate) weeks: Vec<(usize, Week)>,
}

impl Life {
    /// The life of customer `number`, from 1.
    pub(crate) fn of(settings: &Settings, timeline: &Timeline, number: u64) -> Self {
        let mut dice = Dice::new(settings.seed, number, Part::Life);
        let mut life = Life {
            number,
            person: Person::new(settings, number),
            app: App::draw(settings, number),
            kettle: Kettle::draw(settings, timeline, number),
            stints: Vec::new(),
            orders: Vec::new(),
            tickets: Vec::new(),
            log_ins: Vec::new(),
            charges: Vec::new(),
            weeks: Vec::new(),
        };
        let (from, until) = if dice.chance(4_000) {
            (timeline.founded, timeline.start)
        } else {
            (timeline.start, timeline.horizon)
        };
        let mut joins = Some(membership::minute(dice.between(from + 60, until)));
        while let Some(joined) = joins.filter(|joined| *joined < timeline.horizon) {
            let ending = life.live_stint(settings, &mut dice, timeline, joined);
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

    fn live_stint(
        &mut self,
        settings: &Settings,
        dice: &mut Dice,
        timeline: &Timeline,
        joined: i64,
    ) -> Option<Ending> {
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
        let mut happening = Happening::draw(settings, timeline, dice, self, (from, until));
        if let Some((asked, over)) = happening.last_straw()
            && asked < ending.asked
        {
            ending = membership::ask_to_end(dice, first, asked, Why::Service, returned);
            ending.over = Some(over);
        }
        let mut ending = Some(ending).filter(|ending| ending.asked < timeline.horizon);
        let mut subscriptions = membership::draw_contracts(dice, first, ending, timeline.horizon);
        if settings.all_systems {
            let charges = self.charge(settings, timeline, &subscriptions);
            if let [only] = &mut subscriptions[..]
                && let Some(sooner) = leaves_over_charges(timeline, &charges, only, returned)
            {
                (only.ending, ending) = (Some(sooner), Some(sooner));
            }
            happening.charges = charges;
        }
        let stays_until = ending.map_or(i64::MAX, |ending| ending.ended);
        happening.end(stays_until);
        self.take(settings, timeline, happening);
        self.stints.push(Stint {
            account,
            joined,
            ending,
            subscriptions,
        });
        ending
    }

    /// The bills of the contracts of one membership, and what comes of them.
    fn charge(
        &self,
        settings: &Settings,
        timeline: &Timeline,
        contracts: &[Subscription],
    ) -> Vec<(Charge, Aftermath)> {
        let charges = contracts
            .iter()
            .flat_map(|contract| charging::draw_charges(settings, timeline, self.number, contract));
        charges
            .map(|charge| {
                let told = (charge.paid, charge.standing);
                let promise = Promise::ChargedOnce;
                let after = Aftermath::draw(settings, timeline, self.number, promise, told);
                (charge, after)
            })
            .collect()
    }

    /// Takes what happened in a membership, and the complaints about it.
    fn take(&mut self, settings: &Settings, timeline: &Timeline, happening: Happening) {
        let stint = self.stints.len();
        let mut complaints: Vec<Ticket> = Vec::new();
        for (mut order, after) in happening.orders {
            order.is_complained_of = after.is_heard();
            complaints.extend(after.complaint);
            self.orders.push((stint, order));
        }
        for (mut ticket, after) in happening.questions {
            ticket.is_complained_of = after.is_heard();
            complaints.extend(after.complaint);
            self.tickets.push(ticket);
        }
        for (mut log_in, after) in happening.log_ins {
            log_in.is_complained_of = after.is_heard();
            complaints.extend(after.complaint);
            self.log_ins.push((stint, log_in));
        }
        for (mut charge, after) in happening.charges {
            charge.is_complained_of = after.is_heard();
            complaints.extend(after.complaint);
            self.charges.push((stint, charge));
        }
        for (mut week, after) in happening.weeks {
            week.is_complained_of = after.is_heard();
            complaints.extend(after.complaint);
            self.weeks.push((stint, week));
        }
        for mut ticket in complaints {
            ticket.as_planted(settings, timeline, self.number);
            self.tickets.push(ticket);
        }
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

/// How a contract ends sooner because something was charged twice: at once, so that nothing is charged any more.
fn leaves_over_charges(
    timeline: &Timeline,
    charges: &[(Charge, Aftermath)],
    contract: &Subscription,
    returned: bool,
) -> Option<Ending> {
    let leaving = charges
        .iter()
        .filter_map(|(charge, after)| Some((after.leaves?, charge.paid)));
    let (asked, paid) = leaving.min()?;
    let asked = membership::minute(membership::earliest_end(contract, asked, returned));
    let is_sooner = contract.ending.is_none_or(|ending| asked < ending.asked);
    (is_sooner && asked < timeline.horizon).then_some(Ending {
        asked,
        ended: asked,
        at_period_end: false,
        why: Why::Service,
        over: Some((Promise::ChargedOnce, paid)),
    })
}
