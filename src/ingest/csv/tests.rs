use std::io::Write as _;

use jiff::tz::TimeZone;

use super::*;

/// Shows each record as its place and text, and what is skipped as its place and reason.
fn entries(input: &[u8], text: &str) -> Vec<String> {
    let mut context = ReadContext::new("f.csv", TimeZone::UTC);
    context.options.table.map = vec![format!("text={text}").parse().unwrap()];
    let part = Part::new("f.csv", Box::new(input));
    let show = |entry: Result<Entry, IngestError>| match entry {
        Ok(Entry::Record(record)) => Some(format!("{}: {}", record.source.place.unwrap(), record.text)),
        Ok(Entry::Skipped(skipped)) => Some(format!("{}: {}", skipped.place, skipped.reason)),
        Ok(_) => None,
        Err(error) => Some(error.to_string()),
    };
    match read(part, &context) {
        Ok(reader) => reader.filter_map(show).collect(),
        Err(error) => vec![error.to_string()],
    }
}

#[test]
fn rows_know_their_lines() {
    let expected = ["line 2: x", "lines 3\u{2013}4: y\nz", "line 6: w"];
    assert_eq!(entries(b"a,b\n1,x\n2,\"y\nz\"\n\n3,w", "b"), expected);
    let with_returns = entries(b"a,b\r\n1,x\r\n2,\"y\r\nz\"\r\n\r\n3,w\r\n", "b");
    assert_eq!(with_returns, ["line 2: x", "lines 3\u{2013}4: y\r\nz", "line 6: w"]);
}

#[test]
fn lines_end_as_each_system_ends_them() {
    let expected = ["line 2: x", "lines 3\u{2013}4: y\rz", "line 6: w"];
    assert_eq!(entries(b"a,b\r1,x\r2,\"y\rz\"\r\r3,w", "b"), expected);
}

#[test]
fn what_spreadsheets_are_told_is_a_line_and_no_row() {
    assert_eq!(entries(b"sep=;\r\na;b\r\n1;x,y\r\n2;z\r\n", "b"), ["line 3: x,y", "line 4: z"]);
}

#[test]
fn rows_that_are_none_are_told() {
    let found = entries(b"a,b\n1,\xC3\xA9\n1,x,y\n2\n3,\xFF\n4,z,,\n", "b");
    let expected = [
        "line 2: é",
        "line 3: the row has 3 cells, and there are 2 columns",
        "line 4: ",
        "line 5: the row is not UTF-8",
        "line 6: z",
    ];
    assert_eq!(found, expected);
}

#[test]
fn an_open_quote_takes_no_more_than_the_limit() {
    let endless = std::io::repeat(b'x');
    let mut start = Vec::new();
    write!(start, "a,b\n1,\"").unwrap();
    let input: Input<'_> = Box::new(BufReader::new(Cursor::new(start).chain(endless)));
    let mut rows = Rows::new(input, b',', 1 << 20);
    assert!(rows.next().is_ok());
    assert!(matches!(rows.next(), Err(IngestErrorKind::LineTooLong { line: 2, .. })));
}

/// The notes at the end of a table about its quotation marks.
fn told(input: &[u8]) -> Vec<String> {
    let (mut unquoted, told) = Unquoted::new(input, b',', MAX_LINE_LEN, 0);
    io::copy(&mut unquoted, &mut io::sink()).unwrap();
    told.take().notes()
}

#[test]
fn a_quote_that_nothing_closes_takes_no_rows_along() {
    let open_to_the_end = b"a,b,c\n1,\"x,2\n3,y,4\n5,z,6\n";
    assert_eq!(entries(open_to_the_end, "b"), ["line 2: \"x", "line 3: y", "line 4: z"]);
    assert_eq!(
        told(open_to_the_end),
        ["quotation marks that open a cell and are never closed, read as characters: line 2"]
    );
    let up_to_the_next = b"a,b,c\r\n1,\"x,2\r\n3,y,4\r\n5,\"z \"\"or\nnot\",6\r\n7,w,\"8\"";
    let rows = ["line 2: \"x", "line 3: y", "lines 4\u{2013}5: z \"or\nnot", "line 6: w"];
    assert_eq!(entries(up_to_the_next, "b"), rows);
}

#[test]
fn quotes_within_a_cell_of_several_lines_are_left_and_told() {
    let input = b"a,b,c\n1,\"he said\n\"so, it is\" to me\",2\n3,y,4\n";
    let plain = {
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(input.as_slice());
        reader.byte_records().map(|record| record.unwrap().len()).collect::<Vec<_>>()
    };
    assert_eq!(entries(input, "b").len(), plain.len());
    let note = "cells of several lines in which quotation marks do not match, so that they may hold other rows: line 2";
    assert_eq!(told(input), [note]);
    assert!(told(b"a,b\n1,\"x\ny, \"\"z\"\"\"\n2,w\n").is_empty());
}

#[test]
fn columns_get_names_of_their_own() {
    let names = column_names(["a", "", "a", "a_2", " b "].map(str::to_owned).to_vec());
    assert_eq!(names, ["a", "column2", "a_2", "a_2_2", "b"]);
}

proptest::proptest! {
    #[test]
    fn no_bytes_panic(bytes: Vec<u8>, text in "[a-c,;\"\\r\\n\\t0-9]{0,80}") {
        for input in [bytes.as_slice(), text.as_bytes()] {
            entries(input, "a");
        }
    }

    /// Cells come back as they were written, whatever they hold.
    #[test]
    fn cells_are_what_was_written(cells in proptest::collection::vec("[a-zé\",;\\n ]{1,8}", 1..6)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["id", "text"]).unwrap();
        cells.iter().for_each(|cell| writer.write_record(["1", cell]).unwrap());
        let bytes = writer.into_inner().unwrap();
        let context = ReadContext::new("f.csv", TimeZone::UTC);
        let part = Part::new("f.csv", Box::new(bytes.as_slice()));
        let mut context = context;
        context.options.table.delimiter = Some(b',');
        let texts: Vec<String> = read(part, &context)
            .unwrap()
            .filter_map(|entry| match entry.unwrap() {
                Entry::Record(record) => Some(record.text),
                _ => None,
            })
            .collect();
        proptest::prop_assert_eq!(texts, cells);
    }
}
