//! `fonds merge`: several archives, in any published form, become one.

use std::collections::BTreeSet;

use anyhow::{Context as _, bail};
use jiff::tz::TimeZone;

use super::Run;
use super::args::Merge;
use super::build::{check_outputs, spill_folder, write_archive};
use super::driver::Driver;
use crate::builder::{self, BuildOptions, Builder};
use crate::gather::{Filter, Gather, Gathered};
use crate::publish::MediaFiles;
use crate::record::Record;
use crate::searcher::SourceAccount;

pub(super) fn run(args: &Merge) -> Run {
    check_outputs(&args.outputs, &args.archives)?;
    crate::publish::output::stop_cleanly()?;

    let mut gather = Gather::new(Filter::default());
    let mut carried: Vec<Vec<SourceAccount>> = Vec::new();
    let mut facets = BTreeSet::new();
    let mut skipped = String::new();
    let mut first: Option<(String, String)> = None;
    for path in &args.archives {
        let driver = Driver::open(path)?;
        let root = driver.archive.root();
        first.get_or_insert_with(|| (root.title.clone(), root.times.zone.name.clone()));
        facets.extend(root.facets.iter().map(|facet| facet.name.clone()));
        for doc in 0..driver.archive.num_docs() {
            let record = driver.answer(|archive| archive.record(doc), |_| {});
            let record =
                record.with_context(|| format!("{}: record {doc} is lost; nothing was written", path.display()))?;
            gather.add(Record { uid: String::new(), ..record });
        }
        gather.end_source(SourceAccount { read: u64::from(driver.archive.num_docs()), ..SourceAccount::default() });
        carried.push(root.sources.clone());
        // Only folders and zips have one.
        let lines = driver.published.small_file("skipped.jsonl").ok().flatten().unwrap_or_default();
        skipped.push_str(&String::from_utf8_lossy(&lines));
    }
    let Gathered { records, sources, .. } = gather.finish();
    let sources: Vec<SourceAccount> =
        sources.iter().zip(carried).flat_map(|(gathered, carried)| carry_over(gathered.merged, carried)).collect();
    let Some((title, zone)) = first else { bail!("no archive is named") };
    let time_zone = TimeZone::get(&zone).with_context(|| format!("{zone}: there is no such time zone"))?;
    let facets = facets.into_iter().filter(|name| !builder::FACETS.contains(&name.as_str())).collect();
    let title = args.publishing.title.clone().unwrap_or(title);
    let spill_folder = spill_folder(&args.outputs);
    let mut builder = Builder::new(BuildOptions { title, time_zone, facets, spill_folder, ..BuildOptions::default() });
    records.iter().for_each(|record| builder.add(record));
    write_archive(&args.outputs, &args.publishing, builder, &sources, &skipped, &MediaFiles::new())
}

/// The accounts of an archive of whose records some were found in others before: what was read from its last sources is merged.
fn carry_over(mut num_merged: u64, mut sources: Vec<SourceAccount>) -> Vec<SourceAccount> {
    for source in sources.iter_mut().rev() {
        let count = source.read.min(num_merged);
        source.read -= count;
        source.merged += count;
        num_merged -= count;
    }
    sources
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_merged_is_no_longer_read() {
        let source = |read| SourceAccount { read, ..SourceAccount::default() };
        let carried = carry_over(4, vec![source(3), source(3)]);
        assert_eq!(carried.iter().map(|source| (source.read, source.merged)).collect::<Vec<_>>(), [(2, 1), (0, 3)]);
    }
}
