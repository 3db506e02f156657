//! Reads the index: terms, postings, weights and positions.

use std::ops::Range;
use std::rc::Rc;

use super::leaf::{Leaf, PrefixInfo};
use super::termdict::{LangOrd, Separators, TermEntry, TermInfo, TermOrd, Tree};
use super::{positions, postings, weight};
use crate::docset::{DocSet, Union};
use crate::error::{Error, Result};
use crate::format::codec::Decoder;
#[cfg(feature = "cli")]
use crate::format::codec::{put_str, put_varint};
use crate::format::lru::Lru;
use crate::format::{Container, Fetch, Section, gather};

/// A leaf of the dictionary: its number, itself, and the places of some entries in it.
pub type LeafPart = (usize, Rc<Leaf>, Range<usize>);

/// The index's part of the root.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "cli", derive(Default))]
pub struct IndexRoot {
    /// Number of entries of the dictionary.
    pub num_terms: u64,
    /// Number of postings of all entries.
    pub num_postings: u64,
    /// Number of words of all records.
    pub num_tokens: u64,
    /// Languages that entries have, by their numbers from 1 on.
    pub languages: Vec<String>,
    /// What leads to the leaves of the dictionary.
    pub tree: Tree,
}

/// Reads the index of an archive, and keeps what it opened.
#[derive(Debug)]
pub struct IndexReader {
    /// Its part of the root.
    pub root: IndexRoot,
    /// Number of records of the archive.
    pub num_docs: u32,
    /// Leaves and nodes of the dictionary, by their blocks.
    opened: Lru<usize, Opened>,
    lists: Lru<(TermOrd, Extent), DocSet>,
    weights: Lru<TermOrd, Rc<[u8]>>,
}

/// A block of the dictionary, opened.
#[derive(Clone, Debug)]
enum Opened {
    Leaf(Rc<Leaf>),
    Node(Rc<Separators>),
}

/// How far a list goes that begins with an entry.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
enum Extent {
    /// To this entry.
    Entry(TermOrd),
    /// Over all entries that begin with so many bytes of its form.
    Prefix(usize),
}

/// A moment in the life of what an [`IndexReader`] keeps.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moments {
    opened: u64,
    lists: u64,
    weights: u64,
}

impl IndexReader {
    /// Reads the index of an archive of so many records.
    #[must_use]
    pub fn new(root: IndexRoot, num_docs: u32) -> Self {
        Self { root, num_docs, opened: Lru::default(), lists: Lru::default(), weights: Lru::default() }
    }

    /// The name of a language; empty for none.
    #[must_use]
    pub fn language(&self, lang: LangOrd) -> &str {
        usize::from(lang).checked_sub(1).and_then(|place| self.root.languages.get(place)).map_or("", String::as_str)
    }

    /// A leaf of the dictionary, opened.
    pub fn leaf(&self, container: &Container, ord: usize) -> Fetch<Rc<Leaf>> {
        if let Some(Opened::Leaf(leaf)) = self.opened.get(&ord) {
            return Ok(Some(leaf));
        }
        if ord >= self.root.tree.num_leaves {
            return Err(in_terms(Error::corrupt("a leaf is referred to that the dictionary does not have")));
        }
        let Some(block) = container.block(Section::Terms, ord)? else { return Ok(None) };
        let leaf = Rc::new(Leaf::decode(&block, container.cut).map_err(in_terms)?);
        self.opened.put(ord, Opened::Leaf(leaf.clone()), leaf.cost());
        Ok(Some(leaf))
    }

    /// What stands in the block of a node.
    fn node(&self, container: &Container, ord: usize) -> Fetch<Rc<Separators>> {
        if let Some(Opened::Node(node)) = self.opened.get(&ord) {
            return Ok(Some(node));
        }
        let Some(block) = container.block(Section::Terms, ord)? else { return Ok(None) };
        let node = Rc::new(Separators::decode(&block).map_err(in_terms)?);
        self.opened.put(ord, Opened::Node(node.clone()), block.len());
        Ok(Some(node))
    }

    /// The one leaf that can hold a key; the number of leaves when it sorts behind every form.
    fn leaf_of(&self, container: &Container, key: &[u8]) -> Fetch<usize> {
        let tree = &self.root.tree;
        let levels = tree.levels();
        let Some(mut item) = tree.top.place_of(key) else { return Ok(Some(tree.num_leaves)) };
        // Nodes stand behind the leaves, level by level; the last level's are the last.
        let mut first: usize = levels.iter().sum();
        for items in levels.iter().skip(1).rev() {
            first -= items;
            let Some(node) = self.node(container, first + item)? else { return Ok(None) };
            let place =
                node.place_of(key).ok_or_else(|| in_terms(Error::corrupt("a node ends before its separator")))?;
            item = item * tree.per_node + place;
        }
        Ok(Some(item.min(tree.num_leaves)))
    }

    /// The leaves that can hold forms beginning with `prefix`.
    fn leaves_of_prefix(&self, container: &Container, prefix: &str) -> Fetch<Range<usize>> {
        let num_leaves = self.root.tree.num_leaves;
        if prefix.is_empty() {
            return Ok(Some(0..num_leaves));
        }
        // No form holds the byte 0xff, so this sorts behind everything that begins with the prefix.
        let start = self.leaf_of(container, prefix.as_bytes())?;
        let last = self.leaf_of(container, &[prefix.as_bytes(), &[0xff]].concat())?;
        Ok(start.zip(last).map(|(start, last)| start..(last + 1).min(num_leaves).max(start)))
    }

    /// The leaves that hold forms beginning with a prefix, each with its number and the places of these forms in it. For walks
    /// over a stretch of the dictionary: [`Leaf::form`] of one place after the other. With the empty prefix, all of it.
    pub fn leaves_with_prefix(&self, container: &Container, prefix: &str) -> Fetch<Vec<LeafPart>> {
        let Some(leaves) = self.leaves_of_prefix(container, prefix)? else { return Ok(None) };
        gather(leaves.map(|ord| {
            let leaf = self.leaf(container, ord)?;
            Ok(leaf.map(|leaf| (ord, leaf.clone(), leaf.with_prefix(prefix))))
        }))
    }

    /// The entries of a form, one for each language that has it.
    pub fn entries(&self, container: &Container, form: &str) -> Fetch<Vec<TermEntry>> {
        self.of_form(container, form, Leaf::entry)
    }

    /// The lists of a form, one for each language that has it.
    pub fn infos(&self, container: &Container, form: &str) -> Fetch<Vec<TermInfo>> {
        self.of_form(container, form, |leaf, ord, place| Ok(leaf.info(ord, place)))
    }

    fn of_form<T>(
        &self,
        container: &Container,
        form: &str,
        read: impl Fn(&Leaf, usize, usize) -> Result<T>,
    ) -> Fetch<Vec<T>> {
        let Some(ord) = self.leaf_of(container, form.as_bytes())? else { return Ok(None) };
        if ord >= self.root.tree.num_leaves {
            return Ok(Some(Vec::new()));
        }
        let Some(leaf) = self.leaf(container, ord)? else { return Ok(None) };
        let places = (leaf.lower_bound(form.as_bytes())..leaf.len()).take_while(|place| leaf.form(*place) == form);
        places.map(|place| read(&leaf, ord, place)).collect::<Result<_>>().map(Some).map_err(in_terms)
    }

    /// Every entry whose form begins with `prefix`, in order.
    pub fn entries_with_prefix(&self, container: &Container, prefix: &str) -> Fetch<Vec<TermEntry>> {
        let Some(leaves) = self.leaves_with_prefix(container, prefix)? else { return Ok(None) };
        let entries = leaves.iter().flat_map(|(ord, leaf, places)| places.clone().map(|place| leaf.entry(*ord, place)));
        entries.collect::<Result<_>>().map(Some).map_err(in_terms)
    }

    /// The lists of every entry whose form begins with `prefix`, in order.
    pub fn infos_with_prefix(&self, container: &Container, prefix: &str) -> Fetch<Vec<TermInfo>> {
        let leaves = self.leaves_with_prefix(container, prefix)?;
        let infos =
            |(ord, leaf, places): &LeafPart| places.clone().map(|place| leaf.info(*ord, place)).collect::<Vec<_>>();
        Ok(leaves.map(|leaves| leaves.iter().flat_map(infos).collect()))
    }

    /// An entry by its number.
    ///
    /// # Errors
    /// There is none of this number, or its leaf is lost.
    pub fn entry(&self, container: &Container, ord: TermOrd) -> Fetch<TermEntry> {
        let Some(leaf) = self.leaf(container, ord.leaf())? else { return Ok(None) };
        leaf.entry(ord.leaf(), ord.place()).map(Some).map_err(in_terms)
    }

    /// The records of an entry.
    pub fn docs(&self, container: &Container, info: &TermInfo) -> Fetch<DocSet> {
        self.run_docs(container, std::slice::from_ref(info))
    }

    /// The records of any of these entries.
    pub fn union(&self, container: &Container, infos: &[TermInfo]) -> Fetch<DocSet> {
        let sets = gather(infos.iter().map(|info| self.docs(container, info)))?;
        Ok(sets.map(|sets| DocSet::union(&sets)))
    }

    /// The first and the last entry whose form begins with `prefix`; `Some(None)` where there is none.
    pub fn prefix_ends(&self, container: &Container, prefix: &str) -> Fetch<Option<(TermOrd, TermOrd)>> {
        let Some(leaves) = self.leaves_of_prefix(container, prefix)? else { return Ok(None) };
        // The outermost leaves may hold none of them; those within do.
        let end = |mut ords: &mut dyn Iterator<Item = usize>, is_last: bool| {
            for ord in &mut ords {
                let Some(leaf) = self.leaf(container, ord)? else { return Ok(None) };
                let places = leaf.with_prefix(prefix);
                if !places.is_empty() {
                    let place = if is_last { places.end - 1 } else { places.start };
                    return Ok(Some(Some(TermOrd::at(ord, place))));
                }
            }
            Ok(Some(None))
        };
        let (first, last) = (end(&mut leaves.clone(), false)?, end(&mut leaves.rev(), true)?);
        Ok(first.zip(last).map(|(first, last)| first.zip(last)))
    }

    /// The records of any term that begins with `prefix`.
    pub fn prefix_docs(&self, container: &Container, prefix: &str) -> Fetch<DocSet> {
        let Some(list) = self.prefix_list(container, prefix)? else { return Ok(None) };
        if let Some((first, info)) = list {
            let key = (first, Extent::Prefix(prefix.len()));
            let docs = self.kept(key, || {
                let Some(bytes) = container.stream(Section::Prefixes, info.postings.clone())? else { return Ok(None) };
                let docs = postings::decode(&bytes, info.doc_freq, self.num_docs);
                docs.map(DocSet::from_sorted)
                    .map(Some)
                    .map_err(|error| error.at(Section::Prefixes.name(), info.postings.start))
            });
            // A list only saves reading: where it is lost, the lists of the words are read.
            if let Ok(docs) = docs {
                return Ok(docs);
            }
        }
        let Some(ends) = self.prefix_ends(container, prefix)? else { return Ok(None) };
        if let Some(docs) = ends.and_then(|(first, last)| self.lists.get(&(first, Extent::Entry(last)))) {
            return Ok(Some(docs));
        }
        let Some(infos) = self.infos_with_prefix(container, prefix)? else { return Ok(None) };
        self.run_docs(container, &infos)
    }

    /// The list of a prefix, and the first entry that begins with it; `Some(None)` where it has none.
    pub fn prefix_list(&self, container: &Container, prefix: &str) -> Fetch<Option<(TermOrd, PrefixInfo)>> {
        let Some(leaves) = self.leaves_of_prefix(container, prefix)? else { return Ok(None) };
        // The first of these leaves may hold none of its entries; then the second does.
        for ord in leaves.take(2) {
            let Some(leaf) = self.leaf(container, ord)? else { return Ok(None) };
            if let Some(info) = leaf.prefix(prefix) {
                return Ok(Some(Some((TermOrd::at(ord, info.place), info.clone()))));
            }
        }
        Ok(Some(None))
    }

    /// The records of entries that follow each other in the dictionary, as their postings do.
    fn run_docs(&self, container: &Container, infos: &[TermInfo]) -> Fetch<DocSet> {
        let (Some(first), Some(last)) = (infos.first(), infos.last()) else { return Ok(Some(DocSet::default())) };
        self.kept((first.ord, Extent::Entry(last.ord)), || {
            self.read_run(container, infos, first.postings.start..last.postings.end)
        })
    }

    fn read_run(&self, container: &Container, infos: &[TermInfo], run: Range<u64>) -> Fetch<DocSet> {
        let start = run.start;
        let in_postings = |error: Error| error.at(Section::Postings.name(), start);
        let Some(bytes) = container.stream(Section::Postings, run)? else { return Ok(None) };
        let decoded = |info: &TermInfo| {
            let range =
                info.postings.start.saturating_sub(start) as usize..info.postings.end.saturating_sub(start) as usize;
            let bytes = bytes.get(range).ok_or(Error::corrupt("lists do not follow each other"))?;
            postings::decode(bytes, info.doc_freq, self.num_docs)
        };
        let docs = if let [only] = infos {
            DocSet::from_sorted(decoded(only).map_err(in_postings)?)
        } else {
            let mut union = Union::default();
            for info in infos {
                union.add_sorted(&decoded(info).map_err(in_postings)?);
            }
            union.finish()
        };
        Ok(Some(docs))
    }

    /// What is kept under a key, or else is read.
    fn kept(&self, key: (TermOrd, Extent), read: impl FnOnce() -> Fetch<DocSet>) -> Fetch<DocSet> {
        if let Some(docs) = self.lists.get(&key) {
            return Ok(Some(docs));
        }
        let Some(docs) = read()? else { return Ok(None) };
        self.lists.put(key, docs.clone(), docs.cost());
        Ok(Some(docs))
    }

    /// The weight of each posting of an entry, as a code; see [`weight`].
    pub fn weights(&self, container: &Container, info: &TermInfo) -> Fetch<Rc<[u8]>> {
        if let Some(weights) = self.weights.get(&info.ord) {
            return Ok(Some(weights));
        }
        let Some(weights) = container.stream(Section::Weights, info.weights.clone())? else { return Ok(None) };
        let weights: Rc<[u8]> = weights.into();
        self.weights.put(info.ord, weights.clone(), weights.len());
        Ok(Some(weights))
    }

    /// What the codes of weights stand for in this archive: term frequencies as in a record of average length.
    #[must_use]
    pub fn frequencies(&self) -> [f64; 256] {
        weight::frequencies(self.root.num_tokens as f64 / f64::from(self.num_docs.max(1)))
    }

    /// Forgets what was opened until what is left takes `budget` bytes, but nothing used after `since`; see [`Lru::trim`].
    pub fn trim(&self, budget: usize, since: &Moments) {
        self.opened.trim(budget / 4, since.opened);
        self.lists.trim(budget / 2, since.lists);
        self.weights.trim(budget / 4, since.weights);
    }

    /// Bytes that what was opened takes.
    #[must_use]
    pub fn cost(&self) -> usize {
        self.opened.cost() + self.lists.cost() + self.weights.cost()
    }

    /// A moment, for [`IndexReader::trim`].
    #[must_use]
    pub fn now(&self) -> Moments {
        Moments { opened: self.opened.now(), lists: self.lists.now(), weights: self.weights.now() }
    }

    /// Calls `visit` with the positions of some postings of an entry; see [`positions::visit`].
    pub fn positions(
        &self,
        container: &Container,
        info: &TermInfo,
        wanted: &[usize],
        visit: &mut impl FnMut(usize, u32),
    ) -> Fetch<()> {
        positions::visit(container, info, wanted, visit)
    }
}

impl IndexRoot {
    /// Reads the index's part of the root.
    pub fn decode(rdr: &mut Decoder<'_>) -> Result<Self> {
        Ok(Self {
            num_terms: rdr.varint()?,
            num_postings: rdr.varint()?,
            num_tokens: rdr.varint()?,
            languages: rdr.list(Decoder::string)?,
            tree: Tree::decode(rdr)?,
        })
    }

    /// Appends the index's part of the root.
    #[cfg(feature = "cli")]
    pub fn encode(&self, buf: &mut Vec<u8>) {
        put_varint(buf, self.num_terms);
        put_varint(buf, self.num_postings);
        put_varint(buf, self.num_tokens);
        put_varint(buf, self.languages.len() as u64);
        self.languages.iter().for_each(|lang| put_str(buf, lang));
        self.tree.encode(buf);
    }
}

fn in_terms(error: Error) -> Error {
    error.at(Section::Terms.name(), 0)
}
