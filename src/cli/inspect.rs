//! `fonds inspect`: what is in an archive, or in a source that could become one.

use std::collections::BTreeSet;
use std::io::Write as _;

use anyhow::Result;
use serde_json::{Value, json};

use super::args::Inspect;
use super::driver::Driver;
use super::input::named;
use super::source::{SourceOptions, SourceRead, read_sources};
use super::{Outcome, Run, output, unused};
use crate::format::Section;
use crate::ingest::{FORMATS, ReadOptions};
use crate::publish::{OpenErrorKind, files};
use crate::record::Record;
use crate::searcher::{Library, SourceAccount};

pub(super) fn run(args: &Inspect) -> Run {
    match Driver::open(&args.path) {
        Ok(driver) => inspect_archive(args, &driver),
        Err(error) if matches!(error.kind(), OpenErrorKind::Foreign(_)) => inspect_input(args),
        Err(error) => Err(error.into()),
    }
}

fn inspect_archive(args: &Inspect, driver: &Driver) -> Run {
    let library = &driver.library;
    let root = driver.root();
    let roots = || library.segments().iter().map(|segment| segment.archive.root());
    let sections: Vec<(&str, usize, u64)> = Section::ALL
        .iter()
        .map(|section| {
            let containers = || library.segments().iter().map(|segment| segment.archive.container());
            let num_blocks: usize = containers().map(|container| container.num_blocks(*section)).sum();
            (section.name(), num_blocks, containers().map(|container| container.section_len(*section)).sum())
        })
        .collect();
    let title = driver.published.manifest().map_or(&root.title, |manifest| &manifest.title);
    let len: u64 = library.segments().iter().map(|segment| segment.archive.container().len).sum();
    // Values and words of several segments are partly the same: their sums are no numbers of anything.
    let is_one = library.segments().len() == 1;
    let version = library.segments().iter().map(|segment| segment.archive.container().cut.version).max();
    let version = version.unwrap_or(crate::format::header::VERSION);
    let of_one = |number: u64| if is_one { json!(number) } else { Value::Null };
    let mut out = output::stdout();
    if args.json {
        let segments = library.segments().iter().map(|segment| {
            json!({
                "records": segment.archive.num_docs(),
                "superseded": segment.hidden.len(),
                "bytes": segment.archive.container().len,
            })
        });
        let by_section: serde_json::Map<String, Value> =
            sections.iter().map(|(name, _, len)| ((*name).to_owned(), json!(len))).collect();
        let answer = json!({
            "form": driver.published.form().name(),
            "version": version,
            "title": title,
            "records": driver.num_docs(),
            "undated": library.num_undated(),
            "first_date": library.dates().map(|(first, _)| first),
            "last_date": library.dates().map(|(_, last)| last),
            "time_zone": root.times.zone.name,
            "terms": of_one(root.index.num_terms),
            "postings": roots().map(|root| root.index.num_postings).sum::<u64>(),
            "tokens": roots().map(|root| root.index.num_tokens).sum::<u64>(),
            "bytes": len,
            "segments": segments.collect::<Vec<_>>(),
            "bytes_by_section": by_section,
            "facets": facets(library),
            "numbers": library.number_names(),
            "dates": library.date_names(),
            "sources": library.sources().map(files::account).collect::<Vec<_>>(),
        });
        writeln!(out, "{}", output::json(&answer))?;
        out.flush()?;
        return Ok(Outcome::Good);
    }
    writeln!(out, "{} ({}, format version {})", output::line(title), driver.published.form().name(), version)?;
    let undated = library.num_undated();
    write!(out, "{}", output::count(u64::from(driver.num_docs()), "record", "records"))?;
    if let Some((first, last)) = library.dates() {
        let dates = format!(", {first} to {last} ({})", root.times.zone.name);
        write!(out, "{}", output::line(&dates))?;
    }
    writeln!(out, ", {undated} without a date")?;
    for ((segment, root), number) in library.segments().iter().zip(roots()).zip(1..) {
        if !is_one {
            let hidden = segment.hidden.len();
            write!(out, "segment {number}: {} records, {hidden} of them superseded, ", segment.archive.num_docs())?;
        }
        writeln!(
            out,
            "{} terms, {} postings, {} tokens",
            root.index.num_terms, root.index.num_postings, root.index.num_tokens
        )?;
    }
    writeln!(out, "\n{:<18}{:>8}{:>12}", "section", "blocks", "bytes")?;
    for (name, blocks, len) in &sections {
        writeln!(out, "{name:<18}{blocks:>8}{len:>12}")?;
    }
    let whole = if is_one { "whole container" } else { "all segments" };
    writeln!(out, "{whole:<18}{:>8}{len:>12}", "")?;
    writeln!(out, "\n{:<18}{:>8}{:>12}", "facet", "values", "records")?;
    for root in roots() {
        for facet in &root.facets {
            writeln!(out, "{:<18}{:>8}{:>12}", output::line(&facet.name), facet.num_values, facet.num_records)?;
        }
        if !is_one {
            writeln!(out)?;
        }
    }
    writeln!(out)?;
    for source in library.sources() {
        writeln!(out, "{}", describe(source))?;
        details(source, None).iter().try_for_each(|line| writeln!(out, "  {line}"))?;
        source.notes.iter().try_for_each(|note| writeln!(out, "  {}", output::line(note)))?;
    }
    out.flush()?;
    Ok(Outcome::Good)
}

/// Facets with the number of their values and records, where there is one segment: of several, some are the same.
fn facets(library: &Library) -> Vec<Value> {
    let of = |name: &String| match library.segments() {
        [only] => only.archive.root().facets.iter().find(|facet| facet.name == *name),
        _ => None,
    };
    let names = library.all_facet_names();
    let facet = |name: &String| {
        let own = of(name);
        json!({
            "name": name,
            "values": own.map(|facet| facet.num_values),
            "records": own.map(|facet| facet.num_records),
        })
    };
    names.iter().map(facet).collect()
}

fn inspect_input(args: &Inspect) -> Run {
    let mut options = SourceOptions {
        format: args.format.clone(),
        time_zone: jiff::tz::TimeZone::UTC,
        read: ReadOptions { table: args.table.options(), ..ReadOptions::default() },
        progress: !args.json,
        quotes: true,
        drop: Vec::new(),
        overrides: None,
    };
    args.telegram.fill(&mut options.read);
    let (mut counts, mut formats) = ((0u64, 0u64), BTreeSet::new());
    let count = |(dated, chars): &mut (u64, u64), record: Record| {
        *dated += u64::from(record.date.is_some());
        *chars += record.text.chars().count() as u64;
    };
    let [input] = &*named(std::slice::from_ref(&args.path)) else { return Ok(Outcome::Good) };
    read_sources(input, &options, &mut counts, count, |counts, read, _| {
        formats.insert(read.account.format.clone());
        describe_read(args, &read, std::mem::take(counts))
    })?;
    if options.progress {
        unused::say(&options, &formats);
    }
    Ok(Outcome::Good)
}

/// Prints what a source was found to be.
fn describe_read(args: &Inspect, read: &SourceRead, (dated, chars): (u64, u64)) -> Result<()> {
    let mut out = output::stdout();
    if args.json {
        let mut answer = files::account(&read.account);
        if let Some(answer) = answer.as_object_mut() {
            answer.insert("dated".to_owned(), json!(dated));
            answer.insert("characters".to_owned(), json!(chars));
            // Which chats there are, and what else whoever builds should know.
            answer.insert("hints".to_owned(), json!(read.hints));
        }
        writeln!(out, "{}", output::json(&answer))?;
    } else {
        writeln!(out, "{}", describe(&read.account))?;
        details(&read.account, None).iter().try_for_each(|line| writeln!(out, "{line}"))?;
        writeln!(out, "{dated} with a date, {chars} characters of text")?;
        read.hints.iter().try_for_each(|hint| writeln!(out, "{}", output::line(hint)))?;
        read.account.notes.iter().try_for_each(|note| writeln!(out, "{}", output::line(note)))?;
        for line in read.skipped.lines().take(10) {
            writeln!(out, "skipped: {}", output::line(line))?;
        }
    }
    out.flush()?;
    Ok(())
}

/// What else is to be said of a source: its digest, how it was recognised, what it never held, and what was left out.
pub(super) fn details(source: &SourceAccount, folded: Option<u64>) -> Vec<String> {
    let format = FORMATS.iter().find(|format| format.name == source.format);
    let mut lines = vec![format!("SHA-256 {}", source.sha256_hex())];
    lines.extend(format.map(|format| format!("recognised by {}", format.recognised_by)));
    if let Some(format) = format.filter(|format| !format.lacks.is_empty()) {
        lines.push(format!("never held by this format: {}", format.lacks.join(", ")));
    }
    if let Some(folded) = folded.filter(|folded| *folded > 0) {
        lines.push(format!("{folded} of those read say the same as an earlier post in another channel"));
    }
    if !source.dropped.is_empty() {
        lines.push(output::line(&format!("left out on request: {}", source.dropped.join(", "))));
    }
    if source.redacted > 0 {
        lines.push(format!("{} made unreadable", output::count(source.redacted, "place", "places")));
    }
    lines
}

/// A source's account as a sentence.
pub(super) fn describe(source: &SourceAccount) -> String {
    format!(
        "{} ({}, {}): {} in = {} read + {} merged + {} removed + {} skipped",
        output::line(&source.name),
        output::line(&source.format),
        output::bytes(source.size),
        source.found(),
        source.read,
        source.merged,
        source.removed,
        source.skipped,
    )
}
