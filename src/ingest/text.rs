//! Plain text, posts split at blank lines. Any text is that, so it is read only where asked for.

use super::entities;
use super::error::{IngestError, IngestErrorKind};
use super::files::Part;
use super::format::{Entry, Input, ReadContext, Reader, streamed};
use super::lines::{Lines, MAX_LINE_LEN};
use crate::record::{Place, Record, Source};

/// Reads a file post by post.
#[expect(clippy::unnecessary_wraps, reason = "every reader may find at once that the input is not of its format")]
pub(super) fn read<'a>(part: Part<'a>, _: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    let mut lines = Lines::new(part.input, &part.file);
    Ok(streamed(move || next_post(&mut lines)))
}

/// The lines up to the next blank one, as a record.
fn next_post(lines: &mut Lines<Input<'_>>) -> Result<Option<Entry>, IngestError> {
    let file = lines.file().to_owned();
    let mut text = String::new();
    let mut place = None;
    while let Some(line) = lines.next()? {
        let line_text = line.text().map_err(|kind| IngestError::new(&*file, kind))?;
        if line_text.trim().is_empty() {
            if place.is_some() {
                break;
            }
            continue;
        }
        if (text.len() + line_text.len()) as u64 > MAX_LINE_LEN {
            return Err(IngestError::new(file, IngestErrorKind::TooLarge { limit: MAX_LINE_LEN }));
        }
        match place {
            None => place = Some((line.number, line.number)),
            Some((first, _)) => {
                place = Some((first, line.number));
                text.push('\n');
            }
        }
        text.push_str(line_text);
    }
    let Some((first, last)) = place else { return Ok(None) };
    let source = Source { file, place: Some(Place::Lines(first, last)), copies: Vec::new() };
    let mut record = Record { kind: "post".to_owned(), text, source, ..Record::default() };
    entities::fill(&mut record);
    Ok(Some(Entry::Record(Box::new(record))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    /// Shows each post as its place and text.
    fn check(input: &[u8], expected: &[&str]) {
        let context = ReadContext::new("f", TimeZone::UTC);
        let show = |entry| match entry {
            Ok(Entry::Record(record)) => {
                format!("{}: {}", record.source.place.unwrap(), record.text)
            }
            Ok(other) => panic!("{other:?}"),
            Err(error) => format!("{error}"),
        };
        let shown: Vec<_> = read(Part::new("f", Box::new(input)), &context).unwrap().map(show).collect();
        assert_eq!(shown, expected, "{input:?}");
    }

    #[test]
    fn posts_end_at_blank_lines() {
        check(b"", &[]);
        check(b"\n \n", &[]);
        check(b"a\n b \n\n\t\nc", &["lines 1\u{2013}2: a\n b ", "line 5: c"]);
        check(b"\r\na\r\n\r\nb", &["line 2: a", "line 4: b"]);
    }

    #[test]
    fn an_error_ends_the_posts() {
        check(
            b"a\n\nb\n\xFF\n\nc",
            &[
                "line 1: a",
                "f: line 4 is not UTF-8 at byte 5 of the input; convert it to UTF-8, for example with `iconv -f WINDOWS-1251 -t UTF-8`",
            ],
        );
    }
}
