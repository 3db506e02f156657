//! See `fonds_fuzz::ingest_markdown`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fonds_fuzz::ingest_markdown(data));
