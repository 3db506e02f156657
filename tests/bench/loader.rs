//! An archive and the files that it comes from, with an account of what each answer loads. Shared by the benchmarks.

use std::path::Path;

use fonds::publish::Published;
use fonds::searcher::{Answer, Archive, SearchPage, SearchRequest};

/// Rounds of asking after which something is wrong.
const MAX_ROUNDS: usize = 64;

/// What an answer cost.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    /// How many blocks were handed over.
    pub(crate) blocks: usize,
    /// Their bytes, as they stand in the container.
    pub(crate) bytes: u64,
    /// How often the archive asked: each is a wait for the network.
    pub(crate) rounds: usize,
}

/// A loader that counts.
pub(crate) struct Loader {
    archive: Archive,
    published: Published,
}

impl Loader {
    /// Opens an archive of any published form, and gives the bytes that opening takes.
    pub(crate) fn open(path: &Path) -> (Self, usize) {
        let published = Published::open(path).expect("an archive");
        let head = published.head(0).expect("the head of the container");
        let archive = Archive::open(&head).expect("an archive of this version");
        (Self { archive, published }, head.len())
    }

    /// Answers a request, and says what was loaded for it.
    pub(crate) fn answer(&self, request: &SearchRequest) -> (SearchPage, Cost) {
        let mut cost = Cost::default();
        for _ in 0..MAX_ROUNDS {
            match self.archive.search(request).expect("an answer") {
                Answer::Beyond => panic!("the program has every feature"),
                Answer::Ready(page) => return (page, cost),
                Answer::Need(blocks) => {
                    for block in &blocks {
                        let bytes = self.published.block(*block).expect("a block");
                        self.archive.supply(block.offset, &bytes).expect("a whole block");
                    }
                    cost.rounds += 1;
                    cost.blocks += blocks.len();
                    cost.bytes += blocks.iter().map(|block| u64::from(block.len)).sum::<u64>();
                }
            }
        }
        panic!("the archive asks for the same blocks again and again");
    }
}
