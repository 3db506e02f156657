//! The positions of one entry: where in its records it stands.
//!
//! For each posting, in order: the position of each occurrence, counted from 1, as the distance from the one before (the first
//! from 0), a varint `distance × 2 + (1 if another follows)`; a single 0 where the term stands in no text of the record, but in
//! a tag that is a field of its own. The positions of an entry of more than [`GROUP`] postings begin with the length of
//! each group of so many, so that a reader that wants few records of a common word's list steps over the rest of it:
//!
//! ```text
//! ┌─────────────────────┬─────────┬─────────┬───┐
//! │ lengths of groups   │ group 0 │ group 1 │ … │   the last group's length is what is left
//! │ but the last: u32   │         │         │   │
//! └─────────────────────┴─────────┴─────────┴───┘
//! ```
//!
//! Words of a title stand before those of the text, with one position between them that holds nothing, so that no phrase
//! reaches from one into the other. Hashtags and mentions as a whole are part of no phrase: their entries' positions are empty.

use std::ops::Range;

use super::termdict::TermInfo;
use crate::error::{Error, Result};
use crate::format::codec::Decoder;
#[cfg(feature = "cli")]
use crate::format::codec::put_varint;
use crate::format::{Container, Fetch, Section, gather};

/// Postings in a group; fixed by the format. A group is about as long as what one look into a block costs anyway.
pub const GROUP: usize = 128;

/// Appends the positions of one posting, ascending, counted from 1.
#[cfg(feature = "cli")]
pub fn encode_posting(positions: &[u32], buf: &mut Vec<u8>) {
    if positions.is_empty() {
        buf.push(0);
    }
    let mut before = 0;
    for (position, left) in positions.iter().zip((0..positions.len()).rev()) {
        put_varint(buf, u64::from(position - before) * 2 + u64::from(left > 0));
        before = *position;
    }
}

/// Steps over the positions of one posting.
///
/// # Errors
/// They are not as the format says.
#[cfg(feature = "cli")]
pub fn skip_posting(rdr: &mut Decoder<'_>) -> Result<()> {
    decode_posting(rdr, |_| {})
}

/// What stands before the groups of an entry, of which each one's end is given.
#[cfg(feature = "cli")]
#[must_use]
pub fn encode_table(group_ends: &[u32]) -> Vec<u8> {
    let starts = std::iter::once(&0).chain(group_ends);
    group_ends.iter().zip(starts).flat_map(|(end, start)| (end - start).to_le_bytes()).collect()
}

/// The positions of some postings of an entry, given by their places in its list, ascending. Calls `visit` with each place's
/// place in `wanted`, and a position. `None`, having visited nothing, while blocks are missing.
///
/// # Errors
/// A block is lost, or positions are not as the format says.
pub fn visit(
    container: &Container,
    info: &TermInfo,
    wanted: &[usize],
    visit: &mut impl FnMut(usize, u32),
) -> Fetch<()> {
    if info.positions.is_empty() {
        return Ok(Some(()));
    }
    let num_groups = (info.doc_freq as usize).div_ceil(GROUP).max(1);
    let table_len = (num_groups - 1) as u64 * 4;
    let at = info.positions.start;
    let beyond = || Error::corrupt("positions end before they should").at(Section::Positions.name(), at);
    if table_len > info.positions.end - at {
        return Err(beyond());
    }
    let Some(table) = container.stream(Section::Positions, at..at + table_len)? else { return Ok(None) };
    let mut starts = vec![at + table_len];
    for len in table.chunks_exact(4) {
        let len = len.iter().rev().fold(0, |len, byte| len << 8 | u64::from(*byte));
        let start = starts.last().copied().unwrap_or_default() + len;
        starts.push(Some(start).filter(|start| *start <= info.positions.end).ok_or_else(beyond)?);
    }
    starts.push(info.positions.end);
    // Groups that hold what is wanted; neighbours are read as one.
    let mut runs: Vec<Range<usize>> = Vec::new();
    for place in wanted {
        let group = place / GROUP;
        match runs.last_mut() {
            Some(run) if group <= run.end => run.end = run.end.max(group + 1),
            _ => runs.push(group..group + 1),
        }
    }
    let bytes_of = |run: &Range<usize>| {
        let (start, end) = starts.get(run.start).zip(starts.get(run.end)).ok_or_else(beyond)?;
        container.stream(Section::Positions, *start..*end)
    };
    let Some(parts) = gather(runs.iter().map(bytes_of))? else { return Ok(None) };
    let mut next = wanted.iter().copied().zip(0..).peekable();
    for (run, bytes) in runs.iter().zip(&parts) {
        let mut rdr = Decoder::new(bytes);
        let end = (run.end * GROUP).min(info.doc_freq as usize);
        for place in run.start * GROUP..end {
            let found = next.next_if(|(wanted, _)| *wanted == place);
            decode_posting(&mut rdr, |position| {
                if let Some((_, number)) = found {
                    visit(number, position);
                }
            })
            .map_err(|error| error.at(Section::Positions.name(), at))?;
        }
    }
    Ok(Some(()))
}

fn decode_posting(rdr: &mut Decoder<'_>, mut visit: impl FnMut(u32)) -> Result<()> {
    let mut position = 0u32;
    loop {
        let code = rdr.varint()?;
        let step = u32::try_from(code >> 1).ok();
        position = step.and_then(|step| position.checked_add(step)).ok_or(Error::corrupt("a position too far"))?;
        if position > 0 {
            visit(position);
        }
        if code & 1 == 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_posting_comes_back(positions in prop::collection::btree_set(1u32..100_000, 0..40)) {
            let positions: Vec<u32> = positions.into_iter().collect();
            let mut buf = Vec::new();
            encode_posting(&positions, &mut buf);
            let mut found = Vec::new();
            decode_posting(&mut Decoder::new(&buf), |position| found.push(position)).unwrap();
            prop_assert_eq!(found, positions);
        }

        #[test]
        fn any_bytes_give_an_answer_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = decode_posting(&mut Decoder::new(&bytes), |_| {});
        }
    }
}
