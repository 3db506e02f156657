//! The beginning of a message: when it was written, as telephones of any language say it.
//!
//! The order of day and month is the telephone's, and stands nowhere. It is proven by a day that no month is, or since messages go on
//! in time one way only; else `--date-format` decides. Years that are not Gregorian are told by what they are, and but for those of
//! Thailand, which has the same days, nothing is made of them.

use std::ops::RangeInclusive;

use jiff::civil;

use crate::ingest::error::IngestErrorKind;

/// Marks of direction, which the app puts before what it writes itself, and others put anywhere.
pub(super) const DIRECTIONS: [char; 8] =
    ['\u{200E}', '\u{200F}', '\u{202A}', '\u{202B}', '\u{202C}', '\u{2068}', '\u{2069}', '\u{FEFF}'];

/// Words for the second half of the day, as telephones write them, in small letters; of one that begins as another does the longer counts.
const AFTERNOON: [&str; 44] = [
    "pm",
    "p.m.",
    "p.m",
    "p. m.",
    "p m",
    "下午",
    "午後",
    "中午",
    "傍晚",
    "晚上",
    "오후",
    "م",
    "مساءً",
    "مساء",
    "ب.ظ",
    "ب.ظ.",
    "بعدازظهر",
    "بعد دوپہر",
    "μ.μ.",
    "μμ",
    "nachm.",
    "odp.",
    "popoldne",
    "popoludní",
    "du.",
    "ip.",
    "e.m.",
    "em",
    "ch",
    "ptg",
    "pg",
    "ös",
    "сл.об.",
    "попл.",
    "пп",
    "пополудни",
    "अपराह्न",
    "अपराह्न.",
    "অপরাহ্ণ",
    "পিএম",
    "பிற்பகல்",
    "หลังเที่ยง",
    "m.d.",
    "p.d.",
];

/// Words for the first half.
const MORNING: [&str; 38] = [
    "am",
    "a.m.",
    "a.m",
    "a. m.",
    "a m",
    "上午",
    "午前",
    "早上",
    "清晨",
    "凌晨",
    "오전",
    "ص",
    "صباحًا",
    "صباحا",
    "ق.ظ",
    "ق.ظ.",
    "قبل‌ازظهر",
    "قبل دوپہر",
    "π.μ.",
    "πμ",
    "vorm.",
    "dop.",
    "dopoldne",
    "dopoludnia",
    "de.",
    "ap.",
    "f.m.",
    "fm",
    "sa",
    "öö",
    "пр.об.",
    "претпл.",
    "дп",
    "पूर्वाह्न",
    "পূর্বাহ্ণ",
    "এএম",
    "முற்பகல்",
    "ก่อนเที่ยง",
];

/// Words that telephones write between a date and its time.
const BETWEEN: [&str; 8] = ["à", "às", "klo", "kl.", "um", "alle", "at", "o"];

/// What the digits of other scripts than ours begin with, each followed by its other nine.
const ZEROS: [char; 13] = [
    '\u{660}', '\u{6F0}', '\u{966}', '\u{9E6}', '\u{A66}', '\u{AE6}', '\u{B66}', '\u{BE6}', '\u{C66}', '\u{CE6}',
    '\u{E50}', '\u{1040}', '\u{FF10}',
];

/// Years that a chat may be of: the app is of 2009. Others are of another calendar, as 1402 is in Iran, 1445 in Arabia and 113 in Taiwan.
const YEARS: RangeInclusive<u16> = 2009..=2099;

/// The same in two digits. Beyond these stand years of other calendars, such as 67 for 2567 in Thailand; chats of after 2040 will need
/// more of them.
const SHORT_YEARS: RangeInclusive<u16> = 9..=40;

/// What telephones write behind a year of another calendar.
const ERAS: [&str; 3] = ["\u{647}\u{640}", "AH", "AP"];

/// When a message was written, as far as its line tells.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Head {
    /// The three numbers of the date, as they stand.
    parts: [u16; 3],
    /// Whether the year stands first.
    is_year_first: bool,
    /// What stands between them: a point, as where the day is first, `/` or `-`.
    sign: char,
    /// Whether brackets stand around it, as on iOS.
    is_bracketed: bool,
    hour: u8,
    minute: u8,
    second: Option<u8>,
}

impl Head {
    /// The beginning of a message, and what follows it on its line.
    pub(super) fn parse(line: &str) -> Option<(Self, &str)> {
        let line = line.trim_start_matches(DIRECTIONS);
        let (inner, is_bracketed) = match line.strip_prefix('[') {
            Some(inner) => (inner, true),
            None => (line, false),
        };
        let mut rest = Cursor(inner);
        let first = rest.number(4)?;
        let sign = rest.one_of(&['/', '.', '-'])?;
        rest.spaces();
        let second = rest.number(2)?;
        rest.one_of(&[sign])?;
        rest.spaces();
        let third = rest.number(4)?;
        rest.one_of(&['.']);
        rest.era();
        rest.one_of(&[',', '،', '٬']);
        if rest.spaces() == 0 {
            return None;
        }
        rest.between();
        let half = rest.half();
        let hour = rest.number(2)?;
        let colon = rest.one_of(&[':', '.', '：'])?;
        let minute = rest.number(2)?;
        let seconds = if rest.one_of(&[colon]).is_some() { Some(rest.number(2)?) } else { None };
        let before = rest.0;
        rest.spaces();
        let half = half.or_else(|| rest.half());
        if half.is_none() {
            rest.0 = before;
        }
        let body = if is_bracketed {
            let rest = rest.0.strip_prefix(']')?;
            rest.strip_prefix(' ').unwrap_or(rest)
        } else if seconds.is_some() {
            // Only within brackets the app writes them; programs do so in logs.
            return None;
        } else {
            rest.0
                .trim_start_matches(is_space)
                .strip_prefix('-')
                .or_else(|| rest.0.trim_start_matches(is_space).strip_prefix('–'))?
                .strip_prefix(' ')?
        };
        let hour = match half {
            Some(_) if hour > 12 => hour,
            Some(is_afternoon) => hour % 12 + if is_afternoon { 12 } else { 0 },
            None => hour,
        };
        let head = Self {
            parts: [first, second, third],
            is_year_first: first > 99,
            sign,
            is_bracketed,
            hour: u8::try_from(hour).ok()?,
            minute: u8::try_from(minute).ok()?,
            second: seconds.map(u8::try_from).transpose().ok()?,
        };
        Some((head, body))
    }

    /// Whether the same telephone may have written both: it writes all heads of a chat in one manner.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        (self.is_bracketed, self.sign) == (other.is_bracketed, other.sign)
    }

    /// Whether its year is none in which the app was there, and so another calendar's.
    pub(super) fn is_of_another_calendar(&self) -> bool {
        self.year().is_none()
    }

    /// The Gregorian year.
    fn year(&self) -> Option<u16> {
        let [a, _, c] = self.parts;
        let year = if self.is_year_first { a } else { c };
        match year {
            year if SHORT_YEARS.contains(&year) => Some(year + 2000),
            year if YEARS.contains(&year) => Some(year),
            // Thai telephones count from the Buddha's death.
            year => year.checked_sub(543).filter(|year| YEARS.contains(year)),
        }
    }

    /// Its date and time; none that the calendar lacks.
    pub(super) fn time(&self, order: Order) -> Option<civil::DateTime> {
        let [a, b, c] = self.parts;
        let (month, day) = match (self.is_year_first, order) {
            (true, _) => (b, c),
            (false, Order::DayFirst) => (b, a),
            (false, Order::MonthFirst) => (a, b),
        };
        let year = self.year()?;
        let [month, day] = [month, day].map(|number| i8::try_from(number).ok());
        let date = civil::Date::new(i16::try_from(year).ok()?, month?, day?).ok()?;
        let [hour, minute, second] =
            [self.hour, self.minute, self.second.unwrap_or(0)].map(|number| i8::try_from(number).ok());
        Some(date.to_datetime(civil::Time::new(hour?, minute?, second?, 0).ok()?))
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Order {
    DayFirst,
    MonthFirst,
}

/// What of a line is still to be read.
struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    /// A number of one to `max` digits, of whatever script.
    fn number(&mut self, max: usize) -> Option<u16> {
        let rest = self.0.trim_start_matches(DIRECTIONS);
        let digits: Vec<u32> = rest.chars().take(max + 1).map_while(digit).collect();
        let len: usize = rest.chars().take(digits.len()).map(char::len_utf8).sum();
        if digits.is_empty() || digits.len() > max {
            return None;
        }
        self.0 = rest.get(len..)?;
        u16::try_from(digits.iter().fold(0, |number, digit| number * 10 + digit)).ok()
    }

    fn one_of(&mut self, signs: &[char]) -> Option<char> {
        let rest = self.0.trim_start_matches(DIRECTIONS);
        let sign = rest.chars().next().filter(|c| signs.contains(c))?;
        self.0 = rest.get(sign.len_utf8()..)?;
        Some(sign)
    }

    fn spaces(&mut self) -> usize {
        let rest = self.0.trim_start_matches(is_space);
        let len = self.0.len() - rest.len();
        self.0 = rest;
        len
    }

    /// What stands behind a year to tell whose it is.
    fn era(&mut self) {
        let behind = self.0.trim_start_matches(is_space);
        if let Some(rest) = ERAS.iter().find_map(|era| behind.strip_prefix(era)) {
            self.0 = rest;
        }
    }

    /// A word between a date and its time.
    fn between(&mut self) {
        let rest = BETWEEN.iter().find_map(|word| self.0.strip_prefix(word).filter(|rest| rest.starts_with(is_space)));
        if let Some(rest) = rest {
            self.0 = rest.trim_start_matches(is_space);
        }
    }

    /// Which half of the day it is, where a word says so.
    fn half(&mut self) -> Option<bool> {
        let words = AFTERNOON.iter().map(|word| (true, word)).chain(MORNING.iter().map(|word| (false, word)));
        let found = words.filter_map(|(is_afternoon, word)| Some((self.behind(word)?, is_afternoon)));
        let (rest, is_afternoon) = found.min_by_key(|(rest, _)| rest.len())?;
        self.0 = rest;
        self.spaces();
        Some(is_afternoon)
    }

    /// What stands behind a word, where that stands here; spaces of any width are one.
    fn behind(&self, word: &str) -> Option<&'a str> {
        let mut rest = self.0.chars();
        for expected in word.chars() {
            let found = rest.next()?;
            let is_same =
                found == expected || found.to_lowercase().eq([expected]) || expected == ' ' && is_space(found);
            is_same.then_some(())?;
        }
        let rest = rest.as_str();
        (!rest.starts_with(|c: char| c.is_alphabetic())).then_some(rest)
    }
}

/// What a digit counts, of whatever script.
pub(super) fn digit(c: char) -> Option<u32> {
    let of = |zero: &char| u32::from(c).checked_sub(u32::from(*zero)).filter(|digit| *digit < 10);
    c.to_digit(10).or_else(|| ZEROS.iter().find_map(of))
}

/// White space as telephones write it; U+202F stands before `AM`.
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}') || DIRECTIONS.contains(&c)
}

/// Which part of the dates is the day, and what proves it; nothing is guessed.
pub(super) fn order(heads: &[Head], format: Option<&str>) -> Result<(Order, Option<String>), IngestErrorKind> {
    if let Some(format) = format {
        let place = |part: &str| format.find(part).unwrap_or(usize::MAX);
        return Ok((if place("%m") < place("%d") { Order::MonthFirst } else { Order::DayFirst }, None));
    }
    let open = |head: &&Head| !head.is_year_first && !head.is_of_another_calendar();
    let mut ambiguous = None;
    for head in heads.iter().filter(open) {
        let [a, b, _] = head.parts;
        match (a > 12, b > 12) {
            (true, false) => return Ok((Order::DayFirst, None)),
            (false, true) => return Ok((Order::MonthFirst, None)),
            _ if head.sign == '.' => return Ok((Order::DayFirst, None)),
            _ if a != b => ambiguous = ambiguous.or(Some(head.parts)),
            _ => {}
        }
    }
    let Some([a, b, c]) = ambiguous else { return Ok((Order::DayFirst, None)) };
    let num_back = |order| {
        let times: Vec<_> = heads.iter().filter_map(|head| head.time(order)).collect();
        times.windows(2).filter(|pair| matches!(pair, [before, after] if after < before)).count()
    };
    match (num_back(Order::DayFirst), num_back(Order::MonthFirst)) {
        (0, 1..) => {
            Ok((Order::DayFirst, Some("the day stands first in its dates: else they would go back in time".to_owned())))
        }
        (1.., 0) => Ok((
            Order::MonthFirst,
            Some("the month stands first in its dates: else they would go back in time".to_owned()),
        )),
        _ => Err(IngestErrorKind::Undecided {
            seen: format!("{a}/{b}/{c} may have the day or the month first, and no message shows which"),
            option: "--date-format %d/%m/%Y` or `--date-format %m/%d/%Y".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_of_every_telephone() {
        let check = |line: &str, time: &str, rest: &str| {
            let (head, found) = Head::parse(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!((head.time(Order::DayFirst).unwrap().to_string().as_str(), found), (time, rest), "{line}");
        };
        check("15/01/2024, 10:30 - A: b", "2024-01-15T10:30:00", "A: b");
        check("5/1/24, 10:30\u{202f}PM - A: b", "2024-01-05T22:30:00", "A: b");
        check("[15/01/2024, 12:05:09 am] A: b", "2024-01-15T00:05:09", "A: b");
        check("\u{200E}[15.01.24, 10:30:15] A: \u{200E}b", "2024-01-15T10:30:15", "A: \u{200E}b");
        check("15.01.24, 10:30 – A: b", "2024-01-15T10:30:00", "A: b");
        check("2024-01-15, 10.30 - A: b", "2024-01-15T10:30:00", "A: b");
        check("15/1/2024 10:30 p. m. - A: b", "2024-01-15T22:30:00", "A: b");
        check("2024/1/15 下午10:30 - A: b", "2024-01-15T22:30:00", "A: b");
        check("15‏/1‏/2024، 10:30 م - A: b", "2024-01-15T22:30:00", "A: b");
        check("١٥‏/١‏/٢٠٢٤، ١٠:٣٠ ص - A: b", "2024-01-15T10:30:00", "A: b");
        check("[۲۰۲۴/۱/۱۵،\u{a0}۱۰:۳۰:۱۵ ب.ظ.] A: b", "2024-01-15T22:30:15", "A: b");
        check("[2024/01/15 午後10:30:15] A: b", "2024-01-15T22:30:15", "A: b");
        check("[2024/01/15 午前0:30:15] A: b", "2024-01-15T00:30:15", "A: b");
        check("15/1/2024, 10:30\u{202f}p.\u{a0}m. - A: b", "2024-01-15T22:30:00", "A: b");
        check("15/1/2024, 12:30\u{202f}a.\u{202f}m. - A: b", "2024-01-15T00:30:00", "A: b");
        check("[15/1/24, 10:30:15\u{202f}μ.μ.] A: b", "2024-01-15T22:30:15", "A: b");
        check("[2024. 1. 15. 오후 10:30:15] A: b", "2024-01-15T22:30:15", "A: b");
        check("15.1.2024 klo 22.30 - A: b", "2024-01-15T22:30:00", "A: b");
        check("15/01/2024 à 22:30 - A: b", "2024-01-15T22:30:00", "A: b");
        check("१५/१/२४, १०:३० अपराह्न - A: b", "2024-01-15T22:30:00", "A: b");
        check("15/1/2567 22:30 - A: b", "2024-01-15T22:30:00", "A: b");
        for line in [
            "Hello",
            "15/01/2024 is a date",
            "15/01/2024, 10:30",
            "10:30 - A: b",
            "[15/01/2024] A",
            "1234567, 10:30 - A",
            "2024-01-15 10:30:15 - A: b",
            "15/01/2024, 10:30 amen - A: b",
        ] {
            assert!(Head::parse(line).is_none(), "{line}");
        }
    }

    #[test]
    fn years_of_other_calendars_are_told() {
        for line in [
            "1402/10/25, 10:30 - A: b",
            "25/10/1402 10:30 - A: b",
            "[۱۴۰۲/۱۰/۲۵،\u{a0}۱۰:۳۰:۱۵] A: b",
            "٣\u{200f}/٧\u{200f}/١٤٤٥ هـ، ١٠:٣٠ ص - A: b",
            "3/7/1445 AH, 10:30 - A: b",
            "113/1/15 10:30 - A: b",
            "15/1/67 22:30 - A: b",
        ] {
            let (head, rest) = Head::parse(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(
                (head.is_of_another_calendar(), head.time(Order::DayFirst), rest),
                (true, None, "A: b"),
                "{line}"
            );
        }
    }
}
