//! TOML as sections that know where each word stands and record every mistake.

mod doubt;
mod file;
mod repair;
mod report;
mod section;
mod text;
mod value;

pub(crate) use doubt::Doubts;
pub(crate) use file::{File, Spot};
pub(crate) use repair::repaired;
pub(crate) use report::Report;
pub(crate) use section::Section;
pub(crate) use text::Text;
pub(crate) use value::{moment, wait};
