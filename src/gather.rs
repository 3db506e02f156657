//! Which records, of all sources, become records of the archive: the same post of several sources is one, and what people asked
//! to leave out is left out. Everything is accounted for.
//!
//! Two records are the same post where both say the same channel and id, or, where they do not say so much, where all that tells
//! posts apart is equal: id, author, channel, date, title, text and whom it was forwarded from. Within one source nothing is
//! merged: who writes the same words twice has two posts.
//!
//! *Useful for* building one archive of several sources. *Not useful for* reading them: that is `ingest`.

mod filter;
mod overrides;
mod redact;
mod unite;
mod update;

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

pub use filter::{Filter, droppable, period};
pub use overrides::{MAX_OVERRIDES_LEN, Overrides, OverridesError};
pub use update::{Update, Updated};

use crate::record::Record;
use crate::searcher::SourceAccount;

/// What identifies a post among sources, as far as a digest can.
type Key = [u8; 16];

/// Gathers records of sources.
#[derive(Debug, Default)]
pub struct Gather {
    filter: Filter,
    held: Vec<Held>,
    sources: Vec<SourceAccount>,
    /// Where the record of a key is held: the n-th of its source with it.
    places: HashMap<(Key, u32), usize>,
    /// How often the current source had a key.
    times: HashMap<Key, u32>,
}

#[derive(Debug)]
struct Held {
    record: Record,
    /// Number of the source that it counts for.
    source: usize,
}

/// What was gathered.
#[derive(Debug)]
pub struct Gathered {
    /// The records, in the order of their sources.
    pub records: Vec<Record>,
    /// What became of the records of each source.
    pub sources: Vec<SourceAccount>,
    /// Fields asked to be dropped that no record has.
    pub unknown_fields: Vec<String>,
}

impl Gather {
    /// Gathers what a filter keeps.
    #[must_use]
    pub fn new(filter: Filter) -> Self {
        Self { filter, ..Self::default() }
    }

    /// Adds a record of the source that is read.
    pub fn add(&mut self, record: Record) {
        let key = key(&record);
        let source = self.sources.len();
        let times = self.times.entry(key).or_default();
        *times += 1;
        let place = (key, *times);
        if let Some(held) = self.places.get(&place).and_then(|place| self.held.get_mut(*place)) {
            unite::unite(&mut held.record, record);
            return;
        }
        self.places.insert(place, self.held.len());
        self.held.push(Held { record, source });
    }

    /// Ends the source that is read. `account` has all its records as read.
    pub fn end_source(&mut self, mut account: SourceAccount) {
        let source = self.sources.len();
        let held = self.held.iter().rev().take_while(|held| held.source == source).count() as u64;
        account.merged += account.read.saturating_sub(held);
        account.read = held;
        self.sources.push(account);
        self.times.clear();
    }

    /// Number of records so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// True while there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// What stays.
    #[must_use]
    pub fn finish(self) -> Gathered {
        let Self { filter, held, mut sources, .. } = self;
        let mut records = Vec::with_capacity(held.len());
        let mut unknown_fields = filter.drop.clone();
        for Held { mut record, source } in held {
            let Some(account) = sources.get_mut(source) else { continue };
            if !unknown_fields.is_empty() {
                let object = crate::record_json::to_json(&record);
                unknown_fields.retain(|field| !object.contains_key(field));
            }
            if filter.is_active() && !filter.keeps(&record) {
                account.read -= 1;
                account.removed += 1;
                continue;
            }
            account.redacted += filter.strip(&mut record);
            records.push(record);
        }
        for account in &mut sources {
            account.dropped.clone_from(&filter.drop);
            account.name = filter.redacted(&account.name);
            account.notes.iter_mut().for_each(|note| *note = filter.redacted(note));
        }
        Gathered { records, sources, unknown_fields }
    }
}

/// Whether two records, of different sources, are the same post.
#[must_use]
pub fn is_same(a: &Record, b: &Record) -> bool {
    key(a) == key(b)
}

fn key(record: &Record) -> Key {
    let mut hasher = Sha256::new();
    let mut put = |part: Option<&str>| {
        hasher.update([u8::from(part.is_some())]);
        hasher.update(part.unwrap_or_default());
        hasher.update([0]);
    };
    put(record.channel.as_deref());
    put(record.id.as_deref());
    if record.channel.is_none() || record.id.is_none() {
        put(record.author.as_deref());
        put(record.date.as_ref().map(|date| date.text.as_str()));
        put(record.title.as_deref());
        put(record.forwarded_from.as_ref().map(|forward| forward.name.as_str()));
        put(Some(&record.text));
    }
    let digest: [u8; 32] = hasher.finalize().into();
    let mut key = [0; 16];
    key.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record_json::from_json;
    use jiff::tz::TimeZone;

    /// Gathers sources of posts; shows the texts, and read + merged + removed of each source.
    fn check(filter: Filter, sources: &[&[&str]], texts: &[&str], accounts: &[(u64, u64, u64)]) {
        let mut gather = Gather::new(filter);
        for source in sources {
            for json in *source {
                gather.add(from_json(serde_json::from_str(json).unwrap(), &TimeZone::UTC));
            }
            gather.end_source(SourceAccount { read: source.len() as u64, ..SourceAccount::default() });
        }
        let gathered = gather.finish();
        assert_eq!(gathered.records.iter().map(|record| record.text.as_str()).collect::<Vec<_>>(), texts);
        let found: Vec<_> =
            gathered.sources.iter().map(|source| (source.read, source.merged, source.removed)).collect();
        assert_eq!(found, accounts);
    }

    const A1: &str = r#"{"channel":"c","id":"1","text":"first"}"#;
    const A1_LONGER: &str = r#"{"channel":"c","id":"1","text":"first, edited"}"#;
    const A2: &str = r#"{"channel":"c","id":"2","text":"second"}"#;
    const BARE: &str = r#"{"text":"ok"}"#;

    #[test]
    fn the_same_post_of_several_sources_is_one() {
        check(Filter::default(), &[&[A1, A2], &[A1_LONGER]], &["first, edited", "second"], &[(2, 0, 0), (0, 1, 0)]);
        check(
            Filter::default(),
            &[&[A1, BARE, BARE], &[BARE, A1, BARE]],
            &["first", "ok", "ok"],
            &[(3, 0, 0), (0, 3, 0)],
        );
        check(Filter::default(), &[&[BARE], &[BARE, BARE]], &["ok", "ok"], &[(1, 0, 0), (1, 1, 0)]);
        // Within a source, the same words are another post, and the same id too.
        check(
            Filter::default(),
            &[&[BARE, BARE, A1, A1_LONGER]],
            &["ok", "ok", "first", "first, edited"],
            &[(4, 0, 0)],
        );
    }

    #[test]
    fn what_is_removed_is_counted_where_it_was_read() {
        let filter = Filter { only: vec![("id".into(), "2".into())], ..Filter::default() };
        check(filter, &[&[A1, A2], &[A1, A2, BARE]], &["second"], &[(1, 0, 1), (0, 2, 1)]);
    }
}
