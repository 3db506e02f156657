//! Where an archive will be found, for those who show a link to it.

use anyhow::{Result, ensure};

use super::is_link;

/// Longest address, in bytes.
const MAX_LEN: usize = 2000;

/// An address of http or https without query and fragment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Address(String);

impl Address {
    /// Reads the address of a folder, of its index.html, or of a single html.
    ///
    /// # Errors
    /// It is none, or has a query or a fragment.
    pub fn parse(text: &str) -> Result<Self> {
        let is_web = text.starts_with("https://") || text.starts_with("http://");
        ensure!(
            is_web && is_link(text) && text.len() <= MAX_LEN && !text.contains(['?', '#', '"', '<', '>', '\\', '@']),
            "{text}: this is no address of a folder on the web; write one such as https://example.org/archive/"
        );
        let text = if text.ends_with("/index.html") { text.trim_end_matches("index.html") } else { text };
        let end = text.to_ascii_lowercase();
        let is_page = [".html", ".htm"].iter().any(|extension| end.ends_with(extension));
        Ok(Self(if is_page || text.ends_with('/') { text.to_owned() } else { format!("{text}/") }))
    }

    /// The same as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is that of one html file, which has nothing beside it.
    #[must_use]
    pub fn is_page(&self) -> bool {
        !self.0.ends_with('/')
    }

    /// The address of a file of the folder.
    #[must_use]
    pub fn file(&self, name: &str) -> String {
        format!("{}{name}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_folder_is_one() {
        for text in ["https://example.org/a", "https://example.org/a/", "https://example.org/a/index.html"] {
            assert_eq!(Address::parse(text).unwrap().as_str(), "https://example.org/a/");
        }
        assert!(Address::parse("https://example.org/a.html").unwrap().is_page());
        assert_eq!(
            Address::parse("https://example.org/my-index.html").unwrap().as_str(),
            "https://example.org/my-index.html"
        );
        for text in [
            "example.org/a",
            "ftp://example.org/",
            "https://example.org/?a",
            "https://a\"b/",
            "javascript:alert(1)",
            "https://u@h/",
        ] {
            assert!(Address::parse(text).is_err(), "{text}");
        }
    }
}
