//! What lies beside the shards of a published archive: sums, the owner's words, media; and what proves that all of it is whole.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::super::manifest::{self, Manifest, Shard};
use super::super::output::cause;
use super::super::owner::Owner;
use super::super::shard::hex;
use super::super::{bag, page, single, zipped};
use super::error::damaged;
use super::{MAX_SMALL_LEN, OpenError, OpenErrorKind, Published, SUMS, Source, open_file, read_file, zip_file};

/// The script that holds what the owner says.
const OWNER: &str = "fonds/owner.js";

/// How many times longer than packed a medium of a zip may be, beyond [`MAX_SMALL_LEN`]. fonds does not pack media, which hardly get
/// smaller; what deflate packs to a thousandth is made to fill a disk.
const MAX_MEDIA_RATIO: u64 = 8;

impl Published {
    /// A file of a folder or zip that is short by its nature; `None` where it is not there.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn small_file(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let read = match &self.source {
            Source::Folder(_) => read_file(&self.root.join(name), MAX_SMALL_LEN),
            Source::Zip(_, zip) => zip_file(&mut zip.borrow_mut(), name, MAX_SMALL_LEN),
            Source::Single(..) | Source::Container(..) => return Ok(None),
        };
        match read {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    }

    /// What the owner says of the archive, and how it is to look; nothing where a container has no place for it.
    ///
    /// # Errors
    /// What is there cannot be read, or is none that fonds wrote.
    pub fn owner(&self) -> Result<Owner, OpenError> {
        let read = || -> Result<Owner, OpenErrorKind> {
            let (part, html) = match &self.source {
                Source::Folder(_) | Source::Zip(..) => {
                    let Some(script) = self.small_file(OWNER)? else { return Ok(Owner::default()) };
                    let script = String::from_utf8(script).unwrap_or_default();
                    let part = manifest::json_of("owner", &script).unwrap_or_default().to_owned();
                    (part, String::from_utf8_lossy(&self.small_file("index.html")?.unwrap_or_default()).into_owned())
                }
                Source::Single(_, parts) => match parts.text("owner") {
                    Some(part) => (part.to_owned(), parts.html().to_owned()),
                    None => return Ok(Owner::default()),
                },
                Source::Container(..) => return Ok(Owner::default()),
            };
            let owner = Owner::from_json(&part)
                .map_err(|cause| damaged(format!("what its owner says of it cannot be read ({cause})")))?;
            let (logo, sheet) = page::read_back(&html);
            Ok(Owner { logo, sheet, ..owner })
        };
        read().map_err(|kind| OpenError::new(&self.path, kind))
    }

    /// Writes a published file of a folder or zip, or a thumbnail of a single html, however long, to `out`.
    ///
    /// # Errors
    /// There is no such file, or it is a link; or it cannot be read or written.
    pub fn copy_file(&self, name: &str, out: &mut dyn io::Write) -> io::Result<()> {
        match &self.source {
            Source::Folder(_) => {
                let path = self.root.join(name);
                if !path.symlink_metadata()?.is_file() {
                    return Err(io::Error::other("it is no file"));
                }
                io::copy(&mut File::open(path)?, out)?;
            }
            Source::Zip(_, zip) => {
                let mut zip = zip.borrow_mut();
                let file = zip.by_name(name).map_err(io::Error::from)?;
                let limit = file.compressed_size().saturating_mul(MAX_MEDIA_RATIO).saturating_add(MAX_SMALL_LEN);
                if io::copy(&mut file.take(limit + 1), out)? > limit {
                    return Err(io::Error::other("it is packed so small as no medium is"));
                }
            }
            Source::Single(_, parts) => {
                let bytes = Some(name).filter(|name| single::is_thumbnail(name)).and_then(|name| parts.bytes(name));
                out.write_all(&bytes.ok_or(io::ErrorKind::NotFound)?)?;
            }
            Source::Container(..) => return Err(io::ErrorKind::NotFound.into()),
        }
        Ok(())
    }

    /// The digests that `SHA256SUMS` has, by file; of a single html those of its thumbnails; empty where there is none.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn sums(&self) -> io::Result<BTreeMap<String, String>> {
        if let Source::Single(_, parts) = &self.source {
            let thumbnails = parts.names().filter(|name| single::is_thumbnail(name));
            let sum = |name: &str| Some((name.to_owned(), hex(&Sha256::digest(parts.bytes(name)?))));
            return Ok(thumbnails.filter_map(sum).collect());
        }
        let sums = self.small_file(SUMS)?.unwrap_or_default();
        let lines = String::from_utf8_lossy(&sums);
        Ok(lines
            .lines()
            .filter_map(|line| line.split_once("  "))
            .map(|(sum, name)| (name.into(), sum.into()))
            .collect())
    }

    /// Paths of the files of a folder.
    ///
    /// # Errors
    /// It cannot be listed.
    pub fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        if let Source::Folder(_) = &self.source {
            list(&self.root, "", &mut names)?;
        }
        Ok(names)
    }

    /// The files of a folder or zip and the SHA-256 of each in hexadecimal, in order of their paths.
    ///
    /// # Errors
    /// The folder cannot be listed. A file that cannot be read, or is a link, is given with an error of its own.
    pub fn digests(&self) -> io::Result<Vec<(String, Result<String, NoDigest>)>> {
        let mut names = Vec::new();
        match &self.source {
            Source::Folder(_) => list(&self.root, "", &mut names)?,
            Source::Zip(_, zip) => {
                let zip = zip.borrow();
                let all: Result<Vec<String>, _> = zip.file_names().map(|name| name.map(Into::into)).collect();
                names = all.map_err(io::Error::from)?;
            }
            Source::Single(..) | Source::Container(..) => {}
        }
        names.sort();
        let digest = |name: &String| match &self.source {
            Source::Zip(_, zip) => Ok(zip.borrow_mut().by_name(name).map_err(io::Error::from).and_then(digest)?),
            _ if self.root.join(name).is_symlink() => Err(NoDigest::Link),
            _ => Ok(open_file(&self.root.join(name)).and_then(digest)?),
        };
        Ok(names
            .into_iter()
            .map(|name| {
                let digest = digest(&name);
                (name, digest)
            })
            .collect())
    }

    /// What proves an archive: its container's SHA-256, or that of the names of several, in hexadecimal digits. It is made of the
    /// bytes, whatever the manifest says; its beginning is what the archive is called by.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn sha256(&self) -> Result<String, String> {
        let Some(manifest) = self.manifest() else {
            let file = open_file(&self.root).and_then(digest);
            return file.map_err(|error| format!("{} cannot be read ({})", self.path.display(), cause(&error)));
        };
        let mut segments = Vec::new();
        for part in &manifest.segments {
            let mut segment = manifest.segment(part);
            let mut hasher = Sha256::new();
            for shard in &segment.shards {
                let shard = Shard { offset: shard.offset + part.base, ..shard.clone() };
                hasher.update(&self.shard(&shard)?);
            }
            segment.sha256 = hex(&hasher.finalize());
            segment.archive = manifest::short_name(&segment.sha256);
            segment.segments.iter_mut().for_each(|part| part.archive.clone_from(&segment.archive));
            segments.push(segment);
        }
        let hidden = self.hidden().map_err(|error| error.to_string())?.map(|(_, list)| list);
        Ok(Manifest::joined(segments, &manifest.title, &manifest.lang, hidden.as_deref()).sha256)
    }

    /// What its page shows as the archive's SHA-256, whole and shortened; nothing of what has no page, or one that cannot be read,
    /// which `SHA256SUMS` tells.
    #[must_use]
    pub fn names_on_page(&self) -> Vec<String> {
        let html = match &self.source {
            Source::Folder(_) | Source::Zip(..) => self.small_file("index.html").ok().flatten().unwrap_or_default(),
            Source::Single(_, parts) => return page::names(parts.html()),
            Source::Container(..) => return Vec::new(),
        };
        page::names(&String::from_utf8_lossy(&html))
    }

    /// Whether it is a zip.
    #[must_use]
    pub const fn is_zip(&self) -> bool {
        matches!(self.source, Source::Zip(..))
    }

    /// Whether the digest that a zip or single html carries is right; `None` where it has none.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn own_digest_is_right(&self) -> io::Result<Option<bool>> {
        match &self.source {
            Source::Folder(_) | Source::Container(..) => Ok(None),
            Source::Zip(_, zip) => zipped::digest_is_right(File::open(&self.path)?, zip.borrow().comment()),
            Source::Single(_, parts) => Ok(Some(single::digest_is_right(parts.html()))),
        }
    }
}

/// Why a published file has no digest.
#[derive(Debug)]
pub enum NoDigest {
    /// It is a link. What it leads to is no part of the archive, whatever it holds: it changes without it, and is not where the
    /// archive is copied to.
    Link,
    /// It cannot be read.
    Unread(io::Error),
}

impl From<io::Error> for NoDigest {
    fn from(error: io::Error) -> Self {
        Self::Unread(error)
    }
}

/// As what is said of the file.
impl fmt::Display for NoDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link => f.write_str("is a link, and fonds publishes none: put the file itself there, or remove it"),
            Self::Unread(error) => write!(f, "cannot be read: {}", cause(error)),
        }
    }
}

/// The file that is signed for a whole archive.
#[must_use]
pub fn signed_file(path: &Path) -> PathBuf {
    match path {
        path if bag::is_bag(path) => path.join(bag::TAG_MANIFEST),
        path if path.is_dir() => path.join(SUMS),
        path => path.to_owned(),
    }
}

/// Paths of the files below a folder. Links count as files: nothing outside of the folder is listed.
pub(in crate::publish) fn list(folder: &Path, prefix: &str, paths: &mut Vec<String>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            list(&entry.path(), &format!("{name}/"), paths)?;
        } else {
            paths.push(name);
        }
    }
    Ok(())
}

fn digest(mut file: impl io::Read) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; 1 << 16];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(hex(&hasher.finalize())),
            len => hasher.update(chunk.get(..len).unwrap_or_default()),
        }
    }
}
