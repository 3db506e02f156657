//! Builds columns of numbers.

use super::reader::{DOCS_PER_BLOCK, MAX_NUMBER, MAX_SCALE, NumberReader, encode_block, parse};
use crate::error::Result;
use crate::format::Section;
use crate::format::writer::ContainerWriter;

/// Collects the numbers of one column.
#[derive(Debug)]
pub struct NumberWriter {
    name: String,
    /// Digits of each record's number and how many of them stand behind the point.
    numbers: Vec<Option<(i64, u8)>>,
    /// Whether everything that was added is a number.
    is_numeric: bool,
}

impl NumberWriter {
    /// Starts a column.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), numbers: Vec::new(), is_numeric: true }
    }

    /// Adds the number of the next record; one beyond [`MAX_NUMBER`] counts as that.
    pub fn add(&mut self, number: Option<u64>) {
        self.numbers.push(number.map(|number| (i64::try_from(number).unwrap_or(MAX_NUMBER).min(MAX_NUMBER), 0)));
    }

    /// Adds the text of the next record's number; a column of which one text is no number is none.
    pub fn add_text(&mut self, text: Option<&str>) {
        let number = text.map(parse);
        self.is_numeric &= number != Some(None);
        self.numbers.push(number.flatten());
    }

    /// Writes its blocks; returns its part of the root, or nothing where it has no numbers or is no column of numbers.
    ///
    /// # Errors
    /// A block cannot be compressed.
    pub fn finish(self, out: &mut ContainerWriter) -> Result<Option<NumberReader>> {
        let scale = self.numbers.iter().flatten().map(|(_, scale)| *scale).max();
        let (Some(scale), true) = (scale.filter(|scale| *scale <= MAX_SCALE), self.is_numeric) else { return Ok(None) };
        let mut numbers = Vec::with_capacity(self.numbers.len());
        for number in self.numbers {
            let units = number.map(|(digits, of)| digits.saturating_mul(10i64.pow(u32::from(scale - of))));
            if units.is_some_and(|units| !(-MAX_NUMBER..=MAX_NUMBER).contains(&units)) {
                return Ok(None);
            }
            numbers.push(units);
        }
        let first_block = out.num_blocks(Section::Numbers) as u32;
        for block in numbers.chunks(DOCS_PER_BLOCK) {
            out.push(Section::Numbers, &encode_block(block))?;
        }
        Ok(Some(NumberReader { name: self.name, scale, first_block }))
    }
}
