//! Values of fields: dates, columns of facets and of numbers.
//!
//! Columns are read for the records that the rest of a query left, and no others.

use super::Evaluator;
use crate::collector;
use crate::format::{Fetch, gather};
use crate::query::{DocSet, Field, Query, Test};

impl Evaluator<'_> {
    /// Those of these records that answer a query of nothing but fields.
    pub(super) fn field_docs(&self, query: &Query, docs: &DocSet) -> Fetch<DocSet> {
        let each = |parts: &[Query]| gather(parts.iter().map(|part| self.field_docs(part, docs)));
        match query {
            Query::Field(Field { name, test: Some(test), .. }) => {
                self.container.because(|| format!("the posts' {name}"), || self.test_docs(test, docs))
            }
            Query::And(parts) => Ok(each(parts)?.map(|sets| DocSet::intersection(&sets).unwrap_or_default())),
            Query::Or(parts) => Ok(each(parts)?.map(|sets| DocSet::union(&sets))),
            Query::Not(inner) => Ok(self.field_docs(inner, docs)?.map(|inner| docs.difference(&inner))),
            // A field whose values are not here yet.
            _ => Ok(None),
        }
    }

    fn test_docs(&self, test: &Test, docs: &DocSet) -> Fetch<DocSet> {
        match test {
            Test::Values { ords, .. } if ords.is_empty() => Ok(Some(DocSet::default())),
            Test::Values { facet, ords } => match self.names.facets.get(*facet) {
                Some(facet) => collector::with_any_value(facet, self.container, docs, ords),
                None => Ok(Some(DocSet::default())),
            },
            #[cfg(feature = "more")]
            Test::Dated { column, start, end } => {
                let Some(column) = self.names.numbers.get(*column) else { return Ok(Some(DocSet::default())) };
                let fits = column.within(self.names.times, self.container, *start..*end, &docs.to_vec())?;
                let kept =
                    |fits: Vec<bool>| docs.iter().zip(fits).filter(|(_, fits)| *fits).map(|(doc, _)| doc).collect();
                Ok(fits.map(|fits| DocSet::from_sorted(kept(fits))))
            }
            Test::Within { start, end } => collector::within(self.names.times, self.container, *start, *end, docs),
            #[cfg(feature = "more")]
            Test::Number { column, min, max } => {
                let Some(column) = self.names.numbers.get(*column) else { return Ok(Some(DocSet::default())) };
                let Some(numbers) = column.numbers(self.container, &docs.to_vec())? else { return Ok(None) };
                let fits = |number: &Option<i64>| number.is_some_and(|number| (*min..=*max).contains(&number));
                let kept = docs.iter().zip(&numbers).filter(|(_, number)| fits(number));
                Ok(Some(DocSet::from_sorted(kept.map(|(doc, _)| doc).collect())))
            }
        }
    }
}
