//! The records of short prefixes, made when an archive is built.
//!
//! Whoever types a word begins with one letter, and the lists of all words with this letter are a large part of all postings. So
//! the prefixes that would read much get a list of their own: the union of these lists.

use super::leaf::MIN_PREFIX_ENTRIES;
use super::postings;
use super::writer::EntryKey;
use crate::docset::Union;
use crate::error::Result;
use crate::record::DocId;

/// A list has to be so many times shorter than what it replaces; else it is not worth its place in the archive.
const MIN_GAIN: usize = 2;

/// The largest share of all postings that may be read for want of a list: so there are few lists in an archive of any size. With
/// 16 KiB alone as the bound, 50,000 package descriptions had 0.13 MB of lists, 800,000 one-liners 1.99 MB.
const MAX_SHARE: usize = 64;

/// The list of a prefix.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PrefixList {
    /// Which entry is the first that begins with the prefix.
    pub first: usize,
    /// Length of the prefix in bytes.
    pub len: usize,
    /// Number of records that hold a word of the prefix.
    pub doc_freq: u32,
    /// These records, coded as postings are.
    pub postings: Vec<u8>,
}

/// The lists of all prefixes that deserve one, in the order of their first entries and then of their lengths: those whose words
/// have `min_replaced` bytes of postings together, or more in a large archive. `postings_len` tells how many bytes the postings of an
/// entry take, `docs` its records.
///
/// # Errors
/// Those of `docs`.
pub fn prefix_lists(
    keys: &[EntryKey<'_>],
    min_replaced: usize,
    postings_len: impl Fn(usize) -> usize,
    docs: impl Fn(usize) -> Result<Vec<DocId>>,
) -> Result<Vec<PrefixList>> {
    let total: usize = (0..keys.len()).map(&postings_len).sum();
    let min_replaced = min_replaced.max(total / MAX_SHARE);
    let mut found = Vec::new();
    // Stretches of entries with a prefix in common, and the length of this prefix.
    let mut open = vec![(0, keys.len(), 0)];
    while let Some((start, end, len)) = open.pop() {
        let mut first = start;
        for run in keys.get(start..end).unwrap_or_default().chunk_by(|a, b| longer(a, len) == longer(b, len)) {
            let entries = first..first + run.len();
            first = entries.end;
            let replaced: usize = entries.clone().map(&postings_len).sum();
            let Some(len) = run.first().and_then(|key| longer(key, len)).map(str::len) else { continue };
            if replaced < min_replaced || entries.len() < MIN_PREFIX_ENTRIES {
                continue;
            }
            open.push((entries.start, entries.end, len));
            let mut union = Union::default();
            for entry in entries.clone() {
                union.add_sorted(&docs(entry)?);
            }
            let all: Vec<DocId> = union.finish().to_vec();
            let mut bytes = Vec::new();
            postings::encode(&all, &mut bytes);
            if bytes.len() * MIN_GAIN <= replaced {
                found.push(PrefixList { first: entries.start, len, doc_freq: all.len() as u32, postings: bytes });
            }
        }
    }
    found.sort_unstable_by_key(|list| (list.first, list.len));
    Ok(found)
}

/// The prefix of a form that is one character longer than `len` bytes; none where the form ends there.
fn longer<'a>(key: &EntryKey<'a>, len: usize) -> Option<&'a str> {
    let next = key.form.get(len..)?.chars().next()?;
    key.form.get(..len + next.len_utf8())
}
