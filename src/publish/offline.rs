//! The worker that keeps an archive for a visit without a network, where the owner wants one.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::assets;
use super::manifest::Manifest;
use super::owner::Owner;
use super::shard::hex;

/// The worker. It lies in the folder itself, since it may keep nothing from above its own place.
pub(super) const WORKER: &str = "sw.js";

/// Characters of a version.
const VERSION_LEN: usize = 16;

/// Names what is published: any other byte in any file gives another version.
pub(super) fn version<'a>(digests: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    let mut hasher = Sha256::new();
    for (path, digest) in digests {
        hasher.update(format!("{digest}  {path}\n"));
    }
    hex(&hasher.finalize()).chars().take(VERSION_LEN).collect()
}

/// The worker's script; `None` where the owner never spoke of one. One that is no longer wanted must still be there, or else browsers
/// keep the former.
pub(super) fn script(
    owner: &Owner,
    version: &str,
    files: &BTreeMap<String, Vec<u8>>,
    manifest: &Manifest,
) -> Option<String> {
    let kept = if owner.offline? { kept(version, files, manifest) } else { Value::Null };
    Some(format!("self.fondsKept={kept};\n{}", assets::OFFLINE))
}

fn kept(version: &str, files: &BTreeMap<String, Vec<u8>>, manifest: &Manifest) -> Value {
    let path = |name: &str| format!("archive/{name}.js");
    // Every segment is opened by its root.
    let roots: Vec<String> = manifest.segments.iter().filter_map(|part| manifest.root_of(part)).map(path).collect();
    let shards: Vec<String> =
        manifest.shards.iter().map(|shard| path(&shard.name)).filter(|path| !roots.contains(path)).collect();
    // Everything that is no shard: the page's parts, the lists of shards and of hidden posts.
    let is_shell = |name: &&String| {
        *name == "index.html"
            || name.starts_with("fonds/") && name.strip_suffix(".js").is_some()
            || name.starts_with("archive/")
    };
    let known: std::collections::BTreeSet<&String> = shards.iter().chain(&roots).collect();
    let shell: Vec<&String> =
        files.keys().filter(is_shell).filter(|name| !known.contains(name)).chain(&roots).collect();
    let size: u64 = manifest.shards.iter().map(|shard| shard.len.div_ceil(3) * 4).sum();
    json!({"version": version, "shell": shell, "shards": shards, "size": size})
}
