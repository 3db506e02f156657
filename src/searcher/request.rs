//! Requests to an archive and its answers: plain structs. Ranges count bytes; the edges (`cli`, `wasm`) convert them.

use crate::collector::{Sort, Timeline};
use crate::format::BlockRef;
use crate::query::Problem;
use crate::record::{DocId, Record};
use crate::snippet::Snippet;
use crate::time::civil::Period;

/// What [`super::Archive`] answers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer<T> {
    /// These blocks are needed first.
    Need(Vec<BlockRef>),
    /// The answer.
    Ready(T),
    /// Only the whole core can answer this: see the feature `more`.
    Beyond,
}

/// A value chosen, or excluded, in a facet. Several values of one facet add up, different facets narrow.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Filter {
    /// Name of the facet.
    pub facet: String,
    /// The value.
    pub value: String,
    /// Whether records that have it are left out, instead of those that do not.
    pub exclude: bool,
}

/// Whether a record must hold all the words.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Match {
    /// All of them.
    #[default]
    All,
    /// At least one of them.
    Any,
    /// All of them; where no record has all, at least one.
    AllOrAny,
}

/// What to search for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SearchRequest {
    /// The query as typed.
    pub query: String,
    /// Whether the last word may go on.
    pub typing: bool,
    /// Whether words are found as they are typed alone, and not in their other forms.
    pub literal: bool,
    /// Chosen and excluded values.
    pub filters: Vec<Filter>,
    /// First period of the dates wanted.
    pub from: Option<Period>,
    /// Last period of the dates wanted.
    pub to: Option<Period>,
    /// Order of the hits.
    pub sort: Sort,
    /// Whether all words are required.
    pub matching: Match,
    /// Hits to leave out before the first.
    pub offset: usize,
    /// Hits to show at most.
    pub limit: usize,
    /// Values of each facet to list at most; 0 leaves facets and timeline out.
    pub facet_limit: usize,
    /// First and last period of a timeline that is drawn closer; `None` for one of the whole archive. For the whole core alone.
    pub zoom: Option<(Period, Period)>,
    /// Corrected queries to offer at most, for words that few records hold; 0 looks for none.
    pub suggestions: usize,
    /// Texts that a scan may look at before it answers what it has so far; 0 for all of them. Asked again, it goes on.
    pub scan_limit: usize,
}

/// A page of results.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchPage {
    /// Number of records that answer the request.
    pub total: usize,
    /// Whether `total` and every count is exact; else they are lower bounds, since blocks are lost.
    pub exact: bool,
    /// The order of the hits: that of the query itself, of the request, or best first where no record has all the words.
    pub sort: Sort,
    /// The hits of this page.
    pub hits: Vec<Hit>,
    /// Counts of each facet. Those of a facet with chosen values are taken as if none were chosen in it.
    pub facets: Vec<FacetCounts>,
    /// Hits over time, as if no dates were asked for. `None` where the archive has none.
    pub timeline: Option<Timeline>,
    /// What was searched for, word by word.
    pub terms: Vec<SearchTerm>,
    /// Queries that may have been meant, most likely first.
    pub suggestions: Vec<Suggestion>,
    /// True where the core with the feature `more` might find more: forms of words that the archive has never seen, corrections.
    pub wants_more: bool,
    /// Whether no record has all the words, and these are those that have at least one.
    pub relaxed: bool,
    /// Texts that were looked at and those that must be, where the query has a scan. Until they are as many, `exact` is false.
    pub scan: Option<(usize, usize)>,
    /// Records that are folded into others by `fold:copies`, of those that `total` counts.
    #[cfg(feature = "more")]
    pub folded: usize,
    /// What could not be understood in the query.
    pub problem: Option<Problem>,
    /// Facets or bars that are left out since blocks of theirs are lost: a sentence for each cause.
    pub damage: Vec<String>,
}

/// A word searched for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SearchTerm {
    /// Its folded form.
    pub text: String,
    /// Whether it may go on.
    pub prefix: bool,
    /// Other forms of it that were searched for, each with the number of records that hold it.
    pub forms: Vec<(String, u32)>,
}

/// A query that may have been meant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Suggestion {
    /// It, as a text.
    pub query: String,
    /// Number of records that answer it, under the filters and dates of the request.
    pub total: usize,
}

/// One result.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The record's number.
    pub doc: DocId,
    /// How well it answers; 0 unless sorted by relevance.
    pub score: f64,
    /// The record.
    pub record: Shown,
    /// Its title with highlights, where it has one.
    pub title: Option<Snippet>,
    /// The best excerpt of its text.
    pub snippet: Snippet,
    /// What is folded into it, where anything is.
    #[cfg(feature = "more")]
    pub copies: Option<Copies>,
}

/// Posts that say the same as one that is shown for all of them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Copies {
    /// What the group is called.
    pub group: String,
    /// How many answer the request beside the one that is shown.
    pub count: usize,
}

/// A record, or why it cannot be shown.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// The record.
    Whole(Box<Record>),
    /// Its block is lost or damaged; the text says which and why.
    Damaged(String),
}

/// Counts of one facet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FacetCounts {
    /// Name of the facet.
    pub name: String,
    /// The most frequent values among the hits, then those chosen or excluded that are not among them.
    pub values: Vec<FacetValue>,
    /// Number of values that at least one hit has.
    pub num_values: usize,
}

/// A value and its count.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FacetValue {
    /// The value.
    pub value: String,
    /// Hits that have it.
    pub count: usize,
    /// Whether the request chooses it.
    pub chosen: bool,
    /// Whether the request excludes it.
    pub excluded: bool,
}

/// Which post to show.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PostRequest {
    /// Its uid.
    pub uid: String,
    /// The query whose words are highlighted.
    pub query: String,
    /// Whether the last word may go on.
    pub typing: bool,
    /// Whether words are highlighted as they are typed alone.
    pub literal: bool,
    /// Neighbours wanted on each side.
    pub context: u32,
}

/// A post and its neighbours.
#[derive(Clone, Debug, PartialEq)]
pub struct PostView {
    /// Records in archive order, each with title and text highlighted.
    pub posts: Vec<(DocId, Shown, Snippet, Snippet)>,
    /// The post's place among them.
    pub index: usize,
    /// The group of posts that say the same as it, where it is in one.
    #[cfg(feature = "more")]
    pub group: Option<String>,
}
