//! Archives of every version of the format, kept for ever: each later fonds reads them as the one did that wrote them.
//!
//! `tests/frozen/VERSION/NAME.fonds` is a container, or `NAME` a folder with the shards of one of several segments; `NAME.json` is
//! what was found in it when it was written: how many records, the SHA-256 of their lines of JSON, and what queries answer. Nothing
//! there is ever written anew. Who makes a new version adds its folder: `cargo test --test it frozen -- --ignored` writes it, once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use fonds::builder::{BuildOptions, Builder};
use fonds::collector::Sort;
use fonds::format::header::VERSION;
use fonds::format::{Paging, Section};
use fonds::record_json::{from_json, to_json};
use fonds::searcher::{SearchRequest, Shown};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::Driver;

const QUERIES: [&str; 12] = [
    "fog",
    "s*",
    "\"fog over the\"",
    "harbour OR buoy -storm",
    "sails",
    "tag:harbour",
    "has:link",
    "date:1963",
    "views:>3",
    "*arb*",
    "/f.g/",
    "港口",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/frozen")
}

/// What is found in a container.
fn account(container: &[u8]) -> Value {
    let mut driver = Driver::new(container);
    let archive = driver.open();
    let lines: String = (0..archive.num_docs())
        .map(|doc| {
            Value::Object(to_json(&driver.ask(&archive, |archive| archive.record(doc)).unwrap())).to_string() + "\n"
        })
        .collect();
    let answers = QUERIES.map(|query| {
        let request = SearchRequest { query: query.to_owned(), sort: Sort::Old, limit: 5, ..SearchRequest::default() };
        let page = driver.ask(&archive, |archive| archive.search(&request)).unwrap();
        let uid = |shown: &Shown| match shown {
            Shown::Whole(record) => record.uid.clone(),
            Shown::Damaged(reason) => panic!("{reason}"),
        };
        let uids: Vec<String> = page.hits.iter().map(|hit| uid(&hit.record)).collect();
        json!({ "query": query, "total": page.total, "exact": page.exact, "oldest": uids })
    });
    json!({ "records": archive.num_docs(), "sha256": digest(lines.as_bytes()), "answers": answers })
}

/// The same of a published folder, by the program.
fn account_of_folder(folder: &Path) -> Value {
    let run = |arguments: &[&str]| {
        let ran = Command::new(env!("CARGO_BIN_EXE_fonds")).args(arguments).output().unwrap();
        assert!(matches!(ran.status.code(), Some(0 | 1)) && ran.stderr.is_empty(), "{arguments:?}: {ran:?}");
        String::from_utf8(ran.stdout).unwrap()
    };
    let folder = folder.to_str().unwrap();
    let lines = run(&["extract", folder]);
    let answers = QUERIES.map(|query| {
        let told = run(&["search", folder, query, "--json", "--sort", "old", "--limit", "5"]);
        let page: Value = serde_json::from_str(&told).unwrap();
        let uids: Vec<&Value> = page["hits"].as_array().unwrap().iter().map(|hit| &hit["uid"]).collect();
        json!({ "query": query, "total": page["total"], "exact": page["exact"], "oldest": uids })
    });
    json!({ "records": lines.lines().count(), "sha256": digest(lines.as_bytes()), "answers": answers })
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn every_version_is_read_as_it_was_written() {
    let mut versions = Vec::new();
    for version in fs::read_dir(folder()).unwrap() {
        let version = version.unwrap().path();
        versions.push(version.file_name().unwrap().to_str().unwrap().to_owned());
        let archives: Vec<PathBuf> = (fs::read_dir(&version).unwrap().map(|entry| entry.unwrap().path()))
            .filter(|path| path.extension().is_none_or(|extension| extension != "json"))
            .collect();
        assert!(!archives.is_empty(), "{} is empty", version.display());
        for path in archives {
            let told: Value = serde_json::from_slice(&fs::read(path.with_extension("json")).unwrap()).unwrap();
            let found = if path.is_dir() { account_of_folder(&path) } else { account(&fs::read(&path).unwrap()) };
            assert_eq!(found, told, "{}", path.display());
        }
    }
    assert!(versions.contains(&VERSION.to_string()), "version {VERSION} has no archive that is kept");
}

#[test]
#[ignore = "writes the archives of a new version, once"]
fn freeze() {
    let folder = folder().join(VERSION.to_string());
    assert!(!folder.exists(), "{} is kept as it is", folder.display());
    let golden_folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/archive");
    let golden = fs::read(golden_folder.join("archive.fonds")).unwrap();
    let fleet = fleet();
    let archive = Driver::new(&fleet).open();
    for section in Section::ALL {
        assert!(archive.container().num_blocks(section) > 0, "nothing is kept of {}", section.name());
    }
    fs::create_dir_all(&folder).unwrap();
    let write_account = |name: &str, account: &Value| {
        let told = serde_json::to_string_pretty(account).unwrap();
        fs::write(folder.join(name).with_extension("json"), told + "\n").unwrap();
    };
    for (name, container) in [("harbour", golden), ("fleet", fleet)] {
        fs::write(folder.join(name).with_extension("fonds"), &container).unwrap();
        write_account(name, &account(&container));
    }
    let segments = folder.join("segments");
    fs::create_dir_all(segments.join("archive")).unwrap();
    for shard in fs::read_dir(golden_folder.join("segments/archive")).unwrap().map(Result::unwrap) {
        fs::copy(shard.path(), segments.join("archive").join(shard.file_name())).unwrap();
    }
    write_account("segments", &account_of_folder(&segments));
}

/// An archive that has every section: long enough for a dictionary of the store, cut as a large one.
fn fleet() -> Vec<u8> {
    let mut state = 1_u64;
    let mut below = |limit: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % limit
    };
    let syllables = ["so", "sa", "bu", "fo", "ri", "mel", "tan", "harb", "kor", "ul"];
    let words: Vec<String> = (0..300)
        .map(|_| (0..2 + below(2)).map(|_| syllables[below(syllables.len())]).collect())
        .chain(["fog", "storm", "harbour", "buoy", "sails", "over", "the"].map(String::from))
        .collect();
    let sentences: Vec<String> = (0..60)
        .map(|_| (0..8).map(|_| words[below(words.len())].as_str()).collect::<Vec<_>>().join(" "))
        .chain(["Fog over the harbour: no boat sails.".to_owned(), "The buoy rang, https://buoy.example/9".to_owned()])
        .collect();
    let time_zone = TimeZone::get("Europe/Berlin").unwrap();
    let mut builder = Builder::new(BuildOptions {
        title: "Fleet".into(),
        lang: "en".into(),
        time_zone: time_zone.clone(),
        paging: Paging { in_root: 8, per_page: 16, prefix_len: 400 },
        ..BuildOptions::default()
    });
    for number in 0..3000_usize {
        let text: Vec<&str> = (0..4).map(|_| sentences[below(sentences.len())].as_str()).collect();
        let record = json!({
            "id": number.to_string(),
            "channel": (["harbour", "pilots"][number % 2]),
            "date": format!("{}-{:02}-{:02}T12:{:02}:00Z", 1963 + number / 300, 1 + number / 25 % 12, 1 + number % 25, number % 60),
            "text": text.join(" "),
            "tags": [(["harbour", "buoys"][below(2)])],
            "views": below(9),
        });
        builder.add(&from_json(serde_json::from_value(record).unwrap(), &time_zone));
    }
    builder.finish().unwrap().container
}
