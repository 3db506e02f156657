//! The archive's time zone as a table of offsets, computed at build from the time zone database, so that the core needs none.

use super::civil::{DAY, Day, MAX_INSTANT, Period};
use crate::error::{Error, Result};
use crate::format::codec::Decoder;
#[cfg(feature = "cli")]
use crate::format::codec::{put_str, put_varint, put_zigzag};
#[cfg(feature = "cli")]
use crate::record::{Date, Precision};

/// Largest offset from UTC that a container may name, in seconds. No zone has ever been a day off.
const MAX_OFFSET: i64 = 2 * DAY;

/// A time zone's name and its offsets over the span of the archive.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Zone {
    /// IANA name, or `UTC`.
    pub name: String,
    /// Offset from UTC in seconds before the first change.
    pub first_offset: i64,
    /// Instants (seconds since 1970) at which the offset changes, in order, and the offset from then on.
    pub changes: Vec<(i64, i64)>,
}

impl Default for Zone {
    fn default() -> Self {
        Self { name: "UTC".to_owned(), first_offset: 0, changes: Vec::new() }
    }
}

impl Zone {
    /// Offset from UTC at an instant, in seconds.
    #[must_use]
    pub fn offset_at(&self, seconds: i64) -> i64 {
        let later = self.changes.partition_point(|(from, _)| *from <= seconds);
        later.checked_sub(1).and_then(|place| self.changes.get(place)).map_or(self.first_offset, |(_, offset)| *offset)
    }

    /// The day on the calendar of this zone at an instant. A day lasts until the next one begins: where a clock is set back
    /// over midnight, the hour that its dial shows a second time belongs to the day that has begun.
    #[must_use]
    pub fn day_at(&self, seconds: i64) -> Day {
        let shown = (seconds + self.offset_at(seconds)).div_euclid(DAY);
        let next = Day::from_days(shown + 1);
        if self.start_of(next) <= seconds { next } else { Day::from_days(shown) }
    }

    /// The hour that the clocks of this zone show at an instant.
    #[must_use]
    #[cfg(feature = "more")]
    pub fn hour_at(&self, seconds: i64) -> u8 {
        let shown = (seconds + self.offset_at(seconds)).rem_euclid(DAY);
        u8::try_from(shown / 3600).unwrap_or_default()
    }

    /// The instant at which a day begins in this zone: the earliest one whose clock shows that day.
    #[must_use]
    pub fn start_of(&self, day: Day) -> i64 {
        let local = day.to_days() * DAY;
        // Only changes near the day can matter, and the offset before them.
        let after = |at: i64| self.changes.partition_point(|(from, _)| *from <= at);
        let near =
            self.changes.get(after(local - MAX_OFFSET - DAY)..after(local + MAX_OFFSET + DAY)).unwrap_or_default();
        let before = self.offset_at(local - MAX_OFFSET - DAY);
        let offsets = std::iter::once(before).chain(near.iter().map(|(_, offset)| *offset));
        // An offset is right where the instant that it gives has that offset; where none is (midnight was skipped by a
        // change), the day begins at the change.
        let candidates = offsets.map(|offset| local - offset);
        let exact = candidates.filter(|at| at + self.offset_at(*at) == local).min();
        exact.unwrap_or_else(|| {
            let skipping = near.iter().find(|(at, offset)| at + offset > local);
            skipping.map_or(local - before, |(at, _)| *at)
        })
    }

    /// The month of a date in this zone, or its year where no more is known: the run of records that it belongs to.
    #[must_use]
    #[cfg(feature = "cli")]
    pub fn run_of(&self, date: &Date) -> Period {
        let day = self.day_at(date.seconds);
        if date.precision == Precision::Year { Period::Year(day.year) } else { Period::Month(day.year, day.month) }
    }

    /// Half-open range of instants of a period.
    #[must_use]
    pub fn instants(&self, period: Period) -> std::ops::Range<i64> {
        self.start_of(period.first())..self.start_of(period.next().first())
    }

    /// Reads the zone's part of the root.
    ///
    /// # Errors
    /// Offsets of more than a day, or changes out of order.
    pub fn decode(rdr: &mut Decoder<'_>) -> Result<Self> {
        let name = rdr.string()?;
        let first_offset = offset(rdr)?;
        let changes = rdr.list(|rdr| {
            let at = rdr.zigzag()?;
            if (-MAX_INSTANT..=MAX_INSTANT).contains(&at) {
                Ok((at, offset(rdr)?))
            } else {
                Err(Error::corrupt("a change of a time zone beyond reason"))
            }
        })?;
        if !changes.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(Error::corrupt("the changes of a time zone are not in order"));
        }
        Ok(Self { name, first_offset, changes })
    }

    /// Appends the zone's part of the root.
    #[cfg(feature = "cli")]
    pub fn encode(&self, buf: &mut Vec<u8>) {
        put_str(buf, &self.name);
        put_zigzag(buf, self.first_offset);
        put_varint(buf, self.changes.len() as u64);
        for (at, offset) in &self.changes {
            put_zigzag(buf, *at);
            put_zigzag(buf, *offset);
        }
    }
}

fn offset(rdr: &mut Decoder<'_>) -> Result<i64> {
    let offset = rdr.zigzag()?;
    if (-MAX_OFFSET..=MAX_OFFSET).contains(&offset) {
        Ok(offset)
    } else {
        Err(Error::corrupt("a time zone is more than two days off"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin_2024() -> Zone {
        Zone {
            name: "Europe/Berlin".into(),
            first_offset: 3600,
            changes: vec![(1_711_846_800, 7200), (1_729_990_800, 3600)],
        }
    }

    #[test]
    fn days_begin_at_local_midnight() {
        let zone = berlin_2024();
        let start = |text: &str| zone.start_of(text.parse::<Period>().unwrap().first());
        assert_eq!(start("2024-01-01"), 1_704_063_600);
        assert_eq!(start("2024-07-01"), 1_719_784_800);
        assert_eq!(zone.instants("2024-03-31".parse().unwrap()), 1_711_839_600..1_711_922_400);
        assert_eq!(zone.day_at(1_719_784_799).day, 30);
        assert_eq!(zone.day_at(1_719_784_800).day, 1);
    }

    #[test]
    fn a_skipped_midnight_begins_the_day_at_the_change() {
        // At 00:00 clocks go to 01:00: the day has no midnight.
        let zone = Zone { name: "x".into(), first_offset: 0, changes: vec![(DAY, 3600)] };
        assert_eq!(zone.start_of(Day::from_days(1)), DAY);
        assert_eq!(zone.day_at(DAY), Day::from_days(1));
    }

    #[test]
    fn a_clock_set_back_over_midnight_does_not_bring_back_the_day_before() {
        // St. John's, 2009-11-01: at 00:01 clocks went back to 23:01 of October 31.
        let change = 1_257_042_660;
        let zone = Zone { name: "America/St_Johns".into(), first_offset: -9000, changes: vec![(change, -12_600)] };
        let first = Day { year: 2009, month: 11, day: 1 };
        assert_eq!(zone.start_of(first), change - 60);
        assert_eq!(zone.day_at(change - 61).day, 31);
        for seconds in [change - 60, change, change + 3539, change + 3540] {
            assert_eq!(zone.day_at(seconds), first);
        }
    }

    #[test]
    fn hostile_offsets_and_instants_are_refused() {
        for (offset, at) in [(i64::MIN, 0), (i64::MAX, 0), (0, i64::MIN), (0, i64::MAX)] {
            let mut buf = Vec::new();
            Zone { name: String::new(), first_offset: offset, changes: vec![(at, 0)] }.encode(&mut buf);
            assert!(Zone::decode(&mut Decoder::new(&buf)).is_err());
        }
    }

    #[test]
    fn round_trip() {
        let mut buf = Vec::new();
        berlin_2024().encode(&mut buf);
        assert_eq!(Zone::decode(&mut Decoder::new(&buf)), Ok(berlin_2024()));
    }
}
