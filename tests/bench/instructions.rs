//! A fixed query, for counting instructions: times on a busy machine say nothing, counts say whether the work has grown.
//!
//! `./build.sh bench instructions` runs it under callgrind (instructions.mjs beside it), which counts within `fonds_counted` alone.
//! Arguments: the archive, `first` or `again`, and the query.

mod loader;

use std::path::Path;

use fonds::collector::Sort;
use fonds::searcher::SearchRequest;
use loader::{Cost, Loader};

fn main() {
    // Cargo adds `--bench` of its own.
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let [path, which, query] = args.as_slice() else {
        panic!("the archive, `first` or `again`, and the query are given")
    };
    let request = SearchRequest {
        query: query.clone(),
        typing: true,
        sort: Sort::Relevance,
        limit: 10,
        ..SearchRequest::default()
    };
    let (loader, _) = Loader::open(Path::new(path));
    if which == "again" {
        let (_, before) = loader.answer(&request);
        assert!(before.bytes > 0 && before.blocks >= before.rounds, "nothing was loaded");
    }
    let cost = fonds_counted(&loader, &request);
    assert_eq!(cost.blocks > 0, which == "first", "only a first answer loads blocks");
}

/// With `first` it loads, checks and decodes blocks; with `again` it answers from what is loaded.
#[inline(never)]
fn fonds_counted(loader: &Loader, request: &SearchRequest) -> Cost {
    std::hint::black_box(loader.answer(request)).1
}
