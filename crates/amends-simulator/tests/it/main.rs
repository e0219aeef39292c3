//! A simulated company as others see it: its files, its truth, and whether the two agree.

mod company;
mod contents;
mod customer_math;
mod lateness;
mod planted;
mod same_again;
