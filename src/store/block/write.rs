//! Writes the records of a block.

use super::{
    CONTENT_HASHES, EXTRA, FIRST_NUMBER, NUM_NUMBERS, NUM_VALUES, Number, PLACES_FOLLOW_IDS, RARE, SPANS, Text,
    default_of, hash_of_uid, short_uid,
};
use crate::format::codec::{put_prefixed, put_str, put_varint};
use crate::record::{Place, Record};
use crate::store::column::{ABSENT, BlobsWriter, DERIVED, END, JOINED, NumbersWriter, ValuesWriter};
use crate::store::{date, rare, span};

/// Most columns for fields of the source; what goes beyond stands with what is rare.
const MAX_EXTRA_COLUMNS: usize = 64;

/// Collects the records of a block.
#[derive(Debug)]
pub(in crate::store) struct BlockWriter {
    num_docs: u64,
    values: [ValuesWriter; NUM_VALUES],
    numbers: [NumbersWriter; NUM_NUMBERS],
    /// The places told by ids; the shorter column of the two is written.
    places_by_id: NumbersWriter,
    hashes: Vec<u8>,
    spans: BlobsWriter,
    rare: BlobsWriter,
    extras: Vec<(String, ValuesWriter)>,
    texts: Vec<u8>,
    id_number: u64,
    seconds: i64,
    place_end: u64,
    scratch: Vec<u8>,
}

impl Default for BlockWriter {
    fn default() -> Self {
        Self {
            num_docs: 0,
            values: std::array::from_fn(|ord| ValuesWriter::new(default_of(ord))),
            numbers: std::array::from_fn(|_| NumbersWriter::default()),
            places_by_id: NumbersWriter::default(),
            hashes: Vec::new(),
            spans: BlobsWriter::default(),
            rare: BlobsWriter::default(),
            extras: Vec::new(),
            texts: Vec::new(),
            id_number: 0,
            seconds: 0,
            place_end: 0,
            scratch: Vec::new(),
        }
    }
}

impl BlockWriter {
    /// Adds the next record.
    pub(in crate::store) fn push(&mut self, record: &Record) {
        let id_before = self.id_number;
        self.push_identity(record);
        self.push_text(Text::Kind, Some(&record.kind));
        match &record.date {
            None => {
                self.push_text(Text::Date, None);
                self.number(Number::Seconds).repeat();
            }
            Some(date) => {
                self.push_text(Text::Date, Some(&date::encode(date)));
                let delta = date.seconds.wrapping_sub(self.seconds).cast_unsigned();
                self.number(Number::Seconds).push_delta(delta);
                self.seconds = date.seconds;
            }
        }
        for (column, text) in [
            (Text::Author, &record.author),
            (Text::Channel, &record.channel),
            (Text::ReplyTo, &record.reply_to),
            (Text::Album, &record.album),
            (Text::Edited, &record.edited),
            (Text::Lang, &record.lang),
        ] {
            self.push_text(column, text.as_deref());
        }
        self.push_joined(Text::Thread, record.thread.as_deref(), record.id.as_deref());
        self.push_joined(Text::Url, record.url.as_deref(), record.id.as_deref());
        self.push_text(Text::SourceFile, Some(&record.source.file));
        self.push_place(record.source.place.as_ref(), self.id_number.wrapping_sub(id_before));
        self.push_lists(record);
        self.number(Number::Views).push(record.views.map_or(0, |views| views.saturating_add(1)));
        self.number(Number::Elsewhere).push(0);
        self.number(Number::NumPieces).repeat();
        self.spans.push(&span::encode(&record.spans, &record.text));
        let extras = self.push_extras(&record.fields);
        self.rare.push(&rare::encode(record, extras));
        match &record.title {
            None => self.texts.push(ABSENT),
            Some(title) => self.put_text(title),
        }
        self.put_text(&record.text);
        self.num_docs += 1;
    }

    /// Adds the next record, which stands in `num_pieces` blocks of its own from `first_block` on.
    pub(in crate::store) fn push_elsewhere(&mut self, uid: &str, first_block: u64, num_pieces: u64) {
        for (column, ord) in self.values.iter_mut().zip(0..) {
            if ord == Text::Id as usize || ord == Text::Date as usize {
                column.push(&[ABSENT]);
            } else if ord != Text::Uid as usize {
                column.repeat();
            }
        }
        self.push_text(Text::Uid, Some(&short_uid(uid)));
        for (column, ord) in self.numbers.iter_mut().zip(0..) {
            match ord {
                ord if ord == Number::PlaceKind as usize => column.push(0),
                ord if ord == Number::Elsewhere as usize => column.push(first_block + 1),
                ord if ord == Number::NumPieces as usize => column.push(num_pieces),
                _ => column.repeat(),
            }
        }
        self.places_by_id.repeat();
        self.extras.iter_mut().for_each(|(_, column)| column.repeat());
        self.spans.push(&[]);
        self.rare.push(&[]);
        self.texts.push(ABSENT);
        self.put_text("");
        self.num_docs += 1;
    }

    /// The block's bytes.
    pub(in crate::store) fn finish(self) -> Vec<u8> {
        let mut buf = Vec::new();
        let mut numbers = self.numbers.map(NumbersWriter::finish);
        let by_id = self.places_by_id.finish();
        let start = numbers.get_mut(Number::PlaceStart as usize).filter(|start| by_id.len() < start.len());
        let follow_ids = start.is_some();
        start.into_iter().for_each(|start| start.clone_from(&by_id));
        put_varint(&mut buf, self.num_docs);
        put_varint(&mut buf, if follow_ids { PLACES_FOLLOW_IDS } else { 0 });
        let mut put = |number: u8, bytes: &[u8]| {
            if !bytes.is_empty() {
                buf.push(number);
                put_prefixed(&mut buf, bytes);
            }
        };
        for (column, number) in self.values.into_iter().zip(1..) {
            put(number, &column.finish());
        }
        for (column, number) in numbers.iter().zip(FIRST_NUMBER..) {
            put(number, column);
        }
        put(CONTENT_HASHES, &self.hashes);
        put(SPANS, &self.spans.finish());
        put(RARE, &self.rare.finish());
        for (name, column) in self.extras {
            let mut bytes = Vec::new();
            put_str(&mut bytes, &name);
            bytes.extend(column.finish());
            put(EXTRA, &bytes);
        }
        buf.push(0);
        buf.extend(self.texts);
        buf
    }

    #[expect(clippy::indexing_slicing, reason = "there is a column for each of the enum's values")]
    fn number(&mut self, number: Number) -> &mut NumbersWriter {
        &mut self.numbers[number as usize]
    }

    /// Adds a text with what ends it.
    #[expect(clippy::indexing_slicing, reason = "there is a column for each of the enum's values")]
    fn push_ended(&mut self, column: Text, text: &str, end: u8) {
        self.scratch.clear();
        self.scratch.extend_from_slice(text.as_bytes());
        self.scratch.push(end);
        self.values[column as usize].push(&self.scratch);
    }

    #[expect(clippy::indexing_slicing, reason = "there is a column for each of the enum's values")]
    fn push_text(&mut self, column: Text, text: Option<&str>) {
        match text {
            Some(text) => self.push_ended(column, text, END),
            None => self.values[column as usize].push(&[ABSENT]),
        }
    }

    /// Adds a text that may end in the record's id.
    fn push_joined(&mut self, column: Text, text: Option<&str>, id: Option<&str>) {
        let stem = text.zip(id.filter(|id| !id.is_empty())).and_then(|(text, id)| text.strip_suffix(id));
        match stem {
            Some(stem) => self.push_ended(column, stem, JOINED),
            None => self.push_text(column, text),
        }
    }

    /// Adds a list, or that the spans give it.
    #[expect(clippy::indexing_slicing, reason = "there is a column for each of the enum's values")]
    fn push_list(&mut self, column: Text, list: &[String], derived: bool) {
        self.scratch.clear();
        if derived {
            self.scratch.push(DERIVED);
        } else {
            for item in list {
                self.scratch.extend_from_slice(item.as_bytes());
                self.scratch.push(END);
            }
            self.scratch.push(ABSENT);
        }
        self.values[column as usize].push(&self.scratch);
    }

    fn push_lists(&mut self, record: &Record) {
        let (spans, text) = (&record.spans, &record.text);
        self.push_list(Text::Tags, &record.tags, record.tags == span::names("hashtag", spans, text));
        self.push_list(Text::Mentions, &record.mentions, record.mentions == span::names("mention", spans, text));
        self.push_list(Text::Links, &record.links, record.links == span::targets(spans));
        self.push_list(Text::Flags, &record.flags, false);
        self.push_list(Text::DatesMentioned, &record.dates_mentioned, false);
    }

    /// Adds id and uid; of the uid what the id and its like do not tell.
    fn push_identity(&mut self, record: &Record) {
        match record.id.as_deref() {
            None => {
                self.push_text(Text::Id, None);
                self.number(Number::Id).repeat();
                let hash = hash_of_uid(&record.uid);
                self.hashes.extend(hash.into_iter().flatten());
                self.push_text(Text::Uid, Some(record.uid.as_str()).filter(|_| hash.is_none()));
            }
            Some(id) => {
                if let Some((stem, number)) = number_at_end(id) {
                    self.push_ended(Text::Id, stem, JOINED);
                    let step = number.wrapping_sub(self.id_number);
                    self.number(Number::Id).push_step(step);
                    self.id_number = number;
                } else {
                    self.push_text(Text::Id, Some(id));
                    self.number(Number::Id).repeat();
                }
                let told = Record::uid_of_id(record.channel.as_deref(), &record.source.file, id);
                self.push_text(Text::Uid, Some(record.uid.as_str()).filter(|uid| *uid != told));
            }
        }
    }

    fn push_place(&mut self, place: Option<&Place>, gone: u64) {
        let (kind, start, end) = match place {
            None => (0, 0, 0),
            Some(Place::Lines(first, last)) => (1, *first, *last),
            Some(Place::Bytes(start, end)) => (2, *start, *end),
        };
        self.number(Number::PlaceKind).push(kind);
        if kind == 0 {
            self.number(Number::PlaceStart).repeat();
            self.number(Number::PlaceLen).repeat();
            self.places_by_id.repeat();
            return;
        }
        let delta = start.wrapping_sub(self.place_end);
        self.number(Number::PlaceStart).push_delta(delta);
        self.places_by_id.push_delta(delta.wrapping_sub(gone));
        self.number(Number::PlaceLen).push_delta(end.wrapping_sub(start));
        self.place_end = end;
    }

    /// Adds the fields of the source to columns of their own, where their order is that of the columns; returns those left.
    fn push_extras<'a>(&mut self, fields: &'a [(String, String)]) -> &'a [(String, String)] {
        let mut next = 0;
        let mut ords = Vec::new();
        for (name, _) in fields {
            let found = self.extras.iter().skip(next).position(|(known, _)| known == name).map(|ord| ord + next);
            let is_new = self.extras.iter().all(|(known, _)| known != name);
            let ord = found.or_else(|| (is_new && self.extras.len() < MAX_EXTRA_COLUMNS).then(|| self.add_extra(name)));
            let Some(ord) = ord else { break };
            ords.push(ord);
            next = ord + 1;
        }
        let (told, left) = fields.split_at_checked(ords.len()).unwrap_or((&[], fields));
        let mut told = told.iter().zip(ords).peekable();
        for (ord, (_, column)) in self.extras.iter_mut().enumerate() {
            match told.next_if(|(_, wanted)| *wanted == ord) {
                None => column.push(&[ABSENT]),
                Some(((_, value), _)) => {
                    self.scratch.clear();
                    self.scratch.extend_from_slice(value.as_bytes());
                    self.scratch.push(END);
                    column.push(&self.scratch);
                }
            }
        }
        left
    }

    /// Starts a column that the records before do not have; returns its place.
    fn add_extra(&mut self, name: &str) -> usize {
        let mut column = ValuesWriter::new(ABSENT);
        (0..self.num_docs).for_each(|_| column.push(&[ABSENT]));
        self.extras.push((name.to_owned(), column));
        self.extras.len() - 1
    }

    fn put_text(&mut self, text: &str) {
        self.texts.extend_from_slice(text.as_bytes());
        self.texts.push(END);
    }
}

/// An id that ends in a decimal number as numbers are written, cut before it.
fn number_at_end(id: &str) -> Option<(&str, u64)> {
    const MAX_DIGITS: usize = 18;
    let num_digits = id.bytes().rev().take_while(u8::is_ascii_digit).take(MAX_DIGITS).count();
    let (stem, digits) = id.split_at_checked(id.len() - num_digits)?;
    let stays = !digits.starts_with('0') || digits.len() == 1;
    stays.then(|| digits.parse().ok()).flatten().map(|number| (stem, number))
}
