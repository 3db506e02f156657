//! What an account of Facebook or Instagram posted, as its archive has it in JSON.
//!
//! ```text
//! Facebook:  [{"timestamp": 1704445200, "title": "…", "data": [{"post": "…"}], "attachments": [{"data": [{"media": {…}}]}]}, …]
//! Instagram: [{"media": [{"uri", "creation_timestamp", "title"}, …], "title": "…", "creation_timestamp": 1704445200}, …]
//! ```
//!
//! The texts are mended as in conversations. What a telephone wrote into its pictures, and from which address they were sent, stands
//! beside them there, and is left out.

use std::collections::VecDeque;
use std::io;

use serde_json::Value;

use super::date::unix_date;
use super::entities;
use super::files::Part;
use super::format::{Entry, Sample};
use super::json::object::{Object, field};
use super::json::outline::{At, List, Sketch, Walk};
use super::media::{kind_of_name, last_of};
use super::meta::repaired;
use crate::record::{Attachment, Poll, PollAnswer, Record};

/// Whether a sample is a list of posts.
pub(super) fn recognise(sample: &Sample<'_>) -> bool {
    let sketch = Sketch::new(sample, "");
    let Some(first) = &sketch.first else { return false };
    let is_list = |key: &str| first.get(key).is_some_and(Value::is_array);
    let first_medium = first.get("media").and_then(|media| media.get(0));
    let is_of_instagram =
        first_medium.is_some_and(|medium| medium.get("uri").is_some() && medium.get("creation_timestamp").is_some());
    // What an account liked is listed in the same way, and is no post.
    let is_only_liked =
        first.get("data").and_then(|data| data.get(0)).is_some_and(|data| data.get("reaction").is_some());
    let is_of_facebook = first.get("timestamp").is_some_and(Value::is_number)
        && (is_list("data") && !is_only_liked || is_list("attachments"))
        && first.get("sender_name").is_none();
    is_of_instagram || is_of_facebook
}

/// Makes entries of posts.
#[derive(Default)]
pub(super) struct Posts {
    num_posts: u64,
}

impl Walk for Posts {
    fn begin(&mut self, _part: &mut Part<'_>) -> io::Result<Option<List>> {
        Ok(Some(List::named("")))
    }

    fn element(&mut self, element: Object, at: &At<'_>, entries: &mut VecDeque<Entry>) {
        let post = Object::of(repaired(element.into_value()));
        entries.push_back(match post.and_then(record) {
            Some(record) => {
                self.num_posts += 1;
                Entry::Record(Box::new(Record { source: at.source(), ..record }))
            }
            None => at.skipped("the post has no time", ""),
        });
    }

    fn finish(&mut self, entries: &mut VecDeque<Entry>) {
        if self.num_posts > 0 {
            let note = "posts of Facebook and Instagram are read by what is public of their form: compare some with the original";
            entries.push_back(Entry::Note(note.to_owned()));
            let hint = "the archive does not say who could see a post: whoever gets what is built can read all of them";
            entries.push_back(Entry::Hint(hint.to_owned()));
        }
    }
}

fn record(mut post: Object) -> Option<Record> {
    let mut record = Record { kind: "post".to_owned(), ..Record::default() };
    let mut texts: Vec<String> = Vec::new();
    let mut times = vec![post.number("timestamp"), post.number("creation_timestamp")];
    // On Facebook it says what was done; on Instagram it is the text.
    let title = post.text("title");
    let is_of_instagram = post.has("media");
    match title {
        Some(title) if is_of_instagram => texts.push(title),
        title => record.fields.extend(title.map(|title| field("action", &title))),
    }
    for mut part in post.objects("data") {
        texts.extend(part.text("post"));
        let edited = part.number("update_timestamp").and_then(|seconds| unix_date(i64::try_from(seconds).ok()?));
        record.edited = record.edited.take().or_else(|| edited.map(|date| date.text));
        if let Some(mut comment) = part.object("comment") {
            texts.extend(comment.text("comment"));
            record.fields.extend(comment.text("author").map(|name| field("comment_author", &name)));
        }
        keep_rest(part, &mut record);
    }
    for medium in post.objects("media") {
        times.push(attach(medium, true, &mut record, &mut texts));
    }
    for mut attachment in post.objects("attachments") {
        for part in attachment.objects("data") {
            hang(part, &mut record, &mut texts);
        }
    }
    let time = times.into_iter().flatten().find(|seconds| *seconds > 0)?;
    record.date = Some(unix_date(i64::try_from(time).ok()?)?);
    let mut said: Vec<String> = Vec::new();
    for text in texts {
        // A picture says again what its post says.
        if !text.trim().is_empty() && !said.iter().any(|known| known.contains(text.trim())) {
            said.push(text.trim().to_owned());
        }
    }
    record.text = said.join("\n\n");
    let tagged: Vec<String> = post.objects("tags").filter_map(|mut person| person.text("name")).collect();
    if !tagged.is_empty() {
        record.fields.push(("tagged".to_owned(), Value::from(tagged).to_string()));
    }
    post.pass(&["timestamp", "creation_timestamp"]);
    keep_rest(post, &mut record);
    entities::fill(&mut record);
    Some(record)
}

/// What hangs on a post of Facebook.
fn hang(mut part: Object, record: &mut Record, texts: &mut Vec<String>) {
    if let Some(medium) = part.object("media") {
        attach(medium, false, record, texts);
    }
    texts.extend(part.text("text"));
    if let Some(mut note) = part.object("note") {
        texts.extend([note.text("title"), note.text("text")].into_iter().flatten());
    }
    // Their names are what the post says; the rest of them stays a field.
    for name in ["life_event", "for_sale_item"] {
        texts.extend(part.get(name).and_then(|named| Some(named.get("title")?.as_str()?.to_owned())));
    }
    if let Some(mut shown) = part.object("external_context") {
        texts.extend(shown.text("url"));
        record.fields.extend(shown.text("name").map(|name| field("webpage_title", &name)));
    }
    if let Some(mut place) = part.object("place") {
        record.fields.extend(place.text("name").map(|name| field("place", &name)));
    }
    if let Some(mut event) = part.object("event") {
        record.fields.extend(event.text("name").map(|name| field("event", &name)));
    }
    if let Some(mut poll) = part.object("poll") {
        let answers = poll.objects("options").filter_map(|mut option| {
            let text = option.text("option")?;
            Some(PollAnswer { text, votes: option.number("votes") })
        });
        let answers: Vec<PollAnswer> = answers.collect();
        let question = poll.text("question").unwrap_or_default();
        if !answers.is_empty() {
            entities::ask(Poll { question, answers, voters: None }, record);
        }
    }
    keep_rest(part, record);
}

/// What has no place of its own in a record becomes its fields; of two of one name the first.
fn keep_rest(rest: Object, record: &mut Record) {
    for (name, value) in rest.into_fields() {
        if !record.fields.iter().any(|(known, _)| *known == name) {
            record.fields.push((name, value));
        }
    }
}

/// A picture or a film, with what it says; gives its time.
fn attach(mut medium: Object, is_of_instagram: bool, record: &mut Record, texts: &mut Vec<String>) -> Option<u64> {
    let time = medium.number("creation_timestamp");
    let title = medium.text("title");
    // An album's title is no caption of each of its pictures on Facebook; what is one is called a description there.
    let description = medium.text("description");
    let caption = description.or(title.filter(|_| is_of_instagram));
    texts.extend(caption);
    let uri = medium.text("uri")?;
    let is_local = !uri.contains("://");
    let kind = kind_of_name(&uri);
    record.media.push(Attachment {
        kind: kind.to_owned(),
        name: Some(last_of(&uri).to_owned()),
        // Paths begin at the root of the export.
        path: is_local.then(|| format!("/{uri}")),
        ..Attachment::default()
    });
    time
}
