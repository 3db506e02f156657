//! Plain text, posts split at blank lines. Any text is that, so it is read only where asked for.

use super::entities;
use super::error::{IngestError, IngestErrorKind};
use super::format::{Entry, Input, ReadContext, Reader, streamed};
use super::lines::{Lines, MAX_LINE_LEN};
use crate::record::{Place, Record, Source};

/// Reads an input post by post.
#[expect(
    clippy::unnecessary_wraps,
    reason = "every reader may find at once that the input is not of its format"
)]
pub(super) fn read<'a>(
    input: Input<'a>,
    context: &'a ReadContext,
) -> Result<Reader<'a>, IngestError> {
    let mut lines = Lines::new(input, &context.file);
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
