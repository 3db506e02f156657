//! JSON as programs write it that do not keep to it: Python's `json` writes numbers that are none (`NaN`, `Infinity`), and cuts emoji into
//! halves that no text can hold (`"\\ud83d"`).

use serde_json::Value;

/// Numbers that are none, as Python and JavaScript call them.
const NO_NUMBERS: [&[u8]; 3] = [b"NaN", b"-Infinity", b"Infinity"];

/// The value that some JSON is: a number that is none is `null`, half a character U+FFFD.
///
/// # Errors
/// It is no JSON for another reason.
pub(in crate::ingest) fn value(json: &[u8]) -> serde_json::Result<Value> {
    serde_json::from_slice(json).or_else(|error| match mended(json) {
        Some(mended) => serde_json::from_slice(&mended),
        None => Err(error),
    })
}

/// The same with what JSON has not replaced by what it has; `None` where there is nothing of the kind.
fn mended(json: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(json.len());
    let (mut rest, mut is_text, mut is_mended) = (json, false, false);
    while let Some((byte, after)) = rest.split_first() {
        if !is_text && let Some(name) = NO_NUMBERS.iter().find(|name| rest.starts_with(name)) {
            out.extend(b"null");
            rest = rest.get(name.len()..)?;
            is_mended = true;
            continue;
        }
        if is_text && *byte == b'\\' {
            let len = match (unit(rest), rest.get(6..).and_then(unit)) {
                (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
                (Some(0xD800..=0xDFFF), _) => {
                    out.extend("\u{FFFD}".as_bytes());
                    rest = rest.get(6..)?;
                    is_mended = true;
                    continue;
                }
                _ => 2,
            };
            let (escape, after) = rest.split_at_checked(len)?;
            out.extend(escape);
            rest = after;
            continue;
        }
        is_text ^= *byte == b'"';
        out.push(*byte);
        rest = after;
    }
    is_mended.then_some(out)
}

/// The code unit of an escape such as `\\ud83d`.
fn unit(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_python_writes_is_read() {
        let check = |text: &str, expected: Value| assert_eq!(value(text.as_bytes()).unwrap(), expected, "{text}");
        check(r#"{"a": NaN, "b": [Infinity, -Infinity, 1]}"#, json!({"a": null, "b": [null, null, 1]}));
        check(r#"{"a": "NaN \" NaN", "b": NaN}"#, json!({"a": "NaN \" NaN", "b": null}));
        check(
            r#"["cut \ud83d", "\ude00 cut", "whole \ud83d\ude00", "\\ud83d"]"#,
            json!(["cut \u{FFFD}", "\u{FFFD} cut", "whole 😀", "\\ud83d"]),
        );
        for text in ["{\"a\": nan}", "{", "[NaN", "", "\"\\ud8", "\"\\", "{\"a\": undefined}"] {
            assert!(value(text.as_bytes()).is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>, text in r#"[\\\\u"dD8aN,\[\]]{0,40}"#) {
            let _ = value(&bytes);
            let _ = value(text.as_bytes());
        }

        #[test]
        fn what_is_json_is_left(text: String) {
            let json = Value::from(text.clone()).to_string();
            assert_eq!(value(json.as_bytes()).unwrap(), Value::from(text));
        }
    }
}
