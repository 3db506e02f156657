//! The functions that are fuzzed, on a few thousand seeded random inputs, and on what libFuzzer has found that is worth keeping:
//! what a stable toolchain can run in seconds.
//!
//! `tests/fuzz/kept/TARGET.zip` holds what was kept of each target's corpus.

use std::fs;
use std::io::{Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::fuzz::{
    Random, blocks, columns, container, dictionary, ingest_bluesky, ingest_csv, ingest_discord, ingest_feed,
    ingest_git, ingest_html, ingest_json, ingest_jsonl, ingest_mail, ingest_markdown, ingest_mastodon, ingest_matrix,
    ingest_meta, ingest_meta_posts, ingest_reddit, ingest_scrape, ingest_slack, ingest_telegram_html,
    ingest_telegram_json, ingest_telegram_web, ingest_tg_archive, ingest_warc, ingest_whatsapp, ingest_wordpress,
    ingest_x, ingest_zip, mutate, open_and_search, open_and_search_checked, postings_of_an_entry, query_parse,
    search_loop, seeds, small,
};

/// Runs a function on seeds, each changed several times; `FONDS_FUZZ_ROUNDS` multiplies how often.
fn smoke(function: Fuzzed, seeds: &[&[u8]], times: usize) {
    let rounds = std::env::var("FONDS_FUZZ_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1);
    let mut random = Random(4);
    for _ in 0..times * rounds {
        let mut data = seeds[random.below(seeds.len())].to_vec();
        for _ in 0..random.below(4) {
            mutate(&mut data, &mut random);
        }
        function(&data);
    }
}

/// A function that is fuzzed.
type Fuzzed = fn(&[u8]);

/// Every target of `tests/fuzz`, and its function.
const TARGETS: [(&str, Fuzzed); 35] = [
    ("blocks", blocks),
    ("columns", columns),
    ("container", container),
    ("dictionary", dictionary),
    ("ingest_bluesky", ingest_bluesky),
    ("ingest_csv", ingest_csv),
    ("ingest_discord", ingest_discord),
    ("ingest_feed", ingest_feed),
    ("ingest_git", ingest_git),
    ("ingest_html", ingest_html),
    ("ingest_json", ingest_json),
    ("ingest_jsonl", ingest_jsonl),
    ("ingest_mail", ingest_mail),
    ("ingest_markdown", ingest_markdown),
    ("ingest_mastodon", ingest_mastodon),
    ("ingest_matrix", ingest_matrix),
    ("ingest_meta", ingest_meta),
    ("ingest_meta_posts", ingest_meta_posts),
    ("ingest_reddit", ingest_reddit),
    ("ingest_scrape", ingest_scrape),
    ("ingest_slack", ingest_slack),
    ("ingest_telegram_html", ingest_telegram_html),
    ("ingest_telegram_json", ingest_telegram_json),
    ("ingest_telegram_web", ingest_telegram_web),
    ("ingest_tg_archive", ingest_tg_archive),
    ("ingest_warc", ingest_warc),
    ("ingest_whatsapp", ingest_whatsapp),
    ("ingest_wordpress", ingest_wordpress),
    ("ingest_x", ingest_x),
    ("ingest_zip", ingest_zip),
    ("open_and_search", open_and_search),
    ("open_and_search_checked", open_and_search_checked),
    ("postings", postings_of_an_entry),
    ("query_parse", query_parse),
    ("search_loop", search_loop),
];

fn fuzz_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz")
}

/// What was kept of the corpus of a target, by name.
fn kept(target: &str) -> Vec<(String, Vec<u8>)> {
    let file = fuzz_folder().join("kept").join(target).with_extension("zip");
    let Ok(file) = fs::File::open(file) else { return Vec::new() };
    let mut zip = zip::ZipArchive::new(file).unwrap();
    let num_files = zip.len();
    let read = |place| {
        let mut file = zip.by_index(place).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        let name = file.name().unwrap().into_owned();
        (name, bytes)
    };
    (0..num_files).map(read).collect()
}

#[test]
fn every_target_is_in_the_table() {
    let files = fs::read_dir(fuzz_folder().join("fuzz_targets")).unwrap();
    let mut names: Vec<String> =
        files.map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    assert_eq!(names, TARGETS.map(|(name, _)| name));
}

#[test]
fn what_was_kept_of_each_corpus() {
    let mut num_inputs = 0;
    for (target, function) in TARGETS {
        for (_, input) in kept(target) {
            function(&input);
            num_inputs += 1;
        }
    }
    assert!(num_inputs > 500, "{num_inputs} inputs are kept");
}

/// Writes what each target begins with, beside what the script copies of the golden inputs, to `target/fuzz-seeds/TARGET`.
#[test]
#[ignore = "writes files, for ./build.sh fuzz"]
fn write_seeds() {
    for (target, _) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/fuzz-seeds").join(target);
        fs::create_dir_all(&folder).unwrap();
        let built = (0..).zip(seeds(target)).map(|(number, seed): (usize, _)| (format!("built-{number}"), seed));
        for (name, bytes) in built.chain(kept(target)) {
            fs::write(folder.join(name), bytes).unwrap();
        }
    }
}

/// Packs the corpora that `cargo fuzz cmin` left in `tests/fuzz/corpus`, the shortest inputs first, so that all together stay
/// small: `./build.sh fuzz-keep`.
#[test]
#[ignore = "writes files, for ./build.sh fuzz-keep"]
fn keep_corpora() {
    const MAX_LEN: usize = 1 << 15;
    fs::create_dir_all(fuzz_folder().join("kept")).unwrap();
    for (target, _) in TARGETS {
        let Ok(files) = fs::read_dir(fuzz_folder().join("corpus").join(target)) else { continue };
        let mut inputs: Vec<Vec<u8>> = files.map(|file| fs::read(file.unwrap().path()).unwrap()).collect();
        inputs.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let mut len = 0;
        for (number, input) in inputs.iter().enumerate() {
            len += deflated_len(input);
            if len > MAX_LEN {
                break;
            }
            zip.start_file(format!("{number:04}"), zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(input).unwrap();
        }
        let packed = zip.finish().unwrap().into_inner();
        fs::write(fuzz_folder().join("kept").join(target).with_extension("zip"), packed).unwrap();
    }
}

/// About what an input takes in a zip.
fn deflated_len(input: &[u8]) -> usize {
    const ENTRY_LEN: usize = 88;
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(input).unwrap();
    encoder.finish().unwrap().len() + ENTRY_LEN
}

/// Runs the function of a room on what its target begins with.
fn smoke_room(function: Fuzzed, target: &str, times: usize) {
    let seeds = seeds(target);
    seeds.iter().for_each(|seed| function(seed));
    smoke(function, &seeds.iter().map(Vec::as_slice).collect::<Vec<_>>(), times);
}

#[test]
fn tables_of_containers() {
    smoke_room(container, "container", 2000);
}

#[test]
fn blocks_of_containers() {
    smoke_room(blocks, "blocks", 2000);
}

#[test]
fn dictionaries() {
    smoke_room(dictionary, "dictionary", 2000);
}

#[test]
fn postings() {
    smoke_room(postings_of_an_entry, "postings", 2000);
}

#[test]
fn columns_of_records() {
    smoke_room(columns, "columns", 1000);
}

#[test]
fn searches_that_wait_for_blocks() {
    smoke_room(search_loop, "search_loop", 1000);
}

#[test]
fn containers() {
    smoke(open_and_search, &[&small(), b"FONDS\r\n\x1a", b""], 1000);
}

#[test]
fn containers_with_right_checksums() {
    let mut random = Random(5);
    for _ in 0..600 {
        let len = 6 * random.below(8);
        let data: Vec<u8> = (0..len).map(|_| random.next() as u8).collect();
        open_and_search_checked(&data);
    }
}

#[test]
fn queries() {
    let seeds = ["union state", "\"a b\" -c (d OR e*)", "#tag @name «x»", "港口新 e-mail", "ё\u{301} Ⅷ ﬀ", "((((-"];
    smoke(query_parse, &seeds.map(str::as_bytes), 3000);
}

#[test]
fn scrapes() {
    let echo = "Heading of a post\nThe storm hit #harbour on June 24, all day long\nThe second paragraph\n";
    let echo = format!("Forwarded from Radio\n{echo}{}", echo.split_once('\n').unwrap().1);
    let seeds: [&[u8]; 3] = [
        echo.as_bytes(),
        b"Please open Telegram to view this post\nVIEW IN TELEGRAM\nFirst\n\nSecond @name https://a.example/x\n",
        "Ёлка и ежи\n港口新闻\n".as_bytes(),
    ];
    smoke(ingest_scrape, &seeds, 600);
}

#[test]
fn json_lines() {
    let seeds: [&[u8]; 2] = [
        br#"{"id": 1, "text": "a #b", "date": "2024-06", "tags": ["x"], "views": 3, "price": 1.10}
{"text": "c"}"#,
        br#"{"text":"abc","spans":[{"start":0,"end":2,"kind":"bold"}],"poll":{"question":"q","answers":[]}}
[]"#,
    ];
    smoke(ingest_jsonl, &seeds, 600);
}

#[test]
fn json() {
    let seeds: [&[u8]; 2] = [
        br#"[{"id": 1, "text": "a #b", "date": "2024-06", "price": 1.10}, {"text": "c"}, 7]"#,
        br#"{"n": {"posts": [{"body": "abc", "created_at": "3/4/2024"}, {"body": "d", "created_at": "25/4/2024"}]}}"#,
    ];
    smoke(ingest_json, &seeds, 600);
}

#[test]
fn tables() {
    let seeds: [&[u8]; 3] = [
        b"id,date,text\n1,2024-06-01,\"a, b\nc\"\n2,,d\n",
        "дата;текст\r\n1.2.2024;Ёлка\r\n".as_bytes(),
        b"\xFF\xFEt\0e\0x\0t\0\n\0a\0",
    ];
    smoke(ingest_csv, &seeds, 600);
}

/// The inputs of the golden cases of these names.
fn golden(names: &[&str]) -> Vec<Vec<u8>> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    names.iter().map(|name| std::fs::read(folder.join(name)).unwrap()).collect()
}

fn smoke_golden(function: Fuzzed, names: &[&str]) {
    let seeds = golden(names);
    smoke(function, &seeds.iter().map(Vec::as_slice).collect::<Vec<_>>(), 300);
}

#[test]
fn telegram_json() {
    smoke_golden(ingest_telegram_json, &["telegram-json/input.json", "telegram-account/input.json"]);
}

#[test]
fn telegram_html() {
    smoke_golden(
        ingest_telegram_html,
        &[
            "telegram-html/input.html",
            "telegram-html-account/lists/chats.html",
            "telegram-html-account/lists/left_chats.html",
        ],
    );
}

#[test]
fn telegram_web() {
    smoke_golden(ingest_telegram_web, &["telegram-web/input.html"]);
}

#[test]
fn x() {
    smoke_golden(ingest_x, &["x-archive/input/data/tweets.js", "x-archive/input/data/account.js", "x-old/input.js"]);
}

#[test]
fn mastodon() {
    smoke_golden(ingest_mastodon, &["mastodon/input/outbox.json", "mastodon/input/actor.json"]);
}

#[test]
fn slack() {
    smoke_golden(
        ingest_slack,
        &["slack/input/harbour/2024-01-31.json", "slack/input/users.json", "slack/input/channels.json"],
    );
}

#[test]
fn discord() {
    smoke_golden(ingest_discord, &["discord/input.json", "discord-direct/input.json"]);
}

#[test]
fn whatsapp() {
    smoke_golden(ingest_whatsapp, &["whatsapp-ios/input.txt", "whatsapp-order/input.txt"]);
}

#[test]
fn meta() {
    smoke_golden(ingest_meta, &["meta/input/messages/inbox/theharbour_7/message_1.json"]);
}

#[test]
fn mail() {
    smoke_golden(ingest_mail, &["mail-mbox/input.mbox", "mail-single/input.eml"]);
}

#[test]
fn feed() {
    smoke_golden(ingest_feed, &["feed-rss/input.xml", "feed-atom/input.xml", "feed-json/input.json"]);
}

#[test]
fn reddit() {
    smoke_golden(ingest_reddit, &["reddit/input.ndjson"]);
}

#[test]
fn matrix() {
    smoke_golden(ingest_matrix, &["matrix/input.json"]);
}

#[test]
fn wordpress() {
    smoke_golden(ingest_wordpress, &["wordpress/input.xml", "wordpress-entities/input.xml"]);
}

#[test]
fn markdown() {
    smoke_golden(
        ingest_markdown,
        &["markdown/input/_posts/2024-01-05-fog-and-ferries.md", "markdown/input/content/hugo.md"],
    );
}

#[test]
fn html() {
    smoke_golden(ingest_html, &["html/input/single.html", "html/input/list.html"]);
}

#[test]
fn tg_archive() {
    smoke_golden(ingest_tg_archive, &["tg-archive/input.sqlite"]);
}

#[test]
fn git() {
    smoke_golden(ingest_git, &["git/input.fast-export"]);
}

#[test]
fn warc() {
    smoke_golden(ingest_warc, &["warc/input.warc", "warc-packed/input.gz"]);
}

#[test]
fn bluesky() {
    smoke_golden(ingest_bluesky, &["bluesky/input.car"]);
}

#[test]
fn meta_posts() {
    smoke_golden(ingest_meta_posts, &["meta-facebook-posts/input.json", "meta-instagram-posts/input.json"]);
}

#[test]
fn zips() {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in ["result.json", "notes/a.txt"]
        .into_iter()
        .zip(golden(&["telegram-json/input.json", "scrape-doubled/input.txt"]))
    {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut zip, &bytes).unwrap();
    }
    smoke(ingest_zip, &[&zip.finish().unwrap().into_inner()], 300);
}
