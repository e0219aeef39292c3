//! The state machine against its own definition, from random histories to whole ledgers.

mod explain;
mod fold;
mod histories;
mod ledger;
mod machine;
mod replay;
mod reported;
mod scenario;
mod store;
mod trials;
