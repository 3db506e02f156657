//! Reads dates: runs of records by month from the root, single dates from the `times` section.
//!
//! A block of `times` holds up to [`DOCS_PER_BLOCK`] dated records:
//! `[number: varint] [seconds, each less the one before: zigzag varints] [precision: one byte each]`. The root has the first
//! seconds of each block; where there are many, it has those of nodes, which stand behind the blocks and have those of so many
//! blocks each.

use std::ops::Range;

use super::civil::{MAX_INSTANT, MAX_YEAR, Period};
use super::zone::Zone;
use crate::error::{Error, Result};
use crate::format::codec::Decoder;
#[cfg(feature = "cli")]
use crate::format::codec::{put_varint, put_zigzag};
use crate::format::{Container, Fetch, Section};
use crate::record::{DocId, Precision};

/// Dated records in a block of the `times` section; fixed by the format.
pub const DOCS_PER_BLOCK: usize = 4096;

/// A record's date as the index keeps it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Moment {
    /// First instant of the date, in seconds since 1970-01-01T00:00:00Z.
    pub seconds: i64,
    /// How much of the date is known.
    pub precision: Precision,
}

/// Consecutive records of one month; those of which only the year is known form a run of their own before its first month.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Run {
    /// A year or a month.
    pub period: Period,
    /// The first record of the run; the run ends where the next begins.
    pub first_doc: DocId,
}

/// The dates' part of the root.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TimeReader {
    /// The time zone of buckets and filters.
    pub zone: Zone,
    /// Records that have a date: `0..num_dated`.
    pub num_dated: u32,
    /// How many of them are known only to the month or the year.
    pub num_coarse: u32,
    /// Runs in order.
    pub runs: Vec<Run>,
    /// Blocks under a node.
    pub per_node: u32,
    /// Seconds of the first record of each block, or where there are nodes, of each node.
    pub first_seconds: Vec<i64>,
}

impl TimeReader {
    /// The records of each run, in order.
    pub fn run_ranges(&self) -> impl Iterator<Item = (Period, Range<DocId>)> {
        let ends = self.runs.iter().skip(1).map(|run| run.first_doc).chain([self.num_dated]);
        self.runs.iter().zip(ends).map(|(run, end)| (run.period, run.first_doc..end))
    }

    /// The date of each of the given records, which must be sorted; `None` for those without one.
    pub fn moments(&self, container: &Container, docs: &[DocId]) -> Fetch<Vec<Option<Moment>>> {
        let mut moments = Some(Vec::with_capacity(docs.len()));
        for run in docs.chunk_by(|a, b| *a as usize / DOCS_PER_BLOCK == *b as usize / DOCS_PER_BLOCK) {
            let Some(&first) = run.first() else { continue };
            if first >= self.num_dated {
                moments.iter_mut().for_each(|moments| moments.extend(run.iter().map(|_| None)));
                continue;
            }
            match block(container, first as usize / DOCS_PER_BLOCK)? {
                None => moments = None,
                Some(block) => moments.iter_mut().for_each(|moments| {
                    moments.extend(run.iter().map(|doc| block.get(*doc as usize % DOCS_PER_BLOCK).copied()));
                }),
            }
        }
        Ok(moments)
    }

    /// The first dated record at or after an instant; `num_dated` when there is none.
    pub fn first_at_or_after(&self, container: &Container, seconds: i64) -> Fetch<DocId> {
        let before = |firsts: &[i64]| firsts.partition_point(|first| *first < seconds).checked_sub(1);
        let Some(mut ord) = before(&self.first_seconds) else { return Ok(Some(0)) };
        if self.first_seconds.len() < self.num_blocks() {
            let Some(bytes) = container.block(Section::Times, self.num_blocks() + ord)? else { return Ok(None) };
            let firsts = Decoder::new(&bytes).list(Decoder::zigzag).map_err(in_times)?;
            // The first of a node is that of its first block.
            ord = ord * self.per_node as usize + before(&firsts).unwrap_or_default();
        }
        let Some(block) = block(container, ord)? else { return Ok(None) };
        let within = block.partition_point(|moment| moment.seconds < seconds);
        Ok(Some((ord * DOCS_PER_BLOCK + within) as DocId))
    }

    /// Whether a date that begins before an instant ends before it too: one of which only the month or the year is known may not.
    #[must_use]
    pub fn ends_before(&self, moment: &Moment, end: i64) -> bool {
        if moment.precision >= Precision::Day {
            return true;
        }
        let day = self.zone.day_at(moment.seconds);
        let is_year = moment.precision == Precision::Year;
        let period = if is_year { Period::Year(day.year) } else { Period::Month(day.year, day.month) };
        self.zone.instants(period).end <= end
    }

    fn num_blocks(&self) -> usize {
        (self.num_dated as usize).div_ceil(DOCS_PER_BLOCK)
    }

    /// Reads the dates' part of the root.
    ///
    /// # Errors
    /// Runs that do not cover the dated records, or of a period that no calendar has.
    pub fn decode(rdr: &mut Decoder<'_>) -> Result<Self> {
        let zone = Zone::decode(rdr)?;
        let num_dated = rdr.varint_u32()?;
        let num_coarse = rdr.varint_u32()?;
        let mut runs: Vec<Run> = Vec::new();
        for _ in 0..rdr.count()? {
            let year = i32::try_from(rdr.zigzag()?).ok().filter(|year| (-MAX_YEAR..=MAX_YEAR).contains(year));
            let year = year.ok_or_else(|| Error::corrupt("a year beyond reason"))?;
            let period = match rdr.u8()? {
                0 => Period::Year(year),
                month @ 1..=12 => Period::Month(year, month),
                _ => return Err(Error::corrupt("a month beyond 12")),
            };
            let len = rdr.varint_u32()?;
            runs.push(Run { period, first_doc: len });
        }
        // The root holds lengths; what readers want are starts.
        let mut start = 0u32;
        for run in &mut runs {
            let len = run.first_doc;
            run.first_doc = start;
            start = start.checked_add(len).ok_or_else(|| Error::corrupt("runs longer than the archive"))?;
        }
        if start != num_dated {
            return Err(Error::corrupt("runs do not cover the dated records"));
        }
        let per_node = rdr.varint_u32()?;
        let first_seconds = rdr.list(Decoder::zigzag)?;
        let times = Self { zone, num_dated, num_coarse, runs, per_node, first_seconds };
        let (listed, num_blocks) = (times.first_seconds.len(), times.num_blocks());
        if listed != num_blocks && (per_node == 0 || listed != num_blocks.div_ceil(per_node as usize)) {
            return Err(Error::corrupt("the dates in the root are not as many as there should be"));
        }
        Ok(times)
    }

    /// Appends the dates' part of the root.
    #[cfg(feature = "cli")]
    pub fn encode(&self, buf: &mut Vec<u8>) {
        self.zone.encode(buf);
        put_varint(buf, u64::from(self.num_dated));
        put_varint(buf, u64::from(self.num_coarse));
        put_varint(buf, self.runs.len() as u64);
        for (period, docs) in self.run_ranges() {
            let (year, month) = match period {
                Period::Year(year) => (year, 0),
                Period::Month(year, month) => (year, month),
                Period::Day(day) => (day.year, day.month),
            };
            put_zigzag(buf, i64::from(year));
            buf.push(month);
            put_varint(buf, u64::from(docs.end - docs.start));
        }
        put_varint(buf, u64::from(self.per_node));
        put_varint(buf, self.first_seconds.len() as u64);
        for seconds in &self.first_seconds {
            put_zigzag(buf, *seconds);
        }
    }
}

/// The dates of a block.
fn block(container: &Container, ord: usize) -> Fetch<Vec<Moment>> {
    let Some(bytes) = container.block(Section::Times, ord)? else { return Ok(None) };
    decode_block(&bytes).map(Some).map_err(in_times)
}

fn in_times(error: Error) -> Error {
    error.at(Section::Times.name(), 0)
}

/// The bytes of a block of dates.
#[cfg(feature = "cli")]
#[must_use]
pub fn encode_block(moments: &[Moment]) -> Vec<u8> {
    let mut buf = Vec::new();
    put_varint(&mut buf, moments.len() as u64);
    let mut previous = 0;
    for moment in moments {
        put_zigzag(&mut buf, moment.seconds - previous);
        previous = moment.seconds;
    }
    buf.extend(moments.iter().map(|moment| moment.precision as u8));
    buf
}

/// The bytes of a node: the first seconds of its blocks.
#[cfg(feature = "cli")]
#[must_use]
pub fn encode_node(firsts: &[i64]) -> Vec<u8> {
    let mut buf = Vec::new();
    put_varint(&mut buf, firsts.len() as u64);
    firsts.iter().for_each(|seconds| put_zigzag(&mut buf, *seconds));
    buf
}

/// Reads a block of dates.
///
/// # Errors
/// The bytes end early, or hold a precision that the format does not know.
pub fn decode_block(bytes: &[u8]) -> Result<Vec<Moment>> {
    let mut rdr = Decoder::new(bytes);
    let count = rdr.count()?;
    let mut seconds = Vec::new();
    let mut previous = 0i64;
    for _ in 0..count {
        let next = previous.checked_add(rdr.zigzag()?).filter(|next| (-MAX_INSTANT..=MAX_INSTANT).contains(next));
        previous = next.ok_or_else(|| Error::corrupt("a date beyond reason"))?;
        seconds.push(previous);
    }
    let precisions = rdr.bytes(count)?;
    let moment = |(seconds, precision): (i64, &u8)| {
        let precision = Precision::from_u8(*precision).ok_or_else(|| Error::corrupt("an unknown precision"))?;
        Ok(Moment { seconds, precision })
    };
    seconds.into_iter().zip(precisions).map(moment).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_beyond_reason_are_refused() {
        for seconds in [i64::MIN, -MAX_INSTANT - 1, MAX_INSTANT + 1, i64::MAX] {
            assert!(decode_block(&encode_block(&[Moment { seconds, precision: Precision::Second }])).is_err());
        }
        for year in [i32::MIN, -10_001, 10_001, i32::MAX] {
            let runs = vec![Run { period: Period::Year(year), first_doc: 0 }];
            let mut buf = Vec::new();
            TimeReader { num_dated: 1, per_node: 1, first_seconds: vec![0], runs, ..TimeReader::default() }
                .encode(&mut buf);
            assert!(TimeReader::decode(&mut Decoder::new(&buf)).is_err());
        }
    }

    #[test]
    fn blocks_and_root_round_trip() {
        let moments: Vec<_> =
            [(-200_000_000_000, Precision::Year), (0, Precision::Second), (5, Precision::LocalSecond)]
                .map(|(seconds, precision)| Moment { seconds, precision })
                .to_vec();
        assert_eq!(decode_block(&encode_block(&moments)), Ok(moments));
        let root = TimeReader {
            zone: Zone::default(),
            num_dated: 9,
            num_coarse: 1,
            runs: vec![
                Run { period: Period::Year(1963), first_doc: 0 },
                Run { period: Period::Month(1963, 1), first_doc: 1 },
                Run { period: Period::Month(2024, 12), first_doc: 4 },
            ],
            per_node: 256,
            first_seconds: vec![-5],
        };
        let mut buf = Vec::new();
        root.encode(&mut buf);
        assert_eq!(TimeReader::decode(&mut Decoder::new(&buf)), Ok(root.clone()));

        let far = TimeReader { runs: vec![Run { period: Period::Year(i32::MAX), first_doc: 0 }], ..root };
        let mut buf = Vec::new();
        far.encode(&mut buf);
        assert!(TimeReader::decode(&mut Decoder::new(&buf)).is_err());
    }
}
