//! Counts of facets over segments: by value, since the most frequent values of each segment need not be those of all.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Library, Segment};
use crate::collector::{self, Best};
use crate::format::Fetch;
use crate::query::{DocSet, UNLISTED};
use crate::searcher::archive::FacetFilter;
use crate::searcher::request::{FacetCounts, FacetValue};

/// Records of one value: among those looked at, and of all that are there.
type Counts = BTreeMap<String, (usize, usize)>;

impl Library {
    /// The facets that are shown; see [`Library::all_facet_names`].
    #[must_use]
    pub fn facet_names(&self) -> Vec<String> {
        let mut names = self.all_facet_names();
        names.retain(|name| !UNLISTED.contains(&name.as_str()));
        names
    }

    /// The facets that any segment has, in the order in which they divide the segments best, each weighing as many records as it
    /// has.
    #[must_use]
    pub fn all_facet_names(&self) -> Vec<String> {
        let mut places: BTreeMap<&str, u64> = BTreeMap::new();
        for segment in &self.segments {
            let facets = &segment.archive.root().facets;
            for (facet, place) in facets.iter().zip(0u64..) {
                let worth = (facets.len() as u64 - place) * u64::from(segment.num_visible());
                *places.entry(&facet.name).or_default() += worth;
            }
        }
        let mut names: Vec<(&str, u64)> = places.into_iter().collect();
        names.sort_by_key(|(_, worth)| Reverse(*worth));
        names.into_iter().map(|(name, _)| name.to_owned()).collect()
    }

    /// The counts of a facet among some records of each segment; `Some(None)` where no record has any value of it.
    pub(super) fn facet_counts(
        &self,
        name: &str,
        docs: &[DocSet],
        filters: &[Vec<FacetFilter<'_>>],
        limit: usize,
    ) -> Fetch<Option<FacetCounts>> {
        let Some(parts) = self.each(|place, segment| match docs.get(place) {
            Some(docs) => segment.value_counts(name, docs),
            None => Ok(Some(Vec::new())),
        })?
        else {
            return Ok(None);
        };
        let mut counts = Counts::new();
        for (value, count, whole) in parts.into_iter().flatten() {
            let sum = counts.entry(value).or_default();
            *sum = (sum.0 + count, sum.1 + whole);
        }
        counts.retain(|_, (_, whole)| *whole > 0);
        if counts.is_empty() {
            return Ok(Some(None));
        }
        // Every segment has the same filters.
        let filter = filters.first().and_then(|filters| filters.iter().find(|filter| filter.name == name));
        Ok(Some(Some(listed(name, &counts, filter, limit))))
    }
}

fn listed(name: &str, counts: &Counts, filter: Option<&FacetFilter<'_>>, limit: usize) -> FacetCounts {
    let shown = |value: &str, count: usize| FacetValue {
        value: value.to_owned(),
        count,
        chosen: filter.is_some_and(|filter| filter.chosen.iter().any(|chosen| chosen == value)),
        excluded: filter.is_some_and(|filter| filter.excluded.iter().any(|excluded| excluded == value)),
    };
    let mut best = Best::new(limit, |(value, count): &(&String, usize), (other, other_count)| {
        count > other_count || (count == other_count && value < other)
    });
    let with_hits = counts.iter().filter(|(_, (count, _))| *count > 0);
    with_hits.clone().for_each(|(value, (count, _))| best.offer((value, *count)));
    let mut values: Vec<FacetValue> = best.items.iter().map(|(value, count)| shown(value, *count)).collect();
    // Values asked for are listed also where they are not among the most frequent, or not there at all: else nobody could take
    // them away. Those that are there come first.
    let asked = || filter.iter().flat_map(|filter| filter.chosen.iter().chain(&filter.excluded));
    let mut known: Vec<&String> = asked().filter(|value| counts.contains_key(*value)).collect();
    known.sort_by_key(|value| (Reverse(counts.get(*value).map(|(_, whole)| *whole)), *value));
    for value in known.into_iter().chain(asked()) {
        if !values.iter().any(|listed| listed.value == *value) {
            values.push(shown(value, counts.get(value).map_or(0, |(count, _)| *count)));
        }
    }
    FacetCounts { name: name.to_owned(), values, num_values: with_hits.count() }
}

impl Segment {
    /// Each value of a facet, with how many of these records have it, and how many of all that are there.
    fn value_counts(&self, name: &str, docs: &DocSet) -> Fetch<Vec<(String, usize, usize)>> {
        let (root, container) = (self.archive.root(), self.archive.container());
        let Some(facet) = root.facets.iter().find(|facet| facet.name == name) else { return Ok(Some(Vec::new())) };
        let Some(values) = facet.values(container)? else { return Ok(None) };
        let count = |docs: &DocSet| {
            if docs.is_empty() {
                Ok(Some(vec![0; values.len()]))
            } else {
                collector::count_values(facet, container, docs, values.len())
            }
        };
        let is_all = docs.len() + self.hidden.len() == root.store.num_docs() as usize;
        let (hidden, counts) = (count(&self.hidden)?, if is_all { Some(Vec::new()) } else { count(docs)? });
        let (Some(hidden), Some(counts)) = (hidden, counts) else { return Ok(None) };
        let of = |(place, value): (usize, &crate::facet::reader::Value)| {
            let whole = value.count.saturating_sub(hidden.get(place).copied().unwrap_or(0)) as usize;
            let count = if is_all { whole } else { counts.get(place).copied().unwrap_or(0) as usize };
            (value.text.clone(), count, whole)
        };
        Ok(Some(values.iter().enumerate().map(of).collect()))
    }
}
