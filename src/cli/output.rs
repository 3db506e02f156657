//! What the program says.
#![expect(clippy::print_stderr, reason = "messages for people go to stderr")]

use std::io::{self, BufWriter, IsTerminal as _, Write};

use anyhow::Error;

/// Prints an error as a chain: what failed, then why.
pub(super) fn error(error: &Error) {
    eprintln!("fonds: {error:#}");
}

/// Prints a remark.
pub(super) fn note(text: &str) {
    eprintln!("{text}");
}

/// Buffered standard output, locked.
pub(super) fn stdout() -> impl Write {
    BufWriter::new(io::stdout().lock())
}

/// Whether people read standard output, and want colours.
pub(super) fn is_colourful() -> bool {
    io::stdout().is_terminal()
}

/// A number of bytes for people.
pub(super) fn bytes(len: u64) -> String {
    match len {
        0..1_000 => format!("{len} B"),
        1_000..1_000_000 => format!("{:.1} KB", len as f64 / 1e3),
        _ => format!("{:.1} MB", len as f64 / 1e6),
    }
}

/// A number of things.
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// Text from an archive as a terminal may show it: control characters could move the cursor or set colours.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c }).collect()
}
