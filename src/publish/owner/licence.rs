//! Terms of use: a text, an address, or a name that everyone knows.

use anyhow::{Result, anyhow, ensure};
use serde_json::{Value, json};

use super::is_link;

/// Longest text, in characters.
const MAX_CHARS: usize = 500;

/// Names of SPDX's list whose texts its site has, beside those of Creative Commons.
const SPDX: [&str; 13] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CDLA-Permissive-2.0",
    "GFDL-1.3-or-later",
    "GPL-3.0-only",
    "GPL-3.0-or-later",
    "MIT",
    "ODbL-1.0",
    "ODC-By-1.0",
    "PDDL-1.0",
    "Unlicense",
];

/// Under which terms an archive may be used.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Licence {
    /// What is shown.
    pub text: String,
    /// Where it can be read.
    pub url: Option<String>,
}

impl Licence {
    /// Reads a name of SPDX (`CC-BY-4.0`), an address, or any text.
    ///
    /// # Errors
    /// It is empty or too long.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        ensure!(!text.is_empty(), "there is no text; write a licence such as CC-BY-4.0, an address, or a sentence");
        ensure!(
            text.chars().count() <= MAX_CHARS,
            "the text has more than {MAX_CHARS} characters; put it on a page of its own and write its address"
        );
        let is_address = (text.starts_with("https://") || text.starts_with("http://")) && is_link(&text);
        let url = if is_address { Some(text.clone()) } else { creative_commons(&text).or_else(|| spdx(&text)) };
        Ok(Self { text, url })
    }

    /// The same for the page.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match &self.url {
            Some(url) => json!({"text": self.text, "url": url}),
            None => json!({"text": self.text}),
        }
    }

    /// Reads [`Licence::to_json`] back.
    ///
    /// # Errors
    /// It is none.
    pub fn from_json(value: &Value) -> Result<Self> {
        let text = value.get("text").and_then(Value::as_str).ok_or_else(|| anyhow!("a licence has no text"))?;
        // Which texts have an address may change from one program to the next.
        let url = value.get("url").and_then(Value::as_str).map(str::to_owned);
        let is_good = |url: &String| (url.starts_with("https://") || url.starts_with("http://")) && is_link(url);
        ensure!(url.as_ref().is_none_or(is_good), "a licence leads nowhere");
        Ok(Self { url, ..Self::parse(text)? })
    }
}

/// `CC0-1.0`, `CC-BY-SA-4.0` and the rest of that family, by the pattern of their names.
fn creative_commons(name: &str) -> Option<String> {
    if name == "CC0-1.0" {
        return Some("https://creativecommons.org/publicdomain/zero/1.0/".to_owned());
    }
    let (terms, version) = name.strip_prefix("CC-")?.rsplit_once('-')?;
    let is_known = ["BY", "BY-SA", "BY-ND", "BY-NC", "BY-NC-SA", "BY-NC-ND"].contains(&terms)
        && ["1.0", "2.0", "2.5", "3.0", "4.0"].contains(&version)
        // The first version had its parts in another order.
        && (version != "1.0" || !terms.contains("NC-ND"));
    is_known.then(|| format!("https://creativecommons.org/licenses/{}/{version}/", terms.to_lowercase()))
}

fn spdx(name: &str) -> Option<String> {
    SPDX.contains(&name).then(|| format!("https://spdx.org/licenses/{name}.html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, url: Option<&str>) {
        let licence = Licence::parse(text).unwrap();
        assert_eq!(licence.url.as_deref(), url, "{text}");
        assert_eq!(Licence::from_json(&licence.to_json()).unwrap(), licence);
    }

    #[test]
    fn names_addresses_and_texts() {
        check("CC-BY-SA-4.0", Some("https://creativecommons.org/licenses/by-sa/4.0/"));
        check("CC0-1.0", Some("https://creativecommons.org/publicdomain/zero/1.0/"));
        check("ODbL-1.0", Some("https://spdx.org/licenses/ODbL-1.0.html"));
        check("https://example.org/terms", Some("https://example.org/terms"));
        check("All rights reserved.", None);
        check("CC-BY-9.0", None);
        check("javascript:alert(1)", None);
        assert!(Licence::parse("  ").is_err());
        assert!(Licence::parse(&"a".repeat(501)).is_err());
    }
}
