//! Queries: *what did the reader ask for, and which records answer it?*
//!
//! *Useful for* turning typed text into sets of records, scores and highlights. *Not useful for* bytes: it sees none.

pub mod ast;
pub mod bm25;
#[cfg(feature = "more")]
pub mod correct;
pub mod docset;
pub mod eval;
pub mod matcher;
pub mod parser;

pub use ast::Query;
pub use docset::DocSet;
pub use matcher::Matcher;
pub use parser::{Parsed, Problem, parse};
