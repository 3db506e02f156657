//! Writes output whole or not at all, and never over what fonds did not make.
#![expect(clippy::disallowed_methods, reason = "this is where files are written")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::published::Published;

/// Writes a folder. What fonds made there before is replaced; anything else is refused unless `force` is set.
///
/// # Errors
/// Something else is in the way, or a file cannot be written; the folder is then as it was before.
pub fn write_folder(path: &Path, files: &BTreeMap<String, Vec<u8>>, force: bool) -> Result<()> {
    let in_the_way = path.symlink_metadata().is_ok();
    if in_the_way && !force && !is_empty_folder(path) && Published::open(path).is_err() {
        refuse(path)?;
    }
    let parent = parent_of(path)?;
    let staged = tempfile::Builder::new()
        .prefix(".fonds-")
        .tempdir_in(&parent)
        .with_context(|| format!("cannot write into {}", parent.display()))?;
    let folder = staged.path().join("new");
    for (name, bytes) in files {
        let file = folder.join(name);
        let write = || -> io::Result<()> {
            fs::create_dir_all(file.parent().unwrap_or(&folder))?;
            fs::write(&file, bytes)
        };
        write().with_context(|| {
            format!("cannot write {}: nothing was left behind; is the disk full?", path.join(name).display())
        })?;
    }
    if in_the_way {
        let old = staged.path().join("old");
        fs::rename(path, &old).with_context(|| format!("cannot replace {}", path.display()))?;
        if let Err(error) = fs::rename(&folder, path) {
            fs::rename(&old, path).with_context(|| format!("cannot put {} back", path.display()))?;
            return Err(error).with_context(|| format!("cannot replace {}", path.display()));
        }
    } else {
        fs::rename(&folder, path).with_context(|| format!("cannot create {}", path.display()))?;
    }
    Ok(())
}

/// Writes a file. What fonds made there before is replaced; anything else is refused unless `force` is set.
///
/// # Errors
/// Something else is in the way, or the file cannot be written; it is then as it was before.
pub fn write_file(path: &Path, force: bool, write: impl FnOnce(&mut fs::File) -> Result<()>) -> Result<()> {
    if path.is_dir() || (path.symlink_metadata().is_ok() && !force && Published::open(path).is_err()) {
        refuse(path)?;
    }
    let parent = parent_of(path)?;
    let mut staged = tempfile::Builder::new()
        .prefix(".fonds-")
        .permissions(plain_permissions())
        .tempfile_in(&parent)
        .with_context(|| format!("cannot write into {}", parent.display()))?;
    let full = || format!("cannot write {}: nothing was left behind; is the disk full?", path.display());
    write(staged.as_file_mut()).and_then(|()| Ok(staged.as_file_mut().flush()?)).with_context(full)?;
    staged.persist(path).with_context(full)?;
    Ok(())
}

/// A zip of the files. Same files, same bytes: names in order, no times of today.
///
/// # Errors
/// The file cannot be written.
pub fn write_zip(file: &mut fs::File, files: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    let mut zip = zip::ZipWriter::new(io::BufWriter::new(file));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644);
    for (name, bytes) in files {
        zip.start_file(name.as_str(), options)?;
        zip.write_all(bytes)?;
    }
    zip.finish()?.flush()?;
    Ok(())
}

fn refuse(path: &Path) -> Result<()> {
    bail!(
        "{} is in the way, and fonds did not make it: choose another name, or replace it with --force",
        path.display()
    )
}

fn is_empty_folder(path: &Path) -> bool {
    fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

/// The folder that holds `path`, which must be there: fonds makes no folders above its output.
fn parent_of(path: &Path) -> Result<PathBuf> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    if parent.is_dir() {
        return Ok(parent);
    }
    bail!("the folder {} is not there: make it first, or choose another name for {}", parent.display(), path.display())
}

/// Output is for everybody to read, where a temporary file would be for its maker alone.
#[cfg(unix)]
fn plain_permissions() -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    fs::Permissions::from_mode(0o644)
}

#[cfg(not(unix))]
fn plain_permissions() -> fs::Permissions {
    fs::metadata(".").map(|metadata| metadata.permissions()).expect("the working folder has permissions")
}
