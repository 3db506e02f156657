//! See `fonds_fuzz::search_loop`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fonds_fuzz::search_loop(data));
