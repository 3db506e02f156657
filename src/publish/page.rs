//! Fills the template of index.html.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::assets;
use super::manifest::Manifest;

/// What differs between the forms of the page.
#[derive(Debug)]
pub(super) struct Page<'a> {
    pub(super) title: &'a str,
    pub(super) lang: &'a str,
    /// Names the archive and the shard that opens it.
    pub(super) shards: &'a Manifest,
    /// Static posts, as markup.
    pub(super) posts: &'a str,
    /// Parts inside the page, as markup; empty in the folder.
    pub(super) parts: &'a str,
    /// Inline scripts among the parts.
    pub(super) scripts: &'a [&'a str],
}

/// The page's markup.
pub(super) fn render(page: &Page<'_>) -> String {
    let style = assets::STYLE.trim();
    let boot = assets::BOOT.trim();
    fill(
        assets::INDEX,
        &[
            ("lang", &escape(page.lang)),
            ("title", &escape(page.title)),
            ("archive", &page.shards.archive),
            ("root", page.shards.shards.first().map_or("", |root| &root.name)),
            ("csp", &policy(page, style, boot)),
            ("style", style),
            ("boot", boot),
            ("static", page.posts),
            ("parts", page.parts),
        ],
    )
}

/// The content security policy. `'strict-dynamic'` lets the inline script, and nobody else, load more scripts, also in a frame
/// of an opaque origin, where `'self'` means nothing.
///
/// Only a page that has files beside it may ask for them.
fn policy(page: &Page<'_>, style: &str, boot: &str) -> String {
    let hashes: Vec<String> = std::iter::once(&boot).chain(page.scripts).map(|script| hash(script)).collect();
    let connect = if page.parts.is_empty() { "'self'" } else { "'none'" };
    format!(
        "default-src 'none'; script-src {} 'strict-dynamic' 'wasm-unsafe-eval'; style-src {}; img-src 'self' data: blob:; \
         media-src 'self'; worker-src blob:; connect-src {connect}; base-uri 'none'; form-action 'none'",
        hashes.join(" "),
        hash(style),
    )
}

fn hash(inline: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(inline)))
}

/// Replaces each `{{name}}` of a template once, so that a value which holds braces is left alone.
pub(super) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((name, tail)) = after.split_once("}}") else { break };
        match values.iter().find(|(known, _)| *known == name.trim()) {
            Some((_, value)) => out.push_str(value),
            None => out.push_str(&format!("{{{{{name}}}}}")),
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// Text as markup shows it, in content and in quoted attributes.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // No HTML document may hold these, and no reader can see them.
            '\0'..='\u{8}' | '\u{b}'..='\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_not_templates() {
        assert_eq!(fill("a {{x}} b {{y}} c {{z}}", &[("x", "{{y}}"), ("y", "1")]), "a {{y}} b 1 c {{z}}");
    }

    #[test]
    fn hostile_text_stays_text() {
        assert_eq!(
            escape("<a href='x' onclick=\"y\">&\0"),
            "&lt;a href=&#39;x&#39; onclick=&quot;y&quot;&gt;&amp;\u{fffd}"
        );
    }
}
