//! The promise state machine, pure; its replay over a snapshot of the ledger; and what is told of it.
//!
//! [`fold()`] is the meaning: one promise made to one customer, as a function of its facts, its terms and two moments. [`Machine`] is the same live,
//! [`replay`] the same over all events at once. [`Compiled`] turns events into facts.

mod at_least;
mod attributes;
mod bound;
mod checkpoint;
mod compile;
mod counted;
mod due;
mod events;
mod explain;
mod exposed;
pub mod fact;
pub mod fold;
mod in_force;
pub mod instance;
mod kept;
pub mod machine;
mod moved;
mod named;
mod never;
mod normal;
mod quantity;
mod reading;
mod replay;
mod reported;
mod seen;
mod serious;
mod share;
mod store;
pub mod terms;
mod timed;
mod trial;
pub mod value;
mod words;

pub use attributes::attribute_type;
pub use compile::Compiled;
pub use due::due;
pub use events::{Events, InMemory, Scan};
pub use fact::{Fact, Role};
pub use fold::{Standing, fold};
pub use in_force::{
    Activation, Count, Differs, InForce, PartCount, Scope, activations, as_put_in_force,
    differences, judge_alike, put_in_force, standing,
};
pub use instance::{Instance, Opening, hash_of_all};
pub use kept::{Instances, Kept, Part, Tally};
pub use machine::{Change, Grade, Machine, Observed};
pub use moved::{LetDown, Moved, moved};
pub use replay::{Counting, LeftOut, Replay, count, replay};
pub use reported::{
    Reported, earliest_reported, earliest_watermark, membership_of, missing_kinds, reported,
    reported_by, reported_of,
};
pub use serious::Serious;
pub use store::{Asked, Store};
pub use terms::Terms;
pub use trial::{TestOutcome, run_tests};
pub use value::Value;
