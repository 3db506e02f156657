//! Markdown as a small tree of data. No markup is kept in it: the page makes elements of it, the static pages escape it.

use anyhow::{Result, anyhow, bail, ensure};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, LinkType, Options, Parser, Tag};
use serde_json::{Map, Value, json};

use super::{is_link, line_of};
use crate::publish::page::escape;

/// Longest text, in bytes: a person reads it, and index.html holds it.
pub const MAX_LEN: u64 = 64 << 10;

/// Elements within elements at most.
const MAX_DEPTH: usize = 32;

/// Characters of a summary: as many as previews of links show.
const SUMMARY_CHARS: usize = 200;

/// Elements that a text may have; www/view/owner.js makes no others. Its headings stand below that of the page.
const TAGS: [&str; 21] = [
    "p",
    "h3",
    "h4",
    "h5",
    "h6",
    "em",
    "strong",
    "del",
    "code",
    "pre",
    "blockquote",
    "ul",
    "ol",
    "li",
    "a",
    "br",
    "hr",
    "table",
    "tr",
    "th",
    "td",
];

/// A text with its emphasis, headings, lists, links, quotations and tables.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Prose(Vec<Node>);

#[derive(Clone, Debug, Eq, PartialEq)]
enum Node {
    Text(String),
    Element(Element),
}

#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Element {
    tag: &'static str,
    /// Of a link.
    href: Option<String>,
    /// First number of an ordered list, where it is not 1.
    start: Option<u64>,
    children: Vec<Node>,
}

impl Prose {
    /// Reads Markdown; gives the number of pictures that were left out too. HTML in it is text like any other.
    ///
    /// # Errors
    /// A link leads elsewhere than to a page or a letter, or elements stand too deep in each other. The error begins with the line.
    pub fn parse(markdown: &str) -> Result<(Self, usize)> {
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        let (mut stack, mut num_pictures, mut in_head) = (vec![Element::default()], 0, false);
        for (event, place) in Parser::new_ext(markdown, options).into_offset_iter() {
            let at = || line_of(markdown, place.start);
            match event {
                Event::Start(tag) => {
                    ensure!(stack.len() < MAX_DEPTH, "{}: this stands too deep in other things; make it plainer", at());
                    in_head |= matches!(tag, Tag::TableHead);
                    num_pictures += usize::from(matches!(tag, Tag::Image { .. }));
                    stack.push(element(&tag, in_head).map_err(|cause| anyhow!("{}: {cause}", at()))?);
                }
                Event::End(end) => {
                    in_head &= !matches!(end, pulldown_cmark::TagEnd::TableHead);
                    let ended = stack.pop().unwrap_or_default();
                    put(&mut stack, Node::Element(ended));
                }
                // The last three are extensions that were not asked for.
                Event::Text(text)
                | Event::Html(text)
                | Event::InlineHtml(text)
                | Event::FootnoteReference(text)
                | Event::InlineMath(text)
                | Event::DisplayMath(text) => put(&mut stack, Node::Text(text.into_string())),
                Event::Code(text) => put(&mut stack, leaf("code", vec![Node::Text(text.into_string())])),
                Event::SoftBreak => put(&mut stack, Node::Text("\n".to_owned())),
                Event::HardBreak => put(&mut stack, leaf("br", Vec::new())),
                Event::Rule => put(&mut stack, leaf("hr", Vec::new())),
                Event::TaskListMarker(_) => {}
            }
        }
        Ok((Self(stack.pop().unwrap_or_default().children), num_pictures))
    }

    /// The tree as the page gets it: texts, and objects with `tag`, `href`, `start` and `children`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        self.0.iter().map(Node::to_json).collect()
    }

    /// Reads [`Prose::to_json`] back.
    ///
    /// # Errors
    /// It is none that this program writes.
    pub fn from_json(value: &Value) -> Result<Self> {
        Ok(Self(nodes(value, 0)?))
    }

    /// The same as markup, every text escaped.
    #[must_use]
    pub fn to_html(&self) -> String {
        let mut html = String::new();
        self.0.iter().for_each(|node| node.write(&mut html));
        html
    }

    /// How its first paragraph begins, in one line.
    #[must_use]
    pub fn summary(&self) -> String {
        let is_paragraph = |node: &&Node| matches!(node, Node::Element(element) if element.tag == "p");
        let paragraph = self.0.iter().find(is_paragraph);
        let mut text = String::new();
        paragraph.iter().for_each(|node| node.put_text(&mut text));
        shortened(&text, SUMMARY_CHARS)
    }
}

/// A text in one line, cut at a word.
pub(in crate::publish) fn shortened(text: &str, max_chars: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((end, _)) = line.char_indices().nth(max_chars) else { return line };
    let cut = line.get(..end).unwrap_or(&line);
    let word = cut.rfind(' ').and_then(|end| cut.get(..end)).unwrap_or(cut);
    format!("{word} …")
}

/// Puts a node into the element that is open; texts that follow each other are one.
fn put(stack: &mut [Element], node: Node) {
    let Some(open) = stack.last_mut() else { return };
    match (open.children.last_mut(), node) {
        (Some(Node::Text(before)), Node::Text(text)) => before.push_str(&text),
        (_, node) => open.children.push(node),
    }
}

fn leaf(tag: &'static str, children: Vec<Node>) -> Node {
    Node::Element(Element { tag, children, ..Element::default() })
}

fn element(tag: &Tag<'_>, in_head: bool) -> Result<Element> {
    let named = |tag| Element { tag, ..Element::default() };
    Ok(match tag {
        Tag::Heading { level, .. } => named(match level {
            HeadingLevel::H1 => "h3",
            HeadingLevel::H2 => "h4",
            HeadingLevel::H3 => "h5",
            HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => "h6",
        }),
        Tag::BlockQuote(_) => named("blockquote"),
        Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented) => named("pre"),
        Tag::List(None) => named("ul"),
        Tag::List(Some(start)) => Element { start: Some(*start).filter(|start| *start != 1), ..named("ol") },
        Tag::Item => named("li"),
        Tag::Table(_) => named("table"),
        Tag::TableHead | Tag::TableRow => named("tr"),
        Tag::TableCell => named(if in_head { "th" } else { "td" }),
        Tag::Strong => named("strong"),
        Tag::Strikethrough => named("del"),
        // A picture is what it says of itself.
        Tag::Emphasis | Tag::Image { .. } => named("em"),
        Tag::Link { link_type, dest_url, .. } => {
            let href = if *link_type == LinkType::Email { format!("mailto:{dest_url}") } else { dest_url.to_string() };
            ensure!(
                is_link(&href),
                "a link to \"{}\" cannot be kept; write a whole address that begins with https://, http:// or mailto:",
                shortened(&href, 60)
            );
            Element { href: Some(href), ..named("a") }
        }
        _ => named("p"),
    })
}

impl Node {
    fn to_json(&self) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Element(Element { tag, href, start, children }) => {
                let children: Value = children.iter().map(Self::to_json).collect();
                let mut fields = Map::from_iter([("tag".to_owned(), json!(tag)), ("children".to_owned(), children)]);
                fields.extend(href.as_ref().map(|href| ("href".to_owned(), json!(href))));
                fields.extend(start.map(|start| ("start".to_owned(), json!(start))));
                fields.into()
            }
        }
    }

    fn write(&self, html: &mut String) {
        match self {
            Self::Text(text) => html.push_str(&escape(text)),
            Self::Element(Element { tag, href, start, children }) => {
                html.push_str(&format!("<{tag}"));
                if let Some(href) = href {
                    html.push_str(&format!(" href=\"{}\" rel=\"noopener noreferrer\"", escape(href)));
                }
                if let Some(start) = start {
                    html.push_str(&format!(" start=\"{start}\""));
                }
                html.push('>');
                children.iter().for_each(|child| child.write(html));
                if !matches!(*tag, "br" | "hr") {
                    html.push_str(&format!("</{tag}>"));
                }
            }
        }
    }

    fn put_text(&self, out: &mut String) {
        match self {
            Self::Text(text) => out.push_str(text),
            Self::Element(element) => {
                element.children.iter().for_each(|child| child.put_text(out));
                if element.tag == "br" {
                    out.push(' ');
                }
            }
        }
    }
}

fn nodes(value: &Value, depth: usize) -> Result<Vec<Node>> {
    // What stands in the deepest element, and in the code there, are levels too.
    ensure!(depth <= MAX_DEPTH, "a text is too deep");
    value.as_array().ok_or_else(|| anyhow!("a text is no list"))?.iter().map(|value| node(value, depth)).collect()
}

fn node(value: &Value, depth: usize) -> Result<Node> {
    if let Some(text) = value.as_str() {
        return Ok(Node::Text(text.to_owned()));
    }
    let name = value.get("tag").and_then(Value::as_str).unwrap_or_default();
    let Some(tag) = TAGS.iter().find(|tag| **tag == name) else { bail!("a text has an element {name:?}") };
    let href = value.get("href").and_then(Value::as_str).map(str::to_owned);
    ensure!(
        href.as_deref().is_none_or(is_link) && (href.is_some() == (*tag == "a")),
        "a text has a link that leads nowhere"
    );
    let start = value.get("start").and_then(Value::as_u64);
    let children = value.get("children").map_or(Ok(Vec::new()), |children| nodes(children, depth + 1))?;
    Ok(Node::Element(Element { tag, href, start, children }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(markdown: &str) -> String {
        let (prose, _) = Prose::parse(markdown).unwrap();
        assert_eq!(Prose::from_json(&prose.to_json()).unwrap(), prose);
        prose.to_html()
    }

    fn check(markdown: &str, expected: &str) {
        assert_eq!(html(markdown), expected, "{markdown}");
    }

    #[test]
    fn what_is_not_too_deep_to_write_is_not_too_deep_to_read() {
        for depth in 0..40 {
            for innermost in ["`code`", "a  \nb", "***", "[a](https://example.org) `b`"] {
                let Ok((prose, _)) = Prose::parse(&format!("{}{innermost}", "> ".repeat(depth))) else { continue };
                assert_eq!(Prose::from_json(&prose.to_json()).unwrap(), prose, "{depth} {innermost}");
            }
        }
    }

    #[test]
    fn what_people_write() {
        check("# A\n\n## B", "<h3>A</h3><h4>B</h4>");
        check("a *b* **c** ~~d~~ `e`", "<p>a <em>b</em> <strong>c</strong> <del>d</del> <code>e</code></p>");
        check("- a\n- b", "<ul><li>a</li><li>b</li></ul>");
        check("4. a\n5. b", "<ol start=\"4\"><li>a</li><li>b</li></ol>");
        check("> a\n\n---", "<blockquote><p>a</p></blockquote><hr>");
        check("```sh\na < b\n```", "<pre>a &lt; b\n</pre>");
        check("a  \nb\nc", "<p>a<br>b\nc</p>");
        check("|a|b|\n|-|-|\n|c|d|", "<table><tr><th>a</th><th>b</th></tr><tr><td>c</td><td>d</td></tr></table>");
        check(
            "[a](https://example.org/?a=1&b=2) <ana@example.org>",
            "<p><a href=\"https://example.org/?a=1&amp;b=2\" rel=\"noopener noreferrer\">a</a> \
             <a href=\"mailto:ana@example.org\" rel=\"noopener noreferrer\">ana@example.org</a></p>",
        );
    }

    #[test]
    fn html_is_shown_letter_for_letter() {
        check("a <b onclick=\"x()\">c</b>", "<p>a &lt;b onclick=&quot;x()&quot;&gt;c&lt;/b&gt;</p>");
        check("<script>\nalert(1)\n</script>", "<p>&lt;script&gt;\nalert(1)\n&lt;/script&gt;</p>");
        check("</main><!-- a -->", "<p>&lt;/main&gt;&lt;!-- a --&gt;</p>");
    }

    #[test]
    fn a_picture_is_what_it_says_of_itself() {
        let (prose, num_pictures) = Prose::parse("a ![the pier](pier.png) b").unwrap();
        assert_eq!((prose.to_html().as_str(), num_pictures), ("<p>a <em>the pier</em> b</p>", 1));
    }

    #[test]
    fn links_that_lead_elsewhere_are_refused_with_their_line() {
        for link in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html,a",
            "posts/index.html",
            "vbscript:a",
            "file:///a",
        ] {
            let error = Prose::parse(&format!("a\n\nb [c]({link})")).unwrap_err().to_string();
            assert!(error.starts_with("3: ") && error.contains("https://"), "{error}");
        }
    }

    #[test]
    fn what_is_too_deep_is_refused() {
        let error = Prose::parse(&format!("{}a", "> ".repeat(200))).unwrap_err().to_string();
        assert!(error.starts_with("1: "), "{error}");
        let deep = format!("{}{}", "[{\"tag\":\"em\",\"children\":".repeat(60), "[]".to_owned() + &"}]".repeat(60));
        assert!(Prose::from_json(&serde_json::from_str(&deep).unwrap()).is_err());
    }

    #[test]
    fn a_summary_is_one_line() {
        let summary = |markdown: &str| Prose::parse(markdown).unwrap().0.summary();
        assert_eq!(summary("# Title\n\nThe *first*\nof two.\n\nSecond."), "The first of two.");
        assert_eq!(summary(""), "");
        assert!(summary(&"word ".repeat(100)).ends_with("word …"));
    }
}
