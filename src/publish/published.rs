//! Opens what was published, in any form, and gives its blocks.
#![expect(clippy::disallowed_methods, reason = "this is where published files are read")]

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context as _, Result, anyhow, bail};

use super::shard::{self, Manifest, Shard};
use super::single;
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

/// Longest html, zip or script that is read into memory. Bounds what a hostile file can make us allocate.
const MAX_FILE_LEN: u64 = 2 << 30;

/// A published archive, opened.
#[derive(Debug)]
pub struct Published {
    path: PathBuf,
    source: Source,
    /// Shards read so far, by name; `None` where one cannot be read.
    loaded: RefCell<HashMap<String, std::result::Result<Rc<[u8]>, String>>>,
}

#[derive(Debug)]
enum Source {
    Folder(Manifest),
    Zip(Manifest, RefCell<zip::ZipArchive<File>>),
    Single(Manifest, String),
    Container(RefCell<File>, u64),
}

impl Published {
    /// Opens a folder, zip, single html or container.
    ///
    /// # Errors
    /// It is none of these, or its manifest is damaged.
    pub fn open(path: &Path) -> Result<Self> {
        let source = Self::source(path).with_context(|| format!("cannot open {}", path.display()))?;
        Ok(Self { path: path.to_owned(), source, loaded: RefCell::default() })
    }

    fn source(path: &Path) -> Result<Source> {
        if path.is_dir() {
            let script = read_text(&path.join("archive/manifest.js")).context(
                "archive/manifest.js is missing: this is no folder that fonds made, or it was not copied whole",
            )?;
            let damaged = "archive/manifest.js is damaged: copy the folder again";
            return Ok(Source::Folder(Manifest::from_script(&script).context(damaged)?));
        }
        let mut file = File::open(path)?;
        let mut start = [0; 8];
        let len = read_some(&mut file, &mut start)?;
        file.seek(SeekFrom::Start(0))?;
        let start = start.get(..len).unwrap_or_default();
        if start == MAGIC {
            let len = file.metadata()?.len();
            return Ok(Source::Container(RefCell::new(file), len));
        }
        if start.starts_with(b"PK") {
            let mut zip = zip::ZipArchive::new(file).context("the zip is damaged or cut: copy it again")?;
            let script =
                zip_text(&mut zip, "archive/manifest.js").context("this zip holds no archive that fonds made")?;
            let manifest = Manifest::from_script(&script).context("archive/manifest.js in the zip is damaged")?;
            return Ok(Source::Zip(manifest, RefCell::new(zip)));
        }
        if start.starts_with(b"<!") {
            let html = read_text(path)?;
            let json =
                single::part(&html, "manifest").context("this page holds no archive; for a folder, name the folder")?;
            let manifest = Manifest::from_json(json).context("the manifest in this page is damaged")?;
            return Ok(Source::Single(manifest, html));
        }
        bail!("this is no archive that fonds made: it is neither a folder, a zip, a page nor a container")
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

    /// The shards, where it has any.
    #[must_use]
    pub fn shards(&self) -> &[Shard] {
        match &self.source {
            Source::Folder(manifest) | Source::Zip(manifest, _) | Source::Single(manifest, _) => &manifest.shards,
            Source::Container(..) => &[],
        }
    }

    /// The text of a single html.
    #[must_use]
    pub fn html(&self) -> Option<&str> {
        match &self.source {
            Source::Single(_, html) => Some(html),
            _ => None,
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

    /// The container's first bytes: header and root.
    ///
    /// # Errors
    /// They are missing or damaged.
    pub fn head(&self) -> Result<Vec<u8>> {
        if let Some(first) = self.shards().first() {
            return self.shard(first).map(|bytes| bytes.to_vec()).map_err(|reason| anyhow!(reason));
        }
        let header = Header::decode(&self.bytes(0, HEADER_LEN as u64)?)?;
        self.bytes(0, header.root.end())
    }

    /// One block's stored bytes.
    ///
    /// # Errors
    /// A sentence for the reader: which file is missing or damaged, and what to do.
    pub fn block(&self, block: BlockRef) -> std::result::Result<Vec<u8>, String> {
        if matches!(self.source, Source::Container(..)) {
            return self.bytes(block.offset, u64::from(block.len)).map_err(|error| format!("{error:#}"));
        }
        let shards = self.shards();
        let place = shards.partition_point(|shard| shard.offset <= block.offset).checked_sub(1);
        let shard = place.and_then(|place| shards.get(place)).ok_or("the manifest lists no shard for a block")?;
        let bytes = self.shard(shard)?;
        let start = (block.offset - shard.offset) as usize;
        let found = bytes.get(start..).and_then(|bytes| bytes.get(..block.len as usize));
        let found = found.ok_or_else(|| format!("{} is too short: copy it again", self.file_of(shard)))?;
        if block::check(block.offset, found).is_err() {
            return Err(format!("{} is damaged: copy it again", self.file_of(shard)));
        }
        Ok(found.to_vec())
    }

    /// The file that holds a shard.
    fn file_of(&self, shard: &Shard) -> String {
        match &self.source {
            Source::Folder(_) => self.path.join(format!("archive/{}.js", shard.name)).display().to_string(),
            _ => format!("archive/{}.js in {}", shard.name, self.path.display()),
        }
    }

    /// The bytes of a shard.
    ///
    /// # Errors
    /// A sentence for the reader.
    pub fn shard(&self, shard: &Shard) -> std::result::Result<Rc<[u8]>, String> {
        if let Some(known) = self.loaded.borrow().get(&shard.name) {
            return known.clone();
        }
        let read = self.read_shard(shard);
        self.loaded.borrow_mut().insert(shard.name.clone(), read.clone());
        read
    }

    fn read_shard(&self, shard: &Shard) -> std::result::Result<Rc<[u8]>, String> {
        let name = format!("archive/{}.js", shard.name);
        let script = match &self.source {
            Source::Folder(_) => read_text(&self.path.join(&name)),
            Source::Zip(_, zip) => zip_text(&mut zip.borrow_mut(), &name),
            Source::Single(_, html) => {
                let bytes = single::part_bytes(html, &shard.name);
                return bytes
                    .map(Into::into)
                    .ok_or_else(|| format!("{} is damaged: copy it again", self.file_of(shard)));
            }
            Source::Container(..) => return Err("a container has no shards".to_owned()),
        };
        let script = script.map_err(|error| {
            format!("{} cannot be read ({error:#}): was the archive copied whole?", self.file_of(shard))
        })?;
        let bytes = shard::payload(&shard.name, &script).filter(|bytes| bytes.len() as u64 == shard.len);
        bytes.map(Into::into).ok_or_else(|| format!("{} is damaged: copy it again", self.file_of(shard)))
    }

    /// A range of a bare container.
    fn bytes(&self, offset: u64, len: u64) -> Result<Vec<u8>> {
        let Source::Container(file, container_len) = &self.source else { bail!("shards have no range") };
        if offset.saturating_add(len) > *container_len {
            bail!("{} is cut: copy it again", self.path.display());
        }
        let mut file = file.borrow_mut();
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = vec![0; len as usize];
        file.read_exact(&mut bytes).with_context(|| format!("cannot read {}", self.path.display()))?;
        Ok(bytes)
    }

    /// The files of a folder or zip with their bytes, one after the other, in order of their paths.
    ///
    /// # Errors
    /// The folder cannot be listed. A file that cannot be read is given as an error of its own.
    pub fn each_file(&self, mut visit: impl FnMut(&str, Result<Vec<u8>>)) -> Result<()> {
        match &self.source {
            Source::Folder(_) => {
                let mut paths = Vec::new();
                list(&self.path, "", &mut paths)?;
                paths.sort();
                for path in paths {
                    visit(&path, read_bounded(&self.path.join(&path)));
                }
            }
            Source::Zip(_, zip) => {
                let names: Result<Vec<String>, _> =
                    zip.borrow().file_names().map(|name| name.map(Into::into)).collect();
                let mut names = names?;
                names.sort();
                for name in names {
                    visit(&name, zip_bytes(&mut zip.borrow_mut(), &name));
                }
            }
            Source::Single(..) | Source::Container(..) => {}
        }
        Ok(())
    }
}

fn list(folder: &Path, prefix: &str, paths: &mut Vec<String>) -> io::Result<()> {
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

fn read_bounded(path: &Path) -> Result<Vec<u8>> {
    let file = File::open(path)?;
    let len = file.metadata()?.len();
    if len > MAX_FILE_LEN {
        bail!("{} is longer than 2 GiB, which no file that fonds writes is", path.display());
    }
    let mut bytes = Vec::with_capacity(len as usize);
    file.take(MAX_FILE_LEN).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn read_text(path: &Path) -> Result<String> {
    String::from_utf8(read_bounded(path)?).map_err(|_| anyhow!("it is not UTF-8"))
}

fn zip_bytes(zip: &mut zip::ZipArchive<File>, name: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    zip.by_name(name)?.take(MAX_FILE_LEN).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn zip_text(zip: &mut zip::ZipArchive<File>, name: &str) -> Result<String> {
    String::from_utf8(zip_bytes(zip, name)?).map_err(|_| anyhow!("it is not UTF-8"))
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
