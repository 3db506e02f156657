//! What an owner gives an archive, as users of the program meet it: in every form, kept by add and merge, and never a way in.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A fresh folder in which the program runs, with two posts and what an owner gives.
struct Dir(tempfile::TempDir);

/// Options that name all that [`Dir::new`] has.
const ALL: [&str; 14] = [
    "--about",
    "about.md",
    "--logo",
    "logo.svg",
    "--css",
    "own.css",
    "--accent",
    "teal",
    "--lang",
    "ar",
    "--licence",
    "CC-BY-4.0",
    "--meta",
    "meta.toml",
];

const ABOUT: &str = "# Why\n\nKept by *us*.\n\n<script>alert(1)</script>\n";
const SHEET: &str = "h1 { color: teal } a::before { content: \"</scr\" }\n";

impl Dir {
    fn new() -> Self {
        let dir = Self(tempfile::tempdir().unwrap());
        dir.create("posts.jsonl", "{\"id\":\"1\",\"date\":\"2024-06-01\",\"text\":\"a storm\"}\n");
        dir.create("more.jsonl", "{\"id\":\"2\",\"date\":\"2024-07-01\",\"text\":\"a calm\"}\n");
        dir.create("about.md", ABOUT);
        dir.create("own.css", SHEET);
        let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"><script>alert(1)</script></svg>";
        dir.create("logo.svg", svg);
        dir.create("meta.toml", "creator = [\"Ana\", \"<b>Bo</b>\"]\ndate = 2024-06-01\n");
        dir
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn create(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_fonds")).current_dir(self.0.path()).args(args).output().unwrap()
    }

    fn good(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert!(ran.status.success(), "{args:?}: {ran:?}");
        String::from_utf8(ran.stderr).unwrap()
    }

    /// Builds in one form with these options beside it.
    fn build(&self, form: [&str; 2], options: &[&str]) -> String {
        self.good(&[&["build", "posts.jsonl", form[0], form[1]], options].concat())
    }

    /// Fails, says all of this in one line, and writes nothing.
    fn refuses(&self, options: &[&str], expected: &[&str]) {
        let ran = self.run(&[&["build", "posts.jsonl", "-o", "refused"], options].concat());
        let message = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(2), "{options:?}: {message}");
        assert_eq!(message.lines().count(), 1, "{message}");
        for part in expected {
            assert!(message.contains(part), "{options:?} should say {part:?}: {message}");
        }
        assert!(!self.path("refused").exists());
    }

    /// The part of the page that holds what the owner says.
    fn owner(&self, folder: &str) -> Value {
        let script = self.text(&format!("{folder}/fonds/owner.js"));
        let json = script.trim_end().strip_prefix("fondsShard(\"owner\",").unwrap().strip_suffix(");").unwrap();
        serde_json::from_str(json).unwrap()
    }
}

/// Every file below a folder.
fn listing(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for path in fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().display().to_string(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn everything_given_is_in_every_form_whole_and_the_same_twice() {
    let dir = Dir::new();
    for (form, again) in [
        (["-o", "a"], ["-o", "b"]),
        (["--zip", "a.zip"], ["--zip", "b.zip"]),
        (["--single", "a.html"], ["--single", "b.html"]),
    ] {
        assert_eq!(
            dir.build(form, &ALL),
            "fonds: --accent #008080: too weak on the dark paper, where #1a8d8d stands for it\n"
        );
        dir.build(again, &ALL);
        dir.good(&["verify", form[1]]);
        if form[0] == "-o" {
            assert!(listing(&dir.path("a")) == listing(&dir.path("b")));
        } else {
            assert!(fs::read(dir.path(form[1])).unwrap() == fs::read(dir.path(again[1])).unwrap());
        }
    }
    for page in ["a/index.html", "a.html"] {
        let html = dir.text(page);
        let root = html.lines().find(|line| line.starts_with("<html ")).unwrap();
        assert!(root.starts_with("<html lang=\"ar\"") && root.contains(" data-lang=\"ar\" dir=\"rtl\" data-owner"));
        assert!(html.contains("--fonds-accent:#008080;--fonds-accent-dark:#1a8d8d"));
        assert!(html.contains(&format!("<style data-owner>{SHEET}</style>")));
        assert!(html.contains("<img id=\"logo\" src=\"data:image/svg+xml;base64,"));
        assert!(html.contains("<meta name=\"DC.creator\" content=\"&lt;b&gt;Bo&lt;/b&gt;\">"));
        assert!(html.contains("<link rel=\"license\" href=\"https://creativecommons.org/licenses/by/4.0/\">"));
        assert!(html.contains("<h3>Why</h3><p>Kept by <em>us</em>.</p>"));
        assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
        assert!(!html.contains("<script>alert(1)"));
    }
    let owner = dir.owner("a");
    assert_eq!(owner["licence"]["url"], "https://creativecommons.org/licenses/by/4.0/");
    assert_eq!(owner["metadata"]["creator"], serde_json::json!(["Ana", "<b>Bo</b>"]));
    let provenance: Value = serde_json::from_str(&dir.text("a/provenance.json")).unwrap();
    assert_eq!((&provenance["licence"], &provenance["metadata"]), (&owner["licence"], &owner["metadata"]));
    let page = dir.text("a/posts/index.html");
    assert!(page.starts_with("<!doctype html>\n<html lang=\"ar\" dir=\"rtl\">"));
    assert!(page.contains("<h3>Why</h3>") && page.contains("fonds/owner.css") && page.contains("DC.creator"));
    assert!(!page.contains("<script"));
    // A drawing is no document of its own, whose scripts would run.
    assert!(listing(&dir.path("a")).keys().all(|name| !name.contains("logo")));
}

#[test]
fn who_gives_nothing_has_nothing_of_it() {
    let dir = Dir::new();
    dir.build(["-o", "a"], &[]);
    assert!(listing(&dir.path("a")).keys().all(|name| !name.contains("owner") && !name.contains("logo")));
    let html = dir.text("a/index.html");
    assert!(!html.contains("data-owner") && !html.contains("data-lang") && !html.contains("DC."));
}

#[test]
fn the_policy_knows_every_sheet_by_its_hash() {
    use base64::Engine as _;
    use sha2::Digest as _;
    let dir = Dir::new();
    for form in [["-o", "a"], ["--single", "a.html"]] {
        dir.build(form, &ALL);
        let html = dir.text(if form[0] == "-o" { "a/index.html" } else { "a.html" });
        let policy = html.split_once("content=\"default-src").unwrap().1.split_once('"').unwrap().0;
        let styles = policy.split_once("style-src ").unwrap().1.split_once(';').unwrap().0;
        let mut sheets = 0;
        for part in html.split("<style").skip(1) {
            let sheet = part.split_once('>').unwrap().1.split_once("</style>").unwrap().0;
            let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(sheet));
            assert!(styles.contains(&format!("'sha256-{hash}'")), "{sheet:.60}");
            sheets += 1;
        }
        assert_eq!((sheets, styles.split(' ').count()), (3, 3));
        assert!(!policy.contains("unsafe-inline") && policy.contains("'none'"));
    }
}

#[test]
fn add_and_merge_keep_what_was_given_and_change_what_is_given_again() {
    let dir = Dir::new();
    for form in [["-o", "a"], ["--zip", "a.zip"], ["--single", "a.html"]] {
        dir.build(form, &ALL);
        let archive = form[1];
        dir.good(&["add", archive, "more.jsonl", "--licence", "CC0-1.0"]);
        dir.good(&["verify", archive]);
        dir.good(&["merge", archive, "-o", "merged", "--force", "--accent", "#8a3b12"]);
        dir.good(&["merge", "--keep", archive, "-o", "kept", "--force"]);
        for (folder, accent) in [("merged", "#8a3b12"), ("kept", "#008080")] {
            dir.good(&["verify", folder]);
            let owner = dir.owner(folder);
            assert_eq!(owner["licence"]["text"], "CC0-1.0", "{archive} {folder}");
            assert_eq!(owner["accent"], accent);
            assert_eq!(owner["about"][0]["tag"], "h3");
            let html = dir.text(&format!("{folder}/index.html"));
            assert!(html.contains(SHEET) && html.contains("<img id=\"logo\"") && html.contains("lang=\"ar\""));
        }
    }
}

#[test]
fn what_an_owner_says_changes_where_no_post_is_new() {
    let dir = Dir::new();
    for form in [["-o", "a"], ["--zip", "a.zip"], ["--single", "a.html"]] {
        dir.build(form, &[]);
        let archive = form[1];
        dir.good(&["add", archive, "posts.jsonl", "--about", "about.md", "--title", "Other"]);
        dir.good(&["verify", archive]);
        dir.good(&["merge", "--keep", archive, "-o", "kept", "--force"]);
        assert_eq!(dir.owner("kept")["about"][0]["tag"], "h3");
        let found = dir.run(&["inspect", archive, "--json"]);
        assert_eq!(serde_json::from_slice::<Value>(&found.stdout).unwrap()["records"], 1);
    }
}

#[test]
fn hostile_gifts_are_refused_with_their_place() {
    let dir = Dir::new();
    let check = |option: &str, name: &str, bytes: &[u8], expected: &[&str]| {
        dir.create(name, bytes);
        dir.refuses(&[option, name], expected);
    };
    check("--css", "x.css", b"a {}\n</style><script>alert(1)</script>", &["x.css:2: ", "</style"]);
    check("--css", "x.css", b"a {}\n\n@import 'https://evil.example/a.css';", &["x.css:3: ", "@import"]);
    check(
        "--css",
        "x.css",
        b"a { background: \\75rl(//evil.example/a.png) }",
        &["x.css:1: ", "//evil.example", "data:"],
    );
    check("--css", "x.css", b"a {\n\xff }", &["x.css:2: ", "UTF-8"]);
    check("--about", "x.md", b"a\n\n[b](javascript:alert(1))", &["x.md:3: ", "javascript:alert(1)", "https://"]);
    check("--about", "x.md", b"[b]: data:text/html,x\n\n[b]", &["x.md:3: ", "data:"]);
    check("--about", "x.md", &[b'>'; 4000], &["x.md:1: ", "too deep"]);
    check("--about", "x.md", &vec![b'a'; 70_000], &["x.md: ", "70.0 KB", "64 KB"]);
    check("--logo", "x.png", b"<html><script>alert(1)</script>", &["x.png: ", "PNG"]);
    check("--logo", "x.png", b"\x89PNG\r\n\x1a\nno picture", &["x.png: ", "damaged"]);
    check("--meta", "x.toml", b"creator = 'a'\nauthor = 'b'", &["x.toml:2: ", "author", "creator"]);
    check("--meta", "x.json", b"{\n\"creater\": \"a\"}", &["x.json:2: ", "creater"]);
    dir.refuses(&["--logo", "missing.png"], &["missing.png: ", "check the name"]);
    dir.refuses(&["--about", "."], &[".: ", "no file"]);
    dir.refuses(&["--accent", "red;} body { display: none"], &["--accent", "no colour"]);
    dir.refuses(&["--accent", "#ff000080"], &["--accent", "shines through"]);
    dir.refuses(&["--lang", "xx"], &["--lang xx", "en, ru, de, es, ar, zh"]);
    dir.refuses(&["--licence", " "], &["--licence"]);
}

#[test]
fn an_address_gives_previews_and_a_frame() {
    let dir = Dir::new();
    dir.build(["-o", "a"], &["--url", "https://example.org/a/index.html"]);
    dir.good(&["verify", "a"]);
    let answer: Value = serde_json::from_str(&dir.text("a/oembed.json")).unwrap();
    assert_eq!(answer["thumbnail_url"], "https://example.org/a/fonds/card.png");
    let html = dir.text("a/index.html");
    assert!(html.contains("<meta property=\"og:image\" content=\"https://example.org/a/fonds/card.png\">"));
    assert!(html.contains("href=\"https://example.org/a/oembed.json\""));
    let picture = fs::read(dir.path("a/fonds/card.png")).unwrap();
    dir.good(&["add", "a", "more.jsonl"]);
    dir.good(&["verify", "a"]);
    assert!(fs::read(dir.path("a/fonds/card.png")).unwrap() != picture, "there is a month more");
    dir.build(["--single", "a.html"], &["--url", "https://example.org/a.html"]);
    assert!(dir.text("a.html").contains("og:url\" content=\"https://example.org/a.html\""));
    assert!(!dir.text("a.html").contains("og:image"));
    dir.refuses(&["--url", "javascript:alert(1)"], &["--url", "https://"]);
}

#[test]
fn a_worker_has_the_version_of_all_that_is_published() {
    let dir = Dir::new();
    let version = |folder: &str| {
        let script = dir.text(&format!("{folder}/sw.js"));
        let kept = script.lines().next().unwrap().strip_prefix("self.fondsKept=").unwrap().strip_suffix(';').unwrap();
        serde_json::from_str::<Value>(kept).unwrap()
    };
    let on = ["--service-worker", "yes"];
    dir.build(["-o", "a"], &on);
    dir.build(["-o", "b"], &on);
    dir.build(["-o", "c"], &[&on[..], &["--accent", "navy"]].concat());
    assert_eq!(version("a"), version("b"));
    assert_ne!(version("a")["version"], version("c")["version"]);
    let html = dir.text("a/index.html");
    assert!(
        html.contains(&format!("data-offline={}", version("a")["version"])) && html.contains("worker-src 'self' blob:")
    );
    let files: Vec<String> = listing(&dir.path("a")).into_keys().collect();
    for path in version("a")["shell"].as_array().unwrap().iter().chain(version("a")["shards"].as_array().unwrap()) {
        assert!(files.iter().any(|file| Some(file.as_str()) == path.as_str()), "{path}");
    }
    dir.good(&["add", "a", "more.jsonl"]);
    dir.good(&["verify", "a"]);
    assert_ne!(version("a")["version"], version("b")["version"]);
    dir.good(&["add", "a", "more.jsonl", "--service-worker", "no"]);
    assert!(version("a").is_null() && !dir.text("a/index.html").contains("data-offline"));
    dir.good(&["verify", "a"]);
    dir.build(["-o", "d"], &[]);
    assert!(!dir.path("d/sw.js").exists() && !dir.text("d/index.html").contains("'self' blob:;"));
}

#[test]
fn a_picture_of_a_gigabyte_is_not_read() {
    let dir = Dir::new();
    // It has holes, and takes no room on the disk.
    fs::File::create(dir.path("huge.png")).unwrap().set_len(1 << 30).unwrap();
    dir.refuses(&["--logo", "huge.png"], &["huge.png: ", "1073.7 MB", "64 KB"]);
}

#[test]
fn a_container_has_no_place_for_it() {
    let dir = Dir::new();
    let ran = dir.run(&["build", "posts.jsonl", "-o", "a.fonds", "--accent", "teal"]);
    assert_eq!(ran.status.code(), Some(2), "{ran:?}");
    assert!(!dir.path("a.fonds").exists());
    dir.build(["-o", "a.fonds"], &[]);
    assert!(dir.build(["-o", "a.fonds"], &["--zip", "a.zip", "--licence", "MIT"]).contains("a.fonds"));
}

#[test]
fn an_archive_from_elsewhere_gives_nothing_that_was_not_checked() {
    let dir = Dir::new();
    let part = |json: &str| format!("fondsShard(\"owner\",{json});\n");
    for json in [
        "{\"about\":[{\"tag\":\"script\",\"children\":[\"alert(1)\"]}]}",
        "{\"about\":[{\"tag\":\"a\",\"href\":\"javascript:alert(1)\",\"children\":[]}]}",
        "{\"accent\":\"red}body{display:none\"}",
        "{\"metadata\":{\"onload\":[\"x\"]}}",
        "no json",
    ] {
        dir.build(["-o", "a"], &["--licence", "MIT", "--force"]);
        dir.create("a/fonds/owner.js", part(json));
        let ran = dir.run(&["add", "a", "more.jsonl"]);
        assert_eq!(ran.status.code(), Some(2), "{json}: {ran:?}");
        assert!(String::from_utf8(ran.stderr).unwrap().contains("owner"), "{json}");
    }
    dir.build(["-o", "a"], &["--css", "own.css", "--logo", "logo.svg", "--force"]);
    let html = dir.text("a/index.html");
    dir.create(
        "a/index.html",
        html.replace(SHEET, "@import 'https://evil.example/';").replace("data:image/svg+xml", "https://evil.example/x"),
    );
    dir.good(&["add", "a", "more.jsonl"]);
    assert!(!dir.text("a/index.html").contains("evil.example"));
}

#[test]
fn pages_without_a_script_speak_the_archives_language() {
    let dir = Dir::new();
    dir.create(
        "posts.jsonl",
        [
            r#"{"id":"1","date":"2024-06-01","text":"x","url":"https://example.org/1","forwarded_from":{"name":"Q"}}"#,
            r#"{"id":"2","date":"2024-06-02","text":"x","media":[{"kind":"photo"},{"kind":"voice","name":"v.ogg"}]}"#,
            r#"{"text":"x"}"#,
            r#"{"text":"y"}"#,
        ]
        .join("\n"),
    );
    let english = [
        " post",
        "undated<",
        "undated ",
        "photo]",
        "voice",
        "forwarded from",
        "All months",
        "Search<",
        "All posts",
        "Newest",
        " line",
        "line ",
        "Scripts are off",
        "Extract the zip",
        "Keys and",
        "Conditions",
        "Help\"",
        "Filters",
        "Order",
    ];
    for (lang, said) in [
        (
            "ru",
            "2 записи|без даты|фото|переслано от <bdi>Q</bdi>|Оригинал|Все месяцы|Поиск<|Все записи по месяцам|строка 3",
        ),
        ("de", "2 Beiträge|ohne Datum|Foto|weitergeleitet von <bdi>Q</bdi>|Original|Alle Monate|Suche<|Zeile 3"),
        ("es", "2 publicaciones|sin fecha|foto|reenviado de <bdi>Q</bdi>|Original|Todos los meses|Buscar<|línea 3"),
        ("ar", "منشوران|بلا تاريخ|صورة|معاد توجيهه من <bdi>Q</bdi>|الأصل|كل الأشهر|بحث<|السطر 3"),
        ("zh", "2 篇帖子|没有日期|照片|转发自 <bdi>Q</bdi>|原文|全部月份|搜索<|第 3 行"),
    ] {
        dir.build(["-o", lang], &["--lang", lang, "--title", "T"]);
        let pages: Vec<String> = ["index.html", "posts/index.html", "posts/2024-06.html", "posts/undated.html"]
            .map(|page| dir.text(&format!("{lang}/{page}")))
            .to_vec();
        for said in said.split('|') {
            assert!(pages.iter().any(|page| page.contains(said)), "{lang}: {said}");
        }
        for page in &pages {
            // The script that ends index.html has names of its own.
            let words = page.split_once("<body>").unwrap().1.split("<script>").next().unwrap();
            for english in english {
                let place = words.find(english).map(|at| &words[..at + english.len()]);
                assert!(place.is_none(), "{lang} says {english:?} at the end of {}", place.unwrap());
            }
            let root = &page[..page.find("<head>").unwrap()];
            assert!(root.contains(&format!("<html lang=\"{lang}\"")), "{root}");
            assert_eq!(root.contains(" dir=\"rtl\""), lang == "ar", "{root}");
        }
    }
}
