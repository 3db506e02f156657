//! See `fonds_fuzz::query_parse`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fonds_fuzz::query_parse(data));
