//! `cargo xtask fuzz parquet`.
#![no_main]

libfuzzer_sys::fuzz_target!(init: amends_fuzz::abort_on_panics(), |bytes: &[u8]| amends_fuzz::feed(amends_fuzz::parquet, bytes));
