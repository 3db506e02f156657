//! Builds columns of numbers.

use super::date;
use super::reader::{DOCS_PER_BLOCK, MAX_NUMBER, MAX_SCALE, NumberReader, encode_block, parse};
use crate::error::Result;
use crate::format::Section;
use crate::format::codec::{Decoder, put_varint, put_zigzag};
use crate::format::writer::ContainerWriter;
use crate::time::Moment;

/// Collects the numbers of one column.
#[derive(Debug)]
pub struct NumberWriter {
    name: String,
    /// For each record 0 where it has no number, else 1 more than how many of its digits stand behind the point, and the digits: as
    /// varints, so that millions of records have room.
    column: Vec<u8>,
    /// Most digits behind a point; none while no record has a number.
    scale: Option<u8>,
    /// How many numbers were added as texts, less the texts that are none.
    majority: i64,
    /// Whether any text was added.
    has_texts: bool,
    /// Whether it is one of dates, and so a column whatever its texts are.
    is_date: bool,
}

impl NumberWriter {
    /// Starts a column.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), column: Vec::new(), scale: None, majority: 0, has_texts: false, is_date: false }
    }

    /// Starts a column of dates.
    #[must_use]
    pub fn of_dates(name: &str) -> Self {
        Self { is_date: true, scale: Some(date::SCALE), ..Self::new(name) }
    }

    /// Adds the date of the next record.
    pub fn add_date(&mut self, moment: Option<Moment>) {
        self.push(moment.map(|moment| (date::encode(moment), date::SCALE)));
    }

    /// Adds the number of the next record; one beyond [`MAX_NUMBER`] counts as that.
    pub fn add(&mut self, number: Option<u64>) {
        self.push(number.map(|number| (i64::try_from(number).unwrap_or(MAX_NUMBER).min(MAX_NUMBER), 0)));
    }

    /// Adds the text of the next record's number. A column of which as many texts are none as are numbers is no column of numbers; in
    /// others, records with such a text have no number.
    pub fn add_text(&mut self, text: Option<&str>) {
        let number = text.map(parse);
        self.has_texts |= number.is_some();
        self.majority += number.map_or(0, |number| if number.is_some() { 1 } else { -1 });
        self.push(number.flatten());
    }

    fn push(&mut self, number: Option<(i64, u8)>) {
        let Some((digits, scale)) = number else { return put_varint(&mut self.column, 0) };
        put_varint(&mut self.column, u64::from(scale) + 1);
        put_zigzag(&mut self.column, digits);
        self.scale = self.scale.max(Some(scale));
    }

    /// Writes its blocks; returns its part of the root, or nothing where it has no numbers or is no column of numbers.
    ///
    /// # Errors
    /// A block cannot be compressed.
    pub fn finish(self, out: &mut ContainerWriter) -> Result<Option<NumberReader>> {
        let is_numeric = self.majority > 0 || !self.has_texts;
        let (Some(scale), true) = (self.scale.filter(|scale| *scale <= MAX_SCALE), is_numeric) else {
            return Ok(None);
        };
        let mut blocks = Vec::new();
        let mut rdr = Decoder::new(&self.column);
        while !rdr.is_empty() {
            let mut numbers = Vec::with_capacity(DOCS_PER_BLOCK);
            while numbers.len() < DOCS_PER_BLOCK && !rdr.is_empty() {
                let units = units(&mut rdr, scale)?;
                if units.is_some_and(|units| !(-MAX_NUMBER..=MAX_NUMBER).contains(&units)) {
                    return Ok(None);
                }
                numbers.push(units);
            }
            blocks.push(encode_block(&numbers));
        }
        let first_block = out.num_blocks(Section::Numbers) as u32;
        blocks.iter().try_for_each(|block| out.push(Section::Numbers, block))?;
        Ok(Some(NumberReader { name: self.name, scale, first_block, is_date: self.is_date }))
    }
}

/// The next number of a column, with so many digits behind the point.
fn units(rdr: &mut Decoder<'_>, scale: u8) -> Result<Option<i64>> {
    let Some(of) = rdr.varint()?.checked_sub(1) else { return Ok(None) };
    let more = u32::from(scale).saturating_sub(of as u32);
    Ok(Some(rdr.zigzag()?.saturating_mul(10i64.pow(more))))
}
