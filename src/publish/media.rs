//! Media that are published beside an archive: pictures, recordings and files, under names that follow from their bytes.
//!
//! ```text
//! media/HASH.thumb.jpg   a thumbnail; HASH is of the file that it was made for
//! media/HASH.t.EXT       a copy of a file that has a thumbnail beside it
//! media/HASH.EXT         a copy of a file that has none
//! ```
//!
//! HASH is the first 32 hexadecimal digits of the file's SHA-256, so a file that several posts refer to is there once, and the
//! name says what it was. EXT is the file's own where no browser would run what it means, and `bin` otherwise. `www/dom.js`
//! knows the same names, and shows no others.
#![expect(clippy::disallowed_methods, reason = "this is where media are written")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Result;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::shard::hex;
use super::{output, thumb};
use crate::record::MEDIA_EXTENSIONS;

/// Longest file of which a thumbnail is made, in bytes. Bounds what one picture can make us hold.
pub const MAX_PICTURE_LEN: u64 = 64 << 20;

/// Characters of a hash in a name.
const HASH_LEN: usize = 32;

/// Bytes that are copied at once.
const BUF_LEN: usize = 1 << 16;

/// Files among which thumbnails may be: all that are decoded.
const PICTURES: [&str; 5] = ["jpg", "jpeg", "png", "gif", "webp"];

/// A file that is published as it is.
#[derive(Clone, Debug)]
pub struct MediaFile {
    /// Where it waits.
    pub path: PathBuf,
    /// Its length in bytes.
    pub len: u64,
    /// Its SHA-256.
    pub sha256: [u8; 32],
}

impl MediaFile {
    /// All of it.
    pub(super) fn read(&self) -> io::Result<Vec<u8>> {
        fs::read(&self.path)
    }
}

/// Media by their published names.
pub type MediaFiles = BTreeMap<String, MediaFile>;

/// Takes media in, one after another, to a hidden folder beside the output.
#[derive(Debug)]
pub struct MediaWriter {
    folder: TempDir,
    files: MediaFiles,
}

impl MediaWriter {
    /// A writer that keeps what it takes in a hidden folder within `beside`.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn new(beside: &Path) -> Result<Self> {
        Ok(Self { folder: output::scratch(beside)?, files: MediaFiles::new() })
    }

    /// Takes a thumbnail of a file in, if it holds a picture; gives its published name.
    ///
    /// # Errors
    /// The file cannot be read, or the thumbnail not written.
    pub fn thumbnail(&mut self, file: impl Read) -> io::Result<Option<String>> {
        let Some(bytes) = thumb::read_whole(file)? else { return Ok(None) };
        let name = thumb_name(&hash_of(&Sha256::digest(&bytes).into()));
        Ok(self.put_thumbnail(&name, &bytes)?.then_some(name))
    }

    /// Takes a copy of a file in, and a thumbnail of it or of `preview` where one of them is a picture; gives the name of the copy.
    ///
    /// # Errors
    /// A file cannot be read, or written.
    pub fn copy(&mut self, name: &str, mut file: impl Read, preview: Option<Box<dyn Read + '_>>) -> io::Result<String> {
        let mut staged = tempfile::NamedTempFile::new_in(self.folder.path())?;
        let (mut hasher, mut len, mut buf) = (Sha256::new(), 0, vec![0; BUF_LEN]);
        loop {
            let read = file.read(&mut buf)?;
            if read == 0 {
                break;
            }
            let part = buf.get(..read).unwrap_or_default();
            hasher.update(part);
            staged.write_all(part)?;
            len += read as u64;
        }
        let sha256: [u8; 32] = hasher.finalize().into();
        let (hash, extension) = (hash_of(&sha256), extension_of(name));
        let thumb_name = thumb_name(&hash);
        let is_picture = PICTURES.contains(&extension.as_str());
        let has_thumb = self.files.contains_key(&thumb_name)
            || is_picture
                && thumb::read_whole(File::open(staged.path())?)?
                    .is_some_and(|bytes| self.put_thumbnail(&thumb_name, &bytes).unwrap_or(false))
            || match preview.map(thumb::read_whole).transpose()?.flatten() {
                Some(bytes) => self.put_thumbnail(&thumb_name, &bytes)?,
                None => false,
            };
        let published = format!("media/{hash}{}.{extension}", if has_thumb { ".t" } else { "" });
        if !self.files.contains_key(&published) {
            let path = self.place(&published);
            staged.persist(&path)?;
            self.files.insert(published.clone(), MediaFile { path, len, sha256 });
        }
        Ok(published)
    }

    /// Takes in a file that is published already, under the name that it has. `copy` writes it; `sum` is the SHA-256 that its
    /// archive has noted of it, in hexadecimal.
    ///
    /// # Errors
    /// It cannot be read or written, or is damaged.
    pub fn carry(
        &mut self,
        name: &str,
        sum: &str,
        copy: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
    ) -> io::Result<()> {
        if self.files.contains_key(name) {
            return Ok(());
        }
        let path = self.place(name);
        let mut out = Hashing { file: File::create(&path)?, hasher: Sha256::new(), len: 0 };
        copy(&mut out)?;
        let file = MediaFile { path, len: out.len, sha256: out.hasher.finalize().into() };
        if hex(&file.sha256) != sum {
            return Err(io::Error::other("it is damaged: its SHA-256 is not the one in SHA256SUMS"));
        }
        // Of a thumbnail the name tells what it was made of, not what it is.
        let is_named = name.ends_with(".thumb.jpg")
            || name.strip_prefix("media/").is_some_and(|name| name.starts_with(&sum[..HASH_LEN]));
        if !is_named {
            return Err(io::Error::other("its name is not that of its content"));
        }
        self.files.insert(name.to_owned(), file);
        Ok(())
    }

    /// What was taken in. It is there as long as the writer is.
    #[must_use]
    pub fn files(&self) -> &MediaFiles {
        &self.files
    }

    /// Makes a thumbnail and keeps it, unless it is there already; false where the bytes are no picture.
    fn put_thumbnail(&mut self, name: &str, picture: &[u8]) -> io::Result<bool> {
        if self.files.contains_key(name) {
            return Ok(true);
        }
        let Some(jpeg) = thumb::thumbnail(picture) else { return Ok(false) };
        let path = self.place(name);
        fs::write(&path, &jpeg)?;
        let file = MediaFile { path, len: jpeg.len() as u64, sha256: Sha256::digest(&jpeg).into() };
        self.files.insert(name.to_owned(), file);
        Ok(true)
    }

    /// Where a published file waits.
    fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name.trim_start_matches("media/"))
    }
}

/// A file that is hashed as it is written.
struct Hashing {
    file: File,
    hasher: Sha256,
    len: u64,
}

impl io::Write for Hashing {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let len = self.file.write(buf)?;
        self.hasher.update(buf.get(..len).unwrap_or_default());
        self.len += len as u64;
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn thumb_name(hash: &str) -> String {
    format!("media/{hash}.thumb.jpg")
}

fn hash_of(sha256: &[u8; 32]) -> String {
    hex(sha256).chars().take(HASH_LEN).collect()
}

/// The end of a file's name, if it is one that nothing runs.
fn extension_of(name: &str) -> String {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_lowercase()).unwrap_or_default();
    if MEDIA_EXTENSIONS.contains(&extension.as_str()) { extension } else { "bin".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> Vec<u8> {
        let mut png = io::Cursor::new(Vec::new());
        image::RgbImage::from_pixel(9, 9, image::Rgb([1, 2, 3])).write_to(&mut png, image::ImageFormat::Png).unwrap();
        png.into_inner()
    }

    #[test]
    fn names_follow_from_bytes_and_one_file_is_there_once() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = MediaWriter::new(dir.path()).unwrap();
        let picture = picture();
        let first = writer.copy("photos/a.PNG", &*picture, None).unwrap();
        assert_eq!(writer.copy("photos/b.png", &*picture, None).unwrap(), first);
        let thumb = writer.thumbnail(&*picture).unwrap().unwrap();
        assert_eq!(first.replace(".t.png", ".thumb.jpg"), thumb);
        assert_eq!(writer.files().len(), 2);
        assert_eq!(fs::read(&writer.files()[&first].path).unwrap(), picture);
        // A video has the thumbnail that stands beside it.
        let video = writer.copy("v.mp4", &b"moving"[..], Some(Box::new(&*picture))).unwrap();
        assert!(video.ends_with(".t.mp4") && writer.files().contains_key(&video.replace(".t.mp4", ".thumb.jpg")));
        drop(writer);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_browsers_would_run_is_no_page_any_more() {
        for (name, expected) in [
            ("x.html", "bin"),
            ("x.svg", "bin"),
            ("x", "bin"),
            ("x.JPG", "jpg"),
            ("x.pdf", "bin"),
            ("x.tar.gz", "gz"),
            ("a.b/c", "bin"),
        ] {
            assert_eq!(extension_of(name), expected, "{name}");
        }
    }
}
