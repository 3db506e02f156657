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
mod post;
mod suggest;
mod timeline;

use std::cell::Cell;
#[cfg(feature = "cli")]
use std::rc::Rc;

use self::explain::scored_terms;
use self::order::Spot;
use super::archive::{Archive, DEFAULT_BUDGET, Damage, FacetFilter, Narrowed};
use super::asked::{any_of, order, relaxed_problem, scans_or_words, word_to_complete};
use super::fold::Folded;
use super::request::{Answer, FacetCounts, Match, PostRequest, PostView, SearchPage, SearchRequest, SearchTerm};
use super::{Root, SourceAccount};
use crate::collector::{Sort, Timeline};
use crate::error::{Error, Result};
#[cfg(feature = "cli")]
use crate::format::Section;
use crate::format::{BlockRef, Fetch, gather};
use crate::query::bind::each::{bind_each, column_in_each};
use crate::query::eval::{Evaluator, Scored};
use crate::query::expand::expand_by;
use crate::query::{DocSet, Matcher, Names, Parsed, Problem, Query, parse};
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

    /// Names of the columns of numbers.
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

    /// What each segment is searched for, and how.
    fn asked(&self, request: &SearchRequest) -> Fetch<Asked> {
        let names = self.names();
        let mut parsed = parse(&request.query, request.typing);
        let mut queries = bind_each(&mut parsed, &names)?;
        queries.iter_mut().for_each(|query| scans_or_words(query, &mut parsed.problem, &request.query));
        let sort = order(request, &mut parsed, |name| column_in_each(name, &names).is_some());
        let matching = match parsed.any {
            Some(true) => Match::Any,
            Some(false) => Match::All,
            None => request.matching,
        };
        if matching == Match::Any {
            queries = queries.into_iter().map(any_of).collect();
        }
        let is_typing = request.typing && !request.query.trim_end().ends_with('*');
        if !request.literal && !self.expand(&mut queries, is_typing)? {
            return Ok(None);
        }
        let Parsed { problem, fold: folds, .. } = parsed;
        Ok(Some(Asked { queries, sort, matching, folds, problem, names_order: parsed.sort.is_some() }))
    }

    fn search_page(&self, request: &SearchRequest) -> Fetch<SearchPage> {
        let Some(Asked { mut queries, sort, matching, folds, mut problem, names_order }) = self.asked(request)? else {
            return Ok(None);
        };
        let Some(many) = self.many_prefixes(&queries)? else { return Ok(None) };
        let evaluators = self.evaluators(&many);
        let to_scan = Cell::new(if request.scan_limit > 0 { request.scan_limit } else { usize::MAX });
        let mut found = found_in(&evaluators, &queries, &to_scan)?;
        if found.is_none() && sort == Sort::Relevance {
            // As in one archive: what scores are made of is asked for together with the posts.
            scored_terms(&evaluators, &queries)?;
        }
        let mut relaxed = false;
        if matching == Match::AllOrAny && found.as_ref().is_some_and(|found| found.iter().all(DocSet::is_empty)) {
            let any: Vec<Query> = queries.iter().cloned().map(any_of).collect();
            if any != queries {
                found = found_in(&evaluators, &any, &to_scan)?;
                relaxed = found.as_ref().is_some_and(|found| found.iter().any(|docs| !docs.is_empty()));
                queries = any;
            }
        }
        if relaxed {
            problem.get_or_insert_with(relaxed_problem);
        }
        let sort = if relaxed && sort == Sort::New && !names_order { Sort::Relevance } else { sort };
        let dates = self.each(|_, segment| segment.archive.dated_within(request))?;
        let filters = self.each(|_, segment| segment.archive.resolve_filters(&request.filters))?;
        let (Some(found), Some(dates), Some(filters)) = (found, dates, filters) else { return Ok(None) };
        let narrowed = gather(
            self.segments
                .iter()
                .zip(&found)
                .zip(&filters)
                .map(|((segment, found), filters)| segment.archive.narrow(found, filters)),
        )?;
        let Some(narrowed) = narrowed else { return Ok(None) };
        let docs: Vec<DocSet> =
            narrowed.iter().zip(&dates).map(|(narrowed, dates)| within(&narrowed.all, dates.as_ref())).collect();

        let total = docs.iter().map(DocSet::len).sum();
        let mut damage = Damage::default();
        let folded = if folds { damage.spare(self.fold_each(&docs)) } else { Some(None) };
        let Some(folded) = folded else { return Ok(None) };
        let docs = folded.as_ref().map_or(docs, |folded| folded.iter().map(|folded| folded.docs.clone()).collect());

        let scores = match &sort {
            Sort::Relevance => self.scores(&evaluators, &queries, &docs)?,
            Sort::By { name, ascending } => self.numbers(name, *ascending, &docs)?,
            _ => Some(vec![None; docs.len()]),
        };
        let (facets, timeline) = if request.facet_limit == 0 {
            (Some(Vec::new()), Some(None))
        } else {
            self.counts(&mut damage, &narrowed, &dates, &filters, request)?
        };
        let Some(scores) = scores else { return Ok(None) };
        let spots = self.spots(&docs, &scores, &sort, request.offset, request.limit)?;
        let query = queries.first().cloned().unwrap_or(Query::All);
        let matcher = Matcher::new(&query);
        let hits = match spots {
            Some(spots) => gather(spots.iter().map(|spot| self.hit(spot, &sort, &matcher, folded.as_deref())))?,
            None => None,
        };
        let (Some(facets), Some(timeline), Some(hits)) = (facets, timeline, hits) else { return Ok(None) };
        let (scanned, to_scan, is_checked) = progress(&evaluators);
        let terms = matcher.terms().map(|(term, prefix, leaf)| SearchTerm {
            text: term.to_owned(),
            prefix,
            forms: matcher.others(leaf).to_vec(),
        });
        Ok(Some(SearchPage {
            total,
            folded: folded.iter().flatten().map(|folded| folded.count).sum(),
            exact: is_checked && scanned == to_scan,
            relaxed,
            sort,
            scan: (to_scan > 0).then_some((scanned, to_scan)),
            hits,
            facets,
            timeline,
            terms: terms.collect(),
            suggestions: Vec::new(),
            wants_more: false,
            problem,
            damage: damage.notices,
        }))
    }

    /// Facets and timeline, each as if its own conditions were not there; `None` for what still lacks blocks.
    fn counts(
        &self,
        damage: &mut Damage,
        narrowed: &[Narrowed],
        dates: &[Option<DocSet>],
        filters: &[Vec<FacetFilter<'_>>],
        request: &SearchRequest,
    ) -> Result<Counted> {
        let (limit, zoom) = (request.facet_limit, request.zoom);
        let facets = gather(self.facet_names().into_iter().map(|name| {
            let parts = narrowed.iter().zip(dates);
            let docs: Vec<DocSet> =
                parts.map(|(narrowed, dates)| within(narrowed.without(&name), dates.as_ref())).collect();
            Ok(damage.spare(self.facet_counts(&name, &docs, filters, limit)))
        }))?;
        let all: Vec<&DocSet> = narrowed.iter().map(|narrowed| &narrowed.all).collect();
        let timeline = damage.spare(self.timeline(zoom, &all));
        Ok((facets.map(|facets| facets.into_iter().flatten().flatten().collect()), timeline.map(Option::flatten)))
    }

    /// Puts the forms that any segment has in the place of every word of the queries, which differ by their fields alone; false
    /// while blocks are missing.
    fn expand(&self, queries: &mut [Query], typing: bool) -> Result<bool> {
        let mut known = std::collections::BTreeMap::new();
        let mut whole = true;
        for query in queries {
            let expanded = expand_by(query, typing, &mut |word| {
                if let Some(forms) = known.get(word) {
                    return Ok(Clone::clone(forms));
                }
                let forms = self.forms_of(word)?;
                known.insert(word.to_owned(), forms.clone());
                Ok(forms)
            });
            whole &= expanded?.is_some();
        }
        Ok(whole)
    }

    /// Scores of each segment's records, measured by the frequencies of all segments.
    fn scores(&self, evaluators: &[Evaluator<'_>], queries: &[Query], docs: &[DocSet]) -> Fetch<Vec<Option<Vec<f64>>>> {
        let Some(terms) = scored_terms(evaluators, queries)? else { return Ok(None) };
        let (num_docs, frequencies) = (self.num_docs(), self.frequencies());
        let score = |((evaluator, terms), docs): ((&Evaluator<'_>, &Vec<Scored>), &DocSet)| {
            Some(evaluator.score(terms, docs, num_docs, &frequencies))
        };
        Ok(Some(evaluators.iter().zip(&terms).zip(docs).map(score).collect()))
    }

    /// The number of each segment's records by which they are ordered, the largest first, all in the finest unit.
    fn numbers(&self, name: &str, ascending: bool, docs: &[DocSet]) -> Fetch<Vec<Option<Vec<f64>>>> {
        let names = self.names();
        let Some(places) = column_in_each(name, &names) else { return Ok(Some(vec![None; docs.len()])) };
        let columns: Vec<_> = places
            .iter()
            .zip(&self.segments)
            .map(|(place, segment)| place.and_then(|place| segment.archive.root().numbers.get(place)))
            .collect();
        let finest = columns.iter().flatten().map(|column| column.scale).max().unwrap_or(0);
        gather(columns.iter().zip(&self.segments).zip(docs).map(|((column, segment), docs)| {
            let Some(column) = column else { return Ok(Some(Some(vec![f64::NEG_INFINITY; docs.len()]))) };
            let Some(numbers) = column.numbers(segment.archive.container(), &docs.to_vec())? else { return Ok(None) };
            let units = (column.scale..finest).fold(1.0, |units, _| units * 10.0);
            let sign = if ascending { -units } else { units };
            let score = |number: Option<i64>| number.map_or(f64::NEG_INFINITY, |number| number as f64 * sign);
            Ok(Some(Some(numbers.into_iter().map(score).collect())))
        }))
    }

    /// The records of each segment folded by themselves: which posts say the same is known within each.
    fn fold_each(&self, docs: &[DocSet]) -> Fetch<Vec<Folded>> {
        gather(self.segments.iter().zip(docs).map(|(segment, docs)| segment.archive.fold(docs)))
    }

    fn hit(&self, spot: &Spot, sort: &Sort, matcher: &Matcher, folded: Option<&[Folded]>) -> Fetch<super::Hit> {
        let Some(segment) = self.segments.get(spot.segment) else { return Ok(None) };
        let score = if *sort == Sort::Relevance { spot.score } else { 0.0 };
        let Some(hit) = segment.archive.hit(spot.doc, score, matcher) else { return Ok(None) };
        let hits = match folded.and_then(|folded| folded.get(spot.segment)) {
            Some(folded) => segment.archive.with_copies(vec![hit], folded)?,
            None => Some(vec![hit]),
        };
        let hit = hits.into_iter().flatten().next();
        Ok(hit.map(|hit| super::Hit { doc: self.number_of(spot), ..hit }))
    }
}

/// The records of each segment that answer, of those that are there.
fn found_in(evaluators: &[Evaluator<'_>], queries: &[Query], to_scan: &Cell<usize>) -> Fetch<Vec<DocSet>> {
    gather(evaluators.iter().zip(queries).map(|(evaluator, query)| {
        // What one segment leaves of the texts that may be looked at is for the next.
        evaluator.to_scan.set(to_scan.get());
        let docs = evaluator.docs(query);
        to_scan.set(evaluator.to_scan.get());
        Ok(docs?.map(|docs| docs.difference(&evaluator.hidden)))
    }))
}

/// A request as it is searched for.
struct Asked {
    /// The query of each segment.
    queries: Vec<Query>,
    sort: Sort,
    matching: Match,
    folds: bool,
    problem: Option<Problem>,
    /// Whether the query itself asks for an order.
    names_order: bool,
}

/// Facets, and the timeline where there is one; `None` for what lacks blocks.
type Counted = (Option<Vec<FacetCounts>>, Option<Option<Timeline>>);

/// Those of these records that the dates asked for leave, where any are.
fn within(docs: &DocSet, dates: Option<&DocSet>) -> DocSet {
    dates.map_or_else(|| docs.clone(), |dates| docs.intersect(dates))
}

/// Texts that were looked at, texts that must be, and whether all could be.
fn progress(evaluators: &[Evaluator<'_>]) -> (usize, usize, bool) {
    evaluators.iter().fold((0, 0, true), |(scanned, all, is_checked), evaluator| {
        let (more_scanned, more) = evaluator.progress.get();
        (scanned + more_scanned, all + more, is_checked && evaluator.unchecked.get() == 0)
    })
}
