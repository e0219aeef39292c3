//! The program as its users meet it: run as a process on whole projects.

mod accounts;
mod behind;
mod commands;
mod exports;
mod guide;
mod invented;
mod olist;
mod opened;
mod program;
mod reported;
mod simulated;
