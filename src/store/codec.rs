//! A record's bytes: `[field number: u8] [length: varint] [value]`, fields in ascending order of their numbers, list fields once
//! for each item, absent fields left out. A reader steps over numbers that it does not know.

use crate::error::{Error, Result};
use crate::format::codec::Decoder;
#[cfg(feature = "cli")]
use crate::format::codec::{put_opt_str, put_opt_varint, put_prefixed, put_str, put_varint, put_zigzag};
use crate::record::{Attachment, Date, Forward, Place, Poll, PollAnswer, Precision, Reaction, Record, Span};

/// Numbers of the fields; docs/FORMAT.md lists them with their values.
mod field {
    pub(super) const UID: u8 = 1;
    pub(super) const ID: u8 = 2;
    pub(super) const KIND: u8 = 3;
    pub(super) const DATE: u8 = 4;
    pub(super) const AUTHOR: u8 = 5;
    pub(super) const CHANNEL: u8 = 6;
    pub(super) const FORWARDED_FROM: u8 = 7;
    pub(super) const REPLY_TO: u8 = 8;
    pub(super) const THREAD: u8 = 9;
    pub(super) const ALBUM: u8 = 10;
    pub(super) const TITLE: u8 = 11;
    pub(super) const TEXT: u8 = 12;
    pub(super) const SPAN: u8 = 13;
    pub(super) const TAG: u8 = 14;
    pub(super) const MENTION: u8 = 15;
    pub(super) const LINK: u8 = 16;
    pub(super) const MEDIA: u8 = 17;
    pub(super) const POLL: u8 = 18;
    pub(super) const REACTION: u8 = 19;
    pub(super) const VIEWS: u8 = 20;
    pub(super) const EDITED: u8 = 21;
    pub(super) const FLAG: u8 = 22;
    pub(super) const DATE_MENTIONED: u8 = 23;
    pub(super) const LANG: u8 = 24;
    pub(super) const URL: u8 = 25;
    pub(super) const SOURCE_FILE: u8 = 26;
    pub(super) const SOURCE_PLACE: u8 = 27;
    pub(super) const SOURCE_COPY: u8 = 28;
    pub(super) const EXTRA: u8 = 29;
}

/// The bytes of a record.
#[cfg(feature = "cli")]
#[must_use]
pub fn encode(record: &Record) -> Vec<u8> {
    let mut buf = Vec::new();
    let mut put = |number: u8, value: &[u8]| {
        buf.push(number);
        put_prefixed(&mut buf, value);
    };
    let opt = |value: &Option<String>| value.clone().map(String::into_bytes);
    put(field::UID, record.uid.as_bytes());
    opt(&record.id).iter().for_each(|value| put(field::ID, value));
    put(field::KIND, record.kind.as_bytes());
    record.date.iter().for_each(|date| put(field::DATE, &encode_date(date)));
    opt(&record.author).iter().for_each(|value| put(field::AUTHOR, value));
    opt(&record.channel).iter().for_each(|value| put(field::CHANNEL, value));
    record.forwarded_from.iter().for_each(|forward| put(field::FORWARDED_FROM, &encode_forward(forward)));
    opt(&record.reply_to).iter().for_each(|value| put(field::REPLY_TO, value));
    opt(&record.thread).iter().for_each(|value| put(field::THREAD, value));
    opt(&record.album).iter().for_each(|value| put(field::ALBUM, value));
    opt(&record.title).iter().for_each(|value| put(field::TITLE, value));
    put(field::TEXT, record.text.as_bytes());
    record.spans.iter().for_each(|span| put(field::SPAN, &encode_span(span)));
    record.tags.iter().for_each(|tag| put(field::TAG, tag.as_bytes()));
    record.mentions.iter().for_each(|mention| put(field::MENTION, mention.as_bytes()));
    record.links.iter().for_each(|link| put(field::LINK, link.as_bytes()));
    record.media.iter().for_each(|attachment| put(field::MEDIA, &encode_attachment(attachment)));
    record.poll.iter().for_each(|poll| put(field::POLL, &encode_poll(poll)));
    record.reactions.iter().for_each(|reaction| put(field::REACTION, &encode_reaction(reaction)));
    record.views.iter().for_each(|views| put(field::VIEWS, &varint(*views)));
    opt(&record.edited).iter().for_each(|value| put(field::EDITED, value));
    record.flags.iter().for_each(|flag| put(field::FLAG, flag.as_bytes()));
    record.dates_mentioned.iter().for_each(|date| put(field::DATE_MENTIONED, date.as_bytes()));
    opt(&record.lang).iter().for_each(|value| put(field::LANG, value));
    opt(&record.url).iter().for_each(|value| put(field::URL, value));
    put(field::SOURCE_FILE, record.source.file.as_bytes());
    record.source.place.iter().for_each(|place| put(field::SOURCE_PLACE, &encode_place(place)));
    record.source.copies.iter().for_each(|place| put(field::SOURCE_COPY, &encode_place(place)));
    record.fields.iter().for_each(|(name, value)| put(field::EXTRA, &encode_extra(name, value)));
    buf
}

/// Reads a record.
///
/// # Errors
/// A value that does not decode, or a span outside the text.
pub fn decode(bytes: &[u8]) -> Result<Record> {
    let mut rdr = Decoder::new(bytes);
    let mut record = Record::default();
    while !rdr.is_empty() {
        let number = rdr.u8()?;
        let mut value = Decoder::new(rdr.prefixed()?);
        match number {
            field::DATE => record.date = Some(decode_date(value)?),
            field::FORWARDED_FROM => record.forwarded_from = Some(decode_forward(value)?),
            field::SPAN => record.spans.push(decode_span(value, &record.text)?),
            field::MEDIA => record.media.push(decode_attachment(value)?),
            field::POLL => record.poll = Some(decode_poll(value)?),
            field::REACTION => {
                record.reactions.push(Reaction { emoji: value.string()?, count: value.varint()? });
            }
            field::VIEWS => record.views = Some(value.varint()?),
            field::SOURCE_PLACE => record.source.place = Some(decode_place(value)?),
            field::SOURCE_COPY => record.source.copies.push(decode_place(value)?),
            field::EXTRA => record.fields.push((value.string()?, value.string()?)),
            _ => match text_slot(&mut record, number) {
                Some(TextSlot::One(slot)) => *slot = text(value)?,
                Some(TextSlot::Optional(slot)) => *slot = Some(text(value)?),
                Some(TextSlot::List(list)) => list.push(text(value)?),
                None => {}
            },
        }
    }
    Ok(record)
}

/// Where a field whose value is plain text goes.
enum TextSlot<'a> {
    One(&'a mut String),
    Optional(&'a mut Option<String>),
    List(&'a mut Vec<String>),
}

fn text_slot(record: &mut Record, number: u8) -> Option<TextSlot<'_>> {
    Some(match number {
        field::UID => TextSlot::One(&mut record.uid),
        field::ID => TextSlot::Optional(&mut record.id),
        field::KIND => TextSlot::One(&mut record.kind),
        field::AUTHOR => TextSlot::Optional(&mut record.author),
        field::CHANNEL => TextSlot::Optional(&mut record.channel),
        field::REPLY_TO => TextSlot::Optional(&mut record.reply_to),
        field::THREAD => TextSlot::Optional(&mut record.thread),
        field::ALBUM => TextSlot::Optional(&mut record.album),
        field::TITLE => TextSlot::Optional(&mut record.title),
        field::TEXT => TextSlot::One(&mut record.text),
        field::TAG => TextSlot::List(&mut record.tags),
        field::MENTION => TextSlot::List(&mut record.mentions),
        field::LINK => TextSlot::List(&mut record.links),
        field::EDITED => TextSlot::Optional(&mut record.edited),
        field::FLAG => TextSlot::List(&mut record.flags),
        field::DATE_MENTIONED => TextSlot::List(&mut record.dates_mentioned),
        field::LANG => TextSlot::Optional(&mut record.lang),
        field::URL => TextSlot::Optional(&mut record.url),
        field::SOURCE_FILE => TextSlot::One(&mut record.source.file),
        _ => return None,
    })
}

fn text(value: Decoder<'_>) -> Result<String> {
    let text = std::str::from_utf8(value.rest()).map_err(|_| Error::corrupt("a record's text is not UTF-8"))?;
    Ok(text.to_owned())
}

#[cfg(feature = "cli")]
fn varint(value: u64) -> Vec<u8> {
    let mut buf = Vec::new();
    put_varint(&mut buf, value);
    buf
}

#[cfg(feature = "cli")]
fn encode_date(date: &Date) -> Vec<u8> {
    let mut buf = vec![date.precision as u8];
    put_zigzag(&mut buf, date.seconds);
    buf.extend_from_slice(date.text.as_bytes());
    buf
}

fn decode_date(mut value: Decoder<'_>) -> Result<Date> {
    let precision = Precision::from_u8(value.u8()?).ok_or(Error::corrupt("an unknown precision"))?;
    Ok(Date { precision, seconds: value.zigzag()?, text: text(value)? })
}

#[cfg(feature = "cli")]
fn encode_forward(forward: &Forward) -> Vec<u8> {
    let mut buf = Vec::new();
    put_str(&mut buf, &forward.name);
    put_opt_str(&mut buf, forward.id.as_deref());
    put_opt_str(&mut buf, forward.url.as_deref());
    buf
}

fn decode_forward(mut value: Decoder<'_>) -> Result<Forward> {
    Ok(Forward { name: value.string()?, id: value.opt_string()?, url: value.opt_string()? })
}

#[cfg(feature = "cli")]
fn encode_span(span: &Span) -> Vec<u8> {
    let mut buf = Vec::new();
    put_varint(&mut buf, span.range.start as u64);
    put_varint(&mut buf, (span.range.end - span.range.start) as u64);
    put_str(&mut buf, &span.kind);
    put_opt_str(&mut buf, span.href.as_deref());
    buf
}

fn decode_span(mut value: Decoder<'_>, text: &str) -> Result<Span> {
    let start = value.varint()? as usize;
    let end = start.saturating_add(value.varint()? as usize);
    if text.get(start..end).is_none() {
        return Err(Error::corrupt("a span does not lie on the characters of its text"));
    }
    Ok(Span { range: start..end, kind: value.string()?, href: value.opt_string()? })
}

#[cfg(feature = "cli")]
fn encode_attachment(attachment: &Attachment) -> Vec<u8> {
    let mut buf = Vec::new();
    put_str(&mut buf, &attachment.kind);
    put_opt_str(&mut buf, attachment.name.as_deref());
    put_opt_varint(&mut buf, attachment.size);
    put_opt_varint(&mut buf, attachment.duration);
    put_opt_str(&mut buf, attachment.path.as_deref());
    buf
}

fn decode_attachment(mut value: Decoder<'_>) -> Result<Attachment> {
    Ok(Attachment {
        kind: value.string()?,
        name: value.opt_string()?,
        size: value.opt_varint()?,
        duration: value.opt_varint()?,
        path: value.opt_string()?,
    })
}

#[cfg(feature = "cli")]
fn encode_poll(poll: &Poll) -> Vec<u8> {
    let mut buf = Vec::new();
    put_str(&mut buf, &poll.question);
    put_opt_varint(&mut buf, poll.voters);
    put_varint(&mut buf, poll.answers.len() as u64);
    for answer in &poll.answers {
        put_str(&mut buf, &answer.text);
        put_opt_varint(&mut buf, answer.votes);
    }
    buf
}

fn decode_poll(mut value: Decoder<'_>) -> Result<Poll> {
    let (question, voters) = (value.string()?, value.opt_varint()?);
    let answers = value.list(|rdr| Ok(PollAnswer { text: rdr.string()?, votes: rdr.opt_varint()? }))?;
    Ok(Poll { question, answers, voters })
}

#[cfg(feature = "cli")]
fn encode_reaction(reaction: &Reaction) -> Vec<u8> {
    let mut buf = Vec::new();
    put_str(&mut buf, &reaction.emoji);
    put_varint(&mut buf, reaction.count);
    buf
}

#[cfg(feature = "cli")]
fn encode_place(place: &Place) -> Vec<u8> {
    let (kind, start, end) = match place {
        Place::Lines(first, last) => (0, *first, *last),
        Place::Bytes(start, end) => (1, *start, *end),
    };
    let mut buf = vec![kind];
    put_varint(&mut buf, start);
    put_varint(&mut buf, end);
    buf
}

fn decode_place(mut value: Decoder<'_>) -> Result<Place> {
    let (kind, start, end) = (value.u8()?, value.varint()?, value.varint()?);
    match kind {
        0 => Ok(Place::Lines(start, end)),
        1 => Ok(Place::Bytes(start, end)),
        _ => Err(Error::corrupt("an unknown kind of place")),
    }
}

#[cfg(feature = "cli")]
fn encode_extra(name: &str, value: &str) -> Vec<u8> {
    let mut buf = Vec::new();
    put_str(&mut buf, name);
    put_str(&mut buf, value);
    buf
}

#[cfg(all(test, feature = "cli"))]
mod tests {
    use super::*;
    use crate::record::Source;
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
            url: Some("u".into()),
            source: Source { file: "f".into(), place: Some(Place::Lines(1, 2)), copies: vec![Place::Bytes(3, 4)] },
            fields: vec![("x".into(), "{\"a\":[1]}".into())],
        }
    }

    #[test]
    fn every_field_round_trips() {
        assert_eq!(decode(&encode(&full())), Ok(full()));
        assert_eq!(decode(&encode(&Record::default())), Ok(Record::default()));
    }

    #[test]
    fn a_span_beside_its_text_or_within_a_character_is_refused() {
        for range in [0..100, 1..2, 7..8] {
            let span = Span { range, kind: "bold".into(), href: None };
            assert!(decode(&encode(&Record { spans: vec![span], ..full() })).is_err());
        }
    }

    #[test]
    fn an_unknown_field_is_stepped_over() {
        let mut bytes = encode(&full());
        bytes.extend([200, 3, 1, 2, 3]);
        assert_eq!(decode(&bytes), Ok(full()));
    }

    proptest! {
        #[test]
        fn damaged_bytes_never_panic(place in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
            let mut bytes = encode(&full());
            let at = place.index(bytes.len());
            bytes[at] = byte;
            bytes.truncate(cut.index(bytes.len()) + 1);
            let _ = decode(&bytes);
        }
    }
}
