//! The program, run as its users run it: in a fresh folder, judged by what it prints, how it ends and what it leaves.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use base64::Engine as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The four forms of an archive, as [`Dir::publish`] names them.
const FORMS: [&str; 4] = ["site", "site.zip", "site.html", "site.fonds"];

/// A fresh folder in which the program runs. Paths are relative to it.
struct Dir(tempfile::TempDir);

/// What a run printed and how it ended.
#[derive(Debug)]
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Dir {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with the sample archive as `posts.jsonl`.
    fn with_sample() -> Self {
        let dir = Self::new();
        fs::copy(sample("posts.jsonl"), dir.path("posts.jsonl")).unwrap();
        dir
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn create(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fonds"));
        command.current_dir(self.0.path()).args(args);
        command
    }

    fn run(&self, args: &[&str]) -> Ran {
        Ran::from(self.command(args).output().unwrap())
    }

    /// Runs, and expects success and nothing on standard error; gives what was printed.
    fn good(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{args:?}: {ran:?}");
        ran.out
    }

    fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.good(args)).unwrap()
    }

    /// Every form of an archive of one input, in their usual places.
    fn publish(&self, input: &str) {
        self.good(&["build", input, "--quiet", "-o", "site", "--zip", "site.zip", "--single", "site.html"]);
        self.good(&["build", input, "--quiet", "-o", "site.fonds"]);
    }

    /// Every file and folder with its bytes, hidden ones too.
    fn listing(&self) -> BTreeMap<String, Vec<u8>> {
        listing(self.0.path())
    }

    /// Runs, and expects an error of one line that holds all of `expected`, and no trace of it in the folder.
    fn fails(&self, args: &[&str], expected: &[&str]) {
        let before = self.listing();
        let ran = self.run(args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}: {ran:?}");
        assert_eq!(ran.err.lines().count(), 1, "{args:?}: {}", ran.err);
        let message = ran.err.strip_prefix("fonds: ").unwrap_or_else(|| panic!("{args:?}: {}", ran.err));
        for part in expected {
            assert!(message.contains(part), "{args:?} should say {part:?}: {message}");
        }
        assert!(!message.contains("os error"), "{message}");
        assert!(self.listing() == before, "{args:?} left something behind, or changed something");
    }

    /// Files below a folder whose name begins and ends so.
    fn find(&self, folder: &str, start: &str, end: &str) -> Vec<String> {
        let names =
            listing(&self.path(folder)).into_keys().filter(|name| name.starts_with(start) && name.ends_with(end));
        names.map(|name| format!("{folder}/{name}")).collect()
    }

    /// Changes one bit, and says what the byte was.
    fn flip(&self, name: &str, at: usize) {
        let mut bytes = self.read(name);
        bytes[at] ^= 1;
        self.create(name, bytes);
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

fn listing(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()) {
            let name = entry.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            if entry.is_dir() && !entry.is_symlink() {
                found.insert(format!("{name}/"), Vec::new());
                folders.push(entry);
            } else {
                // Of a file so long that only a hole makes it possible, the length will do.
                let is_short = entry.metadata().is_ok_and(|metadata| metadata.len() < 100_000_000);
                found.insert(name, if is_short { fs::read(entry).unwrap() } else { Vec::new() });
            }
        }
    }
    found
}

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples/harbour").join(name)
}

/// A file that is no part of the repository.
fn shared(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let path = std::env::var_os("FONDS_SHARED").map_or_else(beside, PathBuf::from).join(name);
    if !path.exists() {
        eprintln!("skipped: {name} is not here (FONDS_SHARED names its folder)");
    }
    path.exists().then_some(path)
}

fn jsonl(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// A script that the program is run by, where there is a shell.
fn shell(dir: &Dir, script: &str) -> Option<Ran> {
    let mut command = Command::new("sh");
    command.current_dir(dir.0.path()).args(["-c", script]).env("FONDS", env!("CARGO_BIN_EXE_fonds"));
    match command.output() {
        Ok(output) => Some(Ran::from(output)),
        Err(error) => {
            eprintln!("skipped: there is no shell here: {error}");
            None
        }
    }
}

// ---- Input that cannot be read.

#[test]
fn bad_input_is_refused_with_place_cause_and_remedy() {
    let dir = Dir::new();
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0".as_slice();
    let utf16: Vec<u8> = "\u{feff}{\"text\": \"a\"}\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: [(&str, &[u8], &[&str]); 8] = [
        ("prose.txt", b"Some prose.\nAnd more.\n", &["no known format", "2 lines", "`Some prose.`", "`--format`"]),
        ("empty.jsonl", b"", &["holds no text", "export it again"]),
        ("blank.jsonl", b"\n \n\t\n", &["holds no text", "export it again"]),
        ("image.png", png, &["byte ", "unpack"]),
        ("nul.jsonl", b"{\"text\": \"a\0b\"}\n", &["byte 11 is 0x00", "UTF-8"]),
        ("wide.jsonl", &utf16, &["UTF-16LE", "iconv"]),
        ("legacy.txt", b"Forwarded from A\nNo\xEBl\n", &["line 2 is not UTF-8 at byte 19", "iconv"]),
        ("bare.json", b"[1, \"a\"]\n", &["no known format", "`--format`"]),
    ];
    for (name, bytes, expected) in cases {
        dir.create(name, bytes);
        for out in [["-o", "out"], ["--zip", "out.zip"], ["--single", "out.html"], ["-o", "out.fonds"]] {
            let path = format!("{}/{name}", dir.0.path().display());
            dir.fails(&["build", name, out[0], out[1]], expected);
            dir.fails(&["build", &path, out[0], out[1]], &[&format!("{path}: ")]);
            let message = dir.run(&["build", name, out[0], out[1]]).err;
            assert_eq!(message.matches(name).count(), 1, "the file is named once: {message}");
            assert!(message.starts_with(&format!("fonds: {name}: ")), "{message}");
        }
    }
    dir.fails(&["build", "none.jsonl", "-o", "out"], &["none.jsonl: there is no such file", "check its name"]);
    fs::create_dir(dir.path("folder")).unwrap();
    dir.fails(&["build", "folder", "-o", "out"], &["folder: there is no file in it; name another"]);
    dir.fails(&["inspect", "folder"], &["folder: there is no file in it"]);
    dir.fails(&["inspect", "prose.txt"], &["prose.txt: no known format"]);
    dir.fails(&["inspect", "none.jsonl"], &["none.jsonl: there is no such file"]);
}

#[test]
fn folders_and_zips_are_read_in_place() {
    let dir = Dir::with_sample();
    dir.create("folder/10.jsonl", "{\"id\": 3, \"text\": \"c\"}\n");
    dir.create("folder/9.jsonl", "{\"id\": 2, \"text\": \"b\"}\n");
    dir.create("folder/notes.md", "Not a post.\n");
    dir.create("folder/.hidden.jsonl", "{\"text\": \"no\"}\n");
    let read = |name: &str| {
        let out = name.replace('.', "-") + ".fonds";
        let run = dir.run(&["build", name, "-o", &out]);
        assert!(run.out.contains("4 in = 4 read + 0 merged + 0 removed + 0 skipped"), "{}{}", run.out, run.err);
        dir.run(&["extract", &out]).out
    };
    dir.create("folder/sub/1.jsonl", "{\"id\": 4, \"text\": \"d\"}\n{\"id\": 5, \"text\": \"e\"}\n");
    let found = read("folder");
    for (file, text) in [("9.jsonl", "b"), ("10.jsonl", "c"), ("sub/1.jsonl", "d"), ("sub/1.jsonl", "e")] {
        assert!(
            found.contains(&format!("\"text\":\"{text}\"")) && found.contains(&format!("\"file\":\"folder/{file}\"")),
            "{found}"
        );
    }

    let mut zip = zip::ZipWriter::new(fs::File::create(dir.path("all.zip")).unwrap());
    for file in ["10.jsonl", "9.jsonl", "notes.md", "sub/1.jsonl"] {
        zip.start_file(file, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(&fs::read(dir.path(&format!("folder/{file}"))).unwrap()).unwrap();
    }
    zip.finish().unwrap();
    assert_eq!(read("all.zip"), found.replace("folder/", "all.zip/"));
    dir.create("cut.zip", &fs::read(dir.path("all.zip")).unwrap()[..300]);
    dir.fails(&["build", "cut.zip", "-o", "out"], &["cut.zip: the zip is cut or damaged"]);
}

#[test]
fn one_bad_input_of_several_stops_all() {
    let dir = Dir::with_sample();
    dir.create("prose.txt", "Some prose.\n");
    dir.fails(&["build", "posts.jsonl", "prose.txt", "-o", "out", "--zip", "out.zip"], &["prose.txt: no known format"]);
}

#[test]
fn a_name_that_says_another_form_is_refused() {
    let dir = Dir::with_sample();
    for (option, name) in [("-o", "a.zip"), ("-o", "a.html"), ("--zip", "a.HTML"), ("--single", "a.zip")] {
        dir.fails(&["build", "posts.jsonl", option, name], &[&format!("{name}: this would be a")]);
    }
}

#[test]
fn a_cut_line_is_skipped_and_accounted_for() {
    let dir = Dir::new();
    let sample = fs::read(sample("posts.jsonl")).unwrap();
    let lines: Vec<&[u8]> = sample.split_inclusive(|byte| *byte == b'\n').take(5).collect();
    let whole = lines[..4].concat();
    dir.create("cut.jsonl", [&whole, &lines[4][..40]].concat());
    let summary = dir.json(&["build", "cut.jsonl", "-o", "out", "--json"]);
    assert_eq!(summary["records"], 4);
    assert_eq!(summary["sources"][0]["skipped"], 1);
    let skipped = jsonl(&dir.text("out/skipped.jsonl"));
    assert_eq!(skipped.len(), 1);
    assert_eq!(keys(&skipped[0]), ["file", "place", "reason", "excerpt"]);
    assert_eq!((&skipped[0]["file"], &skipped[0]["place"]), (&json!("cut.jsonl"), &json!({"lines": [5, 5]})));
    assert!(skipped[0]["reason"].as_str().unwrap().contains("not JSON: EOF"), "{skipped:?}");
    assert!(dir.good(&["build", "cut.jsonl", "-o", "out"]).contains("skipped: cut.jsonl line 5: not JSON: EOF"));
}

#[test]
fn input_without_a_post_is_refused() {
    let dir = Dir::new();
    dir.create("a.txt", "no JSON\n");
    dir.fails(
        &["build", "a.txt", "--format", "jsonl", "-o", "out"],
        &["a.txt: there is no post in it", "not JSON", "--format"],
    );
}

#[test]
fn a_line_of_gigabytes_fails_in_little_memory() {
    let dir = Dir::new();
    dir.create("long.jsonl", format!("{{\"text\":\"{}", "a".repeat(70_000)));
    let file = fs::OpenOptions::new().write(true).open(dir.path("long.jsonl")).unwrap();
    file.set_len(2 << 30).unwrap();
    let expected = ["long.jsonl line 1: the line is longer than 67108864 bytes)", "there is no post in it"];
    dir.fails(&["build", "long.jsonl", "-o", "out"], &expected);
    // Half a gigabyte of addresses, of which the program itself takes a part.
    let Some(ran) = shell(&dir, "ulimit -v 500000 && \"$FONDS\" build long.jsonl -o out") else { return };
    if ran.err.contains("ulimit") {
        eprintln!("skipped: memory cannot be bounded here: {}", ran.err);
        return;
    }
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains(expected[0]), "{ran:?}");
}

// ---- Arguments.

#[test]
fn arguments_that_cannot_be_meant_are_refused() {
    let dir = Dir::with_sample();
    dir.create("fields.jsonl", "{\"text\": \"a\", \"mood\": \"calm\"}\n{\"text\": \"b\", \"rank\": 3}\n");
    dir.fails(&["build", "posts.jsonl"], &["no output is named", "-o FOLDER"]);
    dir.fails(&["build", "posts.jsonl", "-o", "out", "--format", "mbox"], &["--format mbox", "`fonds formats`"]);
    dir.fails(
        &["build", "posts.jsonl", "-o", "out", "--timezone", "Mars/Base"],
        &["--timezone Mars/Base", "Europe/Berlin"],
    );
    dir.fails(&["build", "posts.jsonl", "-o", "out", "--facet", "mood"], &["--facet mood", "leave the option out"]);
    dir.fails(&["build", "fields.jsonl", "-o", "out", "--facet", "colour"], &["--facet colour", "mood, rank"]);
    dir.fails(
        &["build", "posts.jsonl", "-o", "none/out"],
        &["none/out: the folder none is not there", "make it first"],
    );
    dir.fails(&["build", "posts.jsonl", "--zip", "none/out.zip"], &["none/out.zip: the folder none is not there"]);
    let places = [
        ["-o", "out", "--zip", "out"],
        ["-o", "out", "--single", "./out"],
        ["--zip", "out", "--single", "out"],
        ["-o", "out.fonds", "--zip", "out.fonds"],
    ];
    for place in places {
        let args = [["build", "posts.jsonl"].as_slice(), &place].concat();
        dir.fails(&args, &["out", "another output"]);
    }
    for place in [".", "..", "/"] {
        dir.fails(&["build", "posts.jsonl", "-o", place, "--force"], &["names no new place"]);
    }
    for (format, told) in [("", "it says no year"), ("%d/%m", "it says no year"), ("%d/%m/%", "%d/%m/%Y %H:%M")] {
        let run = dir.run(&["build", "posts.jsonl", "-o", "out", "--date-format", format]);
        assert!(run.code == 2 && run.err.contains(told), "{format}: {}", run.err);
    }
    dir.fails(&["build", "posts.jsonl", "-o", "out", "--redact", ""], &["--redact: an empty pattern"]);
    dir.fails(&["build", "posts.jsonl", "-o", "out", "--only", "tag=storm"], &["--only tag: no post has such a field"]);
    let usage = dir.run(&["build", "posts.jsonl", "-o", "out", "--pages", "maybe"]);
    assert_eq!((usage.code, usage.out.as_str()), (2, ""));

    dir.good(&[
        "build",
        "fields.jsonl",
        "-o",
        "out",
        "--facet",
        "mood",
        "--facet",
        "mood",
        "--facet",
        "tag",
        "--quiet",
    ]);
    let found = dir.json(&["search", "out", "", "--filter", "mood=calm", "--json", "--facets"]);
    assert_eq!((&found["total"], &found["facets"]["mood"]), (&json!(1), &json!([{"value": "calm", "count": 1}])));
    dir.fails(&["search", "out", "a", "--from", "June"], &["June: this is no date", "2024-06"]);
    dir.fails(&["search", "out", "a", "--filter", "mood"], &["mood: this is no filter", "tag=storm"]);
    dir.fails(&["search", "out", "--queries", "none.txt"], &["none.txt: there is no such file"]);
    dir.fails(&["search", "none", "a"], &["none: there is no such file"]);
}

// ---- Output in the way.

#[test]
fn what_fonds_did_not_make_is_replaced_only_by_force() {
    let dir = Dir::with_sample();
    let outputs = [("-o", "a"), ("--zip", "b"), ("--single", "c"), ("-o", "d.fonds")];
    for (option, name) in outputs {
        dir.create(name, "mine\n");
        dir.fails(&["build", "posts.jsonl", option, name], &[&format!("{name}: something"), "--force"]);
        // No output is written where another is refused.
        if option != "-o" {
            dir.fails(&["build", "posts.jsonl", "-o", "x", option, name], &[&format!("{name}: something")]);
        }
        dir.good(&["build", "posts.jsonl", option, name, "--force", "--quiet"]);
        dir.good(&["verify", name]);
        let made = dir.listing();
        // Its own output, and of another form too, needs no force.
        dir.good(&["build", "posts.jsonl", option, name, "--quiet"]);
        assert!(dir.listing() == made, "{name} differs");
    }
    dir.create("e/mine.txt", "mine\n");
    dir.fails(&["build", "posts.jsonl", "-o", "e"], &["e: something", "--force"]);
    dir.good(&["build", "posts.jsonl", "-o", "e", "--force", "--quiet"]);
    assert!(!dir.path("e/mine.txt").exists());
    dir.create("f/mine.txt", "mine\n");
    for option in ["--zip", "--single"] {
        dir.fails(&["build", "posts.jsonl", option, "f", "--force"], &["f: a folder is in the way"]);
    }
    fs::create_dir(dir.path("g")).unwrap();
    dir.good(&["build", "posts.jsonl", "-o", "g", "--quiet"]);
}

#[test]
fn what_was_laid_into_a_folder_that_fonds_made_is_not_lost() {
    let dir = Dir::with_sample();
    dir.good(&["build", "posts.jsonl", "-o", "out", "--quiet"]);
    dir.create("out/posts/notes.txt", "mine\n");
    dir.fails(
        &["build", "posts.jsonl", "-o", "out"],
        &["out: it holds posts/notes.txt, which fonds did not make", "--force"],
    );
    fs::rename(dir.path("posts.jsonl"), dir.path("out/posts.jsonl")).unwrap();
    for force in [[].as_slice(), &["--force"]] {
        let args = [["build", "out/posts.jsonl", "-o", "out"].as_slice(), force].concat();
        dir.fails(&args, &["out: an input is there, which would be lost"]);
        let args = [["build", "out/posts.jsonl", "--single", "out/posts.jsonl"].as_slice(), force].concat();
        dir.fails(&args, &["out/posts.jsonl: an input is there"]);
    }
    // A folder that only looks like an archive's is no archive's.
    fs::remove_file(dir.path("out/SHA256SUMS")).unwrap();
    fs::rename(dir.path("out/posts.jsonl"), dir.path("posts.jsonl")).unwrap();
    dir.fails(&["build", "posts.jsonl", "-o", "out"], &["out: something", "--force"]);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_and_not_replaced() {
    use std::os::unix::fs::symlink;
    let dir = Dir::with_sample();
    dir.create("mine/notes.txt", "mine\n");
    symlink("mine", dir.path("link")).unwrap();
    symlink("nowhere", dir.path("dangling")).unwrap();
    let before = dir.read("mine/notes.txt");
    for option in ["-o", "--zip", "--single"] {
        for (name, force) in [("link", "--quiet"), ("link", "--force"), ("dangling", "--force")] {
            let ran = dir.run(&["build", "posts.jsonl", option, name, force]);
            assert_eq!(ran.code, 2, "{ran:?}");
            assert!(ran.err.contains(&format!("{name}: a link is in the way")), "{ran:?}");
        }
    }
    assert_eq!(dir.read("mine/notes.txt"), before);
    assert!(dir.path("link").is_symlink() && dir.path("dangling").is_symlink());
    assert_eq!(fs::read_dir(dir.0.path()).unwrap().count(), 4);
    let ran = dir.run(&["build", "posts.jsonl", "--zip", "/dev/null", "--force"]);
    assert!(ran.code == 2 && ran.err.contains("/dev/null: it is neither a file nor a folder"), "{ran:?}");

    // A link above the output is where people keep their disks.
    dir.good(&["build", "posts.jsonl", "-o", "link/site", "--quiet"]);
    assert!(dir.path("mine/site/index.html").is_file());
    // A folder that links into another holds more than fonds made.
    symlink("../..", dir.path("mine/site/up")).unwrap();
    assert_eq!(dir.run(&["build", "posts.jsonl", "-o", "mine/site"]).code, 2);
    let ran = dir.run(&["verify", "mine/site"]);
    assert!(ran.code == 1 && ran.out.contains("mine/site/up"), "{ran:?}");
    // Replacing it by force removes the link, and nothing behind it.
    dir.good(&["build", "posts.jsonl", "-o", "mine/site", "--force", "--quiet"]);
    assert_eq!(dir.read("mine/notes.txt"), before);
}

#[test]
fn a_full_disk_leaves_the_former_output() {
    let dir = Dir::with_sample();
    fs::create_dir(dir.path("disk")).unwrap();
    // Room for the folder, by pages, and for a little more.
    dir.good(&["build", "posts.jsonl", "-o", "out", "--quiet"]);
    let pages: usize = listing(&dir.path("out")).values().map(|bytes| bytes.len().div_ceil(4096) + 1).sum();
    let size = format!("size={}k", pages * 4 + 64);
    let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(dir.path("disk")).output();
    if !mount.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no disk of a given size can be had here");
        return;
    }
    let check = std::panic::catch_unwind(|| {
        dir.good(&["build", "posts.jsonl", "-o", "disk/out", "--quiet"]);
        let full = ["disk is full", "nothing was left behind", "make room"];
        dir.fails(&["build", "posts.jsonl", "-o", "disk/out"], &[&["disk/out/"], full.as_slice()].concat());
        dir.fails(&["build", "posts.jsonl", "-o", "disk/new"], &[&["disk/new/"], full.as_slice()].concat());
        dir.create("disk/filler", vec![1; 100_000]);
        dir.fails(&["build", "posts.jsonl", "--zip", "disk/new.zip"], &[&["disk/new.zip: "], full.as_slice()].concat());
        dir.fails(
            &["build", "posts.jsonl", "--single", "disk/new.html"],
            &[&["disk/new.html: "], full.as_slice()].concat(),
        );
        dir.fails(&["extract", "disk/out", "-o", "disk/new.jsonl"], &[&["disk/new.jsonl: "], full.as_slice()].concat());
        // No output takes its place where a later one fails.
        dir.fails(&["build", "posts.jsonl", "-o", "out", "--zip", "disk/new.zip"], &["disk/new.zip: "]);
        dir.good(&["verify", "disk/out"]);
    });
    assert!(Command::new("umount").arg(dir.path("disk")).status().unwrap().success());
    check.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

#[cfg(unix)]
#[test]
fn permissions_are_respected() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = Dir::with_sample();
    dir.create("locked/a.jsonl", "{}\n{}\n");
    let lock = |name: &str, mode| fs::set_permissions(dir.path(name), fs::Permissions::from_mode(mode)).unwrap();
    lock("locked/a.jsonl", 0o000);
    lock("locked", 0o555);
    if fs::read(dir.path("locked/a.jsonl")).is_ok() {
        eprintln!("skipped: nothing is forbidden to whoever runs the tests");
    } else {
        let ran = dir.run(&["build", "locked/a.jsonl", "-o", "out"]);
        assert!(ran.code == 2 && ran.err.contains("locked/a.jsonl: permission is denied"), "{ran:?}");
        let ran = dir.run(&["build", "posts.jsonl", "-o", "locked/out"]);
        assert!(ran.code == 2 && ran.err.contains("locked/out: cannot be written: permission is denied"), "{ran:?}");
    }
    lock("locked", 0o755);
}

#[test]
fn extracted_records_never_replace_an_archive_unasked() {
    let dir = Dir::with_sample();
    dir.good(&["build", "posts.jsonl", "--single", "a.html", "--quiet"]);
    dir.fails(&["extract", "a.html", "-o", "a.html"], &["a.html: something is in the way", "--force"]);
    dir.fails(&["extract", "a.html", "-o", "posts.jsonl"], &["posts.jsonl: something is in the way"]);
    dir.good(&["extract", "a.html", "-o", "new.jsonl"]);
    dir.good(&["extract", "a.html", "-o", "posts.jsonl", "--force"]);
    assert_eq!(dir.read("new.jsonl"), dir.read("posts.jsonl"));
}

// ---- The forms of an archive.

#[test]
fn every_form_is_the_same_archive_built_the_same_twice() {
    let dir = Dir::with_sample();
    dir.publish("posts.jsonl");
    let first = dir.listing();
    dir.publish("posts.jsonl");
    assert!(dir.listing() == first, "built twice, the bytes differ");

    let strip = |mut value: Value| {
        for key in ["took_us", "form", "bytes"] {
            value.as_object_mut().unwrap().remove(key);
        }
        value
    };
    let answers = FORMS.map(|form| {
        dir.good(&["verify", form]);
        let mut answers: Vec<String> =
            vec![dir.good(&["extract", form]), dir.good(&["extract", form, "--format", "txt"])];
        answers.push(strip(dir.json(&["inspect", form, "--json"])).to_string());
        answers.push(dir.good(&["search", form, "storm"]));
        for query in ["storm", "#ferry -goats", "\"North Quay\"", "буря OR 海", "ferr*"] {
            let args = ["search", form, query, "--json", "--facets", "--sort", "relevance", "--limit", "1000"];
            answers.push(strip(dir.json(&args)).to_string());
        }
        answers
    });
    for (form, answer) in FORMS.iter().zip(&answers) {
        assert!(answer == &answers[0], "{form} answers otherwise than a folder");
        assert!(answer.iter().all(|answer| answer.len() > 100), "{form}");
    }
    for (form, name) in FORMS.iter().zip(["folder", "zip", "single html", "container"]) {
        assert_eq!(dir.json(&["inspect", form, "--json"])["form"], name);
    }
}

#[test]
fn the_sums_are_those_of_every_other_file() {
    use std::fmt::Write as _;
    let dir = Dir::with_sample();
    dir.good(&["build", "posts.jsonl", "-o", "site", "--quiet"]);
    let mut expected = String::new();
    for (name, bytes) in listing(&dir.path("site")) {
        if !name.ends_with('/') && name != "SHA256SUMS" {
            Sha256::digest(bytes).iter().for_each(|byte| write!(expected, "{byte:02x}").unwrap());
            writeln!(expected, "  {name}").unwrap();
        }
    }
    assert_eq!(dir.text("site/SHA256SUMS"), expected);
    for name in
        ["index.html", "archive/manifest.js", "fonds/core.js", "posts/index.html", "provenance.json", "README.txt"]
    {
        assert!(expected.contains(&format!("  {name}\n")), "{name}");
    }
}

/// Expects damage to be found that is called by all of `expected`.
fn check_damaged(dir: &Dir, archive: &str, expected: &[&str]) {
    let ran = dir.run(&["verify", archive]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{archive} {expected:?}: {ran:?}");
    assert!(!ran.out.contains("whole\n"), "{ran:?}");
    for part in expected {
        assert!(ran.out.lines().any(|line| line.starts_with("damaged: ") && line.contains(part)), "{part}: {ran:?}");
    }
}

#[test]
fn verify_names_damaged_missing_and_added_files_of_a_folder() {
    let dir = Dir::new();
    let sample = fs::read_to_string(sample("posts.jsonl")).unwrap();
    dir.create("posts.jsonl", sample.split_inclusive('\n').take(20).collect::<String>());
    dir.good(&["build", "posts.jsonl", "-o", "site", "--quiet"]);
    let mut names: Vec<String> = dir.find("site", "archive/", ".js");
    names.extend(
        ["index.html", "README.txt", "embed.js", "skipped.jsonl", "provenance.json"].map(|name| format!("site/{name}")),
    );
    names.extend(dir.find("site", "fonds/", "s"));
    names.extend(dir.find("site", "posts/2022-01", ".html"));
    assert!(names.len() > 15);
    for name in names {
        let whole = dir.read(&name);
        for at in [0, whole.len() / 2, whole.len().saturating_sub(1)] {
            if whole.is_empty() {
                dir.create(&name, "x");
            } else {
                dir.flip(&name, at);
            }
            // Only the folder itself can be named where what opens it is gone.
            let expected = name.strip_prefix("site/").unwrap();
            check_damaged(&dir, "site", &[expected]);
            dir.create(&name, &whole);
        }
        fs::remove_file(dir.path(&name)).unwrap();
        check_damaged(&dir, "site", &[name.strip_prefix("site/").unwrap()]);
        dir.create(&name, whole);
    }
    let sums = dir.read("site/SHA256SUMS");
    for at in (0..sums.len()).step_by(97).chain([sums.len() - 1]) {
        dir.flip("site/SHA256SUMS", at);
        check_damaged(&dir, "site", &["site/"]);
        dir.create("site/SHA256SUMS", &sums);
    }
    dir.create("site/SHA256SUMS", [&sums, b"\n".as_slice()].concat());
    check_damaged(&dir, "site", &["site/SHA256SUMS has changed"]);
    dir.create("site/SHA256SUMS", &sums);
    dir.create("site/archive/.hidden", "");
    let quiet = dir.run(&["verify", "site", "--quiet"]);
    assert_eq!((quiet.code, quiet.out.as_str(), quiet.err.as_str()), (1, "", ""));
    check_damaged(&dir, "site", &["site/archive/.hidden was not there"]);
    fs::remove_file(dir.path("site/archive/.hidden")).unwrap();
    dir.good(&["verify", "site"]);
}

#[test]
fn verify_notices_any_byte_of_a_zip_page_or_container() {
    let dir = Dir::new();
    dir.create(
        "posts.jsonl",
        "{\"id\": \"1\", \"date\": \"2024\", \"text\": \"storm\"}\n{\"id\": \"2\", \"text\": \"calm\"}\n",
    );
    dir.publish("posts.jsonl");
    for form in &FORMS[1..] {
        let whole = dir.read(form);
        // Every part of a container is near its start; zip and page are much longer.
        let step = if *form == "site.fonds" { 7 } else { whole.len() / 40 };
        for at in (0..whole.len()).step_by(step).chain([whole.len() - 1]).skip(1) {
            dir.flip(form, at);
            check_damaged(&dir, form, &[form]);
            dir.create(form, &whole);
        }
        for len in [whole.len() - 1, whole.len() - 70, whole.len() / 2, 900.min(whole.len() / 3)] {
            dir.create(form, &whole[..len]);
            check_damaged(&dir, form, &[form]);
            let ran = dir.run(&["inspect", form]);
            assert!(ran.code != 0 || *form != "site.zip", "{ran:?}");
        }
        dir.create(form, [&whole, b"\n".as_slice()].concat());
        check_damaged(&dir, form, &[form]);
        if *form == "site.fonds" {
            dir.fails(&["search", form, "storm"], &["site.fonds: it is longer than its header says", "copy"]);
        }
        dir.create(form, &whole);
        dir.good(&["verify", form]);
    }
}

/// The files of a zip.
fn unpacked(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for place in 0..zip.len() {
        let mut file = zip.by_index(place).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        files.insert(file.name().unwrap().into_owned(), bytes);
    }
    files
}

/// A zip as another program packs it.
fn packed(files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_zip_packed_anew_is_whole_and_a_hostile_one_is_not() {
    let dir = Dir::with_sample();
    dir.good(&["build", "posts.jsonl", "-o", "site", "--zip", "site.zip", "--quiet"]);
    let files = unpacked(&dir.read("site.zip"));
    let folder: BTreeMap<_, _> =
        listing(&dir.path("site")).into_iter().filter(|(name, _)| !name.ends_with('/')).collect();
    assert!(files == folder, "the zip is not the folder");
    dir.create("again.zip", packed(&files));
    dir.good(&["verify", "again.zip"]);

    let before = dir.listing().len();
    for name in ["../escaped.txt", "/escaped.txt", "posts/../../escaped.txt", "C:\\escaped.txt"] {
        let mut files = files.clone();
        files.insert(name.to_owned(), b"x".to_vec());
        dir.create("again.zip", packed(&files));
        check_damaged(&dir, "again.zip", &["was not there when the archive was published"]);
        dir.good(&["search", "again.zip", "storm"]);
        dir.good(&["extract", "again.zip"]);
        assert_eq!(dir.listing().len(), before);
    }
    for (name, code) in [("archive/manifest.js", 1), ("index.html", 1), ("SHA256SUMS", 1)] {
        let mut files = files.clone();
        files.remove(name).unwrap();
        dir.create("again.zip", packed(&files));
        let ran = dir.run(&["verify", "again.zip"]);
        assert!(ran.code == code && ran.out.contains(name), "{name}: {ran:?}");
    }
    // A manifest that names files elsewhere.
    let manifest = String::from_utf8(files["archive/manifest.js"].clone()).unwrap();
    for (from, to) in [("\"root-000", "\"../../root-000"), ("\"len\":", "\"len\":9"), ("[[", "[[[")] {
        let mut files = files.clone();
        files.insert("archive/manifest.js".to_owned(), manifest.replace(from, to).into_bytes());
        dir.create("again.zip", packed(&files));
        check_damaged(&dir, "again.zip", &["archive/manifest.js is damaged"]);
        dir.fails(&["search", "again.zip", "storm"], &["again.zip: archive/manifest.js is damaged"]);
    }
}

#[test]
fn what_is_no_archive_is_an_error_not_damage() {
    let dir = Dir::with_sample();
    dir.create("folder/a.txt", "a");
    dir.create("folder/SHA256SUMS", "00  a.txt\n");
    dir.create("page.html", "<!doctype html><p>a</p>\n");
    dir.create("note.txt", "a");
    for name in ["nothing", "nothing.zip", "nothing.html"] {
        dir.create(name, "");
    }
    fs::create_dir(dir.path("empty")).unwrap();
    dir.create("other.zip", packed(&BTreeMap::from([("a.txt".to_owned(), b"a".to_vec())])));
    dir.good(&["build", "posts.jsonl", "-o", "site", "--quiet"]);
    // Beside another one, neither is named by the folder that both are in.
    fs::create_dir(dir.path("two")).unwrap();
    dir.good(&["build", "posts.jsonl", "-o", "two/a", "--quiet"]);
    dir.good(&["build", "posts.jsonl", "-o", "two/b", "--quiet"]);
    let paths = [
        "folder",
        "empty",
        "two",
        "page.html",
        "note.txt",
        "nothing",
        "nothing.zip",
        "nothing.html",
        "other.zip",
        "posts.jsonl",
        "site/index.html",
    ];
    for path in paths {
        for command in ["verify", "search", "extract"] {
            let args = [[command, path].as_slice(), if command == "search" { &["a"] } else { &[] }].concat();
            dir.fails(&args, &[&format!("{path}: this is no archive that fonds made"), "name a published folder"]);
        }
    }
    dir.fails(&["verify", "empty"], &["the folder is empty"]);
    dir.fails(&["verify", "nothing"], &["it is empty"]);
    dir.fails(&["verify", "none"], &["none: there is no such file or folder; check the name"]);
    for (name, bytes) in [("a.fonds", b"FONDSx".as_slice()), ("b.zip", b"PK\x03\x04\x14\0"), ("c.fonds", b"")] {
        dir.create(name, bytes);
        check_damaged(&dir, name, &[name, "copy the archive again"]);
    }
    let mut bytes = {
        dir.good(&["build", "posts.jsonl", "-o", "d.fonds", "--quiet"]);
        dir.read("d.fonds")
    };
    bytes[8] = 99;
    dir.create("d.fonds", &bytes);
    let ran = dir.run(&["verify", "d.fonds"]);
    assert!(ran.code != 0 && (ran.out + &ran.err).contains("d.fonds: "));
}

#[cfg(unix)]
#[test]
fn pipes_in_an_archive_are_not_waited_for() {
    let dir = Dir::with_sample();
    dir.good(&["build", "posts.jsonl", "-o", "site", "--quiet"]);
    let pipe = |name: &str| Command::new("mkfifo").arg(dir.path(name)).status().is_ok_and(|status| status.success());
    if !pipe("pipe") {
        eprintln!("skipped: no pipe can be made here");
        return;
    }
    let ran = dir.run(&["verify", "pipe"]);
    assert!(ran.code == 2 && ran.err.contains("pipe: this is no archive"), "{ran:?}");
    let store = dir.find("site", "archive/store-", ".js").remove(0);
    fs::remove_file(dir.path(&store)).unwrap();
    assert!(pipe(&store));
    check_damaged(&dir, "site", &[&store]);
    assert_eq!(dir.run(&["extract", "site"]).code, 1);
}

// ---- Damage.

#[test]
fn a_damaged_shard_costs_only_its_own_records() {
    let dir = Dir::new();
    // Noise, so that there are several shards of records.
    let line = |number: u64| {
        let noise: Vec<String> = (0..400u64)
            .map(|place| {
                let digest = Sha256::digest((number * 1000 + place).to_le_bytes());
                base64::engine::general_purpose::STANDARD.encode(digest)
            })
            .collect();
        format!(
            "{}\n",
            json!({"id": number.to_string(), "date": format!("20{number:02}"), "channel": "c", "text": format!("storm {}", noise.join(" "))})
        )
    };
    dir.create("posts.jsonl", (1..=45).map(line).collect::<String>());
    dir.good(&["build", "posts.jsonl", "-o", "site", "--quiet", "--pages", "no"]);
    let stores = dir.find("site", "archive/store-", ".js");
    assert!(stores.len() > 2, "{stores:?}");
    let all = jsonl(&dir.good(&["extract", "site"]));
    for is_missing in [false, true] {
        if is_missing {
            fs::remove_file(dir.path(&stores[1])).unwrap();
        } else {
            dir.create(&stores[1], "fondsShard(\"");
        }
        let word = if is_missing { "is missing" } else { "is damaged" };
        let ran = dir.run(&["extract", "site", "-o", "left.jsonl", "--force"]);
        assert_eq!((ran.code, ran.out.as_str()), (1, ""));
        let left = jsonl(&dir.text("left.jsonl"));
        assert!(left.len() > 10 && left.len() < 45 && left.iter().all(|record| all.contains(record)));
        assert!(ran.err.contains(&format!("lost: {} {word}", stores[1])), "{ran:?}");
        let lost: u64 = ran.err.lines().map(num_lost).sum();
        assert_eq!(left.len() as u64 + lost, 45, "{ran:?}");

        let ran = dir.run(&["search", "site", "storm", "--json", "--limit", "100"]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        let found: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!((&found["total"], &found["exact"]), (&json!(45), &json!(true)));
        let hits = found["hits"].as_array().unwrap();
        let damaged: Vec<&Value> = hits.iter().filter(|hit| hit.get("damaged").is_some()).collect();
        assert_eq!((hits.len(), damaged.len() as u64), (45, lost));
        assert!(damaged.iter().all(|hit| hit["damaged"].as_str().unwrap().contains(&stores[1])), "{damaged:?}");
        let ran = dir.run(&["search", "site", "storm", "--limit", "100"]);
        assert!(ran.code == 0 && ran.out.contains(&stores[1]) && ran.out.contains("c/45"), "{}", ran.err);
        check_damaged(&dir, "site", &[&stores[1]]);
    }
    for terms in dir.find("site", "archive/terms-", ".js") {
        fs::remove_file(dir.path(&terms)).unwrap();
    }
    dir.fails(&["search", "site", "storm"], &["site/archive/terms-", ".js is missing; copy it again"]);
    let root = dir.find("site", "archive/root-", ".js").remove(0);
    fs::remove_file(dir.path(&root)).unwrap();
    dir.fails(&["search", "site", "storm"], &[&format!("{root} is missing"), "copy the archive again"]);
    dir.fails(&["inspect", "site"], &[&format!("{root} is missing")]);
    check_damaged(&dir, "site", &[&root]);
}

/// How many records a remark says are lost.
fn num_lost(line: &str) -> u64 {
    let numbers: Vec<u64> = line
        .split([' ', ':'])
        .map_while(|word| match word {
            "fonds" | "" | "record" | "records" | "to" => Some(None),
            word => word.parse().ok().map(Some),
        })
        .flatten()
        .collect();
    match numbers.as_slice() {
        [_] => 1,
        [first, last] => last - first + 1,
        _ => panic!("{line}"),
    }
}

// ---- Shapes that scripts rely on.

#[test]
fn a_search_explains_what_it_read_and_how_it_ranked() {
    let dir = Dir::with_sample();
    dir.good(&["build", "posts.jsonl", "-o", "site", "--quiet"]);
    let found = dir.json(&["search", "site", "storm harbour", "--sort", "relevance", "--json", "--explain"]);
    let rounds = found["explain"]["rounds"].as_array().unwrap();
    let blocks: Vec<&Value> = rounds.iter().flat_map(|round| round.as_array().unwrap()).collect();
    let why = |section: &str| {
        let of = blocks.iter().filter(|block| block["section"] == section);
        of.flat_map(|block| block["why"].as_array().unwrap()).map(|why| why.as_str().unwrap()).collect::<Vec<_>>()
    };
    assert!(blocks.iter().all(|block| block["bytes"].as_u64().unwrap() > 0 && block["block"].is_u64()));
    assert!(why("terms").contains(&"the forms of storm"), "{blocks:?}");
    assert!(why("postings").contains(&"the posts with harbour"), "{blocks:?}");
    assert!(why("weights").iter().any(|why| why.starts_with("how well storm")), "{blocks:?}");
    assert!(why("store").iter().all(|why| why.starts_with("the hit")), "{blocks:?}");

    let (hits, scores) = (found["hits"].as_array().unwrap(), found["explain"]["scores"].as_array().unwrap());
    assert_eq!((hits.is_empty(), hits.len()), (false, scores.len()));
    for (hit, parts) in hits.iter().zip(scores) {
        let words = parts["words"].as_array().unwrap();
        assert_eq!(words.iter().map(|word| &word["word"]).collect::<Vec<_>>(), ["storm", "harbour"]);
        let sum: f64 = words.iter().map(|word| word["score"].as_f64().unwrap()).sum();
        assert!((sum - hit["score"].as_f64().unwrap()).abs() < 1e-9, "{hit} {parts}");
    }
    // Segments are searched as one archive, and so is what their hits' scores are made of.
    let lines = String::from_utf8(dir.read("posts.jsonl")).unwrap();
    let half = lines.lines().count() / 2;
    dir.create("older.jsonl", lines.lines().take(half).map(|line| format!("{line}\n")).collect::<String>());
    dir.create("newer.jsonl", lines.lines().skip(half).map(|line| format!("{line}\n")).collect::<String>());
    dir.good(&["build", "older.jsonl", "-o", "segments", "--quiet"]);
    dir.good(&["add", "segments", "newer.jsonl", "--quiet"]);
    let of_segments = dir.json(&["search", "segments", "storm harbour", "--sort", "relevance", "--json", "--explain"]);
    let uids =
        |found: &Value| found["hits"].as_array().unwrap().iter().map(|hit| hit["uid"].clone()).collect::<Vec<_>>();
    assert_eq!(uids(&of_segments), uids(&found));
    assert_eq!(of_segments["explain"]["scores"], found["explain"]["scores"]);

    let said = dir.run(&["search", "site", "storm", "--explain"]).err;
    assert!(said.contains("round 1:") && said.contains("the forms of storm"), "{said}");
    let plain = dir.json(&["search", "site", "storm", "--json"]);
    assert!(!keys(&plain).contains(&"explain"));
}

#[test]
fn search_answers_in_the_shape_that_is_promised() {
    let dir = Dir::new();
    let lines = [
        json!({"id": "7", "date": "2024-06-01", "channel": "c", "title": "On tides", "text": "🌊🥶 The tide and the storm", "tags": ["sea"]}),
        json!({"id": "8", "date": "2024-06-02", "channel": "c", "text": "storm, storm", "tags": ["sea", "wind"]}),
        json!({"text": "a calm sea"}),
    ];
    dir.create("posts.jsonl", lines.map(|line| format!("{line}\n")).concat());
    dir.good(&["build", "posts.jsonl", "-o", "site", "--quiet"]);
    let search = |args: &[&str]| dir.json(&[["search", "site", "--json"].as_slice(), args].concat());
    let docs = |found: &Value| {
        found["hits"].as_array().unwrap().iter().map(|hit| hit["doc"].as_u64().unwrap()).collect::<Vec<_>>()
    };

    let found = search(&["tide storm"]);
    assert_eq!(keys(&found), ["query", "total", "exact", "took_us", "hits", "facets", "suggestions"]);
    assert!(found["took_us"].is_u64());
    assert_eq!((&found["query"], &found["total"], &found["exact"]), (&json!("tide storm"), &json!(1), &json!(true)));
    assert_eq!((&found["facets"], &found["suggestions"]), (&json!({}), &json!([])));
    let hit = &found["hits"][0];
    assert_eq!(keys(hit), ["doc", "uid", "id", "date", "title", "score", "snippet"]);
    assert_eq!((&hit["uid"], &hit["id"], &hit["date"]), (&json!("c/7"), &json!("7"), &json!("2024-06-01")));
    assert_eq!(hit["title"], "On tides");
    assert!(hit["score"].is_f64());
    assert_eq!(hit["snippet"], json!({"text": "🌊🥶 The tide and the storm", "ranges": [[7, 11], [20, 25]]}));

    let undated = &search(&["calm"])["hits"][0];
    assert_eq!((&undated["id"], &undated["date"], &undated["title"]), (&Value::Null, &Value::Null, &Value::Null));
    assert!(undated["uid"].as_str().unwrap().starts_with('~'));

    assert_eq!(docs(&search(&["storm"])), [1, 0]);
    assert_eq!(docs(&search(&["storm", "--sort", "old"])), [0, 1]);
    assert_eq!(docs(&search(&["storm", "--sort", "relevance"])), [1, 0]);
    assert_eq!(docs(&search(&["storm", "--limit", "1"])), [1]);
    assert_eq!(docs(&search(&["storm", "--limit", "18446744073709551615"])), [1, 0]);
    assert_eq!(search(&["storm", "--limit", "0"])["total"], 2);
    assert_eq!(docs(&search(&["tide calm", "--match", "any"])), [0, 2]);
    assert_eq!(docs(&search(&["storm", "--filter", "-tag=wind"])), [0]);
    assert_eq!(docs(&search(&["storm", "--from", "2024-06-02"])), [1]);
    let facets = &search(&["storm", "--facets"])["facets"];
    assert_eq!(facets["tag"], json!([{"value": "sea", "count": 2}, {"value": "wind", "count": 1}]));

    let none = dir.run(&["search", "site", "--json", "--match", "all", "tide calm"]);
    assert_eq!((none.code, none.err.as_str()), (1, ""));
    assert_eq!(serde_json::from_str::<Value>(&none.out).unwrap()["total"], 0);
    assert_eq!(dir.run(&["search", "site", "zebra"]).code, 1);
    let relaxed = search(&["tide calm"]);
    assert_eq!((docs(&relaxed).len(), &relaxed["relaxed"]), (2, &json!(true)));
    assert_eq!(search(&["storm", "--facets", "--facet-limit", "1"])["num_values"]["tag"], 2);
    let unknown = dir.run(&["search", "site", "storm", "--filter", "mood=calm"]);
    assert!(unknown.code == 2 && unknown.err.contains("no such facet; it has"), "{}", unknown.err);
    let unknown = dir.run(&["search", "site", "storm", "--sort", "mood"]);
    assert!(unknown.code == 2 && unknown.err.contains("no such order"), "{}", unknown.err);
    assert_eq!(docs(&search(&["storm sort:-length tag:sea"])).len(), 2);
    let problem = search(&["storm (", "--match", "any"]);
    assert_eq!(problem["total"], 2);
}

#[test]
fn queries_come_from_a_file_or_standard_input() {
    let dir = Dir::with_sample();
    dir.good(&["build", "posts.jsonl", "-o", "site", "--quiet"]);
    dir.create("queries.txt", "storm\r\nzebra\n\n#ferry\n");
    let answers = jsonl(&dir.good(&["search", "site", "--queries", "queries.txt", "--limit", "2"]));
    let totals: Vec<(&str, u64)> =
        answers.iter().map(|answer| (answer["query"].as_str().unwrap(), answer["total"].as_u64().unwrap())).collect();
    assert_eq!((totals[0].0, totals[1], totals[2], totals[3].0), ("storm", ("zebra", 0), ("", 370), "#ferry"));
    assert!(answers.iter().all(|answer| answer["hits"].as_array().unwrap().len() <= 2));
    assert_eq!(answers[0]["hits"], dir.json(&["search", "site", "storm", "--json", "--limit", "2"])["hits"]);

    // Asked line by line, it answers line by line.
    let mut child = dir
        .command(&["search", "site", "--queries", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut ask, mut answers) = (child.stdin.take().unwrap(), std::io::BufReader::new(child.stdout.take().unwrap()));
    for query in ["storm", "zebra"] {
        writeln!(ask, "{query}").unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(&mut answers, &mut line).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["query"], query);
    }
    drop(ask);
    assert!(child.wait().unwrap().success());
    dir.create("none.txt", "zebra\nyak\n");
    assert_eq!(dir.run(&["search", "site", "--queries", "none.txt"]).code, 1);
}

/// What is extracted builds the archive from which the same is extracted.
fn check_identity(dir: &Dir, input: &str) -> Vec<Value> {
    dir.good(&["build", input, "-o", "first.fonds", "--quiet"]);
    let first = dir.good(&["extract", "first.fonds", "--format", "jsonl"]);
    dir.create("extracted.jsonl", &first);
    dir.good(&["build", "extracted.jsonl", "-o", "second.fonds", "--quiet"]);
    assert!(dir.good(&["extract", "second.fonds"]) == first, "{input} changes on its way");
    for archive in ["first.fonds", "second.fonds"] {
        for source in dir.json(&["inspect", archive, "--json"])["sources"].as_array().unwrap() {
            let count = |key: &str| source[key].as_u64().unwrap();
            assert_eq!(count("in"), count("read") + count("merged") + count("removed") + count("skipped"), "{source}");
            assert_eq!((count("in") > 0, source["sha256"].as_str().unwrap().len()), (true, 64));
        }
    }
    jsonl(&first)
}

#[test]
fn extracting_and_building_again_is_the_identity() {
    let dir = Dir::with_sample();
    fs::copy(sample("channel-scrape.txt"), dir.path("scrape.txt")).unwrap();
    let records = check_identity(&dir, "posts.jsonl");
    assert_eq!(records.len(), 370);
    // Nothing that the source says is lost.
    let given = jsonl(&dir.text("posts.jsonl"));
    for (given, record) in given.iter().zip(&records) {
        for (key, value) in given.as_object().unwrap().iter().filter(|(_, value)| **value != "") {
            assert_eq!(&record[key], value, "{key} of {}", record["uid"]);
        }
        assert!(keys(record).starts_with(&["uid", "id", "kind", "date"]), "{record}");
        assert_eq!(record["source"]["file"], "posts.jsonl");
    }
    let records = check_identity(&dir, "scrape.txt");
    assert_eq!(records.len(), 370);
    assert!(records.iter().all(|record| record["uid"].as_str().unwrap().starts_with('~')));
}

/// Copies a file, or a folder with all that is in it.
fn copy_all(from: &Path, to: &Path) {
    if from.is_file() {
        fs::copy(from, to).unwrap();
        return;
    }
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        copy_all(&entry.path(), &to.join(entry.file_name()));
    }
}

/// What the `options.json` of a golden case says, as arguments.
fn golden_args(case: &Path) -> Vec<String> {
    let Ok(options) = fs::read(case.join("options.json")) else { return Vec::new() };
    let options: Value = serde_json::from_slice(&options).unwrap();
    let texts = |name: &str| options[name].as_array().cloned().unwrap_or_else(|| vec![options[name].clone()]);
    let given = [("map", "--map"), ("date_format", "--date-format"), ("records", "--records"), ("chats", "--chat")];
    let args = given.iter().flat_map(|(name, arg)| texts(name).into_iter().map(move |text| (*arg, text)));
    args.filter_map(|(arg, text)| Some([arg.to_owned(), text.as_str()?.to_owned()])).flatten().collect()
}

/// Every sample of every format, media, polls and spans among them: what is extracted of it builds the same archive again.
#[test]
fn extracting_and_building_again_is_the_identity_for_every_format() {
    let mut formats: std::collections::BTreeSet<String> = std::collections::BTreeSet::new();
    let (mut num_cases, mut held) = (0, std::collections::BTreeSet::new());
    for case in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")).unwrap() {
        let case = case.unwrap().path();
        if !case.is_dir() {
            continue;
        }
        let Some(input) = fs::read_dir(&case)
            .unwrap()
            .map(|file| file.unwrap())
            .find(|file| file.path().file_stem().is_some_and(|stem| stem == "input"))
        else {
            continue;
        };
        let dir = Dir::new();
        let name = input.file_name().into_string().unwrap();
        copy_all(&input.path(), &dir.path(&name));
        let mut args = golden_args(&case);
        if let Ok(format) = fs::read_to_string(case.join("format")) {
            args.extend(["--format".to_owned(), format.trim().to_owned()]);
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        // Some are there to be refused.
        if dir.run(&[&["build", &name, "-o", "first.fonds", "--quiet"][..], &args].concat()).code != 0 {
            continue;
        }
        num_cases += 1;
        formats.insert(
            dir.json(&["inspect", "first.fonds", "--json"])["sources"][0]["format"].as_str().unwrap().to_owned(),
        );
        let first = dir.good(&["extract", "first.fonds"]);
        dir.create("extracted.jsonl", &first);
        dir.good(&["build", "extracted.jsonl", "-o", "second.fonds", "--quiet"]);
        assert_eq!(dir.good(&["extract", "second.fonds"]), first, "{} changes on its way", case.display());
        held.extend(
            jsonl(&first).iter().flat_map(|record| keys(record).into_iter().map(str::to_owned)).collect::<Vec<_>>(),
        );
    }
    assert!(num_cases >= 75, "{num_cases} of the golden cases were built");
    for field in
        ["media", "poll", "spans", "reactions", "forwarded_from", "reply_to", "thread", "album", "edited", "views"]
    {
        assert!(held.contains(field), "no golden case has {field}");
    }
    let dir = Dir::new();
    let all = dir.json(&["formats", "--json"]);
    let all: std::collections::BTreeSet<String> =
        all.as_array().unwrap().iter().map(|format| format["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(formats, all);
}

#[test]
fn a_source_is_inspected_without_building() {
    let dir = Dir::with_sample();
    let account = dir.json(&["inspect", "posts.jsonl", "--json"]);
    assert_eq!((&account["in"], &account["read"], &account["format"]), (&json!(370), &json!(370), &json!("jsonl")));
    assert_eq!(account["sha256"].as_str().unwrap().len(), 64);
    assert!(dir.good(&["inspect", "posts.jsonl"]).starts_with("posts.jsonl (jsonl, "));
    dir.good(&["build", "posts.jsonl", "-o", "site", "--quiet"]);
    let archive = dir.json(&["inspect", "site", "--json"]);
    for key in ["records", "terms", "postings", "bytes"] {
        assert!(archive[key].as_u64().unwrap() > 0, "{key}");
    }
    let sections: u64 =
        archive["bytes_by_section"].as_object().unwrap().values().map(|len| len.as_u64().unwrap()).sum();
    assert!(sections > 0 && sections < archive["bytes"].as_u64().unwrap());
    assert_eq!(archive["sources"][0]["sha256"], account["sha256"]);
    // What was folded is known of the whole archive; only the build that read a source knows it of that source.
    let mut provenance: Value = serde_json::from_str(&dir.text("site/provenance.json")).unwrap();
    assert_eq!(provenance["sources"][0].as_object_mut().unwrap().remove("folded"), Some(json!(0)));
    assert_eq!(provenance["sources"], archive["sources"]);
}

#[test]
fn the_seed_becomes_five_posts_and_two_stubs() {
    let Some(seed) = shared("seed/channel-scrape.txt") else { return };
    let dir = Dir::new();
    fs::copy(seed, dir.path("seed.txt")).unwrap();
    let records = check_identity(&dir, "seed.txt");
    let kinds: Vec<&str> = records.iter().map(|record| record["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["post", "post", "post", "post", "post", "unsupported", "unsupported"]);
    for record in &records[..5] {
        assert!(!record["source"]["copies"].as_array().unwrap().is_empty(), "{record}");
        assert!(record["forwarded_from"]["name"].is_string() && record["lang"] == "en");
        assert!(record["tags"].as_array().unwrap().iter().all(|tag| !tag.as_str().unwrap().starts_with('#')));
    }
    assert!(records[5..].iter().all(|record| record["flags"] == json!(["unsupported_media"])), "{:?}", &records[5..]);
    assert!(records.iter().any(|record| record["dates_mentioned"].as_array().is_some_and(|dates| !dates.is_empty())));
    assert!(records.iter().any(|record| record["tags"].as_array().is_some_and(|tags| !tags.is_empty())));
}

// ---- Terminals and pipes.

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let dir = Dir::with_sample();
    dir.good(&["build", "posts.jsonl", "-o", "site", "--quiet"]);
    for args in [
        ["extract", "site"].as_slice(),
        &["extract", "site", "--format", "txt"],
        &["search", "site", "", "--limit", "400"],
    ] {
        let mut child = dir.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut start = [0; 10];
        let mut out = child.stdout.take().unwrap();
        out.read_exact(&mut start).unwrap();
        drop(out);
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{args:?}");
    }
    let Some(ran) = shell(&dir, "\"$FONDS\" extract site | head -1; \"$FONDS\" verify none 2>&-; echo $?") else {
        return;
    };
    assert_eq!((ran.out.lines().count(), ran.out.ends_with("\n2\n"), ran.err.as_str()), (2, true, ""), "{ran:?}");
}

#[test]
fn no_text_of_an_archive_steers_a_terminal() {
    let dir = Dir::new();
    let evil = "storm \u{1b}[2J\u{1b}]0;title\u{7} \u{9b}31m\u{7f}\u{8}\r end";
    let line = json!({
        "id": format!("7{evil}"), "date": "2024-06-01", "channel": evil, "author": evil, "title": evil, "text": evil,
        "tags": [evil], "forwarded_from": {"name": evil}, "mood": evil,
    });
    dir.create("posts.jsonl", format!("{line}\n{{\"text\": \"b\"}}\n{{\"text\": \"{}\n", "bad \u{9b}31m"));
    let check = |args: &[&str]| {
        let ran = dir.run(args);
        let found = (ran.out.clone() + &ran.err).chars().find(|c| c.is_control() && *c != '\n' && *c != '\t');
        assert_eq!((ran.code, found), (0, None), "{args:?}: {ran:?}");
        ran.out
    };
    check(&["build", "posts.jsonl", "-o", "site", "--facet", "mood", "--title", evil]);
    check(&["build", "posts.jsonl", "-o", "site", "--facet", "mood", "--json", "--title", evil]);
    check(&["inspect", "posts.jsonl"]);
    check(&["inspect", "posts.jsonl", "--json"]);
    for args in [["search", "site", "storm"].as_slice(), &["extract", "site", "--format", "txt"], &["extract", "site"]]
    {
        assert!(check(args).contains("storm"), "{args:?}");
    }
    check(&["search", "site", "storm", "--facets"]);
    assert!(check(&["search", "site", "storm", "--facets", "--json"]).contains("\\u001b"));
    assert!(check(&["inspect", "site"]).contains("[2J"));
    check(&["inspect", "site", "--json"]);
    // JSON keeps what it hides.
    assert!(jsonl(&check(&["extract", "site"])).iter().any(|record| record["text"] == evil));
}

// ---- Pages without scripts.

/// Text as markup holds it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// What stands between the tags of an element that occurs once.
fn inner<'a>(html: &'a str, start: &str, end: &str) -> &'a str {
    assert_eq!(html.matches(start).count(), 1, "{start}");
    html.split_once(start).unwrap().1.split_once(end).unwrap().0
}

#[test]
fn every_post_stands_in_a_static_page() {
    let dir = Dir::with_sample();
    dir.good(&["build", "posts.jsonl", "-o", "site", "--quiet"]);
    let pages: Vec<String> = dir.find("site", "posts/", ".html").iter().map(|name| dir.text(name)).collect();
    let posts = jsonl(&dir.text("posts.jsonl"));
    for post in &posts {
        let text = escaped(post["text"].as_str().unwrap_or_default());
        assert!(pages.iter().any(|page| page.contains(&text)), "{post}");
    }
    assert_eq!(pages.iter().map(|page| page.matches("<article>").count()).sum::<usize>(), posts.len());
    for page in &pages {
        assert!(!page.contains("<script") && page.contains("default-src 'none'"));
    }
    let index = dir.text("site/posts/index.html");
    let links: Vec<&str> = index.split("<a href=\"").skip(1).map(|link| link.split_once('"').unwrap().0).collect();
    assert!(links.len() > 12 && links.iter().all(|link| dir.path("site/posts").join(link).is_file()), "{links:?}");
}

/// Where a page says it of all its links, the links need not.
#[test]
fn no_link_tells_whence_its_reader_comes() {
    let dir = Dir::new();
    let line =
        json!({"id": "1", "date": "2024-06-01", "text": "storm https://a.example/b", "url": "https://a.example/1"});
    dir.create("posts.jsonl", format!("{line}\n"));
    dir.good(&["build", "posts.jsonl", "-o", "site", "--single", "site.html", "--quiet"]);
    let pages = dir.find("site", "", ".html").into_iter().chain(["site.html".to_owned()]);
    let mut num_links = 0;
    for name in pages {
        let page = dir.text(&name);
        let is_of_all = page.contains("<meta name=\"referrer\" content=\"no-referrer\">");
        assert!(is_of_all || name.contains("posts/"), "{name}");
        for tag in page.split("<a ").skip(1).map(|rest| rest.split_once('>').unwrap().0) {
            if tag.contains("href=\"http") {
                assert!(is_of_all || tag.contains("noreferrer"), "{name}: {tag}");
                num_links += 1;
            }
        }
    }
    assert!(num_links > 0, "no link was looked at");
}

#[test]
fn static_pages_follow_the_archives_calendar() {
    let dir = Dir::new();
    let posts = [
        r#"{"id": "1", "date": "2024-01-31T23:30:00+00:00", "text": "late in January"}"#,
        r#"{"id": "2", "date": "2024-02-01T02:00:00+05:00", "text": "written in the east"}"#,
        r#"{"id": "3", "date": "2023", "text": "sometime"}"#,
    ];
    dir.create("posts.jsonl", posts.join("\n"));
    let page = |zone: &str, month: &str| {
        dir.good(&["build", "posts.jsonl", "-o", "out", "--timezone", zone, "--quiet"]);
        dir.text(&format!("out/posts/{month}.html"))
    };
    let january = page("UTC", "2024-01");
    assert!(january.contains("late in January") && january.contains("written in the east"));
    assert!(january.contains("<time datetime=\"2024-02-01T02:00:00+05:00\">2024-01-31 21:00</time>"), "{january}");
    assert!(page("UTC", "2023").contains("<time datetime=\"2023\">2023</time>"));
    let february = page("Europe/Berlin", "2024-02");
    assert!(february.contains("late in January") && !february.contains("written in the east"), "{february}");
}

#[test]
fn index_holds_the_newest_posts_and_a_policy_for_its_own_code_alone() {
    let dir = Dir::with_sample();
    dir.good(&["build", "posts.jsonl", "-o", "site", "--single", "site.html", "--quiet"]);
    let posts = jsonl(&dir.text("posts.jsonl"));
    for name in ["site/index.html", "site.html"] {
        let html = dir.text(name);
        let times =
            posts.iter().rev().take(20).map(|post| format!("<time datetime=\"{}\">", post["date"].as_str().unwrap()));
        let places: Vec<usize> =
            times.map(|time| html.find(&time).unwrap_or_else(|| panic!("{name} lacks {time}"))).collect();
        assert!(places.is_sorted(), "the newest stands first");

        let policy = inner(&html, "<meta http-equiv=\"Content-Security-Policy\" content=\"", "\"");
        let hash =
            |text: &str| format!("'sha256-{}'", base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text)));
        let of = |directive: &str| policy.split("; ").find_map(|part| part.strip_prefix(directive)).unwrap().trim();
        assert_eq!(of("style-src"), hash(inner(&html, "<style>", "</style>")), "{name}");
        let scripts: Vec<&str> =
            html.split("<script>").skip(1).map(|script| script.split_once("</script>").unwrap().0).collect();
        let mut hashes: Vec<String> =
            of("script-src").split(' ').filter(|part| part.starts_with("'sha256")).map(str::to_owned).collect();
        let mut expected: Vec<String> = scripts.iter().map(|script| hash(script)).collect();
        hashes.sort();
        expected.sort();
        assert_eq!(hashes, expected, "{name}");
        assert!(!expected.is_empty() && !of("script-src").contains("unsafe-inline") && of("default-src") == "'none'");
    }
}

#[test]
fn hostile_texts_stay_text() {
    let dir = Dir::new();
    let evil = "</title></script><script>alert(1)</script><img src=x onerror='alert(2)'>{{parts}}{{csp}} \" & <!-- ";
    let line = json!({
        "id": evil, "date": "2024-06-01", "channel": evil, "author": evil, "title": evil, "text": evil, "lang": "\"><b>",
        "tags": [evil], "forwarded_from": {"name": evil}, "url": "javascript:alert(3)", "media": [{"kind": evil, "name": evil}],
    });
    dir.create(
        "posts.jsonl",
        format!("{line}\n{}\n", json!({"text": evil, "url": "https://a.example/\"><script>alert(4)</script>"})),
    );
    let out = ["-o", "site", "--single", "site.html", "--quiet", "--title", evil];
    dir.good(&[["build", "posts.jsonl"].as_slice(), &out].concat());
    for name in ["site", "site.html"] {
        dir.good(&["verify", name]);
        assert_eq!(dir.json(&["inspect", name, "--json"])["title"], evil);
    }
    let pages = dir.find("site", "posts/", ".html");
    assert!(pages.len() == 3, "{pages:?}");
    for name in pages.iter().map(String::as_str).chain(["site/index.html", "site.html", "site/archive/manifest.js"]) {
        let html = dir.text(name);
        for sink in ["<script>alert", "<img", "href=\"javascript", "<b>", "</script><script>alert"] {
            assert!(!html.contains(sink), "{name} holds {sink}");
        }
        if Path::new(name).extension().is_some_and(|extension| extension == "html") {
            assert!(html.contains(&escaped(evil)), "{name}");
        }
    }
    assert!(pages.iter().all(|page| !dir.text(page).contains("<script")));
}

#[test]
fn pages_are_left_out_on_request_and_so_is_all_that_leads_to_them() {
    let dir = Dir::with_sample();
    dir.good(&["build", "posts.jsonl", "-o", "site", "--quiet"]);
    for name in ["site/index.html", "site/README.txt"] {
        assert!(dir.text(name).contains("posts/"), "{name}");
    }
    dir.good(&["build", "posts.jsonl", "-o", "site", "--pages", "no", "--quiet"]);
    assert!(!dir.path("site/posts").exists(), "what fonds made before is replaced whole");
    for name in ["site/index.html", "site/README.txt", "site/SHA256SUMS"] {
        assert!(!dir.text(name).contains("posts/"), "{name}");
    }
    dir.good(&["verify", "site"]);
}

// ---- The program itself.

#[test]
fn the_program_tells_about_itself() {
    let dir = Dir::new();
    assert_eq!(dir.good(&["--version"]), concat!("fonds ", env!("CARGO_PKG_VERSION"), "\n"));
    let help = dir.good(&["--help"]);
    for command in ["build", "search", "inspect", "verify", "extract", "formats"] {
        assert!(help.contains(&format!("\n  {command} ")), "{help}");
        assert!(dir.good(&[command, "--help"]).contains("Usage: fonds"), "{command}");
    }
    let formats = dir.json(&["formats", "--json"]);
    let text = dir.good(&["formats"]);
    for format in formats.as_array().unwrap() {
        assert_eq!(keys(format), ["name", "title", "recognised_by", "keeps", "proven"]);
        assert!(text.contains(format["title"].as_str().unwrap()));
    }
    assert_eq!(dir.run(&[]).code, 2);
    assert_eq!(dir.run(&["burn"]).code, 2);
}

#[test]
fn the_program_alone_builds_an_explorer() {
    let dir = Dir::new();
    let program = dir.path(&format!("alone{}", std::env::consts::EXE_SUFFIX));
    fs::copy(env!("CARGO_BIN_EXE_fonds"), &program).unwrap();
    dir.create("posts.jsonl", "{\"text\": \"a storm\"}\n{\"text\": \"a calm\"}\n");
    let mut command = Command::new(&program);
    command.current_dir(dir.0.path()).env_clear().args(["build", "posts.jsonl", "-o", "site", "--quiet"]);
    let ran = Ran::from(command.output().unwrap());
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "", ""));
    for name in ["index.html", "fonds/app.js", "fonds/worker.js", "fonds/core.js", "archive/manifest.js", "embed.js"] {
        assert!(!dir.read(&format!("site/{name}")).is_empty(), "{name}");
    }
    dir.good(&["verify", "site"]);
}

#[test]
fn the_page_about_formats_is_up_to_date() {
    let found = Dir::new().run(&["formats", "--markdown"]).out;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/FORMATS.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &found).unwrap();
    }
    assert_eq!(found, fs::read_to_string(&path).unwrap_or_default(), "UPDATE_GOLDEN=1 cargo test --test it formats");
}

#[test]
fn an_account_gives_the_chats_that_are_named() {
    let dir = Dir::new();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/telegram-account/input.json");
    dir.create("export/result.json", fs::read(golden).unwrap());
    dir.create("export/photos/a.jpg", [0xFF, 0xD8]);
    let run = dir.run(&["build", "export", "-o", "all.fonds"]);
    assert!(run.out.contains("4 in = 2 read + 0 merged + 2 removed + 0 skipped"), "{}", run.out);
    assert!(
        run.err.contains("`A friend` (personal_chat, id 20, 2)") && run.err.contains("`--chat` takes them"),
        "{}",
        run.err
    );
    assert!(!dir.run(&["extract", "all.fonds"]).out.contains("private"));
    // What is published says nothing of a chat that is not.
    dir.run(&["build", "export", "-o", "site"]);
    let named = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).contains("A friend");
    assert!(!listing(&dir.path("site")).values().any(named));
    assert!(!dir.run(&["inspect", "all.fonds"]).out.contains("A friend"));

    let run = dir.run(&["build", "export", "--chat", "A friend", "--handle", "@friend", "-o", "one.fonds"]);
    assert!(run.out.contains("4 in = 2 read + 0 merged + 2 removed + 0 skipped"), "{}", run.out);
    assert!(run.err.contains("whoever gets the archive can read its 2 messages"), "{}", run.err);
    assert!(dir.run(&["extract", "one.fonds"]).out.contains("https://t.me/friend/2"));
}

/// A name that no chat has is told, with those there are, whatever the format.
#[test]
fn a_chat_that_is_not_there_is_told() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    for (input, there) in [
        ("telegram-json/input.json", Some("`Harbour News`")),
        ("telegram-account/input.json", Some("`Harbour News`, `A friend`, `Market`")),
        ("telegram-html/input.html", Some("`Harbour News`")),
        ("discord/input.json", Some("`tides`")),
        ("slack/input", Some("`marta l, Jonas Berg`, `harbour`, `pilots-only`")),
        ("matrix/input.json", Some("`")),
        ("meta/input", Some("`")),
        ("reddit/input.ndjson", Some("`harbourtown`, `nightboats`")),
        ("mastodon/input", Some("`followers`")),
        ("wordpress/input.xml", Some("`draft`")),
        ("jsonl-types/input.jsonl", None),
        ("whatsapp-ios/input.txt", None),
    ] {
        let dir = Dir::new();
        let path = golden.join(input);
        let build = |more: &[&str]| {
            dir.run(&[&["build", path.to_str().unwrap(), "--chat", "Nowhere", "-o", "out.fonds"], more].concat())
        };
        let run = build(&["--force"]);
        let said = "--chat Nowhere: nothing is called so or has this id; there ";
        assert_eq!(run.err.matches(said).count(), 1, "{input}: {}", run.err);
        let there = there.map_or("is nothing that it could choose from".to_owned(), |names| format!("are {names}"));
        assert!(run.err.contains(&format!("{said}{there}")), "{input}: {}", run.err);
        let run = build(&["--force", "--quiet"]);
        assert!(run.code == 0 && run.err.is_empty() || run.err.contains(said), "{input}: {}", run.err);
    }
}

#[test]
fn an_account_of_pages_gives_the_chats_that_are_named() {
    let dir = Dir::new();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/telegram-html-account");
    for (name, bytes) in listing(&golden).into_iter().filter(|(name, _)| !name.ends_with('/')) {
        dir.create(&format!("export/{name}"), bytes);
    }
    // Nothing says that a chat is public, so nothing is read unasked: neither channels nor what they are called is published.
    let run = dir.run(&["build", "export", "-o", "all.fonds"]);
    assert_eq!(run.code, 2);
    let list = "a whole account with 4 chats: `Harbour News` (channel, chat_001, 2), `A friend` (private, chat_002, 1), \
        `Pilots & crews` (group, chat_003, 40 messages, no page of it is here), `Harbour News` (channel, chat_004, 1); \
        `--chat` takes them by name or number";
    assert!(run.err.contains(list), "{}", run.err);
    assert!(run.err.contains("there is no post in it"), "{}", run.err);

    let extracted = |chats: &[&str]| {
        let chats = chats.iter().flat_map(|chat| ["--chat", chat]);
        let args: Vec<&str> = ["build", "export", "-o", "some.fonds", "--force"].into_iter().chain(chats).collect();
        let run = dir.run(&args);
        let texts: Vec<String> = dir
            .run(&["extract", "some.fonds"])
            .out
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["text"].as_str().unwrap().to_owned())
            .collect();
        (run, texts)
    };
    let pier = ["The north pier is closed.", "The north pier is open."];
    let (run, texts) = extracted(&["chat_001"]);
    assert_eq!(texts, pier);
    assert!(run.out.contains("4 in = 2 read + 0 merged + 2 removed + 0 skipped"), "{}", run.out);
    let warning = "`Harbour News` may not be public (channel): whoever gets the archive can read its 2 messages";
    assert!(run.err.contains(warning), "{}", run.err);
    let (_, texts) = extracted(&["Harbour News"]);
    assert_eq!(texts, [pier[0], pier[1], "Of the same name, and left."]);
    let (run, texts) = extracted(&["A friend"]);
    assert_eq!(texts, ["a private word"]);
    assert!(run.err.contains("`A friend` is not public (private)"), "{}", run.err);
    dir.run(&["build", "export", "--chat", "chat_001", "-o", "site"]);
    let named = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).contains("A friend");
    assert!(!listing(&dir.path("site")).values().any(named));
    // The pages of one chat by themselves are no account.
    let run = dir.run(&["build", "export/chats/chat_002", "-o", "one.fonds"]);
    assert!(run.out.contains("1 in = 1 read"), "{}", run.out);
    // Nor is a list without pages an archive.
    let run = dir.run(&["build", "export/lists/chats.html", "-o", "none.fonds"]);
    assert!(
        run.code == 2 && run.err.contains("`A friend` (private, chat_002, 1 message, no page of it is here)"),
        "{}",
        run.err
    );
}

#[test]
fn repeats_keep_their_uids_whatever_source_came_first() {
    let dir = Dir::new();
    dir.create("late.jsonl", "{\"date\": \"2024-01-25T10:00Z\", \"text\": \"ok\"}\n{\"text\": \"ok\"}\n");
    dir.create("early.jsonl", "{\"date\": \"2024-01-24T10:00Z\", \"text\": \"ok\"}\n");
    let extracted = |inputs: &[&str]| {
        let out = "out.fonds";
        dir.good(&[&["build"], inputs, &["-o", out, "--force", "--quiet"]].concat());
        let records = dir.good(&["extract", out]);
        let uid = |line: &str| serde_json::from_str::<Value>(line).unwrap()["uid"].as_str().unwrap().to_owned();
        (records.lines().map(uid).collect::<Vec<_>>(), records)
    };
    let (uids, records) = extracted(&["late.jsonl", "early.jsonl"]);
    let base = uids.first().unwrap();
    assert_eq!(uids, [base.clone(), format!("{base}.2"), format!("{base}.3")]);
    dir.create("again.jsonl", records);
    assert_eq!(extracted(&["again.jsonl"]).0, uids);
    assert_eq!(extracted(&["early.jsonl", "late.jsonl"]).0, uids);
}

#[test]
fn what_was_extracted_builds_the_same_again() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    for case in [
        "telegram-json/input.json",
        "telegram-account/input.json",
        "telegram-html/input.html",
        "telegram-web/input.html",
    ] {
        let dir = Dir::new();
        let name = case.replace('/', "-");
        dir.create(&name, fs::read(golden.join(case)).unwrap());
        dir.run(&["build", &name, "-o", "first.fonds"]);
        let first = dir.run(&["extract", "first.fonds"]).out;
        assert!(!first.is_empty(), "{case}");
        dir.create("again.jsonl", &first);
        dir.run(&["build", "again.jsonl", "-o", "second.fonds"]);
        assert_eq!(dir.run(&["extract", "second.fonds"]).out, first, "{case}");
    }
}
