//! `tickets.csv`, as the help desk exports it: one row for each ticket, known by the requester's number and mostly by their address.

use std::path::Path;

use amends_model::Result;

use super::known;
use crate::Settings;
use crate::asking::{Fate, Ticket};
use crate::civil::utc;
use crate::dice::Dice;
use crate::life::Life;
use crate::promise::Promise;
use crate::sheet::{Sheet, cells};
use crate::timeline::Timeline;
use crate::truth::{Told, Truth};

const HEADER: &str = "id,requester_id,requester_email,subject,status,priority,via_channel,tags,\
created_at,first_reply_at,solved_at,satisfaction_score,satisfaction_comment";

/// The file and the numbers it gives.
pub(super) struct Export {
    pub(super) sheet: Sheet,
    last: u64,
}

impl Export {
    pub(super) fn create(folder: &Path) -> Result<Self> {
        Ok(Self {
            sheet: Sheet::create(folder, "tickets.csv", HEADER)?,
            last: 100_000,
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
        let shared = life.person.shares_mailbox();
        let mut met = None;
        for ticket in &life.tickets {
            self.last += 1;
            let id = self.last.to_string();
            let requester = life.person.requester(ticket.asked);
            // Who telephones is known by their number alone: so only those do whose number an earlier ticket ties to an address.
            let phones = met == Some(requester) && !shared && clerk.chance(1_500);
            let email = life.person.email(ticket.asked);
            let email = match clerk.below(10) {
                _ if phones => String::new(),
                0 => email.replacen("@example", "@Example", 1),
                _ => email.to_owned(),
            };
            let requester_text = requester.to_string();
            let row = row(
                clerk,
                timeline,
                ticket,
                phones,
                [&id, &requester_text, &email],
            );
            self.sheet.record(clerk, &row)?;
            if !shared && met != Some(requester) {
                met = Some(requester);
                truth.name(life, "requester", &requester_text)?;
            }
            // Behind a shared mailbox nobody can be named.
            let customer = if shared {
                String::new()
            } else {
                life.customer_id()
            };
            let told = Told {
                promise: Promise::FirstAnswer,
                about: &id,
                customer: &customer,
                opened: ticket.asked,
                standing: ticket.standing,
                place: ticket.place(timeline, &settings.plants),
                spoke: ticket.is_complained_of,
            };
            truth.told(timeline, life, &told)?;
        }
        Ok(())
    }
}

fn row(
    clerk: &mut Dice,
    timeline: &Timeline,
    ticket: &Ticket,
    phones: bool,
    [id, requester, email]: [&str; 3],
) -> String {
    let (replied, ended, tags) = match ticket.fate {
        Fate::Answered { replied, solved } => (Some(replied), Some(solved), ""),
        Fate::Withdrawn(at) => (None, Some(at), "withdrawn_by_requester"),
        Fate::Forgotten => (None, None, ""),
    };
    let (replied, ended) = (known(timeline, replied), known(timeline, ended));
    let channel = clerk.pick(&["email", "web", "chat", "email"]);
    let rated = replied.is_some() && ended.is_some() && clerk.chance(2_500);
    let content = ticket.standing.let_down.is_none() && !ticket.complaint;
    let good = rated && clerk.chance(if content { 9_000 } else { 3_000 });
    let (score, comment) = match (rated, good) {
        (false, _) => ("", ""),
        (true, true) => ("good", clerk.pick(&["", "", "Quick and kind"])),
        (true, false) => (
            "bad",
            clerk.pick(&["", "Nobody read my question, \"standard\" answer"]),
        ),
    };
    let moment = |moment: Option<i64>| moment.map(utc).unwrap_or_default();
    cells(
        ',',
        &[
            id,
            requester,
            email,
            ticket.subject,
            match (replied, ended) {
                (_, Some(_)) => "closed",
                (Some(_), None) => "pending",
                (None, None) => "new",
            },
            if ticket.complaint { "high" } else { "normal" },
            if phones { "phone" } else { channel },
            if ended.is_some() { tags } else { "" },
            &utc(ticket.asked),
            &moment(replied),
            &moment(ended),
            score,
            comment,
        ],
    )
}

/// Rows that cannot be read: a date that is none, too many cells, nobody's.
pub(super) fn broken(number: u64) -> Vec<String> {
    vec![
        format!(
            "90{number:09},88{number:09},test.{number}@example.net,Test,closed,normal,web,,yesterday,,,,"
        ),
        format!(
            "91{number:09},88{number:09},test.{number}@example.net,Dear team, where is it,closed,normal,web,,\
2024-01-10T08:15:00Z,2024-01-10T09:15:00Z,,,"
        ),
        format!(
            "92{number:09},,,Test,closed,normal,web,,2024-01-10T08:15:00Z,2024-01-10T09:15:00Z,,,"
        ),
    ]
}
