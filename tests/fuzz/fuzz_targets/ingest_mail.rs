//! See `fonds_fuzz::ingest_mail`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fonds_fuzz::ingest_mail(data));
