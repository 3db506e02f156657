//! The single html: everything in one file, which also works in a sandboxed frame on a disk.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::owner::markup;
use super::page::{self, Page};
use super::words::{self, Voice};
use super::{MediaFiles, Publication, assets, card, files, manifest, posts, shard, thumb};
use crate::record::is_published;

/// Before the digest that ends the file.
const DIGEST_MARK: &str = "<!-- sha256 of everything before this line: ";

/// Before the name of a part.
const PART_MARK: &str = "<script type=\"application/x-fonds\" data-name=\"";

/// Bytes of thumbnails that the page holds as they are. Where there are more, all are made smaller: every reader loads all of them.
const MAX_THUMBS_LEN: u64 = 8 << 20;

/// The whole page. Shards and thumbnails stand in blocks that browsers do not run, each short enough to parse in linear time.
///
/// # Errors
/// A shard or a thumbnail cannot be read.
pub fn single(publication: &Publication<'_>) -> Result<String> {
    let Publication { title, lang, manifest, owner, .. } = publication;
    let mut parts = String::new();
    for (name, json) in manifest.parts() {
        put_part(&mut parts, &name, &json);
    }
    put_part(&mut parts, "core", &STANDARD.encode(files::core(manifest)));
    if !manifest.is_of_several() {
        put_part(&mut parts, "more", &STANDARD.encode(assets::MORE));
    }
    for (name, json) in assets::WORDS {
        put_part(&mut parts, name, json);
    }
    for (name, json) in words::accounts() {
        put_part(&mut parts, &name, &json);
    }
    put_part(&mut parts, "account", &files::account_part(publication));
    if !owner.is_silent() {
        put_part(&mut parts, "owner", &manifest::safe(&owner.to_json()));
    }
    put_part(&mut parts, "worker", &STANDARD.encode(assets::WORKER));
    if let Some((name, list)) = manifest.hidden.as_ref().zip(publication.hidden.as_ref()) {
        put_part(&mut parts, name, &STANDARD.encode(list));
    }
    for shard in &manifest.shards {
        put_part(&mut parts, &shard.name, &STANDARD.encode((publication.shard)(shard)?));
    }
    for (name, jpeg) in thumbnails(&publication.media)? {
        put_part(&mut parts, name, &STANDARD.encode(jpeg));
    }
    let scripts = [assets::APP.trim(), assets::ROOM.trim(), assets::DESK.trim()];
    for script in scripts {
        let _ = writeln!(parts, "<script>{script}</script>");
    }
    // There are no pages beside it to link to.
    let link = posts::link(&Voice::of(lang));
    let newest = publication.newest.strip_suffix(link.as_str()).unwrap_or(&publication.newest);
    let page = Page {
        title,
        lang,
        owner,
        offline: None,
        head: &(card::head(title, owner, &publication.extent, lang, true) + &markup::head(owner)),
        shards: manifest,
        posts: newest,
        parts: &parts,
        scripts: &scripts,
    };
    let mut html = page::render(&page);
    if !html.ends_with('\n') {
        html.push('\n');
    }
    let digest = shard::hex(&Sha256::digest(&html));
    let _ = writeln!(html, "{DIGEST_MARK}{digest} -->");
    Ok(html)
}

fn put_part(parts: &mut String, name: &str, text: &str) {
    let _ = writeln!(parts, "{PART_MARK}{name}\">{text}</script>");
}

/// The thumbnails by their names: pictures themselves would make the page longer than browsers open.
fn thumbnails(media: &MediaFiles) -> Result<Vec<(&str, Vec<u8>)>> {
    let all = || media.iter().filter(|(name, _)| is_thumbnail(name));
    let are_long = all().map(|(_, file)| file.len).sum::<u64>() > MAX_THUMBS_LEN;
    all()
        .map(|(name, file)| {
            let jpeg = file.read().with_context(|| format!("the thumbnail {name} cannot be read"))?;
            let smaller = if are_long { thumb::smaller(&jpeg) } else { None };
            Ok((name.as_str(), smaller.unwrap_or(jpeg)))
        })
        .collect()
}

/// Whether a published medium is one that the single html holds.
#[must_use]
pub fn is_thumbnail(name: &str) -> bool {
    is_published(name) && name.ends_with(".thumb.jpg")
}

/// A page that [`single`] wrote, and where its parts are.
#[derive(Debug)]
pub struct Parts {
    html: String,
    places: BTreeMap<String, Range<usize>>,
}

impl Parts {
    /// Finds the parts of a page, which need not be whole. Of two of one name the first counts.
    #[must_use]
    pub fn new(html: String) -> Self {
        let mut places = BTreeMap::new();
        let mut at = 0;
        while let Some(found) = html.get(at..).and_then(|rest| rest.find(PART_MARK)) {
            at += found + PART_MARK.len();
            let rest = html.get(at..).unwrap_or_default();
            let Some((name, rest)) = rest.split_once("\">") else { break };
            let Some(len) = rest.find("</script>") else { break };
            let start = html.len() - rest.len();
            places.entry(name.to_owned()).or_insert(start..start + len);
            at = start + len;
        }
        Self { html, places }
    }

    /// The page.
    #[must_use]
    pub fn html(&self) -> &str {
        &self.html
    }

    /// Names of the parts.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }

    /// The text of a part.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.html.get(self.places.get(name)?.clone())
    }

    /// The bytes of a part in base64.
    #[must_use]
    pub fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        STANDARD.decode(self.text(name)?).ok()
    }
}

/// Whether the digest that ends the file is right, and nothing follows it.
#[must_use]
pub fn digest_is_right(html: &str) -> bool {
    let Some((before, tail)) = html.rsplit_once(DIGEST_MARK) else { return false };
    tail.strip_suffix(" -->\n").is_some_and(|stored| stored == shard::hex(&Sha256::digest(before)))
}

/// Whether a page, however damaged, was a single html: it says that fonds made it, and does not end where a folder's page does.
#[must_use]
pub fn is_single(html: &str) -> bool {
    let is_ours = html.contains("name=\"generator\" content=\"fonds\"") || html.contains(PART_MARK);
    is_ours && (html.contains(PART_MARK) || html.contains(DIGEST_MARK) || !html.trim_end().ends_with("</html>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_by_name() {
        let page =
            |end: &str| format!("<p>{PART_MARK}a\">QQ==</script>\n{PART_MARK}b\">QkI=</script>{PART_MARK}a\">x{end}");
        for end in ["</script>", "", "\"", "\">"] {
            let parts = Parts::new(page(end));
            assert_eq!(parts.names().collect::<Vec<_>>(), ["a", "b"], "{end}");
            assert_eq!((parts.bytes("a"), parts.text("b")), (Some(b"A".to_vec()), Some("QkI=")));
            assert_eq!((parts.bytes("c"), parts.html()), (None, &*page(end)));
        }
        assert_eq!(Parts::new(format!("{PART_MARK}a\">cut")).names().count(), 0);
    }

    #[test]
    fn a_cut_page_is_told_from_that_of_a_folder() {
        let generator = "<!doctype html><meta name=\"generator\" content=\"fonds\">";
        assert!(!is_single(&format!("{generator}</html>\n")));
        assert!(!is_single("<!doctype html><p>something else"));
        assert!(is_single(&format!("{generator}<style>")));
        assert!(is_single(&format!("{generator}{PART_MARK}core\">AAAA</script></html>\n")));
    }

    #[test]
    fn nothing_may_follow_the_digest() {
        let page = "<p>a</p>\n";
        let digest = shard::hex(&Sha256::digest(page));
        let whole = format!("{page}{DIGEST_MARK}{digest} -->\n");
        assert!(digest_is_right(&whole));
        assert!(!digest_is_right(&format!("{whole}\n")));
        assert!(!digest_is_right(whole.trim_end()));
        assert!(!digest_is_right(&whole.replace("<p>", "<b>")));
        assert!(!digest_is_right(page));
    }
}
