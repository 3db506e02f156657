//! Days of the proleptic Gregorian calendar as numbers, and the dates that people type: `2024`, `2024-06`, `2024-06-24`.
//!
//! The two conversions are Howard Hinnant's `days_from_civil` and `civil_from_days`
//! (<https://howardhinnant.github.io/date_algorithms.html>). The core has its own because a calendar library costs more WASM
//! than the whole of the core's date handling.

use std::fmt;
use std::str::FromStr;

/// Seconds in a day; leap seconds do not exist in Unix time.
pub const DAY: i64 = 86_400;

/// Latest instant, and negated the earliest, that a container may name, in seconds since 1970: beyond every year of four digits.
/// Keeps arithmetic on hostile ones far from overflow.
pub const MAX_INSTANT: i64 = 400_000_000_000;

/// Latest year, and negated the earliest, that a container may name: dates are written with four digits, and a time zone moves the
/// last of them into the next year at most.
pub const MAX_YEAR: i32 = 10_000;

/// A day of the calendar.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Day {
    /// Year; 0 is 1 BC.
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

impl Day {
    /// The day that begins `days` days after 1970-01-01.
    #[must_use]
    pub fn from_days(days: i64) -> Self {
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let day_of_era = z.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self { year: year as i32, month: month as u8, day: (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u8 }
    }

    /// Days from 1970-01-01 to this one.
    #[must_use]
    pub fn to_days(self) -> i64 {
        let month = i64::from(self.month);
        let year = i64::from(self.year) - i64::from(month <= 2);
        let era = year.div_euclid(400);
        let shifted_month = if month > 2 { month - 3 } else { month + 9 };
        let day_of_year = (153 * shifted_month + 2) / 5 + i64::from(self.day) - 1;
        let year_of_era = year.rem_euclid(400);
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
    }
}

/// A year, a month or a day, as typed into an address or a date filter.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Period {
    /// `2024`
    Year(i32),
    /// `2024-06`
    Month(i32, u8),
    /// `2024-06-24`
    Day(Day),
}

impl Period {
    /// First day of the period.
    #[must_use]
    pub fn first(self) -> Day {
        match self {
            Self::Year(year) => Day { year, month: 1, day: 1 },
            Self::Month(year, month) => Day { year, month, day: 1 },
            Self::Day(day) => day,
        }
    }

    /// The period of the same length right behind it.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Year(year) => Self::Year(year + 1),
            Self::Month(year, 12) => Self::Month(year + 1, 1),
            Self::Month(year, month) => Self::Month(year, month + 1),
            Self::Day(day) => Self::Day(Day::from_days(day.to_days() + 1)),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Year(year) => write!(f, "{year:04}"),
            Self::Month(year, month) => write!(f, "{year:04}-{month:02}"),
            Self::Day(Day { year, month, day }) => write!(f, "{year:04}-{month:02}-{day:02}"),
        }
    }
}

impl FromStr for Period {
    type Err = ();

    /// Accepts exactly what [`Period`] prints, for years 0 to 9999 and days that exist.
    fn from_str(text: &str) -> Result<Self, ()> {
        let number = |part: &str, len: usize| {
            let digits = part.len() == len && part.bytes().all(|byte| byte.is_ascii_digit());
            if digits { part.parse::<i32>().map_err(|_| ()) } else { Err(()) }
        };
        let mut parts = text.split('-');
        let year = number(parts.next().unwrap_or_default(), 4)?;
        let month = parts.next().map(|part| number(part, 2)).transpose()?;
        let day = parts.next().map(|part| number(part, 2)).transpose()?;
        if parts.next().is_some() {
            return Err(());
        }
        let period = match (month, day) {
            (None, _) => Self::Year(year),
            (Some(month @ 1..=12), None) => Self::Month(year, month as u8),
            (Some(month @ 1..=12), Some(day @ 1..=31)) => Self::Day(Day { year, month: month as u8, day: day as u8 }),
            _ => return Err(()),
        };
        let exists = Day::from_days(period.first().to_days()) == period.first();
        if exists { Ok(period) } else { Err(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_round_trip_over_all_the_years_that_dates_can_have() {
        let first = Day { year: 0, month: 1, day: 1 }.to_days();
        let last = Day { year: 9999, month: 12, day: 31 }.to_days();
        let mut previous = Day::from_days(first - 1);
        for days in first..=last {
            let day = Day::from_days(days);
            assert_eq!(day.to_days(), days);
            assert!(day > previous);
            previous = day;
        }
        assert_eq!(Day { year: 1970, month: 1, day: 1 }.to_days(), 0);
        assert_eq!(Day { year: 2000, month: 2, day: 29 }.to_days(), 11_016);
    }

    #[test]
    fn periods_are_parsed_printed_and_refused() {
        for text in ["0000", "1963", "2024-06", "2024-02-29", "9999-12-31"] {
            assert_eq!(text.parse::<Period>().unwrap().to_string(), text);
        }
        for text in
            ["", "24", "2024-13", "2024-00", "2023-02-29", "2024-6", "2024-06-24-01", "２０２４", "+024", "2024-06-"]
        {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_next_period_begins_where_this_one_ends() {
        for (text, next) in [("2023", "2024"), ("2023-12", "2024-01"), ("2024-02-28", "2024-02-29")] {
            assert_eq!(text.parse::<Period>().unwrap().next().to_string(), next);
        }
    }
}
