//! What the fields of a query mean in several archives that are searched as one.
//!
//! A name or a value is known if any of them has it. What it is in each differs: numbers of values, units of columns.

use super::{Binder, Names, Unknown, facet_of, same_name};
use crate::error::Result;
use crate::query::ast::{Field, Query, Test};
use crate::query::parser::{Parsed, Problem};

/// The query with its fields' tests, once for each archive. Fields whose values are not here yet in all of them have none; their
/// blocks are then asked for.
///
/// # Errors
/// A block of values is lost or malformed.
pub fn bind_each(parsed: &mut Parsed, names: &[Names<'_>]) -> Result<Vec<Query>> {
    let mut fields = Vec::new();
    collect(&parsed.query, &mut fields);
    let mut meanings = Vec::with_capacity(fields.len());
    let mut problem = None;
    for (field, at) in fields.iter().zip(parsed.places.iter().copied().chain(std::iter::repeat(0))) {
        meanings.push(match meaning(field, names) {
            Ok(tests) => Meaning::Tests(tests?),
            Err(Unknown { message, words }) => {
                problem.get_or_insert(Problem { at, message });
                words.map_or_else(|| Meaning::Tests(vec![Some(nothing()); names.len()]), Meaning::Words)
            }
        });
    }
    if parsed.problem.is_none() {
        parsed.problem = problem;
    }
    Ok((0..names.len())
        .map(|archive| {
            let mut query = parsed.query.clone();
            put(&mut query, archive, &mut meanings.iter());
            query
        })
        .collect())
}

/// The place of a column of numbers in each of the archives; `None` where they do not have it together. An archive that has it as a
/// facet alone has values that are no numbers, and dates are no numbers where others have numbers.
#[must_use]
pub fn column_in_each(name: &str, names: &[Names<'_>]) -> Option<Vec<Option<usize>>> {
    let places: Vec<Option<usize>> = names.iter().map(|names| names.number(name)).collect();
    let is_text = |(names, place): (&Names<'_>, &Option<usize>)| place.is_none() && has_facet(names, name);
    let columns = || names.iter().zip(&places).filter_map(|(names, place)| names.numbers.get((*place)?));
    let is_one = columns().all(|column| columns().all(|other| column.is_date == other.is_date));
    let whole = places.iter().any(Option::is_some) && is_one && !names.iter().zip(&places).any(is_text);
    whole.then_some(places)
}

fn has_facet(names: &Names<'_>, name: &str) -> bool {
    names.facets.iter().any(|facet| same_name(&facet.name, name))
}

/// What a field becomes.
enum Meaning {
    /// A test for each archive.
    Tests(Vec<Option<Test>>),
    /// Words.
    Words(Query),
}

/// What no record passes.
fn nothing() -> Test {
    Test::Values { facet: 0, ords: Vec::new() }
}

fn meaning(field: &Field, names: &[Names<'_>]) -> std::result::Result<Result<Vec<Option<Test>>>, Unknown> {
    let has_column = column_in_each(&field.name, names).is_some();
    let (mut tests, mut unknowns, mut is_known, mut is_missing) = (Vec::new(), Vec::new(), false, false);
    for names in names {
        let column = names.number(&field.name).is_some();
        let facet = has_facet(names, facet_of(&field.name).0);
        let names = if has_column { *names } else { Names { numbers: &[], ..*names } };
        let binder = Binder { names, places: [].iter(), problem: None };
        match binder.test(field) {
            Ok(Ok(test)) => {
                is_known |= test.is_some();
                is_missing |= test.is_none();
                tests.push(test);
            }
            Ok(Err(error)) => return Ok(Err(error)),
            Err(unknown) => {
                unknowns.push(((facet, column), unknown));
                tests.push(Some(nothing()));
            }
        }
    }
    if is_known {
        return Ok(Ok(tests));
    }
    // As long as one of them may know it, nothing is decided.
    if is_missing {
        return Ok(Ok(vec![None; names.len()]));
    }
    // What is said is what the one says that knows most of it.
    let most = unknowns.iter().enumerate().max_by_key(|(place, (known, _))| (*known, std::cmp::Reverse(*place)));
    let most = most.map(|(place, _)| place).unwrap_or_default();
    match unknowns.into_iter().nth(most) {
        Some((_, unknown)) => Err(unknown),
        None => Ok(Ok(tests)),
    }
}

/// The fields of a query, in order.
fn collect(query: &Query, fields: &mut Vec<Field>) {
    match query {
        Query::And(parts) | Query::Or(parts) => parts.iter().for_each(|part| collect(part, fields)),
        Query::Not(inner) => collect(inner, fields),
        Query::Field(field) => fields.push(field.clone()),
        _ => {}
    }
}

/// Gives the fields of a query, in order, what they become in one of the archives.
fn put<'m>(query: &mut Query, archive: usize, meanings: &mut impl Iterator<Item = &'m Meaning>) {
    match query {
        Query::And(parts) | Query::Or(parts) => parts.iter_mut().for_each(|part| put(part, archive, meanings)),
        Query::Not(inner) => put(inner, archive, meanings),
        Query::Field(field) => match meanings.next() {
            Some(Meaning::Tests(tests)) => field.test = tests.get(archive).cloned().flatten(),
            Some(Meaning::Words(words)) => *query = words.clone(),
            None => {}
        },
        _ => {}
    }
}
