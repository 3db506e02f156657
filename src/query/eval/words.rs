//! The lists of terms and of prefixes.

use super::Evaluator;
use crate::format::{Fetch, gather};
use crate::query::{DocSet, Forms};

impl Evaluator<'_> {
    /// The records that hold a term, in whichever language.
    pub(super) fn term_docs(&self, term: &str) -> Fetch<DocSet> {
        self.container.because(
            || format!("the posts with {term}"),
            || match self.index.infos(self.container, term)? {
                Some(infos) => self.index.union(self.container, &infos),
                None => Ok(None),
            },
        )
    }

    /// The records that hold a word in any of its forms.
    pub(super) fn forms_docs(&self, forms: &Forms) -> Fetch<DocSet> {
        let sets = gather(forms.all().map(|form| self.term_docs(form)))?;
        let open = if forms.prefix { self.prefix_docs(&forms.word)? } else { Some(DocSet::default()) };
        let (Some(mut sets), Some(open)) = (sets, open) else { return Ok(None) };
        sets.push(open);
        Ok(Some(DocSet::union(&sets)))
    }

    /// The records that hold a term that begins like this.
    pub(super) fn prefix_docs(&self, prefix: &str) -> Fetch<DocSet> {
        let why = || format!("the posts with a word that begins with {prefix}");
        self.container.because(why, || self.index.prefix_docs(self.container, prefix))
    }
}
