//! See `fonds_fuzz::container`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fonds_fuzz::container(data));
