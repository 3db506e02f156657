//! Times as mails and feeds write them: [RFC 5322](https://www.rfc-editor.org/rfc/rfc5322#section-3.3), the older forms that it still has programs read, and that of C's `asctime`.
//!
//! ```text
//! Mon, 24 Jun 2024 10:30:15 +0200     24 Jun 24 10:30 EST     Mon Jun 24 10:30:15 2024     24 Jun 2024 10:30:15 CEST
//! ```
//!
//! The parts are told by what they look like, each may stand once. An offset counts before the name of a zone; of names only those
//! count that RFC 822 gives an offset. Any other name says that the time is a local one, of which the offset is not known: as UTC it
//! would be hours off, with nothing to show it.

use jiff::civil;
use jiff::tz::TimeZone;

use super::parse_date;
use crate::record::Date;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Zones whose names say an offset.
const ZONES: [(&str, &str); 12] = [
    ("Z", "Z"),
    ("UT", "Z"),
    ("UTC", "Z"),
    ("GMT", "Z"),
    ("EST", "-05:00"),
    ("EDT", "-04:00"),
    ("CST", "-06:00"),
    ("CDT", "-05:00"),
    ("MST", "-07:00"),
    ("MDT", "-06:00"),
    ("PST", "-08:00"),
    ("PDT", "-07:00"),
];

/// Words of a date, of which the longest has nine.
const MAX_WORDS: usize = 16;

/// What the words of a date say.
#[derive(Default)]
struct Said<'a> {
    day: Option<i8>,
    month: Option<i8>,
    year: Option<i16>,
    clock: Option<(&'a str, &'a str, &'a str)>,
    /// In RFC 3339.
    offset: Option<String>,
    zone: Option<&'a str>,
}

/// The date of a time as mails and feeds write it. What has no offset, or a zone of which the offset is not known, is local, and read in
/// `zone`.
pub(in crate::ingest) fn mail_date(text: &str, zone: &TimeZone) -> Option<Date> {
    let text = without_comments(text)?;
    let mut said = Said::default();
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '"')).filter(|word| !word.is_empty());
    for (number, word) in words.enumerate() {
        if number >= MAX_WORDS {
            return None;
        }
        said.read(word, number == 0)?;
    }
    let day = civil::Date::new(said.year?, said.month?, said.day?).ok()?;
    let (hour, minute, second) = said.clock?;
    // The end of a day is the start of the next.
    let is_end = hour == "24" && [minute, second].iter().all(|part| part.bytes().all(|byte| byte == b'0'));
    let (day, hour) = if is_end { (day.tomorrow().ok()?, "00") } else { (day, hour) };
    let named = |name: &str| {
        let known = ZONES.iter().find(|(zone, _)| zone.eq_ignore_ascii_case(name));
        known.map(|(_, offset)| (*offset).to_owned())
    };
    let offset = said.offset.or_else(|| said.zone.and_then(named)).unwrap_or_default();
    parse_date(&format!("{}T{hour:0>2}:{minute:0>2}:{second:0>2}{offset}", day.strftime("%Y-%m-%d")), zone)
}

impl<'a> Said<'a> {
    /// Reads the next word, unless it says what another has said, or nothing.
    fn read(&mut self, word: &'a str, is_first: bool) -> Option<()> {
        let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if let Some((day, rest)) = word.split_once('-').filter(|(day, _)| is_digits(day)) {
            // RFC 850 has the day in one word.
            let (month, year) = rest.split_once('-')?;
            return [day, month, year].into_iter().try_for_each(|part| self.read(part, false));
        }
        if is_digits(word) {
            return match (self.day, word.len()) {
                (None, 1 | 2) => set(&mut self.day, word.parse().ok()?),
                (_, 2..=4) => set(&mut self.year, year(word)?),
                _ => None,
            };
        }
        if let Some((hour, rest)) = word.split_once(':').filter(|(hour, _)| is_digits(hour) && hour.len() <= 2) {
            let (minute, second) = rest.split_once(':').unwrap_or((rest, "0"));
            let is_whole = [minute, second].iter().all(|part| is_digits(part) && part.len() <= 2);
            return set(&mut self.clock, (hour, minute, second)).filter(|()| is_whole);
        }
        if let Some(offset) = offset(word) {
            return set(&mut self.offset, offset);
        }
        let small = word.trim_end_matches('.').to_lowercase();
        let is_name = |names: &[&str]| {
            names.iter().position(|name| small.starts_with(name) && small.chars().all(char::is_alphabetic))
        };
        if let (None, Some(month)) = (self.month, is_name(&MONTHS)) {
            return set(&mut self.month, i8::try_from(month + 1).ok()?);
        }
        if is_first && is_name(&WEEKDAYS).is_some() {
            return Some(());
        }
        // Only behind the time a word is a zone; half a day that it may mean instead would be twelve hours.
        let is_half = matches!(small.as_str(), "am" | "pm" | "a.m" | "p.m");
        let is_zone = self.clock.is_some() && !is_half && word.chars().any(char::is_alphabetic);
        if !is_zone {
            return None;
        }
        if let Some(offset) =
            word.get(3..).filter(|_| word.starts_with("GMT") || word.starts_with("UTC")).and_then(offset)
        {
            return set(&mut self.offset, offset);
        }
        self.zone = self.zone.or(Some(word));
        Some(())
    }
}

fn set<T>(value: &mut Option<T>, to: T) -> Option<()> {
    value.is_none().then(|| *value = Some(to))
}

/// A year, of which old programs write the last two digits, or how many have passed since 1900.
fn year(text: &str) -> Option<i16> {
    let year: i16 = text.parse().ok()?;
    Some(match text.len() {
        2 if year < 50 => 2000 + year,
        2 | 3 => 1900 + year,
        _ => year,
    })
}

/// An offset as RFC 3339 has it: of `+0200`, `+02:00`, `+02`. Such of nothing, even `-0000`, is UTC.
fn offset(word: &str) -> Option<String> {
    let sign = word.get(..1).filter(|sign| matches!(*sign, "+" | "-"))?;
    let digits: String = word.get(1..)?.chars().filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = digits.split_at(2);
    let is_utc = digits.bytes().all(|byte| byte == b'0');
    Some(if is_utc { "Z".to_owned() } else { format!("{sign}{hours}:{minutes:0<2}") })
}

/// A text without what stands in brackets; none where one closes that has not begun.
fn without_comments(text: &str) -> Option<String> {
    let (mut out, mut depth) = (String::with_capacity(text.len().min(256)), 0_usize);
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Precision;
    use jiff::tz::Offset;
    use proptest::prelude::*;

    fn check(text: &str, expected: Option<&str>) {
        let found = mail_date(text, &TimeZone::UTC);
        assert_eq!(found.as_ref().map(|date| date.text.as_str()), expected, "{text}");
    }

    #[test]
    fn times_as_mails_write_them() {
        check("Mon, 24 Jun 2024 10:30:15 +0200", Some("2024-06-24T10:30:15+02:00"));
        check("Mon, 24 Jun 2024 10:30:15 +0200 (CEST)", Some("2024-06-24T10:30:15+02:00"));
        check("Mon, 24 Jun 2024 10:30:15 +0200 CEST", Some("2024-06-24T10:30:15+02:00"));
        check("24 Jun 2024 10:30 GMT", Some("2024-06-24T10:30:00Z"));
        check(" Sun, 24 Jun 2024 10:30:15 EST ", Some("2024-06-24T10:30:15-05:00"));
        check("31 Mar 2019 02:30 EST", Some("2019-03-31T02:30:00-05:00"));
        check("31 Mar 19 2:30 -0430", Some("2019-03-31T02:30:00-04:30"));
        check("31 Mar 100 02:30:00 -0000", Some("2000-03-31T02:30:00Z"));
        check("Sun Mar 31 02:30:00 2019", Some("2019-03-31T02:30:00"));
        check("Sun Mar  3 02:30:00 PST 2019", Some("2019-03-03T02:30:00-08:00"));
        check("Sunday, 31-Mar-19 02:30:00 GMT", Some("2019-03-31T02:30:00Z"));
        check("Sun, 31 March 2019\r\n 02:30:00 GMT+0100", Some("2019-03-31T02:30:00+01:00"));
        check("Tue, 31 Dec 2024 24:00:00 GMT", Some("2025-01-01T00:00:00Z"));
        check("Tue, 31 Dec 2024 24:00:01 GMT", None);
        check("Sat, 31 Dec 2016 23:59:60 +0000", Some("2016-12-31T23:59:60Z"));
        check("Sun, 31 Mar 2019 02:30:00 \"GMT\"", Some("2019-03-31T02:30:00Z"));
    }

    #[test]
    fn of_an_unknown_zone_the_time_is_local() {
        for zone in ["CEST", "MET", "MSK", "MSD", "A", "BST", "Europe/Berlin", "Mitteleuropäische Zeit", ""] {
            check(&format!("Sun, 31 Mar 2019 02:30:00 {zone}"), Some("2019-03-31T02:30:00"));
        }
        let date = mail_date("31 Mar 2019 02:30:00 MSK", &TimeZone::fixed(Offset::constant(3))).unwrap();
        assert_eq!((date.precision, date.seconds), (Precision::LocalSecond, 1_553_988_600));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "Mon, 32 Jun 2024 10:30:15 +0200",
            "24 Jun 2024 10:30:15 PM",
            "24 Jun 2024 25:30:15",
            "24 Jun 2024 10:61",
            "24 Jun 2024",
            "24 Jun 2024 10:30 11:30",
            "24 Jun 2024 10:30) (",
            "24 Juin 2024 10:30 +0200",
            "So, 31 Mär 2019 02:30:00 +0200",
            "24 06 2024 10:30",
            "yesterday",
            "",
        ] {
            check(text, None);
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(Mon|[0-9]{1,4}|Jan|[:+-]|[0-9]{2}:[0-9]{2}|\\PC| ){0,9}") {
            let _ = mail_date(&text, &TimeZone::UTC);
        }
    }
}
