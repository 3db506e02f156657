//! A set of records → what is shown of it: the first ones in an order, counts of facets, bars of the timeline.

use crate::facet::{FacetReader, ValueOrd};
use crate::format::{Container, Fetch};
use crate::query::DocSet;
use crate::record::{DocId, Precision};
use crate::time::civil::{Day, Period};
use crate::time::{Moment, TimeReader};

/// Order of results.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Sort {
    /// Newest first; undated ones behind, in source order.
    #[default]
    New,
    /// Oldest first; undated ones behind, in source order.
    Old,
    /// Best first; equally good ones newest first.
    Relevance,
    /// By a number, records without it behind; equal ones newest first.
    By {
        /// Name of the column.
        name: String,
        /// Whether the smallest comes first, instead of the largest.
        ascending: bool,
    },
}

impl std::fmt::Display for Sort {
    /// Writes what [`Sort::parse`] reads.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::New => f.write_str("new"),
            Self::Old => f.write_str("old"),
            Self::Relevance => f.write_str("relevance"),
            Self::By { name, ascending } => {
                f.write_str(if *ascending { "-" } else { "" })?;
                f.write_str(name)
            }
        }
    }
}

impl Sort {
    /// The order that is typed as `new`, `old`, `relevance`, `views` or `-views`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match (text, text.strip_prefix('-')) {
            ("new", _) => Self::New,
            ("old", _) => Self::Old,
            ("relevance", _) => Self::Relevance,
            (name, smallest) => Self::By { name: smallest.unwrap_or(name).to_owned(), ascending: smallest.is_some() },
        }
    }
}

/// The records of a page of results, in order, each with its score (0 unless sorted by relevance).
#[must_use]
pub fn top_docs(
    docs: &DocSet,
    scores: Option<&[f64]>,
    num_dated: u32,
    offset: usize,
    limit: usize,
) -> Vec<(DocId, f64)> {
    let newest_first = newest_first(docs, num_dated);
    let Some(scores) = scores else {
        return newest_first.skip(offset).take(limit).map(|doc| (doc, 0.0)).collect();
    };
    let mut best = Best::new(offset.saturating_add(limit), |(doc, score): &(DocId, f64), (other, other_score)| {
        // Among equals: dated before undated, newest first; undated in source order.
        let place = |doc: DocId| if doc < num_dated { num_dated - 1 - doc } else { doc };
        let by_score = score.total_cmp(other_score);
        by_score.then_with(|| place(*other).cmp(&place(*doc))).is_gt()
    });
    for (doc, score) in docs.iter().zip(scores) {
        best.offer((doc, *score));
    }
    best.items.drain(..offset.min(best.items.len()));
    best.items
}

/// The best few of many: what a page shows, without sorting what it does not.
pub struct Best<T, F> {
    /// Best first.
    pub items: Vec<T>,
    limit: usize,
    is_better: F,
}

impl<T, F: Fn(&T, &T) -> bool> Best<T, F> {
    /// Keeps up to `limit`. `is_better` must tell any two different items apart, or which of them is kept is open.
    pub fn new(limit: usize, is_better: F) -> Self {
        Self { items: Vec::new(), limit, is_better }
    }

    /// Keeps the item, if it is among the best so far.
    pub fn offer(&mut self, item: T) {
        // Most items of a long list are no better than the last one kept.
        if self.items.len() >= self.limit && self.items.last().is_none_or(|last| !(self.is_better)(&item, last)) {
            return;
        }
        let place = self.items.partition_point(|kept| (self.is_better)(kept, &item));
        if place < self.limit {
            self.items.truncate(self.limit - 1);
            self.items.insert(place, item);
        }
    }
}

/// The records of a page of results, oldest first.
#[must_use]
pub fn oldest_docs(docs: &DocSet, offset: usize, limit: usize) -> Vec<(DocId, f64)> {
    docs.iter().skip(offset).take(limit).map(|doc| (doc, 0.0)).collect()
}

fn newest_first(docs: &DocSet, num_dated: u32) -> impl Iterator<Item = DocId> {
    docs.iter_in(&(0..num_dated)).rev().chain(docs.iter_in(&(num_dated..DocId::MAX)))
}

/// How many of these records have each of the first `num_values` values of a facet; by value number.
pub fn count_values(facet: &FacetReader, container: &Container, docs: &DocSet, num_values: usize) -> Fetch<Vec<u32>> {
    let mut counts = vec![0u32; num_values];
    let whole = facet.visit(container, &docs.to_vec(), |_, values| {
        for value in values {
            counts.iter_mut().skip(*value as usize).take(1).for_each(|count| *count += 1);
        }
    })?;
    Ok(whole.map(|()| counts))
}

/// Those of these records that have at least one of the values.
pub fn with_any_value(facet: &FacetReader, container: &Container, docs: &DocSet, wanted: &[ValueOrd]) -> Fetch<DocSet> {
    let mut found = Vec::new();
    let whole = facet.visit(container, &docs.to_vec(), |doc, values| {
        if values.iter().any(|value| wanted.contains(value)) {
            found.push(doc);
        }
    })?;
    Ok(whole.map(|()| DocSet::from_sorted(found)))
}

/// Length of a bar of the timeline.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unit {
    /// A year.
    Year,
    /// A month.
    Month,
    /// A day.
    Day,
    /// An hour of a day.
    Hour,
}

impl Unit {
    /// Its name, as in [`crate::searcher`]'s answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
            Self::Hour => "hour",
        }
    }
}

/// A bar of the timeline.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bar {
    /// What it covers.
    pub period: Period,
    /// Which hour of it, where it covers no more.
    pub hour: Option<u8>,
    /// Hits in it.
    pub count: usize,
    /// Records of the whole archive in it.
    pub total: usize,
}

/// Hits over time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Timeline {
    /// Length of the bars.
    pub unit: Unit,
    /// Every bar of the archive's span, also the empty ones.
    pub bars: Vec<Bar>,
    /// Hits whose date is coarser than a bar.
    pub coarse: usize,
    /// Hits without a date.
    pub undated: usize,
}

/// Spans of up to this many days are drawn by days: as many bars as a wide page shows apart.
pub const MAX_DAY_BARS: i64 = 124;

/// Spans of up to this many months are drawn by months.
const MAX_MONTH_BARS: i64 = 480;

/// Bars that a timeline may have at most; a longer span (a hostile or mistaken date) is drawn without its empty years.
const MAX_BARS: usize = 4000;

/// The timeline of these records; `Some(None)` where no record of the archive has a date.
pub fn timeline(times: &TimeReader, container: &Container, docs: &DocSet) -> Fetch<Option<Timeline>> {
    let Some((first, last)) = span(times) else { return Ok(Some(None)) };
    let knows_months = times.runs.iter().any(|run| !matches!(run.period, Period::Year(_)));
    let (unit, may_be_days) = unit_of(first, last, knows_months);
    let undated = docs.len() - docs.count_in(&(0..times.num_dated));
    if may_be_days {
        let all = DocSet::from_range(0..times.num_dated);
        let Some(moments) = times.moments(container, &all.to_vec())? else { return Ok(None) };
        let (bars, coarse) = day_bars(times, &moments, docs);
        // Where no date is known to the day there is no bar, and months say more.
        if (1..=MAX_DAY_BARS as usize).contains(&bars.len()) {
            return Ok(Some(Some(Timeline { unit: Unit::Day, bars, coarse, undated })));
        }
    }
    let (bars, coarse) = run_bars(times, docs, unit);
    Ok(Some(Some(Timeline { unit, bars, coarse, undated })))
}

/// The timeline of one span of time, drawn as finely as it can be: by hours where it is one day.
#[cfg(feature = "more")]
pub fn zoomed(
    times: &TimeReader,
    container: &Container,
    docs: &DocSet,
    (from, to): (Period, Period),
) -> Fetch<Option<Timeline>> {
    zoomed_of(times, container, docs, &DocSet::default(), (from, to))
}

/// The same, of an archive in which some records are hidden.
#[cfg(feature = "more")]
pub fn zoomed_of(
    times: &TimeReader,
    container: &Container,
    docs: &DocSet,
    hidden: &DocSet,
    (from, to): (Period, Period),
) -> Fetch<Option<Timeline>> {
    let (first, last) = (from.first(), Day::from_days(to.next().first().to_days() - 1));
    let (start, end) = (times.zone.start_of(first), times.zone.instants(to).end);
    let ends = (times.first_at_or_after(container, start)?, times.first_at_or_after(container, end)?);
    let (Some(first_doc), Some(end_doc)) = ends else { return Ok(None) };
    let within = DocSet::from_range(first_doc..end_doc.max(first_doc));
    let Some(moments) = times.moments(container, &within.to_vec())? else { return Ok(None) };
    let unit = match last.to_days() - first.to_days() {
        0 => Unit::Hour,
        1..MAX_DAY_BARS => Unit::Day,
        days if (0..MAX_MONTH_BARS).contains(&(days / 28)) => Unit::Month,
        _ => Unit::Year,
    };
    let mut bars: Vec<Bar> = Vec::new();
    if unit == Unit::Hour {
        bars.extend((0..24).map(|hour| Bar { period: Period::Day(first), hour: Some(hour), count: 0, total: 0 }));
    } else if first <= last {
        fill_up_to(&mut bars, period_of(first, unit));
        fill_up_to(&mut bars, period_of(last, unit));
    }
    let mut coarse = 0;
    for (doc, moment) in (first_doc..).zip(moments.iter().flatten()) {
        if hidden.contains(doc) {
            continue;
        }
        let hit = usize::from(docs.contains(doc));
        let known = match moment.precision {
            Precision::Year => unit == Unit::Year,
            Precision::Month => matches!(unit, Unit::Year | Unit::Month),
            Precision::Day => unit != Unit::Hour,
            Precision::Second | Precision::LocalSecond => true,
        };
        let period = period_of(times.zone.day_at(moment.seconds), unit);
        let hour = (unit == Unit::Hour).then(|| times.zone.hour_at(moment.seconds));
        let place = bars.binary_search_by_key(&(period, hour), |bar| (bar.period, bar.hour)).ok();
        match place.filter(|_| known).and_then(|place| bars.get_mut(place)) {
            Some(bar) => {
                bar.count += hit;
                bar.total += 1;
            }
            None => coarse += hit,
        }
    }
    Ok(Some(Some(Timeline { unit, bars, coarse, undated: 0 })))
}

/// The bar that a day falls in.
#[cfg(feature = "more")]
fn period_of(day: Day, unit: Unit) -> Period {
    match unit {
        Unit::Year => Period::Year(day.year),
        Unit::Month => Period::Month(day.year, day.month),
        Unit::Day | Unit::Hour => Period::Day(day),
    }
}

/// Length of the bars between the months of two days, and whether days might be shown instead.
#[must_use]
pub fn unit_of(first: Day, last: Day, knows_months: bool) -> (Unit, bool) {
    let months = i64::from(last.year - first.year) * 12 + i64::from(last.month) - i64::from(first.month) + 1;
    let unit = if knows_months && months <= MAX_MONTH_BARS { Unit::Month } else { Unit::Year };
    (unit, months <= MAX_DAY_BARS / 28)
}

/// First and last day that a run begins with.
fn span(times: &TimeReader) -> Option<(Day, Day)> {
    Some((times.runs.first()?.period.first(), times.runs.last()?.period.first()))
}

/// Bars by days, from the dates themselves.
fn day_bars(times: &TimeReader, moments: &[Option<Moment>], docs: &DocSet) -> (Vec<Bar>, usize) {
    let mut bars: Vec<Bar> = Vec::new();
    let mut coarse = 0;
    for (doc, moment) in (0..).zip(moments.iter().flatten()) {
        let hit = usize::from(docs.contains(doc));
        if moment.precision < Precision::Day {
            coarse += hit;
            continue;
        }
        let period = Period::Day(times.zone.day_at(moment.seconds));
        fill_up_to(&mut bars, period);
        if let Some(bar) = bars.last_mut() {
            bar.count += hit;
            bar.total += 1;
        }
    }
    (bars, coarse)
}

/// The month or year in whose bar a run counts; none where only its year is known and bars are months.
pub(crate) fn period_of_run(period: Period, unit: Unit) -> Option<Period> {
    match (period, unit) {
        (Period::Year(_), Unit::Month) => None,
        (period, Unit::Month) => Some(period),
        (period, _) => Some(Period::Year(period.first().year)),
    }
}

/// Bars by months or years, from the runs alone.
fn run_bars(times: &TimeReader, docs: &DocSet, unit: Unit) -> (Vec<Bar>, usize) {
    let mut bars: Vec<Bar> = Vec::new();
    let mut coarse = 0;
    for (period, range) in times.run_ranges() {
        let count = docs.count_in(&range);
        let Some(period) = period_of_run(period, unit) else {
            coarse += count;
            continue;
        };
        fill_up_to(&mut bars, period);
        if let Some(bar) = bars.last_mut() {
            bar.count += count;
            bar.total += range.len();
        }
    }
    (bars, coarse)
}

/// Appends empty bars until the last one is of `period`, or later where a hostile archive is out of order.
pub fn fill_up_to(bars: &mut Vec<Bar>, period: Period) {
    while bars.last().is_none_or(|bar| bar.period < period) {
        let next = bars.last().map_or(period, |bar| bar.period.next());
        let next = if bars.len() < MAX_BARS { next } else { period };
        bars.push(Bar { period: next, hour: None, count: 0, total: 0 });
    }
}

/// Those of these records whose whole date lies between two instants, of which the second is the first one behind.
pub fn within(
    times: &TimeReader,
    container: &Container,
    start: Option<i64>,
    end: Option<i64>,
    docs: &DocSet,
) -> Fetch<DocSet> {
    let bound = |at: Option<i64>, otherwise| match at {
        Some(at) => times.first_at_or_after(container, at),
        None => Ok(Some(otherwise)),
    };
    let (first, last) = (bound(start, 0)?, bound(end, times.num_dated)?);
    let (Some(first), Some(last)) = (first, last) else { return Ok(None) };
    let docs = docs.intersect(&DocSet::from_range(first..last.max(first)));
    let (Some(end), true) = (end, times.num_coarse > 0) else { return Ok(Some(docs)) };
    let Some(moments) = times.moments(container, &docs.to_vec())? else { return Ok(None) };
    let ends_before = |moment: &Moment| times.ends_before(moment, end);
    let kept = docs.iter().zip(&moments).filter(|(_, moment)| moment.as_ref().is_some_and(ends_before));
    Ok(Some(DocSet::from_sorted(kept.map(|(doc, _)| doc).collect())))
}
