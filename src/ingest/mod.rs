//! Readers: from the bytes of a source to [`Record`]s.
//!
//! A reader is given an open input and a [`ReadContext`] and yields one [`Entry`] after another: a record, or the account of
//! what it had to skip. It opens no file, reads no clock and no environment, and knows nothing of indexes; the same input
//! gives the same entries on every machine. Whatever the bytes are, it ends with records or an [`IngestError`], never a panic,
//! and holds no more of them than its format says.
//!
//! ```text
//! Files ─► Sample ─► detect ─► Format.read ─► Reader ─► Entry::Record │ Entry::Skipped │ …
//!                                 │
//!             lines · date · entities · mentioned: what the readers share
//! ```
//!
//! To add a format: write one file with a `recognise` and a `read` function, one row in [`FORMATS`], and what both say in the account of a
//! source, in each language of the page, in `www/languages/accounts.json`.
//!
//! *Useful for* every source that people have. *Not useful for* writing records out: that is [`crate::record_json`].
//!
//! [`Record`]: crate::record::Record

mod bluesky;
mod bounds;
mod cbor;
mod chosen;
mod csv;
mod date;
mod discord;
mod encoding;
mod entities;
mod error;
mod escapes;
mod feed;
mod files;
mod format;
mod formats;
mod front_matter;
mod git;
mod html;
mod json;
mod jsonl;
pub(crate) mod lang;
mod lines;
mod mail;
mod markdown;
mod markers;
mod mastodon;
mod matrix;
mod media;
mod mentioned;
mod meta;
mod meta_posts;
mod owners;
mod pages;
mod reach;
mod reddit;
mod rich_text;
mod scrape;
mod settled;
mod shortcode;
mod slack;
mod table;
mod telegram;
mod text;
mod tg_archive;
mod unpacked;
mod warc;
mod whatsapp;
mod wordpress;
mod x;
mod xml;

pub use bounds::bound;
pub use chosen::ChosenChats;
pub use date::{bare_date, parse_date, unix_date};
pub(crate) use entities::{derive, distinct};
pub use error::{IngestError, IngestErrorKind};
pub use files::{Detected, FileInfo, Files, MAX_FILES, Part, Parts, ZipFiles, detect_files, natural_order, read_files};
pub use format::{
    Boundary, Entry, Format, Input, ReadContext, ReadOptions, Reader, Removed, Sample, Skipped, detect, export_of,
    named, open,
};
pub use formats::FORMATS;
pub use lines::MAX_LINE_LEN;
pub(crate) use media::unescaped;
pub use table::{Kind, Mapped, TableOptions};
