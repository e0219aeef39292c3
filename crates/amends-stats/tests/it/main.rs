//! Estimators on real data and on tables of a size that they meet.

#[path = "../../examples/dice/mod.rs"]
mod dice;
#[path = "../../examples/subgroups/late_orders.rs"]
mod late_orders;
#[path = "../../examples/subgroups/made.rs"]
mod made;
mod olist;
mod planted;
