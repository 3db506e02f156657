//! Makes sure that the built page is there before the program is built around it.

use std::path::Path;

const PARTS: [&str; 22] = [
    "index.html",
    "boot.js",
    "style.css",
    "app.js",
    "room.js",
    "desk.js",
    "worker.js",
    "core.wasm.lzma",
    "more.wasm.lzma",
    "embed.js",
    "posts.css",
    "sw.js",
    "words-ar.json",
    "words-de.json",
    "words-es.json",
    "words-ru.json",
    "words-zh.json",
    "static-ar.json",
    "static-de.json",
    "static-es.json",
    "static-ru.json",
    "static-zh.json",
];

fn main() {
    let dist = Path::new("www/dist");
    for part in PARTS {
        println!("cargo::rerun-if-changed=www/dist/{part}");
    }
    if std::env::var_os("CARGO_FEATURE_CLI").is_none() {
        return;
    }
    for part in PARTS {
        if !dist.join(part).is_file() {
            println!("cargo::error=the page is not built (www/dist/{part} is missing): run ./build.sh first");
        }
    }
}
