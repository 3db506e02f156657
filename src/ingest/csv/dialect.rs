//! How a table is written: what stands between its cells, and whether its first row names the columns. Both show in the rows.

use std::collections::HashSet;

use csv::{ByteRecord, ReaderBuilder};

use crate::ingest::error::IngestErrorKind;
use crate::ingest::table::{TableOptions, knows_column, says_date};

/// What may stand between cells.
const DELIMITERS: [u8; 4] = *b",;\t|";

/// Longest name of a column, in characters; what is longer is text.
const MAX_NAME_CHARS: usize = 64;

/// Known names in a first row that no other text has.
const SURE_NAMES: usize = 2;

/// How a table is written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    /// Whether the first row names the columns.
    pub(super) has_header: bool,
    /// What shows it, for people.
    pub(super) note: String,
}

/// The first line `sep=;`, by which spreadsheets are told what stands between cells: its delimiter, and its length with the line's end.
pub(super) fn told(head: &[u8]) -> Option<(u8, usize)> {
    let (delimiter, rest) = head.strip_prefix(b"sep=")?.split_first()?;
    let end = [&b"\r\n"[..], b"\n", b"\r"].into_iter().find(|end| rest.starts_with(end))?;
    delimiter.is_ascii().then_some((*delimiter, b"sep=;".len() + end.len()))
}

/// What one delimiter makes of the sample.
struct Candidate {
    delimiter: u8,
    rows: Vec<Vec<String>>,
    /// Cells of the first row.
    width: usize,
    /// Rows that have as many.
    num_even: usize,
}

/// Finds how a table is written that begins with `head`, and ends with it where that `is_whole`.
///
/// # Errors
///
/// `Undecided`: two delimiters make a table of it.
pub(super) fn find(head: &[u8], is_whole: bool, options: &TableOptions) -> Result<Dialect, IngestErrorKind> {
    let candidate = match options.delimiter {
        Some(delimiter) => Candidate::new(head, is_whole, delimiter),
        None => best(head, is_whole)?,
    };
    let has_header = options.header.unwrap_or_else(|| candidate.has_header());
    let columns = if candidate.width == 1 { "column" } else { "columns" };
    let note = format!(
        "a table of {} {columns} with {} between them ({} of the first {} rows), {}",
        candidate.width,
        name_of(candidate.delimiter),
        candidate.num_even,
        candidate.rows.len(),
        if has_header { "named in the first row" } else { "without names" },
    );
    Ok(Dialect { delimiter: candidate.delimiter, has_header, note })
}

/// The delimiter of a text that is a table for certain: even rows, and a first one that names columns which records have, or
/// columns of dates.
pub(super) fn recognise(head: &[u8], is_whole: bool) -> Option<u8> {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    if let Some((delimiter, _)) = told(head) {
        return Some(delimiter);
    }
    if matches!(head.trim_ascii_start().first(), None | Some(b'{' | b'[' | b'<')) {
        return None;
    }
    let candidate = best(head, is_whole).ok().filter(Candidate::is_table)?;
    let num_known = candidate.num_known();
    let data = || candidate.rows.iter().skip(1);
    let has_dates = (0..candidate.width).any(|column| {
        let mut cells = data().filter_map(|row| row.get(column)).filter(|cell| !cell.is_empty()).peekable();
        cells.peek().is_some() && cells.all(|cell| says_date(cell))
    });
    // Of a first row that is longer than the sample nothing is there but what its columns are called.
    let has_rows = data().next().is_some() || !is_whole && num_known >= SURE_NAMES;
    let is_certain = candidate.has_header() && has_rows && (num_known > 0 || candidate.width > 2 && has_dates);
    is_certain.then_some(candidate.delimiter)
}

/// The delimiter that makes the evenest table; among several, the one whose first row names columns that records have.
fn best(head: &[u8], is_whole: bool) -> Result<Candidate, IngestErrorKind> {
    let candidates = DELIMITERS.map(|delimiter| Candidate::new(head, is_whole, delimiter));
    let mut tables: Vec<Candidate> = candidates.into_iter().filter(Candidate::is_table).collect();
    let most = tables.iter().map(Candidate::num_known).max().unwrap_or(0);
    tables.retain(|candidate| candidate.num_known() == most);
    match tables.as_slice() {
        [] => Ok(Candidate::new(head, is_whole, b',')),
        [_] => Ok(tables.remove(0)),
        several => {
            let names: Vec<&str> = several.iter().map(|candidate| name_of(candidate.delimiter)).collect();
            Err(IngestErrorKind::Undecided {
                seen: format!("{} all make a table of it", names.join(" and ")),
                option: "--delimiter CHARACTER".to_owned(),
            })
        }
    }
}

impl Candidate {
    fn new(head: &[u8], is_whole: bool, delimiter: u8) -> Self {
        let mut reader = ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(head);
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut record = ByteRecord::new();
        while reader.read_byte_record(&mut record).unwrap_or(false) {
            rows.push(record.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect());
        }
        if !is_whole && rows.len() > 1 {
            rows.pop();
        }
        let width = rows.first().map_or(0, Vec::len);
        let num_even = rows.iter().filter(|row| row.len() == width).count();
        Self { delimiter, rows, width, num_even }
    }

    /// Cells of the first row that are names of columns which records have.
    fn num_known(&self) -> usize {
        self.rows.first().map_or(0, |row| row.iter().filter(|name| knows_column(name)).count())
    }

    /// Whether there are several columns, and nine rows of ten, or all but one of a few, have them all; half of them where the first
    /// row says for certain that there are.
    fn is_table(&self) -> bool {
        let num_uneven = self.rows.len() - self.num_even;
        let is_even = num_uneven * 10 <= self.rows.len() || num_uneven == 1 && self.rows.len() > 3;
        let is_said = self.num_known() >= SURE_NAMES && num_uneven * 2 <= self.rows.len();
        self.width > 1 && (is_even || is_said)
    }

    /// Whether the cells of the first row are names: each another one, none of them a number, a date or an address; or some of them,
    /// unlike those below, known. Columns without a name, such as the numbers of rows, are beside others that are known alone.
    fn has_header(&self) -> bool {
        let Some(first) = self.rows.first() else { return false };
        let mut seen = HashSet::new();
        let is_name = |cell: &String| {
            cell.chars().count() <= MAX_NAME_CHARS
                && !cell.contains("://")
                && !cell.contains('\n')
                && cell.parse::<f64>().is_err()
                && !says_date(cell)
        };
        let named = || first.iter().filter(|cell| !cell.is_empty());
        let is_complete = named().count() == first.len();
        let are_names = named().all(is_name) && named().all(|cell| seen.insert(cell));
        let num_known = self.num_known();
        are_names && (is_complete || num_known > 0) || num_known * 2 > named().count() || num_known >= SURE_NAMES
    }
}

fn name_of(delimiter: u8) -> &'static str {
    match delimiter {
        b',' => "commas",
        b';' => "semicolons",
        b'\t' => "tabs",
        b'|' => "bars",
        _ => "the given character",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, delimiter: u8, has_header: bool, is_recognised: bool) {
        let found = find(text.as_bytes(), true, &TableOptions::default()).unwrap();
        assert_eq!((found.delimiter, found.has_header), (delimiter, has_header), "{text:?}: {}", found.note);
        assert_eq!(recognise(text.as_bytes(), true), is_recognised.then_some(delimiter), "{text:?}");
    }

    #[test]
    fn rows_show_how_they_are_written() {
        check("id,text\n1,\"a;b;c\"\n2,\"d, e\"\n", b',', true, true);
        check("id;text;price\n1;a, b;1,5\n2;c;2,5\n", b';', true, true);
        check("id\ttext\n1\ta, b\n", b'\t', true, true);
        check("name|when|what\nx|2024-06-01|y\n", b'|', true, true);
        check("a,b,c\n1,2,3\n", b',', true, false);
        check("1,2024-06-01,words\n2,2024-06-02,more words\n", b',', false, false);
        check("A line, of prose\nAnother one, too\n", b',', true, false);
        check("Just words\nMore of them\n", b',', true, false);
        check("", b',', false, false);
        check(",date,text,a,b,c\n0,2024-06-01,hello there,1,2,3\n", b',', true, true);
        check("id;date;text;;;\n1;2024-06-01;a;;;\n", b';', true, true);
        check("Hello,,there\nnow,,and then\n", b',', false, false);
        // Rows that lack cells, or have one too many.
        check("date,text,views\n1,a\n2,b,3,4\n3\n4,c,5\n5,d,6\n", b',', true, true);
        check("a line, of prose\nanother\nand, another, one\nlast, one\n", b',', true, false);
    }

    #[test]
    fn spreadsheets_are_told_what_stands_between_cells() {
        let check = |text: &str, expected| assert_eq!(told(text.as_bytes()), expected, "{text:?}");
        check("sep=;\na;b", Some((b';', 6)));
        check("sep=,\r\na,b", Some((b',', 7)));
        check("sep=\t\ra\tb", Some((b'\t', 6)));
        check("sep=;", None);
        check("sep=;;\n", None);
        check("sep=\u{e4}\n", None);
        assert_eq!(recognise(b"sep=^\na^b\n1^2\n", true), Some(b'^'));
    }

    #[test]
    fn a_first_row_may_be_longer_than_the_sample() {
        assert_eq!(recognise(b"id,text\n1,\"an endless", false), Some(b','));
        assert_eq!(recognise(b"id,words\n1,\"an endless", false), None);
    }

    #[test]
    fn two_delimiters_are_not_guessed_between() {
        let error = find(b"a,b;c\n1,2;3\n", true, &TableOptions::default()).unwrap_err().to_string();
        assert_eq!(error, "commas and semicolons all make a table of it; decide with `--delimiter CHARACTER`");
        let options = TableOptions { delimiter: Some(b';'), ..TableOptions::default() };
        assert_eq!(find(b"a,b;c\n1,2;3\n", true, &options).unwrap().delimiter, b';');
    }

    #[test]
    fn the_end_of_a_sample_is_no_row() {
        assert_eq!(recognise(b"id,text\n1,a\n2", false), Some(b','));
    }
}
