//! What the fields of a query mean in an archive: names become facets, columns of numbers or dates, values become their numbers.
//!
//! A field that the archive does not have is searched as plain words; a value that it does not have finds nothing. Both are said.

#[cfg(feature = "more")]
pub mod each;

use super::ast::{Field, Query, Test};
use super::parser::{Parsed, Problem, plain};
use crate::error::Result;
use crate::facet::{FacetReader, ValueOrd};
use crate::format::Container;
#[cfg(feature = "more")]
use crate::number::Typed;
use crate::number::{COLUMNS, NumberReader};
use crate::text::fold::fold;
use crate::time::TimeReader;
#[cfg(feature = "more")]
use crate::time::civil::MAX_INSTANT;
use crate::time::civil::Period;

/// Facets that only queries name: nobody needs their counts beside the results.
pub const UNLISTED: [&str; 6] = ["is", "kind", "group", "reply_to", "thread", "album"];

/// What fields are looked up in.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// Blocks.
    pub container: &'a Container,
    /// The archive's facets.
    pub facets: &'a [FacetReader],
    /// Its columns of numbers.
    pub numbers: &'a [NumberReader],
    /// Its dates.
    pub times: &'a TimeReader,
}

impl Names<'_> {
    /// The place of the column of numbers of this name.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<usize> {
        self.numbers.iter().position(|number| same_name(&number.name, name))
    }
}

/// Gives every field of a query its test. A field whose values are not here yet has none; their blocks are then asked for.
///
/// # Errors
/// A block of values is lost or malformed.
pub fn bind(parsed: &mut Parsed, names: Names<'_>) -> Result<()> {
    let mut binder = Binder { names, places: parsed.places.iter(), problem: None };
    binder.bind(&mut parsed.query)?;
    let problem = binder.problem;
    if parsed.problem.is_none() {
        parsed.problem = problem;
    }
    Ok(())
}

struct Binder<'a> {
    names: Names<'a>,
    places: std::slice::Iter<'a, usize>,
    problem: Option<Problem>,
}

/// How a field's value is read.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Meaning {
    /// Whole, folded.
    Whole,
    /// As a host: what it is a domain of counts too.
    Host,
    /// As a period in which the value lies.
    Dates,
}

impl Binder<'_> {
    fn bind(&mut self, query: &mut Query) -> Result<()> {
        match query {
            Query::And(parts) | Query::Or(parts) => {
                for part in parts {
                    self.bind(part)?;
                }
            }
            Query::Not(inner) => self.bind(inner)?,
            Query::Field(field) => {
                let at = self.places.next().copied().unwrap_or_default();
                match self.test(field) {
                    Ok(test) => field.test = test?,
                    Err(Unknown { message, words }) => {
                        self.problem.get_or_insert(Problem { at, message });
                        match words {
                            Some(words) => *query = words,
                            None => field.test = Some(Test::Values { facet: 0, ords: Vec::new() }),
                        }
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// What a field asks for; `Ok(Ok(None))` while its values are not here.
    fn test(&self, field: &Field) -> std::result::Result<Result<Option<Test>>, Unknown> {
        let Field { name, value, .. } = field;
        if let "before" | "after" | "on" | "date" = name.as_str() {
            return self.within(name, value).map(|test| Ok(Some(test))).ok_or_else(|| no_date(field));
        }
        let (facet, label, meaning) = facet_of(name);
        #[cfg(feature = "more")]
        let column = self.names.number(facet);
        // A query with such a field is left to the whole core.
        #[cfg(feature = "more")]
        if let Some(test) = column.and_then(|column| self.measured(column, value)) {
            return Ok(Ok(Some(test)));
        }
        let Some(place) = self.names.facets.iter().position(|reader| same_name(&reader.name, facet)) else {
            return Err(match label {
                Some(label) => Unknown::value(field, label),
                #[cfg(feature = "more")]
                None if column.is_some_and(|column| self.has_dates(column)) => no_date(field),
                #[cfg(feature = "more")]
                None if column.is_some() => {
                    Unknown::words(field, format!("{name}: write a number as >1000, 100..500 or 5"))
                }
                None if COLUMNS.contains(&facet) => Unknown { message: format!("no post has {name}"), words: None },
                None => Unknown::words(field, format!("no field is called {name}")),
            });
        };
        let periods =
            if meaning == Meaning::Dates { Some(periods(value).ok_or_else(|| no_date(field))?) } else { None };
        let Some(reader) = self.names.facets.get(place) else { return Ok(Ok(None)) };
        let values = match reader.values(self.names.container) {
            Ok(Some(values)) => values,
            Ok(None) => return Ok(Ok(None)),
            Err(error) => return Ok(Err(error)),
        };
        let wanted = folded(value);
        let fits = |text: &str| {
            if let Some((from, to)) = periods {
                return text.parse().is_ok_and(|period: Period| lies_within(period, from, to));
            }
            let text = folded(text);
            // What stands before the value, where it ends with it.
            let behind = text.strip_suffix(wanted.as_str());
            behind == Some("")
                || (field.prefix && text.starts_with(&wanted))
                || (meaning == Meaning::Host && behind.is_some_and(|behind| behind.ends_with('.')))
        };
        let ords: Vec<ValueOrd> =
            (0..).zip(&values).filter(|(_, value)| fits(&value.text)).map(|(ord, _)| ord).collect();
        if ords.is_empty() {
            Err(Unknown::value(field, label.unwrap_or(facet)))
        } else {
            Ok(Ok(Some(Test::Values { facet: place, ords })))
        }
    }

    /// The instants that a field of dates leaves.
    fn within(&self, name: &str, value: &str) -> Option<Test> {
        let zone = &self.names.times.zone;
        let (from, to) = periods(value)?;
        let (start, end) = (from.map(|from| zone.instants(from)), to.map(|to| zone.instants(to)));
        let (start, end) = match name {
            "before" => (None, Some(start?.start)),
            "after" => (Some(end?.end), None),
            _ => (start.map(|start| start.start), end.map(|end| end.end)),
        };
        Some(Test::Within { start, end })
    }
}

#[cfg(feature = "more")]
impl Binder<'_> {
    fn has_dates(&self, column: usize) -> bool {
        self.names.numbers.get(column).is_some_and(|column| column.is_date)
    }

    /// What a condition on a column asks of it; `None` where it is none.
    fn measured(&self, column: usize, value: &str) -> Option<Test> {
        if self.has_dates(column) {
            return self.dated(column, value);
        }
        let Typed { min, max } = self.names.numbers.get(column)?.typed(value)?;
        Some(Test::Number { column, min, max })
    }

    /// What a condition such as `>2024`, `<=2024-06`, `2024-01..2024-06` or `2024-06-24` asks of a column of dates.
    fn dated(&self, column: usize, value: &str) -> Option<Test> {
        let instants =
            |text: &str| text.trim().parse().ok().map(|period: Period| self.names.times.zone.instants(period));
        let (start, end) = if let Some(text) = value.strip_prefix(">=") {
            (Some(instants(text)?.start), None)
        } else if let Some(text) = value.strip_prefix("<=") {
            (None, Some(instants(text)?.end))
        } else if let Some(text) = value.strip_prefix('>') {
            (Some(instants(text)?.end), None)
        } else if let Some(text) = value.strip_prefix('<') {
            (None, Some(instants(text)?.start))
        } else {
            let (from, to) = periods(value)?;
            let zone = &self.names.times.zone;
            (from.map(|from| zone.instants(from).start), to.map(|to| zone.instants(to).end))
        };
        let (start, end) = (start.unwrap_or(-MAX_INSTANT), end.unwrap_or(MAX_INSTANT));
        Some(Test::Dated { column, start, end })
    }
}

/// The facet that a field is looked up in, what its values are called, and how they are read.
fn facet_of(name: &str) -> (&str, Option<&str>, Meaning) {
    let known = |facet, label| (facet, Some(label), Meaning::Whole);
    match name {
        "from" | "author" => known("author", "author"),
        "forwarded" | "forwarded_from" => known("forwarded_from", "source of forwarded posts"),
        "site" | "domain" => ("domain", Some("site"), Meaning::Host),
        "about" | "dates_mentioned" => ("dates_mentioned", Some("date in a text"), Meaning::Dates),
        "has" | "is" => known("is", "mark"),
        "lang" => known("lang", "language"),
        plain @ ("channel" | "group" | "kind" | "tag" | "mention" | "media" | "flag" | "year" | "month" | "thread"
        | "album") => known(plain, plain),
        "reply_to" => known("reply_to", "post with replies"),
        user => (user, None, Meaning::Whole),
    }
}

/// A field that cannot be bound: what is said, and what is searched instead.
struct Unknown {
    message: String,
    /// `None` where nothing answers.
    words: Option<Query>,
}

impl Unknown {
    /// Its name says nothing, so it is words.
    fn words(field: &Field, message: String) -> Self {
        Self { message, words: Some(plain(&format!("{} {}", field.name, field.value), field.prefix)) }
    }

    /// Nothing has this value.
    fn value(field: &Field, label: &str) -> Self {
        let begins = if field.prefix { "begins with" } else { "is called" };
        Self { message: format!("no {label} {begins} {}", field.value), words: None }
    }
}

fn no_date(field: &Field) -> Unknown {
    let message = format!("{} is no date: write 2024, 2024-06, 2024-06-24 or 2024-06..2024-07", field.value);
    Unknown::words(field, message)
}

/// Names are the same whatever their case, with a space, a hyphen or an underscore between words.
fn same_name(name: &str, typed: &str) -> bool {
    typed_name(name) == typed_name(typed)
}

/// The name of a field as it is typed in a query, where a space would end it.
#[must_use]
pub fn typed_name(name: &str) -> String {
    fold(name).replace([' ', '-'], "_")
}

/// A value as values are compared: folded, with one space between words.
fn folded(value: &str) -> String {
    fold(value).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `2024-06`, `2024-06..2024-07`, `2024-06..`, `..2024-07`
fn periods(value: &str) -> Option<(Option<Period>, Option<Period>)> {
    let value = value.trim();
    let Some((from, to)) = value.split_once("..") else {
        let period = value.parse().ok()?;
        return Some((Some(period), Some(period)));
    };
    let bound = |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
    let (from, to) = (bound(from)?, bound(to)?);
    (from.is_some() || to.is_some()).then_some((from, to))
}

/// True where a whole period lies between two others.
fn lies_within(period: Period, from: Option<Period>, to: Option<Period>) -> bool {
    from.is_none_or(|from| from.first() <= period.first())
        && to.is_none_or(|to| period.next().first() <= to.next().first())
}
