//! What is measured, one work a file.

pub(super) mod customer_math;
pub(super) mod due;
pub(super) mod import;
pub(super) mod known;
pub(super) mod normal;
pub(super) mod replay;
pub(super) mod story;
pub(super) mod subgroups;
