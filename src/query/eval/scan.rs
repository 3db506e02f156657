//! What no list answers: texts are looked at, one after the other, as many at a time as the request allows.
//!
//! What was looked at is remembered beside the archive, so that a request that is asked again goes on where the last one ended.

use std::cell::RefCell;

use super::Evaluator;
use crate::format::{Fetch, gather};
use crate::query::scan::{Scan, is_in_word, literals};
use crate::query::{DocSet, Query, print};
use crate::record::DocId;
use crate::text::tokenizer::MAX_TERM_LEN;

/// Scans that are remembered at most: those of the query that is being typed, and of the one before.
const MAX_SCANS: usize = 4;

/// What earlier requests found in texts.
#[derive(Debug, Default)]
pub struct Scanned {
    scans: RefCell<Vec<Seen>>,
}

/// What is known of one scan: a bit for each record.
#[derive(Debug)]
struct Seen {
    key: String,
    checked: Vec<u64>,
    found: Vec<u64>,
    /// Records that were looked at since the last answer: a request that waits for blocks is asked again, and each of its rounds
    /// would else go further than the one before, and wait for more.
    unanswered: usize,
}

impl Scanned {
    /// A request was answered: the next one may look at as many records again.
    pub fn end_slice(&self) {
        self.scans.borrow_mut().iter_mut().for_each(|seen| seen.unanswered = 0);
    }
}

impl Seen {
    fn bit(bits: &[u64], doc: DocId) -> bool {
        bits.get(doc as usize / 64).is_some_and(|word| word >> (doc % 64) & 1 == 1)
    }

    fn set(bits: &mut Vec<u64>, doc: DocId) {
        let place = doc as usize / 64;
        if bits.len() <= place {
            bits.resize(place + 1, 0);
        }
        bits.iter_mut().skip(place).take(1).for_each(|word| *word |= 1 << (doc % 64));
    }
}

impl Evaluator<'_> {
    /// The records of which a word has this part.
    pub(super) fn part_docs(&self, part: &str) -> Fetch<DocSet> {
        self.docs_of_terms(|term| term.contains(part))
    }

    /// The records that hold a term such; every block of the dictionary is read.
    fn docs_of_terms(&self, fits: impl Fn(&str) -> bool) -> Fetch<DocSet> {
        let Some(mut entries) = self.index.entries_with_prefix(self.container, "")? else { return Ok(None) };
        entries.retain(|entry| fits(&entry.form));
        let infos: Vec<_> = entries.into_iter().map(|entry| entry.info).collect();
        self.index.union(self.container, &infos)
    }

    /// Those of these records that a scan finds.
    pub(super) fn scan_docs(&self, leaf: &Query, docs: &DocSet, doubtful: bool) -> Fetch<DocSet> {
        if let Query::Part(part) = leaf
            && is_in_word(part)
        {
            return Ok(self.part_docs(part)?.map(|found| docs.intersect(&found)));
        }
        let Ok(Some(scan)) = Scan::new(leaf) else { return Ok(Some(DocSet::default())) };
        let Some(docs) = self.with_literals(leaf, docs)? else { return Ok(None) };
        let key = print(leaf);
        let mut scans = self.scanned.scans.borrow_mut();
        // The one asked for last stands last.
        let seen = scans.iter().position(|seen| seen.key == key).map(|place| scans.remove(place));
        let mut seen = seen.unwrap_or_else(|| Seen { key, checked: Vec::new(), found: Vec::new(), unanswered: 0 });
        if scans.len() >= MAX_SCANS {
            scans.remove(0);
        }
        self.to_scan.set(self.to_scan.get().saturating_sub(seen.unanswered));
        let (mut kept, mut missing, mut waiting) = (Vec::new(), false, 0);
        // The newest first, as they are shown: what is found later then stands below what was found before.
        for doc in docs.to_vec().iter().rev() {
            if !Seen::bit(&seen.checked, *doc) {
                let Some(left) = self.to_scan.get().checked_sub(1) else {
                    waiting += 1;
                    if doubtful {
                        kept.push(*doc);
                    }
                    continue;
                };
                self.to_scan.set(left);
                match self.store.record(self.container, *doc) {
                    Ok(None) => {
                        missing = true;
                        continue;
                    }
                    Ok(Some(record)) => {
                        let texts = [record.title.as_deref().unwrap_or_default(), &record.text];
                        Seen::set(&mut seen.checked, *doc);
                        seen.unanswered += 1;
                        if texts.iter().any(|text| scan.matches(text)) {
                            Seen::set(&mut seen.found, *doc);
                        }
                    }
                    Err(_) => {
                        // It is not looked at again, and what stands behind it has its turn.
                        self.to_scan.set(left + 1);
                        self.unchecked.set(self.unchecked.get() + 1);
                        if doubtful {
                            kept.push(*doc);
                        }
                        continue;
                    }
                }
            }
            if Seen::bit(&seen.found, *doc) {
                kept.push(*doc);
            }
        }
        scans.push(seen);
        let (scanned, all) = self.progress.get();
        self.progress.set((scanned + docs.len() - waiting, all + docs.len()));
        kept.reverse();
        Ok((!missing).then(|| DocSet::from_sorted(kept)))
    }

    /// Those of these records whose words have what a text must have to match.
    fn with_literals(&self, leaf: &Query, docs: &DocSet) -> Fetch<DocSet> {
        let Query::Pattern { source, .. } = leaf else { return Ok(Some(docs.clone())) };
        let sets = literals(source).into_iter().map(|literal| {
            // Of long words the dictionary has the beginning alone: they may have anything.
            let long = |term: &str| term.len() + 4 > MAX_TERM_LEN;
            self.docs_of_terms(|term| term.contains(&literal) || long(term))
        });
        let Some(sets) = gather(sets)? else { return Ok(None) };
        Ok(Some(sets.iter().fold(docs.clone(), |docs, set| docs.intersect(set))))
    }
}
