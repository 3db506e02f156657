//! Reads the records of a block, one at a time.

use super::{
    CONTENT_HASHES, EXTRA, FIRST_LIST, FIRST_NUMBER, HASH_LEN, NUM_NUMBERS, NUM_VALUES, Number, PLACES_FOLLOW_IDS,
    RARE, SPANS, Text, default_of, uid_of_hash,
};
use crate::error::{Error, Result};
use crate::format::codec::Decoder;
use crate::record::{Place, Record, Source};
use crate::store::column::{ABSENT, Blobs, Numbers, Values, take_text};
use crate::store::{date, rare, span};

/// A field of the source, by its name.
type Extra<'a> = (&'a str, Values<'a>);

/// The records of a block, one at a time.
pub(in crate::store) struct Rows<'a> {
    /// Records in the block.
    pub(in crate::store) num_docs: u64,
    flags: u64,
    values: [Values<'a>; NUM_VALUES],
    numbers: [Numbers<'a>; NUM_NUMBERS],
    hashes: &'a [u8],
    spans: Blobs<'a>,
    rare: Blobs<'a>,
    extras: Vec<Extra<'a>>,
    texts: &'a [u8],
    /// The present record's own parts that no column tells alone.
    hash: &'a [u8],
    title: Option<&'a str>,
    text: &'a str,
    id_number: u64,
    seconds: u64,
    place: (u64, u64),
}

impl<'a> Rows<'a> {
    /// Opens a block, before its first record.
    ///
    /// # Errors
    /// The bytes are no block of records.
    pub(in crate::store) fn open(bytes: &'a [u8]) -> Result<Self> {
        let mut rdr = Decoder::new(bytes);
        let (num_docs, flags) = (rdr.varint()?, rdr.varint()?);
        let mut rows = Self {
            num_docs,
            flags,
            values: std::array::from_fn(|ord| Values::new(&[], ord >= FIRST_LIST, default_of(ord))),
            numbers: [Numbers::new(&[]); NUM_NUMBERS],
            hashes: &[],
            spans: Blobs::new(&[]),
            rare: Blobs::new(&[]),
            extras: Vec::new(),
            texts: &[],
            hash: &[],
            title: None,
            text: "",
            id_number: 0,
            seconds: 0,
            place: (0, 0),
        };
        loop {
            let number = rdr.u8()?;
            if number == 0 {
                break;
            }
            rows.set_column(number, rdr.prefixed()?)?;
        }
        rows.texts = rdr.rest();
        Ok(rows)
    }

    fn set_column(&mut self, number: u8, bytes: &'a [u8]) -> Result<()> {
        match number {
            CONTENT_HASHES => self.hashes = bytes,
            SPANS => self.spans = Blobs::new(bytes),
            RARE => self.rare = Blobs::new(bytes),
            EXTRA => {
                let mut rdr = Decoder::new(bytes);
                let name = rdr.str()?;
                self.extras.push((name, Values::new(rdr.rest(), false, ABSENT)));
            }
            // Columns of later versions are stepped over.
            _ => {
                let ord = usize::from(number);
                if let Some(column) = self.values.get_mut(ord.wrapping_sub(1)) {
                    *column = Values::new(bytes, ord > FIRST_LIST, default_of(ord - 1));
                } else if let Some(column) = self.numbers.get_mut(ord.wrapping_sub(usize::from(FIRST_NUMBER))) {
                    *column = Numbers::new(bytes);
                }
            }
        }
        Ok(())
    }

    /// Goes on to the next record.
    ///
    /// # Errors
    /// A column that does not decode.
    pub(in crate::store) fn advance(&mut self) -> Result<()> {
        self.values.iter_mut().try_for_each(Values::advance)?;
        self.numbers.iter_mut().try_for_each(Numbers::advance)?;
        self.extras.iter_mut().try_for_each(|(_, column)| column.advance())?;
        self.spans.advance()?;
        self.rare.advance()?;
        self.title = match self.texts.split_first() {
            Some((&ABSENT, tail)) => {
                self.texts = tail;
                None
            }
            _ => Some(take_text(&mut self.texts)?),
        };
        self.text = take_text(&mut self.texts)?;

        let id_before = self.id_number;
        let id = self.text_of(Text::Id)?;
        if id.is_some_and(|(_, joined)| joined) {
            self.id_number = id_before.wrapping_add(self.step(Number::Id));
        }
        if self.text_of(Text::Date)?.is_some() {
            self.seconds = self.seconds.wrapping_add(self.delta(Number::Seconds));
        }
        if self.number(Number::PlaceKind) != 0 {
            let gone = if self.flags & PLACES_FOLLOW_IDS == 0 { 0 } else { self.id_number.wrapping_sub(id_before) };
            let start = self.place.1.wrapping_add(gone).wrapping_add(self.delta(Number::PlaceStart));
            self.place = (start, start.wrapping_add(self.delta(Number::PlaceLen)));
        }
        if id.is_none() && self.text_of(Text::Uid)?.is_none() {
            let hash = self.hashes.split_at_checked(HASH_LEN);
            (self.hash, self.hashes) = hash.ok_or_else(|| Error::corrupt("a record has neither id nor hash"))?;
        }
        Ok(())
    }

    #[expect(clippy::indexing_slicing, reason = "there is a column for each of the enum's values")]
    fn column(&self, text: Text) -> &Values<'a> {
        &self.values[text as usize]
    }

    fn text_of(&self, text: Text) -> Result<Option<(&'a str, bool)>> {
        self.column(text).text()
    }

    fn string(&self, text: Text) -> Result<Option<String>> {
        self.column(text).string()
    }

    fn list(&self, text: Text) -> Result<Vec<String>> {
        Ok(self.column(text).list()?.unwrap_or_default())
    }

    #[expect(clippy::indexing_slicing, reason = "there is a column for each of the enum's values")]
    fn number(&self, number: Number) -> u64 {
        self.numbers[number as usize].value
    }

    #[expect(clippy::indexing_slicing, reason = "there is a column for each of the enum's values")]
    fn delta(&self, number: Number) -> u64 {
        self.numbers[number as usize].delta()
    }

    #[expect(clippy::indexing_slicing, reason = "there is a column for each of the enum's values")]
    fn step(&self, number: Number) -> u64 {
        self.numbers[number as usize].step()
    }

    /// First block of the record, and how many it takes, where it stands in blocks of its own.
    pub(in crate::store) fn elsewhere(&self) -> Option<(u64, u64)> {
        let first = self.number(Number::Elsewhere).checked_sub(1)?;
        Some((first, self.number(Number::NumPieces)))
    }

    /// The record's own id.
    fn id(&self) -> Result<Option<String>> {
        Ok(self.text_of(Text::Id)?.map(|(text, joined)| {
            let mut id = text.to_owned();
            if joined {
                id.push_str(&self.id_number.to_string());
            }
            id
        }))
    }

    /// The record's uid; of one that stands elsewhere, as much of it as fits here.
    ///
    /// # Errors
    /// A text that is not UTF-8.
    pub(in crate::store) fn uid(&self) -> Result<String> {
        if let Some(uid) = self.string(Text::Uid)? {
            return Ok(uid);
        }
        let Some(id) = self.id()? else { return Ok(uid_of_hash(self.hash)) };
        let file = self.text_of(Text::SourceFile)?.unwrap_or_default().0;
        let channel = self.text_of(Text::Channel)?.map(|(text, _)| text);
        Ok(Record::uid_of_id(channel, file, &id))
    }

    /// The present record.
    ///
    /// # Errors
    /// A value that does not decode.
    pub(in crate::store) fn record(&self) -> Result<Record> {
        let joined_id = |text: Text, id: &Option<String>| {
            let with_id = |(text, joined)| {
                let id = id.as_deref().filter(|_| joined).unwrap_or_default();
                [text, id].concat()
            };
            self.text_of(text).map(|text| text.map(with_id))
        };
        let id = self.id()?;
        let form = self.text_of(Text::Date)?;
        let date = form.map(|(form, _)| date::decode(form, self.seconds.cast_signed())).transpose()?;
        let spans = span::decode(self.spans.value, self.text)?;
        let place = match self.number(Number::PlaceKind) {
            0 => None,
            1 => Some(Place::Lines(self.place.0, self.place.1)),
            2 => Some(Place::Bytes(self.place.0, self.place.1)),
            _ => return Err(Error::corrupt("an unknown kind of place")),
        };
        let mut record = Record {
            uid: self.uid()?,
            kind: self.string(Text::Kind)?.unwrap_or_default(),
            date,
            author: self.string(Text::Author)?,
            channel: self.string(Text::Channel)?,
            reply_to: self.string(Text::ReplyTo)?,
            thread: joined_id(Text::Thread, &id)?,
            album: self.string(Text::Album)?,
            title: self.title.map(str::to_owned),
            text: self.text.to_owned(),
            tags: self.column(Text::Tags).list()?.unwrap_or_else(|| span::names("hashtag", &spans, self.text)),
            mentions: self.column(Text::Mentions).list()?.unwrap_or_else(|| span::names("mention", &spans, self.text)),
            links: self.column(Text::Links).list()?.unwrap_or_else(|| span::targets(&spans)),
            views: self.number(Number::Views).checked_sub(1),
            edited: self.string(Text::Edited)?,
            flags: self.list(Text::Flags)?,
            dates_mentioned: self.list(Text::DatesMentioned)?,
            lang: self.string(Text::Lang)?,
            url: joined_id(Text::Url, &id)?,
            source: Source { file: self.string(Text::SourceFile)?.unwrap_or_default(), place, copies: Vec::new() },
            id,
            spans,
            ..Record::default()
        };
        for (name, column) in &self.extras {
            record.fields.extend(column.string()?.map(|value| ((*name).to_owned(), value)));
        }
        rare::decode(self.rare.value, &mut record)?;
        Ok(record)
    }
}
