//! What stands beside the hits: how many have each value of each facet, and how many fall in each bar of the timeline.

use super::super::request::{FacetCounts, FacetValue, SearchRequest};
use super::Archive;
use super::filters::{FacetFilter, Narrowed, within};
use crate::collector::{self, Best, Timeline};
use crate::error::Result;
use crate::facet::FacetReader;
use crate::facet::reader::Value;
use crate::format::{Fetch, gather};
use crate::query::{DocSet, UNLISTED};

/// Facets, and the timeline where there is one; `None` for what lacks blocks.
pub(in crate::searcher) type Counts = (Option<Vec<FacetCounts>>, Option<Option<Timeline>>);

/// What was left out of a page since blocks are lost: facets and timeline are beside the results, which go on without them.
#[derive(Debug, Default)]
pub(in crate::searcher) struct Damage {
    pub(in crate::searcher) notices: Vec<String>,
}

impl Damage {
    /// `Some(None)` instead of an error, which is noted.
    pub(in crate::searcher) fn spare<T>(&mut self, found: Fetch<T>) -> Option<Option<T>> {
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

impl Archive {
    /// Facets and timeline, each as if its own conditions were not there.
    pub(super) fn counts(
        &self,
        damage: &mut Damage,
        narrowed: &Narrowed,
        dates: Option<&DocSet>,
        filters: &[FacetFilter<'_>],
        request: &SearchRequest,
    ) -> Result<Counts> {
        let listed = self.root.facets.iter().filter(|facet| !UNLISTED.contains(&facet.name.as_str()));
        let counts = listed.map(|facet| {
            let docs = within(narrowed.without(&facet.name), dates);
            let counts = || self.facet_counts(facet, &docs, filters, request.facet_limit);
            Ok(damage.spare(self.container.because(|| format!("the counts of {}", facet.name), counts)))
        });
        let facets = gather(counts)?.map(|facets| facets.into_iter().flatten().collect());
        let bars = || self.timeline(request, &narrowed.all);
        let timeline = damage.spare(self.container.because(|| "the bars of the timeline".to_owned(), bars));
        Ok((facets, timeline.map(Option::flatten)))
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
}
