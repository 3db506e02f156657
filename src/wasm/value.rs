//! What crosses the border: one shape of plain values.
//!
//! Serde would write a serializer for each struct of an answer, some 40 KB of WebAssembly that a reader waits for. Answers are built
//! as values instead, and one serializer carries them over.

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

/// A value that JavaScript has too.
pub(super) enum Value<'a> {
    /// What is absent is null, never undefined, so that every key is there.
    Null,
    Bool(bool),
    Number(f64),
    Text(Cow<'a, str>),
    List(Vec<Value<'a>>),
    Object(Vec<(&'static str, Value<'a>)>),
}

/// Builds an object from keys and whatever turns into a value.
macro_rules! object {
    ($($key:ident: $value:expr),* $(,)?) => {
        $crate::wasm::value::Value::Object(vec![$((stringify!($key), $crate::wasm::value::Value::from($value))),*])
    };
}
pub(super) use object;

impl<'a> Value<'a> {
    /// One value for each item.
    pub(super) fn list<T>(items: &'a [T], of: impl FnMut(&'a T) -> Value<'a>) -> Self {
        Self::List(items.iter().map(of).collect())
    }

    /// An object with the fields of another behind its own.
    #[cfg(feature = "more")]
    pub(super) fn with(self, more: Self) -> Self {
        match (self, more) {
            (Self::Object(fields), Self::Object(more)) => Self::Object(fields.into_iter().chain(more).collect()),
            (value, _) => value,
        }
    }

    /// The value of what is there.
    pub(super) fn maybe<T>(item: Option<&'a T>, of: impl FnOnce(&'a T) -> Value<'a>) -> Self {
        item.map_or(Self::Null, of)
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(value) => serializer.serialize_f64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::List(values) => serializer.collect_seq(values),
            Self::Object(fields) => {
                let mut object = serializer.serialize_struct("", fields.len())?;
                for (key, value) in fields {
                    object.serialize_field(key, value)?;
                }
                object.end()
            }
        }
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<f64> for Value<'_> {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<u32> for Value<'_> {
    fn from(value: u32) -> Self {
        Self::Number(f64::from(value))
    }
}

/// Exact to 2^53, beyond every count and length of an archive.
impl From<u64> for Value<'_> {
    fn from(value: u64) -> Self {
        Self::Number(value as f64)
    }
}

impl From<usize> for Value<'_> {
    fn from(value: usize) -> Self {
        Self::Number(value as f64)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(Cow::Borrowed(value))
    }
}

impl From<String> for Value<'_> {
    fn from(value: String) -> Self {
        Self::Text(Cow::Owned(value))
    }
}

impl<'a> From<&'a [String]> for Value<'a> {
    fn from(values: &'a [String]) -> Self {
        Self::list(values, Value::from)
    }
}

/// A range, or how much of how much.
impl<T: Into<Self>> From<(T, T)> for Value<'_> {
    fn from((start, end): (T, T)) -> Self {
        Self::List(vec![start.into(), end.into()])
    }
}

impl<T: Into<Self>> From<Option<T>> for Value<'_> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
