//! Files through intake into a ledger.

mod conservation;
mod hostile;
mod joining;
mod mapping;
mod olist;
mod personal;
mod replaying;
mod shop;
