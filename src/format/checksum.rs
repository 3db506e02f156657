//! CRC32C, the checksum of header and blocks: `CRC-32/ISCSI`, as in RFC 3720 and as processors compute it.

use crc::{CRC_32_ISCSI, Crc, Table};

/// One table of 1 KB: the faster variants cost the page up to 16 KB that do not compress, to check blocks that take longer to
/// arrive than to check.
const CRC32C: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&CRC_32_ISCSI);

/// The checksum of these bytes, one part after the other.
#[must_use]
pub fn crc32c(parts: &[&[u8]]) -> u32 {
    let mut digest = CRC32C.digest();
    parts.iter().for_each(|part| digest.update(part));
    digest.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_the_catalogue() {
        assert_eq!(crc32c(&[b"123456789"]), 0xe306_9283);
        assert_eq!(crc32c(&[b"1234", b"", b"56789"]), 0xe306_9283);
    }
}
