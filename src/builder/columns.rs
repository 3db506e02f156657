//! Columns of numbers and of dates: the built-in ones, and the fields of sources that become facets.
//!
//! Whether a field is one of dates is known once all records have come: it was said, or most of its values are days or moments.

use jiff::tz::TimeZone;

use super::{FACETS, json_labels};
use crate::error::Result;
use crate::format::writer::ContainerWriter;
use crate::ingest::parse_date;
use crate::number::writer::number_of;
use crate::number::{COLUMNS, NumberReader, NumberWriter};
use crate::record::{Date, Precision, Record};
use crate::time::civil::{DAY, Period};
use crate::time::{Moment, Zone};

/// Instants to which the table of a time zone reaches for dates of fields: years such as 9999 stand for none, and would bring the
/// changes of thousands of summers. Days beyond begin as the table has it, at both sides of a comparison.
const TABLE_SPAN: (i64, i64) = (-2_208_988_800, 4_133_980_800);

/// What the fields that become facets hold, as the records come.
#[derive(Clone, Debug)]
pub(super) struct Evidence {
    fields: Vec<Seen>,
    time_zone: TimeZone,
}

/// What one field holds.
#[derive(Clone, Debug)]
struct Seen {
    name: String,
    /// Whether it was said that these are dates.
    is_said: bool,
    /// Whether any record has it.
    is_there: bool,
    /// Values that are numbers, less those that are none.
    numbers: i64,
    /// Values that are dates to the day or finer, less those that are none. A year alone is a number as well.
    dates: i64,
    /// First and last instant of its dates.
    span: Option<(i64, i64)>,
}

impl Evidence {
    /// Of the fields that become facets, of which some are said to be dates.
    pub(super) fn new(facets: &[String], dates: &[String], time_zone: &TimeZone) -> Self {
        let mut names: Vec<&String> = Vec::new();
        for name in facets.iter().chain(dates) {
            if !names.contains(&name) && !COLUMNS.contains(&name.as_str()) && !FACETS.contains(&name.as_str()) {
                names.push(name);
            }
        }
        let seen = |name: &String| Seen {
            name: name.clone(),
            is_said: dates.contains(name),
            is_there: false,
            numbers: 0,
            dates: 0,
            span: None,
        };
        Self { fields: names.into_iter().map(seen).collect(), time_zone: time_zone.clone() }
    }

    /// Sees the next record.
    pub(super) fn add(&mut self, record: &Record) {
        for seen in &mut self.fields {
            let Some(text) = value(record, &seen.name) else { continue };
            seen.is_there = true;
            seen.numbers += if number_of(&text).is_some() { 1 } else { -1 };
            let date = parse_date(&text, &self.time_zone);
            seen.dates += match &date {
                Some(date) if date.precision >= Precision::Day => 1,
                Some(_) => 0,
                None => -1,
            };
            if let Some(Date { seconds, .. }) = date {
                let (first, last) = seen.span.unwrap_or((seconds, seconds));
                seen.span = Some((first.min(seconds), last.max(seconds)));
            }
        }
    }

    fn of_dates(&self) -> impl Iterator<Item = &Seen> {
        let is_one = |seen: &&Seen| seen.is_there && (seen.is_said || (seen.dates > 0 && seen.numbers <= 0));
        self.fields.iter().filter(is_one)
    }

    /// The instants for which the table of the time zone is to know the offset.
    pub(super) fn span(&self) -> Option<(i64, i64)> {
        let (low, high) = TABLE_SPAN;
        let spans = self.of_dates().filter_map(|seen| seen.span);
        let clamped = spans.map(|(first, last)| (first.clamp(low, high), last.clamp(low, high)));
        clamped.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }
}

/// Collects the columns.
#[derive(Debug)]
pub(super) struct Columns {
    numbers: Vec<(String, NumberWriter)>,
    dates: Vec<(String, NumberWriter)>,
    time_zone: TimeZone,
    zone: Zone,
}

impl Columns {
    /// Starts the columns that there may be; days of dates are those of the archive's table of its time zone.
    pub(super) fn new(user_facets: &[String], said: &[String], evidence: &Evidence, zone: &Zone) -> Self {
        let is_date = |name: &str| evidence.of_dates().any(|seen| seen.name == name);
        let mut names: Vec<&str> = COLUMNS.to_vec();
        for name in user_facets {
            if !names.contains(&name.as_str()) && !FACETS.contains(&name.as_str()) && !is_date(name) {
                names.push(name);
            }
        }
        let is_said = |name: &str| said.iter().any(|said| said == name);
        let writer = |name: &str| if is_said(name) { NumberWriter::said(name) } else { NumberWriter::new(name) };
        Self {
            numbers: names.iter().map(|name| ((*name).to_owned(), writer(name))).collect(),
            dates: evidence.of_dates().map(|seen| (seen.name.clone(), NumberWriter::of_dates(&seen.name))).collect(),
            time_zone: evidence.time_zone.clone(),
            zone: zone.clone(),
        }
    }

    /// Adds the next record, with the number of posts in its group.
    pub(super) fn add(&mut self, record: &Record, copies: Option<u32>) {
        for (name, writer) in &mut self.numbers {
            let count = record.poll.as_ref().and_then(|poll| {
                let votes = || poll.answers.iter().filter_map(|answer| answer.votes).reduce(u64::saturating_add);
                poll.voters.or_else(votes)
            });
            let reactions = record.reactions.iter().map(|reaction| reaction.count).reduce(u64::saturating_add);
            match name.as_str() {
                "views" => writer.add(record.views),
                "reactions" => writer.add(reactions),
                "votes" => writer.add(count),
                "copies" => writer.add(copies.map(u64::from)),
                "length" => writer.add(Some(record.text.chars().count() as u64)),
                user => writer.add_text(value(record, user).as_deref()),
            }
        }
        for (name, writer) in &mut self.dates {
            let date = value(record, name).and_then(|text| parse_date(&text, &self.time_zone));
            writer.add_date(date.map(|date| moment(&date, &self.zone)));
        }
    }

    /// Writes them; returns their parts of the root.
    pub(super) fn finish(self, out: &mut ContainerWriter) -> Result<Vec<NumberReader>> {
        let columns = self.numbers.into_iter().chain(self.dates).map(|(_, writer)| writer.finish(out));
        Ok(columns.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
    }
}

/// The one value of a field of the source; of several there is no one number or date, and an empty text is none.
fn value(record: &Record, name: &str) -> Option<String> {
    let (_, json) = record.fields.iter().find(|(field, _)| field == name)?;
    let mut labels = json_labels(json);
    if labels.len() > 1 { Some(String::new()) } else { labels.pop() }
}

/// A date as its column has it: a day begins where the archive's table has its beginning, since filters ask by that.
fn moment(date: &Date, zone: &Zone) -> Moment {
    let is_of_days = date.precision < Precision::Second;
    let seconds = match date.text.get(..date.text.len().min(10)).and_then(|day| day.parse().ok()) {
        Some(period) if is_of_days => zone.start_of(Period::first(period)),
        Some(period) if date.precision == Precision::LocalSecond && !has_offset_at(zone, date.seconds) => {
            let start = zone.start_of(Period::first(period));
            start + (date.seconds - start).clamp(0, DAY - 1)
        }
        _ => date.seconds,
    };
    Moment { seconds, precision: date.precision }
}

/// Whether the table of a zone reaches to an instant.
fn has_offset_at(zone: &Zone, seconds: i64) -> bool {
    let (first, last) = (zone.changes.first(), zone.changes.last());
    first.zip(last).is_none_or(|((first, _), (last, _))| (*first..*last).contains(&seconds))
}
