//! `fonds formats`: every reader, how it is recognised, what it keeps.

use std::io::Write as _;

use serde_json::json;

use super::args::Formats;
use super::{Outcome, Run, output};
use crate::ingest::FORMATS;

pub(super) fn run(args: &Formats) -> Run {
    let mut out = output::stdout();
    if args.json {
        let rows: Vec<_> = FORMATS
            .iter()
            .map(|format| {
                json!({
                    "name": format.name,
                    "title": format.title,
                    "recognised_by": format.recognised_by,
                    "keeps": format.keeps,
                })
            })
            .collect();
        writeln!(out, "{}", output::json(&rows.into()))?;
    } else {
        for format in FORMATS {
            writeln!(out, "{:<8}  {}", format.name, format.title)?;
            writeln!(out, "          recognised by {}", format.recognised_by)?;
            writeln!(out, "          keeps {}\n", format.keeps)?;
        }
    }
    out.flush()?;
    Ok(Outcome::Good)
}
