//! What libraries say of an archive: the fifteen elements of Dublin Core, from TOML or JSON.

use anyhow::{Result, anyhow, bail, ensure};
use serde_json::{Map, Value, json};
use toml::de::{DeTable, DeValue};

use super::line_of;
use crate::publish::page::escape;

/// Longest file, in bytes.
pub const MAX_LEN: u64 = 64 << 10;

/// Characters of a value at most.
const MAX_CHARS: usize = 4000;

/// The elements, in the order in which the page shows them; www/view/owner.js names each.
pub const ELEMENTS: [&str; 15] = [
    "title",
    "creator",
    "contributor",
    "publisher",
    "date",
    "description",
    "subject",
    "coverage",
    "language",
    "type",
    "format",
    "source",
    "relation",
    "identifier",
    "rights",
];

/// Elements with their values, in the order of [`ELEMENTS`].
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Metadata(Vec<(&'static str, Vec<String>)>);

impl Metadata {
    /// Reads TOML, or where the text begins with a brace, JSON. A value is a text, or a list of texts.
    ///
    /// # Errors
    /// It is neither, or has a key that is no element; the error begins with the line.
    pub fn parse(text: &str) -> Result<Self> {
        let found = if text.trim_start().starts_with('{') { from_json_file(text)? } else { from_toml(text)? };
        let metadata = Self::ordered(found);
        ensure!(!metadata.is_empty(), "1: nothing is said in it; write a line such as creator = \"…\"");
        Ok(metadata)
    }

    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Elements and their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(name, values)| (*name, values.as_slice()))
    }

    /// The first value of an element.
    #[must_use]
    pub fn first(&self, element: &str) -> Option<&str> {
        let (_, values) = self.0.iter().find(|(name, _)| *name == element)?;
        values.first().map(String::as_str)
    }

    /// An object of lists, in order.
    #[must_use]
    pub fn to_json(&self) -> Value {
        self.0.iter().map(|(name, values)| ((*name).to_owned(), json!(values))).collect::<Map<_, _>>().into()
    }

    /// Reads [`Metadata::to_json`] back.
    ///
    /// # Errors
    /// It is none.
    pub fn from_json(value: &Value) -> Result<Self> {
        let fields = value.as_object().ok_or_else(|| anyhow!("its metadata are no object"))?;
        let mut found = Vec::new();
        for (name, value) in fields {
            let name = element(name).ok_or_else(|| anyhow!("its metadata have an element {name:?}"))?;
            found.push((name, json_values(value).map_err(|cause| anyhow!("{name}: {cause}"))?));
        }
        Ok(Self::ordered(found))
    }

    /// `<meta>` elements for machines that read pages.
    #[must_use]
    pub fn to_html(&self) -> String {
        let mut html = String::new();
        for (name, values) in self.iter() {
            for value in values {
                html.push_str(&format!("<meta name=\"DC.{name}\" content=\"{}\">\n", escape(value)));
            }
        }
        html
    }

    fn ordered(mut found: Vec<(&'static str, Vec<String>)>) -> Self {
        found.retain(|(_, values)| !values.is_empty());
        found.sort_by_key(|(name, _)| ELEMENTS.iter().position(|element| element == name));
        Self(found)
    }
}

/// The element of this name, with or without the prefix that some write.
fn element(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let bare =
        ["dc:", "dc.", "dcterms:", "dcterms."].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(&name);
    ELEMENTS.into_iter().find(|element| *element == bare)
}

fn unknown(name: &str) -> String {
    format!("{name} is no element of Dublin Core; write one of {}", ELEMENTS.join(", "))
}

fn from_toml(text: &str) -> Result<Vec<(&'static str, Vec<String>)>> {
    let table = DeTable::parse(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        anyhow!("{line}: this is no TOML: {}", error.message().lines().next().unwrap_or_default())
    })?;
    let mut found: Vec<(&'static str, Vec<String>)> = Vec::new();
    // As they stand, so that of two it is the second that is named.
    let mut entries: Vec<_> = table.get_ref().iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in entries {
        let line = line_of(text, key.span().start);
        let name = element(key.get_ref()).ok_or_else(|| anyhow!("{line}: {}", unknown(key.get_ref())))?;
        ensure!(
            found.iter().all(|(known, _)| *known != name),
            "{line}: {name} stands twice; write a list of its values"
        );
        let values = toml_values(value.get_ref()).map_err(|cause| anyhow!("{line}: {cause}"))?;
        found.push((name, values));
    }
    Ok(found)
}

fn toml_values(value: &DeValue<'_>) -> Result<Vec<String>> {
    match value {
        DeValue::Array(values) => values.iter().map(|value| toml_value(value.get_ref())).collect(),
        value => Ok(vec![toml_value(value)?]),
    }
}

fn toml_value(value: &DeValue<'_>) -> Result<String> {
    match value {
        DeValue::String(text) => checked(text),
        DeValue::Integer(number) => checked(&number.to_string()),
        DeValue::Datetime(date) => checked(&date.to_string()),
        _ => bail!("a value is a text, or a list of texts"),
    }
}

fn from_json_file(text: &str) -> Result<Vec<(&'static str, Vec<String>)>> {
    let value: Value =
        serde_json::from_str(text).map_err(|error| anyhow!("{}: this is no JSON: {error}", error.line()))?;
    let fields = value.as_object().ok_or_else(|| anyhow!("1: this is no object"))?;
    let mut found: Vec<(&'static str, Vec<String>)> = Vec::new();
    for (key, value) in fields {
        // The parser tells no places; a key's first mention is where one looks for it.
        let line = text.find(&Value::from(key.as_str()).to_string()).map_or(1, |at| line_of(text, at));
        let name = element(key).ok_or_else(|| anyhow!("{line}: {}", unknown(key)))?;
        ensure!(
            found.iter().all(|(known, _)| *known != name),
            "{line}: {name} stands twice; write a list of its values"
        );
        found.push((name, json_values(value).map_err(|cause| anyhow!("{line}: {cause}"))?));
    }
    Ok(found)
}

fn json_values(value: &Value) -> Result<Vec<String>> {
    match value {
        Value::Array(values) => values.iter().map(json_value).collect(),
        value => Ok(vec![json_value(value)?]),
    }
}

fn json_value(value: &Value) -> Result<String> {
    match value {
        Value::String(text) => checked(text),
        Value::Number(number) => checked(&number.to_string()),
        _ => bail!("a value is a text, or a list of texts"),
    }
}

fn checked(text: &str) -> Result<String> {
    let text = text.trim();
    ensure!(!text.is_empty(), "a value is empty; leave its line out");
    ensure!(text.chars().count() <= MAX_CHARS, "a value has more than {MAX_CHARS} characters; put it into --about");
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toml_and_json_say_the_same() {
        let toml = "creator = [\"Ana\", \"Bo\"]\ndate = 2024-06-01\n\"dc:rights\" = \"mine\"\nidentifier = 7\n";
        let json =
            "{\"identifier\": 7, \"Creator\": [\"Ana\", \"Bo\"], \"date\": \"2024-06-01\", \"DC.rights\": \"mine\"}";
        let metadata = Metadata::parse(toml).unwrap();
        assert_eq!(metadata, Metadata::parse(json).unwrap());
        let names: Vec<&str> = metadata.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["creator", "date", "identifier", "rights"]);
        assert_eq!(metadata.first("creator"), Some("Ana"));
        assert_eq!(Metadata::from_json(&metadata.to_json()).unwrap(), metadata);
    }

    #[test]
    fn errors_begin_with_their_line() {
        let check = |text: &str, line: usize, part: &str| {
            let error = Metadata::parse(text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{line}: ")) && error.contains(part), "{text}: {error}");
        };
        check("creator = \"a\"\nauthor = \"b\"", 2, "author is no element");
        check("{\n\"creator\": \"a\",\n\"autor\": \"b\"\n}", 3, "autor is no element");
        check("creator = \"a\"\n\nnot toml", 3, "no TOML");
        check("{\"creator\": \"a\",\n}", 2, "no JSON");
        check("creator = \"a\"\nCreator = \"b\"", 2, "twice");
        check("creator = true", 1, "a text");
        check("[creator]\nname = \"a\"", 1, "a text");
        check("\ncreator = \"\"", 2, "empty");
        check("", 1, "nothing is said");
    }

    #[test]
    fn values_are_escaped() {
        let metadata = Metadata::parse("creator = '\"><script>'").unwrap();
        assert_eq!(metadata.to_html(), "<meta name=\"DC.creator\" content=\"&quot;&gt;&lt;script&gt;\">\n");
    }
}
