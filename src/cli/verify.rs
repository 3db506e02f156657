//! `fonds verify`: is the archive whole?

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::io::Write as _;

use anyhow::{Result, anyhow};

use super::args::Verify;
use super::driver::Driver;
use super::{Outcome, Run, output};
use crate::error::Error;
use crate::format::block::{self, BLOCK_ALIGN};
use crate::format::section::ContentsOf;
use crate::format::{BlockRef, Section};
use crate::publish::OpenErrorKind;
use crate::publish::output::cause;
use crate::publish::published::SUMS;

pub(super) fn run(args: &Verify) -> Run {
    let driver = match Driver::open(&args.archive) {
        Ok(driver) => driver,
        // What cannot be opened may still be an archive, and damaged.
        Err(error) if matches!(error.kind(), OpenErrorKind::Damaged(_)) => {
            report(args, &[error.to_string()])?;
            return Ok(Outcome::Bad);
        }
        Err(error) => return Err(error.into()),
    };
    let mut damage: Vec<String> = Vec::new();
    check_blocks(&driver, &mut damage);
    check_contents(&driver, &mut damage);
    check_records(&driver, &mut damage);
    check_files(&driver, &mut damage)?;
    check_own_digest(&driver, &mut damage)?;
    let mut seen = HashSet::new();
    damage.retain(|sentence| seen.insert(sentence.clone()));
    report(args, &damage)?;
    Ok(if damage.is_empty() { Outcome::Good } else { Outcome::Bad })
}

fn report(args: &Verify, damage: &[String]) -> Result<()> {
    if args.quiet {
        return Ok(());
    }
    let mut out = output::stdout();
    for sentence in damage {
        writeln!(out, "damaged: {}", output::line(sentence))?;
    }
    if damage.is_empty() {
        writeln!(out, "{}: whole", args.archive.display())?;
    }
    out.flush()?;
    Ok(())
}

/// Every block is there and its checksum is right, and nothing else stands between the blocks.
fn check_blocks(driver: &Driver, damage: &mut Vec<String>) {
    let path = driver.published.path().display();
    let segments = driver.library.segments();
    // As they stand among the bytes of all segments.
    let mut blocks: Vec<BlockRef> = Vec::new();
    for ((segment, place), (_, len)) in segments.iter().zip(0..).zip(driver.published.segments()) {
        let container = segment.archive.container();
        let name = name_of(driver, place);
        if len != container.len {
            damage.push(format!("{name} is not as long as its header says"));
        }
        let (known, mut listed) = (damage.len(), Vec::new());
        for section in Section::ALL {
            match driver.answer(|library| library.places(place, section), |_| {}) {
                Ok(places) => listed.extend(places.into_iter().map(|block| (section.name(), block))),
                Err(error) => damage.push(format!("{name}: {error:#}")),
            }
        }
        // Those of later programs stand before the pages.
        match driver.answer(|library| library.others(place), |_| {}) {
            Ok(others) => listed.extend(others.into_iter().map(|block| ("of a later program", block))),
            Err(error) => damage.push(format!("{name}: {error:#}")),
        }
        listed.sort_by_key(|(_, block)| block.offset);
        // A damaged page of the table is named once by every section that it lists.
        damage.dedup();
        let ends = listed.iter().map(|(_, block)| block.end().next_multiple_of(BLOCK_ALIGN));
        let nexts = listed.iter().skip(1).map(|(_, block)| block.offset).chain([container.len]);
        if damage.len() == known && !ends.eq(nexts) && !listed.is_empty() {
            damage.push(format!("{name}: there is room between its blocks"));
        }
        for (section, own) in listed {
            let block = BlockRef { offset: own.offset + segment.base, ..own };
            blocks.push(block);
            let checked = driver.published.block(block).and_then(|bytes| {
                let place = |error: Error| format!("{name}: {}", error.at(section, own.offset));
                block::check(own.offset, &bytes).map(|_| ()).map_err(place)
            });
            damage.extend(checked.err());
        }
    }
    match driver.published.padding_is_zero(blocks) {
        Ok(true) => {}
        Ok(false) => damage.push(format!("{path}: the bytes that fill up its blocks have changed")),
        Err(error) => damage.push(error.to_string()),
    }
}

/// The archive, or which of its segments.
fn name_of(driver: &Driver, place: usize) -> String {
    let path = driver.published.path().display();
    if driver.library.segments().len() == 1 { path.to_string() } else { format!("{path}, segment {}", place + 1) }
}

/// What each section holds is what the root says, which is all that a signature or a citation needs to name.
fn check_contents(driver: &Driver, damage: &mut Vec<String>) {
    if !damage.is_empty() {
        return;
    }
    for (place, segment) in driver.library.segments().iter().enumerate() {
        let container = segment.archive.container();
        let name = name_of(driver, place);
        for section in Section::ALL {
            let mut found = ContentsOf::default();
            for ord in 0..container.num_blocks(section) {
                match driver.answer(|library| library.content(place, section, ord), |_| {}) {
                    Ok(content) => found.add(&content),
                    Err(error) => return damage.push(format!("{name}: {error:#}")),
                }
            }
            if container.contents(section) != Some(found.finish()) {
                damage.push(format!("{name}: section {} does not hold what the root says", section.name()));
            }
        }
    }
}

/// Every record decodes, and is found by its uid.
fn check_records(driver: &Driver, damage: &mut Vec<String>) {
    if !damage.is_empty() {
        return;
    }
    let docs = match driver.docs() {
        Ok(docs) => docs,
        Err(error) => return damage.push(format!("{error:#}")),
    };
    for doc in docs {
        let record = driver.record(doc);
        let found = record.and_then(|record| {
            let request = crate::searcher::PostRequest { uid: record.uid.clone(), ..Default::default() };
            let view = driver.answer(|library| library.post(&request), |_| {})?;
            let same = view.is_some_and(|view| view.posts.iter().any(|(found, ..)| *found == doc));
            if same { Ok(()) } else { Err(anyhow::anyhow!("record {doc} is not found by its uid")) }
        });
        if let Err(error) = found {
            damage.push(format!("{error:#}"));
        }
    }
}

/// The files are those that `SHA256SUMS` names, no more and no fewer, and their bytes are right.
fn check_files(driver: &Driver, damage: &mut Vec<String>) -> Result<()> {
    let published = &driver.published;
    let unread = |error: &std::io::Error| anyhow!("{}: cannot be read: {}", published.path().display(), cause(error));
    let found = published.digests().map_err(|error| unread(&error))?;
    if found.is_empty() {
        return Ok(());
    }
    let mut by_name: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, digest) in found.iter().filter(|(name, _)| name != SUMS) {
        match digest {
            Ok(digest) => _ = by_name.insert(name, digest),
            Err(error) => damage.push(format!("{} cannot be read: {}", published.name_of(name), cause(error))),
        }
    }
    let Some(sums) = published.small_file(SUMS).map_err(|error| unread(&error))? else {
        damage.push(format!("{} is missing: was the archive copied whole?", published.name_of(SUMS)));
        return Ok(());
    };
    // The list is to be the very one that is written for these files, so that no byte of it can differ unseen.
    let mut expected = String::new();
    for (name, digest) in &by_name {
        let _ = writeln!(expected, "{digest}  {name}");
    }
    if expected.as_bytes() == sums {
        return Ok(());
    }
    let before = damage.len();
    for line in String::from_utf8_lossy(&sums).lines() {
        let Some((sum, name)) = line.split_once("  ") else { continue };
        match by_name.remove(name) {
            None if found.iter().any(|(found, _)| found == name) => {}
            None => damage.push(format!("{} is missing", published.name_of(name))),
            // A file whose block is damaged has been named already.
            Some(actual) if actual != sum && !is_named(damage, &published.name_of(name)) => {
                damage.push(format!("{} has changed since it was published", published.name_of(name)));
            }
            Some(_) => {}
        }
    }
    let added = |name: &&str| format!("{} was not there when the archive was published", published.name_of(name));
    damage.extend(by_name.keys().map(added));
    if damage.len() == before && found.iter().all(|(_, digest)| digest.is_ok()) {
        damage.push(format!("{} has changed since it was published", published.name_of(SUMS)));
    }
    Ok(())
}

fn is_named(damage: &[String], name: &str) -> bool {
    damage.iter().any(|sentence| sentence.contains(name))
}

/// A zip and a single html say themselves what their bytes are.
fn check_own_digest(driver: &Driver, damage: &mut Vec<String>) -> Result<()> {
    let path = driver.published.path().display();
    let right = driver.published.own_digest_is_right();
    let right = right.map_err(|error| anyhow!("{path}: cannot be read: {}", cause(&error)))?;
    if right == Some(false) && damage.is_empty() {
        damage.push(format!("{path}: the digest at its end does not match it"));
    }
    Ok(())
}
