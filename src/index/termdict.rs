//! The term dictionary: *here is a word, where are its postings?*
//!
//! An entry is a folded form in one language. Each record has one language, so the lists of one form's entries have no record in
//! common, and a literal word is all of them together. Entries stand in leaves (`leaf.rs`), ordered by form, then language; an
//! FST over what separates the leaves finds the one to read.

use std::ops::Range;

use fst::{IntoStreamer, Streamer};

use super::automaton;
use super::leaf::LEAF_ENTRIES;
use crate::error::{Error, Result};
use crate::format::codec::Decoder;
#[cfg(feature = "cli")]
use crate::format::codec::put_prefixed;

/// Number of a language in the archive's table of them; 0 is no language, or none that matters.
pub type LangOrd = u8;

/// Number of an entry: its leaf and its place in it. Numbers ascend with the entries; some between leaves stand for none.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TermOrd(pub u32);

impl TermOrd {
    /// The entry at a place of a leaf.
    #[must_use]
    pub fn at(leaf: usize, place: usize) -> Self {
        Self((leaf * LEAF_ENTRIES + place) as u32)
    }

    /// The leaf that holds it.
    #[must_use]
    pub fn leaf(self) -> usize {
        self.0 as usize / LEAF_ENTRIES
    }

    /// Its place in its leaf.
    #[must_use]
    pub fn place(self) -> usize {
        self.0 as usize % LEAF_ENTRIES
    }
}

/// Where the lists of an entry stand.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TermInfo {
    /// Number of the entry.
    pub ord: TermOrd,
    /// Number of records that hold it in its language.
    pub doc_freq: u32,
    /// Byte range of its postings in the stream of the `postings` section.
    pub postings: Range<u64>,
    /// Byte range of its weights in the stream of the `weights` section: one for each posting.
    pub weights: Range<u64>,
    /// Byte range of its positions in the stream of the `positions` section.
    pub positions: Range<u64>,
}

/// What the dictionary knows of a form in one language.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TermEntry {
    /// The folded form.
    pub form: String,
    /// The language of the records that it stands in.
    pub lang: LangOrd,
    /// Its lists.
    pub info: TermInfo,
    /// The first member of its stem group, itself included; `None` where it has no relatives.
    pub group: Option<TermOrd>,
    /// Where it is the first member of a group: the others, ascending.
    pub members: Vec<TermOrd>,
}

/// What separates the leaves: an FST from a key not below any form of a leaf, and below the first form of the next, to the
/// leaf's number.
#[derive(Clone, Debug)]
// An empty one is built, and the builder would bring a table of 16 KB into the page.
#[cfg_attr(feature = "cli", derive(Default))]
pub struct Separators {
    map: fst::Map<Vec<u8>>,
}

impl PartialEq for Separators {
    fn eq(&self, other: &Self) -> bool {
        self.map.as_fst().as_bytes() == other.map.as_fst().as_bytes()
    }
}

impl Eq for Separators {}

impl Separators {
    /// The one leaf that can hold a key, or `None` when it sorts behind every form.
    #[must_use]
    pub fn leaf_of(&self, key: &[u8]) -> Option<usize> {
        self.map.range().ge(key).into_stream().next().map(|(_, leaf)| leaf as usize)
    }

    /// The leaves that can hold forms beginning with `prefix`.
    #[must_use]
    pub fn leaves_of_prefix(&self, prefix: &str) -> Range<usize> {
        let Some(start) = self.leaf_of(prefix.as_bytes()) else { return 0..0 };
        let last = self.leaf_of(&[prefix.as_bytes(), &[0xff]].concat());
        start..last.map_or(self.map.len(), |last| last + 1).max(start)
    }

    /// Number of leaves.
    #[must_use]
    pub fn num_leaves(&self) -> usize {
        self.map.len()
    }

    /// Reads the FST.
    ///
    /// # Errors
    /// The bytes are no FST that is safe to walk.
    pub fn decode(rdr: &mut Decoder<'_>) -> Result<Self> {
        let bytes = rdr.prefixed()?;
        automaton::check(bytes)?;
        let map = fst::Map::new(bytes.to_vec()).map_err(|_| Error::corrupt("the separators are no FST"))?;
        Ok(Self { map })
    }

    /// Appends the FST.
    #[cfg(feature = "cli")]
    pub fn encode(&self, buf: &mut Vec<u8>) {
        put_prefixed(buf, self.map.as_fst().as_bytes());
    }

    /// The separators of leaves, of each of which first and last form are given.
    ///
    /// # Errors
    /// The forms are not in order.
    #[cfg(feature = "cli")]
    pub fn new(leaves: &[(&str, &str)]) -> Result<Self> {
        let out_of_order = |_| Error::corrupt("leaves are not in order");
        let nexts = leaves.iter().skip(1).map(|(first, _)| Some(*first)).chain([None]);
        let keys = leaves.iter().zip(nexts).map(|((_, last), next)| separator(last, next));
        let map = fst::Map::from_iter(keys.zip(0..)).map_err(out_of_order)?;
        Ok(Self { map })
    }
}

/// A short key that is not below `last`, and below `next`.
#[cfg(feature = "cli")]
fn separator(last: &str, next: Option<&str>) -> Vec<u8> {
    let next = next.unwrap_or_default().as_bytes();
    let last = last.as_bytes();
    let shared = last.iter().zip(next).take_while(|(a, b)| a == b).count();
    // What the two share and the byte that tells them apart; 0xff, which no form holds, stands for all that may follow it.
    match last.get(..shared + 2) {
        Some(_) => [last.get(..=shared).unwrap_or_default(), &[0xff]].concat(),
        None => last.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_form_is_found_in_its_leaf(
            forms in btree_set("[a-cё]{1,5}", 1..60),
            others in vec("[a-cё]{0,5}", 20),
            leaf_len in 1..7usize,
        ) {
            let forms: Vec<String> = forms.into_iter().collect();
            let leaves: Vec<&[String]> = forms.chunks(leaf_len).collect();
            let ends: Vec<_> = leaves.iter().map(|leaf| (leaf[0].as_str(), leaf[leaf.len() - 1].as_str())).collect();
            let mut buf = Vec::new();
            Separators::new(&ends).unwrap().encode(&mut buf);
            let separators = Separators::decode(&mut Decoder::new(&buf)).unwrap();
            for form in &forms {
                let leaf = separators.leaf_of(form.as_bytes()).unwrap();
                prop_assert!(leaves[leaf].contains(form));
            }
            for prefix in others.iter().chain(&forms) {
                let range = separators.leaves_of_prefix(prefix);
                for (leaf, forms) in leaves.iter().enumerate() {
                    let holds = forms.iter().any(|form| form.starts_with(prefix.as_str()));
                    prop_assert!(!holds || range.contains(&leaf), "{prefix} in {range:?}, not {leaf}");
                }
                prop_assert!(range.end <= leaves.len());
            }
        }
    }
}
