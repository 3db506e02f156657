//! Media that archives have published already, on their way into another.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};

use super::args::{MediaChoice, Outputs};
use super::build::is_container;
use super::output;
use crate::publish::output::cause;
use crate::publish::{MediaFiles, MediaWriter, Published};
use crate::record::{Attachment, is_published, thumbnail_of};

/// The end of the name of a thumbnail.
const THUMB_END: &str = ".thumb.jpg";

/// Takes over media of archives.
pub(super) struct Carried {
    choice: MediaChoice,
    writer: Option<MediaWriter>,
    archives: Vec<Published>,
    /// Which archive has a medium, and its SHA-256 there.
    places: BTreeMap<String, (usize, String)>,
}

impl Carried {
    /// Media of these archives, of which those that are wanted wait in a folder within `beside`.
    pub(super) fn new(choice: MediaChoice, archives: &[PathBuf], beside: Option<&Path>) -> Result<Self> {
        let mut carried = Self { choice, writer: None, archives: Vec::new(), places: BTreeMap::new() };
        for path in archives {
            let archive = Published::open(path)?;
            let sums = sums(&archive)?;
            // A thumbnail is taken from where its medium is: only the medium's name tells what it is.
            let (thumbnails, media): (Vec<_>, Vec<_>) =
                sums.into_iter().partition(|(name, _)| name.ends_with(THUMB_END));
            let place = carried.archives.len();
            for (name, sum) in media {
                if carried.places.contains_key(&name) {
                    continue;
                }
                let thumbnail = thumbnail_of(&name);
                if let Some((name, sum)) = thumbnails.iter().find(|(name, _)| Some(name) == thumbnail.as_ref()) {
                    carried.places.insert(name.clone(), (place, sum.clone()));
                }
                carried.places.insert(name, (place, sum));
            }
            for (name, sum) in thumbnails {
                carried.places.entry(name).or_insert((place, sum));
            }
            carried.archives.push(archive);
        }
        if choice != MediaChoice::None && !carried.places.is_empty() {
            carried.writer = Some(MediaWriter::new(beside.unwrap_or(Path::new(".")))?);
        }
        Ok(carried)
    }

    /// Takes over what a medium is published as, and its thumbnail; its path is then that of what is taken over, if anything is.
    pub(super) fn take(&mut self, medium: &mut Attachment) -> Result<()> {
        let Some(path) = medium.path.clone() else { return Ok(()) };
        let thumbnail = thumbnail_of(&path).filter(|name| self.places.contains_key(name));
        // A single html has the thumbnails alone.
        let whole = Some(path).filter(|path| self.places.contains_key(path));
        if whole.is_none() && thumbnail.is_none() {
            return Ok(());
        }
        medium.path = match self.choice {
            MediaChoice::None => None,
            MediaChoice::Thumbs => thumbnail.clone(),
            MediaChoice::Copy => whole.or_else(|| thumbnail.clone()),
        };
        if self.choice == MediaChoice::None {
            return Ok(());
        }
        for name in medium.path.iter().chain(&thumbnail) {
            self.carry(name)?;
        }
        Ok(())
    }

    /// Takes over everything, unless nothing is wanted.
    pub(super) fn take_all(&mut self) -> Result<()> {
        let names: Vec<String> = self.places.keys().cloned().collect();
        names.iter().try_for_each(|name| self.carry(name))
    }

    fn carry(&mut self, name: &str) -> Result<()> {
        let (Some(writer), Some((archive, sum))) = (&mut self.writer, self.places.get(name)) else { return Ok(()) };
        let Some(archive) = self.archives.get(*archive) else { return Ok(()) };
        writer.carry(name, sum, |out| archive.copy_file(name, out)).with_context(|| {
            format!(
                "{}: its medium {name} cannot be taken over; mend the archive, or leave its media out: --media none",
                archive.path().display()
            )
        })
    }

    /// What was taken over.
    pub(super) fn finish(self) -> Option<MediaWriter> {
        self.writer
    }
}

/// The media of an archive, by their names, each with its SHA-256.
fn sums(archive: &Published) -> Result<BTreeMap<String, String>> {
    let unread = |error: std::io::Error| anyhow!("{}: cannot be read: {}", archive.path().display(), cause(&error));
    let mut sums = archive.sums().map_err(unread)?;
    sums.retain(|name, _| is_published(name));
    Ok(sums)
}

/// Why a single html has no copies.
pub(super) const SINGLE_HOLDS: &str =
    "a single html holds thumbnails alone: files would make it longer than browsers open";

/// Refuses what there is no place for: anything beside a bare container, copies in a single html.
pub(super) fn check_places(outputs: &Outputs, choice: MediaChoice) -> Result<()> {
    let container = outputs.out.as_ref().filter(|out| is_container(out));
    if let Some(path) =
        container.filter(|_| choice != MediaChoice::None && outputs.zip.is_none() && outputs.single.is_none())
    {
        bail!(
            "{}: a bare container has no place for pictures and files; publish a folder (-o FOLDER) or zip (--zip), or choose --media none",
            path.display()
        );
    }
    match &outputs.single {
        Some(path) if choice == MediaChoice::Copy && outputs.out.is_none() && outputs.zip.is_none() => bail!(
            "{}: {SINGLE_HOLDS}; publish a folder (-o) or zip (--zip) too, or choose --media thumbs",
            path.display()
        ),
        _ => Ok(()),
    }
}

/// Says that what is published beside a single html is not all in it.
pub(super) fn say_what_single_holds(media: &MediaFiles) {
    if media.keys().any(|name| !name.ends_with(THUMB_END)) {
        output::note(&format!("fonds: {SINGLE_HOLDS}"));
    }
}
