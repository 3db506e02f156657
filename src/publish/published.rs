//! Opens what was published, in any form, and gives its blocks.
#![expect(clippy::disallowed_methods, reason = "this is where published files are read")]

mod beside;
mod error;

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::rc::Rc;

pub(super) use self::beside::list;
pub use self::beside::{NoDigest, signed_file};
pub use self::error::{OpenError, OpenErrorKind};
use self::error::{damaged, foreign};

use super::bag;
use super::manifest::{self, Fault, Manifest, Shard};
use super::output::cause;
use super::shard;
use super::single::{self, Parts};
use crate::format::header::{HEADER_LEN, Header, MAGIC};
use crate::format::{BlockRef, block};

/// What a published archive is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// A folder with index.html.
    Folder,
    /// The zip of such a folder.
    Zip,
    /// One html file.
    Single,
    /// The bare container.
    Container,
}

impl Form {
    /// Its name in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Zip => "zip",
            Self::Single => "single html",
            Self::Container => "container",
        }
    }
}

/// The file that names all others.
pub const SUMS: &str = "SHA256SUMS";

/// The signature of that file, where whoever publishes the archive has put one there.
pub const SIGNATURE: &str = "SHA256SUMS.minisig";

/// The script that names the shards.
const MANIFEST: &str = "archive/manifest.js";

/// A file that every published folder has, whatever else is lost.
const CORE: &str = "fonds/core.js";

/// Longest html that is read into memory. Bounds what a hostile file can make us allocate; a page half as long opens nowhere.
const MAX_PAGE_LEN: u64 = 1 << 30;

/// Longest manifest or list of sums that is read into memory: room for a million files.
const MAX_SMALL_LEN: u64 = 128 << 20;

/// Longest script of a shard: its base64, and the call around it.
const MAX_SCRIPT_LEN: u64 = shard::MAX_SHARD_LEN.div_ceil(3) * 4 + 1024;

/// The bytes of a shard, or a sentence that says why there are none.
type Loaded = Result<Rc<[u8]>, String>;

/// A published archive, opened.
#[derive(Debug)]
pub struct Published {
    path: PathBuf,
    /// Where the files of a folder are: in it, or where it is a bag, in its payload.
    root: PathBuf,
    source: Source,
    /// Shards read so far, by name.
    loaded: RefCell<HashMap<String, Loaded>>,
}

#[derive(Debug)]
enum Source {
    Folder(Manifest),
    Zip(Manifest, RefCell<zip::ZipArchive<File>>),
    Single(Manifest, Parts),
    Container(RefCell<File>, u64),
}

impl Published {
    /// Opens a folder, zip, single html or container.
    ///
    /// # Errors
    /// It is none of these, or its manifest is damaged.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let root = if bag::is_bag(path) { path.join(bag::PAYLOAD) } else { path.to_owned() };
        let source = Self::source(&root).map_err(|kind| OpenError::new(path, kind))?;
        Ok(Self { path: path.to_owned(), root, source, loaded: RefCell::default() })
    }

    fn source(path: &Path) -> Result<Source, OpenErrorKind> {
        let metadata = path.metadata()?;
        if metadata.is_dir() {
            return Self::folder(path);
        }
        // Opening a pipe would wait for whoever fills it.
        if !metadata.is_file() {
            return Err(foreign("it is no file"));
        }
        let mut file = File::open(path)?;
        let mut start = [0; 8];
        let len = read_some(&mut file, &mut start)?;
        file.seek(SeekFrom::Start(0))?;
        let start = start.get(..len).unwrap_or_default();
        if start == MAGIC {
            return Ok(Source::Container(RefCell::new(file), metadata.len()));
        }
        // What is called so and begins otherwise may be one whose first bytes are damaged.
        let is_called = |extension: &str| path.extension().is_some_and(|own| own.eq_ignore_ascii_case(extension));
        if start.is_empty() && !is_called("fonds") {
            return Err(foreign("it is empty"));
        }
        if start.starts_with(b"PK") || is_called("zip") {
            return Self::zip(file);
        }
        if start.starts_with(b"<!") || is_called("html") {
            return Self::page(file);
        }
        if is_called("fonds") {
            return Err(damaged("it does not begin as a container does"));
        }
        Err(foreign("it is neither a folder, a zip, a page nor a container"))
    }

    fn folder(path: &Path) -> Result<Source, OpenErrorKind> {
        let read = manifest(|file| read_file(&path.join(file), MAX_SMALL_LEN));
        read.map(Source::Folder).map_err(|fault| {
            let sums = read_file(&path.join(SUMS), MAX_SMALL_LEN).unwrap_or_default();
            let is_ours = path.join(CORE).exists() || String::from_utf8_lossy(&sums).contains(MANIFEST);
            let is_empty = path.read_dir().is_ok_and(|mut entries| entries.next().is_none());
            open_error(fault, is_ours, if is_empty { "the folder is empty" } else { "it has no archive/manifest.js" })
        })
    }

    fn zip(file: File) -> Result<Source, OpenErrorKind> {
        let mut zip =
            zip::ZipArchive::new(file).map_err(|error| damaged(format!("the zip is cut or damaged ({error})")))?;
        match manifest(|file| zip_file(&mut zip, file, MAX_SMALL_LEN)) {
            Ok(manifest) => Ok(Source::Zip(manifest, RefCell::new(zip))),
            Err(fault) => {
                let is_ours = zip.index_for_name(MANIFEST).is_some() || zip.index_for_name(CORE).is_some();
                Err(open_error(fault, is_ours, "the zip has no archive/manifest.js"))
            }
        }
    }

    fn page(file: File) -> Result<Source, OpenErrorKind> {
        let html = read_bounded(file, MAX_PAGE_LEN)?;
        let found = match String::from_utf8(html) {
            Ok(html) => {
                let parts = Parts::new(html);
                match Manifest::read(|name| parts.text(name).map(str::to_owned).ok_or(())) {
                    Ok(manifest) => return Ok(Source::Single(manifest, parts)),
                    Err(Fault::Version(error)) => return Err(error.into()),
                    Err(Fault::Damaged(_)) => return Err(damaged("the manifest in the page is damaged")),
                    Err(Fault::Missing(..)) => single::is_single(parts.html()),
                }
            }
            Err(error) => single::is_single(&String::from_utf8_lossy(error.as_bytes())),
        };
        Err(if found {
            damaged("the page is cut or damaged")
        } else {
            foreign("the page holds none, and of a folder the folder itself is to be named")
        })
    }

    /// What it is.
    #[must_use]
    pub fn form(&self) -> Form {
        match &self.source {
            Source::Folder(_) => Form::Folder,
            Source::Zip(..) => Form::Zip,
            Source::Single(..) => Form::Single,
            Source::Container(..) => Form::Container,
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is a folder in a bag.
    #[must_use]
    pub fn is_bag(&self) -> bool {
        self.root != self.path
    }

    /// The shards, where it has any.
    #[must_use]
    pub fn shards(&self) -> &[Shard] {
        match &self.source {
            Source::Folder(manifest) | Source::Zip(manifest, _) | Source::Single(manifest, _) => &manifest.shards,
            Source::Container(..) => &[],
        }
    }

    /// Length of the container that its parts should make, in bytes.
    #[must_use]
    pub fn container_len(&self) -> u64 {
        match &self.source {
            Source::Folder(manifest) | Source::Zip(manifest, _) | Source::Single(manifest, _) => manifest.len,
            Source::Container(_, len) => *len,
        }
    }

    /// What the manifest says; `None` where there is none.
    #[must_use]
    pub fn manifest(&self) -> Option<&Manifest> {
        match &self.source {
            Source::Folder(manifest) | Source::Zip(manifest, _) | Source::Single(manifest, _) => Some(manifest),
            Source::Container(..) => None,
        }
    }

    /// Where each segment begins, and its length in bytes.
    #[must_use]
    pub fn segments(&self) -> Vec<(u64, u64)> {
        match self.manifest() {
            Some(manifest) => manifest.segments.iter().map(|part| (part.base, part.len)).collect(),
            None => vec![(0, self.container_len())],
        }
    }

    /// Where the segment begins that holds a byte.
    fn base_of(&self, offset: u64) -> u64 {
        let segments = self.manifest().map(|manifest| manifest.segments.as_slice()).unwrap_or_default();
        let behind = segments.partition_point(|part| part.base <= offset);
        behind.checked_sub(1).and_then(|place| segments.get(place)).map_or(0, |part| part.base)
    }

    /// A segment's first bytes: header and root.
    ///
    /// # Errors
    /// They are missing or damaged.
    pub fn head(&self, base: u64) -> Result<Vec<u8>, OpenError> {
        let head = || match self.shard_at(base) {
            Some(first) => self.shard(first).map(|bytes| bytes.to_vec()).map_err(damaged),
            None => self.bytes(0, self.root_of_container()?.end()).map_err(damaged),
        };
        head().map_err(|kind| OpenError::new(&self.path, kind))
    }

    /// The list of what newer segments hide of older ones, and the file that holds it; `None` where there is none.
    ///
    /// # Errors
    /// It is missing or damaged.
    pub fn hidden(&self) -> Result<Option<(String, Vec<u8>)>, OpenError> {
        let Some(name) = self.manifest().and_then(|manifest| manifest.hidden.clone()) else { return Ok(None) };
        // Its length stands nowhere else; it is a block, and no longer than one.
        let part = Shard { name, offset: 0, len: 0 };
        let file = self.name_of(&file_of(&part));
        match self.read_part(&part, None) {
            Ok(bytes) => Ok(Some((file, bytes.to_vec()))),
            Err(reason) => Err(OpenError::new(&self.path, damaged(reason))),
        }
    }

    /// The shard that holds a byte.
    fn shard_at(&self, offset: u64) -> Option<&Shard> {
        let shards = self.shards();
        let place = shards.partition_point(|shard| shard.offset <= offset).checked_sub(1)?;
        shards.get(place)
    }

    /// Where the root stands in a bare container.
    fn root_of_container(&self) -> Result<BlockRef, OpenErrorKind> {
        Ok(Header::decode(&self.bytes(0, HEADER_LEN as u64).map_err(damaged)?)?.root)
    }

    /// The file that holds a segment's first bytes, as people find it.
    #[must_use]
    pub fn name_of_head(&self, base: u64) -> String {
        self.shard_at(base).map_or_else(|| self.path.display().to_string(), |shard| self.name_of(&file_of(shard)))
    }

    /// One block's stored bytes; its place is counted through all segments.
    ///
    /// # Errors
    /// A sentence for the reader: which file is missing or damaged, and what to do.
    pub fn block(&self, block: BlockRef) -> Result<Vec<u8>, String> {
        if matches!(self.source, Source::Container(..)) {
            return self.bytes(block.offset, u64::from(block.len));
        }
        let shard = self.shard_at(block.offset).ok_or("the manifest lists no shard for a block")?;
        let bytes = self.shard(shard)?;
        let start = (block.offset - shard.offset) as usize;
        let found = bytes.get(start..).and_then(|bytes| bytes.get(..block.len as usize));
        let found = found.filter(|found| block::check(block.offset - self.base_of(block.offset), found).is_ok());
        found.map(<[u8]>::to_vec).ok_or_else(|| self.is_damaged(shard))
    }

    /// Whether the bytes behind the root and all these blocks of a bare container, which no checksum covers, are zeros. In the
    /// other forms they lie within files that have a digest.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn padding_is_zero(&self, blocks: impl IntoIterator<Item = BlockRef>) -> Result<bool, OpenError> {
        if !matches!(self.source, Source::Container(..)) {
            return Ok(true);
        }
        let ends = || -> Result<bool, OpenErrorKind> {
            for block in std::iter::once(self.root_of_container()?).chain(blocks) {
                let end = block.end();
                let padding = self.bytes(end, end.next_multiple_of(block::BLOCK_ALIGN) - end).map_err(damaged)?;
                if padding.iter().any(|byte| *byte != 0) {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        ends().map_err(|kind| OpenError::new(&self.path, kind))
    }

    /// A file of the archive as people find it.
    #[must_use]
    pub fn name_of(&self, file: &str) -> String {
        match &self.source {
            Source::Folder(_) => self.root.join(file).display().to_string(),
            Source::Zip(..) => format!("{file} in {}", self.path.display()),
            Source::Single(..) | Source::Container(..) => self.path.display().to_string(),
        }
    }

    fn is_damaged(&self, shard: &Shard) -> String {
        format!("{} is damaged", self.name_of(&file_of(shard)))
    }

    /// The bytes of a shard.
    ///
    /// # Errors
    /// A sentence for the reader.
    pub fn shard(&self, shard: &Shard) -> Loaded {
        if let Some(known) = self.loaded.borrow().get(&shard.name) {
            return known.clone();
        }
        let read = self.read_shard(shard);
        self.loaded.borrow_mut().insert(shard.name.clone(), read.clone());
        read
    }

    fn read_shard(&self, shard: &Shard) -> Loaded {
        self.read_part(shard, Some(shard.len))
    }

    /// The bytes of a part, which is as long as this where that is known.
    fn read_part(&self, shard: &Shard, len: Option<u64>) -> Loaded {
        let is_right = |bytes: &Vec<u8>| len.is_none_or(|len| bytes.len() as u64 == len);
        let name = file_of(shard);
        let script = match &self.source {
            Source::Folder(_) => read_file(&self.root.join(&name), MAX_SCRIPT_LEN),
            Source::Zip(_, zip) => zip_file(&mut zip.borrow_mut(), &name, MAX_SCRIPT_LEN),
            Source::Single(_, parts) => {
                let bytes = parts.bytes(&shard.name).filter(is_right);
                return bytes.map(Into::into).ok_or_else(|| self.is_damaged(shard));
            }
            Source::Container(..) => return Err("a container has no shards".to_owned()),
        };
        let script = script.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => format!("{} is missing", self.name_of(&name)),
            _ => format!("{} cannot be read ({})", self.name_of(&name), cause(&error)),
        })?;
        let bytes = String::from_utf8(script).ok().and_then(|script| shard::payload(&shard.name, &script));
        let bytes = bytes.filter(is_right);
        bytes.map(Into::into).ok_or_else(|| self.is_damaged(shard))
    }

    /// A range of a bare container.
    fn bytes(&self, offset: u64, len: u64) -> Result<Vec<u8>, String> {
        let Source::Container(file, container_len) = &self.source else {
            return Err("shards have no range".to_owned());
        };
        if offset.saturating_add(len) > *container_len {
            return Err("the file is cut".to_owned());
        }
        let mut file = file.borrow_mut();
        let mut bytes = vec![0; len as usize];
        let read = file.seek(SeekFrom::Start(offset)).and_then(|_| file.read_exact(&mut bytes));
        read.map(|()| bytes).map_err(|error| format!("the file cannot be read ({})", cause(&error)))
    }
}

/// The file that holds a shard.
fn file_of(shard: &Shard) -> String {
    format!("archive/{}.js", shard.name)
}

/// Reads the manifest out of the scripts that hold its parts.
fn manifest(mut read: impl FnMut(&str) -> io::Result<Vec<u8>>) -> Result<Manifest, Fault<io::Error>> {
    Manifest::read(|name| {
        let script = read(&format!("archive/{name}.js"))?;
        // What is no script of this name is no JSON either, and damaged.
        let json = std::str::from_utf8(&script).ok().and_then(|script| manifest::json_of(name, script));
        Ok(json.unwrap_or_default().to_owned())
    })
}

/// What a manifest's fault means: damage where the rest shows that fonds made it.
fn open_error(fault: Fault<io::Error>, is_ours: bool, otherwise: &str) -> OpenErrorKind {
    match fault {
        Fault::Version(error) => error.into(),
        Fault::Damaged(name) => damaged(format!("archive/{name}.js is damaged")),
        Fault::Missing(name, error)
            if is_ours || name != manifest::FIRST || error.kind() != io::ErrorKind::NotFound =>
        {
            damaged(format!("archive/{name}.js cannot be read: {}", cause(&error)))
        }
        Fault::Missing(..) => foreign(otherwise),
    }
}

/// Opens a file, and nothing else: a pipe would wait for ever, a device might never end.
fn open_file(path: &Path) -> io::Result<File> {
    if path.metadata()?.is_file() { File::open(path) } else { Err(io::Error::other("it is no file")) }
}

pub(super) fn read_file(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_bounded(open_file(path)?, limit)
}

fn zip_file(zip: &mut zip::ZipArchive<File>, name: &str, limit: u64) -> io::Result<Vec<u8>> {
    read_bounded(zip.by_name(name).map_err(io::Error::from)?, limit)
}

/// Reads to the end, but no more than `limit` bytes, whatever the file says of its length.
fn read_bounded(file: impl io::Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!(
            "it is longer than {limit} bytes, which no such file is that fonds writes"
        )));
    }
    Ok(bytes)
}

fn read_some(file: &mut File, buf: &mut [u8]) -> io::Result<usize> {
    let mut len = 0;
    while let Some(rest) = buf.get_mut(len..).filter(|rest| !rest.is_empty()) {
        match file.read(rest)? {
            0 => break,
            read => len += read,
        }
    }
    Ok(len)
}
