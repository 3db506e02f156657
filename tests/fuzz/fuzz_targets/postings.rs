//! See `fonds_fuzz::postings_of_an_entry`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fonds_fuzz::postings_of_an_entry(data));
