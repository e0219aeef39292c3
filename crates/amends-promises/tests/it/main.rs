//! The state machine against its own definition, from random histories to whole ledgers.

mod apart;
mod explain;
mod fold;
mod histories;
mod in_force;
mod ledger;
mod machine;
mod nevers;
mod others;
mod replay;
mod reported;
mod scenario;
mod shapes;
mod store;
mod trials;
mod windows;
