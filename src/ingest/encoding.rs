//! Text of any encoding, as UTF-8. What needs no conversion passes untouched.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::format::Input;

/// Bytes at the start by which an encoding is found.
const HEAD_LEN: usize = 64 << 10;

/// Broken characters that are damage even where no other tells that the text is UTF-8. A page in an encoding of one byte a letter has
/// more of them, unless nearly all of it is ASCII; then U+FFFD costs no more than those letters, and it is said.
const MAX_BROKEN: usize = 16;

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

/// Bytes of a file that are no UTF-8. In the place of each run of them stands U+FFFD.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Damage {
    /// The first of them, counted from the start of the file.
    first: u64,
    num_bytes: u64,
}

impl Damage {
    /// Adds some bytes at this place of the file.
    fn add(&mut self, offset: u64, len: usize) {
        if self.num_bytes == 0 {
            self.first = offset;
        }
        self.num_bytes += len as u64;
    }

    /// What people should know of it, where there is any.
    pub(super) fn note(self, file: &str) -> Option<String> {
        let Self { first, num_bytes } = self;
        match num_bytes {
            0 => None,
            1 => Some(format!("`{file}` has a byte that is no UTF-8, byte {first}: U+FFFD stands in its place")),
            _ => Some(format!(
                "`{file}` has {num_bytes} bytes that are no UTF-8, the first of them byte {first}: U+FFFD stands in their place"
            )),
        }
    }
}

/// A text as UTF-8, and how its bytes differ from those of the file.
#[derive(Debug, Default)]
pub(super) struct Mended {
    pub(super) text: String,
    /// For each U+FFFD that was put in: the byte of the text behind it, and that of the file.
    shifts: Vec<(usize, usize)>,
}

impl Mended {
    /// Puts U+FFFD in the place of what is no UTF-8. `bytes` begin at `start` of the file, which has `damage` already.
    pub(super) fn new(bytes: Vec<u8>, start: u64, damage: &mut Damage) -> Self {
        let bytes = match String::from_utf8(bytes) {
            Ok(text) => return Self { text, shifts: Vec::new() },
            Err(error) => error.into_bytes(),
        };
        let (mut mended, mut at) = (Self::default(), 0);
        for chunk in bytes.utf8_chunks() {
            mended.text.push_str(chunk.valid());
            at += chunk.valid().len();
            let len = chunk.invalid().len();
            if len > 0 {
                damage.add(start + at as u64, len);
                at += len;
                mended.text.push(char::REPLACEMENT_CHARACTER);
                mended.shifts.push((mended.text.len(), at));
            }
        }
        mended
    }

    /// Where in the file a place of the text is.
    pub(super) fn original(&self, at: usize) -> usize {
        let num_before = self.shifts.partition_point(|(shown, _)| *shown <= at);
        let last = num_before.checked_sub(1).and_then(|last| self.shifts.get(last));
        last.map_or(at, |(shown, original)| original + (at - shown))
    }
}

/// Whether so much of a text is no UTF-8 that it is in another encoding. A few bytes are damage, whatever they stand in.
pub(super) fn is_of_another(bytes: &[u8]) -> bool {
    let (whole, broken) = whole_and_broken(bytes);
    broken > MAX_BROKEN + whole / 4
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
    let (whole, broken) = whole_and_broken(head);
    // The head may end within a character.
    broken == 0 || whole >= broken && broken <= 1 + whole / 4
}

/// How many characters beyond ASCII are whole, and how many are not.
fn whole_and_broken(bytes: &[u8]) -> (usize, usize) {
    let (mut whole, mut broken) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    (whole, broken)
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

    #[test]
    fn a_bad_byte_costs_itself_and_is_said() {
        let bytes = b"a\xFFb\xE2\x80c\xF0\x9F\x98\x80\xC3";
        let mut damage = Damage::default();
        let mended = Mended::new(bytes.to_vec(), 100, &mut damage);
        assert_eq!(mended.text, String::from_utf8_lossy(bytes));
        let note = "`f` has 4 bytes that are no UTF-8, the first of them byte 101: U+FFFD stands in their place";
        assert_eq!(damage.note("f").as_deref(), Some(note));
        // Every letter is found again where it stands.
        for (at, c) in mended.text.char_indices().filter(|(_, c)| *c != char::REPLACEMENT_CHARACTER) {
            let original = mended.original(at);
            assert_eq!(bytes.get(original..original + c.len_utf8()), Some(c.to_string().as_bytes()), "{c}");
        }
        assert_eq!(mended.original(mended.text.len()), bytes.len());
        assert_eq!(Damage::default().note("f"), None);
        assert!(!is_of_another(bytes) && is_of_another(&[0xE9; 40]));
        assert!(!is_of_another(&["я".repeat(400).as_bytes(), &[0xFF; 1]].concat()));
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
