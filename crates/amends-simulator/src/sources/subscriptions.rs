//! `subscriptions.csv`, as the billing system exports it: one row for each contract, as it stands on the day of the export.

use std::path::Path;

use amends_model::Result;

use super::known;
use crate::civil::utc_to_the_minute;
use crate::dice::Dice;
use crate::life::Life;
use crate::membership::{Subscription, Why};
use crate::sheet::{Sheet, cells, euros};
use crate::timeline::Timeline;
use crate::truth::Truth;

const HEADER: &str = "id,Customer ID,Customer Email,Plan,Quantity,Currency,Interval,Amount,Status,\
Created (UTC),Start (UTC),Current Period Start (UTC),Current Period End (UTC),\
Canceled At (UTC),Cancel At Period End,Ended At (UTC),\
cancellation_details_reason,cancellation_details_feedback,cancellation_details_comment,leaving_reason (metadata)";

const COMMENTS: [&str; 4] = [
    "",
    "",
    "Thank you, but no.",
    "Three parcels late, then \"sorry\".\nI have had enough, really.",
];

/// The file and the numbers it gives.
pub(super) struct Export {
    pub(super) sheet: Sheet,
    last: u64,
}

impl Export {
    pub(super) fn create(folder: &Path) -> Result<Self> {
        Ok(Self {
            sheet: Sheet::create(folder, "subscriptions.csv", HEADER)?,
            last: 0,
        })
    }

    pub(super) fn write(
        &mut self,
        clerk: &mut Dice,
        timeline: &Timeline,
        life: &Life,
        truth: &mut Truth,
    ) -> Result<()> {
        for stint in &life.stints {
            let customer = life.person.customer_id(stint.account);
            // The export shows the address of today with every contract, however old.
            let email = life.person.email(timeline.horizon);
            truth.name(life, "customer", &customer)?;
            if !life.person.shares_mailbox() {
                truth.name(life, "email", email)?;
            }
            for subscription in &stint.subscriptions {
                self.last += 1;
                let id = format!("sub_1T{:09}", self.last);
                let row = row(clerk, timeline, subscription, [&id, &customer, email]);
                self.sheet.record(clerk, &row)?;
            }
        }
        Ok(())
    }
}

fn row(
    clerk: &mut Dice,
    timeline: &Timeline,
    subscription: &Subscription,
    [id, customer, email]: [&str; 3],
) -> String {
    let ending = subscription.ending;
    let ended = known(timeline, ending.map(|ending| ending.ended));
    let last_moment = ended.unwrap_or(timeline.horizon) - 60;
    let (period_from, period_to) = subscription.period(last_moment.max(subscription.created));
    let moment = |moment: Option<i64>| moment.map(utc_to_the_minute).unwrap_or_default();
    let why = ending.map(|ending| ending.why);
    let stated = why.map_or("", Why::stated);
    let (reason, feedback, metadata) = match why {
        None => ("", "", ""),
        Some(Why::NonPayment) => ("payment_failed", "", ""),
        Some(Why::Moved | Why::Deceased | Why::PlanChange) => {
            ("cancellation_requested", "", stated)
        }
        Some(_) => ("cancellation_requested", stated, ""),
    };
    let comment = if why == Some(Why::Service) {
        clerk.pick(&COMMENTS)
    } else {
        ""
    };
    let created = utc_to_the_minute(subscription.created);
    cells(
        ',',
        &[
            id,
            customer,
            email,
            subscription.plan.name,
            "1",
            "eur",
            if subscription.plan.months == 12 {
                "year"
            } else {
                "month"
            },
            &euros(subscription.plan.cents),
            if ended.is_some() {
                "canceled"
            } else {
                "active"
            },
            &created,
            &created,
            &moment(Some(period_from)),
            &moment(Some(period_to)),
            &moment(ending.map(|ending| ending.asked)),
            if ending.is_some_and(|ending| ending.at_period_end) {
                "true"
            } else {
                "false"
            },
            &moment(ended),
            reason,
            feedback,
            comment,
            metadata,
        ],
    )
}

/// Rows that cannot be read: a date that is none, too few cells, nobody's.
pub(super) fn broken(number: u64) -> Vec<String> {
    let tail = "eur,month,12.90,active";
    let dates = "2024-01-09 08:15,2024-01-09 08:15,2024-01-09 08:15,2024-02-09 08:15,,false,,,,,";
    vec![
        format!(
            "sub_9T{number:09},cus_test{number},test.{number}@example.net,Daily Cup,1,{tail},\
31.04.2024 25:61,,,,,false,,,,,"
        ),
        format!("sub_8T{number:09},cus_test{number},Daily Cup,1,{tail}"),
        format!("sub_7T{number:09},,,Daily Cup,1,{tail},{dates}"),
    ]
}
