//! Text of any encoding, as UTF-8. What needs no conversion passes untouched.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::format::Input;

/// Bytes at the start by which an encoding is found.
const HEAD_LEN: usize = 64 << 10;

/// An input in UTF-8.
pub(super) struct Utf8<'a> {
    pub(super) input: Input<'a>,
    /// What was found, where it was not UTF-8; a sentence for people.
    pub(super) note: Option<String>,
}

/// Finds the encoding of `input`, or takes the one that is named, and converts it.
///
/// # Errors
///
/// The input cannot be read.
pub(super) fn utf8<'a>(mut input: Input<'a>, named: Option<&'static Encoding>) -> io::Result<Utf8<'a>> {
    let mut head = Vec::with_capacity(HEAD_LEN);
    (&mut input).take(HEAD_LEN as u64).read_to_end(&mut head)?;
    let found = match named {
        Some(encoding) => Some((encoding, "as --encoding says")),
        None => find(&head),
    };
    let whole = BufReader::new(Cursor::new(head)).chain(input);
    let Some((encoding, how)) = found.filter(|(encoding, _)| *encoding != UTF_8) else {
        return Ok(Utf8 { input: Box::new(whole), note: None });
    };
    let note = format!("the text is {} ({how})", encoding.name());
    Ok(Utf8 { input: Box::new(Transcoder::new(whole, encoding)), note: Some(note) })
}

/// The start of an input as UTF-8, where it is in another encoding.
pub(super) fn sample(head: &[u8]) -> Option<String> {
    let (encoding, _) = find(head).filter(|(encoding, _)| *encoding != UTF_8)?;
    let mut text = String::with_capacity(head.len() * 3);
    let _ = encoding.new_decoder().decode_to_string(head, &mut text, false);
    Some(text)
}

/// A text that is no UTF-8, read as it looks; none where it is, perhaps with some damage.
pub(super) fn guessed(bytes: &[u8]) -> Option<String> {
    if is_utf8(bytes) {
        return None;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    Some(detector.guess(None, Utf8Detection::Deny).decode_without_bom_handling(bytes).0.into_owned())
}

/// The encoding of a text that begins with `head`, and what shows it.
fn find(head: &[u8]) -> Option<(&'static Encoding, &'static str)> {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return Some((encoding, "its mark says so"));
    }
    match head {
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => return Some((UTF_16LE, "every second byte is zero")),
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => return Some((UTF_16BE, "every second byte is zero")),
        _ => {}
    }
    let first = head.iter().find(|byte| !byte.is_ascii_whitespace());
    // JSON is UTF-8 (RFC 8259, section 8.1): other bytes in it are damage, not another encoding.
    if matches!(first, Some(b'{' | b'[') | None) || is_utf8(head) || head.contains(&0) {
        return None;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(head, head.len() < HEAD_LEN);
    Some((detector.guess(None, Utf8Detection::Deny), "guessed from its letters; --encoding decides otherwise"))
}

/// Whether a text is UTF-8, perhaps with some damage: more of its characters beyond ASCII are whole than not.
fn is_utf8(head: &[u8]) -> bool {
    let (mut whole, mut broken) = (0, 0);
    for chunk in head.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    // The head may end within a character.
    broken == 0 || whole >= broken && broken <= 1 + whole / 4
}

/// Converts while it reads.
struct Transcoder<R> {
    input: R,
    decoder: Decoder,
    out: Box<[u8]>,
    start: usize,
    end: usize,
    is_done: bool,
}

impl<R: BufRead> Transcoder<R> {
    fn new(input: R, encoding: &'static Encoding) -> Self {
        let out = vec![0; 64 << 10].into_boxed_slice();
        Self { input, decoder: encoding.new_decoder(), out, start: 0, end: 0, is_done: false }
    }

    fn fill(&mut self) -> io::Result<()> {
        while self.start == self.end && !self.is_done {
            let chunk = self.input.fill_buf()?;
            let is_last = chunk.is_empty();
            let (result, read, written, _) = self.decoder.decode_to_utf8(chunk, &mut self.out, is_last);
            self.input.consume(read);
            (self.start, self.end) = (0, written);
            self.is_done = is_last && result == CoderResult::InputEmpty;
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Transcoder<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut available = self.fill_buf()?;
        let len = available.read(buf)?;
        self.consume(len);
        Ok(len)
    }
}

impl<R: BufRead> BufRead for Transcoder<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.fill()?;
        Ok(self.out.get(self.start..self.end).unwrap_or_default())
    }

    fn consume(&mut self, len: usize) {
        self.start = (self.start + len).min(self.end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str, note: Option<&str>) {
        let Utf8 { mut input, note: found } = utf8(Box::new(BufReader::with_capacity(3, bytes)), None).unwrap();
        let mut text = Vec::new();
        input.read_to_end(&mut text).unwrap();
        assert_eq!(String::from_utf8_lossy(&text), expected);
        assert!(found.as_deref().unwrap_or_default().contains(note.unwrap_or_default()), "{found:?}");
        assert_eq!(found.is_some(), note.is_some(), "{found:?}");
    }

    const TEXT: &str = "дата;текст\n2024-06-24;Первый паром уходит в понедельник, погода хорошая\n";

    #[test]
    fn finds_what_people_have() {
        check(TEXT.as_bytes(), TEXT, None);
        let utf16 = |bytes: fn(u16) -> [u8; 2]| TEXT.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        check(&[b"\xFF\xFE", utf16(u16::to_le_bytes).as_slice()].concat(), TEXT, Some("UTF-16LE (its mark"));
        check(&[b"\xFE\xFF", utf16(u16::to_be_bytes).as_slice()].concat(), TEXT, Some("UTF-16BE"));
        check(
            &"id;a\n1;b\n".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>(),
            "id;a\n1;b\n",
            Some("UTF-16LE"),
        );
        let (bytes, ..) = encoding_rs::WINDOWS_1251.encode(TEXT);
        check(&bytes, TEXT, Some("windows-1251 (guessed"));
        let german = "Datum;Text\n2024;Die Fähre über den großen Fluß fährt früh\n";
        check(&encoding_rs::WINDOWS_1252.encode(german).0, german, Some("windows-1252"));
    }

    #[test]
    fn damage_is_no_other_encoding() {
        let mut bytes = TEXT.as_bytes().to_vec();
        bytes.insert(20, 0xFF);
        check(&bytes, &String::from_utf8_lossy(&bytes), None);
        check(b"{\"a\": \"\xFF\"}", "{\"a\": \"\u{fffd}\"}", None);
    }

    #[test]
    fn a_long_text_is_converted_whole() {
        let text = TEXT.repeat(5000);
        check(&encoding_rs::KOI8_U.encode(&text).0, &text, Some("KOI8-"));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            let mut text = Vec::new();
            utf8(Box::new(bytes.as_slice()), None).unwrap().input.read_to_end(&mut text).unwrap();
            let _ = sample(&bytes);
        }
    }
}
