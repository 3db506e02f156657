//! The border to the page: the only file that knows wasm-bindgen.
//!
//! [`Explorer`] wraps an archive; requests and answers are twins of the core's plain structs, with their shapes written down in
//! www/types.d.ts. Ranges cross in UTF-16 units, as JavaScript counts text. Every error crosses as a sentence for the reader.

use js_sys::{Array, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

use crate::collector::{self, Sort};
use crate::format::BlockRef;
use crate::record::{DocId, Place, Record};
use crate::searcher::{self, Answer, Archive, Match, Shown};
use crate::snippet::Snippet;
use crate::time::civil::Period;

/// An open archive.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Explorer {
    archive: Archive,
}

#[wasm_bindgen]
impl Explorer {
    /// Opens an archive from the bytes of its first shard.
    ///
    /// # Errors
    /// They are no archive of this version, or damaged.
    #[wasm_bindgen(constructor)]
    pub fn new(head: &[u8]) -> Result<Explorer, JsError> {
        Ok(Self { archive: Archive::open(head)? })
    }

    /// What is known without loading anything more.
    ///
    /// # Errors
    /// None in practice: the answer is plain.
    pub fn info(&self) -> Result<JsValue, JsError> {
        to_js(&ArchiveInfo::of(&self.archive))
    }

    /// Answers a `SearchRequest` with an `Answer<SearchPage>`.
    ///
    /// # Errors
    /// A date that is none, or a block of the index is lost.
    pub fn search(&self, request: &JsValue) -> Result<JsValue, JsError> {
        let start = now_ms();
        let request = search_request(request)?;
        let answer = self.archive.search(&request)?;
        to_js(&Reply::of(answer, |page| SearchPage::of(page, request.query, now_ms() - start)))
    }

    /// Answers a `PostRequest` with an `Answer<PostView | null>`.
    ///
    /// # Errors
    /// The block that names the post is lost.
    pub fn post(&self, request: &JsValue) -> Result<JsValue, JsError> {
        let answer = self.archive.post(&post_request(request))?;
        to_js(&Reply::of(answer, |view| view.map(PostView::of)))
    }

    /// Hands over one block.
    ///
    /// # Errors
    /// Its checksum is wrong.
    pub fn supply(&self, offset: f64, bytes: &Uint8Array) -> Result<(), JsError> {
        Ok(self.archive.supply(offset as u64, &bytes.to_vec())?)
    }

    /// Gives a block up: what depends on it is shown as damaged, the rest goes on.
    pub fn lose(&self, offset: f64, reason: &str) {
        self.archive.lose(offset as u64, reason);
    }
}

/// Milliseconds on the worker's clock; 0 where there is none.
fn now_ms() -> f64 {
    let worker = js_sys::global().dyn_into::<web_sys::WorkerGlobalScope>().ok();
    worker.and_then(|worker| worker.performance()).map_or(0.0, |performance| performance.now())
}

fn to_js(value: &impl Serialize) -> Result<JsValue, JsError> {
    // Absent values are null, never undefined, so that every key is there.
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true);
    Ok(value.serialize(&serializer)?)
}

#[derive(Serialize)]
struct Reply<T> {
    need: Vec<Block>,
    page: Option<T>,
}

impl<T> Reply<T> {
    fn of<U>(answer: Answer<U>, page: impl FnOnce(U) -> T) -> Self {
        match answer {
            Answer::Need(blocks) => Self { need: blocks.into_iter().map(Block::of).collect(), page: None },
            Answer::Ready(answer) => Self { need: Vec::new(), page: Some(page(answer)) },
        }
    }
}

#[derive(Serialize)]
struct Block {
    offset: f64,
    len: u32,
}

impl Block {
    fn of(block: BlockRef) -> Self {
        Self { offset: block.offset as f64, len: block.len }
    }
}

/// Reads a `SearchRequest`. By hand: deserializing three small shapes would cost the page 15 KB.
fn search_request(request: &JsValue) -> Result<searcher::SearchRequest, JsError> {
    let filters = Array::from(&field(request, "filters"));
    let filters = filters.iter().map(|filter| searcher::Filter {
        facet: text(&filter, "facet"),
        value: text(&filter, "value"),
        exclude: field(&filter, "exclude").is_truthy(),
    });
    Ok(searcher::SearchRequest {
        query: text(request, "query"),
        typing: field(request, "typing").is_truthy(),
        filters: filters.collect(),
        from: period(request, "from")?,
        to: period(request, "to")?,
        sort: match text(request, "sort").as_str() {
            "old" => Sort::Old,
            "relevance" => Sort::Relevance,
            _ => Sort::New,
        },
        matching: Match::All,
        offset: number(request, "offset"),
        limit: number(request, "limit"),
        facet_limit: number(request, "facet_limit"),
    })
}

/// Reads a `PostRequest`.
fn post_request(request: &JsValue) -> searcher::PostRequest {
    searcher::PostRequest {
        uid: text(request, "uid"),
        query: text(request, "query"),
        typing: field(request, "typing").is_truthy(),
        context: number(request, "context") as u32,
    }
}

/// A property of an object; undefined where it has none.
fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// A text property; empty where it is none.
fn text(object: &JsValue, name: &str) -> String {
    field(object, name).as_string().unwrap_or_default()
}

/// A number property; 0 where it is none.
fn number(object: &JsValue, name: &str) -> usize {
    field(object, name).as_f64().unwrap_or_default() as usize
}

fn period(object: &JsValue, name: &str) -> Result<Option<Period>, JsError> {
    let parse = |text: String| {
        text.parse().map_err(|()| JsError::new(&format!("{text} is no date: write 2024, 2024-06 or 2024-06-24")))
    };
    field(object, name).as_string().map(parse).transpose()
}

/// Turns byte offsets into UTF-16 units, for offsets that come in ascending order.
struct Utf16<'a> {
    text: &'a str,
    byte: usize,
    units: usize,
}

impl<'a> Utf16<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, byte: 0, units: 0 }
    }

    fn at(&mut self, byte: usize) -> usize {
        if byte < self.byte {
            *self = Self::new(self.text);
        }
        self.units += self.text.get(self.byte..byte).map_or(0, |between| between.encode_utf16().count());
        self.byte = byte;
        self.units
    }

    fn range(&mut self, range: &std::ops::Range<usize>) -> (usize, usize) {
        (self.at(range.start), self.at(range.end))
    }
}

fn ranges(snippet: &Snippet) -> Vec<(usize, usize)> {
    let mut units = Utf16::new(&snippet.text);
    snippet.ranges.iter().map(|range| units.range(range)).collect()
}

#[derive(Serialize)]
struct Excerpt {
    text: String,
    ranges: Vec<(usize, usize)>,
    cut_start: bool,
    cut_end: bool,
}

impl Excerpt {
    fn of(snippet: Snippet) -> Self {
        let ranges = ranges(&snippet);
        Self { text: snippet.text, ranges, cut_start: snippet.cut_start, cut_end: snippet.cut_end }
    }
}

#[derive(Default, Serialize)]
struct Hit {
    doc: DocId,
    uid: String,
    kind: String,
    date: Option<String>,
    author: Option<String>,
    channel: Option<String>,
    forwarded_from: Option<String>,
    lang: Option<String>,
    title: Option<Excerpt>,
    snippet: Option<Excerpt>,
    tags: Vec<String>,
    media: Vec<String>,
    flags: Vec<String>,
    score: f64,
    damaged: Option<String>,
}

impl Hit {
    fn of(hit: searcher::Hit) -> Self {
        let (title, snippet) = (hit.title.map(Excerpt::of), Some(Excerpt::of(hit.snippet)));
        let known = Self { doc: hit.doc, score: hit.score, title, snippet, ..Self::default() };
        match hit.record {
            Shown::Damaged(reason) => Self { damaged: Some(reason), ..known },
            Shown::Whole(record) => Self {
                uid: record.uid,
                kind: record.kind,
                date: record.date.map(|date| date.text),
                author: record.author,
                channel: record.channel,
                forwarded_from: record.forwarded_from.map(|forward| forward.name),
                lang: record.lang,
                tags: record.tags,
                media: record.media.into_iter().map(|attachment| attachment.kind).collect(),
                flags: record.flags,
                ..known
            },
        }
    }
}

#[derive(Serialize)]
struct FacetValue {
    value: String,
    count: usize,
    chosen: bool,
    excluded: bool,
}

#[derive(Serialize)]
struct FacetCounts {
    name: String,
    values: Vec<FacetValue>,
    num_values: usize,
}

impl FacetCounts {
    fn of(facet: searcher::FacetCounts) -> Self {
        let value = |value: searcher::FacetValue| FacetValue {
            value: value.value,
            count: value.count,
            chosen: value.chosen,
            excluded: value.excluded,
        };
        Self {
            name: facet.name,
            values: facet.values.into_iter().map(value).collect(),
            num_values: facet.num_values,
        }
    }
}

#[derive(Serialize)]
struct Bar {
    key: String,
    count: usize,
    total: usize,
}

#[derive(Serialize)]
struct Timeline {
    unit: &'static str,
    bars: Vec<Bar>,
    coarse: usize,
    undated: usize,
}

impl Timeline {
    fn of(timeline: collector::Timeline) -> Self {
        let bar = |bar: collector::Bar| Bar { key: bar.period.to_string(), count: bar.count, total: bar.total };
        Self {
            unit: timeline.unit.name(),
            bars: timeline.bars.into_iter().map(bar).collect(),
            coarse: timeline.coarse,
            undated: timeline.undated,
        }
    }
}

#[derive(Serialize)]
struct Term {
    text: String,
    prefix: bool,
}

#[derive(Serialize)]
struct Problem {
    at: usize,
    message: String,
}

#[derive(Serialize)]
struct SearchPage {
    total: usize,
    exact: bool,
    took_us: f64,
    hits: Vec<Hit>,
    facets: Vec<FacetCounts>,
    timeline: Option<Timeline>,
    terms: Vec<Term>,
    problem: Option<Problem>,
    damage: Vec<String>,
    suggestions: Vec<String>,
    query: String,
}

impl SearchPage {
    fn of(page: searcher::SearchPage, query: String, took_ms: f64) -> Self {
        let problem = page.problem.map(|problem| Problem {
            at: Utf16::new(&query).at(problem.at),
            message: problem.message,
        });
        Self {
            total: page.total,
            exact: page.exact,
            took_us: took_ms * 1000.0,
            hits: page.hits.into_iter().map(Hit::of).collect(),
            facets: page.facets.into_iter().map(FacetCounts::of).collect(),
            timeline: page.timeline.map(Timeline::of),
            terms: page.terms.into_iter().map(|(text, prefix)| Term { text, prefix }).collect(),
            problem,
            damage: page.damage,
            suggestions: Vec::new(),
            query,
        }
    }
}

#[derive(Serialize)]
struct Forward {
    name: String,
    id: Option<String>,
    url: Option<String>,
}

#[derive(Serialize)]
struct Span {
    start: usize,
    end: usize,
    kind: String,
    href: Option<String>,
}

#[derive(Serialize)]
struct Attachment {
    kind: String,
    name: Option<String>,
    size: Option<f64>,
    duration: Option<f64>,
    path: Option<String>,
}

#[derive(Serialize)]
struct PollAnswer {
    text: String,
    votes: Option<f64>,
}

#[derive(Serialize)]
struct Poll {
    question: String,
    answers: Vec<PollAnswer>,
    voters: Option<f64>,
}

#[derive(Serialize)]
struct Reaction {
    emoji: String,
    count: f64,
}

#[derive(Serialize)]
struct SourcePlace {
    lines: Option<(f64, f64)>,
    bytes: Option<(f64, f64)>,
}

impl SourcePlace {
    fn of(place: &Place) -> Self {
        match place {
            Place::Lines(first, last) => Self { lines: Some((*first as f64, *last as f64)), bytes: None },
            Place::Bytes(start, end) => Self { lines: None, bytes: Some((*start as f64, *end as f64)) },
        }
    }
}

#[derive(Default, Serialize)]
struct Source {
    file: String,
    place: Option<SourcePlace>,
    copies: Vec<SourcePlace>,
}

#[derive(Serialize)]
struct Field {
    name: String,
    value: String,
}

#[derive(Default, Serialize)]
struct RecordView {
    doc: DocId,
    uid: String,
    id: Option<String>,
    kind: String,
    date: Option<String>,
    author: Option<String>,
    channel: Option<String>,
    forwarded_from: Option<Forward>,
    reply_to: Option<String>,
    thread: Option<String>,
    album: Option<String>,
    title: Option<String>,
    title_ranges: Vec<(usize, usize)>,
    text: String,
    text_ranges: Vec<(usize, usize)>,
    spans: Vec<Span>,
    tags: Vec<String>,
    mentions: Vec<String>,
    links: Vec<String>,
    media: Vec<Attachment>,
    poll: Option<Poll>,
    reactions: Vec<Reaction>,
    views: Option<f64>,
    edited: Option<String>,
    flags: Vec<String>,
    dates_mentioned: Vec<String>,
    lang: Option<String>,
    url: Option<String>,
    source: Source,
    fields: Vec<Field>,
    damaged: Option<String>,
}

impl RecordView {
    fn of(doc: DocId, shown: Shown, title: &Snippet, text: &Snippet) -> Self {
        match shown {
            Shown::Damaged(reason) => Self { doc, damaged: Some(reason), ..Self::default() },
            Shown::Whole(record) => Self::of_record(doc, *record, title, text),
        }
    }

    fn of_record(doc: DocId, record: Record, title: &Snippet, text: &Snippet) -> Self {
        let mut units = Utf16::new(&record.text);
        let spans = record.spans.into_iter().map(|span| {
            let (start, end) = units.range(&span.range);
            Span { start, end, kind: span.kind, href: span.href }
        });
        Self {
            doc,
            spans: spans.collect(),
            uid: record.uid,
            id: record.id,
            kind: record.kind,
            date: record.date.map(|date| date.text),
            author: record.author,
            channel: record.channel,
            forwarded_from: record
                .forwarded_from
                .map(|forward| Forward { name: forward.name, id: forward.id, url: forward.url }),
            reply_to: record.reply_to,
            thread: record.thread,
            album: record.album,
            title: record.title,
            title_ranges: ranges(title),
            text_ranges: ranges(text),
            text: record.text,
            tags: record.tags,
            mentions: record.mentions,
            links: record.links,
            media: record.media.into_iter().map(attachment).collect(),
            poll: record.poll.map(poll),
            reactions: record
                .reactions
                .into_iter()
                .map(|reaction| Reaction { emoji: reaction.emoji, count: reaction.count as f64 })
                .collect(),
            views: record.views.map(|views| views as f64),
            edited: record.edited,
            flags: record.flags,
            dates_mentioned: record.dates_mentioned,
            lang: record.lang,
            url: record.url,
            source: Source {
                file: record.source.file,
                place: record.source.place.as_ref().map(SourcePlace::of),
                copies: record.source.copies.iter().map(SourcePlace::of).collect(),
            },
            fields: record.fields.into_iter().map(|(name, value)| Field { name, value }).collect(),
            damaged: None,
        }
    }
}

fn attachment(attachment: crate::record::Attachment) -> Attachment {
    Attachment {
        kind: attachment.kind,
        name: attachment.name,
        size: attachment.size.map(|size| size as f64),
        duration: attachment.duration.map(|duration| duration as f64),
        path: attachment.path,
    }
}

fn poll(poll: crate::record::Poll) -> Poll {
    let answer = |answer: crate::record::PollAnswer| PollAnswer {
        text: answer.text,
        votes: answer.votes.map(|votes| votes as f64),
    };
    Poll {
        question: poll.question,
        answers: poll.answers.into_iter().map(answer).collect(),
        voters: poll.voters.map(|voters| voters as f64),
    }
}

#[derive(Serialize)]
struct PostView {
    posts: Vec<RecordView>,
    index: usize,
}

impl PostView {
    fn of(view: searcher::PostView) -> Self {
        let post = |(doc, shown, title, text): (DocId, Shown, Snippet, Snippet)| RecordView::of(doc, shown, &title, &text);
        Self { posts: view.posts.into_iter().map(post).collect(), index: view.index }
    }
}

#[derive(Serialize)]
struct SourceAccount {
    name: String,
    size: f64,
    sha256: String,
    format: String,
    read: f64,
    merged: f64,
    removed: f64,
    skipped: f64,
}

#[derive(Serialize)]
struct ArchiveInfo {
    title: String,
    num_docs: u32,
    num_undated: u32,
    first_date: Option<String>,
    last_date: Option<String>,
    time_zone: String,
    num_terms: f64,
    facets: Vec<String>,
    sources: Vec<SourceAccount>,
}

impl ArchiveInfo {
    fn of(archive: &Archive) -> Self {
        let root = archive.root();
        let source = |source: &searcher::SourceAccount| SourceAccount {
            name: source.name.clone(),
            size: source.size as f64,
            sha256: source.sha256_hex(),
            format: source.format.clone(),
            read: source.read as f64,
            merged: source.merged as f64,
            removed: source.removed as f64,
            skipped: source.skipped as f64,
        };
        let (first_date, last_date) = root.dates.clone().unzip();
        Self {
            title: root.title.clone(),
            num_docs: archive.num_docs(),
            num_undated: archive.num_docs() - root.times.num_dated,
            first_date,
            last_date,
            time_zone: root.times.zone.name.clone(),
            num_terms: root.index.num_terms as f64,
            facets: root.facets.iter().map(|facet| facet.name.clone()).collect(),
            sources: root.sources.iter().map(source).collect(),
        }
    }
}
