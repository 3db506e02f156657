//! Text → [`Token`]s: the one segmenter that the index writer, the query parser and the highlighter all use.
//!
//! *Useful for* deciding what counts as a word and when two spellings are the same. *Not useful for* knowing records, queries
//! or bytes: this module knows none of them.

pub mod fold;
pub mod lower;
pub mod script;
#[cfg(feature = "more")]
pub mod stem;
pub mod tokenizer;

pub use tokenizer::{Token, tokenize};
