//! `fonds verify`: is the archive whole?

use std::collections::BTreeMap;
use std::io::Write as _;

use anyhow::Result;
use sha2::{Digest as _, Sha256};

use super::args::Verify;
use super::driver::Driver;
use super::{Outcome, Run, output};
use crate::format::Section;
use crate::publish::shard::hex;
use crate::publish::single;

pub(super) fn run(args: &Verify) -> Run {
    let mut damage: Vec<String> = Vec::new();
    // What cannot be opened at all may still be a damaged archive: say so, and exit as for one.
    let driver = match Driver::open(&args.archive) {
        Ok(driver) => driver,
        Err(error) if args.archive.symlink_metadata().is_err() => return Err(error),
        Err(error) => {
            report(args, &[format!("{error:#}")])?;
            return Ok(Outcome::Bad);
        }
    };
    check_blocks(&driver, &mut damage);
    check_records(&driver, &mut damage);
    check_files(&driver, &mut damage)?;
    if driver.published.html().is_some_and(|html| single::digest_is_right(html) != Some(true)) {
        damage.push("the digest at the end of the page does not match it".to_owned());
    }
    damage.dedup();
    report(args, &damage)?;
    Ok(if damage.is_empty() { Outcome::Good } else { Outcome::Bad })
}

fn report(args: &Verify, damage: &[String]) -> Result<()> {
    if args.quiet {
        return Ok(());
    }
    let mut out = output::stdout();
    for sentence in damage {
        writeln!(out, "damaged: {}", output::plain(sentence))?;
    }
    if damage.is_empty() {
        writeln!(out, "{}: whole", args.archive.display())?;
    }
    out.flush()?;
    Ok(())
}

/// Every block is there and its checksum is right.
fn check_blocks(driver: &Driver, damage: &mut Vec<String>) {
    if driver.published.container_len() != driver.archive.container().len {
        damage.push("the archive is not as long as its header says".to_owned());
    }
    for section in Section::ALL {
        for block in driver.archive.container().table.blocks(section) {
            let checked = driver.published.block(*block).and_then(|bytes| {
                crate::format::block::check(block.offset, &bytes)
                    .map(|_| ())
                    .map_err(|error| error.at(section.name(), block.offset).to_string())
            });
            if let Err(reason) = checked
                && damage.last() != Some(&reason)
            {
                damage.push(reason);
            }
        }
    }
}

/// Every record decodes, and is found by its uid.
fn check_records(driver: &Driver, damage: &mut Vec<String>) {
    if !damage.is_empty() {
        return;
    }
    for doc in 0..driver.archive.num_docs() {
        let record = driver.answer(|archive| archive.record(doc), |_| {});
        let found = record.and_then(|record| {
            let request = crate::searcher::PostRequest { uid: record.uid.clone(), ..Default::default() };
            let view = driver.answer(|archive| archive.post(&request), |_| {})?;
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
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut sums = None;
    driver.published.each_file(|path, bytes| match bytes {
        Ok(bytes) if path == "SHA256SUMS" => sums = String::from_utf8(bytes).ok(),
        Ok(bytes) => {
            found.insert(path.to_owned(), hex(&Sha256::digest(&bytes)));
        }
        Err(error) => damage.push(format!("{path} cannot be read: {error:#}")),
    })?;
    if driver.published.shards().is_empty() || driver.published.html().is_some() {
        return Ok(());
    }
    let Some(sums) = sums else {
        damage.push("SHA256SUMS is missing: was the archive copied whole?".to_owned());
        return Ok(());
    };
    for line in sums.lines() {
        let Some((sum, path)) = line.split_once("  ") else {
            damage.push("SHA256SUMS is malformed".to_owned());
            continue;
        };
        match found.remove(path) {
            None => damage.push(format!("{path} is missing")),
            Some(actual) if actual != sum => damage.push(format!("{path} has changed since it was published")),
            Some(_) => {}
        }
    }
    damage.extend(found.keys().map(|path| format!("{path} was not there when the archive was published")));
    Ok(())
}
