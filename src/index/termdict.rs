//! The term dictionary: *here is a word, where are its postings?*
//!
//! An entry is a folded form in one language. Each record has one language, so the lists of one form's entries have no record in
//! common, and a literal word is all of them together. Entries stand in leaves (`leaf.rs`), ordered by form, then language; an
//! FST over what separates the leaves finds the one to read. Where there are many leaves the FST is cut: *nodes* hold the
//! separators of so many leaves each, nodes of a level above those of so many nodes, and the root those of the highest level.

use std::ops::Range;

use fst::{IntoStreamer, Streamer};

use super::automaton;
use super::leaf::LEAF_ENTRIES;
use crate::error::{Error, Result};
#[cfg(feature = "cli")]
use crate::format::Paging;
use crate::format::codec::Decoder;
#[cfg(feature = "cli")]
use crate::format::codec::{put_prefixed, put_varint};

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

/// What separates leaves, or nodes: an FST from a key not below any form of one, and below the first form of the next, to its
/// place among those that the FST tells apart.
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
    /// The place of the one that can hold a key, or `None` when it sorts behind every form.
    #[must_use]
    pub fn place_of(&self, key: &[u8]) -> Option<usize> {
        self.map.range().ge(key).into_stream().next().map(|(_, place)| place as usize)
    }

    /// How many are told apart.
    #[must_use]
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// True when there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// Reads the FST.
    ///
    /// # Errors
    /// The bytes are no FST that is safe to walk.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        automaton::check(bytes)?;
        let map = fst::Map::new(bytes.to_vec()).map_err(|_| Error::corrupt("the separators are no FST"))?;
        Ok(Self { map })
    }

    /// The bytes of the FST.
    #[cfg(feature = "cli")]
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.map.as_fst().as_bytes()
    }

    /// An FST of these keys.
    ///
    /// # Errors
    /// The keys are not in order.
    #[cfg(feature = "cli")]
    pub fn new(keys: &[Vec<u8>]) -> Result<Self> {
        let map = fst::Map::from_iter(keys.iter().zip(0..)).map_err(|_| Error::corrupt("leaves are not in order"))?;
        Ok(Self { map })
    }
}

/// The tree of separators, as far as the root holds it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "cli", derive(Default))]
pub struct Tree {
    /// Number of leaves.
    pub num_leaves: usize,
    /// Leaves under a node, and nodes under one of the level above.
    pub per_node: usize,
    /// What separates those of the highest level, which are the leaves where there are few.
    pub top: Separators,
}

/// Most leaves under a node.
const MAX_PER_NODE: usize = 4096;

impl Tree {
    /// How many leaves and nodes each level has, from the leaves up.
    #[must_use]
    pub fn levels(&self) -> Vec<usize> {
        let mut levels = vec![self.num_leaves];
        let mut items = self.num_leaves;
        while items > self.top.len() {
            items = items.div_ceil(self.per_node);
            levels.push(items);
        }
        levels
    }

    /// Reads the dictionary's part of the root.
    ///
    /// # Errors
    /// The numbers do not lead from the leaves to the FST in the root.
    pub fn decode(rdr: &mut Decoder<'_>) -> Result<Self> {
        let (num_leaves, per_node) = (rdr.varint_u32()? as usize, rdr.varint_u32()? as usize);
        let top = Separators::decode(rdr.prefixed()?)?;
        if num_leaves > top.len() && (top.is_empty() || !(2..=MAX_PER_NODE).contains(&per_node)) {
            return Err(Error::corrupt("a dictionary of such nodes cannot be"));
        }
        let tree = Self { num_leaves, per_node, top };
        if tree.levels().last() != Some(&tree.top.len()) {
            return Err(Error::corrupt("the nodes of the dictionary are not as many as there should be"));
        }
        Ok(tree)
    }

    /// Appends the dictionary's part of the root.
    #[cfg(feature = "cli")]
    pub fn encode(&self, buf: &mut Vec<u8>) {
        put_varint(buf, self.num_leaves as u64);
        put_varint(buf, self.per_node as u64);
        put_prefixed(buf, self.top.as_bytes());
    }

    /// The tree over leaves, of each of which first and last form are given. `store_node` takes the bytes of each node.
    ///
    /// # Errors
    /// The forms are not in order, or those of `store_node`.
    #[cfg(feature = "cli")]
    pub fn new(
        leaves: &[(&str, &str)],
        paging: Paging,
        mut store_node: impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<Self> {
        let nexts = leaves.iter().skip(1).map(|(first, _)| Some(*first)).chain([None]);
        let mut keys: Vec<Vec<u8>> = leaves.iter().zip(nexts).map(|((_, last), next)| separator(last, next)).collect();
        while keys.len() > paging.in_root {
            let mut above = Vec::new();
            for node in keys.chunks(paging.per_page) {
                store_node(Separators::new(node)?.as_bytes())?;
                above.extend(node.last().cloned());
            }
            keys = above;
        }
        Ok(Self { num_leaves: leaves.len(), per_node: paging.per_page, top: Separators::new(&keys)? })
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
    use proptest::collection::btree_set;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn separators_lead_to_the_leaf_of_every_form(forms in btree_set("[a-cё]{1,5}", 1..60), leaf_len in 1..7usize) {
            let forms: Vec<String> = forms.into_iter().collect();
            let leaves: Vec<&[String]> = forms.chunks(leaf_len).collect();
            let ends: Vec<_> = leaves.iter().map(|leaf| (leaf[0].as_str(), leaf[leaf.len() - 1].as_str())).collect();
            let tree = Tree::new(&ends, Paging::default(), |_| unreachable!("all of them fit the root")).unwrap();
            let mut buf = Vec::new();
            tree.encode(&mut buf);
            prop_assert_eq!(Tree::decode(&mut Decoder::new(&buf)), Ok(tree.clone()));
            for form in &forms {
                prop_assert!(leaves[tree.top.place_of(form.as_bytes()).unwrap()].contains(form));
            }
        }

        #[test]
        fn nodes_separate_as_the_leaves_do(forms in btree_set("[a-c]{1,5}", 1..60), in_root in 1..5usize, per_page in 2..5usize) {
            let forms: Vec<String> = forms.into_iter().collect();
            let ends: Vec<_> = forms.iter().map(|form| (form.as_str(), form.as_str())).collect();
            let mut nodes = Vec::new();
            let tree = Tree::new(&ends, Paging { in_root, per_page, ..Paging::default() }, |node| {
                nodes.push(Separators::decode(node)?);
                Ok(())
            }).unwrap();
            let levels = tree.levels();
            prop_assert_eq!(nodes.len(), levels.iter().skip(1).sum::<usize>());
            for (place, form) in forms.iter().enumerate() {
                let mut item = tree.top.place_of(form.as_bytes()).unwrap();
                for level in (1..levels.len()).rev() {
                    let node = &nodes[levels[1..level].iter().sum::<usize>() + item];
                    item = item * per_page + node.place_of(form.as_bytes()).unwrap();
                }
                prop_assert_eq!(item, place);
            }
        }
    }

    #[test]
    fn numbers_that_no_tree_has_are_refused() {
        let tree = Tree::new(&[("a", "b"), ("c", "d")], Paging::default(), |_| Ok(())).unwrap();
        for (num_leaves, per_node) in [(0, 256), (1, 256), (3, 256), (513, 256), (4, 1), (4, 0), (10_000, 5000)] {
            let mut buf = Vec::new();
            Tree { num_leaves, per_node, ..tree.clone() }.encode(&mut buf);
            assert!(Tree::decode(&mut Decoder::new(&buf)).is_err(), "{num_leaves} by {per_node}");
        }
    }
}
