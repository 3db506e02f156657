//! See `fonds_fuzz::blocks`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fonds_fuzz::blocks(data));
