//! What the program says.

use std::io::{self, BufWriter, IsTerminal as _, Write};

use anyhow::Error;
use serde_json::Value;

/// Prints an error as a chain: what failed, then why.
pub(super) fn error(error: &Error) {
    note(&format!("fonds: {error:#}"));
}

/// Prints a remark. Nobody is told where standard error is closed.
pub(super) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{}", plain(text));
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

/// Such text on one line, so that what it says cannot pass for lines of the program.
pub(super) fn line(text: &str) -> String {
    plain(text).replace(['\n', '\t'], " ")
}

/// JSON on one line, as a terminal may show it: JSON itself escapes only some of the control characters.
pub(super) fn json(value: &Value) -> String {
    use std::fmt::Write as _;

    let mut line = String::new();
    for c in value.to_string().chars() {
        match c {
            '\u{7f}'..='\u{9f}' => _ = write!(line, "\\u{:04x}", u32::from(c)),
            _ => line.push(c),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_character_reaches_a_terminal() {
        assert_eq!(plain("a\u{1b}[2J\u{9b}b\r\n\t"), "a\u{fffd}[2J\u{fffd}b\u{fffd}\n\t");
        let text = "\u{1b}\u{7f}\u{9b}é\u{a0}";
        let line = json(&Value::from(text));
        assert!(!line.chars().any(char::is_control), "{line}");
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
    }
}
