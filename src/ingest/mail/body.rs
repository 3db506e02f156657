//! What a mail says: its plain text or its markup, in the encoding that it is in.

use std::borrow::Cow;

use mail_parser::decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode};
use mail_parser::{Encoding, Message, MessagePart, MimeHeaders as _, PartType};

use crate::ingest::html::prose;
use crate::ingest::rich_text::RichText;
use crate::ingest::{encoding, markers};

/// Bytes within which markup says its encoding.
const MAX_META_LEN: usize = 2048;

/// The text of a message: what is plain, and markup where nothing else is, or where programs have put nothing into what is plain.
pub(super) fn text_of(message: &Message<'_>, is_guessed: &mut bool) -> RichText {
    let mut out = RichText::default();
    let part = |id: &u32| message.part(*id);
    let is_blank = |part: &MessagePart<'_>| matches!(&part.body, PartType::Text(text) if text.trim().is_empty());
    let is_hollow =
        message.text_body.iter().filter(|id| !message.html_body.contains(id)).filter_map(part).any(is_blank);
    let bodies = if is_hollow { &message.html_body } else { &message.text_body };
    for part in bodies.iter().filter_map(part) {
        let mut text = match &part.body {
            PartType::Text(text) => plain(&unflowed(&decoded(text, part, message, is_guessed), part)),
            PartType::Html(html) => prose::prose(&decoded(html, part, message, is_guessed), prose::kind_of),
            _ => continue,
        };
        text.trim();
        if text.text.is_empty() {
            continue;
        }
        if !out.text.is_empty() {
            out.text.push_str("\n\n");
        }
        out.append(text);
    }
    out
}

/// The text of a part, read anew where the encoding that it says, or none, has lost letters: as the markup says that it is, else as it
/// looks.
fn decoded<'t>(text: &'t str, part: &MessagePart<'_>, message: &Message<'_>, is_guessed: &mut bool) -> Cow<'t, str> {
    if !text.contains(char::REPLACEMENT_CHARACTER) {
        return Cow::Borrowed(text);
    }
    let raw = message.raw_message.get(part.offset_body as usize..part.offset_end as usize).unwrap_or_default();
    let bytes = match part.encoding {
        Encoding::None => Some(raw.to_vec()),
        Encoding::QuotedPrintable => quoted_printable_decode(raw),
        Encoding::Base64 => base64_decode(raw),
    };
    let Some(bytes) = bytes else { return Cow::Borrowed(text) };
    let said = matches!(part.body, PartType::Html(_)).then(|| said_in_markup(&bytes)).flatten();
    let said = said.map(|encoding| encoding.decode(&bytes)).filter(|(_, _, is_broken)| !is_broken);
    if let Some((text, _, _)) = said {
        return Cow::Owned(text.into_owned());
    }
    match encoding::guessed(&bytes) {
        Some(text) => {
            *is_guessed = true;
            Cow::Owned(text)
        }
        None => Cow::Borrowed(text),
    }
}

/// The encoding that markup says at its start: `<meta charset="koi8-r">`, or in the older way.
fn said_in_markup(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let head = String::from_utf8_lossy(bytes.get(..MAX_META_LEN).unwrap_or(bytes)).to_ascii_lowercase();
    let (_, said) = head.split_once("charset=")?;
    let label = said.trim_start_matches(['"', '\'', ' ']).split(['"', '\'', ' ', '>', ';', '/']).next()?;
    encoding_rs::Encoding::for_label(label.as_bytes())
}

/// Plain text, with its links and with what it quotes.
pub(super) fn plain(text: &str) -> RichText {
    let token = |before: &str, rest: &str| markers::plain_token(before, rest).filter(|token| token.kind == "link");
    let mut out = RichText::default();
    let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).peekable();
    let is_quoted = |line: &str| line.starts_with('>');
    while let Some(line) = lines.next() {
        if !out.text.is_empty() {
            out.text.push('\n');
        }
        let mut block = line.to_owned();
        while let Some(next) = lines.next_if(|next| is_quoted(next) == is_quoted(line)) {
            block.push('\n');
            block.push_str(next);
        }
        let (first, start) = (out.spans.len(), out.text.len());
        out.append(markers::marked(&block, &[], &token));
        if is_quoted(line) {
            out.mark(first, start, "quote");
        }
    }
    out
}

/// Paragraphs that were broken into lines on the way (RFC 3676), whole again.
fn unflowed(text: &str, part: &MessagePart<'_>) -> String {
    let is_flowed = part
        .content_type()
        .and_then(|kind| kind.attribute("format"))
        .is_some_and(|format| format.eq_ignore_ascii_case("flowed"));
    if !is_flowed {
        return text.to_owned();
    }
    // Where words are not divided by spaces, the space at the end of a line is no part of them.
    let is_added = part
        .content_type()
        .and_then(|kind| kind.attribute("delsp"))
        .is_some_and(|delsp| delsp.eq_ignore_ascii_case("yes"));
    let mut out = String::with_capacity(text.len());
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let goes_on = line.ends_with(' ') && line != "-- " && !line.starts_with('>');
        // A space is put before what would mean something at the start of a line.
        let line = line.strip_prefix(' ').unwrap_or(line);
        out.push_str(line.strip_suffix(' ').filter(|_| goes_on && is_added).unwrap_or(line));
        if !goes_on {
            out.push('\n');
        }
    }
    out
}
