//! See `fonds_fuzz::open_and_search_checked`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fonds_fuzz::open_and_search_checked(data));
