//! fonds turns an archive of posts into a folder that anyone opens by double-click and searches as they type.
//!
//! This crate is both sides of it: the native side reads sources, builds an archive and publishes it (feature `cli`); the core
//! opens an archive and answers searches, natively and, compiled to WebAssembly, in the page (feature `wasm`).
//!
//! ```text
//! sources ─ ingest ─► records ─ builder ─► archive (one container) ─ publish ─► folder | zip | single html
//!                                                │
//!              cli (native) ─┐                   ▼
//!                            ├─► searcher ─ query · collector · snippet ─► readers over blocks
//!  page ─ worker ─ wasm ─────┘       asks for blocks, is handed blocks: does no I/O itself
//! ```
//!
//! docs/ARCHITECTURE.md is the map, docs/FORMAT.md the bytes.
//!
//! # Example
//! ```
//! # #[cfg(feature = "cli")] {
//! use fonds::builder::{BuildOptions, Builder};
//! use fonds::record::Record;
//! use fonds::searcher::{Answer, Archive, SearchRequest};
//!
//! let mut builder = Builder::new(BuildOptions::default());
//! builder.add(&Record { text: "The storm hit the harbour.".into(), ..Record::default() });
//! let container = builder.finish()?.container;
//!
//! let archive = Archive::open(&container)?;
//! let request = SearchRequest { query: "harb".into(), typing: true, limit: 10, ..SearchRequest::default() };
//! let page = loop {
//!     match archive.search(&request)? {
//!         Answer::Ready(page) => break page,
//!         Answer::Beyond => unreachable!("the program has every feature"),
//!         Answer::Need(blocks) => {
//!             for block in blocks {
//!                 archive.supply(block.offset, &container[block.offset as usize..block.end() as usize])?;
//!             }
//!         }
//!     }
//! };
//! assert_eq!(page.total, 1);
//! # }
//! # Ok::<(), fonds::error::Error>(())
//! ```

#[cfg(feature = "cli")]
pub mod builder;
#[cfg(feature = "cli")]
pub mod cli;
pub mod collector;
pub mod docset;
pub mod error;
pub mod facet;
pub mod format;
#[cfg(feature = "cli")]
pub mod gather;
pub mod index;
#[cfg(feature = "cli")]
pub mod ingest;
pub mod number;
#[cfg(feature = "cli")]
pub mod publish;
pub mod query;
pub mod record;
#[cfg(feature = "cli")]
pub mod record_json;
pub mod searcher;
pub mod snippet;
pub mod store;
pub mod text;
pub mod time;
#[cfg(feature = "wasm")]
mod wasm;

pub use error::{Error, ErrorKind};
pub use record::{DocId, Record};
