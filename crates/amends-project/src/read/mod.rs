//! TOML as sections that know where each word stands and record every mistake.

mod file;
mod report;
mod section;
mod text;
mod value;

pub(crate) use file::{File, Spot};
pub(crate) use report::Report;
pub(crate) use section::Section;
pub(crate) use text::Text;
pub(crate) use value::{moment, wait};
