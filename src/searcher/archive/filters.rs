//! What a request narrows its hits by: dates, and values of facets.

use super::super::request::{Filter, SearchRequest};
use super::Archive;
use crate::collector;
use crate::facet::{FacetReader, ValueOrd};
use crate::format::{Fetch, gather};
use crate::query::DocSet;

/// The filters of one facet.
#[derive(Debug)]
pub(in crate::searcher) struct FacetFilter<'a> {
    pub(in crate::searcher) name: String,
    /// `None` where the archive has no such facet.
    reader: Option<&'a FacetReader>,
    pub(in crate::searcher) chosen: Vec<String>,
    pub(in crate::searcher) excluded: Vec<String>,
    chosen_ords: Vec<ValueOrd>,
    excluded_ords: Vec<ValueOrd>,
}

/// A set narrowed by filters.
#[derive(Debug)]
pub(in crate::searcher) struct Narrowed {
    /// By all of them.
    pub(in crate::searcher) all: DocSet,
    /// By all but those that choose values of this facet.
    others: Vec<(String, DocSet)>,
}

impl Narrowed {
    pub(in crate::searcher) fn without(&self, facet: &str) -> &DocSet {
        self.others.iter().find(|(name, _)| name == facet).map_or(&self.all, |(_, docs)| docs)
    }
}

/// Those of these records that the dates asked for leave, where any are.
pub(in crate::searcher) fn within(docs: &DocSet, dates: Option<&DocSet>) -> DocSet {
    dates.map_or_else(|| docs.clone(), |dates| docs.intersect(dates))
}

impl Archive {
    /// The records within the dates asked for; `Some(None)` when none are asked for.
    pub(in crate::searcher) fn dated_within(&self, request: &SearchRequest) -> Fetch<Option<DocSet>> {
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
    pub(in crate::searcher) fn resolve_filters(&self, filters: &[Filter]) -> Fetch<Vec<FacetFilter<'_>>> {
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
    pub(in crate::searcher) fn narrow(&self, matches: &DocSet, filters: &[FacetFilter<'_>]) -> Fetch<Narrowed> {
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
}
