//! Files through intake into a ledger.

mod checking;
mod conservation;
mod hostile;
mod joining;
mod mapping;
mod mutated;
mod olist;
mod personal;
mod replaying;
mod shop;
mod undoing;
mod workbooks;
