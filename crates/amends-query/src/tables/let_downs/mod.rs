//! `let_downs`: the instances that let their customer down - overdue, late or broken - in the columns of [`super::instances`],
//! with the promise's `touchpoint` and `owner`.

/// The query that the table stands for.
pub(crate) const VIEW: &str = include_str!("let_downs.sql");
