//! `fonds extract`: gives every record back.

use std::io::{BufWriter, Write};

use anyhow::Result;

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
        Some(path) => publish::write_file(path, true, |file| {
            let mut out = BufWriter::new(file);
            extract(&driver, args.format, &mut out, &mut whole)?;
            Ok(out.flush()?)
        })?,
    }
    Ok(if whole { Outcome::Good } else { Outcome::Bad })
}

/// Writes every record; one whose block is damaged is named on stderr, and the rest goes on.
fn extract(driver: &Driver, format: ExtractAs, out: &mut impl Write, whole: &mut bool) -> Result<()> {
    for doc in 0..driver.archive.num_docs() {
        match driver.answer(|archive| archive.record(doc), |_| {}) {
            Ok(record) => match format {
                ExtractAs::Jsonl => writeln!(out, "{}", serde_json::Value::from(record_json::to_json(&record)))?,
                ExtractAs::Txt => write_text(&record, out)?,
            },
            Err(error) => {
                *whole = false;
                output::note(&format!("fonds: record {doc} is lost: {error:#}"));
            }
        }
    }
    Ok(())
}

fn write_text(record: &Record, out: &mut impl Write) -> Result<()> {
    let date = record.date.as_ref().map(|date| date.text.clone());
    let forward = record.forwarded_from.as_ref().map(|forward| format!("forwarded from {}", forward.name));
    let about: Vec<String> =
        [date, record.author.clone(), record.channel.clone(), forward].into_iter().flatten().collect();
    writeln!(out, "[{}] {}", record.uid, about.join(" · "))?;
    for part in record.title.iter().chain([&record.text]).filter(|part| !part.is_empty()) {
        writeln!(out, "{part}")?;
    }
    writeln!(out)?;
    Ok(())
}
