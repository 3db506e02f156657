//! What stands in the root before the section table: the archive's title and numbers, and every section's own part.

use crate::error::{Error, Result};
use crate::facet::{FacetReader, GROUP};
use crate::format::codec::Decoder;
#[cfg(feature = "cli")]
use crate::format::codec::{put_prefixed, put_str, put_varint};
use crate::index::IndexRoot;
use crate::number::NumberReader;
use crate::store::{StoreReader, UidsReader};
use crate::time::TimeReader;

/// What an archive knows without loading anything more.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "cli", derive(Default))]
pub struct Root {
    /// Title of the archive.
    pub title: String,
    /// Language of the interface, ISO 639-1.
    pub lang: String,
    /// First and last date, as their sources gave them.
    pub dates: Option<(String, String)>,
    /// What was read from each source.
    pub sources: Vec<SourceAccount>,
    /// Uids.
    pub uids: UidsReader,
    /// Terms and postings.
    pub index: IndexRoot,
    /// Dates.
    pub times: TimeReader,
    /// Facets, in the order in which they divide the archive best.
    pub facets: Vec<FacetReader>,
    /// Columns of numbers.
    pub numbers: Vec<NumberReader>,
    /// Records.
    pub store: StoreReader,
}

impl Root {
    /// The facet of posts that say the same.
    pub(super) fn groups(&self) -> Option<&FacetReader> {
        self.facets.iter().find(|facet| facet.name == GROUP)
    }

    /// Records that say the same as an earlier one in another channel: those of the groups without the first of each.
    #[must_use]
    pub fn num_folded(&self) -> u32 {
        self.groups().map_or(0, |groups| groups.num_records.saturating_sub(groups.num_values))
    }
}

/// What became of the records of one source: in = read + merged + removed + skipped.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SourceAccount {
    /// File name, without folders.
    pub name: String,
    /// Length in bytes.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// Name of the format that it was read as.
    pub format: String,
    /// Records that became records of the archive.
    pub read: u64,
    /// Records merged into one that was there already.
    pub merged: u64,
    /// Records left out on request.
    pub removed: u64,
    /// Records that could not be read; `skipped.jsonl` lists them.
    pub skipped: u64,
    /// Records read whose date could not be: they stand among the undated, with it as a field of the source.
    pub unreadable_dates: u64,
    /// What its reader found out, and what was done on request; sentences for people.
    pub notes: Vec<String>,
    /// Fields that were left out of its records on request.
    pub dropped: Vec<String>,
    /// Places in its records that were made unreadable on request.
    pub redacted: u64,
}

impl SourceAccount {
    /// Records found in the source.
    #[must_use]
    pub fn found(&self) -> u64 {
        self.read + self.merged + self.removed + self.skipped
    }

    /// The digest in hexadecimal.
    #[must_use]
    pub fn sha256_hex(&self) -> String {
        use std::fmt::Write as _;
        self.sha256.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    fn decode(rdr: &mut Decoder<'_>) -> Result<Self> {
        Ok(Self {
            name: rdr.string()?,
            size: rdr.varint()?,
            sha256: rdr.array()?,
            format: rdr.string()?,
            read: rdr.varint()?,
            merged: rdr.varint()?,
            removed: rdr.varint()?,
            skipped: rdr.varint()?,
            unreadable_dates: rdr.varint()?,
            notes: rdr.list(Decoder::string)?,
            dropped: rdr.list(Decoder::string)?,
            redacted: rdr.varint()?,
        })
    }

    #[cfg(feature = "cli")]
    fn encode(&self, buf: &mut Vec<u8>) {
        put_str(buf, &self.name);
        put_varint(buf, self.size);
        buf.extend_from_slice(&self.sha256);
        put_str(buf, &self.format);
        for count in [self.read, self.merged, self.removed, self.skipped, self.unreadable_dates] {
            put_varint(buf, count);
        }
        for list in [&self.notes, &self.dropped] {
            put_varint(buf, list.len() as u64);
            list.iter().for_each(|text| put_str(buf, text));
        }
        put_varint(buf, self.redacted);
    }
}

impl Root {
    /// Reads the root up to the section table.
    ///
    /// # Errors
    /// A part that does not decode.
    pub fn decode(rdr: &mut Decoder<'_>) -> Result<Self> {
        // Fields that later versions add stand at the end of this part, where this version steps over them.
        let mut meta = Decoder::new(rdr.prefixed()?);
        let (title, lang) = (meta.string()?, meta.string()?);
        let dates = match meta.u8()? {
            0 => None,
            _ => Some((meta.string()?, meta.string()?)),
        };
        let sources = meta.list(SourceAccount::decode)?;
        // Containers without columns of dates may end here.
        let of_dates = if meta.is_empty() { Vec::new() } else { meta.list(Decoder::varint)? };
        let (uids, index, times) = (UidsReader::decode(rdr)?, IndexRoot::decode(rdr)?, TimeReader::decode(rdr)?);
        let facets = rdr.list(FacetReader::decode)?;
        let mut numbers = rdr.list(NumberReader::decode)?;
        for (column, place) in numbers.iter_mut().zip(0..) {
            column.is_date = of_dates.contains(&place);
        }
        let store = StoreReader::decode(rdr)?;
        if times.num_dated > store.num_docs() {
            return Err(Error::corrupt("more records have a date than there are records"));
        }
        Ok(Self { title, lang, dates, sources, uids, index, times, facets, numbers, store })
    }

    /// The root's bytes up to the section table.
    #[cfg(feature = "cli")]
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut meta = Vec::new();
        put_str(&mut meta, &self.title);
        put_str(&mut meta, &self.lang);
        meta.push(u8::from(self.dates.is_some()));
        if let Some((first, last)) = &self.dates {
            put_str(&mut meta, first);
            put_str(&mut meta, last);
        }
        put_varint(&mut meta, self.sources.len() as u64);
        self.sources.iter().for_each(|source| source.encode(&mut meta));
        let of_dates: Vec<u64> =
            self.numbers.iter().zip(0..).filter(|(column, _)| column.is_date).map(|(_, place)| place).collect();
        if !of_dates.is_empty() {
            put_varint(&mut meta, of_dates.len() as u64);
            of_dates.iter().for_each(|place| put_varint(&mut meta, *place));
        }

        let mut buf = Vec::new();
        put_prefixed(&mut buf, &meta);
        self.uids.encode(&mut buf);
        self.index.encode(&mut buf);
        self.times.encode(&mut buf);
        put_varint(&mut buf, self.facets.len() as u64);
        self.facets.iter().for_each(|facet| facet.encode(&mut buf));
        put_varint(&mut buf, self.numbers.len() as u64);
        self.numbers.iter().for_each(|numbers| numbers.encode(&mut buf));
        self.store.encode(&mut buf);
        buf
    }
}

#[cfg(all(test, feature = "cli"))]
mod tests {
    use super::*;

    #[test]
    fn round_trip_with_fields_of_a_later_version_stepped_over() {
        let column = |is_date| NumberReader { is_date, ..NumberReader::default() };
        let numbers = vec![column(false), column(true)];
        let root = Root { title: "t".into(), dates: Some(("1963".into(), "2024".into())), numbers, ..Root::default() };
        let mut bytes = root.encode();
        assert_eq!(Root::decode(&mut Decoder::new(&bytes)).as_ref(), Ok(&root));
        let meta_len = usize::from(bytes[0]);
        bytes[0] += 2;
        bytes.splice(1 + meta_len..=meta_len, [7, 7]);
        assert_eq!(Root::decode(&mut Decoder::new(&bytes)), Ok(root));
    }

    #[test]
    fn more_dates_than_records_are_refused() {
        let mut root = Root::default();
        (root.times.num_dated, root.times.per_node, root.times.first_seconds) = (1, 1, vec![0]);
        root.times.runs.push(crate::time::reader::Run { period: crate::time::civil::Period::Year(1963), first_doc: 0 });
        assert!(Root::decode(&mut Decoder::new(&root.encode())).is_err());
    }
}
