//! The timeline of segments: bars of one unit, added up.

use std::collections::BTreeMap;

use super::{Library, Segment};
use crate::collector::{self, Bar, MAX_DAY_BARS, Timeline, Unit, fill_up_to, unit_of};
use crate::format::{Fetch, gather};
use crate::query::DocSet;
use crate::record::Precision;
use crate::time::civil::Period;

/// Hits and records of each period that has any.
type Counts = BTreeMap<Period, (usize, usize)>;

impl Library {
    /// The timeline of some records of each segment; `Some(None)` where no record has a date.
    pub(super) fn timeline(&self, zoom: Option<(Period, Period)>, docs: &[&DocSet]) -> Fetch<Option<Timeline>> {
        if let Some(span) = zoom {
            return self.zoomed(span, docs);
        }
        let mut runs: Vec<Period> = self.segments.iter().flat_map(Segment::visible_runs).collect();
        runs.sort_by_key(|period| period.first());
        let (Some(first), Some(last)) = (runs.first(), runs.last()) else { return Ok(Some(None)) };
        let knows_months = runs.iter().any(|period| !matches!(period, Period::Year(_)));
        let (unit, may_be_days) = unit_of(first.first(), last.first(), knows_months);
        let undated = |(segment, docs): (&Segment, &&DocSet)| {
            docs.len() - docs.count_in(&(0..segment.archive.root().times.num_dated))
        };
        let undated = self.segments.iter().zip(docs).map(undated).sum();
        if may_be_days {
            let (mut counts, mut coarse, mut whole) = (Counts::new(), 0, true);
            for (segment, docs) in self.segments.iter().zip(docs) {
                match segment.count_days(docs, &mut counts)? {
                    Some(more) => coarse += more,
                    None => whole = false,
                }
            }
            if !whole {
                return Ok(None);
            }
            let bars = bars(&counts);
            if (1..=MAX_DAY_BARS as usize).contains(&bars.len()) {
                return Ok(Some(Some(Timeline { unit: Unit::Day, bars, coarse, undated })));
            }
        }
        let (mut counts, mut coarse) = (Counts::new(), 0);
        for (segment, docs) in self.segments.iter().zip(docs) {
            coarse += segment.count_runs(docs, unit, &mut counts);
        }
        Ok(Some(Some(Timeline { unit, bars: bars(&counts), coarse, undated })))
    }
}

impl Library {
    /// The timeline of one span of time. Its bars are the same in every segment, and add up.
    fn zoomed(&self, span: (Period, Period), docs: &[&DocSet]) -> Fetch<Option<Timeline>> {
        let parts = gather(self.segments.iter().zip(docs).map(|(segment, docs)| {
            let times = &segment.archive.root().times;
            collector::zoomed_of(times, segment.archive.container(), docs, &segment.hidden, span)
        }))?;
        let Some(parts) = parts else { return Ok(None) };
        let sum = |mut sum: Timeline, part: Timeline| {
            for (bar, more) in sum.bars.iter_mut().zip(&part.bars) {
                bar.count += more.count;
                bar.total += more.total;
            }
            sum.coarse += part.coarse;
            sum
        };
        Ok(Some(parts.into_iter().flatten().reduce(sum)))
    }
}

fn bars(counts: &Counts) -> Vec<Bar> {
    let mut bars: Vec<Bar> = Vec::new();
    for (period, (count, total)) in counts {
        fill_up_to(&mut bars, *period);
        if let Some(bar) = bars.last_mut() {
            bar.count += count;
            bar.total += total;
        }
    }
    bars
}

impl Segment {
    /// The runs of which a record is there.
    fn visible_runs(&self) -> Vec<Period> {
        let runs = self.archive.root().times.run_ranges();
        runs.filter(|(_, range)| range.len() > self.hidden.count_in(range)).map(|(period, _)| period).collect()
    }

    /// Adds hits and records by days; gives the number of hits whose day is not known.
    fn count_days(&self, docs: &DocSet, counts: &mut Counts) -> Fetch<usize> {
        let times = &self.archive.root().times;
        let dated: Vec<u32> = DocSet::from_range(0..times.num_dated).difference(&self.hidden).to_vec();
        let Some(moments) = times.moments(self.archive.container(), &dated)? else { return Ok(None) };
        let mut coarse = 0;
        for (doc, moment) in dated.iter().zip(moments) {
            let Some(moment) = moment else { continue };
            let hit = usize::from(docs.contains(*doc));
            if moment.precision < Precision::Day {
                coarse += hit;
                continue;
            }
            let sum = counts.entry(Period::Day(times.zone.day_at(moment.seconds))).or_default();
            *sum = (sum.0 + hit, sum.1 + 1);
        }
        Ok(Some(coarse))
    }

    /// Adds hits and records by months or years; gives the number of hits whose month is not known.
    fn count_runs(&self, docs: &DocSet, unit: Unit, counts: &mut Counts) -> usize {
        let mut coarse = 0;
        for (period, range) in self.archive.root().times.run_ranges() {
            let count = docs.count_in(&range);
            let total = range.len() - self.hidden.count_in(&range);
            let Some(period) = collector::period_of_run(period, unit) else {
                coarse += count;
                continue;
            };
            if total > 0 {
                let sum = counts.entry(period).or_default();
                *sum = (sum.0 + count, sum.1 + total);
            }
        }
        coarse
    }
}
