//! `deliveries.jsonl`, as the carriers report it: one JSON object a line. It names the order, never the person.

use std::path::Path;

use amends_model::Result;
use serde::Serialize;

use super::known;
use crate::civil::local_iso;
use crate::dice::Dice;
use crate::sheet::Sheet;
use crate::shopping::Order;
use crate::timeline::Timeline;

/// The file and the numbers it gives.
pub(super) struct Export {
    pub(super) sheet: Sheet,
    last: u64,
}

#[derive(Serialize)]
struct Row<'a> {
    delivery_id: String,
    order: OrderPart<'a>,
    carrier: &'a str,
    depot: &'a str,
    delivered_at: String,
    attempts: u64,
}

#[derive(Serialize)]
struct OrderPart<'a> {
    id: &'a str,
    parcels: u8,
}

impl Export {
    pub(super) fn create(folder: &Path) -> Result<Self> {
        Ok(Self {
            sheet: Sheet::create(folder, "deliveries.jsonl", "")?,
            last: 5_000_000,
        })
    }

    pub(super) fn write(
        &mut self,
        clerk: &mut Dice,
        timeline: &Timeline,
        order: &Order,
        id: &str,
    ) -> Result<()> {
        let Some(delivered) = known(timeline, order.delivered) else {
            return Ok(());
        };
        self.last += 1;
        let row = Row {
            delivery_id: format!("D{}", self.last),
            order: OrderPart { id, parcels: 1 },
            carrier: order.carrier,
            depot: order.depot,
            delivered_at: local_iso(delivered, timeline.offset(delivered)),
            attempts: order.attempts,
        };
        // Texts and numbers only: this cannot fail.
        let line = serde_json::to_string(&row).unwrap_or_default();
        self.sheet.record(clerk, &line)
    }
}

/// Lines that cannot be read: a moment that is none, JSON that breaks off, an order that nobody placed.
pub(super) fn broken(number: u64) -> Vec<String> {
    let line = |id: &str, order: &str, at: &str| {
        format!(
            r#"{{"delivery_id":"{id}{number}","order":{{"id":"{order}{number}","parcels":1}},"carrier":"Swiftfoot Parcels","depot":"Marrowgate","delivered_at":"{at}","attempts":1}}"#
        )
    };
    let whole = line("E", "TX-", "2024-01-12T11:00:00+01:00");
    vec![
        line("F", "TX-", "this morning"),
        whole[..whole.len() - 40].to_owned(),
        line("G", "TN-", "2024-01-12T11:00:00+01:00"),
    ]
}
