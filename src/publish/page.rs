//! Fills the template of index.html.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::assets;
use super::manifest::Manifest;
use super::owner::{Accent, Logo, Owner, Sheet, markup};
use super::words::Voice;

/// Begins the owner's own sheet.
const SHEET_MARK: &str = "<style data-owner>";

/// Begins the owner's picture.
const LOGO_MARK: &str = "<img id=\"logo\" src=\"";

/// How the picture fits into the head of the page.
const LOGO_RULE: &str = "#logo{display:block;inline-size:auto;block-size:auto;max-inline-size:100%;max-block-size:2.5rem}#home{direction:inherit}";

/// What differs between the forms of the page.
#[derive(Debug)]
pub(super) struct Page<'a> {
    pub(super) title: &'a str,
    pub(super) lang: &'a str,
    /// What the owner says, and how it is to look.
    pub(super) owner: &'a Owner,
    /// Version under which a worker keeps the archive for later; `None` where there is no such worker.
    pub(super) offline: Option<&'a str>,
    /// Markup for machines that read the head of a page.
    pub(super) head: &'a str,
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
    let rules = rules(page.owner);
    let sheets = [Some(style), rules.as_deref(), page.owner.sheet.as_ref().map(Sheet::as_str)];
    let voice = Voice::of(page.lang);
    let name = page.owner.logo.as_ref().map_or_else(|| escape(page.title), |logo| logo.to_html(page.title));
    fill(
        &voice.template(),
        &[
            ("lang", &escape(page.lang)),
            ("title", &escape(page.title)),
            ("archive", &page.shards.archive),
            ("root", page.shards.shards.first().map_or("", |root| &root.name)),
            ("flags", &flags(page, &voice)),
            ("csp", &policy(page, &sheets, boot)),
            ("style", style),
            ("head", &head(page, rules.as_deref())),
            ("name", &name),
            ("boot", boot),
            ("static", &(page.posts.to_owned() + &markup::about(page.owner, &voice))),
            ("parts", page.parts),
        ],
    )
}

/// What the page must know of the owner before it shows anything, as attributes of the root.
fn flags(page: &Page<'_>, voice: &Voice) -> String {
    let owner = page.owner;
    let mut flags = String::new();
    if !page.shards.sha256.is_empty() {
        flags.push_str(&format!(" data-sha256=\"{}\"", page.shards.sha256));
    }
    if let Some(lang) = &owner.lang {
        flags.push_str(&format!(" data-lang=\"{}\"", escape(lang)));
    }
    flags.push_str(voice.dir());
    if !owner.is_silent() {
        flags.push_str(" data-owner");
    }
    if let Some(version) = page.offline {
        flags.push_str(&format!(" data-offline=\"{version}\""));
    }
    flags
}

/// What [`render`] put into a page to call the archive by, read back.
pub(super) fn names(html: &str) -> Vec<String> {
    let root = html.find("<html").and_then(|start| html.get(start..)).and_then(|root| root.split('>').next());
    let value = |attribute: &str| {
        let (_, rest) = root?.split_once(attribute)?;
        rest.split('"').next().map(str::to_owned)
    };
    [" data-archive=\"", " data-sha256=\""].into_iter().filter_map(value).collect()
}

/// Rules that follow from what the owner gave.
fn rules(owner: &Owner) -> Option<String> {
    let accent = owner.accent.as_ref().map(Accent::rule);
    let logo = owner.logo.as_ref().map(|_| LOGO_RULE);
    let rules = format!("{}{}", accent.unwrap_or_default(), logo.unwrap_or_default());
    Some(rules).filter(|rules| !rules.is_empty())
}

/// What stands behind the page's own style sheet.
fn head(page: &Page<'_>, rules: Option<&str>) -> String {
    let mut head = rules.map(|rules| format!("\n<style>{rules}</style>")).unwrap_or_default();
    if let Some(sheet) = &page.owner.sheet {
        head.push_str(&format!("\n{SHEET_MARK}{}</style>", sheet.as_str()));
    }
    if !page.head.is_empty() {
        head.push('\n');
        head.push_str(page.head.trim_end());
    }
    head
}

/// The picture and the sheet that [`render`] put into a page, read back; an archive may come from anyone, so they are checked anew.
pub(super) fn read_back(html: &str) -> (Option<Logo>, Option<Sheet>) {
    let (mut rest, mut sheet) = (html, None);
    // Texts before it are escaped, and it cannot hold its own end.
    if let Some((css, after)) = html.split_once(SHEET_MARK).and_then(|(_, after)| after.split_once("</style>")) {
        (rest, sheet) = (after, Sheet::parse(css).ok());
    }
    let src = rest.split_once(LOGO_MARK).and_then(|(_, after)| after.split_once('"'));
    (src.and_then(|(src, _)| Logo::from_src(src)), sheet)
}

/// The content security policy. `'strict-dynamic'` lets the inline script, and nobody else, load more scripts, also in a frame
/// of an opaque origin, where `'self'` means nothing.
///
/// Only a page that has files beside it may ask for them.
fn policy(page: &Page<'_>, sheets: &[Option<&str>], boot: &str) -> String {
    let hashes: Vec<String> = std::iter::once(&boot).chain(page.scripts).map(|script| hash(script)).collect();
    let styles: Vec<String> = sheets.iter().flatten().map(|sheet| hash(sheet)).collect();
    // A sheet may bring letters of its own, within itself.
    let fonts = if page.owner.sheet.is_some() { " font-src data:;" } else { "" };
    let worker = if page.offline.is_some() { "'self' blob:" } else { "blob:" };
    let connect = if page.parts.is_empty() { "'self'" } else { "'none'" };
    format!(
        "default-src 'none'; script-src {} 'strict-dynamic' 'wasm-unsafe-eval'; style-src {}; img-src 'self' data: blob:; \
         media-src 'self';{fonts} worker-src {worker}; connect-src {connect}; base-uri 'none'; form-action 'none'",
        hashes.join(" "),
        styles.join(" "),
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
    fn what_an_owner_gave_is_read_back() {
        let sheet = Sheet::parse("a{content:'<img id=\"logo\" src=\"x\">'}").unwrap();
        let logo = Logo::parse(b"<svg xmlns='http://www.w3.org/2000/svg'/>").unwrap();
        let html = format!("<head>{SHEET_MARK}{}</style></head>{}", sheet.as_str(), logo.to_html("t"));
        assert_eq!(read_back(&html), (Some(logo), Some(sheet)));
        assert_eq!(read_back("<p>nothing"), (None, None));
        assert_eq!(read_back(&format!("{SHEET_MARK}@import 'x';</style>{LOGO_MARK}javascript:x\">")), (None, None));
    }

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
