//! Records become events: expressions are planned once for a file, then carried out over one batch of records after another.

mod assemble;
mod content;
mod draft;
mod drafter;
mod event;
mod fault;
mod guarded;
mod key;
mod names;
mod plan;
mod recorded;
mod run;
mod silent;
mod telling;
mod value;

pub(crate) use self::draft::Remarks;
pub(crate) use self::drafter::Drafted;
pub(crate) use self::key::Keys;
pub(crate) use self::names::is_nobody;
pub use self::names::normalised;
pub(crate) use self::plan::{Mapping, disagreement, in_words, plan};
pub(crate) use self::recorded::Recorded;
pub(crate) use self::run::{Assembler, Mapped, Mapper};
pub(crate) use self::telling::telling;
