//! The functions that are fuzzed, on a few thousand seeded random inputs: what a stable toolchain can run in seconds.

use crate::fuzz::{
    Random, ingest_csv, ingest_discord, ingest_feed, ingest_json, ingest_jsonl, ingest_mail, ingest_mastodon,
    ingest_meta, ingest_scrape, ingest_slack, ingest_telegram_html, ingest_telegram_json, ingest_telegram_web,
    ingest_whatsapp, ingest_x, ingest_zip, mutate, open_and_search, open_and_search_checked, query_parse, small,
};

/// Runs a function on seeds, each changed several times; `FONDS_FUZZ_ROUNDS` multiplies how often.
fn smoke(function: fn(&[u8]), seeds: &[&[u8]], times: usize) {
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

fn smoke_golden(function: fn(&[u8]), names: &[&str]) {
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
