//! Sets of records.

use std::ops::Range;

use crate::record::DocId;

/// A sorted set of records.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DocSet {
    docs: Vec<DocId>,
}

impl DocSet {
    /// A set of records that come sorted and distinct.
    #[must_use]
    pub fn from_sorted(docs: Vec<DocId>) -> Self {
        debug_assert!(docs.is_sorted_by(|a, b| a < b));
        Self { docs }
    }

    /// The records of a range.
    #[must_use]
    pub fn from_range(range: Range<DocId>) -> Self {
        Self { docs: range.collect() }
    }

    /// The records, sorted.
    #[must_use]
    pub fn as_slice(&self) -> &[DocId] {
        &self.docs
    }

    /// Number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.docs.len()
    }

    /// True when no record is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.docs.is_empty()
    }

    /// Number of records within a range.
    #[must_use]
    pub fn count_in(&self, range: &Range<DocId>) -> usize {
        let below = |end: DocId| self.docs.partition_point(|doc| *doc < end);
        below(range.end).saturating_sub(below(range.start))
    }

    /// Records in both.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        let (small, large) = if self.len() <= other.len() { (self, other) } else { (other, self) };
        let mut rest = large.as_slice();
        let mut docs = Vec::with_capacity(small.len());
        for doc in &small.docs {
            // Gallop: postings of a rare and of a common term are far apart in length.
            let mut step = 1;
            while rest.get(step).is_some_and(|candidate| candidate < doc) {
                step *= 2;
            }
            let window = rest.get(..(step + 1).min(rest.len())).unwrap_or_default();
            let skip = window.partition_point(|candidate| candidate < doc);
            rest = rest.get(skip..).unwrap_or_default();
            if rest.first() == Some(doc) {
                docs.push(*doc);
            }
        }
        Self { docs }
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
        let mut rest = other.docs.iter().peekable();
        let kept = |doc: &DocId| {
            while rest.next_if(|candidate| *candidate < doc).is_some() {}
            rest.peek() != Some(&doc)
        };
        Self { docs: self.docs.iter().copied().filter(kept).collect() }
    }

    /// Records in any of these.
    #[must_use]
    pub fn union(sets: &[Self]) -> Self {
        if let [only] = sets {
            return only.clone();
        }
        // A bit for each record up to the last: short prefixes have long unions, which would take longer to sort.
        let end = sets.iter().filter_map(|set| set.docs.last()).max().map_or(0, |last| *last as usize + 1);
        let mut bits = vec![0u64; end.div_ceil(64)];
        for doc in sets.iter().flat_map(|set| &set.docs) {
            if let Some(word) = bits.get_mut(*doc as usize / 64) {
                *word |= 1 << (doc % 64);
            }
        }
        let mut docs = Vec::new();
        for (word, base) in bits.iter().zip((0..).step_by(64)) {
            let mut word = *word;
            while word != 0 {
                docs.push(base + word.trailing_zeros());
                word &= word - 1;
            }
        }
        Self { docs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::btree_set;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn set(docs: &BTreeSet<DocId>) -> DocSet {
        DocSet::from_sorted(docs.iter().copied().collect())
    }

    proptest! {
        #[test]
        fn set_algebra_agrees_with_btree_sets(
            a in btree_set(0u32..300, 0..80),
            b in btree_set(0u32..300, 0..300),
            start in 0u32..300,
            len in 0u32..100,
        ) {
            let (left, right) = (set(&a), set(&b));
            prop_assert_eq!(left.intersect(&right), set(&(&a & &b)));
            prop_assert_eq!(right.intersect(&left), set(&(&a & &b)));
            prop_assert_eq!(left.difference(&right), set(&(&a - &b)));
            prop_assert_eq!(DocSet::union(&[left.clone(), right]), set(&(&a | &b)));
            prop_assert_eq!(left.count_in(&(start..start + len)), a.range(start..start + len).count());
        }
    }
}
