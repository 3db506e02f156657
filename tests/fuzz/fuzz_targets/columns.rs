//! See `fonds_fuzz::columns`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fonds_fuzz::columns(data));
