//! Questions and their answers: one folder per question, each with its answer, its SQL, its estimator and its tests.
//!
//! Extraction runs on DataFusion through `amends-query`; what is folded over the extracted streams is pure.
//! Every number that is shown is a [`amends_model::Figure`], and [`people::people`] tells who is behind it.

pub mod card;
pub mod churn;
pub mod complaints;
pub mod course;
pub mod customer_math;
mod frame;
pub mod let_downs;
pub mod normal;
pub mod people;
pub mod reasons;
pub mod recommend;
mod sql;
pub mod story;
pub mod validate;

pub use card::{Card, card};
pub use frame::{Frame, Reported};
pub use people::{Person, people};
pub use story::{Story, story};
