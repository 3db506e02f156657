//! Reads a source to its end, and keeps account of what became of everything in it.

use std::cell::RefCell;
use std::collections::HashSet;
use std::path::Path;

use anyhow::{Result, anyhow, bail};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::tz::TimeZone;
use serde_json::json;

use super::input::{Counted, Digest, Named, Opened};
use super::output;
use super::overrides::Applied;
use crate::gather::Filter;
use crate::ingest::{self, Detected, Entry, IngestError, ReadContext, ReadOptions};
use crate::publish::files;
use crate::record::{Place, Record};
use crate::searcher::SourceAccount;

/// What was skipped that the page names; `provenance.json` has the first hundred, `skipped.jsonl` all. It is part of the first
/// block that a page loads.
const MAX_SHOWN: usize = 5;

/// How files end that may hold posts, in small letters. Of what gzip has packed only captures are read; a WACZ has an index so
/// packed beside them, which holds none.
const MAY_HOLD_POSTS: [&str; 32] = [
    "7z",
    "car",
    "csv",
    "csv.gz",
    "db",
    "eml",
    "fast-export",
    "feather",
    "htm",
    "html",
    "json",
    "json.gz",
    "jsonl",
    "jsonl.gz",
    "markdown",
    "mbox",
    "md",
    "ndjson",
    "ods",
    "parquet",
    "sqlite",
    "tar.gz",
    "tsv",
    "txt",
    "wacz",
    "warc",
    "warc.gz",
    "xhtml",
    "xls",
    "xlsx",
    "xml",
    "zip",
];

/// How to read a source.
pub(super) struct SourceOptions {
    pub(super) format: Option<String>,
    pub(super) time_zone: TimeZone,
    pub(super) read: ReadOptions,
    pub(super) progress: bool,
    /// Whether the account may quote what could not be read: not where something is to be left out.
    pub(super) quotes: bool,
    /// Fields that will be left out.
    pub(super) drop: Vec<String>,
    /// What people know of the posts.
    pub(super) overrides: Option<RefCell<Applied>>,
}

/// Fields in which a post has the card of somebody, who may never have published it.
const CONTACTS: [&str; 3] = ["contact_information", "contact_phone", "contact_vcard"];

/// Posts that have such a card, and where the first of them has it.
#[derive(Default)]
struct Contacts {
    num_posts: u64,
    field: Option<&'static str>,
}

impl Contacts {
    fn add(&mut self, record: &Record) {
        let Some(field) = CONTACTS.into_iter().find(|field| record.fields.iter().any(|(name, _)| name == field)) else {
            return;
        };
        self.num_posts += 1;
        self.field.get_or_insert(field);
    }

    /// What whoever builds should know, unless they have thought of it.
    fn hint(&self, dropped: &[String]) -> Option<String> {
        let field = self.field.filter(|field| !dropped.iter().any(|dropped| dropped == field || dropped == "media"))?;
        let posts = output::count(self.num_posts, "post shares", "posts share");
        Some(format!("{posts} somebody's telephone number, which may be private; --drop {field} leaves it out"))
    }
}

/// What became of a source.
pub(super) struct SourceRead {
    pub(super) account: SourceAccount,
    /// Lines of `skipped.jsonl`.
    pub(super) skipped: String,
    /// Records found in it, counted apart from what became of them.
    pub(super) num_found: u64,
    /// What whoever builds should know, and nobody else.
    pub(super) hints: Vec<String>,
}

/// Whether a source has each of its posts once: it is one export, or of a format whose exports do not repeat each other.
pub(super) fn is_one_export(path: &Path, options: &SourceOptions) -> Result<bool> {
    if !path.metadata().is_ok_and(|metadata| metadata.is_file() || metadata.is_dir()) {
        return Ok(true);
    }
    let source = Opened::new(path)?;
    // What cannot be read is told when it is read.
    let Ok(detected) = ingest::detect_files(&*source.files, &source.name, options.format.as_deref()) else {
        return Ok(true);
    };
    let [detected] = detected.as_slice() else { return Ok(false) };
    let list = source.files.list();
    let files = detected.files.iter().filter_map(|index| list.get(*index));
    let exports: HashSet<&str> = files.map(|file| ingest::export_of(detected.format.name, &file.name)).collect();
    Ok(exports.len() <= 1)
}

/// Reads every record of what was named: of one source or, where a folder has an export in two formats, of each. `end` is told what
/// became of a source, and whether it is the last of these.
pub(super) fn read_sources<T>(
    named: &Named,
    options: &SourceOptions,
    into: &mut T,
    keep: impl Fn(&mut T, Record),
    mut end: impl FnMut(&mut T, SourceRead, bool) -> Result<()>,
) -> Result<()> {
    let path = &named.path;
    let source = Opened::new(path)?;
    // Records know the file by its name alone; whoever named it sees the path that they typed.
    let in_file = |error: IngestError| {
        let within = error.file().strip_prefix(&*source.name).unwrap_or_default();
        anyhow!("{}{within}: {}", path.display(), error.kind())
    };
    let all = ingest::detect_files(&*source.files, &source.name, options.format.as_deref()).map_err(in_file)?;
    for place in 0..all.len() {
        let read = read_source(named, &source, (&all, place), options, |record| keep(into, record))?;
        end(into, read, place + 1 == all.len())?;
    }
    Ok(())
}

/// What a file is called whose name begins with that of its source, where the source has another name beside others.
fn renamed(file: &str, from: &str, to: &str) -> String {
    file.strip_prefix(from).filter(|_| from != to).map_or_else(|| file.to_owned(), |within| format!("{to}{within}"))
}

/// Reads every record that an open source has in the format at this place among those that it has.
fn read_source(
    Named { path, name: told, beside }: &Named,
    source: &Opened,
    (all, place): (&[Detected], usize),
    options: &SourceOptions,
    mut keep: impl FnMut(Record),
) -> Result<SourceRead> {
    let Some(detected) = all.get(place) else { bail!("{}: there is nothing to read in it", path.display()) };
    let mut context = ReadContext::new(&*source.name, options.time_zone.clone());
    context.options = options.read.clone();
    context.beside.clone_from(beside);
    // Records know the file by its name alone; whoever named it sees the path that they typed.
    let in_file = |error: IngestError| {
        let within = error.file().strip_prefix(&*source.name).unwrap_or_default();
        anyhow!("{}{within}: {}", path.display(), error.kind())
    };
    let lens = detected.files.iter().filter_map(|index| source.files.list().get(*index)).map(|file| file.len);
    let counted = Counted::new(&*source.files, progress(options.progress, lens.sum(), &source.name));

    let format = detected.format.name.to_owned();
    // What stands beside another source is called by the one file that it is, so that they are told apart.
    let only = detected.files.iter().filter(|_| all.len() > 1 && detected.files.len() == 1);
    let only = only.filter_map(|index| source.files.list().get(*index)).map(|file| file.name.clone()).next();
    let renamed = |file: &str| renamed(file, &source.name, told);
    let name = renamed(only.as_deref().unwrap_or(&source.name));
    let mut account = SourceAccount { name, format, ..SourceAccount::default() };
    let (mut skipped, mut num_found, mut hints) = (String::new(), 0, Vec::new());
    let (mut first_unreadable, mut num_incomplete, mut num_cut, mut left_out) = (None, 0, 0, Vec::new());
    let mut attached = HashSet::new();
    let mut contacts = Contacts::default();
    account.notes.extend(options.format.is_some().then(|| "its format was named, with --format".to_owned()));
    account.notes.extend(detected.format.caution().map(str::to_owned));
    for entry in ingest::read_files(&counted, detected, &context).map_err(in_file)? {
        let entry = entry.map_err(in_file)?;
        num_found += match &entry {
            Entry::Record(_) | Entry::Skipped(_) | Entry::Merged(_) => 1,
            Entry::Removed(removed) => removed.count,
            Entry::Note(_) | Entry::Hint(_) => 0,
        };
        match entry {
            Entry::Record(mut record) => {
                account.read += 1;
                record.source.file = renamed(&record.source.file);
                num_cut += u64::from(ingest::bound(&mut record));
                if let Some(overrides) = &options.overrides {
                    overrides.borrow_mut().apply(&mut record);
                }
                let paths = record.media.iter().filter_map(|medium| medium.path.as_deref());
                // However it leads there, it ends like the file's own.
                let paths = paths.map(|path| path.trim_start_matches(['.', '/']).to_owned());
                attached.extend(paths.filter(|path| may_hold_posts(path)));
                num_incomplete += u64::from(record.flags.iter().any(|flag| flag == "incomplete"));
                contacts.add(&record);
                if let Some(date) = unreadable_date(&record) {
                    account.unreadable_dates += 1;
                    first_unreadable.get_or_insert_with(|| said_of(&record, date));
                }
                keep(*record);
            }
            Entry::Skipped(entry) => {
                account.skipped += 1;
                skipped.push_str(&skipped_line(&renamed(&entry.file), &entry.place, &entry.reason, &entry.excerpt));
            }
            Entry::Merged(_) => account.merged += 1,
            Entry::Removed(removed) => {
                account.removed += removed.count;
                match left_out.iter_mut().find(|(reason, _)| *reason == removed.reason) {
                    Some((_, count)) => *count += removed.count,
                    None => left_out.push((removed.reason, removed.count)),
                }
            }
            Entry::Note(note) => account.notes.push(note),
            // Many files of a source may say the same.
            Entry::Hint(hint) if hints.contains(&hint) => {}
            Entry::Hint(hint) => hints.push(hint),
        }
    }
    // Each chat of an account may say the same.
    account.notes.extend(left_out.into_iter().map(|(reason, count): (String, u64)| {
        format!("{} left out: {reason}", output::count(count, "record", "records"))
    }));
    if let Some(first) = first_unreadable {
        let dates = output::count(account.unreadable_dates, "date", "dates");
        let first = if options.quotes { format!("; the first is {first}") } else { String::new() };
        account.notes.push(format!("{dates} could not be read, their posts stand among the undated{first}"));
    }
    hints.extend(contacts.hint(&options.drop));
    if num_incomplete > 0 {
        let posts = output::count(num_incomplete, "post is", "posts are");
        account.notes.push(format!("{posts} marked: the text may be incomplete, since its source lost some of it"));
    }
    if num_cut > 0 {
        let posts = output::count(num_cut, "post has", "posts have");
        account
            .notes
            .push(format!("{posts} a name that was cut, or an address that was left out, since it is too long"));
    }
    if let Some(overrides) = &options.overrides {
        overrides.borrow_mut().end_source(&mut account);
    }
    let digests = counted.finish();
    let others: HashSet<usize> = all.iter().flat_map(|other| other.files.iter().copied()).collect();
    let unread = unread(source, &digests, &others, &attached);
    if !unread.is_empty() && place == 0 {
        let files = output::count(unread.len() as u64, "file", "files");
        account.notes.push(format!("not read: {files} that may hold posts, but none that is recognised"));
        hints.push(unread_hint(&unread, detected.format.name));
    }
    (account.size, account.sha256) = source.digest(digests, only.as_deref())?;
    Ok(SourceRead { account, skipped, num_found, hints })
}

fn may_hold_posts(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    MAY_HOLD_POSTS.iter().any(|end| name.strip_suffix(end).is_some_and(|stem| stem.ends_with('.')))
}

/// Names of the files of a folder or a zip that may hold posts, by how they end, and that nobody has opened or will open; without those
/// that posts name as sent along with them.
fn unread<'s>(
    source: &'s Opened,
    digests: &[Digest],
    others: &HashSet<usize>,
    attached: &HashSet<String>,
) -> Vec<&'s str> {
    let is_attached = |name: &str| {
        name.match_indices('/')
            .map(|(at, _)| at + 1)
            .chain([0])
            .any(|at| name.get(at..).is_some_and(|end| attached.contains(end)))
    };
    let names = source.files.list().iter().enumerate().filter(|(index, _)| !others.contains(index));
    let names = names.map(|(_, file)| file.name.as_str());
    let is_unread =
        |name: &&str| may_hold_posts(name) && !digests.iter().any(|digest| digest.name == **name) && !is_attached(name);
    names.filter(is_unread).collect()
}

/// What to do about files that were not read, for whoever builds.
fn unread_hint(names: &[&str], format: &str) -> String {
    let shown = names.iter().take(MAX_SHOWN).map(|name| output::line(name)).collect::<Vec<_>>().join(", ");
    let more = names.len().saturating_sub(MAX_SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!(
        "not read, since they are not recognised as {format}: {shown}{more}; name them by themselves, with --format, if there are posts in them"
    )
}

/// The date of a record that could not be read as one; it is kept among the fields of the source: under the name that readers keep
/// such dates by, or under its own, where tables and lists of any form have it.
fn unreadable_date(record: &Record) -> Option<&str> {
    let of = |name: &str| record.fields.iter().find(|(known, _)| known == name).map(|(_, json)| json.as_str());
    let is_marked = record.flags.iter().any(|flag| flag == "date_unread");
    let date = || {
        is_marked
            .then(|| of("date_written").unwrap_or_default())
            .or_else(|| ["date", "date_", "published"].into_iter().find_map(of))
    };
    if record.date.is_none() { date() } else { None }
}

/// A date as a note shows it, with its place.
fn said_of(record: &Record, date: &str) -> String {
    const MAX_CHARS: usize = 80;
    let place = record.source.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
    format!("{}{place}", output::line(&date.chars().take(MAX_CHARS).collect::<String>()))
}

/// One line of `skipped.jsonl`.
fn skipped_line(file: &str, place: &Place, reason: &str, excerpt: &str) -> String {
    let place = match place {
        Place::Lines(first, last) => json!({"lines": [first, last]}),
        Place::Bytes(start, end) => json!({"bytes": [start, end]}),
    };
    format!("{}\n", json!({"file": file, "place": place, "reason": reason, "excerpt": excerpt}))
}

/// Lines of `skipped.jsonl` that show nothing of what was skipped, and name files as the account does.
pub(super) fn discreet(lines: &str, filter: &Filter) -> String {
    let bare = |line: &str| {
        let mut entry = serde_json::from_str::<serde_json::Value>(line).unwrap_or_default();
        if let Some(entry) = entry.as_object_mut() {
            entry.shift_remove("excerpt");
            if let Some(serde_json::Value::String(file)) = entry.get_mut("file") {
                *file = filter.redacted(file);
            }
        }
        format!("{entry}\n")
    };
    lines.lines().map(bare).collect()
}

/// The account of a source with the first of what was skipped in it, for the page to show; never how that begins.
pub(super) fn with_skipped(source: &SourceAccount, sources: &[SourceAccount], lines: &str) -> SourceAccount {
    let mut source = source.clone();
    let is_of = |line: &&str| files::is_skipped_of(&source, sources, line);
    let notes = lines.lines().filter(is_of).take(MAX_SHOWN).map(|line| {
        let sentence = skipped_sentence(discreet(line, &Filter::default()).trim_end());
        format!("skipped: {}", sentence.trim_end_matches([':', ' ']))
    });
    for note in notes.collect::<Vec<_>>() {
        // The archives of a merger have theirs already.
        if !source.notes.contains(&note) {
            source.notes.push(note);
        }
    }
    source
}

/// A line of `skipped.jsonl` as a sentence.
pub(super) fn skipped_sentence(line: &str) -> String {
    let Ok(entry) = serde_json::from_str::<serde_json::Value>(line) else { return line.to_owned() };
    let text = |name: &str| entry.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
    let place = entry.get("place").and_then(|place| {
        let (unit, range) = place.as_object()?.iter().next()?;
        let (first, last) = (range.get(0)?, range.get(1)?);
        Some(if first == last {
            format!(" {} {first}", unit.trim_end_matches('s'))
        } else {
            format!(" {unit} {first}–{last}")
        })
    });
    let excerpt = Some(text("excerpt")).filter(|excerpt| !excerpt.is_empty()).map(|excerpt| format!(": {excerpt}"));
    format!("{}{}: {}{}", text("file"), place.unwrap_or_default(), text("reason"), excerpt.unwrap_or_default())
}

/// A bar that shows itself where people look and the input is long.
fn progress(wanted: bool, len: u64, name: &str) -> ProgressBar {
    const WORTH_A_BAR: u64 = 20_000_000;
    if !wanted || len < WORTH_A_BAR {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg} {wide_bar} {bytes}/{total_bytes} {eta}");
    let bar = ProgressBar::new(len).with_message(output::plain(name));
    style.map(|style| bar.clone().with_style(style)).unwrap_or(bar)
}
