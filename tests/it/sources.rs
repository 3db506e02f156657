//! Several sources, what is left out of them, several archives: the program's account of every record.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A fresh folder in which the program runs.
pub(crate) struct Dir(pub(crate) tempfile::TempDir);

impl Dir {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let dir = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            let path = dir.0.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        dir
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_fonds")).current_dir(self.0.path()).args(args).output().unwrap()
    }

    pub(crate) fn good(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert!(ran.status.success(), "{args:?}: {ran:?}");
        String::from_utf8(ran.stdout).unwrap()
    }

    pub(crate) fn fails(&self, args: &[&str], expected: &str) {
        let ran = self.run(args);
        let message = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(2), "{args:?}: {message}");
        assert!(message.contains(expected), "{args:?} should say {expected:?}: {message}");
    }

    /// Builds, and gives the accounts as read, merged, removed, skipped.
    pub(crate) fn build(&self, args: &[&str]) -> Vec<[u64; 4]> {
        let summary: Value = serde_json::from_str(&self.good(&[&["build", "--json"], args].concat())).unwrap();
        let count = |source: &Value, name: &str| source[name].as_u64().unwrap();
        let account = |source: &Value| {
            let counts = ["read", "merged", "removed", "skipped"].map(|name| count(source, name));
            assert_eq!(counts.iter().sum::<u64>(), count(source, "in"));
            counts
        };
        summary["sources"].as_array().unwrap().iter().map(account).collect()
    }

    pub(crate) fn extract(&self, archive: &str) -> Vec<Value> {
        self.good(&["extract", archive]).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Every byte of a published folder.
    pub(crate) fn all_bytes(&self, folder: &str) -> Vec<u8> {
        let (mut bytes, mut folders) = (Vec::new(), vec![self.0.path().join(folder)]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if entry.is_dir() { folders.push(entry) } else { bytes.extend(fs::read(entry).unwrap()) }
            }
        }
        bytes
    }
}

const A: &str = r#"{"channel":"harbour","id":"1","date":"2024-06-01T10:00:00Z","text":"Gale warning, call 5551234"}
{"channel":"harbour","id":"2","date":"2024-06-02","text":"Lifted","author":"marta","mood":"calm"}
{"text":"no date, 5551234"}
"#;

const B: &str = r#"{"channel":"harbour","id":"2","date":"2024-06-02T09:00:00Z","text":"Lifted, all clear","views":7}
{"channel":"harbour","id":"3","date":"2024-07-01","text":"The first ferry","author":"ole","mood":"glad"}
{broken 5551234}
"#;

#[test]
fn the_same_post_of_several_sources_is_one() {
    let dir = Dir::new(&[("a.jsonl", A), ("b.jsonl", B), ("copy.jsonl", A)]);
    assert_eq!(
        dir.build(&["a.jsonl", "a.jsonl", "copy.jsonl", "-o", "x.fonds"]),
        [[3, 0, 0, 0], [0, 3, 0, 0], [0, 3, 0, 0]]
    );
    assert_eq!(dir.build(&["a.jsonl", "b.jsonl", "-o", "y.fonds"]), [[3, 0, 0, 0], [1, 1, 0, 1]]);
    let records = dir.extract("y.fonds");
    assert_eq!(records.len(), 4);
    let second = records.iter().find(|record| record["uid"] == "harbour/2").unwrap();
    assert_eq!(
        (&second["text"], &second["author"], &second["views"]),
        (&"Lifted, all clear".into(), &"marta".into(), &7.into())
    );
    assert_eq!(
        (&second["also_in"][0]["differs"]["text"], &second["also_in"][0]["file"]),
        (&"Lifted".into(), &"a.jsonl".into())
    );
    assert_eq!((&second["also_in"][1]["gave"][1], &second["also_in"][1]["file"]), (&"text".into(), &"b.jsonl".into()));
}

/// A database's dump, a feed, an outbox: all call their channel alike and count their posts from one.
const NORTH: &str = r#"{"channel":"News","id":"1","date":"2024-06-01T10:00:05Z","text":"The north wind"}
{"channel":"News","id":"2","date":"2024-06-02T10:00:05Z","text":"Calm in the north"}
"#;
const SOUTH: &str = r#"{"channel":"News","id":"1","date":"2023-01-01T11:22:33Z","text":"Palms of the south"}
{"channel":"News","id":"2","date":"2024-06-02T12:00:05+02:00","text":"Calm in the north, and everywhere"}
"#;

#[test]
fn posts_of_two_sources_that_are_called_alike_are_not_one() {
    let feed = |site: &str, text: &str| {
        format!(
            "<?xml version='1.0'?><rss version='2.0'><channel><title>Wind</title><link>https://{site}.example</link><item><title>{text}</title><link>https://{site}.example/1</link><guid isPermaLink='false'>1</guid><description>{text} blows</description></item></channel></rss>"
        )
    };
    let dir = Dir::new(&[
        ("north.jsonl", NORTH),
        ("south.jsonl", SOUTH),
        ("north.xml", &feed("north", "Boreas")),
        ("south.xml", &feed("south", "Notos, who is warm")),
    ]);
    let texts = |archive: &str| -> Vec<String> {
        let mut texts: Vec<String> =
            dir.extract(archive).iter().map(|post| post["text"].as_str().unwrap().into()).collect();
        texts.sort_unstable();
        texts
    };
    let all = [
        "Boreas blows",
        "Calm in the north, and everywhere",
        "Notos, who is warm blows",
        "Palms of the south",
        "The north wind",
    ];
    let inputs = ["north.jsonl", "south.jsonl", "north.xml", "south.xml"];
    let accounts = dir.build(&[&inputs[..], &["-o", "a"]].concat());
    assert_eq!(accounts, [[2, 0, 0, 0], [1, 1, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]]);
    assert_eq!(texts("a"), all);
    let told = dir.good(&["inspect", "a"]);
    assert!(told.contains("1 post has the channel and the id of one in north.jsonl"), "{told}");
    let uids: Vec<String> = dir.extract("a").iter().map(|post| post["uid"].as_str().unwrap().into()).collect();
    assert!(uids.contains(&"News/1.2".to_owned()) && uids.contains(&"Wind/1.2".to_owned()), "{uids:?}");

    // Added later, they are as many, and the same again is nothing new.
    dir.build(&["north.jsonl", "north.xml", "-o", "b"]);
    let told = dir.good(&["add", "b", "south.jsonl", "south.xml"]);
    assert!(told.contains("of one in the archive"), "{told}");
    assert_eq!(texts("b"), all);
    let again = dir.good(&["add", "b", "north.jsonl", "south.jsonl", "north.xml", "south.xml"]);
    assert!(again.contains("nothing was written"), "{again}");
    assert_eq!(texts("b"), all);

    // So are archives of them that are made one.
    dir.build(&["north.jsonl", "north.xml", "-o", "c"]);
    dir.build(&["south.jsonl", "south.xml", "-o", "d"]);
    dir.good(&["merge", "c", "d", "-o", "e"]);
    assert_eq!(texts("e"), all);
}

#[test]
fn a_folder_of_mails_has_folders_and_what_nobody_keeps() {
    let mail = |text: &str| format!("From: a@b.example\nSubject: {text}\nDate: 1 Jun 2024 10:00 +0000\n\n{text}\n");
    let names = [
        "cur/1717200000.M1.h:2,S",
        "cur/1717200001.M1.h:2,DS",
        "tmp/1717200002.M1.h",
        ".Sent/cur/1717200003.M1.h:2,S",
        ".Trash/cur/1717200004.M1.h:2,S",
        ".git/cur.txt",
    ];
    let files: Vec<(String, String)> = names.iter().map(|name| (format!("mail/{name}"), mail(name))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let dir = Dir::new(&files);
    for folder in ["new", ".Sent/new", ".Trash/new"] {
        fs::create_dir_all(dir.0.path().join("mail").join(folder)).unwrap();
    }
    assert_eq!(dir.build(&["mail", "-o", "a.fonds"]), [[2, 0, 3, 0]]);
    let folders: Vec<Value> = dir.extract("a.fonds").iter().map(|post| post["folder"].clone()).collect();
    assert_eq!(folders, ["Sent".into(), Value::Null]);
    let told = dir.good(&["inspect", "a.fonds"]);
    assert!(told.contains("1 record left out: drafts") && told.contains("1 record left out: deleted"), "{told}");
}

#[test]
fn dates_that_cannot_be_read_are_counted_whatever_the_format() {
    let tweet =
        r#"window.YTD.tweets.part0 = [{"tweet":{"id_str":"7","id":"7","full_text":"a","created_at":"the other day"}}]"#;
    let message = r#"{"guild":{"id":"1","name":"g"},"channel":{"id":"100","type":"GuildTextChat","category":"c","name":"quay"},
        "messages":[{"id":"1","type":"Default","timestamp":"the other day","content":"a","author":{"id":"1","name":"n"}}]}"#;
    let comment = r#"{"id":"c1","body":"a","author":"n","subreddit":"s","link_id":"t3_a","parent_id":"t3_a","created_utc":"the other day"}"#;
    let page = "---\ntitle: a\ndate: the other day\n---\n\nb\n";
    let mail = "From: a@b.example\nSubject: a\nDate: the other day\n\nb\n";
    let dir = Dir::new(&[
        ("x/data/tweets.js", tweet),
        ("discord.json", message),
        ("reddit.ndjson", comment),
        ("md/a.md", page),
        ("md/b.md", page),
        ("a.eml", mail),
        ("a.jsonl", r#"{"id":"1","date":"the other day","text":"a"}"#),
    ]);
    for input in ["x", "discord.json", "reddit.ndjson", "md", "a.eml", "a.jsonl"] {
        let summary: Value =
            serde_json::from_str(&dir.good(&["build", "--json", input, "-o", "a.fonds", "--force"])).unwrap();
        let source = &summary["sources"][0];
        assert_eq!(source["unreadable_dates"], source["read"], "{input}: {source}");
        let posts = dir.extract("a.fonds");
        let is_kept = |post: &Value| post.to_string().contains("the other day");
        assert!(!posts.is_empty() && posts.iter().all(is_kept), "{input}: {posts:?}");
    }
}

#[test]
fn what_is_left_out_leaves_no_trace() {
    let dir = Dir::new(&[("a.jsonl", A), ("b.jsonl", B)]);
    assert_eq!(
        dir.build(&["a.jsonl", "b.jsonl", "--since", "2024-06", "--until", "2024-06-02", "-o", "x.fonds"]),
        [[2, 0, 1, 0], [0, 1, 1, 1]]
    );
    assert_eq!(
        dir.build(&["a.jsonl", "b.jsonl", "--only", "author=ole", "-o", "y.fonds"]),
        [[0, 0, 3, 0], [1, 1, 0, 1]]
    );
    dir.build(&[
        "a.jsonl", "b.jsonl", "--drop", "author", "--drop", "mood", "--redact", "[0-9]{7}", "--pages", "yes", "-o", "z",
    ]);
    let records = dir.extract("z");
    assert!(records.iter().all(|record| record.get("author").is_none() && record.get("mood").is_none()));
    assert_eq!(records.iter().filter(|record| record["text"].as_str().unwrap().contains("[redacted]")).count(), 2);
    let bytes = dir.all_bytes("z");
    assert!(!bytes.windows(7).any(|bytes| bytes == b"5551234"));
    let provenance: Value = serde_json::from_slice(&fs::read(dir.0.path().join("z/provenance.json")).unwrap()).unwrap();
    let first = &provenance["sources"][0];
    assert_eq!((&first["redacted"], &first["dropped"][1]), (&2.into(), &"mood".into()));

    dir.fails(&["build", "a.jsonl", "--drop", "nothing", "-o", "e"], "no post has such a field");
    dir.fails(&["build", "a.jsonl", "--drop", "uid", "-o", "e"], "no post can do without it");
    dir.fails(&["build", "a.jsonl", "--since", "soon", "-o", "e"], "--since soon: this is no date");
    dir.fails(&["build", "a.jsonl", "--redact", "(", "-o", "e"], "--redact (");
    dir.fails(&["build", "a.jsonl", "--only", "author", "-o", "e"], "write FIELD=VALUE");
    dir.fails(&["build", "a.jsonl", "--since", "2030", "-o", "e"], "no post is left of 3");
}

#[test]
fn merged_archives_are_one_build_of_their_sources() {
    let dir = Dir::new(&[("a.jsonl", A), ("b.jsonl", B)]);
    dir.build(&["a.jsonl", "--title", "t", "-o", "a"]);
    dir.build(&["b.jsonl", "--title", "t", "--single", "b.html"]);
    dir.build(&["a.jsonl", "b.jsonl", "--title", "t", "-o", "both.fonds"]);
    dir.good(&["merge", "a", "b.html", "-o", "merged.fonds"]);
    let read = |name: &str| fs::read(dir.0.path().join(name)).unwrap();
    assert_eq!(dir.extract("merged.fonds"), dir.extract("both.fonds"));
    assert!(read("merged.fonds") == read("both.fonds"), "the same records and accounts give the same bytes");
    // Merging what is there already changes nothing but the account.
    dir.good(&["merge", "both.fonds", "a", "-o", "again.fonds"]);
    assert_eq!(dir.extract("again.fonds"), dir.extract("both.fonds"));
}

#[test]
fn records_come_back_as_they_were_from_every_format() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|case| case.is_dir());
    cases.sort();
    let mut formats = std::collections::BTreeSet::new();
    for case in cases {
        let mut inputs = fs::read_dir(&case).unwrap().map(|entry| entry.unwrap().path());
        let Some(input) = inputs.find(|path| path.file_stem().is_some_and(|stem| stem == "input")) else { continue };
        let dir = Dir::new(&[]);
        let args = ["build", input.to_str().unwrap(), "--quiet", "-o", "one.fonds", "--json"];
        if !dir.run(&args).status.success() {
            continue;
        }
        let first = dir.extract("one.fonds");
        fs::write(dir.0.path().join("posts.jsonl"), dir.good(&["extract", "one.fonds"])).unwrap();
        dir.good(&["build", "posts.jsonl", "--quiet", "-o", "two.fonds"]);
        assert_eq!(dir.extract("two.fonds"), first, "{}", case.display());
        let about: Value = serde_json::from_str(&dir.good(&["inspect", "one.fonds", "--json"])).unwrap();
        formats.insert(about["sources"][0]["format"].as_str().unwrap().to_owned());
    }
    assert!(["csv", "json", "jsonl", "scrape", "tsv"].iter().all(|format| formats.contains(*format)), "{formats:?}");
}

#[test]
fn what_is_dropped_is_gone_from_other_sources_too() {
    let dir = Dir::new(&[
        (
            "one.jsonl",
            "{\"id\":\"1\",\"channel\":\"c\",\"author\":\"Sam One\",\"text\":\"hello\",\"phone\":\"5551\"}\n{\"id\":\"2\",\"channel\":\"c\",\"text\":\"b\"}\n",
        ),
        (
            "two.jsonl",
            "{\"id\":\"1\",\"channel\":\"c\",\"author\":\"Sam Two\",\"text\":\"hello\",\"phone\":\"5552\"}\n{\"id\":\"2\",\"channel\":\"c\",\"text\":\"b\"}\n",
        ),
    ]);
    let args = ["one.jsonl", "two.jsonl", "--drop", "author", "--drop", "phone", "-o", "out", "--pages", "no"];
    assert_eq!(dir.build(&args), [[2, 0, 0, 0], [0, 2, 0, 0]]);
    let said = dir.good(&["extract", "out"])
        + &String::from_utf8_lossy(&fs::read(dir.0.path().join("out/provenance.json")).unwrap());
    assert!(!said.contains("Sam") && !said.contains("555"), "{said}");
}

#[test]
fn what_is_removed_is_not_quoted() {
    let lines = "{\"text\":\"a\",\"date\":\"SECRET\"}\nno json\n{\"text\":\"b\",\"date\":\"2024\"}\n{\"text\":\"c\",\"date\":\"2025\"}\n";
    let dir = Dir::new(&[("Anna chat.jsonl", lines)]);
    for (out, args) in [("a", ["--drop", "date"]), ("b", ["--since", "2024"]), ("c", ["--redact", "Anna|SECRET"])] {
        dir.good(&[&["build", "Anna chat.jsonl", "--format", "jsonl", "-o", out, "--pages", "no"], &args[..]].concat());
        let text = |name: &str| fs::read_to_string(dir.0.path().join(out).join(name)).unwrap();
        let said = text("provenance.json") + &text("skipped.jsonl");
        assert!(!said.contains("SECRET"), "{args:?}: {said}");
        assert_eq!(said.contains("Anna"), out != "c", "{args:?}: {said}");
        // What was skipped is found in the account by the name of its file.
        let account: Value = serde_json::from_str(&text("provenance.json")).unwrap();
        assert_eq!(account["sources"][0]["skipped_first"].as_array().map(Vec::len), Some(1), "{account}");
    }
}

#[test]
fn files_that_are_not_recognised_are_told() {
    let dir = Dir::new(&[]);
    fs::create_dir(dir.0.path().join("in")).unwrap();
    for (name, text) in [
        (
            "a.jsonl",
            "{\"text\":\"a b c\",\"media\":[{\"kind\":\"file\",\"path\":\"sent.txt\"}]}\n{\"text\":\"d e f\"}\n",
        ),
        ("sent.txt", "y"),
        ("b.jsonl", "oops\n{\"text\":\"lost\"}\n"),
        ("capture.WARC.gz", "x"),
        ("index.cdx.gz", "x"),
        ("data.sqlite", "x"),
        ("photo.jpg", "x"),
    ] {
        fs::write(dir.0.path().join("in").join(name), text).unwrap();
    }
    let ran = dir.run(&["build", "in", "-o", "out", "--pages", "no"]);
    let said = String::from_utf8(ran.stderr).unwrap();
    assert!(said.contains("b.jsonl") && said.contains("--format") && !said.contains("photo"), "{said}");
    assert!(said.contains("capture.WARC.gz") && said.contains("data.sqlite") && !said.contains("cdx"), "{said}");
    let account = fs::read_to_string(dir.0.path().join("out/provenance.json")).unwrap();
    assert!(account.contains("not read: 3 files that may hold posts") && !account.contains("b.jsonl"), "{account}");
}

/// An export of Telegram Desktop with one message.
fn chat(name: &str, number: u64, text: &str) -> String {
    let message = format!(
        r#"{{"id":12,"type":"message","date":"2024-06-01T10:00:00","date_unixtime":"1717236000","from":"{name}","text":"{text}"}}"#
    );
    format!(r#"{{"name":"{name}","type":"public_channel","id":{number},"messages":[{message}]}}"#)
}

#[test]
fn chats_of_one_name_stay_two_and_a_renamed_one_is_one() {
    let dir = Dir::new(&[
        ("a.json", &chat("News", 77, "of 77")),
        ("b.json", &chat("News", 88, "of 88")),
        ("c.json", &chat("Daily", 77, "of 77, edited")),
        (
            "posts.jsonl",
            "{\"url\":\"https://t.me/s/news/12\",\"date\":\"2024-06-01T10:00:00Z\",\"content\":\"of 77\",\"renderedContent\":\"of 77\"}\n{\"url\":\"https://t.me/s/news/13\",\"date\":\"2024-06-01T10:00:00Z\",\"content\":\"next\",\"renderedContent\":\"next\"}\n",
        ),
    ]);
    assert_eq!(dir.build(&["a.json", "b.json", "-o", "two.fonds"]), [[1, 0, 0, 0], [1, 0, 0, 0]]);
    assert_eq!(dir.build(&["a.json", "c.json", "-o", "one.fonds"]), [[1, 0, 0, 0], [0, 1, 0, 0]]);
    let post = &dir.extract("one.fonds")[0];
    assert_eq!((&post["uid"], &post["text"]), (&"News/12".into(), &"of 77, edited".into()));
    assert_eq!(post["also_in"][1]["differs"]["channel"], "Daily");
    // The same with what comes later.
    dir.build(&["a.json", "-o", "grown"]);
    dir.good(&["add", "grown", "b.json"]);
    dir.good(&["add", "grown", "c.json"]);
    let mut found: Vec<(String, String)> =
        dir.extract("grown").iter().map(|post| (post["uid"].to_string(), post["text"].to_string())).collect();
    found.sort();
    assert_eq!(
        found,
        [("\"News/12\"".into(), "\"of 77, edited\"".into()), ("\"News/12.2\"".into(), "\"of 88\"".into())]
    );
    // A handle that the owner gives links what has no number to what has no handle.
    assert_eq!(
        dir.build(&["a.json", "--handle", "news", "posts.jsonl", "-o", "handle.fonds"]),
        [[1, 0, 0, 0], [1, 1, 0, 0]]
    );
}

#[test]
fn several_exports_in_one_folder_have_each_post_once() {
    let dir = Dir::new(&[]);
    for (folder, name) in [("in/a", "News"), ("in/b", "Daily")] {
        fs::create_dir_all(dir.0.path().join(folder)).unwrap();
        fs::write(dir.0.path().join(folder).join("result.json"), chat(name, 77, name)).unwrap();
    }
    assert_eq!(dir.build(&["in", "-o", "out.fonds"]), [[1, 1, 0, 0]]);
    assert_eq!(dir.extract("out.fonds")[0]["uid"], "News/12");
}

#[test]
fn the_account_says_what_each_source_is_and_what_it_never_held() {
    let post = |channel: &str, day: u64| {
        format!(
            "{{\"channel\":\"{channel}\",\"id\":\"{day}\",\"date\":\"2024-06-0{day}\",\"text\":\"the last ferry leaves before the storm tonight\"}}\n"
        )
    };
    let dir = Dir::new(&[
        ("a.jsonl", &(post("a", 1) + "{\"text\":\"else\"}\n{broken </script>\n")),
        ("b.jsonl", &(post("b", 2) + &post("b", 3))),
        ("chat.json", &chat("News", 77, "of 77")),
    ]);
    let said = dir.good(&["build", "a.jsonl", "b.jsonl", "chat.json", "-o", "out"]);
    for expected in [
        "SHA-256 ",
        "recognised by a JSON object on each",
        "never held by this format: thread, views",
        "2 of those read say the same",
    ] {
        assert!(said.contains(expected), "{said}");
    }
    let read = |name: &str| fs::read_to_string(dir.0.path().join("out").join(name)).unwrap();
    let provenance: Value = serde_json::from_str(&read("provenance.json")).unwrap();
    let folded: Vec<_> =
        provenance["sources"].as_array().unwrap().iter().map(|source| source["folded"].as_u64()).collect();
    assert_eq!(folded, [Some(0), Some(2), Some(0)]);
    // The page has the same, but for how the broken record begins.
    let part = read("fonds/account.js");
    assert!(part.starts_with("fondsShard(\"account\",[") && !part.contains("script"), "{part}");
    let mut shown: Value =
        serde_json::from_str(part.trim().strip_prefix("fondsShard(\"account\",").unwrap().strip_suffix(");").unwrap())
            .unwrap();
    shown[0]["skipped_first"][0]["excerpt"] = provenance["sources"][0]["skipped_first"][0]["excerpt"].clone();
    assert_eq!(shown, provenance["sources"]);
    // Of two sources of one name nobody can tell which repeats what; of the others it is known.
    dir.good(&["build", "a.jsonl", "--single", "a.html"]);
    dir.good(&["merge", "out", "a.html", "-o", "merged"]);
    let merged: Value =
        serde_json::from_str(&fs::read_to_string(dir.0.path().join("merged/provenance.json")).unwrap()).unwrap();
    let folded: Vec<_> = merged["sources"].as_array().unwrap().iter().map(|source| source["folded"].as_u64()).collect();
    assert_eq!(folded, [None, Some(2), Some(0), None]);
}

/// Five formats at once: what was read, merged, left out and skipped adds up for each, and what is left out is nowhere.
#[test]
fn one_archive_of_five_formats_adds_up() {
    let golden = |name: &str| format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    let inputs =
        ["reddit/input.ndjson", "matrix/input.json", "wordpress/input.xml", "markdown/input", "bluesky/input.car"];
    let inputs = inputs.map(golden);
    let dir = Dir::new(&[]);
    let args = [&inputs.each_ref().map(String::as_str)[..], &["-o", "five"]].concat();
    let counts = dir.build(&args);
    let records = dir.extract("five");
    assert_eq!(counts.len(), 5);
    assert_eq!(counts.iter().map(|[read, ..]| *read).sum::<u64>(), records.len() as u64);
    assert!(counts.iter().all(|[read, _, removed, skipped]| *read > 0 && removed + skipped > 0), "{counts:?}");
    let bytes = dir.all_bytes("five");
    for secret in [
        "hidden hold",
        "SECRETKEY",
        "private words",
        "keeper@harbour.example",
        "192.0.2.7",
        "draft words",
        "did:plc:secret",
    ] {
        let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found && !records.iter().any(|record| record.to_string().contains(secret)), "{secret}");
    }
}

/// What is private is in nothing that is published, be it whole or broken: not in the posts, the pages and the account.
#[test]
fn what_is_private_is_nowhere_even_where_it_is_broken() {
    let dir = Dir::new(&[]);
    for (name, secrets) in [
        ("slack/input", &["between two", "pilots-only"][..]),
        ("x-archive/input", &["nobody may read", "nor this", "for the circle alone"]),
        ("mastodon/input", &["the activity says everyone", "nobody can tell"]),
        ("discord-private/input", &["a group of a few", "written where"]),
        ("matrix-private/input", &["for pilots alone", "between us", "one of which there was a key", "ciphertext"]),
        ("meta-download/input", &["Nebel überm", "At the quay", "The Harbour"]),
        ("mail-deleted/input.mbox", &["Deleted, and still", "called off"]),
    ] {
        let golden = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
        let counts = dir.build(&[&golden, "-o", "out", "--force"]);
        assert!(counts[0][0] > 0 && counts[0][2] > 0, "{name}: {counts:?}");
        let (bytes, records) = (dir.all_bytes("out"), dir.extract("out"));
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found && !records.iter().any(|record| record.to_string().contains(secret)), "{name}: {secret}");
        }
    }
}

#[test]
fn whoever_builds_is_told_of_telephone_numbers_that_posts_share() {
    let export = r#"{"name":"News","type":"public_channel","id":7,"messages":[
        {"id":1,"type":"message","date":"2024-01-01T10:00:00","from":"News","from_id":"channel7","text":"ask her",
         "contact_information":{"first_name":"Ann","last_name":"","phone_number":"+10005550100"}},
        {"id":2,"type":"message","date":"2024-01-01T11:00:00","from":"News","from_id":"channel7","text":"or not"}]}"#;
    let dir = Dir::new(&[("result.json", export)]);
    let told = |more: &[&str]| {
        let ran = dir.run(&[&["build", "result.json", "-o", "out"], more].concat());
        assert!(ran.status.success(), "{ran:?}");
        String::from_utf8(ran.stderr).unwrap().contains("1 post shares somebody's telephone number")
    };
    let is_there = || dir.extract("out").iter().any(|record| record.to_string().contains("5550100"));
    assert_eq!((told(&[]), is_there()), (true, true));
    for field in ["contact_information", "media"] {
        assert_eq!((told(&["--drop", field]), is_there()), (false, false), "{field}");
    }
}

#[test]
fn what_repeats_itself_is_no_scrape() {
    let settings = "server:\n  name: harbour-lights-and-buoys-server\n  timeout: thirty seconds at most, else retry\n";
    let log = "2024-06-01 10:00:00 connection to the lighthouse is lost, trying again\n2024-06-01 10:00:05 connection to the lighthouse is back, going on\n";
    let again = "connection to the lighthouse is lost, trying again soon\nconnection to the lighthouse is back, going on as before\n";
    let package = "  \"resolved\": \"https://registry.example/harbour/harbour-1.0.0.tgz\",\n  \"integrity\": \"sha512-abcdefghijklmnopqrstuvwxyz\",\n";
    let files = [("a.yaml", settings), ("b.log", log), ("c.log", again), ("package-lock.json", package)];
    let dir = Dir::new(&[]);
    for (name, text) in files {
        fs::write(dir.0.path().join(name), text.repeat(8)).unwrap();
        dir.fails(&["build", name, "-o", "out"], "name one with `--format`");
    }
}

#[test]
fn pages_that_are_cut_or_missing_are_told() {
    let page = "<!DOCTYPE html><html><head><title>Exported Data</title></head><body><div class=\"page_wrap\"><div class=\"page_header\"><div class=\"text bold\">News</div></div>\
        <div class=\"history\"><div class=\"message default clearfix\"><div class=\"body\"><div class=\"text\">lost its id</div></div></div>\
        <div class=\"message default clearfix\" id=\"message1\"><div class=\"body\"><div class=\"from_name\">News</div><div class=\"text\">whole words</div></div></div>\
        <a class=\"pagination block_link\" href=\"messages2.html\">Next messages</a>";
    let dir = Dir::new(&[("messages.html", page), ("whole.html", &format!("{page}</div></div></body></html>"))]);
    let notes = |out: &str| {
        let account = fs::read_to_string(dir.0.path().join(out).join("provenance.json")).unwrap();
        serde_json::from_str::<Value>(&account).unwrap()["sources"][0]["notes"].to_string()
    };
    assert_eq!(dir.build(&["messages.html", "-o", "cut"]), [[1, 0, 0, 1]]);
    assert!(notes("cut").contains("`messages.html` is cut"), "{}", notes("cut"));
    assert!(notes("cut").contains("not read: `messages2.html`"), "{}", notes("cut"));
    assert_eq!(dir.extract("cut")[0]["flags"][0], "incomplete");
    fs::write(dir.0.path().join("messages2.html"), page.replace("message1", "message2")).unwrap();
    dir.build(&["messages.html", "messages2.html", "-o", "both"]);
    assert!(!notes("both").contains("not read"), "named by itself, it is read: {}", notes("both"));
    dir.build(&["whole.html", "-o", "whole"]);
    assert!(!notes("whole").contains("is cut"), "{}", notes("whole"));
}

#[test]
fn columns_keep_their_uids_and_their_ranges() {
    let table = "text,uid,price,share\nfirst ferry of the day,a1,5,0.8439205\nsecond ferry of the day,b2,n/a,1e-1\n\
        third ferry of the day,c3,7,0.25\nlast ferry of the day,d4,n/a,99999999999999999999\n";
    let dir = Dir::new(&[("a.csv", table)]);
    dir.build(&["a.csv", "--map", "price=price:number", "--facet", "share", "-o", "out"]);
    let uids: Vec<_> = dir.extract("out").iter().map(|post| post["uid_"].clone()).collect();
    assert_eq!(uids, ["a1", "b2", "c3", "d4"]);
    for (query, total) in
        [("price:>5", 1), ("price:>=5", 2), ("share:>0.2", 2), ("share:0.1", 1), ("share:>0.84392", 1)]
    {
        let found: Value = serde_json::from_str(&dir.good(&["search", "out", query, "--json"])).unwrap();
        assert_eq!(found["total"], total, "{query}");
    }
    let account = fs::read_to_string(dir.0.path().join("out/provenance.json")).unwrap();
    assert!(account.contains("values in columns of numbers that are none, kept as they are: 2"), "{account}");
}

#[test]
fn what_a_poll_and_reactions_say_beside_their_counts_is_kept() {
    let post = r#"{"id":1,"type":"message","date":"2024-06-01T10:00:00","from":"News","text":"",
        "poll":{"question":"Ferry?","closed":true,"total_voters":1,"answers":[{"text":"yes","voters":1,"chosen":true}]},
        "reactions":[{"type":"emoji","count":1,"emoji":"❤","recent":[{"from":"Ole","from_id":"user1"}]}]}"#;
    let chat = format!(r#"{{"name":"News","type":"public_channel","id":77,"messages":[{post}]}}"#);
    let dir = Dir::new(&[("a.json", &chat)]);
    dir.build(&["a.json", "-o", "out.fonds"]);
    let post = &dir.extract("out.fonds")[0];
    assert_eq!(post["poll_closed"], true);
    // What whoever exported it voted for is nobody's business.
    assert!(!post.to_string().contains("chosen"), "{post}");
    assert_eq!(post["reactions_recent"][0]["from"], "Ole");
}

#[test]
fn what_slack_does_not_call_public_is_not_published_unasked() {
    let day = |text: &str| format!(r#"[{{"type":"message","ts":"1706688000.000200","user":"U1","text":"{text}"}}]"#);
    let dir = Dir::new(&[
        ("lists/channels.json", "[]"),
        ("lists/dms.json", r#"[{"id":"D01","created":1706688000,"members":null}]"#),
        ("lists/general/2024-01-31.json", &day("perhaps public")),
        ("lists/D01/2024-01-31.json", &day("secret")),
        ("bare/general/2024-01-31.json", &day("perhaps public")),
        ("bare/D0123ABC/2024-01-31.json", &day("secret")),
        ("bare/mpdm-ann--bo-1/2024-01-31.json", &day("secret")),
    ]);
    // A list that names one conversation is a list: what it does not name is not public.
    let account: Value = serde_json::from_str(&dir.good(&["inspect", "lists", "--json"])).unwrap();
    assert_eq!((&account["read"], &account["removed"]), (&0.into(), &2.into()));
    assert_eq!(dir.build(&["bare", "-o", "out"]), [[1, 0, 2, 0]]);
    assert!(!dir.all_bytes("out").windows(6).any(|bytes| bytes == b"secret"));
    assert_eq!(dir.extract("out")[0]["text"], "perhaps public");
    let said = String::from_utf8(dir.run(&["inspect", "bare"]).stdout).unwrap();
    assert!(said.contains("no list of channels says whether these are public: `general` (1)"), "{said}");
}

#[test]
fn a_private_thread_of_discord_is_left_out_unless_it_is_named() {
    let thread = r#"{"guild":{"id":"1","name":"g"},"channel":{"id":"100","type":"GuildPrivateThread","category":"c","name":"quiet"},
        "messages":[{"id":"5","type":"Default","timestamp":"2024-01-31T10:00:00+00:00","content":"secret","author":{"id":"2","name":"ann"}}]}"#;
    let dir = Dir::new(&[("thread.json", thread)]);
    let account: Value = serde_json::from_str(&dir.good(&["inspect", "thread.json", "--json"])).unwrap();
    assert_eq!((&account["read"], &account["removed"]), (&0.into(), &1.into()));
    assert_eq!(dir.build(&["thread.json", "--chat", "quiet", "-o", "out.fonds"]), [[1, 0, 0, 0]]);
}

#[test]
fn a_feed_is_read_whatever_it_declares() {
    let body = "<rss version=\"2.0\"><channel><title>t</title><item><title>Störm</title><pubDate>Fri, 05 Jan 2024 10:00:00 +0300</pubDate></item></channel></rss>";
    let dir = Dir::new(&[]);
    for declares in ["UTF-8", "UTF-16", "windows-1252"] {
        let text = format!("<?xml version=\"1.0\" encoding=\"{declares}\"?>\n{body}");
        let wide = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        let mut all = vec![wide(u16::to_le_bytes), wide(u16::to_be_bytes), text.clone().into_bytes()];
        all.push(text.chars().map(|c| c as u8).collect());
        for bytes in all.into_iter().filter(|bytes| declares != "UTF-8" || bytes.len() != text.chars().count()) {
            fs::write(dir.0.path().join("feed.xml"), bytes).unwrap();
            assert_eq!(dir.build(&["feed.xml", "-o", "out.fonds", "--force"]), [[1, 0, 0, 0]], "{declares}");
            assert_eq!(dir.extract("out.fonds")[0]["title"], "Störm", "{declares}");
        }
    }
}

#[test]
fn what_a_post_of_facebook_says_in_odd_places_is_kept() {
    let posts = r#"[{"timestamp":1704448800,"title":"Ann wrote a note.","other":"kept",
        "data":[{"post":"a post"},{"backdated_timestamp":1500000000},{"comment":{"timestamp":1,"comment":"a comment","author":"Bo"}}],
        "attachments":[{"data":[{"note":{"title":"a note","text":"its words"}},{"life_event":{"title":"a house","start_date":{"year":2020}}},{"unknown":{"a":1}}]}]}]"#;
    let dir = Dir::new(&[("your_posts_1.json", posts)]);
    assert_eq!(dir.build(&["your_posts_1.json", "-o", "out.fonds"]), [[1, 0, 0, 0]]);
    let post = &dir.extract("out.fonds")[0];
    assert_eq!(post["text"], "a post\n\na comment\n\na note\n\nits words\n\na house");
    assert_eq!((&post["other"], &post["backdated_timestamp"]), (&"kept".into(), &1_500_000_000.into()));
    assert_eq!((&post["unknown"]["a"], &post["comment_author"]), (&1.into(), &"Bo".into()));
    assert_eq!(post["life_event"]["start_date"]["year"], 2020);
}

#[test]
fn a_repository_of_git_is_told_how_to_write_its_history_out() {
    let dir = Dir::new(&[
        ("bare/HEAD", "ref: refs/heads/main\n"),
        ("bare/config", "[core]\n\tbare = true\n"),
        ("bare/objects/info/packs", "P pack-1.pack\n"),
        ("tree/.git/HEAD", "ref: refs/heads/main\n"),
        ("tree/src/mole.rs", "fn main() {}\n"),
    ]);
    dir.fails(&["inspect", "tree"], "tree: this is a repository of git");
    dir.fails(&["inspect", "bare"], "bare: this is a repository of git");
    dir.fails(&["build", "bare", "-o", "out"], "fast-export --all --no-data --show-original-ids");
}

#[test]
fn dates_of_a_field_are_a_range_and_an_order_wherever_the_archive_goes() {
    let first = "id,text,Last Day\n1,first ferry of the day,24.06.2024\n2,second ferry of the day,25.12.2023 18:30\n\
                 3,third ferry of the day,soon\n4,fourth ferry of the day,2024\n5,fifth ferry of the day,01.07.2024\n";
    let second = "id,text,Last Day\n6,sixth ferry of the day,30.06.2024 23:59\n7,seventh ferry of the day,tbd\n";
    let dir = Dir::new(&[("a.csv", first), ("b.csv", second)]);
    let map = ["--map", "last day=Last Day:date"];
    let ids = |archive: &[&str], query: &str| {
        let [of, others @ ..] = archive else { panic!("no archive") };
        let asked: Vec<&str> = ["search", of, query, "--json"].into_iter().chain(others.iter().copied()).collect();
        let page: Value = serde_json::from_slice(&dir.run(&asked).stdout).unwrap();
        let hits = page["hits"].as_array().unwrap().iter().map(|hit| hit["id"].as_str().unwrap().to_owned());
        hits.collect::<Vec<_>>().join(" ")
    };
    let check = |archive: &[&str], all: bool| {
        let both = |some: &str, more: &str| if all { format!("{more} {some}") } else { some.to_owned() };
        for (query, expected) in [
            ("last_day:2024-06 sort:last_day", both("1", "6")),
            ("last_day:2024-01..2024-06 sort:last_day", both("1", "6")),
            ("last_day:2023..2024 sort:last_day", format!("5 {} 4 2", both("1", "6"))),
            ("last_day:>2023 sort:last_day", format!("5 {} 4", both("1", "6"))),
            ("last_day:>=2024-06-25 sort:-last_day", if all { "6 5".to_owned() } else { "5".to_owned() }),
            ("last_day:<2024 sort:last_day", "2".to_owned()),
            ("last_day:<=2024-06-24 sort:-last_day", "2 1".to_owned()),
            // Only its year is known: not all of it lies within.
            ("last_day:2024-01..2024-03", String::new()),
            ("last_day:soon", "3".to_owned()),
        ] {
            assert_eq!(ids(archive, query), expected, "{archive:?}: {query}");
        }
        let undated = ids(archive, "ferry sort:last_day");
        assert!(undated.ends_with(if all { "2 3 7" } else { "2 3" }), "{archive:?}: {undated}");
        let told: Value = serde_json::from_str(&dir.good(&["inspect", archive[0], "--json"])).unwrap();
        assert_eq!(told["dates"], serde_json::json!(["last day"]), "{archive:?}");
    };
    dir.build(&["a.csv", map[0], map[1], "-o", "a"]);
    check(&["a"], false);
    dir.build(&["b.csv", map[0], map[1], "-o", "b"]);

    // Taken out and built again: as it was said, and by its values alone.
    fs::write(dir.0.path().join("again.jsonl"), dir.good(&["extract", "a", "--format", "jsonl"])).unwrap();
    dir.build(&["again.jsonl", "--map", "last day=last day:date", "-o", "said"]);
    check(&["said"], false);
    dir.build(&["again.jsonl", "--facet", "last day", "-o", "seen"]);
    check(&["seen"], false);
    for archive in ["said", "seen"] {
        assert_eq!(dir.extract(archive), dir.extract("a"), "{archive}");
    }

    check(&["a", "--also", "b"], true);
    dir.good(&["merge", "a", "b", "-o", "merged"]);
    check(&["merged"], true);
    dir.good(&["merge", "a", "b", "--keep", "-o", "kept"]);
    check(&["kept"], true);
    dir.good(&["add", "a", "b.csv", map[0], map[1]]);
    check(&["a"], true);
    dir.good(&["merge", "a", "-o", "one"]);
    check(&["one"], true);
}

/// A download of Facebook has conversations and posts: of one build are the posts, and what is named of the others, and each record of
/// either is accounted for.
#[test]
fn a_whole_download_is_one_source() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/meta-download/input");
    let dir = Dir::new(&[]);
    let golden = golden.to_str().unwrap();
    let all = [golden, "--chat", "Zoë", "--chat", "The Harbour", "-o", "x.fonds"];
    assert_eq!(dir.build(&all), [[6, 0, 0, 1]]);
    let kinds: Vec<String> =
        dir.extract("x.fonds").iter().map(|record| record["kind"].as_str().unwrap().to_owned()).collect();
    for (kind, count) in [("post", 1), ("message", 4), ("service", 1)] {
        assert_eq!(kinds.iter().filter(|known| *known == kind).count(), count, "{kinds:?}");
    }
    // Conversations are private, and nobody named one.
    assert_eq!(dir.build(&[golden, "-o", "w.fonds"]), [[1, 0, 6, 0]]);
    // One conversation of several, and posts, which are of none.
    assert_eq!(dir.build(&[golden, "--chat", "The Harbour", "-o", "y.fonds"]), [[3, 0, 4, 0]]);
    let ran = dir.run(&["build", golden, "-o", "z.fonds"]);
    assert!(String::from_utf8_lossy(&ran.stderr).contains("likes.json"), "what is not read is named: {ran:?}");
}

#[test]
fn one_export_in_two_formats_is_one_set_of_posts() {
    let message = |id: u8| {
        format!(
            r#"{{"id":{id},"type":"message","date":"2024-06-0{id}T10:00:00","date_unixtime":"{}","from":"News","from_id":"channel77","text":"ferry {id}"}}"#,
            1_717_149_600 + 86_400 * u64::from(id)
        )
    };
    let json = format!(
        r#"{{"name":"News","type":"public_channel","id":77,"messages":[{},{},{{"type":"message","date":"2024-06-09T10:00:00","text":"x"}}]}}"#,
        message(1),
        message(2)
    );
    let page = |ids: &[u8]| {
        let message = |id: &u8| {
            format!(
                "<div class=\"message default clearfix\" id=\"message{id}\"><div class=\"body\"><div class=\"pull_right date details\" title=\"0{id}.06.2024 10:00:00 UTC\">10:00</div><div class=\"from_name\">News</div><div class=\"text\">ferry {id}</div></div></div>"
            )
        };
        let messages: String = ids.iter().map(message).collect();
        format!(
            "<!DOCTYPE html><html><head><title>Exported Data</title></head><body><div class=\"page_wrap\"><div class=\"page_header\"><div class=\"text bold\">News</div></div><div class=\"history\">{messages}<div class=\"message default clearfix\"><div class=\"body\"><div class=\"text\">lost its id</div></div></div></div></div></body></html>"
        )
    };
    let dir = Dir::new(&[
        ("export/result.json", &json),
        ("export/messages.html", &page(&[1, 2])),
        ("export/messages2.html", &page(&[3])),
        ("export/notes.txt", "what somebody wrote beside it"),
    ]);
    // A message that has no id is skipped, in the JSON and on each page.
    assert_eq!(dir.build(&["export", "-o", "out"]), [[2, 0, 0, 1], [1, 2, 0, 2]]);
    let posts = dir.extract("out");
    assert_eq!(posts.iter().map(|post| post["id"].as_str().unwrap()).collect::<Vec<_>>(), ["1", "2", "3"]);
    assert_eq!(posts[0]["also_in"][0]["file"], "export/messages.html");
    let account: Value =
        serde_json::from_str(&fs::read_to_string(dir.0.path().join("out/provenance.json")).unwrap()).unwrap();
    let of = |source: usize, name: &str| account["sources"][source][name].clone();
    assert_eq!((of(0, "name"), of(0, "format")), ("export/result.json".into(), "telegram-json".into()));
    assert_eq!((of(1, "name"), of(1, "format")), ("export".into(), "telegram-html".into()));
    assert_eq!(of(0, "size"), json.len());
    let files = |source: usize| {
        let listed = account["sources"][source]["skipped_first"].as_array().unwrap().clone();
        listed.iter().map(|entry| entry["file"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(files(0), ["export/result.json"]);
    assert_eq!(files(1), ["export/messages.html", "export/messages2.html"]);
    assert!(of(0, "notes").to_string().contains("not read: 1 file"), "{account}");
    assert!(!of(1, "notes").to_string().contains("not read"), "{account}");
    let twins = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/telegram-twins");
    assert_eq!(dir.build(&[twins, "-o", "twins"]), [[17, 0, 0, 0], [0, 17, 0, 0]]);
    // Asked for one of the two, there is that one alone.
    assert_eq!(dir.build(&["export", "--format", "telegram-html", "-o", "html"]), [[3, 0, 0, 2]]);
}

/// The same posts, built at once, merged, added one after another, and kept side by side: of each source the same number is told to say
/// what an earlier post in another channel says.
#[test]
fn what_is_folded_is_told_of_each_source_however_they_came_together() {
    let post = |channel: &str, id: u8, day: u8, text: &str| {
        format!(r#"{{"channel":"{channel}","id":"{id}","date":"2024-06-{day:02}","text":"{text}"}}"#) + "\n"
    };
    let fog = "Fog over the bay, no boat sails before noon today";
    let ice = "The ice road is closed for all heavy cars from Monday";
    let a = post("harbour", 1, 2, fog) + &post("harbour", 2, 5, ice) + &post("harbour", 3, 6, "Lifted");
    let b = post("pilots", 1, 3, fog) + &post("pilots", 2, 4, ice);
    // An earlier post than the first of each group, and one that is in none.
    let c = post("radio", 1, 1, fog) + &post("radio", 2, 7, ice) + &post("radio", 3, 8, "Music");
    let dir = Dir::new(&[("a.jsonl", &a), ("b.jsonl", &b), ("c.jsonl", &c)]);
    let told = |archive: &str| {
        let text = fs::read_to_string(dir.0.path().join(archive).join("provenance.json")).unwrap();
        let account: Value = serde_json::from_str(&text).unwrap();
        let sources = account["sources"].as_array().unwrap();
        let each: Vec<_> = sources.iter().map(|source| source["folded"].as_u64()).collect();
        (account["folded"].as_u64().unwrap(), each)
    };
    dir.build(&["a.jsonl", "b.jsonl", "c.jsonl", "-o", "once"]);
    let expected = (4, vec![Some(2), Some(1), Some(1)]);
    assert_eq!(told("once"), expected);
    for name in ["a", "b", "c"] {
        dir.build(&[&format!("{name}.jsonl"), "-o", name]);
    }
    dir.good(&["merge", "a", "b", "c", "-o", "merged"]);
    assert_eq!(told("merged"), expected);
    // Side by side, what says the same is known within each alone.
    dir.good(&["merge", "a", "b", "c", "--keep", "-o", "kept"]);
    assert_eq!(told("kept"), (0, vec![Some(0); 3]));
    dir.good(&["merge", "kept", "-o", "one"]);
    assert_eq!(told("one"), expected);
    dir.good(&["add", "a", "b.jsonl"]);
    assert_eq!(told("a"), (2, vec![Some(1), Some(1)]));
    let summary: Value = serde_json::from_str(&dir.good(&["add", "a", "c.jsonl", "--json"])).unwrap();
    assert_eq!((&summary["sources"][0]["folded"], &summary["folded"]), (&1.into(), &4.into()));
    assert_eq!(told("a"), expected);
    dir.good(&["merge", "a", "-o", "again"]);
    assert_eq!(told("again"), expected);
}

/// A channel may have another name, or be told by its handle alone, when it is saved again: kept side by side, each post is shown once.
#[test]
fn archives_kept_side_by_side_show_each_post_once_whatever_its_channel_is_called() {
    let post = |name: &str, number: u8, id: u8, text: &str| {
        format!(r#"{{"channel":"{name}","channel_id":"{number}","id":"{id}","date":"2024-06-0{id}","text":"{text}"}}"#)
            + "\n"
    };
    let old = post("News", 77, 1, "first, as it was") + &post("News", 77, 2, "second");
    let new = post("Daily News", 77, 1, "first, as it is now") + &post("Daily News", 77, 3, "third");
    let saved = r#"{"channel":"Daily News","id":"2","url":"https://t.me/daily/2","date":"2024-06-02","text":"second, on the web"}"#;
    let other = post("News", 88, 4, "of another chat");
    let clash = post("News", 88, 2, "another chat of that name");
    let dir = Dir::new(&[
        ("old.jsonl", &old),
        ("new.jsonl", &new),
        ("saved.jsonl", saved),
        ("other.jsonl", &other),
        ("clash.jsonl", &clash),
    ]);
    for name in ["old", "new", "saved", "other", "clash"] {
        dir.build(&[&format!("{name}.jsonl"), "-o", name]);
    }
    let texts = |archive: &str| {
        let texts = dir.extract(archive).into_iter().map(|post| post["text"].as_str().unwrap().to_owned());
        let mut texts: Vec<String> = texts.collect();
        texts.sort_unstable();
        texts
    };
    dir.good(&["merge", "old", "new", "other", "--keep", "-o", "kept"]);
    assert_eq!(texts("kept"), ["first, as it is now", "of another chat", "second", "third"]);
    let found: Value = serde_json::from_str(&dir.good(&["search", "kept", "first", "--json"])).unwrap();
    assert_eq!((&found["total"], &found["hits"][0]["uid"]), (&1.into(), &"Daily News/1".into()));
    // One with a handle alone is that of the name, as long as no other chat has it.
    dir.good(&["merge", "old", "new", "saved", "--keep", "-o", "with"]);
    assert_eq!(texts("with"), ["first, as it is now", "second, on the web", "third"]);
    dir.fails(&["merge", "old", "clash", "--keep", "-o", "none"], "two posts are called so");
    // The same without --keep, but for what unites them.
    dir.good(&["merge", "old", "clash", "-o", "both"]);
    assert_eq!(dir.extract("both").len(), 3);
}

/// Two chats of one name have posts of the same ids: an answer is found with the post of its own chat, and with none where nobody kept that.
#[test]
fn answers_are_those_to_posts_of_their_own_chat_though_another_has_its_name() {
    let message = |id: u8, day: u8, text: &str, answered: Option<u8>| {
        let answered = answered.map(|id| format!(r#","reply_to_message_id":{id}"#)).unwrap_or_default();
        format!(
            r#"{{"id":{id},"type":"message","date":"2024-06-{day:02}T10:00:00","from":"News","text":"{text}"{answered}}}"#
        )
    };
    let chat = |number: u8, messages: &[String]| {
        format!(r#"{{"name":"News","type":"public_channel","id":{number},"messages":[{}]}}"#, messages.join(","))
    };
    let one = [
        message(1, 1, "one asks", None),
        message(2, 2, "one answers", Some(1)),
        message(5, 3, "one alone has five", None),
    ];
    let two = [
        message(1, 4, "two asks", None),
        message(2, 5, "two answers", Some(1)),
        message(3, 6, "two answers what is lost", Some(5)),
    ];
    let later = [message(4, 7, "two answers late", Some(1)), message(6, 8, "two answers again", Some(3))];
    let dir =
        Dir::new(&[("one.json", &chat(77, &one)), ("two.json", &chat(88, &two)), ("later.json", &chat(88, &later))]);
    let check = |archive: &str| {
        for (uid, expected) in [
            ("News/1", &["one answers"][..]),
            ("News/1.2", &["two answers", "two answers late"]),
            ("News/5", &[]),
            ("News/5.2", &["two answers what is lost"]),
            ("News/3", &["two answers again"]),
        ] {
            let query = format!("reply_to:\"{uid}\" sort:old");
            let found: Value = serde_json::from_slice(&dir.run(&["search", archive, &query, "--json"]).stdout).unwrap();
            let texts: Vec<&str> =
                found["hits"].as_array().unwrap().iter().map(|hit| hit["snippet"]["text"].as_str().unwrap()).collect();
            assert_eq!(texts, expected, "{uid} in {archive}");
        }
    };
    dir.build(&["one.json", "two.json", "later.json", "-o", "once"]);
    check("once");
    for name in ["one", "two", "later"] {
        dir.build(&[&format!("{name}.json"), "-o", name]);
    }
    dir.good(&["merge", "one", "two", "later", "-o", "merged"]);
    check("merged");
    dir.good(&["add", "one", "two.json"]);
    dir.good(&["add", "one", "later.json"]);
    check("one");
    dir.good(&["merge", "one", "-o", "again"]);
    check("again");
}

#[test]
fn what_an_archive_was_built_without_does_not_come_back() {
    let away = r#"{"id":"1","channel":"a","author":"m","text":"the harbour master is away"}"#;
    let more = r#"{"id":"1","channel":"c","author":"m","text":"more"}"#;
    let dir = Dir::new(&[("a.jsonl", away), ("b.jsonl", more)]);
    dir.build(&["a.jsonl", "--redact", "harbour master", "--drop", "author", "-o", "out"]);
    dir.fails(&["add", "out", "b.jsonl"], "it was built with --drop author and --redact PATTERN");
    dir.fails(&["add", "out", "b.jsonl", "--redact", "master"], "it was built with --drop author, and");
    dir.good(&["add", "out", "b.jsonl", "--redact", "harbour master", "--drop", "author"]);
    assert!(dir.extract("out").iter().all(|post| post.get("author").is_none()));
    dir.build(&["b.jsonl", "-o", "plain"]);
    let merged = dir.run(&["merge", "out", "plain", "-o", "both"]);
    assert!(
        String::from_utf8_lossy(&merged.stderr)
            .contains("some of the archives were built with --drop author and --redact")
    );
}

#[test]
fn a_dropped_channel_is_called_nowhere() {
    let created = r#"{"id":1,"type":"service","date":"2024-06-01T09:00:00","date_unixtime":"1717232400","actor":"Quay","actor_id":"channel5","action":"create_channel","title":"Quay","text":""}"#;
    let text = chat("Quay", 5, "x").replace("\"messages\":[", &format!("\"messages\":[{created},"));
    let text = text.replace(r#""from":"Quay","#, r#""from":"Quay","from_id":"channel5","#);
    let dir = Dir::new(&[("result.json", &text)]);
    dir.build(&["result.json", "--drop", "channel", "-o", "out"]);
    let posts = serde_json::to_string(&dir.extract("out")).unwrap();
    assert!(!posts.contains("Quay") && !posts.contains("channel5"), "{posts}");
}
