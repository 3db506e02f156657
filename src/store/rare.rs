//! What few records have: fields `[number: u8] [length: varint] [value]`, list fields once for each item. A reader steps over
//! numbers that it does not know.

use crate::error::{Error, Result};
use crate::format::codec::Decoder;
#[cfg(feature = "cli")]
use crate::format::codec::{put_opt_str, put_opt_varint, put_prefixed, put_str, put_varint};
use crate::record::{Attachment, Forward, Place, Poll, PollAnswer, Reaction, Record};

/// Numbers of the fields; docs/FORMAT.md lists them with their values.
mod field {
    pub(super) const FORWARDED_FROM: u8 = 1;
    pub(super) const MEDIA: u8 = 2;
    pub(super) const POLL: u8 = 3;
    pub(super) const REACTION: u8 = 4;
    pub(super) const SOURCE_COPY: u8 = 5;
    pub(super) const EXTRA: u8 = 6;
}

/// The rare fields of a record, and those of its extra fields that no column has.
#[cfg(feature = "cli")]
pub(super) fn encode(record: &Record, extras: &[(String, String)]) -> Vec<u8> {
    let mut buf = Vec::new();
    let mut put = |number: u8, value: &[u8]| {
        buf.push(number);
        put_prefixed(&mut buf, value);
    };
    record.forwarded_from.iter().for_each(|forward| put(field::FORWARDED_FROM, &encode_forward(forward)));
    record.media.iter().for_each(|attachment| put(field::MEDIA, &encode_attachment(attachment)));
    record.poll.iter().for_each(|poll| put(field::POLL, &encode_poll(poll)));
    record.reactions.iter().for_each(|reaction| put(field::REACTION, &encode_reaction(reaction)));
    record.source.copies.iter().for_each(|place| put(field::SOURCE_COPY, &encode_place(place)));
    extras.iter().for_each(|(name, value)| put(field::EXTRA, &encode_extra(name, value)));
    buf
}

/// Reads rare fields into a record.
///
/// # Errors
/// A value that does not decode.
pub(super) fn decode(bytes: &[u8], record: &mut Record) -> Result<()> {
    let mut rdr = Decoder::new(bytes);
    while !rdr.is_empty() {
        let number = rdr.u8()?;
        let mut value = Decoder::new(rdr.prefixed()?);
        match number {
            field::FORWARDED_FROM => record.forwarded_from = Some(decode_forward(value)?),
            field::MEDIA => record.media.push(decode_attachment(value)?),
            field::POLL => record.poll = Some(decode_poll(value)?),
            field::REACTION => {
                record.reactions.push(Reaction { emoji: value.string()?, count: value.varint()? });
            }
            field::SOURCE_COPY => record.source.copies.push(decode_place(value)?),
            field::EXTRA => record.fields.push((value.string()?, value.string()?)),
            _ => {}
        }
    }
    Ok(())
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
