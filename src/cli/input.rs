//! Opens what was named on the command line: a file, a folder or a zip, as [`Files`].
#![expect(clippy::disallowed_methods, reason = "this is where sources are opened")]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context as _, Result, anyhow, bail};
use indicatif::ProgressBar;
use sha2::{Digest as _, Sha256};

use crate::ingest::{FileInfo, Files, MAX_FILES, ZipFiles, natural_order};
use crate::publish::output::cause;

/// Folders within each other. Exports have four.
const MAX_DEPTH: usize = 32;

/// Bytes that are hashed at once.
const BUF_LEN: usize = 1 << 16;

/// A named source, open.
pub(super) struct Opened {
    /// Its name, without the folders that it is in.
    pub(super) name: String,
    pub(super) files: Box<dyn Files>,
    kind: Kind,
}

enum Kind {
    File,
    Folder,
    Zip(PathBuf),
}

impl Opened {
    /// Opens the file, folder or zip at `path`.
    pub(super) fn new(path: &Path) -> Result<Self> {
        let unopened =
            |error: io::Error| anyhow!("{}: {}; check its name and permissions", path.display(), cause(&error));
        let metadata = path.metadata().map_err(unopened)?;
        let name = name_of(path);
        if metadata.is_dir() {
            let mut found = Vec::new();
            walk(path, &name, 0, &mut found)?;
            found.sort_by(|(a, _), (b, _)| natural_order(&a.name, &b.name));
            let (list, paths) = found.into_iter().unzip();
            let has_history = path.join(".git").exists();
            return Ok(Self { name, files: Box::new(Folder { list, paths, has_history }), kind: Kind::Folder });
        }
        let mut file = File::open(path).map_err(unopened)?;
        if !metadata.is_file() {
            return Ok(Self { files: Box::new(Pipe::new(&name, file)), name, kind: Kind::File });
        }
        let mut start = Vec::new();
        (&mut file).take(4).read_to_end(&mut start).map_err(unopened)?;
        if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") {
            let zip = ZipFiles::open(&name, file).map_err(|error| anyhow!("{}: {error}", path.display()))?;
            return Ok(Self { name, files: Box::new(zip), kind: Kind::Zip(path.to_owned()) });
        }
        let list = vec![FileInfo { name: name.clone(), len: metadata.len() }];
        let files = Folder { list, paths: vec![path.to_owned()], has_history: false };
        Ok(Self { name, files: Box::new(files), kind: Kind::File })
    }

    /// Whether it is one file, and no zip.
    pub(super) fn is_file(&self) -> bool {
        matches!(self.kind, Kind::File)
    }

    /// Length and SHA-256 of what was read: of the file or the zip itself, and for a folder those of the list of its files that
    /// were read as `sha256sum` would write it. `only` is the one file that is meant, where a folder or a zip has other sources too.
    pub(super) fn digest(&self, read: Vec<Digest>, only: Option<&str>) -> Result<(u64, [u8; 32])> {
        if let Some(digest) = read.iter().find(|digest| only == Some(digest.name.as_str())) {
            return Ok((digest.len, digest.hasher.clone().finalize().into()));
        }
        if let Kind::Zip(path) = &self.kind {
            let mut file = File::open(path).with_context(|| format!("{}: cannot be read again", path.display()))?;
            let mut digest = Digest::default();
            let mut buf = vec![0; BUF_LEN];
            loop {
                let len = file.read(&mut buf)?;
                if len == 0 {
                    return Ok((digest.len, digest.hasher.finalize().into()));
                }
                digest.update(buf.get(..len).unwrap_or_default());
            }
        }
        let len = read.iter().map(|digest| digest.len).sum();
        if let (Kind::File, [_]) = (&self.kind, read.as_slice()) {
            let digest = read.into_iter().next().unwrap_or_default();
            return Ok((len, digest.hasher.finalize().into()));
        }
        let mut list = Sha256::new();
        for digest in read {
            let hash: String = digest.hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
            list.update(format!("{hash}  {}\n", digest.name));
        }
        Ok((len, list.finalize().into()))
    }
}

/// What was named on the command line.
pub(super) struct Named {
    pub(super) path: PathBuf,
    /// What posts are said to stand in: the last part of the path and, where several end alike, as many of the folders before it as
    /// tell them apart.
    pub(super) name: String,
    /// What else was named of the same folder, by the last parts of the paths.
    pub(super) beside: Rc<BTreeSet<String>>,
}

/// Names for what stands at these paths.
pub(super) fn named(paths: &[PathBuf]) -> Vec<Named> {
    let folders: Vec<Vec<String>> = paths.iter().map(|path| folders_of(path)).collect();
    let deepest = folders.iter().map(Vec::len).max().unwrap_or(0);
    let name_with = |num_folders: usize, at: usize| {
        let folders = folders.get(at).map(Vec::as_slice).unwrap_or_default();
        let near = folders.iter().take(num_folders).rev().cloned();
        near.chain(paths.get(at).map(|path| name_of(path))).collect::<Vec<_>>().join("/")
    };
    let whole: Vec<String> = (0..paths.len()).map(|at| name_with(deepest, at)).collect();
    let mut names = whole.clone();
    let mut alike: Vec<usize> = (0..paths.len()).collect();
    for num_folders in 0..deepest {
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for at in std::mem::take(&mut alike) {
            by_name.entry(name_with(num_folders, at)).or_default().push(at);
        }
        for (name, group) in by_name {
            let first = group.first().and_then(|at| whole.get(*at));
            // What is named twice is no other for that.
            if group.iter().any(|at| whole.get(*at) != first) {
                alike.extend(group);
                continue;
            }
            for at in group {
                names.get_mut(at).into_iter().for_each(|kept| kept.clone_from(&name));
            }
        }
    }
    let mut by_folder: BTreeMap<&[String], BTreeSet<String>> = BTreeMap::new();
    for (path, folder) in paths.iter().zip(&folders) {
        by_folder.entry(folder).or_default().insert(name_of(path));
    }
    let shared: BTreeMap<_, _> = by_folder.into_iter().map(|(folder, names)| (folder, Rc::new(names))).collect();
    let beside = |folder: &Vec<String>| shared.get(folder.as_slice()).cloned().unwrap_or_default();
    let all = paths.iter().zip(names).zip(&folders);
    all.map(|((path, name), folder)| Named { path: path.clone(), name, beside: beside(folder) }).collect()
}

/// The folders that a file or folder is in, the nearest first; none of what is neither, such as a pipe.
fn folders_of(path: &Path) -> Vec<String> {
    if !path.metadata().is_ok_and(|metadata| metadata.is_file() || metadata.is_dir()) {
        return Vec::new();
    }
    // A link stands where it stands, whatever it leads to.
    let folder = match (path.file_name(), path.parent()) {
        (Some(_), Some(parent)) if parent.as_os_str().is_empty() => fs::canonicalize("."),
        (Some(_), Some(parent)) => fs::canonicalize(parent),
        _ => fs::canonicalize(path).map(|whole| whole.parent().unwrap_or(&whole).to_owned()),
    };
    let parts = folder.unwrap_or_default();
    let names = parts.components().rev().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    });
    names.collect()
}

/// The last part of a path, also of one such as `.` or `export/..`.
fn name_of(path: &Path) -> String {
    let whole = || fs::canonicalize(path).ok()?.file_name().map(|name| name.to_string_lossy().into_owned());
    let last = path.file_name().map(|name| name.to_string_lossy().into_owned());
    last.or_else(whole).unwrap_or_else(|| path.display().to_string())
}

/// Whether a folder is one of mails: within another, [Maildir++](https://www.courier-mta.org/imap/README.maildirquota.html) has it begin with a dot.
fn is_mail_folder(folder: &Path) -> bool {
    folder.join("cur").is_dir()
}

/// Finds the files below a folder. Links are not followed, and what begins with a dot is left alone, but for folders of mails.
fn walk(folder: &Path, name: &str, depth: usize, found: &mut Vec<(FileInfo, PathBuf)>) -> Result<()> {
    if depth > MAX_DEPTH {
        bail!(
            "{}: its folders are nested more than {MAX_DEPTH} deep; name the one that is to be read",
            folder.display()
        );
    }
    let unread = |error: io::Error| anyhow!("{}: {}; check its permissions", folder.display(), cause(&error));
    for entry in fs::read_dir(folder).map_err(unread)? {
        let entry = entry.map_err(unread)?;
        let file_name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().map_err(unread)?;
        let is_left_alone = file_name.starts_with('.') && !(kind.is_dir() && is_mail_folder(&entry.path()));
        if is_left_alone || kind.is_symlink() {
            continue;
        }
        let name = format!("{name}/{file_name}");
        if kind.is_dir() {
            walk(&entry.path(), &name, depth + 1, found)?;
        } else if kind.is_file() {
            if found.len() >= MAX_FILES {
                bail!("{}: it holds more than {MAX_FILES} files; name those that are to be read", folder.display());
            }
            let len = entry.metadata().map_err(unread)?.len();
            found.push((FileInfo { name, len }, entry.path()));
        }
    }
    Ok(())
}

/// Files by their paths.
struct Folder {
    list: Vec<FileInfo>,
    paths: Vec<PathBuf>,
    /// Whether git keeps a history in it.
    has_history: bool,
}

impl Files for Folder {
    fn has_history(&self) -> bool {
        self.has_history
    }

    fn list(&self) -> &[FileInfo] {
        &self.list
    }

    fn open(&self, index: usize) -> io::Result<Box<dyn Read + '_>> {
        let path = self.paths.get(index).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        Ok(Box::new(File::open(path)?))
    }
}

/// A pipe, which can be read once: what was seen of its start is kept for the reading.
struct Pipe {
    list: Vec<FileInfo>,
    rest: RefCell<(Vec<u8>, Option<File>)>,
}

impl Pipe {
    fn new(name: &str, file: File) -> Self {
        Self { list: vec![FileInfo { name: name.to_owned(), len: 0 }], rest: RefCell::new((Vec::new(), Some(file))) }
    }
}

impl Files for Pipe {
    fn list(&self) -> &[FileInfo] {
        &self.list
    }

    fn open(&self, _: usize) -> io::Result<Box<dyn Read + '_>> {
        let (head, file) = self.rest.take();
        let file = file.ok_or_else(|| io::Error::other("it can be read only once; write it to a file first"))?;
        Ok(Box::new(Cursor::new(head).chain(file)))
    }

    fn head(&self, _: usize, len: usize) -> io::Result<Vec<u8>> {
        let mut rest = self.rest.borrow_mut();
        let (head, file) = &mut *rest;
        let wanted = len.saturating_sub(head.len()) as u64;
        if let Some(file) = file {
            file.take(wanted).read_to_end(head)?;
        }
        Ok(head.get(..len.min(head.len())).unwrap_or_default().to_vec())
    }
}

/// Name, length and hash of a file that was read.
#[derive(Default)]
pub(super) struct Digest {
    pub(super) name: String,
    len: u64,
    hasher: Sha256,
}

impl Digest {
    fn update(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.len += bytes.len() as u64;
    }
}

/// Files that keep account of what is read of them.
pub(super) struct Counted<'a> {
    pub(super) files: &'a dyn Files,
    pub(super) bar: ProgressBar,
    read: RefCell<Vec<Digest>>,
}

impl<'a> Counted<'a> {
    pub(super) fn new(files: &'a dyn Files, bar: ProgressBar) -> Self {
        Self { files, bar, read: RefCell::default() }
    }

    /// What was read, in the order in which it ended.
    pub(super) fn finish(self) -> Vec<Digest> {
        self.bar.finish_and_clear();
        self.read.into_inner()
    }
}

impl Files for Counted<'_> {
    fn list(&self) -> &[FileInfo] {
        self.files.list()
    }

    fn top(&self) -> Option<&str> {
        self.files.top()
    }

    fn open(&self, index: usize) -> io::Result<Box<dyn Read + '_>> {
        let inner = self.files.open(index)?;
        let name = self.list().get(index).map(|file| file.name.clone()).unwrap_or_default();
        let digest = Digest { name, ..Digest::default() };
        Ok(Box::new(Tee { inner, digest, counted: self }))
    }

    fn head(&self, index: usize, len: usize) -> io::Result<Vec<u8>> {
        self.files.head(index, len)
    }
}

/// Hashes and counts what is read.
struct Tee<'a> {
    inner: Box<dyn Read + 'a>,
    digest: Digest,
    counted: &'a Counted<'a>,
}

impl Read for Tee<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let len = self.inner.read(buf)?;
        self.digest.update(buf.get(..len).unwrap_or_default());
        self.counted.bar.inc(len as u64);
        Ok(len)
    }
}

impl Drop for Tee<'_> {
    fn drop(&mut self) {
        // A reader may know before the end that nothing more comes; the hash is of the whole file all the same.
        let mut buf = vec![0; BUF_LEN];
        while self.read(&mut buf).is_ok_and(|len| len > 0) {}
        self.counted.read.borrow_mut().push(std::mem::take(&mut self.digest));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_that_end_alike_are_told_apart_by_their_folders() {
        let root = tempfile::tempdir().unwrap();
        let files = ["a/result.json", "b/result.json", "b/x/result.json", "c/x/result.json", "c/other.json"];
        for file in files {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "{}").unwrap();
        }
        let check = |paths: &[&str], expected: &[&str]| {
            let paths: Vec<PathBuf> = paths.iter().map(|path| root.path().join(path)).collect();
            let names: Vec<String> = named(&paths).into_iter().map(|named| named.name).collect();
            assert_eq!(names, expected);
        };
        check(&files[..1], &["result.json"]);
        check(&files[..2], &["a/result.json", "b/result.json"]);
        check(&files, &["a/result.json", "b/result.json", "b/x/result.json", "c/x/result.json", "other.json"]);
        check(&["a/result.json", "c/../a/result.json"], &["result.json", "result.json"]);
        check(&["b/x", "c/x", "a"], &["b/x", "c/x", "a"]);
    }
}
