//! See `fonds_fuzz::ingest_discord`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fonds_fuzz::ingest_discord(data));
