//! Builds facets: collects the values of each record, numbers them by frequency, writes values and columns.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashMap;

use super::reader::{DOCS_PER_BLOCK, FacetReader, VALUES_PER_BLOCK, Value, ValueOrd, encode_record, encode_values};
use crate::error::Result;
use crate::format::Section;
use crate::format::codec::{Decoder, put_varint};
use crate::format::writer::ContainerWriter;

/// Longest value in characters; longer ones are cut and end in an ellipsis. A value is a label to click on: whoever needs the
/// whole field finds it in the record.
const MAX_VALUE_CHARS: usize = 200;

/// Collects the values of one facet.
#[derive(Debug)]
pub struct FacetWriter {
    name: String,
    /// Value → number in order of first appearance. What is written is in another order, so that of the map reaches no file.
    ords: HashMap<String, u32>,
    /// Records that have each value, by that number.
    counts: Vec<u32>,
    num_records: u32,
    /// For each record, how many values it has and their numbers, as varints: millions of records have room.
    column: Vec<u8>,
    /// Values of the record at hand.
    values: Vec<u32>,
}

impl FacetWriter {
    /// Starts a facet.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ords: HashMap::new(),
            counts: Vec::new(),
            num_records: 0,
            column: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Adds the values of the next record; empty and repeated ones do not count.
    pub fn add<'a>(&mut self, values: impl IntoIterator<Item = &'a str>) {
        self.values.clear();
        for value in values {
            let value = label(value);
            if value.is_empty() {
                continue;
            }
            let ord = self.ords.get(value.as_ref()).copied().unwrap_or_else(|| {
                let next = self.counts.len() as u32;
                self.ords.insert(value.into_owned(), next);
                self.counts.push(0);
                next
            });
            if !self.values.contains(&ord) {
                self.values.push(ord);
            }
        }
        self.num_records += u32::from(!self.values.is_empty());
        put_varint(&mut self.column, self.values.len() as u64);
        for ord in &self.values {
            put_varint(&mut self.column, u64::from(*ord));
            if let Some(count) = self.counts.get_mut(*ord as usize) {
                *count += 1;
            }
        }
    }

    /// How many records have each value, in order of first appearance.
    #[must_use]
    pub fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// True when no record has a value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ords.is_empty()
    }

    /// Writes its blocks; returns its part of the root.
    ///
    /// # Errors
    /// A block cannot be compressed, or is too long.
    pub fn finish(self, out: &mut ContainerWriter) -> Result<FacetReader> {
        let count_of = |ord: u32| self.counts.get(ord as usize).copied().unwrap_or_default();
        let mut by_count: Vec<(Value, u32)> =
            self.ords.into_iter().map(|(text, ord)| (Value { text, count: count_of(ord) }, ord)).collect();
        by_count.sort_by(|(a, _), (b, _)| (Reverse(a.count), &a.text).cmp(&(Reverse(b.count), &b.text)));
        let mut final_ords: Vec<ValueOrd> = vec![0; by_count.len()];
        for ((_, ord), place) in by_count.iter().zip(0..) {
            if let Some(slot) = final_ords.get_mut(*ord as usize) {
                *slot = place;
            }
        }

        let root = FacetReader {
            name: self.name,
            num_values: by_count.len() as u32,
            num_records: self.num_records,
            first_value_block: out.num_blocks(Section::FacetValues) as u32,
            first_column_block: out.num_blocks(Section::FacetColumns) as u32,
        };
        for block in by_count.chunks(VALUES_PER_BLOCK) {
            out.push(Section::FacetValues, &encode_values(block.iter().map(|(value, _)| value)))?;
        }
        let mut rdr = Decoder::new(&self.column);
        while !rdr.is_empty() {
            let mut buf = Vec::new();
            for _ in 0..DOCS_PER_BLOCK {
                if rdr.is_empty() {
                    break;
                }
                let mut ords = rdr.list(|rdr| Ok(rdr.varint()? as usize))?;
                ords.iter_mut().for_each(|ord| *ord = final_ords.get(*ord).copied().unwrap_or_default() as usize);
                ords.sort_unstable();
                encode_record(&ords, &mut buf);
            }
            out.push(Section::FacetColumns, &buf)?;
        }
        Ok(root)
    }
}

/// A value as a facet shows it: one line, without surrounding space, cut where it is very long.
#[must_use]
pub fn label(value: &str) -> Cow<'_, str> {
    let is_one_line =
        value.trim() == value && !value.contains(|c: char| c.is_whitespace() && c != ' ') && !value.contains("  ");
    if is_one_line && value.len() <= MAX_VALUE_CHARS {
        return Cow::Borrowed(value);
    }
    let mut words = value.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = words.char_indices().nth(MAX_VALUE_CHARS) {
        words.truncate(end);
        words.push('…');
    }
    Cow::Owned(words)
}
