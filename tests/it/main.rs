//! Integration tests: one binary, one module for each kind of test.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests stop at the first surprise, and read their own fixtures"
)]

/// Archives made from records, and drivers that hand an archive its blocks in several manners.
mod support;

/// Search equals a plain scan over the same records, whatever the records and the request.
mod oracle;

/// Answers of an archive of which only a part is there, or comes late, twice, or in another order.
mod partial;

/// Damaged and hostile containers.
mod corrupt;
