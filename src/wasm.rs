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
use crate::searcher::{self, Answer, Match, Shown};
use crate::snippet::Snippet;
use crate::time::civil::Period;

/// The whole core opens several segments as one archive, the small one has but one.
#[cfg(feature = "more")]
use crate::searcher::Library as Opened;

#[cfg(not(feature = "more"))]
use crate::searcher::Archive as Opened;

/// An open archive.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Explorer {
    archive: Opened,
    clock: Clock,
}

#[wasm_bindgen]
impl Explorer {
    /// Opens an archive from the bytes of its first shard.
    ///
    /// # Errors
    /// They are no archive of this version, or damaged.
    #[wasm_bindgen(constructor)]
    pub fn new(head: &[u8]) -> Result<Explorer, JsError> {
        Ok(Self { archive: Opened::open(head)?, clock: Clock::of_worker() })
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
        let start = self.clock.now_ms();
        let request = search_request(request)?;
        match self.archive.search(&request)? {
            Answer::Need(blocks) => to_js(&Reply::<SearchPage<'_>>::need(&blocks)),
            Answer::Beyond => to_js(&Reply::<SearchPage<'_>>::more()),
            Answer::Ready(page) => {
                let none = Record::default();
                to_js(&Reply::ready(Some(SearchPage::of(&page, &request.query, self.clock.now_ms() - start, &none))))
            }
        }
    }

    /// Answers a `PostRequest` with an `Answer<PostView | null>`.
    ///
    /// # Errors
    /// The block that names the post is lost.
    pub fn post(&self, request: &JsValue) -> Result<JsValue, JsError> {
        match self.archive.post(&post_request(request))? {
            Answer::Need(blocks) => to_js(&Reply::<PostView<'_>>::need(&blocks)),
            Answer::Beyond => to_js(&Reply::<PostView<'_>>::more()),
            Answer::Ready(view) => {
                let none = Record::default();
                to_js(&Reply::ready(view.as_ref().map(|view| PostView::of(view, &none))))
            }
        }
    }

    /// Answers what is being typed with an `Answer<Form[]>`: words that begin as its last one does.
    ///
    /// # Errors
    /// A block of the dictionary is lost.
    pub fn complete(&self, query: &str, limit: u32) -> Result<JsValue, JsError> {
        match self.archive.completions(query, limit as usize)? {
            Answer::Need(blocks) => to_js(&Reply::<Vec<Form<'_>>>::need(&blocks)),
            Answer::Beyond => to_js(&Reply::<Vec<Form<'_>>>::more()),
            Answer::Ready(words) => {
                let forms: Vec<_> = words.iter().map(|(text, count)| Form { text, count: *count }).collect();
                to_js(&Reply::ready(Some(forms)))
            }
        }
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

    /// Takes back that a block was given up.
    pub fn forget_lost(&self, offset: f64) {
        self.archive.forget_lost(offset as u64);
    }

    /// Sets how many bytes of blocks, and of what was made of them, are kept.
    pub fn set_budget(&self, bytes: u32) {
        self.archive.set_budget(bytes as usize);
    }

    /// Bytes that are kept now.
    pub fn loaded_len(&self) -> f64 {
        self.archive.loaded_len() as f64
    }
}

#[cfg(feature = "more")]
#[wasm_bindgen]
impl Explorer {
    /// Opens the next segment from the bytes of its first shard.
    ///
    /// # Errors
    /// They are no archive of this version, or damaged; or the segment does not fit the others.
    pub fn append(&mut self, head: &[u8]) -> Result<(), JsError> {
        Ok(self.archive.append(head)?)
    }

    /// Hides what newer segments have anew.
    ///
    /// # Errors
    /// The list is damaged.
    pub fn hide(&mut self, list: &[u8]) -> Result<(), JsError> {
        Ok(self.archive.hide(list)?)
    }
}

/// The worker's clock. Looked up once: asking the global object what it is takes longer than a short search.
#[derive(Debug)]
struct Clock(Option<web_sys::Performance>);

impl Clock {
    fn of_worker() -> Self {
        Self(js_sys::global().dyn_into::<web_sys::WorkerGlobalScope>().ok().and_then(|worker| worker.performance()))
    }

    /// Milliseconds; 0 where there is no clock.
    fn now_ms(&self) -> f64 {
        self.0.as_ref().map_or(0.0, web_sys::Performance::now)
    }
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
    /// Only the whole core, with the feature `more`, can answer.
    more: bool,
}

impl<T> Reply<T> {
    fn ready(page: Option<T>) -> Self {
        Self { need: Vec::new(), page, more: false }
    }

    fn need(blocks: &[BlockRef]) -> Self {
        Self { need: blocks.iter().map(Block::of).collect(), page: None, more: false }
    }

    fn more() -> Self {
        Self { need: Vec::new(), page: None, more: true }
    }
}

#[derive(Serialize)]
struct Block {
    offset: f64,
    len: u32,
}

impl Block {
    fn of(block: &BlockRef) -> Self {
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
        literal: field(request, "literal").is_truthy(),
        filters: filters.collect(),
        from: period(request, "from")?,
        to: period(request, "to")?,
        sort: match text(request, "sort").as_str() {
            "" => Sort::New,
            name => Sort::parse(name),
        },
        matching: match text(request, "matching").as_str() {
            "all" => Match::All,
            "any" => Match::Any,
            _ => Match::AllOrAny,
        },
        offset: number(request, "offset"),
        limit: number(request, "limit"),
        facet_limit: number(request, "facet_limit"),
        suggestions: number(request, "suggestions"),
        zoom: period(request, "zoom_from")?.zip(period(request, "zoom_to")?),
        scan_limit: number(request, "scan_limit"),
    })
}

/// Reads a `PostRequest`.
fn post_request(request: &JsValue) -> searcher::PostRequest {
    searcher::PostRequest {
        uid: text(request, "uid"),
        query: text(request, "query"),
        typing: field(request, "typing").is_truthy(),
        literal: field(request, "literal").is_truthy(),
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
struct Excerpt<'a> {
    text: &'a str,
    ranges: Vec<(usize, usize)>,
    cut_start: bool,
    cut_end: bool,
}

impl<'a> Excerpt<'a> {
    fn of(snippet: &'a Snippet) -> Self {
        Self { text: &snippet.text, ranges: ranges(snippet), cut_start: snippet.cut_start, cut_end: snippet.cut_end }
    }
}

#[derive(Serialize)]
struct Hit<'a> {
    doc: DocId,
    uid: &'a str,
    kind: &'a str,
    date: Option<&'a str>,
    author: Option<&'a str>,
    channel: Option<&'a str>,
    forwarded_from: Option<&'a str>,
    lang: Option<&'a str>,
    title: Option<Excerpt<'a>>,
    snippet: Excerpt<'a>,
    tags: &'a [String],
    media: Vec<&'a str>,
    picture: Option<&'a str>,
    flags: &'a [String],
    score: f64,
    damaged: Option<&'a str>,
}

impl<'a> Hit<'a> {
    fn of(hit: &'a searcher::Hit, none: &'a Record) -> Self {
        let (record, damaged) = shown(&hit.record, none);
        Self {
            doc: hit.doc,
            uid: &record.uid,
            kind: &record.kind,
            date: record.date.as_ref().map(|date| date.text.as_str()),
            author: record.author.as_deref(),
            channel: record.channel.as_deref(),
            forwarded_from: record.forwarded_from.as_ref().map(|forward| forward.name.as_str()),
            lang: record.lang.as_deref(),
            title: hit.title.as_ref().map(Excerpt::of),
            snippet: Excerpt::of(&hit.snippet),
            tags: &record.tags,
            media: record.media.iter().map(|attachment| attachment.kind.as_str()).collect(),
            picture: record.media.iter().find_map(|attachment| attachment.path.as_deref()),
            flags: &record.flags,
            score: hit.score,
            damaged,
        }
    }
}

/// A record, or `none` and why there is none.
fn shown<'a>(shown: &'a Shown, none: &'a Record) -> (&'a Record, Option<&'a str>) {
    match shown {
        Shown::Whole(record) => (record, None),
        Shown::Damaged(reason) => (none, Some(reason)),
    }
}

#[derive(Serialize)]
struct FacetValue<'a> {
    value: &'a str,
    count: usize,
    chosen: bool,
    excluded: bool,
}

#[derive(Serialize)]
struct FacetCounts<'a> {
    name: &'a str,
    values: Vec<FacetValue<'a>>,
    num_values: usize,
}

impl<'a> FacetCounts<'a> {
    fn of(facet: &'a searcher::FacetCounts) -> Self {
        let value = |value: &'a searcher::FacetValue| FacetValue {
            value: &value.value,
            count: value.count,
            chosen: value.chosen,
            excluded: value.excluded,
        };
        Self { name: &facet.name, values: facet.values.iter().map(value).collect(), num_values: facet.num_values }
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
    fn of(timeline: &collector::Timeline) -> Self {
        let hour = |bar: &collector::Bar| bar.hour.map_or_else(String::new, |hour| format!("T{hour:02}"));
        let bar =
            |bar: &collector::Bar| Bar { key: bar.period.to_string() + &hour(bar), count: bar.count, total: bar.total };
        Self {
            unit: timeline.unit.name(),
            bars: timeline.bars.iter().map(bar).collect(),
            coarse: timeline.coarse,
            undated: timeline.undated,
        }
    }
}

#[derive(Serialize)]
struct Term<'a> {
    text: &'a str,
    prefix: bool,
    forms: Vec<Form<'a>>,
}

impl<'a> Term<'a> {
    fn of(term: &'a searcher::SearchTerm) -> Self {
        let forms = term.forms.iter().map(|(text, count)| Form { text, count: *count }).collect();
        Self { text: &term.text, prefix: term.prefix, forms }
    }
}

#[derive(Serialize)]
struct Form<'a> {
    text: &'a str,
    count: u32,
}

#[derive(Serialize)]
struct Suggestion<'a> {
    query: &'a str,
    total: usize,
}

#[derive(Serialize)]
struct Problem<'a> {
    at: usize,
    message: &'a str,
}

#[derive(Serialize)]
struct SearchPage<'a> {
    query: &'a str,
    total: usize,
    exact: bool,
    relaxed: bool,
    /// Texts looked at and to look at, where the query has a scan.
    scan: Option<(usize, usize)>,
    took_us: f64,
    sort: String,
    hits: Vec<Hit<'a>>,
    facets: Vec<FacetCounts<'a>>,
    timeline: Option<Timeline>,
    terms: Vec<Term<'a>>,
    problem: Option<Problem<'a>>,
    damage: &'a [String],
    suggestions: Vec<Suggestion<'a>>,
    wants_more: bool,
}

impl<'a> SearchPage<'a> {
    fn of(page: &'a searcher::SearchPage, query: &'a str, took_ms: f64, none: &'a Record) -> Self {
        Self {
            query,
            total: page.total,
            exact: page.exact,
            relaxed: page.relaxed,
            scan: page.scan,
            took_us: took_ms * 1000.0,
            sort: page.sort.to_string(),
            hits: page.hits.iter().map(|hit| Hit::of(hit, none)).collect(),
            facets: page.facets.iter().map(FacetCounts::of).collect(),
            timeline: page.timeline.as_ref().map(Timeline::of),
            terms: page.terms.iter().map(Term::of).collect(),
            problem: page
                .problem
                .as_ref()
                .map(|problem| Problem { at: Utf16::new(query).at(problem.at), message: &problem.message }),
            damage: &page.damage,
            suggestions: page
                .suggestions
                .iter()
                .map(|found| Suggestion { query: &found.query, total: found.total })
                .collect(),
            wants_more: page.wants_more,
        }
    }
}

#[derive(Serialize)]
struct Forward<'a> {
    name: &'a str,
    id: Option<&'a str>,
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct Span<'a> {
    start: usize,
    end: usize,
    kind: &'a str,
    href: Option<&'a str>,
}

#[derive(Serialize)]
struct Attachment<'a> {
    kind: &'a str,
    name: Option<&'a str>,
    size: Option<f64>,
    duration: Option<f64>,
    path: Option<&'a str>,
}

#[derive(Serialize)]
struct PollAnswer<'a> {
    text: &'a str,
    votes: Option<f64>,
}

#[derive(Serialize)]
struct Poll<'a> {
    question: &'a str,
    answers: Vec<PollAnswer<'a>>,
    voters: Option<f64>,
}

#[derive(Serialize)]
struct Reaction<'a> {
    emoji: &'a str,
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

#[derive(Serialize)]
struct Source<'a> {
    file: &'a str,
    place: Option<SourcePlace>,
    copies: Vec<SourcePlace>,
}

#[derive(Serialize)]
struct Field<'a> {
    name: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct RecordView<'a> {
    doc: DocId,
    uid: &'a str,
    id: Option<&'a str>,
    kind: &'a str,
    date: Option<&'a str>,
    author: Option<&'a str>,
    channel: Option<&'a str>,
    forwarded_from: Option<Forward<'a>>,
    reply_to: Option<&'a str>,
    thread: Option<&'a str>,
    album: Option<&'a str>,
    title: Option<&'a str>,
    title_ranges: Vec<(usize, usize)>,
    text: &'a str,
    text_ranges: Vec<(usize, usize)>,
    spans: Vec<Span<'a>>,
    tags: &'a [String],
    mentions: &'a [String],
    links: &'a [String],
    media: Vec<Attachment<'a>>,
    poll: Option<Poll<'a>>,
    reactions: Vec<Reaction<'a>>,
    views: Option<f64>,
    edited: Option<&'a str>,
    flags: &'a [String],
    dates_mentioned: &'a [String],
    lang: Option<&'a str>,
    url: Option<&'a str>,
    source: Source<'a>,
    fields: Vec<Field<'a>>,
    damaged: Option<&'a str>,
}

impl<'a> RecordView<'a> {
    fn of((doc, record, title, text): &'a (DocId, Shown, Snippet, Snippet), none: &'a Record) -> Self {
        let (record, damaged) = shown(record, none);
        let mut units = Utf16::new(&record.text);
        let span = |span: &'a crate::record::Span| {
            let (start, end) = units.range(&span.range);
            Span { start, end, kind: &span.kind, href: span.href.as_deref() }
        };
        Self {
            doc: *doc,
            uid: &record.uid,
            id: record.id.as_deref(),
            kind: &record.kind,
            date: record.date.as_ref().map(|date| date.text.as_str()),
            author: record.author.as_deref(),
            channel: record.channel.as_deref(),
            forwarded_from: record.forwarded_from.as_ref().map(forward),
            reply_to: record.reply_to.as_deref(),
            thread: record.thread.as_deref(),
            album: record.album.as_deref(),
            title: record.title.as_deref(),
            title_ranges: ranges(title),
            text: &record.text,
            text_ranges: ranges(text),
            spans: record.spans.iter().map(span).collect(),
            tags: &record.tags,
            mentions: &record.mentions,
            links: &record.links,
            media: record.media.iter().map(attachment).collect(),
            poll: record.poll.as_ref().map(poll),
            reactions: record.reactions.iter().map(reaction).collect(),
            views: record.views.map(|views| views as f64),
            edited: record.edited.as_deref(),
            flags: &record.flags,
            dates_mentioned: &record.dates_mentioned,
            lang: record.lang.as_deref(),
            url: record.url.as_deref(),
            source: Source {
                file: &record.source.file,
                place: record.source.place.as_ref().map(SourcePlace::of),
                copies: record.source.copies.iter().map(SourcePlace::of).collect(),
            },
            fields: record.fields.iter().map(|(name, value)| Field { name, value }).collect(),
            damaged,
        }
    }
}

fn forward(forward: &crate::record::Forward) -> Forward<'_> {
    Forward { name: &forward.name, id: forward.id.as_deref(), url: forward.url.as_deref() }
}

fn attachment(attachment: &crate::record::Attachment) -> Attachment<'_> {
    Attachment {
        kind: &attachment.kind,
        name: attachment.name.as_deref(),
        size: attachment.size.map(|size| size as f64),
        duration: attachment.duration.map(|duration| duration as f64),
        path: attachment.path.as_deref(),
    }
}

fn poll(poll: &crate::record::Poll) -> Poll<'_> {
    let votes = |votes: u64| votes as f64;
    let answers = poll.answers.iter().map(|answer| PollAnswer { text: &answer.text, votes: answer.votes.map(votes) });
    Poll { question: &poll.question, answers: answers.collect(), voters: poll.voters.map(votes) }
}

fn reaction(reaction: &crate::record::Reaction) -> Reaction<'_> {
    Reaction { emoji: &reaction.emoji, count: reaction.count as f64 }
}

#[derive(Serialize)]
struct PostView<'a> {
    posts: Vec<RecordView<'a>>,
    index: usize,
}

impl<'a> PostView<'a> {
    fn of(view: &'a searcher::PostView, none: &'a Record) -> Self {
        Self { posts: view.posts.iter().map(|post| RecordView::of(post, none)).collect(), index: view.index }
    }
}

#[derive(Serialize)]
struct SourceAccount<'a> {
    name: &'a str,
    size: f64,
    sha256: String,
    format: &'a str,
    read: f64,
    merged: f64,
    removed: f64,
    skipped: f64,
}

#[derive(Serialize)]
struct ArchiveInfo<'a> {
    title: &'a str,
    num_docs: u32,
    num_undated: u32,
    first_date: Option<&'a str>,
    last_date: Option<&'a str>,
    time_zone: &'a str,
    num_terms: f64,
    facets: Vec<String>,
    /// Names of the columns of numbers.
    numbers: Vec<String>,
    sources: Vec<SourceAccount<'a>>,
}

impl<'a> ArchiveInfo<'a> {
    fn of(archive: &'a Opened) -> Self {
        let (root, dates) = (archive.root(), archive.dates());
        let source = |source: &'a searcher::SourceAccount| SourceAccount {
            name: &source.name,
            size: source.size as f64,
            sha256: source.sha256_hex(),
            format: &source.format,
            read: source.read as f64,
            merged: source.merged as f64,
            removed: source.removed as f64,
            skipped: source.skipped as f64,
        };
        Self {
            title: &root.title,
            num_docs: archive.num_docs(),
            num_undated: archive.num_undated(),
            first_date: dates.map(|(first, _)| first),
            last_date: dates.map(|(_, last)| last),
            time_zone: &root.times.zone.name,
            num_terms: archive.num_terms() as f64,
            facets: archive.facet_names(),
            numbers: archive.number_names(),
            sources: archive.sources().map(source).collect(),
        }
    }
}
