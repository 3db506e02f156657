//! The zip of a folder: same files, same bytes, and a digest of its own as the comment that ends it.
//!
//! ```text
//! entries, in order of their names │ central directory │ "sha256 of everything before this: " │ 64 hexadecimal digits
//! ```

use std::collections::BTreeMap;
use std::io::{self, Cursor, Write as _};

use anyhow::Result;
use sha2::{Digest as _, Sha256};

use super::shard::hex;

/// Before the digest.
const DIGEST_MARK: &str = "sha256 of everything before this: ";

/// Characters of the digest.
const DIGEST_LEN: usize = 64;

/// The zip of these files. Names stand in order, and no times of today.
///
/// # Errors
/// There are more or longer files than a zip can hold.
pub fn zipped(files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644);
    for (name, bytes) in files {
        zip.start_file(name.as_str(), options)?;
        zip.write_all(bytes)?;
    }
    zip.set_comment(format!("{DIGEST_MARK}{}", "0".repeat(DIGEST_LEN)))?;
    let mut bytes = zip.finish()?.into_inner();
    bytes.truncate(bytes.len().saturating_sub(DIGEST_LEN));
    let digest = hex(&Sha256::digest(&bytes));
    bytes.extend_from_slice(digest.as_bytes());
    Ok(bytes)
}

/// Whether the digest that ends a zip is right; `None` where the zip ends with no comment, as after it was packed anew.
///
/// # Errors
/// The zip cannot be read.
pub fn digest_is_right(mut zip: impl io::Read, comment: &[u8]) -> io::Result<Option<bool>> {
    if comment.is_empty() {
        return Ok(None);
    }
    // The last bytes read so far wait until it is known whether more follow.
    let (mut hasher, mut tail, mut chunk) = (Sha256::new(), Vec::new(), vec![0; 1 << 16]);
    loop {
        let len = zip.read(&mut chunk)?;
        if len == 0 {
            break;
        }
        tail.extend_from_slice(chunk.get(..len).unwrap_or_default());
        let sure = tail.len().saturating_sub(DIGEST_LEN);
        hasher.update(tail.get(..sure).unwrap_or_default());
        tail.drain(..sure);
    }
    let is_marked = comment.strip_suffix(tail.as_slice()).is_some_and(|before| before == DIGEST_MARK.as_bytes());
    Ok(Some(is_marked && hex(&hasher.finalize()).as_bytes() == tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_covers_every_byte_and_is_the_end() {
        let files = BTreeMap::from([("a.txt".to_owned(), vec![b'a'; 200_000]), ("b/c.txt".to_owned(), Vec::new())]);
        let bytes = zipped(&files).unwrap();
        assert_eq!(bytes, zipped(&files).unwrap());
        let comment =
            |bytes: &[u8]| zip::ZipArchive::new(Cursor::new(bytes.to_vec())).map(|zip| zip.comment().to_vec());
        let check = |bytes: &[u8]| comment(bytes).map(|comment| digest_is_right(bytes, &comment).unwrap());
        assert_eq!(check(&bytes).unwrap(), Some(true));
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x20;
            // Without a comment, only the sums of the files tell.
            assert!(!check(&damaged).is_ok_and(|right| right == Some(true)), "byte {at}");
        }
        assert!(!check(&[bytes.as_slice(), b"\n"].concat()).is_ok_and(|right| right == Some(true)));
    }
}
