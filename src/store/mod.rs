//! The store: *here is a `DocId`, give me the record.*
//!
//! *Useful for* showing and extracting records. *Not useful for* finding them: that is `index`.

pub mod codec;
pub mod reader;
#[cfg(feature = "cli")]
pub mod writer;

pub use reader::StoreReader;
#[cfg(feature = "cli")]
pub use writer::StoreWriter;
