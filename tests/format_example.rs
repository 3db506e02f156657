//! The worked example of docs/FORMAT.md: the bytes that it prints are what the builder writes, and they open.
//!
//! The notes beside the bytes come from a walk that follows the text of the document and uses none of the crate's decoders,
//! so that text, bytes and code hold each other. `UPDATE_GOLDEN=1 cargo test --test format_example -- --test-threads=1`
//! rewrites the example and the folding table in the document.

#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where its input is wrong")]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use fonds::builder::{BuildOptions, Builder};
use fonds::record::{Date, Place, Precision, Record, Source, Span};
use fonds::searcher::{Answer, Archive, SearchRequest};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/FORMAT.md");
const FOLD_TABLE: &str = include_str!("../src/text/fold_table.txt");

/// The folding table as the document prints it: by folded form, in order.
fn fold_table() -> String {
    let mut forms: BTreeMap<&str, String> = BTreeMap::new();
    for line in FOLD_TABLE.lines() {
        let c = line.chars().next().unwrap();
        forms.entry(&line[c.len_utf8()..]).or_default().push(c);
    }
    forms.iter().map(|(form, variants)| format!("{form} {variants}\n")).collect()
}

/// The records of the example, in the order of their source.
fn records() -> Vec<Record> {
    let source = |line| Source { file: "log.txt".into(), place: Some(Place::Lines(line, line)), copies: Vec::new() };
    let date = |text: &str, seconds, precision| Some(Date { text: text.into(), seconds, precision });
    vec![
        Record {
            id: Some("1".into()),
            kind: "post".into(),
            date: date("2024-06-24T09:30:00Z", 1_719_221_400, Precision::Second),
            text: "Fog bell at #dawn".into(),
            spans: vec![Span { range: 12..17, kind: "hashtag".into(), href: None }],
            tags: vec!["dawn".into()],
            source: source(1),
            ..Record::default()
        },
        Record {
            id: Some("2".into()),
            kind: "post".into(),
            date: date("1963", -220_924_800, Precision::Year),
            text: "Bell cast".into(),
            source: source(2),
            ..Record::default()
        },
        Record { kind: "post".into(), text: "Ёлка".into(), source: source(3), ..Record::default() },
    ]
}

fn build() -> Vec<u8> {
    let mut builder = Builder::new(BuildOptions { title: "Quay".into(), ..BuildOptions::default() });
    for record in records() {
        builder.add(&record);
    }
    builder.finish().unwrap().container
}

#[test]
fn the_example_is_what_the_builder_writes() {
    let container = build();
    let printed = example(&container);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        replace("example", &printed);
        replace("fold-table", &fold_table());
    }
    assert_eq!(bytes_of(&between("example")), container, "the bytes in the document: UPDATE_GOLDEN=1 rewrites them");
    assert_eq!(between("example"), printed, "the notes in the document: UPDATE_GOLDEN=1 rewrites them");
}

#[test]
fn the_folding_table_of_the_document_is_the_one_in_use() {
    assert!(between("fold-table") == fold_table(), "UPDATE_GOLDEN=1 rewrites it");
}

#[test]
fn the_bytes_of_the_document_open_and_hold_the_records() {
    let container = bytes_of(&between("example"));
    let archive = Archive::open(&container).unwrap();
    assert_eq!(archive.root().title, "Quay");
    assert_eq!(archive.num_docs(), 3);

    let mut expected = records();
    for (record, uid) in expected.iter_mut().zip(["log/1", "log/2", "~4d6ebf95a9e04791"]) {
        record.uid = uid.into();
    }
    // Archive order: the year 1963, then 2024, then what has no date.
    expected.swap(0, 1);
    for (doc, expected) in (0..).zip(expected) {
        assert_eq!(answer(&archive, &container, || archive.record(doc)), expected);
    }

    for (query, uids) in
        [("bell", &["log/2", "log/1"][..]), ("#dawn", &["log/1"]), ("елка", &["~4d6ebf95a9e04791"]), ("quay", &[])]
    {
        let request = SearchRequest { query: query.into(), limit: 10, ..SearchRequest::default() };
        let page = answer(&archive, &container, || archive.search(&request));
        let mut found: Vec<_> = page.hits.iter().map(|hit| hit.doc).collect();
        found.sort_unstable();
        let found: Vec<_> = found.iter().map(|doc| answer(&archive, &container, || archive.record(*doc)).uid).collect();
        assert_eq!(found, uids, "{query}");
    }
}

fn answer<T>(archive: &Archive, container: &[u8], ask: impl Fn() -> fonds::error::Result<Answer<T>>) -> T {
    loop {
        match ask().unwrap() {
            Answer::Ready(value) => return value,
            Answer::Beyond => panic!("the program has every feature"),
            Answer::Need(blocks) => blocks.iter().for_each(|block| {
                archive.supply(block.offset, &container[block.offset as usize..block.end() as usize]).unwrap();
            }),
        }
    }
}

// ---- The document.

fn fences(name: &str) -> (String, String) {
    (format!("<!-- {name} -->\n```text\n"), format!("```\n<!-- /{name} -->\n"))
}

/// What stands between two markers of the document.
fn between(name: &str) -> String {
    let document = std::fs::read_to_string(DOCUMENT).unwrap();
    let (open, close) = fences(name);
    let (_, rest) = document.split_once(&open).unwrap();
    rest.split_once(&close).unwrap().0.to_owned()
}

#[expect(clippy::disallowed_methods, reason = "rewriting the document on request is I/O")]
fn replace(name: &str, content: &str) {
    let document = std::fs::read_to_string(DOCUMENT).unwrap();
    let (open, close) = fences(name);
    let (before, rest) = document.split_once(&open).unwrap();
    let (_, after) = rest.split_once(&close).unwrap();
    std::fs::write(DOCUMENT, format!("{before}{open}{content}{close}{after}")).unwrap();
}

/// Columns of a line: the offset in six digits, two spaces, up to sixteen bytes, two spaces, a note.
const BYTES_COLUMN: std::ops::Range<usize> = 8..55;

/// The bytes of a dump; lines that do not begin with an offset, and everything after the container, hold none.
fn bytes_of(dump: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in dump.lines().take_while(|line| !line.starts_with("decoded")) {
        let is_offset = line.len() > 8 && line.as_bytes()[..6].iter().all(u8::is_ascii_hexdigit);
        if is_offset {
            assert_eq!(usize::from_str_radix(&line[..6], 16), Ok(bytes.len()), "{line}");
            let column: String = line.chars().take(BYTES_COLUMN.end).skip(BYTES_COLUMN.start).collect();
            bytes.extend(column.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()));
        }
    }
    bytes
}

// ---- The walk.

const SECTIONS: [&str; 13] = [
    "uids",
    "terms",
    "postings",
    "prefixes",
    "weights",
    "positions",
    "times",
    "facet-values",
    "facet-columns",
    "store-dictionary",
    "store",
    "numbers",
    "table",
];

/// A container with notes, then the content of each block that is compressed.
fn example(container: &[u8]) -> String {
    let mut dump = Dump::new(container);
    dump.out.push_str("header\n");
    dump.take(8, "magic");
    dump.u32("version");
    let root_len = dump.u32("root_len");
    dump.u64("container_len");
    dump.u64("root_offset");
    dump.take(12, "reserved");
    dump.take(4, "checksum: CRC32C of the 44 bytes before");

    let mut known = Known::default();
    let mut decoded = String::new();
    block(&mut dump, root_len as usize, "root", &mut known, &mut decoded);
    for (section, lens) in SECTIONS.iter().zip(known.lens.clone()) {
        for len in lens {
            block(&mut dump, len, section, &mut known, &mut decoded);
        }
    }
    assert_eq!(dump.at, container.len());
    dump.out + &decoded
}

/// What earlier parts tell about later ones.
#[derive(Default)]
struct Known {
    /// Lengths of the blocks of each section.
    lens: Vec<Vec<usize>>,
    /// Terms with their document frequencies.
    terms: Vec<(String, u64)>,
}

fn block(dump: &mut Dump<'_>, len: usize, name: &str, known: &mut Known, decoded: &mut String) {
    let end = dump.at + len;
    writeln!(dump.out, "\n{name}: block of {len} bytes").unwrap();
    dump.take(4, "checksum: CRC32C of offset, codec, raw_len, payload");
    let codec = dump.u8("codec");
    let raw_len = dump.varint("raw_len") as usize;
    let payload_len = end - dump.at;
    if codec == 0 {
        content(dump, name, end, known);
    } else {
        let payload = dump.take(payload_len, "payload: a zstd frame");
        let raw = zstd::bulk::decompress(payload, raw_len).unwrap();
        let mut inner = Dump::new(&raw);
        content(&mut inner, name, raw_len, known);
        write!(decoded, "\ndecoded {name}\n{}", inner.out).unwrap();
    }
    assert_eq!(dump.at, end, "{name}");
    let padding = end.next_multiple_of(3) - end;
    if padding > 0 {
        dump.take(padding, "padding");
    }
}

fn content(dump: &mut Dump<'_>, name: &str, end: usize, known: &mut Known) {
    match name {
        "root" => root(dump, known),
        "uids" => {
            dump.varint("num_uids");
            for _ in 0..dump.varint("num_blocks") {
                dump.varint("gap");
            }
            for name in ["shared", "lens", "refs"] {
                let len = dump.varint(&format!("{name}: length")) as usize;
                dump.take(len, name);
            }
            dump.take(end - dump.at, "ends");
        }
        "terms" => leaf(dump, known),
        "postings" => {
            for (term, doc_freq) in known.terms.clone() {
                (0..doc_freq).for_each(|_| _ = dump.varint(&format!("gap, of {term}")));
            }
        }
        "weights" => {
            for (term, doc_freq) in known.terms.clone() {
                dump.take(doc_freq as usize, &format!("weights of {term}"));
            }
        }
        "positions" => {
            for (term, doc_freq) in known.terms.clone().into_iter().filter(|(term, _)| !term.starts_with('#')) {
                for _ in 0..doc_freq {
                    while dump.varint(&format!("distance × 2 + more, of {term}")) & 1 == 1 {}
                }
            }
        }
        "times" => {
            let count = dump.varint("num_docs");
            for _ in 0..count {
                dump.zigzag("seconds, less the one before");
            }
            dump.take(count as usize, "precision of each");
        }
        "facet-values" => {
            for _ in 0..dump.varint("num_values") {
                dump.text("value");
                dump.varint("num_records");
            }
        }
        "facet-columns" => {
            while dump.at < end {
                for _ in 0..dump.varint("num_values of the next record") {
                    dump.varint("value_ord");
                }
            }
        }
        "numbers" => {
            dump.zigzag("smallest");
            while dump.at < end {
                dump.varint("number, less the smallest, plus 1");
            }
        }
        "store" => {
            dump.varint("num_docs");
            dump.varint("flags");
            while dump.bytes[dump.at] != 0 {
                column(dump);
            }
            dump.u8("end of the columns");
            while dump.at < end {
                texts(dump);
            }
        }
        other => panic!("the example has a section {other}"),
    }
}

fn root(dump: &mut Dump<'_>, known: &mut Known) {
    dump.varint("meta_len");
    dump.text("title");
    dump.text("lang");
    if dump.u8("has_dates") == 1 {
        dump.text("first_date");
        dump.text("last_date");
    }
    assert_eq!(dump.varint("num_sources"), 0);
    dump.varint("uids: num_leaves");
    for _ in 0..dump.varint("uids: num_firsts") {
        dump.text("first");
    }
    dump.varint("num_terms");
    dump.varint("num_postings");
    dump.varint("num_tokens");
    assert_eq!(dump.varint("num_languages"), 0);
    dump.varint("terms: num_leaves");
    dump.varint("terms: per_node");
    key_map(dump);
    dump.text("zone_name");
    dump.zigzag("first_offset");
    assert_eq!(dump.varint("num_changes"), 0);
    dump.varint("num_dated");
    dump.varint("num_coarse");
    for _ in 0..dump.varint("num_runs") {
        dump.zigzag("run: year");
        dump.u8("run: month");
        dump.varint("run: num_docs");
    }
    dump.varint("times: per_node");
    for _ in 0..dump.varint("times: num_firsts") {
        dump.zigzag("first_seconds");
    }
    for _ in 0..dump.varint("num_facets") {
        dump.text("facet: name");
        dump.varint("facet: num_values");
        dump.varint("facet: num_records");
        dump.varint("facet: first_value_block");
        dump.varint("facet: first_column_block");
    }
    for _ in 0..dump.varint("num_columns of numbers") {
        dump.text("column: name");
        dump.u8("column: scale");
        dump.varint("column: first_block");
    }
    dump.varint("store: num_docs");
    dump.varint("store: docs_per_block");
    let mut counts = Vec::new();
    assert_eq!(dump.varint("num_sections") as usize, SECTIONS.len());
    for (section, number) in SECTIONS.iter().zip((1..=12).chain([255])) {
        assert_eq!(dump.u8(&format!("section {section}")), number);
        assert_eq!(dump.u8("flags: required"), 1);
        counts.push(dump.varint("num_blocks"));
        dump.varint("section_len");
        dump.varint("content_len");
        dump.take(32, "sha256");
    }
    dump.varint("per_page");
    assert_eq!(dump.varint("num_items"), counts.iter().sum::<u64>(), "the root lists every block");
    for (count, section) in counts.iter().zip(SECTIONS) {
        known.lens.push((0..*count).map(|_| dump.varint(&format!("item_len, of {section}")) as usize).collect());
    }
    dump.varint("stream_block_len");
}

/// A leaf of the dictionary, column by column.
fn leaf(dump: &mut Dump<'_>, known: &mut Known) {
    let count = dump.varint("num_entries") as usize;
    dump.varint("postings_start");
    dump.varint("weights_start");
    dump.varint("positions_start");
    dump.varint("prefixes_start");
    let shared = dump.take(count, "shared").to_vec();
    let suffix_lens = dump.take(count, "suffix_len").to_vec();
    let mut forms: Vec<String> = Vec::new();
    for (shared, suffix_len) in shared.iter().zip(suffix_lens) {
        let before = forms.last().map_or("", |form| &form[..usize::from(*shared)]).to_owned();
        let start = dump.at;
        let suffix = std::str::from_utf8(&dump.bytes[start..start + usize::from(suffix_len)]).unwrap();
        let form = before + suffix;
        dump.take(usize::from(suffix_len), &format!("suffix of {form}"));
        forms.push(form);
    }
    dump.take(count, "lang");
    for form in &forms {
        let doc_freq = dump.varint(&format!("doc_freq of {form}"));
        known.terms.push((form.clone(), doc_freq));
    }
    (0..count).for_each(|_| _ = dump.varint("postings_len"));
    (0..count).for_each(|_| _ = dump.varint("positions_len"));
    (0..count).for_each(|_| assert_eq!(dump.varint("group"), 0));
    assert_eq!(dump.varint("num_prefixes"), 0);
}

/// A column of a block of records, as a whole.
fn column(dump: &mut Dump<'_>) {
    const NAMES: [(u8, &str); 12] = [
        (2, "id"),
        (3, "kind"),
        (4, "form of date"),
        (13, "source_file"),
        (32, "number of id"),
        (33, "instant of date"),
        (34, "kind of source_place"),
        (35, "start of source_place"),
        (36, "length of source_place"),
        (48, "content hash"),
        (49, "spans"),
        (14, "tags"),
    ];
    let number = dump.bytes[dump.at];
    let len = usize::from(dump.bytes[dump.at + 1]);
    assert!(len < 0x80, "a varint of one byte");
    let (_, name) = NAMES.iter().find(|(known, _)| *known == number).unwrap();
    dump.take(2 + len, &format!("column {number}: {name}"));
}

/// Title and text of a record.
fn texts(dump: &mut Dump<'_>) {
    if dump.bytes[dump.at] == 0xfe {
        dump.u8("no title");
    } else {
        ended(dump, "title");
    }
    ended(dump, "text");
}

fn ended(dump: &mut Dump<'_>, name: &str) {
    let len = dump.bytes[dump.at..].iter().position(|byte| *byte == 0xff).unwrap();
    let text = std::str::from_utf8(&dump.bytes[dump.at..dump.at + len]).unwrap();
    dump.take(len + 1, &format!("{name} = {text:?}"));
}

/// The FST at the start of a block, node by node; returns its keys and values in order.
fn key_map(dump: &mut Dump<'_>) -> Vec<(String, u64)> {
    let fst_len = dump.varint("fst_len") as usize;
    let start = dump.at;
    let fst = &dump.bytes[start..start + fst_len];
    dump.u64("fst: version");
    dump.u64("fst: type");
    let root = u64::from_le_bytes(fst[fst_len - 12..fst_len - 4].try_into().unwrap()) as usize;
    let mut nodes = Vec::new();
    let mut keys = Vec::new();
    visit(fst, root, &mut Vec::new(), 0, &mut nodes, &mut keys);
    nodes.sort_by_key(|node| node.addr);
    nodes.dedup_by_key(|node| node.addr);
    for node in nodes {
        assert_eq!(dump.at - start, node.first, "nodes stand one behind the other");
        let mut note = format!("node {:#x}:{}", node.addr, if node.is_final { " final" } else { "" });
        if node.final_output > 0 {
            write!(note, " +{}", node.final_output).unwrap();
        }
        for (input, output, target) in &node.transitions {
            let output = if *output == 0 { String::new() } else { format!(" +{output}") };
            write!(note, " {} → {target:#x}{output};", std::ascii::escape_default(*input)).unwrap();
        }
        dump.take(node.addr + 1 - node.first, &note);
    }
    assert_eq!(dump.u64("fst: len"), keys.len() as u64);
    dump.u64("fst: root_addr");
    dump.take(4, "fst: checksum, masked");
    keys
}

struct Node {
    addr: usize,
    first: usize,
    is_final: bool,
    final_output: u64,
    transitions: Vec<(u8, u64, usize)>,
}

fn visit(fst: &[u8], addr: usize, key: &mut Vec<u8>, value: u64, nodes: &mut Vec<Node>, keys: &mut Vec<(String, u64)>) {
    if addr == 0 {
        return keys.push((String::from_utf8_lossy(key).into_owned(), value));
    }
    let node = node(fst, addr);
    if node.is_final {
        keys.push((String::from_utf8_lossy(key).into_owned(), value + node.final_output));
    }
    for (input, output, target) in &node.transitions {
        key.push(*input);
        visit(fst, *target, key, value + output, nodes, keys);
        key.pop();
    }
    nodes.push(node);
}

/// Inputs that have a number in the state byte, from 1.
const COMMON: &[u8] = b"te/oasripcnw.hlm-du012g=:bf3y5&_4v9678k%?xCDASFIBEjPTzRNM+LOqHG";

fn node(fst: &[u8], addr: usize) -> Node {
    // A cursor that moves down from the state byte.
    let mut at = addr;
    let down = |at: &mut usize, len: usize| {
        *at -= len;
        fst[*at..*at + len].iter().rev().fold(0u64, |value, byte| value << 8 | u64::from(*byte))
    };
    let state = fst[addr];
    let low = usize::from(state & 0x3f);
    if state & 0x80 != 0 {
        let input = if low > 0 { COMMON[low - 1] } else { down(&mut at, 1) as u8 };
        let (mut output, mut delta) = (0, 0);
        if state & 0x40 == 0 {
            let sizes = down(&mut at, 1) as usize;
            delta = down(&mut at, sizes >> 4) as usize;
            output = down(&mut at, sizes & 15);
        }
        let target = if state & 0x40 != 0 {
            at - 1
        } else if delta == 0 {
            0
        } else {
            at - delta
        };
        return Node { addr, first: at, is_final: false, final_output: 0, transitions: vec![(input, output, target)] };
    }
    let count = if low > 0 {
        low
    } else {
        [0, 256].get(down(&mut at, 1) as usize).copied().unwrap_or(usize::from(fst[addr - 1]))
    };
    let sizes = down(&mut at, 1) as usize;
    at -= if count > 32 { 256 } else { 0 };
    let inputs: Vec<u8> = (0..count).map(|_| down(&mut at, 1) as u8).collect();
    let deltas: Vec<u64> = (0..count).map(|_| down(&mut at, sizes >> 4)).collect();
    let outputs: Vec<u64> = (0..count).map(|_| down(&mut at, sizes & 15)).collect();
    let is_final = state & 0x40 != 0;
    let final_output = if is_final { down(&mut at, sizes & 15) } else { 0 };
    let target = |delta: u64| if delta == 0 { 0 } else { at - delta as usize };
    let transitions = inputs
        .into_iter()
        .zip(outputs)
        .zip(deltas)
        .map(|((input, output), delta)| (input, output, target(delta)))
        .collect();
    Node { addr, first: at, is_final, final_output, transitions }
}

/// The walk of a node agrees with the `fst` crate where nodes are large, shared and have outputs.
#[test]
fn the_walk_of_an_fst_finds_what_was_put_in() {
    let mut keys: Vec<Vec<u8>> = (0..=127u8).map(|byte| vec![byte]).collect();
    keys.extend((0..3000u32).map(|number| format!("key {:05}", number * 7 % 9001).into_bytes()));
    keys.sort();
    keys.dedup();
    let map = fst::Map::from_iter(keys.iter().zip((0..).map(|place: u64| place * place))).unwrap();
    let bytes = map.as_fst().as_bytes();
    let root = u64::from_le_bytes(bytes[bytes.len() - 12..bytes.len() - 4].try_into().unwrap()) as usize;
    let mut found = Vec::new();
    visit(bytes, root, &mut Vec::new(), 0, &mut Vec::new(), &mut found);
    let expected: Vec<_> =
        (0..).zip(keys).map(|(place, key): (u64, _)| (String::from_utf8(key).unwrap(), place * place)).collect();
    assert_eq!(found, expected);
}

/// Bytes that are printed with notes as they are read.
struct Dump<'a> {
    bytes: &'a [u8],
    at: usize,
    out: String,
}

impl<'a> Dump<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, out: String::new() }
    }

    fn take(&mut self, len: usize, note: &str) -> &'a [u8] {
        let taken = &self.bytes[self.at..self.at + len];
        let mut note = note;
        for line in taken.chunks(16) {
            let hex = line.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
            let printed = format!("{:06x}  {hex:<47}  {note}", self.at);
            writeln!(self.out, "{}", printed.trim_end()).unwrap();
            self.at += line.len();
            note = "";
        }
        taken
    }

    fn number(&mut self, len: usize, value: impl std::fmt::Display, name: &str) {
        self.take(len, &format!("{name} = {value}"));
    }

    fn u8(&mut self, name: &str) -> u8 {
        let value = self.bytes[self.at];
        self.number(1, value, name);
        value
    }

    fn u32(&mut self, name: &str) -> u32 {
        let value = u32::from_le_bytes(self.bytes[self.at..self.at + 4].try_into().unwrap());
        self.number(4, value, name);
        value
    }

    fn u64(&mut self, name: &str) -> u64 {
        let value = u64::from_le_bytes(self.bytes[self.at..self.at + 8].try_into().unwrap());
        self.number(8, value, name);
        value
    }

    /// The varint that comes next and its length, not yet read.
    fn peek(&self) -> (u64, usize) {
        let len = self.bytes[self.at..].iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
        let value =
            self.bytes[self.at..self.at + len].iter().rev().fold(0, |value, byte| value << 7 | u64::from(byte & 0x7f));
        (value, len)
    }

    fn varint(&mut self, name: &str) -> u64 {
        let (value, len) = self.peek();
        self.number(len, value, name);
        value
    }

    fn zigzag(&mut self, name: &str) -> i64 {
        let (raw, len) = self.peek();
        let half = (raw / 2).cast_signed();
        let value = if raw % 2 == 0 { half } else { -half - 1 };
        self.number(len, value, name);
        value
    }

    fn text(&mut self, name: &str) {
        let (len, len_len) = self.peek();
        let start = self.at + len_len;
        let text = std::str::from_utf8(&self.bytes[start..start + len as usize]).unwrap();
        self.take(len_len + len as usize, &format!("{name} = {text:?}"));
    }
}
