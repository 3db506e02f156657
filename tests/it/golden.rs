//! Archives kept in the repository, so that a change of any byte is seen in review.
//!
//! `tests/golden/archive/` holds `records.jsonl`, the container that is built from it, and a readable account of what stands in
//! that container; `segments/` the shards of an archive that was added to twice, beside what it was made of. `UPDATE_GOLDEN=1 cargo
//! test golden` writes all but the sources anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use fonds::Record;
use fonds::builder::{BuildOptions, Builder};
use fonds::format::{Paging, Section};
use fonds::index::TermEntry;
use fonds::record_json::{from_json, to_json};
use fonds::searcher::{Archive, SourceAccount};
use fonds::time::reader::decode_block;
use jiff::tz::TimeZone;

use crate::support::{all_blocks, bytes_of};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/archive")
}

fn build() -> Vec<u8> {
    let time_zone = TimeZone::get("Europe/Berlin").unwrap();
    let lines = fs::read_to_string(folder().join("records.jsonl")).unwrap();
    let read = |line| from_json(serde_json::from_str(line).unwrap(), &time_zone);
    let records: Vec<Record> = lines.lines().map(read).collect();
    let account = SourceAccount {
        name: "records.jsonl".into(),
        size: lines.len() as u64,
        sha256: [7; 32],
        format: "jsonl".into(),
        read: records.len() as u64,
        merged: 1,
        removed: 2,
        skipped: 3,
        unreadable_dates: 1,
        notes: vec!["columns: text is `body`".into()],
        dropped: vec!["phone".into()],
        redacted: 4,
    };
    let facets = vec!["price".into(), "due".into()];
    let mut builder = Builder::new(BuildOptions {
        title: "Harbour, golden".into(),
        lang: "en".into(),
        time_zone,
        facets,
        dates: vec!["due".into()],
        // As a large archive has it.
        paging: Paging { in_root: 1, per_page: 3, prefix_len: 40 },
        ..BuildOptions::default()
    });
    records.into_iter().for_each(|record| builder.add(&record));
    builder.add_source(account);
    builder.finish().unwrap().container
}

/// Everything that stands in a container, in the order in which it stands there.
fn dump(container: &[u8]) -> String {
    let archive = Archive::open(container).unwrap();
    for block in all_blocks(container) {
        archive.supply(block.offset, bytes_of(container, block)).unwrap();
    }
    let (container, root) = (archive.container(), archive.root());
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} bytes, title {:?}, language {}, dates {:?}",
        container.len, root.title, root.lang, root.dates
    );
    for source in &root.sources {
        let _ = writeln!(out, "source {source:?}");
    }
    let _ = writeln!(out, "\nblocks: offset, stored length, length of the content");
    for section in Section::ALL {
        for (ord, block) in container.places(section).unwrap().unwrap().iter().enumerate() {
            let raw = container.block(section, ord).unwrap().unwrap();
            let _ = writeln!(out, "  {} {ord}: {} {} {}", section.name(), block.offset, block.len, raw.len());
        }
    }
    let index = &root.index;
    let _ = writeln!(out, "\n{} terms, {} postings, {} tokens", index.num_terms, index.num_postings, index.num_tokens);
    let index = archive.index();
    for TermEntry { form, lang, info, group, members } in index.entries_with_prefix(container, "").unwrap().unwrap() {
        let docs = index.docs(container, &info).unwrap().unwrap();
        let weights = index.weights(container, &info).unwrap().unwrap();
        let mut places = vec![Vec::new(); docs.len()];
        let all: Vec<usize> = (0..docs.len()).collect();
        index.positions(container, &info, &all, &mut |place, position| places[place].push(position)).unwrap().unwrap();
        let lists = docs.iter().zip(weights.iter()).zip(places);
        let lists: Vec<_> = lists.map(|((doc, weight), places)| format!("{doc}×{weight}{places:?}")).collect();
        let _ =
            write!(out, "  {} {form} {:?} in {}: {}", info.ord.0, index.language(lang), info.doc_freq, lists.join(" "));
        let _ = group.iter().try_for_each(|first| write!(out, ", group of {} with {members:?}", first.0));
        let _ = writeln!(out);
    }
    let zone = &root.times.zone;
    let _ = writeln!(out, "\ntime zone {}, first {}, then {:?}", zone.name, zone.first_offset, zone.changes);
    for (period, docs) in root.times.run_ranges() {
        let _ = writeln!(out, "  {period}: {docs:?}");
    }
    for moment in decode_block(&container.block(Section::Times, 0).unwrap().unwrap()).unwrap() {
        let _ = writeln!(out, "  {} {:?}", moment.seconds, moment.precision);
    }
    for facet in &root.facets {
        let _ = writeln!(out, "\nfacet {}: {} values, {} records", facet.name, facet.num_values, facet.num_records);
        for value in facet.values(container).unwrap().unwrap() {
            let _ = writeln!(out, "  {} {}", value.count, value.text);
        }
    }
    for numbers in &root.numbers {
        let all: Vec<u32> = (0..archive.num_docs()).collect();
        let all = numbers.numbers(container, &all).unwrap().unwrap();
        let what = if numbers.is_date { "dates" } else { "numbers" };
        let _ = writeln!(out, "\n{what} {}, {} decimals: {all:?}", numbers.name, numbers.scale);
    }
    let _ = writeln!(out, "\nrecords");
    for doc in 0..archive.num_docs() {
        let record = root.store.record(container, doc).unwrap().unwrap();
        let _ = writeln!(out, "{doc} {}", serde_json::Value::Object(to_json(&record)));
    }
    out
}

#[test]
fn the_archive_is_built_byte_for_byte_and_read_in_full() {
    let built = build();
    let (bytes, text) = (folder().join("archive.fonds"), folder().join("dump.txt"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&bytes, &built).unwrap();
        fs::write(&text, dump(&built)).unwrap();
    }
    let kept = fs::read(&bytes).unwrap();
    // The account first: it says what differs.
    let (expected, found) = (fs::read_to_string(&text).unwrap(), dump(&built));
    for (number, (expected, found)) in (1..).zip(expected.lines().zip(found.lines())) {
        assert_eq!(expected, found, "line {number} of dump.txt");
    }
    assert_eq!(expected, found);
    assert_eq!(dump(&kept), expected, "the kept container is read otherwise");
    assert!(built == kept, "the container differs from the kept one, though it reads alike");
}

/// Every file of a folder without folders, by name.
fn files_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).into_iter().flatten().map(|file| file.unwrap().path());
    files.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap())).collect()
}

#[test]
fn an_archive_of_several_segments_is_built_byte_for_byte() {
    let (kept, dir) = (folder().join("segments"), tempfile::tempdir().unwrap());
    let out = dir.path().join("out");
    let run = |arguments: &[&str], source: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fonds"));
        command.args(arguments).arg(kept.join(source)).arg("--quiet");
        let ran = command.output().unwrap();
        assert!(ran.status.success(), "{ran:?}");
    };
    let out_name = out.to_str().unwrap();
    run(&["build", "-o", out_name, "--timezone", "Europe/Berlin", "--title", "Harbour, added to"], "may.jsonl");
    run(&["add", out_name], "june.jsonl");
    run(&["add", out_name], "july.jsonl");
    let (built, archive) = (files_of(&out.join("archive")), kept.join("archive"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let _ = fs::remove_dir_all(&archive);
        fs::create_dir_all(&archive).unwrap();
        built.iter().for_each(|(name, bytes)| fs::write(archive.join(name), bytes).unwrap());
    }
    let expected = files_of(&archive);
    let manifest = |files: &BTreeMap<String, Vec<u8>>| String::from_utf8(files["manifest.js"].clone()).unwrap();
    assert_eq!(manifest(&built), manifest(&expected));
    assert!(built == expected, "the shards differ from the kept ones, though they are called alike");
    assert!(manifest(&built).contains(r#""segments":[["#) && built.keys().any(|name| name.starts_with("hidden-")));
}
