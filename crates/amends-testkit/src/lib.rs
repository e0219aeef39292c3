//! What tests share: the libraries they use, folders that clean up after themselves, where the real data is, and how a machine fails.

mod child;
mod data;
pub mod disk;
pub mod hostile;
mod rounds;
pub mod workbook;

pub use child::{itself, task};
pub use data::real_data;
pub use insta;
pub use proptest;
pub use rounds::{rounds, seed};
pub use tempfile;
