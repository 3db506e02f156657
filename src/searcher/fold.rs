//! Of posts that say the same one is shown, and the others are counted: *which of these stand for which?*
//!
//! The earliest of a group that answers a request stands for all of them. What a query counts stays posts: folding changes what
//! is listed, never a total.

use std::collections::HashMap;

use super::archive::Archive;
use super::request::{Copies, Hit};
use crate::facet::ValueOrd;
use crate::format::{Fetch, gather};
use crate::query::DocSet;
use crate::record::DocId;

/// Records of which those that stand for others are left.
#[derive(Debug)]
pub(super) struct Folded {
    pub(super) docs: DocSet,
    /// The group of each that stands for others, and how many there are beside it.
    copies: HashMap<DocId, (ValueOrd, usize)>,
    /// How many records others stand for.
    pub(super) count: usize,
}

impl Archive {
    /// Folds records.
    pub(super) fn fold(&self, docs: &DocSet) -> Fetch<Folded> {
        let (mut firsts, mut copies) = (HashMap::<ValueOrd, DocId>::new(), HashMap::<DocId, (ValueOrd, usize)>::new());
        let mut folded = Vec::new();
        let Some(facet) = self.root().groups() else {
            return Ok(Some(Folded { docs: docs.clone(), copies, count: 0 }));
        };
        let visit = |doc, groups: &[ValueOrd]| {
            let Some(group) = groups.first() else { return };
            let first = *firsts.entry(*group).or_insert(doc);
            if first != doc {
                copies.entry(first).or_insert((*group, 0)).1 += 1;
                folded.push(doc);
            }
        };
        let visited = self.container().because(
            || "which posts say the same".to_owned(),
            || facet.visit(self.container(), &docs.to_vec(), visit),
        )?;
        let count = folded.len();
        Ok(visited.map(|()| Folded { docs: docs.difference(&DocSet::from_sorted(folded)), copies, count }))
    }

    /// Says of each hit what is folded into it; the hits have the numbers of this archive.
    pub(super) fn with_copies(&self, hits: Vec<Hit>, folded: &Folded) -> Fetch<Vec<Hit>> {
        let facet = self.root().groups();
        gather(hits.into_iter().map(|hit| {
            let (Some(facet), Some((group, count))) = (facet, folded.copies.get(&hit.doc)) else {
                return Ok(Some(hit));
            };
            // A hit is shown also where nobody knows any more what its group is called.
            let group = facet.value(self.container(), *group).unwrap_or(Some(String::new()));
            Ok(group.map(|group| Hit { copies: Some(Copies { group, count: *count }), ..hit }))
        }))
    }

    /// The number of each record's group; none for those in none.
    #[cfg(feature = "cli")]
    pub(super) fn groups(&self) -> Fetch<Vec<Option<ValueOrd>>> {
        let mut groups = vec![None; self.num_docs() as usize];
        let Some(facet) = self.root().groups() else { return Ok(Some(groups)) };
        let docs: Vec<DocId> = (0..self.num_docs()).collect();
        let visited = facet.visit(self.container(), &docs, |doc, values| {
            if let Some(group) = groups.get_mut(doc as usize) {
                *group = values.first().copied();
            }
        })?;
        Ok(visited.map(|()| groups))
    }

    /// The group that a record is in; `Some(None)` where it is in none, or nobody knows any more.
    pub(super) fn group_of(&self, doc: DocId) -> Option<Option<String>> {
        let Some(facet) = self.root().groups() else { return Some(None) };
        let mut group = None;
        let visited = facet.visit(self.container(), &[doc], |_, groups| group = groups.first().copied());
        match (visited, group) {
            (Ok(None), _) => None,
            (Ok(Some(())), Some(group)) => match facet.value(self.container(), group) {
                Ok(value) => value.map(Some),
                Err(_) => Some(None),
            },
            _ => Some(None),
        }
    }
}
