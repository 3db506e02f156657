//! Parts of a query that must all be answered.

use super::Evaluator;
use crate::format::{Fetch, gather};
use crate::query::{DocSet, Query};

impl Evaluator<'_> {
    /// Fields are looked at for what the other parts left. Positions are the longest lists, so phrases come last, all of them at
    /// once, on what their words and the other parts left.
    pub(super) fn and_docs(&self, parts: &[Query], doubtful: bool) -> Fetch<DocSet> {
        let is_phrase = |part: &&Query| matches!(part, Query::Phrase { .. });
        let (fields, others): (Vec<_>, Vec<_>) = parts.iter().partition(|part| part.is_of_fields());
        let (phrases, others): (Vec<_>, Vec<_>) = others.into_iter().partition(is_phrase);
        let (scans, others): (Vec<_>, Vec<_>) = others.into_iter().partition(|part| part.is_scan());
        let (negated, positive): (Vec<_>, Vec<_>) = others.into_iter().partition(|part| matches!(part, Query::Not(_)));
        let excluded =
            negated.iter().filter_map(|part| if let Query::Not(inner) = part { Some(&**inner) } else { None });
        let candidates = gather(phrases.iter().map(|phrase| self.phrase_candidates(phrase)))?;
        let (positive, excluded) = (self.each(positive, doubtful)?, self.each(excluded, !doubtful)?);
        let (Some(mut sets), Some(excluded), Some(candidates)) = (positive, excluded, candidates) else {
            return Ok(None);
        };
        sets.extend(candidates);
        let docs = DocSet::intersection(&sets).unwrap_or_else(|| DocSet::from_range(0..self.num_docs()));
        let docs = excluded.iter().fold(docs, |docs, set| docs.difference(set));
        let fields = gather(fields.iter().map(|field| self.field_docs(field, &docs)))?;
        let Some(fields) = fields else { return Ok(None) };
        let docs = fields.iter().fold(docs, |docs, set| docs.intersect(set));
        let docs = if phrases.is_empty() { Some(docs) } else { self.with_phrases(&docs, &phrases)? };
        let Some(docs) = docs else { return Ok(None) };
        self.with_scans(docs, &scans, doubtful)
    }

    /// Those of these records that every scan, or part that may not match, leaves; each looks at what the one before left.
    #[cfg(feature = "more")]
    fn with_scans(&self, mut docs: DocSet, scans: &[&Query], doubtful: bool) -> Fetch<DocSet> {
        if !scans.is_empty() {
            docs = docs.difference(&self.hidden);
        }
        for scan in scans {
            let found = match scan {
                Query::Not(inner) => self.scan_docs(inner, &docs, !doubtful)?.map(|found| docs.difference(&found)),
                scan => self.scan_docs(scan, &docs, doubtful)?,
            };
            let Some(found) = found else { return Ok(None) };
            docs = found;
        }
        Ok(Some(docs))
    }

    /// Without the feature `more` no request with a scan comes here.
    #[cfg(not(feature = "more"))]
    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "as with the feature")]
    fn with_scans(&self, docs: DocSet, _: &[&Query], _: bool) -> Fetch<DocSet> {
        Ok(Some(docs))
    }
}
