//! What proves an archive whole, and whose it is: damage with its place and its posts, signatures, bags, and what a program that was
//! killed leaves.

use std::fs;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use minisign::KeyPair;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A fresh folder in which the program runs.
struct Dir(tempfile::TempDir);

impl Dir {
    /// A folder with `posts.jsonl`: a hundred posts whose texts hardly compress, so that they stand in several blocks.
    fn new() -> Self {
        let dir = Self(tempfile::tempdir().unwrap());
        let noise = |number: u32| -> String {
            (0..20u32)
                .flat_map(|place| Sha256::digest((number * 100 + place).to_le_bytes()))
                .map(|byte| char::from(b'a' + byte % 26))
                .collect()
        };
        let line = |number: u32| {
            let (month, day) = (number / 28 + 1, number % 28 + 1);
            format!(
                "{{\"id\":\"{number}\",\"channel\":\"c\",\"date\":\"2024-{month:02}-{day:02}\",\"text\":\"storm {}\"}}\n",
                noise(number)
            )
        };
        dir.create("posts.jsonl", (0..100).map(line).collect::<String>());
        dir
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn create(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fonds"));
        command.current_dir(self.0.path()).args(args).env_remove("SOURCE_DATE_EPOCH");
        command
    }

    /// Runs, expects this exit code, and gives what was printed on both.
    fn ends(&self, code: i32, args: &[&str]) -> String {
        let output = self.command(args).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {output:?}");
        printed(&output)
    }

    fn good(&self, args: &[&str]) -> String {
        self.ends(0, args)
    }

    /// Changes one bit.
    fn flip(&self, name: &str, at: usize) {
        let mut bytes = self.read(name);
        bytes[at] ^= 1;
        self.create(name, bytes);
    }

    /// Signs a file as minisign does; gives the public key.
    fn sign(&self, file: &str, pair: &KeyPair) {
        let signature =
            minisign::sign(Some(&pair.pk), &pair.sk, Cursor::new(self.read(file)), Some("made for a test"), None);
        self.create(&format!("{file}.minisig"), signature.unwrap().into_string());
    }

    /// Files of a folder that begin so, in order.
    fn find(&self, folder: &str, start: &str) -> Vec<String> {
        let mut names: Vec<String> = (fs::read_dir(self.path(folder)).unwrap())
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with(start))
            .map(|name| format!("{folder}/{name}"))
            .collect();
        names.sort();
        names
    }
}

fn printed(output: &Output) -> String {
    [String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)].concat()
}

fn pair() -> KeyPair {
    KeyPair::generate_unencrypted_keypair().unwrap()
}

// ---- Damage.

#[test]
fn damage_is_named_by_section_block_and_posts() {
    let dir = Dir::new();
    dir.good(&["build", "posts.jsonl", "-o", "a.fonds", "--quiet"]);
    let whole = dir.read("a.fonds");
    let extracted = dir.good(&["extract", "a.fonds"]);
    let (mut num_posts, mut num_others) = (0, 0);
    for at in (300..whole.len()).step_by(whole.len() / 24) {
        dir.flip("a.fonds", at);
        let said = dir.ends(1, &["verify", "a.fonds"]);
        assert!(said.contains("a.fonds"), "{said}");
        let last = said.lines().last().unwrap();
        if let Some(lost) = said.lines().find(|line| line.contains(" lost, ")) {
            // The posts that are left are those beside the gap, and all others are as they were.
            let count: usize = lost.split(" post").next().unwrap().rsplit(' ').next().unwrap().parse().unwrap();
            assert!(said.contains("section store"), "{said}");
            assert!(lost.contains("between c/") || lost.contains("before c/") || lost.contains("behind c/"), "{said}");
            assert!(lost.contains(" of 2024-"), "{said}");
            assert!(last.contains(&format!("{count} of 100 posts are lost")), "{said}");
            let output = dir.command(&["extract", "a.fonds"]).output().unwrap();
            let left = String::from_utf8(output.stdout).unwrap();
            assert_eq!(left.lines().count(), 100 - count, "{said}");
            assert!(left.lines().all(|line| extracted.contains(line)));
            num_posts += 1;
        } else {
            assert!(
                last == "a.fonds: no post is lost" || last.contains("it cannot be opened") || last.contains("100 of")
            );
            num_others += 1;
        }
        dir.create("a.fonds", &whole);
    }
    assert!(num_posts > 8 && num_others > 2, "{num_posts} and {num_others}");
}

#[test]
fn one_damaged_shard_is_one_sentence_with_its_blocks() {
    let dir = Dir::new();
    dir.good(&["build", "posts.jsonl", "-o", "site", "--quiet"]);
    let shard = dir.find("site/archive", "store-000").remove(0);
    fs::remove_file(dir.path(&shard)).unwrap();
    let said = dir.ends(1, &["verify", "site"]);
    let missing: Vec<&str> = said.lines().filter(|line| line.contains("is missing")).collect();
    assert!(missing[0].contains(&format!("damaged: {shard} is missing (section store, blocks 0 to ")), "{said}");
    assert!(missing[1].contains("100 posts are lost, all there are"), "{said}");
    assert!(said.ends_with("site: 100 of 100 posts are lost\n"), "{said}");
    // What is only searched by leaves every post.
    dir.good(&["build", "posts.jsonl", "-o", "site", "--quiet"]);
    fs::remove_file(dir.path(&dir.find("site/archive", "terms-").remove(0))).unwrap();
    let said = dir.ends(1, &["verify", "site"]);
    assert!(said.contains("(section terms, ") && said.ends_with("site: no post is lost\n"), "{said}");
}

#[test]
fn another_version_is_no_damage_and_a_wrong_checksum_of_a_known_one_is() {
    let dir = Dir::new();
    dir.good(&["build", "posts.jsonl", "-o", "a.fonds", "--quiet"]);
    let whole = dir.read("a.fonds");
    let with_version = |version: u32, is_checked: bool| {
        let mut bytes = whole.clone();
        bytes[8..12].copy_from_slice(&version.to_le_bytes());
        if is_checked {
            let checksum = fonds::format::checksum::crc32c(&[&bytes[..44]]);
            bytes[44..48].copy_from_slice(&checksum.to_le_bytes());
        }
        dir.create("a.fonds", bytes);
    };
    for (version, is_checked) in [(0, false), (3, false), (3, true), (u32::MAX, false), (u32::MAX, true)] {
        with_version(version, is_checked);
        let said = dir.ends(2, &["verify", "a.fonds"]);
        let expected = format!("a.fonds: the archive has format version {version}, this program reads version 2: ");
        assert!(said.contains(&expected) && said.contains("the archive is damaged: copy it again"), "{said}");
        assert!(dir.ends(2, &["extract", "a.fonds"]).contains(&expected));
    }
    with_version(1, false);
    let said = dir.ends(1, &["verify", "a.fonds"]);
    assert!(said.contains("damaged: a.fonds: a checksum does not match; copy the archive again"), "{said}");
    with_version(2, true);
    dir.good(&["verify", "a.fonds"]);

    dir.good(&["build", "posts.jsonl", "-o", "site", "--quiet"]);
    let manifest = String::from_utf8(dir.read("site/archive/manifest.js")).unwrap();
    dir.create("site/archive/manifest.js", manifest.replace("\"version\":2", "\"version\":3"));
    assert!(dir.ends(2, &["verify", "site"]).contains("site: the archive has format version 3, "));
}

#[cfg(unix)]
#[test]
fn what_the_list_of_a_folder_does_not_name_and_every_link_is_damage() {
    use std::os::unix::fs::symlink;

    let dir = Dir::new();
    dir.good(&["build", "posts.jsonl", "-o", "site", "--quiet"]);
    dir.good(&["build", "posts.jsonl", "-o", "bag", "--bag", "--quiet"]);
    dir.create("same", "x");
    let shard = dir.find("site/archive", "store-000").remove(0);
    let check = |archive: &str, name: &str, expected: &str| {
        let said = dir.ends(1, &["verify", archive]);
        assert!(said.contains(&format!("damaged: {name} {expected}")), "{name}: {said}");
        assert!(said.ends_with(&format!("{archive}: no post is lost\n")), "{said}");
    };
    for name in ["site/more", "site/.hidden", "site/archive/more.js", "site/a/b/c", "bag/more", "bag/data/posts/more"] {
        fs::create_dir_all(dir.path(name).parent().unwrap()).unwrap();
        dir.create(name, "");
        check(name.split_once('/').unwrap().0, name, "was not there when the ");
        fs::remove_file(dir.path(name)).unwrap();
    }
    for (name, target) in
        [("more", "../same"), ("archive/more", "/nowhere"), ("posts/more", ".."), ("SHA256SUMS.minisig", "x")]
    {
        for (archive, name) in [("site", format!("site/{name}")), ("bag", format!("bag/data/{name}"))] {
            symlink(target, dir.path(&name)).unwrap();
            check(archive, &name, "is a link, and fonds publishes none");
            fs::remove_file(dir.path(&name)).unwrap();
        }
    }
    // Also where it leads to the very bytes.
    let listed = [shard.as_str(), "site/index.html", "site/SHA256SUMS", "bag/bag-info.txt", "bag/data/SHA256SUMS"];
    for name in listed {
        fs::rename(dir.path(name), dir.path("aside")).unwrap();
        symlink(dir.path("aside"), dir.path(name)).unwrap();
        check(name.split_once('/').unwrap().0, name, "is a link, and fonds publishes none");
        fs::rename(dir.path("aside"), dir.path(name)).unwrap();
    }
    // And a folder of them.
    fs::rename(dir.path("site/posts"), dir.path("aside")).unwrap();
    symlink(dir.path("aside"), dir.path("site/posts")).unwrap();
    check("site", "site/posts", "is a link, and fonds publishes none");
    fs::remove_file(dir.path("site/posts")).unwrap();
    fs::rename(dir.path("aside"), dir.path("site/posts")).unwrap();
    for archive in ["site", "bag"] {
        assert!(dir.good(&["verify", archive]).contains(": whole"));
    }
}

#[test]
fn a_list_of_sums_that_is_written_otherwise_is_one_change_and_not_one_of_every_file() {
    let dir = Dir::new();
    dir.good(&["build", "posts.jsonl", "-o", "site", "--quiet"]);
    let sums = String::from_utf8(dir.read("site/SHA256SUMS")).unwrap();
    let upper =
        |line: &str| line.split_once("  ").map(|(sum, name)| format!("{}  {name}\n", sum.to_uppercase())).unwrap();
    let mut reversed: Vec<&str> = sums.lines().collect();
    reversed.reverse();
    for (what, list) in [
        ("ends of lines", sums.replace('\n', "\r\n")),
        ("capitals", sums.lines().map(upper).collect()),
        ("marks of binary files", sums.replace("  ", " *")),
        ("another order", reversed.join("\n") + "\n"),
        ("no last end of line", sums.trim_end().to_owned()),
        ("a line twice", sums.clone() + sums.lines().next().unwrap() + "\n"),
        ("a remark", format!("# sums\n{sums}")),
        ("nothing", String::new()),
        ("words", "no sums\n".repeat(3)),
    ] {
        dir.create("site/SHA256SUMS", list);
        let said = dir.ends(1, &["verify", "site"]);
        let lines: Vec<&str> = said.lines().collect();
        assert!(lines.len() == 2 && lines[0].starts_with("damaged: site/SHA256SUMS "), "{what}: {said}");
        assert_eq!(lines[1], "site: no post is lost", "{what}");
    }
    // A file that the list leaves out, and one that it alone has.
    let (first, rest) = sums.split_once('\n').unwrap();
    let (_, name) = first.split_once("  ").unwrap();
    dir.create("site/SHA256SUMS", rest);
    assert!(dir.ends(1, &["verify", "site"]).contains(&format!("damaged: site/{name} was not there when ")));
    dir.create("site/SHA256SUMS", sums.clone() + &first.replace(name, "gone.txt") + "\n");
    assert!(dir.ends(1, &["verify", "site"]).contains("damaged: site/gone.txt is missing"));
    // No list, and what is none; the posts are looked at all the same.
    fs::remove_file(dir.path("site/SHA256SUMS")).unwrap();
    let check = |expected: &str| {
        let said = dir.ends(1, &["verify", "site"]);
        assert!(said.contains(&format!("damaged: site/SHA256SUMS {expected}")), "{said}");
        assert!(said.ends_with("site: no post is lost\n"), "{said}");
    };
    check("is missing: was the archive copied whole?");
    fs::create_dir(dir.path("site/SHA256SUMS")).unwrap();
    check("cannot be read: it is no file");
    fs::remove_dir(dir.path("site/SHA256SUMS")).unwrap();
    dir.create("site/SHA256SUMS", &sums);
    dir.good(&["verify", "site"]);
    // The list is one that everyone's tools read.
    if let Ok(output) = Command::new("sha256sum")
        .args(["-c", "--strict", "--quiet", "SHA256SUMS"])
        .current_dir(dir.path("site"))
        .output()
    {
        assert!(output.status.success(), "{output:?}");
    }
}

#[test]
fn damage_at_the_first_bytes_is_damage_and_not_another_file() {
    let dir = Dir::new();
    dir.good(&["build", "posts.jsonl", "--zip", "site.zip", "--single", "site.html", "--quiet"]);
    dir.good(&["build", "posts.jsonl", "-o", "site.fonds", "--quiet"]);
    for name in ["site.zip", "site.html", "site.fonds"] {
        let whole = dir.read(name);
        for at in 0..8 {
            dir.flip(name, at);
            let said = dir.ends(1, &["verify", name]);
            assert!(said.starts_with("damaged: ") && said.contains(name), "{name}, byte {at}: {said}");
            dir.create(name, &whole);
        }
        // As editors and servers add them.
        dir.create(name, [b"\xef\xbb\xbf", whole.as_slice()].concat());
        assert!(dir.ends(1, &["verify", name]).starts_with("damaged: "), "{name}");
    }
}

/// Writes `SHA256SUMS` anew, as whoever means harm would.
fn renew_sums(dir: &Dir) {
    let sums = String::from_utf8(dir.read("site/SHA256SUMS")).unwrap();
    let line = |line: &str| {
        let (_, file) = line.split_once("  ").unwrap();
        format!("{}  {file}\n", hex(&Sha256::digest(dir.read(&format!("site/{file}")))))
    };
    let renewed: String = sums.lines().map(line).collect();
    assert_ne!(sums, renewed);
    dir.create("site/SHA256SUMS", renewed);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_manifest_or_a_page_that_names_another_archive_is_noticed() {
    let dir = Dir::new();
    let build = || dir.good(&["build", "posts.jsonl", "-o", "site", "--quiet", "--force"]);
    build();
    dir.good(&["build", "posts.jsonl", "-o", "a.fonds", "--quiet"]);
    // Program, page and manifest show the same, whole.
    let digest = hex(&Sha256::digest(dir.read("a.fonds")));
    for archive in ["site", "a.fonds"] {
        assert_eq!(dir.good(&["verify", archive]), format!("{archive}: whole; its SHA-256 is {digest}\n"));
    }
    // Everything is written anew but the bytes of the archive; then the page alone, and of it only the whole digest.
    let other = "0123456789abcdef";
    let (short, whole) = (&digest[..16], format!("{other}{}", &digest[16..]));
    let (manifest, page) = ("site/archive/manifest.js", "site/index.html");
    let cases: [(&[&str], &str, &str, &str); 3] = [
        (&[manifest, page], short, other, "site: it is another archive than it says"),
        (&[page], short, other, "site: its page shows the SHA-256 of another archive"),
        (&[page], &digest, &whole, "site: its page shows the SHA-256 of another archive"),
    ];
    for (files, from, to, expected) in cases {
        build();
        for file in files {
            let text = String::from_utf8(dir.read(file)).unwrap();
            assert!(text.contains(from) && text.contains(&digest), "{file}");
            dir.create(file, text.replace(from, to));
        }
        renew_sums(&dir);
        let said = dir.ends(1, &["verify", "site"]);
        assert!(said.contains(expected), "{said}");
    }
    // A manifest whose two names contradict each other is none.
    build();
    let text = String::from_utf8(dir.read(manifest)).unwrap();
    dir.create(manifest, text.replace(&digest, &whole));
    assert!(dir.ends(1, &["verify", "site"]).contains("manifest"));
}

// ---- Signatures.

#[test]
fn a_signature_says_whose_the_archive_is() {
    let dir = Dir::new();
    dir.good(&["build", "posts.jsonl", "-o", "site", "--zip", "site.zip", "--single", "site.html", "--quiet"]);
    dir.good(&["build", "posts.jsonl", "-o", "site.fonds", "--quiet"]);
    dir.good(&["build", "posts.jsonl", "-o", "bag", "--bag", "--quiet"]);
    let (pair, other) = (pair(), pair());
    let key = pair.pk.to_base64();
    dir.create("minisign.pub", pair.pk.to_box().unwrap().into_string());
    dir.create("other.pub", other.pk.to_box().unwrap().into_string());
    let signed = [
        ("site", "site/SHA256SUMS"),
        ("bag", "bag/tagmanifest-sha256.txt"),
        ("site.zip", "site.zip"),
        ("site.html", "site.html"),
        ("site.fonds", "site.fonds"),
    ];
    let mut last = None;
    for (archive, file) in signed {
        let signature = format!("{file}.minisig");
        let said = dir.ends(2, &["verify", archive, "--key", &key]);
        assert!(said.contains(&format!("{signature}: the signature cannot be read")), "{said}");
        dir.sign(file, &pair);
        for key in [key.as_str(), "minisign.pub"] {
            let said = dir.good(&["verify", archive, "--key", key]);
            assert!(said.contains(&format!("{file}: signed with this key: made for a test")), "{said}");
        }
        // A signature beside the archive is no part of it.
        dir.good(&["verify", archive]);
        let said = dir.ends(2, &["verify", archive, "--key", "other.pub"]);
        assert!(said.contains("the signature is of another key"), "{said}");
        assert_eq!(dir.ends(2, &["verify", archive, "--key", "other.pub", "--quiet"]).lines().count(), 1);

        // Of other bytes, and what was said of them.
        let whole = String::from_utf8(dir.read(&signature)).unwrap();
        let wrong = [
            (whole.replace("made for a test", "made by myself"), "the signature is wrong"),
            (whole.lines().take(2).collect(), "this is no signature"),
            (String::new(), "this is no signature"),
        ];
        for (text, expected) in wrong {
            dir.create(&signature, text);
            let said = dir.ends(2, &["verify", archive, "--key", &key]);
            assert!(said.contains(expected), "{said}");
        }
        dir.create(&signature, &whole);
        let bytes = dir.read(file);
        dir.flip(file, bytes.len() / 2);
        let said = dir.ends(2, &["verify", archive, "--key", &key]);
        assert!(said.contains("damaged: ") && said.contains("the signature is wrong"), "{said}");
        dir.create(file, bytes);

        fs::rename(dir.path(&signature), dir.path("elsewhere")).unwrap();
        dir.good(&["verify", archive, "--key", &key, "--signature", "elsewhere"]);

        // One by the same key, of another file.
        if let Some(of_another) = last.replace(dir.read("elsewhere")) {
            dir.create("elsewhere", of_another);
            let said = dir.ends(2, &["verify", archive, "--key", &key, "--signature", "elsewhere"]);
            assert!(said.contains("the signature is wrong") && !said.contains("signed with this key"), "{said}");
        }
    }
    for (key, expected) in
        [("none.pub", "no such file"), ("posts.jsonl", "there is no public key in it"), ("", "--key ")]
    {
        let said = dir.ends(2, &["verify", "site", "--key", key]);
        assert!(said.contains(expected), "{said}");
    }
    dir.ends(2, &["verify", "site", "--signature", "elsewhere"]);
}

#[test]
fn a_signed_folder_is_not_replaced_unasked() {
    let dir = Dir::new();
    dir.good(&["build", "posts.jsonl", "-o", "site", "--quiet"]);
    dir.sign("site/SHA256SUMS", &pair());
    let said = dir.ends(2, &["build", "posts.jsonl", "-o", "site", "--quiet"]);
    assert!(said.contains("it holds SHA256SUMS.minisig, which fonds did not make"), "{said}");
    dir.good(&["build", "posts.jsonl", "-o", "site", "--quiet", "--force"]);
    assert!(!dir.path("site/SHA256SUMS.minisig").exists());
}

// ---- Bags.

#[test]
fn a_bag_holds_the_folder_and_every_byte_of_it_is_checked() {
    let dir = Dir::new();
    dir.good(&["build", "posts.jsonl", "-o", "site", "--quiet"]);
    let said = dir.good(&["build", "posts.jsonl", "-o", "bag", "--bag"]);
    assert!(said.contains("bag: bag (") && said.contains("open bag/data/index.html"), "{said}");
    assert!(dir.good(&["verify", "bag"]).contains("bag: whole"));
    for file in ["archive/manifest.js", "index.html", "provenance.json"] {
        assert!(dir.read(&format!("site/{file}")) == dir.read(&format!("bag/data/{file}")), "{file}");
    }
    let mut posts = String::new();
    let packed = dir.read("bag/data/posts.jsonl.gz");
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut posts).unwrap();
    assert_eq!(posts, dir.good(&["extract", "bag"]));
    assert_eq!(posts, dir.good(&["extract", "site"]));

    let mut names: Vec<String> = ["bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"]
        .map(|name| format!("bag/{name}"))
        .into();
    names.extend(
        ["index.html", "posts.jsonl.gz", "ro-crate-metadata.json", "SHA256SUMS"].map(|name| format!("bag/data/{name}")),
    );
    for name in &names {
        let bytes = dir.read(name);
        let step = (bytes.len() / 6).max(1);
        for at in (0..bytes.len()).step_by(step).chain([bytes.len() - 1]) {
            dir.flip(name, at);
            assert!(dir.ends(1, &["verify", "bag"]).contains("damaged: bag/"), "{name} {at}");
            dir.create(name, &bytes);
        }
        fs::remove_file(dir.path(name)).unwrap();
        let said = dir.ends(1, &["verify", "bag"]);
        assert!(said.contains(name.as_str()), "{name}: {said}");
        dir.create(name, bytes);
    }
    for name in ["bag/more.txt", "bag/data/more.txt"] {
        dir.create(name, "x");
        assert!(dir.ends(1, &["verify", "bag"]).contains(&format!("{name} was not there")));
        fs::remove_file(dir.path(name)).unwrap();
    }
    dir.good(&["verify", "bag"]);
    // A build of the same replaces it; what others put there is not lost; nothing is added to it.
    dir.good(&["build", "posts.jsonl", "-o", "bag", "--bag", "--quiet"]);
    dir.create("more.jsonl", "{\"id\":\"x\",\"text\":\"x\"}\n");
    assert!(dir.ends(2, &["add", "bag", "more.jsonl"]).contains("bag: a bag is kept as it was made"));
    dir.create("bag/notes.txt", "x");
    assert!(dir.ends(2, &["build", "posts.jsonl", "-o", "bag", "--quiet"]).contains("it holds notes.txt"));
}

#[test]
fn a_bag_says_what_it_is() {
    let dir = Dir::new();
    dir.create("meta.toml", "creator = \"Ana\"\npublisher = \"Harbour\\n Museum\"\n");
    let build = [
        "build",
        "posts.jsonl",
        "-o",
        "bag",
        "--bag",
        "--quiet",
        "--title",
        "A <b>\nstorm",
        "--licence",
        "CC-BY-4.0",
        "--meta",
        "meta.toml",
    ];
    dir.good(&build);
    let info = String::from_utf8(dir.read("bag/bag-info.txt")).unwrap();
    assert!(
        info.contains("Source-Organization: Harbour Museum\nExternal-Description: A <b> storm\nExternal-Identifier: "),
        "{info}"
    );
    assert!(!info.contains("Bagging-Date"), "{info}");
    let about = |dir: &Dir| -> Value {
        let text = dir.read("bag/data/ro-crate-metadata.json");
        let crate_: Value = serde_json::from_slice(&text).unwrap();
        let graph = crate_["@graph"].as_array().unwrap().clone();
        assert_eq!(graph[0]["conformsTo"]["@id"], "https://w3id.org/ro/crate/1.1");
        // Every part is described, and there.
        for part in graph[1]["hasPart"].as_array().unwrap() {
            assert!(graph.iter().any(|entity| entity["@id"] == part["@id"] && entity["@type"] == "File"));
            assert!(dir.path("bag/data").join(part["@id"].as_str().unwrap()).is_file(), "{part}");
        }
        graph[1].clone()
    };
    let root = about(&dir);
    assert_eq!((&root["@id"], &root["@type"]), (&Value::from("./"), &Value::from("Dataset")));
    assert_eq!(root["license"]["@id"], "https://creativecommons.org/licenses/by/4.0/");
    assert_eq!((&root["creator"], &root["datePublished"]), (&Value::from("Ana"), &Value::from("2024-04-16")));
    let output = dir.command(&build).env("SOURCE_DATE_EPOCH", "1700000000").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8(dir.read("bag/bag-info.txt")).unwrap().contains("Bagging-Date: 2023-11-14\n"));
    assert_eq!(about(&dir)["datePublished"], "2023-11-14");
    let output = dir.command(&build).env("SOURCE_DATE_EPOCH", "soon").output().unwrap();
    assert!(output.status.code() == Some(2) && printed(&output).contains("SOURCE_DATE_EPOCH=soon"), "{output:?}");
    dir.ends(2, &["build", "posts.jsonl", "-o", "x.fonds", "--bag"]);
    dir.ends(2, &["build", "posts.jsonl", "--zip", "x.zip", "--bag"]);
    dir.good(&["merge", "bag", "bag", "--keep", "-o", "both", "--bag", "--quiet"]);
    dir.good(&["verify", "both"]);
    assert!(Path::new(&dir.path("both/data/posts.jsonl.gz")).is_file());
}
