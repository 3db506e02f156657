//! Gives each record its uid.

use std::cmp::Ordering;
use std::collections::HashMap;

use sha2::{Digest, Sha256};

use crate::record::Record;

/// The uids of records, by the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Uids {
    /// What each record's own content gives, one behind the other.
    bases: Vec<u8>,
    ends: Vec<u64>,
    /// Uids of records whose own was taken.
    repeats: HashMap<u32, String>,
}

impl Uids {
    /// Notes the next record by what its own content gives, or by the name that it has been given.
    pub(super) fn push(&mut self, base: &str) {
        self.bases.extend_from_slice(base.as_bytes());
        self.ends.push(self.bases.len() as u64);
    }

    /// Records so far.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The uid of a record; before [`Uids::settle`], what its content gives.
    pub(super) fn get(&self, seq: u32) -> &str {
        self.repeats.get(&seq).map_or_else(|| self.base(seq), String::as_str)
    }

    fn base(&self, seq: u32) -> &str {
        let end_of = |seq: usize| self.ends.get(seq).copied().unwrap_or(0) as usize;
        let start = (seq as usize).checked_sub(1).map_or(0, end_of);
        let bytes = self.bases.get(start..end_of(seq as usize)).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// Gives repeated ones `.2`, `.3`, …, in the order of their `place`s, leaving out what another record is called; returns the
    /// records in the order of their uids.
    pub(super) fn settle(&mut self, place: impl Fn(u32) -> u32) -> Vec<u32> {
        let mut sorted: Vec<u32> = (0..self.ends.len() as u32).collect();
        sorted.sort_unstable_by(|a, b| self.base(*a).cmp(self.base(*b)).then_with(|| place(*a).cmp(&place(*b))));
        let mut repeats = HashMap::new();
        for group in sorted.chunk_by(|a, b| self.base(*a) == self.base(*b)) {
            let [first, others @ ..] = group else { continue };
            let base = self.base(*first);
            let is_taken = |uid: &String| sorted.binary_search_by(|seq| self.base(*seq).cmp(uid)).is_ok();
            let mut free = (2u64..).map(|number| format!("{base}.{number}")).filter(|uid| !is_taken(uid));
            repeats.extend(others.iter().copied().zip(&mut free));
        }
        self.repeats = repeats;
        if !self.repeats.is_empty() {
            sorted.sort_unstable_by(|a, b| self.get(*a).cmp(self.get(*b)));
        }
        debug_assert!(sorted.windows(2).all(|pair| match pair {
            [a, b] => self.get(*a).cmp(self.get(*b)) == Ordering::Less,
            _ => true,
        }));
        sorted
    }
}

/// The uid that a record's own content gives, where it is not taken by another.
#[must_use]
pub fn uid_base(record: &Record) -> String {
    match &record.id {
        Some(id) => Record::uid_of_id(record.channel.as_deref(), &record.source.file, id),
        None => content_uid(record),
    }
}

/// `~` and the first 16 hexadecimal digits of the SHA-256 of forwarded-from, title and text, each ended by a zero byte.
fn content_uid(record: &Record) -> String {
    let forward = record.forwarded_from.as_ref().map_or("", |forward| forward.name.as_str());
    digest_name([forward, record.title.as_deref().unwrap_or_default(), &record.text])
}

/// `~` and the first 16 hexadecimal digits of the SHA-256 of texts, each ended by a zero byte.
pub(super) fn digest_name<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
        hasher.update([0]);
    }
    let digest = hasher.finalize();
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("~{hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uids(records: &[(Option<&str>, Option<&str>, &str)]) -> Vec<String> {
        let mut uids = Uids::default();
        for (channel, id, text) in records {
            uids.push(&uid_base(&Record {
                channel: channel.map(str::to_owned),
                id: id.map(str::to_owned),
                text: (*text).to_owned(),
                source: crate::record::Source { file: "dump.2024.jsonl".into(), ..Default::default() },
                ..Record::default()
            }));
        }
        let sorted = uids.settle(|seq| seq);
        assert!(sorted.iter().map(|seq| uids.get(*seq)).is_sorted_by(|a, b| a < b));
        (0..records.len() as u32).map(|seq| uids.get(seq).to_owned()).collect()
    }

    #[test]
    fn uids_are_stable_and_distinct() {
        assert_eq!(uids(&[(Some("c"), Some("7"), ""), (None, Some("7"), "")]), ["c/7", "dump/7"]);
        let by_content = uids(&[(None, None, "a"), (None, None, "b"), (None, None, "a")]);
        assert_eq!(by_content[2], format!("{}.2", by_content[0]));
        assert_ne!(by_content[0], by_content[1]);
        assert_eq!(by_content[0].len(), 17);
    }

    #[test]
    fn a_repeat_never_takes_what_another_record_is_called() {
        let same = uids(&[
            (Some("c"), Some("7"), ""),
            (Some("c"), Some("7"), ""),
            (Some("c"), Some("7.2"), ""),
            (Some("c"), Some("7"), ""),
            (Some("c"), Some("7.2"), ""),
        ]);
        assert_eq!(same, ["c/7", "c/7.3", "c/7.2", "c/7.4", "c/7.2.2"]);
    }
}
