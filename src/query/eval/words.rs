//! The lists of terms and of prefixes.

use super::Evaluator;
use crate::format::Fetch;
use crate::query::DocSet;

impl Evaluator<'_> {
    /// The records that hold a term, in whichever language.
    pub(super) fn term_docs(&self, term: &str) -> Fetch<DocSet> {
        match self.index.infos(self.container, term)? {
            Some(infos) => self.index.union(self.container, &infos),
            None => Ok(None),
        }
    }

    /// The records that hold a term that begins like this.
    pub(super) fn prefix_docs(&self, prefix: &str) -> Fetch<DocSet> {
        self.index.prefix_docs(self.container, prefix)
    }
}
