//! Definition files become a checked project, or every mistake in them at once.
//!
//! `load` reads a folder in three steps: `read` turns each TOML file into sections that know their places, `kind` holds one source file
//! for each kind of definition, and `links` holds the definitions against each other. Nothing here plans SQL: what a column is called is
//! known only with the files of the sources, so that is the import's check.

mod canonical;
pub mod definition;
pub mod diagnostic;
mod files;
mod folder;
mod kind;
mod links;
mod load;
mod nearest;
mod read;
mod template;

pub use definition::{Place, Project, Sql};
pub use diagnostic::Diagnostic;
pub use files::Texts;
pub use load::{Examined, InDoubt, examine, load, load_texts};
pub use template::{gallery, init, init_from_gallery};
