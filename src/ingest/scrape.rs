//! Text of a channel as scrapers of its web page leave it.
//!
//! ```text
//! file    := (fwdpost | stub | post)*
//! fwdpost := "Forwarded from " NAME LF post
//! post    := copy1 [copy2]
//! stub    := "Please open Telegram to view this post" LF "VIEW IN TELEGRAM"
//! ```
//!
//! Where the scraper wrote each post twice (see [`fold`]), the record has the first copy, which is the whole one. Nothing is
//! lost: `source.place` names the lines of the header and the first copy, `source.copies` those of the second, and every line
//! that is not blank stands in one of them. Only a line into which the scraper ran a stub and the next post stands in both.
//!
//! Two passes: [`cut`] the text at what cannot be prose, then [`fold`] what doubles. Whether a text doubles at all shows only
//! in the whole of it, so it is held in memory.

mod cut;
mod fold;

use std::ops::Range;

use self::cut::{Header, Piece};
use self::fold::Block;
use super::entities;
use super::error::{IngestError, IngestErrorKind};
use super::format::{Input, ReadContext, Reader, Sample, entries};
use super::jsonl;
use super::lines::Lines;
use crate::record::{Attachment, Forward, Place, Record, Source};

/// Bytes of text that are held at once. A channel of a hundred thousand posts, each written twice, has half of this; more is
/// no page that anyone scraped.
const MAX_LEN: u64 = 512 << 20;

/// Line that stands for a link whose address the scraper dropped.
const READ_MORE: &str = "Read in full";

/// Marks where the author of a post left something out.
const ELISIONS: [&str; 2] = ["<...>", "<…>"];

/// A line that is not blank, or the rest of one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Line<'a> {
    /// Its number in the input, counted from 1.
    number: u64,
    text: &'a str,
}

/// Whether a sample has a header or stub, or doubles from post to post.
pub(super) fn recognise(sample: &Sample<'_>) -> bool {
    let lines: Vec<_> =
        (1..).zip(sample.lines()).map(|(number, text)| Line { number, text }).collect();
    let lines: Vec<_> = lines.into_iter().filter(|line| !line.text.trim().is_empty()).collect();
    if cut::has_marks(&lines) {
        return true;
    }
    // Repeats prove nothing where each line is a record. Elsewhere they must be the rule: logs and songs repeat themselves too.
    if jsonl::recognise(sample) {
        return false;
    }
    let blocks = fold::fold(&lines);
    let doubled: usize =
        blocks.iter().filter(|block| block.is_doubled()).map(Block::num_lines).sum();
    fold::is_doubling(&blocks) && doubled * 2 >= lines.len()
}

/// Reads the whole input, then yields its records.
pub(super) fn read<'a>(
    input: Input<'a>,
    context: &'a ReadContext,
) -> Result<Reader<'a>, IngestError> {
    let text = Text::read(input, &context.file, MAX_LEN)?;
    Ok(entries(records(&text.lines(), &context.file).into_iter()))
}

/// The lines of an input that are not blank.
struct Text {
    text: String,
    lines: Vec<(u64, Range<usize>)>,
}

impl Text {
    fn read(input: Input<'_>, file: &str, limit: u64) -> Result<Self, IngestError> {
        let fail = |kind| IngestError::new(file, kind);
        let mut text = Self { text: String::new(), lines: Vec::new() };
        let mut lines = Lines::new(input, file);
        while let Some(line) = lines.next()? {
            let line_text = line.text().map_err(fail)?;
            if line_text.trim().is_empty() {
                continue;
            }
            let start = text.text.len();
            if (start + line_text.len()) as u64 > limit {
                return Err(fail(IngestErrorKind::TooLarge { limit }));
            }
            text.text.push_str(line_text);
            text.lines.push((line.number, start..text.text.len()));
        }
        Ok(text)
    }

    fn lines(&self) -> Vec<Line<'_>> {
        let line = |(number, range): &(u64, Range<usize>)| Line {
            number: *number,
            text: self.text.get(range.clone()).unwrap_or_default(),
        };
        self.lines.iter().map(line).collect()
    }
}

/// The records in `lines`, which are not blank.
fn records(lines: &[Line<'_>], file: &str) -> Vec<Record> {
    let pieces = cut::cut(lines);
    let folded: Vec<Vec<Block>> = pieces.iter().map(|piece| fold::fold(piece.lines())).collect();
    let doubles = fold::is_doubling(folded.iter().flatten());

    let mut records = Vec::new();
    for (piece, blocks) in pieces.iter().zip(folded) {
        match piece {
            Piece::Stub { header, first, last } => {
                records.push(stub(*header, Place::Lines(*first, *last), file));
            }
            Piece::Segment { header, lines } if doubles && !blocks.is_empty() => {
                for (index, block) in blocks.iter().enumerate() {
                    let header = header.filter(|_| index == 0);
                    // In a text that doubles, several lines that do not are as likely several posts of one line each.
                    let is_uncertain = !block.is_doubled() && block.num_lines() > 1;
                    records.push(post(header, block, lines, is_uncertain, file));
                }
            }
            Piece::Segment { header, lines } => {
                let is_uncertain = header.is_none() && lines.len() > 1;
                records.push(post(
                    *header,
                    &Block::undoubled(0..lines.len()),
                    lines,
                    is_uncertain,
                    file,
                ));
            }
        }
    }
    records
}

/// The record of a post whose copies are a block of `lines`.
fn post(
    header: Option<Header<'_>>,
    block: &Block,
    lines: &[Line<'_>],
    is_uncertain: bool,
    file: &str,
) -> Record {
    let first_copy = lines.get(block.first.clone()).unwrap_or_default();
    let second_copy = lines.get(block.second.clone()).unwrap_or_default();
    let header_line = header.map(|header| Line { number: header.line, text: header.name });

    let mut record = Record {
        kind: "post".to_owned(),
        forwarded_from: header.map(forward),
        text: join(first_copy),
        source: Source {
            file: file.to_owned(),
            place: place(header_line.iter().chain(first_copy)),
            copies: place(second_copy).into_iter().collect(),
        },
        ..Record::default()
    };
    let mut flag = |name: &str, is_set: bool| {
        if is_set {
            record.flags.push(name.to_owned());
        }
    };
    flag("elided", ELISIONS.iter().any(|mark| record.text.contains(mark)));
    flag("read_more", first_copy.iter().any(|line| line.text.trim() == READ_MORE));
    flag("boundary_uncertain", is_uncertain);
    // A header whose post the scraper lost.
    flag("incomplete", first_copy.is_empty());
    entities::fill(&mut record);
    record
}

/// The record of a post that the channel's page does not show.
fn stub(header: Option<Header<'_>>, place: Place, file: &str) -> Record {
    let place = match (header, place) {
        (Some(header), Place::Lines(_, last)) => Place::Lines(header.line, last),
        (_, place) => place,
    };
    Record {
        kind: "unsupported".to_owned(),
        forwarded_from: header.map(forward),
        media: vec![Attachment { kind: "unsupported".to_owned(), ..Attachment::default() }],
        flags: vec!["unsupported_media".to_owned()],
        source: Source { file: file.to_owned(), place: Some(place), copies: Vec::new() },
        ..Record::default()
    }
}

fn forward(header: Header<'_>) -> Forward {
    Forward { name: header.name.to_owned(), id: None, url: None }
}

/// From the first of `lines` to the last.
fn place<'a, 'b: 'a>(lines: impl IntoIterator<Item = &'a Line<'b>>) -> Option<Place> {
    let mut numbers = lines.into_iter().map(|line| line.number);
    let first = numbers.next()?;
    Some(Place::Lines(first, numbers.last().unwrap_or(first)))
}

/// The text of `lines`, with the blank lines that stood between them.
fn join(lines: &[Line<'_>]) -> String {
    let mut text = String::new();
    let mut before = None;
    for line in lines {
        for _ in before.unwrap_or(line.number)..line.number {
            text.push('\n');
        }
        text.push_str(line.text);
        before = Some(line.number);
    }
    text
}
