//! Text ↔ [`Date`], strictly: a date that is not one of the forms, or that no calendar has, is none.

mod mail;

use jiff::Timestamp;
use jiff::civil;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::{Offset, TimeZone};

pub(super) use mail::mail_date;

use super::json::object::field;
use crate::record::{Date, Precision, Record};

/// Instants that a bare number may mean, in seconds since 1970: from 1973-03-03 to 2100. Below are counters and days such as
/// 19630104, above are milliseconds; neither may silently become a date.
const PLAUSIBLE_UNIX: std::ops::Range<i64> = 100_000_000..4_102_444_800;

/// The date that `text` writes as `1963`, `1963-01`, `1963-01-04` or RFC 3339, the latter with `T` or a space and with or
/// without an offset. What has no offset is read in `zone`; where a clock change makes a time ambiguous, the earlier instant
/// counts, and a time that it leaves out counts as if the clock had not changed.
///
/// The text is kept verbatim, but for seconds that are missing (`10:30` becomes `10:30:00`) and offsets written short (`+03`
/// and `+0300` become `+03:00`), so that what is kept is one of the forms.
#[must_use]
pub fn parse_date(text: &str, zone: &TimeZone) -> Option<Date> {
    let mut rest = Cursor(text);
    let year = rest.digits(4)?;
    if rest.is_at_end() {
        return local_date(text, Precision::Year, civil::Date::new(year, 1, 1).ok()?.at(0, 0, 0, 0), zone);
    }
    rest.skip("-")?;
    let month = i8::try_from(rest.digits(2)?).ok()?;
    if rest.is_at_end() {
        return local_date(text, Precision::Month, civil::Date::new(year, month, 1).ok()?.at(0, 0, 0, 0), zone);
    }
    rest.skip("-")?;
    let day = civil::Date::new(year, month, i8::try_from(rest.digits(2)?).ok()?).ok()?;
    if rest.is_at_end() {
        return local_date(text, Precision::Day, day.at(0, 0, 0, 0), zone);
    }
    parse_time(text, day, rest, zone)
}

/// The date of an instant that its source gives as bare seconds since 1970, where that is plausible.
#[must_use]
pub fn unix_date(seconds: i64) -> Option<Date> {
    if !PLAUSIBLE_UNIX.contains(&seconds) {
        return None;
    }
    let text = Timestamp::from_second(seconds).ok()?.to_string();
    Some(Date { text, seconds, precision: Precision::Second })
}

/// Milliseconds since 1970 that a bare number may mean: the same instants that bare seconds may.
const PLAUSIBLE_MILLIS: std::ops::Range<i64> = 100_000_000_000..4_102_444_800_000;

/// The date of an instant that its source gives as a bare number, with a fraction where it has one: seconds since 1970, or milliseconds, as
/// is plausible.
#[must_use]
pub fn bare_date(number: &str) -> Option<Date> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let Some(whole) = whole.parse().ok().filter(|_| fraction.bytes().all(|byte| byte.is_ascii_digit())) else {
        // Programs write an exponent, too.
        let whole = number.parse::<f64>().ok()?.floor() as i64;
        return if PLAUSIBLE_MILLIS.contains(&whole) { millis_date(whole) } else { unix_date(whole) };
    };
    if PLAUSIBLE_MILLIS.contains(&whole) {
        return millis_date(whole);
    }
    let nanos = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    let text = Timestamp::new(whole, nanos).ok().filter(|_| PLAUSIBLE_UNIX.contains(&whole))?.to_string();
    Some(Date { text, seconds: whole, precision: Precision::Second })
}

/// The date of an instant that its source gives in milliseconds since 1970.
pub(super) fn millis_date(millis: i64) -> Option<Date> {
    let time = Timestamp::from_millisecond(millis).ok()?;
    Some(Date { text: time.to_string(), seconds: millis.div_euclid(1000), precision: Precision::Second })
}

/// The date of a time with its offset that `text` writes in `format`, which is one of `strptime`.
pub(super) fn formatted_date(text: &str, format: &str) -> Option<Date> {
    let parts = BrokenDownTime::parse(format, text.trim()).ok()?;
    let (local, offset) = (parts.to_datetime().ok()?, parts.offset()?);
    let offset = if offset == Offset::UTC { "Z".to_owned() } else { offset_text(offset) };
    parse_date(&format!("{}{offset}", local.strftime("%Y-%m-%dT%H:%M:%S")), &TimeZone::UTC)
}

/// Gives a record the date that its source writes; what is none is kept, see [`keep_unread`].
pub(super) fn take_date(record: &mut Record, written: Option<&str>, read: impl FnOnce(&str) -> Option<Date>) {
    let Some(written) = written.filter(|written| !written.trim().is_empty()) else { return };
    record.date = read(written);
    if record.date.is_none() {
        keep_unread(record, written);
    }
}

/// Keeps a date that cannot be read as its source writes it, and marks the record: its account counts such dates.
pub(super) fn keep_unread(record: &mut Record, written: &str) {
    record.flags.push("date_unread".to_owned());
    record.fields.push(field("date_written", written));
}

/// An offset from UTC in RFC 3339, to the minute.
fn offset_text(offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

/// The rest of a date that goes on after its day.
fn parse_time(text: &str, day: civil::Date, mut rest: Cursor<'_>, zone: &TimeZone) -> Option<Date> {
    rest.skip("T").or_else(|| rest.skip("t")).or_else(|| rest.skip(" "))?;
    let hour = rest.digits(2)?;
    rest.skip(":")?;
    let minute = rest.digits(2)?;
    let minutes_end = text.len() - rest.0.len();
    let second = if rest.skip(":").is_some() { Some(rest.digits(2)?) } else { None };
    if second.is_some() && rest.skip(".").is_some() {
        rest.fraction()?;
    }
    let time_end = text.len() - rest.0.len();

    // RFC 3339, section 5.6, allows the leap second; like the clocks of its time, this one stands still.
    let second_of_minute = second.unwrap_or(0);
    let second_of_minute = if second_of_minute == 60 { 59 } else { second_of_minute };
    let [hour, minute, second_of_minute] = [hour, minute, second_of_minute].map(|number| i8::try_from(number).ok());
    let local = day.to_datetime(civil::Time::new(hour?, minute?, second_of_minute?, 0).ok()?);

    let mut normal = text.get(..time_end)?.to_owned();
    if second.is_none() {
        normal.insert_str(minutes_end, ":00");
    }
    if rest.is_at_end() {
        return local_date(&normal, Precision::LocalSecond, local, zone);
    }
    let (offset, offset_text) = parse_offset(rest)?;
    normal.push_str(&offset_text);
    let seconds = offset.to_timestamp(local).ok()?.as_second();
    Some(Date { text: normal, seconds, precision: Precision::Second })
}

/// An offset from UTC and its text in RFC 3339.
fn parse_offset(mut rest: Cursor<'_>) -> Option<(Offset, String)> {
    if matches!(rest.0, "Z" | "z") {
        return Some((Offset::UTC, rest.0.to_owned()));
    }
    let sign = if rest.skip("+").is_some() { 1 } else { rest.skip("-").map(|()| -1)? };
    let hours = rest.digits(2)?;
    let minutes = if rest.is_at_end() {
        0
    } else {
        let _ = rest.skip(":");
        rest.digits(2)?
    };
    if hours > 23 || minutes > 59 || !rest.is_at_end() {
        return None;
    }
    let seconds = sign * (i32::from(hours) * 60 + i32::from(minutes)) * 60;
    let sign = if sign < 0 { '-' } else { '+' };
    Some((Offset::from_seconds(seconds).ok()?, format!("{sign}{hours:02}:{minutes:02}")))
}

/// A date whose first instant is read in `zone`.
fn local_date(text: &str, precision: Precision, first: civil::DateTime, zone: &TimeZone) -> Option<Date> {
    let seconds = zone.to_ambiguous_timestamp(first).compatible().ok()?.as_second();
    Some(Date { text: text.to_owned(), seconds, precision })
}

/// What of a text is still to be read.
struct Cursor<'a>(&'a str);

impl Cursor<'_> {
    fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    fn skip(&mut self, expected: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(expected)?;
        Some(())
    }

    /// Exactly `count` ASCII digits, at most four.
    fn digits(&mut self, count: usize) -> Option<i16> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.0 = rest;
        digits.parse().ok()
    }

    /// The digits of a fraction, one or more.
    fn fraction(&mut self) -> Option<()> {
        let rest = self.0.trim_start_matches(|c: char| c.is_ascii_digit());
        if rest.len() == self.0.len() {
            return None;
        }
        self.0 = rest;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: Option<(&str, i64, Precision)>) {
        let expected = expected.map(|(text, seconds, precision)| Date { text: text.into(), seconds, precision });
        assert_eq!(parse_date(text, &TimeZone::UTC), expected, "{text:?}");
    }

    fn check_verbatim(text: &str, seconds: i64, precision: Precision) {
        check(text, Some((text, seconds, precision)));
    }

    #[test]
    fn reads_every_precision() {
        check_verbatim("1963", -220_924_800, Precision::Year);
        check_verbatim("1963-01", -220_924_800, Precision::Month);
        check_verbatim("1963-01-04", -220_665_600, Precision::Day);
        check_verbatim("2024-06-24T10:30:15Z", 1_719_225_015, Precision::Second);
        check_verbatim("2024-06-24 10:30:15Z", 1_719_225_015, Precision::Second);
        check_verbatim("2024-06-24t10:30:15z", 1_719_225_015, Precision::Second);
        check_verbatim("2024-06-24T13:30:15+03:00", 1_719_225_015, Precision::Second);
        check_verbatim("2024-06-24T10:30:15.250-00:00", 1_719_225_015, Precision::Second);
        check_verbatim("2024-06-24T10:30:15", 1_719_225_015, Precision::LocalSecond);
        check_verbatim("2016-12-31T23:59:60Z", 1_483_228_799, Precision::Second);
        check_verbatim("1969-12-31T23:59:59Z", -1, Precision::Second);
    }

    #[test]
    fn completes_what_is_short_of_a_form() {
        check("2024-06-24T10:30Z", Some(("2024-06-24T10:30:00Z", 1_719_225_000, Precision::Second)));
        check("2024-06-24 10:30", Some(("2024-06-24 10:30:00", 1_719_225_000, Precision::LocalSecond)));
        check("2024-06-24 13:30:15+03", Some(("2024-06-24 13:30:15+03:00", 1_719_225_015, Precision::Second)));
        check("2024-06-24T05:00:15-0530", Some(("2024-06-24T05:00:15-05:30", 1_719_225_015, Precision::Second)));
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            "196",
            "19634",
            "1963-",
            "1963-1",
            "1963-13",
            "1963-00",
            "2023-02-29",
            "1963-01-04T",
            "1963-01-04T1",
            "1963-01-04T24:00:00",
            "1963-01-04T10:60:00",
            "1963-01-04T10:00:61",
            "1963-01-04T10:00:00.",
            "+1963",
            "1963-01-04T10:00:00+24:00",
            "1963-01-04T10:00:00+1",
            "1963-01-04T10:00:00Zz",
            "1963-01-04  10:00:00",
            "1963-01-04T10:00.5",
            " 1963",
            "1963 ",
            "yesterday",
            "١٩٦٣",
            "04.01.1963",
            "1963-01-04T10",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn reads_what_has_no_offset_in_the_zone_of_the_archive() {
        let zone = TimeZone::fixed(Offset::constant(3));
        let seconds = |text| parse_date(text, &zone).unwrap().seconds;
        assert_eq!(seconds("1970"), -3 * 3600);
        assert_eq!(seconds("1970-01-01T03:00:00"), 0);
        assert_eq!(seconds("1970-01-01T03:00:00Z"), 3 * 3600);
    }

    #[test]
    fn bare_seconds_count_where_they_are_plausible() {
        let check = |seconds, expected: Option<&str>| {
            assert_eq!(unix_date(seconds).map(|date| date.text).as_deref(), expected, "{seconds}");
        };
        check(1_719_225_015, Some("2024-06-24T10:30:15Z"));
        check(100_000_000, Some("1973-03-03T09:46:40Z"));
        check(19_630_104, None);
        check(1_719_225_015_000, None);
        check(-1, None);
    }

    #[test]
    fn times_with_their_offset_in_other_forms() {
        let check = |text, format, expected: Option<&str>| {
            assert_eq!(formatted_date(text, format).map(|date| date.text).as_deref(), expected, "{text}");
        };
        check("Tue Mar 19 15:46:29 +0000 2019", "%a %b %d %H:%M:%S %z %Y", Some("2019-03-19T15:46:29Z"));
        check("19 Mar 2019 15:46:29 -0330", "%d %b %Y %H:%M:%S %z", Some("2019-03-19T15:46:29-03:30"));
        check("Tue Mar 32 15:46:29 +0000 2019", "%a %b %d %H:%M:%S %z %Y", None);
        check("2019", "%Y", None);
    }

    #[test]
    fn what_is_no_date_is_kept_and_marked() {
        let taken = |written: Option<&str>| {
            let mut record = Record::default();
            take_date(&mut record, written, |text| parse_date(text, &TimeZone::UTC));
            (record.date.map(|date| date.text), record.flags, record.fields)
        };
        assert_eq!(taken(Some("2024")), (Some("2024".to_owned()), vec![], vec![]));
        let kept = vec![("date_written".to_owned(), "\"soon\"".to_owned())];
        assert_eq!(taken(Some("soon")), (None, vec!["date_unread".to_owned()], kept));
        assert_eq!(taken(None), (None, vec![], vec![]));
    }

    #[test]
    fn dates_keep_their_milliseconds() {
        assert_eq!(millis_date(1_705_315_800_123).unwrap().text, "2024-01-15T10:50:00.123Z");
        assert_eq!(millis_date(1_705_315_800_000).unwrap().text, "2024-01-15T10:50:00Z");
        assert_eq!(millis_date(i64::MAX), None);
        for (number, expected) in [
            ("1705315800", Some("2024-01-15T10:50:00Z")),
            ("1705315800.5", Some("2024-01-15T10:50:00.5Z")),
            ("1705315800.000", Some("2024-01-15T10:50:00Z")),
            ("1705315800.1234567891", Some("2024-01-15T10:50:00.123456789Z")),
            ("1705315800123", Some("2024-01-15T10:50:00.123Z")),
            ("1705315800123.9", Some("2024-01-15T10:50:00.123Z")),
            ("1.7053158e9", Some("2024-01-15T10:50:00Z")),
            ("1.7053158e12", Some("2024-01-15T10:50:00Z")),
            ("19630104", None),
            ("17053158001234", None),
            ("-1705315800", None),
            ("1705315800.x", None),
            ("", None),
        ] {
            assert_eq!(bare_date(number).map(|date| date.text).as_deref(), expected, "{number}");
        }
    }

    proptest! {
        #[test]
        fn what_is_kept_reads_back_as_itself(text in "[0-9]{4}(-[0-9]{2}){0,2}([T ][0-2][0-9]:[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?(Z|[+-][0-2][0-9](:?[0-5][0-9])?)?)?") {
            if let Some(date) = parse_date(&text, &TimeZone::UTC) {
                prop_assert_eq!(parse_date(&date.text, &TimeZone::UTC), Some(date));
            }
        }

        #[test]
        fn agrees_with_the_calendar(seconds in -62_000_000_000_i64..250_000_000_000) {
            let text = Timestamp::from_second(seconds).unwrap().to_string();
            prop_assert_eq!(parse_date(&text, &TimeZone::UTC).map(|date| date.seconds), Some(seconds));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = parse_date(&text, &TimeZone::UTC);
        }
    }
}
