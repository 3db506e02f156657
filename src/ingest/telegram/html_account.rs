//! The chats of a whole account that was exported as pages: `lists/chats.html` and `lists/left_chats.html` name them, their
//! messages stand in `chats/chat_NNN/messages*.html`.
//!
//! ```text
//! <div class="entry_list">
//!   <a class="entry block_link clearfix" href="../chats/chat_001/messages.html#allow_back">
//!     <div class="body">
//!       <div class="pull_right info details">channel</div>
//!       <div class="name bold">Harbour News</div>
//!       <div class="details_entry details">12 messages</div>
//! ```
//!
//! A list says `private`, `bot`, `group` or `channel`, and never whether a group or channel is public: what does not say so is
//! private, so that of pages nothing is read unless it is asked for. The lists tell people what to ask for.

use std::collections::BTreeMap;

use crate::ingest::format::Entry;
use crate::ingest::html::Node;

/// Chats that are named to people; the rest is counted.
const MAX_CHATS_NAMED: usize = 40;

/// Chats that are kept in mind. Nobody has as many; a page may hold anything.
const MAX_CHATS: usize = 1 << 16;

/// Whether a page is a list of chats, by how it begins.
pub(super) fn is_list(head: &str) -> bool {
    head.contains("<title>Exported Data</title>") && head.contains("entry_list") && head.contains("\"../chats/chat_")
}

/// The number of a chat in its account, such as `chat_001`, by the folder of its pages; `None` where these are of one chat alone.
pub(super) fn chat_of(folder: &str) -> Option<&str> {
    let mut folders = folder.rsplit('/');
    folders.next().filter(|last| last.starts_with("chat_") && folders.next() == Some("chats"))
}

/// What is known of an account's chats.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// By the folder of their pages.
    chats: BTreeMap<String, Known>,
}

#[derive(Debug, Default)]
struct Known {
    name: Option<String>,
    /// The list's word.
    kind: Option<String>,
    num_read: u64,
    num_removed: u64,
    /// As the list counts them.
    listed: Option<String>,
}

impl Account {
    /// Takes in a page that is a list; false where it is none.
    pub(super) fn list(&mut self, file: &str, root: Node<'_>) -> bool {
        let Some(list) = root.find("entry_list") else { return false };
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let account = folder.rsplit_once('/').map_or(String::new(), |(account, _)| format!("{account}/"));
        for entry in list.descendants().filter(|node| node.has_classes("entry")) {
            let text = |classes: &str| entry.find(classes).map(Node::text).filter(|text| !text.is_empty());
            let href = entry.attribute("href").unwrap_or_default();
            // A chat without messages has no pages.
            let Some(place) = href.strip_prefix("../chats/").and_then(|rest| rest.split('/').next()) else { continue };
            let Some(chat) = self.chat(&format!("{account}chats/{place}")) else { break };
            chat.name = chat.name.take().or_else(|| text("name"));
            chat.kind = text("info");
            chat.listed = text("details_entry");
        }
        true
    }

    /// Notes what became of messages of a chat.
    pub(super) fn met(&mut self, folder: &str, name: Option<&str>, num_read: u64, num_removed: u64) {
        let Some(chat) = self.chat(folder) else { return };
        chat.name = name.map(str::to_owned).or(chat.name.take());
        chat.num_read += num_read;
        chat.num_removed += num_removed;
    }

    fn chat(&mut self, folder: &str) -> Option<&mut Known> {
        if self.chats.len() >= MAX_CHATS && !self.chats.contains_key(folder) {
            return None;
        }
        Some(self.chats.entry(folder.to_owned()).or_default())
    }

    /// What people should know who build of it: which of what they took may be private, and which chats there are.
    pub(super) fn finish(&mut self) -> Vec<Entry> {
        let chats = std::mem::take(&mut self.chats);
        let mut entries: Vec<Entry> =
            chats.iter().filter(|(_, chat)| chat.num_read > 0).map(|(folder, chat)| warning(folder, chat)).collect();
        if !chats.is_empty() {
            let named: Vec<String> =
                chats.iter().take(MAX_CHATS_NAMED).map(|(folder, chat)| described(folder, chat)).collect();
            let more = match chats.len() - named.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            entries.push(Entry::Hint(format!(
                "a whole account with {} chats: {}{more}; `--chat` takes them by name or number",
                chats.len(),
                named.join(", ")
            )));
        }
        entries
    }
}

fn warning(folder: &str, chat: &Known) -> Entry {
    let kind = chat.kind.as_deref().unwrap_or("of an unknown kind");
    let may = if matches!(kind, "private" | "bot") { "is not public" } else { "may not be public" };
    let (label, count) = (label(folder, chat), chat.num_read);
    Entry::Hint(format!("`{label}` {may} ({kind}): whoever gets the archive can read its {count} messages"))
}

fn label<'a>(folder: &'a str, chat: &'a Known) -> &'a str {
    let number = chat_of(folder).unwrap_or(folder);
    chat.name.as_deref().filter(|name| !name.is_empty()).unwrap_or(number)
}

/// A chat as people choose it.
fn described(folder: &str, chat: &Known) -> String {
    let number = chat_of(folder).unwrap_or(folder);
    let kind = chat.kind.as_deref().unwrap_or("of an unknown kind");
    let met = chat.num_read + chat.num_removed;
    let count = match &chat.listed {
        Some(listed) if met == 0 => format!("{listed}, no page of it is here"),
        _ => met.to_string(),
    };
    format!("`{}` ({kind}, {number}, {count})", label(folder, chat))
}
