//! Writes output whole or not at all, and never over what fonds did not make.
//!
//! Everything is first written beside its place, under a hidden name, and then moved there: [`stage_folder`] and [`stage_file`],
//! then [`Staged::commit`]. What is staged and not committed is removed, also when the program is told to stop
//! ([`stop_cleanly`]). Where it was killed, or the power failed, the next run removes what it finds ([`sweep`]): whoever stages holds
//! a lock, which ends with the program.
#![expect(clippy::disallowed_methods, reason = "this is where files are written")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result, anyhow, bail};
use tempfile::{NamedTempFile, TempDir};

use super::bag;
use super::media::MediaFiles;
use super::published::{Published, SUMS};

/// What stands where output shall be.
enum InTheWay {
    Nothing,
    /// What fonds made, or an empty folder.
    Ours,
    /// Anything else, as a clause about the path.
    Foreign(String),
}

/// Output that is written, but not yet in its place.
#[derive(Debug)]
pub struct Staged {
    path: PathBuf,
    kind: StagedKind,
}

#[derive(Debug)]
enum StagedKind {
    /// Holds the folder `new`, and for a moment `old`.
    Folder(TempDir),
    File(NamedTempFile),
}

/// How hidden names begin.
const PREFIX: &str = ".fonds-";

/// Random characters behind that.
const RANDOM_LEN: usize = 6;

/// Within a hidden folder, what the output replaces, for the moment between two moves.
const OLD: &str = "old";

/// What is staged now. Whoever writes there holds the lock, so that nothing is written behind a removal.
static STAGED: Mutex<Vec<Hidden>> = Mutex::new(Vec::new());

/// A hidden folder or file of this program.
#[derive(Debug)]
struct Hidden {
    path: PathBuf,
    /// Locked as long as the program lives, so that another knows it is not left over; none where a disk has no locks.
    _lock: Option<fs::File>,
}

/// Before the names of what a bag holds.
const PAYLOAD_FOLDER: &str = "data/";

/// Exit code of a program that was told to stop, as shells give it for Ctrl-C: 128 and the number of the signal.
const STOPPED: i32 = 130;

/// From now on, when the program is told to stop (Ctrl-C, a closed terminal, `kill`), removes what is staged first.
///
/// # Errors
/// The system refuses; or this was called before.
pub fn stop_cleanly() -> Result<()> {
    let stop = || {
        let staged = staged();
        for Hidden { path, .. } in staged.iter() {
            // The one or the other fails, and there is nobody left to tell.
            _ = fs::remove_file(path);
            _ = fs::remove_dir_all(path);
        }
        process::exit(STOPPED);
    };
    ctrlc::set_handler(stop).context("cannot watch for Ctrl-C")
}

fn staged() -> MutexGuard<'static, Vec<Hidden>> {
    STAGED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes a hidden folder or file, and locks it.
fn hide<T>(make: impl Fn(&mut tempfile::Builder<'_, '_>) -> io::Result<(T, PathBuf)>) -> io::Result<T> {
    loop {
        let mut staged = staged();
        let (hidden, path) = make(tempfile::Builder::new().prefix(PREFIX).rand_bytes(RANDOM_LEN))?;
        let lock = fs::File::open(&path).ok();
        // Between the making and the lock another program may have taken it for left over, and removed it.
        let is_taken = |lock: &fs::File| matches!(lock.try_lock(), Err(fs::TryLockError::WouldBlock));
        if lock.as_ref().is_some_and(is_taken) || !path.exists() {
            continue;
        }
        staged.push(Hidden { path, _lock: lock });
        return Ok(hidden);
    }
}

/// Whether a name is one that [`hide`] gives, and not somebody else's.
fn is_hidden_name(name: &str) -> bool {
    let random = name.strip_prefix(PREFIX).unwrap_or_default();
    random.len() == RANDOM_LEN && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Removes what programs left beside `path` that ended without notice. What they may have put aside of an archive, on a disk where
/// two folders cannot be exchanged, stays.
pub fn sweep(path: &Path) {
    let Ok(entries) = fs::read_dir(parent_of(path)) else { return };
    for entry in entries.flatten() {
        let (path, kind) = (entry.path(), entry.file_type());
        let is_ours = entry.file_name().to_str().is_some_and(is_hidden_name);
        let (Ok(kind), true) = (kind, is_ours) else { continue };
        // Links and pipes are of somebody else.
        if !(kind.is_dir() || kind.is_file()) || path.join(OLD).exists() {
            continue;
        }
        // Held until it is gone, so that no two programs remove the same.
        let Ok(lock) = fs::File::open(&path) else { continue };
        if lock.try_lock().is_ok() {
            // What cannot be removed was not in the way before, and is not now.
            _ = if kind.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        }
    }
}

/// Whether a folder, or else a file, may be put at `path`: what fonds made there is replaced; anything else is refused unless
/// `force` is set. Links and devices are refused always: replacing them is never what was meant.
///
/// # Errors
/// Something is in the way, or the folder above is not there.
pub fn check(path: &Path, is_folder: bool, force: bool) -> Result<()> {
    let place = place_of(path)?;
    let in_the_way = in_the_way(path)?;
    if !is_folder && path.is_dir() {
        bail!("{}: a folder is in the way; choose another name", path.display());
    }
    let InTheWay::Foreign(what) = in_the_way else { return Ok(()) };
    if !force {
        bail!("{}: {what}; choose another name, or replace it with --force", path.display());
    }
    // Whoever stands in a folder hardly means to lose it.
    if std::env::current_dir().and_then(|here| here.canonicalize()).is_ok_and(|here| here.starts_with(&place)) {
        bail!("{}: the working folder lies in it, so it is not replaced; choose another name", path.display());
    }
    Ok(())
}

/// Where output at `path` will stand, with links above it followed.
///
/// # Errors
/// The folder above is not there, or `path` names nothing in it.
pub fn place_of(path: &Path) -> Result<PathBuf> {
    let Some(name) = path.file_name() else {
        bail!("{}: this names no new place; name the output itself", path.display());
    };
    let parent = parent_of(path);
    let known = parent.canonicalize().ok().filter(|parent| parent.is_dir());
    let known = known.with_context(|| {
        format!(
            "{}: the folder {} is not there; make it first, or choose another name",
            path.display(),
            parent.display()
        )
    })?;
    Ok(known.join(name))
}

/// A hidden folder within `beside`, which goes when it is dropped, or the program is told to stop.
///
/// # Errors
/// It cannot be made.
pub(super) fn scratch(beside: &Path) -> Result<TempDir> {
    hidden_folder(beside).map_err(|error| unwritten(beside, &error))
}

fn hidden_folder(beside: &Path) -> io::Result<TempDir> {
    hide(|builder| {
        let folder = builder.tempdir_in(beside)?;
        let path = folder.path().to_owned();
        Ok((folder, path))
    })
}

/// Writes a folder beside its place. Files of `kept` are taken from the folder that is there: they are not written anew.
///
/// # Errors
/// Something is in the way, or a file cannot be written; nothing is then left behind.
pub fn stage_folder(
    path: &Path,
    files: &BTreeMap<String, Vec<u8>>,
    media: &MediaFiles,
    kept: &[String],
    force: bool,
) -> Result<Staged> {
    check(path, true, force)?;
    let staged = hidden_folder(&parent_of(path)).map_err(|error| unwritten(path, &error))?;
    let folder = staged.path().join("new");
    for (name, bytes) in files {
        let _writing = self::staged();
        let file = folder.join(name);
        let write = || -> io::Result<()> {
            fs::create_dir_all(file.parent().unwrap_or(&folder))?;
            fs::write(&file, bytes)
        };
        write().map_err(|error| unwritten(&path.join(name), &error))?;
    }
    for (name, medium) in media {
        let _writing = self::staged();
        let file = folder.join(name);
        let copy = || -> io::Result<()> {
            fs::create_dir_all(file.parent().unwrap_or(&folder))?;
            io::copy(&mut fs::File::open(&medium.path)?, &mut fs::File::create(&file)?).map(|_| ())
        };
        copy().map_err(|error| unwritten(&path.join(name), &error))?;
    }
    for name in kept.iter().filter(|name| !files.contains_key(*name) && !media.contains_key(*name)) {
        let _writing = self::staged();
        let (old, file) = (path.join(name), folder.join(name));
        let keep = || -> io::Result<()> {
            fs::create_dir_all(file.parent().unwrap_or(&folder))?;
            // A second name of the same file; where the disk knows no such thing, a copy.
            fs::hard_link(&old, &file).or_else(|_| fs::copy(&old, &file).map(|_| ()))
        };
        keep().map_err(|error| unwritten(&old, &error))?;
    }
    Ok(Staged { path: path.to_owned(), kind: StagedKind::Folder(staged) })
}

/// Writes a file beside its place.
///
/// # Errors
/// Something is in the way, or the file cannot be written; nothing is then left behind.
pub fn stage_file(path: &Path, force: bool, write: impl FnOnce(&mut fs::File) -> Result<()>) -> Result<Staged> {
    check(path, false, force)?;
    let hidden = hide(|builder| {
        let file = builder.permissions(plain_permissions()).tempfile_in(parent_of(path))?;
        let path = file.path().to_owned();
        Ok((file, path))
    });
    let mut staged = hidden.map_err(|error| unwritten(path, &error))?;
    let file = staged.as_file_mut();
    write(file).and_then(|()| Ok(file.flush()?)).map_err(|error| match error.downcast_ref::<io::Error>() {
        Some(error) => unwritten(path, error),
        None => error,
    })?;
    Ok(Staged { path: path.to_owned(), kind: StagedKind::File(staged) })
}

impl Staged {
    /// Moves the output to its place.
    ///
    /// # Errors
    /// It cannot be moved; what was there before is then there again.
    pub fn commit(self) -> Result<()> {
        // Held to the end: a program that is told to stop meanwhile stops behind this step, not within it.
        let _moving = staged();
        let Self { path, kind } = self;
        let staged = match kind {
            StagedKind::File(file) => {
                file.persist(&path).map_err(|error| unwritten(&path, &error.error))?;
                return Ok(());
            }
            StagedKind::Folder(staged) => staged,
        };
        let (new, old) = (staged.path().join("new"), staged.path().join(OLD));
        let has_old = path.symlink_metadata().is_ok();
        if has_old && exchange(&new, &path) {
            return remove_replaced(&path, staged);
        }
        if has_old {
            fs::rename(&path, &old).map_err(|error| unwritten(&path, &error))?;
        }
        if let Err(error) = fs::rename(&new, &path) {
            if has_old && let Err(back) = fs::rename(&old, &path) {
                // What was there must not go with the temporary folder.
                let kept = staged.keep().join(OLD);
                let (path, kept, back) = (path.display(), kept.display(), cause(&back));
                bail!("{path}: cannot be put back: {back}; what was there is now {kept}");
            }
            return Err(unwritten(&path, &error));
        }
        remove_replaced(&path, staged)
    }
}

/// Exchanges two paths in one step, so that there is no moment without the one or the other; false where the system or its
/// disk cannot.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn exchange(new: &Path, path: &Path) -> bool {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, new, CWD, path, RenameFlags::EXCHANGE).is_ok()
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn exchange(_: &Path, _: &Path) -> bool {
    false
}

/// Removes what stood at `path` before, which is now in the temporary folder.
fn remove_replaced(path: &Path, staged: TempDir) -> Result<()> {
    let left = staged.path().to_owned();
    staged.close().map_err(|error| {
        let (path, left, error) = (path.display(), left.display(), cause(&error));
        anyhow!("{path}: is written, but what was there before cannot be removed: {error}; remove {left}")
    })
}

/// The cause of a failure in words, without numbers that only systems know.
#[must_use]
pub fn cause(error: &io::Error) -> String {
    use io::ErrorKind as Kind;
    let words = match error.kind() {
        Kind::NotFound => "there is no such file or folder",
        Kind::PermissionDenied => "permission is denied",
        Kind::StorageFull => "the disk is full",
        Kind::QuotaExceeded => "the quota of the disk is used up",
        Kind::FileTooLarge => "the file grows too large for its disk",
        Kind::ReadOnlyFilesystem => "the disk is read-only",
        Kind::IsADirectory => "this is a folder",
        Kind::NotADirectory => "a part of the path is no folder",
        Kind::InvalidFilename => "the name is not allowed here",
        _ => {
            let text = error.to_string();
            let end = text.find(" (os error").unwrap_or(text.len());
            return text.get(..end).unwrap_or_default().to_lowercase();
        }
    };
    words.to_owned()
}

fn unwritten(path: &Path, error: &io::Error) -> anyhow::Error {
    let remedy = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "make room, or choose another place",
        _ => "choose another place",
    };
    anyhow!("{}: cannot be written: {}; nothing was left behind, {remedy}", path.display(), cause(error))
}

fn in_the_way(path: &Path) -> Result<InTheWay> {
    let metadata = match path.symlink_metadata() {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(InTheWay::Nothing),
        Err(error) => return Err(unwritten(path, &error)),
    };
    let foreign = || "something that fonds did not make is in the way".to_owned();
    if metadata.is_symlink() {
        bail!("{}: a link is in the way; name what it leads to, or remove it", path.display());
    }
    if metadata.is_file() {
        return Ok(if Published::open(path).is_ok() { InTheWay::Ours } else { InTheWay::Foreign(foreign()) });
    }
    if !metadata.is_dir() {
        bail!("{}: it is neither a file nor a folder; choose another name", path.display());
    }
    if fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none()) {
        return Ok(InTheWay::Ours);
    }
    let Some(sums) = Published::open(path).ok().and_then(|published| published.small_file(SUMS).ok().flatten()) else {
        return Ok(InTheWay::Foreign(foreign()));
    };
    // A folder that fonds made may hold more by now, which nobody said to delete.
    let sums = String::from_utf8_lossy(&sums);
    let known: std::collections::HashSet<&str> =
        sums.lines().filter_map(|line| line.split_once("  ")).map(|(_, name)| name).chain([SUMS]).collect();
    let mut names = Vec::new();
    super::published::list(path, "", &mut names).map_err(|error| unwritten(path, &error))?;
    names.sort();
    let is_bag = bag::is_bag(path);
    let is_known = |name: &str| match name.strip_prefix(PAYLOAD_FOLDER).filter(|_| is_bag) {
        Some(name) => known.contains(name),
        None => known.contains(name) || (is_bag && bag::is_tag_file(name)),
    };
    Ok(match names.iter().find(|name| !is_known(name)) {
        Some(name) => InTheWay::Foreign(format!("it holds {name}, which fonds did not make")),
        None => InTheWay::Ours,
    })
}

fn parent_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(path: &Path, is_folder: bool, force: bool) -> String {
        check(path, is_folder, force).unwrap_err().to_string()
    }

    #[test]
    fn causes_are_words() {
        assert_eq!(cause(&io::Error::from_raw_os_error(2)), "there is no such file or folder");
        assert!(!cause(&io::Error::from_raw_os_error(5)).contains("os error"));
    }

    #[test]
    fn what_is_staged_and_not_committed_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        drop(stage_file(&path, false, |file| Ok(file.write_all(b"x")?)).unwrap());
        let files = BTreeMap::from([("b/c".to_owned(), vec![1])]);
        drop(stage_folder(&path, &files, &MediaFiles::new(), &[], false).unwrap());
        stage_file(&path, false, |_| bail!("no")).unwrap_err();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_was_left_over_is_removed_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        for name in
            [".fonds-abc123", ".fonds-put123/old", ".fonds-Dir456/new/a", ".fonds-long1234", ".fonds-", "fonds-abc123"]
        {
            fs::create_dir_all(path(name).parent().unwrap()).unwrap();
            fs::write(path(name), "x").unwrap();
        }
        let held = stage_file(&path("held"), false, |file| Ok(file.write_all(b"x")?)).unwrap();
        sweep(&path("out"));
        let mut left: Vec<_> =
            fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        left.sort();
        assert_eq!(left.len(), 5, "{left:?}");
        assert!(
            [".fonds-", ".fonds-long1234", ".fonds-put123", "fonds-abc123"]
                .iter()
                .all(|name| left.contains(&(*name).to_owned()))
        );
        held.commit().unwrap();
        assert!(path("held").exists());
    }

    #[cfg(unix)]
    #[test]
    fn links_and_devices_are_never_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        for is_folder in [false, true] {
            assert!(refused(&link, is_folder, true).contains("a link is in the way"));
            assert!(refused(Path::new("/dev/null"), is_folder, true).contains("neither a file nor a folder"));
        }
    }

    #[test]
    fn the_working_folder_and_nameless_places_are_refused() {
        let here = std::env::current_dir().unwrap();
        for path in [".", "..", "/"] {
            assert!(refused(Path::new(path), true, true).contains("names no new place"), "{path}");
        }
        assert!(refused(&here, true, true).contains("the working folder lies in it"));
        assert!(refused(&here, false, true).contains("a folder is in the way"));
    }
}
