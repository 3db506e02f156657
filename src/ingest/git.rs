//! The history of a repository, as `git fast-export --all --no-data --show-original-ids --signed-tags=strip --reencode=yes` writes it: a
//! commit is a post, a tag an answer to one. Without the last two git stops at a tag that is signed, and at a commit in another encoding.
//!
//! ```text
//! commit refs/heads/main          tag v1.0
//! mark :2                         from :2
//! original-oid 5f2c…              tagger Marta <m@…> 1700000000 +0100
//! author Marta <m@…> 1700000000 +0100
//! committer …                     data 12
//! data 23                         The release
//! The message
//! from :1
//! M 100644 :7 src/mole.rs
//! ```
//!
//! A repository itself is no input: its objects lie packed in a folder that begins with a dot, thousands of them in one file and each as
//! what differs from another, and to read them is the work of git, which is there where a repository is. This stream is what git
//! itself documents for other programs, and can be read as it comes. Mail addresses stand in it beside each name; none is kept.

use std::collections::HashMap;
use std::io::{self, BufRead, Read as _};

use encoding_rs::Encoding;
use jiff::Timestamp;
use jiff::tz::Offset;
use serde_json::Value;

use super::date::{keep_unread, parse_date};
use super::error::{IngestError, IngestErrorKind};
use super::files::{Part, Parts, each};
use super::format::{Entry, Input, Reader, Sample, Skipped, excerpt, streamed};
use super::json::object::field;
use super::markers;
use crate::record::{Date, Place, Record, Source, file_stem};

/// Longest line, in bytes: a path may have some thousand.
const MAX_LINE_LEN: usize = 64 << 10;

/// Longest message, in bytes.
const MAX_MESSAGE_LEN: u64 = 8 << 20;

/// Paths of changed files that a commit keeps; it says how many there are.
const MAX_PATHS: usize = 100;

/// Whether a sample is such a stream.
pub(super) fn recognise(sample: &Sample<'_>) -> bool {
    let mut lines = sample
        .lines()
        .iter()
        .filter(|line| !line.is_empty() && !line.starts_with("feature ") && !line.starts_with('#'));
    let Some(first) = lines.next() else { return false };
    // Beside `refs/` there are `worktrees/NAME/HEAD` and the like, of folders in which another commit is checked out.
    let is_of_ref = |line: &str, command: &str| {
        line.strip_prefix(command).is_some_and(|name| name == "HEAD" || name.contains('/') && !name.contains(' '))
    };
    let begins = *first == "blob" || is_of_ref(first, "reset ") || is_of_ref(first, "commit ");
    let is_command = |line: &str| {
        let is_known =
            ["mark :", "original-oid ", "author ", "committer ", "from "].iter().any(|known| line.starts_with(known));
        is_known || is_of_ref(line, "commit ")
    };
    begins
        && lines.next().is_some_and(|line| is_command(line))
        && (*first == "blob"
            || lines.any(|line| {
                who(line.strip_prefix("committer ").unwrap_or_default()).is_some_and(|who| who.has_seconds())
            }))
}

/// Reads streams one after another.
pub(super) fn read(parts: Parts<'_>) -> Result<Reader<'_>, IngestError> {
    each(parts, |part| Ok(read_file(part)))
}

fn read_file(part: Part<'_>) -> Reader<'_> {
    let channel = file_stem(&part.file).to_owned();
    let mut stream = Stream {
        file: part.file,
        channel,
        input: part.input,
        offset: 0,
        ahead: None,
        ids: HashMap::new(),
        is_done: false,
    };
    streamed(move || stream.next())
}

struct Stream<'a> {
    file: String,
    channel: String,
    input: Input<'a>,
    /// Bytes that were read.
    offset: u64,
    /// A line that was read and belongs to what follows, and its place.
    ahead: Option<(u64, Vec<u8>)>,
    /// Ids of commits by their marks.
    ids: HashMap<String, String>,
    is_done: bool,
}

/// Why no more can be read.
enum Fault {
    Io(io::Error),
    Other(&'static str),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Stream<'_> {
    fn next(&mut self) -> Result<Option<Entry>, IngestError> {
        while !self.is_done {
            let start = self.ahead.as_ref().map_or(self.offset, |(start, _)| *start);
            match self.command() {
                Ok(Some(record)) => {
                    let place = Place::Bytes(start, self.position());
                    let source = Source { file: self.file.clone(), place: Some(place), copies: Vec::new() };
                    let channel = Some(self.channel.clone());
                    return Ok(Some(Entry::Record(Box::new(Record { channel, source, ..record }))));
                }
                Ok(None) => {}
                Err(Fault::Io(error)) => return Err(IngestError::new(&*self.file, IngestErrorKind::Io(error))),
                Err(Fault::Other(reason)) => {
                    self.is_done = true;
                    let place = Place::Bytes(start, self.offset.max(start + 1));
                    let reason = format!("from here on the stream cannot be read: {reason}");
                    let file = self.file.clone();
                    return Ok(Some(Entry::Skipped(Skipped { file, place, reason, excerpt: String::new() })));
                }
            }
        }
        Ok(None)
    }

    /// Where what was not read yet begins.
    fn position(&self) -> u64 {
        self.ahead.as_ref().map_or(self.offset, |(start, _)| *start)
    }

    /// The next line, without its end; none at the end of the stream.
    fn line(&mut self) -> Result<Option<Vec<u8>>, Fault> {
        if let Some((_, line)) = self.ahead.take() {
            return Ok(Some(line));
        }
        let mut line = Vec::new();
        let len = (&mut self.input).take(MAX_LINE_LEN as u64 + 1).read_until(b'\n', &mut line)?;
        self.offset += len as u64;
        match line.pop() {
            None => Ok(None),
            Some(b'\n') => Ok(Some(line)),
            Some(_) if len > MAX_LINE_LEN => Err(Fault::Other("a line is longer than any path")),
            Some(_) => Err(Fault::Other("the file is cut here; what stands before is kept")),
        }
    }

    /// The next line where it begins so, without that.
    fn line_after(&mut self, start: &str) -> Result<Option<String>, Fault> {
        let at = self.position();
        let Some(line) = self.line()? else { return Ok(None) };
        if let Some(rest) = line.strip_prefix(start.as_bytes()) {
            return Ok(Some(String::from_utf8_lossy(rest).into_owned()));
        }
        self.ahead = Some((at, line));
        Ok(None)
    }

    /// Reads one command; gives a record where it is one.
    fn command(&mut self) -> Result<Option<Record>, Fault> {
        let Some(line) = self.line()? else {
            self.is_done = true;
            return Ok(None);
        };
        let line = String::from_utf8_lossy(&line).into_owned();
        match line.split_once(' ') {
            _ if line.is_empty() || line.starts_with('#') => Ok(None),
            _ if line == "done" => {
                self.is_done = true;
                Ok(None)
            }
            _ if line == "blob" => {
                let _ = (self.line_after("mark ")?, self.line_after("original-oid ")?);
                self.data(false)?;
                Ok(None)
            }
            Some(("commit", branch)) => self.commit(branch).map(Some),
            Some(("tag", name)) => self.tag(name).map(Some),
            Some(("reset", name)) => {
                let from = self.line_after("from ")?;
                let Some(name) = name.strip_prefix("refs/tags/") else { return Ok(None) };
                // A tag without a message has no time either.
                Ok(from.map(|from| tag(name, self.id(&from))))
            }
            Some(("feature" | "option" | "progress", _)) => Ok(None),
            _ if line == "checkpoint" => Ok(None),
            _ => Err(Fault::Other("this is no command of `git fast-import`")),
        }
    }

    /// The bytes that a command carries; those that nobody wants are passed over.
    fn data(&mut self, is_wanted: bool) -> Result<Vec<u8>, Fault> {
        let Some(len) = self.line_after("data ")? else { return Err(Fault::Other("data is missing")) };
        let mut bytes = Vec::new();
        if let Some(end) = len.strip_prefix("<<") {
            loop {
                let Some(line) = self.line()? else {
                    return Err(Fault::Other("the file is cut here; what stands before is kept"));
                };
                if line == end.as_bytes() {
                    return Ok(bytes);
                }
                if is_wanted && bytes.len() as u64 <= MAX_MESSAGE_LEN {
                    bytes.extend(line);
                    bytes.push(b'\n');
                }
            }
        }
        let len: u64 = len.parse().map_err(|_| Fault::Other("data has no length"))?;
        let mut data = (&mut self.input).take(len);
        if is_wanted {
            (&mut data).take(MAX_MESSAGE_LEN).read_to_end(&mut bytes)?;
        }
        io::copy(&mut data, &mut io::sink())?;
        let left = data.limit();
        self.offset += len - left;
        if left > 0 {
            return Err(Fault::Other("the file is cut here; what stands before is kept"));
        }
        // An end of line may follow, which is part of nothing.
        let at = self.position();
        if let Some(line) = self.line()?.filter(|line| !line.is_empty()) {
            self.ahead = Some((at, line));
        }
        Ok(bytes)
    }

    fn id(&self, name: &str) -> String {
        self.ids.get(name).cloned().unwrap_or_else(|| name.to_owned())
    }

    fn commit(&mut self, branch: &str) -> Result<Record, Fault> {
        let mut record = Record { kind: "commit".to_owned(), ..Record::default() };
        let mark = self.line_after("mark ")?;
        let id = self.line_after("original-oid ")?;
        let author = self.line_after("author ")?;
        let committer = self.line_after("committer ")?;
        while self.line_after("gpgsig ")?.is_some() {
            self.data(false)?;
        }
        let encoding = self.line_after("encoding ")?;
        let message = self.data(true)?;
        record.id = id.or_else(|| mark.clone());
        if let Some((mark, id)) = mark.zip(record.id.clone()) {
            self.ids.insert(mark, id);
        }
        let committer = committer.as_deref().and_then(who);
        let author = author.as_deref().and_then(who).or_else(|| committer.clone());
        if let (Some(author), Some(committer)) = (author, committer) {
            if committer.name != author.name {
                record.fields.push(field("committer", &committer.name));
            }
            let is_other = |date: &Date| committer.date.as_ref().is_none_or(|committed| committed.text != date.text);
            record.fields.extend(author.date.filter(is_other).map(|date| field("authored", &date.text)));
            record.author = Some(author.name).filter(|name| !name.is_empty());
            committer.date_of(&mut record);
        }
        say(&decoded(&message, encoding.as_deref()), &mut record);
        record.fields.push(field("branch", branch.strip_prefix("refs/heads/").unwrap_or(branch)));
        let mut parents = Vec::new();
        while let Some(parent) = match self.line_after("from ")? {
            Some(parent) => Some(parent),
            None => self.line_after("merge ")?,
        } {
            parents.push(Value::from(self.id(&parent)));
        }
        if !parents.is_empty() {
            record.fields.push(("parents".to_owned(), Value::from(parents).to_string()));
        }
        self.changes(&mut record)?;
        Ok(record)
    }

    /// What a commit changed: the paths, as far as they are kept.
    fn changes(&mut self, record: &mut Record) -> Result<(), Fault> {
        let (mut paths, mut count) = (Vec::new(), 0_u64);
        loop {
            let at = self.position();
            let Some(line) = self.line()? else { break };
            let text = String::from_utf8_lossy(&line).into_owned();
            let path = match text.split_once(' ') {
                Some(("M", rest)) => {
                    let mut parts = rest.splitn(3, ' ');
                    let is_inline = parts.nth(1) == Some("inline");
                    let path = parts.next().unwrap_or_default().to_owned();
                    if is_inline {
                        self.data(false)?;
                    }
                    path
                }
                Some(("D" | "R" | "C", rest)) => rest.to_owned(),
                Some(("N", _)) => continue,
                _ if text == "deleteall" => continue,
                _ => {
                    self.ahead = Some((at, line));
                    break;
                }
            };
            count += 1;
            if paths.len() < MAX_PATHS {
                paths.push(Value::from(unquoted(&path)));
            }
        }
        if count > 0 {
            record.fields.push(("files".to_owned(), Value::from(paths).to_string()));
            record.fields.push(("num_files".to_owned(), count.to_string()));
        }
        Ok(())
    }

    fn tag(&mut self, name: &str) -> Result<Record, Fault> {
        let _ = self.line_after("mark ")?;
        let from = self.line_after("from ")?;
        let id = self.line_after("original-oid ")?;
        let tagger = self.line_after("tagger ")?;
        let message = self.data(true)?;
        let mut record = tag(name, from.map(|from| self.id(&from)).unwrap_or_default());
        if let Some(tagger) = tagger.as_deref().and_then(who) {
            tagger.date_of(&mut record);
            record.author = Some(tagger.name).filter(|name| !name.is_empty());
        }
        record.fields.extend(id.map(|id| field("tag_id", &id)));
        let mut text = markers::marked(decoded(&message, None).trim(), &[], &markers::plain_token);
        text.trim();
        text.fill(&mut record);
        Ok(record)
    }
}

fn tag(name: &str, commit: String) -> Record {
    Record {
        kind: "tag".to_owned(),
        id: Some(format!("tag/{name}")),
        title: Some(name.to_owned()),
        reply_to: Some(commit).filter(|commit| !commit.is_empty()),
        ..Record::default()
    }
}

/// The message of a commit: its first line is what it is called.
fn say(message: &str, record: &mut Record) {
    let message = message.trim();
    let (title, text) = message.split_once('\n').unwrap_or((message, ""));
    record.title = Some(title.trim().to_owned()).filter(|title| !title.is_empty());
    let mut text = markers::marked(text, &[], &|before, rest| {
        markers::plain_token(before, rest).filter(|token| token.kind == "link")
    });
    text.trim();
    text.fill(record);
}

fn decoded(bytes: &[u8], encoding: Option<&str>) -> String {
    match encoding.and_then(|label| Encoding::for_label(label.as_bytes())) {
        Some(encoding) if std::str::from_utf8(bytes).is_err() => encoding.decode(bytes).0.into_owned(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// Who did something, and when.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Who {
    name: String,
    /// When, as it is written.
    written: String,
    date: Option<Date>,
}

impl Who {
    /// Whether the time begins as git writes it, be it one that a calendar has or not.
    fn has_seconds(&self) -> bool {
        self.written.split_once(' ').is_some_and(|(seconds, _)| seconds.parse::<i64>().is_ok())
    }

    /// Gives a record the time, or keeps what is none.
    fn date_of(&self, record: &mut Record) {
        record.date.clone_from(&self.date);
        if record.date.is_none() && !self.written.is_empty() {
            keep_unread(record, &self.written);
        }
    }
}

/// Reads `Marta <m@harbour.example> 1700000000 +0100`.
fn who(text: &str) -> Option<Who> {
    let (name, rest) = text.split_once('<')?;
    let (_, when) = rest.rsplit_once('>')?;
    let when = when.trim();
    let read = |(seconds, offset): (&str, &str)| date(seconds.parse().ok()?, offset);
    Some(Who { name: excerpt(name), written: excerpt(when), date: when.split_once(' ').and_then(read) })
}

/// An instant by the clock of whoever noted it.
fn date(seconds: i64, offset: &str) -> Option<Date> {
    let digits: i32 = offset.get(1..).filter(|_| offset.starts_with(['+', '-']) && offset.len() == 5)?.parse().ok()?;
    let minutes = digits / 100 * 60 + digits % 100;
    let is_possible = digits % 100 < 60 && minutes < 24 * 60;
    let signed = if offset.starts_with('-') { -minutes } else { minutes };
    let offset_of = Offset::from_seconds(if is_possible { signed * 60 } else { 0 }).ok()?;
    let local = offset_of.to_datetime(Timestamp::from_second(seconds).ok()?);
    let end =
        if is_possible && minutes != 0 { format!("{}:{}", offset.get(..3)?, offset.get(3..)?) } else { "Z".to_owned() };
    parse_date(&format!("{}{end}", local.strftime("%Y-%m-%dT%H:%M:%S")), &jiff::tz::TimeZone::UTC)
}

/// A path that git has put in quotes, since it has letters that are none of ASCII, as it is: they are written as bytes in base 8.
fn unquoted(path: &str) -> String {
    let Some(inner) = path.strip_prefix('"').and_then(|path| path.strip_suffix('"')) else { return path.to_owned() };
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let octal = tail.get(..3).and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        let (byte, len) = match (first, tail.first(), octal) {
            (b'\\', _, Some(byte)) => (byte, 4),
            (b'\\', Some(b'n'), _) => (b'\n', 2),
            (b'\\', Some(b't'), _) => (b'\t', 2),
            (b'\\', Some(escaped), _) => (*escaped, 2),
            _ => (*first, 1),
        };
        bytes.push(byte);
        rest = rest.get(len..).unwrap_or_default();
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_may_begin_with_any_ref() {
        let check = |text: &str, expected| {
            assert_eq!(recognise(&Sample::new("f", text.as_bytes(), true)), expected, "{text}");
        };
        let who = "author A <a@b> 1700000000 +0000\ncommitter A <a@b> 1700000000 +0000\ndata 1\na\n";
        for name in ["refs/heads/main", "worktrees/quay/HEAD", "main-worktree/HEAD", "HEAD"] {
            check(&format!("reset {name}\ncommit {name}\nmark :1\n{who}"), true);
            check(&format!("commit {name}\nmark :1\n{who}"), true);
        }
        check(&format!("commit to/it now\nmark :1\n{who}"), false);
        check(&format!("commit 5f2c\ntree 7a\n{who}"), false);
        check("reset worktrees/quay/HEAD\nfrom :1\n", false);
    }

    #[test]
    fn paths_come_out_of_their_quotes() {
        let check = |path: &str, expected: &str| assert_eq!(unquoted(path), expected, "{path}");
        check("a b.txt", "a b.txt");
        check(r#""tools/\303\261.sh""#, "tools/ñ.sh");
        check(r#""a\"b\\c\n""#, "a\"b\\c\n");
        check(r#""\30""#, "30");
        check("\"", "\"");
        check(r#""\""#, "\\");
    }

    #[test]
    fn times_that_are_none_are_kept() {
        let mut record = Record::default();
        who("A <b> soon +0000").unwrap().date_of(&mut record);
        assert_eq!(
            (record.flags, record.fields),
            (vec!["date_unread".to_owned()], vec![field("date_written", "soon +0000")])
        );
    }

    #[test]
    fn people_and_times_are_read() {
        let check = |text: &str, expected: Option<(&str, Option<&str>)>| {
            let found = who(text).map(|who| (who.name, who.date.map(|date| date.text)));
            let found = found.as_ref().map(|(name, date)| (name.as_str(), date.as_deref()));
            assert_eq!(found, expected, "{text}");
        };
        check("Marta <m@x> 1700000000 +0100", Some(("Marta", Some("2023-11-14T23:13:20+01:00"))));
        check("<> 1700000000 -0330", Some(("", Some("2023-11-14T18:43:20-03:30"))));
        check("A <b> 1700000000 +0000", Some(("A", Some("2023-11-14T22:13:20Z"))));
        check("A <b> 1700000000 +9999", Some(("A", Some("2023-11-14T22:13:20Z"))));
        check("A <b> 99999999999999999 +0000", Some(("A", None)));
        check("A <b> x +0000", Some(("A", None)));
        check("A", None);
    }

    #[test]
    fn no_stream_panics() {
        proptest::proptest!(|(text in "(commit refs/a\n|mark :[1-3]\n|author a <b> 1700000000 \\+0100\n|committer a <b> [0-9]{1,12} [+-][0-9]{4}\n|data [0-9]{1,2}\n|data <<E\n|E\n|from :1\n|M 1 inline x\n|tag a\n|reset refs/tags/b\n|blob\n|[a-c\n]){0,30}")| {
            let part = Part::new("f", Box::new(text.as_bytes()));
            let _ = read_file(part).count();
        });
    }
}
