//! A leaf of the term dictionary: up to 512 entries in order, as columns.
//!
//! ```text
//! ┌────────┬───────────────────────────┬────────┬─────────────┬──────────┬───────────┬────────────────────┬────────┬──────────┐
//! │ number │ starts in the 4 streams   │ shared │ suffix lens │ suffixes │ languages │ doc_freqs, lengths │ stem   │ lists of │
//! │ varint │ varints                   │ u8 each│ u8 each     │ bytes    │ u8 each   │ varints            │ groups │ prefixes │
//! └────────┴───────────────────────────┴────────┴─────────────┴──────────┴───────────┴────────────────────┴────────┴──────────┘
//! ```
//!
//! Forms are front-coded: each says how many bytes it shares with the one before. Under zstd that is smaller than an automaton
//! for each block, and there is nothing in it to walk that could go in circles. Postings, weights and positions of the entries
//! follow each other in their streams ([`Cursor`]), so that lengths are enough.

use std::ops::Range;

use super::stream::Cursor;
use super::termdict::{LangOrd, TermEntry, TermInfo, TermOrd};
use crate::error::{Error, Result};
use crate::format::codec::Decoder;
#[cfg(feature = "cli")]
use crate::format::codec::put_varint;
use crate::format::container::Cut;

/// Most entries of a leaf, a few kilobytes of them, so that a query reads little; fixed by the format, since numbers of entries
/// rest on it.
pub const LEAF_ENTRIES: usize = 512;

/// Prefixes of fewer entries have no list; part of the format. A prefix of few words is scored by each of them, and whether it is
/// may not depend on what an archive chose to write.
pub const MIN_PREFIX_ENTRIES: usize = 17;

/// Most prefixes whose lists are told of in one leaf; part of the format, as a bound for readers.
pub const MAX_PREFIXES: usize = 512;

/// A leaf, opened.
#[derive(Debug, Default)]
pub struct Leaf {
    /// The forms, one behind the other, each whole.
    forms: String,
    entries: Vec<Columns>,
    /// Distances to the other members of stem groups that begin here, ascending, group after group.
    members: Vec<u32>,
    prefixes: Vec<PrefixInfo>,
}

/// Where the list of a prefix stands whose first entry is in this leaf.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PrefixInfo {
    /// The place of the first entry.
    pub place: usize,
    /// Length of the prefix in bytes.
    pub len: usize,
    /// Number of records that hold a word of the prefix.
    pub doc_freq: u32,
    /// Where they stand in the stream of `prefixes`.
    pub postings: Range<u64>,
}

/// What the columns say of one entry.
#[derive(Clone, Copy, Debug, Default)]
struct Columns {
    /// Where its form ends in `forms`.
    form_end: usize,
    lang: LangOrd,
    doc_freq: u32,
    postings: Extent,
    weights: Extent,
    positions: Extent,
    /// 0: it is in no stem group. 1: it begins one. Else one more than its distance from the first member.
    group: u32,
    /// Where its group's distances end in `members`.
    members_end: usize,
}

/// Where a list stands in its stream.
#[derive(Clone, Copy, Debug, Default)]
struct Extent {
    start: u64,
    end: u64,
}

impl From<Range<u64>> for Extent {
    fn from(Range { start, end }: Range<u64>) -> Self {
        Self { start, end }
    }
}

impl Extent {
    fn range(self) -> Range<u64> {
        self.start..self.end
    }
}

impl Leaf {
    /// Number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True when it holds no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes that it takes in memory, about.
    #[must_use]
    pub fn cost(&self) -> usize {
        self.forms.len()
            + self.entries.len() * size_of::<Columns>()
            + self.members.len() * size_of::<u32>()
            + self.prefixes.len() * size_of::<PrefixInfo>()
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
        let columns = self.at(place);
        TermInfo {
            ord: TermOrd::at(leaf, place),
            doc_freq: columns.doc_freq,
            postings: columns.postings.range(),
            weights: columns.weights.range(),
            positions: columns.positions.range(),
        }
    }

    /// The list of a prefix whose first entry stands here, where it has one.
    #[must_use]
    pub fn prefix(&self, prefix: &str) -> Option<&PrefixInfo> {
        self.prefixes.iter().find(|info| self.form(info.place).get(..info.len) == Some(prefix))
    }

    fn at(&self, place: usize) -> Columns {
        self.entries.get(place).copied().unwrap_or_default()
    }

    /// Opens a leaf of a container whose streams are cut so.
    ///
    /// # Errors
    /// The columns end early, forms are no UTF-8 or out of order, or lengths lead beyond any file.
    pub fn decode(bytes: &[u8], cut: Cut) -> Result<Self> {
        let mut rdr = Decoder::new(bytes);
        let count = rdr.count()?;
        if count > LEAF_ENTRIES {
            return Err(Error::corrupt("a leaf has more entries than one may have"));
        }
        let starts = [rdr.varint()?, rdr.varint()?, rdr.varint()?, rdr.varint()?];
        let (shared, suffix_lens) = (rdr.bytes(count)?, rdr.bytes(count)?);
        let mut forms: Vec<u8> = Vec::new();
        let mut entries: Vec<Columns> = Vec::with_capacity(count);
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
        let forms = String::from_utf8(forms).map_err(|_| Error::corrupt("a form is not UTF-8"))?;
        for (entry, lang) in entries.iter_mut().zip(rdr.bytes(count)?) {
            entry.lang = *lang;
        }
        for entry in &mut entries {
            entry.doc_freq = rdr.varint_u32()?;
        }
        let [mut postings, mut weights, mut positions, prefixes] = starts.map(|start| Cursor::new(cut, start));
        for entry in &mut entries {
            entry.weights = weights.pass(u64::from(entry.doc_freq))?.into();
        }
        for entry in &mut entries {
            entry.postings = postings.pass(rdr.varint()?)?.into();
        }
        for entry in &mut entries {
            entry.positions = positions.pass(rdr.varint()?)?.into();
        }
        for entry in &mut entries {
            entry.group = rdr.varint_u32()?;
        }
        let mut members: Vec<u32> = Vec::new();
        for entry in &mut entries {
            let num_others = if entry.group == 1 { rdr.count()? } else { 0 };
            let mut distance = 0u32;
            for _ in 0..num_others {
                let gap = rdr.varint_u32()?;
                distance = distance.checked_add(gap).ok_or(Error::corrupt("a group without end"))?;
                members.push(distance);
            }
            entry.members_end = members.len();
        }
        let mut leaf = Self { forms, entries, members, prefixes: Vec::new() };
        let in_order = |place: usize| {
            (leaf.form(place), leaf.lang(place)) < (leaf.form(place + 1), leaf.lang(place + 1))
                && leaf.forms.is_char_boundary(leaf.at(place).form_end)
        };
        if !(0..count.saturating_sub(1)).all(in_order) {
            return Err(Error::corrupt("the entries of a leaf are not in order"));
        }
        leaf.prefixes = leaf.decode_prefixes(&mut rdr, prefixes)?;
        Ok(leaf)
    }

    /// Reads where the lists of prefixes stand, from the first one on.
    fn decode_prefixes(&self, rdr: &mut Decoder<'_>, mut lists: Cursor) -> Result<Vec<PrefixInfo>> {
        let count = rdr.count()?;
        if count > MAX_PREFIXES {
            return Err(Error::corrupt("a leaf tells of more prefixes than one may"));
        }
        let mut prefixes: Vec<PrefixInfo> = Vec::with_capacity(count);
        for _ in 0..count {
            let (place, len) = (rdr.varint_u32()? as usize, rdr.varint_u32()? as usize);
            let is_behind = prefixes.last().is_none_or(|last| (last.place, last.len) < (place, len));
            if len == 0 || !is_behind || self.form(place).get(..len).is_none() {
                return Err(Error::corrupt("the prefixes of a leaf are out of order, or begin no form of it"));
            }
            let (doc_freq, postings) = (rdr.varint_u32()?, lists.pass(rdr.varint()?)?);
            prefixes.push(PrefixInfo { place, len, doc_freq, postings });
        }
        Ok(prefixes)
    }
}

/// The bytes of a leaf of sorted, distinct entries, which stand in their streams one behind the other, and of the lists of the
/// prefixes that begin with one of them.
#[cfg(feature = "cli")]
#[must_use]
pub fn encode(entries: &[TermEntry], prefixes: &[PrefixInfo]) -> Vec<u8> {
    let mut buf = Vec::new();
    put_varint(&mut buf, entries.len() as u64);
    let first = entries.first();
    put_varint(&mut buf, first.map_or(0, |entry| entry.info.postings.start));
    put_varint(&mut buf, first.map_or(0, |entry| entry.info.weights.start));
    put_varint(&mut buf, first.map_or(0, |entry| entry.info.positions.start));
    put_varint(&mut buf, prefixes.first().map_or(0, |list| list.postings.start));
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
    put_varint(&mut buf, prefixes.len() as u64);
    for PrefixInfo { place, len, doc_freq, postings } in prefixes {
        for value in [*place as u64, *len as u64, u64::from(*doc_freq), postings.end - postings.start] {
            put_varint(&mut buf, value);
        }
    }
    buf
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;

    const CUT: Cut = Cut { version: 2, block_len: 4096 };

    fn leaf_of(entries: &[TermEntry]) -> Leaf {
        Leaf::decode(&encode(entries, &[]), CUT).unwrap()
    }

    #[test]
    fn more_entries_or_prefixes_than_a_leaf_may_have_are_refused() {
        let mut buf = Vec::new();
        put_varint(&mut buf, LEAF_ENTRIES as u64 + 1);
        buf.resize(20_000, 0);
        assert!(Leaf::decode(&buf, CUT).is_err());
        // An empty leaf: no entries, four starts, then the number of prefixes.
        let mut buf = encode(&[], &[]);
        assert_eq!(buf, [0; 6]);
        buf.pop();
        put_varint(&mut buf, MAX_PREFIXES as u64 + 1);
        buf.resize(20_000, 0);
        assert!(Leaf::decode(&buf, CUT).is_err());
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
            starts in prop::array::uniform3(0..1u64 << 40),
        ) {
            let [mut postings, mut weights, mut positions] = starts.map(|start| Cursor::new(CUT, start));
            let mut entries: Vec<TermEntry> = Vec::new();
            for ((place, (form, lang)), (doc_freq, postings_len, positions_len)) in (0..).zip(keys).zip(lens) {
                let info = TermInfo {
                    doc_freq,
                    ord: TermOrd::at(7, place),
                    postings: postings.pass(postings_len).unwrap(),
                    weights: weights.pass(u64::from(doc_freq)).unwrap(),
                    positions: positions.pass(positions_len).unwrap(),
                };
                entries.push(TermEntry { form, lang, info, ..TermEntry::default() });
            }
            // Every other entry in one group, whose first members stand in a leaf before.
            for entry in entries.iter_mut().step_by(2) {
                entry.group = Some(TermOrd::at(6, 500));
            }
            // And a group of its own.
            if let [_, first, .., last] = entries.as_mut_slice() {
                (first.group, first.members) = (Some(first.info.ord), vec![last.info.ord, TermOrd::at(9, 3)]);
            }
            let first_chars = entries.iter().map(|entry| entry.form.chars().next());
            let first = first_chars.enumerate().find_map(|(place, first)| Some((place, first?)));
            let info = first.map(|(place, first)| {
                PrefixInfo { place, len: first.len_utf8(), doc_freq: 9, postings: 70_000..70_009 }
            });
            let leaf = Leaf::decode(&encode(&entries, info.as_slice()), CUT).unwrap();
            if let Some((_, first)) = first {
                prop_assert_eq!(leaf.prefix(&first.to_string()), info.as_ref());
            }
            if let Some(info) = info {
                let encoded = |prefixes: &[PrefixInfo]| Leaf::decode(&encode(&entries, prefixes), CUT);
                prop_assert!(encoded(&[info.clone(), info.clone()]).is_err(), "twice the same");
                prop_assert!(encoded(&[PrefixInfo { len: 600, ..info.clone() }]).is_err(), "longer than its form");
                prop_assert!(encoded(&[PrefixInfo { place: entries.len(), ..info }]).is_err(), "of no entry");
            }
            let found: Vec<_> = (0..leaf.len()).map(|place| leaf.entry(7, place).unwrap()).collect();
            prop_assert_eq!(found, entries);
        }

        #[test]
        fn any_bytes_give_an_answer_or_an_error(bytes in vec(any::<u8>(), 0..300)) {
            if let Ok(leaf) = Leaf::decode(&bytes, CUT) {
                (0..leaf.len()).for_each(|place| drop(leaf.entry(0, place)));
            }
        }
    }
}
