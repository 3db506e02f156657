//! What do opening and searching cost in an archive of this size?
//!
//! `./build.sh bench growth` runs it for archives of several sizes (run.mjs beside it). Reads lines `KIND<TAB>QUERY` on standard
//! input and prints one JSON object for each: bytes, blocks and rounds of a first answer in an archive just opened, its time, and
//! the median of repeats. KIND is what the line is for; `newest` sorts by time, all others by relevance. A last object tells
//! the memory of one archive that has answered all of them.
#![expect(clippy::print_stdout, reason = "prints what it measures")]
#![expect(clippy::disallowed_methods, reason = "reads the clock and its own memory")]

#[path = "../loader.rs"]
mod loader;

use std::io::{BufRead as _, stdin};
use std::path::Path;
use std::time::{Duration, Instant};

use fonds::collector::Sort;
use fonds::searcher::SearchRequest;
use loader::Loader;

/// Warm answers of which the median is taken.
const REPEATS: usize = 9;

fn main() {
    // Cargo adds `--bench` of its own.
    let path = std::env::args().nth(1).filter(|path| path != "--bench").expect("an archive is given");
    let path = Path::new(&path);
    let lines: Vec<String> = stdin().lock().lines().map(|line| line.expect("UTF-8")).collect();
    let requests: Vec<(&str, SearchRequest)> = lines.iter().map(|line| request(line)).collect();
    for (kind, request) in &requests {
        println!("{}", measure(path, kind, request));
    }
    let before = resident_kib();
    let (loader, _) = Loader::open(path);
    let mut most = None;
    for (_, request) in &requests {
        loader.answer(request);
        most = most.max(resident_kib());
    }
    println!(
        "{}",
        serde_json::json!({"kind": "memory", "before_kib": before, "most_kib": most, "after_kib": resident_kib()})
    );
}

fn request(line: &str) -> (&str, SearchRequest) {
    let (kind, query) = line.split_once('\t').expect("a kind and a query");
    let sort = if kind == "newest" { Sort::New } else { Sort::Relevance };
    (kind, SearchRequest { query: query.to_owned(), sort, limit: 10, ..SearchRequest::default() })
}

fn measure(path: &Path, kind: &str, request: &SearchRequest) -> serde_json::Value {
    let start = Instant::now();
    let (loader, head) = Loader::open(path);
    let opened = start.elapsed();
    let start = Instant::now();
    let (page, cost) = loader.answer(request);
    let first = start.elapsed();
    let mut warm: Vec<Duration> = (0..REPEATS)
        .map(|_| {
            let start = Instant::now();
            loader.answer(request);
            start.elapsed()
        })
        .collect();
    warm.sort_unstable();
    let warm = warm.get(REPEATS / 2).copied().unwrap_or_default();
    serde_json::json!({
        "kind": kind, "query": request.query, "total": page.total, "exact": page.exact,
        "open_bytes": head, "open_us": opened.as_micros() as u64,
        "bytes": cost.bytes, "blocks": cost.blocks, "rounds": cost.rounds,
        "first_us": first.as_micros() as u64, "warm_us": warm.as_micros() as u64,
    })
}

/// Resident memory of this process, where the system tells it.
fn resident_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.trim().trim_end_matches(" kB").parse().ok()
}
