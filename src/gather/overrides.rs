//! What people know of posts, and their sources do not say: a table of overrides.
//!
//! ```text
//! lines,date,channel,handle
//! 1-12,2024-06-24,Harbour News,harbour_news
//! 13-22,2024-06-25T09:00:00+02:00,Harbour News,harbour_news
//! ```
//!
//! Each row names posts by `file`, `lines`, `id` or `uid`, all of which must fit, and sets `date`, `channel`, `handle`, `author` or
//! `url`; an empty cell says nothing. A row that names only a file, or nothing, is of all posts. In scraped text, `lines` are also
//! the boundaries of a post. docs/SOURCES.md has it for users.

use std::collections::HashMap;
use std::fmt;

use jiff::tz::TimeZone;

use crate::builder::uid_base;
use crate::ingest::{Boundary, parse_date};
use crate::record::{Date, Place, Record};

/// Longest table, in bytes: a row for each of a million posts.
pub const MAX_OVERRIDES_LEN: u64 = 128 << 20;

/// The field of a record that says which of its fields people set.
pub(super) const SET_BY_HAND: &str = "set_by_hand";

/// Columns that name posts.
const KEYS: [&str; 4] = ["file", "lines", "id", "uid"];

/// Columns that say something of them.
const VALUES: [&str; 5] = ["date", "channel", "handle", "author", "url"];

/// What is wrong with a table, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OverridesError {
    /// The line, counted from 1.
    pub line: u64,
    /// What is wrong; lower case, no final period.
    pub reason: String,
}

impl fmt::Display for OverridesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

/// A table of overrides.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    rows: Vec<Row>,
    /// Rows by their most telling key, so that a long table costs a record one look-up for each.
    by_uid: HashMap<String, Vec<usize>>,
    by_id: HashMap<String, Vec<usize>>,
    by_line: HashMap<u64, Vec<usize>>,
    others: Vec<usize>,
    /// Posts that each row changed.
    num_applied: Vec<u64>,
}

#[derive(Clone, Debug, Default)]
struct Row {
    /// Where it stands in the table.
    line: u64,
    file: Option<String>,
    lines: Option<(u64, u64)>,
    id: Option<String>,
    uid: Option<String>,
    date: Option<Date>,
    channel: Option<String>,
    handle: Option<String>,
    author: Option<String>,
    url: Option<String>,
}

impl Overrides {
    /// Reads a table. Dates without an offset are of `zone`.
    ///
    /// # Errors
    ///
    /// - It is no table, or a row has more or fewer cells than the header.
    /// - A column is unknown or there twice, or there is none that says anything.
    /// - A cell is not what its column says, a row says nothing, or the lines of two rows overlap.
    pub fn parse(table: &[u8], zone: &TimeZone) -> Result<Self, OverridesError> {
        let table = table.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(table);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(table);
        let names = reader.headers().map_err(|error| broken(table, &error))?.clone();
        check_names(&names)?;
        let mut overrides = Self::default();
        let mut cells = csv::StringRecord::new();
        while reader.read_record(&mut cells).map_err(|error| broken(table, &error))? {
            let line = cells.position().map_or(0, |position| line_of(table, position));
            let row = row(&names, &cells, line, zone).map_err(|reason| OverridesError { line, reason })?;
            overrides.push(row);
        }
        overrides.check_lines()?;
        Ok(overrides)
    }

    /// Rows of the table.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether the table has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The boundaries that the rows set.
    #[must_use]
    pub fn boundaries(&self) -> Vec<Boundary> {
        let boundary = |row: &Row| row.lines.map(|(first, last)| Boundary { file: row.file.clone(), first, last });
        self.rows.iter().filter_map(boundary).collect()
    }

    /// Sets what the rows that fit say of a record; true where any does. Of two rows that say the same field, the later counts.
    pub fn apply(&mut self, record: &mut Record) -> bool {
        if self.rows.is_empty() {
            return false;
        }
        let mut fitting = self.others.clone();
        fitting.extend(self.by_uid.get(&uid_base(record)).into_iter().flatten());
        fitting.extend(record.id.as_ref().and_then(|id| self.by_id.get(id)).into_iter().flatten());
        if let Some(Place::Lines(first, _)) = record.source.place {
            fitting.extend(self.by_line.get(&first).into_iter().flatten());
        }
        fitting.sort_unstable();
        fitting.retain(|index| self.rows.get(*index).is_some_and(|row| row.fits(record)));
        for index in &fitting {
            if let (Some(row), Some(count)) = (self.rows.get(*index), self.num_applied.get_mut(*index)) {
                row.apply(record);
                *count += 1;
            }
        }
        !fitting.is_empty()
    }

    /// Lines of the table whose row fitted no post.
    #[must_use]
    pub fn unused(&self) -> Vec<u64> {
        let rows = self.rows.iter().zip(&self.num_applied);
        rows.filter(|(_, count)| **count == 0).map(|(row, _)| row.line).collect()
    }

    fn push(&mut self, row: Row) {
        let index = self.rows.len();
        match (&row.uid, &row.id, row.lines) {
            (Some(uid), ..) => self.by_uid.entry(uid.clone()).or_default().push(index),
            (None, Some(id), _) => self.by_id.entry(id.clone()).or_default().push(index),
            (None, None, Some((first, _))) => self.by_line.entry(first).or_default().push(index),
            (None, None, None) => self.others.push(index),
        }
        self.rows.push(row);
        self.num_applied.push(0);
    }

    /// Refuses rows whose lines overlap: one line is of one post.
    fn check_lines(&self) -> Result<(), OverridesError> {
        let mut ranges: Vec<(Option<&String>, u64, u64, u64)> = self
            .rows
            .iter()
            .filter_map(|row| row.lines.map(|(first, last)| (row.file.as_ref(), first, last, row.line)))
            .collect();
        ranges.sort_unstable();
        for pair in ranges.windows(2) {
            let [(file, _, last, line), (other_file, first, _, other_line)] = pair else { continue };
            if file == other_file && first <= last {
                let reason = format!("its lines overlap those of line {}", line.min(other_line));
                return Err(OverridesError { line: *line.max(other_line), reason });
            }
        }
        Ok(())
    }
}

impl Row {
    fn fits(&self, record: &Record) -> bool {
        let is_file = |file: &String| *file == record.source.file || record.source.file.ends_with(&format!("/{file}"));
        self.file.as_ref().is_none_or(is_file)
            && self.id.as_ref().is_none_or(|id| record.id.as_ref() == Some(id))
            && self.uid.as_ref().is_none_or(|uid| uid_base(record) == *uid)
            && self
                .lines
                .is_none_or(|(first, _)| matches!(record.source.place, Some(Place::Lines(start, _)) if start == first))
    }

    /// Notes in a record which of its fields people set: what its other sources say does not change them.
    fn note(&self, record: &mut Record) {
        let has_url = self.url.is_some() || self.handle.is_some() && record.id.is_some();
        let set = [
            ("date", self.date.is_some()),
            ("channel", self.channel.is_some()),
            ("author", self.author.is_some()),
            ("url", has_url),
        ];
        let names = set.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name.to_owned());
        add_set_by_hand(record, names.collect());
    }

    fn apply(&self, record: &mut Record) {
        let set = |field: &mut Option<String>, value: &Option<String>| {
            if value.is_some() {
                field.clone_from(value);
            }
        };
        set(&mut record.channel, &self.channel);
        set(&mut record.author, &self.author);
        self.note(record);
        if let (Some(handle), Some(id)) = (&self.handle, &record.id) {
            record.url = Some(format!("https://t.me/{handle}/{id}"));
        }
        set(&mut record.url, &self.url);
        if self.date.is_some() {
            record.date.clone_from(&self.date);
        }
        // Whoever says where a post begins and ends leaves no doubt about it.
        if self.lines.is_some() {
            record.flags.retain(|flag| flag != "boundary_uncertain");
        }
        if let (Some(handle), None) = (&self.handle, &record.id) {
            let known = record.fields.iter_mut().find(|(name, _)| name == "handle");
            let json = serde_json::Value::from(handle.as_str()).to_string();
            match known {
                Some((_, value)) => *value = json,
                None => record.fields.push(("handle".to_owned(), json)),
            }
        }
    }
}

/// Fields of a record that people set.
pub(super) fn set_by_hand(record: &Record) -> Vec<String> {
    let json = record.fields.iter().find(|(name, _)| name == SET_BY_HAND).map(|(_, json)| json.as_str());
    json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}

/// Adds to the fields of a record that people set.
pub(super) fn add_set_by_hand(record: &mut Record, more: Vec<String>) {
    let mut names = set_by_hand(record);
    for name in more {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if !names.is_empty() {
        record.fields.retain(|(name, _)| name != SET_BY_HAND);
        record.fields.push((SET_BY_HAND.to_owned(), serde_json::Value::from(names).to_string()));
    }
}

/// The line of a row, before which the parser passes blank ones.
fn line_of(table: &[u8], position: &csv::Position) -> u64 {
    let rest = table.get(usize::try_from(position.byte()).unwrap_or(usize::MAX)..).unwrap_or_default();
    let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n').count();
    position.line() + blank as u64
}

fn broken(table: &[u8], error: &csv::Error) -> OverridesError {
    let line = error.position().map_or(1, |position| line_of(table, position));
    let reason = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("it has {len} cells where the header has {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "it is not UTF-8; save the table as UTF-8".to_owned(),
        _ => "it is no row of comma-separated cells".to_owned(),
    };
    OverridesError { line, reason }
}

fn check_names(names: &csv::StringRecord) -> Result<(), OverridesError> {
    let fail = |reason: String| Err(OverridesError { line: 1, reason });
    let is_known = |name: &&str| KEYS.contains(name) || VALUES.contains(name);
    let all = || [KEYS.as_slice(), &VALUES].concat().join(", ");
    if let Some(name) = names.iter().find(|name| !is_known(name)) {
        return fail(format!("there is no column `{name}`; the first line names some of {}", all()));
    }
    if let Some(name) = names.iter().enumerate().find(|(at, name)| names.iter().take(*at).any(|other| other == *name)) {
        return fail(format!("the column `{}` is there twice", name.1));
    }
    if !names.iter().any(|name| VALUES.contains(&name) || name == "lines") {
        return fail(format!("no column says anything of a post; the first line names some of {}", all()));
    }
    Ok(())
}

fn row(names: &csv::StringRecord, cells: &csv::StringRecord, line: u64, zone: &TimeZone) -> Result<Row, String> {
    let mut row = Row { line, ..Row::default() };
    for (name, cell) in names.iter().zip(cells).filter(|(_, cell)| !cell.is_empty()) {
        let field = match name {
            "file" => &mut row.file,
            "id" => &mut row.id,
            "uid" => &mut row.uid,
            "channel" => &mut row.channel,
            "author" => &mut row.author,
            "url" if cell.starts_with("https://") || cell.starts_with("http://") => &mut row.url,
            "url" => return Err(format!("`{cell}` is no address; write https://…")),
            "handle" => {
                row.handle = Some(handle(cell)?);
                continue;
            }
            "date" => {
                let date = parse_date(cell, zone);
                row.date = Some(date.ok_or_else(|| {
                    format!("`{cell}` is no date; write 2024, 2024-06, 2024-06-24 or 2024-06-24T10:00:00Z")
                })?);
                continue;
            }
            _ => {
                row.lines = Some(lines(cell)?);
                continue;
            }
        };
        *field = Some(cell.to_owned());
    }
    let says =
        row.date.is_some() || [&row.channel, &row.handle, &row.author, &row.url].iter().any(|field| field.is_some());
    if says || row.lines.is_some() { Ok(row) } else { Err("it says nothing of a post".to_owned()) }
}

/// A public name, without the sign or address that people write before it.
fn handle(cell: &str) -> Result<String, String> {
    let name = cell.trim_start_matches("https://").trim_start_matches("t.me/").trim_start_matches('@');
    let is_name = name.len() >= 3 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name
        .then(|| name.to_owned())
        .ok_or_else(|| format!("`{cell}` is no public name; write one such as harbour_news"))
}

/// `13` or `13-22`, counted from 1.
fn lines(cell: &str) -> Result<(u64, u64), String> {
    let (first, last) = cell.split_once(['-', '–']).unwrap_or((cell, cell));
    let number = |text: &str| text.trim().parse::<u64>().ok().filter(|number| *number > 0);
    let range = number(first).zip(number(last)).filter(|(first, last)| first <= last);
    range.ok_or_else(|| format!("`{cell}` are no lines; write 13 or 13-22, counted from 1"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Source;

    fn parse(table: &str) -> Result<Overrides, String> {
        Overrides::parse(table.as_bytes(), &TimeZone::UTC).map_err(|error| error.to_string())
    }

    fn record(id: Option<&str>, lines: (u64, u64)) -> Record {
        Record {
            id: id.map(str::to_owned),
            source: Source { file: "s/a.txt".into(), place: Some(Place::Lines(lines.0, lines.1)), copies: Vec::new() },
            ..Record::default()
        }
    }

    #[test]
    fn rows_are_found_by_whatever_names_posts() {
        let table = "\u{feff}file,lines,id,uid,date,channel,handle\n,3-5,,,2024-06-24,,\n,,7,,,Harbour,@harbour_news\na.txt,,,,,All,\nb.txt,,,,,Other,\n,,,a/8,2023,,\n";
        let mut overrides = parse(table).unwrap();
        let mut third = record(None, (3, 9));
        third.flags = vec!["boundary_uncertain".into()];
        assert!(overrides.apply(&mut third));
        assert_eq!(set_by_hand(&third), ["date", "channel"]);
        assert_eq!((third.date.unwrap().text.as_str(), third.channel.as_deref()), ("2024-06-24", Some("All")));
        assert!(third.flags.is_empty());
        let mut seventh = record(Some("7"), (20, 20));
        overrides.apply(&mut seventh);
        assert_eq!(seventh.url.as_deref(), Some("https://t.me/harbour_news/7"));
        let mut eighth = record(Some("8"), (30, 30));
        overrides.apply(&mut eighth);
        assert_eq!(eighth.date.unwrap().text, "2023");
        assert_eq!(overrides.unused(), [5]);
    }

    #[test]
    fn bad_tables_are_refused_with_their_line() {
        let check = |table: &str, expected: &str| {
            let error = parse(table).unwrap_err();
            assert!(error.contains(expected), "{error}");
        };
        check("when,lines\n", "line 1: there is no column `when`");
        check("id,id,date\n", "line 1: the column `id` is there twice");
        check("id,uid\n", "line 1: no column says anything");
        check("id,date\n1,2024\n2,soon\n", "line 3: `soon` is no date");
        check("id,date\n1\n", "line 2: it has 1 cells where the header has 2");
        check("lines,date\n0-3,2024\n", "line 2: `0-3` are no lines");
        check("lines,date\n9-3,2024\n", "line 2: `9-3` are no lines");
        check("lines\n1-4\n\n4-6\n", "line 4: its lines overlap those of line 2");
        check("id,url\n1,javascript:x\n", "line 2: `javascript:x` is no address");
        check("id,handle\n1,a b\n", "line 2: `a b` is no public name");
        check("id,date\n1,\n", "line 2: it says nothing");
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>, text in "(lines|id|date|[0-9,\n\"-]){0,40}") {
            _ = Overrides::parse(&bytes, &TimeZone::UTC);
            _ = parse(&text);
        }
    }
}
