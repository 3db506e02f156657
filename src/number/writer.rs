//! Builds columns of numbers.

use super::date;
use super::reader::{DOCS_PER_BLOCK, MAX_NUMBER, MAX_SCALE, NumberReader, encode_block, parse};
use crate::error::Result;
use crate::format::Section;
use crate::format::codec::{Decoder, put_varint, put_zigzag};
use crate::format::writer::ContainerWriter;
use crate::time::Moment;

/// Digits of a number at most; one with more is beyond what an `i64` holds.
const MAX_DIGITS: usize = 18;

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
    /// Whether somebody said that it is one of numbers, and so one whatever its texts are.
    is_said: bool,
    is_date: bool,
}

impl NumberWriter {
    /// Starts a column.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            column: Vec::new(),
            scale: None,
            majority: 0,
            has_texts: false,
            is_said: false,
            is_date: false,
        }
    }

    /// Starts a column of which somebody said that it is one of numbers.
    #[must_use]
    pub fn said(name: &str) -> Self {
        Self { is_said: true, ..Self::new(name) }
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

    /// Adds the text of the next record's number, as [`number_of`] reads it. A column of which as many texts are none as are numbers is
    /// no column of numbers; in others, records with such a text have no number.
    pub fn add_text(&mut self, text: Option<&str>) {
        let number = text.map(number_of);
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
        let is_numeric = self.majority > 0 || !self.has_texts || self.is_said;
        let (Some(scale), true) = (self.scale.filter(|scale| *scale <= MAX_SCALE), is_numeric) else {
            return Ok(None);
        };
        let mut blocks = Vec::new();
        let (mut num_held, mut num_beyond) = (0u64, 0u64);
        let mut rdr = Decoder::new(&self.column);
        while !rdr.is_empty() {
            let mut numbers = Vec::with_capacity(DOCS_PER_BLOCK);
            while numbers.len() < DOCS_PER_BLOCK && !rdr.is_empty() {
                let all = units(&mut rdr, scale)?;
                let held = all.filter(|units| (-MAX_NUMBER..=MAX_NUMBER).contains(units));
                num_held += u64::from(held.is_some());
                num_beyond += u64::from(all.is_some() && held.is_none());
                numbers.push(held);
            }
            blocks.push(encode_block(&numbers));
        }
        // With the decimals of others a number may be too large. As with texts that are none, most decide what the column is.
        if num_beyond > 0 && num_beyond >= num_held && !self.is_said {
            return Ok(None);
        }
        let first_block = out.num_blocks(Section::Numbers) as u32;
        blocks.iter().try_for_each(|block| out.push(Section::Numbers, block))?;
        Ok(Some(NumberReader { name: self.name, scale, first_block, is_date: self.is_date }))
    }
}

/// The digits of a number and how many of them stand behind its point, at most [`MAX_SCALE`]: more are rounded, half of one away from
/// zero. It may be written as JSON writes it, with an exponent. `None` where the text is no number, or one beyond [`MAX_NUMBER`].
#[must_use]
pub fn number_of(text: &str) -> Option<(i64, u8)> {
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (sign, number) = number.strip_prefix('-').map_or(("", number), |number| ("-", number));
    let (whole, behind) = number.split_once('.').unwrap_or((number, "0"));
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || !are_digits(behind) {
        return None;
    }
    // Zeros that say nothing are no decimals of the column either.
    let digits = format!("{whole}{}", behind.trim_end_matches('0'));
    let scale = i64::try_from(digits.len() - whole.len()).ok()? - i64::from(exponent);
    let digits = digits.trim_start_matches('0');
    let num_more = usize::try_from(-scale).unwrap_or(0);
    let num_less = usize::try_from(scale - i64::from(MAX_SCALE)).unwrap_or(0);
    if digits.is_empty() {
        return Some((0, 0));
    }
    if digits.len().saturating_sub(num_less) + num_more > MAX_DIGITS {
        return None;
    }
    let kept = digits.len().saturating_sub(num_less);
    let is_rounded_up =
        num_less > 0 && num_less <= digits.len() && digits.as_bytes().get(kept).is_some_and(|digit| *digit >= b'5');
    let text = format!("{sign}0{}{}", digits.get(..kept)?, "0".repeat(num_more));
    let (value, _) = parse(&text)?;
    let value = if is_rounded_up { value + if sign.is_empty() { 1 } else { -1 } } else { value };
    let scale = u8::try_from(scale.clamp(0, i64::from(MAX_SCALE))).ok()?;
    Some((value, scale)).filter(|(value, _)| (-MAX_NUMBER..=MAX_NUMBER).contains(value))
}

/// The next number of a column, with so many digits behind the point.
fn units(rdr: &mut Decoder<'_>, scale: u8) -> Result<Option<i64>> {
    let Some(of) = rdr.varint()?.checked_sub(1) else { return Ok(None) };
    let more = u32::from(scale).saturating_sub(of as u32);
    Ok(Some(rdr.zigzag()?.saturating_mul(10i64.pow(more))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_tables_write_them() {
        let check = |text: &str, expected| assert_eq!(number_of(text), expected, "{text}");
        check("12", Some((12, 0)));
        check("-1.50", Some((-15, 1)));
        check("007.0", Some((7, 0)));
        check("0", Some((0, 0)));
        check("-0.000", Some((0, 0)));
        check("1e3", Some((1000, 0)));
        check("1.5E+2", Some((150, 0)));
        check("25e-4", Some((25, 4)));
        check("55.7558261", Some((55_755_826, 6)));
        check("0.8439205", Some((843_921, 6)));
        check("-0.8439205", Some((-843_921, 6)));
        check("0.0000005", Some((1, 6)));
        check("1e-9", Some((0, 6)));
        check("1e-999999999", Some((0, 6)));
        check("9007199254740991", Some((MAX_NUMBER, 0)));
        for text in
            ["", "-", ".5", "5.", "1.2.3", "--1", "1e", "e3", "1e3.5", "NaN", "1,5", "1_0", "9007199254740992", "1e99"]
        {
            check(text, None);
        }
    }

    #[test]
    fn most_numbers_decide_what_a_column_is() {
        let column = |texts: &[&str]| {
            let mut writer = NumberWriter::new("n");
            texts.iter().for_each(|text| writer.add_text(Some(text)));
            let mut out = ContainerWriter::default();
            writer.finish(&mut out).unwrap().map(|column| column.scale)
        };
        assert_eq!(column(&["1", "n/a", "2.5"]), Some(1));
        assert_eq!(column(&["1", "n/a"]), None);
        assert_eq!(column(&["0.1234567", "1", "99999999999999999999"]), Some(6));
        // With six decimals there is no room for it.
        assert_eq!(column(&["0.123456", "9007199254740991", "1"]), Some(6));
        assert_eq!(column(&["0.123456", "9007199254740991"]), None);
    }
}
