//! The records of a new segment: those that come, and those of older segments that say the same as these.

use std::collections::HashSet;

use anyhow::Result;

use super::driver::Driver;
use crate::builder::Builder;
use crate::builder::groups::Grouping;
use crate::builder::regroup::{Origin, Regroup};
use crate::error::Error;
use crate::index::writer::num_words;
use crate::query::DocSet;
use crate::record::{DocId, Record};
use crate::searcher::{Library, SearchRequest};

/// What a new segment consists of.
pub(super) struct Fresh<'a> {
    records: &'a [Record],
    uids: &'a [String],
    members: Vec<Member>,
    /// Their groups, where they had to be found among more than these.
    groups: Option<Grouping>,
}

/// Where a record of the new segment is.
#[derive(Clone, Copy)]
enum Member {
    /// Among the new ones.
    New(usize),
    /// In the archive.
    Old(DocId),
}

impl<'a> Fresh<'a> {
    /// Of records and their uids, and of those records of the archive whose groups change by them; those in `superseded` are no
    /// more.
    pub(super) fn new(
        driver: &Driver,
        records: &'a [Record],
        uids: &'a [String],
        superseded: &[(DocId, u64)],
    ) -> Result<Self> {
        let channel = records.first().and_then(|record| record.channel.as_deref());
        let channel =
            channel.filter(|channel| records.iter().all(|record| record.channel.as_deref() == Some(*channel)));
        if is_of_one_channel(driver, channel)? {
            let members = (0..records.len()).map(Member::New).collect();
            return Ok(Self { records, uids, members, groups: None });
        }
        let superseded: HashSet<DocId> = superseded.iter().map(|(doc, _)| *doc).collect();
        let old = Groups::read(driver);
        let (mut regroup, mut members) = (Regroup::default(), Vec::new());
        for doc in driver.docs()?.into_iter().filter(|doc| !superseded.contains(doc)) {
            // A post that is lost stays where it is, in no group.
            let Ok(record) = driver.record(doc) else { continue };
            regroup.add(&record, &record.uid, Origin::Old { group: old.of(doc) });
            members.push(Member::Old(doc));
        }
        for ((record, uid), place) in records.iter().zip(uids).zip(0..) {
            regroup.add(record, uid, Origin::New);
            members.push(Member::New(place));
        }
        let gone = || Error::corrupt("a record that was read is gone");
        let found = regroup.finish(
            |group| old.len_of(group),
            |seq| match members.get(seq as usize) {
                Some(Member::New(place)) => records.get(*place).cloned().ok_or_else(gone),
                Some(Member::Old(doc)) => driver.record(*doc).map_err(|_| gone()),
                None => Err(gone()),
            },
        )?;
        let members = found.moved.iter().filter_map(|seq| members.get(*seq as usize).copied()).collect();
        Ok(Self { records, uids, members, groups: Some(found.groups) })
    }

    /// The records of the archive that are written anew as they are, with how many words each has.
    pub(super) fn moved(&self, driver: &Driver) -> Result<Vec<(DocId, u64)>> {
        let old =
            self.members.iter().filter_map(|member| if let Member::Old(doc) = member { Some(*doc) } else { None });
        old.map(|doc| {
            let record = driver.record(doc)?;
            Ok((doc, num_words(record.title.as_deref().unwrap_or_default(), &record.text)))
        })
        .collect()
    }

    /// Hands all of it to a builder that has no records yet.
    pub(super) fn build(self, driver: &Driver, builder: &mut Builder) -> Result<()> {
        if let Some(groups) = self.groups {
            builder.set_groups(groups);
        }
        for member in &self.members {
            match member {
                Member::New(place) => {
                    if let (Some(record), Some(uid)) = (self.records.get(*place), self.uids.get(*place)) {
                        builder.add_named(record, uid);
                    }
                }
                Member::Old(doc) => {
                    let record = driver.record(*doc)?;
                    builder.add_named(&record, &record.uid);
                }
            }
        }
        Ok(())
    }
}

/// Whether the channel that all new posts are of has all old ones too: then none says the same as one of another channel, and no old
/// one need be read.
pub(super) fn is_of_one_channel(driver: &Driver, channel: Option<&str>) -> Result<bool> {
    let Some(channel) = channel else { return Ok(false) };
    let counted = SearchRequest { facet_limit: 2, ..SearchRequest::default() };
    let page = driver.answer(|library| library.search(&counted), |_| {})?;
    let facet = page.facets.iter().find(|facet| facet.name == "channel");
    Ok(page.exact
        && facet.is_some_and(|facet| match facet.values.as_slice() {
            [only] => only.value == channel && only.count == page.total && facet.num_values == 1,
            _ => false,
        }))
}

/// The groups that the segments of an archive have.
struct Groups {
    /// The group of each record of all segments, by a number that is its own among those of all.
    group_of: Vec<Option<u32>>,
    /// How many records each has.
    lens: Vec<u32>,
}

impl Groups {
    /// Where a column is lost, its segment has none: then they are found and written anew.
    fn read(driver: &Driver) -> Self {
        let mut groups = Self { group_of: Vec::new(), lens: Vec::new() };
        for (place, segment) in driver.library.segments().iter().enumerate() {
            let found = driver.answer(|library: &Library| library.groups_in(place), |_| {});
            let found = found.unwrap_or_else(|_| vec![None; segment.archive.num_docs() as usize]);
            let first = groups.lens.len();
            for group in found {
                let number = group.map(|group| first + group as usize);
                if let Some(number) = number {
                    groups.lens.resize(groups.lens.len().max(number + 1), 0);
                    groups.lens.iter_mut().skip(number).take(1).for_each(|len| *len += 1);
                }
                groups.group_of.push(number.map(|number| number as u32));
            }
        }
        groups
    }

    fn of(&self, doc: DocId) -> Option<u32> {
        self.group_of.get(doc as usize).copied().flatten()
    }

    fn len_of(&self, group: u32) -> u32 {
        self.lens.get(group as usize).copied().unwrap_or_default()
    }
}

/// How many posts of a segment say the same as an earlier one there, and do so no more when these are hidden.
pub(super) fn folded_with(driver: &Driver, place: usize, hidden: &DocSet) -> u32 {
    let Some(segment) = driver.library.segments().get(place) else { return 0 };
    let visible = DocSet::from_range(0..segment.archive.num_docs()).difference(hidden);
    // Where the column is lost, nothing of it is counted.
    let left = driver.answer(|library| library.folded_among(place, &visible), |_| {}).unwrap_or_default();
    segment.archive.num_folded().saturating_sub(left as u32)
}
