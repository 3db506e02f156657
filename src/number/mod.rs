//! Numbers: *which records have a number between these, and which have the largest?* Dates of fields are numbers too.
//!
//! *Useful for* ranges and order. *Not useful for* showing a record: `store` has every number as it was.

pub mod date;
pub mod reader;
#[cfg(feature = "cli")]
pub mod writer;

/// Columns that every archive has where its records have such numbers: how often a post was seen, the reactions to it together,
/// how often it was forwarded and answered, the votes in its poll, the characters of its text, the posts of its group.
pub const COLUMNS: [&str; 7] = ["views", "reactions", "forwards", "replies", "votes", "length", "copies"];

pub use reader::NumberReader;
#[cfg(feature = "more")]
pub use reader::Typed;
#[cfg(feature = "cli")]
pub use writer::NumberWriter;
