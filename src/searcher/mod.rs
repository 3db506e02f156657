//! The core's façade: an open archive that answers requests.
//!
//! [`Archive::search`] and [`Archive::post`] answer either *I need these blocks* or *here is the page*. The caller fetches the
//! blocks by whatever means it has, hands them to [`Archive::supply`] (or gives them up with [`Archive::lose`]) and asks again.
//!
//! *Useful for* everything that shows an archive. *Not useful for* building one: that is `builder`.

mod archive;
mod asked;
#[cfg(feature = "more")]
mod explain;
#[cfg(feature = "more")]
mod fold;
#[cfg(feature = "more")]
mod library;
mod request;
mod root;
#[cfg(feature = "more")]
mod suggest;

pub use archive::{Archive, DEFAULT_BUDGET};
#[cfg(feature = "more")]
pub use explain::{ScoreParts, WordScore};
#[cfg(feature = "more")]
pub use library::{Hidden, Library, Segment};
pub use request::{
    Answer, Copies, FacetCounts, FacetValue, Filter, Hit, Match, PostRequest, PostView, SearchPage, SearchRequest,
    SearchTerm, Shown, Suggestion,
};
pub use root::{Root, SourceAccount};
