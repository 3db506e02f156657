//! The inverted index: *here is a word, which records hold it, how much, and where?*
//!
//! *Useful for* queries. *Not useful for* showing a record: that is `store`.

mod automaton;
pub mod leaf;
#[cfg(feature = "cli")]
pub mod lists;
pub mod positions;
pub mod postings;
#[cfg(feature = "cli")]
pub mod prefixes;
pub mod reader;
#[cfg(feature = "cli")]
pub mod stems;
pub mod stream;
pub mod termdict;
pub mod weight;
#[cfg(feature = "cli")]
pub mod writer;

pub use leaf::Leaf;
pub use reader::{IndexReader, IndexRoot, Moments};
pub use termdict::{LangOrd, TermEntry, TermInfo, TermOrd};
#[cfg(feature = "cli")]
pub use writer::{EntryKey, IndexWriter, Indexed};
