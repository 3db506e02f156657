//! Finds the files that posts name, beside the source that they were read from, and takes them in to be published.
#![expect(clippy::disallowed_methods, reason = "this is where media are opened")]

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result};

use super::args::MediaChoice;
use super::input::{Named, Opened, named};
use super::output;
use crate::ingest::unescaped;
use crate::publish::MediaWriter;
use crate::record::{Attachment, Record};
use crate::searcher::SourceAccount;

/// Folders in which those who make sites keep what stands at the root of the site.
const KEPT_IN: [&str; 3] = ["static", "public", "source"];

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
    /// The last part of it, by which its files are listed.
    last: String,
    files: Beside,
    num_published: u64,
    num_missing: u64,
    /// Files that nobody looks for: their paths lead out of the source, or to a link.
    num_refused: u64,
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

/// A file that was found.
enum Found {
    /// By its place in the list of the source, and its name there.
    Listed(usize, String),
    /// By its path.
    Beside(PathBuf),
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
        media.places = named(inputs).into_iter().map(Place::new).collect::<Result<_>>()?;
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
        let mut told = Vec::new();
        for (at, place) in self.places.iter().enumerate() {
            // A folder that is several sources has its media told of in the first; what is named twice, in each. Of a name that was
            // made unreadable the order tells.
            let is_its =
                |(number, source): &(usize, &SourceAccount)| !told.contains(number) && place.holds(&source.name);
            let found = sources.iter().enumerate().find(is_its).map_or(at, |(number, _)| number);
            if let Some(source) = sources.get_mut(found) {
                source.notes.extend(place.note(self.choice));
                told.push(found);
            }
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
    let mut candidates = Vec::new();
    for file in files {
        candidates.extend(
            (0..places.len()).filter(|at| places.get(*at).is_some_and(|place| place.holds(file))).map(|at| (at, file)),
        );
    }
    // Two sources of one name may each have such a file, and nobody knows whose it is.
    let holders: Vec<_> = candidates
        .iter()
        .filter(|(at, file)| places.get(*at).is_some_and(|place| place.find(file, &path).is_some()))
        .collect();
    let holder = match holders.as_slice() {
        [(at, file), others @ ..] if others.iter().all(|(_, other)| other != file) => Some((*at, *file)),
        _ => None,
    };
    let Some((at, file)) = holder else {
        let is_refused =
            |(at, file): &(usize, &String)| places.get(*at).is_some_and(|place| place.refuses(file, &path));
        let is_refused = candidates.iter().any(is_refused);
        match candidates.first().and_then(|(at, _)| places.get_mut(*at)) {
            Some(place) if is_refused => place.num_refused += 1,
            Some(place) => place.num_missing += 1,
            None => {}
        }
        return Ok(());
    };
    let Some(place) = places.get_mut(at) else { return Ok(()) };
    let published = {
        let failed = || format!("{file}: its medium {path} cannot be taken in");
        let Some((name, opened)) = place.open(file, &path) else {
            place.num_missing += 1;
            return Ok(());
        };
        let preview = preview.and_then(|preview| Some(place.open(file, preview)?.1));
        match choice {
            MediaChoice::Copy => Some(writer.copy(&name, opened, preview).with_context(failed)?),
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
    fn new(Named { path: input, name, .. }: Named) -> Result<Self> {
        let metadata = input.metadata().with_context(|| format!("{}: cannot be read", input.display()))?;
        let is_regular = metadata.is_file() || metadata.is_dir();
        let place =
            |last, files| Self { name, last, files, num_published: 0, num_missing: 0, num_refused: 0, num_without: 0 };
        if !is_regular {
            return Ok(place(String::new(), Beside::Nowhere));
        }
        let source = Opened::new(&input)?;
        if source.is_file() {
            let folder = input.canonicalize().ok().and_then(|path| Some(path.parent()?.to_owned()));
            return Ok(place(source.name, folder.map_or(Beside::Nowhere, Beside::Folder)));
        }
        let by_name = source.files.list().iter().enumerate().map(|(index, file)| (file.name.clone(), index)).collect();
        Ok(place(source.name.clone(), Beside::Within { source, by_name }))
    }

    /// Whether a record stood in it by what its file is called.
    fn holds(&self, file: &str) -> bool {
        file.strip_prefix(&*self.name).is_some_and(|within| within.is_empty() || within.starts_with('/'))
    }

    /// What a file of it is called where it is the only source.
    fn listed(&self, file: &str) -> String {
        format!("{}{}", self.last, file.strip_prefix(&*self.name).unwrap_or_default())
    }

    /// Where what `path` means, seen from `file`, stands in this place; `None` where nothing is there.
    fn find(&self, file: &str, path: &str) -> Option<Found> {
        let file = &self.listed(file);
        match &self.files {
            Beside::Within { by_name, .. } => {
                candidates(file, path).into_iter().find_map(|name| Some(Found::Listed(*by_name.get(&name)?, name)))
            }
            Beside::Folder(folder) => {
                let root = folder.file_name().and_then(|name| name.to_str()).unwrap_or(".");
                let names = candidates(&format!("{root}/{file}"), path);
                let below = names.iter().filter_map(|name| name.strip_prefix(root)?.strip_prefix('/'));
                below.into_iter().find_map(|below| plain_file(folder, below)).map(Found::Beside)
            }
            Beside::Nowhere => None,
        }
    }

    /// Whether what `path` means would be looked for nowhere: it leads out of the source, or to a link.
    fn refuses(&self, file: &str, path: &str) -> bool {
        let file = &self.listed(file);
        match &self.files {
            Beside::Within { .. } => candidates(file, path).is_empty(),
            Beside::Folder(folder) => {
                let root = folder.file_name().and_then(|name| name.to_str()).unwrap_or(".");
                let names = candidates(&format!("{root}/{file}"), path);
                let mut below = names.iter().filter_map(|name| name.strip_prefix(root)?.strip_prefix('/'));
                names.is_empty() || below.any(|below| is_behind_link(folder, below))
            }
            Beside::Nowhere => false,
        }
    }

    /// Opens what `path` means beside `file`, and says what it is called there; `None` where nothing is there to read.
    fn open(&self, file: &str, path: &str) -> Option<(String, Box<dyn Read + '_>)> {
        match (&self.files, self.find(file, path)?) {
            (Beside::Within { source, .. }, Found::Listed(index, name)) => Some((name, source.files.open(index).ok()?)),
            (_, Found::Beside(path)) => {
                let file: io::Result<File> = File::open(&path);
                Some((path.to_string_lossy().into_owned(), Box::new(file.ok()?)))
            }
            _ => None,
        }
    }

    /// What became of its media, as a sentence.
    fn note(&self, choice: MediaChoice) -> Option<String> {
        let all = self.num_published + self.num_missing + self.num_refused + self.num_without;
        let kind = if choice == MediaChoice::Copy { "copies" } else { "thumbnails" };
        let mut parts =
            vec![format!("{} of {} published as {kind}", self.num_published, output::count(all, "medium", "media"))];
        if self.num_missing > 0 {
            parts.push(format!("{} not found beside it", self.num_missing));
        }
        if self.num_refused > 0 {
            parts.push(format!("{} refused, since their paths lead out of it or to a link", self.num_refused));
        }
        if self.num_without > 0 {
            parts.push(format!("{} without a picture to make one of", self.num_without));
        }
        (all > 0).then(|| parts.join(", "))
    }
}

/// The names, in the list of a folder's or zip's files, that a path may mean which one of them names, the likeliest first. They all
/// begin with the name of the source, as that file's does: nothing leads out of it.
///
/// A path is seen from the file's folder. One with `/` before it is seen from a root, which is that of the source or a folder within
/// it that is on the way to the file; sites keep what they show there or in a folder for it, and of an export perhaps only the part
/// is there that the path ends with. Notes are written so without the `/` too.
fn candidates(file: &str, path: &str) -> Vec<String> {
    let Some((folder, name)) = file.rsplit_once('/') else { return Vec::new() };
    let folder: Vec<&str> = folder.split('/').collect();
    let spelled = spellings(path);
    let mut names = Vec::new();
    for path in &spelled {
        names.extend(below(&folder, path).filter(|_| !path.starts_with('/')));
    }
    for path in spelled.iter().filter(|path| path.starts_with('/') || is_note(name)) {
        from_roots(&folder, path, &mut names);
    }
    names
}

/// A path as it stands, and as addresses are written: with codes for some letters, and with what only a server understands.
fn spellings(path: &str) -> Vec<String> {
    let address = path.split(['?', '#']).next().unwrap_or_default();
    let mut spelled = vec![path.to_owned()];
    for other in [address.to_owned(), unescaped(path), unescaped(address)] {
        if !spelled.contains(&other) {
            spelled.push(other);
        }
    }
    spelled
}

fn from_roots(folder: &[&str], path: &str, names: &mut Vec<String>) {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    for first in 0..parts.len() {
        // A name alone is that of many files.
        if first > 0 && first + 1 == parts.len() && folder.first() != parts.get(first - 1) {
            break;
        }
        let path = parts.get(first..).unwrap_or_default().join("/");
        for depth in 1..=folder.len() {
            let root = folder.get(..depth).unwrap_or_default();
            names.extend(below(root, &path));
            for kept in KEPT_IN.iter().filter(|_| first == 0) {
                names.extend(below(&[root, &[*kept]].concat(), &path));
            }
        }
    }
}

/// What a path means below a folder of the source, whose name is the first; `None` where it leads out of the source, or to nothing.
fn below(folder: &[&str], path: &str) -> Option<String> {
    let mut parts = folder.to_vec();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
                // Whoever leaves the source is not let in again.
                parts.first()?;
            }
            part => parts.push(part),
        }
    }
    let leads_to_name = !matches!(path.rsplit('/').next(), None | Some("" | "." | ".."));
    (parts.len() > 1 && leads_to_name).then(|| parts.join("/"))
}

/// Whether a file is a note, which may name files as they stand in the whole of the notes.
fn is_note(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, end)| ["md", "markdown", "mdx", "qmd"].contains(&&*end.to_ascii_lowercase()))
}

/// Whether a link stands on the way that a path leads, down in a folder.
fn is_behind_link(folder: &Path, path: &str) -> bool {
    let is_link = |place: &Path| fs::symlink_metadata(place).is_ok_and(|metadata| metadata.file_type().is_symlink());
    let place = folder.join(path);
    place.ancestors().take_while(|place| *place != folder).any(is_link)
}

/// The file that a path leads to, down in a folder and nowhere else; `None` where a link is on the way, or no file at its end.
fn plain_file(folder: &Path, path: &str) -> Option<PathBuf> {
    let mut place = folder.to_owned();
    let mut kind = None;
    for part in Path::new(path).components() {
        let Component::Normal(part) = part else { return None };
        place.push(part);
        kind = Some(fs::symlink_metadata(&place).ok()?.file_type()).filter(|kind| !kind.is_symlink());
        kind?;
    }
    kind.filter(fs::FileType::is_file).map(|_| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &str, path: &str, expected: &[&str]) {
        assert_eq!(candidates(file, path), expected, "{path}");
    }

    #[test]
    fn paths_are_seen_from_their_file() {
        let file = "s/export/result.json";
        check(file, "photos/a.jpg", &["s/export/photos/a.jpg"]);
        check(file, "./a.jpg", &["s/export/a.jpg"]);
        check(file, "../a.jpg", &["s/a.jpg"]);
        check(file, "photos/../../b//a.jpg", &["s/b/a.jpg"]);
        check(
            file,
            "a%20b.jpg?v=1",
            &["s/export/a%20b.jpg?v=1", "s/export/a%20b.jpg", "s/export/a b.jpg?v=1", "s/export/a b.jpg"],
        );
    }

    #[test]
    fn paths_from_a_root_are_looked_for_on_the_way_to_their_file() {
        let roots = |folder: &str| ["", "static/", "public/", "source/"].map(|kept| format!("{folder}/{kept}b/a.jpg"));
        let expected: Vec<String> = ["s", "s/export"].into_iter().flat_map(roots).collect();
        assert_eq!(candidates("s/export/result.json", "/b/a.jpg"), expected);
        let of_a_note = candidates("s/notes/tides.md", "b/a.jpg");
        assert_eq!((&*of_a_note[0], &*of_a_note[1]), ("s/notes/b/a.jpg", "s/b/a.jpg"));
        // Of an export only a part is there.
        let of_a_part = candidates("posts/your_posts_1.json", "/activity/posts/media/a.jpg");
        assert!(of_a_part.contains(&"posts/media/a.jpg".to_owned()), "{of_a_part:?}");
        assert!(!of_a_part.contains(&"posts/a.jpg".to_owned()), "{of_a_part:?}");
    }

    #[test]
    fn paths_lead_nowhere_else() {
        for path in ["", "/", ".", "..", "../..", "../../a.jpg", "../../s/a.jpg", "a/../../../s/a.jpg", "a/", "a/.."] {
            check("s/export/result.json", path, &[]);
        }
        check("result.json", "a.jpg", &[]);
        for path in
            ["/etc/passwd", "/../../etc/passwd", "//etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/s/../../s/../x/y"]
        {
            for name in candidates("s/export/note.md", path) {
                assert!(name.starts_with("s/") && !name.split('/').any(|part| part == ".."), "{path}: {name}");
            }
        }
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
