//! Markdown of posts as text with its formatting: it is read as the HTML that it means.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use super::prose;
use crate::ingest::rich_text::RichText;

/// What differs between those who write Markdown.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::ingest) struct Flavour {
    /// Whether markup in it means what it says; else it is what was typed.
    pub(in crate::ingest) has_html: bool,
    /// Whether `[[a page]]` is a link to one.
    pub(in crate::ingest) has_wikilinks: bool,
    /// Whether a heading that stands first is the title, and no part of the text.
    pub(in crate::ingest) begins_with_title: bool,
    /// Kinds of spans that the bare text shows too: `link`, `hashtag`, `mention`.
    pub(in crate::ingest) found: &'static [&'static str],
}

/// A text, and what stood in it beside the words.
#[derive(Clone, Debug, Default)]
pub(in crate::ingest) struct Marked {
    pub(in crate::ingest) title: Option<String>,
    pub(in crate::ingest) text: RichText,
    /// Pictures and the like: what they are called, and where they are.
    pub(in crate::ingest) images: Vec<(String, String)>,
}

/// Reads some Markdown.
pub(in crate::ingest) fn marked(markdown: &str, flavour: Flavour) -> Marked {
    let mut options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    options.set(Options::ENABLE_WIKILINKS, flavour.has_wikilinks);
    let mut events = Parser::new_ext(markdown, options).peekable();
    let mut marked = Marked::default();
    let is_title = |event: &Event<'_>| matches!(event, Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }));
    if flavour.begins_with_title && events.next_if(is_title).is_some() {
        let heading = events.by_ref().take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
        let title = heading.filter_map(words).collect::<String>();
        marked.title = Some(title.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|title| !title.is_empty());
    }
    let mut markup = String::with_capacity(markdown.len() + markdown.len() / 4);
    // The words within a picture are what it is called.
    let mut is_in_image = false;
    let events = events.map(|event| {
        match &event {
            Event::Start(Tag::Image { dest_url, .. }) => {
                marked.images.push((String::new(), dest_url.to_string()));
                is_in_image = true;
            }
            Event::End(TagEnd::Image) => is_in_image = false,
            Event::Text(text) if is_in_image => {
                marked.images.last_mut().into_iter().for_each(|(name, _)| name.push_str(text));
            }
            _ => {}
        }
        match event {
            Event::Html(text) | Event::InlineHtml(text) if !flavour.has_html => Event::Text(text),
            Event::Start(Tag::HtmlBlock) if !flavour.has_html => Event::Start(Tag::Paragraph),
            Event::End(TagEnd::HtmlBlock) if !flavour.has_html => Event::End(TagEnd::Paragraph),
            Event::TaskListMarker(is_done) => Event::Text(if is_done { "[x] " } else { "[ ] " }.into()),
            event => event,
        }
    });
    html::push_html(&mut markup, events);
    marked.text = prose::prose(&markup, prose::kind_of);
    marked.text.trim();
    // A block of code is marked once, as one.
    let blocks: Vec<_> =
        marked.text.spans.iter().filter(|span| span.kind == "pre").map(|span| span.range.clone()).collect();
    marked.text.spans.retain(|span| {
        span.kind != "code" || blocks.binary_search_by_key(&span.range.start, |block| block.start).is_err()
    });
    marked.text.find(flavour.found);
    marked
}

fn words(event: Event<'_>) -> Option<String> {
    match event {
        Event::Text(text) | Event::Code(text) => Some(text.to_string()),
        Event::SoftBreak | Event::HardBreak => Some(" ".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(markdown: &str, flavour: Flavour, text: &str, spans: &[(&str, &str)]) -> Marked {
        let found = marked(markdown, flavour);
        assert_eq!(found.text.text, text, "{markdown}");
        let shown = |span: &crate::record::Span| (span.kind.clone(), found.text.text[span.range.clone()].to_owned());
        let shown: Vec<_> = found.text.spans.iter().map(shown).collect();
        let spans: Vec<_> = spans.iter().map(|(kind, text)| ((*kind).to_owned(), (*text).to_owned())).collect();
        assert_eq!(shown, spans, "{markdown}");
        found
    }

    #[test]
    fn formatting_becomes_spans() {
        let plain = Flavour { found: &["link"], ..Flavour::default() };
        check(
            "a **b *c*** ~~d~~ `e`\nf\n\n> g\n\n- [x] h\n- i\n\n[j](https://j.example) https://k.example",
            plain,
            "a b c d e f\n\ng\n\n• [x] h\n• i\n\nj https://k.example",
            &[
                ("bold", "b c"),
                ("italic", "c"),
                ("strike", "d"),
                ("code", "e"),
                ("quote", "g"),
                ("link", "j"),
                ("link", "https://k.example"),
            ],
        );
        check(
            "```rust\nx < 1 # https://a.example\n```",
            plain,
            "x < 1 # https://a.example",
            &[("pre", "x < 1 # https://a.example")],
        );
    }

    #[test]
    fn markup_is_read_or_is_text() {
        let html = Flavour { has_html: true, ..Flavour::default() };
        check("<div>a <b>b</b></div>\n\nc<br>d<script>e</script>", html, "a b\n\nc\nd", &[("bold", "b")]);
        check("<div>a</div>\n\nb <i>c</i>", Flavour::default(), "<div>a</div>\n\nb <i>c</i>", &[]);
    }

    #[test]
    fn titles_and_pictures_stand_apart() {
        let notes = Flavour { begins_with_title: true, has_wikilinks: true, ..Flavour::default() };
        let found = check(
            "# The *old* mole\n\n![fog](a/fog.jpg) see [[Tides|the tides]]\n\n# b",
            notes,
            "see the tides\n\nb",
            &[],
        );
        assert_eq!(found.title.as_deref(), Some("The old mole"));
        assert_eq!(found.images, [("fog".to_owned(), "a/fog.jpg".to_owned())]);
    }

    #[test]
    fn no_text_panics_or_takes_long() {
        let _ = marked(&"> ".repeat(50_000), Flavour::default());
        let _ = marked(&"[".repeat(50_000), Flavour { has_wikilinks: true, ..Flavour::default() });
        proptest::proptest!(|(text in "[*_`a-c \n#@/:.я<>!\\[\\](){}~|-]{0,60}", has_html: bool)| {
            let flavour = Flavour { has_html, has_wikilinks: true, begins_with_title: true, found: &["link", "hashtag"] };
            let found = marked(&text, flavour);
            for span in &found.text.spans {
                proptest::prop_assert!(found.text.text.get(span.range.clone()).is_some());
            }
        });
    }
}
