//! The single html: everything in one file, which also works in a sandboxed frame on a disk.

use std::fmt::Write as _;

use anyhow::Result;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::owner::markup;
use super::page::{self, Page};
use super::words::Voice;
use super::{Publication, assets, card, files, posts, shard};

/// Before the digest that ends the file.
const DIGEST_MARK: &str = "<!-- sha256 of everything before this line: ";

/// Before the name of a part.
const PART_MARK: &str = "<script type=\"application/x-fonds\" data-name=\"";

/// The whole page. Shards stand in blocks that browsers do not run, each short enough to parse in linear time.
///
/// # Errors
/// A shard cannot be read.
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
    if !owner.is_silent() {
        // A script's end within it would be the end of the part.
        put_part(&mut parts, "owner", &owner.to_json().to_string().replace('<', "\\u003c"));
    }
    put_part(&mut parts, "worker", &STANDARD.encode(assets::WORKER));
    if let Some((name, list)) = manifest.hidden.as_ref().zip(publication.hidden.as_ref()) {
        put_part(&mut parts, name, &STANDARD.encode(list));
    }
    for shard in &manifest.shards {
        put_part(&mut parts, &shard.name, &STANDARD.encode((publication.shard)(shard)?));
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

/// The text of a part, as [`single`] wrote it.
#[must_use]
pub fn part<'a>(html: &'a str, name: &str) -> Option<&'a str> {
    let mark = format!("{PART_MARK}{name}\">");
    let (_, rest) = html.split_once(mark.as_str())?;
    rest.split_once("</script>").map(|(text, _)| text)
}

/// The bytes of a part in base64.
#[must_use]
pub fn part_bytes(html: &str, name: &str) -> Option<Vec<u8>> {
    STANDARD.decode(part(html, name)?).ok()
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
