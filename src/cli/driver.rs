//! Supplies an archive with the blocks that it asks for.

use std::path::Path;

use anyhow::{Result, bail};

use crate::error::Error;
use crate::format::BlockRef;
use crate::format::reasons::Reasons;
use crate::publish::{OpenError, OpenErrorKind, Published};
use crate::record::{DocId, Record};
use crate::searcher::{Answer, Library, Root};
use crate::time::Zone;

/// Rounds of asking after which something is wrong: a search goes from terms to postings to columns to texts.
const MAX_ROUNDS: usize = 64;

/// An archive, or several as one, and the published files that they come from.
#[derive(Debug)]
pub(super) struct Driver {
    pub(super) library: Library,
    pub(super) published: Published,
    /// Archives that are searched as well, and where each begins among the bytes of all.
    others: Vec<(u64, Other)>,
}

/// Where the blocks of another archive come from.
#[derive(Debug)]
enum Other {
    Published(Box<Published>),
    /// A container that is not published yet.
    Built(Vec<u8>),
}

impl Other {
    fn block(&self, block: BlockRef) -> Result<Vec<u8>, String> {
        match self {
            Self::Published(published) => published.block(block),
            Self::Built(container) => {
                let bytes = container.get(block.offset as usize..block.end() as usize);
                bytes.map(<[u8]>::to_vec).ok_or_else(|| "a block lies outside of its container".to_owned())
            }
        }
    }
}

impl Driver {
    pub(super) fn open(path: &Path) -> Result<Self, OpenError> {
        let published = Published::open(path)?;
        let mut library: Option<Library> = None;
        for (base, len) in published.segments() {
            let name = published.name_of_head(base);
            let unopened = |error: Error| OpenError::new(Path::new(&name), error.into());
            let head = published.head(base)?;
            match &mut library {
                None => library = Some(Library::open(&head).map_err(unopened)?),
                Some(library) => library.append(&head).map_err(unopened)?,
            }
            let opened = library.as_ref().and_then(|library| library.segments().last());
            // What stands behind the end belongs to nobody: docs/FORMAT.md has it refused. One that is cut can still be read.
            if opened.is_some_and(|segment| len > segment.archive.container().len) {
                let kind = OpenErrorKind::Damaged("it is longer than its header says".to_owned());
                return Err(OpenError::new(path, kind));
            }
        }
        let none = || OpenError::new(path, OpenErrorKind::Damaged("it has no segments".to_owned()));
        let mut library = library.ok_or_else(none)?;
        if let Some((file, list)) = published.hidden()? {
            library.hide(&list).map_err(|error| OpenError::new(Path::new(&file), error.into()))?;
        }
        Ok(Self { library, published, others: Vec::new() })
    }

    /// Opens another archive, of one segment, to be searched as one with this.
    pub(super) fn open_another(&mut self, path: &Path) -> Result<()> {
        let other = Self::open(path)?;
        let (zone, others) = (self.zone().name.clone(), other.zone().name.clone());
        if zone != others {
            let first = self.published.path().display();
            bail!(
                "{}: its time zone is {others}, that of {first} is {zone}; build the one anew with --timezone {zone}",
                path.display()
            );
        }
        if other.library.segments().iter().any(|segment| !segment.hidden.is_empty()) {
            bail!("{}: it has superseded posts; make one archive of it first: fonds merge {0} -o OUT", path.display());
        }
        let start = self.library.segments().last().map_or(0, |last| last.base + last.archive.container().len);
        for (base, _) in other.published.segments() {
            let head = other.published.head(base)?;
            self.library.append(&head).map_err(|error| OpenError::new(path, error.into()))?;
        }
        self.others.push((start, Other::Published(Box::new(other.published))));
        Ok(())
    }

    /// Takes a container that was just built as the newest segment.
    pub(super) fn append_built(&mut self, container: &[u8], hidden: Option<&[u8]>) -> Result<()> {
        let start = self.library.segments().last().map_or(0, |last| last.base + last.archive.container().len);
        self.library.append(container)?;
        if let Some(list) = hidden {
            self.library.hide(list)?;
        }
        self.others.push((start, Other::Built(container.to_vec())));
        Ok(())
    }

    /// Title and language as they are published; a bare container has its own.
    pub(super) fn title_and_lang(&self) -> (&str, &str) {
        let root = self.root();
        let own = (root.title.as_str(), root.lang.as_str());
        self.published.manifest().map_or(own, |manifest| (manifest.title.as_str(), manifest.lang.as_str()))
    }

    /// The first segment's root, which says what is the same in all.
    pub(super) fn root(&self) -> &Root {
        self.library.root()
    }

    /// The time zone.
    pub(super) fn zone(&self) -> &Zone {
        &self.root().times.zone
    }

    /// Number of records.
    pub(super) fn num_docs(&self) -> u32 {
        self.library.num_docs()
    }

    /// Numbers of the records, in order.
    pub(super) fn docs(&self) -> Result<Vec<DocId>> {
        self.answer(Library::in_order, |_| {})
    }

    /// A record by its number.
    pub(super) fn record(&self, doc: DocId) -> Result<Record> {
        self.answer(|library| library.record(doc), |_| {})
    }

    /// Why the segments ask for blocks.
    pub(super) fn reasons(&self) -> impl Iterator<Item = &Reasons> {
        self.library.segments().iter().map(|segment| segment.archive.container().reasons())
    }

    /// Asks until there is an answer; `loaded` sees each round's blocks.
    pub(super) fn answer<T>(
        &self,
        ask: impl Fn(&Library) -> Result<Answer<T>, Error>,
        mut loaded: impl FnMut(&[BlockRef]),
    ) -> Result<T> {
        for _ in 0..MAX_ROUNDS {
            match ask(&self.library)? {
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
        let other = self.others.iter().rev().find(|(start, _)| *start <= block.offset);
        let bytes = match other {
            Some((start, other)) => other.block(BlockRef { offset: block.offset - start, ..block }),
            None => self.published.block(block),
        };
        let supplied =
            bytes.and_then(|bytes| self.library.supply(block.offset, &bytes).map_err(|error| error.to_string()));
        if let Err(reason) = supplied {
            self.library.lose(block.offset, &format!("{reason}; copy it again"));
        }
    }
}
