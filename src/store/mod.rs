//! The store: *here is a `DocId`, give me the record*; and *here is a uid, give me its `DocId`*.
//!
//! *Useful for* showing and extracting records. *Not useful for* finding them by what they say: that is `index`.

mod block;
mod column;
mod date;
mod rare;
pub mod reader;
mod span;
pub mod uids;
#[cfg(feature = "cli")]
pub mod writer;

pub use reader::StoreReader;
pub use uids::UidsReader;
#[cfg(feature = "cli")]
pub use writer::StoreWriter;

/// A record alone, as bytes.
#[cfg(feature = "cli")]
pub(crate) fn encode_record(record: &crate::record::Record) -> Vec<u8> {
    let mut block = block::BlockWriter::default();
    block.push(record);
    block.finish()
}

/// The record that [`encode_record`] wrote, or the only one of a block.
///
/// # Errors
/// The bytes do not decode.
pub(crate) fn decode_record(bytes: &[u8]) -> crate::error::Result<crate::record::Record> {
    let mut rows = block::Rows::open(bytes)?;
    rows.advance()?;
    rows.record()
}
