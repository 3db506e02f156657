//! A leaf of the term dictionary: up to 512 entries in order, as columns.
//!
//! ```text
//! ┌────────┬───────────────────────────┬────────┬─────────────┬──────────┬───────────┬────────────────────┐
//! │ number │ starts in the streams of  │ shared │ suffix lens │ suffixes │ languages │ doc_freqs, lengths │ …
//! │ varint │ postings, weights, places │ u8 each│ u8 each     │ bytes    │ u8 each   │ varints            │
//! └────────┴───────────────────────────┴────────┴─────────────┴──────────┴───────────┴────────────────────┘
//! ```
//!
//! Forms are front-coded: each says how many bytes it shares with the one before. Under zstd that is smaller than an automaton
//! for each block, and there is nothing in it to walk that could go in circles. Postings, weights and positions of the entries
//! follow each other in their streams, so that lengths are enough.

use std::ops::Range;

use super::termdict::{LangOrd, TermEntry, TermInfo, TermOrd};
use crate::error::{Error, Result};
use crate::format::codec::Decoder;
#[cfg(feature = "cli")]
use crate::format::codec::put_varint;

/// Most entries of a leaf, a few kilobytes of them, so that a query reads little; fixed by the format, since numbers of entries
/// rest on it.
pub const LEAF_ENTRIES: usize = 512;

/// A leaf, opened.
#[derive(Debug, Default)]
pub struct Leaf {
    /// The forms, one behind the other, each whole.
    forms: String,
    entries: Vec<Columns>,
    /// Distances to the other members of stem groups that begin here, ascending, group after group.
    members: Vec<u32>,
}

/// What the columns say of one entry.
#[derive(Clone, Copy, Debug, Default)]
struct Columns {
    /// Where its form ends in `forms`.
    form_end: usize,
    lang: LangOrd,
    doc_freq: u32,
    /// Where its postings, weights and positions begin in their streams.
    postings_start: u64,
    weights_start: u64,
    positions_start: u64,
    /// 0: it is in no stem group. 1: it begins one. Else one more than its distance from the first member.
    group: u32,
    /// Where its group's distances end in `members`.
    members_end: usize,
}

impl Leaf {
    /// Number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        // The last item only says where the entry before it ends.
        self.entries.len().saturating_sub(1)
    }

    /// True when it holds no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes that it takes in memory, about.
    #[must_use]
    pub fn cost(&self) -> usize {
        self.forms.len() + self.entries.len() * size_of::<Columns>() + self.members.len() * size_of::<u32>()
    }

    /// The form of an entry; empty behind the last one.
    #[must_use]
    pub fn form(&self, place: usize) -> &str {
        let start = place.checked_sub(1).map_or(0, |before| self.at(before).form_end);
        self.forms.get(start..self.at(place).form_end).unwrap_or_default()
    }

    /// The language of an entry.
    #[must_use]
    pub fn lang(&self, place: usize) -> LangOrd {
        self.at(place).lang
    }

    /// Number of records that hold an entry.
    #[must_use]
    pub fn doc_freq(&self, place: usize) -> u32 {
        self.at(place).doc_freq
    }

    /// The first entry whose form is not below `form`.
    #[must_use]
    pub fn lower_bound(&self, form: &[u8]) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.form(middle).as_bytes() < form { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// The entries whose forms begin with `prefix`.
    #[must_use]
    pub fn with_prefix(&self, prefix: &str) -> Range<usize> {
        // No UTF-8 holds the byte 0xff, so this sorts behind everything that begins with the prefix.
        let end = [prefix.as_bytes(), &[0xff]].concat();
        self.lower_bound(prefix.as_bytes())..self.lower_bound(&end)
    }

    /// An entry of this leaf, which is number `leaf` of the dictionary.
    ///
    /// # Errors
    /// There is none at this place, or its stem group lies outside the dictionary.
    pub fn entry(&self, leaf: usize, place: usize) -> Result<TermEntry> {
        if place >= self.len() {
            return Err(Error::corrupt("an entry is referred to that a leaf does not have"));
        }
        let (columns, info) = (self.at(place), self.info(leaf, place));
        let ord = info.ord;
        let members_start = place.checked_sub(1).map_or(0, |before| self.at(before).members_end);
        let members = self.members.get(members_start..columns.members_end).unwrap_or_default();
        let group = match columns.group {
            0 => None,
            group => Some(ord.0.checked_sub(group - 1).map(TermOrd).ok_or(Error::corrupt("a group begins nowhere"))?),
        };
        Ok(TermEntry {
            form: self.form(place).to_owned(),
            lang: columns.lang,
            info,
            group,
            members: members.iter().map(|distance| TermOrd(ord.0.saturating_add(*distance))).collect(),
        })
    }

    /// Where the lists of an entry stand. This leaf is number `leaf` of the dictionary.
    #[must_use]
    pub fn info(&self, leaf: usize, place: usize) -> TermInfo {
        let (columns, next) = (self.at(place), self.at(place + 1));
        TermInfo {
            ord: TermOrd::at(leaf, place),
            doc_freq: columns.doc_freq,
            postings: columns.postings_start..next.postings_start,
            weights: columns.weights_start..next.weights_start,
            positions: columns.positions_start..next.positions_start,
        }
    }

    fn at(&self, place: usize) -> Columns {
        self.entries.get(place).copied().unwrap_or_default()
    }

    /// Opens a leaf.
    ///
    /// # Errors
    /// The columns end early, forms are no UTF-8 or out of order, or lengths lead beyond any file.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut rdr = Decoder::new(bytes);
        let count = rdr.count()?;
        if count > LEAF_ENTRIES {
            return Err(Error::corrupt("a leaf has more entries than one may have"));
        }
        let mut first = Columns { postings_start: rdr.varint()?, ..Columns::default() };
        first.weights_start = rdr.varint()?;
        first.positions_start = rdr.varint()?;
        let (shared, suffix_lens) = (rdr.bytes(count)?, rdr.bytes(count)?);
        let mut forms: Vec<u8> = Vec::new();
        let mut entries: Vec<Columns> = Vec::with_capacity(count + 1);
        let mut before = 0..0;
        for (shared, suffix_len) in shared.iter().zip(suffix_lens) {
            let (shared, start) = (usize::from(*shared), forms.len());
            if shared > before.len() {
                return Err(Error::corrupt("a form shares more than the one before has"));
            }
            forms.extend_from_within(before.start..before.start + shared);
            forms.extend_from_slice(rdr.bytes(usize::from(*suffix_len))?);
            before = start..forms.len();
            entries.push(Columns { form_end: forms.len(), ..Columns::default() });
        }
        entries.push(Columns::default());
        let forms = String::from_utf8(forms).map_err(|_| Error::corrupt("a form is not UTF-8"))?;
        for (entry, lang) in entries.iter_mut().zip(rdr.bytes(count)?) {
            entry.lang = *lang;
        }
        for entry in entries.iter_mut().take(count) {
            entry.doc_freq = rdr.varint_u32()?;
        }
        // The lengths of three columns, as starts; the last item ends the last entry.
        let beyond = || Error::corrupt("a list ends beyond any file");
        let mut start = first.weights_start;
        for entry in &mut entries {
            entry.weights_start = start;
            start = start.checked_add(u64::from(entry.doc_freq)).ok_or_else(beyond)?;
        }
        for (first, column) in [
            (first.postings_start, (|entry| &mut entry.postings_start) as fn(&mut Columns) -> &mut u64),
            (first.positions_start, |entry| &mut entry.positions_start),
        ] {
            let mut start = first;
            for (entry, place) in entries.iter_mut().zip(0..) {
                *column(entry) = start;
                let len = if place < count { rdr.varint()? } else { 0 };
                start = start.checked_add(len).ok_or_else(beyond)?;
            }
        }
        for entry in entries.iter_mut().take(count) {
            entry.group = rdr.varint_u32()?;
        }
        let mut members: Vec<u32> = Vec::new();
        for entry in entries.iter_mut().take(count) {
            let num_others = if entry.group == 1 { rdr.count()? } else { 0 };
            let mut distance = 0u32;
            for _ in 0..num_others {
                let gap = rdr.varint_u32()?;
                distance = distance.checked_add(gap).ok_or(Error::corrupt("a group without end"))?;
                members.push(distance);
            }
            entry.members_end = members.len();
        }
        let leaf = Self { forms, entries, members };
        let in_order = |place: usize| {
            (leaf.form(place), leaf.lang(place)) < (leaf.form(place + 1), leaf.lang(place + 1))
                && leaf.forms.is_char_boundary(leaf.at(place).form_end)
        };
        if !(0..count.saturating_sub(1)).all(in_order) {
            return Err(Error::corrupt("the entries of a leaf are not in order"));
        }
        Ok(leaf)
    }
}

/// The bytes of a leaf of sorted, distinct entries, which stand in their streams one behind the other.
#[cfg(feature = "cli")]
#[must_use]
pub fn encode(entries: &[TermEntry]) -> Vec<u8> {
    let mut buf = Vec::new();
    put_varint(&mut buf, entries.len() as u64);
    let first = entries.first();
    put_varint(&mut buf, first.map_or(0, |entry| entry.info.postings.start));
    put_varint(&mut buf, first.map_or(0, |entry| entry.info.weights.start));
    put_varint(&mut buf, first.map_or(0, |entry| entry.info.positions.start));
    let mut before = "";
    let mut suffixes: Vec<&[u8]> = Vec::new();
    for entry in entries {
        let form = entry.form.as_bytes();
        let shared = form.iter().zip(before.as_bytes()).take_while(|(a, b)| a == b).count();
        buf.push(shared as u8);
        suffixes.push(form.get(shared..).unwrap_or_default());
        before = &entry.form;
    }
    buf.extend(suffixes.iter().map(|suffix| suffix.len() as u8));
    suffixes.iter().for_each(|suffix| buf.extend_from_slice(suffix));
    buf.extend(entries.iter().map(|entry| entry.lang));
    entries.iter().for_each(|entry| put_varint(&mut buf, u64::from(entry.info.doc_freq)));
    entries.iter().for_each(|entry| put_varint(&mut buf, entry.info.postings.end - entry.info.postings.start));
    entries.iter().for_each(|entry| put_varint(&mut buf, entry.info.positions.end - entry.info.positions.start));
    for entry in entries {
        put_varint(&mut buf, entry.group.map_or(0, |first| u64::from(entry.info.ord.0 - first.0) + 1));
    }
    for entry in entries.iter().filter(|entry| entry.group == Some(entry.info.ord)) {
        put_varint(&mut buf, entry.members.len() as u64);
        let mut before = entry.info.ord.0;
        for member in &entry.members {
            put_varint(&mut buf, u64::from(member.0 - before));
            before = member.0;
        }
    }
    buf
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;

    fn leaf_of(entries: &[TermEntry]) -> Leaf {
        Leaf::decode(&encode(entries)).unwrap()
    }

    #[test]
    fn forms_are_found_and_prefixes_are_ranges() {
        let entry = |form: &str, lang| TermEntry { form: form.into(), lang, ..TermEntry::default() };
        let leaf = leaf_of(&[entry("гавани", 1), entry("гавань", 1), entry("гавань", 2), entry("город", 0)]);
        assert_eq!((leaf.len(), leaf.form(1), leaf.form(3), leaf.form(4)), (4, "гавань", "город", ""));
        assert_eq!(leaf.lower_bound("гавань".as_bytes()), 1);
        assert_eq!(leaf.with_prefix("гава"), 0..3);
        assert_eq!(leaf.with_prefix("г"), 0..4);
        assert_eq!(leaf.with_prefix("д"), 4..4);
        assert!(leaf.entry(0, 4).is_err());
    }

    proptest! {
        #[test]
        fn round_trip(
            keys in btree_set(("[a-cё]{0,4}", 0..3u8), 0..40),
            lens in vec((1..300u32, 0..70_000u64, 0..70_000u64), 40),
            starts in (0..1u64 << 40, 0..1u64 << 40, 0..1u64 << 40),
        ) {
            let (mut postings, mut weights, mut positions) = starts;
            let mut entries: Vec<TermEntry> = Vec::new();
            for ((place, (form, lang)), (doc_freq, postings_len, positions_len)) in (0..).zip(keys).zip(lens) {
                let info = TermInfo {
                    doc_freq,
                    ord: TermOrd::at(7, place),
                    postings: postings..postings + postings_len,
                    weights: weights..weights + u64::from(doc_freq),
                    positions: positions..positions + positions_len,
                };
                entries.push(TermEntry { form, lang, info, ..TermEntry::default() });
                (postings, weights, positions) =
                    (postings + postings_len, weights + u64::from(doc_freq), positions + positions_len);
            }
            // Every other entry in one group, whose first members stand in a leaf before.
            for entry in entries.iter_mut().step_by(2) {
                entry.group = Some(TermOrd::at(6, 500));
            }
            // And a group of its own.
            if let [_, first, .., last] = entries.as_mut_slice() {
                (first.group, first.members) = (Some(first.info.ord), vec![last.info.ord, TermOrd::at(9, 3)]);
            }
            let leaf = leaf_of(&entries);
            let found: Vec<_> = (0..leaf.len()).map(|place| leaf.entry(7, place).unwrap()).collect();
            prop_assert_eq!(found, entries);
        }

        #[test]
        fn any_bytes_give_an_answer_or_an_error(bytes in vec(any::<u8>(), 0..300)) {
            if let Ok(leaf) = Leaf::decode(&bytes) {
                (0..leaf.len()).for_each(|place| drop(leaf.entry(0, place)));
            }
        }
    }
}
