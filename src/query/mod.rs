//! Queries: *what did the reader ask for, and which records answer it?*
//!
//! *Useful for* turning typed text into sets of records, scores and highlights. *Not useful for* bytes: it sees none.

pub mod ast;
pub mod bind;
pub mod bm25;
#[cfg(feature = "more")]
pub mod correct;
pub mod eval;
pub mod expand;
pub mod matcher;
pub mod parser;
pub mod printer;
#[cfg(feature = "more")]
pub mod scan;

pub use crate::docset::DocSet;
pub use ast::{Field, Forms, Query, Test};
pub use bind::{Names, UNLISTED, bind};
pub use matcher::Matcher;
pub use parser::{Parsed, Problem, parse};
pub use printer::{print, print_parsed};
