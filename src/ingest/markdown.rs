//! A folder of Markdown: the posts of Jekyll or Hugo, the notes of Obsidian.
//!
//! A file is a post. What stands before its text, between lines of dashes (YAML) or plus signs (TOML), says what it is called, of
//! which day it is and who wrote it; a day may also be in its name. Drafts are counted and left out, unless `--chat drafts` takes
//! them, and so are comments of Obsidian.

mod comments;

use std::io::Read as _;

use serde_json::Value;

use self::comments::without_comments;
use super::date::{formatted_date, keep_unread, parse_date};
use super::error::{IngestError, IngestErrorKind};
use super::files::{Part, Parts, path_in_source};
use super::format::{Entry, ReadContext, Reader, Removed, Sample, Skipped, streamed};
use super::front_matter::{self, Front, Parted};
use super::html::markdown::{Flavour, marked};
use super::json::object::{Object, field, language, scalar};
use super::media::{kind_of_name, last_of, unescaped};
use super::{encoding, entities};
use crate::record::{Attachment, Date, Place, Record, Source};

/// Longest file that is read, in bytes. Books have some megabytes; what stands for a sign or two of markup takes fifty times as much
/// memory.
const MAX_FILE_LEN: u64 = 4 << 20;

/// Ends of the names of Markdown.
const ENDS: [&str; 7] = ["md", "markdown", "mdown", "mkd", "mkdn", "mdx", "qmd"];

/// Ends of the names of what may have front matter too, and is no text of anyone's: templates, sheets, settings.
const OTHER_ENDS: [&str; 14] =
    ["html", "htm", "xml", "css", "scss", "sass", "js", "json", "yml", "yaml", "toml", "svg", "csv", "txt"];

/// What `--chat` calls drafts.
const DRAFTS: &str = "drafts";

/// What programs call posts that are not for everyone, or not yet, in small letters.
const UNPUBLISHED: [&str; 8] = ["draft", "private", "pending", "hidden", "unlisted", "unpublished", "trash", "future"];

/// Keys under which programs write when a page was posted, the surest first.
const POSTED: [&str; 7] = ["date", "published_at", "pubDate", "publishDate", "published", "created", "created_at"];

/// How front matter writes a date, beside ISO 8601.
const DATE_FORMATS: [&str; 4] =
    ["%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M %z", "%a, %d %b %Y %H:%M:%S %z", "%Y/%m/%d %H:%M:%S %z"];

/// Whether a sample is Markdown: by front matter, or by its name and signs of it in the text.
pub(super) fn recognise(sample: &Sample<'_>) -> bool {
    let end = sample
        .name()
        .rsplit('/')
        .next()
        .and_then(|name| name.rsplit_once('.'))
        .map(|(_, end)| end.to_ascii_lowercase());
    let is_named = |ends: &[&str]| end.as_deref().is_some_and(|end| ends.contains(&end));
    has_front_matter(sample) && !is_named(&OTHER_ENDS) || is_named(&ENDS) && sample.has_text()
}

/// Whether front matter shows what a sample is; its name alone shows little.
pub(super) fn has_front_matter(sample: &Sample<'_>) -> bool {
    let text = sample.text();
    let front = front_matter::part(&text).front.filter(Front::shows_itself);
    front.is_some_and(|front| front.parse().is_ok_and(|members| !members.is_empty()))
}

/// Reads files one after another.
#[expect(clippy::unnecessary_wraps, reason = "every reader may find at once that the input is not of its format")]
pub(super) fn read<'a>(mut parts: Parts<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    let takes_drafts = || context.options.chats.has(DRAFTS, |chat| chat == DRAFTS);
    let (mut num_drafts, mut num_comments, mut is_done) = (0, 0, false);
    let mut queue = Vec::new();
    Ok(streamed(move || {
        loop {
            if let Some(entry) = queue.pop() {
                return Ok(Some(entry));
            }
            if is_done {
                return Ok(None);
            }
            let Some(part) = parts.next() else {
                is_done = true;
                if num_comments > 0 {
                    queue.push(Entry::Note(format!(
                        "comments that Obsidian does not show, between `%%`, are left out: {num_comments} of them"
                    )));
                }
                if num_drafts > 0 {
                    let hint = format!("`--chat {DRAFTS}` takes drafts too, {num_drafts} of them");
                    queue.push(Entry::Hint(hint));
                    queue.push(Entry::Removed(Removed { count: num_drafts, reason: "drafts".to_owned() }));
                }
                continue;
            };
            match note(part?, context, &mut num_comments)? {
                Found::Draft(_) if !takes_drafts() => num_drafts += 1,
                Found::Draft(record) => {
                    queue.push(Entry::Hint("drafts are in the archive: whoever gets it can read them".to_owned()));
                    queue.push(Entry::Record(record));
                }
                Found::Entry(entry) => queue.push(entry),
            }
        }
    }))
}

enum Found {
    Draft(Box<Record>),
    Entry(Entry),
}

/// Reads a file; how many comments are left out is added to `num_comments`.
fn note(part: Part<'_>, context: &ReadContext, num_comments: &mut u64) -> Result<Found, IngestError> {
    let path = part.path().to_owned();
    let Part { file, input, .. } = part;
    let mut bytes = Vec::new();
    let read = input.take(MAX_FILE_LEN + 1).read_to_end(&mut bytes);
    read.map_err(|error| IngestError::new(&*file, IngestErrorKind::Io(error)))?;
    let place = Place::Bytes(0, bytes.len() as u64);
    let skipped = |reason: String| {
        Found::Entry(Entry::Skipped(Skipped {
            file: file.clone(),
            place: place.clone(),
            reason,
            excerpt: String::new(),
        }))
    };
    if bytes.len() as u64 > MAX_FILE_LEN {
        return Ok(skipped(format!("the file is longer than {MAX_FILE_LEN} bytes")));
    }
    let text = String::from_utf8(bytes).unwrap_or_else(|error| {
        let bytes = error.as_bytes();
        encoding::sample(bytes).unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned())
    });
    let Parted { front, body } = front_matter::part(&text);
    let (body, num_hidden) = without_comments(body);
    *num_comments += num_hidden;
    let body = body.as_str();
    let mut record = Record { kind: "post".to_owned(), ..Record::default() };
    let mut about = Object::default();
    match front.map(|front| front.parse()) {
        Some(Ok(members)) => about = Object::of(Value::Object(members)).unwrap_or_default(),
        Some(Err(_)) => {
            // What cannot be read is kept as it stands.
            record.fields.push(field("front_matter", front.map(|front| front.text.trim()).unwrap_or_default()));
            record.flags.push("front_matter_unread".to_owned());
        }
        None => {}
    }
    if body.trim().is_empty() && about.get("title").is_none() && record.fields.is_empty() {
        return Ok(skipped("there is no text in the file".to_owned()));
    }
    // A folder of drafts is one, also where nobody sees it.
    let unread = front.filter(|_| !record.flags.is_empty()).map(|front| lines_of(front.text));
    let is_draft =
        is_draft(path_in_source(&file), &mut about) || unread.is_some_and(|mut lines| is_draft("", &mut lines));
    fill(&mut record, &path, about, body, context);
    record.source = Source { file: file.clone(), place: Some(place.clone()), copies: Vec::new() };
    let record = Box::new(record);
    Ok(if is_draft { Found::Draft(record) } else { Found::Entry(Entry::Record(record)) })
}

/// Whether a post is not meant for others, or not yet: by the folder it is in, or by what its front matter says under keys that programs
/// and people write in letters of any size, with or without quotes.
fn is_draft(path: &str, about: &mut Object) -> bool {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    let is_in = folders.split('/').any(|folder| matches!(&*folder.to_ascii_lowercase(), "_drafts" | "drafts"));
    let mut is_kept = false;
    for key in about.keys() {
        let small = key.to_ascii_lowercase();
        let Some(value) = about.get(&key) else { continue };
        let says = truth(value);
        let is_one_of =
            |words: &[&str]| value.as_str().is_some_and(|value| words.contains(&&*value.trim().to_lowercase()));
        is_kept |= match &*small {
            "draft" | "private" | "unlisted" | "hidden" => says == Some(true),
            "published" | "publish" | "dg-publish" => says == Some(false),
            "status" | "state" | "visibility" | "type" | "post_status" => is_one_of(&UNPUBLISHED),
            "password" => says != Some(false) && !value.is_null() && value != "",
            _ => false,
        };
        // What only says so in other words is no field of anyone's.
        if says.is_some() && ["publish", "draft", "private"].contains(&&*small) {
            about.pass(&[&key]);
        }
    }
    is_in || is_kept
}

/// What a value says of yes and no, as people write either.
fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(is_set) => Some(*is_set),
        Value::Number(number) if number.as_i64() == Some(1) => Some(true),
        Value::Number(number) if number.as_i64() == Some(0) => Some(false),
        Value::String(text) => match &*text.trim().to_ascii_lowercase() {
            "true" | "yes" | "on" | "y" | "1" => Some(true),
            "false" | "no" | "off" | "n" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// Keys and values of front matter that is none of its language, a line each, as far as they tell a draft.
fn lines_of(front: &str) -> Object {
    let pairs = front.lines().filter_map(|line| line.split_once([':', '=']));
    let mut about = Object::default();
    for (key, value) in pairs {
        let value = value.split(" #").next().unwrap_or_default();
        let bare = |text: &str| text.trim().trim_end_matches(',').trim_matches(['"', '\'']).to_owned();
        about.put(&bare(key), bare(value).into());
    }
    about
}

fn fill(record: &mut Record, path: &str, mut about: Object, body: &str, context: &ReadContext) {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    record.id = Some(path.rsplit_once('.').map_or(path, |(stem, _)| stem).to_owned());
    let title = about.text("title");
    let flavour = Flavour {
        has_html: true,
        has_wikilinks: true,
        begins_with_title: title.is_none(),
        found: &["link", "hashtag"],
    };
    let marked = marked(body, flavour);
    let (day, rest) = dated(stem);
    record.title = title.or(marked.title).or_else(|| Some(rest.to_owned()).filter(|rest| !rest.is_empty()));
    let mut date = |keys: &[&str]| {
        keys.iter().find_map(|key| {
            let date = date(&scalar(about.get(key)?)?, context)?;
            about.pass(&[key]);
            Some(date)
        })
    };
    let posted = date(&POSTED);
    let edited = date(&["lastmod", "last_modified_at", "updated", "updated_at", "modified", "updatedDate"]);
    let of_address = |key| about.get(key).and_then(|path| day_of_address(path.as_str()?));
    let day = day.map(str::to_owned).or_else(|| ["path", "permalink", "url"].into_iter().find_map(of_address));
    record.date = posted.or_else(|| parse_date(&day?, &context.time_zone));
    if record.date.is_none()
        && let Some(written) =
            POSTED.iter().find_map(|key| about.text(key).filter(|text| truth(&Value::from(&**text)).is_none()))
    {
        keep_unread(record, &written);
    }
    record.edited = edited.map(|date| date.text);
    record.author = names(&mut about, &["author", "authors"]).into_iter().reduce(|all, name| format!("{all}, {name}"));
    let lang = about.text("lang").or_else(|| about.text("language"));
    record.lang = lang.and_then(|tag| language(&tag));
    record.url = ["canonical_url", "canonicalURL", "canonical", "permalink", "url", "link", "source"]
        .into_iter()
        .find_map(|key| {
            let address = about.get(key)?.as_str().filter(|address| address.starts_with("http"))?.to_owned();
            about.pass(&[key]);
            Some(address)
        });
    for flag in ["pinned", "sticky"] {
        if about.flag(flag) && record.flags.is_empty() {
            record.flags.push("pinned".to_owned());
        }
    }
    marked.text.fill(record);
    let tags = names(&mut about, &["tags", "tag", "keywords", "categories", "category"]);
    let tags = tags.into_iter().map(|tag| tag.trim_start_matches('#').to_owned()).filter(|tag| !tag.is_empty());
    record.tags = entities::distinct(std::mem::take(&mut record.tags).into_iter().chain(tags));
    record.media = marked.images.into_iter().filter_map(medium).collect();
    if !folder.is_empty() {
        record.fields.push(field("folder", folder));
    }
    about.pass(&["layout", "type", "weight", "toc", "comments"]);
    record.fields.extend(about.into_fields());
}

/// Names that a key gives as a text, a list of them, or tables with a name in each. Lists are also written as one text.
fn names(about: &mut Object, keys: &[&str]) -> Vec<String> {
    let mut names = Vec::new();
    for key in keys {
        let Some(value) = about.take(key) else { continue };
        let is_list = *key == "tags" || *key == "keywords" || *key == "categories";
        match value {
            Value::String(text) if is_list => {
                let divided: Vec<&str> =
                    if text.contains(',') { text.split(',').collect() } else { text.split_whitespace().collect() };
                names.extend(divided.into_iter().map(|name| name.trim().to_owned()));
            }
            Value::Array(values) => names.extend(values.iter().filter_map(name_of)),
            value => names.extend(name_of(&value)),
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

fn name_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(members) => members.get("name")?.as_str().map(str::to_owned),
        _ => None,
    }
}

fn date(text: &str, context: &ReadContext) -> Option<Date> {
    let text = text.trim();
    let other = || DATE_FORMATS.iter().find_map(|format| formatted_date(text, format));
    parse_date(text, &context.time_zone).or_else(other)
}

/// The day that a name begins with, and the rest of it.
fn dated(stem: &str) -> (Option<&str>, &str) {
    let is_day = |text: &str| {
        text.bytes().enumerate().all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() })
    };
    match stem.get(..10).filter(|day| is_day(day)) {
        Some(day) => (Some(day), stem.get(10..).unwrap_or_default().trim_start_matches(['-', '_', ' '])),
        None => (None, stem),
    }
}

/// The day that an address within the site begins with: `/2024/01/05/the-mole/`.
fn day_of_address(path: &str) -> Option<String> {
    let mut parts = path.trim_start_matches('/').splitn(4, '/');
    let mut number =
        |len| parts.next().filter(|part| part.len() == len && part.bytes().all(|byte| byte.is_ascii_digit()));
    Some(format!("{}-{}-{}", number(4)?, number(2)?, number(2)?))
}

/// A picture or a file that the text shows; what has no end of a file's name is a note within a note.
fn medium((name, address): (String, String)) -> Option<Attachment> {
    let file = last_of(&address).to_owned();
    if address.starts_with("data:") || !file.contains('.') {
        return None;
    }
    let is_local = !address.contains("://") && !address.starts_with("//");
    let path = is_local.then(|| unescaped(&address));
    let name = if name.is_empty() || name == address { file } else { name };
    Some(Attachment { kind: kind_of_name(&address).to_owned(), name: Some(name), path, ..Attachment::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Found {
        let part = Part::new("notes/a.md", Box::new(text.as_bytes()));
        note(part, &ReadContext::new("notes", jiff::tz::TimeZone::UTC), &mut 0).unwrap()
    }

    #[test]
    fn drafts_say_so_in_many_ways() {
        let check = |line: &str, expected| {
            let is_draft = matches!(found(&format!("---\ntitle: t\n{line}\n---\nb\n")), Found::Draft(_));
            assert_eq!(is_draft, expected, "{line}");
        };
        for line in [
            "draft: true",
            "draft: \"true\"",
            "draft: yes",
            "draft: on",
            "draft: 1",
            "Draft: true",
            "DRAFT: TRUE # x",
            "published: no",
            "published: \"false\"",
            "publish: off",
            "private: yes",
            "Private: true",
            "status: Draft",
            "status: pending",
            "state: draft",
            "type: draft",
            "visibility: Private",
            "hidden: true",
            "unlisted: true",
            "password: x",
            "password: 1234",
            "dg-publish: false",
            "status: \"private\"",
            // What is no YAML says so too.
            "description: A: \"b\"\ndraft: true",
            "description: A: \"b\"\nstatus: 'Draft'",
        ] {
            check(line, true);
        }
        for line in [
            "draft: false",
            "draft: no",
            "published: 2024-01-01",
            "published: yes",
            "status: done",
            "tags: [draft]",
            "private: 0",
            "type: post",
            "password:",
            "hidden: false",
            "description: A: \"b\"\ndraft: false",
        ] {
            check(line, false);
        }
        let is_draft = |path: &str| is_draft(path, &mut Object::default());
        assert!(
            is_draft("Drafts/a.md") && is_draft("_drafts/x/a.md") && !is_draft("drafts") && !is_draft("a/draft.md")
        );
    }

    #[test]
    fn a_year_is_a_date() {
        let date = |line: &str| match found(&format!("---\n{line}\n---\nb\n")) {
            Found::Entry(Entry::Record(record)) => (record.date.map(|date| date.text), record.fields.len()),
            _ => panic!("{line}"),
        };
        assert_eq!(date("date: 2024"), (Some("2024".to_owned()), 0));
        assert_eq!(date("date: \"2024-01\"").0.as_deref(), Some("2024-01"));
        assert_eq!(date("published: yes").0, None);
    }

    #[test]
    fn names_of_files_tell_the_day() {
        assert_eq!(dated("2024-01-05-the-mole"), (Some("2024-01-05"), "the-mole"));
        assert_eq!(dated("2024-01-05"), (Some("2024-01-05"), ""));
        assert_eq!(dated("2024-1-05-x"), (None, "2024-1-05-x"));
        assert_eq!(dated("Tides"), (None, "Tides"));
        assert_eq!(day_of_address("2015/05/15/The-Mole.html").as_deref(), Some("2015-05-15"));
        assert_eq!(day_of_address("/2015/05/15/").as_deref(), Some("2015-05-15"));
        assert_eq!(day_of_address("https://harbour.example/2015/05/15/"), None);
        assert_eq!(day_of_address("2015/5/15/x"), None);
        assert_eq!(dated("приливы и отливы"), (None, "приливы и отливы"));
    }

    #[test]
    fn files_that_are_shown_are_media() {
        let check = |name: &str, address: &str| {
            medium((name.to_owned(), address.to_owned())).map(|medium| (medium.kind, medium.name, medium.path))
        };
        let expected = |kind: &str, name: &str, path: Option<&str>| {
            Some((kind.to_owned(), Some(name.to_owned()), path.map(str::to_owned)))
        };
        assert_eq!(check("fog", "/a/fog.jpg"), expected("photo", "fog", Some("/a/fog.jpg")));
        assert_eq!(check("", "https://x.example/b.mp3"), expected("audio", "b.mp3", None));
        assert_eq!((check("Tides", "Tides"), check("", "data:image/png;base64,AA.A")), (None, None));
    }
}
