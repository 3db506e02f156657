//! Reads facets.
//!
//! The values of a facet stand in `facet-values`, most frequent first, so that the numbers of frequent ones are short. A block
//! there is `[number: varint]`, then for each value `[value: string] [records that have it: varint]`. A block of
//! `facet-columns` covers [`DOCS_PER_BLOCK`] records of one facet: for each record `[number: varint] [value numbers, ascending:
//! varints]`.

use crate::error::{Error, Result};
use crate::format::codec::Decoder;
#[cfg(feature = "cli")]
use crate::format::codec::{put_str, put_varint};
use crate::format::{Container, Fetch, Section};
use crate::record::DocId;

/// Records in a block of a column; fixed by the format.
pub const DOCS_PER_BLOCK: usize = 8192;

/// Values in a block of them; fixed by the format.
pub const VALUES_PER_BLOCK: usize = 256;

/// Number of a value in its facet: 0 is the most frequent.
pub type ValueOrd = u32;

/// One facet's part of the root.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct FacetReader {
    /// Name, as in addresses and JSON.
    pub name: String,
    /// Number of distinct values.
    pub num_values: u32,
    /// Number of records that have at least one.
    pub num_records: u32,
    /// First block of its values in `facet-values`.
    pub first_value_block: u32,
    /// First block of its column in `facet-columns`.
    pub first_column_block: u32,
}

/// A value and how many records of the whole archive have it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Value {
    /// The value.
    pub text: String,
    /// Records that have it.
    pub count: u32,
}

impl FacetReader {
    /// Every value, by number.
    pub fn values(&self, container: &Container) -> Fetch<Vec<Value>> {
        let mut values = Some(Vec::new());
        for ord in 0..self.num_value_blocks() {
            match self.value_block(container, ord)? {
                Some(block) => values.iter_mut().for_each(|values| values.extend(block.iter().cloned())),
                None => values = None,
            }
        }
        Ok(values)
    }

    /// The first `limit` values: the most frequent ones of the archive.
    pub fn first_values(&self, container: &Container, limit: usize) -> Fetch<Vec<Value>> {
        let mut values = Vec::new();
        for ord in 0..self.num_value_blocks() {
            if values.len() >= limit {
                break;
            }
            let Some(block) = self.value_block(container, ord)? else { return Ok(None) };
            values.extend(block);
        }
        values.truncate(limit);
        Ok(Some(values))
    }

    /// One value by its number.
    #[cfg(feature = "more")]
    pub fn value(&self, container: &Container, ord: ValueOrd) -> Fetch<String> {
        let (block, place) = (ord as usize / VALUES_PER_BLOCK, ord as usize % VALUES_PER_BLOCK);
        let Some(values) = self.value_block(container, block)? else { return Ok(None) };
        let value = values.into_iter().nth(place).ok_or(Error::corrupt("a facet has no such value"))?;
        Ok(Some(value.text))
    }

    fn num_value_blocks(&self) -> usize {
        (self.num_values as usize).div_ceil(VALUES_PER_BLOCK)
    }

    fn value_block(&self, container: &Container, ord: usize) -> Fetch<Vec<Value>> {
        let num_values = (self.num_values as usize - ord * VALUES_PER_BLOCK).min(VALUES_PER_BLOCK);
        let ord = self.first_value_block as usize + ord;
        let Some(bytes) = container.block(Section::FacetValues, ord)? else { return Ok(None) };
        decode_values(&bytes, num_values).map(Some).map_err(|error| error.at(Section::FacetValues.name(), 0))
    }

    /// Calls `visit` with each of the given records, which must be sorted, and its values. Answers `None`, having visited
    /// only some, while blocks are missing.
    pub fn visit(&self, container: &Container, docs: &[DocId], mut visit: impl FnMut(DocId, &[ValueOrd])) -> Fetch<()> {
        let mut whole = Some(());
        for run in docs.chunk_by(|a, b| *a as usize / DOCS_PER_BLOCK == *b as usize / DOCS_PER_BLOCK) {
            let Some(first) = run.first() else { continue };
            let block = *first as usize / DOCS_PER_BLOCK;
            let ord = self.first_column_block as usize + block;
            match container.block(Section::FacetColumns, ord)? {
                None => whole = None,
                Some(bytes) => self
                    .visit_block(&bytes, (block * DOCS_PER_BLOCK) as DocId, run, &mut visit)
                    .map_err(|error| error.at(Section::FacetColumns.name(), 0))?,
            }
        }
        Ok(whole)
    }

    fn visit_block(
        &self,
        bytes: &[u8],
        first_doc: DocId,
        docs: &[DocId],
        visit: &mut impl FnMut(DocId, &[ValueOrd]),
    ) -> Result<()> {
        let mut rdr = Decoder::new(bytes);
        let mut wanted = docs.iter().peekable();
        let mut values = Vec::new();
        for doc in first_doc.. {
            let Some(next) = wanted.peek() else { return Ok(()) };
            values.clear();
            for _ in 0..rdr.count()? {
                let value = rdr.varint_u32()?;
                if value >= self.num_values {
                    return Err(Error::corrupt("a record has a value that its facet does not have"));
                }
                values.push(value);
            }
            if **next == doc {
                visit(doc, &values);
                wanted.next();
            }
        }
        Ok(())
    }

    /// Reads one facet's part of the root.
    pub fn decode(rdr: &mut Decoder<'_>) -> Result<Self> {
        let name = rdr.string()?;
        let num_values = rdr.varint_u32()?;
        let num_records = rdr.varint_u32()?;
        let first_value_block = rdr.varint_u32()?;
        let first_column_block = rdr.varint_u32()?;
        Ok(Self { name, num_values, num_records, first_value_block, first_column_block })
    }

    /// Appends one facet's part of the root.
    #[cfg(feature = "cli")]
    pub fn encode(&self, buf: &mut Vec<u8>) {
        put_str(buf, &self.name);
        put_varint(buf, u64::from(self.num_values));
        put_varint(buf, u64::from(self.num_records));
        put_varint(buf, u64::from(self.first_value_block));
        put_varint(buf, u64::from(self.first_column_block));
    }
}

/// The bytes of a block of values.
#[cfg(feature = "cli")]
#[must_use]
pub fn encode_values<'a>(values: impl ExactSizeIterator<Item = &'a Value>) -> Vec<u8> {
    let mut buf = Vec::new();
    put_varint(&mut buf, values.len() as u64);
    for value in values {
        put_str(&mut buf, &value.text);
        put_varint(&mut buf, u64::from(value.count));
    }
    buf
}

fn decode_values(bytes: &[u8], num_values: usize) -> Result<Vec<Value>> {
    let values = Decoder::new(bytes).list(|rdr| Ok(Value { text: rdr.string()?, count: rdr.varint_u32()? }))?;
    if values.len() != num_values {
        return Err(Error::corrupt("a block holds more or fewer values than the root says"));
    }
    Ok(values)
}

/// Appends one record's values, which must be ascending, to a column.
#[cfg(feature = "cli")]
pub fn encode_record(values: &[usize], buf: &mut Vec<u8>) {
    put_varint(buf, values.len() as u64);
    for value in values {
        put_varint(buf, *value as u64);
    }
}
