//! One post with its neighbours.

use super::super::asked::is_open;
use super::super::request::{PostRequest, PostView, Shown};
use super::Archive;
use crate::format::{Fetch, gather};
use crate::query::expand::expand;
use crate::query::{Matcher, parse};
use crate::record::DocId;
use crate::snippet::{self, Snippet};

impl Archive {
    pub(super) fn post_view(&self, request: &PostRequest) -> Fetch<Option<PostView>> {
        let Some(found) = self.doc_of(&request.uid)? else { return Ok(None) };
        let Some(doc) = found else { return Ok(Some(None)) };
        let first = doc.saturating_sub(request.context);
        let last = doc.saturating_add(request.context).min(self.num_docs().saturating_sub(1));
        let mut query = parse(&request.query, request.typing).query;
        let is_open = is_open(&request.query, request.typing);
        if !request.literal && expand(&mut query, &self.index, &self.container, is_open)?.is_none() {
            return Ok(None);
        }
        let matcher = Matcher::new(&query);
        let posts = (first..=last).map(|doc| {
            let Some(record) = self.shown(doc) else { return Ok(None) };
            let (title, text) = marked(&record, &matcher);
            Ok(Some((doc, record, title, text)))
        });
        let posts = gather(posts)?;
        #[cfg(feature = "more")]
        let Some(group) = self.group_of(doc) else { return Ok(None) };
        Ok(posts.map(|posts| {
            Some(PostView {
                posts,
                index: (doc - first) as usize,
                #[cfg(feature = "more")]
                group,
            })
        }))
    }

    /// A record, or why it cannot be shown: a damaged block costs its posts and nothing else.
    pub(in crate::searcher) fn shown(&self, doc: DocId) -> Option<Shown> {
        match self.root.store.record(&self.container, doc) {
            Ok(record) => record.map(|record| Shown::Whole(Box::new(record))),
            Err(error) => Some(Shown::Damaged(error.to_string())),
        }
    }
}

/// Title and text of a record, whole, with what is to be marked in them; nothing of one that cannot be shown.
pub(in crate::searcher) fn marked(record: &Shown, matcher: &Matcher) -> (Snippet, Snippet) {
    let (title, text) = match record {
        Shown::Whole(record) => (record.title.as_deref().unwrap_or_default(), record.text.as_str()),
        Shown::Damaged(_) => ("", ""),
    };
    (snippet::whole(title, matcher), snippet::whole(text, matcher))
}
