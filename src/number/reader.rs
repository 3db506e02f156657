//! Reads columns of numbers.
//!
//! A number is held as an integer in units of 10 to the power of minus the column's `scale`. A block of `numbers` covers
//! [`DOCS_PER_BLOCK`] records of one column: `[smallest: zigzag varint]`, then for each record a varint, 0 where it has no number,
//! else one more than its number less the smallest.

use crate::error::{Error, Result};
use crate::format::codec::Decoder;
#[cfg(feature = "cli")]
use crate::format::codec::{put_str, put_varint, put_zigzag};
use crate::format::{Container, Fetch, Section};
use crate::record::DocId;

/// Records in a block of a column; fixed by the format.
pub const DOCS_PER_BLOCK: usize = 8192;

/// Largest number, and negated the smallest, in units of its column: what JavaScript counts exactly.
pub const MAX_NUMBER: i64 = (1 << 53) - 1;

/// Most decimals of a column.
pub const MAX_SCALE: u8 = 6;

/// One column's part of the root.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct NumberReader {
    /// Name, as in queries.
    pub name: String,
    /// Decimals of its numbers.
    pub scale: u8,
    /// First block of it in `numbers`.
    pub first_block: u32,
    /// Whether its numbers are dates ([`super::date`]). The root says it apart, for who does not know it reads them as numbers.
    pub is_date: bool,
}

/// The numbers that a typed condition leaves, both ends included.
#[cfg(feature = "more")]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Typed {
    /// Smallest, in units of the column.
    pub min: i64,
    /// Largest, in units of the column.
    pub max: i64,
}

impl NumberReader {
    /// The number of each of the given records, which must be sorted; `None` for those without one.
    pub fn numbers(&self, container: &Container, docs: &[DocId]) -> Fetch<Vec<Option<i64>>> {
        let mut numbers = Some(Vec::with_capacity(docs.len()));
        for run in docs.chunk_by(|a, b| *a as usize / DOCS_PER_BLOCK == *b as usize / DOCS_PER_BLOCK) {
            let Some(first) = run.first() else { continue };
            let block = *first as usize / DOCS_PER_BLOCK;
            match container.block(Section::Numbers, self.first_block as usize + block)? {
                None => numbers = None,
                Some(bytes) => {
                    let block = decode_block(&bytes).map_err(|error| error.at(Section::Numbers.name(), 0))?;
                    let of = |doc: &DocId| block.get(*doc as usize % DOCS_PER_BLOCK).copied().flatten();
                    numbers.iter_mut().for_each(|numbers| numbers.extend(run.iter().map(of)));
                }
            }
        }
        Ok(numbers)
    }

    /// Reads one column's part of the root.
    pub fn decode(rdr: &mut Decoder<'_>) -> Result<Self> {
        let (name, scale, first_block) = (rdr.string()?, rdr.u8()?, rdr.varint_u32()?);
        if scale > MAX_SCALE {
            return Err(Error::corrupt("a column of numbers with too many decimals"));
        }
        Ok(Self { name, scale, first_block, is_date: false })
    }

    /// Appends one column's part of the root.
    #[cfg(feature = "cli")]
    pub fn encode(&self, buf: &mut Vec<u8>) {
        put_str(buf, &self.name);
        buf.push(self.scale);
        put_varint(buf, u64::from(self.first_block));
    }
}

#[cfg(feature = "more")]
impl NumberReader {
    /// What a condition such as `>1000`, `<=5`, `100..500`, `..1.5` or `5` leaves; `None` where it is none.
    #[must_use]
    pub fn typed(&self, text: &str) -> Option<Typed> {
        let (low, high) = (-MAX_NUMBER, MAX_NUMBER);
        // Between two units lies nothing, so that an end that is no whole number of them moves inwards.
        let floor = |text: &str| self.units(text).map(|(units, _)| units);
        let ceil = |text: &str| self.units(text).map(|(units, exact)| units + i64::from(!exact));
        let (min, max) = if let Some(text) = text.strip_prefix(">=") {
            (ceil(text)?, high)
        } else if let Some(text) = text.strip_prefix("<=") {
            (low, floor(text)?)
        } else if let Some(text) = text.strip_prefix('>') {
            (floor(text)? + 1, high)
        } else if let Some(text) = text.strip_prefix('<') {
            (low, ceil(text)? - 1)
        } else if let Some((from, to)) = text.split_once("..") {
            let from = if from.is_empty() { None } else { Some(ceil(from)?) };
            let to = if to.is_empty() { None } else { Some(floor(to)?) };
            if from.is_none() && to.is_none() {
                return None;
            }
            (from.unwrap_or(low), to.unwrap_or(high))
        } else {
            (ceil(text)?, floor(text)?)
        };
        Some(Typed { min, max })
    }

    /// A number in units of the column, rounded down, and whether it is exactly that.
    fn units(&self, text: &str) -> Option<(i64, bool)> {
        let (digits, scale) = parse(text)?;
        let (mut units, mut exact) = (digits, true);
        for _ in scale..self.scale {
            units = units.saturating_mul(10);
        }
        for _ in self.scale..scale {
            exact &= units % 10 == 0;
            units = units.div_euclid(10);
        }
        Some((units.clamp(-MAX_NUMBER - 1, MAX_NUMBER + 1), exact))
    }
}

/// The digits of a decimal number and how many of them stand behind its point: `-1.50` is -150 and 2. `None` where the text is
/// no number, or one of more digits than a column holds.
#[cfg(feature = "more")]
#[must_use]
pub fn parse(text: &str) -> Option<(i64, u8)> {
    let (negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mut value, mut scale, mut behind, mut digits) = (0i64, 0u8, false, 0);
    for byte in rest.bytes() {
        match byte {
            b'0'..=b'9' => {
                value = value.checked_mul(10)?.checked_add(i64::from(byte - b'0'))?;
                scale = scale.checked_add(u8::from(behind))?;
                digits += 1;
            }
            b'.' if !behind && digits > 0 => behind = true,
            _ => return None,
        }
    }
    let whole = digits > 0 && !(behind && scale == 0) && scale <= 18;
    whole.then_some((if negative { -value } else { value }, scale))
}

/// The bytes of a block.
#[cfg(feature = "cli")]
#[must_use]
pub fn encode_block(numbers: &[Option<i64>]) -> Vec<u8> {
    let mut buf = Vec::new();
    let smallest = numbers.iter().flatten().min().copied().unwrap_or_default();
    put_zigzag(&mut buf, smallest);
    for number in numbers {
        put_varint(&mut buf, number.map_or(0, |number| (number - smallest) as u64 + 1));
    }
    buf
}

fn decode_block(bytes: &[u8]) -> Result<Vec<Option<i64>>> {
    let mut rdr = Decoder::new(bytes);
    let smallest = rdr.zigzag()?;
    let mut numbers = Vec::new();
    let fits = |number: &i64| (-MAX_NUMBER..=MAX_NUMBER).contains(number);
    while !rdr.is_empty() && numbers.len() < DOCS_PER_BLOCK {
        let above = rdr.varint()?.checked_sub(1);
        let number =
            above.map(|above| i64::try_from(above).ok().and_then(|above| smallest.checked_add(above)).filter(fits));
        if number == Some(None) {
            return Err(Error::corrupt("a number beyond what a column holds"));
        }
        numbers.push(number.flatten());
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_round_trip_and_hostile_ones_are_refused() {
        for numbers in [
            vec![],
            vec![None],
            vec![Some(-5), None, Some(0), Some(MAX_NUMBER), Some(-MAX_NUMBER)],
            vec![Some(7); 8192],
        ] {
            assert_eq!(decode_block(&encode_block(&numbers)), Ok(numbers));
        }
        let mut beyond = Vec::new();
        put_zigzag(&mut beyond, MAX_NUMBER);
        put_varint(&mut beyond, 2);
        assert!(decode_block(&beyond).is_err());
        let mut beyond = Vec::new();
        put_zigzag(&mut beyond, i64::MIN);
        put_varint(&mut beyond, u64::MAX);
        assert!(decode_block(&beyond).is_err());
    }

    #[test]
    fn conditions_leave_what_they_say() {
        let column = |scale| NumberReader { scale, ..NumberReader::default() };
        let check =
            |scale, text: &str, min, max| assert_eq!(column(scale).typed(text), Some(Typed { min, max }), "{text}");
        let (low, high) = (-MAX_NUMBER, MAX_NUMBER);
        check(0, "5", 5, 5);
        check(0, ">5", 6, high);
        check(0, ">=5", 5, high);
        check(0, "<-5", low, -6);
        check(0, "<=5", low, 5);
        check(0, "5..7", 5, 7);
        check(0, "..7", low, 7);
        check(0, "5..", 5, high);
        check(0, ">1.5", 2, high);
        check(0, "<1.5", low, 1);
        check(0, "-1.5..1.5", -1, 1);
        check(0, "1.5", 2, 1);
        check(2, "1.5", 150, 150);
        check(2, ">1.005", 101, high);
        for text in ["", ">", "a", "1.", ".5", "1..2..3", "..", "1e3", "1,000", "99999999999999999999", "٣"] {
            assert_eq!(column(0).typed(text), None, "{text}");
        }
    }
}
