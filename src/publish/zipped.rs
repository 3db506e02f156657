//! The zip of a folder: same files, same bytes, and a digest of its own as the comment that ends it.
//!
//! ```text
//! entries, in order of their names │ central directory │ "sha256 of everything before this: " │ 64 hexadecimal digits
//! ```

#![expect(clippy::disallowed_methods, reason = "media are read where they wait")]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use anyhow::Result;
use sha2::{Digest as _, Sha256};

use super::media::MediaFiles;
use super::shard::hex;

/// Before the digest.
const DIGEST_MARK: &str = "sha256 of everything before this: ";

/// Characters of the digest.
const DIGEST_LEN: usize = 64;

/// What ends a zip without a comment (4.3.16): how it begins, and its bytes.
const END_MARK: &[u8] = b"PK\x05\x06";
const END_LEN: usize = 22;

/// Bytes that are hashed at once.
const BUF_LEN: usize = 1 << 16;

/// Writes the zip of these files; returns its length. Names stand in order, and no times of today. Media are packed already, and
/// stored as they are.
///
/// # Errors
/// There are more or longer files than a zip can hold, or it cannot be written.
pub fn write_zip<W: Read + Write + Seek>(
    files: &BTreeMap<String, Vec<u8>>,
    media: &MediaFiles,
    out: &mut W,
) -> Result<u64> {
    let mut zip = zip::ZipWriter::new(Once { inner: &mut *out, failed: None });
    let options =
        zip::write::SimpleFileOptions::default().last_modified_time(zip::DateTime::default()).unix_permissions(0o644);
    let mut names: Vec<&String> = files.keys().chain(media.keys()).collect();
    names.sort();
    for name in names {
        if let Some(bytes) = files.get(name) {
            zip.start_file(name.as_str(), options.compression_method(zip::CompressionMethod::Deflated))?;
            zip.write_all(bytes)?;
        } else if let Some(medium) = media.get(name) {
            let options = options.compression_method(zip::CompressionMethod::Stored);
            zip.start_file(name.as_str(), options.large_file(medium.len > u64::from(u32::MAX)))?;
            io::copy(&mut File::open(&medium.path)?, &mut zip)?;
        }
    }
    zip.set_comment(format!("{DIGEST_MARK}{}", "0".repeat(DIGEST_LEN)))?;
    if let Some(error) = zip.finish()?.failed {
        return Err(error.into());
    }
    let len = out.seek(SeekFrom::End(0))?;
    let mut left = len.saturating_sub(DIGEST_LEN as u64);
    out.seek(SeekFrom::Start(0))?;
    let (mut hasher, mut buf) = (Sha256::new(), vec![0; BUF_LEN]);
    while left > 0 {
        let wanted = buf.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let part = buf.get_mut(..wanted).unwrap_or_default();
        out.read_exact(part)?;
        hasher.update(&*part);
        left -= wanted as u64;
    }
    out.seek(SeekFrom::Start(len.saturating_sub(DIGEST_LEN as u64)))?;
    out.write_all(hex(&hasher.finalize()).as_bytes())?;
    Ok(len)
}

/// A writer that keeps its first failure and swallows what comes after it: a zip that is given up would try to end itself, and print
/// that it cannot.
struct Once<W> {
    inner: W,
    failed: Option<io::Error>,
}

impl<W: Write> Write for Once<W> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        if self.failed.is_none() {
            match self.inner.write_all(buf) {
                Ok(()) => return Ok(buf.len()),
                Err(error) => self.failed = Some(error),
            }
        }
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W: Seek> Seek for Once<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

impl<W: Read> Read for Once<W> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buf)
    }
}

/// Whether the digest that ends a zip is right; `None` where the zip says in its last bytes that it ends with no comment, as after it
/// was packed anew.
///
/// # Errors
/// The zip cannot be read.
pub fn digest_is_right(mut zip: impl io::Read, comment: &[u8]) -> io::Result<Option<bool>> {
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
    if comment.is_empty() {
        // Where more follows what ends the zip, that was a digest, and its length was damaged.
        let end = tail.last_chunk::<END_LEN>().is_some_and(|end| end.starts_with(END_MARK) && end.ends_with(&[0, 0]));
        return Ok(if end { None } else { Some(false) });
    }
    let is_marked = comment.strip_suffix(tail.as_slice()).is_some_and(|before| before == DIGEST_MARK.as_bytes());
    Ok(Some(is_marked && hex(&hasher.finalize()).as_bytes() == tail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn zipped(files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>> {
        let mut out = Cursor::new(Vec::new());
        let len = write_zip(files, &MediaFiles::new(), &mut out)?;
        assert_eq!(out.get_ref().len() as u64, len);
        Ok(out.into_inner())
    }

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
            assert!(!check(&damaged).is_ok_and(|right| right != Some(false)), "byte {at}");
        }
        let end = bytes.len() - DIGEST_LEN - DIGEST_MARK.len() - END_LEN;
        for at in (end..bytes.len()).filter(|at| bytes[*at] != 0) {
            let mut damaged = bytes.clone();
            damaged[at] = 0;
            assert!(!check(&damaged).is_ok_and(|right| right != Some(false)), "byte {at}");
        }
        // The length of the comment stands last before it.
        let zeroed = |from: usize| [&bytes[..from], &vec![0; bytes.len() - from]].concat();
        for from in [end, end + 4, end + END_LEN - 2, end + END_LEN] {
            assert!(!check(&zeroed(from)).is_ok_and(|right| right != Some(false)), "from {from}");
        }
        let packed_anew = [&bytes[..end + END_LEN - 2], &[0, 0]].concat();
        assert_eq!(check(&packed_anew).unwrap(), None);
        assert!(!check(&[bytes.as_slice(), b"\n"].concat()).is_ok_and(|right| right == Some(true)));
    }
}
