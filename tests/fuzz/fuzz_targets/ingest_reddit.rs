//! See `fonds_fuzz::ingest_reddit`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fonds_fuzz::ingest_reddit(data));
