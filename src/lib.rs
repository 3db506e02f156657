//! fonds turns an archive of posts into a folder that anyone opens by double-click and searches as they type.
#![forbid(unsafe_code)]

#[cfg(feature = "cli")]
pub mod ingest;
pub mod record;
#[cfg(feature = "cli")]
pub mod record_json;
