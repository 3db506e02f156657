//! Shards: the container cut into files that a page can load as classic scripts, and the manifest that lists them.
//!
//! A shard holds whole blocks of one section, at most [`MAX_SHARD_LEN`] bytes decoded; the first holds header and root. Together,
//! in order, they are the container.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::format::block::BLOCK_ALIGN;
use crate::format::{Header, Section, SectionTable};
use crate::searcher::Archive;

/// Longest shard, decoded. A page loads one in 2 to 4 ms; longer ones load more than a query needs.
pub const MAX_SHARD_LEN: u64 = 256 * 1024;

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

/// What `archive/manifest.js` says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Manifest {
    /// First 16 hexadecimal digits of the container's SHA-256.
    pub archive: String,
    /// Title of the archive.
    pub title: String,
    /// Language of the interface.
    pub lang: String,
    /// Length of the container in bytes.
    pub len: u64,
    /// The shards, in order.
    pub shards: Vec<Shard>,
}

/// Cuts a container into shards.
///
/// # Errors
/// The container does not open.
pub fn manifest(container: &[u8]) -> crate::error::Result<Manifest> {
    let archive = Archive::open(container)?;
    let header = Header::decode(container)?;
    let root_end = header.root.end().next_multiple_of(BLOCK_ALIGN);
    let mut shards = vec![shard("root", 0, 0..root_end, container)];
    for section in Section::ALL {
        let ranges = cut(&archive.container().table, section);
        shards.extend(ranges.into_iter().zip(0..).map(|(range, ord)| shard(section.name(), ord, range, container)));
    }
    Ok(Manifest {
        archive: hex(&Sha256::digest(container)).chars().take(16).collect(),
        title: archive.root().title.clone(),
        lang: archive.root().lang.clone(),
        len: container.len() as u64,
        shards,
    })
}

/// Ranges of the container that become the shards of a section.
fn cut(table: &SectionTable, section: Section) -> Vec<std::ops::Range<u64>> {
    let mut ranges: Vec<std::ops::Range<u64>> = Vec::new();
    for block in table.blocks(section) {
        let end = block.end().next_multiple_of(BLOCK_ALIGN);
        match ranges.last_mut() {
            Some(last) if end - last.start <= MAX_SHARD_LEN => last.end = end,
            _ => ranges.push(block.offset..end),
        }
    }
    ranges
}

fn shard(section: &str, ord: usize, range: std::ops::Range<u64>, container: &[u8]) -> Shard {
    let bytes = container.get(range.start as usize..range.end as usize).unwrap_or_default();
    let hash: String = hex(&Sha256::digest(bytes)).chars().take(8).collect();
    Shard { name: format!("{section}-{ord:03}-{hash}"), offset: range.start, len: range.end - range.start }
}

/// The script of a part: hands its name and payload to the page. The payload is base64 and needs no escaping.
#[must_use]
pub fn script(name: &str, payload: &[u8]) -> String {
    format!("fondsShard(\"{name}\",\"{}\");\n", STANDARD.encode(payload))
}

/// The payload of a part's script.
#[must_use]
pub fn payload(name: &str, script: &str) -> Option<Vec<u8>> {
    let body = script.strip_prefix("fondsShard(\"")?.strip_prefix(name)?.strip_prefix("\",\"")?;
    STANDARD.decode(body.trim_end().strip_suffix("\");")?).ok()
}

impl Manifest {
    /// The manifest as JSON that is safe in a script and in a page.
    #[must_use]
    pub fn to_json(&self) -> String {
        let shards: Vec<Value> = self
            .shards
            .iter()
            .map(|shard| json!({"name": shard.name, "offset": shard.offset, "len": shard.len}))
            .collect();
        let manifest = json!({
            "version": crate::format::header::VERSION,
            "archive": self.archive,
            "title": self.title,
            "lang": self.lang,
            "len": self.len,
            "shards": shards,
        });
        manifest.to_string().replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
    }

    /// The manifest as a script.
    #[must_use]
    pub fn to_script(&self) -> String {
        format!("fondsShard(\"manifest\",{});\n", self.to_json())
    }

    /// Reads the manifest's script.
    #[must_use]
    pub fn from_script(script: &str) -> Option<Self> {
        Self::from_json(script.strip_prefix("fondsShard(\"manifest\",")?.trim_end().strip_suffix(");")?)
    }

    /// Reads the manifest's JSON.
    #[must_use]
    pub fn from_json(json: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(json).ok()?;
        let text = |key: &str| value.get(key)?.as_str().map(str::to_owned);
        let shard = |value: &Value| {
            let name = value.get("name")?.as_str()?.to_owned();
            // A name becomes a path: nothing but what fonds itself writes.
            let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
            plain.then_some(())?;
            Some(Shard { name, offset: value.get("offset")?.as_u64()?, len: value.get("len")?.as_u64()? })
        };
        let shards: Vec<Shard> = value.get("shards")?.as_array()?.iter().map(shard).collect::<Option<_>>()?;
        let mut end = 0;
        for shard in &shards {
            if shard.offset != end || shard.len > MAX_SHARD_LEN {
                return None;
            }
            end += shard.len;
        }
        let len = value.get("len")?.as_u64()?;
        (len == end && !shards.is_empty()).then_some(())?;
        Some(Self { archive: text("archive")?, title: text("title")?, lang: text("lang")?, len, shards })
    }
}

/// Bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::{BuildOptions, Builder};
    use crate::record::Record;

    #[test]
    fn shards_are_the_container() {
        let mut builder =
            Builder::new(BuildOptions { title: "</script><x>\u{2028}".into(), ..BuildOptions::default() });
        for place in 0..3000u32 {
            // Text that does not compress, so that there are several shards.
            let noise = hex(&Sha256::digest(place.to_le_bytes()));
            builder.add(Record { text: format!("{noise} {}", noise.repeat(6)), ..Record::default() });
        }
        let container = builder.finish().unwrap().container;
        let manifest = manifest(&container).unwrap();
        assert!(manifest.shards.len() > 5);
        let mut joined = Vec::new();
        for shard in &manifest.shards {
            assert!(shard.len <= MAX_SHARD_LEN && shard.offset % BLOCK_ALIGN == 0);
            let bytes = &container[shard.offset as usize..(shard.offset + shard.len) as usize];
            joined.extend(payload(&shard.name, &script(&shard.name, bytes)).unwrap());
        }
        assert!(joined == container);
        assert_eq!(Manifest::from_script(&manifest.to_script()), Some(manifest.clone()));
        assert!(!manifest.to_json().contains('<'));
    }

    #[test]
    fn a_hostile_manifest_is_refused() {
        for shards in [
            r#"[{"name":"../x","offset":0,"len":3}]"#,
            r#"[{"name":"a","offset":1,"len":3}]"#,
            r#"[{"name":"a","offset":0,"len":999999999}]"#,
            r#"[{"name":"a"}]"#,
            "[]",
        ] {
            for len in [0, 3] {
                let json = format!(r#"{{"archive":"","title":"","lang":"","len":{len},"shards":{shards}}}"#);
                assert_eq!(Manifest::from_json(&json), None, "{shards}");
            }
        }
    }
}
