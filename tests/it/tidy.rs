//! Rules of the repository that can be checked line by line.

use std::fs;
use std::path::Path;

use fonds::format::Section;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder that the repository keeps, as paths from the root with `/`.
fn files(folder: &str) -> Vec<String> {
    let made = ["target", "dist", "node_modules", "corpus", "artifacts", "coverage", ".git", ".cache", "__pycache__"];
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(folder) else { continue };
        for entry in entries.map(|entry| entry.unwrap().path()) {
            let name = entry.file_name().unwrap().to_string_lossy().into_owned();
            if entry.is_file() {
                found.push(relative(&entry));
            } else if !made.contains(&name.as_str()) {
                folders.push(entry);
            }
        }
    }
    found.sort();
    found
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/")
}

/// The lines of a file that are code, numbered from 1: neither comments that fill a line, nor the file's own tests.
fn code(file: &str) -> Vec<(usize, String)> {
    let text = fs::read_to_string(root().join(file)).unwrap_or_default();
    (1..)
        .zip(text.lines().map(str::to_owned))
        .take_while(|(_, line)| !(line.starts_with("#[cfg(") && line.contains("test")))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .collect()
}

/// Fails with every line of these files that holds one of the words.
fn forbid(files: Vec<String>, words: &[&str], rule: &str) {
    assert!(!files.is_empty(), "no file is looked at: {rule}");
    let mut broken = Vec::new();
    for file in files {
        for (number, line) in code(&file) {
            if words.iter().any(|word| line.contains(word)) {
                broken.push(format!("{file}:{number}: {}", line.trim()));
            }
        }
    }
    assert!(broken.is_empty(), "{rule}:\n{}", broken.join("\n"));
}

fn sources(is_meant: impl Fn(&str) -> bool) -> Vec<String> {
    files("src")
        .into_iter()
        .filter(|file| Path::new(file).extension().is_some_and(|extension| extension == "rs") && is_meant(file))
        .collect()
}

fn is_program(file: &str) -> bool {
    file.starts_with("src/cli/") || file == "src/main.rs"
}

fn is_edge(file: &str) -> bool {
    is_program(file) || file.starts_with("src/publish/")
}

#[test]
fn the_page_makes_no_markup_of_text() {
    let sinks = [
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "DOMParser",
        "srcdoc",
    ];
    forbid(files("www"), &sinks, "archive text is data: use createElement and textContent");
}

#[test]
fn only_the_program_prints() {
    forbid(sources(|file| !is_program(file)), &["println!", "print!(", "dbg!("], "only the program prints");
}

#[test]
fn the_core_reads_no_file_clock_or_environment() {
    let outside = [
        "std::fs",
        "std::env",
        "std::net",
        "std::process",
        "std::thread",
        "Instant::now",
        "SystemTime::now",
        "Timestamp::now",
    ];
    forbid(sources(|file| !is_edge(file)), &outside, "the core does no I/O, reads no clock and starts no thread");
}

#[test]
fn dependencies_point_one_way() {
    let reads = |file: &str| {
        ["src/query/", "src/searcher/", "src/text/"].iter().any(|folder| file.starts_with(folder))
            || file.ends_with("/reader.rs")
            || ["src/collector.rs", "src/snippet.rs"].contains(&file)
    };
    forbid(sources(reads), &["::writer", "writer::", "Writer"], "readers never use writers");
    let format = sources(|file| file.starts_with("src/format/"));
    let above = ["crate::record", "crate::query", "crate::index", "crate::store", "crate::facet", "crate::text"];
    forbid(format, &above, "format knows no record and no query");
    let text = sources(|file| file.starts_with("src/text/"));
    forbid(text, &["crate::query", "crate::format", "crate::record"], "text knows words alone");
    let core = sources(|file| !is_edge(file) && file != "src/lib.rs");
    forbid(core, &["crate::cli", "crate::publish"], "nothing in the core knows the program");
}

#[test]
fn one_file_knows_the_page() {
    let page = ["wasm_bindgen", "js_sys", "web_sys"];
    let is_border = |file: &str| file == "src/wasm.rs" || file.starts_with("src/wasm/");
    forbid(sources(|file| !is_border(file)), &page, "only src/wasm.rs and what is in src/wasm know the page");
}

#[test]
fn the_format_is_written_down() {
    let Ok(text) = fs::read_to_string(root().join("docs/FORMAT.md")) else {
        eprintln!("note: docs/FORMAT.md is not there, so nothing says what the sections are");
        return;
    };
    for section in Section::ALL {
        assert!(text.contains(&format!("`{}`", section.name())), "docs/FORMAT.md does not name `{}`", section.name());
    }
}

#[test]
fn no_path_of_a_machine_is_kept() {
    let mut kept: Vec<String> = ["src", "tests", "www", "docs"].into_iter().flat_map(files).collect();
    let entries = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path());
    kept.extend(entries.filter(|entry| entry.is_file() && !entry.ends_with(".git")).map(|entry| relative(&entry)));
    let paths = ["work", "home", "root", "Users"].map(|name| format!("/{name}/"));
    // A path begins where no word goes on: an address such as `https://host/home/` names none.
    let begins = |line: &str, at: usize| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "./~-_)}>".contains(c));
    for file in kept.iter().filter(|file| !file.starts_with("tests/samples/")) {
        let Ok(text) = fs::read_to_string(root().join(file)) else { continue };
        for (number, line) in (1..).zip(text.lines()) {
            let names = |path: &String| line.match_indices(path.as_str()).any(|(at, _)| begins(line, at));
            assert!(!paths.iter().any(names), "{file}:{number} names a path of a machine: {line}");
        }
    }
}

/// Dependencies of the program and the core; what only tests need is not published.
#[test]
fn every_dependency_has_its_reason_and_the_crate_no_unsafe_code() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(
        manifest.contains("\nunsafe_code = \"forbid\"\n"),
        "what is forbidden cannot be allowed anywhere in the crate"
    );
    // One comment stands above all of these.
    let at_the_border = ["serde =", "serde-wasm-bindgen =", "wasm-bindgen =", "web-sys ="];
    let (mut is_dependency, mut has_reason, mut count) = (false, false, 0);
    for line in manifest.lines() {
        if line.starts_with('[') {
            is_dependency = line.ends_with("dependencies]");
        } else if is_dependency && !line.is_empty() && !line.starts_with('#') {
            let is_named =
                has_reason || line.contains(" # ") || at_the_border.iter().any(|name| line.starts_with(name));
            assert!(is_named, "Cargo.toml does not say why this is needed: {line}");
            count += 1;
        }
        has_reason = line.starts_with('#');
    }
    assert!(count > 30, "{count} dependencies were looked at");
}

/// What SECURITY.md claims is shown by tests, and those that it names are there.
#[test]
fn every_test_that_a_claim_names_is_there() {
    let page = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let table = page.split("\n## What shows it\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let scripts: Vec<String> = ["tests/www", "tests/browser"].into_iter().flat_map(files).collect();
    let sources = files("src");
    let reads = |file: &str| fs::read_to_string(root().join(file)).unwrap_or_default();
    let mut count = 0;
    for row in table.lines().filter(|line| line.starts_with('|')).skip(2) {
        let (_, shown_by) = row.trim_matches('|').split_once('|').unwrap();
        let names: Vec<&str> = shown_by.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "SECURITY.md claims what no test shows: {row}");
        for name in names {
            let is_there = if let Some((script, title)) = name.split_once(".test.mjs: ") {
                let script = format!("/{script}.test.mjs");
                scripts.iter().any(|file| file.ends_with(&script) && reads(file).contains(title))
            } else {
                let (place, test) = name.split_once("::").unwrap();
                let test = format!("fn {test}(");
                let is_in = |file: &String| match place.strip_suffix(".rs") {
                    Some(_) => file.ends_with(&format!("/{place}")),
                    None => *file == format!("tests/it/{place}.rs"),
                };
                files("tests/it").iter().chain(&sources).any(|file| is_in(file) && reads(file).contains(&test))
            };
            assert!(is_there, "SECURITY.md names a test that is not there: {name}");
            count += 1;
        }
    }
    assert!(count > 50, "{count} names were looked at");
}
