//! A block of records: `[number of records: varint] [flags: varint]`, columns `[number: u8] [length: varint] [bytes]` of the
//! short fields up to a number 0, then title and text of each record.
//!
//! One record is read by walking the columns up to it, over slices: nothing of the others is decoded or copied.

mod read;
#[cfg(feature = "cli")]
mod write;

pub(super) use read::Rows;
#[cfg(feature = "cli")]
pub(super) use write::BlockWriter;

use super::column::{ABSENT, DERIVED};
use crate::format::checksum::crc32c;

/// Columns of texts, then of lists; a column's number is its place here plus one.
#[derive(Clone, Copy)]
enum Text {
    Uid,
    Id,
    Kind,
    Date,
    Author,
    Channel,
    ReplyTo,
    Thread,
    Album,
    Edited,
    Lang,
    Url,
    SourceFile,
    Tags,
    Mentions,
    Links,
    Flags,
    DatesMentioned,
}

/// The value of a column that is left out: lists that a text shows are those that it shows.
fn default_of(ord: usize) -> u8 {
    if (FIRST_LIST..=Text::Links as usize).contains(&ord) { DERIVED } else { ABSENT }
}

const NUM_VALUES: usize = Text::DatesMentioned as usize + 1;
const FIRST_LIST: usize = Text::Tags as usize;

/// Columns of numbers; a column's number is its place here plus [`FIRST_NUMBER`].
#[derive(Clone, Copy)]
enum Number {
    Id,
    Seconds,
    PlaceKind,
    PlaceStart,
    PlaceLen,
    Views,
    Elsewhere,
    NumPieces,
}

const NUM_NUMBERS: usize = Number::NumPieces as usize + 1;
const FIRST_NUMBER: u8 = 32;

/// Numbers of the other columns.
const CONTENT_HASHES: u8 = 48;
const SPANS: u8 = 49;
const RARE: u8 = 50;
const EXTRA: u8 = 51;

/// Bytes of a content hash: those whose hexadecimal digits the uid of a record without an id shows.
const HASH_LEN: usize = 8;

/// The flag that a place is told by how far it goes beyond what the number in the id went on.
const PLACES_FOLLOW_IDS: u64 = 1;

/// The uid that shows a content hash.
fn uid_of_hash(hash: &[u8]) -> String {
    let mut uid = String::from("~");
    for byte in hash {
        for digit in [byte >> 4, byte & 15] {
            uid.push(char::from_digit(u32::from(digit), 16).unwrap_or_default());
        }
    }
    uid
}

/// Longest uid that stands whole for a record elsewhere, in bytes, and how much of a longer one does.
const MAX_SHORT_UID: usize = 512;

/// The uid that stands for a record elsewhere: of a very long one the beginning and a checksum.
pub(super) fn short_uid(uid: &str) -> String {
    if uid.len() <= MAX_SHORT_UID {
        return uid.to_owned();
    }
    let beginning = uid.get(..uid.floor_char_boundary(MAX_SHORT_UID)).unwrap_or_default();
    format!("{beginning}…{}", crc32c(&[uid.as_bytes()]))
}

/// The bytes that a uid shows which is made of a content hash.
#[cfg(feature = "cli")]
fn hash_of_uid(uid: &str) -> Option<[u8; HASH_LEN]> {
    let mut hash = [0; HASH_LEN];
    let digits = uid.strip_prefix('~').filter(|digits| digits.is_ascii())?;
    for (byte, place) in hash.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(digits.get(place..place + 2)?, 16).ok()?;
    }
    (uid_of_hash(&hash) == uid).then_some(hash)
}

#[cfg(all(test, feature = "cli"))]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where its input is wrong")]
mod tests {
    use super::*;
    use crate::error::Result;
    use crate::record::{Attachment, Date, Forward, Poll, PollAnswer, Precision, Reaction, Span};
    use crate::record::{Place, Record, Source};
    use proptest::prelude::*;

    fn full() -> Record {
        Record {
            uid: "c/1".into(),
            id: Some("1".into()),
            kind: "post".into(),
            date: Some(Date { text: "1963".into(), seconds: -220_924_800, precision: Precision::Year }),
            author: Some("Ö".into()),
            channel: Some(String::new()),
            forwarded_from: Some(Forward { name: "n".into(), id: None, url: Some("u".into()) }),
            reply_to: Some("2".into()),
            thread: Some("3".into()),
            album: Some("4".into()),
            title: Some("t".into()),
            text: "ёж #a".into(),
            spans: vec![
                Span { range: 0..4, kind: "bold".into(), href: None },
                Span { range: 5..7, kind: "hashtag".into(), href: Some(String::new()) },
            ],
            tags: vec!["a".into(), String::new()],
            mentions: vec!["m".into()],
            links: vec!["l".into()],
            media: vec![Attachment { kind: "photo".into(), size: Some(0), ..Attachment::default() }],
            poll: Some(Poll {
                question: "q".into(),
                answers: vec![PollAnswer { text: "y".into(), votes: Some(3) }],
                voters: None,
            }),
            reactions: vec![Reaction { emoji: "❤".into(), count: 7 }],
            views: Some(0),
            edited: Some("e".into()),
            flags: vec!["elided".into()],
            dates_mentioned: vec!["2024-06".into()],
            lang: Some("ru".into()),
            url: Some("u/1".into()),
            source: Source { file: "f".into(), place: Some(Place::Lines(1, 2)), copies: vec![Place::Bytes(3, 4)] },
            fields: vec![("x".into(), "{\"a\":[1]}".into())],
        }
    }

    /// The records of a block, with their uids as read without the rest.
    fn decode(bytes: &[u8]) -> Result<Vec<Record>> {
        let mut rows = Rows::open(bytes)?;
        let num_docs = rows.num_docs.min(1000);
        let read = |_| {
            rows.advance()?;
            let record = rows.record()?;
            assert_eq!(rows.uid()?, record.uid);
            Ok(record)
        };
        (0..num_docs).map(read).collect()
    }

    fn encode(records: &[Record]) -> Vec<u8> {
        let mut block = BlockWriter::default();
        records.iter().for_each(|record| block.push(record));
        block.finish()
    }

    #[test]
    fn every_field_round_trips() {
        let other = Record { id: Some("c007".into()), uid: "f/c007".into(), channel: None, ..full() };
        let records =
            [full(), Record::default(), other, full(), Record { uid: "~0123456789abcdef".into(), ..Record::default() }];
        assert_eq!(decode(&encode(&records)).as_deref(), Ok(records.as_slice()));
    }

    #[test]
    fn fields_in_any_order_keep_it() {
        let with = |names: &[&str]| Record {
            fields: names.iter().map(|name| ((*name).to_owned(), format!("\"{name}\""))).collect(),
            ..Record::default()
        };
        let records = [with(&["a", "b"]), with(&["b", "a"]), with(&["b", "c"]), with(&[]), with(&["a", "a", "d"])];
        assert_eq!(decode(&encode(&records)).as_deref(), Ok(records.as_slice()));
    }

    #[test]
    fn what_ids_tell_takes_no_room() {
        let record = |number: u64| Record {
            uid: format!("chan/m{number}"),
            id: Some(format!("m{number}")),
            channel: Some("chan".into()),
            kind: "post".into(),
            url: Some(format!("https://chan.example/m{number}")),
            text: "#tag".into(),
            spans: vec![Span { range: 0..4, kind: "hashtag".into(), href: None }],
            tags: vec!["tag".into()],
            source: Source { file: "f.jsonl".into(), place: Some(Place::Lines(number, number)), copies: Vec::new() },
            ..Record::default()
        };
        let records: Vec<Record> = [5, 6, 100, 7000, 7001].map(record).into();
        let bytes = encode(&records);
        assert_eq!(decode(&bytes), Ok(records));
        // A number, a span and the text with two ends for each; everything else once.
        assert!(bytes.len() < 5 * (2 + 4 + 6) + 80, "{}", bytes.len());
    }

    #[test]
    fn an_unknown_column_is_stepped_over() {
        let mut bytes = encode(&[full()]);
        bytes.splice(2..2, [200, 3, 1, 2, 3, 31, 1, 9]);
        assert_eq!(decode(&bytes), Ok(vec![full()]));
    }

    #[test]
    fn records_elsewhere_are_named_and_do_not_disturb() {
        let record = |id: &str| Record { id: Some(id.into()), uid: format!("f/{id}"), ..full() };
        let mut block = BlockWriter::default();
        block.push(&Record { channel: None, ..record("1") });
        block.push_elsewhere(&"é".repeat(300), 7, 2);
        block.push(&Record { channel: None, ..record("3") });
        let bytes = block.finish();
        let mut rows = Rows::open(&bytes).unwrap();
        let mut next = || {
            rows.advance().unwrap();
            (rows.uid().unwrap(), rows.elsewhere())
        };
        assert_eq!(next(), ("f/1".into(), None));
        assert_eq!(next(), (short_uid(&"é".repeat(300)), Some((7, 2))));
        assert_eq!(next(), ("f/3".into(), None));
        assert_eq!(rows.record().unwrap().source, full().source);
    }

    proptest! {
        #[test]
        fn damaged_bytes_never_panic(place in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
            let mut bytes = encode(&[full(), Record::default(), full()]);
            let at = place.index(bytes.len());
            bytes[at] = byte;
            bytes.truncate(cut.index(bytes.len()) + 1);
            let _ = decode(&bytes);
        }
    }
}
