//! What an owner says, as markup: for pages without scripts, and for machines that read the head of a page.

use super::{Owner, Prose};
use crate::publish::page::escape;
use crate::publish::words::Voice;

/// What the owner says of the archive, as markup: the text, the licence, and what is known of it.
pub(in crate::publish) fn about(owner: &Owner, voice: &Voice) -> String {
    let text = owner.about.as_ref().map(Prose::to_html).unwrap_or_default();
    let mut facts: Vec<(String, String)> = Vec::new();
    for (name, values) in owner.metadata.iter() {
        let values: Vec<String> = values.iter().map(|value| format!("<bdi>{}</bdi>", escape(value))).collect();
        facts.push((voice.say(&format!("dc_{name}"), &capitalised(name)), values.join("; ")));
    }
    if let Some(licence) = &owner.licence {
        let text = escape(&licence.text);
        let shown = licence
            .url
            .as_ref()
            .map(|url| format!("<a href=\"{}\" rel=\"license noopener noreferrer\">{text}</a>", escape(url)));
        facts.push((voice.say("licence", "Terms of use"), shown.unwrap_or(text)));
    }
    if text.is_empty() && facts.is_empty() {
        return String::new();
    }
    let facts: String = facts.iter().map(|(name, value)| format!("<p class=\"about\">{name}: {value}</p>\n")).collect();
    let heading = voice.say("about", "About this archive");
    format!(
        "<section id=\"owner\" class=\"prose\" dir=\"auto\">\n<h2 class=\"label\">{heading}</h2>\n{text}\n{facts}</section>\n"
    )
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// What the head of every page says to machines.
pub(in crate::publish) fn head(owner: &Owner) -> String {
    let mut head = String::new();
    if !owner.metadata.is_empty() || owner.licence.is_some() {
        head.push_str("<link rel=\"schema.DC\" href=\"http://purl.org/dc/elements/1.1/\">\n");
        head.push_str(&owner.metadata.to_html());
    }
    if let Some(licence) = &owner.licence {
        head.push_str(&format!("<meta name=\"DC.rights\" content=\"{}\">\n", escape(&licence.text)));
        if let Some(url) = &licence.url {
            head.push_str(&format!("<link rel=\"license\" href=\"{}\">\n", escape(url)));
        }
    }
    head
}

/// The owner's rules for these pages: they stand in a file beside their own sheet.
pub(in crate::publish) fn sheet(owner: &Owner) -> Option<String> {
    let accent = owner.accent.as_ref().map(|accent| format!("{}\n", accent.rule()));
    let sheet = owner.sheet.as_ref().map(|sheet| sheet.as_str().to_owned());
    (accent.is_some() || sheet.is_some())
        .then(|| format!("{}{}", accent.unwrap_or_default(), sheet.unwrap_or_default()))
}
