//! Facets: *which values does this record have, and how many of these records have which?*
//!
//! *Useful for* filtering and counting. *Not useful for* showing a record: `store` has every field as it was.

pub mod reader;
#[cfg(feature = "cli")]
pub mod writer;

pub use reader::{FacetReader, ValueOrd};
#[cfg(feature = "cli")]
pub use writer::FacetWriter;

/// The facet of posts that say the same as others in other channels: a value for each group of them.
pub const GROUP: &str = "group";
