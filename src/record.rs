//! A [`Record`]: what readers of source formats yield, what the store keeps, and what the page and `extract` show.
//!
//! *Useful for* passing one post between the parts of fonds without any of them knowing where it came from.
//! *Not useful for* parsing or printing a source format: that is `ingest`; nor for bytes: that is `store`.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// Dense number of a record in one archive: `0..num_docs`, in time order, undated records last.
pub type DocId = u32;

/// One post, message or item of an archive.
///
/// Absent fields are `None` or empty; readers never invent a value.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Record {
    /// Unique in the archive and the same in every build; see [`crate::builder`] for how it is made. Empty until then.
    pub uid: String,
    /// The source's own id, verbatim.
    pub id: Option<String>,
    /// What it is: `post`, `message`, `service`, `unsupported`, or the source's own word.
    pub kind: String,
    /// When it was published.
    pub date: Option<Date>,
    /// Who wrote it.
    pub author: Option<String>,
    /// Where it was published: a channel, room, group or list.
    pub channel: Option<String>,
    /// Where it was forwarded from.
    pub forwarded_from: Option<Forward>,
    /// The source's id of the record that this one answers.
    pub reply_to: Option<String>,
    /// The source's id of the thread it belongs to.
    pub thread: Option<String>,
    /// The source's id of the album it belongs to.
    pub album: Option<String>,
    /// Heading, where the source keeps one apart from the text.
    pub title: Option<String>,
    /// The whole text.
    pub text: String,
    /// Formatting over `text`, sorted by start.
    pub spans: Vec<Span>,
    /// Hashtags without their `#`, in order of first appearance.
    pub tags: Vec<String>,
    /// Mentions without their `@`, in order of first appearance.
    pub mentions: Vec<String>,
    /// Link targets, in order of first appearance.
    pub links: Vec<String>,
    /// Attachments, in source order.
    pub media: Vec<Attachment>,
    /// A poll, where the record is one.
    pub poll: Option<Poll>,
    /// Reactions, in source order.
    pub reactions: Vec<Reaction>,
    /// How often it was seen, where the source says so.
    pub views: Option<u64>,
    /// When it was last edited, as the source writes it.
    pub edited: Option<String>,
    /// Short marks such as `elided`, `read_more`, `unsupported_media`, `boundary_uncertain`, `incomplete`.
    pub flags: Vec<String>,
    /// Dates that the text speaks of, as ISO 8601 (`2024-06-24`); never the record's own date.
    pub dates_mentioned: Vec<String>,
    /// Language of the text, ISO 639-1.
    pub lang: Option<String>,
    /// Address of the original.
    pub url: Option<String>,
    /// Where it stood in which source.
    pub source: Source,
    /// The source's other fields, in source order; each value is one JSON text.
    pub fields: Vec<(String, String)>,
}

impl Record {
    /// The uid that an id gives: `CHANNEL/ID` where the channel is known, else `STEM/ID` with the [`file_stem`] of the source.
    #[must_use]
    pub fn uid_of_id(channel: Option<&str>, file: &str, id: &str) -> String {
        [channel.unwrap_or_else(|| file_stem(file)), "/", id].concat()
    }

    /// The text as an excerpt may show it: what its spoilers hide is blocks, as many as characters.
    #[must_use]
    pub fn covered_text(&self) -> Cow<'_, str> {
        let hidden: Vec<&Span> = self.spoilers().collect();
        if hidden.is_empty() {
            return Cow::Borrowed(&self.text);
        }
        let cover = |(at, c): (usize, char)| {
            if !c.is_whitespace() && hidden.iter().any(|span| span.range.contains(&at)) { '▒' } else { c }
        };
        Cow::Owned(self.text.char_indices().map(cover).collect())
    }

    /// The spans that are read only by those who ask for it.
    pub fn spoilers(&self) -> impl Iterator<Item = &Span> {
        self.spans.iter().filter(|span| span.kind == "spoiler")
    }
}

/// A file's name up to its first dot; all of it where nothing stands before that.
#[must_use]
pub fn file_stem(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.split_once('.').map(|(stem, _)| stem).filter(|stem| !stem.is_empty()).unwrap_or(name)
}

/// A date at the precision at which its source gave it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Date {
    /// As the source gave it, normalised to `1963`, `1963-01`, `1963-01-04` or RFC 3339; a time without an offset has none here either.
    pub text: String,
    /// First instant that it covers, in seconds since 1970-01-01T00:00:00Z; a date without an offset is read in the archive's time zone.
    pub seconds: i64,
    /// How much of it is known.
    pub precision: Precision,
}

/// How much of a [`Date`] is known; coarse ones sort first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub enum Precision {
    /// `1963`
    Year = 0,
    /// `1963-01`
    Month = 1,
    /// `1963-01-04`
    Day = 2,
    /// A time of day with its offset from UTC.
    Second = 3,
    /// A time of day whose offset nobody knows.
    LocalSecond = 4,
}

/// Whom a record was forwarded from.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Forward {
    /// Name as shown.
    pub name: String,
    /// The source's id of it.
    pub id: Option<String>,
    /// Address of it or of the original post.
    pub url: Option<String>,
}

/// Formatting over a stretch of a record's text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Span {
    /// Bytes of the text that it covers, on character boundaries.
    pub range: Range<usize>,
    /// What it is: `bold`, `italic`, `strike`, `code`, `quote`, `spoiler`, `link`, `mention`, `hashtag`, `custom_emoji`.
    pub kind: String,
    /// Target of a link, mention or emoji; of a block of code its language, and `collapsed` of a quotation that is shown folded.
    pub href: Option<String>,
}

/// A file or object attached to a record.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Attachment {
    /// `photo`, `video`, `voice`, `audio`, `file`, `sticker`, `poll`, `location`, `contact`, `unsupported`.
    pub kind: String,
    /// File name or title as shown.
    pub name: Option<String>,
    /// Size in bytes.
    pub size: Option<u64>,
    /// Length in seconds.
    pub duration: Option<u64>,
    /// Where the file stands, relative to the source or to the published folder.
    pub path: Option<String>,
}

/// Ends of names of published media, beside `bin` for whatever else: browsers show them or offer to save them, and never run them.
/// A page among an archive's media could run in its name.
pub const MEDIA_EXTENSIONS: [&str; 28] = [
    "jpg", "jpeg", "png", "gif", "webp", "mp4", "m4v", "mov", "webm", "mkv", "ogg", "oga", "ogv", "opus", "mp3", "m4a",
    "aac", "flac", "wav", "zip", "gz", "7z", "rar", "tgs", "epub", "docx", "xlsx", "csv",
];

/// Whether a path is one that media are published under: their names follow from their content.
#[must_use]
pub fn is_published(path: &str) -> bool {
    let Some((hash, end)) = path.strip_prefix("media/").and_then(|name| name.split_once('.')) else { return false };
    let is_hash = hash.len() == 32 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let extension = end.strip_prefix("t.").unwrap_or(end);
    is_hash && (end == "thumb.jpg" || extension == "bin" || MEDIA_EXTENSIONS.contains(&extension))
}

/// The published thumbnail of a medium that is published under this path, where it has one.
#[must_use]
pub fn thumbnail_of(path: &str) -> Option<String> {
    if path.ends_with(".thumb.jpg") {
        return Some(path.to_owned());
    }
    let (start, _) = path.split_once(".t.")?;
    Some(format!("{start}.thumb.jpg"))
}

/// A poll and its votes.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Poll {
    /// What was asked.
    pub question: String,
    /// The answers to choose from, with their votes where known.
    pub answers: Vec<PollAnswer>,
    /// How many people voted.
    pub voters: Option<u64>,
}

/// One answer of a [`Poll`].
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PollAnswer {
    /// The answer as shown.
    pub text: String,
    /// Votes for it.
    pub votes: Option<u64>,
}

/// How many people reacted with one emoji.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reaction {
    /// The emoji, or the source's name of a custom one.
    pub emoji: String,
    /// How many.
    pub count: u64,
}

/// Where a record stood.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Source {
    /// The source's file name, without folders of the machine that built the archive.
    pub file: String,
    /// Its place in that file.
    pub place: Option<Place>,
    /// Places of further copies of the same text that were folded into this record.
    pub copies: Vec<Place>,
}

/// A place in a source file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Place {
    /// First and last line, counted from 1, both included.
    Lines(u64, u64),
    /// Half-open byte range.
    Bytes(u64, u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lines(first, last) if first == last => write!(f, "line {first}"),
            Self::Lines(first, last) => write!(f, "lines {first}–{last}"),
            Self::Bytes(start, end) => write!(f, "bytes {start}–{end}"),
        }
    }
}

impl Precision {
    /// The precision stored as `value`, if there is one.
    #[must_use]
    pub fn from_u8(value: u8) -> Option<Self> {
        [Self::Year, Self::Month, Self::Day, Self::Second, Self::LocalSecond]
            .into_iter()
            .find(|precision| *precision as u8 == value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_run_is_never_published() {
        let hash = "0123456789abcdef0123456789abcdef";
        for end in ["jpg", "t.jpg", "thumb.jpg", "bin", "t.webp"] {
            assert!(is_published(&format!("media/{hash}.{end}")), "{end}");
        }
        for end in ["html", "t.svg", "js", "thumb.png", "", "jpg.html", "../a.jpg"] {
            assert!(!is_published(&format!("media/{hash}.{end}")), "{end}");
        }
        assert!(!is_published("media/a.jpg") && !is_published(&format!("{hash}.jpg")));
    }
}
