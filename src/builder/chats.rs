//! Which post an id means. An id of a source is one within its chat, and chats may have one name: then `NAME/ID` may be what a post of
//! another one is called, and the post that is meant has a number behind it.

use std::collections::{HashMap, HashSet};

use super::uid_base;
use crate::error::Result;
use crate::gather::{Channels, Identities};
use crate::record::Record;

/// What records say of their chats, as they come.
#[derive(Debug, Default)]
pub(super) struct Chats {
    channels: Channels,
    /// For each record, what it says, by its number and one more; 0 where it says nothing.
    said: Vec<u32>,
    /// Posts that are in no record of these: what each says, what its own content gives, and what it is called.
    others: Vec<(usize, String, String)>,
}

impl Chats {
    /// Sees the next record.
    pub(super) fn add(&mut self, record: &Record) {
        self.said.push(self.channels.note_channel(record).map_or(0, |said| said as u32 + 1));
    }

    /// Sees a record that is elsewhere.
    pub(super) fn know(&mut self, record: &Record) {
        if let Some(said) = self.channels.note_channel(record) {
            self.others.push((said, uid_base(record), record.uid.clone()));
        }
    }

    /// What ids mean. `record` gives a record by the order in which it came, with the uid that it has.
    pub(super) fn settle(&self, record: impl Fn(u32) -> Result<Record>) -> Result<Answered> {
        let identities = self.channels.settle();
        let several = self.channels.names_of_several(&identities);
        if several.is_empty() {
            return Ok(Answered::default());
        }
        let mut posts = HashMap::<String, Vec<(usize, String)>>::new();
        for (said, seq) in self.said.iter().zip(0u32..) {
            let Some(said) = (*said as usize).checked_sub(1) else { continue };
            let name = self.channels.name(said);
            let (Some(channel), true) = (identities.channel(said), name.is_some_and(|name| several.contains(name)))
            else {
                continue;
            };
            let record = record(seq)?;
            if record.id.is_some() {
                posts.entry(uid_base(&record)).or_default().push((channel, record.uid));
            }
        }
        for (said, base, uid) in &self.others {
            if let Some(channel) = identities.channel(*said) {
                posts.entry(base.clone()).or_default().push((channel, uid.clone()));
            }
        }
        Ok(Answered { several, identities, said: self.said.clone(), posts })
    }
}

/// The posts that ids mean.
#[derive(Debug, Default)]
pub(super) struct Answered {
    /// Names that several chats have.
    several: HashSet<String>,
    identities: Identities,
    said: Vec<u32>,
    /// The posts of these by what their content gives, each with its chat and its uid.
    posts: HashMap<String, Vec<(usize, String)>>,
}

impl Answered {
    /// The uid that the post with this id has, or would have, in the chat of a record, which came in this order.
    pub(super) fn uid(&self, record: &Record, seq: u32, id: &str) -> String {
        let base = Record::uid_of_id(record.channel.as_deref(), &record.source.file, id);
        if !record.channel.as_ref().is_some_and(|name| self.several.contains(name)) {
            return base;
        }
        let said = self.said.get(seq as usize).and_then(|said| (*said as usize).checked_sub(1));
        let (Some(channel), Some(posts)) = (said.and_then(|said| self.identities.channel(said)), self.posts.get(&base))
        else {
            return base;
        };
        if let Some((_, uid)) = posts.iter().find(|(of, _)| *of == channel) {
            return uid.clone();
        }
        // Nobody kept the post: what it would be called leads to no other.
        let is_free = |uid: &String| !self.posts.contains_key(uid) && !posts.iter().any(|(_, taken)| taken == uid);
        let most = (self.posts.len() + posts.len()) as u64;
        (2..=most + 2).map(|number| format!("{base}.{number}")).find(is_free).unwrap_or(base)
    }
}
