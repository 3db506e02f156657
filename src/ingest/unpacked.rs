//! What a file unpacks to, within a ratio: whoever packs well enough could keep a reader busy for days.

use std::cell::Cell;
use std::io::{self, BufRead, ErrorKind, Read};
use std::rc::Rc;

/// How many times longer than packed a file may be: as in a zip.
pub(super) const MAX_RATIO: u64 = 250;

/// Length up to which the ratio does not matter.
pub(super) const SMALL_LEN: u64 = 1 << 20;

/// An input that counts what is taken from it.
pub(super) struct Counting<R> {
    inner: R,
    taken: Rc<Cell<u64>>,
}

/// What is unpacked from an input; an error once it is too much for what was taken from that.
pub(super) struct Unpacked<D> {
    decoder: D,
    taken: Rc<Cell<u64>>,
    len: u64,
}

impl<D> Unpacked<D> {
    /// Unpacks `input` by the decoder that `open` makes.
    pub(super) fn new<R>(input: R, open: impl FnOnce(Counting<R>) -> io::Result<D>) -> io::Result<Self> {
        let taken = Rc::new(Cell::new(0));
        let decoder = open(Counting { inner: input, taken: taken.clone() })?;
        Ok(Self { decoder, taken, len: 0 })
    }
}

impl<D: Read> Read for Unpacked<D> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let len = self.decoder.read(buf)?;
        self.len += len as u64;
        if self.len > SMALL_LEN && self.len / MAX_RATIO > self.taken.get() {
            let reason = format!(
                "it unpacks to more than {MAX_RATIO} times its length, which no export does; it is not read any further"
            );
            return Err(io::Error::new(ErrorKind::InvalidData, reason));
        }
        Ok(len)
    }
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let len = self.inner.read(buf)?;
        self.taken.set(self.taken.get() + len as u64);
        Ok(len)
    }
}

impl<R: BufRead> BufRead for Counting<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, len: usize) {
        self.inner.consume(len);
        self.taken.set(self.taken.get() + len as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::bufread::GzDecoder;

    #[test]
    fn what_is_packed_too_well_ends_in_an_error() {
        let packed = |len: u64| {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            io::copy(&mut io::repeat(b' ').take(len), &mut packed).unwrap();
            packed.finish().unwrap()
        };
        let read = |bytes: &[u8]| {
            let unpacked = Unpacked::new(bytes, |input| Ok(GzDecoder::new(input))).unwrap();
            io::copy(&mut { unpacked }, &mut io::sink())
        };
        assert_eq!(read(&packed(SMALL_LEN)).unwrap(), SMALL_LEN);
        assert!(read(&packed(4 * SMALL_LEN)).unwrap_err().to_string().contains("250 times"));
    }
}
