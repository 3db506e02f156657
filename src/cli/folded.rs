//! How many posts of each source say the same as an earlier one in another channel, where an archive was not built of its sources at
//! once: told by the files that its records name.

use anyhow::Result;

use super::driver::Driver;
use crate::publish::files::source_of;
use crate::record::DocId;
use crate::searcher::SourceAccount;

/// Counts records for their sources.
pub(super) struct BySource<'s> {
    sources: &'s [SourceAccount],
    counts: Vec<u64>,
    /// Whether the source of each record was known.
    is_known: bool,
}

impl<'s> BySource<'s> {
    pub(super) fn new(sources: &'s [SourceAccount]) -> Self {
        Self { sources, counts: vec![0; sources.len()], is_known: true }
    }

    /// Counts a record of this file.
    pub(super) fn add(&mut self, file: &str) {
        let of = match self.sources {
            [only] => Some(only),
            several => source_of(several, file),
        };
        let name = of.map(|source| source.name.as_str());
        self.is_known &= name.is_some();
        let place = self.sources.iter().position(|source| Some(source.name.as_str()) == name);
        place.and_then(|place| self.counts.get_mut(place)).into_iter().for_each(|count| *count += 1);
    }

    /// The counts. What is not known of one record is not known of any source, and what two are called by not of these two.
    pub(super) fn finish(self) -> Vec<Option<u64>> {
        let is_alone =
            |source: &SourceAccount| self.sources.iter().filter(|other| other.name == source.name).count() == 1;
        let counts = self.sources.iter().zip(&self.counts);
        counts.map(|(source, count)| (self.is_known && is_alone(source)).then_some(*count)).collect()
    }
}

/// The counts of an archive of one segment or several.
pub(super) fn of_archive(driver: &Driver, sources: &[SourceAccount]) -> Result<Vec<Option<u64>>> {
    let mut counts = BySource::new(sources);
    for (segment, place) in driver.library.segments().iter().zip(0..) {
        let groups = driver.answer(|library| library.groups_in(place), |_| {})?;
        // A group is whole in one segment, and its first post is the earliest that is to be seen.
        let mut seen: Vec<bool> = vec![false; groups.iter().flatten().max().map_or(0, |last| *last as usize + 1)];
        for (group, doc) in groups.iter().zip(0..).filter(|(_, doc)| !segment.hidden.contains(*doc)) {
            let Some(seen) = group.and_then(|group| seen.get_mut(group as usize)) else { continue };
            if std::mem::replace(seen, true) {
                let doc: DocId = segment.first_doc + doc;
                counts.add(&driver.record(doc)?.source.file);
            }
        }
    }
    Ok(counts.finish())
}
