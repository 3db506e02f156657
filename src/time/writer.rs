//! Writes the dates of records.

use super::civil::Period;
use super::reader::{DOCS_PER_BLOCK, Moment, Run, TimeReader, encode_block, encode_node};
use super::zone::Zone;
use crate::error::Result;
use crate::format::Section;
use crate::format::writer::ContainerWriter;
use crate::record::{Date, DocId, Precision};

/// Collects the dates of records in the order of their `DocId`s, undated ones last.
#[derive(Debug)]
pub struct TimeWriter {
    root: TimeReader,
    moments: Vec<Moment>,
}

impl TimeWriter {
    /// Starts with the archive's time zone.
    #[must_use]
    pub fn new(zone: Zone) -> Self {
        Self { root: TimeReader { zone, ..TimeReader::default() }, moments: Vec::new() }
    }

    /// The run that a date belongs to.
    #[must_use]
    pub fn period(&self, date: &Date) -> Period {
        self.root.zone.run_of(date)
    }

    /// Adds the date of the next record.
    pub fn add(&mut self, date: &Date) {
        let period = self.period(date);
        if self.root.runs.last().is_none_or(|run| run.period != period) {
            self.root.runs.push(Run { period, first_doc: self.moments.len() as DocId });
        }
        self.root.num_coarse += u32::from(date.precision < Precision::Day);
        self.moments.push(Moment { seconds: date.seconds, precision: date.precision });
    }

    /// Writes the section `times`; returns the dates' part of the root.
    ///
    /// # Errors
    /// A block cannot be compressed.
    pub fn finish(mut self, out: &mut ContainerWriter) -> Result<TimeReader> {
        self.root.num_dated = self.moments.len() as u32;
        for block in self.moments.chunks(DOCS_PER_BLOCK) {
            self.root.first_seconds.extend(block.first().map(|moment| moment.seconds));
            out.push(Section::Times, &encode_block(block))?;
        }
        self.root.per_node = out.paging.per_page as u32;
        if self.root.first_seconds.len() > out.paging.in_root.div_ceil(4) {
            let firsts = std::mem::take(&mut self.root.first_seconds);
            for node in firsts.chunks(out.paging.per_page) {
                self.root.first_seconds.extend(node.first());
                out.push(Section::Times, &encode_node(node))?;
            }
        }
        Ok(self.root)
    }
}
