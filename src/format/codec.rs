//! Little-endian integers, LEB128 varints and strings: [`Decoder`] reads what the `put_…` functions write.
//!
//! Every length is checked against the bytes that are there before anything is allocated.

use crate::error::{Error, ErrorKind, Result};

/// Reads values from the front of a slice. Errors are made only where they occur: one takes memory, and every byte could be one.
#[derive(Clone, Copy, Debug)]
pub struct Decoder<'a> {
    buf: &'a [u8],
}

impl<'a> Decoder<'a> {
    /// Starts at the first byte of `buf`.
    #[must_use]
    pub fn new(buf: &'a [u8]) -> Self {
        Self { buf }
    }

    /// Bytes not yet read.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.buf
    }

    /// True when everything is read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.buf.is_empty()
    }

    /// The next `len` bytes, uncopied.
    pub fn bytes(&mut self, len: usize) -> Result<&'a [u8]> {
        let (head, tail) = self.buf.split_at_checked(len).ok_or_else(|| Error::new(ErrorKind::Truncated))?;
        self.buf = tail;
        Ok(head)
    }

    /// The next `N` bytes as an array.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (head, tail) = self.buf.split_first_chunk::<N>().ok_or_else(|| Error::new(ErrorKind::Truncated))?;
        self.buf = tail;
        Ok(*head)
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// Four bytes, little-endian.
    pub fn u32(&mut self) -> Result<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// Eight bytes, little-endian.
    pub fn u64(&mut self) -> Result<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// An unsigned LEB128 varint of at most ten bytes.
    pub fn varint(&mut self) -> Result<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Error::corrupt("a varint does not fit in 64 bits"))
    }

    /// A varint that must fit in 32 bits.
    pub fn varint_u32(&mut self) -> Result<u32> {
        u32::try_from(self.varint()?).map_err(|_| Error::corrupt("a number does not fit in 32 bits"))
    }

    /// A varint that counts items of at least one byte each, so that it can never exceed the bytes left.
    pub fn count(&mut self) -> Result<usize> {
        let count = self.varint()?;
        if count > self.buf.len() as u64 {
            return Err(Error::new(ErrorKind::Truncated));
        }
        Ok(count as usize)
    }

    /// A zigzag-coded signed varint.
    pub fn zigzag(&mut self) -> Result<i64> {
        let raw = self.varint()?;
        Ok((raw >> 1).cast_signed() ^ -((raw & 1).cast_signed()))
    }

    /// Items after their number, each of at least one byte.
    pub fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let count = self.count()?;
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(read(self)?);
        }
        Ok(items)
    }

    /// Bytes after their length.
    pub fn prefixed(&mut self) -> Result<&'a [u8]> {
        let len = self.count()?;
        self.bytes(len)
    }

    /// UTF-8 after its length.
    pub fn str(&mut self) -> Result<&'a str> {
        std::str::from_utf8(self.prefixed()?).map_err(|_| Error::corrupt("text is not UTF-8"))
    }

    /// UTF-8 after its length, as an owned string.
    pub fn string(&mut self) -> Result<String> {
        self.str().map(str::to_owned)
    }

    /// An optional string: length plus one, zero for none.
    pub fn opt_string(&mut self) -> Result<Option<String>> {
        match self.opt_varint()? {
            None => Ok(None),
            Some(len) => {
                let len = usize::try_from(len).map_err(|_| Error::new(ErrorKind::Truncated))?;
                let text = std::str::from_utf8(self.bytes(len)?);
                text.map(|text| Some(text.to_owned())).map_err(|_| Error::corrupt("text is not UTF-8"))
            }
        }
    }

    /// An optional number: plus one, zero for none.
    pub fn opt_varint(&mut self) -> Result<Option<u64>> {
        Ok(self.varint()?.checked_sub(1))
    }
}

/// Appends a varint; the counterpart of [`Decoder::varint`].
pub fn put_varint(buf: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        buf.push((value as u8) | 0x80);
        value >>= 7;
    }
    buf.push(value as u8);
}

/// Appends a signed number; the counterpart of [`Decoder::zigzag`].
pub fn put_zigzag(buf: &mut Vec<u8>, value: i64) {
    put_varint(buf, ((value << 1) ^ (value >> 63)).cast_unsigned());
}

/// Appends a length and bytes; the counterpart of [`Decoder::prefixed`].
pub fn put_prefixed(buf: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(buf, bytes.len() as u64);
    buf.extend_from_slice(bytes);
}

/// Appends a string; the counterpart of [`Decoder::str`].
pub fn put_str(buf: &mut Vec<u8>, text: &str) {
    put_prefixed(buf, text.as_bytes());
}

/// Appends an optional string; the counterpart of [`Decoder::opt_string`].
pub fn put_opt_str(buf: &mut Vec<u8>, text: Option<&str>) {
    put_opt_varint(buf, text.map(|text| text.len() as u64));
    buf.extend_from_slice(text.unwrap_or_default().as_bytes());
}

/// Appends an optional number, which must be below `u64::MAX`; the counterpart of [`Decoder::opt_varint`].
pub fn put_opt_varint(buf: &mut Vec<u8>, value: Option<u64>) {
    put_varint(buf, value.map_or(0, |value| value.saturating_add(1)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_round_trip_at_their_edges() {
        for value in [0, 1, 127, 128, 16_383, 16_384, u64::from(u32::MAX), u64::MAX - 1, u64::MAX] {
            let mut buf = Vec::new();
            put_varint(&mut buf, value);
            let mut rdr = Decoder::new(&buf);
            assert_eq!(rdr.varint(), Ok(value));
            assert!(rdr.is_empty());
        }
        for value in [0, 1, -1, 63, -64, 64, i64::MIN, i64::MAX] {
            let mut buf = Vec::new();
            put_zigzag(&mut buf, value);
            assert_eq!(Decoder::new(&buf).zigzag(), Ok(value));
        }
    }

    #[test]
    fn an_overlong_varint_is_refused() {
        assert!(Decoder::new(&[0xff; 11]).varint().is_err());
        assert!(Decoder::new(&[0x80; 9]).varint().is_err());
        assert!(Decoder::new(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]).varint().is_err());
    }

    #[test]
    fn a_length_beyond_the_bytes_is_refused_before_it_is_allocated() {
        let mut buf = Vec::new();
        put_varint(&mut buf, u64::MAX / 2);
        assert!(Decoder::new(&buf).str().is_err());
        assert!(Decoder::new(&buf).opt_string().is_err());
        assert!(Decoder::new(&buf).count().is_err());
    }

    #[test]
    fn optional_values_tell_absent_from_empty() {
        for value in [None, Some(""), Some("ё")] {
            let mut buf = Vec::new();
            put_opt_str(&mut buf, value);
            assert_eq!(Decoder::new(&buf).opt_string(), Ok(value.map(str::to_owned)));
        }
    }
}
