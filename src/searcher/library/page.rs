//! The steps of a search of several segments, in the order of those of one (`searcher/archive/page.rs`): each is taken in all of
//! them before the next.

use std::cell::Cell;

use super::Library;
use super::explain::scored_terms;
use super::order::Spot;
use crate::collector::Sort;
use crate::error::Result;
use crate::format::{Fetch, gather};
use crate::query::bind::each::{bind_each, column_in_each};
use crate::query::eval::{Evaluator, Scored};
use crate::query::{DocSet, Matcher, Query, parse};
use crate::searcher::archive::{Counts, Damage, FacetFilter, Narrowed, search_terms, within};
use crate::searcher::asked::{Asked, any_of, is_open, scans_or_words};
use crate::searcher::fold::Folded;
use crate::searcher::request::{Hit, Match, SearchPage, SearchRequest};

impl Library {
    pub(super) fn search_page(&self, request: &SearchRequest) -> Fetch<SearchPage> {
        let Some(mut asked) = self.asked(request)? else { return Ok(None) };
        let Some(many) = self.many_prefixes(&asked.query)? else { return Ok(None) };
        let evaluators = self.evaluators(&many);
        let found = found(&evaluators, &mut asked, request)?;
        let dates = self.each(|_, segment| segment.archive.dated_within(request))?;
        let filters = self.each(|_, segment| segment.archive.resolve_filters(&request.filters))?;
        let (Some(found), Some(dates), Some(filters)) = (found, dates, filters) else { return Ok(None) };
        let narrowed = self.each(|place, segment| match (found.get(place), filters.get(place)) {
            (Some(found), Some(filters)) => segment.archive.narrow(found, filters),
            _ => Ok(None),
        })?;
        let Some(narrowed) = narrowed else { return Ok(None) };
        let docs: Vec<DocSet> =
            narrowed.iter().zip(&dates).map(|(narrowed, dates)| within(&narrowed.all, dates.as_ref())).collect();
        let total = docs.iter().map(DocSet::len).sum();

        let mut damage = Damage::default();
        let folded = if asked.folds { damage.spare(self.fold_each(&docs)) } else { Some(None) };
        let Some(folded) = folded else { return Ok(None) };
        let docs = folded.as_ref().map_or(docs, |folded| folded.iter().map(|folded| folded.docs.clone()).collect());

        // Scores and counts are asked for before either is waited for.
        let scores = self.scores_of(&evaluators, &asked, &docs)?;
        let (facets, timeline) = if request.facet_limit == 0 {
            (Some(Vec::new()), Some(None))
        } else {
            self.counts(&mut damage, &narrowed, &dates, &filters, request)?
        };
        let Some(scores) = scores else { return Ok(None) };
        let spots = self.spots(&docs, &scores, &asked.sort, request.offset, request.limit)?;
        let matcher = Matcher::new(asked.query.first().unwrap_or(&Query::All));
        let hits = match spots {
            Some(spots) => gather(spots.iter().map(|spot| self.hit(spot, &asked.sort, &matcher, folded.as_deref())))?,
            None => None,
        };
        let (Some(facets), Some(timeline), Some(hits)) = (facets, timeline, hits) else { return Ok(None) };
        let (scanned, to_scan, is_checked) = progress(&evaluators);
        Ok(Some(SearchPage {
            total,
            folded: folded.iter().flatten().map(|folded| folded.count).sum(),
            exact: is_checked && scanned == to_scan,
            relaxed: asked.relaxed,
            scan: (to_scan > 0).then_some((scanned, to_scan)),
            hits,
            facets,
            timeline,
            terms: search_terms(&matcher),
            suggestions: Vec::new(),
            wants_more: false,
            sort: asked.sort,
            problem: asked.problem,
            damage: damage.notices,
        }))
    }

    /// What each segment is searched for, and how.
    pub(super) fn asked(&self, request: &SearchRequest) -> Fetch<Asked<Vec<Query>>> {
        let names = self.names();
        let mut parsed = parse(&request.query, request.typing);
        let mut queries = bind_each(&mut parsed, &names)?;
        queries.iter_mut().for_each(|query| scans_or_words(query, &mut parsed.problem, &request.query));
        let mut asked = Asked::new(queries, parsed, request, |name| column_in_each(name, &names).is_some());
        if asked.matching == Match::Any {
            asked.query = any_of_each(asked.query);
        }
        let is_open = is_open(&request.query, request.typing);
        if !request.literal && !self.expand(&mut asked.query, is_open)? {
            return Ok(None);
        }
        Ok(Some(asked))
    }

    /// Facets and timeline, each as if its own conditions were not there; `None` for what still lacks blocks.
    fn counts(
        &self,
        damage: &mut Damage,
        narrowed: &[Narrowed],
        dates: &[Option<DocSet>],
        filters: &[Vec<FacetFilter<'_>>],
        request: &SearchRequest,
    ) -> Result<Counts> {
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

    /// By what the records of each segment are ordered, the largest first; nothing for their order in time.
    fn scores_of(
        &self,
        evaluators: &[Evaluator<'_>],
        asked: &Asked<Vec<Query>>,
        docs: &[DocSet],
    ) -> Fetch<Vec<Option<Vec<f64>>>> {
        match &asked.sort {
            Sort::Relevance => self.scores(evaluators, &asked.query, docs),
            Sort::By { name, ascending } => self.numbers(name, *ascending, docs),
            Sort::New | Sort::Old => Ok(Some(vec![None; docs.len()])),
        }
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

    fn hit(&self, spot: &Spot, sort: &Sort, matcher: &Matcher, folded: Option<&[Folded]>) -> Fetch<Hit> {
        let Some(segment) = self.segments.get(spot.segment) else { return Ok(None) };
        let score = if *sort == Sort::Relevance { spot.score } else { 0.0 };
        let Some(hit) = segment.archive.hit(spot.doc, score, matcher) else { return Ok(None) };
        let hits = match folded.and_then(|folded| folded.get(spot.segment)) {
            Some(folded) => segment.archive.with_copies(vec![hit], folded)?,
            None => Some(vec![hit]),
        };
        let hit = hits.into_iter().flatten().next();
        Ok(hit.map(|hit| Hit { doc: self.number_of(spot), ..hit }))
    }
}

/// The records of each segment that answer: those with any of the words where none of any segment has all, and that will do.
fn found(evaluators: &[Evaluator<'_>], asked: &mut Asked<Vec<Query>>, request: &SearchRequest) -> Fetch<Vec<DocSet>> {
    let to_scan = Cell::new(if request.scan_limit > 0 { request.scan_limit } else { usize::MAX });
    let found = found_in(evaluators, &asked.query, &to_scan)?;
    if found.is_none() && asked.sort == Sort::Relevance {
        // As in one archive: what scores are made of is asked for together with the posts.
        scored_terms(evaluators, &asked.query)?;
    }
    if asked.matching != Match::AllOrAny || !found.as_ref().is_some_and(|found| found.iter().all(DocSet::is_empty)) {
        return Ok(found);
    }
    let any = any_of_each(asked.query.clone());
    if any == asked.query {
        return Ok(found);
    }
    asked.query = any;
    let found = found_in(evaluators, &asked.query, &to_scan)?;
    if found.as_ref().is_some_and(|found| found.iter().any(|docs| !docs.is_empty())) {
        asked.relax();
    }
    Ok(found)
}

/// Each segment's query, for any of its words; see [`any_of`].
pub(super) fn any_of_each(queries: Vec<Query>) -> Vec<Query> {
    queries.into_iter().map(any_of).collect()
}

/// The records of each segment that answer, of those that are there.
pub(super) fn found_in(evaluators: &[Evaluator<'_>], queries: &[Query], to_scan: &Cell<usize>) -> Fetch<Vec<DocSet>> {
    gather(evaluators.iter().zip(queries).map(|(evaluator, query)| {
        // What one segment leaves of the texts that may be looked at is for the next.
        evaluator.to_scan.set(to_scan.get());
        let docs = evaluator.docs(query);
        to_scan.set(evaluator.to_scan.get());
        Ok(docs?.map(|docs| docs.difference(&evaluator.hidden)))
    }))
}

/// Texts that were looked at, texts that must be, and whether all could be.
fn progress(evaluators: &[Evaluator<'_>]) -> (usize, usize, bool) {
    evaluators.iter().fold((0, 0, true), |(scanned, all, is_checked), evaluator| {
        let (more_scanned, more) = evaluator.progress.get();
        (scanned + more_scanned, all + more, is_checked && evaluator.unchecked.get() == 0)
    })
}
