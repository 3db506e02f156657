//! The words of the page's own in index.html, in the monthly pages and in previews, in the language of the archive: *how does a page speak
//! that has no script to speak for it?*
//!
//! The tables are those of the page's scripts, with what these pages alone say (www/static.js); www/messages.js and www/words.js have the
//! English. The template of index.html is English, and its words are exchanged before anything is put into it.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::page::escape;
use super::{assets, manifest};
use crate::record::Place;

/// Markup of the template around a message, which stands for `{}`, the message in English, and its name.
const TEMPLATE: [(&str, &str, &str); 12] = [
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
        "This page was opened without the files that belong beside it. If it came as a zip, extract all of it and open index.html from the extracted folder; if it was copied, copy the folders “fonds” and “archive” with it; a server must send .js files as scripts. The newest posts can be read below.",
        "static_extract_how",
    ),
    (
        "<p class=\"notice\">{}</p>",
        "Scripts are off, so this archive cannot be searched here. If it came as a zip, extract the zip first. Its newest posts stand below.",
        "static_no_script",
    ),
];

/// What is said in one language; every message comes out escaped, but for what is put into its holes as markup.
#[derive(Debug)]
pub(super) struct Voice {
    lang: String,
    /// Empty for English, whose words stand where they are said.
    table: Map<String, Value>,
}

impl Voice {
    /// The voice of a language; English where there is no table of it.
    pub(super) fn of(lang: &str) -> Self {
        let table = |(_, json): &(&str, &str)| serde_json::from_str::<Map<String, Value>>(json).ok();
        let named = |name: &str| assets::WORDS.iter().chain(&assets::STATIC).find(|(part, _)| *part == name);
        let parts = [format!("words-{lang}"), format!("static-{lang}")];
        Self {
            lang: lang.to_owned(),
            table: parts.iter().filter_map(|name| named(name).and_then(table)).flatten().collect(),
        }
    }

    /// Which way its letters run, as an attribute behind that of the language; left to right is not said.
    pub(super) fn dir(&self) -> &'static str {
        if self.lang == "ar" { " dir=\"rtl\"" } else { "" }
    }

    /// A message.
    pub(super) fn say(&self, key: &str, english: &str) -> String {
        escape(self.table.get(key).and_then(Value::as_str).unwrap_or(english))
    }

    /// A message with markup in its hole `{name}`.
    pub(super) fn forwarded_from(&self, name: &str) -> String {
        self.say("forwardedFrom", "forwarded from {name}").replacen("{name}", name, 1)
    }

    /// How many posts.
    pub(super) fn posts(&self, count: usize) -> String {
        let forms = self.table.get("posts");
        let form = |name: &str| forms.and_then(|forms| forms.get(name)).and_then(Value::as_str);
        let english = if count == 1 { "{count} post" } else { "{count} posts" };
        let template = form(plural(&self.lang, count)).or_else(|| form("other")).unwrap_or(english);
        escape(&template.replacen("{count}", &count.to_string(), 1))
    }

    /// What a medium is; as the source calls it in English.
    pub(super) fn kind(&self, kind: &str) -> String {
        self.say(&format!("kind_{kind}"), &kind.replace('_', " "))
    }

    /// Where a post stands in its source.
    pub(super) fn place(&self, file: &str, place: Option<&Place>) -> String {
        let (key, english, from, to) = match place {
            None => return escape(file),
            Some(Place::Lines(first, last)) if first == last => ("placeLine", "line {from} of {file}", first, last),
            Some(Place::Lines(first, last)) => ("placeLines", "lines {from}–{to} of {file}", first, last),
            Some(Place::Bytes(start, end)) => ("placeBytes", "bytes {from}–{to} of {file}", start, end),
        };
        let said = self.say(key, english).replacen("{from}", &from.to_string(), 1).replacen("{to}", &to.to_string(), 1);
        said.replacen("{file}", &format!("<bdi>{}</bdi>", escape(file)), 1)
    }

    /// The template of index.html with its own words in this language.
    pub(super) fn template(&self) -> Cow<'static, str> {
        if self.table.is_empty() {
            return Cow::Borrowed(assets::INDEX);
        }
        let mut html = assets::INDEX.to_owned();
        for (around, english, key) in TEMPLATE {
            html = html.replace(&around.replace("{}", english), &around.replace("{}", &self.say(key, english)));
        }
        Cow::Owned(html)
    }
}

/// The parts with what the program says in the account of the sources: `words-account` has its sentences, and one for each other language
/// what they are there, in the same order. The page loads the first and one of the others once somebody opens the account.
pub(super) fn accounts() -> Vec<(String, String)> {
    let groups: Map<String, Value> = serde_json::from_str(assets::ACCOUNTS).unwrap_or_default();
    let sentences: Vec<&Value> = groups.values().filter_map(Value::as_array).flatten().collect();
    let others = assets::WORDS.iter().filter_map(|(part, _)| part.strip_prefix("words-"));
    let in_language = |lang: &str| sentences.iter().filter_map(|said| said.get(lang)).cloned().collect::<Vec<Value>>();
    let part = |name: String, lang: &str| (name, manifest::safe(&Value::from(in_language(lang))));
    std::iter::once(part("words-account".to_owned(), "en"))
        .chain(others.map(|lang| part(format!("words-account{lang}"), lang)))
        .collect()
}

/// Which form a count takes: the cardinal rules of CLDR for whole numbers below a million.
fn plural(lang: &str, count: usize) -> &'static str {
    let (ones, hundredth) = (count % 10, count % 100);
    match (lang, count) {
        ("ru", _) if ones == 1 && hundredth != 11 => "one",
        ("ru", _) if (2..=4).contains(&ones) && !(12..=14).contains(&hundredth) => "few",
        ("ru", _) => "many",
        ("ar", 0) => "zero",
        ("ar", 2) => "two",
        ("zh", _) => "other",
        (_, 1) => "one",
        ("ar", _) if (3..=10).contains(&hundredth) => "few",
        ("ar", _) if hundredth >= 11 => "many",
        _ => "other",
    }
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
        for (around, english, key) in TEMPLATE {
            let in_template = around.replace("{}", english);
            assert!(assets::INDEX.contains(&in_template), "{in_template}");
            for lang in languages() {
                assert!(Voice::of(lang).table.get(key).is_some_and(Value::is_string), "{lang} does not say {key}");
            }
        }
    }

    #[test]
    fn nothing_of_the_template_is_left_in_english() {
        for lang in languages() {
            let voice = Voice::of(lang);
            let html = voice.template();
            for (around, english, key) in TEMPLATE {
                let same = voice.say(key, english) == english;
                assert!(same || !html.contains(&around.replace("{}", english)), "{lang}: {english}");
            }
        }
    }

    #[test]
    fn accounts_are_told_in_every_language_in_the_same_order() {
        let parts = accounts();
        let names: Vec<String> = languages().map(|lang| format!("words-account{lang}")).collect();
        assert_eq!(parts.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>()[1..], names);
        let sentences: Vec<Vec<String>> = parts.iter().map(|(_, json)| serde_json::from_str(json).unwrap()).collect();
        assert!(sentences[0].contains(&"the header of a CAR file".to_owned()));
        let at = sentences[0].iter().position(|said| said == "drafts").unwrap();
        assert_eq!(sentences[2][at], "Entwürfe");
        for said in &sentences {
            assert_eq!((said.len(), said.iter().any(String::is_empty)), (sentences[0].len(), false));
        }
    }

    #[test]
    fn posts_are_counted_as_each_language_counts() {
        let said = |lang: &str, counts: &[usize]| -> Vec<String> {
            counts.iter().map(|count| Voice::of(lang).posts(*count)).collect()
        };
        assert_eq!(said("en", &[0, 1, 2]), ["0 posts", "1 post", "2 posts"]);
        assert_eq!(said("ru", &[1, 3, 12, 21, 25]), ["1 запись", "3 записи", "12 записей", "21 запись", "25 записей"]);
        assert_eq!(said("de", &[1, 2]), ["1 Beitrag", "2 Beiträge"]);
        assert_eq!(said("ar", &[1, 2, 3, 11, 100]), ["منشور واحد", "منشوران", "3 منشورات", "11 منشورًا", "100 منشور"]);
        assert_eq!(said("fr", &[2]), ["2 posts"]);
    }

    #[test]
    fn what_is_put_into_a_message_is_no_message() {
        let voice = Voice::of("de");
        assert_eq!(voice.forwarded_from("<bdi>{name}</bdi>"), "weitergeleitet von <bdi>{name}</bdi>");
        assert_eq!(voice.place("{from}<b>", Some(&Place::Lines(1, 1))), "<bdi>{from}&lt;b&gt;</bdi>, Zeile 1");
        assert_eq!(Voice::of("en").kind("voice_note"), "voice note");
    }
}
