//! What fields of a query mean, looked up in the records themselves: a part of the plain scan.

use fonds::Record;
use fonds::query::parser::plain;
use fonds::query::{Field, Query};
use fonds::text::fold::fold;
use fonds::time::civil::Period;

/// Fields that are compared with a record's values as a whole, with the facet that has them.
const WHOLE: [(&str, &str); 15] = [
    ("from", "author"),
    ("author", "author"),
    ("forwarded", "forwarded_from"),
    ("forwarded_from", "forwarded_from"),
    ("site", "domain"),
    ("domain", "domain"),
    ("channel", "channel"),
    ("tag", "tag"),
    ("mention", "mention"),
    ("media", "media"),
    ("lang", "lang"),
    ("flag", "flag"),
    ("year", "year"),
    ("month", "month"),
    ("about", "dates_mentioned"),
];

const NUMBERS: [&str; 6] = ["views", "reactions", "forwards", "replies", "votes", "length"];

/// A period, and whether its end is meant.
pub(crate) type End = (Period, bool);

/// What a field asks of a record.
pub(crate) enum Asked {
    /// One of the values of this facet to be such.
    Value(&'static str),
    /// To be or have this.
    Mark,
    /// To be of this kind.
    Kind,
    /// Its date to lie there.
    Date(Option<Period>, Option<Period>),
    /// The date in its field `due` to lie there.
    Due(Option<End>, Option<End>),
    /// To have a number such.
    Number(Box<dyn Fn(i64) -> bool>),
    /// Nothing: it is words.
    Words,
}

/// How a field is read; `are_numbers` tells which columns of numbers have at least one.
pub(crate) fn asked(field: &Field, has_numbers: &dyn Fn(&str) -> bool) -> Asked {
    let name = field.name.as_str();
    if ["before", "after", "on", "date"].contains(&name) || name == "about" {
        let Some((from, to)) = periods(&field.value) else { return Asked::Words };
        return match name {
            "about" => Asked::Value("dates_mentioned"),
            "before" if from.is_none() => Asked::Words,
            "after" if to.is_none() => Asked::Words,
            "before" => Asked::Date(None, from),
            "after" => Asked::Date(to, None),
            _ => Asked::Date(from, to),
        };
    }
    if NUMBERS.contains(&name) {
        return match condition(&field.value) {
            Some(condition) => Asked::Number(condition),
            // Without the column nothing is known of it, and it finds nothing.
            None if !has_numbers(name) => Asked::Number(Box::new(|_| false)),
            None => Asked::Words,
        };
    }
    if name == "due" && has_numbers(name) {
        return bounds(&field.value).map_or(Asked::Value("due"), |(from, to)| Asked::Due(from, to));
    }
    match name {
        "is" | "has" => Asked::Mark,
        "kind" => Asked::Kind,
        _ => WHOLE.iter().find(|(known, _)| *known == name).map_or(Asked::Words, |(_, facet)| Asked::Value(facet)),
    }
}

/// Fields that say nothing as the words that they then are.
pub(crate) fn in_words(query: Query, has_numbers: &dyn Fn(&str) -> bool) -> Query {
    let each = |parts: Vec<Query>| parts.into_iter().map(|part| in_words(part, has_numbers)).collect();
    match query {
        Query::And(parts) => Query::And(each(parts)),
        Query::Or(parts) => Query::Or(each(parts)),
        Query::Not(inner) => Query::Not(Box::new(in_words(*inner, has_numbers))),
        Query::Field(field) if matches!(asked(&field, has_numbers), Asked::Words) => {
            plain(&format!("{} {}", field.name, field.value), field.prefix)
        }
        other => other,
    }
}

fn periods(value: &str) -> Option<(Option<Period>, Option<Period>)> {
    match value.split_once("..") {
        None => value.parse().ok().map(|period| (Some(period), Some(period))),
        Some(("", "")) => None,
        Some(("", to)) => Some((None, Some(to.parse().ok()?))),
        Some((from, "")) => Some((Some(from.parse().ok()?), None)),
        Some((from, to)) => Some((Some(from.parse().ok()?), Some(to.parse().ok()?))),
    }
}

/// The ends of `>2024`, `>=2024`, `<2024`, `<=2024`, `2024..2025`.
fn bounds(value: &str) -> Option<(Option<End>, Option<End>)> {
    let one = |text: &str, at_end| text.parse().ok().map(|period: Period| (period, at_end));
    if let Some(text) = value.strip_prefix(">=") {
        return Some((Some(one(text, false)?), None));
    }
    if let Some(text) = value.strip_prefix("<=") {
        return Some((None, Some(one(text, true)?)));
    }
    if let Some(text) = value.strip_prefix('>') {
        return Some((Some(one(text, true)?), None));
    }
    if let Some(text) = value.strip_prefix('<') {
        return Some((None, Some(one(text, false)?)));
    }
    let (from, to) = periods(value)?;
    Some((from.map(|from| (from, false)), to.map(|to| (to, true))))
}

fn condition(value: &str) -> Option<Box<dyn Fn(i64) -> bool>> {
    let number = |text: &str| text.parse::<i64>().ok().filter(|_| !text.starts_with('+'));
    if let Some(rest) = value.strip_prefix(">=") {
        let least = number(rest)?;
        return Some(Box::new(move |n| n >= least));
    }
    if let Some(rest) = value.strip_prefix('>') {
        let less = number(rest)?;
        return Some(Box::new(move |n| n > less));
    }
    if let Some(rest) = value.strip_prefix('<') {
        let more = number(rest)?;
        return Some(Box::new(move |n| n < more));
    }
    if let Some((from, to)) = value.split_once("..") {
        let (from, to) = (number(from)?, number(to)?);
        return Some(Box::new(move |n| from <= n && n <= to));
    }
    let only = number(value)?;
    Some(Box::new(move |n| n == only))
}

/// True where one of a record's values is the one asked for.
pub(crate) fn has_value<'a>(field: &Field, mut values: impl Iterator<Item = &'a str>) -> bool {
    let folded = |text: &str| fold(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let wanted = folded(&field.value);
    values.any(|value| {
        let value = folded(value);
        match field.name.as_str() {
            "about" => {
                let (from, to) = periods(&field.value).unwrap();
                let value: Period = value.parse().unwrap();
                from.is_none_or(|from| value.first() >= from.first())
                    && to.is_none_or(|to| value.next().first() <= to.next().first())
            }
            "site" | "domain" if value.ends_with(&format!(".{wanted}")) => true,
            _ => value == wanted || (field.prefix && value.starts_with(&wanted)),
        }
    })
}

/// What a record is and has.
pub(crate) fn marks(record: &Record) -> Vec<&str> {
    let mut marks: Vec<&str> = record.media.iter().map(|media| media.kind.as_str()).collect();
    marks.extend(record.flags.iter().map(String::as_str));
    let mut add = |mark, has: bool| {
        if has {
            marks.push(mark);
        }
    };
    add("edited", record.edited.is_some());
    add("forwarded", record.forwarded_from.is_some());
    add("reply", record.reply_to.is_some());
    add("title", record.title.is_some());
    add("poll", record.poll.is_some());
    add("link", !record.links.is_empty());
    add("media", !record.media.is_empty());
    add("reactions", !record.reactions.is_empty());
    add("tag", !record.tags.is_empty());
    add("mention", !record.mentions.is_empty());
    marks
}

/// A number of a record.
pub(crate) fn number(record: &Record, name: &str) -> Option<i64> {
    let field = || record.fields.iter().find(|(field, _)| field == name).and_then(|(_, json)| json.parse().ok());
    match name {
        "views" => record.views.map(|views| views as i64),
        "reactions" if record.reactions.is_empty() => None,
        "reactions" => Some(record.reactions.iter().map(|reaction| reaction.count as i64).sum()),
        "votes" => {
            let poll = record.poll.as_ref()?;
            let votes: Vec<i64> =
                poll.answers.iter().filter_map(|answer| answer.votes.map(|votes| votes as i64)).collect();
            poll.voters.map(|voters| voters as i64).or_else(|| (!votes.is_empty()).then(|| votes.iter().sum()))
        }
        "length" => Some(record.text.chars().count() as i64),
        _ => field(),
    }
}
