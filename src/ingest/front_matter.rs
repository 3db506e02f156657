//! What stands before the text of a page or note, between two lines of dashes (YAML) or plus signs (TOML), or as an object of JSON.

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

/// Longest front matter that is read, in bytes.
const MAX_LEN: usize = 64 << 10;

/// Lists and tables within each other.
const MAX_DEPTH: usize = 16;

/// Values in one of them.
const MAX_VALUES: usize = 10_000;

/// A text in its two parts.
#[derive(Debug, PartialEq)]
pub(super) struct Parted<'a> {
    /// What stands before the text, where anything does.
    pub(super) front: Option<Front<'a>>,
    pub(super) body: &'a str,
}

/// Front matter, unread.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Front<'a> {
    pub(super) text: &'a str,
    form: Form,
}

/// How front matter is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    Yaml,
    Toml,
    Json,
}

/// Takes a text apart.
pub(super) fn part(text: &str) -> Parted<'_> {
    let text = text.trim_start_matches('\u{feff}');
    let bare = Parted { front: None, body: text };
    if text.starts_with('{') {
        return of_json(text).unwrap_or(bare);
    }
    let Some((first, rest)) = text.split_once('\n') else { return bare };
    let is_toml = match first.trim_end() {
        "---" => false,
        "+++" => true,
        _ => return bare,
    };
    let fence = if is_toml { "+++" } else { "---" };
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if at > MAX_LEN {
            break;
        }
        let trimmed = line.trim_end();
        if trimmed == fence || !is_toml && trimmed == "..." {
            let text = rest.get(..at).unwrap_or_default();
            return Parted {
                front: Some(Front { text, form: if is_toml { Form::Toml } else { Form::Yaml } }),
                body: rest.get(at + line.len()..).unwrap_or_default(),
            };
        }
        at += line.len();
    }
    bare
}

/// Takes a text apart that begins with an object, which ends on a line of its own.
fn of_json(text: &str) -> Option<Parted<'_>> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Map<String, Value>>();
    values.next()?.ok()?;
    let (front, body) = text.split_at_checked(values.byte_offset()).filter(|(front, _)| front.len() <= MAX_LEN)?;
    let body = body.trim_start_matches([' ', '\t', '\r']);
    let body = if body.is_empty() { body } else { body.strip_prefix('\n')? };
    Some(Parted { front: Some(Front { text: front, form: Form::Json }), body })
}

impl Front<'_> {
    /// Whether it shows by itself that a text follows: an object of JSON may be all of a file of any kind.
    pub(super) fn shows_itself(&self) -> bool {
        self.form != Form::Json
    }

    /// Its keys and values; an error where it is not what it seems, or no table.
    pub(super) fn parse(&self) -> Result<Map<String, Value>, String> {
        if self.text.trim().is_empty() {
            return Ok(Map::new());
        }
        let value = match self.form {
            Form::Yaml => from_yaml(self.text)?,
            Form::Toml => from_toml(self.text)?,
            Form::Json => serde_json::from_str(self.text).map_err(|error| error.to_string())?,
        };
        match value {
            Value::Object(members) => Ok(members),
            Value::Null => Ok(Map::new()),
            _ => Err("it names nothing".to_owned()),
        }
    }
}

fn from_toml(text: &str) -> Result<Value, String> {
    let table = DeTable::parse(text).map_err(|error| error.message().to_owned())?;
    Ok(Value::Object(
        table.get_ref().iter().map(|(key, value)| (key.get_ref().to_string(), of_toml(value.get_ref()))).collect(),
    ))
}

fn of_toml(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::from(&**text),
        DeValue::Integer(number) => {
            number.to_string().parse::<i64>().map_or_else(|_| number.to_string().into(), Value::from)
        }
        DeValue::Float(number) => {
            serde_json::from_str(&number.to_string()).unwrap_or_else(|_| number.to_string().into())
        }
        DeValue::Boolean(is_set) => Value::from(*is_set),
        DeValue::Datetime(date) => Value::from(date.to_string()),
        DeValue::Array(values) => values.iter().map(|value| of_toml(value.get_ref())).collect(),
        DeValue::Table(table) => Value::Object(
            table.iter().map(|(key, value)| (key.get_ref().to_string(), of_toml(value.get_ref()))).collect(),
        ),
    }
}

/// A list or a table in the making.
enum Open {
    List(Vec<Value>),
    Table(Map<String, Value>, Option<String>),
}

/// The first document of a text. Aliases are `null`: what they would repeat can be of any length.
fn from_yaml(text: &str) -> Result<Value, String> {
    let mut open: Vec<Open> = Vec::new();
    let mut num_values = 0;
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| error.to_string())?;
        let value = match event {
            Event::SequenceStart(..) => {
                open.push(Open::List(Vec::new()));
                None
            }
            Event::MappingStart(..) => {
                open.push(Open::Table(Map::new(), None));
                None
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open::List(values)) => Some(Value::Array(values)),
                Some(Open::Table(members, _)) => Some(Value::Object(members)),
                None => None,
            },
            Event::Scalar(text, style, ..) => Some(scalar(&text, style == ScalarStyle::Plain)),
            Event::Alias(_) => Some(Value::Null),
            _ => None,
        };
        num_values += 1;
        if open.len() > MAX_DEPTH || num_values > MAX_VALUES {
            return Err("it is longer or deeper than any page's".to_owned());
        }
        let Some(value) = value else { continue };
        match open.last_mut() {
            None => return Ok(value),
            Some(Open::List(values)) => values.push(value),
            Some(Open::Table(members, key)) => match key.take() {
                Some(key) => drop(members.insert(key, value)),
                None => *key = Some(text_of(&value)),
            },
        }
    }
    Ok(Value::Null)
}

/// What a word means that stands without quotes.
fn scalar(text: &str, is_plain: bool) -> Value {
    match text {
        _ if !is_plain => Value::from(text),
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => match serde_json::from_str(text) {
            Ok(Value::Number(number)) => Value::Number(number),
            _ => Value::from(text),
        },
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, &str>, body: &str) {
        let parted = part(text);
        let read = parted.front.map(|front| front.parse().map(|members| Value::Object(members).to_string()));
        match (read, expected) {
            (Some(Ok(found)), Ok(expected)) => assert_eq!(found, expected, "{text}"),
            (Some(Err(found)), Err(expected)) => assert!(found.contains(expected), "{found}"),
            (None, Ok("")) => {}
            (found, _) => panic!("{text}: {found:?}"),
        }
        assert_eq!(parted.body, body, "{text}");
    }

    #[test]
    fn both_kinds_are_read() {
        check("---\ntitle: A: \"b\"\n---\nc", Err("mapping values"), "c");
        check(
            "---\r\ntitle: 'a'\r\ndate: 2024-01-05 10:00:00 +0100\r\ntags: [b, 2024, true]\r\nx: {y: ~, z: 1.10}\r\n---\r\nc",
            Ok(r#"{"title":"a","date":"2024-01-05 10:00:00 +0100","tags":["b",2024,true],"x":{"y":null,"z":1.10}}"#),
            "c",
        );
        check(
            "+++\ntitle = \"a\"\ndate = 2024-01-05T10:00:00+01:00\ntags = [\"b\"]\nn = 7\n[params]\nx = true\n+++\nc",
            Ok(r#"{"date":"2024-01-05T10:00:00+01:00","n":7,"params":{"x":true},"tags":["b"],"title":"a"}"#),
            "c",
        );
    }

    #[test]
    fn an_object_of_json_stands_before_a_text() {
        check("{\n \"title\": \"a\", \"draft\": true\n}\n\nc", Ok(r#"{"title":"a","draft":true}"#), "\nc");
        check("{\"a\": 1}", Ok(r#"{"a":1}"#), "");
        check("{\"a\": 1} c", Ok(""), "{\"a\": 1} c");
        check("{: .note}\nc", Ok(""), "{: .note}\nc");
    }

    #[test]
    fn what_has_none_is_all_text() {
        check("a", Ok(""), "a");
        check("---\na: b\nc", Ok(""), "---\na: b\nc");
        check("--- \n---\nc", Ok("{}"), "c");
        check("---\n- a\n---\n", Err("names nothing"), "");
        check("+++\na = \n+++\n", Err(""), "");
    }

    #[test]
    fn no_bomb_goes_off() {
        let bomb: String = (1..20).map(|i| format!("a{i}: &a{i} [*a{}, *a{}]\n", i - 1, i - 1)).collect();
        check(
            &format!("---\na0: &a0 x\n{}---\n", bomb.lines().next().map(|line| format!("{line}\n")).unwrap()),
            Ok(r#"{"a0":"x","a1":[null,null]}"#),
            "",
        );
        check(&format!("---\n{}\n---\n", "[".repeat(10_000)), Err(""), "");
        check(&format!("---\na: {}{}\n---\n", "[".repeat(40), "]".repeat(40)), Err("deeper"), "");
    }

    #[test]
    fn no_text_panics() {
        proptest::proptest!(|(text in "(---\n|\\+\\+\\+\n|[a-c:=\\-\\[\\]{}&*#|>'\"\n ]|\\PC){0,60}")| {
            if let Some(front) = part(&text).front {
                let _ = front.parse();
            }
        });
    }
}
