//! What tests share: the libraries they use, folders that clean up after themselves, and where the real data is.

mod data;

pub use data::real_data;
pub use insta;
pub use proptest;
pub use tempfile;
