//! `fonds inspect`: what is in an archive, or in a source that could become one.

use std::io::Write as _;

use serde_json::{Value, json};

use super::args::Inspect;
use super::build::{SourceOptions, read_source};
use super::driver::Driver;
use super::{Outcome, Run, output};
use crate::format::Section;
use crate::publish::{Published, files};
use crate::searcher::SourceAccount;

pub(super) fn run(args: &Inspect) -> Run {
    if Published::open(&args.path).is_ok() { inspect_archive(args) } else { inspect_input(args) }
}

fn inspect_archive(args: &Inspect) -> Run {
    let driver = Driver::open(&args.path)?;
    let root = driver.archive.root();
    let sections: Vec<(&str, usize, u64)> = Section::ALL
        .iter()
        .map(|section| {
            let blocks = driver.archive.container().table.blocks(*section);
            (section.name(), blocks.len(), blocks.iter().map(|block| u64::from(block.len)).sum())
        })
        .collect();
    let mut out = output::stdout();
    if args.json {
        let facets: Vec<Value> = root
            .facets
            .iter()
            .map(|facet| json!({"name": facet.name, "values": facet.num_values, "records": facet.num_records}))
            .collect();
        let by_section: serde_json::Map<String, Value> =
            sections.iter().map(|(name, _, len)| ((*name).to_owned(), json!(len))).collect();
        let answer = json!({
            "form": driver.published.form().name(),
            "version": crate::format::header::VERSION,
            "title": root.title,
            "records": driver.archive.num_docs(),
            "undated": driver.archive.num_docs() - root.times.num_dated,
            "first_date": root.dates.as_ref().map(|(first, _)| first),
            "last_date": root.dates.as_ref().map(|(_, last)| last),
            "time_zone": root.times.zone.name,
            "terms": root.index.num_terms,
            "postings": root.index.num_postings,
            "tokens": root.index.num_tokens,
            "bytes": driver.archive.container().len,
            "bytes_by_section": by_section,
            "facets": facets,
            "sources": root.sources.iter().map(files::account).collect::<Vec<_>>(),
        });
        writeln!(out, "{answer}")?;
        out.flush()?;
        return Ok(Outcome::Good);
    }
    writeln!(
        out,
        "{} ({}, format version {})",
        output::plain(&root.title),
        driver.published.form().name(),
        crate::format::header::VERSION
    )?;
    let undated = driver.archive.num_docs() - root.times.num_dated;
    write!(out, "{}", output::count(u64::from(driver.archive.num_docs()), "record", "records"))?;
    if let Some((first, last)) = &root.dates {
        write!(out, ", {first} to {last} ({})", root.times.zone.name)?;
    }
    writeln!(out, ", {undated} without a date")?;
    writeln!(
        out,
        "{} terms, {} postings, {} tokens",
        root.index.num_terms, root.index.num_postings, root.index.num_tokens
    )?;
    writeln!(out, "\n{:<18}{:>8}{:>12}", "section", "blocks", "bytes")?;
    for (name, blocks, len) in &sections {
        writeln!(out, "{name:<18}{blocks:>8}{len:>12}")?;
    }
    writeln!(out, "{:<18}{:>8}{:>12}", "whole container", "", driver.archive.container().len)?;
    writeln!(out, "\n{:<18}{:>8}{:>12}", "facet", "values", "records")?;
    for facet in &root.facets {
        writeln!(out, "{:<18}{:>8}{:>12}", output::plain(&facet.name), facet.num_values, facet.num_records)?;
    }
    writeln!(out)?;
    for source in &root.sources {
        writeln!(out, "{}", describe(source))?;
    }
    out.flush()?;
    Ok(Outcome::Good)
}

fn inspect_input(args: &Inspect) -> Run {
    let options =
        SourceOptions { format: args.format.clone(), time_zone: jiff::tz::TimeZone::UTC, progress: !args.json };
    let (mut dated, mut chars) = (0u64, 0u64);
    let read = read_source(&args.path, &options, |record| {
        dated += u64::from(record.date.is_some());
        chars += record.text.chars().count() as u64;
    })?;
    let mut out = output::stdout();
    if args.json {
        let mut answer = files::account(&read.account);
        if let Some(answer) = answer.as_object_mut() {
            answer.insert("dated".to_owned(), json!(dated));
            answer.insert("characters".to_owned(), json!(chars));
        }
        writeln!(out, "{answer}")?;
    } else {
        writeln!(out, "{}", describe(&read.account))?;
        writeln!(out, "{dated} with a date, {chars} characters of text")?;
        for line in read.skipped.lines().take(10) {
            writeln!(out, "skipped: {line}")?;
        }
    }
    out.flush()?;
    Ok(Outcome::Good)
}

/// A source's account as a sentence.
pub(super) fn describe(source: &SourceAccount) -> String {
    format!(
        "{} ({}, {}): {} in = {} read + {} merged + {} removed + {} skipped",
        output::plain(&source.name),
        source.format,
        output::bytes(source.size),
        source.found(),
        source.read,
        source.merged,
        source.removed,
        source.skipped,
    )
}
