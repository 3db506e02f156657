//! Words side by side.

use super::Evaluator;
use crate::format::{Fetch, gather};
use crate::index::TermInfo;
use crate::query::{DocSet, Query};
use crate::record::DocId;

impl Evaluator<'_> {
    /// The records that hold every word of a phrase.
    pub(super) fn phrase_candidates(&self, phrase: &Query) -> Fetch<DocSet> {
        let Query::Phrase { terms, prefix, .. } = phrase else { return Ok(Some(DocSet::default())) };
        let last = terms.len().saturating_sub(1);
        let sets = terms
            .iter()
            .enumerate()
            .map(|(place, term)| if *prefix && place == last { self.prefix_docs(term) } else { self.term_docs(term) });
        Ok(gather(sets)?.map(|sets| DocSet::intersection(&sets).unwrap_or_default()))
    }

    /// Those of these records in which all the phrases stand.
    pub(super) fn with_phrases(&self, docs: &DocSet, phrases: &[&Query]) -> Fetch<DocSet> {
        let sets = gather(phrases.iter().map(|phrase| match phrase {
            Query::Phrase { terms, prefix, .. } => {
                let why = || format!("where {} stand side by side", terms.join(" "));
                self.container.because(why, || self.with_phrase(docs, terms, *prefix))
            }
            _ => Ok(Some(DocSet::default())),
        }))?;
        Ok(sets.map(|sets| DocSet::intersection(&sets).unwrap_or_default()))
    }

    /// Those of these records in which the terms stand side by side: each at the start of the phrase plus its place in it.
    fn with_phrase(&self, docs: &DocSet, terms: &[String], prefix: bool) -> Fetch<DocSet> {
        let last = terms.len().saturating_sub(1);
        let infos = gather(terms.iter().enumerate().map(|(place, term)| {
            let infos = if prefix && place == last {
                self.index.infos_with_prefix(self.container, term)
            } else {
                self.index.infos(self.container, term)
            };
            Ok(infos?.map(|infos| (place as u32, infos)))
        }))?;
        let Some(infos) = infos else { return Ok(None) };
        // The rarest first, so that few positions of the others are looked at. In whole numbers, whose sort is there anyway.
        let mut order: Vec<u64> = Vec::with_capacity(infos.len());
        for (at, (_, infos)) in infos.iter().enumerate() {
            let records = infos.iter().map(|info| u64::from(info.doc_freq)).sum::<u64>();
            order.push(records.min(u64::from(u32::MAX)) << 32 | at as u64);
        }
        order.sort_unstable();
        let (mut docs, mut starts, mut missing) = (docs.clone(), None::<Vec<u64>>, false);
        for (place, infos) in order.iter().filter_map(|order| infos.get(*order as u32 as usize)) {
            match self.starts(&docs, infos, *place)? {
                // What the others need is asked for all the same.
                None => missing = true,
                Some(_) if missing => {}
                Some(found) => {
                    let both = match starts {
                        None => found,
                        Some(starts) => intersection(&starts, &found),
                    };
                    let mut kept: Vec<DocId> = both.iter().map(|start| (start >> 32) as DocId).collect();
                    kept.dedup();
                    docs = DocSet::from_sorted(kept);
                    starts = Some(both);
                }
            }
        }
        Ok((!missing).then_some(docs))
    }

    /// Where phrases may start of which one of these entries stands at `place`, in these records: `record << 32 | position`,
    /// sorted.
    fn starts(&self, docs: &DocSet, infos: &[TermInfo], place: u32) -> Fetch<Vec<u64>> {
        let mut starts = Vec::new();
        let read = |info: &TermInfo| {
            let Some(list) = self.index.docs(self.container, info)? else { return Ok(None) };
            let (mut found, mut wanted) = (Vec::new(), Vec::new());
            docs.join(&list, |doc, _, place| {
                found.push(doc);
                wanted.push(place);
            });
            self.index.positions(self.container, info, &wanted, &mut |number, position| {
                if let (Some(doc), Some(start)) = (found.get(number), position.checked_sub(place)) {
                    starts.push(u64::from(*doc) << 32 | u64::from(start));
                }
            })
        };
        let whole = gather(infos.iter().map(read))?;
        if infos.len() > 1 {
            starts.sort_unstable();
        }
        Ok(whole.map(|_| starts))
    }
}

/// Numbers in both of two sorted lists.
fn intersection(a: &[u64], b: &[u64]) -> Vec<u64> {
    let mut rest = b.iter().peekable();
    let is_in_both = |number: &&u64| {
        while rest.next_if(|candidate| candidate < number).is_some() {}
        rest.peek() == Some(number)
    };
    a.iter().filter(is_in_both).copied().collect()
}
