//! The state machine against its own definition, from random histories to whole ledgers.

mod fold;
mod histories;
mod machine;
