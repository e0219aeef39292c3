//! `instances`: one row for each promise made to one customer once, as it stands at `as_of`.
//!
//! | column | type | meaning |
//! |---|---|---|
//! | `promise`, `version` | text | which promise, by which definition |
//! | `about` | text | what it is about: an order, a ticket |
//! | `identifier` | 16 bytes | to whom, as the opening event names them |
//! | `customer`, `account` | 16 bytes | to whom, resolved as in `customers` |
//! | `state` | text | open, kept, beaten, unconfirmed, overdue, late, broken, excused |
//! | `opened_at`, `due_at` | moment | when it was made; when it was or is due. Of what must not happen: when the exposure ends or ended; while nothing ends it, the last moment that can be told |
//! | `paused_since` | moment | since when its clock stands still |
//! | `closed_at` | moment | when it was kept, given up, broken or excused |
//! | `could_have_known` | moment | when events up to then first proved the let-down |
//! | `late_by_us` | integer | how late it is or was, in microseconds; less than nothing: so much too early |
//! | `serious` | integer | 1 to 3 for a let-down, else 0 |
//! | `attributes` | list of text | `name=value` for each value of each attribute, as of opening |
//! | `proof` | list of 16 bytes | the events that prove how it stands, in order of time |
//!
//! A promise is asked for when the first query wants it: `where promise = 'delivery-date'` asks for that one alone. Its instances stream past;
//! `where identifier in (...)` reads those of a few people only.

mod kept;
mod provider;
mod rows;
mod stream;

pub use kept::{FromLedger, Instances, Replays};
pub(crate) use provider::Replayed;
pub use rows::schema;

/// The query that the table stands for; `replayed` are the instances without their customers.
pub(crate) const VIEW: &str = include_str!("instances.sql");
