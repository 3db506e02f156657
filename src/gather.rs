//! Which records, of all sources, become records of the archive: the same post of several sources is one, and what people asked
//! to leave out is left out. Everything is accounted for.
//!
//! Two records are the same post where their channel and their id in it are the same; what tells channels apart is the matter of
//! `gather/identity.rs`. Where channel or id are not known, all that tells posts apart must be equal: author, channel, date, title, text and
//! whom it was forwarded from. Where channels are told by name alone, records whose times and words differ, or whose addresses are of
//! different sites, are different posts, and the account says so. Within one export nothing is merged: who writes the same words twice has two posts.
//!
//! *Useful for* building one archive of several sources. *Not useful for* reading them: that is `ingest`.

mod evidence;
mod filter;
mod identity;
mod overrides;
mod redact;
mod unite;
mod update;

use std::collections::{BTreeMap, HashMap};

pub use filter::{Filter, droppable, period};
pub use overrides::{MAX_OVERRIDES_LEN, Overrides, OverridesError};
pub use update::{Update, Updated};

pub(crate) use self::identity::{Channels, Identities};
use self::identity::{Known, Post};
use crate::ingest::export_of;
use crate::record::Record;
use crate::searcher::SourceAccount;

/// Gathers records of sources.
#[derive(Debug, Default)]
pub struct Gather {
    filter: Filter,
    held: Vec<Held>,
    sources: Vec<SourceAccount>,
    /// How many records of each source, by its number, and of each file went into others.
    merged: BTreeMap<(usize, String), u64>,
    /// What the records say of their channels: which are the same is known when all have been seen.
    channels: Channels,
}

#[derive(Debug)]
struct Held {
    record: Record,
    post: Post,
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
    /// How many records of each source, by its number, and of each file went into others.
    pub merged: BTreeMap<(usize, String), u64>,
    /// Fields asked to be dropped that no record has.
    pub unknown_fields: Vec<String>,
    /// Fields of which a value was asked for, and that no record has.
    pub unknown_only: Vec<String>,
}

impl Gather {
    /// Gathers what a filter keeps.
    #[must_use]
    pub fn new(filter: Filter) -> Self {
        Self { filter, ..Self::default() }
    }

    /// Adds a record of the source that is read.
    pub fn add(&mut self, record: Record) {
        let post = self.channels.note(&record);
        self.held.push(Held { record, post, source: self.sources.len() });
    }

    /// Ends the source that is read. `account` has all its records as read.
    pub fn end_source(&mut self, account: SourceAccount) {
        self.sources.push(account);
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
    pub fn finish(mut self) -> Gathered {
        let united = self.unite();
        let Self { filter, mut sources, merged, .. } = self;
        let mut records = Vec::with_capacity(united.len());
        let mut unknown_fields = filter.drop.clone();
        let mut unknown_only: Vec<String> = filter.only.iter().map(|(field, _)| field.clone()).collect();
        for Held { mut record, source, .. } in united {
            let Some(account) = sources.get_mut(source) else { continue };
            if !(unknown_fields.is_empty() && unknown_only.is_empty()) {
                let object = crate::record_json::to_json(&record);
                unknown_fields.retain(|field| !filter::has(&object, field));
                unknown_only.retain(|field| !object.contains_key(field));
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
            account.dropped = filter.drop.iter().map(|field| filter.redacted(field)).collect();
            account.name = filter.redacted(&account.name);
            account.notes.iter_mut().for_each(|note| *note = filter.redacted(note));
        }
        Gathered { records, sources, merged, unknown_fields, unknown_only }
    }

    /// Makes one record of those that are the same post, in the place of the first. Of those that nothing tells apart, the n-th of an
    /// export is the same as the n-th of another.
    fn unite(&mut self) -> Vec<Held> {
        let identities = self.channels.settle();
        let mut exports: HashMap<(usize, String), usize> = HashMap::new();
        let mut known = Known::default();
        let mut united: Vec<Held> = Vec::new();
        let mut apart = Apart::default();
        for held in std::mem::take(&mut self.held) {
            let format = self.sources.get(held.source).map_or("", |source| source.format.as_str());
            let export = export_of(format, &held.record.source.file);
            let next = exports.len();
            let export = *exports.entry((held.source, export.to_owned())).or_insert(next);
            let key = identities.key(held.post);
            match known.find((export, united.len()), key, &held.post, &self.channels) {
                Err(other) => {
                    if let Some(other) = other.and_then(|place| united.get(place)) {
                        apart.add((held.source, &held.record.source.file), &other.record.source.file);
                    }
                    united.push(held);
                }
                Ok(place) => {
                    if let Some(account) = self.sources.get_mut(held.source) {
                        account.read -= 1;
                        account.merged += 1;
                    }
                    let file = held.record.source.file.clone();
                    *self.merged.entry((held.source, file)).or_default() += 1;
                    if let Some(known) = united.get_mut(place) {
                        unite::unite(&mut known.record, held.record);
                    }
                }
            }
        }
        apart.tell(&mut self.sources);
        united
    }
}

/// Posts that are called like others and are not the same, by their source, their file, and that of the others.
#[derive(Debug, Default)]
struct Apart(BTreeMap<(usize, String, String), u64>);

impl Apart {
    fn add(&mut self, (source, file): (usize, &str), other: &str) {
        *self.0.entry((source, file.to_owned(), other.to_owned())).or_default() += 1;
    }

    /// Says so in the accounts of their sources.
    fn tell(self, sources: &mut [SourceAccount]) {
        for ((source, file, other), count) in self.0 {
            let Some(account) = sources.get_mut(source) else { continue };
            let posts = if count == 1 { "post has" } else { "posts have" };
            let note = format!(
                "{count} {posts} the channel and the id of one in {other}, but the time and the words, or the site, of another: kept as different posts, those of {file} with a number behind their id"
            );
            if !account.notes.contains(&note) {
                account.notes.push(note);
            }
        }
    }
}

/// Records of several archives, of which those that are the same post are looked for.
#[derive(Debug, Default)]
pub struct Repeats {
    channels: Channels,
    posts: Vec<Post>,
    /// How many records there were when each archive ended.
    ends: Vec<usize>,
}

impl Repeats {
    /// Notes the next record of the archive.
    pub fn note(&mut self, record: &Record) {
        self.posts.push(self.channels.note(record));
    }

    /// Ends the archive.
    pub fn end_archive(&mut self) {
        self.ends.push(self.posts.len());
    }

    /// Places of the records that a later archive has too, in order. Of those that nothing tells apart, the n-th of an archive is the
    /// same as the n-th of another.
    #[must_use]
    pub fn superseded(&self) -> Vec<usize> {
        let identities = self.channels.settle();
        let mut known = Known::default();
        // Which record shows each post, by the place of its first.
        let mut last: HashMap<usize, usize> = HashMap::new();
        let mut superseded = Vec::new();
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        for ((start, end), archive) in starts.zip(&self.ends).zip(0..) {
            for (post, place) in self.posts.iter().zip(0..*end).skip(start) {
                let first = known.find((archive, place), identities.key(*post), post, &self.channels);
                superseded.extend(last.insert(first.unwrap_or(place), place));
            }
        }
        superseded.sort_unstable();
        superseded
    }
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
    /// The same id in chats of one name, or in one chat whose name is not the same any more.
    const IN_77: &str = r#"{"channel":"c","channel_id":"77","id":"1","text":"of 77"}"#;
    const IN_88: &str = r#"{"channel":"c","channel_id":"88","id":"1","text":"of 88"}"#;
    const RENAMED: &str = r#"{"channel":"now d","channel_id":"77","id":"1","text":"of 77, and longer"}"#;
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
    fn chats_are_told_by_what_is_theirs_alone() {
        check(Filter::default(), &[&[IN_77], &[IN_88]], &["of 77", "of 88"], &[(1, 0, 0), (1, 0, 0)]);
        check(Filter::default(), &[&[IN_77], &[RENAMED]], &["of 77, and longer"], &[(1, 0, 0), (0, 1, 0)]);
        // A name that two chats have is of neither, whichever source comes first.
        check(
            Filter::default(),
            &[&[A1], &[IN_88], &[RENAMED, IN_77]],
            &["first", "of 88", "of 77, and longer", "of 77"],
            &[(1, 0, 0), (1, 0, 0), (2, 0, 0)],
        );
        check(Filter::default(), &[&[A1], &[IN_88]], &["first"], &[(1, 0, 0), (0, 1, 0)]);
    }

    #[test]
    fn exports_within_one_source_are_as_several() {
        let post = |file: &str, text: &str| {
            let json =
                format!(r#"{{"channel":"c","channel_id":"77","id":"1","text":"{text}","source":{{"file":"{file}"}}}}"#);
            from_json(serde_json::from_str(&json).unwrap(), &TimeZone::UTC)
        };
        for (format, files, num_left) in [
            ("telegram-json", ["s/result.json", "s/result2.json"], 1),
            ("telegram-html", ["s/a/messages.html", "s/b/messages.html"], 1),
            ("telegram-html", ["s/a/messages.html", "s/a/messages2.html"], 2),
            ("telegram-web", ["s/1.html", "s/2.html"], 1),
            ("jsonl", ["s/1.jsonl", "s/2.jsonl"], 2),
        ] {
            let mut gather = Gather::new(Filter::default());
            files.iter().for_each(|file| gather.add(post(file, "a")));
            gather.end_source(SourceAccount { read: 2, format: format.into(), ..SourceAccount::default() });
            let gathered = gather.finish();
            assert_eq!(gathered.records.len(), num_left, "{format} {files:?}");
            assert_eq!(gathered.sources[0].read + gathered.sources[0].merged, 2);
        }
    }

    #[test]
    fn what_is_removed_is_counted_where_it_was_read() {
        let filter = Filter { only: vec![("id".into(), "2".into())], ..Filter::default() };
        check(filter, &[&[A1, A2], &[A1, A2, BARE]], &["second"], &[(1, 0, 1), (0, 2, 1)]);
    }
}
