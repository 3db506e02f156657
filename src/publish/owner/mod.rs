//! The owner's hand: what whoever publishes an archive says of it, and how it looks.
//!
//! Everything here is checked twice by the same functions: when it is typed, and when it is read back out of an archive that is
//! renewed, since that archive may come from anyone.

pub mod accent;
pub mod address;
pub mod licence;
pub mod logo;
pub(super) mod markup;
pub mod metadata;
pub mod prose;
pub mod sheet;

use anyhow::{Result, anyhow, bail};
use serde_json::{Map, Value, json};

pub use accent::Accent;
pub use address::Address;
pub use licence::Licence;
pub use logo::Logo;
pub use metadata::Metadata;
pub use prose::Prose;
pub use sheet::Sheet;

/// Languages that the page speaks; www/messages.js has the same list.
pub const LANGUAGES: [&str; 6] = ["en", "ru", "de", "es", "ar", "zh"];

/// What an owner gives an archive beside its posts and its title.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Owner {
    /// What the archive is, in the owner's words.
    pub about: Option<Prose>,
    /// The picture in the place of the title.
    pub logo: Option<Logo>,
    /// Rules of the owner's own, behind those of the page.
    pub sheet: Option<Sheet>,
    /// The colour of what can be pressed.
    pub accent: Option<Accent>,
    /// What the page speaks to those who have chosen nothing.
    pub lang: Option<String>,
    /// Under which terms the archive may be used.
    pub licence: Option<Licence>,
    /// Dublin Core.
    pub metadata: Metadata,
    /// Where the archive will be found.
    pub address: Option<Address>,
    /// Whether a second visit is to work offline; `false` takes back what an earlier build had put there.
    pub offline: Option<bool>,
}

impl Owner {
    /// Whether the page has something to show or to remember of it.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        *self == Self::default()
    }

    /// What was given now, and where nothing was, what there is already.
    #[must_use]
    pub fn or(self, before: Self) -> Self {
        Self {
            about: self.about.or(before.about),
            logo: self.logo.or(before.logo),
            sheet: self.sheet.or(before.sheet),
            accent: self.accent.or(before.accent),
            lang: self.lang.or(before.lang),
            licence: self.licence.or(before.licence),
            metadata: if self.metadata.is_empty() { before.metadata } else { self.metadata },
            address: self.address.or(before.address),
            offline: self.offline.or(before.offline),
        }
    }

    /// The part `owner`, which the page shows, and from which a later build goes on. Logo and sheet stand in index.html.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut part = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                part.insert(name.to_owned(), value);
            }
        };
        put("about", self.about.as_ref().map(Prose::to_json));
        put("accent", self.accent.as_ref().map(|accent| json!(accent.given)));
        put("lang", self.lang.as_ref().map(|lang| json!(lang)));
        put("licence", self.licence.as_ref().map(Licence::to_json));
        put("metadata", (!self.metadata.is_empty()).then(|| self.metadata.to_json()));
        put("address", self.address.as_ref().map(|address| json!(address.as_str())));
        put("offline", self.offline.map(|offline| json!(offline)));
        part.into()
    }

    /// Reads [`Owner::to_json`] back; logo and sheet are not in it.
    ///
    /// # Errors
    /// A value is none that this program writes.
    pub fn from_json(text: &str) -> Result<Self> {
        let part: Value = serde_json::from_str(text)?;
        let Some(fields) = part.as_object() else { bail!("it is no object") };
        let mut owner = Self::default();
        for (name, value) in fields {
            let text = || value.as_str().ok_or_else(|| anyhow!("{name} is no text"));
            match name.as_str() {
                "about" => owner.about = Some(Prose::from_json(value)?),
                "accent" => owner.accent = Some(Accent::parse(text()?)?),
                "lang" => owner.lang = Some(language(text()?)?),
                "licence" => owner.licence = Some(Licence::from_json(value)?),
                "metadata" => owner.metadata = Metadata::from_json(value)?,
                "address" => owner.address = Some(Address::parse(text()?)?),
                "offline" => owner.offline = value.as_bool(),
                other => bail!("nobody knows what {other} is; use a newer fonds"),
            }
        }
        Ok(owner)
    }
}

/// The code of a language that the page speaks.
///
/// # Errors
/// It speaks no such language.
pub fn language(code: &str) -> Result<String> {
    match LANGUAGES.iter().find(|known| **known == code) {
        Some(known) => Ok((*known).to_owned()),
        None => bail!("the page does not speak {code}; write one of {}", LANGUAGES.join(", ")),
    }
}

/// An address that a link may carry. `tel:`, `data:`, `javascript:` and all others are none.
#[must_use]
pub fn is_link(href: &str) -> bool {
    let Some((scheme, rest)) = href.split_once(':') else { return false };
    let is_plain = !href.chars().any(|c| c.is_control() || c.is_whitespace());
    let known = match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" => rest.strip_prefix("//").is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/')),
        "mailto" => !rest.is_empty(),
        _ => false,
    };
    known && is_plain
}

/// The number of the line in which a byte stands.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    1 + memchr::memchr_iter(b'\n', before).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole() -> Owner {
        Owner {
            about: Some(Prose::parse("# Who\n\nWe *keep* [it](https://example.org/).").unwrap().0),
            accent: Some(Accent::parse("teal").unwrap()),
            lang: Some("ar".into()),
            licence: Some(Licence::parse("CC-BY-4.0").unwrap()),
            metadata: Metadata::parse("creator = \"Ana\"").unwrap(),
            address: Some(Address::parse("https://example.org/a/").unwrap()),
            offline: Some(true),
            ..Owner::default()
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let owner = whole();
        assert_eq!(Owner::from_json(&owner.to_json().to_string()).unwrap(), owner);
        assert_eq!(Owner::from_json("{}").unwrap(), Owner::default());
        assert!(Owner::default().is_silent() && !owner.is_silent());
    }

    #[test]
    fn what_is_given_again_replaces_and_the_rest_stays() {
        let now = Owner { lang: Some("de".into()), offline: Some(false), ..Owner::default() };
        let both = now.or(whole());
        assert_eq!((both.lang.as_deref(), both.offline), (Some("de"), Some(false)));
        assert_eq!(both.about, whole().about);
    }

    #[test]
    fn a_part_that_nobody_wrote_is_refused() {
        for part in [
            "[]",
            "{\"lang\":\"xx\"}",
            "{\"accent\":7}",
            "{\"onload\":\"alert(1)\"}",
            "{\"address\":\"javascript:alert(1)\"}",
            "{\"licence\":{\"text\":\"x\",\"url\":\"javascript:alert(1)\"}}",
            "{\"about\":[{\"tag\":\"script\",\"children\":[]}]}",
            "{\"about\":[{\"tag\":\"a\",\"href\":\"javascript:alert(1)\",\"children\":[]}]}",
        ] {
            assert!(Owner::from_json(part).is_err(), "{part}");
        }
    }

    #[test]
    fn links_lead_to_pages_and_letters_alone() {
        for good in ["https://example.org", "HTTP://example.org/a?b#c", "mailto:ana@example.org"] {
            assert!(is_link(good), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "java\nscript:a",
            "https:",
            "https:///x",
            "data:text/html,x",
            "posts/",
            "//example.org",
            "https://a b",
            "#q",
        ] {
            assert!(!is_link(bad), "{bad}");
        }
    }
}
