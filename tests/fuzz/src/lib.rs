//! What is fuzzed, as functions over bytes: the targets call them with what libFuzzer finds, and the integration tests
//! (`corrupt`, `fuzz_smoke`) with seeded random bytes and with what is crafted by hand. A function returns, or panics where fonds
//! breaks a promise.

/// Rooms of the core, each by its own door.
mod rooms;

use std::io::{BufRead, Cursor, Read as _};
use std::sync::OnceLock;

use fonds::Record;
use fonds::builder::{BuildOptions, Builder};
use fonds::collector::Sort;
use fonds::format::writer::ContainerWriter;
use fonds::format::{BlockRef, Section};
use fonds::ingest::{Entry, Files as _, ReadContext, ZipFiles, detect_files, parse_date, read_files};
use fonds::query::{Matcher, parse, print};
use fonds::record::{Attachment, Forward, Place, Poll, PollAnswer, Reaction, Source, Span};
use fonds::searcher::{Answer, Archive, Filter, PostRequest, SearchRequest, Shown};
use jiff::tz::TimeZone;

pub use rooms::{blocks, columns, container, dictionary, postings_of_an_entry, search_loop, seeds};

/// A small archive in which every section and every field of a record occurs.
pub fn small() -> Vec<u8> {
    let time_zone = TimeZone::get("Europe/Berlin").unwrap();
    let mut builder = Builder::new(BuildOptions { time_zone, ..BuildOptions::default() });
    records().iter().for_each(|record| builder.add(record));
    builder.finish().unwrap().container
}

/// What stands in it.
fn records() -> Vec<Record> {
    let full = Record {
        title: Some("Ёж".into()),
        author: Some("marta".into()),
        forwarded_from: Some(Forward { name: "Radio".into(), id: Some("9".into()), url: None }),
        spans: vec![Span { range: 0..5, kind: "bold".into(), href: Some("x".into()) }],
        tags: vec!["Union_State".into(), "storm".into()],
        links: vec!["https://harbour.example/".into()],
        media: vec![Attachment { kind: "photo".into(), size: Some(7), ..Attachment::default() }],
        poll: Some(Poll {
            question: "?".into(),
            answers: vec![PollAnswer { text: "yes".into(), votes: Some(1) }],
            voters: Some(2),
        }),
        reactions: vec![Reaction { emoji: "❤".into(), count: 3 }],
        source: Source { file: "f".into(), place: Some(Place::Lines(1, 2)), copies: vec![Place::Bytes(3, 4)] },
        fields: vec![("x".into(), "1".into())],
        ..dated("1", "2024-06-01T10:00:00Z", "storm hit the harbour")
    };
    let undated = Record { text: "no storm".into(), ..Record::default() };
    let mut records =
        vec![full, dated("2", "2024-04", "the harbour 港口新闻"), undated, dated("4", "2023", "harbours")];
    records.extend((0..140).map(|i| dated(&format!("x{i}"), "2024-05-01", "a")));
    records
}

fn dated(id: &str, date: &str, text: &str) -> Record {
    let source = Source { file: "notes.txt".into(), ..Source::default() };
    let date = parse_date(date, &TimeZone::UTC);
    Record { id: Some(id.into()), date, text: text.into(), source, ..Record::default() }
}

fn ask(query: &str) -> SearchRequest {
    SearchRequest { query: query.into(), limit: 1000, facet_limit: 50, ..SearchRequest::default() }
}

/// The bytes at which a block stands; none where the container ends before it does.
fn bytes_of(container: &[u8], block: BlockRef) -> &[u8] {
    container.get(block.offset as usize..block.end() as usize).unwrap_or_default()
}

/// Questions that between them reach every decoder.
pub fn questions() -> Vec<SearchRequest> {
    let filter = |facet: &str, value: &str, exclude| Filter { facet: facet.into(), value: value.into(), exclude };
    vec![
        SearchRequest { limit: 5, ..ask("") },
        SearchRequest { sort: Sort::Relevance, typing: true, limit: 200, ..ask("h") },
        SearchRequest { typing: true, ..ask("\"storm hi") },
        SearchRequest { facet_limit: 0, ..ask("-a 港口新") },
        SearchRequest {
            from: Some("2024-04".parse().unwrap()),
            to: Some("2024-05-01".parse().unwrap()),
            limit: 3,
            ..ask("")
        },
        ask("from:mar* -has:link before:2025 (views:>1 OR about:2024 OR length:1..50) site:example"),
        SearchRequest { filters: vec![filter("author", "marta", true), filter("tag", "storm", false)], ..ask("*") },
    ]
}

/// Opens whatever the bytes are and asks everything; blocks that cannot be had or are refused are given up. What is answered
/// can be shown: ranges lie on characters.
pub fn probe(container: &[u8]) {
    let Ok(archive) = Archive::open(container) else { return };
    for question in questions() {
        let Some(page) = settle(container, &archive, |archive| archive.search(&question)) else { continue };
        assert!(page.hits.len() <= question.limit.min(page.total));
        for hit in &page.hits {
            check_shown(&hit.record);
            assert!(hit.snippet.ranges.iter().all(|range| hit.snippet.text.get(range.clone()).is_some()));
        }
    }
    for uid in ["notes/1", "~", "zzz"] {
        let ask = PostRequest { uid: uid.into(), query: "storm".into(), typing: true, literal: false, context: 2 };
        if let Some(Some(view)) = settle(container, &archive, |archive| archive.post(&ask)) {
            assert!(view.index < view.posts.len());
            view.posts.iter().for_each(|(_, shown, _, _)| check_shown(shown));
        }
    }
    settle(container, &archive, |archive| archive.record(1));
}

fn check_shown(shown: &Shown) {
    if let Shown::Whole(record) = shown {
        assert!(record.spans.iter().all(|span| record.text.get(span.range.clone()).is_some()));
    }
}

fn settle<T>(
    container: &[u8],
    archive: &Archive,
    question: impl Fn(&Archive) -> fonds::error::Result<Answer<T>>,
) -> Option<T> {
    for _ in 0..1000 {
        match question(archive) {
            Ok(Answer::Need(wanted)) => {
                assert!(!wanted.is_empty());
                for block in wanted {
                    if archive.supply(block.offset, bytes_of(container, block)).is_err() {
                        archive.lose(block.offset, "refused");
                    }
                }
            }
            Ok(Answer::Ready(answer)) => return Some(answer),
            Ok(Answer::Beyond) => panic!("the program has every feature"),
            Err(_) => return None,
        }
    }
    panic!("the archive asks without end");
}

/// What is inside the blocks of a container.
#[derive(Clone, Debug)]
pub struct Parts {
    /// The root before the section table.
    pub root: Vec<u8>,
    /// The blocks, in order.
    pub blocks: Vec<(Section, Vec<u8>)>,
}

impl Parts {
    /// Takes a container apart.
    pub fn of(container: &[u8]) -> Self {
        let archive = Archive::open(container).unwrap();
        for section in Section::ALL {
            for block in archive.container().places_in(container, section).unwrap() {
                archive.supply(block.offset, bytes_of(container, block)).unwrap();
            }
        }
        let content = |section: Section| {
            let archive = &archive;
            let count = archive.container().num_blocks(section);
            (0..count).map(move |ord| (section, archive.container().block(section, ord).unwrap().unwrap().to_vec()))
        };
        Self { root: archive.root().encode(), blocks: Section::ALL.into_iter().flat_map(content).collect() }
    }

    /// Puts it together with fresh lengths and checksums, nothing compressed.
    pub fn assemble(&self) -> Vec<u8> {
        let mut out = ContainerWriter::default();
        for (section, raw) in &self.blocks {
            out.push_raw(*section, raw.clone());
        }
        out.finish(self.root.clone()).unwrap_or_default()
    }
}

/// A generator of numbers with a seed (splitmix64), for mutations that are the same on every run.
#[derive(Debug)]
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// Changes bytes in one of the ways that decoders must stand.
pub fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len() + 1);
        match random.below(8) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, random.next() as u8),
            // The largest number that a varint holds, the largest of 32 bits, and one that no varint holds.
            2 => drop(bytes.splice(at..at, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1])),
            3 => drop(bytes.splice(at..(at + 1).min(bytes.len()), [0xff, 0xff, 0xff, 0xff, 0x0f])),
            4 if at < bytes.len() => drop(bytes.remove(at)),
            5 if at < bytes.len() => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)],
            6 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            _ if at < bytes.len() => bytes[at] = random.next() as u8,
            _ => {}
        }
    }
}

/// Any bytes as a container.
pub fn open_and_search(data: &[u8]) {
    probe(data);
}

/// A whole container of which some blocks, or the root, are changed as `data` says, with right checksums.
pub fn open_and_search_checked(data: &[u8]) {
    static PARTS: OnceLock<Parts> = OnceLock::new();
    let mut parts = PARTS.get_or_init(|| Parts::of(&small())).clone();
    // Each six bytes are one change: which part, where, what to do, and what with.
    for change in data.chunks_exact(6).take(16) {
        let [part, high, low, how, a, b] = change else { continue };
        let place = usize::from(*part) % (parts.blocks.len() + 1);
        let bytes = match parts.blocks.get_mut(place) {
            Some((_, bytes)) => bytes,
            None => &mut parts.root,
        };
        let at = usize::from(u16::from_be_bytes([*high, *low])) % (bytes.len() + 1);
        match how % 5 {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, *a),
            2 => drop(bytes.splice(at..at, [*a | 0x80, *b | 0x80, 0xff, 0xff, 0x0f])),
            3 if at < bytes.len() => drop(bytes.remove(at)),
            _ if at < bytes.len() => bytes[at] = *a,
            _ => {}
        }
    }
    probe(&parts.assemble());
}

/// Any text as a query: its problem stands on a character of it, what it finds in itself too,
/// and its printed form is the same query.
pub fn query_parse(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for typing in [false, true] {
        let parsed = parse(&text, typing);
        assert!(parsed.problem.as_ref().is_none_or(|problem| text.is_char_boundary(problem.at)));
        // What is printed is what is offered as a correction, and what stands in an address.
        if parsed.problem.is_none() {
            assert_eq!(parse(&print(&parsed.query), false).query, parsed.query, "{text:?}");
        }
        let matcher = Matcher::new(&parsed.query);
        for (range, _) in matcher.ranges(&text) {
            assert!(!range.is_empty() && text.get(range).is_some());
        }
        let snippet = fonds::snippet::snippet(&text, &matcher);
        assert!(snippet.ranges.iter().all(|range| snippet.text.get(range.clone()).is_some()));
    }
}

/// Any bytes as a scraped channel.
pub fn ingest_scrape(data: &[u8]) {
    ingest(data, "scrape");
}

/// Any bytes as JSON lines.
pub fn ingest_jsonl(data: &[u8]) {
    ingest(data, "jsonl");
}

/// Any bytes as JSON.
pub fn ingest_json(data: &[u8]) {
    ingest(data, "json");
}

/// Any bytes as a table, whatever stands between its cells.
pub fn ingest_csv(data: &[u8]) {
    ingest(data, "csv");
    ingest(data, "tsv");
}

/// Any bytes as `result.json` of Telegram Desktop.
pub fn ingest_telegram_json(data: &[u8]) {
    ingest(data, "telegram-json");
}

/// Any bytes as a page of Telegram Desktop.
pub fn ingest_telegram_html(data: &[u8]) {
    ingest(data, "telegram-html");
}

/// Any bytes as a saved page of `t.me/s`.
pub fn ingest_telegram_web(data: &[u8]) {
    ingest(data, "telegram-web");
}

/// Any bytes as files of an archive of X.
pub fn ingest_x(data: &[u8]) {
    ingest(data, "x");
}

/// Any bytes as an outbox.
pub fn ingest_mastodon(data: &[u8]) {
    ingest(data, "mastodon");
}

/// Any bytes as a day, or a list, of a Slack export.
pub fn ingest_slack(data: &[u8]) {
    ingest(data, "slack");
}

/// Any bytes as a channel of Discord.
pub fn ingest_discord(data: &[u8]) {
    ingest(data, "discord");
}

/// Any bytes as a chat of `WhatsApp`.
pub fn ingest_whatsapp(data: &[u8]) {
    ingest(data, "whatsapp");
}

/// Any bytes as a conversation of Instagram or Facebook.
pub fn ingest_meta(data: &[u8]) {
    ingest(data, "meta");
}

/// Any bytes as mail.
pub fn ingest_mail(data: &[u8]) {
    ingest(data, "mail");
}

/// Any bytes as a feed.
pub fn ingest_feed(data: &[u8]) {
    ingest(data, "feed");
}

/// Any bytes as a dump of Reddit.
pub fn ingest_reddit(data: &[u8]) {
    ingest(data, "reddit");
}

/// Any bytes as a room of Matrix.
pub fn ingest_matrix(data: &[u8]) {
    ingest(data, "matrix");
}

/// Any bytes as an export of WordPress.
pub fn ingest_wordpress(data: &[u8]) {
    ingest(data, "wordpress");
}

/// Any bytes as a page of Markdown.
pub fn ingest_markdown(data: &[u8]) {
    ingest(data, "markdown");
}

/// Any bytes as a saved page.
pub fn ingest_html(data: &[u8]) {
    ingest(data, "html");
}

/// Any bytes as a database of tg-archive.
pub fn ingest_tg_archive(data: &[u8]) {
    ingest(data, "tg-archive");
}

/// Any bytes as a history of git.
pub fn ingest_git(data: &[u8]) {
    ingest(data, "git");
}

/// Any bytes as captures of the web.
pub fn ingest_warc(data: &[u8]) {
    ingest(data, "warc");
}

/// Any bytes as a repository of Bluesky.
pub fn ingest_bluesky(data: &[u8]) {
    ingest(data, "bluesky");
}

/// Any bytes as posts of Instagram or Facebook.
pub fn ingest_meta_posts(data: &[u8]) {
    ingest(data, "meta");
}

/// Any bytes as a zip: its files come to an end, none is longer than the zip says, and whatever is recognised can be read.
pub fn ingest_zip(data: &[u8]) {
    let Ok(files) = ZipFiles::open("input.zip", Cursor::new(data)) else { return };
    for (index, file) in files.list().iter().enumerate() {
        let Ok(open) = files.open(index) else { continue };
        let read = std::io::copy(&mut open.take(1 << 20), &mut std::io::sink());
        assert!(read.is_ok_and(|len| len <= file.len) || file.len <= 1 << 40);
    }
    let Ok(detected) = detect_files(&files, "input.zip", None) else { return };
    let Some(detected) = detected.first() else { return };
    let context = ReadContext::new("input.zip", TimeZone::UTC);
    if let Ok(reader) = read_files(&files, detected, &context) {
        reader.take(1000).for_each(drop);
    }
}

/// What is read can be built, and comes back as it was.
///
/// A build takes a hundred times as long as the reading before it, so that the fuzzer, which is after the readers, has one in
/// sixteen inputs built, by what they are. Tests have all.
fn ingest(data: &[u8], format: &str) {
    let context = ReadContext::new("input.txt", TimeZone::UTC);
    let input: Box<dyn BufRead + '_> = Box::new(data);
    let Ok((_, reader)) = fonds::ingest::open(input, Some(format), &context) else { return };
    let is_built = !cfg!(fuzzing) || data.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte)) % 16 == 0;
    let mut builder = Builder::new(BuildOptions::default());
    for entry in reader.map_while(Result::ok) {
        let Entry::Record(record) = entry else { continue };
        for span in &record.spans {
            assert!(record.text.get(span.range.clone()).is_some(), "{span:?} lies beside {:?}", record.text);
        }
        if is_built {
            builder.add(&record);
        }
    }
    if !is_built {
        return;
    }
    let Ok(built) = builder.finish() else { return };
    let archive = Archive::open(&built.container).unwrap();
    for (doc, record) in (0..).zip(built.records.iter().map(Result::unwrap)).take(50) {
        loop {
            match archive.record(doc).unwrap() {
                Answer::Need(wanted) => wanted.into_iter().for_each(|block| {
                    archive.supply(block.offset, bytes_of(&built.container, block)).unwrap();
                }),
                Answer::Ready(found) => break assert_eq!(found, record),
                Answer::Beyond => panic!("the program has every feature"),
            }
        }
    }
}
