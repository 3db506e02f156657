//! Time: *which records fall in this month, and when was this one?*
//!
//! Since `DocId`s follow time, a month is a range of them; only finer questions load the dates themselves.
//!
//! *Useful for* date filters and the timeline. *Not useful for* parsing dates of sources: that is `ingest`.

pub mod civil;
pub mod reader;
#[cfg(feature = "cli")]
pub mod writer;
pub mod zone;

pub use reader::{Moment, TimeReader};
#[cfg(feature = "cli")]
pub use writer::TimeWriter;
pub use zone::Zone;
