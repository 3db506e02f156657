//! The files of a published folder.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Result;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::card::{self, Extent};
use super::manifest::{Manifest, Shard};
use super::media::MediaFiles;
use super::owner::{Logo, Owner, markup};
use super::page::{self, Page};
use super::posts::Frame;
use super::published::SUMS;
use super::{assets, bag, manifest, offline, posts, shard, words};
use crate::builder::Built;
use crate::ingest::FORMATS;
use crate::record::Record;
use crate::searcher::{Root, SourceAccount};

/// What was skipped in a source that `provenance.json` lists; `skipped.jsonl` has all.
const MAX_SKIPPED: usize = 100;

/// Gives the bytes of a shard.
pub type ReadShard<'a> = Box<dyn Fn(&Shard) -> Result<Vec<u8>> + 'a>;

/// What is published: an archive of one or more segments, and what people see beside it.
pub struct Publication<'a> {
    /// Title of the archive.
    pub title: String,
    /// Language of the interface.
    pub lang: String,
    /// Its shards and segments.
    pub manifest: Manifest,
    /// The bytes of a shard.
    pub shard: ReadShard<'a>,
    /// The list of what newer segments hide of older ones.
    pub hidden: Option<Vec<u8>>,
    /// Files that are there already and stay as they are, with their SHA-256 in hexadecimal.
    pub kept: BTreeMap<String, String>,
    /// What was read from each source.
    pub sources: Vec<SourceAccount>,
    /// Posts of it that say the same as an earlier one in another channel.
    pub num_folded: u32,
    /// Those of each source, as far as it is known.
    pub folded: Vec<Option<u64>>,
    /// The newest posts, as markup.
    pub newest: String,
    /// Paths and markup of the monthly pages; none where there are to be none.
    pub pages: Vec<(String, String)>,
    /// Lines of `skipped.jsonl`, one for each record that was not read.
    pub skipped: String,
    /// What stands in `media/`.
    pub media: MediaFiles,
    /// What the owner says of it, and how it is to look.
    pub owner: Owner,
    /// How much there is in it, and when.
    pub extent: Extent,
    /// Files that stand in the folder beside those of every archive.
    pub beside: BTreeMap<String, Vec<u8>>,
}

impl<'a> Publication<'a> {
    /// What is published of an archive that was just built.
    ///
    /// # Errors
    /// The container does not open, or a record cannot be read back.
    pub fn of_built(
        built: &'a Built,
        skipped: &str,
        pages: bool,
        media: &MediaFiles,
        owner: Owner,
    ) -> crate::error::Result<Self> {
        let Root { title, lang, times, store, sources, dates, .. } = &built.root;
        let dates = dates.as_ref().map(|(first, last)| (first.as_str(), last.as_str()));
        let runs = times.run_ranges().map(|(period, docs)| (period, docs.len()));
        let newest = (0..times.num_dated).rev().chain(times.num_dated..store.num_docs()).take(posts::NEWEST);
        let newest = newest.map(|doc| built.records.get(doc)).collect::<crate::error::Result<Vec<Record>>>()?;
        let pages = if pages {
            posts::pages(&Frame { title, lang, owner: &owner }, &times.zone, built.records.iter())?
        } else {
            Vec::new()
        };
        Ok(Self {
            title: title.clone(),
            lang: lang.clone(),
            manifest: shard::manifest(&built.container)?,
            shard: Box::new(|shard| Ok(shard::bytes_of(&built.container, shard))),
            hidden: None,
            kept: BTreeMap::new(),
            sources: sources.clone(),
            num_folded: built.root.num_folded(),
            folded: built.folded.iter().copied().map(Some).collect(),
            newest: posts::newest(lang, &newest, &times.zone, !pages.is_empty()),
            pages,
            skipped: skipped.to_owned(),
            media: media.clone(),
            owner,
            extent: Extent::new(store.num_docs(), dates, runs),
            beside: BTreeMap::new(),
        })
    }
}

/// Every file of the folder, by path, but its media and those that are kept.
///
/// # Errors
/// A shard cannot be read.
pub fn files(publication: &Publication<'_>) -> Result<BTreeMap<String, Vec<u8>>> {
    let Publication { title, manifest, pages, owner, .. } = publication;
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut put = |path: &str, bytes: &[u8]| {
        files.insert(path.to_owned(), bytes.to_vec());
    };
    put("index.html", index(publication, None).as_bytes());
    put("fonds/app.js", assets::APP.as_bytes());
    put("fonds/room.js", assets::ROOM.as_bytes());
    put("fonds/desk.js", assets::DESK.as_bytes());
    for (name, json) in assets::WORDS {
        put(&format!("fonds/{name}.js"), manifest::script(name, json).as_bytes());
    }
    for (name, json) in words::accounts() {
        put(&format!("fonds/{name}.js"), manifest::script(&name, &json).as_bytes());
    }
    put("fonds/worker.js", worker_script().as_bytes());
    put("fonds/core.js", shard::script("core", core(manifest)).as_bytes());
    if !manifest.is_of_several() {
        put("fonds/more.js", shard::script("more", assets::MORE).as_bytes());
    }
    put("fonds/posts.css", posts::style().as_bytes());
    if !owner.is_silent() {
        put("fonds/owner.js", manifest::script("owner", &manifest::safe(&owner.to_json())).as_bytes());
    }
    if let Some(sheet) = markup::sheet(owner) {
        put("fonds/owner.css", sheet.as_bytes());
    }
    if let Some((name, bytes)) = owner.logo.as_ref().and_then(Logo::file) {
        put(name, bytes);
    }
    if let Some(picture) = card::picture(owner, &publication.extent) {
        put(card::PICTURE, &picture);
    }
    if let Some(answer) = card::oembed(title, owner) {
        put(card::OEMBED, answer.as_bytes());
    }
    put("fonds/account.js", manifest::script("account", &account_part(publication)).as_bytes());
    put("embed.js", assets::EMBED.as_bytes());
    for (name, json) in manifest.parts() {
        put(&format!("archive/{name}.js"), manifest::script(&name, &json).as_bytes());
    }
    if let Some((name, list)) = manifest.hidden.as_ref().zip(publication.hidden.as_ref()) {
        put(&format!("archive/{name}.js"), shard::script(name, list).as_bytes());
    }
    for shard in &manifest.shards {
        let path = format!("archive/{}.js", shard.name);
        if !publication.kept.contains_key(&path) {
            put(&path, shard::script(&shard.name, &(publication.shard)(shard)?).as_bytes());
        }
    }
    for (path, html) in pages {
        put(path, html.as_bytes());
    }
    put("provenance.json", provenance(publication).as_bytes());
    put("skipped.jsonl", publication.skipped.as_bytes());
    put("README.txt", readme(title, publication).as_bytes());
    files.extend(publication.beside.clone());
    if let Some(is_wanted) = owner.offline {
        // The version is of all other bytes, and the page says it.
        let version = offline::version(digests(&files, publication).iter());
        if is_wanted {
            files.insert("index.html".to_owned(), index(publication, Some(&version)).into_bytes());
        }
        if let Some(worker) = offline::script(owner, &version, &files, manifest) {
            files.insert(offline::WORKER.to_owned(), worker.into_bytes());
        }
    }
    let sums: String =
        digests(&files, publication).iter().map(|(path, digest)| format!("{digest}  {path}\n")).collect();
    files.insert(SUMS.to_owned(), sums.into_bytes());
    Ok(files)
}

/// The core that the page starts with: several segments need the whole one.
pub(super) fn core(manifest: &Manifest) -> &'static [u8] {
    if manifest.is_of_several() { assets::MORE } else { assets::CORE }
}

fn index(publication: &Publication<'_>, offline: Option<&str>) -> String {
    let Publication { title, lang, manifest, newest, owner, .. } = publication;
    let head = card::head(title, owner, &publication.extent, lang, false) + &markup::head(owner);
    page::render(&Page {
        title,
        lang,
        owner,
        offline,
        head: &head,
        shards: manifest,
        posts: newest,
        parts: "",
        scripts: &[],
    })
}

/// The worker's source as a part: one JSON string.
fn worker_script() -> String {
    format!("fondsShard(\"worker\",{});\n", Value::from(assets::WORKER))
}

/// The SHA-256 of every file of the folder, by path.
fn digests(files: &BTreeMap<String, Vec<u8>>, publication: &Publication<'_>) -> BTreeMap<String, String> {
    let mut digests = publication.kept.clone();
    digests.extend(publication.media.iter().map(|(path, file)| (path.clone(), shard::hex(&file.sha256))));
    digests.extend(files.iter().map(|(path, bytes)| (path.clone(), shard::hex(&Sha256::digest(bytes)))));
    digests
}

/// `provenance.json`: where the records came from and what became of them.
fn provenance(publication: &Publication<'_>) -> String {
    let Publication { title, manifest, num_folded, owner, .. } = publication;
    let mut value = json!({
        "title": title,
        "archive": manifest.archive,
        "made_by": concat!("fonds ", env!("CARGO_PKG_VERSION")),
        "folded": num_folded,
        "sources": accounts(publication),
    });
    if let Some(fields) = value.as_object_mut() {
        fields.extend(owner.licence.as_ref().map(|licence| ("licence".to_owned(), licence.to_json())));
        let metadata = &owner.metadata;
        fields.extend((!metadata.is_empty()).then(|| ("metadata".to_owned(), metadata.to_json())));
    }
    format!("{value:#}\n")
}

/// The accounts of all sources, each with the first of what was skipped in it.
fn accounts(publication: &Publication<'_>) -> Vec<Value> {
    let whole = |(source, folded): (&SourceAccount, Option<u64>)| {
        let mut account = with_folded(account(source), folded);
        let is_of = |line: &&str| is_skipped_of(source, &publication.sources, line);
        let lines = publication.skipped.lines().filter(is_of).take(MAX_SKIPPED);
        let first: Vec<Value> = lines.filter_map(|line| serde_json::from_str(line).ok()).collect();
        if let Some(account) = account.as_object_mut().filter(|_| !first.is_empty()) {
            account.insert("skipped_first".to_owned(), first.into());
        }
        account
    };
    let folded = publication.folded.iter().copied().chain(std::iter::repeat(None));
    publication.sources.iter().zip(folded).map(whole).collect()
}

/// An account that says how many of its records that were read say the same as earlier ones in other channels, where that is known.
#[must_use]
pub fn with_folded(mut account: Value, folded: Option<u64>) -> Value {
    if let (Some(account), Some(folded)) = (account.as_object_mut(), folded) {
        account.insert("folded".to_owned(), folded.into());
    }
    account
}

/// The part `account`: the accounts as the page shows them to whoever asks, without how skipped records begin.
pub(super) fn account_part(publication: &Publication<'_>) -> String {
    let mut accounts = accounts(publication);
    for entry in accounts.iter_mut().filter_map(|account| account.get_mut("skipped_first")?.as_array_mut()).flatten() {
        if let Some(entry) = entry.as_object_mut() {
            entry.shift_remove("excerpt");
        }
    }
    manifest::safe(&Value::from(accounts))
}

/// Whether a line of `skipped.jsonl` is of a source, which is one of these.
#[must_use]
pub fn is_skipped_of(source: &SourceAccount, sources: &[SourceAccount], line: &str) -> bool {
    let entry = serde_json::from_str::<Value>(line).ok();
    let file = entry.as_ref().and_then(|entry| entry.get("file")?.as_str());
    file.and_then(|file| source_of(sources, file)).is_some_and(|of| of.name == source.name)
}

/// The source that a file is, or lies in: of several within each other the innermost.
#[must_use]
pub fn source_of<'s>(sources: &'s [SourceAccount], file: &str) -> Option<&'s SourceAccount> {
    let is_in = |name: &str| file.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    sources.iter().filter(|source| is_in(&source.name)).max_by_key(|source| source.name.len())
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
    let has_media = !publication.media.is_empty() || publication.kept.keys().any(|path| path.starts_with("media/"));
    let media = if has_media { "media/            pictures and files of the posts\n" } else { "" };
    let posts = if publication.pages.is_empty() {
        ""
    } else {
        "posts/            the same posts as plain web pages, for browsers without scripts\n"
    };
    let mut beside = String::new();
    for (name, what) in [(bag::POSTS, "every post as a line of JSON"), (bag::CRATE, "what this is, for catalogues")] {
        if publication.beside.contains_key(name) {
            let _ = writeln!(beside, "{name:18}{what}");
        }
    }
    format!(
        "{title}\n\n\
         Open index.html in a browser: it works from a disk, offline, and on any web server.\n\
         If this folder is inside a zip, extract the zip first.\n\n\
         {posts}{media}\
         archive/          the posts and their index; docs/FORMAT.md of the fonds program specifies every byte\n\
         provenance.json   where the posts came from, and how many were read, merged, removed and skipped\n\
         skipped.jsonl     what could not be read, with place and reason\n\
         {beside}\
         SHA256SUMS        checksums of every other file: sha256sum -c SHA256SUMS, or fonds verify .\n\
         embed.js          <script src=\"embed.js\"></script> <fonds-archive src=\"index.html\"></fonds-archive>\n\n\
         Made with fonds {}.\n",
        env!("CARGO_PKG_VERSION"),
    )
}
