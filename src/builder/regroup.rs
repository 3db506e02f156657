//! Which posts of an archive must be written anew, since others came that say the same?
//!
//! A group lies whole in one segment, so that folding and counting never look beyond one. Where posts come that belong to a group
//! of an older segment, or found one with a post there, and where a post leaves its group because it says something else now, all
//! that are in the group then go into the new segment.

use std::collections::HashMap;

use super::groups::{Grouping, Groups};
use super::uids::Uids;
use super::{TimeKey, ranks};
use crate::error::Result;
use crate::record::Record;

/// Where a record comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Origin {
    /// It is new, and goes into the new segment.
    New,
    /// An older segment has it.
    Old {
        /// The group that it is in there: a number of its own among those of all segments.
        group: Option<u32>,
    },
}

/// Collects all records that an archive will have.
#[derive(Debug, Default)]
pub struct Regroup {
    uids: Uids,
    times: Vec<TimeKey>,
    groups: Groups,
    origins: Vec<Origin>,
}

/// What is to be done.
#[derive(Debug, Default)]
pub struct Regrouped {
    /// The records that go into the new segment, by the order in which they came: new ones, and those that are written anew.
    pub moved: Vec<u32>,
    /// Their groups; records have their places in `moved`.
    pub groups: Grouping,
}

impl Regroup {
    /// Adds the next record, which is called `uid`.
    pub fn add(&mut self, record: &Record, uid: &str, origin: Origin) {
        self.uids.push(uid);
        self.times.push(TimeKey::new(record.date.as_ref()));
        self.groups.add(record);
        self.origins.push(origin);
    }

    /// Finds the groups, and which of the old records they move. `old_len` says how many records a group of an older segment has
    /// there, hidden ones too, and `read` reads a record again.
    ///
    /// # Errors
    /// A record cannot be read again.
    pub fn finish(mut self, old_len: impl Fn(u32) -> u32, read: impl Fn(u32) -> Result<Record>) -> Result<Regrouped> {
        let by_uid = self.uids.settle(|seq| seq);
        let grouping = self.groups.finish(&ranks(&self.times, &by_uid), read)?;
        // Of each group by its first record: whether all of it lies in one group of old, and in which.
        let mut homes: HashMap<u32, Origin> = HashMap::new();
        for (origin, seq) in self.origins.iter().zip(0u32..) {
            let Some((first, _)) = grouping.of(seq) else { continue };
            let home = homes.entry(first).or_insert(*origin);
            if *home != *origin {
                *home = Origin::New;
            }
        }
        let stays = |seq: u32, origin: Origin| match (origin, grouping.of(seq)) {
            (Origin::New, _) => false,
            (Origin::Old { group }, None) => group.is_none(),
            (Origin::Old { .. }, Some((first, len))) => match homes.get(&first) {
                Some(Origin::Old { group: Some(group) }) => old_len(*group) == len,
                _ => false,
            },
        };
        let origins = self.origins.iter().zip(0u32..);
        let moved: Vec<u32> = origins.filter(|(origin, seq)| !stays(*seq, **origin)).map(|(_, seq)| seq).collect();
        Ok(Regrouped { groups: grouping.among(&moved), moved })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORM: &str = "The storm has damaged four boats in the harbour, and the ferry will not sail before Thursday";
    const FOG: &str = "Fog lies over the whole bay this morning, and the pilots wait for it to lift";

    /// Regroups posts, each with its channel, text and origin; gives the places of those that move and their groups.
    fn regrouped(posts: &[(&str, &str, Origin)], old_len: u32) -> (Vec<u32>, Vec<Option<(u32, u32)>>) {
        let record = |(channel, text, _): &(&str, &str, Origin)| Record {
            channel: Some((*channel).to_owned()),
            text: (*text).to_owned(),
            ..Record::default()
        };
        let records: Vec<Record> = posts.iter().map(record).collect();
        let mut regroup = Regroup::default();
        for (number, (record, (.., origin))) in records.iter().zip(posts).enumerate() {
            regroup.add(record, &format!("u{number}"), *origin);
        }
        let found = regroup.finish(|_| old_len, |seq| Ok(records[seq as usize].clone())).unwrap();
        let groups = (0..found.moved.len() as u32).map(|place| found.groups.of(place)).collect();
        (found.moved, groups)
    }

    const fn old(group: Option<u32>) -> Origin {
        Origin::Old { group }
    }

    #[test]
    fn what_a_group_gains_moves_all_of_it_and_nothing_else() {
        let posts = [
            ("a", STORM, old(Some(1))),
            ("b", STORM, old(Some(1))),
            ("a", FOG, old(Some(2))),
            ("b", FOG, old(Some(2))),
            ("a", "something else", old(None)),
            ("c", STORM, Origin::New),
        ];
        assert_eq!(regrouped(&posts, 2), (vec![0, 1, 5], vec![Some((0, 3)); 3]));
        // Nothing new of either: nothing moves.
        assert_eq!(regrouped(&posts[..5], 2), (vec![], vec![]));
    }

    #[test]
    fn a_copy_of_a_post_that_was_alone_takes_it_along() {
        let posts =
            [("a", FOG, old(None)), ("a", STORM, old(None)), ("b", STORM, Origin::New), ("b", "x", Origin::New)];
        assert_eq!(regrouped(&posts, 0), (vec![1, 2, 3], vec![Some((0, 2)), Some((0, 2)), None]));
    }

    #[test]
    fn what_is_left_of_a_group_moves() {
        // Of three, one says something else now; of two, the other is alone.
        let posts = [("a", STORM, old(Some(1))), ("b", STORM, old(Some(1))), ("c", FOG, Origin::New)];
        assert_eq!(regrouped(&posts, 3), (vec![0, 1, 2], vec![Some((0, 2)), Some((0, 2)), None]));
        assert_eq!(regrouped(&posts[1..], 2), (vec![0, 1], vec![None, None]));
    }

    #[test]
    fn groups_of_two_segments_become_one() {
        let posts = [
            ("a", STORM, old(Some(1))),
            ("b", STORM, old(Some(1))),
            ("c", STORM, old(Some(2))),
            ("d", STORM, old(Some(2))),
        ];
        assert_eq!(regrouped(&posts, 2), (vec![0, 1, 2, 3], vec![Some((0, 4)); 4]));
    }
}
