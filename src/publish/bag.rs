//! A bag: a published folder as libraries and archives keep things ([BagIt, RFC 8493](https://www.rfc-editor.org/rfc/rfc8493)),
//! described as a research object ([RO-Crate 1.1](https://w3id.org/ro/crate/1.1)).
//!
//! ```text
//! bagit.txt                   that it is a bag
//! bag-info.txt                what is in it, and how much
//! manifest-sha256.txt         the SHA-256 of every file of data/
//! tagmanifest-sha256.txt      those of the three above
//! data/                       the folder: index.html, archive/, SHA256SUMS, …
//! data/posts.jsonl.gz         every post as a line of JSON, for whoever has no use for the rest
//! data/ro-crate-metadata.json what the archive is, in the words of schema.org
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Result;
use flate2::{Compression, GzBuilder};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::Publication;
use super::media::MediaFiles;
use super::published::{NoDigest, SUMS, list as list_files, read_file};
use super::shard::hex;
use crate::record::Record;
use crate::record_json::to_json;

/// The folder of a bag that holds what it was made for.
pub const PAYLOAD: &str = "data";

/// The list of the lists of files, which stands for all of a bag.
pub const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";

/// The signature of that list, where whoever publishes the bag has put one there.
const TAG_SIGNATURE: &str = "tagmanifest-sha256.txt.minisig";

/// The file that makes a folder a bag, and what it says.
const DECLARATION: &str = "bagit.txt";
const DECLARED: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

const INFO: &str = "bag-info.txt";
const MANIFEST: &str = "manifest-sha256.txt";

/// Files that every bag has beside its payload.
const TAG_FILES: [&str; 4] = [DECLARATION, INFO, MANIFEST, TAG_MANIFEST];

/// Every post, packed.
pub(super) const POSTS: &str = "posts.jsonl.gz";

/// What the archive is; its name is RO-Crate's.
pub(super) const CRATE: &str = "ro-crate-metadata.json";

/// Longest tag file that is read into memory, in bytes.
const MAX_TAG_LEN: u64 = 128 << 20;

/// Whether this is a bag, or a damaged one: what it is declared by may be lost, but not what is in it and all its lists.
#[must_use]
pub fn is_bag(path: &Path) -> bool {
    path.join(PAYLOAD).is_dir() && [DECLARATION, MANIFEST, TAG_MANIFEST].iter().any(|name| path.join(name).is_file())
}

/// Whether fonds puts a file of this path into a bag, or its signature, beside the payload.
#[must_use]
pub fn is_tag_file(name: &str) -> bool {
    TAG_FILES.contains(&name)
}

/// What stands in the payload beside what every folder has. `date` is the day of publication, where it is known.
///
/// # Errors
/// A record cannot be read.
pub fn beside<E: Into<anyhow::Error>>(
    publication: &Publication<'_>,
    date: Option<&str>,
    records: impl IntoIterator<Item = Result<Record, E>>,
) -> Result<BTreeMap<String, Vec<u8>>> {
    // Neither a name nor a time: the same posts give the same bytes.
    let mut packed = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    let (mut first, mut last): (Option<String>, Option<String>) = (None, None);
    for record in records {
        let record = record.map_err(Into::into)?;
        writeln!(packed, "{}", Value::from(to_json(&record)))?;
        if let Some(date) = &record.date {
            first.get_or_insert_with(|| date.text.clone());
            last = Some(date.text.clone());
        }
    }
    let span = first.zip(last);
    let described = describe(publication, date, span.as_ref().map(|(first, last)| (first.as_str(), last.as_str())));
    Ok(BTreeMap::from([
        (POSTS.to_owned(), packed.finish()?),
        (CRATE.to_owned(), format!("{described:#}\n").into_bytes()),
    ]))
}

/// `ro-crate-metadata.json`. `span` is of the first and the last date of a post.
fn describe(publication: &Publication<'_>, date: Option<&str>, span: Option<(&str, &str)>) -> Value {
    let Publication { title, manifest, owner, sources, .. } = publication;
    let metadata = &owner.metadata;
    let mut root = Map::new();
    let mut put = |name: &str, value: Option<Value>| root.extend(value.map(|value| (name.to_owned(), value)));
    put("@id", Some(json!("./")));
    put("@type", Some(json!("Dataset")));
    put("name", Some(json!(title)));
    let about = || {
        format!(
            "An archive of posts, made by fonds out of {}",
            names(sources.iter().map(|source| source.name.as_str()))
        )
    };
    put("description", Some(json!(metadata.first("description").map_or_else(about, str::to_owned))));
    put("identifier", Some(json!(metadata.first("identifier").unwrap_or(&manifest.archive))));
    // The standard wants a date: when it is not said, that of the newest post.
    let day = |date: &str| date.chars().take(10).collect::<String>();
    let published = date.or_else(|| metadata.first("date")).or(span.map(|(_, last)| last)).map(day);
    put("datePublished", published.map(|date| json!(date)));
    put("temporalCoverage", span.map(|(first, last)| json!(format!("{}/{}", day(first), day(last)))));
    put("creator", metadata.first("creator").map(|name| json!(name)));
    put("publisher", metadata.first("publisher").map(|name| json!(name)));
    put("inLanguage", metadata.first("language").map(|name| json!(name)));
    let licence = owner.licence.as_ref();
    put(
        "license",
        licence.map(|licence| licence.url.as_ref().map_or_else(|| json!(licence.text), |url| json!({"@id": url}))),
    );
    put("url", owner.address.as_ref().map(|address| json!(address.as_str())));
    let files = [
        ("index.html", "text/html", "The archive, to be opened in a browser"),
        (POSTS, "application/gzip", "Every post as a line of JSON"),
        ("provenance.json", "application/json", "Where the posts came from, and what became of each"),
        ("skipped.jsonl", "application/x-ndjson", "What could not be read"),
        (SUMS, "text/plain", "The SHA-256 of every other file"),
    ];
    put("hasPart", Some(files.iter().map(|(name, ..)| json!({"@id": name})).collect()));
    let mut graph = vec![
        json!({
            "@id": CRATE,
            "@type": "CreativeWork",
            "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
            "about": {"@id": "./"},
        }),
        Value::from(root),
    ];
    let file = |(name, kind, what): &(&str, &str, &str)| json!({"@id": name, "@type": "File", "encodingFormat": kind, "name": what});
    graph.extend(files.iter().map(file));
    if let Some((licence, url)) = licence.and_then(|licence| Some((licence, licence.url.as_ref()?))) {
        graph.push(json!({"@id": url, "@type": "CreativeWork", "name": licence.text}));
    }
    json!({"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": graph})
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    names.join(", ")
}

/// The files of a folder as those of a bag, and its media likewise.
#[must_use]
pub fn packed(
    publication: &Publication<'_>,
    date: Option<&str>,
    files: BTreeMap<String, Vec<u8>>,
    media: &MediaFiles,
) -> (BTreeMap<String, Vec<u8>>, MediaFiles) {
    let in_payload = |name: &str| format!("{PAYLOAD}/{name}");
    let media: MediaFiles = media.iter().map(|(name, file)| (in_payload(name), file.clone())).collect();
    let mut bag: BTreeMap<String, Vec<u8>> =
        files.into_iter().map(|(name, bytes)| (in_payload(&name), bytes)).collect();
    let mut digests: BTreeMap<&str, String> =
        bag.iter().map(|(name, bytes)| (name.as_str(), hex(&Sha256::digest(bytes)))).collect();
    digests.extend(media.iter().map(|(name, file)| (name.as_str(), hex(&file.sha256))));
    let len: u64 = bag.values().map(|bytes| bytes.len() as u64).chain(media.values().map(|file| file.len)).sum();
    let info = info(publication, date, len, digests.len());
    let manifest = list(&digests);
    let mut tags = BTreeMap::from([
        (DECLARATION.to_owned(), DECLARED.to_owned().into_bytes()),
        (INFO.to_owned(), info.into_bytes()),
        (MANIFEST.to_owned(), manifest.into_bytes()),
    ]);
    let of_tags = tags.iter().map(|(name, bytes)| (name.as_str(), hex(&Sha256::digest(bytes)))).collect();
    let tag_manifest = list(&of_tags).into_bytes();
    tags.insert(TAG_MANIFEST.to_owned(), tag_manifest);
    bag.extend(tags);
    (bag, media)
}

/// Lines of a manifest, in order of the paths. No name that fonds writes has a character that would have to be escaped.
fn list(digests: &BTreeMap<&str, String>) -> String {
    let mut lines = String::new();
    for (name, digest) in digests {
        let _ = writeln!(lines, "{digest}  {name}");
    }
    lines
}

/// `bag-info.txt`.
fn info(publication: &Publication<'_>, date: Option<&str>, len: u64, num_files: usize) -> String {
    let Publication { title, manifest, owner, .. } = publication;
    let mut lines = String::new();
    let mut put = |name: &str, value: &str| {
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        if !value.is_empty() {
            let _ = writeln!(lines, "{name}: {value}");
        }
    };
    put("Source-Organization", owner.metadata.first("publisher").unwrap_or_default());
    put("External-Description", title);
    put("External-Identifier", &manifest.archive);
    put("Bagging-Date", date.unwrap_or_default());
    put("Payload-Oxum", &format!("{len}.{num_files}"));
    put("Bag-Software-Agent", concat!("fonds ", env!("CARGO_PKG_VERSION")));
    lines
}

/// What of a bag is not as it was written, as sentences: a missing or changed tag file, lists that are not those of these files, what
/// was added. `digests` are those of the payload, by their paths in it, as they are now.
///
/// # Errors
/// The bag cannot be listed.
pub fn check(path: &Path, digests: &BTreeMap<String, String>) -> io::Result<Vec<String>> {
    let mut wrong = Vec::new();
    let place = |name: &str| path.join(name).display().to_string();
    let mut names = Vec::new();
    list_files(path, "", &mut names)?;
    names.sort();
    let added = |name: &&String| !name.starts_with("data/") && !is_tag_file(name) && *name != TAG_SIGNATURE;
    wrong.extend(names.iter().filter(added).map(|name| format!("{} was not there when the bag was made", place(name))));
    let mut found: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for name in TAG_FILES {
        let file = path.join(name);
        let read = || if file.is_symlink() { Err(NoDigest::Link) } else { Ok(read_file(&file, MAX_TAG_LEN)?) };
        match read() {
            Ok(bytes) => _ = found.insert(name, bytes),
            Err(error) => wrong.push(format!("{} {error}", place(name))),
        }
    }
    let changed = |name: &str| format!("{} has changed since the bag was made", place(name));
    if found.get(DECLARATION).is_some_and(|bytes| bytes != DECLARED.as_bytes()) {
        wrong.push(changed(DECLARATION));
    }
    let in_payload: BTreeMap<String, &String> =
        digests.iter().map(|(name, digest)| (format!("{PAYLOAD}/{name}"), digest)).collect();
    let expected = list(&in_payload.iter().map(|(name, digest)| (name.as_str(), (*digest).clone())).collect());
    if found.get(MANIFEST).is_some_and(|bytes| bytes != expected.as_bytes()) {
        wrong.push(format!("{} does not list the files of {} as they are", place(MANIFEST), place(PAYLOAD)));
    }
    let of_tags = found.iter().filter(|(name, _)| **name != TAG_MANIFEST);
    let of_tags: BTreeMap<&str, String> = of_tags.map(|(name, bytes)| (*name, hex(&Sha256::digest(bytes)))).collect();
    if found.len() == TAG_FILES.len() && found.get(TAG_MANIFEST).is_some_and(|bytes| bytes != list(&of_tags).as_bytes())
    {
        wrong.push(format!("{} does not list {} as they are", place(TAG_MANIFEST), names_of_tags()));
    }
    Ok(wrong)
}

fn names_of_tags() -> String {
    format!("{DECLARATION}, {INFO} and {MANIFEST}")
}
