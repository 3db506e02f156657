//! [`Archive`]: joins query, collector and snippet over the open readers.

mod counts;
mod filters;
mod page;
mod post;

use std::cell::Cell;

use super::asked::word_to_complete;
use super::request::{Answer, PostRequest, PostView, SearchPage, SearchRequest};
use super::root::Root;
use crate::collector::Best;
use crate::error::{Error, Result};
#[cfg(feature = "cli")]
use crate::format::BlockRef;
use crate::format::{Container, Fetch, Section};
use crate::index::{IndexReader, Moments};
use crate::query::eval::Evaluator;
#[cfg(feature = "more")]
use crate::query::eval::scan::Scanned;
use crate::query::{Names, Query, UNLISTED, parse};
use crate::record::DocId;

#[cfg(feature = "more")]
pub(super) use counts::{Counts, Damage};
#[cfg(feature = "more")]
pub(super) use filters::{FacetFilter, Narrowed, within};
#[cfg(feature = "more")]
pub(super) use page::search_terms;
#[cfg(feature = "more")]
pub(super) use post::marked;

/// Records with a word up to which corrections of it are looked for: in so few it may be misspelled as well.
pub(super) const FEW_HITS: usize = 5;

/// An open archive.
#[derive(Debug)]
pub struct Archive {
    container: Container,
    root: Root,
    index: IndexReader,
    #[cfg(feature = "more")]
    scanned: Scanned,
    budget: Cell<usize>,
    /// When the last request was answered: what was used since is in use.
    answered: Cell<(u64, Moments)>,
}

/// Bytes that an archive keeps in memory unless it is told otherwise: enough for every word of a long session over some hundred
/// thousand records, and little beside what a browser takes for an empty page.
pub const DEFAULT_BUDGET: usize = 24 << 20;

impl Archive {
    /// Opens an archive from its first bytes, which must hold header and root: the first shard does.
    ///
    /// # Errors
    /// The bytes are no archive of this version, or header or root are damaged or cut.
    pub fn open(head: &[u8]) -> Result<Self> {
        let (container, root) = Container::open(head, Root::decode)?;
        if root.index.tree.levels().iter().sum::<usize>() != container.num_blocks(Section::Terms) {
            return Err(Error::corrupt("the dictionary has more or fewer blocks than the root says"));
        }
        let index = IndexReader::new(root.index.clone(), root.store.num_docs());
        Ok(Self {
            container,
            root,
            index,
            budget: Cell::new(DEFAULT_BUDGET),
            answered: Cell::default(),
            #[cfg(feature = "more")]
            scanned: Scanned::default(),
        })
    }

    /// What is known without loading anything more.
    #[must_use]
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// The words.
    #[must_use]
    pub fn index(&self) -> &IndexReader {
        &self.index
    }

    /// The blocks and where they stand.
    #[must_use]
    pub fn container(&self) -> &Container {
        &self.container
    }

    /// Number of records.
    #[must_use]
    pub fn num_docs(&self) -> u32 {
        self.root.store.num_docs()
    }

    /// Number of records without a date.
    #[must_use]
    pub fn num_undated(&self) -> u32 {
        self.num_docs() - self.root.times.num_dated
    }

    /// Number of records that say the same as an earlier one in another channel.
    #[must_use]
    pub fn num_folded(&self) -> u32 {
        self.root.num_folded()
    }

    /// First and last date, as their sources gave them.
    #[must_use]
    pub fn dates(&self) -> Option<(&str, &str)> {
        self.root.dates.as_ref().map(|(first, last)| (first.as_str(), last.as_str()))
    }

    /// Number of entries of the dictionary.
    #[must_use]
    pub fn num_terms(&self) -> u64 {
        self.root.index.num_terms
    }

    /// The facets that are shown, in the order in which they divide the archive best.
    #[must_use]
    pub fn facet_names(&self) -> Vec<String> {
        let names = self.root.facets.iter().map(|facet| &facet.name);
        names.filter(|name| !UNLISTED.contains(&name.as_str())).cloned().collect()
    }

    /// Names of the columns of numbers, those of dates among them.
    #[must_use]
    pub fn number_names(&self) -> Vec<String> {
        self.root.numbers.iter().map(|column| column.name.clone()).collect()
    }

    /// Those of them that are columns of dates.
    #[must_use]
    pub fn date_names(&self) -> Vec<String> {
        let dates = self.root.numbers.iter().filter(|column| column.is_date);
        dates.map(|column| column.name.clone()).collect()
    }

    /// What was read from each source.
    pub fn sources(&self) -> impl Iterator<Item = &super::SourceAccount> {
        self.root.sources.iter()
    }

    /// Hands over one block.
    ///
    /// # Errors
    /// Its checksum is wrong; the block stays missing.
    pub fn supply(&self, offset: u64, bytes: &[u8]) -> Result<()> {
        self.container.supply(offset, bytes)
    }

    /// Gives a block up: what depends on it is shown as damaged, everything else goes on.
    pub fn lose(&self, offset: u64, reason: &str) {
        self.container.lose(offset, reason);
    }

    /// Takes back that a block was given up, such as when a connection is there again.
    pub fn forget_lost(&self, offset: u64) {
        self.container.forget_lost(offset);
    }

    /// Answers a search.
    ///
    /// # Errors
    /// A block of the index that the query needs is lost or malformed. Lost blocks of records are no error: their hits are
    /// shown as damaged.
    pub fn search(&self, request: &SearchRequest) -> Result<Answer<SearchPage>> {
        let needs_more = || {
            let parsed = parse(&request.query, request.typing);
            let is_beyond = |leaf: &Query| match leaf {
                Query::Part(_) | Query::Pattern { .. } => true,
                Query::Field(field) => self.names().number(&field.name).is_some(),
                _ => false,
            };
            request.zoom.is_some() || parsed.fold || parsed.query.has_leaf(&is_beyond)
        };
        if !cfg!(feature = "more") && needs_more() {
            return Ok(Answer::Beyond);
        }
        let page = self.search_page(request)?;
        let page = match page {
            #[cfg(feature = "more")]
            Some(page) => super::suggest::with_suggestions(self, page, request)?,
            #[cfg(not(feature = "more"))]
            Some(page) => Some(page),
            None => None,
        };
        Ok(self.answer(page))
    }

    /// One record by its number.
    ///
    /// # Errors
    /// Its block is lost or malformed, or there is no such record.
    pub fn record(&self, doc: DocId) -> Result<Answer<crate::record::Record>> {
        let record = self.root.store.record(&self.container, doc)?;
        Ok(self.answer(record))
    }

    /// A post by its uid, with its neighbours; `Ready(None)` when no record has it.
    ///
    /// # Errors
    /// The block of uids that could name it is lost or malformed.
    pub fn post(&self, request: &PostRequest) -> Result<Answer<Option<PostView>>> {
        let view = self.post_view(request)?;
        Ok(self.answer(view))
    }

    /// The words that begin as the last one of a query does, the most frequent first, each with the number of records that hold
    /// it; none for a single letter, which begins too many.
    ///
    /// # Errors
    /// A block of the dictionary is lost or malformed.
    pub fn completions(&self, query: &str, limit: usize) -> Result<Answer<Vec<(String, u32)>>> {
        let Some(word) = word_to_complete(query) else { return Ok(Answer::Ready(Vec::new())) };
        let Some(entries) = self.index.entries_with_prefix(&self.container, &word)? else {
            return Ok(self.answer(None));
        };
        let mut best = Best::new(limit, |a: &(String, u32), b: &(String, u32)| a.1 > b.1 || (a.1 == b.1 && a.0 < b.0));
        // A record has one language, so that the numbers of a form in several add up.
        for forms in entries.chunk_by(|a, b| a.form == b.form) {
            let Some(first) = forms.first() else { continue };
            best.offer((first.form.clone(), forms.iter().map(|entry| entry.info.doc_freq).sum()));
        }
        Ok(self.answer(Some(best.items)))
    }

    /// Where the blocks of a section stand.
    ///
    /// # Errors
    /// A page of the section table is lost or malformed.
    #[cfg(feature = "cli")]
    pub fn places(&self, section: Section) -> Result<Answer<Vec<BlockRef>>> {
        let places = self.container.places(section)?;
        Ok(self.answer(places))
    }

    /// What fields are looked up in.
    pub(super) fn names(&self) -> Names<'_> {
        let Root { facets, numbers, times, .. } = &self.root;
        Names { container: &self.container, facets, numbers, times }
    }

    /// Sets how many bytes of blocks, and of what was made of them, are kept. Beyond that what was used longest ago is
    /// forgotten once a request is answered, but nothing that the request used: it may take more.
    pub fn set_budget(&self, bytes: usize) {
        self.budget.set(bytes);
    }

    /// Bytes of blocks, and of what was made of them, that are kept now; see [`Archive::set_budget`].
    #[must_use]
    pub fn loaded_len(&self) -> usize {
        self.container.cost() + self.index.cost()
    }

    /// What turns a query into records.
    pub(super) fn evaluator(&self) -> Evaluator<'_> {
        Evaluator::new(
            self.names(),
            &self.index,
            &self.root.store,
            #[cfg(feature = "more")]
            &self.scanned,
        )
    }

    pub(super) fn answer<T>(&self, found: Option<T>) -> Answer<T> {
        let wanted = self.container.take_wanted();
        let Some(found) = found else { return Answer::Need(wanted) };
        self.trim();
        Answer::Ready(found)
    }

    /// Forgets what the budget has no room for, once a request is answered, and lets scans go on.
    pub(super) fn trim(&self) {
        #[cfg(feature = "more")]
        self.scanned.end_slice();
        let (blocks, opened) = self.answered.get();
        self.container.trim(self.budget.get() / 2, blocks);
        self.index.trim(self.budget.get() / 2, &opened);
        self.answered.set((self.container.now(), self.index.now()));
    }

    /// The record of a uid; `Some(None)` when none has it.
    pub(super) fn doc_of(&self, uid: &str) -> Fetch<Option<DocId>> {
        self.root.uids.find(&self.container, &self.root.store, uid)
    }
}
