//! Dates as numbers of a column, so that they are ordered and narrowed as numbers are: tenths of seconds since
//! 1970-01-01T00:00:00Z, of which the last digit says how much of the date is known. `2024` comes before what lies within it.

#[cfg(feature = "more")]
use super::reader::NumberReader;
#[cfg(feature = "more")]
use crate::format::{Container, Fetch};
#[cfg(feature = "more")]
use crate::record::DocId;
use crate::record::Precision;
use crate::time::Moment;
#[cfg(feature = "more")]
use crate::time::TimeReader;

/// Decimals of a column of dates: its units are tenths of seconds.
pub const SCALE: u8 = 1;

/// A date in units of its column.
#[must_use]
pub fn encode(moment: Moment) -> i64 {
    moment.seconds * 10 + i64::from(moment.precision as u8)
}

/// The date that a number of such a column is; `None` where its last digit is no precision.
#[must_use]
pub fn decode(units: i64) -> Option<Moment> {
    let precision = Precision::from_u8(units.rem_euclid(10) as u8)?;
    Some(Moment { seconds: units.div_euclid(10), precision })
}

#[cfg(feature = "more")]
impl NumberReader {
    /// Which of the given records, which must be sorted, have a date in this column that as a whole lies between two instants.
    pub(crate) fn within(
        &self,
        times: &TimeReader,
        container: &Container,
        instants: std::ops::Range<i64>,
        docs: &[DocId],
    ) -> Fetch<Vec<bool>> {
        let Some(numbers) = self.numbers(container, docs)? else { return Ok(None) };
        let fits = |moment: Moment| instants.contains(&moment.seconds) && times.ends_before(&moment, instants.end);
        Ok(Some(numbers.into_iter().map(|units| units.and_then(decode).is_some_and(fits)).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_round_trip_and_coarse_ones_come_first() {
        let all = [Precision::Year, Precision::Month, Precision::Day, Precision::Second, Precision::LocalSecond];
        let units: Vec<i64> = [-62_167_219_200, -1, 0, 1_719_225_015]
            .into_iter()
            .flat_map(|seconds| all.map(|precision| Moment { seconds, precision }))
            .map(|moment| {
                assert_eq!(decode(encode(moment)), Some(moment));
                encode(moment)
            })
            .collect();
        assert!(units.is_sorted());
        assert_eq!(decode(7), None);
    }
}
