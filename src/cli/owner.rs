//! What an owner gives an archive: options and the files that they name, read and checked before anything else is done.
#![expect(clippy::disallowed_methods, reason = "the program reads files")]

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};

use super::args::{Outputs, Publishing, YesNo};
use super::output;
use crate::publish::output::cause;
use crate::publish::owner::{
    self, Accent, Address, Licence, Logo, Metadata, Owner, Prose, Sheet, logo, metadata, prose, sheet,
};

/// Reads what is given. What is done to it beyond what was asked is noted.
pub(super) fn read(publishing: &Publishing) -> Result<Owner> {
    let args = &publishing.owner;
    let mut notes = Vec::new();
    let mut owner = Owner::default();
    if let Some(path) = &args.about {
        let (about, num_pictures) =
            Prose::parse(&text(path, prose::MAX_LEN)?).map_err(|place| anyhow!("{}:{place}", path.display()))?;
        if num_pictures > 0 {
            let pictures = output::count(num_pictures as u64, "picture is", "pictures are");
            notes.push(format!("{}: {pictures} left out, and what stands for them is shown", path.display()));
        }
        owner.about = Some(about);
    }
    if let Some(path) = &args.logo {
        let logo = Logo::parse(&bytes(path, logo::MAX_LEN)?);
        owner.logo = Some(logo.map_err(|cause| anyhow!("{}: {cause}", path.display()))?);
    }
    if let Some(path) = &args.css {
        let sheet = Sheet::parse(&text(path, sheet::MAX_LEN)?);
        owner.sheet = Some(sheet.map_err(|place| anyhow!("{}:{place}", path.display()))?);
    }
    if let Some(colour) = &args.accent {
        let accent = Accent::parse(colour).map_err(|cause| anyhow!("--accent {cause}"))?;
        notes.extend(accent.notes());
        owner.accent = Some(accent);
    }
    if let Some(code) = &args.lang {
        owner.lang = Some(owner::language(code).map_err(|cause| anyhow!("--lang {code}: {cause}"))?);
    }
    if let Some(text) = &args.licence {
        owner.licence = Some(Licence::parse(text).context("--licence")?);
    }
    if let Some(path) = &args.meta {
        let metadata = Metadata::parse(&text(path, metadata::MAX_LEN)?);
        owner.metadata = metadata.map_err(|place| anyhow!("{}:{place}", path.display()))?;
    }
    if let Some(address) = &args.url {
        owner.address = Some(Address::parse(address).map_err(|cause| anyhow!("--url {cause}"))?);
    }
    owner.offline = args.service_worker.map(|choice| choice == YesNo::Yes);
    if !publishing.quiet {
        notes.iter().for_each(|note| output::note(&format!("fonds: {note}")));
    }
    Ok(owner)
}

/// Refuses to lose what was given: a container has no place for it.
pub(super) fn check_outputs(outputs: &Outputs, publishing: &Publishing, owner: &Owner) -> Result<()> {
    let container = outputs.out.as_ref().filter(|path| path.extension().is_some_and(|extension| extension == "fonds"));
    let Some(path) = container.filter(|_| !owner.is_silent()) else { return Ok(()) };
    if outputs.zip.is_none() && outputs.single.is_none() {
        bail!(
            "{}: a container holds posts alone; what an owner says needs a folder, a zip or a single html",
            path.display()
        );
    }
    if !publishing.quiet {
        output::note(&format!(
            "fonds: {}: a container holds posts alone, and nothing of what the owner says",
            path.display()
        ));
    }
    Ok(())
}

/// The language that an archive is built with.
pub(super) fn lang(owner: &Owner) -> String {
    owner.lang.clone().unwrap_or_else(|| "en".to_owned())
}

fn text(path: &Path, max_len: u64) -> Result<String> {
    let text = String::from_utf8(bytes(path, max_len)?);
    text.map_err(|error| {
        let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        anyhow!("{}:{line}: this is no UTF-8; save it as UTF-8", path.display())
    })
}

/// All of a file, unless it is longer than that.
fn bytes(path: &Path, max_len: u64) -> Result<Vec<u8>> {
    let read = || -> std::io::Result<Vec<u8>> {
        // Opening a pipe would wait for whoever fills it.
        if !path.metadata()?.is_file() {
            return Err(std::io::Error::other("it is no file"));
        }
        let mut bytes = Vec::new();
        File::open(path)?.take(max_len + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|error| anyhow!("{}: {}; check the name", path.display(), cause(&error)))?;
    if bytes.len() as u64 > max_len {
        let len = path.metadata().map_or(max_len, |metadata| metadata.len());
        bail!(
            "{}: it is {} long, and {} KB are the most; make it smaller",
            path.display(),
            output::bytes(len),
            max_len >> 10
        );
    }
    Ok(bytes)
}
