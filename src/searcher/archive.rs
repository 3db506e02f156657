//! [`Archive`]: joins query, collector and snippet over the open readers.

use std::cell::Cell;

#[cfg(feature = "more")]
use super::asked::scans_or_words;
use super::asked::{any_of, order, relaxed_problem, word_to_complete};
use super::request::{
    Answer, FacetCounts, FacetValue, Filter, Hit, Match, PostRequest, PostView, SearchPage, SearchRequest, SearchTerm,
    Shown,
};
use super::root::Root;
use crate::collector::{self, Best, Sort};
use crate::error::{Error, Result};
use crate::facet::reader::Value;
use crate::facet::{FacetReader, ValueOrd};
#[cfg(feature = "cli")]
use crate::format::BlockRef;
use crate::format::{Container, Fetch, Section, gather};
use crate::index::{IndexReader, Moments};
use crate::query::eval::Evaluator;
#[cfg(feature = "more")]
use crate::query::eval::scan::Scanned;
use crate::query::expand::{Unseen, expand};
use crate::query::{DocSet, Matcher, Names, Parsed, Query, UNLISTED, bind, parse};
use crate::record::DocId;
use crate::snippet::{self, Snippet};

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

    /// Names of the columns of numbers.
    #[must_use]
    pub fn number_names(&self) -> Vec<String> {
        self.root.numbers.iter().map(|column| column.name.clone()).collect()
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
            request.zoom.is_some() || parsed.fold || parsed.query.needs_more()
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

    /// Forgets what the budget has no room for, once a request is answered.
    pub(super) fn trim(&self) {
        let (blocks, opened) = self.answered.get();
        self.container.trim(self.budget.get() / 2, blocks);
        self.index.trim(self.budget.get() / 2, &opened);
        self.answered.set((self.container.now(), self.index.now()));
    }

    /// The number of records that answer a request.
    #[cfg(feature = "more")]
    pub(super) fn total(&self, request: &SearchRequest) -> Fetch<usize> {
        let counting = SearchRequest { limit: 0, facet_limit: 0, sort: Sort::New, ..request.clone() };
        Ok(self.search_page(&counting)?.map(|page| page.total))
    }

    #[expect(clippy::too_many_lines, reason = "the steps of a search, in their order")]
    fn search_page(&self, request: &SearchRequest) -> Fetch<SearchPage> {
        let names = self.names();
        let mut parsed = parse(&request.query, request.typing);
        bind(&mut parsed, names)?;
        #[cfg(feature = "more")]
        scans_or_words(&mut parsed.query, &mut parsed.problem, &request.query);
        let sort = order(request, &mut parsed, |name| self.names().number(name).is_some());
        let matching = match parsed.any {
            Some(any) => {
                if any {
                    Match::Any
                } else {
                    Match::All
                }
            }
            None => request.matching,
        };
        #[cfg(feature = "more")]
        let folds = parsed.fold;
        let Parsed { query, mut problem, sort: asked, .. } = parsed;
        let mut query = if matching == Match::Any { any_of(query) } else { query };
        let typed = request.query.trim_end();
        let is_typing = request.typing && !typed.ends_with('*');
        let unseen = if request.literal {
            Unseen::default()
        } else {
            let Some(unseen) = expand(&mut query, &self.index, &self.container, is_typing)? else { return Ok(None) };
            unseen
        };
        let evaluator = self.evaluator();
        if request.scan_limit > 0 {
            evaluator.to_scan.set(request.scan_limit);
        }
        let mut found = evaluator.docs(&query)?;
        if found.is_none() && sort == Sort::Relevance {
            // What scores are made of is asked for together with the posts that have them: one trip less.
            evaluator.scored_terms(&query)?;
        }
        let mut relaxed = false;
        if matching == Match::AllOrAny && found.as_ref().is_some_and(DocSet::is_empty) {
            let any = any_of(query.clone());
            if any != query {
                found = evaluator.docs(&any)?;
                relaxed = found.as_ref().is_some_and(|found| !found.is_empty());
                query = any;
            }
        }
        if relaxed {
            problem.get_or_insert_with(relaxed_problem);
        }
        // The best match is wanted where nothing matches whole, unless an order was asked for.
        let sort = if relaxed && sort == Sort::New && asked.is_none() { Sort::Relevance } else { sort };
        let dates = self.dated_within(request)?;
        let Some(filters) = self.resolve_filters(&request.filters)? else { return Ok(None) };
        let (Some(found), Some(dates)) = (found, dates) else { return Ok(None) };

        let Some(narrowed) = self.narrow(&found, &filters)? else { return Ok(None) };
        let within = |docs: &DocSet| dates.as_ref().map_or_else(|| docs.clone(), |dates| docs.intersect(dates));
        let docs = within(&narrowed.all);
        let total = docs.len();
        let mut damage = Damage::default();
        #[cfg(feature = "more")]
        let folded = if folds {
            let Some(folded) = damage.spare(self.fold(&docs)) else { return Ok(None) };
            folded
        } else {
            None
        };
        #[cfg(feature = "more")]
        let docs = folded.as_ref().map_or(docs, |folded| folded.docs.clone());

        let scores = match &sort {
            Sort::Relevance => evaluator.scores(&query, &docs)?.map(Some),
            Sort::By { name, ascending } => {
                let why = || format!("the posts' {name}");
                self.container.because(why, || self.numbers(name, *ascending, &docs))?.map(Some)
            }
            _ => Some(None),
        };
        let (facets, timeline) = if request.facet_limit == 0 {
            (Some(Vec::new()), Some(None))
        } else {
            let listed = self.root.facets.iter().filter(|facet| !UNLISTED.contains(&facet.name.as_str()));
            let counts = listed.map(|facet| {
                let docs = within(narrowed.without(&facet.name));
                let counts = || self.facet_counts(facet, &docs, &filters, request.facet_limit);
                Ok(damage.spare(self.container.because(|| format!("the counts of {}", facet.name), counts)))
            });
            let facets = gather(counts)?.map(|facets| facets.into_iter().flatten().collect());
            let bars = || self.timeline(request, &narrowed.all);
            let timeline = damage.spare(self.container.because(|| "the bars of the timeline".to_owned(), bars));
            (facets, timeline.map(Option::flatten))
        };
        let Some(scores) = scores else { return Ok(None) };
        let num_dated = self.root.times.num_dated;
        let page = match sort {
            Sort::Old => collector::oldest_docs(&docs, request.offset, request.limit),
            _ => collector::top_docs(&docs, scores.as_deref(), num_dated, request.offset, request.limit),
        };
        let matcher = Matcher::new(&query);
        let hits = gather(
            page.iter()
                .map(|(doc, score)| Ok(self.hit(*doc, if sort == Sort::Relevance { *score } else { 0.0 }, &matcher))),
        )?;
        #[cfg(feature = "more")]
        let hits = match (hits, &folded) {
            (Some(hits), Some(folded)) => self.with_copies(hits, folded)?,
            (hits, _) => hits,
        };
        let (Some(facets), Some(timeline), Some(hits)) = (facets, timeline, hits) else { return Ok(None) };
        let (scanned, to_scan) = evaluator.progress.get();
        #[cfg(feature = "more")]
        let (wants_more, _) = (false, unseen);
        #[cfg(not(feature = "more"))]
        let Some(has_rare) = self.has_rare(&query)? else { return Ok(None) };
        #[cfg(not(feature = "more"))]
        let wants_more = !unseen.words.is_empty() || (request.suggestions > 0 && (total <= FEW_HITS || has_rare));
        Ok(Some(SearchPage {
            total,
            #[cfg(feature = "more")]
            folded: folded.map_or(0, |folded| folded.count),
            exact: evaluator.unchecked.get() == 0 && scanned == to_scan,
            relaxed,
            scan: (to_scan > 0).then_some((scanned, to_scan)),
            sort,
            hits,
            facets,
            timeline,
            terms: matcher
                .terms()
                .map(|(term, prefix, leaf)| SearchTerm {
                    text: term.to_owned(),
                    prefix,
                    forms: matcher.others(leaf).to_vec(),
                })
                .collect(),
            suggestions: Vec::new(),
            wants_more,
            problem,
            damage: damage.notices,
        }))
    }

    /// Whether one of the words is rare as it is typed, however many hits its other forms have: it may be misspelled then.
    #[cfg(not(feature = "more"))]
    fn has_rare(&self, query: &Query) -> Fetch<bool> {
        let infos = gather(query.positive_leaves().into_iter().filter_map(|leaf| match leaf {
            Query::Forms(forms) => Some(self.index.infos(&self.container, &forms.word)),
            _ => None,
        }))?;
        let is_rare = |infos: &Vec<crate::index::TermInfo>| {
            infos.iter().map(|info| info.doc_freq as usize).sum::<usize>() <= FEW_HITS
        };
        Ok(infos.map(|infos| infos.iter().any(is_rare)))
    }

    /// The hits over time, or over the part of it that is asked for.
    fn timeline(&self, request: &SearchRequest, docs: &DocSet) -> Fetch<Option<collector::Timeline>> {
        #[cfg(feature = "more")]
        if let Some(span) = request.zoom {
            return collector::zoomed(&self.root.times, &self.container, docs, span);
        }
        #[cfg(not(feature = "more"))]
        let _ = request;
        collector::timeline(&self.root.times, &self.container, docs)
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

    /// The query of a request as it was searched.
    #[cfg(feature = "more")]
    pub(super) fn searched(&self, request: &SearchRequest, relaxed: bool) -> Fetch<Query> {
        let mut parsed = parse(&request.query, request.typing);
        bind(&mut parsed, self.names())?;
        scans_or_words(&mut parsed.query, &mut parsed.problem, &request.query);
        let is_any = parsed.any.unwrap_or(request.matching == Match::Any);
        let mut query = if is_any { any_of(parsed.query) } else { parsed.query };
        let is_typing = request.typing && !request.query.trim_end().ends_with('*');
        if !request.literal && expand(&mut query, &self.index, &self.container, is_typing)?.is_none() {
            return Ok(None);
        }
        Ok(Some(if relaxed { any_of(query) } else { query }))
    }

    /// The number of each of these records by which they are ordered, the largest first.
    fn numbers(&self, name: &str, ascending: bool, docs: &DocSet) -> Fetch<Vec<f64>> {
        let column = self.names().number(name).and_then(|column| self.root.numbers.get(column));
        let Some(column) = column else { return Ok(Some(vec![0.0; docs.len()])) };
        let numbers = column.numbers(&self.container, &docs.to_vec())?;
        // A column holds only what this type holds exactly.
        let score = |number: i64| if ascending { -number as f64 } else { number as f64 };
        Ok(numbers.map(|numbers| numbers.into_iter().map(|number| number.map_or(f64::NEG_INFINITY, score)).collect()))
    }

    /// The records within the dates asked for; `Some(None)` when none are asked for.
    pub(super) fn dated_within(&self, request: &SearchRequest) -> Fetch<Option<DocSet>> {
        if request.from.is_none() && request.to.is_none() {
            return Ok(Some(None));
        }
        let zone = &self.root.times.zone;
        let start = request.from.map(|from| zone.instants(from).start);
        let end = request.to.map(|to| zone.instants(to).end);
        let all = DocSet::from_range(0..self.root.times.num_dated);
        Ok(collector::within(&self.root.times, &self.container, start, end, &all)?.map(Some))
    }

    /// Filters by facet, their values as numbers; a value or facet that the archive does not have has none.
    pub(super) fn resolve_filters(&self, filters: &[Filter]) -> Fetch<Vec<FacetFilter<'_>>> {
        let mut resolved = Vec::new();
        let mut names: Vec<&str> = Vec::new();
        for filter in filters {
            if !names.contains(&filter.facet.as_str()) {
                names.push(&filter.facet);
            }
        }
        let mut whole = true;
        for name in names {
            let reader = self.root.facets.iter().find(|facet| facet.name == name);
            let values = match reader {
                Some(reader) => reader.values(&self.container)?,
                None => Some(Vec::new()),
            };
            let Some(values) = values else {
                whole = false;
                continue;
            };
            let of = |exclude: bool| {
                let texts = filters.iter().filter(move |filter| filter.facet == name && filter.exclude == exclude);
                texts.map(|filter| filter.value.clone()).collect::<Vec<_>>()
            };
            let ords = |texts: &[String]| -> Vec<ValueOrd> {
                let known = (0..).zip(&values).filter(|(_, value)| texts.contains(&value.text));
                known.map(|(ord, _)| ord).collect()
            };
            let (chosen, excluded) = (of(false), of(true));
            resolved.push(FacetFilter {
                name: name.to_owned(),
                reader,
                chosen_ords: ords(&chosen),
                excluded_ords: ords(&excluded),
                chosen,
                excluded,
            });
        }
        Ok(whole.then_some(resolved))
    }

    /// Narrows a set by every filter, and by every filter but those of one facet, for that facet's counts.
    pub(super) fn narrow(&self, matches: &DocSet, filters: &[FacetFilter<'_>]) -> Fetch<Narrowed> {
        let having = |filter: &FacetFilter<'_>, ords: &[ValueOrd]| match filter.reader {
            Some(reader) if !ords.is_empty() => collector::with_any_value(reader, &self.container, matches, ords),
            _ => Ok(Some(DocSet::default())),
        };
        // Every column is asked for before any is waited for.
        let excluded = gather(filters.iter().map(|filter| having(filter, &filter.excluded_ords)))?;
        let choosing = filters.iter().filter(|filter| !filter.chosen.is_empty());
        let sets =
            choosing.map(|filter| Ok(having(filter, &filter.chosen_ords)?.map(|docs| (filter.name.clone(), docs))));
        let (Some(excluded), Some(sets)) = (excluded, gather(sets)?) else { return Ok(None) };
        let base = excluded.iter().fold(matches.clone(), |docs, set| docs.difference(set));
        let except = |name: Option<&str>| {
            let kept = sets.iter().filter(|(facet, _)| Some(facet.as_str()) != name);
            kept.fold(base.clone(), |docs, (_, set)| docs.intersect(set))
        };
        let others = sets.iter().map(|(name, _)| (name.clone(), except(Some(name)))).collect();
        Ok(Some(Narrowed { all: except(None), others }))
    }

    fn facet_counts(
        &self,
        facet: &FacetReader,
        docs: &DocSet,
        filters: &[FacetFilter<'_>],
        limit: usize,
    ) -> Fetch<FacetCounts> {
        let filter = filters.iter().find(|filter| filter.name == facet.name);
        let whole_archive = docs.len() == self.num_docs() as usize;
        let shown = |value: &str, count: u32| FacetValue {
            value: value.to_owned(),
            count: count as usize,
            chosen: filter.is_some_and(|filter| filter.chosen.iter().any(|chosen| chosen == value)),
            excluded: filter.is_some_and(|filter| filter.excluded.iter().any(|excluded| excluded == value)),
        };
        if whole_archive && filter.is_none() {
            let Some(values) = facet.first_values(&self.container, limit)? else { return Ok(None) };
            let values = values.iter().map(|value| shown(&value.text, value.count)).collect();
            return Ok(Some(FacetCounts { name: facet.name.clone(), values, num_values: facet.num_values as usize }));
        }
        let values = facet.values(&self.container)?;
        // As many counters as there are values at hand, whatever the root says.
        let num_values = values.as_ref().map_or(0, Vec::len);
        let counts = collector::count_values(facet, &self.container, docs, num_values)?;
        let (Some(counts), Some(values)) = (counts, values) else { return Ok(None) };
        let num_values = counts.iter().filter(|count| **count > 0).count();
        let mut listed = Best::new(limit, |(value, count): &(&Value, u32), (other, other_count)| {
            count > other_count || (count == other_count && value.text < other.text)
        });
        let mut asked_for = Vec::new();
        for (value, count) in values.iter().zip(counts) {
            let named = |texts: &[String]| texts.contains(&value.text);
            if filter.is_some_and(|filter| named(&filter.chosen) || named(&filter.excluded)) {
                asked_for.push((value, count));
            }
            if count > 0 {
                listed.offer((value, count));
            }
        }
        // Values asked for are listed also where they are not among the most frequent: else nobody could take them away.
        asked_for.retain(|(value, _)| !listed.items.iter().any(|(known, _)| known.text == value.text));
        let listed = listed.items.iter().chain(&asked_for);
        let mut values: Vec<FacetValue> = listed.map(|(value, count)| shown(&value.text, *count)).collect();
        // So are values of an address that the archive does not have.
        for text in filter.iter().flat_map(|filter| filter.chosen.iter().chain(&filter.excluded)) {
            if !values.iter().any(|value| value.value == *text) {
                values.push(shown(text, 0));
            }
        }
        Ok(Some(FacetCounts { name: facet.name.clone(), values, num_values }))
    }

    pub(super) fn hit(&self, doc: DocId, score: f64, matcher: &Matcher) -> Option<Hit> {
        let record = self.container.because(|| format!("the hit {doc}"), || self.shown(doc))?;
        let (title, snippet) = match &record {
            Shown::Whole(record) => {
                let title = record.title.as_deref().map(|title| snippet::whole(title, matcher));
                (title, snippet::snippet(&record.text, matcher))
            }
            Shown::Damaged(_) => (None, Snippet::default()),
        };
        Some(Hit {
            doc,
            score,
            record,
            title,
            snippet,
            #[cfg(feature = "more")]
            copies: None,
        })
    }

    /// A record, or why it cannot be shown: a damaged block costs its posts and nothing else.
    pub(super) fn shown(&self, doc: DocId) -> Option<Shown> {
        match self.root.store.record(&self.container, doc) {
            Ok(record) => record.map(|record| Shown::Whole(Box::new(record))),
            Err(error) => Some(Shown::Damaged(error.to_string())),
        }
    }

    fn post_view(&self, request: &PostRequest) -> Fetch<Option<PostView>> {
        let Some(found) = self.doc_of(&request.uid)? else { return Ok(None) };
        let Some(doc) = found else { return Ok(Some(None)) };
        let first = doc.saturating_sub(request.context);
        let last = doc.saturating_add(request.context).min(self.num_docs().saturating_sub(1));
        let mut query = parse(&request.query, request.typing).query;
        let is_typing = request.typing && !request.query.trim_end().ends_with('*');
        if !request.literal && expand(&mut query, &self.index, &self.container, is_typing)?.is_none() {
            return Ok(None);
        }
        let matcher = Matcher::new(&query);
        let posts = (first..=last).map(|doc| {
            let Some(record) = self.shown(doc) else { return Ok(None) };
            let (title, text) = match &record {
                Shown::Whole(record) => (record.title.as_deref().unwrap_or_default(), record.text.as_str()),
                Shown::Damaged(_) => ("", ""),
            };
            let (title, text) = (snippet::whole(title, &matcher), snippet::whole(text, &matcher));
            Ok(Some((doc, record, title, text)))
        });
        let posts = gather(posts)?;
        #[cfg(feature = "more")]
        let Some(group) = self.group_of(doc) else { return Ok(None) };
        Ok(posts.map(|posts| {
            Some(PostView {
                posts,
                index: (doc - first) as usize,
                #[cfg(feature = "more")]
                group,
            })
        }))
    }

    /// The record of a uid; `Some(None)` when none has it.
    pub(super) fn doc_of(&self, uid: &str) -> Fetch<Option<DocId>> {
        self.root.uids.find(&self.container, &self.root.store, uid)
    }
}

/// What was left out of a page since blocks are lost: facets and timeline are beside the results, which go on without them.
#[derive(Debug, Default)]
pub(super) struct Damage {
    pub(super) notices: Vec<String>,
}

impl Damage {
    /// `Some(None)` instead of an error, which is noted.
    pub(super) fn spare<T>(&mut self, found: Fetch<T>) -> Option<Option<T>> {
        match found {
            Ok(found) => found.map(Some),
            Err(error) => {
                let notice = error.to_string();
                if !self.notices.contains(&notice) {
                    self.notices.push(notice);
                }
                Some(None)
            }
        }
    }
}

/// The filters of one facet.
#[derive(Debug)]
pub(super) struct FacetFilter<'a> {
    pub(super) name: String,
    /// `None` where the archive has no such facet.
    reader: Option<&'a FacetReader>,
    pub(super) chosen: Vec<String>,
    pub(super) excluded: Vec<String>,
    chosen_ords: Vec<ValueOrd>,
    excluded_ords: Vec<ValueOrd>,
}

/// A set narrowed by filters.
#[derive(Debug)]
pub(super) struct Narrowed {
    /// By all of them.
    pub(super) all: DocSet,
    /// By all but those that choose values of this facet.
    others: Vec<(String, DocSet)>,
}

impl Narrowed {
    pub(super) fn without(&self, facet: &str) -> &DocSet {
        self.others.iter().find(|(name, _)| name == facet).map_or(&self.all, |(_, docs)| docs)
    }
}
