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

use std::collections::HashMap;
use std::ops::Range;

use self::cut::{Header, Piece};
use self::fold::Block;
use super::entities;
use super::error::{IngestError, IngestErrorKind};
use super::files::Part;
use super::format::{Boundary, Input, ReadContext, Reader, Sample, entries};
use super::jsonl;
use super::lines::Lines;
use crate::record::{Attachment, Forward, Place, Record, Source};

/// Bytes of text that are held at once, with [`LINE_COST`] for each line. A channel of thirty thousand posts of five lines, each written
/// twice, has less.
const MAX_LEN: u64 = 256 << 20;

/// Bytes that a line costs beside its text, where each is a post's only one, so that a text of empty words cannot take many times its
/// size. With half of it, 983,274 lines of 80 bytes, each written twice, took 710 MB.
const LINE_COST: u64 = 384;

/// Bytes of records that are held beside them, with [`RECORD_COST`] for each: their texts once more.
const MAX_RECORDS_LEN: usize = 160 << 20;

/// Bytes that a record costs beside its text.
const RECORD_COST: usize = 1 << 10;

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
    // A page that was saved, not scraped, holds the same words between its tags.
    let mut start = sample.head().trim_ascii_start().iter();
    if start.next() == Some(&b'<') && start.next().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'!') {
        return false;
    }
    let lines = filled_lines(sample);
    if cut::has_marks(&lines) {
        return true;
    }
    // Repeats prove nothing where each line is a record, or a part of one. Elsewhere they must be the rule: logs and songs repeat
    // themselves too.
    if jsonl::recognise(sample) || is_json(sample.head()) || is_written_by_machines(&lines) {
        return false;
    }
    let blocks = fold::fold(&lines);
    let doubled: usize = blocks.iter().filter(|block| block.is_doubled()).map(Block::num_lines).sum();
    fold::is_doubling(&blocks) && doubled * 2 >= lines.len()
}

/// Whether nothing but repeats shows that a sample is a scrape, which texts of other formats have too.
pub(super) fn only_repeats(sample: &Sample<'_>) -> bool {
    !cut::has_marks(&filled_lines(sample))
}

fn filled_lines<'a>(sample: &Sample<'a>) -> Vec<Line<'a>> {
    let lines = (1..).zip(sample.lines()).map(|(number, text)| Line { number, text });
    lines.filter(|line| !line.text.trim().is_empty()).collect()
}

/// Whether lines are settings, code or a log, which say the same again and again: what a scraper leaves of a page is not indented, has no
/// key or time before every line, and no line more than twice.
fn is_written_by_machines(lines: &[Line<'_>]) -> bool {
    const LONG: usize = 20;
    let share = |of: usize, percent: usize| of * 100 >= lines.len() * percent;
    let count = |is: fn(&str) -> bool| lines.iter().filter(|line| is(line.text)).count();
    let mut times: HashMap<&str, usize> = HashMap::new();
    for line in lines.iter().map(|line| line.text.trim()).filter(|line| line.len() >= LONG) {
        *times.entry(line).or_default() += 1;
    }
    let often: usize = times.values().filter(|times| **times > 2).sum();
    share(count(|line| line.starts_with([' ', '\t'])), 20)
        || share(count(begins_with_key), 50)
        || share(count(begins_with_time), 50)
        || share(often, 50)
}

/// Whether a line begins with a name and a colon or an equals sign, as settings do.
fn begins_with_key(line: &str) -> bool {
    let line = line.trim_start_matches(['-', ' ', '"', '\'']);
    let name = line.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '.')).unwrap_or(line.len());
    let rest = line.get(name..).unwrap_or_default().trim_start_matches(['"', '\'', ' ']);
    name > 0 && rest.starts_with([':', '=']) && !rest.starts_with("://")
}

/// Whether a line begins with a time, as logs do: digits with signs between them, or in brackets.
fn begins_with_time(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    let digits = first.bytes().filter(u8::is_ascii_digit).count();
    digits >= 4 && first.bytes().any(|byte| matches!(byte, b'-' | b':' | b'/' | b'[' | b'.'))
}

/// Whether a list or an object of JSON begins here.
fn is_json(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let mut signs = head.iter().filter(|byte| !byte.is_ascii_whitespace());
    matches!((signs.next(), signs.next()), (Some(b'['), Some(b'{' | b'[' | b']')) | (Some(b'{'), Some(b'"' | b'}')))
}

/// Reads the whole file, then yields its records.
pub(super) fn read<'a>(part: Part<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    let text = Text::read(part.input, &part.file, MAX_LEN)?;
    let is_here = |boundary: &&Boundary| {
        let file = boundary.file.as_deref();
        file.is_none_or(|file| file == part.file || part.file.ends_with(&format!("/{file}")))
    };
    let mut given: Vec<(u64, u64)> =
        context.options.boundaries.iter().filter(is_here).map(|boundary| (boundary.first, boundary.last)).collect();
    given.sort_unstable();
    let records = records(&text.lines(), &given, &part.file, MAX_RECORDS_LEN);
    let records = records.map_err(|kind| IngestError::new(&*part.file, kind))?;
    Ok(entries(records.into_iter()))
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
            let num_lines = text.lines.len() as u64 + 1;
            // Of blank lines nothing is held here, but between two others of one post each is a line end of its text.
            if (start + line_text.len()) as u64 + num_lines * LINE_COST + line.number > limit {
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

/// The records in `lines`, which are not blank; what stands in one of the `given` ranges, which are sorted, is one post. More than
/// `max_len` bytes of them are `TooLarge`.
fn records(
    lines: &[Line<'_>],
    given: &[(u64, u64)],
    file: &str,
    max_len: usize,
) -> Result<Vec<Record>, IngestErrorKind> {
    let pieces = pieces(lines, given);
    let folded: Vec<Vec<Block>> = pieces.iter().map(|piece| fold::fold(piece.lines())).collect();
    let doubles = fold::is_doubling(folded.iter().flatten());

    let mut records = Vec::new();
    let (mut num_counted, mut len) = (0, 0);
    for (piece, blocks) in pieces.iter().zip(folded) {
        let new = records.get(num_counted..).unwrap_or_default();
        len += new.iter().map(|record: &Record| record.text.len() + RECORD_COST).sum::<usize>();
        if len > max_len {
            return Err(IngestErrorKind::TooLarge { limit: max_len as u64 });
        }
        num_counted = records.len();
        match piece {
            Piece::Stub { header, first, last } => {
                records.push(stub(*header, Place::Lines(*first, *last), file));
            }
            Piece::Given { header, lines } => {
                let whole = Block::undoubled(0..lines.len());
                // Two copies of one post, or else whatever stands there.
                let block = match blocks.as_slice() {
                    [block] if doubles && block.num_lines() == lines.len() => block,
                    _ => &whole,
                };
                records.push(post(*header, block, lines, false, file));
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
                records.push(post(*header, &Block::undoubled(0..lines.len()), lines, is_uncertain, file));
            }
        }
    }
    Ok(records)
}

/// The pieces of a text: those that people gave, and what is cut from the lines between them.
fn pieces<'a>(lines: &[Line<'a>], given: &[(u64, u64)]) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    let mut rest = lines;
    for (first, last) in given {
        let (before, from) = rest.split_at(rest.partition_point(|line| line.number < *first));
        let (within, after) = from.split_at(from.partition_point(|line| line.number <= *last));
        pieces.extend(cut::cut(before));
        pieces.extend(cut::given(within));
        rest = after;
    }
    pieces.extend(cut::cut(rest));
    pieces
}

/// The record of a post whose copies are a block of `lines`.
fn post(header: Option<Header<'_>>, block: &Block, lines: &[Line<'_>], is_uncertain: bool, file: &str) -> Record {
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
    // A header whose post the scraper lost; or a post of which it lost the first line, in both copies: the second copy of a whole
    // one never has that line.
    let is_beheaded = !second_copy.is_empty() && first_copy.iter().map(text_of).eq(second_copy.iter().map(text_of));
    flag("incomplete", first_copy.is_empty() || is_beheaded);
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

fn text_of<'a>(line: &Line<'a>) -> &'a str {
    line.text
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::format::Entry;
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    fn read_text(text: &str) -> Vec<Record> {
        let context = ReadContext::new("f", TimeZone::UTC);
        let reader = read(Part::new("f", Box::new(text.as_bytes())), &context).unwrap();
        let record = |entry| match entry {
            Ok(Entry::Record(record)) => *record,
            other => panic!("{other:?}"),
        };
        reader.map(record).collect()
    }

    #[test]
    fn what_would_be_held_is_counted() {
        let read = |text: &str, limit| Text::read(Box::new(text.as_bytes()), "f", limit).map(|text| text.lines.len());
        let cost = |text: &str| text.len() as u64 + LINE_COST + 1;
        assert_eq!(read("storm\n", cost("storm")).unwrap(), 1);
        assert!(read("storm\n", cost("storm") - 1).is_err());
        // A post is as long as the blank lines in it.
        assert!(read(&format!("a\n{}b\n", "\n".repeat(1000)), 1000).is_err());
        let text = "Forwarded from Radio\nstorm\n".repeat(10);
        let text = Text::read(Box::new(text.as_bytes()), "f", MAX_LEN).unwrap();
        let all = records(&text.lines(), &[], "f", MAX_RECORDS_LEN).unwrap();
        assert_eq!(all.len(), 10);
        let error = records(&text.lines(), &[], "f", 5 * RECORD_COST).unwrap_err();
        assert!(error.to_string().contains("5120 bytes"), "{error}");
    }

    /// Shows records as `[first-last]` or `[first-last =first-last]` with their flags.
    fn check(text: &str, expected: &[&str]) {
        let lines = |place: &Place| place.to_string().trim_start_matches("lines ").replace("line ", "");
        let show = |record: Record| {
            let mut shown = record.source.place.iter().map(lines).collect::<String>();
            shown.extend(record.source.copies.iter().map(|copy| format!(" = {}", lines(copy))));
            shown.extend(record.flags.iter().map(|flag| format!(" {flag}")));
            shown
        };
        assert_eq!(read_text(text).into_iter().map(show).collect::<Vec<_>>(), expected, "{text:?}");
    }

    /// The parts of a post that a scraper writes twice: `head`, then twice `body`.
    fn doubled(head: &str, body: &str) -> String {
        format!("{head}\n{body}\n{body}\n")
    }

    const OTHER: &str = "a second body, as long as the first, and as little a chance\nthen its end";
    const BODY: &str = "a line of some length, so that it is no chance\nand another line";

    #[test]
    fn folds_where_the_text_doubles() {
        check(&format!("Forwarded from A\n{}", doubled("head", BODY)), &["1–4 = 5–6"]);
        check(&format!("{}{}", doubled("one", BODY), doubled("two", OTHER)), &["1–3 = 4–5", "6–8 = 9–10"]);
        check(
            &format!("Forwarded from A\n{}own post\n{}", doubled("head", BODY), doubled("two", OTHER)),
            &["1–4 = 5–6", "7", "8–10 = 11–12"],
        );
    }

    #[test]
    fn what_doubles_alone_stays() {
        let plain = "Forwarded from B\none\ntwo\n";
        check(&format!("Forwarded from A\n{}{plain}", doubled("head", BODY)), &["1–6", "7–9"]);
        check("Forwarded from A\nHo!\nHo!\nHo!", &["1–4"]);
    }

    #[test]
    fn says_where_boundaries_are_a_guess() {
        check("one\ntwo", &["1–2 boundary_uncertain"]);
        check("one", &["1"]);
        let two = doubled("head", BODY);
        check(
            &format!("Forwarded from A\nx\ny\nForwarded from B\n{two}Forwarded from C\n{two}"),
            &["1–3 boundary_uncertain", "4–7 = 8–9", "10–13 = 14–15"],
        );
    }

    #[test]
    fn marks_what_is_missing() {
        check("Forwarded from A\nso it ends <...>.\nRead in full", &["1–3 elided read_more"]);
        check("Forwarded from A\nForwarded from B\nb", &["1 incomplete", "2–3"]);
        check("Please open Telegram to view this post\nVIEW IN TELEGRAM", &["1–2 unsupported_media"]);
    }

    #[test]
    fn what_people_say_is_one_post_is_one() {
        let mut context = ReadContext::new("f", TimeZone::UTC);
        let shown = |context: &ReadContext, text: &str| -> Vec<String> {
            let reader = read(Part::new("f", Box::new(text.as_bytes())), context).unwrap();
            let show = |entry| match entry {
                Ok(Entry::Record(record)) => format!("{} {:?}", record.source.place.unwrap(), record.flags),
                other => panic!("{other:?}"),
            };
            reader.map(show).collect()
        };
        let text = "Forwarded from A\none\ntwo\nthree\nForwarded from B\nfour";
        assert_eq!(shown(&context, text), ["lines 1–4 []", "lines 5–6 []"]);
        context.options.boundaries = vec![
            Boundary { file: None, first: 3, last: 4 },
            Boundary { file: Some("f".into()), first: 1, last: 2 },
            Boundary { file: Some("g".into()), first: 5, last: 5 },
        ];
        assert_eq!(shown(&context, text), ["lines 1–2 []", "lines 3–4 []", "lines 5–6 []"]);
    }

    #[test]
    fn a_lost_first_line_shows_in_equal_copies() {
        let one = format!("Forwarded from A\n{BODY}\n{BODY}\n");
        check(&format!("{one}Forwarded from B\n{}", doubled("head", OTHER)), &["1–3 = 4–5 incomplete", "6–9 = 10–11"]);
    }

    #[test]
    fn blank_lines_stay_within_a_post() {
        assert_eq!(read_text("Forwarded from A\n\na\n\n\nb\n\n")[0].text, "a\n\n\nb");
    }

    #[test]
    fn too_much_text_is_refused() {
        let limit = 6 + 2 * LINE_COST + 3;
        assert!(Text::read(Box::new("123\n\n456".as_bytes()), "f", limit).is_ok());
        let error = Text::read(Box::new("123\n45678".as_bytes()), "f", limit).err().unwrap();
        assert!(matches!(error.kind(), IngestErrorKind::TooLarge { .. }));
    }

    /// Every line that is not blank stands in the place or a copy of one record, and its text in that record.
    fn check_nothing_is_lost(text: &str) -> Result<(), TestCaseError> {
        let lines: Vec<&str> = text.lines().collect();
        let not_blank = |place: &Place| {
            let Place::Lines(first, last) = *place else { panic!("{place:?}") };
            let numbers = first as usize..=last as usize;
            numbers.filter(|number| !lines[number - 1].trim().is_empty()).collect::<Vec<_>>()
        };
        let mut claims = vec![0; lines.len() + 1];
        for record in read_text(text) {
            let mut own = not_blank(record.source.place.as_ref().unwrap());
            let copies: Vec<_> = record.source.copies.iter().flat_map(not_blank).collect();
            for number in own.iter().chain(&copies) {
                claims[*number] += 1;
            }
            if record.kind == "unsupported" {
                prop_assert!(record.text.is_empty());
                continue;
            }
            if let Some(forward) = &record.forwarded_from {
                prop_assert!(lines[own.remove(0) - 1].trim_end().ends_with(&forward.name));
            }
            let kept: Vec<_> = record.text.lines().filter(|line| !line.trim().is_empty()).collect();
            prop_assert_eq!(kept.len(), own.len());
            for (index, (line, number)) in kept.iter().zip(own).enumerate() {
                let input = lines[number - 1];
                prop_assert!(*line == input || index == 0 && input.starts_with("VIEW") && input.ends_with(line));
            }
            for number in copies {
                prop_assert!(kept.iter().any(|line| line.trim() == lines[number - 1].trim()));
            }
        }
        for (number, line) in (1..).zip(&lines) {
            let is_glued = line.starts_with("VIEW IN TELEGRAM") || line.starts_with("Please open Telegram");
            let expected = usize::from(!line.trim().is_empty());
            prop_assert!(claims[number] == expected || is_glued && claims[number] == 2, "line {number} of {text:?}");
        }
        Ok(())
    }

    fn soup() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            6 => "[a-e]".prop_map(|letter| letter.repeat(45)),
            3 => "[a-c]{1,2}",
            1 => Just("Forwarded from Somebody\u{a0}".to_owned()),
            1 => Just("Please open Telegram to view this post\nVIEW IN TELEGRAM".to_owned()),
            1 => Just("Please open Telegram to view this post\nVIEW IN TELEGRAMglued to the next post".to_owned()),
            1 => Just("Please open Telegram to view this post".to_owned()),
            1 => Just("VIEW IN TELEGRAM".to_owned()),
            1 => "[ \u{a0}]{0,2}",
        ];
        prop::collection::vec(line, 0..40).prop_map(|lines| lines.join("\n"))
    }

    /// Posts as a scraper writes them: each twice, the second time without some of its lines.
    fn channel() -> impl Strategy<Value = String> {
        let line = prop_oneof![3 => "[a-z]{3} [a-z]{30,60}", 1 => Just("____".to_owned()), 1 => "[a-z]{1,5}"];
        let post = (prop::collection::vec((line, prop::bool::weighted(0.9)), 1..8), any::<bool>());
        let post = post.prop_map(|(lines, has_header)| {
            let header = if has_header { "Forwarded from Somebody\n" } else { "" };
            let first = lines.iter().map(|(line, _)| format!("{line}\n"));
            let second = lines.iter().skip(1).filter(|(_, is_twice)| *is_twice).map(|(line, _)| format!("{line}\n"));
            header.to_owned() + &first.chain(second).collect::<String>()
        });
        prop::collection::vec(post, 0..6).prop_map(|posts| posts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn no_line_of_a_soup_is_lost(text in soup()) {
            check_nothing_is_lost(&text)?;
        }

        #[test]
        fn no_line_of_a_channel_is_lost(text in channel()) {
            check_nothing_is_lost(&text)?;
        }
    }

    #[test]
    fn no_bytes_panic() {
        proptest!(|(bytes: Vec<u8>)| {
            let context = ReadContext::new("f", TimeZone::UTC);
            let _ = read(Part::new("f", Box::new(bytes.as_slice())), &context).map(Iterator::count);
        });
    }
}
