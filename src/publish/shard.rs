//! Shards: the container cut into files that a page can load as classic scripts, and the manifest that lists them.
//!
//! A shard holds whole blocks of one section, at most [`MAX_SHARD_LEN`] bytes decoded; the first holds header and root. Together,
//! in order, they are the container.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::manifest::{self, Manifest, Part, Shard};
use crate::format::block::BLOCK_ALIGN;
use crate::format::{BlockRef, Header, Section};
use crate::searcher::Archive;

/// Longest shard, decoded: a block may be as long, and a reader bounds by it what it allocates.
pub const MAX_SHARD_LEN: u64 = 256 * 1024;

/// Shards end before they outgrow this, unless one block alone does. Where ranges cannot be had a shard is the least that a page
/// can load.
const SHARD_LEN: u64 = 128 * 1024;

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
        let ranges = cut(&archive.container().places_in(container, section)?);
        shards.extend(ranges.into_iter().zip(0..).map(|(range, ord)| shard(section.name(), ord, range, container)));
    }
    let (sha256, len) = (hex(&Sha256::digest(container)), container.len() as u64);
    let id = manifest::short_name(&sha256);
    Ok(Manifest {
        archive: id.clone(),
        sha256,
        title: archive.root().title.clone(),
        lang: archive.root().lang.clone(),
        len,
        shards,
        segments: vec![Part { archive: id, base: 0, len }],
        hidden: None,
    })
}

/// The bytes of a shard of a container.
#[must_use]
pub fn bytes_of(container: &[u8], shard: &Shard) -> Vec<u8> {
    let range = shard.offset as usize..(shard.offset + shard.len) as usize;
    container.get(range).unwrap_or_default().to_vec()
}

/// Ranges of the container that become the shards of a section of these blocks.
fn cut(blocks: &[BlockRef]) -> Vec<std::ops::Range<u64>> {
    let mut ranges: Vec<std::ops::Range<u64>> = Vec::new();
    for block in blocks {
        let end = block.end().next_multiple_of(BLOCK_ALIGN);
        match ranges.last_mut() {
            Some(last) if end - last.start <= SHARD_LEN => last.end = end,
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
            builder.add(&Record { text: format!("{noise} {}", noise.repeat(6)), ..Record::default() });
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
        assert!(manifest.parts().iter().all(|(_, json)| !json.contains('<')));
    }
}
