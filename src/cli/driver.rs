//! Supplies an archive with the blocks that it asks for.

use std::path::Path;

use anyhow::{Result, bail};

use crate::error::Error;
use crate::format::BlockRef;
use crate::publish::{OpenError, OpenErrorKind, Published};
use crate::searcher::{Answer, Archive};

/// Rounds of asking after which something is wrong: a search goes from terms to postings to columns to texts.
const MAX_ROUNDS: usize = 64;

/// An archive and the published files that it comes from.
#[derive(Debug)]
pub(super) struct Driver {
    pub(super) archive: Archive,
    pub(super) published: Published,
}

impl Driver {
    pub(super) fn open(path: &Path) -> Result<Self, OpenError> {
        let published = Published::open(path)?;
        let unopened = |error: Error| OpenError::new(Path::new(&published.name_of_head()), error.into());
        let archive = Archive::open(&published.head()?).map_err(unopened)?;
        // What stands behind the end belongs to nobody: docs/FORMAT.md has it refused. One that is cut can still be read.
        if published.container_len() > archive.container().len {
            let kind = OpenErrorKind::Damaged("it is longer than its header says".to_owned());
            return Err(OpenError::new(path, kind));
        }
        Ok(Self { archive, published })
    }

    /// Asks until there is an answer; `loaded` sees each round's blocks.
    pub(super) fn answer<T>(
        &self,
        ask: impl Fn(&Archive) -> Result<Answer<T>, Error>,
        mut loaded: impl FnMut(&[BlockRef]),
    ) -> Result<T> {
        for _ in 0..MAX_ROUNDS {
            match ask(&self.archive)? {
                Answer::Ready(answer) => return Ok(answer),
                Answer::Beyond => bail!("this program was built without the feature that this search needs"),
                Answer::Need(blocks) => {
                    loaded(&blocks);
                    blocks.iter().for_each(|block| self.supply(*block));
                }
            }
        }
        bail!("the archive asks for the same blocks again and again")
    }

    /// Hands a block over, or gives it up with the reason.
    fn supply(&self, block: BlockRef) {
        let supplied = self
            .published
            .block(block)
            .and_then(|bytes| self.archive.supply(block.offset, &bytes).map_err(|error| error.to_string()));
        if let Err(reason) = supplied {
            self.archive.lose(block.offset, &format!("{reason}; copy it again"));
        }
    }
}
