//! The archive's time zone as a table of offsets, computed at build from the time zone database, so that the core needs none.

use super::civil::{DAY, Day, Period};
use crate::error::{Error, Result};
use crate::format::codec::Decoder;
#[cfg(feature = "cli")]
use crate::format::codec::{put_str, put_varint, put_zigzag};

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

    /// The day on the calendar of this zone at an instant.
    #[must_use]
    pub fn day_at(&self, seconds: i64) -> Day {
        Day::from_days(seconds.saturating_add(self.offset_at(seconds)).div_euclid(DAY))
    }

    /// The instant at which a day begins in this zone: the earliest one whose clock shows that day.
    #[must_use]
    pub fn start_of(&self, day: Day) -> i64 {
        let local = day.to_days() * DAY;
        let offsets = std::iter::once(self.first_offset).chain(self.changes.iter().map(|(_, offset)| *offset));
        // An offset is right where the instant that it gives has that offset; where none is (midnight was skipped by a
        // change), the day begins at the change.
        let candidates = offsets.map(|offset| local - offset);
        let exact = candidates.filter(|at| at + self.offset_at(*at) == local).min();
        exact.unwrap_or_else(|| {
            let skipping = self.changes.iter().find(|(at, offset)| at.saturating_add(*offset) > local);
            skipping.map_or(local - self.first_offset, |(at, _)| *at)
        })
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
        let changes = rdr.list(|rdr| Ok((rdr.zigzag()?, offset(rdr)?)))?;
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
    if offset.abs() > 2 * DAY { Err(Error::corrupt("a time zone is more than two days off")) } else { Ok(offset) }
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
    fn instants_at_the_end_of_the_numbers_do_no_harm() {
        let zone = Zone { name: "x".into(), first_offset: 0, changes: vec![(i64::MIN, -3600), (i64::MAX, 3600)] };
        zone.day_at(i64::MIN);
        zone.day_at(i64::MAX);
        zone.start_of(Day::from_days(1));
    }

    #[test]
    fn round_trip() {
        let mut buf = Vec::new();
        berlin_2024().encode(&mut buf);
        assert_eq!(Zone::decode(&mut Decoder::new(&buf)), Ok(berlin_2024()));
    }
}
