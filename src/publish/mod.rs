//! One container → what people open: a folder, its zip, or a single html; and the way back.
//!
//! ```text
//!                 ┌─ files ─► folder     index.html, fonds/…, archive/…, posts/…, SHA256SUMS, …
//! container ──────┤        ├► zip        the same files
//!                 │        └► bag        the same files, as libraries keep things
//!                 └─ single ─► html      everything in one file
//! ```
//!
//! *Useful for* everything that touches published files. *Not useful for* knowing what is in a container.

mod assets;
pub mod bag;
pub mod card;
pub mod files;
pub mod manifest;
pub mod media;
mod offline;
pub mod output;
pub mod owner;
pub mod page;
pub mod posts;
pub mod published;
pub mod shard;
pub mod single;
mod thumb;
mod words;
pub mod zipped;

pub use files::{Publication, files};
pub use media::{MediaFile, MediaFiles, MediaWriter};
pub use output::{Staged, stage_file, stage_folder};
pub use owner::Owner;
pub use published::{Form, OpenError, OpenErrorKind, Published};
pub use single::single;
pub use zipped::write_zip;
