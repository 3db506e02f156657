//! Which column is which, by its name and its values.

use serde_json::Value;

use super::column::get;
use super::dates::DateReader;
use super::{Demand, Row};

/// Names under which tables keep the fields of a record, the commonest first; see [`normal`].
pub(super) const NAMES: &[(&str, &[&str])] = &[
    (
        "text",
        &[
            "body",
            "content",
            "message",
            "full_text",
            "post_text",
            "message_text",
            "tweet",
            "selftext",
            "comment",
            "caption",
            "description",
            "текст",
            "сообщение",
            "texto",
            "mensaje",
            "inhalt",
            "nachricht",
            "内容",
            "正文",
            "النص",
        ],
    ),
    (
        "date",
        &[
            "created_at",
            "timestamp",
            "datetime",
            "date_time",
            "time",
            "published",
            "published_at",
            "pub_date",
            "created",
            "created_utc",
            "posted_at",
            "sent_at",
            "date_utc",
            "unix_timestamp",
            "published_on",
            "дата",
            "дата_публикации",
            "datum",
            "fecha",
            "日期",
            "时间",
            "التاريخ",
        ],
    ),
    ("title", &["subject", "headline", "заголовок", "titel", "título", "标题", "العنوان"]),
    (
        "author",
        &[
            "username",
            "user_name",
            "screen_name",
            "user",
            "sender",
            "from",
            "author_name",
            "nick",
            "автор",
            "autor",
            "作者",
            "الكاتب",
        ],
    ),
    ("id", &["post_id", "message_id", "tweet_id", "id_str", "msg_id"]),
    ("url", &["permalink", "post_url", "link", "href", "ссылка", "enlace", "链接"]),
    (
        "channel",
        &["chat", "group", "room", "subreddit", "forum", "channel_name", "канал", "kanal", "canal", "频道", "القناة"],
    ),
    ("lang", &["language"]),
    ("tags", &["hashtags", "labels", "keywords"]),
    ("mentions", &[]),
    ("links", &["outlinks"]),
    ("media", &["attachments"]),
    ("views", &["view_count", "просмотры", "aufrufe", "visitas", "浏览量"]),
    ("thread", &["thread_id", "conversation_id"]),
    ("reply_to", &["in_reply_to", "in_reply_to_id", "parent_id", "reply_to_message_id"]),
    ("edited", &["edited_at", "edit_date"]),
];

/// Characters that the texts of a column have on average where nothing but them shows that it is one.
const TEXT_LEN: usize = 40;

/// What was found for a field.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Choice {
    None,
    One(String),
    Several(Vec<String>),
}

/// A column's name as [`NAMES`] writes it.
pub(super) fn normal(name: &str) -> String {
    name.trim().chars().flat_map(char::to_lowercase).map(|c| if matches!(c, ' ' | '-') { '_' } else { c }).collect()
}

/// Members that say what the object is called that they are of, the one that people read first.
const NAMES_OF_OBJECT: [&str; 7] =
    ["name", "display_name", "displayname", "full_name", "username", "screen_name", "title"];

/// Fields that are the name of somebody or something.
const NAMED_FIELDS: [&str; 2] = ["author", "channel"];

/// The column whose name is that of the field or, first of these, means it. Of one that holds objects where a name is due, it is the member
/// that is the name.
pub(super) fn named(rows: &[Row], columns: &[&String], field: &str, names: &[&str]) -> Choice {
    let mut names = std::iter::once(&field).chain(names);
    let found = names.find_map(|name| columns.iter().find(|column| normal(column) == *name));
    let Some(column) = found else { return Choice::None };
    let holds_objects = || rows.iter().any(|row| row.get(column.as_str()).is_some_and(Value::is_object));
    if !NAMED_FIELDS.contains(&field) || !holds_objects() {
        return Choice::One((*column).clone());
    }
    let is_name = |path: &String| rows.iter().any(|row| get(row, path).is_some_and(|value| value.is_string()));
    let paths = NAMES_OF_OBJECT.iter().map(|name| format!("{column}.{name}"));
    paths.into_iter().find(is_name).map_or(Choice::None, Choice::One)
}

/// The column of texts: by its name, or where none has one and there must be one, by the length of what it holds.
pub(super) fn text(rows: &[Row], columns: &[&String], names: &[&str], demand: Demand) -> Choice {
    let holds_text = |column: &&&String| {
        rows.iter()
            .filter_map(|row| row.get(column.as_str()))
            .any(|value| value.as_str().is_some_and(|text| !text.is_empty()))
    };
    if let Some(column) = columns.iter().find(|column| normal(column) == "text") {
        return Choice::One((*column).clone());
    }
    let meant: Vec<String> = columns
        .iter()
        .filter(holds_text)
        .filter(|column| names.contains(&normal(column).as_str()))
        .map(|column| (*column).clone())
        .collect();
    if !meant.is_empty() {
        return one_of(meant);
    }
    if demand == Demand::Nothing {
        return Choice::None;
    }
    let others = columns.iter().filter(|column| !is_title(column));
    one_of(others.filter(|column| is_prose(rows, column)).map(|column| (*column).clone()).collect())
}

/// Whether an object has what a record is made of, by what its members are called or say: something to read.
pub(super) fn is_of_post(row: &Row) -> bool {
    let is_prose = |value: &Value| value.as_str().is_some_and(|text| text.trim().contains(' '));
    row.iter().any(|(name, value)| is_of_words(name) || is_prose(value) || super::CONTENT.contains(&name.as_str()))
}

/// Whether a column is the text or the heading, by its name.
pub(super) fn is_of_words(column: &str) -> bool {
    let name = normal(column);
    let texts = NAMES.iter().filter(|(field, _)| *field == "text").flat_map(|(_, names)| *names);
    name == "text" || texts.copied().any(|text| text == name) || is_title(column)
}

/// Whether a column is the heading, by its name: with one, a record needs no text.
pub(super) fn is_title(column: &str) -> bool {
    let name = normal(column);
    name == "title" || NAMES.iter().any(|(field, names)| *field == "title" && names.contains(&name.as_str()))
}

/// The column of dates: one whose name says so, and whose values are dates.
pub(super) fn date(
    rows: &[Row],
    columns: &[&String],
    names: &[&str],
    (demand, format): (Demand, Option<&str>),
) -> Choice {
    if demand == Demand::Nothing && columns.iter().any(|column| *column == "date") && !needs_reading(rows) {
        return Choice::None;
    }
    if let Some(column) = columns.iter().find(|column| normal(column) == "date") {
        return Choice::One((*column).clone());
    }
    let reader = DateReader::new(format, None, &jiff::tz::TimeZone::UTC);
    let is_date = |value: &Value| !matches!(reader.read(value), Ok(None));
    let holds_dates = |column: &&&String| {
        let values = || rows.iter().filter_map(|row| row.get(column.as_str())).filter(|value| !is_blank(value));
        values().next().is_some() && values().filter(|value| !is_date(value)).count() * 10 <= values().count()
    };
    let meant = columns.iter().filter(|column| names.contains(&normal(column).as_str())).filter(holds_dates);
    one_of(meant.map(|column| (*column).clone()).collect())
}

/// The one column whose texts are dates, whatever it is called; of several nobody knows which is that of the post.
pub(super) fn only_date(rows: &[Row], columns: &[&String], format: Option<&str>) -> Choice {
    let mut found = of_dates(rows, columns, format);
    if found.len() == 1 { found.pop().map_or(Choice::None, Choice::One) } else { Choice::None }
}

/// The columns of which every text is a date.
pub(super) fn of_dates(rows: &[Row], columns: &[&String], format: Option<&str>) -> Vec<String> {
    let reader = DateReader::new(format, None, &jiff::tz::TimeZone::UTC);
    let is_date = |text: &str| number(text, false).is_none() && !matches!(reader.read(&Value::from(text)), Ok(None));
    let texts = |column: &str| {
        let values = rows.iter().filter_map(|row| row.get(column)).filter(|value| !is_blank(value));
        values.map(|value| value.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>().unwrap_or_default()
    };
    let holds_dates = |column: &&&String| {
        let texts = texts(column);
        !texts.is_empty() && texts.iter().all(|text| is_date(text))
    };
    columns.iter().filter(holds_dates).map(|column| (*column).clone()).collect()
}

/// Whether the column `date` has texts that only a [`DateReader`] reads. Where it has not, its values are what they say.
fn needs_reading(rows: &[Row]) -> bool {
    let zone = jiff::tz::TimeZone::UTC;
    let reader = DateReader::new(None, None, &zone);
    rows.iter().filter_map(|row| row.get("date")).filter(|value| value.is_string()).any(|value| {
        let is_plain = value.as_str().is_some_and(|text| crate::ingest::parse_date(text.trim(), &zone).is_some());
        !is_plain && !matches!(reader.read(value), Ok(None))
    })
}

fn one_of(mut found: Vec<String>) -> Choice {
    match found.len() {
        0 => Choice::None,
        1 => found.pop().map_or(Choice::None, Choice::One),
        _ => Choice::Several(found),
    }
}

/// Whether the texts of a column are of some length, and of words.
fn is_prose(rows: &[Row], column: &str) -> bool {
    let texts =
        || rows.iter().filter_map(|row| row.get(column)).filter_map(Value::as_str).filter(|text| !text.is_empty());
    let num_chars: usize = texts().map(|text| text.chars().count()).sum();
    let num_words = texts().filter(|text| text.trim().contains(char::is_whitespace) || !text.is_ascii()).count();
    num_chars > TEXT_LEN * texts().count() && num_words * 2 > texts().count()
}

/// Whether every value of a column is a text that is a number; where commas stand before decimals, whether most are, since nobody else
/// would read them as such.
pub(super) fn is_numeric(rows: &[Row], column: &str, has_commas: bool) -> bool {
    let values = || rows.iter().filter_map(|row| row.get(column)).filter(|value| !is_blank(value));
    let num_numbers =
        values().filter(|value| value.as_str().and_then(|text| number(text, has_commas)).is_some()).count();
    if has_commas { num_numbers * 2 > values().count() } else { num_numbers > 0 && num_numbers == values().count() }
}

/// The number that a text is, if it is written as JSON writes it: `007` is a name, and `1,5` one number only where commas stand before
/// decimals.
pub(super) fn number(text: &str, has_commas: bool) -> Option<Value> {
    let text = text.trim();
    let with_point;
    let text = match text.split_once(',') {
        Some((whole, decimals)) if has_commas && !decimals.is_empty() && are_thousands(whole) => {
            with_point = format!("{}.{decimals}", whole.replace('.', ""));
            &with_point
        }
        _ => text,
    };
    let is_number = text.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    serde_json::from_str::<serde_json::Number>(text).ok().filter(|_| is_number).map(Value::Number)
}

/// Whether the points in a number, if there are any, stand before each three digits.
fn are_thousands(whole: &str) -> bool {
    let mut groups = whole.trim_start_matches('-').split('.');
    let first = groups.next().unwrap_or_default();
    let mut rest = groups.peekable();
    rest.peek().is_none() || (1..=3).contains(&first.len()) && rest.all(|group| group.len() == 3)
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}
