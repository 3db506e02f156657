//! What two records of one id say for and against their being one post.
//!
//! Ids are counted from one in every database and every feed, and channels are called what people like: two sources that agree on both may
//! still speak of two posts. Then their times differ and their words too, or their addresses are of different sites.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use jiff::tz::TimeZone;

use super::overrides::set_by_hand;
use crate::ingest::parse_date;
use crate::record::{Date, Precision, Record};

/// Letters by which texts are alike that go on in other ways, since one was edited or is cut.
const MIN_START: usize = 48;

/// How far from UTC clocks are, at most, in seconds; and by what all differ, nearly.
const MAX_OFFSET: i64 = 14 * 3600;
const OFFSET_STEP: i64 = 15 * 60;

/// Names of hosts under which a site shows what it has under another: phones, older faces, and its own name of before.
const FACES: [&str; 6] = ["www", "m", "mobile", "old", "np", "amp"];
const RENAMED: [(&str, &str); 3] = [("telegram.me", "t.me"), ("telegram.dog", "t.me"), ("twitter.com", "x.com")];

/// Hosts that show what others have.
const MIRRORS: [&str; 4] = ["archive.org", "archive.ph", "archive.today", "archive.is"];

/// Digests of what a record says, as far as it tells posts apart.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Evidence {
    /// The time, of which the offset is UTC where nobody knows it.
    date: Option<(i64, Precision)>,
    /// The letters of title and text.
    text: Option<u64>,
    /// The first of them, where there are more.
    start: Option<u64>,
    address: Option<u64>,
    host: Option<u64>,
}

impl Evidence {
    pub(super) fn of(record: &Record) -> Self {
        // What people said of a post is no word of its source.
        let by_hand = set_by_hand(record);
        let is_own = |name: &str| !by_hand.iter().any(|set| set == name);
        let date = record.date.as_ref().filter(|_| is_own("date"));
        let (text, start) = letters(record.title.as_deref().unwrap_or_default(), &record.text);
        let url = record.url.as_deref().filter(|_| is_own("url")).and_then(address);
        let (host, address) = match url {
            Some((host, _)) if MIRRORS.iter().any(|mirror| host.ends_with(mirror)) => (None, None),
            Some((host, path)) => (Some(hash(&host)), Some(hash(&(host, path)))),
            None => (None, None),
        };
        Self { date: date.map(instant), text, start, address, host }
    }

    /// Whether nothing speaks against one post, or what speaks for it is more.
    pub(super) fn fits(&self, other: &Self) -> bool {
        let is_same = |a: Option<u64>, b: Option<u64>| a.zip(b).map(|(a, b)| a == b);
        let text = is_same(self.text, other.text) == Some(true) || is_same(self.start, other.start) == Some(true);
        let date = self.date.zip(other.date).map(|(a, b)| is_one_time(a, b));
        if is_same(self.address, other.address) == Some(true) {
            return true;
        }
        if is_same(self.host, other.host) == Some(false) {
            return text && date != Some(false);
        }
        text || date != Some(false)
    }

    /// Takes what another record of the same post says more exactly.
    pub(super) fn learn(&mut self, other: &Self) {
        let is_finer = |(_, finer): (i64, Precision)| self.date.is_none_or(|(_, own)| len_of(finer) < len_of(own));
        if other.date.is_some_and(is_finer) {
            self.date = other.date;
        }
        self.text = self.text.or(other.text);
        self.start = self.start.or(other.start);
        if self.address.is_none() {
            (self.address, self.host) = (other.address, other.host);
        }
    }
}

fn instant(date: &Date) -> (i64, Precision) {
    let seconds = match date.precision {
        Precision::Second => None,
        _ => parse_date(&date.text, &TimeZone::UTC).map(|date| date.seconds),
    };
    (seconds.unwrap_or(date.seconds), date.precision)
}

/// How long the time may be that a date names, in seconds.
fn len_of(precision: Precision) -> i64 {
    match precision {
        Precision::Year => 366 * 86_400,
        Precision::Month => 31 * 86_400,
        Precision::Day => 86_400,
        Precision::LocalSecond => 1,
        Precision::Second => 0,
    }
}

/// Whether two dates may name one time: to the second, or to the minute where one has no seconds, as far as both have an offset;
/// else some offset makes them the same, or the coarser one has the finer in it.
fn is_one_time((a, a_precision): (i64, Precision), (b, b_precision): (i64, Precision)) -> bool {
    use Precision::{LocalSecond, Second};
    let slack = if a % 60 == 0 || b % 60 == 0 { 59 } else { 1 };
    let apart = (a - b).abs();
    match (a_precision, b_precision) {
        (Second, Second) => apart <= slack,
        (Second | LocalSecond, Second | LocalSecond) => {
            let rest = apart % OFFSET_STEP;
            apart <= MAX_OFFSET + slack && (rest <= slack || OFFSET_STEP - rest <= slack)
        }
        _ => {
            let (a_end, b_end) = (a + len_of(a_precision), b + len_of(b_precision));
            a < b_end + MAX_OFFSET && b < a_end + MAX_OFFSET
        }
    }
}

/// Digests of the letters and digits of a title and a text, and of the first of them: markup, spaces and cases are different in every
/// format.
fn letters(title: &str, text: &str) -> (Option<u64>, Option<u64>) {
    let (mut all, mut start, mut count) = (DefaultHasher::new(), None, 0_usize);
    let of =
        |text: &'_ str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    for c in [of(title), of(text)].iter().flat_map(|text| text.chars()) {
        c.hash(&mut all);
        count += 1;
        if count == MIN_START {
            start = Some(all.finish());
        }
    }
    ((count > 0).then(|| all.finish()), start)
}

/// The host of an address and what stands behind it, each in one way of several.
fn address(url: &str) -> Option<(String, &str)> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let rest = rest.split('#').next()?.trim_end_matches('/');
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.to_lowercase();
    let bare = host.split_once('.').filter(|(face, rest)| FACES.contains(face) && rest.contains('.'));
    let host = bare.map_or(host.as_str(), |(_, rest)| rest);
    let host = RENAMED.iter().find(|(old, _)| *old == host).map_or(host, |(_, new)| new);
    Some((host.to_owned(), path.strip_prefix("s/").unwrap_or(path)))
}

fn hash(value: &impl std::hash::Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record_json::from_json;
    use serde_json::{Value, json};

    fn of(json: Value) -> Evidence {
        let Value::Object(json) = json else { panic!("{json} is no post") };
        Evidence::of(&from_json(json, &TimeZone::UTC))
    }

    fn check(a: Value, b: Value, expected: bool) {
        let shown = format!("{a} and {b}");
        let (a, b) = (of(a), of(b));
        assert_eq!((a.fits(&b), b.fits(&a)), (expected, expected), "{shown}");
    }

    #[test]
    fn one_time_or_one_text_makes_one_post() {
        let at = |date: &str, text: &str| json!({"date": date, "text": text});
        let noon = || at("2024-06-24T12:00:05Z", "a");
        check(noon(), at("2024-06-24T12:00:05Z", "b"), true);
        check(noon(), at("2024-06-24T14:00:05+02:00", "b"), true);
        check(noon(), at("2024-06-24T12:00:00Z", "b"), true);
        check(noon(), at("2024-06-24T14:00:05", "b"), true);
        check(noon(), at("2024-06-24", "b"), true);
        check(noon(), at("2024", "b"), true);
        check(noon(), json!({"text": "b"}), true);
        check(noon(), at("2024-06-24T12:07:05Z", "b"), false);
        check(noon(), at("2024-06-24T14:07:05", "b"), false);
        check(noon(), at("2024-06-26", "b"), false);
        check(noon(), at("2023", "b"), false);
        check(noon(), at("2020-01-01", "A!"), true);
        let long = "The ferry was late, since the harbour was closed for an hour at noon.";
        check(at("2020-01-01", long), at("2021-01-01", &format!("{long} It went at one.")), true);
        // Posts of media have no words that could agree.
        check(at("2020-01-01", ""), at("2021-01-01", ""), false);
    }

    #[test]
    fn addresses_of_two_sites_are_of_two_posts() {
        let at = |url: &str, text: &str| json!({"date": "2024-06-24T12:00:05Z", "url": url, "text": text});
        check(at("https://a.example/1", "a"), at("https://b.example/1", "b"), false);
        check(at("https://a.example/1", "a"), at("https://b.example/1", "a"), true);
        check(at("https://a.example/1", "a"), at("http://www.a.example/one/", "b"), true);
        check(at("https://twitter.com/a/status/1", "a"), at("https://x.com/a/status/1", "b"), true);
        check(at("https://a.example/1", "a"), at("https://web.archive.org/web/1/https://a.example/1", "b"), true);
        let moved = json!({"date": "2020-01-01", "url": "https://a.example/1/", "text": "b"});
        check(at("https://a.example/1", "a"), moved, true);
    }

    #[test]
    fn a_date_that_was_set_by_hand_says_nothing() {
        let set = json!({"date": "2020-01-01", "text": "a", "set_by_hand": ["date"]});
        check(set, json!({"date": "2024-06-24T12:00:05Z", "text": "b"}), true);
    }

    #[test]
    fn what_is_learned_is_held_against_the_next() {
        let mut known = of(json!({"text": "a"}));
        known.learn(&of(json!({"date": "2024-06-24T12:00:05Z", "text": "b"})));
        assert!(!known.fits(&of(json!({"date": "2021-06-24", "text": "c"}))));
    }
}
