//! New records, held against those that an archive has: which are new to it, and which of its own they supersede.

use std::collections::HashMap;

use super::{Gathered, Key, key, unite};
use crate::builder;
use crate::record::Record;
use crate::searcher::SourceAccount;

/// Gathered records on their way into an archive.
#[derive(Debug)]
pub struct Update {
    fresh: Vec<Fresh>,
    sources: Vec<SourceAccount>,
    /// Which of them is the n-th with a key.
    places: HashMap<(Key, u32), usize>,
    /// How often the archive had a key so far.
    times: HashMap<Key, u32>,
}

#[derive(Debug)]
struct Fresh {
    record: Record,
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
        let (mut places, mut times) = (HashMap::new(), HashMap::<Key, u32>::new());
        let mut fresh = Vec::with_capacity(records.len());
        for (record, place) in records.into_iter().zip(0u64..) {
            let key = key(&record);
            let count = times.entry(key).or_default();
            *count += 1;
            places.insert((key, *count), fresh.len());
            fresh.push(Fresh { record, source: ends.partition_point(|end| *end <= place), state: State::New });
        }
        Self { fresh, sources, places, times: HashMap::new() }
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

    /// Meets the next record of the archive; true where a new one supersedes it.
    pub fn meet(&mut self, old: &Record) -> bool {
        let key = key(old);
        let times = self.times.entry(key).or_default();
        *times += 1;
        let place = self.places.get(&(key, *times));
        let Some(fresh) = place.and_then(|place| self.fresh.get_mut(*place)) else { return false };
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
        for Fresh { record, source, state } in fresh {
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
        assert!(!update.meet(&record(r#"{"uid":"c/1","channel":"c","id":"1","text":"same"}"#)));
        assert!(update.meet(&record(r#"{"uid":"c/2","channel":"c","id":"2","text":"long"}"#)));
        assert!(!update.meet(&record(r#"{"uid":"~x","text":"bare"}"#)));
        assert!(!update.meet(&record(r#"{"uid":"c/9","channel":"c","id":"9","text":"another"}"#)));
        let updated = update.finish();
        let found: Vec<_> = updated.records.iter().map(|record| (record.uid.as_str(), record.text.as_str())).collect();
        assert_eq!(found, [("c/2", "now longer"), ("", "bare"), ("", "new")]);
        assert_eq!((updated.sources[0].read, updated.sources[0].merged), (2, 3));
    }
}
