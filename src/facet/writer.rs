//! Builds facets: collects the values of each record, numbers them by frequency, writes values and columns.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::reader::{DOCS_PER_BLOCK, FacetReader, Value, ValueOrd, encode_record, encode_values};
use crate::error::Result;
use crate::format::Section;
use crate::format::writer::ContainerWriter;

/// Raw length at which a block of values ends, in bytes.
const VALUE_BLOCK_LEN: usize = 8 * 1024;

/// Longest value in characters; longer ones are cut and end in an ellipsis. A value is a label to click on: whoever needs the
/// whole field finds it in the record.
const MAX_VALUE_CHARS: usize = 200;

/// Collects the values of one facet.
#[derive(Debug)]
pub struct FacetWriter {
    name: String,
    /// Value → number in order of first appearance.
    ords: BTreeMap<String, u32>,
    /// Values of each record, by that number.
    records: Vec<Vec<u32>>,
}

impl FacetWriter {
    /// Starts a facet.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ords: BTreeMap::new(), records: Vec::new() }
    }

    /// Adds the values of the next record; empty and repeated ones do not count.
    pub fn add<'a>(&mut self, values: impl IntoIterator<Item = &'a str>) {
        let mut record: Vec<u32> = Vec::new();
        for value in values {
            let value = label(value);
            if !value.is_empty() {
                let next = self.ords.len() as u32;
                record.push(*self.ords.entry(value).or_insert(next));
            }
        }
        record.sort_unstable();
        record.dedup();
        self.records.push(record);
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
        let mut counts = vec![0u32; self.ords.len()];
        for value in self.records.iter().flatten() {
            if let Some(count) = counts.get_mut(*value as usize) {
                *count += 1;
            }
        }
        let mut by_count: Vec<(Value, u32)> = self
            .ords
            .into_iter()
            .map(|(text, ord)| (Value { text, count: counts.get(ord as usize).copied().unwrap_or_default() }, ord))
            .collect();
        by_count.sort_by(|(a, _), (b, _)| (Reverse(a.count), &a.text).cmp(&(Reverse(b.count), &b.text)));
        let mut final_ords: Vec<ValueOrd> = vec![0; by_count.len()];
        for ((_, ord), place) in by_count.iter().zip(0..) {
            if let Some(slot) = final_ords.get_mut(*ord as usize) {
                *slot = place;
            }
        }

        let mut root = FacetReader {
            name: self.name,
            num_values: by_count.len() as u32,
            num_records: self.records.iter().filter(|values| !values.is_empty()).count() as u32,
            first_value_block: out.num_blocks(Section::FacetValues) as u32,
            values_per_block: Vec::new(),
            first_column_block: out.num_blocks(Section::FacetColumns) as u32,
        };
        let values: Vec<Value> = by_count.into_iter().map(|(value, _)| value).collect();
        for block in value_blocks(&values) {
            root.values_per_block.push(block.len() as u32);
            out.push(Section::FacetValues, &encode_values(block))?;
        }
        for records in self.records.chunks(DOCS_PER_BLOCK) {
            let mut buf = Vec::new();
            for record in records {
                let mut ords: Vec<ValueOrd> =
                    record.iter().filter_map(|ord| final_ords.get(*ord as usize).copied()).collect();
                ords.sort_unstable();
                encode_record(&ords, &mut buf);
            }
            out.push(Section::FacetColumns, &buf)?;
        }
        Ok(root)
    }
}

/// Values cut into blocks of about [`VALUE_BLOCK_LEN`].
fn value_blocks(values: &[Value]) -> Vec<&[Value]> {
    let mut blocks = Vec::new();
    let mut rest = values;
    while !rest.is_empty() {
        let mut len = 0;
        let fits = |value: &&Value| {
            len += value.text.len() + 3;
            len <= VALUE_BLOCK_LEN
        };
        let count = rest.iter().take_while(fits).count().max(1);
        let (block, tail) = rest.split_at(count);
        blocks.push(block);
        rest = tail;
    }
    blocks
}

/// A value as a facet shows it: one line, without surrounding space, cut where it is very long.
#[must_use]
pub fn label(value: &str) -> String {
    let mut words = value.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = words.char_indices().nth(MAX_VALUE_CHARS) {
        words.truncate(end);
        words.push('…');
    }
    words
}
