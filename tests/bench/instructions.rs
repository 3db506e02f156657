//! A few fixed queries, for counting instructions: times on a busy machine say nothing, counts say whether the work has grown.
//!
//! `./build.sh bench instructions` runs it under callgrind (instructions.mjs beside it), which counts within the two functions
//! below and writes a dump each time one of them is left. Reads one query a line on standard input.

mod loader;

use std::io::{BufRead as _, stdin};
use std::path::Path;

use fonds::collector::Sort;
use fonds::searcher::SearchRequest;
use loader::{Cost, Loader};

fn main() {
    let path = std::env::args().nth(1).filter(|path| path != "--bench").expect("an archive is given");
    for line in stdin().lock().lines() {
        let query = line.expect("UTF-8");
        let request =
            SearchRequest { query, typing: true, sort: Sort::Relevance, limit: 10, ..SearchRequest::default() };
        // Each query meets an archive in which nothing is loaded yet.
        let (loader, _) = Loader::open(Path::new(&path));
        let first = fonds_counted_first(&loader, &request);
        let again = fonds_counted_again(&loader, &request);
        assert!(first.bytes > 0 && first.blocks >= first.rounds, "{}: nothing was loaded", request.query);
        assert_eq!(again.blocks, 0, "{}: what was loaded is loaded again", request.query);
    }
}

/// Loads, checks and decodes blocks, and answers.
#[inline(never)]
fn fonds_counted_first(loader: &Loader, request: &SearchRequest) -> Cost {
    std::hint::black_box(loader.answer(request)).1
}

/// Answers from what is loaded.
#[inline(never)]
fn fonds_counted_again(loader: &Loader, request: &SearchRequest) -> Cost {
    std::hint::black_box(loader.answer(request)).1
}
