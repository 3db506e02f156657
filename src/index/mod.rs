//! The inverted index: *here is a word, which records hold it, and how often?*
//!
//! *Useful for* queries. *Not useful for* showing a record: that is `store`.

mod automaton;
pub mod fieldnorm;
pub mod keymap;
pub mod postings;
pub mod reader;
pub mod termdict;
#[cfg(feature = "cli")]
pub mod writer;

pub use postings::Posting;
pub use reader::IndexReader;
pub use termdict::TermInfo;
#[cfg(feature = "cli")]
pub use writer::IndexWriter;
