//! Finds the files that posts name, beside the source that they were read from, and takes them in to be published.
#![expect(clippy::disallowed_methods, reason = "this is where media are opened")]

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result};

use super::args::MediaChoice;
use super::input::Opened;
use super::output;
use crate::publish::MediaWriter;
use crate::record::{Attachment, Record};
use crate::searcher::SourceAccount;

/// Takes in the media of one record after another.
pub(super) struct Media {
    choice: MediaChoice,
    writer: Option<MediaWriter>,
    places: Vec<Place>,
    /// The first failure; what comes after it is not taken.
    failed: Option<anyhow::Error>,
    /// Media that are named and not taken, since nobody asked.
    num_left: u64,
    /// What is published already, and needs no taking in.
    known: BTreeSet<String>,
}

/// Where the media of a source are looked for, and what was found.
struct Place {
    /// Its name, as records have it.
    name: String,
    files: Beside,
    num_published: u64,
    num_missing: u64,
    num_without: u64,
}

enum Beside {
    /// In the folder or zip that was named.
    Within { source: Opened, by_name: HashMap<String, usize> },
    /// In the folder that the named file is in.
    Folder(PathBuf),
    /// Nowhere: it was a pipe.
    Nowhere,
}

impl Media {
    /// Media of these inputs.
    pub(super) fn new(choice: MediaChoice, inputs: &[PathBuf], out_folder: Option<&Path>) -> Result<Self> {
        let known = BTreeSet::new();
        let mut media = Self { choice, writer: None, places: Vec::new(), failed: None, num_left: 0, known };
        if choice == MediaChoice::None {
            return Ok(media);
        }
        media.writer = Some(MediaWriter::new(out_folder.unwrap_or(Path::new(".")))?);
        media.places = inputs.iter().map(|input| Place::new(input)).collect::<Result<_>>()?;
        Ok(media)
    }

    /// Leaves what is published under these names as it is.
    pub(super) fn know(&mut self, names: impl IntoIterator<Item = String>) {
        self.known.extend(names);
    }

    /// Takes in what a record names; its media then have the paths of what is published.
    pub(super) fn take(&mut self, record: &mut Record) {
        if self.choice == MediaChoice::None {
            let is_left = |path: &String| !self.known.contains(path);
            let paths = record.media.iter().filter_map(|medium| medium.path.as_ref());
            self.num_left += paths.filter(|path| is_left(path)).count() as u64;
        } else if self.failed.is_none() {
            self.failed = self.take_each(record).err();
        }
    }

    /// Says in each source's account what became of its media; gives what is to be published.
    pub(super) fn finish(self, sources: &mut [SourceAccount]) -> Result<(Option<MediaWriter>, Option<String>)> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        for (place, source) in self.places.iter().zip(sources) {
            source.notes.extend(place.note(self.choice));
        }
        let hint = (self.num_left > 0).then(|| {
            let count = output::count(self.num_left, "file is", "files are");
            format!("{count} named by the posts and not published; --media thumbs or --media copy takes in those that are there")
        });
        Ok((self.writer, hint))
    }

    fn take_each(&mut self, record: &mut Record) -> Result<()> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        let files = files_of(record);
        let preview = field(record, "thumbnail");
        let is_left = |medium: &Attachment| medium.path.as_ref().is_some_and(|path| !self.known.contains(path));
        for (index, medium) in record.media.iter_mut().enumerate().filter(|(_, medium)| is_left(medium)) {
            let preview = preview.as_deref().filter(|_| index == 0);
            take_one(self.choice, writer, &mut self.places, &files, medium, preview)?;
        }
        Ok(())
    }
}

/// Takes one medium in, from the first of the places where the record stood that has it.
fn take_one(
    choice: MediaChoice,
    writer: &mut MediaWriter,
    places: &mut [Place],
    files: &[String],
    medium: &mut Attachment,
    preview: Option<&str>,
) -> Result<()> {
    let Some(path) = medium.path.clone() else { return Ok(()) };
    let own = |place: &Place, file: &str| file == place.name || file.starts_with(&format!("{}/", place.name));
    let mut candidates = Vec::new();
    for file in files {
        candidates.extend(
            (0..places.len()).filter(|at| places.get(*at).is_some_and(|place| own(place, file))).map(|at| (at, file)),
        );
    }
    // Two sources of one name may each have such a file, and nobody knows whose it is.
    let holders: Vec<_> =
        candidates.iter().filter(|(at, file)| places.get(*at).is_some_and(|place| place.has(file, &path))).collect();
    let holder = match holders.as_slice() {
        [(at, file), others @ ..] if others.iter().all(|(_, other)| other != file) => Some((*at, *file)),
        _ => None,
    };
    let Some((at, file)) = holder else {
        if let Some(place) = candidates.first().and_then(|(at, _)| places.get_mut(*at)) {
            place.num_missing += 1;
        }
        return Ok(());
    };
    let Some(place) = places.get_mut(at) else { return Ok(()) };
    let published = {
        let failed = || format!("{file}: its medium {path} cannot be taken in");
        let Some(opened) = place.open(file, &path) else {
            place.num_missing += 1;
            return Ok(());
        };
        let preview = preview.and_then(|preview| place.open(file, preview));
        match choice {
            MediaChoice::Copy => Some(writer.copy(&path, opened, preview).with_context(failed)?),
            _ => match (writer.thumbnail(opened).with_context(failed)?, preview) {
                (None, Some(preview)) => writer.thumbnail(preview).with_context(failed)?,
                (name, _) => name,
            },
        }
    };
    match published {
        Some(published) => {
            medium.path = Some(published);
            place.num_published += 1;
        }
        None => place.num_without += 1,
    }
    Ok(())
}

/// The files in which a record stood: its own, and those of the same post in other sources.
fn files_of(record: &Record) -> Vec<String> {
    let mut files = vec![record.source.file.clone()];
    let also = record.fields.iter().find(|(name, _)| name == "also_in");
    let also = also.and_then(|(_, json)| serde_json::from_str::<Vec<serde_json::Value>>(json).ok());
    let file = |note: &serde_json::Value| note.get("file")?.as_str().map(str::to_owned);
    for file in also.iter().flatten().filter_map(file) {
        if !files.contains(&file) {
            files.push(file);
        }
    }
    files
}

/// A field of the source that is a text.
fn field(record: &Record, name: &str) -> Option<String> {
    let (_, json) = record.fields.iter().find(|(known, _)| known == name)?;
    serde_json::from_str(json).ok()
}

impl Place {
    fn new(input: &Path) -> Result<Self> {
        let metadata = input.metadata().with_context(|| format!("{}: cannot be read", input.display()))?;
        let is_regular = metadata.is_file() || metadata.is_dir();
        let place = |name, files| Self { name, files, num_published: 0, num_missing: 0, num_without: 0 };
        if !is_regular {
            let name = input.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            return Ok(place(name, Beside::Nowhere));
        }
        let source = Opened::new(input)?;
        if source.is_file() {
            let folder = input.canonicalize().ok().and_then(|path| Some(path.parent()?.to_owned()));
            return Ok(place(source.name, folder.map_or(Beside::Nowhere, Beside::Folder)));
        }
        let by_name = source.files.list().iter().enumerate().map(|(index, file)| (file.name.clone(), index)).collect();
        Ok(place(source.name.clone(), Beside::Within { source, by_name }))
    }

    fn has(&self, file: &str, path: &str) -> bool {
        match &self.files {
            Beside::Within { by_name, .. } => within(file, path).is_some_and(|name| by_name.contains_key(&name)),
            Beside::Folder(folder) => plain_file(folder, path).is_some(),
            Beside::Nowhere => false,
        }
    }

    /// Opens what `path` means beside `file`; `None` where nothing is there to read.
    fn open(&self, file: &str, path: &str) -> Option<Box<dyn Read + '_>> {
        match &self.files {
            Beside::Within { source, by_name } => source.files.open(*by_name.get(&within(file, path)?)?).ok(),
            Beside::Folder(folder) => {
                let file: io::Result<File> = File::open(plain_file(folder, path)?);
                Some(Box::new(file.ok()?))
            }
            Beside::Nowhere => None,
        }
    }

    /// What became of its media, as a sentence.
    fn note(&self, choice: MediaChoice) -> Option<String> {
        let all = self.num_published + self.num_missing + self.num_without;
        let kind = if choice == MediaChoice::Copy { "copies" } else { "thumbnails" };
        let mut parts =
            vec![format!("{} of {} published as {kind}", self.num_published, output::count(all, "medium", "media"))];
        if self.num_missing > 0 {
            parts.push(format!("{} not found beside it", self.num_missing));
        }
        if self.num_without > 0 {
            parts.push(format!("{} without a picture to make one of", self.num_without));
        }
        (all > 0).then(|| parts.join(", "))
    }
}

/// The parts of a path that leads down and nowhere else.
fn parts(path: &str) -> Option<Vec<&str>> {
    let parts = Path::new(path).components().filter(|part| *part != Component::CurDir).map(|part| match part {
        Component::Normal(part) => part.to_str(),
        _ => None,
    });
    parts.collect::<Option<Vec<&str>>>().filter(|parts| !parts.is_empty())
}

/// The name that a path has in the list of a folder's or zip's files, seen from one of them.
fn within(file: &str, path: &str) -> Option<String> {
    let (folder, _) = file.rsplit_once('/')?;
    Some(format!("{folder}/{}", parts(path)?.join("/")))
}

/// The file that a path leads to within a folder; `None` where a link is on the way, or no file at its end.
fn plain_file(folder: &Path, path: &str) -> Option<PathBuf> {
    let mut place = folder.to_owned();
    let mut kind = None;
    for part in parts(path)? {
        place.push(part);
        kind = Some(fs::symlink_metadata(&place).ok()?.file_type()).filter(|kind| !kind.is_symlink());
        kind?;
    }
    kind.filter(fs::FileType::is_file).map(|_| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_down_and_nowhere_else() {
        let check = |path: &str, expected: Option<&str>| {
            assert_eq!(within("s/export/result.json", path).as_deref(), expected, "{path}");
        };
        check("photos/a.jpg", Some("s/export/photos/a.jpg"));
        check("./a.jpg", Some("s/export/a.jpg"));
        check("../a.jpg", None);
        check("photos/../../a.jpg", None);
        check("/etc/passwd", None);
        check("", None);
        assert_eq!(within("result.json", "a.jpg"), None);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("real")).unwrap();
        fs::write(dir.path().join("real/a.jpg"), "x").unwrap();
        std::os::unix::fs::symlink(dir.path().join("real"), dir.path().join("link")).unwrap();
        std::os::unix::fs::symlink("real/a.jpg", dir.path().join("b.jpg")).unwrap();
        assert!(plain_file(dir.path(), "real/a.jpg").is_some());
        for path in ["link/a.jpg", "b.jpg", "real", "none.jpg", "real/../b.jpg"] {
            assert!(plain_file(dir.path(), path).is_none(), "{path}");
        }
    }
}
