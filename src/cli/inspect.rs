//! `fonds inspect`: what is in an archive, or in a source that could become one.

use std::io::Write as _;

use serde_json::{Value, json};

use super::args::Inspect;
use super::driver::Driver;
use super::source::{SourceOptions, read_source};
use super::{Outcome, Run, output};
use crate::format::Section;
use crate::ingest::ReadOptions;
use crate::publish::{OpenErrorKind, files};
use crate::searcher::SourceAccount;

pub(super) fn run(args: &Inspect) -> Run {
    match Driver::open(&args.path) {
        Ok(driver) => inspect_archive(args, &driver),
        Err(error) if matches!(error.kind(), OpenErrorKind::Foreign(_)) => inspect_input(args),
        Err(error) => Err(error.into()),
    }
}

fn inspect_archive(args: &Inspect, driver: &Driver) -> Run {
    let root = driver.archive.root();
    let sections: Vec<(&str, usize, u64)> = Section::ALL
        .iter()
        .map(|section| {
            let container = driver.archive.container();
            (section.name(), container.num_blocks(*section), container.section_len(*section))
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
        writeln!(out, "{}", output::json(&answer))?;
        out.flush()?;
        return Ok(Outcome::Good);
    }
    writeln!(
        out,
        "{} ({}, format version {})",
        output::line(&root.title),
        driver.published.form().name(),
        crate::format::header::VERSION
    )?;
    let undated = driver.archive.num_docs() - root.times.num_dated;
    write!(out, "{}", output::count(u64::from(driver.archive.num_docs()), "record", "records"))?;
    if let Some((first, last)) = &root.dates {
        let dates = format!(", {first} to {last} ({})", root.times.zone.name);
        write!(out, "{}", output::line(&dates))?;
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
        writeln!(out, "{:<18}{:>8}{:>12}", output::line(&facet.name), facet.num_values, facet.num_records)?;
    }
    writeln!(out)?;
    for source in &root.sources {
        writeln!(out, "{}", describe(source))?;
        source.notes.iter().try_for_each(|note| writeln!(out, "  {}", output::line(note)))?;
    }
    out.flush()?;
    Ok(Outcome::Good)
}

fn inspect_input(args: &Inspect) -> Run {
    let mut options = SourceOptions {
        format: args.format.clone(),
        time_zone: jiff::tz::TimeZone::UTC,
        read: ReadOptions { table: args.table.options(), ..ReadOptions::default() },
        progress: !args.json,
        overrides: None,
    };
    args.telegram.fill(&mut options.read);
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
        writeln!(out, "{}", output::json(&answer))?;
    } else {
        writeln!(out, "{}", describe(&read.account))?;
        writeln!(out, "{dated} with a date, {chars} characters of text")?;
        read.hints.iter().try_for_each(|hint| writeln!(out, "{}", output::line(hint)))?;
        read.account.notes.iter().try_for_each(|note| writeln!(out, "{}", output::line(note)))?;
        for line in read.skipped.lines().take(10) {
            writeln!(out, "skipped: {}", output::line(line))?;
        }
    }
    out.flush()?;
    Ok(Outcome::Good)
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
