//! [`Query`] → the set of records that answer it, and their scores.
//!
//! Each file has one job: `boolean` combines the parts of a query, `field` looks at columns and
//! dates, `words` reads the lists of terms and prefixes, `phrase` finds
//! words side by side, `score` ranks.

mod boolean;
mod field;
mod phrase;
#[cfg(feature = "more")]
pub mod scan;
mod score;
mod words;

#[cfg(feature = "more")]
pub use score::worths;
pub use score::{MAX_SCORED_ENTRIES, Scored};

use std::cell::Cell;

use super::DocSet;
use super::ast::Query;
use crate::format::{Container, Fetch, gather};
use crate::index::IndexReader;
use crate::query::{Names, print};
use crate::store::StoreReader;

/// What evaluation reads.
#[derive(Debug)]
pub struct Evaluator<'a> {
    /// Blocks.
    pub container: &'a Container,
    /// Facets, numbers and dates, for fields.
    pub names: Names<'a>,
    /// Terms and postings.
    pub index: &'a IndexReader,
    /// Texts, for phrases.
    pub store: &'a StoreReader,
    /// Records that could not be checked, since their block is lost; they count as no answer, and the total is a bound.
    pub unchecked: Cell<usize>,
    /// Texts that may still be looked at for this answer; each scan takes from it.
    pub to_scan: Cell<usize>,
    /// Texts that were looked at, and those that must be, over all scans.
    pub progress: Cell<(usize, usize)>,
    /// What earlier requests found in texts.
    #[cfg(feature = "more")]
    pub scanned: &'a scan::Scanned,
    /// Records that count as not there, since a newer segment has them.
    #[cfg(feature = "more")]
    pub hidden: DocSet,
    /// Prefixes of which the segments together have more words than are scored one by one.
    #[cfg(feature = "more")]
    pub many: Vec<String>,
}

impl<'a> Evaluator<'a> {
    /// Reads from these.
    #[must_use]
    pub fn new(
        names: Names<'a>,
        index: &'a IndexReader,
        store: &'a StoreReader,
        #[cfg(feature = "more")] scanned: &'a scan::Scanned,
    ) -> Self {
        Self {
            container: names.container,
            names,
            index,
            store,
            unchecked: Cell::new(0),
            to_scan: Cell::new(usize::MAX),
            progress: Cell::new((0, 0)),
            #[cfg(feature = "more")]
            scanned,
            #[cfg(feature = "more")]
            hidden: DocSet::default(),
            #[cfg(feature = "more")]
            many: Vec::new(),
        }
    }

    /// How many of these records are there.
    #[cfg(feature = "more")]
    fn count(&self, docs: &DocSet) -> usize {
        if self.hidden.is_empty() { docs.len() } else { docs.difference(&self.hidden).len() }
    }

    /// How many of these records are there: in an archive of one segment all are.
    #[cfg(not(feature = "more"))]
    #[expect(clippy::unused_self, reason = "as with the feature")]
    fn count(&self, docs: &DocSet) -> usize {
        docs.len()
    }

    /// Whether a prefix stands for more words than are scored one by one, whatever this archive has.
    #[cfg_attr(not(feature = "more"), expect(clippy::unused_self, reason = "as with the feature"))]
    fn is_many(&self, prefix: &str) -> bool {
        #[cfg(feature = "more")]
        return self.many.iter().any(|many| many == prefix);
        #[cfg(not(feature = "more"))]
        return prefix.is_empty();
    }

    fn num_docs(&self) -> u32 {
        self.store.num_docs()
    }

    /// The records that answer a query.
    pub fn docs(&self, query: &Query) -> Fetch<DocSet> {
        self.docs_or_doubtful(query, false)
    }

    /// The records that answer a query. Those that cannot be checked are among them if `doubtful`: under a minus they must be,
    /// so that what is left is what surely answers, and a total stays a lower bound.
    fn docs_or_doubtful(&self, query: &Query, doubtful: bool) -> Fetch<DocSet> {
        match query {
            _ if query.is_of_fields() => self.field_docs(query, &DocSet::from_range(0..self.num_docs())),
            Query::All => Ok(Some(DocSet::from_range(0..self.num_docs()))),
            Query::Word(term) | Query::Literal(term) => self.term_docs(term),
            Query::Forms(forms) => self.forms_docs(forms),
            Query::Prefix(prefix) => self.prefix_docs(prefix),
            Query::Phrase { .. } | Query::Part(_) | Query::Pattern { .. } => {
                self.and_docs(std::slice::from_ref(query), doubtful)
            }
            // A field whose values are not here yet; others were looked at above.
            Query::Field(_) => Ok(None),
            Query::And(parts) => self.and_docs(parts, doubtful),
            Query::Or(parts) => Ok(self.each(parts, doubtful)?.map(|sets| DocSet::union(&sets))),
            Query::Not(inner) => {
                let all = DocSet::from_range(0..self.num_docs());
                Ok(self.docs_or_doubtful(inner, !doubtful)?.map(|docs| all.difference(&docs)))
            }
        }
    }

    /// Sets of every part; asks for the blocks of all of them before it waits for any.
    fn each<'q>(&self, parts: impl IntoIterator<Item = &'q Query>, doubtful: bool) -> Fetch<Vec<DocSet>> {
        gather(parts.into_iter().map(|part| self.docs_or_doubtful(part, doubtful)))
    }
}
