//! Opens a table of overrides, and says what became of it.
#![expect(clippy::disallowed_methods, reason = "this is where the table is opened")]

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Result, anyhow, bail};
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};

use super::output;
use crate::gather::{MAX_OVERRIDES_LEN, Overrides};
use crate::publish::output::cause;
use crate::publish::shard::hex;
use crate::record::Record;
use crate::searcher::SourceAccount;

/// Lines without effect that are named; the rest is counted.
const MAX_NAMED: usize = 20;

/// A table of overrides, and what it did so far.
pub(super) struct Applied {
    pub(super) overrides: Overrides,
    /// Its file and digest, as the account says them.
    name: String,
    num_changed: u64,
}

impl Applied {
    /// Reads the table at `path`.
    pub(super) fn open(path: &Path, zone: &TimeZone) -> Result<Self> {
        let unread =
            |error: std::io::Error| anyhow!("{}: {}; check its name and permissions", path.display(), cause(&error));
        let mut bytes = Vec::new();
        File::open(path).and_then(|file| file.take(MAX_OVERRIDES_LEN + 1).read_to_end(&mut bytes)).map_err(unread)?;
        if bytes.len() as u64 > MAX_OVERRIDES_LEN {
            bail!("{}: longer than {MAX_OVERRIDES_LEN} bytes, which no table of overrides is", path.display());
        }
        let overrides = Overrides::parse(&bytes, zone).map_err(|error| anyhow!("{}: {error}", path.display()))?;
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let name = format!("{file} (SHA-256 {})", hex(&Sha256::digest(&bytes)));
        Ok(Self { overrides, name, num_changed: 0 })
    }

    /// Sets what the table says of a record.
    pub(super) fn apply(&mut self, record: &mut Record) {
        self.num_changed += u64::from(self.overrides.apply(record));
    }

    /// Says in the account of the source that was just read how many of its posts are not as it has them.
    pub(super) fn end_source(&mut self, account: &mut SourceAccount) {
        let changed = std::mem::take(&mut self.num_changed);
        if changed > 0 {
            let posts = output::count(changed, "post is", "posts are");
            account.notes.push(format!("{posts} as the overrides of {} say", self.name));
        }
    }

    /// What the table says of no post; after the last source.
    pub(super) fn unused(&self) -> Option<String> {
        let unused = self.overrides.unused();
        let named: Vec<String> = unused.iter().take(MAX_NAMED).map(u64::to_string).collect();
        let more = match unused.len() - named.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let lines = if unused.len() == 1 { "line" } else { "lines" };
        (!unused.is_empty()).then(|| {
            let (named, all) = (named.join(", "), self.overrides.len());
            format!("of the {all} overrides of {}, those of {lines} {named}{more} fit no post", self.name)
        })
    }
}
