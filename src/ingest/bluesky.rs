//! The repository of an account of Bluesky, as it hands it out: a CAR file.
//!
//! ```text
//! file   := len header section*          header  := {roots: [cid], version: 1}
//! section := len cid block               blocks are DAG-CBOR, named by their hash
//! commit {did, data: cid, rev, sig, …} ─► tree {l: cid, e: [{p, k, v: cid, t: cid}, …]} ─► record {"$type": "app.bsky.feed.post", …}
//! ```
//!
//! The tree gives each record its key, of which its address is made. Posts and posts of others that were posted on are read; likes,
//! follows, blocks and lists are counted, since they are no posts. The decoder is ours: DAG-CBOR is a corner of CBOR without any choice
//! in it, and the crates that know it bring a whole world of content addressing along.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::bounds::bounded;
use super::cbor::{self, Cid, Value};
use super::date::parse_date;
use super::error::IngestError;
use super::files::{Part, Parts, each};
use super::format::{Entry, ReadContext, Reader, Removed, Sample, Skipped};
use super::json::object::field;
use super::media::kind_of_type;
use super::rich_text::RichText;
use crate::record::{Attachment, Forward, Place, Record, Source, Span};

/// Largest file that is read, in bytes: it is held in memory. The busiest accounts have some hundred megabytes.
const MAX_LEN: u64 = 192 << 20;

/// Bytes of records that further keys name: a post says when it was written, so hardly two are alike.
const MAX_LEN_AGAIN: usize = 1 << 20;

/// Longest block that is read, in bytes: the protocol has records of one megabyte at most, and a value takes many times its bytes.
const MAX_BLOCK_LEN: usize = 4 << 20;

/// Posts and what is posted on.
const POST: &str = "app.bsky.feed.post";
const REPOST: &str = "app.bsky.feed.repost";
const PROFILE: &str = "app.bsky.actor.profile";

/// Where Bluesky shows what is public.
const HOST: &str = "https://bsky.app";

/// Whether a sample is a CAR file.
pub(super) fn recognise(sample: &Sample<'_>) -> bool {
    let Some((len, rest)) = varint(sample.head()) else { return false };
    let header = usize::try_from(len).ok().and_then(|len| rest.get(..len));
    header.and_then(|header| cbor::decode(header).ok()).is_some_and(|header| is_header(&header))
}

fn is_header(header: &Value) -> bool {
    header.get("version").and_then(Value::as_u64) == Some(1)
        && header.get("roots").is_some_and(|roots| roots.as_list().is_some())
}

/// A number of seven bits a byte, the lowest first.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0_u64;
    for (at, byte) in bytes.iter().enumerate().take(9) {
        number |= u64::from(byte & 0x7F) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((number, bytes.get(at + 1..)?));
        }
    }
    None
}

/// Reads files one after another.
pub(super) fn read<'a>(parts: Parts<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    each(parts, |part| read_file(part, context))
}

fn read_file<'a>(part: Part<'a>, context: &'a ReadContext) -> Result<Reader<'a>, IngestError> {
    let (file, bytes) = part.whole(MAX_LEN)?;
    let mut repository = Repository { file, context, entries: Vec::new(), did: String::new(), name: None };
    repository.read(&bytes);
    Ok(Box::new(repository.entries.into_iter().map(Ok)))
}

/// The blocks of a file: where each is, by its name.
struct Blocks<'a> {
    root: Option<Cid>,
    places: HashMap<Cid, (usize, &'a [u8])>,
    /// Where what can be read ends, if that is before the end of the file.
    cut: Option<usize>,
}

impl<'a> Blocks<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, &'static str> {
        let (len, rest) = varint(bytes).ok_or("it has no header")?;
        let header = usize::try_from(len).ok().and_then(|len| rest.get(..len)).ok_or("its header is cut")?;
        let decoded = cbor::decode(header).ok().filter(is_header).ok_or("its header is no header of a CAR file")?;
        let root = decoded.get("roots").and_then(Value::as_list).and_then(|roots| roots.first()?.as_cid());
        let mut places = HashMap::new();
        let (mut rest, mut cut) = (rest.get(header.len()..).unwrap_or_default(), None);
        while !rest.is_empty() {
            let at = bytes.len() - rest.len();
            let section = varint(rest).and_then(|(len, rest)| rest.split_at_checked(usize::try_from(len).ok()?));
            let Some((section, after)) = section else {
                cut = Some(at);
                break;
            };
            if let Some((cid, block)) = Cid::split(section).filter(|(_, block)| block.len() <= MAX_BLOCK_LEN) {
                places.insert(cid, (bytes.len() - after.len() - block.len(), block));
            }
            rest = after;
        }
        Ok(Self { root, places, cut })
    }

    fn get(&self, cid: &Cid) -> Option<Value> {
        let (_, block) = self.places.get(cid)?;
        cbor::decode(block).ok()
    }
}

struct Repository<'a> {
    file: String,
    context: &'a ReadContext,
    entries: Vec<Entry>,
    did: String,
    name: Option<String>,
}

impl Repository<'_> {
    fn skip(&mut self, start: usize, end: usize, reason: String) {
        let place = Place::Bytes(start as u64, end.max(start + 1) as u64);
        let file = self.file.clone();
        self.entries.push(Entry::Skipped(Skipped { file, place, reason, excerpt: String::new() }));
    }

    fn read(&mut self, bytes: &[u8]) {
        let blocks = match Blocks::new(bytes) {
            Ok(blocks) => blocks,
            Err(reason) => return self.skip(0, bytes.len(), format!("the file cannot be read: {reason}")),
        };
        let commit = blocks.root.as_ref().and_then(|root| blocks.get(root));
        let did = commit.as_ref().and_then(|commit| commit.get("did")?.as_str());
        self.did = bounded(did.unwrap_or_default().to_owned());
        let data = commit.as_ref().and_then(|commit| commit.get("data")?.as_cid());
        let has_tree = data.is_some();
        let (mut keys, mut num_lost) = (Vec::new(), 0_u64);
        if let Some(data) = data {
            walk(&blocks, data, &mut keys, &mut num_lost);
        }
        let profile = keys.iter().find(|(key, _)| key.strip_prefix(PROFILE).is_some_and(|rest| rest.starts_with('/')));
        let profile = profile.and_then(|(_, cid)| blocks.get(cid));
        self.name = profile
            .and_then(|profile| Some(profile.get("displayName")?.as_str()?.to_owned()))
            .filter(|name| !name.is_empty())
            .map(bounded);
        let mut others: BTreeMap<String, u64> = BTreeMap::new();
        let mut known: HashSet<&Cid> = HashSet::new();
        let mut len_again = 0;
        for (key, cid) in &keys {
            let is_again = !known.insert(cid);
            let (collection, rkey) = key.split_once('/').unwrap_or((key, ""));
            if collection != POST && collection != REPOST {
                *others.entry(kind_of(collection)).or_default() += 1;
                continue;
            }
            let Some((start, block)) = blocks.places.get(cid) else {
                num_lost += 1;
                continue;
            };
            let (start, end) = (*start, start + block.len());
            len_again += if is_again { block.len() } else { 0 };
            let record = match cbor::decode(block) {
                _ if len_again > MAX_LEN_AGAIN => Err("too many keys name one record".to_owned()),
                Ok(value) if collection == POST => Ok(self.post(&value, rkey)),
                Ok(value) => self.repost(&value, rkey),
                Err(error) => Err(format!("the record cannot be read: {error}")),
            };
            match record {
                Ok(record) => {
                    let place = Some(Place::Bytes(start as u64, end as u64));
                    let source = Source { file: self.file.clone(), place, copies: Vec::new() };
                    self.entries.push(Entry::Record(Box::new(Record { source, ..record })));
                }
                Err(reason) => self.skip(start, end, reason),
            }
        }
        self.stray(&blocks, &known, has_tree && num_lost == 0 && blocks.cut.is_none());
        for (reason, count) in others {
            self.entries.push(Entry::Removed(Removed { count, reason }));
        }
        if num_lost > 0 {
            let note = format!("{num_lost} blocks that the repository names are not in the file");
            self.entries.push(Entry::Note(note));
        }
        if let Some(cut) = blocks.cut {
            self.skip(cut, bytes.len(), "the file is cut here; what stands before is kept".to_owned());
        }
    }

    /// Posts that no key leads to: of a whole repository they were deleted; where the tree is not whole, they only have no address.
    fn stray(&mut self, blocks: &Blocks<'_>, known: &HashSet<&Cid>, is_whole: bool) {
        let mut strays: Vec<_> =
            blocks.places.iter().filter(|(cid, _)| !known.contains(cid)).map(|(_, block)| *block).collect();
        strays.sort_unstable_by_key(|(start, _)| *start);
        for (start, block) in strays {
            let Ok(value) = cbor::decode(block) else { continue };
            if value.get("$type").and_then(Value::as_str) != Some(POST) {
                continue;
            }
            let end = start + block.len();
            if is_whole {
                self.skip(start, end, "the repository no longer names this post: it was deleted or edited".to_owned());
                continue;
            }
            let place = Some(Place::Bytes(start as u64, end as u64));
            let source = Source { file: self.file.clone(), place, copies: Vec::new() };
            let record = Record { id: None, url: None, source, ..self.post(&value, "") };
            self.entries.push(Entry::Record(Box::new(record)));
        }
    }

    fn channel(&self) -> Option<String> {
        self.context
            .options
            .handle
            .clone()
            .or_else(|| self.name.clone())
            .or_else(|| Some(self.did.clone()))
            .filter(|name| !name.is_empty())
    }

    fn post(&self, post: &Value, rkey: &str) -> Record {
        let text = |key: &str| post.get(key).and_then(Value::as_str);
        let mut record = Record { kind: "post".to_owned(), id: Some(rkey.to_owned()), ..Record::default() };
        record.channel = self.channel();
        record.author.clone_from(&self.name);
        record.date = text("createdAt").and_then(|text| parse_date(text, &self.context.time_zone));
        record.url = self.address(rkey);
        let said = text("text").unwrap_or_default().to_owned();
        let spans = post.get("facets").and_then(Value::as_list).map(|facets| spans(&said, facets)).unwrap_or_default();
        RichText { text: said, spans }.fill(&mut record);
        for tag in post.get("tags").and_then(Value::as_list).unwrap_or_default().iter().filter_map(Value::as_str) {
            if !record.tags.iter().any(|known| known == tag) {
                record.tags.push(tag.to_owned());
            }
        }
        let lang = post.get("langs").and_then(Value::as_list).and_then(|langs| langs.first()?.as_str());
        record.lang = lang.and_then(|tag| tag.split('-').next()).filter(|lang| lang.len() == 2).map(str::to_lowercase);
        if let Some(reply) = post.get("reply") {
            let uri = |key: &str| reply.get(key).and_then(|target| target.get("uri")?.as_str());
            if let Some(parent) = uri("parent") {
                match self.own(parent) {
                    Some(id) => record.reply_to = Some(id.to_owned()),
                    None => record.fields.push(field("reply_to_url", &web_address(parent))),
                }
            }
            record.thread = uri("root").map(|root| self.own(root).unwrap_or(root).to_owned());
        }
        if let Some(embed) = post.get("embed") {
            embed_into(embed, &mut record);
        }
        let labels = post.get("labels").and_then(|labels| labels.get("values")?.as_list()).unwrap_or_default();
        for label in labels.iter().filter_map(|label| label.get("val")?.as_str()) {
            record.flags.push("sensitive".to_owned());
            record.fields.push(field("label", label));
        }
        record.flags.dedup();
        record
    }

    fn repost(&self, value: &Value, rkey: &str) -> Result<Record, String> {
        let uri = value.get("subject").and_then(|subject| subject.get("uri")?.as_str());
        let uri = uri.ok_or("a post of somebody else that is not named")?;
        let mut record = Record { kind: "post".to_owned(), id: Some(rkey.to_owned()), ..Record::default() };
        record.channel = self.channel();
        record.author.clone_from(&self.name);
        record.date =
            value.get("createdAt").and_then(Value::as_str).and_then(|text| parse_date(text, &self.context.time_zone));
        let (did, _, id) = parts_of(uri).unwrap_or((uri, "", ""));
        let url = web_address(uri);
        record.links.push(url.clone());
        let id = Some(id.to_owned()).filter(|id| !id.is_empty());
        record.forwarded_from = Some(Forward { name: did.to_owned(), id, url: Some(url) });
        Ok(record)
    }

    /// Where a post of this account is shown.
    fn address(&self, rkey: &str) -> Option<String> {
        (!self.did.is_empty() && !rkey.is_empty()).then(|| format!("{HOST}/profile/{}/post/{rkey}", self.did))
    }

    /// The id of a post of this account.
    fn own<'b>(&self, uri: &'b str) -> Option<&'b str> {
        parts_of(uri).filter(|(did, collection, _)| *did == self.did && *collection == POST).map(|(_, _, id)| id)
    }
}

/// What a collection holds, for the account.
fn kind_of(collection: &str) -> String {
    match collection {
        "app.bsky.feed.like" => "likes",
        "app.bsky.graph.follow" => "follows of others",
        "app.bsky.graph.block" | "app.bsky.graph.listblock" => "blocks of others",
        PROFILE => "the profile",
        _ => "lists, settings and other records that are no posts",
    }
    .to_owned()
}

/// Gives all keys of a tree with what they lead to, in their order. Each node is walked once, however often it is named.
fn walk(blocks: &Blocks<'_>, root: Cid, keys: &mut Vec<(String, Cid)>, num_lost: &mut u64) {
    enum Step {
        Node(Cid),
        Key(String, Cid),
    }
    let mut seen = HashSet::new();
    let mut steps = vec![Step::Node(root)];
    while let Some(step) = steps.pop() {
        let cid = match step {
            Step::Key(key, cid) => {
                keys.push((key, cid));
                continue;
            }
            Step::Node(cid) => cid,
        };
        if !seen.insert(cid.clone()) {
            continue;
        }
        let Some(node) = blocks.get(&cid) else {
            *num_lost += 1;
            continue;
        };
        let mut found: Vec<Step> = node.get("l").and_then(Value::as_cid).map(Step::Node).into_iter().collect();
        let mut before: Vec<u8> = Vec::new();
        for entry in node.get("e").and_then(Value::as_list).unwrap_or_default() {
            let shared = entry.get("p").and_then(Value::as_u64).and_then(|len| usize::try_from(len).ok()).unwrap_or(0);
            let rest = entry.get("k").and_then(Value::as_bytes).unwrap_or_default();
            // A key is the start of the one before it, and its own end.
            let mut key = before.get(..shared.min(before.len())).unwrap_or_default().to_owned();
            key.extend(rest);
            key.truncate(MAX_KEY_LEN);
            if let Some(value) = entry.get("v").and_then(Value::as_cid) {
                found.push(Step::Key(String::from_utf8_lossy(&key).into_owned(), value));
            }
            found.extend(entry.get("t").and_then(Value::as_cid).map(Step::Node));
            before = key;
        }
        steps.extend(found.into_iter().rev());
    }
}

/// Longest key, in bytes; the protocol allows 1,024.
const MAX_KEY_LEN: usize = 1024;

/// Formatting: its places count bytes.
fn spans(text: &str, facets: &[Value]) -> Vec<Span> {
    let mut spans = Vec::new();
    for facet in facets {
        let place = |key: &str| facet.get("index").and_then(|index| usize::try_from(index.get(key)?.as_u64()?).ok());
        let Some((start, end)) = place("byteStart").zip(place("byteEnd")) else { continue };
        if start >= end || text.get(start..end).is_none() {
            continue;
        }
        let feature = facet.get("features").and_then(|features| features.as_list()?.first());
        let Some(feature) = feature else { continue };
        let value = |key: &str| feature.get(key).and_then(Value::as_str);
        let (kind, href) = match value("$type") {
            Some("app.bsky.richtext.facet#link") => ("link", value("uri").map(str::to_owned)),
            Some("app.bsky.richtext.facet#mention") => {
                ("mention", value("did").map(|did| format!("{HOST}/profile/{did}")))
            }
            Some("app.bsky.richtext.facet#tag") => ("hashtag", None),
            _ => continue,
        };
        spans.push(Span { range: start..end, kind: kind.to_owned(), href });
    }
    spans
}

/// What hangs on a post: pictures, a film, a page that is shown, somebody's post that is quoted.
fn embed_into(embed: &Value, record: &mut Record) {
    let text = |value: &Value, key: &str| {
        value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    match embed.get("$type").and_then(Value::as_str).unwrap_or_default() {
        "app.bsky.embed.images" => {
            for image in embed.get("images").and_then(Value::as_list).unwrap_or_default() {
                record.media.push(medium(image.get("image"), text(image, "alt"), "photo"));
            }
        }
        "app.bsky.embed.video" => record.media.push(medium(embed.get("video"), text(embed, "alt"), "video")),
        "app.bsky.embed.external" => {
            let Some(external) = embed.get("external") else { return };
            if let Some(uri) = text(external, "uri") {
                if !record.links.contains(&uri) {
                    record.links.push(uri.clone());
                }
                record.fields.push(field("webpage", &uri));
            }
            record.fields.extend(text(external, "title").map(|title| field("webpage_title", &title)));
            record.fields.extend(text(external, "description").map(|text| field("webpage_description", &text)));
        }
        "app.bsky.embed.record" => {
            let uri = embed.get("record").and_then(|quoted| text(quoted, "uri"));
            record.fields.extend(uri.map(|uri| field("quoted", &web_address(&uri))));
        }
        "app.bsky.embed.recordWithMedia" => {
            if let Some(quoted) =
                embed.get("record").and_then(|record| record.get("record")).and_then(|quoted| text(quoted, "uri"))
            {
                record.fields.push(field("quoted", &web_address(&quoted)));
            }
            // What hangs beside a quotation is never another one.
            if let Some(media) = embed.get("media").filter(|media| media.get("media").is_none()) {
                embed_into(media, record);
            }
        }
        _ => {}
    }
}

/// A file, which the repository names and does not hold.
fn medium(blob: Option<&Value>, name: Option<String>, otherwise: &'static str) -> Attachment {
    let kind = blob.and_then(|blob| blob.get("mimeType")?.as_str()).map_or(otherwise, kind_of_type);
    let size = blob.and_then(|blob| blob.get("size")?.as_u64());
    Attachment { kind: kind.to_owned(), name, size, duration: None, path: None }
}

/// The account, the collection and the key of an address such as `at://did:plc:abc/app.bsky.feed.post/3k`.
fn parts_of(uri: &str) -> Option<(&str, &str, &str)> {
    let mut parts = uri.strip_prefix("at://")?.splitn(3, '/');
    Some((parts.next()?, parts.next()?, parts.next()?))
}

/// An address of the protocol as one that browsers open.
fn web_address(uri: &str) -> String {
    match parts_of(uri) {
        Some((did, POST, id)) => format!("{HOST}/profile/{did}/post/{id}"),
        Some((did, "app.bsky.feed.generator", id)) => format!("{HOST}/profile/{did}/feed/{id}"),
        Some((did, "app.bsky.graph.list", id)) => format!("{HOST}/profile/{did}/lists/{id}"),
        _ => uri.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_seven_bits_a_byte() {
        assert_eq!(varint(&[0x7F, 1]), Some((127, &[1][..])));
        assert_eq!(varint(&[0xAC, 0x02]), Some((300, &[][..])));
        assert_eq!((varint(&[0x80]), varint(&[0xFF; 12])), (None, None));
    }

    #[test]
    fn addresses_can_be_opened() {
        assert_eq!(web_address("at://did:plc:a/app.bsky.feed.post/3k"), "https://bsky.app/profile/did:plc:a/post/3k");
        assert_eq!(web_address("at://x"), "at://x");
    }
}
