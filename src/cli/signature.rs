//! Detached signatures: who says that an archive is theirs. [minisign](https://jedisct1.github.io/minisign/) makes and reads them too.
//!
//! One file is signed that stands for all: of a folder `SHA256SUMS`, of a bag the list of its lists, of the other forms the archive
//! itself. What is signed is thus also what everyone can check without fonds: `minisign -Vm SHA256SUMS -p KEY`.
#![expect(clippy::disallowed_methods, reason = "this is where keys and signatures are read")]

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use minisign_verify::{Error, PublicKey, Signature};

use crate::publish::output::cause;
use crate::publish::published::signed_file;

/// Ends the name of a signature; minisign's own.
const EXTENSION: &str = "minisig";

/// Longest key or signature that is read, in bytes: four lines, of which one is a comment.
const MAX_LEN: u64 = 16 << 10;

/// Bytes that are hashed at once.
const BUF_LEN: usize = 1 << 16;

/// A signature that is right.
pub(super) struct Signed {
    /// The file that was signed.
    pub(super) file: PathBuf,
    /// What whoever signed it said of it; the signature covers it.
    pub(super) comment: String,
}

/// Checks the signature of an archive.
///
/// # Errors
/// Key or signature cannot be read, or the signature is not one of this key over these bytes.
pub(super) fn check(archive: &Path, key: &str, signature: Option<&Path>) -> Result<Signed> {
    let key = public_key(key)?;
    let file = signed_file(archive);
    let beside = || {
        let mut name = file.clone().into_os_string();
        name.push(".");
        name.push(EXTENSION);
        PathBuf::from(name)
    };
    let path = signature.map_or_else(beside, Path::to_path_buf);
    let text = read(&path).map_err(|error| {
        anyhow!("{}: the signature cannot be read: {}; name it with --signature", path.display(), cause(&error))
    })?;
    let signature = Signature::decode(&text).map_err(|_| {
        anyhow!("{}: this is no signature; minisign -S -m {} makes one", path.display(), file.display())
    })?;
    verify(&file, &key, &signature).map_err(|error| match error {
        Error::IoError(error) => anyhow!("{}: cannot be read: {}; check the name", file.display(), cause(&error)),
        Error::UnexpectedKeyId => anyhow!(
            "{}: the signature is of another key; ask whoever signed the archive for theirs, by another way than with it",
            path.display()
        ),
        Error::UnsupportedLegacyMode => {
            anyhow!("{}: the signature is of a kind that minisign makes no more; sign anew with minisign -H", path.display())
        }
        _ => anyhow!(
            "{}: the signature is wrong: these are not the bytes of {} that were signed; get the archive anew, from whoever signed it",
            path.display(),
            file.display()
        ),
    })?;
    Ok(Signed { file, comment: signature.trusted_comment().to_owned() })
}

/// A key as a file, or as its one line.
fn public_key(key: &str) -> Result<PublicKey> {
    if let Ok(key) = PublicKey::from_base64(key) {
        return Ok(key);
    }
    let text = read(Path::new(key)).map_err(|error| {
        anyhow!("--key {key}: {}; write the key itself, or the name of its file, as minisign.pub", cause(&error))
    })?;
    // minisign's files begin with a comment; the line alone will do.
    match PublicKey::decode(&text).or_else(|_| PublicKey::from_base64(text.trim())) {
        Ok(key) => Ok(key),
        Err(_) => {
            bail!("--key {key}: there is no public key in it; minisign -G makes a pair, of which minisign.pub is meant")
        }
    }
}

fn verify(file: &Path, key: &PublicKey, signature: &Signature) -> Result<(), Error> {
    let mut verifier = key.verify_stream(signature)?;
    let mut file = open(file)?;
    let mut buf = vec![0; BUF_LEN];
    loop {
        match file.read(&mut buf)? {
            0 => return verifier.finalize(),
            len => verifier.update(buf.get(..len).unwrap_or_default()),
        }
    }
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    open(path)?.take(MAX_LEN).read_to_string(&mut text)?;
    Ok(text)
}

/// Opens a file, and nothing else: a pipe would wait for ever.
fn open(path: &Path) -> io::Result<File> {
    if path.metadata()?.is_file() { File::open(path) } else { Err(io::Error::other("it is no file")) }
}
