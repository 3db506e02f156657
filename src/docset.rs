//! Sets of records: *which records answer?*
//!
//! A set is kept as a range, a sorted list or, where it is dense, a bit for each record. Copies share what they hold.

use std::ops::Range;
use std::rc::Rc;

use crate::record::DocId;

/// A set of records.
#[derive(Clone, Debug)]
pub struct DocSet(Repr);

#[derive(Clone, Debug)]
enum Repr {
    Range(Range<DocId>),
    Sorted(Rc<[DocId]>),
    Bits(Rc<Bits>),
}

/// A bit for each record, and for each word of bits how many records come before it.
#[derive(Debug)]
struct Bits {
    words: Vec<u64>,
    ranks: Vec<u32>,
    len: u32,
}

/// A list takes 32 bits for each of its records: a set becomes bits where it holds more than one of this many.
const SPARSE: usize = 32;

impl Default for DocSet {
    fn default() -> Self {
        Self(Repr::Range(0..0))
    }
}

impl PartialEq for DocSet {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl Eq for DocSet {}

impl DocSet {
    /// A set of records that come sorted and distinct.
    #[must_use]
    pub fn from_sorted(docs: Vec<DocId>) -> Self {
        debug_assert!(docs.is_sorted_by(|a, b| a < b));
        let end = docs.last().map_or(0, |last| *last as usize + 1);
        if docs.len() > end / SPARSE && end > 64 {
            let mut words = vec![0; end.div_ceil(64)];
            set_bits(&mut words, &docs);
            return Self::from_words(words);
        }
        Self(Repr::Sorted(docs.into()))
    }

    /// The records of a range.
    #[must_use]
    pub fn from_range(range: Range<DocId>) -> Self {
        Self(Repr::Range(range.start..range.end.max(range.start)))
    }

    /// The records whose bits are set: record `64 i + j` is bit `j` of word `i`.
    #[must_use]
    pub fn from_words(words: Vec<u64>) -> Self {
        let mut len = 0;
        let mut ranks = Vec::with_capacity(words.len());
        for word in &words {
            ranks.push(len);
            len += word.count_ones();
        }
        let set = Self(Repr::Bits(Rc::new(Bits { words, ranks, len })));
        match &set.0 {
            Repr::Bits(bits) if (len as usize) < bits.words.len() * 64 / SPARSE => {
                Self(Repr::Sorted(set.iter().collect::<Vec<_>>().into()))
            }
            _ => set,
        }
    }

    /// Number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            Repr::Range(range) => range.len(),
            Repr::Sorted(docs) => docs.len(),
            Repr::Bits(bits) => bits.len as usize,
        }
    }

    /// True when no record is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes that it takes in memory, about.
    #[must_use]
    pub fn cost(&self) -> usize {
        match &self.0 {
            Repr::Range(_) => 0,
            Repr::Sorted(docs) => docs.len() * 4,
            Repr::Bits(bits) => bits.words.len() * 12,
        }
    }

    /// The records, sorted.
    #[must_use]
    pub fn to_vec(&self) -> Vec<DocId> {
        match &self.0 {
            Repr::Sorted(docs) => docs.to_vec(),
            _ => self.iter().collect(),
        }
    }

    /// The records, from the first or from the last.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        self.iter_in(&(0..DocId::MAX))
    }

    /// The records within a range, from the first or from the last.
    #[must_use]
    pub fn iter_in(&self, range: &Range<DocId>) -> Iter<'_> {
        match &self.0 {
            Repr::Range(own) => Iter::Range(own.start.max(range.start)..own.end.min(range.end)),
            Repr::Sorted(docs) => {
                let start = docs.partition_point(|doc| *doc < range.start);
                let end = docs.partition_point(|doc| *doc < range.end).max(start);
                Iter::Sorted(docs.get(start..end).unwrap_or_default().iter())
            }
            Repr::Bits(bits) => {
                let end = range.end.min(bits.words.len() as DocId * 64);
                let mut iter = BitsIter { words: &bits.words, front: 0, back: 0, first: 0, last: 0 };
                if range.start < end {
                    (iter.front, iter.back) = (range.start as usize / 64, (end - 1) as usize / 64);
                    iter.first = iter.word(iter.front) & (u64::MAX << (range.start % 64));
                    let up_to = u64::MAX >> (63 - (end - 1) % 64);
                    if iter.front == iter.back {
                        iter.first &= up_to;
                    } else {
                        iter.last = iter.word(iter.back) & up_to;
                    }
                }
                Iter::Bits(iter)
            }
        }
    }

    /// Whether a record is in it.
    #[must_use]
    pub fn contains(&self, doc: DocId) -> bool {
        match &self.0 {
            Repr::Range(range) => range.contains(&doc),
            Repr::Sorted(docs) => docs.binary_search(&doc).is_ok(),
            Repr::Bits(bits) => bits.contains(doc),
        }
    }

    /// Number of records below one.
    #[must_use]
    pub fn rank(&self, doc: DocId) -> usize {
        match &self.0 {
            Repr::Range(range) => doc.clamp(range.start, range.end).saturating_sub(range.start) as usize,
            Repr::Sorted(docs) => docs.partition_point(|candidate| *candidate < doc),
            Repr::Bits(bits) => bits.rank(doc),
        }
    }

    /// Number of records within a range.
    #[must_use]
    pub fn count_in(&self, range: &Range<DocId>) -> usize {
        self.rank(range.end).saturating_sub(self.rank(range.start))
    }

    /// Calls `visit` with each record of this set that is in the other one too, and its places in both, in order.
    pub fn join(&self, other: &Self, mut visit: impl FnMut(DocId, usize, usize)) {
        let is_same = match (&self.0, &other.0) {
            (Repr::Sorted(a), Repr::Sorted(b)) => Rc::ptr_eq(a, b),
            (Repr::Bits(a), Repr::Bits(b)) => Rc::ptr_eq(a, b),
            _ => false,
        };
        if is_same {
            return self.iter().zip(0..).for_each(|(doc, place)| visit(doc, place, place));
        }
        match (&self.0, &other.0) {
            // A list that is far longer, or has places at hand, is looked into; else both are walked.
            (Repr::Sorted(docs), Repr::Sorted(others)) => {
                let mut place = 0;
                for (doc, own_place) in docs.iter().zip(0..) {
                    place += gallop(others.get(place..).unwrap_or_default(), *doc);
                    if others.get(place) == Some(doc) {
                        visit(*doc, own_place, place);
                    }
                }
            }
            (Repr::Bits(_) | Repr::Range(_), Repr::Sorted(others)) => {
                for (doc, place) in others.iter().zip(0..) {
                    if self.contains(*doc) {
                        visit(*doc, self.rank(*doc), place);
                    }
                }
            }
            _ => {
                for (doc, own_place) in self.iter().zip(0..) {
                    if other.contains(doc) {
                        visit(doc, own_place, other.rank(doc));
                    }
                }
            }
        }
    }

    /// Records in both.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        match (&self.0, &other.0) {
            (Repr::Range(a), Repr::Range(b)) => Self::from_range(a.start.max(b.start)..a.end.min(b.end)),
            (Repr::Range(range), _) => other.within(range),
            (_, Repr::Range(range)) => self.within(range),
            (Repr::Bits(a), Repr::Bits(b)) => {
                Self::from_words(a.words.iter().zip(&b.words).map(|(a, b)| a & b).collect())
            }
            (Repr::Sorted(docs), Repr::Bits(bits)) | (Repr::Bits(bits), Repr::Sorted(docs)) => {
                Self(Repr::Sorted(docs.iter().copied().filter(|doc| bits.contains(*doc)).collect()))
            }
            (Repr::Sorted(a), Repr::Sorted(b)) => {
                let (small, mut rest): (_, &[DocId]) = if a.len() <= b.len() { (a, b) } else { (b, a) };
                let mut docs = Vec::with_capacity(small.len());
                for doc in small.iter() {
                    rest = rest.get(gallop(rest, *doc)..).unwrap_or_default();
                    if rest.first() == Some(doc) {
                        docs.push(*doc);
                    }
                }
                Self(Repr::Sorted(docs.into()))
            }
        }
    }

    /// Records in all of these, the smallest first; `None` of none.
    #[must_use]
    pub fn intersection(sets: &[Self]) -> Option<Self> {
        let smallest = (0..sets.len()).min_by_key(|place| sets.get(*place).map(Self::len))?;
        let others = sets.iter().enumerate().filter(|(place, _)| *place != smallest);
        Some(others.fold(sets.get(smallest)?.clone(), |docs, (_, set)| docs.intersect(set)))
    }

    /// Records in this one but not in the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        if other.is_empty() {
            return self.clone();
        }
        if let Repr::Sorted(docs) = &self.0 {
            return Self(Repr::Sorted(docs.iter().copied().filter(|doc| !other.contains(*doc)).collect()));
        }
        let mut words = self.to_words();
        match &other.0 {
            Repr::Bits(bits) => words.iter_mut().zip(&bits.words).for_each(|(word, other)| *word &= !other),
            _ => {
                for doc in other {
                    words.iter_mut().skip(doc as usize / 64).take(1).for_each(|word| *word &= !(1 << (doc % 64)));
                }
            }
        }
        Self::from_words(words)
    }

    /// Records in any of these.
    #[must_use]
    pub fn union(sets: &[Self]) -> Self {
        if let [only] = sets {
            return only.clone();
        }
        // A bit for each record up to the last: short prefixes have long unions, which would take longer to sort.
        let mut union = Union::default();
        sets.iter().for_each(|set| union.add(set));
        union.finish()
    }

    /// The records within a range, as a set.
    fn within(&self, range: &Range<DocId>) -> Self {
        if self.count_in(range) == self.len() {
            return self.clone();
        }
        Self::from_sorted(self.iter_in(range).collect())
    }

    fn to_words(&self) -> Vec<u64> {
        if let Repr::Bits(bits) = &self.0 {
            return bits.words.clone();
        }
        let end = self.iter().next_back().map_or(0, |last| last as usize + 1);
        let mut words = vec![0; end.div_ceil(64)];
        for doc in self {
            if let Some(word) = words.get_mut(doc as usize / 64) {
                *word |= 1 << (doc % 64);
            }
        }
        words
    }
}

/// A set that grows by others.
#[derive(Debug, Default)]
pub struct Union {
    words: Vec<u64>,
}

impl Union {
    /// Adds the records of a set.
    pub fn add(&mut self, set: &DocSet) {
        match &set.0 {
            Repr::Bits(bits) => {
                self.reserve(bits.words.len());
                self.words.iter_mut().zip(&bits.words).for_each(|(word, other)| *word |= other);
            }
            Repr::Sorted(docs) => self.add_sorted(docs),
            Repr::Range(range) => self.add_sorted(&range.clone().collect::<Vec<_>>()),
        }
    }

    /// Adds records that come sorted.
    pub fn add_sorted(&mut self, docs: &[DocId]) {
        self.reserve(docs.last().map_or(0, |last| *last as usize / 64 + 1));
        set_bits(&mut self.words, docs);
    }

    /// The set.
    #[must_use]
    pub fn finish(self) -> DocSet {
        DocSet::from_words(self.words)
    }

    fn reserve(&mut self, num_words: usize) {
        if self.words.len() < num_words {
            self.words.resize(num_words, 0);
        }
    }
}

impl Bits {
    fn contains(&self, doc: DocId) -> bool {
        self.words.get(doc as usize / 64).is_some_and(|word| word >> (doc % 64) & 1 == 1)
    }

    fn rank(&self, doc: DocId) -> usize {
        let place = doc as usize / 64;
        match self.words.get(place).zip(self.ranks.get(place)) {
            Some((word, rank)) => *rank as usize + (word & !(u64::MAX << (doc % 64))).count_ones() as usize,
            None => self.len as usize,
        }
    }
}

fn set_bits(words: &mut [u64], docs: &[DocId]) {
    for doc in docs {
        if let Some(word) = words.get_mut(*doc as usize / 64) {
            *word |= 1 << (doc % 64);
        }
    }
}

/// How many of these sorted records are below `doc`; quick where it is near the front. Lists of a rare and of a common term are far
/// apart in length.
fn gallop(docs: &[DocId], doc: DocId) -> usize {
    let mut step = 1;
    while docs.get(step).is_some_and(|candidate| *candidate < doc) {
        step *= 2;
    }
    let window = docs.get(..(step + 1).min(docs.len())).unwrap_or_default();
    step / 2 + window.get(step / 2..).unwrap_or_default().partition_point(|candidate| *candidate < doc)
}

/// The records of a set, from either end.
#[derive(Clone, Debug)]
pub enum Iter<'a> {
    /// All of a range.
    Range(Range<DocId>),
    /// Those of a list.
    Sorted(std::slice::Iter<'a, DocId>),
    /// Those whose bits are set.
    Bits(BitsIter<'a>),
}

impl<'a> IntoIterator for &'a DocSet {
    type Item = DocId;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

/// The set bits of words, from either end.
#[derive(Clone, Debug)]
pub struct BitsIter<'a> {
    words: &'a [u64],
    /// The words that `first` and `last` are left of; where they are one word, all its bits are in `first`.
    front: usize,
    back: usize,
    first: u64,
    last: u64,
}

impl BitsIter<'_> {
    fn word(&self, place: usize) -> u64 {
        self.words.get(place).copied().unwrap_or_default()
    }

    fn next(&mut self) -> Option<DocId> {
        while self.first == 0 {
            if self.front >= self.back {
                return None;
            }
            self.front += 1;
            self.first = if self.front == self.back { std::mem::take(&mut self.last) } else { self.word(self.front) };
        }
        let bit = self.first.trailing_zeros();
        self.first &= self.first - 1;
        Some(self.front as DocId * 64 + bit)
    }

    fn next_back(&mut self) -> Option<DocId> {
        while self.front < self.back && self.last == 0 {
            self.back -= 1;
            if self.front < self.back {
                self.last = self.word(self.back);
            }
        }
        let word = if self.front < self.back { &mut self.last } else { &mut self.first };
        let bit = 63u32.checked_sub(word.leading_zeros())?;
        *word &= !(1 << bit);
        Some(self.back as DocId * 64 + bit)
    }
}

impl Iterator for Iter<'_> {
    type Item = DocId;

    fn next(&mut self) -> Option<DocId> {
        match self {
            Self::Range(range) => range.next(),
            Self::Sorted(docs) => docs.next().copied(),
            Self::Bits(bits) => bits.next(),
        }
    }
}

impl DoubleEndedIterator for Iter<'_> {
    fn next_back(&mut self) -> Option<DocId> {
        match self {
            Self::Range(range) => range.next_back(),
            Self::Sorted(docs) => docs.next_back().copied(),
            Self::Bits(bits) => bits.next_back(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn docs() -> impl Strategy<Value = BTreeSet<DocId>> {
        // Sparse, dense and whole, so that every kind of set meets every other.
        prop_oneof![
            btree_set(0u32..5000, 0..60),
            btree_set(0u32..600, 0..500),
            (0u32..400, 0u32..400).prop_map(|(start, len)| (start..start + len).collect()),
        ]
    }

    fn set(docs: &BTreeSet<DocId>) -> DocSet {
        match (docs.first(), docs.last()) {
            (Some(first), Some(last)) if docs.len() as u32 == last - first + 1 => DocSet::from_range(*first..last + 1),
            _ => DocSet::from_sorted(docs.iter().copied().collect()),
        }
    }

    proptest! {
        #[test]
        fn set_algebra_agrees_with_btree_sets(a in docs(), b in docs(), start in 0u32..700, len in 0u32..700) {
            let (left, right) = (set(&a), set(&b));
            prop_assert_eq!(left.len(), a.len());
            prop_assert_eq!(left.intersect(&right), set(&(&a & &b)));
            prop_assert_eq!(left.difference(&right), set(&(&a - &b)));
            prop_assert_eq!(DocSet::union(&[left.clone(), right.clone()]), set(&(&a | &b)));
            let range = start..start + len;
            prop_assert_eq!(left.count_in(&range), a.range(range.clone()).count());
            prop_assert_eq!(left.contains(start), a.contains(&start));
            let within: Vec<_> = a.range(range.clone()).copied().collect();
            prop_assert_eq!(left.iter_in(&range).collect::<Vec<_>>(), within.clone());
            prop_assert_eq!(left.iter_in(&range).rev().collect::<Vec<_>>(), within.into_iter().rev().collect::<Vec<_>>());
            let mut joined = Vec::new();
            left.join(&right, |doc, place, other| joined.push((doc, place, other)));
            let expected: Vec<_> =
                (&a & &b).into_iter().map(|doc| (doc, a.range(..doc).count(), b.range(..doc).count())).collect();
            prop_assert_eq!(joined, expected);
        }

        #[test]
        fn both_ends_meet(docs in docs(), turns in vec(any::<bool>(), 600)) {
            let set = set(&docs);
            let (mut iter, mut expected) = (set.iter(), docs.iter().copied());
            for turn in turns {
                let (found, wanted) =
                    if turn { (iter.next(), expected.next()) } else { (iter.next_back(), expected.next_back()) };
                prop_assert_eq!(found, wanted);
            }
        }
    }
}
