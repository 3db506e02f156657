//! The text of a date, from the instant that it begins with: the store keeps only what that does not tell.
//!
//! A form is the digit of the precision and then how the text ends, or the offset of the clock that it is written by: `3Z`,
//! `3+03:00`, `2` (UTC), `2+01:00`. A text that follows no such pattern stands in the form itself, behind `=`: `3=…`.

use crate::error::{Error, Result};
use crate::record::{Date, Precision};
use crate::time::civil::{DAY, Day, MAX_INSTANT, Period};

/// The date of a form and its first instant.
///
/// # Errors
/// An unknown form, or an instant beyond [`MAX_INSTANT`].
pub(super) fn decode(form: &str, seconds: i64) -> Result<Date> {
    let malformed = || Error::corrupt("a date has an unknown form");
    let (digit, end) = form.split_at_checked(1).ok_or_else(malformed)?;
    let digit = digit.bytes().next().unwrap_or_default().wrapping_sub(b'0');
    let precision = Precision::from_u8(digit).ok_or_else(malformed)?;
    let text = match end.strip_prefix('=') {
        Some(text) => text.to_owned(),
        None => print(precision, seconds, end).ok_or_else(malformed)?,
    };
    Ok(Date { text, seconds, precision })
}

/// The text of a date that follows the pattern.
fn print(precision: Precision, seconds: i64, end: &str) -> Option<String> {
    let offset = offset(end)?;
    if !(-MAX_INSTANT..=MAX_INSTANT).contains(&seconds) {
        return None;
    }
    let local = seconds + offset;
    let day = Day::from_days(local.div_euclid(DAY));
    let end = if precision == Precision::Second { end } else { "" };
    Some(match precision {
        Precision::Year => Period::Year(day.year).to_string(),
        Precision::Month => Period::Month(day.year, day.month).to_string(),
        Precision::Day => Period::Day(day).to_string(),
        Precision::Second | Precision::LocalSecond => {
            let second = local.rem_euclid(DAY);
            let (day, hour) = (Period::Day(day), second / 3600);
            format!("{day}T{hour:02}:{:02}:{:02}{end}", second / 60 % 60, second % 60)
        }
    })
}

/// Seconds of an offset: nothing, `Z`, or as in `+03:00`.
fn offset(end: &str) -> Option<i64> {
    if end.is_empty() || end == "Z" {
        return Some(0);
    }
    let [sign @ (b'+' | b'-'), tens, hours, b':', minute_tens, minutes] = end.as_bytes() else { return None };
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| i64::from(byte - b'0'));
    let seconds = digit(tens)? * 36_000 + digit(hours)? * 3600 + digit(minute_tens)? * 600 + digit(minutes)? * 60;
    Some(if *sign == b'-' { -seconds } else { seconds })
}

/// The form of a date.
#[cfg(feature = "cli")]
pub(super) fn encode(date: &Date) -> String {
    let digit = char::from(b'0' + date.precision as u8);
    let fits = |end: &&str| print(date.precision, date.seconds, end).as_deref() == Some(&*date.text);
    let ends = match date.precision {
        Precision::Second => {
            let len = if date.text.ends_with('Z') { 1 } else { 6 };
            let end = date.text.len().checked_sub(len).and_then(|start| date.text.get(start..));
            end.map(str::to_owned).into_iter().collect()
        }
        _ => clocks(date),
    };
    let end = ends.iter().map(String::as_str).find(fits);
    end.map_or_else(|| format!("{digit}={}", date.text), |end| format!("{digit}{end}"))
}

/// The offsets of the clocks that can show a date's time of day at its first instant.
#[cfg(feature = "cli")]
fn clocks(date: &Date) -> Vec<String> {
    let part = |range| date.text.get(range).and_then(|digits: &str| digits.parse::<i64>().ok()).unwrap_or_default();
    let time_of_day = match date.precision {
        Precision::LocalSecond => part(11..13) * 3600 + part(14..16) * 60 + part(17..19),
        _ => 0,
    };
    let ahead = time_of_day.saturating_sub(date.seconds).rem_euclid(DAY);
    let show = |offset: i64| {
        let (sign, offset) = if offset < 0 { ('-', -offset) } else { ('+', offset) };
        format!("{sign}{:02}:{:02}", offset / 3600, offset / 60 % 60)
    };
    if ahead == 0 { vec![String::new()] } else { vec![show(ahead), show(ahead - DAY)] }
}

#[cfg(all(test, feature = "cli"))]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where its input is wrong")]
mod tests {
    use super::*;
    use crate::ingest::parse_date;
    use jiff::tz::TimeZone;

    fn check(text: &str, zone: &str, form: &str) {
        let date = parse_date(text, &TimeZone::get(zone).unwrap()).unwrap();
        assert_eq!(encode(&date), form, "{text}");
        assert_eq!(decode(form, date.seconds), Ok(date), "{text}");
    }

    #[test]
    fn dates_as_they_are_written() {
        for (text, zone, form) in [
            ("1963", "UTC", "0"),
            ("1963-01", "Europe/Berlin", "1+01:00"),
            ("2024-06-24", "Europe/Berlin", "2+02:00"),
            ("2024-06-24", "Pacific/Kiritimati", "2+14:00"),
            ("2024-06-24", "America/New_York", "2-04:00"),
            ("2024-06-24T10:30:15Z", "UTC", "3Z"),
            ("2024-06-24T10:30:15+00:00", "UTC", "3+00:00"),
            ("2024-06-24T23:30:15-03:30", "UTC", "3-03:30"),
            ("2024-06-24T10:30:15", "Asia/Tokyo", "4+09:00"),
            ("0000-01-01T00:00:00Z", "UTC", "3Z"),
            ("9998-12-31", "UTC", "2"),
        ] {
            check(text, zone, form);
        }
    }

    #[test]
    fn what_follows_no_pattern_stands_as_it_is() {
        check("1880-01-01", "Europe/Berlin", "2=1880-01-01");
        let odd = Date { text: "Ünix".into(), seconds: i64::MIN, precision: Precision::LocalSecond };
        assert_eq!(decode(&encode(&odd), odd.seconds), Ok(odd));
    }

    #[test]
    fn malformed_forms_are_refused() {
        for form in ["", "9", "é", "3x", "3+3:00", "2+0a:00"] {
            assert!(decode(form, 0).is_err(), "{form}");
        }
        assert!(decode("2", i64::MAX).is_err());
    }
}
