//! The manifest: which shards there are, so that whoever has the manifest finds every block.
//!
//! ```text
//! archive/manifest.js              version, archive, title, lang, len │ the first shards │ the pages
//! archive/manifest-NNN-HASH8.js    archive │ the shards of a page
//! ```
//!
//! What opening needs is in the first part, whose size hardly grows with the archive: past the first `PAGE_SHARDS` shards it
//! names one page for as many more.
//!
//! An archive of several segments is their containers one behind the other. Its first part names them too, and the part that lists
//! what newer ones hide of older ones: `archive/hidden-HASH8.js`.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::shard::{MAX_SHARD_LEN, hex};
use crate::error::{Error, ErrorKind};
use crate::format::header::{OLDEST, VERSION};

/// Shards in one part. 256 shards of 128 KiB are an archive of 32 MB, whose manifest is one part of 8 KB.
const PAGE_SHARDS: usize = 256;

/// Name of the part that is read first.
pub const FIRST: &str = "manifest";

/// A shard's name and place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Shard {
    /// `SECTION-NNN-HASH8`.
    pub name: String,
    /// First byte of it in the container.
    pub offset: u64,
    /// Decoded length in bytes.
    pub len: u64,
}

/// What all parts of the manifest say together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Manifest {
    /// First 16 hexadecimal digits of the container's SHA-256.
    pub archive: String,
    /// The whole SHA-256; empty where the archive that was read does not say it.
    pub sha256: String,
    /// Title of the archive.
    pub title: String,
    /// Language of the interface.
    pub lang: String,
    /// Length of the container in bytes.
    pub len: u64,
    /// The shards, in order.
    pub shards: Vec<Shard>,
    /// The segments, in order.
    pub segments: Vec<Part>,
    /// Name of the part that lists the hidden records, where there are any.
    pub hidden: Option<String>,
}

/// A segment's place among the others.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Part {
    /// First 16 hexadecimal digits of its container's SHA-256.
    pub archive: String,
    /// Where it begins.
    pub base: u64,
    /// Its length in bytes.
    pub len: u64,
}

/// Why a manifest cannot be read.
#[derive(Debug)]
pub enum Fault<E> {
    /// A part cannot be had.
    Missing(String, E),
    /// A part is not what fonds writes, or belongs to another archive.
    Damaged(String),
    /// It is of another version of the format.
    Version(Error),
}

impl Manifest {
    /// The parts, each with its name, as JSON that is safe in a script and in a page.
    #[must_use]
    pub fn parts(&self) -> Vec<(String, String)> {
        let mut pages = self.shards.chunks(PAGE_SHARDS);
        let first = pages.next().unwrap_or_default();
        let mut names = Vec::new();
        let mut parts = Vec::new();
        for (ord, shards) in pages.enumerate() {
            let text = safe(&json!({"archive": self.archive, "shards": pairs(shards)}));
            let name = format!("{FIRST}-{ord:03}-{}", short_hash(text.as_bytes()));
            names.push(json!([name, shards.first().map_or(0, |shard| shard.offset)]));
            parts.push((name, text));
        }
        let mut first = json!({
            "version": VERSION,
            "archive": self.archive,
            "title": self.title,
            "lang": self.lang,
            "len": self.len,
            "shards": pairs(first),
            "pages": names,
        });
        let Some(fields) = first.as_object_mut() else { return parts };
        if !self.sha256.is_empty() {
            fields.insert("sha256".to_owned(), json!(self.sha256));
        }
        if self.is_of_several() {
            let segment = |part: &Part| json!([part.archive, part.len, self.root_of(part).unwrap_or_default()]);
            fields.insert("segments".to_owned(), self.segments.iter().map(segment).collect());
            fields.insert("hidden".to_owned(), json!(self.hidden));
        }
        parts.insert(0, (FIRST.to_owned(), safe(&first)));
        parts
    }

    /// Whether it is of several segments, or of one of which some records are hidden.
    #[must_use]
    pub fn is_of_several(&self) -> bool {
        self.segments.len() > 1 || self.hidden.is_some()
    }

    /// The manifest of several archives as segments of one, with the bytes of the list of what is hidden of them.
    #[must_use]
    pub fn joined(segments: Vec<Self>, title: &str, lang: &str, hidden: Option<&[u8]>) -> Self {
        let hidden = hidden.map(|list| format!("hidden-{}", short_hash(list)));
        if let (None, [only]) = (&hidden, segments.as_slice()) {
            return Self { title: title.to_owned(), lang: lang.to_owned(), ..only.clone() };
        }
        let mut joined = Self {
            archive: String::new(),
            sha256: String::new(),
            title: title.to_owned(),
            lang: lang.to_owned(),
            len: 0,
            shards: Vec::new(),
            segments: Vec::new(),
            hidden,
        };
        for segment in segments {
            let base = joined.len;
            joined
                .shards
                .extend(segment.shards.into_iter().map(|shard| Shard { offset: shard.offset + base, ..shard }));
            joined.segments.extend(segment.segments.into_iter().map(|part| Part { base: part.base + base, ..part }));
            joined.len += segment.len;
        }
        // Whoever changes what is in it, or what is hidden of it, makes another archive.
        let ids = joined.segments.iter().map(|part| part.archive.as_str()).chain(joined.hidden.as_deref());
        let ids: Vec<&str> = ids.collect();
        joined.sha256 = hex(&Sha256::digest(ids.join(" ")));
        joined.archive = short_name(&joined.sha256);
        joined
    }

    /// The shard that a segment begins with.
    pub(super) fn root_of(&self, part: &Part) -> Option<&str> {
        let place = self.shards.binary_search_by_key(&part.base, |shard| shard.offset).ok()?;
        self.shards.get(place).map(|shard| shard.name.as_str())
    }

    /// The shards of a segment, from its own beginning on.
    #[must_use]
    pub fn segment(&self, part: &Part) -> Self {
        let range = part.base..part.base + part.len;
        let own = self.shards.iter().filter(|shard| range.contains(&shard.offset));
        Self {
            archive: part.archive.clone(),
            sha256: if self.is_of_several() { String::new() } else { self.sha256.clone() },
            title: self.title.clone(),
            lang: self.lang.clone(),
            len: part.len,
            shards: own.map(|shard| Shard { offset: shard.offset - part.base, ..shard.clone() }).collect(),
            segments: vec![Part { base: 0, ..part.clone() }],
            hidden: None,
        }
    }

    /// Reads the manifest; `part` gives the JSON of a part by its name.
    ///
    /// # Errors
    /// A part is missing or damaged, or of another version.
    pub fn read<E>(mut part: impl FnMut(&str) -> Result<String, E>) -> Result<Self, Fault<E>> {
        let mut get = |name: &str| {
            let text = part(name).map_err(|cause| Fault::Missing(name.to_owned(), cause))?;
            serde_json::from_str(&text).map_err(|_| Fault::Damaged(name.to_owned()))
        };
        let value: Value = get(FIRST)?;
        let damaged = || Fault::Damaged(FIRST.to_owned());
        let found = value.get("version").and_then(Value::as_u64).ok_or_else(damaged)?;
        if !(u64::from(OLDEST)..=u64::from(VERSION)).contains(&found) {
            let found = u32::try_from(found).unwrap_or(u32::MAX);
            return Err(Fault::Version(Error::new(ErrorKind::Version { found, supported: VERSION })));
        }
        let mut manifest = Self::first(&value).ok_or_else(damaged)?;
        for page in value.get("pages").and_then(Value::as_array).ok_or_else(damaged)? {
            let (name, offset) = pair(page).ok_or_else(damaged)?;
            let page: Value = get(&name)?;
            let is_ours = page.get("archive").and_then(Value::as_str) == Some(&manifest.archive);
            let is_next = offset == manifest.end();
            (is_ours && is_next && manifest.append(&page).is_some()).then_some(()).ok_or(Fault::Damaged(name))?;
        }
        let has_roots = manifest.segments.iter().all(|part| manifest.root_of(part).is_some());
        let is_whole = manifest.end() == manifest.len && !manifest.shards.is_empty() && has_roots;
        if is_whole { Ok(manifest) } else { Err(damaged()) }
    }

    fn first(value: &Value) -> Option<Self> {
        let text = |key: &str| value.get(key)?.as_str().map(str::to_owned);
        let len = value.get("len")?.as_u64()?;
        let (archive, title, lang) = (text("archive")?, text("title")?, text("lang")?);
        let hidden = match value.get("hidden") {
            None | Some(Value::Null) => None,
            Some(name) => Some(name.as_str().filter(|name| is_plain(name))?.to_owned()),
        };
        let only = vec![Part { archive: archive.clone(), base: 0, len }];
        let segments = value.get("segments").map_or(Some(only), |segments| parts_of(segments, len))?;
        // It says the same at more length, or it is not what fonds writes.
        let sha256 = value.get("sha256").map_or(Some(String::new()), |whole| {
            let whole = whole.as_str().filter(|whole| whole.len() == 64 && whole.starts_with(&archive));
            whole.filter(|whole| whole.bytes().all(|byte| byte.is_ascii_hexdigit())).map(str::to_owned)
        })?;
        let mut manifest = Self { archive, sha256, title, lang, len, shards: Vec::new(), segments, hidden };
        manifest.append(value)?;
        Some(manifest)
    }

    /// Takes over the shards of a part.
    fn append(&mut self, part: &Value) -> Option<()> {
        for shard in part.get("shards")?.as_array()? {
            let (name, len) = pair(shard)?;
            let offset = self.end();
            (len <= MAX_SHARD_LEN).then_some(())?;
            self.shards.push(Shard { name, offset, len });
        }
        Some(())
    }

    /// Where the next shard begins.
    fn end(&self) -> u64 {
        self.shards.last().map_or(0, |shard| shard.offset + shard.len)
    }
}

/// The segments, which fill `len` bytes.
fn parts_of(segments: &Value, len: u64) -> Option<Vec<Part>> {
    let mut parts: Vec<Part> = Vec::new();
    let end = |parts: &[Part]| parts.last().map_or(Some(0), |part| part.base.checked_add(part.len));
    for segment in segments.as_array()? {
        let (archive, len) = pair(segment)?;
        parts.push(Part { archive, base: end(&parts)?, len });
    }
    (end(&parts)? == len && !parts.is_empty()).then_some(parts)
}

/// The digits of a SHA-256 that an archive is called by.
#[must_use]
pub fn short_name(sha256: &str) -> String {
    sha256.chars().take(16).collect()
}

/// First digits of a hash, which end a name.
fn short_hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes)).chars().take(8).collect()
}

fn pairs(shards: &[Shard]) -> Vec<Value> {
    shards.iter().map(|shard| json!([shard.name, shard.len])).collect()
}

/// A name and a number. A name becomes a path: nothing but what fonds itself writes.
fn pair(value: &Value) -> Option<(String, u64)> {
    let name = value.get(0)?.as_str()?;
    is_plain(name).then_some((name.to_owned(), value.get(1)?.as_u64()?))
}

fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// JSON that may stand in a script and in a block of a page: no end of either, and no sign that ends a line in JavaScript alone.
pub(super) fn safe(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

/// The script of a part.
#[must_use]
pub fn script(name: &str, json: &str) -> String {
    format!("fondsShard(\"{name}\",{json});\n")
}

/// The JSON of a part's script.
#[must_use]
pub fn json_of<'a>(name: &str, script: &'a str) -> Option<&'a str> {
    let body = script.strip_prefix("fondsShard(\"")?.strip_prefix(name)?.strip_prefix("\",")?;
    body.trim_end().strip_suffix(");")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn manifest(num_shards: u64) -> Manifest {
        let shard = |ord: u64| Shard { name: format!("store-{ord:03}-0123abcd"), offset: ord * 300, len: 300 };
        let shards: Vec<Shard> = (0..num_shards).map(shard).collect();
        let (archive, title) = ("0123456789abcdef".to_owned(), "</script><x>\u{2028}".to_owned());
        let (len, hidden) = (300 * num_shards, None);
        let segments = vec![Part { archive: archive.clone(), base: 0, len }];
        let sha256 = archive.repeat(4);
        Manifest { archive, sha256, title, lang: "en".to_owned(), len, shards, segments, hidden }
    }

    fn read(parts: &BTreeMap<String, String>) -> Result<Manifest, Fault<()>> {
        Manifest::read(|name| parts.get(name).cloned().ok_or(()))
    }

    #[test]
    fn round_trip_in_any_number_of_parts() {
        for (num_shards, num_parts) in [(1, 1), (256, 1), (257, 2), (512, 2), (2000, 8)] {
            let manifest = manifest(num_shards);
            let parts: BTreeMap<String, String> = manifest.parts().into_iter().collect();
            assert_eq!(parts.len(), num_parts);
            assert!(parts.values().all(|json| !json.contains(['<', '\u{2028}'])));
            assert_eq!(read(&parts).unwrap(), manifest);
            for (name, json) in &parts {
                assert_eq!(json_of(name, &script(name, json)), Some(json.as_str()));
            }
        }
    }

    #[test]
    fn segments_stand_one_behind_the_other_and_come_apart_again() {
        let own = |mut segment: Manifest, archive: &str| {
            archive.clone_into(&mut segment.archive);
            segment.sha256.clear();
            segment.segments[0].archive = archive.to_owned();
            segment
        };
        let segments = [own(manifest(300), "aaaaaaaaaaaaaaaa"), own(manifest(7), "bbbbbbbbbbbbbbbb")];
        let joined = Manifest::joined(segments.to_vec(), &segments[0].title, "en", Some(&[1, 2]));
        let parts: BTreeMap<String, String> = joined.parts().into_iter().collect();
        assert_eq!(read(&parts).unwrap(), joined);
        let apart: Vec<Manifest> = joined.segments.iter().map(|part| joined.segment(part)).collect();
        assert_eq!(apart, segments);
        let other = Manifest::joined(segments.to_vec(), "", "en", None);
        assert_ne!(other.archive, joined.archive);
        // A segment that no shard begins.
        let wrong = parts[FIRST].replace("\"aaaaaaaaaaaaaaaa\",90000", "\"aaaaaaaaaaaaaaaa\",90001");
        let wrong = wrong.replace("\"bbbbbbbbbbbbbbbb\",2100", "\"bbbbbbbbbbbbbbbb\",2099");
        let parts = BTreeMap::from([(FIRST.to_owned(), wrong)]).into_iter().chain(parts.into_iter().skip(1)).collect();
        assert!(matches!(read(&parts), Err(Fault::Damaged(_))));
        let one = segments[0].clone();
        assert_eq!(Manifest::joined(vec![one.clone()], &one.title, "en", None), one);
    }

    #[test]
    fn a_page_that_is_lost_or_of_another_archive_is_named() {
        let parts: BTreeMap<String, String> = manifest(300).parts().into_iter().collect();
        let page = parts.keys().find(|name| *name != FIRST).unwrap();
        let mut lost = parts.clone();
        lost.remove(page);
        assert!(matches!(read(&lost), Err(Fault::Missing(name, ())) if name == *page));
        let mut foreign = parts.clone();
        foreign.insert(page.clone(), parts[page].replace("0123456789abcdef", "f123456789abcdef"));
        assert!(matches!(read(&foreign), Err(Fault::Damaged(name)) if name == *page));
    }

    #[test]
    fn a_hostile_manifest_is_refused() {
        let shards = [r#"[["../x",3]]"#, r#"[["a",999999999]]"#, r#"[["a"]]"#, r#"[["a",-3]]"#, "[]", "{}"];
        for shards in shards {
            for (len, pages) in [(0, "[]"), (3, "[]"), (6, r#"[["p",3]]"#), (999_999_999, "[]")] {
                let json = format!(
                    r#"{{"version":{VERSION},"archive":"","title":"","lang":"","len":{len},"shards":{shards},"pages":{pages}}}"#
                );
                let parts = BTreeMap::from([
                    (FIRST.to_owned(), json),
                    ("p".to_owned(), r#"{"archive":"","shards":[["../b",3]]}"#.to_owned()),
                ]);
                assert!(matches!(read(&parts), Err(Fault::Damaged(_))), "{shards} {len} {pages}");
            }
        }
    }

    #[test]
    fn another_version_is_told_from_damage() {
        let parts: BTreeMap<String, String> = manifest(1).parts().into_iter().collect();
        let newer = parts[FIRST].replace(&format!("\"version\":{VERSION}"), "\"version\":77");
        let parts = BTreeMap::from([(FIRST.to_owned(), newer)]);
        assert!(matches!(read(&parts), Err(Fault::Version(_))));
    }
}
