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

use std::collections::BTreeMap;
use std::ops::Range;

use super::bounds::bounded;
use super::cbor::{self, Cid, Value};
use super::date::{parse_date, take_date};
use super::entities;
use super::error::IngestError;
use super::files::{Part, Parts, each};
use super::format::{Entry, ReadContext, Reader, Removed, Sample, Skipped, streamed};
use super::json::object::{field, language};
use super::media::kind_of_type;
use super::rich_text::RichText;
use crate::record::{Attachment, Forward, Place, Record, Source, Span};
use crate::record_json::KEYS;

/// Largest file that is read, in bytes: it is held in memory. The busiest accounts have some hundred megabytes.
const MAX_LEN: u64 = 192 << 20;

/// Bytes of records that further keys name: a post says when it was written, so hardly two are alike.
const MAX_LEN_AGAIN: usize = 1 << 20;

/// Longest block that is read, in bytes: the protocol has records of one megabyte at most, and a value takes many times its bytes.
const MAX_BLOCK_LEN: usize = 4 << 20;

/// Blocks at most: of each a few numbers are held. Those of an account are some hundreds of bytes long.
const MAX_BLOCKS: usize = 3_000_000;

/// Bytes of the file for each byte of its keys. A key is written out where the one before it does not share it, and beside it stands the
/// name of a record, which stands there too: that makes ten and more.
const MIN_LEN_OF_KEY_BYTE: usize = 2;

/// Posts and what is posted on.
const POST: &str = "app.bsky.feed.post";
const REPOST: &str = "app.bsky.feed.repost";
const PROFILE: &str = "app.bsky.actor.profile";

/// Members of a post that are read; `entities` is what facets were called before there were any.
const READ: [&str; 10] =
    ["$type", "text", "createdAt", "facets", "entities", "langs", "reply", "embed", "tags", "labels"];

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
    let len = bytes.len();
    match Blocks::new(bytes) {
        Ok(blocks) => {
            let mut repository = Repository::new(file, context, blocks);
            Ok(streamed(move || Ok(repository.next())))
        }
        Err(reason) => {
            let (place, reason) = (Place::Bytes(0, len.max(1) as u64), format!("the file cannot be read: {reason}"));
            let skipped = Skipped { file, place, reason, excerpt: String::new() };
            Ok(Box::new(std::iter::once(Ok(Entry::Skipped(skipped)))))
        }
    }
}

/// A section of a file: a name and its block, by where they stand. Small, since there may be millions.
#[derive(Clone, Copy)]
struct Section {
    /// Where its name begins.
    start: u32,
    /// Where its block begins, and ends.
    block: u32,
    end: u32,
    /// Whether a key leads to it.
    is_named: bool,
}

impl Section {
    fn block(self) -> Range<usize> {
        self.block as usize..self.end as usize
    }
}

/// The blocks of a file, and which bears which name.
struct Blocks {
    bytes: Vec<u8>,
    root: Option<Cid>,
    /// In the order of their names; of one name the last one counts.
    sections: Vec<Section>,
    /// Where what can be read ends, if that is before the end of the file.
    cut: Option<usize>,
}

impl Blocks {
    fn new(bytes: Vec<u8>) -> Result<Self, &'static str> {
        let (len, rest) = varint(&bytes).ok_or("it has no header")?;
        let header = usize::try_from(len).ok().and_then(|len| rest.get(..len)).ok_or("its header is cut")?;
        let decoded = cbor::decode(header).ok().filter(is_header).ok_or("its header is no header of a CAR file")?;
        let root = decoded.get("roots").and_then(Value::as_list).and_then(|roots| roots.first()?.as_cid());
        let (mut sections, mut cut) = (Vec::new(), None);
        let mut rest = rest.get(header.len()..).unwrap_or_default();
        while !rest.is_empty() {
            let at = bytes.len() - rest.len();
            let section = varint(rest).and_then(|(len, rest)| rest.split_at_checked(usize::try_from(len).ok()?));
            let Some((section, after)) = section else {
                cut = Some(at);
                break;
            };
            if let Some((_, block)) = Cid::split(section).filter(|(_, block)| block.len() <= MAX_BLOCK_LEN) {
                let end = bytes.len() - after.len();
                let (start, block) = (end - section.len(), end - block.len());
                sections.push(Section { start: start as u32, block: block as u32, end: end as u32, is_named: false });
                if sections.len() > MAX_BLOCKS {
                    return Err("it has more blocks than any account");
                }
            }
            rest = after;
        }
        sections.sort_by_key(|section| bytes.get(section.start as usize..section.block as usize));
        Ok(Self { bytes, root, sections, cut })
    }

    /// Which section has a name.
    fn find(&self, cid: &Cid) -> Option<usize> {
        let name = |section: &Section| self.bytes.get(section.start as usize..section.block as usize);
        let place = self.sections.partition_point(|section| name(section) <= Some(cid.bytes())).checked_sub(1)?;
        self.sections.get(place).and_then(name).filter(|name| *name == cid.bytes()).map(|_| place)
    }

    fn decode(&self, block: Range<usize>) -> Result<Value, cbor::NoValue> {
        cbor::decode(self.bytes.get(block).unwrap_or_default())
    }

    fn get(&self, cid: &Cid) -> Option<Value> {
        let section = self.sections.get(self.find(cid)?)?;
        self.decode(section.block()).ok()
    }
}

/// What a key leads to that is, or may be, a post.
struct Key {
    rkey: String,
    is_post: bool,
    section: usize,
    /// Whether a key before it leads there too.
    is_again: bool,
}

struct Repository<'a> {
    file: String,
    context: &'a ReadContext,
    blocks: Blocks,
    did: String,
    name: Option<String>,
    keys: std::vec::IntoIter<Key>,
    /// Bytes of records that further keys name.
    len_again: usize,
    /// Whether a key leads to every post that was not deleted.
    is_whole: bool,
    /// Blocks that no key leads to, once the keys are through.
    strays: Option<std::vec::IntoIter<Range<usize>>>,
    /// What is said at the end.
    last: Vec<Entry>,
}

impl<'a> Repository<'a> {
    fn new(file: String, context: &'a ReadContext, mut blocks: Blocks) -> Self {
        let commit = blocks.root.as_ref().and_then(|root| blocks.get(root));
        let did = commit.as_ref().and_then(|commit| commit.get("did")?.as_str());
        let did = bounded(did.unwrap_or_default().to_owned());
        let data = commit.as_ref().and_then(|commit| commit.get("data")?.as_cid());
        let has_tree = data.is_some();
        let (mut keys, mut profile, mut others) = (Vec::new(), None, BTreeMap::<String, u64>::new());
        let (mut num_lost, mut has_all_keys) = (0, true);
        if let Some(data) = data {
            (num_lost, has_all_keys) = walk(&mut blocks, data, |blocks, key, cid| {
                let section = blocks.find(&cid);
                let named = section.and_then(|place| blocks.sections.get_mut(place));
                let is_again = named.is_some_and(|named| std::mem::replace(&mut named.is_named, true));
                let (collection, rkey) = key.split_once('/').unwrap_or((&key, ""));
                if collection == PROFILE && key.len() > PROFILE.len() && profile.is_none() {
                    profile = Some(cid);
                }
                let is_post = collection == POST;
                if !is_post && collection != REPOST {
                    *others.entry(kind_of(collection)).or_default() += 1;
                    return true;
                }
                if let Some(section) = section {
                    keys.push(Key { rkey: rkey.to_owned(), is_post, section, is_again });
                }
                section.is_some()
            });
        }
        let profile = profile.and_then(|cid| blocks.get(&cid));
        let name = profile
            .and_then(|profile| Some(profile.get("displayName")?.as_str()?.to_owned()))
            .filter(|name| !name.is_empty())
            .map(bounded);
        let mut last: Vec<Entry> =
            others.into_iter().map(|(reason, count)| Entry::Removed(Removed { count, reason })).collect();
        if num_lost > 0 {
            last.push(Entry::Note(format!("{num_lost} blocks that the repository names are not in the file")));
        }
        if !has_all_keys {
            last.push(Entry::Note(
                "its keys are too long for a file of its length; those behind are not read".to_owned(),
            ));
        }
        if let Some(cut) = blocks.cut {
            let (place, reason) = (cut..blocks.bytes.len(), "the file is cut here; what stands before is kept");
            last.push(skipped(&file, &place, reason.to_owned()));
        }
        last.reverse();
        let is_whole = has_tree && has_all_keys && num_lost == 0 && blocks.cut.is_none();
        let keys = keys.into_iter();
        Self { file, context, blocks, did, name, keys, len_again: 0, is_whole, strays: None, last }
    }

    fn next(&mut self) -> Option<Entry> {
        if let Some(key) = self.keys.next() {
            return Some(self.named(&key));
        }
        if self.strays.is_none() {
            self.strays = Some(self.strays());
        }
        while let Some(block) = self.strays.as_mut().and_then(Iterator::next) {
            if let Some(entry) = self.stray(&block) {
                return Some(entry);
            }
        }
        self.last.pop()
    }

    /// What a key leads to.
    fn named(&mut self, key: &Key) -> Entry {
        let block = self.blocks.sections.get(key.section).map_or(0..0, |section| section.block());
        self.len_again += if key.is_again { block.len() } else { 0 };
        let record = match self.blocks.decode(block.clone()) {
            _ if self.len_again > MAX_LEN_AGAIN => Err("too many keys name one record".to_owned()),
            Ok(value) if key.is_post => Ok(self.post(&value, &key.rkey)),
            Ok(value) => self.repost(&value, &key.rkey),
            Err(error) => Err(format!("the record cannot be read: {error}")),
        };
        match record {
            Ok(record) => self.entry(record, &block),
            Err(reason) => skipped(&self.file, &block, reason),
        }
    }

    fn entry(&self, record: Record, block: &Range<usize>) -> Entry {
        let place = Some(Place::Bytes(block.start as u64, block.end as u64));
        let source = Source { file: self.file.clone(), place, copies: Vec::new() };
        Entry::Record(Box::new(Record { source, ..record }))
    }

    /// Blocks that no key leads to, in the order of the file.
    fn strays(&self) -> std::vec::IntoIter<Range<usize>> {
        let name = |section: &Section| self.blocks.bytes.get(section.start as usize..section.block as usize);
        let nexts = self.blocks.sections.iter().skip(1).map(Some).chain([None]);
        let strays = self.blocks.sections.iter().zip(nexts);
        // Of one name, the last is what a key leads to.
        let strays =
            strays.filter(|(section, next)| !section.is_named && next.is_none_or(|next| name(section) != name(next)));
        let mut strays: Vec<Range<usize>> = strays.map(|(section, _)| section.block()).collect();
        strays.sort_unstable_by_key(|block| block.start);
        strays.into_iter()
    }

    /// A post that no key leads to: of a whole repository it was deleted; where the tree is not whole, it only has no address.
    fn stray(&self, block: &Range<usize>) -> Option<Entry> {
        let value = self.blocks.decode(block.clone()).ok()?;
        value.get("$type").and_then(Value::as_str).filter(|kind| *kind == POST)?;
        if self.is_whole {
            let reason = "the repository no longer names this post: it was deleted or edited";
            return Some(skipped(&self.file, block, reason.to_owned()));
        }
        Some(self.entry(Record { id: None, url: None, ..self.post(&value, "") }, block))
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
        take_date(&mut record, text("createdAt"), |text| parse_date(text, &self.context.time_zone));
        record.url = self.address(rkey);
        let said = text("text").unwrap_or_default().to_owned();
        let spans = post.get("facets").and_then(Value::as_list).map(|facets| spans(&said, facets)).unwrap_or_default();
        RichText { text: said, spans }.fill(&mut record);
        let tags = post.get("tags").and_then(Value::as_list).unwrap_or_default().iter().filter_map(Value::as_str);
        entities::add_tags(&mut record, tags.map(str::to_owned));
        let lang = post.get("langs").and_then(Value::as_list).and_then(|langs| langs.first()?.as_str());
        record.lang = lang.and_then(language);
        let langs = post.get("langs").filter(|langs| langs.as_list().is_some_and(|langs| langs.len() > 1));
        record.fields.extend(langs.and_then(Value::to_json).map(|langs| ("langs".to_owned(), langs.to_string())));
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
        // What programs add of their own.
        for (name, value) in post.members_but(&READ) {
            let name = if KEYS.contains(&name) { format!("{name}_") } else { name.to_owned() };
            record.fields.extend(value.to_json().map(|json| (name, json.to_string())));
        }
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

/// Gives all keys of a tree with what they lead to, in their order, to `give`, which says whether that is there; how many blocks are
/// not, and whether these are all keys. Each node is walked once, however often it is named.
fn walk(blocks: &mut Blocks, root: Cid, mut give: impl FnMut(&mut Blocks, String, Cid) -> bool) -> (u64, bool) {
    enum Step {
        Node(Cid),
        Key(String, Cid),
    }
    let (mut num_lost, mut left) = (0, blocks.bytes.len() / MIN_LEN_OF_KEY_BYTE + MAX_KEY_LEN);
    let mut seen = vec![false; blocks.sections.len()];
    let mut steps = vec![Step::Node(root)];
    while let Some(step) = steps.pop() {
        let cid = match step {
            Step::Key(key, cid) => {
                num_lost += u64::from(!give(blocks, key, cid));
                continue;
            }
            Step::Node(cid) => cid,
        };
        let is_seen = blocks.find(&cid).and_then(|place| seen.get_mut(place));
        if is_seen.is_some_and(|seen| std::mem::replace(seen, true)) {
            continue;
        }
        let Some(node) = blocks.get(&cid) else {
            num_lost += 1;
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
                // A key that shares its start takes few bytes there, and all of its own here.
                match left.checked_sub(key.len()) {
                    Some(rest) => left = rest,
                    None => return (num_lost, false),
                }
                found.push(Step::Key(String::from_utf8_lossy(&key).into_owned(), value));
            }
            found.extend(entry.get("t").and_then(Value::as_cid).map(Step::Node));
            before = key;
        }
        steps.extend(found.into_iter().rev());
    }
    (num_lost, true)
}

/// What is not read, and why.
fn skipped(file: &str, place: &Range<usize>, reason: String) -> Entry {
    let place = Place::Bytes(place.start as u64, place.end.max(place.start + 1) as u64);
    Entry::Skipped(Skipped { file: file.to_owned(), place, reason, excerpt: String::new() })
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
