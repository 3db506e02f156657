//! Markup of posts, mails and pages as text with its formatting: paragraphs, lists and lines as a browser would set them, in plain text.

use super::{Node, Page};
use crate::ingest::rich_text::{COLLAPSED, RichText};
use crate::record::Span;

/// Elements of which nothing is shown.
const UNSEEN: [&str; 9] = ["script", "style", "head", "title", "template", "noscript", "object", "svg", "textarea"];

/// Elements with an empty line before and after them.
const PARAGRAPHS: [&str; 14] =
    ["p", "blockquote", "pre", "ul", "ol", "dl", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr"];

/// Elements that begin and end a line.
const LINES: [&str; 15] = [
    "div",
    "section",
    "article",
    "header",
    "footer",
    "main",
    "nav",
    "aside",
    "li",
    "tr",
    "dt",
    "dd",
    "figure",
    "figcaption",
    "address",
];

/// What an element means, by itself and by the text that it covers: a kind of span, which is empty where it means nothing, and its
/// target.
pub(in crate::ingest) type KindOf = fn(Node<'_>, &str) -> (&'static str, Option<String>);

/// The text of some markup.
pub(in crate::ingest) fn prose(html: &str, kind_of: KindOf) -> RichText {
    match Page::parse(html) {
        Ok(page) => prose_of(page.root(), kind_of),
        // No service writes such tags, or so many; whoever did may see them.
        Err(_) => RichText { text: html.to_owned(), spans: Vec::new() },
    }
}

/// The text of some markup, whose links are seen from `address` where that is known.
pub(in crate::ingest) fn prose_at(html: &str, kind_of: KindOf, address: Option<&str>) -> RichText {
    match Page::parse(html) {
        Ok(mut page) => {
            page.resolve(address);
            prose_of(page.root(), kind_of)
        }
        Err(_) => prose(html, kind_of),
    }
}

/// The text of what is in an element.
pub(in crate::ingest) fn prose_of(node: Node<'_>, kind_of: KindOf) -> RichText {
    prose_but(node, kind_of, |_| false)
}

/// The text of what is in an element, but for what is in others.
pub(in crate::ingest) fn prose_but(node: Node<'_>, kind_of: KindOf, is_unseen: fn(Node<'_>) -> bool) -> RichText {
    let mut setter =
        Setter { out: RichText::default(), kind_of, is_unseen, gap: Gap::None, num_pre: 0, lists: Vec::new() };
    setter.walk(node);
    setter.out
}

/// What elements mean everywhere.
pub(in crate::ingest) fn kind_of(node: Node<'_>, covered: &str) -> (&'static str, Option<String>) {
    let href = node.attribute("href").filter(|_| node.name() == "a").map(str::trim);
    match href.filter(|href| leads_out(href)) {
        Some(href) if !covered.is_empty() => ("link", Some(href.to_owned())),
        _ => kind_of_element(node),
    }
}

/// The kind of span that an element means by its tag, and what its attributes say of that: the language of code, and whether a
/// quotation is folded.
pub(in crate::ingest) fn kind_of_element(node: Node<'_>) -> (&'static str, Option<String>) {
    let kind = kind_of_tag(node.name());
    let about = match kind {
        "pre" => language_of_code(node),
        "quote" => is_folded(node).then(|| COLLAPSED.to_owned()),
        _ => None,
    };
    (kind, about)
}

/// The language of a block of code, as HTML advises to say it (the element `code`): by a class of the block, or of the code in it.
fn language_of_code(pre: Node<'_>) -> Option<String> {
    let code = pre.children().find(|child| child.name() == "code");
    [Some(pre), code].into_iter().flatten().find_map(|node| {
        let mut classes = node.attribute("class")?.split_ascii_whitespace();
        let language =
            classes.find_map(|class| class.strip_prefix("language-").or_else(|| class.strip_prefix("lang-")));
        language.filter(|language| !language.is_empty()).map(str::to_owned)
    })
}

/// Whether only the beginning of a quotation is shown: Telegram's markup says so by an attribute.
fn is_folded(quote: Node<'_>) -> bool {
    quote.attribute("expandable").is_some() || ["expandable", COLLAPSED].iter().any(|class| quote.has_classes(class))
}

/// The kind of span that a tag means.
fn kind_of_tag(name: &str) -> &'static str {
    match name {
        "b" | "strong" => "bold",
        "i" | "em" | "cite" => "italic",
        "u" | "ins" => "underline",
        "s" | "del" | "strike" => "strike",
        "code" | "kbd" | "samp" | "tt" => "code",
        "pre" => "pre",
        "blockquote" => "quote",
        _ => "",
    }
}

/// Whether an address leads to something that others can reach too.
fn leads_out(href: &str) -> bool {
    let (scheme, _) = href.split_once(':').unwrap_or_default();
    ["http", "https", "mailto", "gemini", "ftp", "tg"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
}

/// What stands between the last character and the next.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
enum Gap {
    None,
    Space,
    Line,
    Paragraph,
}

/// Sets text piece by piece.
struct Setter {
    out: RichText,
    kind_of: KindOf,
    is_unseen: fn(Node<'_>) -> bool,
    gap: Gap,
    num_pre: usize,
    /// Of each open list the number of its next item, where they are numbered.
    lists: Vec<Option<u64>>,
}

impl Setter {
    fn walk(&mut self, node: Node<'_>) {
        for child in node.children() {
            match child.as_text() {
                Some(piece) if self.num_pre > 0 => self.put_as_is(piece),
                Some(piece) => self.put(piece),
                None => self.element(child),
            }
        }
    }

    fn element(&mut self, node: Node<'_>) {
        let name = node.name();
        if UNSEEN.contains(&name) || (self.is_unseen)(node) {
            return;
        }
        if name == "br" {
            self.line_break();
            return;
        }
        let gap = if PARAGRAPHS.contains(&name) && self.lists.is_empty() {
            Gap::Paragraph
        } else if PARAGRAPHS.contains(&name) || LINES.contains(&name) {
            Gap::Line
        } else if matches!(name, "td" | "th") {
            Gap::Space
        } else {
            Gap::None
        };
        self.gap = self.gap.max(gap);
        match name {
            "ul" => self.lists.push(None),
            "ol" => self.lists.push(Some(node.attribute("start").and_then(|start| start.parse().ok()).unwrap_or(1))),
            "li" => self.begin_item(),
            "pre" => self.num_pre += 1,
            "img" => self.put(node.attribute("alt").filter(|_| is_emoji(node)).unwrap_or_default()),
            _ => {}
        }
        let (first, start) = (self.out.spans.len(), self.out.text.len());
        self.walk(node);
        self.mark(node, first, start);
        match name {
            "ul" | "ol" => drop(self.lists.pop()),
            "pre" => self.num_pre -= 1,
            _ => {}
        }
        self.gap = self.gap.max(gap);
    }

    /// Marks what an element covers, without the white space at its ends.
    fn mark(&mut self, node: Node<'_>, first: usize, start: usize) {
        let covered = self.out.text.get(start..).unwrap_or_default();
        let (start, end) = (start + (covered.len() - covered.trim_start().len()), start + covered.trim_end().len());
        let (kind, href) = (self.kind_of)(node, covered.trim());
        if !kind.is_empty() && start < end {
            let span = Span { range: start..end, kind: kind.to_owned(), href };
            self.out.spans.insert(first.min(self.out.spans.len()), span);
        }
    }

    fn begin_item(&mut self) {
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number = number.saturating_add(1);
                format!("{}. ", number.saturating_sub(1))
            }
            _ => "• ".to_owned(),
        };
        self.close_gap();
        self.out.text.push_str(&mark);
    }

    /// A line ends here, whatever follows; two of them are an empty line.
    fn line_break(&mut self) {
        if self.num_pre > 0 {
            return self.put_as_is("\n");
        }
        self.gap = if self.gap >= Gap::Line { Gap::Paragraph } else { Gap::Line };
    }

    /// Text in which white space means a space.
    fn put(&mut self, piece: &str) {
        for word in piece.split_inclusive(is_space) {
            let letters = word.trim_end_matches(is_space);
            if !letters.is_empty() {
                self.close_gap();
                self.out.text.push_str(letters);
            }
            if letters.len() < word.len() {
                self.gap = self.gap.max(Gap::Space);
            }
        }
    }

    fn put_as_is(&mut self, piece: &str) {
        if !piece.is_empty() {
            self.close_gap();
            self.out.text.push_str(piece);
        }
    }

    fn close_gap(&mut self) {
        let is_begun = !self.out.text.is_empty();
        let ends_item = self.out.text.ends_with("• ");
        match std::mem::replace(&mut self.gap, Gap::None) {
            Gap::Space if is_begun && !ends_item => self.out.text.push(' '),
            // A paragraph in an item goes on behind its mark.
            Gap::Line | Gap::Paragraph if ends_item => {}
            Gap::Line if is_begun => self.out.text.push('\n'),
            Gap::Paragraph if is_begun => {
                let ended = self.out.text.ends_with('\n');
                self.out.text.push_str(if ended { "\n" } else { "\n\n" });
            }
            _ => {}
        }
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\n' | '\r' | '\t' | '\u{c}')
}

/// Whether a picture stands for a character.
fn is_emoji(node: Node<'_>) -> bool {
    let classes = node.attribute("class").unwrap_or_default();
    ["emoji", "emojione", "wp-smiley", "emoticon"].iter().any(|class| classes.contains(class))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, text: &str, spans: &[(&str, &str)]) {
        let found = prose(html, kind_of);
        assert_eq!(found.text, text, "{html}");
        let shown: Vec<_> = found.spans.iter().map(|span| (&*span.kind, &found.text[span.range.clone()])).collect();
        assert_eq!(shown, spans, "{html}");
    }

    #[test]
    fn paragraphs_and_lines() {
        check("<p>One\n  two</p>\n<p>three<br>four<br/><br/>five</p>", "One two\n\nthree\nfour\n\nfive", &[]);
        check("<div>a</div><div>b <span>c</span></div>d", "a\nb c\nd", &[]);
        check("<h1>A</h1>b<hr>c", "A\n\nb\n\nc", &[]);
        check("a<script>b</script><style>c</style><!-- d -->e&amp;f&nbsp;g", "ae&f\u{a0}g", &[]);
        check("", "", &[]);
    }

    #[test]
    fn lists_and_tables() {
        check("<ul><li>a</li> <li><p>b</p><ul><li>c</li></ul></li></ul>d", "• a\n• b\n• c\n\nd", &[]);
        check("<ol start=3><li>a<li>b</ol>", "3. a\n4. b", &[]);
        check("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc", &[]);
    }

    #[test]
    fn spans_cover_words_without_the_space_around_them() {
        check("a <b> bold <i>both</i> </b> c", "a bold both c", &[("bold", "bold both"), ("italic", "both")]);
        check(
            "<a href='https://a.example'> x </a><a href='/y'>y</a><a href='javascript:z'>z</a>",
            "x yz",
            &[("link", "x")],
        );
        check(
            "<pre>a\n  b\n</pre><blockquote><p>c</p></blockquote>",
            "a\n  b\n\nc",
            &[("pre", "a\n  b"), ("quote", "c")],
        );
        check("<b></b><b> </b>x", "x", &[]);
    }

    #[test]
    fn code_has_its_language_and_quotations_may_be_folded() {
        let check = |html: &str, expected: Option<&str>| {
            let found = prose(html, kind_of);
            assert_eq!(found.spans.first().and_then(|span| span.href.as_deref()), expected, "{html}");
        };
        check("<pre><code class='hljs language-rust'>x</code></pre>", Some("rust"));
        check("<pre class=lang-py>x</pre>", Some("py"));
        check("<pre class=language->x</pre>", None);
        check("<pre><b class=language-rust>x</b></pre>", None);
        check("<blockquote expandable>x</blockquote>", Some(COLLAPSED));
        check("<blockquote>x</blockquote>", None);
    }

    #[test]
    fn no_markup_panics() {
        proptest::proptest!(|(html in "(<(/)?(b|p|li|ul|ol|pre|br|a href=x:y|td)>|[a-c \n]|&amp;|\\PC){0,60}")| {
            let found = prose(&html, kind_of);
            for span in &found.spans {
                proptest::prop_assert!(found.text.get(span.range.clone()).is_some());
            }
        });
    }
}
