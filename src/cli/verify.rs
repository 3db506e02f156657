//! `fonds verify`: is the archive whole?

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Result, anyhow};

use super::args::Verify;
use super::driver::Driver;
use super::signature::{self, Signed};
use super::{Outcome, Run, output};
use crate::format::block::{self, BLOCK_ALIGN};
use crate::format::section::ContentsOf;
use crate::format::{BlockRef, Section};
use crate::publish::output::cause;
use crate::publish::published::{SIGNATURE, SUMS};
use crate::publish::{OpenErrorKind, bag};
use crate::record::{DocId, Record};
use crate::searcher::PostRequest;

pub(super) fn run(args: &Verify) -> Run {
    // What is damaged is named even where the signature is wrong, which says no more than that something is.
    let signed = args.key.as_ref().map(|key| signature::check(&args.archive, key, args.signature.as_deref()));
    let found = find_damage(&args.archive)?;
    let signed = match signed {
        Some(Err(wrong)) => {
            report(args, &found, None)?;
            return Err(wrong);
        }
        signed => signed.transpose()?,
    };
    report(args, &found, signed.as_ref())?;
    Ok(if found.damage.is_empty() { Outcome::Good } else { Outcome::Bad })
}

/// What was found of an archive.
#[derive(Default)]
struct Found {
    /// A sentence for each damage.
    damage: Vec<String>,
    /// How many posts are lost, and of how many; not known where the archive cannot be opened.
    lost: Option<(u64, u64)>,
    /// Its SHA-256.
    sha256: String,
    /// Whether it is a zip without the digest that `fonds` ends one with.
    has_no_digest: bool,
}

fn find_damage(path: &Path) -> Result<Found> {
    let driver = match Driver::open(path) {
        Ok(driver) => driver,
        // What cannot be opened may still be an archive, and damaged.
        Err(error) if matches!(error.kind(), OpenErrorKind::Damaged(_)) => {
            return Ok(Found { damage: vec![error.to_string()], ..Found::default() });
        }
        // Nothing tells a version that is unknown from one whose number is damaged.
        Err(error) if matches!(error.kind(), OpenErrorKind::Version(_)) => {
            return Err(anyhow!("{error}; where there is no such program, the archive is damaged: copy it again"));
        }
        Err(error) => return Err(error.into()),
    };
    let mut damage: Vec<String> = Vec::new();
    check_blocks(&driver, &mut damage);
    check_contents(&driver, &mut damage);
    let lost = check_records(&driver, &mut damage);
    let sha256 = check_name(&driver, &mut damage);
    check_files(&driver, &mut damage)?;
    let has_no_digest = check_own_digest(&driver, &mut damage)?;
    let mut seen = HashSet::new();
    damage.retain(|sentence| seen.insert(sentence.clone()));
    Ok(Found { damage, lost: Some(lost), sha256, has_no_digest })
}

fn report(args: &Verify, found: &Found, signed: Option<&Signed>) -> Result<()> {
    if args.quiet {
        return Ok(());
    }
    let path = args.archive.display();
    let mut out = output::stdout();
    for sentence in &found.damage {
        writeln!(out, "damaged: {}", output::line(sentence))?;
    }
    match found.lost {
        _ if found.damage.is_empty() => {
            writeln!(out, "{path}: whole; its SHA-256 is {}", found.sha256)?;
        }
        Some((0, _)) => writeln!(out, "{path}: no post is lost")?,
        Some((lost, all)) => writeln!(out, "{path}: {lost} of {} lost", output::count(all, "post is", "posts are"))?,
        None => writeln!(out, "{path}: it cannot be opened, and none of its posts be read")?,
    }
    if found.has_no_digest {
        writeln!(
            out,
            "{path}: the zip carries no digest, as after it was packed anew; its files were checked one by one"
        )?;
    }
    if let Some(Signed { file, comment }) = signed {
        writeln!(out, "{}: signed with this key: {}", file.display(), output::line(comment))?;
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
        let known = damage.len();
        let listed = listed_blocks(driver, place, damage);
        let ends = listed.iter().map(|listed| listed.block.end().next_multiple_of(BLOCK_ALIGN));
        let nexts = listed.iter().skip(1).map(|listed| listed.block.offset).chain([container.len]);
        if damage.len() == known && !ends.eq(nexts) && !listed.is_empty() {
            damage.push(format!("{name}: there is room between its blocks"));
        }
        let mut runs = Runs::default();
        for Listed { section, ord, block: own } in listed {
            let block = BlockRef { offset: own.offset + segment.base, ..own };
            blocks.push(block);
            match driver.published.block(block) {
                // Where its file is known, that is what is to be copied again.
                Err(reason) => runs.add(section, ord, reason),
                Ok(bytes) => {
                    if let Err(error) = block::check(own.offset, &bytes) {
                        runs.end();
                        runs.sentences.push(format!("{name}: block {ord}: {}", error.at(section, own.offset)));
                    }
                }
            }
        }
        damage.extend(runs.finish());
    }
    match driver.published.padding_is_zero(blocks) {
        Ok(true) => {}
        Ok(false) => damage.push(format!("{path}: the bytes that fill up its blocks have changed")),
        Err(error) => damage.push(error.to_string()),
    }
}

/// A block, as the section table lists it.
struct Listed {
    section: &'static str,
    ord: usize,
    block: BlockRef,
}

/// Every block of a segment, in the order of the file.
fn listed_blocks(driver: &Driver, place: usize, damage: &mut Vec<String>) -> Vec<Listed> {
    let name = name_of(driver, place);
    let mut listed = Vec::new();
    let mut list = |section: &'static str, blocks: Vec<BlockRef>| {
        listed.extend(blocks.into_iter().enumerate().map(|(ord, block)| Listed { section, ord, block }));
    };
    for section in Section::ALL {
        match driver.answer(|library| library.places(place, section), |_| {}) {
            Ok(places) => list(section.name(), places),
            Err(error) => damage.push(format!("{name}: {error:#}")),
        }
    }
    // Those of later programs stand before the pages.
    match driver.answer(|library| library.others(place), |_| {}) {
        Ok(others) => list("of a later program", others),
        Err(error) => damage.push(format!("{name}: {error:#}")),
    }
    listed.sort_by_key(|listed| listed.block.offset);
    // A damaged page of the table is named once by every section that it lists.
    damage.dedup();
    listed
}

/// Damaged blocks side by side, of one section and for one reason, as one sentence.
#[derive(Default)]
struct Runs {
    sentences: Vec<String>,
    open: Option<(&'static str, usize, usize, String)>,
}

impl Runs {
    fn add(&mut self, section: &'static str, ord: usize, reason: String) {
        match &mut self.open {
            Some((known, _, last, same)) if *known == section && *last + 1 == ord && *same == reason => *last = ord,
            _ => {
                self.end();
                self.open = Some((section, ord, ord, reason));
            }
        }
    }

    fn end(&mut self) {
        let Some((section, first, last, reason)) = self.open.take() else { return };
        self.sentences.push(if first == last {
            format!("{reason} (section {section}, block {first})")
        } else {
            format!("{reason} (section {section}, blocks {first} to {last})")
        });
    }

    fn finish(mut self) -> Vec<String> {
        self.end();
        self.sentences
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

/// Every record decodes, and is found by its uid. Gives how many are lost, and of how many: of a damaged archive these are named by
/// those beside them, which is what is left of them.
fn check_records(driver: &Driver, damage: &mut Vec<String>) -> (u64, u64) {
    let was_whole = damage.is_empty();
    let docs = driver.docs().unwrap_or_else(|error| {
        if was_whole {
            damage.push(format!("{error:#}"));
        }
        (0..driver.num_docs()).collect()
    });
    let mut gaps = Gaps::default();
    for doc in &docs {
        match driver.record(*doc) {
            Ok(record) => {
                gaps.end(Some(&record));
                // In a damaged archive what leads to them may be lost, and has been named.
                if let Err(error) = if was_whole { check_uid(driver, *doc, &record) } else { Ok(()) } {
                    damage.push(format!("{}: {error:#}", driver.published.path().display()));
                }
            }
            Err(error) => gaps.add(cause_of(&format!("{error:#}"))),
        }
    }
    gaps.end(None);
    let name = driver.published.path().display().to_string();
    let sentence = |(which, reason): (String, String)| {
        if reason.contains(&name) { format!("{which}: {reason}") } else { format!("{name}: {which}: {reason}") }
    };
    damage.extend(gaps.found.into_iter().map(sentence));
    (gaps.num_lost, docs.len() as u64)
}

/// Why a post is lost. Where a file is named, which of its blocks it was has been said.
fn cause_of(error: &str) -> String {
    error.split_once("; copy it again").map_or(error, |(cause, _)| cause).to_owned()
}

fn check_uid(driver: &Driver, doc: DocId, record: &Record) -> Result<()> {
    let request = PostRequest { uid: record.uid.clone(), ..PostRequest::default() };
    let view = driver.answer(|library| library.post(&request), |_| {})?;
    let same = view.is_some_and(|view| view.posts.iter().any(|(found, ..)| *found == doc));
    if same { Ok(()) } else { Err(anyhow!("record {doc} is not found by its uid")) }
}

/// Runs of posts that are lost for one reason, in the order of time.
#[derive(Default)]
struct Gaps {
    /// Which, and why.
    found: Vec<(String, String)>,
    num_lost: u64,
    /// The last post that is there.
    before: Option<String>,
    /// How many are lost behind it, and why.
    open: Vec<(u64, String)>,
}

impl Gaps {
    fn add(&mut self, reason: String) {
        self.num_lost += 1;
        match self.open.last_mut() {
            Some((count, same)) if *same == reason => *count += 1,
            _ => self.open.push((1, reason)),
        }
    }

    /// The next post is there, or there is none.
    fn end(&mut self, next: Option<&Record>) {
        let after = next.map(|record| {
            let date = record.date.as_ref().map_or_else(String::new, |date| format!(" of {}", date.text));
            format!("{}{date}", record.uid)
        });
        let place = match (&self.before, &after) {
            (Some(before), Some(after)) => format!("between {before} and {after}"),
            (None, Some(after)) => format!("before {after}"),
            (Some(before), None) => format!("behind {before}"),
            (None, None) => "all there are".to_owned(),
        };
        for (count, reason) in self.open.drain(..) {
            self.found.push((format!("{} lost, {place}", output::count(count, "post is", "posts are")), reason));
        }
        self.before = after;
    }
}

/// The archive is the one that its manifest names and its page shows. Gives its SHA-256.
fn check_name(driver: &Driver, damage: &mut Vec<String>) -> String {
    let (published, named) = (&driver.published, driver.published.manifest());
    let path = published.path().display();
    let Ok(sha256) = published.sha256() else {
        // What cannot be read has been named.
        return named.map(|manifest| manifest.archive.clone()).unwrap_or_default();
    };
    let is_ours = |name: &str| sha256.starts_with(name);
    if damage.is_empty() && named.is_some_and(|named| !is_ours(&named.archive) || !is_ours(&named.sha256)) {
        damage.push(format!("{path}: it is another archive than it says"));
    }
    if damage.is_empty() && published.names_on_page().iter().any(|name| !is_ours(name)) {
        damage.push(format!("{path}: its page shows the SHA-256 of another archive"));
    }
    sha256
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
    for (name, digest) in &found {
        match digest {
            // A signature is of the list, and so not in it; that of a bag stands beside its payload.
            Ok(_) if name == SUMS || (name == SIGNATURE && !published.is_bag()) => {}
            Ok(digest) => _ = by_name.insert(name, digest),
            Err(error) => damage.push(format!("{} {error}", published.name_of(name))),
        }
    }
    if published.is_bag() {
        let mut digests: BTreeMap<String, String> =
            by_name.iter().map(|(name, digest)| ((*name).to_owned(), (*digest).to_owned())).collect();
        let sums =
            found.iter().find(|(name, _)| name == SUMS).and_then(|(name, digest)| Some((name, digest.as_ref().ok()?)));
        digests.extend(sums.map(|(name, digest)| (name.clone(), digest.clone())));
        damage.extend(bag::check(published.path(), &digests).map_err(|error| unread(&error))?);
    }
    let sums = match published.small_file(SUMS) {
        Ok(Some(sums)) => sums,
        Ok(None) => {
            damage.push(format!("{} is missing: was the archive copied whole?", published.name_of(SUMS)));
            return Ok(());
        }
        Err(error) => {
            if !is_named(damage, &published.name_of(SUMS)) {
                damage.push(format!("{} cannot be read: {}", published.name_of(SUMS), cause(&error)));
            }
            return Ok(());
        }
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
    let text = String::from_utf8_lossy(&sums);
    let mut listed = text.lines().filter_map(listed_sum).peekable();
    if listed.peek().is_none() {
        damage.push(format!("{} lists no file: it has changed since it was published", published.name_of(SUMS)));
        return Ok(());
    }
    for (sum, name) in listed {
        match by_name.remove(name) {
            None if found.iter().any(|(found, _)| found == name) => {}
            None => damage.push(format!("{} is missing", published.name_of(name))),
            // A file whose block is damaged has been named already.
            Some(actual) if !actual.eq_ignore_ascii_case(sum) && !is_named(damage, &published.name_of(name)) => {
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

/// What a line of a list of sums says of which file, in any of the ways in which programs write them: such a list is not the one that was
/// published, but of the files it says nothing else.
fn listed_sum(line: &str) -> Option<(&str, &str)> {
    line.split_once("  ").or_else(|| line.split_once(" *"))
}

fn is_named(damage: &[String], name: &str) -> bool {
    damage.iter().any(|sentence| sentence.contains(name))
}

/// A zip and a single html say themselves what their bytes are; whether it is a zip that does not.
fn check_own_digest(driver: &Driver, damage: &mut Vec<String>) -> Result<bool> {
    let path = driver.published.path().display();
    let right = driver.published.own_digest_is_right();
    let right = right.map_err(|error| anyhow!("{path}: cannot be read: {}", cause(&error)))?;
    if right == Some(false) && damage.is_empty() {
        damage.push(format!("{path}: the digest at its end does not match it"));
    }
    Ok(right.is_none() && driver.published.is_zip())
}
