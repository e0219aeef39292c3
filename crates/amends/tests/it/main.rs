//! The program as its users meet it: run as a process on whole projects.

mod accounts;
mod again;
mod aside;
mod behind;
mod commands;
mod dry_run;
mod exports;
mod guide;
mod hidden;
mod invented;
mod json_page;
mod kept;
mod leaving;
mod olist;
mod opened;
mod private;
mod program;
mod reported;
mod returning;
mod simulated;
mod snapshots;
mod undoing;
mod who;
