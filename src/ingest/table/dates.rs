//! Dates as tables write them: which of the known forms a column has, from the evidence of its values.
//!
//! What could be the third of April or the fourth of March is never guessed: one value of the column proves which part is the
//! day, or `--date-format` says so.

use jiff::civil;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::ingest::date::{bare_date, parse_date};

/// Forms that say all by themselves, for `strptime`. A point between numbers is written where the day stands first.
const FORMS: &[&str] = &[
    "%a, %d %b %Y %H:%M:%S %z",
    "%d %b %Y %H:%M:%S %z",
    "%a %b %d %H:%M:%S %z %Y",
    "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%dT%H:%M:%S %z",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y, %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y, %H:%M",
    "%d.%m.%Y",
    "%b %d, %Y %I:%M:%S %p",
    "%b %d, %Y %I:%M %p",
    "%b %d, %Y %H:%M:%S",
    "%b %d, %Y %H:%M",
    "%b %d, %Y",
    "%B %d, %Y %H:%M",
    "%B %d, %Y",
    "%d %b %Y %H:%M:%S",
    "%d %b %Y %H:%M",
    "%d %b %Y",
    "%d %B %Y %H:%M",
    "%d %B %Y",
];

/// Which part of `03/04/2024` is the day.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum DayOrder {
    First,
    Second,
}

/// What the values of a column say about the order of day and month.
#[derive(Clone, Debug, Default)]
pub(super) struct OrderEvidence {
    /// A value that only the day first explains.
    pub(super) first: Option<String>,
    /// A value that only the month first explains.
    pub(super) second: Option<String>,
    /// A value that both explain.
    pub(super) either: Option<String>,
}

/// How the values of a column are read as dates.
#[derive(Clone, Debug)]
pub(super) struct DateReader {
    format: Option<String>,
    order: Option<DayOrder>,
    zone: TimeZone,
}

/// A value of which nobody knows which part is the day.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Undecided;

impl OrderEvidence {
    /// Looks at one value.
    pub(super) fn add(&mut self, value: &str) {
        let Some((a, b, _)) = split_slashed(value) else { return };
        let slot = match (a > 12, b > 12) {
            (true, false) => &mut self.first,
            (false, true) => &mut self.second,
            (false, false) if a == b => return,
            (false, false) => &mut self.either,
            (true, true) => return,
        };
        slot.get_or_insert_with(|| value.trim().to_owned());
    }

    /// What they prove. Values that contradict each other prove nothing, nor does the lack of them.
    pub(super) fn order(&self) -> Option<DayOrder> {
        match (&self.first, &self.second) {
            (Some(_), None) => Some(DayOrder::First),
            (None, Some(_)) => Some(DayOrder::Second),
            _ => None,
        }
    }
}

impl DateReader {
    pub(super) fn new(format: Option<&str>, order: Option<DayOrder>, zone: &TimeZone) -> Self {
        Self { format: format.map(str::to_owned), order, zone: zone.clone() }
    }

    /// The date that a value writes, as [`parse_date`] takes it; `None` where it writes none.
    pub(super) fn read(&self, value: &Value) -> Result<Option<String>, Undecided> {
        match value {
            Value::Number(number) => Ok(self.read_number(&number.to_string())),
            Value::String(text) => self.read_text(text.trim()),
            _ => Ok(None),
        }
    }

    fn read_number(&self, digits: &str) -> Option<String> {
        if let Some(text) = self.format.as_ref().and_then(|format| self.formatted(digits, format)) {
            return Some(text);
        }
        parse_date(digits, &self.zone).or_else(|| bare_date(digits)).map(|date| date.text)
    }

    fn read_text(&self, text: &str) -> Result<Option<String>, Undecided> {
        if let Some(format) = &self.format {
            // The forms that say all stay readable: a column may hold both.
            return Ok(self.formatted(text, format).or_else(|| self.plain(text)));
        }
        if let Some(text) = self.plain(text) {
            return Ok(Some(text));
        }
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return Ok(self.read_number(text));
        }
        let Some((a, b, rest)) = split_slashed(text) else {
            let text =
                text.strip_suffix(" UTC").or_else(|| text.strip_suffix(" GMT")).map(|text| format!("{text} +0000"));
            return Ok(text.and_then(|text| self.in_known_form(&text)));
        };
        let (day, month) = match self.order {
            Some(DayOrder::First) => (a, b),
            Some(DayOrder::Second) => (b, a),
            None if a == b || (a > 12) != (b > 12) => (if a > 12 { a } else { b }, if a > 12 { b } else { a }),
            None if a <= 12 => return Err(Undecided),
            None => return Ok(None),
        };
        let (year, time) = rest.split_at_checked(4).unwrap_or((rest, ""));
        let iso = format!("{year}-{month:02}-{day:02}");
        let time = time.trim_start_matches(',').trim();
        if time.is_empty() {
            return Ok(parse_date(&iso, &self.zone).map(|date| date.text));
        }
        let forms = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %I:%M:%S %p", "%Y-%m-%d %I:%M %p"];
        Ok(forms.iter().find_map(|form| self.formatted(&format!("{iso} {time}"), form)))
    }

    fn plain(&self, text: &str) -> Option<String> {
        parse_date(text, &self.zone).map(|date| date.text).or_else(|| self.in_known_form(text))
    }

    fn in_known_form(&self, text: &str) -> Option<String> {
        // `strptime` takes years of fewer digits, which may be days.
        if !text.as_bytes().windows(4).any(|digits| digits.iter().all(u8::is_ascii_digit)) {
            return None;
        }
        FORMS.iter().find_map(|form| self.formatted(text, form))
    }

    /// The date that `text` writes in `format`, as precisely as it is there.
    fn formatted(&self, text: &str, format: &str) -> Option<String> {
        let parsed = BrokenDownTime::parse(format, text).ok()?;
        let iso = if let Ok(datetime) = parsed.to_datetime()
            && (parsed.hour().is_some() || parsed.timestamp().is_some())
        {
            match (parsed.offset(), parsed.timestamp()) {
                (Some(offset), _) => offset_text(datetime, offset),
                (None, Some(instant)) => instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
                (None, None) => datetime.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
            }
        } else if let Ok(date) = parsed.to_date() {
            date.to_string()
        } else {
            // A day that its month lacks is a mistake, not a month.
            let year = parsed.year().filter(|_| parsed.day().is_none())?;
            parsed.month().map_or_else(|| format!("{year:04}"), |month| format!("{year:04}-{month:02}"))
        };
        parse_date(&iso, &self.zone).map(|date| date.text)
    }
}

fn offset_text(datetime: civil::DateTime, offset: jiff::tz::Offset) -> String {
    let seconds = offset.seconds();
    let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
    let local = datetime.strftime("%Y-%m-%dT%H:%M:%S");
    format!("{local}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The first two numbers of `03/04/2024 10:00` or `03-04-2024`, and what follows, from the year on.
fn split_slashed(text: &str) -> Option<(u8, u8, &str)> {
    let text = text.trim();
    let sign = text.find(['/', '-']).and_then(|at| text.get(at..=at))?;
    let mut parts = text.splitn(3, sign);
    let (a, b, rest) = (parts.next()?, parts.next()?, parts.next()?);
    let number = |text: &str| {
        let is_short = matches!(text.len(), 1 | 2) && text.bytes().all(|byte| byte.is_ascii_digit());
        is_short.then(|| text.parse::<u8>().ok()).flatten()
    };
    let has_year = rest.get(..4)?.bytes().all(|byte| byte.is_ascii_digit())
        && !rest.get(4..).unwrap_or_default().starts_with(|c: char| c.is_ascii_digit());
    if has_year { Some((number(a)?, number(b)?, rest)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: Option<&str>, value: &str, expected: Option<&str>) {
        let reader = DateReader::new(format, None, &TimeZone::UTC);
        assert_eq!(reader.read(&Value::from(value)), Ok(expected.map(str::to_owned)), "{value:?} by {format:?}");
    }

    #[test]
    fn forms_that_say_all() {
        for (value, expected) in [
            ("2024-06-24", "2024-06-24"),
            ("2024-06", "2024-06"),
            ("2024-06-24T10:30:15.250+03:00", "2024-06-24T10:30:15.250+03:00"),
            ("2024-06-24 10:30:15 UTC", "2024-06-24T10:30:15+00:00"),
            ("2024-06-24 10:30:15 +0300", "2024-06-24T10:30:15+03:00"),
            ("Tue, 19 Mar 2019 10:00:00 +0000", "2019-03-19T10:00:00+00:00"),
            ("Tue Mar 19 10:00:00 +0000 2019", "2019-03-19T10:00:00+00:00"),
            ("2024/06/24", "2024-06-24"),
            ("24.06.2024", "2024-06-24"),
            ("3.4.2024 9:05", "2024-04-03T09:05:00"),
            ("June 24, 2024", "2024-06-24"),
            ("24 Jun 2024", "2024-06-24"),
            ("1719225015", "2024-06-24T10:30:15Z"),
            ("1719225015250", "2024-06-24T10:30:15.25Z"),
            // Only one reading has these.
            ("24/06/2024", "2024-06-24"),
            ("06/24/2024 1:05 PM", "2024-06-24T13:05:00"),
            ("04/04/2024", "2024-04-04"),
        ] {
            check(None, value, Some(expected));
        }
        for value in ["", "yesterday", "13/13/2024", "31.02.2024", "12", "19630104", "1/2/3", "02/30/2024"] {
            check(None, value, None);
        }
    }

    #[test]
    fn a_day_that_may_be_a_month_is_asked_for() {
        let reader = |order| DateReader::new(None, order, &TimeZone::UTC);
        let value = Value::from("03/04/2024");
        assert_eq!(reader(None).read(&value), Err(Undecided));
        assert_eq!(reader(Some(DayOrder::First)).read(&value), Ok(Some("2024-04-03".into())));
        assert_eq!(reader(Some(DayOrder::Second)).read(&value), Ok(Some("2024-03-04".into())));
        check(Some("%d/%m/%Y"), "03/04/2024", Some("2024-04-03"));
        check(Some("%m/%d/%Y %H:%M"), "03/04/2024 10:30", Some("2024-03-04T10:30:00"));
        check(Some("%Y%m%d"), "20240304", Some("2024-03-04"));
        check(Some("%m/%Y"), "03/2024", Some("2024-03"));
        check(Some("%d/%m/%Y"), "2024-03-04", Some("2024-03-04"));
    }

    #[test]
    fn one_value_proves_the_order() {
        let order = |values: &[&str]| {
            let mut evidence = OrderEvidence::default();
            values.iter().for_each(|value| evidence.add(value));
            evidence.order()
        };
        assert_eq!(order(&["03/04/2024", "25/04/2024"]), Some(DayOrder::First));
        assert_eq!(order(&["03-04-2024", "04-25-2024"]), Some(DayOrder::Second));
        assert_eq!(order(&["03/04/2024"]), None);
        assert_eq!(order(&["25/04/2024", "04/25/2024"]), None);
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in ".{0,40}", slashed in "[0-9]{1,3}[/-][0-9]{1,3}[/-][0-9]{0,5}.{0,10}") {
            let reader = DateReader::new(None, None, &TimeZone::UTC);
            let _ = (reader.read(&Value::from(text)), reader.read(&Value::from(slashed)));
        }
    }
}
