//! See `fonds_fuzz::dictionary`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fonds_fuzz::dictionary(data));
