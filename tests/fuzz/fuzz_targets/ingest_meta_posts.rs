//! See `fonds_fuzz::ingest_meta_posts`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fonds_fuzz::ingest_meta_posts(data));
