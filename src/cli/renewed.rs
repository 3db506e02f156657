//! An archive of several segments on its way to what people open: some are published already, one may be new.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use jiff::tz::TimeZone;

use super::args::{Publishing, YesNo};
use super::driver::Driver;
use super::folded;
use crate::builder;
use crate::collector::Sort;
use crate::publish::card::Extent;
use crate::publish::manifest::{Manifest, Shard};
use crate::publish::output::cause;
use crate::publish::posts::Frame;
use crate::publish::{MediaFiles, Owner, Publication, posts};
use crate::record::is_published;
use crate::searcher::{SearchRequest, Shown, SourceAccount};

/// How the names begin of what is written anew: lists of shards and of hidden records, the page's own parts, static pages.
const RENEWED: [&str; 6] = ["archive/manifest", "archive/hidden-", "fonds/", "oembed.json", "posts/", "sw.js"];

/// What people see beside the segments, which `driver` has all.
pub(super) fn publication<'a>(
    driver: &Driver,
    segments: Vec<Manifest>,
    hidden: Option<Vec<u8>>,
    read_shard: impl Fn(&Shard) -> Result<Vec<u8>> + 'a,
    publishing: &Publishing,
    given: Owner,
) -> Result<Publication<'a>> {
    let own = driver.title_and_lang();
    let title = publishing.title.clone().unwrap_or_else(|| own.0.to_owned());
    let owner = given.or(driver.published.owner()?);
    let lang = owner.lang.clone().unwrap_or_else(|| own.1.to_owned());
    let manifest = Manifest::joined(segments, &title, &lang, hidden.as_deref());
    let zone = &driver.zone().name;
    let time_zone = TimeZone::get(zone).with_context(|| format!("{zone}: there is no such time zone"))?;
    let zone = builder::zone_between(&time_zone, driver.library.span());
    let newest = SearchRequest { limit: posts::NEWEST, sort: Sort::New, ..SearchRequest::default() };
    let newest = driver.answer(|library| library.search(&newest), |_| {})?.hits.into_iter();
    let newest = newest.filter_map(|hit| if let Shown::Whole(record) = hit.record { Some(*record) } else { None });
    let pages = if has_pages(driver, publishing)? {
        posts::pages(
            &Frame { title: &title, lang: &lang, owner: &owner },
            &zone,
            driver.docs()?.into_iter().map(|doc| driver.record(doc)),
        )?
    } else {
        Vec::new()
    };
    let sources: Vec<SourceAccount> = driver.library.sources().cloned().collect();
    Ok(Publication {
        newest: posts::newest(&lang, &newest.collect::<Vec<_>>(), &zone, !pages.is_empty()),
        title,
        lang,
        manifest,
        shard: Box::new(read_shard),
        hidden,
        kept: BTreeMap::new(),
        num_folded: driver.library.num_folded(),
        folded: folded::of_archive(driver, &sources)?,
        sources,
        pages,
        skipped: String::new(),
        media: MediaFiles::new(),
        owner,
        extent: extent(driver),
        beside: BTreeMap::new(),
    })
}

/// How much there is, and when, of all segments together.
fn extent(driver: &Driver) -> Extent {
    let segments = driver.library.segments();
    let runs = segments.iter().flat_map(|segment| {
        let visible = segment.visible();
        let runs = segment.archive.root().times.run_ranges();
        runs.map(|(period, docs)| (period, visible.count_in(&docs))).collect::<Vec<_>>()
    });
    Extent::new(driver.num_docs(), driver.library.dates(), runs)
}

/// Whether there are to be static pages: as before, unless it is said.
fn has_pages(driver: &Driver, publishing: &Publishing) -> Result<bool> {
    if let Some(choice) = publishing.pages {
        return Ok(choice == YesNo::Yes);
    }
    let path = driver.published.path().display();
    let sums = driver.published.sums().map_err(|error| anyhow!("{path}: cannot be read: {}", cause(&error)))?;
    Ok(sums.contains_key("posts/index.html"))
}

/// The digests of the files that stay as they are when a folder or zip is renewed: all but those that say what there is.
pub(super) fn kept(driver: &Driver) -> Result<BTreeMap<String, String>> {
    let path = driver.published.path().display();
    let mut sums = driver.published.sums().map_err(|error| anyhow!("{path}: cannot be read: {}", cause(&error)))?;
    sums.retain(|name, _| !RENEWED.iter().any(|beginning| name.starts_with(beginning)));
    Ok(sums)
}

/// Names of the media that are published.
pub(super) fn media(driver: &Driver) -> Result<Vec<String>> {
    let path = driver.published.path().display();
    let sums = driver.published.sums().map_err(|error| anyhow!("{path}: cannot be read: {}", cause(&error)))?;
    Ok(sums.into_keys().filter(|name| is_published(name)).collect())
}

/// The manifests of the segments that are published.
pub(super) fn segments(driver: &Driver) -> Vec<Manifest> {
    match driver.published.manifest() {
        Some(manifest) => manifest.segments.iter().map(|part| manifest.segment(part)).collect(),
        // A bare container is never renewed.
        None => Vec::new(),
    }
}

/// A bare container.
#[expect(clippy::disallowed_methods, reason = "shards are cut from all of it")]
pub(super) fn container(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| anyhow!("{}: cannot be read: {}", path.display(), cause(&error)))
}
