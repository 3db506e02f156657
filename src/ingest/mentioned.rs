//! Dates that a text speaks of: `June 24, 2024`, `6 декабря 2024 года`, `24. Juni 2024`, `2024-06-24`, `2024年6月24日`.
//!
//! Only dates with a year and a month, written in full or in digits that leave no doubt about their order: `04/05/2024` is a
//! different day to different people, and `May 4` one of every year. They are about events, never the date of a record.

use std::ops::Range;

use jiff::civil;

/// Years that a text may speak of. A number outside them beside a month's name is more likely a count.
const YEARS: std::ops::RangeInclusive<i16> = 1500..=2199;

/// Names of months as they stand beside a day or year: English, Russian, German, Spanish, French; abbreviated only in English,
/// where that is how captions are written.
const MONTHS: [&[&str]; 12] = [
    &["january", "jan", "январь", "января", "январе", "januar", "jänner", "enero", "janvier"],
    &["february", "feb", "февраль", "февраля", "феврале", "februar", "febrero", "février"],
    &["march", "mar", "март", "марта", "марте", "märz", "marzo", "mars"],
    &["april", "apr", "апрель", "апреля", "апреле", "abril", "avril"],
    &["may", "май", "мая", "мае", "mai", "mayo"],
    &["june", "jun", "июнь", "июня", "июне", "juni", "junio", "juin"],
    &["july", "jul", "июль", "июля", "июле", "juli", "julio", "juillet"],
    &["august", "aug", "август", "августа", "августе", "agosto", "août"],
    &["september", "sep", "sept", "сентябрь", "сентября", "сентябре", "septiembre", "setiembre", "septembre"],
    &["october", "oct", "октябрь", "октября", "октябре", "oktober", "octubre", "octobre"],
    &["november", "nov", "ноябрь", "ноября", "ноябре", "noviembre", "novembre"],
    &["december", "dec", "декабрь", "декабря", "декабре", "dezember", "diciembre", "décembre"],
];

/// Letters of the longest name in [`MONTHS`]; longer words need no look-up.
const MAX_MONTH_CHARS: usize = 10;

/// A piece of a text. White space is none, so `6 декабря` and `6\u{a0}декабря` read alike.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Token {
    /// An unsigned number and how many digits it has.
    Number(i16, usize),
    /// The name of a month, 1 to 12.
    Month(i8),
    /// `th` after a number, `de` between day, month and year.
    Particle,
    Dash,
    Dot,
    Comma,
    /// 年
    YearSign,
    /// 月
    MonthSign,
    /// 日
    DaySign,
    Other,
}

/// The dates mentioned in `text` outside its `links`, which are sorted; as ISO 8601, sorted, each once.
pub(super) fn dates(text: &str, links: impl Iterator<Item = Range<usize>>) -> Vec<String> {
    let mut dates = Vec::new();
    let mut end = 0;
    for link in links.chain(std::iter::once(text.len()..text.len())) {
        dates_in(text.get(end..link.start).unwrap_or_default(), &mut dates);
        end = link.end;
    }
    dates.sort_unstable();
    dates.dedup();
    dates
}

fn dates_in(text: &str, dates: &mut Vec<String>) {
    // Nearly every text has no year at all, and is done here.
    if !text.contains(|c: char| c.is_ascii_digit()) {
        return;
    }
    let tokens = tokens(text);
    let mut rest = tokens.as_slice();
    let mut before = None;
    while let [first, ..] = rest {
        let (date, len) = match date_at(rest, before) {
            Some((date, len)) => (Some(date), len),
            None => (None, 1),
        };
        dates.extend(date);
        before = rest.get(len - 1).copied().or(Some(*first));
        rest = rest.get(len..).unwrap_or_default();
    }
}

/// The date at the start of `rest`, and how many tokens it takes.
fn date_at(rest: &[Token], before: Option<Token>) -> Option<(String, usize)> {
    use Token::{Comma, Dash, DaySign, Dot, Month, MonthSign, Number, Particle, YearSign};
    match *rest {
        // 2024-06-24, but not the end of a longer chain such as a phone number.
        [Number(year, 4), Dash, Number(month, 2), Dash, Number(day, 2), ..] if before != Some(Dash) => {
            Some((full(year, month, day)?, 5))
        }
        // 2024年6月24日, 2024年6月
        [Number(year, 4), YearSign, Number(month, _), MonthSign, Number(day, _), DaySign, ..] => {
            Some((full(year, month, day)?, 6))
        }
        [Number(year, 4), YearSign, Number(month, _), MonthSign, ..] => Some((partial(year, month)?, 4)),
        // June 24 2024; June 24, 2024; June 24th 2024; June 24th, 2024
        [Month(month), Number(day, 1..=2), Number(year, 4), ..] => Some((full(year, month.into(), day)?, 3)),
        [Month(month), Number(day, 1..=2), Comma | Particle, Number(year, 4), ..] => {
            Some((full(year, month.into(), day)?, 4))
        }
        [Month(month), Number(day, 1..=2), Particle, Comma, Number(year, 4), ..] => {
            Some((full(year, month.into(), day)?, 5))
        }
        // 24 June 2024; 24. Juni 2024; 24 de junio de 2024; 1er janvier 2024; 24th of June, 2024
        [Number(day, 1..=2), Month(_), ..] => day_month_year(day, rest, 1),
        [Number(day, 1..=2), Dot | Particle, Month(_), ..] => day_month_year(day, rest, 2),
        [Number(day, 1..=2), Particle, Particle, Month(_), ..] => day_month_year(day, rest, 3),
        // June 2024; junio de 2024; June, 2024
        [Month(month), Number(year, 4), ..] => Some((partial(year, month.into())?, 2)),
        [Month(month), Particle | Comma | Dot, Number(year, 4), ..] => Some((partial(year, month.into())?, 3)),
        _ => None,
    }
}

/// The date whose day stands before `tokens[month_at]` and whose year follows it.
fn day_month_year(day: i16, tokens: &[Token], month_at: usize) -> Option<(String, usize)> {
    match *tokens.get(month_at..)? {
        [Token::Month(month), Token::Number(year, 4), ..] => Some((full(year, month.into(), day)?, month_at + 2)),
        [Token::Month(month), Token::Particle | Token::Comma | Token::Dot, Token::Number(year, 4), ..] => {
            Some((full(year, month.into(), day)?, month_at + 3))
        }
        _ => None,
    }
}

fn full(year: i16, month: i16, day: i16) -> Option<String> {
    let date = civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    YEARS.contains(&year).then(|| date.to_string())
}

fn partial(year: i16, month: i16) -> Option<String> {
    ((1..=12).contains(&month) && YEARS.contains(&year)).then(|| format!("{year:04}-{month:02}"))
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let len = match c {
            '0'..='9' => {
                let len = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                // Numbers of five digits and more are no part of a date; their value does not matter.
                tokens.push(Token::Number(
                    rest.get(..len).and_then(|digits| digits.parse().ok()).unwrap_or(i16::MAX),
                    len,
                ));
                len
            }
            '年' | '月' | '日' | '号' => {
                tokens.push(sign(c));
                c.len_utf8()
            }
            _ if c.is_alphabetic() => {
                let len = rest.find(|c: char| !c.is_alphabetic() || is_sign(c)).unwrap_or(rest.len());
                tokens.push(word(rest.get(..len).unwrap_or_default(), tokens.last()));
                len
            }
            _ => {
                if !c.is_whitespace() {
                    tokens.push(sign(c));
                }
                c.len_utf8()
            }
        };
        rest = rest.get(len..).unwrap_or_default();
    }
    tokens
}

fn is_sign(c: char) -> bool {
    matches!(c, '年' | '月' | '日' | '号')
}

fn sign(c: char) -> Token {
    match c {
        '-' | '\u{2010}' | '\u{2011}' => Token::Dash,
        '.' => Token::Dot,
        ',' => Token::Comma,
        '年' => Token::YearSign,
        '月' => Token::MonthSign,
        '日' | '号' => Token::DaySign,
        _ => Token::Other,
    }
}

fn word(word: &str, before: Option<&Token>) -> Token {
    if word.chars().nth(MAX_MONTH_CHARS).is_some() {
        return Token::Other;
    }
    let lower = word.to_lowercase();
    if let Some(month) = (1..).zip(MONTHS).find(|(_, names)| names.contains(&lower.as_str())).map(|(month, _)| month) {
        return Token::Month(month);
    }
    match lower.as_str() {
        "st" | "nd" | "rd" | "th" | "er" if matches!(before, Some(Token::Number(..))) => Token::Particle,
        "de" | "del" | "of" => Token::Particle,
        _ => Token::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(dates(text, std::iter::empty()), expected, "{text:?}");
    }

    #[test]
    fn days_with_the_name_of_their_month() {
        check("(Minsk, June 24, 2024)", &["2024-06-24"]);
        check("June 24 2024, 24 June 2024, June 24th, 2024, 24th of June 2024", &["2024-06-24"]);
        check("Встреча 6 декабря 2024 года", &["2024-12-06"]);
        check("6\u{a0}ДЕКАБРЯ 2024\u{a0}г.", &["2024-12-06"]);
        check("am 24. Juni 2024 und am 1. März 1848", &["1848-03-01", "2024-06-24"]);
        check("el 24 de junio de 2024, 5 mayo 2021", &["2021-05-05", "2024-06-24"]);
        check("le 1er janvier 1900, le 15 août 2023", &["1900-01-01", "2023-08-15"]);
        check("Jan 5, 2020; Sept. 2021", &["2020-01-05", "2021-09"]);
        check("24–26 June 2024", &["2024-06-26"]);
    }

    #[test]
    fn days_in_digits() {
        check("on 2024-06-24.", &["2024-06-24"]);
        check("2024年6月24日と2024年12月", &["2024-06-24", "2024-12"]);
        check("5-2024-06-24 12024-06-24 2024-06-245 24.06.2024 04/05/2024", &[]);
    }

    #[test]
    fn months() {
        check("June 2024, в декабре 2023 года, junio de 2022", &["2022-06", "2023-12", "2024-06"]);
    }

    #[test]
    fn no_date_without_year_or_calendar() {
        check("May 4", &[]);
        check("June 31, 2024; 2023-02-29; 2024年13月1日; 0 May 2024", &["2024-05"]);
        check("in May 1000 people; march 9999", &[]);
        check("mayor 2024, Marching 2024", &[]);
    }

    #[test]
    fn sorted_and_each_once() {
        check("July 2, 2024. June 2024. 2 July 2024.", &["2024-06", "2024-07-02"]);
    }

    #[test]
    fn links_mention_nothing() {
        assert_eq!(dates("a/2024-06-24 b", std::iter::once(0..12)), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "([0-9]{1,5}|[ .,-]|June|мая|de|年|月|日|\\PC){0,20}") {
            let found = dates(&text, std::iter::empty());
            prop_assert!(found.is_sorted());
        }
    }
}
