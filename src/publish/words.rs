//! The words of the page's own in index.html and in the monthly pages, in the language of the archive: *how does a page speak that has no
//! script to speak for it?*
//!
//! They are written in English and exchanged afterwards. What is looked for ends at a tag or begins with one, and texts of posts are
//! escaped, so that none can be taken for them; what the owner says has markup of its own, and comes in when this is done. The tables are those of the page's scripts; www/words.js has the English.

use std::borrow::Cow;

use super::assets;
use super::page::escape;

/// Markup around a message, which stands for `{}`, the message in English, and its name.
const WORDS: [(&str, &str, &str); 22] = [
    ("class=\"unseen\">{}</label>", "Search the archive", "search"),
    ("placeholder=\"{}\"", "Search the archive", "search"),
    ("<span class=\"unseen\">{}</span></button>", "Keys and query language", "help"),
    ("aria-label=\"{}\"", "Conditions", "chips"),
    ("aria-label=\"{}\"", "Help", "helpTitle"),
    ("aria-label=\"{}\"", "Posts over time", "timeline"),
    ("<span class=\"unseen\">{}</span><select", "Order", "order"),
    ("id=\"facets-title\">{}</h2>", "Filters", "filtersShow"),
    ("<h2 class=\"label\">{}</h2>", "Newest posts", "newestPosts"),
    ("<strong>{}</strong>", "Extract the zip first.", "static_extract"),
    (
        " {}</p>",
        "This page was opened without the files that belong beside it. If it came as a zip, extract all of it and open index.html from the extracted folder; if it was copied, copy the folders “fonds” and “archive” with it. The newest posts can be read below.",
        "static_extract_how",
    ),
    (
        "<p class=\"notice\">{}</p>",
        "Scripts are off, so this archive cannot be searched here. Its newest posts stand below.",
        "static_no_script",
    ),
    (">{}</a>", "All posts, month by month", "static_all"),
    (">{}</a>", "All months", "static_months"),
    (">{}</a>", "Search", "static_search"),
    (">{}</a>", "original", "static_original"),
    (">{}</a>", "undated", "static_undated"),
    (">{}</h1>", "undated", "static_undated"),
    ("<title>{} · ", "undated", "static_undated"),
    (" · {}<bdi>", "forwarded from ", "static_forwarded"),
    ("<p class=\"about\">{}<bdi>", "forwarded from ", "static_forwarded"),
    ("<small>{}</small>", "1 post", "static_one"),
];

/// What is said of several posts, between a number and a tag: other languages give the number alone.
const POSTS: &str = " posts</small>";

/// A medium of a post begins with this and its kind, in words.
const MEDIUM: &str = "<p class=\"about\">[";

/// A page with its own words in another language; as it is where there is no table of this language.
pub(super) fn spoken<'a>(html: &'a str, lang: &str) -> Cow<'a, str> {
    let Some(table) = table(lang) else { return Cow::Borrowed(html) };
    let said = |key: &str| table.get(key).and_then(serde_json::Value::as_str).map(escape);
    let mut html = html.replace(POSTS, "</small>");
    for (around, english, key) in WORDS {
        let Some(said) = said(key) else { continue };
        html = html.replace(&around.replace("{}", english), &around.replace("{}", &said));
    }
    for (key, said) in table.iter().filter_map(|(key, said)| Some((key.strip_prefix("kind_")?, said.as_str()?))) {
        for end in [":", "]"] {
            let kind = key.replace('_', " ");
            html = html.replace(&format!("{MEDIUM}{kind}{end}"), &format!("{MEDIUM}{}{end}", escape(said)));
        }
    }
    Cow::Owned(html)
}

/// One message of the page's, escaped; as it is in English where no table has it.
pub(super) fn said(lang: &str, key: &str, english: &str) -> String {
    let said = table(lang).and_then(|table| table.get(key)?.as_str().map(escape));
    said.unwrap_or_else(|| escape(english))
}

fn table(lang: &str) -> Option<serde_json::Map<String, serde_json::Value>> {
    let name = format!("words-{lang}");
    let (_, json) = assets::WORDS.iter().find(|(part, _)| *part == name)?;
    serde_json::from_str(json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The languages, by the tables that there are.
    fn languages() -> impl Iterator<Item = &'static str> {
        assets::WORDS.iter().filter_map(|(part, _)| part.strip_prefix("words-"))
    }

    #[test]
    fn every_word_of_the_template_has_its_place_and_every_language_says_it() {
        for (around, english, key) in WORDS {
            let in_template = around.replace("{}", english);
            let is_of_index =
                !key.starts_with("static_") || key.starts_with("static_extract") || key == "static_no_script";
            assert!(!is_of_index || assets::INDEX.contains(&in_template), "{in_template}");
            for lang in languages() {
                let said = table(lang).unwrap();
                assert!(said.get(key).is_some_and(serde_json::Value::is_string), "{lang} does not say {key}");
            }
        }
    }

    #[test]
    fn nothing_of_the_template_is_left_in_english() {
        for lang in languages() {
            let html = spoken(assets::INDEX, lang);
            for (around, english, key) in WORDS {
                let same = table(lang).unwrap()[key] == english;
                assert!(same || !html.contains(&around.replace("{}", english)), "{lang}: {english}");
            }
        }
    }

    #[test]
    fn a_text_is_no_word_of_the_page() {
        let html =
            format!("<p class=\"text\">{}</p>", escape("<a>Search</a> · forwarded from <bdi>x</bdi> 3 posts</small>"));
        assert_eq!(spoken(&html, "de"), html);
        assert_eq!(spoken("<a>Search</a>", "fr"), "<a>Search</a>");
        assert_eq!(spoken("<a>Search</a> [<small>3 posts</small>", "de"), "<a>Suche</a> [<small>3</small>");
    }
}
