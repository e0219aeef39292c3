//! The program as its users meet it: run as a process on whole projects.

mod commands;
mod guide;
mod kept;
mod olist;
mod opened;
mod private;
mod program;
mod simulated;
