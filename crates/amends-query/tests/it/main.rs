//! A session over segments, tails and replays made by hand.

mod company;
mod instances;
mod kinds;
