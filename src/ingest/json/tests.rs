use jiff::tz::TimeZone;

use super::*;

/// Shows each record as its text, and the rest as it reads.
fn entries(input: &[u8]) -> Vec<String> {
    let context = ReadContext::new("f.json", TimeZone::UTC);
    let part = Part::new("f.json", Box::new(std::io::BufReader::with_capacity(5, input)));
    let show = |entry: Result<Entry, IngestError>| match entry {
        Ok(Entry::Record(record)) => record.text,
        Ok(Entry::Skipped(skipped)) => format!("{}: {}", skipped.place, skipped.reason),
        Ok(Entry::Note(note)) => format!("note: {note}"),
        Ok(other) => format!("{other:?}"),
        Err(error) => error.to_string(),
    };
    read(part, &context).unwrap().map(show).collect()
}

#[test]
fn finds_the_list() {
    let check = |input: &str, expected: &[&str]| assert_eq!(entries(input.as_bytes()), expected, "{input}");
    check(r#"[{"text":"a"},{"text":"b"}]"#, &["a", "b"]);
    check("\u{feff} [ {\"text\":\"a\"} ] ", &["a"]);
    check("[]", &[]);
    check(r#"{"x":{"y":[{"text":"a"}]}}"#, &["note: the records are the list `x.y`", "a"]);
    check(
        r#"{"media":[{"text":"no"}],"x":[{"id":1}],"posts":[{"text":"a"}]}"#,
        &["note: the records are the list `posts`", "a"],
    );
    check(r#"{"text":"a","media":[{"kind":"photo"}]}"#, &["a"]);
    check(
        r#"{"x":1}"#,
        &[
            "f.json: no known format: the JSON holds no list of objects; name one with `--format` (`fonds formats` lists them)",
        ],
    );
    check(
        r#"{"x":[{"id":1}]}"#,
        &[
            "f.json: no list in it looks like records; its lists of objects are `x`; decide with `--records PATH` and `--map text=COLUMN`",
        ],
    );
    check(
        r#"[{"a":"x","b":"y"}]"#,
        &["f.json: no column looks like the text; the columns are `a`, `b`; decide with `--map text=COLUMN`"],
    );
}

#[test]
fn what_is_no_json_is_told_with_its_place() {
    let check = |input: &str, expected: &[&str]| assert_eq!(entries(input.as_bytes()), expected, "{input}");
    check(
        r#"[{"text":"a"} {"text":"b"}]"#,
        &["a", "bytes 14\u{2013}14: not JSON: `{` where a comma or `]` is due; nothing after it was read"],
    );
    check(
        r#"[{"text":"a"}] x"#,
        &["a", "bytes 15\u{2013}15: not JSON: `x` where the end is due; nothing after it was read"],
    );
    check(r#"[{"text":"a"},{"text":"b""#, &["a", "bytes 25\u{2013}25: not JSON: the input ends within a value"]);
    check(
        r#"[{"text":"a"},]"#,
        &["a", "bytes 14\u{2013}14: not JSON: `]` where a value is due; nothing after it was read"],
    );
}

#[test]
fn a_list_is_recognised_where_lines_are_not() {
    let is_json = |text: &str| recognise(&Sample::new("f", text.as_bytes(), true));
    assert!(is_json("[\n {\"a\": 1}]"));
    assert!(is_json("{\"posts\": [{\"text\": \"a\"}]}"));
    assert!(is_json("{\n\"text\": \"a\"\n}"));
    assert!(!is_json("{\"text\": \"a\"}\n{\"text\": \"b\"}"));
    assert!(!is_json("[1, 2]"));
    assert!(!is_json("{\"a\": 1}"));
    assert!(!is_json("text"));
}

proptest::proptest! {
    #[test]
    fn no_bytes_panic(bytes: Vec<u8>, text in "[\\[\\]{}\":,0-9a-z \n\\\\]{0,60}") {
        for input in [bytes.as_slice(), text.as_bytes()] {
            entries(input);
            let _ = recognise(&Sample::new("f", input, true));
        }
    }

    /// A list of objects gives as many records, whatever stands around it and in them.
    #[test]
    fn every_object_is_a_record(texts in proptest::collection::vec(".{0,12}", 1..8), is_nested: bool) {
        let list = Value::Array(texts.iter().map(|text| serde_json::json!({"text": text, "x": {"y": [text]}})).collect());
        let text = if is_nested { serde_json::json!({"n": [1], "o": {"posts": list}}).to_string() } else { list.to_string() };
        let found = entries(text.as_bytes());
        proptest::prop_assert_eq!(found.get(usize::from(is_nested)..).unwrap(), texts.as_slice());
    }
}
