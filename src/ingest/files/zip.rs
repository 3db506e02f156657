//! The files of a zip, read where they stand: nothing is unpacked to disk, so no name in a zip can lead anywhere.

use std::cell::RefCell;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::rc::Rc;

use flate2::Crc;
use flate2::read::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use super::{BUF_LEN, FileInfo, Files, MAX_FILES, natural_order, path_in_source};

/// How many times longer than packed a file may be. JSON and HTML of messengers pack to between a fourth and a thirtieth; what
/// deflate packs better than this is made to fill a disk, and the best that it can do is 1,032.
const MAX_RATIO: u64 = 250;

/// Length up to which the ratio does not matter.
const SMALL_LEN: u64 = 1 << 20;

/// Bytes that the files of a zip may have together, unpacked.
const MAX_TOTAL_LEN: u64 = 1 << 40;

/// Length up to which names are read.
const MAX_NAME_LEN: usize = 4096;

/// The files of a zip.
#[derive(Debug)]
pub struct ZipFiles<R> {
    input: Rc<RefCell<R>>,
    list: Vec<FileInfo>,
    members: Vec<Member>,
    top: Option<String>,
}

/// Where a file stands in the zip, and how.
#[derive(Clone, Copy, Debug)]
struct Member {
    start: u64,
    packed_len: u64,
    len: u64,
    is_deflated: bool,
    crc: u32,
}

impl<R: Read + Seek> ZipFiles<R> {
    /// Reads the directory of a zip called `name`. Folders, links and what file managers hide in a zip are left out.
    ///
    /// # Errors
    ///
    /// - It is no zip, or damaged.
    /// - It holds more files than [`MAX_FILES`], files that stand in each other, two of one name, one of two names, a name that leads
    ///   out of it, or an encrypted file.
    /// - It would be larger unpacked than is sound, or a file in it is packed more tightly than any export.
    pub fn open(name: &str, input: R) -> io::Result<Self> {
        let input = Rc::new(RefCell::new(input));
        let damaged = |error| refuse(&format!("the zip is cut or damaged ({error}); copy or export it again"));
        let mut zip = ZipArchive::new(Shared { input: input.clone(), at: 0 }).map_err(damaged)?;
        if zip.len() > MAX_FILES {
            return Err(refuse(&format!("the zip holds more than {MAX_FILES} files; name those that are to be read")));
        }
        if zip.has_overlapping_entries().map_err(damaged)? {
            return Err(refuse("files in the zip stand within each other, which no honest zip has; it is not read"));
        }
        // Programs differ in which of two they give, and would leave the other out without a word.
        if zip.has_duplicate_names() {
            return Err(refuse(
                "two files in the zip have one name, and it is not known which is meant; zip them again",
            ));
        }
        let mut found = Vec::new();
        let mut total = 0u64;
        for index in 0..zip.len() {
            let file = zip.by_index_raw(index).map_err(damaged)?;
            let path = file.name().map_err(damaged)?.replace('\\', "/");
            if file.is_dir() || file.is_symlink() || is_hidden(&path) {
                continue;
            }
            if file.enclosed_name().is_none() || path.len() > MAX_NAME_LEN {
                let start: String = path.chars().take(80).collect();
                return Err(refuse(&format!("the zip holds `{start}`, a name that leads out of it; it is not read")));
            }
            if file.encrypted() {
                return Err(refuse(&format!("`{path}` in the zip is encrypted; unpack it with its password first")));
            }
            let beside = name_beside(Shared { input: input.clone(), at: file.header_start() })?;
            if beside != file.name_raw() {
                return Err(refuse(&format!("`{path}` in the zip is called otherwise where it stands; zip it again")));
            }
            let is_deflated = match file.compression() {
                CompressionMethod::Stored => false,
                CompressionMethod::Deflated => true,
                other => {
                    let advice = "zip it again with deflate, or unpack it";
                    return Err(refuse(&format!("`{path}` in the zip is packed by {other}; {advice}")));
                }
            };
            let (packed_len, len) = (file.compressed_size(), file.size());
            total = total.saturating_add(len);
            if len > SMALL_LEN && len / MAX_RATIO > packed_len || total > MAX_TOTAL_LEN {
                return Err(refuse(&format!(
                    "`{path}` in the zip would be {len} bytes of {packed_len}; it is not read"
                )));
            }
            let start = file.data_start().ok_or_else(|| refuse("the zip does not say where its files stand"))?;
            let info = FileInfo { name: format!("{name}/{path}"), len };
            found.push((info, Member { start, packed_len, len, is_deflated, crc: file.crc32() }));
        }
        found.sort_by(|(a, _), (b, _)| natural_order(&a.name, &b.name));
        let (list, members) = found.into_iter().unzip();
        let (list, members): (Vec<FileInfo>, Vec<Member>) = (list, members);
        let top = top_of(&list);
        Ok(Self { input, list, members, top })
    }
}

/// The one folder that all files of a zip are in. One that says what its files are is no name that somebody gave.
fn top_of(list: &[FileInfo]) -> Option<String> {
    const MEANT: [&str; 3] = ["content", "posts", "drafts"];
    let top_of = |file: &FileInfo| Some(path_in_source(&file.name).split_once('/')?.0.to_owned());
    let top = top_of(list.first()?)?;
    let is_meant = top.starts_with('_') || MEANT.contains(&&*top.to_ascii_lowercase());
    let is_of_all = list.iter().all(|file| top_of(file).as_ref() == Some(&top));
    (is_of_all && !is_meant).then_some(top)
}

impl<R: Read + Seek> Files for ZipFiles<R> {
    fn top(&self) -> Option<&str> {
        self.top.as_deref()
    }

    fn list(&self) -> &[FileInfo] {
        &self.list
    }

    fn open(&self, index: usize) -> io::Result<Box<dyn Read + '_>> {
        let member = *self.members.get(index).ok_or_else(|| refuse("the zip has no such file"))?;
        let packed = Shared { input: self.input.clone(), at: member.start }.take(member.packed_len);
        let inner: Box<dyn Read> = if member.is_deflated {
            Box::new(DeflateDecoder::new(BufReader::with_capacity(BUF_LEN, packed)))
        } else {
            Box::new(packed)
        };
        Ok(Box::new(Checked { inner, crc: Crc::new(), left: member.len, expected: member.crc }))
    }
}

/// What a file is called where it stands; `input` stands at its header (4.3.7), of 30 bytes and the name.
fn name_beside(mut input: impl Read) -> io::Result<Vec<u8>> {
    let mut header = [0; 30];
    input.read_exact(&mut header)?;
    let mut name = vec![0; usize::from(u16_at(&header, 26))];
    input.read_exact(&mut name)?;
    Ok(name)
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    match bytes.get(at..at + 2) {
        Some([low, high]) => u16::from_le_bytes([*low, *high]),
        _ => 0,
    }
}

/// Whether a path is one that file managers add to a zip.
fn is_hidden(path: &str) -> bool {
    path.split('/').any(|name| name == "__MACOSX" || name.starts_with('.') && !matches!(name, "." | ".."))
}

fn refuse(reason: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, reason)
}

/// A place in an input that others read too.
struct Shared<R> {
    input: Rc<RefCell<R>>,
    at: u64,
}

impl<R: Read + Seek> Read for Shared<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut input = self.input.borrow_mut();
        input.seek(SeekFrom::Start(self.at))?;
        let len = input.read(buf)?;
        self.at += len as u64;
        Ok(len)
    }
}

impl<R: Read + Seek> Seek for Shared<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let mut input = self.input.borrow_mut();
        input.seek(SeekFrom::Start(self.at))?;
        self.at = input.seek(to)?;
        Ok(self.at)
    }
}

/// A file of a zip, which ends where the zip's directory says and has the checksum that stands there.
struct Checked<'a> {
    inner: Box<dyn Read + 'a>,
    crc: Crc,
    left: u64,
    expected: u32,
}

impl Read for Checked<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let len = self.inner.read(buf)?;
        if buf.is_empty() {
            return Ok(0);
        }
        if len as u64 > self.left {
            return Err(refuse("a file in the zip is longer than the zip says"));
        }
        if len == 0 && self.left > 0 {
            return Err(refuse("a file in the zip is shorter than the zip says"));
        }
        self.crc.update(buf.get(..len).unwrap_or_default());
        self.left -= len as u64;
        if len == 0 && self.crc.sum() != self.expected {
            return Err(refuse("a file in the zip has another checksum than the zip says; copy or export it again"));
        }
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::files::{detect_files, read_files};
    use crate::ingest::{Entry, ReadContext};
    use std::io::{Cursor, Write as _};
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            let method = if bytes.len() < 4 { CompressionMethod::Stored } else { CompressionMethod::Deflated };
            zip.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    /// Expects the files, or a part of the error.
    fn check(zip: &[u8], expected: &[&str]) {
        let files = match ZipFiles::open("z.zip", Cursor::new(zip)) {
            Ok(files) => files,
            Err(error) => {
                assert!(error.to_string().contains(expected[0]), "{error} should say {expected:?}");
                return;
            }
        };
        let show = |(index, info): (usize, &FileInfo)| {
            let mut text = String::new();
            let read = files.open(index).unwrap().read_to_string(&mut text);
            format!("{}={}", info.name, read.map_or_else(|error| error.to_string(), |_| text))
        };
        assert_eq!(files.list().iter().enumerate().map(show).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn the_folder_that_was_packed_is_known() {
        let check = |names: &[&str], expected: Option<&str>| {
            let files: Vec<(&str, &[u8])> = names.iter().map(|name| (*name, b"x".as_slice())).collect();
            let zip = zipped(&files);
            assert_eq!(ZipFiles::open("z.zip", Cursor::new(zip)).unwrap().top(), expected, "{names:?}");
        };
        check(&["notes/a.md", "notes/b/c.md", "__MACOSX/notes/._a.md"], Some("notes"));
        check(&["notes/a.md", "b.md"], None);
        check(&["notes/a.md", "notes2/b.md"], None);
        check(&["a.md"], None);
        // What a site calls its folders is no name of the site.
        check(&["_posts/a.md"], None);
        check(&["content/a.md"], None);
    }

    #[test]
    fn posts_of_a_packed_folder_are_called_as_in_the_folder() {
        const NOTE: &[u8] = b"---\ntitle: a\n---\ntext";
        const PAGE: &[u8] = b"<!DOCTYPE html><title>a</title><p>text";
        let ids = |files: &[(&str, &[u8])]| {
            let zip = ZipFiles::open("z.zip", Cursor::new(zipped(files))).unwrap();
            let detected = detect_files(&zip, "z.zip", None).unwrap();
            let context = ReadContext::new("z.zip", jiff::tz::TimeZone::UTC);
            let id = |entry| if let Entry::Record(record) = entry { record.id } else { None };
            read_files(&zip, &detected[0], &context).unwrap().filter_map(|entry| id(entry.unwrap())).collect::<Vec<_>>()
        };
        assert_eq!(ids(&[("notes/a.md", NOTE), ("notes/b/c.md", NOTE)]), ["a", "b/c"]);
        assert_eq!(ids(&[("a.md", NOTE), ("b/c.md", NOTE)]), ["a", "b/c"]);
        assert_eq!(ids(&[("_posts/a.md", NOTE)]), ["_posts/a"]);
        assert_eq!(ids(&[("site/a.html", PAGE), ("site/b/c.html", PAGE)]), ["a.html", "b/c.html"]);
        // Drafts are drafts, whatever they are packed in.
        assert_eq!(ids(&[("_drafts/a.md", NOTE)]), [""; 0]);
    }

    #[test]
    fn files_are_read_in_place_and_in_order() {
        let zip = zipped(&[
            ("b/10.txt", b"ten"),
            ("b/9.txt", b"the ninth of them"),
            (".DS_Store", b"x"),
            ("__MACOSX/a", b"x"),
            ("a", b""),
        ]);
        check(&zip, &["z.zip/a=", "z.zip/b/9.txt=the ninth of them", "z.zip/b/10.txt=ten"]);
    }

    #[test]
    fn two_files_can_be_open_at_once() {
        let zip = zipped(&[("a", &[b'a'; 300]), ("b", &[b'b'; 300])]);
        let files = ZipFiles::open("z", Cursor::new(zip)).unwrap();
        let (mut a, mut b) = (files.open(0).unwrap(), files.open(1).unwrap());
        let (mut from_a, mut from_b) = ([0; 100], [0; 100]);
        for _ in 0..3 {
            a.read_exact(&mut from_a).unwrap();
            b.read_exact(&mut from_b).unwrap();
            assert_eq!((from_a, from_b), ([b'a'; 100], [b'b'; 100]));
        }
        assert_eq!(files.head(0, 5).unwrap(), b"aaaaa");
    }

    #[test]
    fn hostile_zips_are_refused() {
        check(b"PK", &["the zip is cut or damaged"]);
        check(&zipped(&[("../../etc/passwd", b"x")]), &["a name that leads out of it"]);
        check(&zipped(&[("a", &vec![0; 3 << 20])]), &["would be 3145728 bytes"]);
        let twice = zipped(&[("a/one", b"x"), ("a/two", b"y")]);
        let named = |zip: &[u8], from: &[u8], to: &[u8], count: usize| {
            let mut zip = zip.to_vec();
            for _ in 0..count {
                let at = zip.windows(from.len()).position(|bytes| bytes == from).unwrap();
                zip[at..at + to.len()].copy_from_slice(to);
            }
            zip
        };
        check(&named(&twice, b"a/two", b"a/one", 2), &["two files in the zip have one name"]);
        check(&named(&twice, b"a/two", b"a/six", 1), &["`a/two` in the zip is called otherwise where it stands"]);
        let cut = zipped(&[("a", b"some text of some length")]);
        check(&cut[..cut.len() - 5], &["the zip is cut or damaged"]);
    }

    #[test]
    fn a_wrong_byte_is_found() {
        let mut zip = zipped(&[("a", b"abc")]);
        let at = zip.windows(3).position(|bytes| bytes == b"abc").unwrap();
        zip[at] = b'x';
        check(&zip, &["z.zip/a=a file in the zip has another checksum than the zip says; copy or export it again"]);
    }

    #[test]
    fn no_bytes_panic() {
        let zip = zipped(&[("a", b"some text of some length"), ("b", b"b")]);
        proptest::proptest!(|(changes in proptest::collection::vec((0..zip.len(), 0u8..=255), 1..6))| {
            let mut zip = zip.clone();
            for (at, byte) in changes {
                zip[at] = byte;
            }
            if let Ok(files) = ZipFiles::open("z", Cursor::new(&zip)) {
                for index in 0..files.list().len() {
                    let _ = files.open(index).and_then(|mut file| file.read_to_end(&mut Vec::new()));
                }
            }
        });
    }
}
