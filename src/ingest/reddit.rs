//! Dumps of Reddit, as Pushshift and Arctic Shift hand them out: one submission or comment a line, as JSON, often packed by zstd.
//!
//! ```text
//! {"id": "abc", "title": "…", "selftext": "…", "subreddit": "harbour", "created_utc": 1700000000, "author": "…", …}
//! {"id": "def", "body": "…", "link_id": "t3_abc", "parent_id": "t1_xyz", "subreddit": "harbour", "created_utc": "1700000100", …}
//! ```
//!
//! Submissions and comments count apart, so that their ids are the full names by which they name each other: `t3_abc`, `t1_def`.
//! A thread is a submission. Of what was deleted only that is kept, also where the dump has it from before.

use std::io::{BufRead, BufReader, Read as _};

use serde_json::{Map, Value};

use super::chosen::ChosenChats;
use super::date::{take_date, unix_date};
use super::error::{IngestError, IngestErrorKind};
use super::escapes::unescaped;
use super::files::{Part, Parts, each};
use super::format::{Entry, Input, ReadContext, Reader, Removed, Sample, Skipped, excerpt, streamed};
use super::html::markdown::{Flavour, marked};
use super::json::object::Object;
use super::lines::Lines;
use super::media::{kind_of_name, kind_of_type, last_of};
use super::rich_text::RichText;
use super::unpacked::Unpacked;
use crate::record::{Attachment, Forward, Place, Poll, PollAnswer, Record, Source, Span};

/// How a file begins that zstd packed.
const ZSTD_MARK: &[u8] = &[0x28, 0xB5, 0x2F, 0xFD];

/// Longest window of a packed file, as a power of two: the dumps are packed with all that zstd allows.
const MAX_WINDOW_LOG: u32 = 31;

/// Bytes of a packed file that are unpacked to see what it is.
const MAX_HEAD_LEN: u64 = 64 << 10;

/// Bytes of a line that an account of it may need.
const EXCERPT_LEN: usize = 512;

/// Hidden stretches of one text. Posts have 40,000 characters at most.
const MAX_HIDDEN: usize = 1000;

/// What subreddits are called that not everyone can read.
const CLOSED: [&str; 4] = ["private", "gold_only", "gold_restricted", "employees_only"];

/// Where Reddit is.
const HOST: &str = "https://www.reddit.com";

/// Members of a post that say what is in it; its address has words of the title, and is made anew without them.
const SAID: [&str; 14] = [
    "author",
    "title",
    "selftext",
    "body",
    "url",
    "permalink",
    "edited",
    "media",
    "media_metadata",
    "gallery_data",
    "poll_data",
    "crosspost_parent",
    "crosspost_parent_list",
    "preview",
];

/// Members that say what others say too, or how the site shows a post.
const PASSED: &[&str] = &[
    "name",
    "subreddit_id",
    "subreddit_name_prefixed",
    "subreddit_type",
    "subreddit_subscribers",
    "author_fullname",
    "author_flair_background_color",
    "author_flair_css_class",
    "author_flair_richtext",
    "author_flair_template_id",
    "author_flair_text_color",
    "author_flair_type",
    "author_is_blocked",
    "author_patreon_flair",
    "author_premium",
    "link_flair_background_color",
    "link_flair_css_class",
    "link_flair_richtext",
    "link_flair_template_id",
    "link_flair_text_color",
    "link_flair_type",
    "created",
    "retrieved_on",
    "retrieved_utc",
    "retrieved_timestamp",
    "updated_on",
    "updated_utc",
    "selftext_html",
    "body_html",
    "body_sha1",
    "rte_mode",
    "thumbnail",
    "thumbnail_width",
    "thumbnail_height",
    "preview",
    "media",
    "media_embed",
    "secure_media",
    "secure_media_embed",
    "media_metadata",
    "media_only",
    "gallery_data",
    "is_gallery",
    "is_self",
    "is_video",
    "is_reddit_media_domain",
    "is_robot_indexable",
    "is_crosspostable",
    "is_meta",
    "is_submitter",
    "is_created_from_ads_ui",
    "post_hint",
    "domain",
    "url_overridden_by_dest",
    "crosspost_parent_list",
    "whitelist_status",
    "parent_whitelist_status",
    "wls",
    "pwls",
    "allow_live_comments",
    "can_gild",
    "can_mod_post",
    "send_replies",
    "suggested_sort",
    "no_follow",
    "hide_score",
    "score_hidden",
    "archived",
    "discussion_type",
    "num_crossposts",
    "total_awards_received",
    "all_awardings",
    "awarders",
    "gilded",
    "gildings",
    "treatment_tags",
    "content_categories",
    "controversiality",
    "collapsed",
    "collapsed_because_crowd_control",
    "collapsed_reason",
    "collapsed_reason_code",
    "comment_type",
    "nest_level",
    "depth",
    "replies",
    "likes",
    "ups",
    "downs",
    "saved",
    "hidden",
    "visited",
    "clicked",
    "quarantine",
    "contest_mode",
    "num_reports",
    "_meta",
];

/// Whether a sample is a dump.
pub(super) fn recognise(sample: &Sample<'_>) -> bool {
    if sample.head().starts_with(ZSTD_MARK) {
        let mut head = Vec::new();
        let Ok(unpacked) = zstd::Decoder::new(sample.head()).and_then(widened) else { return false };
        // The sample ends within a block; what is whole is enough.
        let _ = unpacked.take(MAX_HEAD_LEN).read_to_end(&mut head);
        let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        return is_dump(&String::from_utf8_lossy(first));
    }
    sample.lines().iter().find(|line| !line.trim().is_empty()).is_some_and(|line| is_dump(line))
}

/// Whether a line is a submission or a comment, as far as it goes.
fn is_dump(line: &str) -> bool {
    let has = |key: &str| match serde_json::from_str::<Map<String, Value>>(line) {
        Ok(object) => object.contains_key(key),
        Err(error) => error.is_eof() && line.contains(&format!("\"{key}\"")),
    };
    let is_post = has("title") && (has("selftext") || has("num_comments"));
    let is_comment = has("body") && has("link_id");
    has("subreddit") && has("created_utc") && has("id") && (is_post || is_comment)
}

fn widened<R: BufRead>(mut decoder: zstd::Decoder<'_, R>) -> std::io::Result<zstd::Decoder<'_, R>> {
    decoder.window_log_max(MAX_WINDOW_LOG)?;
    Ok(decoder)
}

/// Reads dumps one after another.
pub(super) fn read<'a>(parts: Parts<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    each(parts, |part| read_file(part, context))
}

fn read_file<'a>(part: Part<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    let Part { file, mut input, .. } = part;
    let failed = |error| IngestError::new(&*file, IngestErrorKind::Io(error));
    let is_packed = input.fill_buf().map_err(failed)?.starts_with(ZSTD_MARK);
    let input: Input<'a> = if is_packed {
        let open = |input| zstd::Decoder::with_buffer(input).and_then(widened);
        let unpacked = Unpacked::new(input, open).map_err(failed)?;
        Box::new(BufReader::new(unpacked))
    } else {
        input
    };
    let mut dump = Dump {
        lines: Lines::new(input, &file),
        file,
        wanted: &context.options.chats,
        num_private: 0,
        num_other: 0,
        is_done: false,
    };
    Ok(streamed(move || dump.next()))
}

struct Dump<'a, R> {
    lines: Lines<R>,
    file: String,
    /// Subreddits to take; all public ones where there are none.
    wanted: &'a ChosenChats,
    num_private: u64,
    num_other: u64,
    is_done: bool,
}

impl<R: BufRead> Dump<'_, R> {
    fn next(&mut self) -> Result<Option<Entry>, IngestError> {
        while !self.is_done {
            let Some(line) = self.lines.next()? else {
                self.is_done = true;
                break;
            };
            if line.bytes.trim_ascii().is_empty() {
                continue;
            }
            let place = Place::Lines(line.number, line.number);
            let parsed = serde_json::from_slice::<Value>(line.bytes).map_err(|error| format!("not JSON: {error}"));
            let object =
                parsed.and_then(|value| Object::of(value).ok_or_else(|| "the line holds no object".to_owned()));
            let head = || excerpt(&String::from_utf8_lossy(line.bytes.get(..EXCERPT_LEN).unwrap_or(line.bytes)));
            let skipped = |reason: String| {
                Entry::Skipped(Skipped { file: self.file.clone(), place: place.clone(), reason, excerpt: head() })
            };
            let object = match object {
                Ok(object) => object,
                Err(reason) => return Ok(Some(skipped(reason))),
            };
            let text = |key: &str| object.get(key).and_then(Value::as_str);
            let subreddit = text("subreddit").unwrap_or_default();
            let is_named =
                self.wanted.has(subreddit, |name| name.trim_start_matches("r/").eq_ignore_ascii_case(subreddit));
            if !is_named
                && (!self.wanted.is_empty() || text("subreddit_type").is_some_and(|kind| CLOSED.contains(&kind)))
            {
                *(if self.wanted.is_empty() { &mut self.num_private } else { &mut self.num_other }) += 1;
                continue;
            }
            return Ok(Some(match record(object) {
                Ok(record) => {
                    let source = Source { file: self.file.clone(), place: Some(place), copies: Vec::new() };
                    Entry::Record(Box::new(Record { source, ..record }))
                }
                Err(reason) => skipped(reason.to_owned()),
            }));
        }
        for (count, reason) in [
            (&mut self.num_private, "of private subreddits"),
            (&mut self.num_other, "of subreddits that were not asked for"),
        ] {
            let count = std::mem::take(count);
            if count > 0 {
                return Ok(Some(Entry::Removed(Removed { count, reason: reason.to_owned() })));
            }
        }
        Ok(None)
    }
}

/// A submission or a comment.
fn record(mut object: Object) -> Result<Record, &'static str> {
    let id = object.text("id").ok_or("it has no id")?;
    let is_comment = object.get("body").is_some();
    if !is_comment && object.get("title").is_none() {
        return Err("neither a submission nor a comment");
    }
    let kind = if is_comment { "comment" } else { "post" };
    let mut record = Record { kind: kind.to_owned(), ..Record::default() };
    let is_deleted = is_deleted(&object, is_comment);
    if is_deleted {
        object.pass(&SAID);
        "unsupported".clone_into(&mut record.kind);
        record.flags.push("deleted".to_owned());
    }
    let subreddit = object.text("subreddit");
    record.channel.clone_from(&subreddit);
    let written = object.text("created_utc");
    take_date(&mut record, written.as_deref(), |text| instant(text).and_then(unix_date));
    record.author = object.text("author").filter(|author| !is_gone(author));
    record.title = object.text("title").map(|title| unescaped(&title)).filter(|title| {
        let fate = fate(title);
        record.flags.extend(fate.map(str::to_owned));
        fate.is_none()
    });
    if is_comment {
        let submission = object.text("link_id").map(|name| full_name(&name, None));
        record.reply_to = object.text("parent_id").map(|name| full_name(&name, submission.as_deref()));
        record.thread = submission;
        record.id = Some(format!("t1_{id}"));
    } else {
        record.id = Some(format!("t3_{id}"));
        record.thread.clone_from(&record.id);
    }
    let permalink = object.text("permalink").filter(|path| path.starts_with('/'));
    let made = || {
        let thread = record.thread.as_deref()?.strip_prefix("t3_")?;
        let end = if is_comment { format!("_/{id}/") } else { String::new() };
        Some(format!("/r/{}/comments/{thread}/{end}", subreddit.as_deref()?))
    };
    record.url = permalink.or_else(made).map(|path| format!("{HOST}{path}"));
    match object.get("edited") {
        Some(Value::Bool(true)) => record.flags.push("edited".to_owned()),
        Some(Value::Number(_) | Value::String(_)) => {
            record.edited =
                object.text("edited").and_then(|text| instant(&text)).and_then(unix_date).map(|date| date.text);
        }
        _ => {}
    }
    for (key, flag) in [("stickied", "pinned"), ("over_18", "sensitive"), ("spoiler", "spoiler"), ("locked", "locked")]
    {
        if object.flag(key) {
            record.flags.push(flag.to_owned());
        }
    }
    let mut text = object.text(if is_comment { "body" } else { "selftext" }).unwrap_or_default();
    if let Some(fate) = fate(&text) {
        note_fate(fate, &mut record);
        "unsupported".clone_into(&mut record.kind);
        text.clear();
    }
    // Of a picture or a link that was removed nothing else says so.
    if let Some(by) = object.get("removed_by_category").and_then(Value::as_str) {
        note_fate(if matches!(by, "deleted" | "author") { "deleted" } else { "removed" }, &mut record);
    }
    crossposted(&mut object, &mut record, &mut text);
    let address =
        object.text("url").map(|url| unescaped(&url)).filter(|url| leads_elsewhere(url, record.url.as_deref()));
    record.media = media(&mut object, address.as_deref());
    let mut rich = set(&text);
    if let Some(address) = address.filter(|address| record.media.is_empty() && !rich.text.contains(address.as_str())) {
        if !rich.text.is_empty() {
            rich.text.push_str("\n\n");
        }
        rich.push(&address, "link", Some(address.clone()));
    }
    rich.fill(&mut record);
    record.poll = poll(&mut object);
    object.pass(PASSED);
    record.fields.extend(object.into_fields().filter(|_| !is_deleted));
    Ok(record)
}

/// Whether whoever wrote a post deleted it, or their account with it, whatever the dump has still got of it.
fn is_deleted(object: &Object, is_comment: bool) -> bool {
    let text = |key: &str| object.get(key).and_then(Value::as_str);
    let about = |key: &str| object.get("_meta").and_then(|meta| meta.get(key));
    let says_so = |text: Option<&str>| text.and_then(fate) == Some("deleted");
    // What was removed has often lost its author too; that it was removed says more.
    let is_removed = text(if is_comment { "body" } else { "selftext" }).and_then(fate) == Some("removed");
    says_so(text("selftext"))
        || says_so(text("author")) && !is_removed
        || matches!(text("removed_by_category"), Some("deleted" | "author"))
        || about("was_deleted_later") == Some(&Value::Bool(true))
        || matches!(about("removal_type").and_then(Value::as_str), Some("deleted" | "author"))
}

/// Seconds as a number, as digits, or with a fraction of zero.
fn instant(text: &str) -> Option<i64> {
    text.split('.').next()?.parse().ok()
}

/// Whether a name or a text is no more.
fn is_gone(text: &str) -> bool {
    fate(text).is_some()
}

/// What became of a name or a text that is no more: whoever wrote it deleted it, or somebody else removed it.
fn fate(text: &str) -> Option<&'static str> {
    let inner = text.trim().strip_prefix('[')?.strip_suffix(']')?.trim().to_ascii_lowercase();
    let is = |word: &str| inner.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with(" by "));
    ["deleted", "removed"].into_iter().find(|word| is(word))
}

/// Marks a post of which something is no more, once.
fn note_fate(fate: &str, record: &mut Record) {
    if !record.flags.iter().any(|flag| flag == "deleted" || flag == "removed") {
        record.flags.push(fate.to_owned());
    }
}

/// A full name, which dumps of some years write as the number that it spells in base 36: of the submission, or else of a comment.
fn full_name(name: &str, submission: Option<&str>) -> String {
    let Ok(mut number) = name.parse::<u64>() else { return name.to_owned() };
    let mut digits = Vec::new();
    while number > 0 || digits.is_empty() {
        digits.extend(char::from_digit((number % 36) as u32, 36));
        number /= 36;
    }
    let id: String = digits.into_iter().rev().collect();
    let of_submission = format!("t3_{id}");
    if submission.is_none_or(|submission| submission == of_submission) { of_submission } else { format!("t1_{id}") }
}

/// Takes over what a crosspost has of the submission that it shows.
fn crossposted(object: &mut Object, record: &mut Record, text: &mut String) {
    let Some(parent) = object.text("crosspost_parent") else { return };
    let shown = object.objects("crosspost_parent_list").next();
    let mut forward = Forward { name: String::new(), id: Some(parent), url: None };
    if let Some(mut shown) = shown {
        forward.name = shown.text("subreddit").map(|name| format!("r/{name}")).unwrap_or_default();
        forward.url = shown.text("permalink").filter(|path| path.starts_with('/')).map(|path| format!("{HOST}{path}"));
        if text.is_empty() {
            *text = shown.text("selftext").filter(|text| !is_gone(text)).unwrap_or_default();
        }
        for key in ["media", "media_metadata", "gallery_data"] {
            if let Some(value) = shown.take(key).filter(|_| !object.has(key)) {
                object.put(key, value);
            }
        }
    }
    if forward.name.is_empty() {
        "another subreddit".clone_into(&mut forward.name);
    }
    record.forwarded_from = Some(forward);
}

/// Whether what a submission links to is something else than itself.
fn leads_elsewhere(url: &str, own: Option<&str>) -> bool {
    let is_address = url.starts_with("https://") || url.starts_with("http://");
    is_address
        && Some(url) != own
        && !own.is_some_and(|own| own.trim_end_matches('/').ends_with(path_of(url).trim_end_matches('/')))
}

fn path_of(url: &str) -> &str {
    url.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..))).unwrap_or("/?")
}

/// The text that some Markdown of Reddit means. It is escaped as HTML is, and spoilers have signs of their own.
fn set(text: &str) -> RichText {
    let flavour = Flavour { found: &["link"], ..Flavour::default() };
    let mut rich = marked(&unescaped(text), flavour).text;
    // What is hidden lies between `>!` and `!<`, which mean nothing in Markdown.
    let mut from = 0;
    for _ in 0..MAX_HIDDEN {
        let Some(start) = rich.text.get(from..).and_then(|rest| rest.find(">!")).map(|at| from + at) else { break };
        let inner = start + 2;
        let Some(len) = rich.text.get(inner..).and_then(|rest| rest.find("!<")) else { break };
        let end = inner + len;
        if rich.text.get(inner..end).is_some_and(|hidden| hidden.contains("\n\n") || hidden.trim().is_empty()) {
            from = inner;
            continue;
        }
        rich.remove(end..end + 2);
        rich.remove(start..inner);
        let range = start..end - 2;
        from = range.end;
        rich.spans.push(Span { range, kind: "spoiler".to_owned(), href: None });
    }
    rich
}

fn media(object: &mut Object, address: Option<&str>) -> Vec<Attachment> {
    let mut gallery = object.object("media_metadata").unwrap_or_default();
    let items =
        object.object("gallery_data").map(|mut data| data.objects("items").collect::<Vec<_>>()).unwrap_or_default();
    let mut media: Vec<Attachment> = items
        .into_iter()
        .filter_map(|mut item| {
            let id = item.text("media_id")?;
            // What was taken away from a gallery is named there still.
            let is_lost = gallery
                .get(&id)
                .is_some_and(|shown| shown.is_null() || shown.get("status").is_some_and(|status| status == "failed"));
            if is_lost {
                return Some(Attachment { kind: "unsupported".to_owned(), name: Some(id), ..Attachment::default() });
            }
            let media_type = gallery.object(&id).and_then(|mut shown| shown.text("m"));
            let end = media_type.as_deref().and_then(|media_type| media_type.split('/').nth(1)).unwrap_or("jpg");
            let kind = media_type.as_deref().map_or("photo", kind_of_type).to_owned();
            let name = item.text("caption").or_else(|| Some(format!("{id}.{end}")));
            Some(Attachment { kind, name, ..Attachment::default() })
        })
        .collect();
    let video = object.object("media").and_then(|mut media| media.object("reddit_video"));
    if let Some(mut video) = video {
        let name = address.map(|address| last_of(address).to_owned());
        media.push(Attachment {
            kind: "video".to_owned(),
            name,
            duration: video.number("duration"),
            ..Attachment::default()
        });
    }
    let picture = address.filter(|address| media.is_empty() && kind_of_name(address) != "file");
    media.extend(picture.map(|address| Attachment {
        kind: kind_of_name(address).to_owned(),
        name: Some(last_of(address).to_owned()),
        ..Attachment::default()
    }));
    if let Some(address) = address.filter(|_| !media.is_empty()) {
        object.put("media_url", address.into());
    }
    media
}

fn poll(object: &mut Object) -> Option<Poll> {
    let mut data = object.object("poll_data")?;
    let answers: Vec<PollAnswer> = data
        .objects("options")
        .map(|mut option| PollAnswer {
            text: option.text("text").unwrap_or_default(),
            votes: option.number("vote_count"),
        })
        .collect();
    let voters = data.number("total_vote_count");
    let closes = data.number("voting_end_timestamp").and_then(|millis| unix_date((millis / 1000).cast_signed()));
    object.put("poll_closes", closes.map(|date| date.text).into());
    (!answers.is_empty()).then_some(Poll { question: String::new(), answers, voters })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_spell_full_names() {
        assert_eq!(full_name("t1_abc", None), "t1_abc");
        assert_eq!(full_name("13368", None), "t3_abc");
        assert_eq!(full_name("13368", Some("t3_abc")), "t3_abc");
        assert_eq!(full_name("13369", Some("t3_abc")), "t1_abd");
        assert_eq!(full_name("0", Some("t3_abc")), "t1_0");
    }

    #[test]
    fn of_what_was_deleted_only_that_it_was_is_kept() {
        let read = |json: &str| record(Object::of(serde_json::from_str(json).unwrap()).unwrap()).unwrap();
        let post = r#""id":"a","subreddit":"b","created_utc":1700000000,"title":"SECRET","url":"https://secret.example/x","permalink":"/r/b/comments/a/secret/","link_flair_text":"SECRET","num_comments":1"#;
        let is_bare = |json: &str, id: &str| {
            let record = read(json);
            assert!(!format!("{record:?}").to_lowercase().contains("secret"), "{record:?}");
            assert_eq!(
                (record.flags, record.author, record.id.as_deref()),
                (vec!["deleted".to_owned()], None, Some(id))
            );
            assert_eq!(record.kind, "unsupported");
            record.url
        };
        for more in [
            r#""author":"x","selftext":"[deleted]""#,
            r#""author":"[deleted]","selftext":"SECRET""#,
            r#""author":"x","selftext":"SECRET","removed_by_category":"deleted""#,
            r#""author":"x","selftext":"SECRET","_meta":{"was_deleted_later":true}"#,
            r#""author":"x","selftext":"SECRET","_meta":{"removal_type":"deleted"}"#,
        ] {
            let url = is_bare(&format!("{{{post},{more}}}"), "t3_a");
            assert_eq!(url.as_deref(), Some("https://www.reddit.com/r/b/comments/a/"));
        }
        let comment = r#"{"id":"c","subreddit":"b","created_utc":1700000000,"link_id":"t3_a","parent_id":"t3_a","author":"x","body":"SECRET","_meta":{"was_deleted_later":true}}"#;
        assert_eq!(is_bare(comment, "t1_c").as_deref(), Some("https://www.reddit.com/r/b/comments/a/_/c/"));
        let kept = read(&format!(r#"{{{post},"author":"x","selftext":"s","_meta":{{"was_deleted_later":false}}}}"#));
        assert_eq!((kept.title.as_deref(), kept.flags.len()), (Some("SECRET"), 0));
    }

    #[test]
    fn subreddits_for_some_are_private() {
        let line = |kind: &str| {
            format!(
                r#"{{"id":"a","title":"t","selftext":"s","subreddit":"b","subreddit_type":"{kind}","created_utc":1}}"#
            )
        };
        for (kind, is_left) in [
            ("private", true),
            ("gold_only", true),
            ("gold_restricted", true),
            ("employees_only", true),
            ("restricted", false),
        ] {
            let (line, context) = (line(kind), ReadContext::new("a.ndjson", jiff::tz::TimeZone::UTC));
            let entries: Vec<_> =
                read_file(Part::new("a", Box::new(line.as_bytes())), &context).unwrap().flatten().collect();
            assert_eq!(matches!(entries.as_slice(), [Entry::Removed(_)]), is_left, "{kind}");
        }
    }

    #[test]
    fn packed_dumps_are_recognised_and_read() {
        let line = r#"{"id":"a","title":"t","selftext":"s","subreddit":"b","created_utc":1700000000}"#;
        let dump = format!("{line}\n").repeat(3000);
        let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
        encoder.long_distance_matching(true).unwrap();
        encoder.window_log(28).unwrap();
        std::io::copy(&mut dump.as_bytes(), &mut encoder).unwrap();
        let packed = encoder.finish().unwrap();
        let context = ReadContext::new("a.zst", jiff::tz::TimeZone::UTC);
        let (format, reader) = crate::ingest::open(Box::new(packed.as_slice()), None, &context).unwrap();
        assert_eq!((format.name, reader.flatten().count()), ("reddit", 3000));
        // A cut file keeps what is whole, and says that the rest cannot be read.
        let cut = packed.get(..packed.len() - 5).unwrap();
        let found: Vec<_> = crate::ingest::open(Box::new(cut), None, &context).unwrap().1.collect();
        assert!(found.last().unwrap().is_err() || found.len() < 3000, "{}", found.len());
    }

    #[test]
    fn what_is_hidden_is_marked() {
        let found = set("a &gt;!b **c**!&lt; d &gt;!e");
        assert_eq!(found.text, "a b c d >!e");
        let shown: Vec<_> = found.spans.iter().map(|span| (&*span.kind, &found.text[span.range.clone()])).collect();
        assert_eq!(shown, [("bold", "c"), ("spoiler", "b c")]);
        assert_eq!(set(">!!<>! !<").text.len(), 8);
    }

    #[test]
    fn no_text_panics() {
        proptest::proptest!(|(text in "(>!|!<|[a-c*я\n]|&gt;){0,40}")| {
            let found = set(&text);
            for span in &found.spans {
                proptest::prop_assert!(found.text.get(span.range.clone()).is_some());
            }
        });
    }

    #[test]
    fn what_is_no_more_is_known() {
        let check = |text: &str, expected| assert_eq!(fate(text), expected, "{text}");
        check("[deleted]", Some("deleted"));
        check("[deleted by user]", Some("deleted"));
        check(" [removed] ", Some("removed"));
        check("[ Removed by Reddit ]", Some("removed"));
        check("[removed by moderator]", Some("removed"));
        check("[removed too early]", None);
        check("[deleted] was his name", None);
        check("removed", None);
    }

    #[test]
    fn removed_posts_are_kept_as_such() {
        let check = |json: &str, expected: (&str, Option<&str>, &[&str])| {
            let found = record(Object::of(serde_json::from_str(json).unwrap()).unwrap()).unwrap();
            assert_eq!(
                (
                    &*found.kind,
                    found.title.as_deref(),
                    found.flags.iter().map(String::as_str).collect::<Vec<_>>().as_slice()
                ),
                expected,
                "{json}"
            );
        };
        check(
            r#"{"id":"a","title":"[deleted by user]","selftext":"[removed]","removed_by_category":"deleted"}"#,
            ("unsupported", None, &["deleted"]),
        );
        check(
            r#"{"id":"a","title":"Fog","selftext":"","url":"https://i.redd.it/a.jpg","removed_by_category":"moderator"}"#,
            ("post", Some("Fog"), &["removed"]),
        );
        check(
            r#"{"id":"a","title":"Fog","selftext":"[removed]","removed_by_category":"moderator"}"#,
            ("unsupported", Some("Fog"), &["removed"]),
        );
        check(r#"{"id":"a","title":"Fog","selftext":"thick","removed_by_category":null}"#, ("post", Some("Fog"), &[]));
        let gallery = r#"{"gallery_data":{"items":[{"media_id":"x"},{"media_id":"y"},{"media_id":"z"}]},"media_metadata":{"x":null,"y":{"status":"failed"},"z":{"status":"valid","m":"image/png"}}}"#;
        let found = media(&mut Object::of(serde_json::from_str(gallery).unwrap()).unwrap(), None);
        assert_eq!(
            found.iter().map(|medium| &*medium.kind).collect::<Vec<_>>(),
            ["unsupported", "unsupported", "photo"]
        );
    }

    #[test]
    fn links_to_itself_are_none() {
        let own = Some("https://www.reddit.com/r/a/comments/b/c/");
        assert!(!leads_elsewhere("https://old.reddit.com/r/a/comments/b/c", own) && !leads_elsewhere("/r/a", own));
        assert!(leads_elsewhere("https://a.example", own) && leads_elsewhere("https://a.example/x", own));
    }
}
