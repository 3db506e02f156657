//! The database of tg-archive: a group of Telegram, as its program fetched it message by message.
//!
//! ```text
//! messages(id, type, date, edit_date, content, entities, reply_to, user_id, media_id)
//! users(id, username, first_name, last_name, tags, avatar)   media(id, type, url, title, description, thumb)
//! ```
//!
//! The file is held in memory and read there by SQLite, which is told to trust nothing in it: no views, no functions of the schema, no
//! writing, no more than so many steps and bytes for anything that is asked. What a message was forwarded from, and how often it was
//! seen, tg-archive never knew.

use std::cell::Cell;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::{Connection, Row};
use serde_json::Value;

use super::bounds::bounded;
use super::date::{parse_date, take_date};
use super::entities;
use super::error::IngestError;
use super::files::{Part, Parts, each};
use super::format::{Entry, ReadContext, Reader, Sample, Skipped, streamed};
use super::json::object::field;
use super::markers;
use super::media::{kind_of_name, last_of};
use super::rich_text::RichText;
use crate::record::{Attachment, Date, Place, Poll, PollAnswer, Record, Source, Span, file_stem};

/// Tables that are read.
const TABLES: [&str; 3] = ["messages", "users", "media"];

/// How a database of SQLite begins.
const MARK: &[u8] = b"SQLite format 3\0";

/// Largest database that is read, in bytes: it is held in memory. A group of a million messages has some 300 MB.
const MAX_LEN: u64 = 192 << 20;

/// Bytes of what is said of a medium, which many messages may name.
const MAX_DESCRIPTION_LEN: usize = 16 << 10;

/// Longest value, in bytes. Messages have a few kilobytes.
const MAX_VALUE_LEN: i32 = 8 << 20;

/// Steps of SQLite between two looks at how many there were.
const STEPS: i32 = 100_000;

/// Looks at the least, and bytes of the database that are good for one more: twenty steps a byte. Reading takes less than one; what
/// takes more than that was made to.
const LOOKS_AT_LEAST: u64 = 1000;
const BYTES_A_LOOK: u64 = 5000;

/// Messages that are asked for at once, and bytes of their texts behind which no further is asked for then.
const NUM_ROWS: usize = 1000;
const MAX_ROWS_LEN: u64 = 8 << 20;

/// How many times the length of the database the texts of its rows may have together. Each byte of it is of one row alone, and UTF-16
/// gets longer by half at most; but rows can be made to share their bytes, a thousand of them the same megabyte.
const MAX_TEXTS_RATIO: u64 = 2;

/// Stretches of one kind of formatting in a message. Telegram allows a hundred.
const MAX_SPANS: usize = 10_000;

/// Whether a sample is such a database: the tables are named on its first page, or on those that follow.
pub(super) fn recognise(sample: &Sample<'_>) -> bool {
    let head = sample.head();
    head.starts_with(MARK) && {
        let text = String::from_utf8_lossy(head).to_ascii_lowercase();
        let has = |name: &str, column: &str| {
            text.match_indices("create table").any(|(at, _)| {
                let rest = text.get(at + 12..).unwrap_or_default();
                let (named, columns) = rest.split_once('(').unwrap_or_default();
                named.trim_end().trim_matches(['"', '`', '[', ']', '\'']).ends_with(name)
                    && columns
                        .get(..columns.find("create ").unwrap_or(columns.len()))
                        .unwrap_or_default()
                        .contains(column)
            })
        };
        has("messages", "media_id") && has("users", "username")
    }
}

/// Reads databases one after another.
pub(super) fn read<'a>(parts: Parts<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    each(parts, |part| read_file(part, context))
}

fn read_file<'a>(part: Part<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    let (file, bytes) = part.whole(MAX_LEN)?;
    let place = Place::Bytes(0, (bytes.len() as u64).max(1));
    let mut archive =
        Archive { context, file, place, database: None, last: None, queue: VecDeque::new(), is_done: false };
    let max_texts_len = bytes.len() as u64 * MAX_TEXTS_RATIO;
    let opened = open(&bytes).and_then(|connection| Database::new(connection, max_texts_len));
    drop(bytes);
    match opened {
        Ok(database) => archive.database = Some(database),
        Err(error) => archive.fail(&error),
    }
    Ok(streamed(move || Ok(archive.next())))
}

struct Archive<'a> {
    context: &'a ReadContext,
    file: String,
    /// The whole file: where in it a row stands, SQLite does not tell.
    place: Place,
    database: Option<Database>,
    /// The last row that was read.
    last: Option<i64>,
    queue: VecDeque<Entry>,
    is_done: bool,
}

impl Archive<'_> {
    fn next(&mut self) -> Option<Entry> {
        while self.queue.is_empty() && !self.is_done {
            let Some(database) = &self.database else { break };
            match database.messages(self.last, self.context) {
                Ok(rows) => {
                    self.is_done = rows.is_empty();
                    self.last = rows.last().map(|(row, _)| *row);
                    for (_, record) in rows {
                        let entry = self.entry(record);
                        self.queue.push_back(entry);
                    }
                }
                Err(error) => self.fail(&error),
            }
        }
        self.queue.pop_front()
    }

    fn entry(&self, mut record: Record) -> Entry {
        let handle = self.context.options.handle.as_deref();
        record.channel = Some(handle.unwrap_or_else(|| file_stem(&self.file)).to_owned());
        record.url = handle.and_then(|handle| Some(format!("https://t.me/{handle}/{}", record.id.as_ref()?)));
        record.source = Source { file: self.file.clone(), place: Some(self.place.clone()), copies: Vec::new() };
        Entry::Record(Box::new(record))
    }

    fn fail(&mut self, error: &rusqlite::Error) {
        self.is_done = true;
        let reason = match self.last {
            Some(_) => format!("from here on the database cannot be read: {error}"),
            None => format!("the database cannot be read: {error}"),
        };
        let (file, place) = (self.file.clone(), self.place.clone());
        self.queue.push_back(Entry::Skipped(Skipped { file, place, reason, excerpt: String::new() }));
    }
}

/// Opens a database so that it can do nothing but be read.
fn open(bytes: &[u8]) -> rusqlite::Result<Connection> {
    let len = bytes.len();
    let mut database = Connection::open_in_memory()?;
    let looks = Arc::new(AtomicU64::new(LOOKS_AT_LEAST + len as u64 / BYTES_A_LOOK));
    database.progress_handler(STEPS, Some(move || looks.fetch_sub(1, Ordering::Relaxed) <= 1))?;
    for (limit, value) in [
        (Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE_LEN),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 64 << 10),
        (Limit::SQLITE_LIMIT_COLUMN, 100),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 50),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 3),
        (Limit::SQLITE_LIMIT_VDBE_OP, 25_000),
        (Limit::SQLITE_LIMIT_FUNCTION_ARG, 8),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        database.set_limit(limit, value)?;
    }
    database.deserialize_read_exact("main", bytes, len, true)?;
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    database.pragma_update(None, "cell_size_check", true)?;
    database.pragma_update(None, "query_only", true)?;
    check_tables(&database)?;
    // Tables and columns may be read, and nothing else done: no function called, no pragma set, nothing attached.
    database.authorizer(Some(|asked: AuthContext<'_>| match asked.action {
        AuthAction::Select | AuthAction::Read { .. } => Authorization::Allow,
        _ => Authorization::Deny,
    }))?;
    Ok(database)
}

/// Refuses tables that are none: views, virtual tables and columns that are computed, all of which are programs of whoever made the
/// database. The authorizer is not asked about what stands in a table's own declaration.
fn check_tables(database: &Connection) -> rusqlite::Result<()> {
    for table in TABLES {
        let refuse = |what: &str| {
            let reason = format!("`{table}` is no table but {what}, which could do anything");
            Err(rusqlite::Error::ToSqlConversionFailure(reason.into()))
        };
        let asked = "SELECT type, sql FROM sqlite_schema WHERE name = ?1";
        let (kind, sql): (String, String) = database.query_row(asked, [table], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if kind != "table" {
            return refuse(&format!("a {kind}"));
        }
        if !sql.get(..12).is_some_and(|start| start.eq_ignore_ascii_case("create table")) {
            return refuse("a program");
        }
        let asked = "SELECT count(*) FROM pragma_table_xinfo(?1) WHERE hidden <> 0";
        let num_computed: i64 = database.query_row(asked, [table], |row| row.get(0))?;
        if num_computed > 0 {
            return refuse("partly computed");
        }
    }
    Ok(())
}

/// An open database, with the people in it.
struct Database {
    connection: Connection,
    people: HashMap<i64, Person>,
    /// Whether formatting is kept, as later versions of tg-archive do.
    has_entities: bool,
    /// Bytes of texts that rows may still have.
    left: Left,
}

/// Bytes that are left of a limit.
struct Left(Cell<u64>);

impl Left {
    /// Takes those of a row's texts from it; how many these are.
    fn take(&self, row: &Row<'_>) -> rusqlite::Result<u64> {
        use rusqlite::types::ValueRef;
        let len = |column| match row.get_ref(column) {
            Ok(ValueRef::Text(bytes) | ValueRef::Blob(bytes)) => bytes.len() as u64,
            _ => 0,
        };
        let len = (0..row.as_ref().column_count()).map(len).sum();
        let left = self.0.get().checked_sub(len).ok_or_else(|| {
            let reason = "its rows share their bytes, which no program lets them do";
            rusqlite::Error::ToSqlConversionFailure(reason.into())
        })?;
        self.0.set(left);
        Ok(len)
    }
}

struct Person {
    username: Option<String>,
    name: String,
}

impl Database {
    /// Reads the people, and sees whether the rest can be read.
    fn new(connection: Connection, max_texts_len: u64) -> rusqlite::Result<Self> {
        let left = Left(Cell::new(max_texts_len));
        let mut people = HashMap::new();
        {
            let mut asked = connection.prepare("SELECT id, username, first_name, last_name FROM users")?;
            let mut rows = asked.query([])?;
            while let Some(row) = rows.next()? {
                left.take(row)?;
                let names = [text(row, 2), text(row, 3)].into_iter().flatten().collect::<Vec<_>>();
                if let Ok(id) = row.get(0) {
                    people.insert(id, Person { username: text(row, 1).map(bounded), name: bounded(names.join(" ")) });
                }
            }
        }
        let has_entities = connection.prepare("SELECT entities FROM messages").is_ok();
        Ok(Self { connection, people, has_entities, left })
    }

    /// Some messages behind a row, with the numbers of their rows; none where there are no more.
    fn messages(&self, last: Option<i64>, context: &ReadContext) -> rusqlite::Result<Vec<(i64, Record)>> {
        let entities = if self.has_entities { "entities" } else { "NULL" };
        let mut asked = self.connection.prepare(&format!(
            "SELECT rowid, id, type, date, edit_date, content, reply_to, user_id, media_id, {entities} FROM messages \
             WHERE ?1 IS NULL OR rowid > ?1 ORDER BY rowid LIMIT {NUM_ROWS}"
        ))?;
        let mut media =
            self.connection.prepare("SELECT type, url, title, description FROM media WHERE id = ?1 LIMIT 1")?;
        let mut rows = asked.query([last])?;
        let (mut found, mut len) = (Vec::new(), 0);
        while len < MAX_ROWS_LEN
            && let Some(row) = rows.next()?
        {
            len += self.left.take(row)?;
            let mut record = self.message(row, context);
            if let Ok(Some(id)) = row.get::<_, Option<i64>>(8) {
                let mut hung = media.query([id])?;
                if let Some(hung) = hung.next()? {
                    len += self.left.take(hung)?;
                    attach(hung, &mut record);
                }
            }
            found.push((row.get(0)?, record));
        }
        Ok(found)
    }

    fn message(&self, row: &Row<'_>, context: &ReadContext) -> Record {
        let mut record = Record { kind: "message".to_owned(), id: text(row, 1), ..Record::default() };
        let kind = text(row, 2).unwrap_or_default();
        if kind != "message" {
            "service".clone_into(&mut record.kind);
            record.fields.push(field("action", &kind));
        }
        take_date(&mut record, text(row, 3).as_deref(), |text| date(text, context));
        record.edited = text(row, 4).and_then(|text| date(&text, context)).map(|date| date.text);
        record.reply_to = text(row, 6);
        let said = text(row, 5).unwrap_or_default();
        let spans = text(row, 9).map(|json| spans(&said, &json)).unwrap_or_default();
        let mut rich = if spans.is_empty() {
            markers::marked(&said, &[], &markers::plain_token)
        } else {
            RichText { text: said, spans }
        };
        rich.trim();
        rich.fill(&mut record);
        let id: Option<i64> = row.get(7).ok();
        let person = id.and_then(|id| self.people.get(&id));
        let username = person.and_then(|person| person.username.clone());
        let name = person.map(|person| person.name.clone()).filter(|name| !name.is_empty());
        record.author = name.or_else(|| username.clone()).or_else(|| text(row, 7));
        record.fields.extend(text(row, 7).map(|id| field("user_id", &id)));
        record.fields.extend(username.map(|name| field("username", &name)));
        record
    }
}

/// Times are in UTC, and say so nowhere.
fn date(text: &str, context: &ReadContext) -> Option<Date> {
    let text = text.trim().replacen(' ', "T", 1);
    parse_date(&format!("{text}Z"), &context.time_zone).or_else(|| parse_date(&text, &context.time_zone))
}

/// Formatting by its kind, each with its place in UTF-16 units: `{"Bold": [{"o": 0, "l": 4}]}`.
fn spans(text: &str, json: &str) -> Vec<Span> {
    let Ok(Value::Object(kinds)) = serde_json::from_str(json) else { return Vec::new() };
    let mut places: Vec<usize> =
        text.char_indices().flat_map(|(at, c)| std::iter::repeat_n(at, c.len_utf16())).collect();
    places.push(text.len());
    let mut spans = Vec::new();
    for (name, entities) in &kinds {
        let kind = match name.as_str() {
            "Bold" => "bold",
            "Italic" => "italic",
            "Underline" => "underline",
            "Strike" => "strike",
            "Spoiler" => "spoiler",
            "Code" => "code",
            "Pre" => "pre",
            "Blockquote" => "quote",
            "TextUrl" | "Url" => "link",
            "Mention" | "MentionName" => "mention",
            "Hashtag" => "hashtag",
            _ => continue,
        };
        for entity in entities.as_array().into_iter().flatten().take(MAX_SPANS) {
            let number = |key: &str| entity.get(key).and_then(Value::as_u64).and_then(|at| usize::try_from(at).ok());
            let Some((start, len)) = number("o").zip(number("l")) else { continue };
            let end = start.checked_add(len).and_then(|end| places.get(end).copied());
            let Some((start, end)) = places.get(start).copied().zip(end).filter(|(start, end)| start < end) else {
                continue;
            };
            let shown = text.get(start..end).unwrap_or_default();
            let href = match name.as_str() {
                "TextUrl" => entity.get("url").and_then(Value::as_str).map(str::to_owned),
                "Url" if shown.contains("://") => Some(shown.to_owned()),
                "Url" => Some(format!("https://{shown}")),
                _ => None,
            };
            spans.push(Span { range: start..end, kind: kind.to_owned(), href });
        }
    }
    spans
}

/// A value as text, whatever SQLite holds it as.
fn text(row: &Row<'_>, column: usize) -> Option<String> {
    use rusqlite::types::ValueRef;
    match row.get_ref(column).ok()? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Null => None,
    }
    .filter(|text| !text.is_empty())
}

/// What hangs on a message: a poll is its answers in JSON, a page that was shown is an address, anything else is a file.
fn attach(row: &Row<'_>, record: &mut Record) {
    let Some(kind) = text(row, 0) else { return };
    let (url, title) = (text(row, 1).map(bounded), text(row, 2).map(bounded));
    let description = text(row, 3).filter(|text| text.len() <= MAX_DESCRIPTION_LEN);
    match &*kind {
        "poll" => {
            let answers = description.as_deref().and_then(|json| serde_json::from_str::<Value>(json).ok());
            let answers = answers.iter().filter_map(Value::as_array).flatten().map(|answer| {
                let text = answer.get("label").and_then(Value::as_str).unwrap_or_default().to_owned();
                PollAnswer { text, votes: answer.get("count").and_then(Value::as_u64) }
            });
            let answers: Vec<PollAnswer> = answers.collect();
            entities::ask(Poll { question: title.unwrap_or_default(), answers, voters: None }, record);
        }
        "webpage" => {
            let shown = url.filter(|url| url.starts_with("http"));
            record.fields.extend(shown.map(|url| field("webpage", &url)));
            record.fields.extend(title.map(|title| field("webpage_title", &title)));
            record.fields.extend(description.map(|text| field("webpage_description", &text)));
        }
        _ => {
            // Whatever is a file is called a photo there; its name says what it is.
            let known = url.as_deref().map_or("file", kind_of_name);
            // tg-archive puts files beside the database, into the folder `media`.
            let path = url.as_ref().filter(|url| !url.contains("://")).map(|url| format!("media/{url}"));
            let name = title.or_else(|| url.as_deref().map(|url| last_of(url).to_owned()));
            record.media.push(Attachment { kind: known.to_owned(), name, path, ..Attachment::default() });
        }
    }
}
