//! A post of any segment, with its neighbours in time, whichever segments they are in.

use super::order::Spot;
use super::{Library, Segment};
use crate::format::{Fetch, gather};
use crate::query::{Matcher, parse};
use crate::record::DocId;
use crate::searcher::archive::marked;
use crate::searcher::asked::is_open;
use crate::searcher::request::{PostRequest, PostView};

impl Library {
    pub(super) fn post_view(&self, request: &PostRequest) -> Fetch<Option<PostView>> {
        let found = self.place_of(&request.uid)?;
        let mut queries = vec![parse(&request.query, request.typing).query];
        let is_open = is_open(&request.query, request.typing);
        let is_whole = request.literal || self.expand(&mut queries, is_open)?;
        let Some(found) = found else { return Ok(None) };
        let Some((place, doc)) = found else { return Ok(Some(None)) };
        let Some((spots, index)) = self.around(place, doc, request.context as usize)? else { return Ok(None) };
        if !is_whole {
            return Ok(None);
        }
        let matcher = Matcher::new(&queries.swap_remove(0));
        let posts = gather(spots.iter().map(|spot| {
            let shown = self.segments.get(spot.segment).and_then(|segment| segment.archive.shown(spot.doc));
            let Some(record) = shown else { return Ok(None) };
            let (title, text) = marked(&record, &matcher);
            Ok(Some((self.number_of(spot), record, title, text)))
        }))?;
        let group = self.segments.get(place).map_or(Some(None), |segment| segment.archive.group_of(doc));
        let Some(group) = group else { return Ok(None) };
        Ok(posts.map(|posts| Some(PostView { posts, index, group })))
    }

    /// The records of all segments that have a uid, hidden ones too, the oldest segment's first.
    pub(super) fn places_of(&self, uid: &str) -> Fetch<Vec<(usize, DocId)>> {
        let found = self.each(|_, segment| segment.archive.doc_of(uid))?;
        let known = |found: Vec<Option<DocId>>| {
            found.into_iter().enumerate().filter_map(|(place, doc)| Some((place, doc?))).collect()
        };
        Ok(found.map(known))
    }

    /// The segment and the record there that has a uid; of several, that of the newest segment.
    pub(super) fn place_of(&self, uid: &str) -> Fetch<Option<(usize, DocId)>> {
        let is_there = |(place, doc): &(usize, DocId)| {
            self.segments.get(*place).is_some_and(|segment| !segment.hidden.contains(*doc))
        };
        Ok(self.places_of(uid)?.map(|found| found.into_iter().rev().find(is_there)))
    }

    /// A record and up to `context` neighbours on each side, in the order of time, and its place among them.
    fn around(&self, place: usize, doc: DocId, context: usize) -> Fetch<(Vec<Spot>, usize)> {
        let Some(spot) = self.dated_spot(place, doc)? else { return Ok(None) };
        let Some(starts) = self.places_before(&spot)? else { return Ok(None) };
        let (mut before, mut after): (Vec<Spot>, Vec<Spot>) = (Vec::new(), Vec::new());
        for ((segment, start), own) in self.segments.iter().zip(starts).zip(0..) {
            let behind = if own == place { start + 1 } else { start };
            before.extend(segment.walk((0..start).rev(), context, own));
            after.extend(segment.walk(behind..segment.archive.num_docs(), context, own));
        }
        let sorted = (self.sort_by_time(&mut before)?, self.sort_by_time(&mut after)?);
        let (Some(()), Some(())) = sorted else { return Ok(None) };
        before.drain(..before.len().saturating_sub(context));
        after.truncate(context);
        let index = before.len();
        Ok(Some((before.into_iter().chain([spot]).chain(after).collect(), index)))
    }
}

impl Segment {
    /// The first `limit` of these records that are there.
    fn walk(&self, docs: impl Iterator<Item = DocId>, limit: usize, place: usize) -> Vec<Spot> {
        docs.filter(|doc| !self.hidden.contains(*doc)).take(limit).map(|doc| self.spot(place, doc, 0.0)).collect()
    }
}
