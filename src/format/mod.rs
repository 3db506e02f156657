//! The container: header, root, and sections made of checksummed blocks.
//!
//! ```text
//! ┌────────┬──────┬─────────┬─────────┬───┐
//! │ header │ root │ section │ section │ … │   every block starts at a multiple of 3 bytes
//! └────────┴──────┴─────────┴─────────┴───┘
//! ```
//!
//! *Useful for* finding a block and knowing that its bytes are right. *Not useful for* knowing what they mean: that is the
//! business of `index`, `store` and `facet`. docs/FORMAT.md specifies every byte.

pub mod block;
pub mod checksum;
pub mod codec;
pub mod container;
pub mod header;
pub mod lru;
#[cfg(feature = "cli")]
pub mod reasons;
pub mod section;
#[cfg(feature = "cli")]
pub mod writer;

pub use block::BlockRef;
pub use container::{Container, Fetch, gather};
pub use header::Header;
#[cfg(feature = "cli")]
pub use section::Paging;
pub use section::{Section, SectionTable};
