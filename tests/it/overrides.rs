//! Tables of what people know and sources do not say: `fonds build --overrides`.

use serde_json::Value;

use crate::sources::Dir;

const SCRAPE: &str = "Forwarded from Harbour\none\ntwo\nthree\nForwarded from Lighthouse\nfour\n";

fn provenance(dir: &Dir) -> Value {
    serde_json::from_str(&std::fs::read_to_string(dir.0.path().join("out/provenance.json")).unwrap()).unwrap()
}

#[test]
fn boundaries_dates_and_channels_are_set_and_accounted_for() {
    let table =
        "lines,date,channel,handle\n1-2,2024-06-24,Harbour News,harbour_news\n3-4,2024-06,Harbour News,\n90,2023,,\n";
    let dir = Dir::new(&[("a.txt", SCRAPE), ("known.csv", table)]);
    assert_eq!(dir.build(&["a.txt", "--overrides", "known.csv", "-o", "out"]), [[3, 0, 0, 0]]);
    let mut posts = dir.extract("out");
    posts.sort_by_key(|post| post["source"]["lines"][0].as_u64());
    let shown = posts.iter().map(|post| {
        let text = |name: &str| post[name].as_str().unwrap_or("-").to_owned();
        format!("{} {} {}", text("text").replace('\n', "/"), text("date"), text("channel"))
    });
    assert_eq!(
        shown.collect::<Vec<_>>(),
        ["one 2024-06-24 Harbour News", "two/three 2024-06 Harbour News", "four - -"]
    );
    let notes = provenance(&dir)["sources"][0]["notes"].to_string();
    assert!(notes.contains("2 posts are as the overrides of known.csv (SHA-256 "), "{notes}");
    assert!(notes.contains("of the 3 overrides of known.csv"), "{notes}");
    assert!(notes.contains("those of line 4 fit no post"), "{notes}");
}

#[test]
fn posts_are_named_by_id_or_uid_too() {
    let posts = "{\"id\":\"1\",\"text\":\"a\"}\n{\"id\":\"2\",\"text\":\"b\",\"channel\":\"c\"}\n";
    let table = "id,uid,date,handle,author\n1,,2024,harbour_news,\n,c/2,,,Marta\n";
    let dir = Dir::new(&[("a.jsonl", posts), ("known.csv", table)]);
    dir.build(&["a.jsonl", "--overrides", "known.csv", "-o", "out"]);
    let posts = dir.extract("out");
    let by_id = |id: &str| posts.iter().find(|post| post["id"] == id).unwrap();
    assert_eq!(by_id("1")["url"], "https://t.me/harbour_news/1");
    assert_eq!(by_id("1")["date"], "2024");
    assert_eq!(by_id("2")["author"], "Marta");
}

#[test]
fn bad_tables_are_refused_with_file_and_line() {
    let dir = Dir::new(&[("a.txt", SCRAPE), ("bad.csv", "lines,date\n1,2024\n2,soon\n")]);
    let args = ["build", "a.txt", "-o", "out", "--overrides"];
    dir.fails(&[&args[..], &["bad.csv"]].concat(), "bad.csv: line 3: `soon` is no date");
    dir.fails(&[&args[..], &["none.csv"]].concat(), "none.csv: there is no such file or folder");
}

#[test]
fn what_was_skipped_is_listed_up_to_a_hundred() {
    let good = "{\"text\":\"a\"}\n{\"text\":\"b\"}\n";
    let dir = Dir::new(&[("a.jsonl", &format!("{good}{}", "{broken}\n".repeat(130)))]);
    assert_eq!(dir.build(&["a.jsonl", "-o", "out"]), [[2, 0, 0, 130]]);
    let source = &provenance(&dir)["sources"][0];
    let listed = source["skipped_first"].as_array().unwrap();
    assert_eq!((listed.len(), &listed[0]["place"]["lines"][0]), (100, &Value::from(3)));
    assert!(listed[0]["reason"].as_str().is_some_and(|reason| !reason.is_empty()));
    let notes = source["notes"].to_string();
    assert_eq!(notes.matches("skipped: a.jsonl line").count(), 5, "{notes}");
    assert!(!notes.contains("{broken}"), "{notes}");
    let all = std::fs::read_to_string(dir.0.path().join("out/skipped.jsonl")).unwrap();
    assert_eq!(all.lines().count(), 130);
}
