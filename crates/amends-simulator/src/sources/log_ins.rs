//! `log-ins.jsonl`, as the app reports them: one JSON object for each time that somebody signs in.

use std::path::Path;

use amends_model::Result;
use serde::Serialize;

use super::known;
use crate::Settings;
use crate::civil::utc;
use crate::dice::Dice;
use crate::life::Life;
use crate::promise::Promise;
use crate::sheet::Sheet;
use crate::timeline::Timeline;
use crate::truth::{Told, Truth};

/// The file and the numbers it gives.
pub(super) struct Export {
    pub(super) sheet: Sheet,
    last: u64,
}

#[derive(Serialize)]
struct Row<'a> {
    attempt: &'a str,
    customer: &'a str,
    app: AppPart<'a>,
    tried_at: String,
    entered_at: Option<String>,
}

#[derive(Serialize)]
struct AppPart<'a> {
    platform: &'a str,
    version: &'a str,
}

impl Export {
    pub(super) fn create(folder: &Path) -> Result<Self> {
        Ok(Self {
            sheet: Sheet::create(folder, "log-ins.jsonl", "")?,
            last: 9_000_000,
        })
    }

    pub(super) fn write(
        &mut self,
        clerk: &mut Dice,
        settings: &Settings,
        timeline: &Timeline,
        life: &Life,
        truth: &mut Truth,
    ) -> Result<()> {
        for (stint, log_in) in &life.log_ins {
            self.last += 1;
            let id = format!("L{}", self.last);
            let row = Row {
                attempt: &id,
                customer: &life.person.customer_id(life.stints[*stint].account),
                app: AppPart {
                    platform: log_in.platform,
                    version: log_in.version,
                },
                tried_at: utc(log_in.tried),
                entered_at: known(timeline, log_in.entered).map(utc),
            };
            // Texts only: this cannot fail.
            let line = serde_json::to_string(&row).unwrap_or_default();
            self.sheet.record(clerk, &line)?;
            let told = Told {
                promise: Promise::AppOpens,
                about: &id,
                customer: &life.customer_id(),
                opened: log_in.tried,
                standing: log_in.standing,
                place: log_in.place(&settings.plants),
                spoke: log_in.is_complained_of,
            };
            truth.told(timeline, life, &told)?;
        }
        Ok(())
    }
}

/// Lines that cannot be read: a moment that is none, JSON that breaks off, nobody's.
pub(super) fn broken(number: u64) -> Vec<String> {
    let line = |id: &str, customer: &str, at: &str| {
        format!(
            r#"{{"attempt":"{id}{number}","customer":{customer},"app":{{"platform":"iOS","version":"3.8"}},"tried_at":"{at}","entered_at":null}}"#
        )
    };
    let whole = line("M", "\"cus_test\"", "2024-01-12T11:00:00Z");
    vec![
        line("N", "\"cus_test\"", "just now"),
        whole[..whole.len() - 30].to_owned(),
        line("O", "null", "2024-01-12T11:00:00Z"),
    ]
}
