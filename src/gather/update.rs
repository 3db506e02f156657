//! New records, held against those that an archive has: which are new to it, and which of its own they supersede.

use std::collections::HashSet;

use super::identity::{Channels, Known, Post};
use super::{Apart, Gathered, unite};
use crate::builder;
use crate::record::Record;
use crate::searcher::SourceAccount;

/// Gathered records on their way into an archive.
#[derive(Debug)]
pub struct Update {
    fresh: Vec<Fresh>,
    sources: Vec<SourceAccount>,
    channels: Channels,
    /// The records of the archive, in the order in which they were noted.
    old: Vec<Post>,
}

#[derive(Debug)]
struct Fresh {
    record: Record,
    post: Post,
    /// Number of its source.
    source: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    /// The archive has no such post.
    New,
    /// The archive has it, and all that it says.
    Known,
    /// It is united with the one that the archive has, and has its uid.
    Supersedes,
}

/// What becomes of an [`Update`].
#[derive(Debug)]
pub struct Updated {
    /// The records to add, in the order of their sources. Those that supersede one of the archive have its uid, others none.
    pub records: Vec<Record>,
    /// What became of the records of each source: those that the archive had are merged.
    pub sources: Vec<SourceAccount>,
}

impl Update {
    /// Of what was gathered.
    #[must_use]
    pub fn new(gathered: Gathered) -> Self {
        let Gathered { records, sources, .. } = gathered;
        let ends = sources.iter().scan(0, |end, source| {
            *end += source.read;
            Some(*end)
        });
        let ends: Vec<u64> = ends.collect();
        let mut channels = Channels::default();
        let mut fresh = Vec::with_capacity(records.len());
        for (record, place) in records.into_iter().zip(0u64..) {
            let (post, source) = (channels.note(&record), ends.partition_point(|end| *end <= place));
            fresh.push(Fresh { record, post, source, state: State::New });
        }
        Self { fresh, sources, channels, old: Vec::new() }
    }

    /// The channel that all of these posts are called by, if there is one.
    #[must_use]
    pub fn channel(&self) -> Option<&str> {
        let first = self.fresh.first()?.record.channel.as_deref()?;
        self.fresh.iter().all(|fresh| fresh.record.channel.as_deref() == Some(first)).then_some(first)
    }

    /// The uids under which the archive would have these posts, where that is known of all: those whose channel and id are known.
    /// Else every record of the archive has to be met.
    #[must_use]
    pub fn uids(&self) -> Option<Vec<String>> {
        let uid = |fresh: &Fresh| {
            let Record { channel, id, .. } = &fresh.record;
            (channel.is_some() && id.is_some()).then(|| builder::uid_base(&fresh.record))
        };
        let mut uids = self.fresh.iter().map(uid).collect::<Option<Vec<String>>>()?;
        uids.sort_unstable();
        uids.dedup();
        Some(uids)
    }

    /// Notes a record of the archive. All that may be one of these posts are noted before any is met.
    pub fn note(&mut self, old: &Record) {
        self.old.push(self.channels.note(old));
    }

    /// Which records of the archive are posts of these, by the order in which they were noted, each with the place of its post. Posts
    /// that are called like others of the archive and are not the same are told in the accounts of their sources.
    #[must_use]
    pub fn known(&mut self) -> Vec<(usize, usize)> {
        const FRESH: usize = 0;
        const OLD: usize = 1;
        let identities = self.channels.settle();
        let mut posts = Known::default();
        for (fresh, place) in self.fresh.iter().zip(0..) {
            let _ = posts.find((FRESH, place), identities.key(fresh.post), &fresh.post, &self.channels);
        }
        let (mut known, mut refused) = (Vec::new(), HashSet::new());
        let (mut met, mut num_fresh) = (HashSet::new(), self.fresh.len());
        for (post, old) in self.old.iter().zip(0..) {
            let key = identities.key(*post);
            match posts.find((OLD, num_fresh), key, post, &self.channels) {
                Ok(place) if place < self.fresh.len() => {
                    met.insert(place);
                    known.push((old, place));
                }
                _ => {
                    num_fresh += 1;
                    refused.insert(key);
                }
            }
        }
        let mut apart = Apart::default();
        for (fresh, place) in self.fresh.iter().zip(0..) {
            if !met.contains(&place) && refused.contains(&identities.key(fresh.post)) {
                apart.add((fresh.source, &fresh.record.source.file), "the archive");
            }
        }
        apart.tell(&mut self.sources);
        known
    }

    /// Has a record of the archive meet the post that it is; true where the new one supersedes it.
    pub fn meet(&mut self, place: usize, old: &Record) -> bool {
        let Some(fresh) = self.fresh.get_mut(place) else { return false };
        if !unite::is_news(old, &fresh.record) {
            fresh.state = State::Known;
            return false;
        }
        let mut united = old.clone();
        unite::unite(&mut united, std::mem::take(&mut fresh.record));
        fresh.record = united;
        fresh.state = State::Supersedes;
        true
    }

    /// What is to be added.
    #[must_use]
    pub fn finish(self) -> Updated {
        let Self { fresh, mut sources, .. } = self;
        let mut records = Vec::new();
        for Fresh { record, source, state, .. } in fresh {
            if let (true, Some(account)) = (state != State::New, sources.get_mut(source)) {
                account.read -= 1;
                account.merged += 1;
            }
            match state {
                State::New => records.push(Record { uid: String::new(), ..record }),
                State::Known => {}
                State::Supersedes => records.push(record),
            }
        }
        Updated { records, sources }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Filter, Gather};
    use super::*;
    use crate::record_json::from_json;
    use jiff::tz::TimeZone;

    fn record(json: &str) -> Record {
        from_json(serde_json::from_str(json).unwrap(), &TimeZone::UTC)
    }

    #[test]
    fn known_ones_are_merged_and_fuller_ones_supersede() {
        let mut gather = Gather::new(Filter::default());
        let posts = [
            r#"{"channel":"c","id":"1","text":"same"}"#,
            r#"{"channel":"c","id":"2","text":"now longer"}"#,
            r#"{"text":"bare"}"#,
            r#"{"text":"bare"}"#,
            r#"{"channel":"c","id":"3","text":"new"}"#,
        ];
        posts.iter().for_each(|json| gather.add(record(json)));
        gather.end_source(SourceAccount { read: 5, ..SourceAccount::default() });
        let mut update = Update::new(gather.finish());
        assert_eq!(update.uids(), None);
        let archive = [
            r#"{"uid":"c/1","channel":"c","id":"1","text":"same"}"#,
            r#"{"uid":"c/2","channel":"c","id":"2","text":"long"}"#,
            r#"{"uid":"~x","text":"bare"}"#,
            r#"{"uid":"c/9","channel":"c","id":"9","text":"another"}"#,
        ];
        archive.iter().for_each(|json| update.note(&record(json)));
        assert_eq!(update.known(), [(0, 0), (1, 1), (2, 2)]);
        let superseded: Vec<bool> =
            update.known().into_iter().map(|(old, place)| update.meet(place, &record(archive[old]))).collect();
        assert_eq!(superseded, [false, true, false]);
        let updated = update.finish();
        let found: Vec<_> = updated.records.iter().map(|record| (record.uid.as_str(), record.text.as_str())).collect();
        assert_eq!(found, [("c/2", "now longer"), ("", "bare"), ("", "new")]);
        assert_eq!((updated.sources[0].read, updated.sources[0].merged), (2, 3));
    }
}
