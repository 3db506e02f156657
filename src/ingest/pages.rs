//! A folder of pages that somebody saved from the web: each a post, with what it says of itself.
//!
//! Browsers put what a page shows into a folder beside it, with frames among it that are pages too; those are no posts.

use std::io::Read as _;

use super::date::keep_unread;
use super::error::{IngestError, IngestErrorKind};
use super::files::{Part, Parts, each, path_in_source};
use super::format::{Entry, ReadContext, Reader, Sample, Skipped};
use super::html::saved;
use super::json::object::field;
use crate::record::{Place, Record, Source};

/// Longest page that is read, in bytes. Pages with their pictures in them have some megabytes; the tree takes some times as much.
const MAX_PAGE_LEN: u64 = 32 << 20;

/// Whether a sample is a page.
pub(super) fn recognise(sample: &Sample<'_>) -> bool {
    saved::is_page(&sample.text())
}

/// Reads pages one after another.
pub(super) fn read<'a>(parts: Parts<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    each(parts, |part| Ok(Box::new(std::iter::once(page(part, context))) as Reader<'a>))
}

fn page(part: Part<'_>, context: &ReadContext) -> Result<Entry, IngestError> {
    let path = part.path().to_owned();
    let Part { file, input, .. } = part;
    let mut bytes = Vec::new();
    let read = input.take(MAX_PAGE_LEN + 1).read_to_end(&mut bytes);
    read.map_err(|error| IngestError::new(&*file, IngestErrorKind::Io(error)))?;
    let place = Place::Bytes(0, bytes.len() as u64);
    let skipped = |reason: String| {
        Ok(Entry::Skipped(Skipped { file: file.clone(), place: place.clone(), reason, excerpt: String::new() }))
    };
    if bytes.len() as u64 > MAX_PAGE_LEN {
        return skipped(format!("the page is longer than {MAX_PAGE_LEN} bytes"));
    }
    if is_frame(path_in_source(&file)) {
        return skipped("a frame of another page, saved beside it".to_owned());
    }
    let found = match saved::read(&saved::text_of(&bytes, None), &context.time_zone, None) {
        Ok(found) => found,
        Err(error) => return skipped(format!("{error}, which no page needs")),
    };
    let saved::Saved { mut record, published, unread, origin } = found;
    if record.text.is_empty() && record.media.is_empty() {
        return skipped("there is no text on the page".to_owned());
    }
    record.date = published;
    if let Some(written) = unread {
        keep_unread(&mut record, written.trim());
    }
    record.id = Some(path);
    if let Some(address) = origin.filter(|address| Some(address) != record.url.as_ref()) {
        record.fields.push(field("saved_from", &address));
    }
    record.source = Source { file: file.clone(), place: Some(place), copies: Vec::new() };
    Ok(Entry::Record(Box::new(Record { kind: "page".to_owned(), ..record })))
}

/// Whether a page stands in the folder that a browser made for another one.
fn is_frame(path: &str) -> bool {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders.split('/').any(|folder| ["_files", ".fld"].iter().any(|end| folder.ends_with(end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_no_pages() {
        assert!(is_frame("Fog_files/ad.html") && is_frame("a/b_files/c/d.html"));
        assert!(!is_frame("Fog_files.html") && !is_frame("files/a.html"));
    }
}
