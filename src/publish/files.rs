//! The files of a published folder.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::manifest::Manifest;
use super::media::MediaFiles;
use super::page::{self, Page};
use super::published::SUMS;
use super::{assets, manifest, posts, shard};
use crate::builder::Built;
use crate::error::Result;
use crate::ingest::FORMATS;
use crate::searcher::{Root, SourceAccount};

/// What was skipped in a source that `provenance.json` lists; `skipped.jsonl` has all.
const MAX_SKIPPED: usize = 100;

/// What is published beside the container.
#[derive(Debug)]
pub struct Publication<'a> {
    /// The archive.
    pub built: &'a Built,
    /// Lines of `skipped.jsonl`, one for each record that was not read.
    pub skipped: &'a str,
    /// Whether to write the monthly pages.
    pub pages: bool,
    /// What stands in `media/`.
    pub media: &'a MediaFiles,
}

/// Every file of the folder but its media, by path.
///
/// # Errors
/// The container does not open.
pub fn files(publication: &Publication<'_>) -> Result<BTreeMap<String, Vec<u8>>> {
    let built = publication.built;
    let shards = shard::manifest(&built.container)?;
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut put = |path: &str, bytes: &[u8]| {
        files.insert(path.to_owned(), bytes.to_vec());
    };
    let newest = posts::newest(built, publication.pages)?;
    let title = &built.root.title;
    put("index.html", index(&built.root, &shards, &newest).as_bytes());
    put("fonds/app.js", assets::APP.as_bytes());
    put("fonds/room.js", assets::ROOM.as_bytes());
    put("fonds/desk.js", assets::DESK.as_bytes());
    put("fonds/worker.js", worker_script().as_bytes());
    put("fonds/core.js", shard::script("core", assets::CORE).as_bytes());
    put("fonds/more.js", shard::script("more", assets::MORE).as_bytes());
    put("fonds/posts.css", posts::style().as_bytes());
    put("embed.js", assets::EMBED.as_bytes());
    for (name, json) in shards.parts() {
        put(&format!("archive/{name}.js"), manifest::script(&name, &json).as_bytes());
    }
    for shard in &shards.shards {
        let end = shard.offset + shard.len;
        let bytes = built.container.get(shard.offset as usize..end as usize).unwrap_or_default();
        put(&format!("archive/{}.js", shard.name), shard::script(&shard.name, bytes).as_bytes());
    }
    if publication.pages {
        for (path, html) in posts::pages(built)? {
            put(&path, html.as_bytes());
        }
    }
    put("provenance.json", provenance(title, &shards.archive, &built.root.sources, publication.skipped).as_bytes());
    put("skipped.jsonl", publication.skipped.as_bytes());
    put("README.txt", readme(title, publication).as_bytes());
    let sums = sums(&files, publication.media);
    files.insert(SUMS.to_owned(), sums.into_bytes());
    Ok(files)
}

fn index(root: &Root, shards: &Manifest, newest: &str) -> String {
    page::render(&Page { title: &root.title, lang: &root.lang, shards, posts: newest, parts: "", scripts: &[] })
}

/// The worker's source as a part: one JSON string.
fn worker_script() -> String {
    format!("fondsShard(\"worker\",{});\n", Value::from(assets::WORKER))
}

/// `SHA256SUMS`: every other file of the folder, as `sha256sum -c` reads it.
#[must_use]
pub fn sums(files: &BTreeMap<String, Vec<u8>>, media: &MediaFiles) -> String {
    let files = files.iter().map(|(path, bytes)| (path, Sha256::digest(bytes).into()));
    let digests: BTreeMap<&String, [u8; 32]> =
        files.chain(media.iter().map(|(path, file)| (path, file.sha256))).collect();
    digests.iter().map(|(path, digest)| format!("{}  {path}\n", shard::hex(digest))).collect()
}

/// `provenance.json`: where the records came from and what became of them.
fn provenance(title: &str, archive: &str, sources: &[SourceAccount], skipped: &str) -> String {
    let whole = |source: &SourceAccount| {
        let mut account = account(source);
        let first = skipped.lines().filter(|line| is_skipped_of(&source.name, line)).take(MAX_SKIPPED);
        let first: Vec<Value> = first.filter_map(|line| serde_json::from_str(line).ok()).collect();
        if let Some(account) = account.as_object_mut().filter(|_| !first.is_empty()) {
            account.insert("skipped_first".to_owned(), first.into());
        }
        account
    };
    let value = json!({
        "title": title,
        "archive": archive,
        "made_by": concat!("fonds ", env!("CARGO_PKG_VERSION")),
        "sources": sources.iter().map(whole).collect::<Vec<_>>(),
    });
    format!("{value:#}\n")
}

/// Whether a line of `skipped.jsonl` is of the source called `name`: of itself, or of a file in it.
#[must_use]
pub fn is_skipped_of(name: &str, line: &str) -> bool {
    let entry = serde_json::from_str::<Value>(line).ok();
    let file = entry.as_ref().and_then(|entry| entry.get("file")?.as_str());
    file.and_then(|file| file.strip_prefix(name)).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A source's account, as in `provenance.json` and `fonds inspect --json`.
#[must_use]
pub fn account(source: &SourceAccount) -> Value {
    let format = FORMATS.iter().find(|format| format.name == source.format);
    json!({
        "name": source.name,
        "size": source.size,
        "sha256": source.sha256_hex(),
        "format": source.format,
        "in": source.found(),
        "read": source.read,
        "merged": source.merged,
        "removed": source.removed,
        "skipped": source.skipped,
        "unreadable_dates": source.unreadable_dates,
        "recognised_by": format.map(|format| format.recognised_by),
        "never_held": format.map(|format| format.lacks),
        "dropped": source.dropped,
        "redacted": source.redacted,
        "notes": source.notes,
    })
}

fn readme(title: &str, publication: &Publication<'_>) -> String {
    let media = if publication.media.is_empty() { "" } else { "media/            pictures and files of the posts\n" };
    let posts = if publication.pages {
        "posts/            the same posts as plain web pages, for browsers without scripts\n"
    } else {
        ""
    };
    format!(
        "{title}\n\n\
         Open index.html in a browser: it works from a disk, offline, and on any web server.\n\
         If this folder is inside a zip, extract the zip first.\n\n\
         {posts}{media}\
         archive/          the posts and their index; docs/FORMAT.md of the fonds program specifies every byte\n\
         provenance.json   where the posts came from, and how many were read, merged, removed and skipped\n\
         skipped.jsonl     what could not be read, with place and reason\n\
         SHA256SUMS        checksums of every other file: sha256sum -c SHA256SUMS, or fonds verify .\n\
         embed.js          <script src=\"embed.js\"></script> <fonds-archive src=\"index.html\"></fonds-archive>\n\n\
         Made with fonds {}.\n",
        env!("CARGO_PKG_VERSION"),
    )
}
