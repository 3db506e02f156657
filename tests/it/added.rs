//! `fonds add` and archives of several segments, as the program's users meet them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// A fresh folder in which the program runs.
struct Dir(tempfile::TempDir);

impl Dir {
    fn new(files: &[(&str, &str)]) -> Self {
        let dir = Self(tempfile::tempdir().unwrap());
        files.iter().for_each(|(name, text)| fs::write(dir.0.path().join(name), text).unwrap());
        dir
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_fonds")).current_dir(self.0.path()).args(args).output().unwrap()
    }

    fn good(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert!(ran.status.success(), "{args:?}: {ran:?}");
        String::from_utf8(ran.stdout).unwrap()
    }

    fn fails(&self, args: &[&str], expected: &str) {
        let ran = self.run(args);
        let message = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(2), "{args:?}: {message}");
        assert!(message.contains(expected), "{args:?} should say {expected:?}: {message}");
    }

    /// Adds, and gives the number of records, and read and merged of each source.
    fn add(&self, args: &[&str]) -> (u64, Vec<[u64; 2]>) {
        let summary: Value = serde_json::from_str(&self.good(&[&["add", "--json"], args].concat())).unwrap();
        let account = |source: &Value| {
            let counts = ["read", "merged", "removed", "skipped"].map(|name| source[name].as_u64().unwrap());
            assert_eq!(Some(counts.iter().sum::<u64>()), source["in"].as_u64());
            [counts[0], counts[1]]
        };
        (summary["records"].as_u64().unwrap(), summary["sources"].as_array().unwrap().iter().map(account).collect())
    }

    fn texts(&self, archive: &str) -> Vec<String> {
        let records = self.good(&["extract", archive]);
        let text = |line: &str| serde_json::from_str::<Value>(line).unwrap()["text"].as_str().unwrap().to_owned();
        records.lines().map(text).collect()
    }

    fn total(&self, archive: &str, query: &str) -> u64 {
        let ran = self.run(&["search", archive, query, "--json", "--match", "all"]);
        serde_json::from_slice::<Value>(&ran.stdout).unwrap()["total"].as_u64().unwrap()
    }

    /// Every file below a folder, with its bytes.
    fn listing(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let (root, mut files) = (self.0.path().join(folder), BTreeMap::new());
        list(&root, &root, &mut files);
        files
    }
}

fn list(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            list(root, &entry, files);
        } else {
            files.insert(entry.strip_prefix(root).unwrap().display().to_string(), fs::read(&entry).unwrap());
        }
    }
}

const MAY: &str = r#"{"channel":"harbour","id":"1","date":"2024-05-01T10:00:00Z","text":"Gale warning","lang":"en","views":5}
{"channel":"harbour","id":"2","date":"2024-05-02","text":"Warnings lifted","lang":"en","author":"marta","mood":"calm"}
{"date":"2024-05-03","text":"nobody's post"}
"#;

const JUNE: &str = r#"{"channel":"harbour","id":"1","date":"2024-05-01T10:00:00Z","text":"Gale warning","lang":"en","views":5}
{"channel":"harbour","id":"2","date":"2024-05-02","text":"Warnings lifted, all clear","lang":"en","mood":"calm"}
{"channel":"harbour","id":"3","date":"2024-06-01","text":"The first ferry was warned","lang":"en","mood":"glad"}
{"date":"2024-05-03","text":"nobody's post"}
{"date":"2024-06-03","text":"nobody's post"}
{broken
"#;

#[test]
fn what_is_added_is_found_and_what_was_there_is_not_written_anew() {
    let dir = Dir::new(&[("may.jsonl", MAY), ("june.jsonl", JUNE)]);
    dir.good(&["build", "may.jsonl", "-o", "out", "--facet", "mood", "--timezone", "Europe/Berlin", "--quiet"]);
    fs::write(dir.0.path().join("out/CNAME"), "harbour.example").unwrap();
    let before = dir.listing("out");
    assert_eq!(dir.add(&["out", "june.jsonl"]), (5, vec![[2, 3]]));
    let after = dir.listing("out");
    for (name, bytes) in before.iter().filter(|(name, _)| name.starts_with("archive/") && !name.contains("manifest")) {
        assert_eq!(after.get(name), Some(bytes), "{name}");
    }
    assert_eq!(after["CNAME"], b"harbour.example");
    let texts =
        ["Gale warning", "Warnings lifted, all clear", "nobody's post", "The first ferry was warned", "nobody's post"];
    assert_eq!(dir.texts("out"), texts);
    for (query, expected) in [("warning", 3), ("lifted", 1), ("clear", 1), ("mood:glad", 1), ("mood:calm", 1), ("", 5)]
    {
        assert_eq!(dir.total("out", query), expected, "{query}");
    }
    let uids = dir.good(&["search", "out", "nobody's", "--json"]);
    let hits: Value = serde_json::from_str(&uids).unwrap();
    let uids: Vec<&str> = hits["hits"].as_array().unwrap().iter().map(|hit| hit["uid"].as_str().unwrap()).collect();
    assert_eq!(uids[0], format!("{}.2", uids[1]));
    let inspected: Value = serde_json::from_str(&dir.good(&["inspect", "out", "--json"])).unwrap();
    assert_eq!(inspected["segments"][0]["superseded"], 1);
    assert_eq!((&inspected["records"], &inspected["time_zone"]), (&5.into(), &"Europe/Berlin".into()));
    let sources = inspected["sources"].as_array().unwrap();
    assert_eq!(sources.iter().map(|source| source["read"].as_u64().unwrap()).sum::<u64>(), 5);
    assert_eq!(String::from_utf8(after["skipped.jsonl"].clone()).unwrap().lines().count(), 1);
    assert!(String::from_utf8(after["index.html"].clone()).unwrap().contains("The first ferry"));
    assert!(String::from_utf8(after["posts/2024-05.html"].clone()).unwrap().contains("all clear"));
    assert!(after.contains_key("posts/2024-06.html"));
    fs::remove_file(dir.0.path().join("out/CNAME")).unwrap();
    dir.good(&["verify", "out"]);
}

#[test]
fn adding_the_same_again_adds_nothing_and_writes_nothing() {
    let dir = Dir::new(&[("may.jsonl", MAY), ("june.jsonl", JUNE), ("again.jsonl", JUNE)]);
    dir.good(&["build", "may.jsonl", "-o", "out", "--quiet"]);
    dir.add(&["out", "june.jsonl"]);
    let before = dir.listing("out");
    assert_eq!(dir.add(&["out", "june.jsonl"]), (5, vec![[0, 5]]));
    assert_eq!(dir.add(&["out", "again.jsonl", "may.jsonl"]).0, 5);
    assert!(dir.listing("out") == before);
}

#[test]
fn an_archive_that_grew_is_the_one_that_is_built_at_once() {
    let dir = Dir::new(&[("may.jsonl", MAY), ("june.jsonl", JUNE)]);
    dir.good(&["build", "may.jsonl", "june.jsonl", "-o", "one.fonds", "--facet", "mood", "--quiet"]);
    for (form, name) in [("-o", "out"), ("--zip", "out.zip"), ("--single", "out.html")] {
        dir.good(&["build", "may.jsonl", form, name, "--facet", "mood", "--quiet"]);
        dir.add(&[name, "june.jsonl"]);
        dir.good(&["verify", name]);
        assert_eq!(dir.texts(name), dir.texts("one.fonds"), "{name}");
        for query in ["warnings", "lifted OR ferry", "mood:glad", "-gale", "\"all clear\"", "*arni*"] {
            let answer = |archive: &str| {
                let ran = dir.run(&["search", archive, query, "--json", "--facets", "--sort", "relevance"]);
                let mut answer: Value = serde_json::from_slice(&ran.stdout).unwrap();
                answer["took_us"] = 0.into();
                for hit in answer["hits"].as_array_mut().unwrap() {
                    hit["doc"] = 0.into();
                }
                answer
            };
            assert_eq!(answer(name), answer("one.fonds"), "{name}: {query}");
        }
    }
    dir.good(&["merge", "out", "-o", "merged.fonds", "--quiet"]);
    assert_eq!(dir.texts("merged.fonds"), dir.texts("one.fonds"));
    dir.fails(&["merge", "merged.fonds", "-o", "again.fonds"], "it is one archive already");
}

#[test]
fn an_archive_that_grew_is_replaced_only_when_somebody_says_so() {
    let dir = Dir::new(&[("may.jsonl", MAY), ("june.jsonl", JUNE)]);
    for (form, name) in [("-o", "out"), ("--zip", "out.zip"), ("--single", "out.html")] {
        let build = ["build", "may.jsonl", form, name, "--quiet"];
        dir.good(&build);
        // What nobody added to is built anew as often as one likes.
        dir.good(&build);
        dir.add(&[name, "june.jsonl"]);
        let before = dir.texts(name);
        dir.fails(&build, "posts were added to this archive after it was built");
        assert_eq!(dir.texts(name), before, "{name}");
        dir.good(&[&build[..], &["--force"]].concat());
        assert_eq!(dir.texts(name).len(), 3, "{name}");
    }
}

#[test]
fn what_cannot_be_added_to_is_refused_and_stays_as_it_is() {
    let dir = Dir::new(&[("may.jsonl", MAY), ("june.jsonl", JUNE), ("none.jsonl", "{broken\n")]);
    dir.good(&["build", "may.jsonl", "-o", "out", "--quiet"]);
    dir.good(&["build", "may.jsonl", "-o", "out.fonds", "--quiet"]);
    let before = dir.listing("out");
    dir.fails(&["add", "out.fonds", "june.jsonl"], "a container holds one segment");
    dir.fails(&["add", "out", "none.jsonl"], "no known format");
    dir.fails(&["add", "out", "out/skipped.jsonl"], "within the archive");
    dir.fails(&["add", "out", "nowhere.jsonl"], "nowhere.jsonl");
    dir.fails(&["add", "out", "june.jsonl", "--facet", "nothing"], "no post has such a field");
    dir.fails(&["add", "may.jsonl", "june.jsonl"], "neither a folder, a zip, a page nor a container");
    assert!(dir.listing("out") == before);
    assert_eq!(fs::read_dir(dir.0.path()).unwrap().count(), 5);
}

#[test]
fn several_archives_are_published_and_searched_as_one() {
    let dir = Dir::new(&[("may.jsonl", MAY), ("june.jsonl", JUNE)]);
    dir.good(&["build", "may.jsonl", "-o", "may", "--quiet"]);
    dir.good(&["build", "june.jsonl", "-o", "june.fonds", "--quiet"]);
    dir.good(&["build", "june.jsonl", "-o", "tokyo.fonds", "--timezone", "Asia/Tokyo", "--quiet"]);
    let total = |query: &str| {
        let ran = dir.run(&["search", "may", query, "--also", "june.fonds", "--json"]);
        serde_json::from_slice::<Value>(&ran.stdout).unwrap()["total"].as_u64().unwrap()
    };
    assert_eq!((total(""), total("ferry"), total("gale")), (8, 1, 2));
    dir.fails(&["search", "may", "", "--also", "tokyo.fonds"], "its time zone is Asia/Tokyo, that of may is UTC");

    let bytes = dir.listing("may");
    dir.good(&["merge", "may", "june.fonds", "--keep", "-o", "both", "--quiet"]);
    dir.good(&["verify", "both"]);
    let both = dir.listing("both");
    assert!(
        bytes
            .keys()
            .filter(|name| name.starts_with("archive/") && !name.contains("manifest"))
            .all(|name| both[name] == bytes[name])
    );
    // Posts 1 and 2 are in both; of those without an id, June has one of the same content twice.
    assert_eq!(dir.texts("both").len(), 5);
    assert_eq!(dir.total("both", "lifted"), 1);
    dir.fails(&["merge", "may", "june.fonds", "--keep", "-o", "both.fonds"], "a container holds one segment");
}

/// What an archive says of copies: the group of each post and how many are in it, and how many say the same as an earlier one.
fn copies(dir: &Dir, archive: &str) -> (BTreeMap<String, (String, u64)>, u64) {
    let ask = |query: &str| -> Value {
        let ran = dir.run(&["search", archive, query, "--json", "--sort", "old", "--limit", "1000"]);
        serde_json::from_slice(&ran.stdout).unwrap()
    };
    let groups = ask("fold:copies copies:>1");
    let mut found = BTreeMap::new();
    for hit in groups["hits"].as_array().unwrap() {
        let group = hit["group"].as_str().unwrap();
        let members = ask(&format!("group:\"{group}\""));
        let len = hit["copies"].as_u64().unwrap() + 1;
        assert_eq!(members["total"], len, "{group}");
        assert_eq!(ask(&format!("group:\"{group}\" copies:{len}"))["total"], len, "{group}");
        for member in members["hits"].as_array().unwrap() {
            found.insert(member["uid"].as_str().unwrap().to_owned(), (group.to_owned(), len));
        }
    }
    assert_eq!(ask("copies:>1")["total"], found.len());
    let folded = ask("fold:copies");
    let num_folded = folded["total"].as_u64().unwrap() - folded["hits"].as_array().unwrap().len() as u64;
    (found, num_folded)
}

/// A post of one channel as a line.
fn post_of(channel: &str, id: u64, day: u64, text: &str) -> String {
    let post = serde_json::json!({"channel": channel, "id": id.to_string(), "date": format!("2024-06-{day:02}"), "text": text});
    format!("{post}\n")
}

const STORM: &str =
    "The storm has damaged four boats in the harbour, and the ferry will not sail before Thursday morning.";
const FOG: &str = "Fog lies over the whole bay this morning, and the pilots wait for it to lift before they go out.";

/// Copies that come later are found as one build finds them, and no group is in two segments.
#[test]
fn posts_that_say_the_same_are_found_whenever_they_come() {
    let steps = [
        // A group of two, a post that is alone, and one without a copy ever.
        post_of("harbour", 1, 2, STORM)
            + &post_of("pilots", 1, 3, STORM)
            + &post_of("harbour", 2, 4, FOG)
            + &post_of("harbour", 3, 4, "A quiet day, and nothing to tell of the harbour."),
        // The group gains one, which is its earliest; the lone post is copied, nearly.
        post_of("quay", 1, 1, &STORM.to_uppercase()) + &post_of("quay", 2, 5, &format!("{FOG} Stay ashore.")),
        // Nothing to do with any of them.
        post_of("quay", 3, 6, "The lighthouse keeper has painted the door again, green this time."),
        // A copy is edited, and says something else now: two are left; and the pair has only one left.
        post_of(
            "pilots",
            1,
            3,
            "All boats are safe, and the ferry sails at noon on Wednesday after all; who has a ticket for another day may take it, says the harbour master.",
        ) + &post_of(
            "quay",
            2,
            5,
            "The sun is out, everyone is back at work since nine o'clock, and nobody need stay at home any longer: the quay is open, and so is the market hall.",
        ),
    ];
    let dir = Dir::new(&[]);
    let mut all = Vec::new();
    let (mut moved, mut folded) = (Vec::new(), Vec::new());
    for (number, step) in steps.iter().enumerate() {
        let name = format!("{number}.jsonl");
        fs::write(dir.0.path().join(&name), step).unwrap();
        let args: &[&str] = if number == 0 { &["build", &name, "-o", "out"] } else { &["add", "out", &name] };
        let summary: Value = serde_json::from_str(&dir.good(&[args, &["--json"]].concat())).unwrap();
        moved.push(summary["written_anew"].as_u64().unwrap());
        folded.push(summary["folded"].as_u64().unwrap());
        dir.good(&["verify", "out"]);
        all.push(name);
        let build = [
            &["build"],
            all.iter().map(String::as_str).collect::<Vec<_>>().as_slice(),
            &["-o", "one.fonds", "--force", "--quiet"],
        ]
        .concat();
        dir.good(&build);
        let grown = copies(&dir, "out");
        assert_eq!(grown, copies(&dir, "one.fonds"), "step {number}");
        assert_eq!(grown.1, folded[number], "step {number}");
        if number > 0 {
            dir.good(&["merge", "out", "-o", "merged.fonds", "--force", "--quiet"]);
            assert_eq!(grown, copies(&dir, "merged.fonds"), "step {number}");
        }
    }
    assert_eq!((moved, folded), (vec![0, 3, 0, 3], vec![1, 3, 3, 1]));
    let inspected: Value = serde_json::from_str(&dir.good(&["inspect", "out", "--json"])).unwrap();
    assert_eq!(inspected["records"], 7);
    let provenance: Value = serde_json::from_slice(&dir.listing("out")["provenance.json"]).unwrap();
    assert_eq!(provenance["folded"], 1);
}

#[test]
fn of_one_channel_nothing_is_written_anew() {
    let dir = Dir::new(&[("a.jsonl", &post_of("harbour", 1, 1, STORM)), ("b.jsonl", &post_of("harbour", 2, 2, STORM))]);
    dir.good(&["build", "a.jsonl", "-o", "out", "--quiet"]);
    let said = dir.good(&["add", "out", "b.jsonl"]);
    assert!(!said.contains("new segment") && !said.contains("the same as"), "{said}");
    fs::write(dir.0.path().join("c.jsonl"), post_of("pilots", 1, 3, STORM)).unwrap();
    let said = dir.good(&["add", "out", "c.jsonl"]);
    assert!(said.contains("2 posts of the archive stand in its new segment too"), "{said}");
    assert_eq!((dir.total("out", "group:harbour/1"), dir.total("out", "")), (3, 3));
    assert!(dir.good(&["inspect", "out"]).contains("segment 1: 1 records, 1 of them superseded"));
}

#[test]
fn damage_in_a_segment_is_named() {
    let dir = Dir::new(&[("may.jsonl", MAY), ("june.jsonl", JUNE)]);
    dir.good(&["build", "may.jsonl", "-o", "out", "--quiet"]);
    dir.add(&["out", "june.jsonl"]);
    let shards = dir.listing("out");
    for name in shards.keys().filter(|name| name.starts_with("archive/store-") || name.starts_with("archive/hidden-")) {
        let path = dir.0.path().join("out").join(name);
        let mut damaged = shards[name].clone();
        let at = damaged.len() / 2;
        damaged[at] = if damaged[at] == b'A' { b'B' } else { b'A' };
        fs::write(&path, &damaged).unwrap();
        let ran = dir.run(&["verify", "out"]);
        let said = String::from_utf8(ran.stdout).unwrap();
        assert_eq!(ran.status.code(), Some(1), "{said}");
        assert!(said.contains(name.as_str()), "{said}");
        fs::write(&path, &shards[name]).unwrap();
    }
    dir.good(&["verify", "out"]);
}

#[test]
fn a_title_of_later_is_kept_and_nothing_is_told_twice() {
    let post = r#"{"id":"1","date":"2024-06-01","channel":"c","text":"a storm"}"#;
    let dir = Dir::new(&[("posts.jsonl", &format!("{post}\n{{broken\n"))]);
    dir.good(&["build", "posts.jsonl", "-o", "site", "--title", "First", "--format", "jsonl", "--quiet"]);
    for title in ["Second", "Third"] {
        dir.good(&["add", "site", "posts.jsonl", "--title", title, "--format", "jsonl", "--quiet"]);
    }
    let summary: Value =
        serde_json::from_str(&dir.good(&["add", "site", "posts.jsonl", "--format", "jsonl", "--json"])).unwrap();
    assert_eq!(summary["title"], "Third");
    let skipped = fs::read_to_string(dir.0.path().join("site/skipped.jsonl")).unwrap();
    assert_eq!(skipped.lines().count(), 1, "{skipped}");
    fs::write(dir.0.path().join("other.jsonl"), post.replace("storm", "calm").replace("\"1\"", "\"2\"")).unwrap();
    dir.good(&["build", "other.jsonl", "-o", "other", "--format", "jsonl", "--quiet"]);
    dir.good(&["merge", "site", "other", "-o", "whole", "--quiet"]);
    let page = fs::read_to_string(dir.0.path().join("whole/index.html")).unwrap();
    assert!(page.contains("<title>Third</title>"));
}
