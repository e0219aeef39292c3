//! The promises that are replayed, each said once: as a definition for the program, as values for DuckDB's SQL.

use serde_json::{Value, json};

use super::company::ZONE;

/// When a promise is due.
#[derive(Clone, Copy)]
enum Due {
    /// At the end of the day that a property names.
    Day(&'static str),
    /// So many hours after what opens it.
    Hours(u32),
}

/// A promise with a deadline.
pub(super) struct Promise {
    pub(super) name: &'static str,
    opens: &'static str,
    kept: &'static str,
    due: Due,
    /// What excuses it, and where.
    excused: Option<(&'static str, &'static str)>,
    /// After how many hours it is given up. Days of the calendar would meet hours that a zone has twice, of which engines choose differently.
    gives_up: u32,
}

/// The first one is replayed alone as well.
pub(super) const PROMISES: [Promise; 8] = [
    Promise {
        name: "delivery-date",
        opens: "order_placed",
        kept: "order_delivered",
        due: Due::Day("promised_delivery"),
        excused: Some(("order_cancelled", "cancelled_by = 'customer'")),
        gives_up: 21 * 24,
    },
    Promise {
        name: "delivery-in-a-week",
        opens: "order_placed",
        kept: "order_delivered",
        due: Due::Hours(168),
        excused: Some(("order_cancelled", "cancelled_by = 'customer'")),
        gives_up: 21 * 24,
    },
    Promise {
        name: "delivery-in-ten-days",
        opens: "order_placed",
        kept: "order_delivered",
        due: Due::Hours(240),
        excused: None,
        gives_up: 14 * 24,
    },
    Promise {
        name: "answer-in-a-day",
        opens: "ticket_opened",
        kept: "ticket_answered",
        due: Due::Hours(24),
        excused: Some(("ticket_withdrawn", "true")),
        gives_up: 14 * 24,
    },
    Promise {
        name: "answer-in-two-days",
        opens: "ticket_opened",
        kept: "ticket_answered",
        due: Due::Hours(48),
        excused: Some(("ticket_withdrawn", "true")),
        gives_up: 7 * 24,
    },
    Promise {
        name: "solved-in-three-days",
        opens: "ticket_opened",
        kept: "ticket_solved",
        due: Due::Hours(72),
        excused: Some(("ticket_withdrawn", "true")),
        gives_up: 14 * 24,
    },
    Promise {
        name: "solved-in-a-week",
        opens: "ticket_opened",
        kept: "ticket_solved",
        due: Due::Hours(168),
        excused: None,
        gives_up: 30 * 24,
    },
    Promise {
        name: "goodbye-in-a-month",
        opens: "subscription_cancelled",
        kept: "subscription_ended",
        due: Due::Hours(744),
        excused: None,
        gives_up: 60 * 24,
    },
];

impl Promise {
    /// Its definition.
    pub(super) fn toml(&self) -> String {
        let Self {
            name,
            opens,
            kept,
            gives_up,
            ..
        } = self;
        let by = match self.due {
            Due::Day(property) => format!("{{ property = \"{property}\", as = \"date\" }}"),
            Due::Hours(hours) => format!("\"{hours} hours\""),
        };
        let excused = self.excused.map(|(on, condition)| {
            format!("excused = {{ on = \"{on}\", where = \"{condition}\" }}\n")
        });
        format!(
            "[promise.{name}]\n\
             says = \"A promise to be measured: {name}\"\n\
             made-by = \"bench\"\n\
             opens = {{ on = \"{opens}\" }}\n\
             kept = {{ on = \"{kept}\" }}\n\
             by = {by}\n\
             {}gives-up = \"{gives_up} hours\"\n",
            excused.unwrap_or_default()
        )
    }

    /// What is filled into `duckdb/answers/instances.sql`.
    pub(super) fn values(&self, as_of: &str) -> Value {
        let (deadline, due, meets) = match self.due {
            Due::Day(property) => (
                property.to_owned(),
                format!("timezone('{ZONE}', (deadline + 1)::timestamp)"),
                "<",
            ),
            Due::Hours(hours) => (
                "true".to_owned(),
                format!("opened_at + interval '{hours} hours'"),
                "<=",
            ),
        };
        // Nothing is read where nothing excuses.
        let (excused, excuses) = self.excused.unwrap_or((self.opens, "false"));
        json!({
            "opens": self.opens,
            "kept": self.kept,
            "deadline": deadline,
            "due": due,
            "meets": meets,
            "excused": excused,
            "excuses": excuses,
            "gives_up": self.gives_up,
            "as_of": as_of,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_says_the_same_to_both_sides() {
        for promise in &PROMISES {
            let definition: toml::Table = promise.toml().parse().unwrap();
            let definition = &definition["promise"][promise.name];
            let values = promise.values("2026-01-01T00:00:00Z");
            assert_eq!(definition["opens"]["on"].as_str(), values["opens"].as_str());
            assert_eq!(definition["kept"]["on"].as_str(), values["kept"].as_str());
            let gives_up = format!("{} hours", values["gives_up"]);
            assert_eq!(definition["gives-up"].as_str(), Some(gives_up.as_str()));
            match definition.get("excused") {
                Some(excused) => assert_eq!(excused["on"].as_str(), values["excused"].as_str()),
                None => assert_eq!(values["excuses"], "false"),
            }
            let by_day = definition["by"].get("property").is_some();
            assert_eq!(values["meets"] == "<", by_day, "{}", promise.name);
        }
    }

    #[test]
    fn no_two_promises_share_a_name() {
        let mut names: Vec<&str> = PROMISES.iter().map(|promise| promise.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), PROMISES.len());
    }
}
