//! Hits of several segments in one order.
//!
//! Dates are read for those alone that need them: the root tells months, and of one month's hits only those that other segments
//! have hits beside are compared.

use std::cmp::Ordering;

use super::{Library, Segment};
use crate::collector::{self, Sort};
use crate::format::Fetch;
use crate::query::DocSet;
use crate::record::{DocId, Precision};
use crate::time::civil::Day;

/// A record of a segment, and what its place in an order rests on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub(super) segment: usize,
    pub(super) doc: DocId,
    pub(super) score: f64,
    /// Beginning of the run of months that it is in, and whether that is of a month; `None` for one without a date.
    run: Option<(Day, bool)>,
    /// Its date, where it matters.
    moment: (i64, u8),
}

impl Spot {
    /// Order by time, as far as it is known; the undated behind.
    fn in_time(&self, other: &Self) -> Ordering {
        let key = |spot: &Self| (spot.run.is_none(), spot.run, spot.moment, spot.segment, spot.doc);
        key(self).cmp(&key(other))
    }

    /// Newest first; the undated behind, in the order of their sources.
    fn newest_first(&self, other: &Self) -> Ordering {
        match (self.run.is_some(), other.run.is_some()) {
            (true, true) => other.in_time(self),
            _ => self.in_time(other),
        }
    }

    /// Whether nothing but their dates tells two apart.
    fn is_beside(&self, other: &Self) -> bool {
        self.score.total_cmp(&other.score).is_eq() && self.run == other.run
    }
}

impl Library {
    /// The hits of a page, in order.
    pub(super) fn spots(
        &self,
        docs: &[DocSet],
        scores: &[Option<Vec<f64>>],
        sort: &Sort,
        offset: usize,
        limit: usize,
    ) -> Fetch<Vec<Spot>> {
        let end = offset.saturating_add(limit);
        if limit == 0 {
            return Ok(Some(Vec::new()));
        }
        let mut spots: Vec<Spot> = Vec::new();
        for (((segment, place), docs), scores) in self.segments.iter().zip(0..).zip(docs).zip(scores) {
            let first = match sort {
                Sort::Old => collector::oldest_docs(docs, 0, end),
                _ => collector::top_docs(docs, scores.as_deref(), segment.archive.root().times.num_dated, 0, end),
            };
            spots.extend(first.into_iter().map(|(doc, score)| segment.spot(place, doc, score)));
        }
        let by_time = |a: &Spot, b: &Spot| if *sort == Sort::Old { a.in_time(b) } else { a.newest_first(b) };
        let in_order = |a: &Spot, b: &Spot| b.score.total_cmp(&a.score).then_with(|| by_time(a, b));
        spots.sort_by(in_order);
        let (mut start, mut whole) = (0, true);
        for group in spots.chunk_by_mut(Spot::is_beside) {
            let place = start..start + group.len();
            start = place.end;
            let first = group.first().map(|spot| spot.segment);
            let is_mixed = group.iter().any(|spot| Some(spot.segment) != first);
            // What lies outside of the page need not be in order.
            if is_mixed && place.start < end && place.end > offset {
                whole &= self.date(group)?;
            }
        }
        if !whole {
            return Ok(None);
        }
        spots.sort_by(in_order);
        spots.truncate(end);
        Ok(Some(spots.split_off(offset.min(spots.len()))))
    }

    /// Finds out the dates of records; false while blocks are missing.
    fn date(&self, spots: &mut [Spot]) -> crate::error::Result<bool> {
        let mut whole = true;
        for (segment, place) in self.segments.iter().zip(0..) {
            let mut docs: Vec<DocId> = spots.iter().filter(|spot| spot.segment == place).map(|spot| spot.doc).collect();
            docs.sort_unstable();
            let times = &segment.archive.root().times;
            let Some(moments) = times.moments(segment.archive.container(), &docs)? else {
                whole = false;
                continue;
            };
            for spot in spots.iter_mut().filter(|spot| spot.segment == place) {
                let moment = docs.binary_search(&spot.doc).ok().and_then(|at| moments.get(at).copied().flatten());
                spot.moment = moment.map_or((0, 0), |moment| (moment.seconds, rank(moment.precision)));
            }
        }
        Ok(whole)
    }

    /// For each segment, how many of its records stand before one.
    pub(super) fn places_before(&self, spot: &Spot) -> Fetch<Vec<DocId>> {
        self.each(|place, segment| {
            let times = &segment.archive.root().times;
            if place == spot.segment {
                return Ok(Some(spot.doc));
            }
            if spot.run.is_none() {
                return Ok(Some(if place < spot.segment { segment.archive.num_docs() } else { times.num_dated }));
            }
            // Of equal dates those of older segments come first.
            let (seconds, precision) = spot.moment;
            let bound = if place < spot.segment { (seconds, precision + 1) } else { (seconds, precision) };
            segment.first_at(bound, seconds)
        })
    }

    /// A record with its date.
    pub(super) fn dated_spot(&self, segment: usize, doc: DocId) -> Fetch<Spot> {
        let Some(found) = self.segments.get(segment) else { return Ok(None) };
        let mut spot = [found.spot(segment, doc, 0.0)];
        let whole = spot.iter().all(|spot| spot.run.is_none()) || self.date(&mut spot)?;
        let [spot] = spot;
        Ok(whole.then_some(spot))
    }

    /// Sorts records by time; `None` while blocks are missing.
    pub(super) fn sort_by_time(&self, spots: &mut [Spot]) -> Fetch<()> {
        let mut dated: Vec<Spot> = spots.iter().copied().filter(|spot| spot.run.is_some()).collect();
        if !self.date(&mut dated)? {
            return Ok(None);
        }
        let undated = spots.iter().copied().filter(|spot| spot.run.is_none());
        let mut all: Vec<Spot> = dated.into_iter().chain(undated).collect();
        all.sort_by(Spot::in_time);
        spots.iter_mut().zip(all).for_each(|(slot, spot)| *slot = spot);
        Ok(Some(()))
    }
}

/// Precisions in the order in which they stand at the same instant.
fn rank(precision: Precision) -> u8 {
    precision as u8
}

impl Segment {
    pub(super) fn spot(&self, segment: usize, doc: DocId, score: f64) -> Spot {
        let times = &self.archive.root().times;
        let behind = times.runs.partition_point(|run| run.first_doc <= doc);
        let run = behind.checked_sub(1).and_then(|place| times.runs.get(place)).filter(|_| doc < times.num_dated);
        let run = run.map(|run| (run.period.first(), !matches!(run.period, crate::time::civil::Period::Year(_))));
        Spot { segment, doc, score, run, moment: (0, 0) }
    }

    /// The first dated record that is not before a date; found by halves, since many may be of the same instant.
    fn first_at(&self, bound: (i64, u8), seconds: i64) -> Fetch<DocId> {
        let (times, container) = (&self.archive.root().times, self.archive.container());
        let ends = (times.first_at_or_after(container, seconds)?, times.first_at_or_after(container, seconds + 1)?);
        let (Some(mut low), Some(mut high)) = ends else { return Ok(None) };
        while low < high {
            let middle = low + (high - low) / 2;
            let Some(moments) = times.moments(container, &[middle])? else { return Ok(None) };
            let moment = moments.first().copied().flatten();
            let is_before = moment.is_some_and(|moment| (moment.seconds, rank(moment.precision)) < bound);
            if is_before { low = middle + 1 } else { high = middle }
        }
        Ok(Some(low))
    }
}
