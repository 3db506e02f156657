//! [`Library`]: several archives that are searched as one.
//!
//! Each segment is an archive of its own, built by itself and never changed. A library asks all of them and joins what they say:
//! words become the forms that any of them has, the frequencies by which scores are measured are those of all together, values
//! and bars add up, hits stand in one order. So its answers are those of one archive built of the same records, in the order of
//! the segments.
//!
//! A record that a newer segment has anew is hidden in the older one: no search shows or counts it.
//!
//! Blocks are named by their place in the segments laid one behind the other.

mod explain;
mod facets;
mod forms;
mod hidden;
mod order;
mod page;
mod post;
mod suggest;
mod timeline;

#[cfg(feature = "cli")]
use std::rc::Rc;

use self::order::Spot;
use super::archive::{Archive, DEFAULT_BUDGET};
use super::asked::word_to_complete;
use super::request::{Answer, PostRequest, PostView, SearchPage, SearchRequest};
use super::{Root, SourceAccount};
use crate::collector::Sort;
use crate::error::{Error, Result};
#[cfg(feature = "cli")]
use crate::format::Section;
use crate::format::{BlockRef, Fetch, gather};
use crate::query::bind::each::column_in_each;
use crate::query::eval::Evaluator;
use crate::query::{DocSet, Names};
use crate::record::{DocId, Record};
use crate::store::reader::MAX_DOCS;

pub use hidden::Hidden;

/// Several archives, opened as one.
#[derive(Debug)]
pub struct Library {
    segments: Vec<Segment>,
}

/// One of the archives of a [`Library`].
#[derive(Debug)]
pub struct Segment {
    /// The archive.
    pub archive: Archive,
    /// Where it begins among the bytes of all segments.
    pub base: u64,
    /// Number of the first of its records among those of all segments.
    pub first_doc: DocId,
    /// Records that a newer segment has anew.
    pub hidden: DocSet,
    /// Number of words of these.
    hidden_tokens: u64,
    /// By how many posts fewer say the same as an earlier one, these being hidden.
    hidden_folded: u32,
}

impl Segment {
    /// The records that are there.
    #[must_use]
    pub fn visible(&self) -> DocSet {
        DocSet::from_range(0..self.archive.num_docs()).difference(&self.hidden)
    }

    /// Number of words of the records that newer segments have anew.
    #[must_use]
    pub fn hidden_tokens(&self) -> u64 {
        self.hidden_tokens
    }

    fn num_visible(&self) -> u32 {
        self.archive.num_docs().saturating_sub(self.hidden.len() as u32)
    }
}

impl Library {
    /// Opens a library of one segment from its first bytes, which must hold header and root.
    ///
    /// # Errors
    /// The bytes are no archive of this version, or header or root are damaged or cut.
    pub fn open(head: &[u8]) -> Result<Self> {
        let archive = Archive::open(head)?;
        let hidden = DocSet::default();
        Ok(Self {
            segments: vec![Segment { archive, base: 0, first_doc: 0, hidden, hidden_tokens: 0, hidden_folded: 0 }],
        })
    }

    /// Opens the next segment from its first bytes.
    ///
    /// # Errors
    /// As for the first one; or its time zone is another, or there are more records than one archive may hold.
    pub fn append(&mut self, head: &[u8]) -> Result<()> {
        let archive = Archive::open(head)?;
        let Some(last) = self.segments.last() else { return Err(Error::corrupt("a library has no first segment")) };
        if archive.root().times.zone.name != last.archive.root().times.zone.name {
            return Err(Error::corrupt("segments of one archive have different time zones"));
        }
        let base = last.base + last.archive.container().len;
        let first_doc = last.first_doc + last.archive.num_docs();
        if first_doc.checked_add(archive.num_docs()).is_none_or(|sum| sum > MAX_DOCS) {
            return Err(Error::corrupt("the segments together hold more records than an archive may"));
        }
        let hidden = DocSet::default();
        self.segments.push(Segment { archive, base, first_doc, hidden, hidden_tokens: 0, hidden_folded: 0 });
        self.set_budget(DEFAULT_BUDGET);
        Ok(())
    }

    /// Hides what newer segments have anew: the list that is published beside the segments, as docs/FORMAT.md describes it.
    ///
    /// # Errors
    /// It is damaged, or names records that are not there.
    pub fn hide(&mut self, list: &[u8]) -> Result<()> {
        let num_docs: Vec<u32> = self.segments.iter().map(|segment| segment.archive.num_docs()).collect();
        for (segment, hidden) in self.segments.iter_mut().zip(hidden::decode(list, &num_docs)?) {
            segment.hidden = hidden.docs;
            segment.hidden_tokens = hidden.num_tokens;
            segment.hidden_folded = hidden.num_folded;
        }
        Ok(())
    }

    /// The segments, the oldest first.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The root of the first segment.
    ///
    /// # Panics
    /// Never: a library is opened with a segment.
    #[must_use]
    pub fn root(&self) -> &Root {
        self.segments.first().expect("a library is opened with a segment").archive.root()
    }

    /// First and last date of all segments, as their sources gave them.
    #[must_use]
    pub fn dates(&self) -> Option<(&str, &str)> {
        let roots = || self.segments.iter().map(|segment| segment.archive.root());
        let dates = |root: &'_ Root| root.dates.is_some();
        let first = roots().filter(|root| dates(root)).min_by_key(|root| root.times.first_seconds.first().copied())?;
        let end = |root: &Root| root.times.runs.last().map(|run| run.period.first());
        let last = roots().filter_map(|root| Some((end(root), &root.dates.as_ref()?.1))).max()?;
        Some((&first.dates.as_ref()?.0, last.1))
    }

    /// Number of entries of all dictionaries; a word that several segments have counts several times.
    #[must_use]
    pub fn num_terms(&self) -> u64 {
        self.segments.iter().map(|segment| segment.archive.num_terms()).sum()
    }

    /// What was read from the sources of all segments.
    pub fn sources(&self) -> impl Iterator<Item = &SourceAccount> {
        self.segments.iter().flat_map(|segment| &segment.archive.root().sources)
    }

    /// Number of records without a date.
    #[must_use]
    pub fn num_undated(&self) -> u32 {
        let undated = |segment: &Segment| {
            let dated = segment.archive.root().times.num_dated;
            let hidden = segment.hidden.count_in(&(dated..DocId::MAX)) as u32;
            segment.archive.num_docs() - dated - hidden
        };
        self.segments.iter().map(undated).sum()
    }

    /// Number of records that say the same as an earlier one of their segment, in another channel.
    #[must_use]
    pub fn num_folded(&self) -> u32 {
        let folded = |segment: &Segment| segment.archive.num_folded().saturating_sub(segment.hidden_folded);
        self.segments.iter().fold(0, |sum: u32, segment| sum.saturating_add(folded(segment)))
    }

    /// How many of these records of one segment say the same as an earlier one of them.
    ///
    /// # Errors
    /// The column of groups is lost or malformed, or there is no such segment.
    #[cfg(feature = "cli")]
    pub fn folded_among(&self, segment: usize, docs: &DocSet) -> Result<Answer<usize>> {
        let Some(segment) = self.segments.get(segment) else { return Err(Error::corrupt("there is no such segment")) };
        let folded = segment.archive.fold(docs)?;
        Ok(self.answer(folded.map(|folded| folded.count)))
    }

    /// The group of each record of one segment, hidden ones too, as a number that only its own records have.
    ///
    /// # Errors
    /// The column of groups is lost or malformed, or there is no such segment.
    #[cfg(feature = "cli")]
    pub fn groups_in(&self, segment: usize) -> Result<Answer<Vec<Option<u32>>>> {
        let Some(segment) = self.segments.get(segment) else { return Err(Error::corrupt("there is no such segment")) };
        let groups = segment.archive.groups()?;
        Ok(self.answer(groups))
    }

    /// Names of the columns of numbers, those of dates among them.
    #[must_use]
    pub fn number_names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for column in self.segments.iter().flat_map(|segment| &segment.archive.root().numbers) {
            if !names.contains(&column.name) {
                names.push(column.name.clone());
            }
        }
        names.retain(|name| column_in_each(name, &self.names()).is_some());
        names
    }

    /// Those of them that are columns of dates.
    #[must_use]
    pub fn date_names(&self) -> Vec<String> {
        let names = self.number_names();
        let columns = || self.segments.iter().flat_map(|segment| &segment.archive.root().numbers);
        names.into_iter().filter(|name| columns().any(|column| column.is_date && column.name == *name)).collect()
    }

    /// Number of records.
    #[must_use]
    pub fn num_docs(&self) -> u32 {
        self.segments.iter().map(Segment::num_visible).sum()
    }

    /// Hands over one block.
    ///
    /// # Errors
    /// Its checksum is wrong, or it lies in no segment; the block stays missing.
    pub fn supply(&self, offset: u64, bytes: &[u8]) -> Result<()> {
        match self.segment_at(offset) {
            Some(segment) => segment.archive.supply(offset - segment.base, bytes),
            None => Err(Error::corrupt("a block lies in no segment")),
        }
    }

    /// Gives a block up: what depends on it is shown as damaged, everything else goes on.
    pub fn lose(&self, offset: u64, reason: &str) {
        if let Some(segment) = self.segment_at(offset) {
            segment.archive.lose(offset - segment.base, reason);
        }
    }

    /// Takes back that a block was given up.
    pub fn forget_lost(&self, offset: u64) {
        if let Some(segment) = self.segment_at(offset) {
            segment.archive.forget_lost(offset - segment.base);
        }
    }

    fn segment_at(&self, offset: u64) -> Option<&Segment> {
        let behind = self.segments.partition_point(|segment| segment.base <= offset);
        behind.checked_sub(1).and_then(|place| self.segments.get(place))
    }

    /// Sets how many bytes of blocks, and of what was made of them, all segments keep together.
    pub fn set_budget(&self, bytes: usize) {
        let share = bytes / self.segments.len().max(1);
        self.segments.iter().for_each(|segment| segment.archive.set_budget(share));
    }

    /// Bytes of blocks, and of what was made of them, that are kept now.
    #[must_use]
    pub fn loaded_len(&self) -> usize {
        self.segments.iter().map(|segment| segment.archive.loaded_len()).sum()
    }

    /// The only segment, where there is no more to a library than that.
    fn alone(&self) -> Option<&Archive> {
        match self.segments.as_slice() {
            [only] if only.hidden.is_empty() => Some(&only.archive),
            _ => None,
        }
    }

    /// Answers a search; see [`Archive::search`]. Records are numbered through all segments.
    ///
    /// # Errors
    /// As there, for any of the segments.
    pub fn search(&self, request: &SearchRequest) -> Result<Answer<SearchPage>> {
        if let Some(archive) = self.alone() {
            return archive.search(request);
        }
        let page = match self.search_page(request)? {
            Some(page) => super::suggest::with_suggestions(self, page, request)?,
            None => None,
        };
        Ok(self.answer(page))
    }

    /// The words that begin as the last one of a query does; see [`Archive::completions`].
    ///
    /// # Errors
    /// As there, for any of the segments.
    pub fn completions(&self, query: &str, limit: usize) -> Result<Answer<Vec<(String, u32)>>> {
        if let Some(archive) = self.alone() {
            return archive.completions(query, limit);
        }
        let Some(word) = word_to_complete(query) else { return Ok(Answer::Ready(Vec::new())) };
        let found = self.words_like(&word, limit)?;
        Ok(self.answer(found))
    }

    /// A post by its uid, with its neighbours; see [`Archive::post`].
    ///
    /// # Errors
    /// As there, for any of the segments.
    pub fn post(&self, request: &PostRequest) -> Result<Answer<Option<PostView>>> {
        if let Some(archive) = self.alone() {
            return archive.post(request);
        }
        let view = self.post_view(request)?;
        Ok(self.answer(view))
    }

    /// One record by its number among those of all segments.
    ///
    /// # Errors
    /// Its block is lost or malformed, or there is no such record.
    pub fn record(&self, doc: DocId) -> Result<Answer<Record>> {
        let behind = self.segments.partition_point(|segment| segment.first_doc <= doc);
        let segment = behind.checked_sub(1).and_then(|place| self.segments.get(place));
        let Some(segment) = segment else { return Err(Error::corrupt("there is no such record")) };
        let record = segment.archive.root().store.record(segment.archive.container(), doc - segment.first_doc)?;
        Ok(self.answer(record))
    }

    /// The number of the record that has a uid.
    ///
    /// # Errors
    /// The block of uids that could name it is lost or malformed.
    pub fn find(&self, uid: &str) -> Result<Answer<Option<DocId>>> {
        let found = self.place_of(uid)?;
        let number = |(place, doc): (usize, DocId)| self.segments.get(place).map_or(0, |found| found.first_doc) + doc;
        Ok(self.answer(found.map(|found| found.map(number))))
    }

    /// The numbers of all records that have a uid, hidden ones too.
    ///
    /// # Errors
    /// The block of uids that could name it is lost or malformed.
    pub fn find_all(&self, uid: &str) -> Result<Answer<Vec<DocId>>> {
        let found = self.places_of(uid)?;
        let number = |(place, doc): (usize, DocId)| self.segments.get(place).map_or(0, |found| found.first_doc) + doc;
        Ok(self.answer(found.map(|found| found.into_iter().map(number).collect())))
    }

    /// Where the blocks of a section of one segment stand in its container.
    ///
    /// # Errors
    /// A page of its section table is lost or damaged.
    #[cfg(feature = "cli")]
    pub fn places(&self, segment: usize, section: Section) -> Result<Answer<Vec<BlockRef>>> {
        let Some(segment) = self.segments.get(segment) else { return Err(Error::corrupt("there is no such segment")) };
        let places = segment.archive.container().places(section)?;
        Ok(self.answer(places))
    }

    /// Where the blocks of sections of one segment stand that this program does not know.
    ///
    /// # Errors
    /// A page of its section table is lost or damaged.
    #[cfg(feature = "cli")]
    pub fn others(&self, segment: usize) -> Result<Answer<Vec<BlockRef>>> {
        let Some(segment) = self.segments.get(segment) else { return Err(Error::corrupt("there is no such segment")) };
        let places = segment.archive.container().others()?;
        Ok(self.answer(places))
    }

    /// Content of a block of a section of one segment.
    ///
    /// # Errors
    /// It is lost or damaged, or there is no such block.
    #[cfg(feature = "cli")]
    pub fn content(&self, segment: usize, section: Section, ord: usize) -> Result<Answer<Rc<[u8]>>> {
        let Some(segment) = self.segments.get(segment) else { return Err(Error::corrupt("there is no such segment")) };
        let content = segment.archive.container().block(section, ord)?;
        Ok(self.answer(content))
    }

    /// First and last instant of all dates, at least.
    #[must_use]
    pub fn span(&self) -> Option<(i64, i64)> {
        let times = || self.segments.iter().map(|segment| &segment.archive.root().times);
        let first = times().filter_map(|times| times.first_seconds.first().copied()).min()?;
        let last =
            times().filter_map(|times| times.runs.last()).map(|run| run.period.next().first().to_days()).max()?;
        Some((first, last * crate::time::civil::DAY))
    }

    /// Numbers of all records that are there, in the order of time.
    ///
    /// # Errors
    /// A block of dates is lost or malformed.
    pub fn in_order(&self) -> Result<Answer<Vec<DocId>>> {
        let docs: Vec<DocSet> = self.segments.iter().map(Segment::visible).collect();
        let found = if self.alone().is_some() {
            docs.first().map(DocSet::to_vec)
        } else {
            let spots = self.spots(&docs, &vec![None; docs.len()], &Sort::Old, 0, usize::MAX)?;
            spots.map(|spots| spots.iter().map(|spot| self.number_of(spot)).collect())
        };
        Ok(self.answer(found))
    }

    fn answer<T>(&self, found: Option<T>) -> Answer<T> {
        let mut wanted: Vec<BlockRef> = Vec::new();
        for segment in &self.segments {
            let blocks = segment.archive.container().take_wanted().into_iter();
            wanted.extend(blocks.map(|block| BlockRef { offset: block.offset + segment.base, ..block }));
        }
        let Some(found) = found else { return Answer::Need(wanted) };
        self.segments.iter().for_each(|segment| segment.archive.trim());
        Answer::Ready(found)
    }

    /// A record's number among those of all segments.
    fn number_of(&self, spot: &Spot) -> DocId {
        self.segments.get(spot.segment).map_or(0, |segment| segment.first_doc) + spot.doc
    }

    fn names(&self) -> Vec<Names<'_>> {
        self.segments.iter().map(|segment| segment.archive.names()).collect()
    }

    /// Calls `ask` for each segment, and for all of them before any is waited for.
    fn each<'a, T>(&'a self, ask: impl Fn(usize, &'a Segment) -> Fetch<T>) -> Fetch<Vec<T>> {
        gather(self.segments.iter().enumerate().map(|(place, segment)| ask(place, segment)))
    }

    fn evaluators(&self, many: &[String]) -> Vec<Evaluator<'_>> {
        let evaluators = self.segments.iter().map(|segment| Evaluator {
            hidden: segment.hidden.clone(),
            many: many.to_vec(),
            ..segment.archive.evaluator()
        });
        evaluators.collect()
    }
}
