//! `fonds extract`: gives every record back.

use std::io::{BufWriter, Write};

use anyhow::{Result, bail};

use super::args::{Extract, ExtractAs};
use super::driver::Driver;
use super::{Outcome, Run, output};
use crate::publish;
use crate::record::Record;
use crate::record_json;

pub(super) fn run(args: &Extract) -> Run {
    let driver = Driver::open(&args.archive)?;
    let mut whole = true;
    match &args.out {
        None => {
            let mut out = output::stdout();
            extract(&driver, args.format, &mut out, &mut whole)?;
            out.flush()?;
        }
        Some(path) => {
            // Records are no archive: one that is in the way was made by fonds, and still is not to be lost to them.
            if path.symlink_metadata().is_ok() && !args.force {
                bail!("{}: something is in the way; choose another name, or replace it with --force", path.display());
            }
            let staged = publish::stage_file(path, args.force, |file| {
                let mut out = BufWriter::new(file);
                extract(&driver, args.format, &mut out, &mut whole)?;
                Ok(out.flush()?)
            })?;
            staged.commit()?;
        }
    }
    Ok(if whole { Outcome::Good } else { Outcome::Bad })
}

/// Writes every record; those whose block is damaged are named on stderr, and the rest goes on.
fn extract(driver: &Driver, format: ExtractAs, out: &mut impl Write, whole: &mut bool) -> Result<()> {
    // The last run of records that are lost for the same reason.
    let mut gap: Option<(u32, u32, String)> = None;
    for doc in driver.docs()? {
        let reason = match driver.record(doc) {
            Ok(record) => {
                match format {
                    ExtractAs::Jsonl => writeln!(out, "{}", output::json(&record_json::to_json(&record).into()))?,
                    ExtractAs::Txt => write_text(&record, out)?,
                }
                continue;
            }
            Err(error) => format!("{error:#}"),
        };
        *whole = false;
        match &mut gap {
            Some((_, last, known)) if *last + 1 == doc && *known == reason => *last = doc,
            _ => {
                name_lost(gap.as_ref());
                gap = Some((doc, doc, reason));
            }
        }
    }
    name_lost(gap.as_ref());
    Ok(())
}

/// Names a run of records that are lost: the first, the last, and why.
fn name_lost(gap: Option<&(u32, u32, String)>) {
    let Some((first, last, reason)) = gap else { return };
    if first == last {
        output::note(&format!("fonds: record {first} is lost: {reason}"));
    } else {
        output::note(&format!("fonds: records {first} to {last} are lost: {reason}"));
    }
}

fn write_text(record: &Record, out: &mut impl Write) -> Result<()> {
    let date = record.date.as_ref().map(|date| date.text.clone());
    let forward = record.forwarded_from.as_ref().map(|forward| format!("forwarded from {}", forward.name));
    let about: Vec<String> =
        [date, record.author.clone(), record.channel.clone(), forward].into_iter().flatten().collect();
    writeln!(out, "[{}] {}", output::line(&record.uid), output::line(&about.join(" · ")))?;
    for part in record.title.iter().chain([&record.text]).filter(|part| !part.is_empty()) {
        writeln!(out, "{}", output::plain(part))?;
    }
    writeln!(out)?;
    Ok(())
}
