//! An object of a source, of which one member after another is taken. What nobody takes is kept among a record's other fields.

use serde_json::{Map, Value};

use crate::record_json::KEYS;

/// Members that nobody has taken yet.
#[derive(Clone, Debug, Default)]
pub(in crate::ingest) struct Object(Map<String, Value>);

impl Object {
    /// The object that a value is.
    pub(in crate::ingest) fn of(value: Value) -> Option<Self> {
        if let Value::Object(members) = value { Some(Self(members)) } else { None }
    }

    /// About how many bytes of memory it takes.
    pub(in crate::ingest) fn held_len(&self) -> usize {
        self.0.iter().map(|(name, value)| MEMBER_LEN + name.capacity() + held_len(value)).sum()
    }

    /// Whether it has a member of this name that says something.
    pub(in crate::ingest) fn has(&self, key: &str) -> bool {
        self.0.get(key).is_some_and(|value| !value.is_null())
    }

    /// A member as it stands.
    pub(in crate::ingest) fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// The one key, where there is only one.
    pub(in crate::ingest) fn only_key(&self) -> Option<String> {
        self.0.keys().next().filter(|_| self.0.len() == 1).cloned()
    }

    /// The names of its members.
    pub(in crate::ingest) fn keys(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// Adds a member.
    pub(in crate::ingest) fn put(&mut self, key: &str, value: Value) {
        self.0.insert(key.to_owned(), value);
    }

    /// Takes a member that is not `null`.
    pub(in crate::ingest) fn take(&mut self, key: &str) -> Option<Value> {
        self.0.shift_remove(key).filter(|value| !value.is_null())
    }

    /// Takes a member that is a text with something in it, or a number as its digits; others stay.
    pub(in crate::ingest) fn text(&mut self, key: &str) -> Option<String> {
        let text = scalar(self.0.get(key)?)?;
        self.0.shift_remove(key);
        Some(text).filter(|text| !text.is_empty())
    }

    /// Takes a member that is a number, or the digits of one; others stay.
    pub(in crate::ingest) fn number(&mut self, key: &str) -> Option<u64> {
        let number = scalar(self.0.get(key)?)?.parse().ok()?;
        self.0.shift_remove(key);
        Some(number)
    }

    /// Takes a member that says yes; one that says no goes too.
    pub(in crate::ingest) fn flag(&mut self, key: &str) -> bool {
        match self.0.get(key) {
            Some(Value::Bool(is_set)) => {
                let is_set = *is_set;
                self.0.shift_remove(key);
                is_set
            }
            _ => false,
        }
    }

    /// Takes a member that is an object; others stay.
    pub(in crate::ingest) fn object(&mut self, key: &str) -> Option<Self> {
        self.0.get(key)?.as_object()?;
        self.take(key).and_then(Self::of)
    }

    /// Takes the values of a member that is a list; others stay.
    pub(in crate::ingest) fn list(&mut self, key: &str) -> Vec<Value> {
        if !self.0.get(key).is_some_and(Value::is_array) {
            return Vec::new();
        }
        match self.take(key) {
            Some(Value::Array(values)) => values,
            _ => Vec::new(),
        }
    }

    /// Takes the objects of a member that is a list of them; what is none goes.
    pub(in crate::ingest) fn objects(&mut self, key: &str) -> impl Iterator<Item = Self> + use<> {
        self.list(key).into_iter().filter_map(Self::of)
    }

    /// Takes members that tell nothing more.
    pub(in crate::ingest) fn pass(&mut self, keys: &[&str]) {
        self.0.retain(|key, _| !keys.contains(&key.as_str()));
    }

    /// All of it.
    pub(in crate::ingest) fn into_value(self) -> Value {
        Value::Object(self.0)
    }

    /// What is left, as fields of a record: what says nothing is left out, and a name of a record's own gets an underscore, since the
    /// field would be taken for that when the record is read again.
    pub(in crate::ingest) fn into_fields(self) -> impl Iterator<Item = (String, String)> {
        let says_nothing = |value: &Value| match value {
            Value::Null | Value::Bool(false) => true,
            Value::String(text) => text.is_empty(),
            Value::Array(values) => values.is_empty(),
            Value::Object(members) => members.is_empty(),
            _ => false,
        };
        let said = self.0.into_iter().filter(move |(_, value)| !says_nothing(value));
        said.map(|(key, value)| (if KEYS.contains(&&*key) { key + "_" } else { key }, value.to_string()))
    }
}

/// A field of a record that is a text.
pub(in crate::ingest) fn field(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), Value::from(value).to_string())
}

/// A field with addresses of files that are elsewhere, so that they are known, and nothing loads them; none where there are none.
pub(in crate::ingest) fn addresses(name: &str, urls: Vec<String>) -> Option<(String, String)> {
    (!urls.is_empty()).then(|| (name.to_owned(), Value::from(urls).to_string()))
}

/// The language of a tag, `pt` of `pt-BR`, as records have it: others would be plain fields once they are read again.
pub(in crate::ingest) fn language(tag: &str) -> Option<String> {
    let code = tag.split(['-', '_']).next().map(str::to_ascii_lowercase)?;
    (code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_lowercase())).then_some(code)
}

/// A text, or a number as its digits.
pub(in crate::ingest) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Memory for the name of a member and its place among others, beside the text of it.
const MEMBER_LEN: usize = 64;

/// About how many bytes of memory a value takes.
fn held_len(value: &Value) -> usize {
    size_of::<Value>()
        + match value {
            Value::String(text) => text.capacity(),
            Value::Array(items) => items.iter().map(held_len).sum(),
            Value::Object(members) => {
                members.iter().map(|(name, value)| MEMBER_LEN + name.capacity() + held_len(value)).sum()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_two_small_letters() {
        let check = |tag, expected: Option<&str>| assert_eq!(language(tag).as_deref(), expected, "{tag}");
        check("EN", Some("en"));
        check("pt-BR", Some("pt"));
        check("zh_TW", Some("zh"));
        check("und", None);
        check("é", None);
        check("", None);
    }

    #[test]
    fn what_is_taken_is_gone_and_the_rest_are_fields() {
        let json =
            r#"{"a":"x","b":7,"c":"8","d":true,"e":{"f":[1]},"g":[{},2],"id":1,"h":null,"i":[],"j":1.10,"k":""}"#;
        let mut object = Object::of(serde_json::from_str(json).unwrap()).unwrap();
        assert_eq!((object.text("a").as_deref(), object.text("b").as_deref()), (Some("x"), Some("7")));
        assert_eq!((object.number("c"), object.number("e"), object.flag("d")), (Some(8), None, true));
        assert_eq!((object.text("k"), object.text("none")), (None, None));
        assert!(object.has("e") && !object.has("h"));
        assert_eq!(object.object("e").unwrap().list("f").len(), 1);
        assert_eq!(object.objects("g").count(), 1);
        let fields: Vec<_> = object.into_fields().collect();
        assert_eq!(fields, [("id_".into(), "1".into()), ("j".to_owned(), "1.10".to_owned())]);
    }
}
