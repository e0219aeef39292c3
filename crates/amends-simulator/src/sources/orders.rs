//! `orders.csv`, as the shop exports it. Guests leave their address only.

use std::path::Path;

use amends_model::Result;

use super::known;
use crate::Settings;
use crate::civil::{date, local_with_offset};
use crate::dice::Dice;
use crate::life::Life;
use crate::promise::Promise;
use crate::sheet::{Sheet, cells, euros};
use crate::shopping::Order;
use crate::timeline::Timeline;
use crate::truth::{Told, Truth};

const HEADER: &str = "order_id,customer_id,email,placed_at,promised_delivery,depot,product_category,\
total_price,currency,cancelled_at,cancelled_by";

/// An order to be written.
pub(super) struct Written<'a> {
    pub(super) order: &'a Order,
    /// The account of the membership in which it was placed.
    pub(super) account: u8,
    /// Whether it was rated low in a survey.
    pub(super) is_rated_low: bool,
}

/// The file and the numbers it gives.
pub(super) struct Export {
    pub(super) sheet: Sheet,
    last: u64,
}

impl Export {
    pub(super) fn create(folder: &Path) -> Result<Self> {
        Ok(Self {
            sheet: Sheet::create(folder, "orders.csv", HEADER)?,
            last: 1_000_000,
        })
    }

    /// Writes an order and returns the number that it was given.
    pub(super) fn write(
        &mut self,
        clerk: &mut Dice,
        settings: &Settings,
        timeline: &Timeline,
        life: &Life,
        of: &Written<'_>,
        truth: &mut Truth,
    ) -> Result<String> {
        let order = of.order;
        self.last += 1;
        let id = format!("TW-{}", self.last);
        let shared = life.person.shares_mailbox();
        let guest = order.guest && !shared;
        let email = life.person.email(order.placed);
        if !shared && life.person.changed_at.is_some() {
            truth.name(life, "email", email)?;
        }
        let moment = |moment: i64| local_with_offset(moment, timeline.offset(moment));
        let cancelled = order
            .cancelled
            .filter(|(at, _)| known(timeline, Some(*at)).is_some());
        let customer = if guest {
            String::new()
        } else {
            life.person.customer_id(of.account)
        };
        let row = cells(
            ',',
            &[
                &id,
                &customer,
                email,
                &moment(order.placed),
                &date(order.promised_day),
                order.depot,
                order.category,
                &euros(order.cents),
                "EUR",
                &cancelled.map(|(at, _)| moment(at)).unwrap_or_default(),
                cancelled.map_or("", |(_, by)| by.word()),
            ],
        );
        self.sheet.record(clerk, &row)?;
        let told = Told {
            promise: Promise::DeliveryDate,
            about: &id,
            customer: &life.customer_id(),
            opened: order.placed,
            standing: order.standing,
            place: order.place(timeline, &settings.plants),
            spoke: order.is_complained_of || of.is_rated_low,
        };
        truth.told(timeline, life, &told)?;
        if let Some(at) = order.delivered.filter(|_| told.is_beaten()) {
            truth.kindness(life, ("promise beaten", &id), at, None)?;
        }
        Ok(id)
    }
}

/// Rows that cannot be read: a date that is none, too few cells, nobody's.
pub(super) fn broken(number: u64) -> Vec<String> {
    vec![
        format!(
            "TX-{number},cus_test{number},test.{number}@example.net,2024-13-45 08:15:00 +0100,2024-01-12,\
Marrowgate,black tea,19.90,EUR,,"
        ),
        format!("TY-{number},cus_test{number},2024-01-10 08:15:00 +0100,2024-01-12,Marrowgate"),
        format!(
            "TZ-{number},,,2024-01-10 08:15:00 +0100,2024-01-12,Marrowgate,black tea,19.90,EUR,,"
        ),
    ]
}
