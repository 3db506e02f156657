//! Tables: rows of named values, whatever they are written in, become records.
//!
//! A row is a JSON object; that of a CSV has a text for each cell that is not empty. A [`Plan`] says which of its values is the
//! text, which the date, and so on: as `--map` says, as the table's preset says, or by the names of its columns. It is made once,
//! from the first rows, and said in the account. What it does not name is kept under its own name. Where two columns would do, and
//! where a date can be read in two ways, nothing is guessed: the error says what was seen and which option decides.
//!
//! *Useful for* every reader whose input has named values. *Not useful for* formats that say what their values mean.

mod column;
mod dates;
mod guess;
mod options;
mod preset;
mod telethon;

use std::cell::Cell;
use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};

pub use options::{Kind, Mapped, TableOptions};

use self::column::{names_of, take};
use self::dates::{DateReader, OrderEvidence};
use self::guess::Choice;
use self::preset::Preset;
use super::entities;
use super::error::IngestErrorKind;
use crate::record::{Place, Record, Source};
use crate::record_json::{self, KEYS};

/// A row: values by the names of their columns.
pub(super) type Row = Map<String, Value>;

/// Rows by which columns are told apart.
pub(super) const SAMPLE_ROWS: usize = 1000;

/// Bytes of rows by which columns are told apart, where that is less.
pub(super) const SAMPLE_LEN: usize = 4 << 20;

/// Keys under which records have what they say or show.
const CONTENT: [&str; 8] = ["text", "title", "media", "poll", "links", "forwarded_from", "kind", "uid"];

/// What programs write into cells in which there is nothing, and nobody else.
const NOTHING: [&str; 7] = ["nan", "NaN", "NaT", "NULL", "<NA>", "\\N", "#N/A"];

/// What they write besides, and people may in fields of their own.
const NO_NAMES: [&str; 2] = ["None", "null"];

/// Fields in which anything may be said.
const TEXTS: [&str; 2] = ["text", "title"];

/// Fields of records that are numbers to some programs, which may have made decimals of them.
const IDS: [&str; 4] = ["id", "reply_to", "thread", "album"];

/// How much a table must say of itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Demand {
    /// A column of texts must be found, and each value is a text: those of a column that are numbers throughout become numbers. Where
    /// semicolons stand between cells, a comma may stand before the decimals of one.
    Cells { has_commas: bool },
    /// A column of texts must be found: any list has objects, so one without texts is not understood.
    Text,
    /// Records may do without: the format says itself what its values mean.
    Nothing,
}

/// How the rows of a table become records.
#[derive(Debug)]
pub(super) struct Plan {
    preset: Option<&'static Preset>,
    moves: Vec<Move>,
    /// Columns of texts that are numbers throughout.
    numbers: BTreeSet<String>,
    dates: DateReader,
    /// Dates that could not be read.
    num_unread: Cell<u64>,
    /// Texts in columns of numbers that are none.
    num_no_numbers: Cell<u64>,
    /// Cells that say that there is nothing in them.
    num_nothing: Cell<u64>,
    /// Whether each value is the text of a cell.
    are_cells: bool,
    /// Whether a comma may stand before decimals.
    has_commas: bool,
    notes: Vec<String>,
}

/// A value that goes to a field.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Move {
    field: String,
    /// The column's name, or a path into nested objects.
    column: String,
    kind: Kind,
}

impl Plan {
    /// Decides from the first rows of a table.
    ///
    /// # Errors
    ///
    /// `Undecided`.
    pub(super) fn decide(
        rows: &[Row],
        options: &TableOptions,
        demand: Demand,
        zone: &TimeZone,
    ) -> Result<Self, IngestErrorKind> {
        let cleared: Vec<Row>;
        let rows = if matches!(demand, Demand::Cells { .. }) {
            cleared = rows.iter().cloned().map(without_nothing).collect();
            &cleared
        } else {
            rows
        };
        let columns = names_of(rows);
        let mut moves = Vec::new();
        for mapped in &options.map {
            if !rows.iter().any(|row| column::get(row, &mapped.column).is_some()) && !rows.is_empty() {
                let seen =
                    format!("there is no column `{}`; the columns are {}", mapped.column, column::list(&columns));
                return Err(undecided(seen, &format!("--map {}=COLUMN", mapped.field)));
            }
            moves.push(Move { field: mapped.field.clone(), column: mapped.column.clone(), kind: mapped.kind });
        }
        // What was extracted says itself what its values mean, whatever its other fields are called.
        let is_extracted =
            !rows.is_empty() && rows.iter().all(|row| row.contains_key("uid") && row.contains_key("kind"));
        let preset = if is_extracted { None } else { preset::of(rows) };
        for (field, column) in preset.iter().flat_map(|preset| preset.columns) {
            // Of several columns for one field, a row has its value in the first that it has.
            let is_asked_for = options.map.iter().any(|mapped| mapped.field == *field);
            if !is_asked_for && rows.iter().any(|row| column::get(row, column).is_some()) {
                moves.push(Move {
                    field: (*field).to_owned(),
                    column: (*column).to_owned(),
                    kind: Kind::of_field(field),
                });
            }
        }
        if preset.is_none() && !is_extracted {
            add_guessed(&mut moves, rows, &columns, options, demand)?;
        }
        let dates = date_reader(rows, &moves, options, zone)?;
        let (are_cells, has_commas) = match demand {
            Demand::Cells { has_commas } => (true, has_commas),
            Demand::Text | Demand::Nothing => (false, false),
        };
        let taken: BTreeSet<&str> = moves.iter().map(|found| found.column.as_str()).collect();
        let is_own = |name: &&String| !taken.contains(name.as_str()) && !is_known(name);
        let numbers = columns.iter().filter(|_| are_cells).filter(is_own);
        let numbers = numbers.filter(|name| guess::is_numeric(rows, name, has_commas));
        let numbers = numbers.cloned().collect();
        let mut notes = describe(preset, &moves);
        if !is_extracted && !has_field(&moves, "date") && !columns.iter().any(|name| name == "date") {
            let is_free = |name: &&String| !moves.iter().any(|to| to.column == **name);
            let format = options.date_format.as_deref();
            let of_dates = guess::of_dates(rows, &columns.iter().filter(is_free).collect::<Vec<_>>(), format);
            let listed = column::list(&of_dates);
            let note =
                format!("no column was taken for the date: {listed} hold dates, `--map date=COLUMN` says which it is");
            notes.extend((of_dates.len() > 1).then_some(note));
            let is_vain = of_dates.is_empty() && format.is_some() && !rows.is_empty();
            let columns = column::list(&columns);
            let note = format!(
                "no column was taken for the date: none holds dates as `--date-format` has them; the columns are {columns}"
            );
            notes.extend(is_vain.then_some(note));
        }
        if demand == Demand::Nothing && !rows.is_empty() && says_nothing(rows) && !has_field(&moves, "text") {
            let columns = column::list(&columns);
            notes.push(format!("no text was found, `--map text=COLUMN` says where it is; the columns are {columns}"));
        }
        let [num_unread, num_no_numbers, num_nothing] = [0; 3].map(Cell::new);
        Ok(Self {
            preset,
            moves,
            numbers,
            dates,
            num_unread,
            num_no_numbers,
            num_nothing,
            are_cells,
            has_commas,
            notes,
        })
    }

    /// What was decided, for people.
    pub(super) fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    /// What was found on the way, for people; once.
    pub(super) fn closing_note(&self) -> Option<String> {
        let said = [
            ("values that no date could be read from", self.num_unread.take()),
            ("values in columns of numbers that are none", self.num_no_numbers.take()),
        ];
        let said = said.into_iter().filter(|(_, count)| *count > 0);
        let mut said: Vec<String> = said.map(|(what, count)| format!("{what}, kept as they are: {count}")).collect();
        let num_nothing = self.num_nothing.take();
        said.extend(
            (num_nothing > 0)
                .then(|| format!("cells that say `None`, `nan` or the like, taken as empty: {num_nothing}")),
        );
        (!said.is_empty()).then(|| said.join("; "))
    }

    /// A row as an object with the keys of [`crate::record_json`].
    ///
    /// # Errors
    ///
    /// `Undecided`: a date that can be read in two ways, where the rows before it said nothing.
    pub(super) fn apply(&self, mut row: Row) -> Result<Row, IngestErrorKind> {
        if let Some(prepare) = self.preset.and_then(|preset| preset.prepare) {
            prepare(&mut row);
        }
        if self.are_cells {
            let before = row.len();
            row.retain(|name, value| !is_nothing(value) || self.is_of_words(name));
            self.num_nothing.set(self.num_nothing.get() + (before - row.len()) as u64);
        }
        for name in &self.numbers {
            if let Some(value) = row.get_mut(name)
                && let Some(number) = value.as_str().and_then(|text| guess::number(text, self.has_commas))
            {
                *value = number;
            }
        }
        let mut found: Vec<(&Move, Value)> = Vec::new();
        for to in &self.moves {
            if found.iter().any(|(other, _)| other.field == to.field) {
                continue;
            }
            if self.says_nothing(to, &row) {
                row.shift_remove(&to.column);
                self.num_nothing.set(self.num_nothing.get() + 1);
            } else if !(to.kind == Kind::Media && row.get(&to.column).is_some_and(column::is_flag))
                && let Some(value) = take(&mut row, &to.column)
            {
                found.push((to, value));
            }
        }
        for (to, value) in found {
            let value = self.convert(to, value)?;
            if to.kind == Kind::Media {
                add_links(&mut row, &value);
            }
            let value = if to.kind == Kind::Media { column::attachments(&value) } else { value };
            if let Some(other) = row.insert(to.field.clone(), value) {
                let mut name = format!("{}_", to.field);
                while row.contains_key(&name) {
                    name.push('_');
                }
                row.insert(name, other);
            }
        }
        column::join_text(&mut row);
        Ok(row)
    }

    /// Whether the words of a record come from a column, in which anything may stand.
    fn is_of_words(&self, column: &str) -> bool {
        TEXTS.contains(&column) || self.moves.iter().any(|to| to.column == column && TEXTS.contains(&&*to.field))
    }

    /// Whether the cell that a field of records is to have says in a word of programs that there is nothing in it.
    fn says_nothing(&self, to: &Move, row: &Row) -> bool {
        let may_say_so = self.are_cells && is_known(&to.field) && !TEXTS.contains(&&*to.field);
        may_say_so && row.get(&to.column).and_then(Value::as_str).is_some_and(|cell| NO_NAMES.contains(&cell.trim()))
    }

    fn convert(&self, to: &Move, value: Value) -> Result<Value, IngestErrorKind> {
        Ok(match to.kind {
            Kind::Text => match value {
                Value::Number(number) => Value::String(number.to_string()),
                Value::Bool(flag) => Value::String(flag.to_string()),
                Value::String(text) if self.are_cells && IDS.contains(&&*to.field) => {
                    Value::from(record_json::whole(text.trim()))
                }
                value => value,
            },
            Kind::Number => {
                let number = value.as_str().and_then(|text| guess::number(text, self.has_commas));
                let is_none = value.as_str().is_some_and(|text| !text.trim().is_empty()) && number.is_none();
                self.num_no_numbers.set(self.num_no_numbers.get() + u64::from(is_none));
                number.unwrap_or(value)
            }
            Kind::List | Kind::Media => column::split_list(value),
            Kind::Facet => value,
            Kind::Date => match self.dates.read(&value) {
                Ok(Some(text)) => Value::String(text),
                Ok(None) => {
                    let is_absent = value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
                    self.num_unread.set(self.num_unread.get() + u64::from(!is_absent));
                    value
                }
                Err(dates::Undecided) => return Err(ambiguous_date(&to.column, value.as_str().unwrap_or_default())),
            },
        })
    }
}

/// Adds the columns that names, and where there are none, values tell.
fn add_guessed(
    moves: &mut Vec<Move>,
    rows: &[Row],
    columns: &[String],
    options: &TableOptions,
    demand: Demand,
) -> Result<(), IngestErrorKind> {
    let mut free: Vec<&String> = columns.iter().collect();
    free.retain(|name| !moves.iter().any(|found| found.column == **name));
    for (field, names) in guess::NAMES {
        if has_field(moves, field) {
            continue;
        }
        let choice = match *field {
            "text" => guess::text(rows, &free, names, if says_nothing(rows) { Demand::Text } else { demand }),
            "date" => {
                let demand = if options.date_format.is_some() { Demand::Text } else { demand };
                let format = options.date_format.as_deref();
                match guess::date(rows, &free, names, (demand, format)) {
                    Choice::None if demand != Demand::Nothing => guess::only_date(rows, &free, format),
                    choice => choice,
                }
            }
            _ => guess::named(rows, &free, field, names),
        };
        match choice {
            Choice::None
                if *field == "text"
                    && demand != Demand::Nothing
                    && !rows.is_empty()
                    && !columns.iter().any(|name| guess::is_title(name)) =>
            {
                let seen = format!("no column looks like the text; the columns are {}", column::list(columns));
                let are_unnamed =
                    matches!(demand, Demand::Cells { .. }) && columns.iter().all(|name| name.starts_with("column"));
                let option = if are_unnamed { "--header yes` or `--map text=COLUMN" } else { "--map text=COLUMN" };
                return Err(undecided(seen, option));
            }
            Choice::None => {}
            // What a format says itself needs no reading; `date` comes here where it does.
            Choice::One(column) if demand == Demand::Nothing && column == *field && column != "date" => {}
            Choice::One(column) => {
                free.retain(|name| **name != column);
                moves.push(Move { field: (*field).to_owned(), column, kind: Kind::of_field(field) });
            }
            Choice::Several(several) => {
                let seen = format!("{} columns look like the {field}: {}", several.len(), column::list(&several));
                let first = several.first().cloned().unwrap_or_default();
                return Err(undecided(seen, &format!("--map {field}={first}")));
            }
        }
    }
    Ok(())
}

fn is_nothing(value: &Value) -> bool {
    value.as_str().is_some_and(|cell| NOTHING.contains(&cell.trim()))
}

/// A row of the sample without the cells in which there is nothing, but for those of words.
fn without_nothing(mut row: Row) -> Row {
    row.retain(|name, value| !is_nothing(value) || guess::is_of_words(name));
    row
}

/// Whether an object has what a record is made of.
pub(super) fn is_of_post(row: &Row) -> bool {
    guess::is_of_post(row)
}

/// Whether no row has anything under a name that says what it is: its text may stand under another one.
fn says_nothing(rows: &[Row]) -> bool {
    !rows.iter().any(|row| CONTENT.iter().any(|name| row.contains_key(*name)))
}

/// How dates are read, by what all values of the sample show.
fn date_reader(
    rows: &[Row],
    moves: &[Move],
    options: &TableOptions,
    zone: &TimeZone,
) -> Result<DateReader, IngestErrorKind> {
    let mut order = None;
    for to in moves.iter().filter(|to| to.kind == Kind::Date && options.date_format.is_none()) {
        let mut evidence = OrderEvidence::default();
        for value in rows.iter().filter_map(|row| column::get(row, &to.column)) {
            value.as_str().into_iter().for_each(|text| evidence.add(text));
        }
        match (evidence.order(), &evidence) {
            (Some(found), _) => order = Some(found),
            (None, OrderEvidence { first: Some(first), second: Some(second), .. }) => {
                let seen = format!("column `{}` has both {first} and {second}", to.column);
                return Err(undecided(seen, "--date-format %d/%m/%Y"));
            }
            (None, OrderEvidence { either: Some(value), .. }) => return Err(ambiguous_date(&to.column, value)),
            (None, _) => {}
        }
    }
    Ok(DateReader::new(options.date_format.as_deref(), order, zone))
}

fn ambiguous_date(column: &str, value: &str) -> IngestErrorKind {
    let seen = format!("in column `{column}`, {value} may have the day or the month first, and no value shows which");
    undecided(seen, "--date-format %d/%m/%Y` or `--date-format %m/%d/%Y")
}

fn undecided(seen: String, option: &str) -> IngestErrorKind {
    IngestErrorKind::Undecided { seen, option: option.to_owned() }
}

fn has_field(moves: &[Move], field: &str) -> bool {
    moves.iter().any(|found| found.field == field)
}

fn describe(preset: Option<&Preset>, moves: &[Move]) -> Vec<String> {
    let renamed = moves.iter().filter(|to| to.field != to.column);
    let columns: Vec<String> = renamed.map(|to| format!("{} is `{}`", to.field, to.column)).collect();
    let mut notes: Vec<String> = preset.iter().map(|preset| format!("recognised as {}", preset.title)).collect();
    if !columns.is_empty() {
        notes.push(format!("columns: {}", columns.join(", ")));
    }
    notes
}

/// Addresses among the names of media are links too: nothing else would lead to them.
fn add_links(row: &mut Row, media: &Value) {
    let addresses =
        media.as_array().into_iter().flatten().filter_map(Value::as_str).filter(|text| text.contains("://"));
    let addresses: Vec<Value> = addresses.map(Value::from).collect();
    if addresses.is_empty() {
        return;
    }
    match row.entry("links").or_insert_with(|| Value::Array(Vec::new())) {
        Value::Array(links) => links.extend(addresses),
        other => *other = Value::Array(std::iter::once(other.take()).chain(addresses).collect()),
    }
}

/// The record of a row that a plan was applied to.
pub(super) fn row_record(row: Row, place: Place, file: &str, zone: &TimeZone) -> Record {
    let mut record = record_json::from_json(row, zone);
    // What was extracted says all that there is: whoever read it first knew what is a tag and what is not.
    let is_extracted = !record.uid.is_empty() && record.source != Source::default();
    if record.source == Source::default() {
        record.source = Source { file: file.to_owned(), place: Some(place), copies: Vec::new() };
    }
    if !is_extracted {
        // Uids are made by whoever builds: what a source calls so is a field of its own.
        if !record.uid.is_empty() {
            let uid = std::mem::take(&mut record.uid);
            record.fields.insert(0, ("uid".to_owned(), Value::from(uid).to_string()));
        }
        entities::fill(&mut record);
    }
    record
}

/// Whether a column's name is one under which tables keep a field of records.
pub(super) fn knows_column(name: &str) -> bool {
    let name = guess::normal(name);
    KEYS.contains(&name.as_str()) || guess::NAMES.iter().any(|(_, names)| names.contains(&name.as_str()))
}

/// Whether a cell is a date, whichever of its parts is the day.
pub(super) fn says_date(cell: &str) -> bool {
    let is_number = cell.parse::<f64>().is_ok();
    !is_number && !matches!(DateReader::new(None, None, &TimeZone::UTC).read(&Value::from(cell)), Ok(None))
}

/// Whether a row holds something that a record needs, so that a list of such rows is a list of records.
pub(super) fn looks_like_record(row: &Row, options: &TableOptions) -> bool {
    if options.map.iter().any(|mapped| mapped.field == "text") {
        return options.map.iter().any(|mapped| mapped.field == "text" && column::get(row, &mapped.column).is_some());
    }
    let names = guess::NAMES.iter().filter(|(field, _)| *field == "text").flat_map(|(_, names)| *names);
    names.chain(&["text"]).any(|name| row.keys().any(|key| guess::normal(key) == *name))
        || preset::of(std::slice::from_ref(row)).is_some()
}

/// Whether a field is one that records have.
fn is_known(field: &str) -> bool {
    KEYS.contains(&field)
}

#[cfg(test)]
mod tests;
