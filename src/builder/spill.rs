//! Records on their way from the sources into the archive: written down as they come, read back in the order of time.
//!
//! Long archives do not fit in memory, and their order is known only once all is read. A short one stays in memory, a longer one
//! goes to a temporary file that has no name, so that it is gone however the program ends.

use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use tempfile::SpooledTempFile;

use crate::error::{Error, ErrorKind, Result};
use crate::record::Record;
use crate::store;

/// Bytes up to which records are kept in memory.
const MAX_IN_MEMORY: usize = 32 * 1024 * 1024;

/// Bytes that are written at once.
const WRITE_LEN: usize = 1024 * 1024;

/// Records by the order in which they came.
#[derive(Debug)]
pub(super) struct Spill {
    /// One at a time moves within it.
    file: Mutex<SpooledTempFile>,
    /// What is not written yet.
    pending: Vec<u8>,
    /// Where each record ends.
    ends: Vec<u64>,
}

impl Spill {
    /// No records; the temporary file would stand in `folder`, or where the system has such.
    pub(super) fn new(folder: Option<&Path>) -> Self {
        let file = match folder {
            Some(folder) => SpooledTempFile::new_in(MAX_IN_MEMORY, folder),
            None => SpooledTempFile::new(MAX_IN_MEMORY),
        };
        Self { file: Mutex::new(file), pending: Vec::new(), ends: Vec::new() }
    }

    /// Writes the next record down.
    pub(super) fn push(&mut self, record: &Record) -> Result<()> {
        let bytes = store::encode_record(record);
        self.ends.push(self.ends.last().copied().unwrap_or(0) + bytes.len() as u64);
        self.pending.extend(bytes);
        if self.pending.len() >= WRITE_LEN { self.flush() } else { Ok(()) }
    }

    /// Writes what is pending; before this, records cannot be read back.
    pub(super) fn flush(&mut self) -> Result<()> {
        let pending = std::mem::take(&mut self.pending);
        self.file.get_mut().unwrap_or_else(PoisonError::into_inner).write_all(&pending).map_err(failed)
    }

    /// Reads a record back.
    pub(super) fn get(&self, seq: u32) -> Result<Record> {
        let end_of = |seq: usize| self.ends.get(seq).copied().unwrap_or(0);
        let start = (seq as usize).checked_sub(1).map_or(0, end_of);
        let mut bytes = vec![0; end_of(seq as usize).saturating_sub(start) as usize];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(start)).map_err(failed)?;
        file.read_exact(&mut bytes).map_err(failed)?;
        store::decode_record(&bytes)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn failed(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Lost(format!("the build's temporary file: {error}; is its disk full?")))
}
