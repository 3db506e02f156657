//! `fonds merge`: several archives, in any published form, become one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use jiff::tz::TimeZone;

use super::args::{MediaChoice, Merge};
use super::build::{Counts, check_outputs, publish_all, published_on, spill_folder, summarise, write_archive};
use super::carried::{Carried, say_what_single_holds};
use super::driver::Driver;
use super::fresh::folded_with;
use super::{Outcome, Run, output, owner, renewed};
use crate::builder::{self, BuildOptions, Builder};
use crate::format::writer::frame;
use crate::gather::{Filter, Gather, Gathered, Repeats};
use crate::index::writer::num_words;
use crate::publish::files::source_of;
use crate::publish::manifest::{Manifest, Shard};
use crate::publish::{MediaFiles, MediaWriter, Owner, Published, bag, shard};
use crate::query::DocSet;
use crate::record::{DocId, Record};
use crate::searcher::{Hidden, SourceAccount};

pub(super) fn run(args: &Merge) -> Run {
    check_outputs(&args.outputs, &args.archives)?;
    let given = owner::read(&args.publishing)?;
    owner::check_outputs(&args.outputs, &args.publishing, &given)?;
    crate::publish::output::stop_cleanly()?;
    if args.keep && args.media == MediaChoice::Thumbs {
        bail!(
            "--media thumbs: with --keep the posts go on to name their files; choose copy or none, or leave --keep out"
        );
    }
    if args.keep {
        return keep(args, given);
    }
    if let [only] = args.archives.as_slice()
        && Driver::open(only)?.library.segments().len() == 1
    {
        bail!("{}: it is one archive already; name others to merge it with", only.display());
    }

    let mut gather = Gather::new(Filter::default());
    let mut carried: Vec<Vec<SourceAccount>> = Vec::new();
    let (mut facets, mut dates, mut numbers) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut skipped = String::new();
    let mut first: Option<(String, String)> = None;
    let mut before = None;
    for path in &args.archives {
        let driver = Driver::open(path)?;
        if before.is_none() {
            before = Some(driver.published.owner()?);
        }
        first.get_or_insert_with(|| (driver.title_and_lang().0.to_owned(), driver.zone().name.clone()));
        facets.extend(driver.library.all_facet_names());
        let of_dates = driver.library.date_names();
        let others = driver.library.number_names().into_iter().filter(|name| !of_dates.contains(name));
        numbers.extend(others);
        dates.extend(of_dates);
        for doc in driver.docs()? {
            let record = driver
                .record(doc)
                .with_context(|| format!("{}: record {doc} is lost; nothing was written", path.display()))?;
            gather.add(Record { uid: String::new(), ..record });
        }
        gather.end_source(SourceAccount { read: u64::from(driver.num_docs()), ..SourceAccount::default() });
        carried.push(driver.library.sources().cloned().collect());
        // Only folders and zips have one.
        let lines = driver.published.small_file("skipped.jsonl").ok().flatten().unwrap_or_default();
        skipped.push_str(&String::from_utf8_lossy(&lines));
    }
    if let Some(hint) = left_out_by_some(&carried).filter(|_| !args.publishing.quiet) {
        output::note(&format!("fonds: {hint}"));
    }
    let Gathered { records, merged, sources: told, .. } = gather.finish();
    let sources: Vec<SourceAccount> = carried
        .into_iter()
        .enumerate()
        .flat_map(|(place, carried)| {
            let merged = merged.iter().filter(|((of, _), _)| *of == place);
            let mut sources = carry_over(merged.map(|((_, file), count)| (file.as_str(), *count)), carried);
            // What an archive has that is not what it seems to be is told of the last of its sources.
            if let (Some(last), Some(told)) = (sources.last_mut(), told.get(place)) {
                last.notes.extend(told.notes.iter().cloned());
            }
            sources
        })
        .collect();
    let Some((title, zone)) = first else { bail!("no archive is named") };
    let time_zone = TimeZone::get(&zone).with_context(|| format!("{zone}: there is no such time zone"))?;
    let facets = facets.into_iter().filter(|name| !builder::FACETS.contains(&name.as_str())).collect();
    // What one has as dates and another as numbers is what most of its values are.
    let (dates, numbers) =
        (dates.difference(&numbers).cloned().collect(), numbers.difference(&dates).cloned().collect());
    let title = args.publishing.title.clone().unwrap_or(title);
    let spill_folder = spill_folder(&args.outputs);
    let owner = given.or(before.unwrap_or_default());
    let lang = owner::lang(&owner);
    let options = BuildOptions {
        title,
        lang,
        time_zone,
        facets,
        dates,
        numbers,
        spill_folder: spill_folder.clone(),
        ..BuildOptions::default()
    };
    let mut builder = Builder::new(options);
    let mut media = Carried::new(args.media, &args.archives, spill_folder.as_deref())?;
    for mut record in records {
        record.media.iter_mut().try_for_each(|medium| media.take(medium))?;
        builder.add(&record);
    }
    let (taken, none) = (media.finish(), MediaFiles::new());
    let taken = taken.as_ref().map_or(&none, MediaWriter::files);
    write_archive(&args.outputs, &args.publishing, builder, &sources, &skipped, taken, owner)
}

/// What to tell where some of the archives were built without something, and others with it: of one post in both, the fuller field wins.
fn left_out_by_some(carried: &[Vec<SourceAccount>]) -> Option<String> {
    let sources = || carried.iter().flatten();
    let mut missing: Vec<String> = Vec::new();
    for field in sources().flat_map(|source| &source.dropped) {
        let option = format!("--drop {field}");
        if sources().any(|source| !source.dropped.contains(field)) && !missing.contains(&option) {
            missing.push(option);
        }
    }
    if sources().any(|source| source.redacted > 0) && sources().any(|source| source.redacted == 0) {
        missing.push("--redact".to_owned());
    }
    let asked = missing.join(" and ");
    (!missing.is_empty()).then(|| format!("some of the archives were built with {asked} and others were not: what was taken out of one may be in another"))
}

/// Publishes archives as they are, as segments of one. Of a post that is in several, that of the last one is shown.
fn keep(args: &Merge, given: Owner) -> Run {
    let Some((first, others)) = args.archives.split_first() else { bail!("no archive is named") };
    let mut driver = Driver::open(first)?;
    let mut num_segments = vec![driver.library.segments().len()];
    for path in others {
        driver.open_another(path)?;
        num_segments.push(driver.library.segments().len());
    }
    let hidden = hide_repeated(&mut driver, &num_segments)?;
    let shelves = args.archives.iter().map(|path| Shelf::open(path)).collect::<Result<Vec<_>>>()?;
    let segments = shelves.iter().flat_map(|shelf| shelf.segments.clone()).collect();
    let skipped: String = shelves.iter().map(Shelf::skipped).collect();
    let read_shard = move |shard: &Shard| match shelves.iter().find_map(|shelf| shelf.read(shard)) {
        Some(bytes) => bytes,
        None => bail!("{}: no archive has this shard", shard.name),
    };
    let mut publication = renewed::publication(&driver, segments, hidden, read_shard, &args.publishing, given)?;
    publication.skipped = skipped;
    let mut media = Carried::new(args.media, &args.archives, spill_folder(&args.outputs).as_deref())?;
    media.take_all()?;
    let taken = media.finish();
    publication.media = taken.as_ref().map(|taken| taken.files().clone()).unwrap_or_default();
    if args.outputs.single.is_some() && !args.publishing.quiet {
        say_what_single_holds(&publication.media);
    }
    if args.outputs.bag {
        let records = driver.docs()?.into_iter().map(|doc| driver.record(doc));
        publication.beside = bag::beside(&publication, published_on()?.as_deref(), records)?;
    }
    let written = publish_all(&args.outputs, args.publishing.quiet, &publication)?;
    let counts = Counts { records: driver.num_docs() as usize, terms: None, moved: 0 };
    let sources = publication.sources.clone();
    summarise(&args.publishing, &publication, counts, (&sources, &publication.folded), &written)?;
    Ok(Outcome::Good)
}

/// Hides, in older archives, the posts that newer ones have too, whatever they call their channel; gives the list of them, where there are
/// any. `num_segments` says how many segments there were when each archive had been opened.
fn hide_repeated(driver: &mut Driver, num_segments: &[usize]) -> Result<Option<Vec<u8>>> {
    let segments = driver.library.segments();
    let mut docs = driver.docs()?;
    docs.sort_unstable();
    let mut repeats = Repeats::default();
    let mut next = docs.iter().copied().peekable();
    for num_segments in num_segments {
        let end = segments.get(*num_segments).map_or(DocId::MAX, |segment| segment.first_doc);
        while let Some(doc) = next.next_if(|doc| *doc < end) {
            repeats.note(&driver.record(doc)?);
        }
        repeats.end_archive();
    }
    let superseded: Vec<DocId> =
        repeats.superseded().into_iter().filter_map(|place| docs.get(place).copied()).collect();
    let mut hidden: Vec<BTreeMap<DocId, u64>> = vec![BTreeMap::new(); segments.len()];
    for doc in &superseded {
        let record = driver.record(*doc)?;
        let words = num_words(record.title.as_deref().unwrap_or_default(), &record.text);
        let place = segments.partition_point(|segment| segment.first_doc <= *doc).saturating_sub(1);
        if let (Some(hidden), Some(segment)) = (hidden.get_mut(place), segments.get(place)) {
            hidden.insert(doc - segment.first_doc, words);
        }
    }
    // Of two posts that are called alike, no address could lead to both.
    for doc in docs.iter().filter(|doc| superseded.binary_search(doc).is_err()) {
        let uid = driver.record(*doc)?.uid;
        let is_seen = |other: &DocId| docs.binary_search(other).is_ok() && superseded.binary_search(other).is_err();
        if driver.answer(|library| library.find_all(&uid), |_| {})?.iter().filter(|other| is_seen(other)).count() > 1 {
            bail!("{uid}: two posts are called so; make one archive of all, without --keep");
        }
    }
    let already = segments.iter().any(|segment| !segment.hidden.is_empty());
    if !already && hidden.iter().all(BTreeMap::is_empty) {
        return Ok(None);
    }
    let lists: Vec<Hidden> = segments
        .iter()
        .zip(&hidden)
        .zip(0..)
        .map(|((segment, more), place)| {
            let docs = DocSet::union(&[segment.hidden.clone(), DocSet::from_sorted(more.keys().copied().collect())]);
            Hidden {
                num_folded: folded_with(driver, place, &docs),
                docs,
                num_tokens: segment.hidden_tokens() + more.values().sum::<u64>(),
            }
        })
        .collect();
    let list = frame(0, &Hidden::encode(&lists))
        .context("too many posts are in several archives; merge them without --keep")?;
    driver.library.hide(&list)?;
    Ok(Some(list))
}

/// A published archive whose shards are published anew.
struct Shelf {
    published: Published,
    segments: Vec<Manifest>,
    /// Of a bare container, which has no shards of its own.
    container: Option<Vec<u8>>,
}

impl Shelf {
    fn open(path: &Path) -> Result<Self> {
        let published = Published::open(path)?;
        let container = if published.manifest().is_none() { Some(renewed::container(path)?) } else { None };
        let segments = match (&container, published.manifest()) {
            (Some(container), _) => vec![shard::manifest(container)?],
            (None, Some(manifest)) => manifest.segments.iter().map(|part| manifest.segment(part)).collect(),
            (None, None) => Vec::new(),
        };
        Ok(Self { published, segments, container })
    }

    /// The bytes of a shard, if it is one of these.
    fn read(&self, shard: &Shard) -> Option<Result<Vec<u8>>> {
        let mut own = self.segments.iter().flat_map(|segment| &segment.shards);
        let own = own.find(|own| own.name == shard.name)?;
        Some(match &self.container {
            Some(container) => Ok(shard::bytes_of(container, own)),
            None => self.published.shard(own).map(|bytes| bytes.to_vec()).map_err(|reason| anyhow!(reason)),
        })
    }

    /// Lines of `skipped.jsonl`; only folders and zips have one.
    fn skipped(&self) -> String {
        let lines = self.published.small_file("skipped.jsonl").ok().flatten().unwrap_or_default();
        String::from_utf8_lossy(&lines).into_owned()
    }
}

/// The accounts of an archive of whose records some, by the files that they name, were found in others before: what was read from
/// their source is merged. Where the name of a file does not tell the source, it counts for the last ones that have as many.
fn carry_over<'f>(merged: impl Iterator<Item = (&'f str, u64)>, mut sources: Vec<SourceAccount>) -> Vec<SourceAccount> {
    let mut num_left = 0;
    for (file, count) in merged {
        let name = source_of(&sources, file).map(|source| source.name.clone());
        let source = sources.iter_mut().rev().find(|source| Some(&source.name) == name.as_ref());
        num_left += count - source.map_or(0, |source| merge_of(source, count));
    }
    for source in sources.iter_mut().rev() {
        num_left -= merge_of(source, num_left);
    }
    sources
}

/// Counts as merged what was read from a source, as far as there is so much; gives how much.
fn merge_of(source: &mut SourceAccount, count: u64) -> u64 {
    let count = source.read.min(count);
    source.read -= count;
    source.merged += count;
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_merged_is_no_longer_read() {
        let check = |merged: &[(&str, u64)], sources: &[(&str, u64)], expected: &[(u64, u64)]| {
            let source = |(name, read): &(&str, u64)| SourceAccount {
                name: (*name).to_owned(),
                read: *read,
                ..SourceAccount::default()
            };
            let carried = carry_over(merged.iter().copied(), sources.iter().map(source).collect());
            let counts: Vec<_> = carried.iter().map(|source| (source.read, source.merged)).collect();
            assert_eq!(counts, expected, "{merged:?} of {sources:?}");
        };
        check(&[("a/result.json", 2), ("b.csv", 1)], &[("a", 3), ("b.csv", 3)], &[(1, 2), (2, 1)]);
        check(&[("a.csv", 2)], &[("a.csv", 3), ("b.csv", 3)], &[(1, 2), (3, 0)]);
        // Of two that are called alike, and of what nobody is called, the last.
        check(&[("a.csv", 4)], &[("a.csv", 3), ("a.csv", 3)], &[(2, 1), (0, 3)]);
        check(&[("", 4)], &[("a.csv", 3), ("b.csv", 3)], &[(2, 1), (0, 3)]);
    }
}
