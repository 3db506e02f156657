//! Every folder in golden/ that holds an `input.*` is a case: its entries, one a line, are in `records.jsonl` beside it.
//!
//! A file `format` names the format where it is not to be detected; a file `options.json` says how a table is read. `UPDATE_GOLDEN=1` rewrites the expectations; their diff is
//! reviewed as code.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests read their samples, and fail by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};

use fonds::ingest::{self, Entry, ReadContext, TableOptions};
use fonds::record_json;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

#[test]
fn every_input_gives_its_entries() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    let mut num_cases = 0;
    for case in cases {
        let Some(input) = ["txt", "jsonl", "json", "csv", "tsv", "html"]
            .map(|extension| case.join("input").with_extension(extension))
            .into_iter()
            .find(|path| path.exists())
        else {
            continue;
        };
        num_cases += 1;
        let format = fs::read_to_string(case.join("format")).ok();
        let found = dump(
            &fs::read(&input).unwrap(),
            input.file_name().unwrap().to_str().unwrap(),
            format.as_deref().map(str::trim),
            table_options(&case),
        );
        let expected = case.join("records.jsonl");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&expected, &found).unwrap();
        }
        let expected = fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(found, expected, "{}", case.display());
    }
    assert!(num_cases > 0);
}

/// What `options.json` says, in the words of the command line.
fn table_options(case: &Path) -> TableOptions {
    let Ok(json) = fs::read(case.join("options.json")) else { return TableOptions::default() };
    let options: Value = serde_json::from_slice(&json).unwrap();
    let text = |name: &str| options[name].as_str().map(str::to_owned);
    let map = options["map"].as_array().into_iter().flatten();
    TableOptions {
        map: map.map(|mapped| mapped.as_str().unwrap().parse().unwrap()).collect(),
        date_format: text("date_format"),
        records: text("records"),
        ..TableOptions::default()
    }
}

/// The entries of an input, or its error, one a line.
fn dump(input: &[u8], file: &str, format: Option<&str>, table: TableOptions) -> String {
    let mut context = ReadContext::new(file, TimeZone::UTC);
    context.options.table = table;
    let (format, reader) = match ingest::open(Box::new(input), format, &context) {
        Ok(opened) => opened,
        Err(error) => return format!("{}\n", json!({ "error": error.to_string() })),
    };
    let mut lines = format!("{}\n", json!({ "format": format.name }));
    for entry in reader {
        let line = match entry {
            Ok(Entry::Record(record)) => record_json::to_json(&record).into(),
            Ok(Entry::Skipped(skipped)) => {
                json!({ "skipped": skipped.place.to_string(), "reason": skipped.reason, "excerpt": skipped.excerpt })
            }
            Ok(Entry::Merged(merged)) => json!({ "merged": merged.place.to_string(), "reason": merged.reason }),
            Ok(Entry::Removed(removed)) => json!({ "removed": removed.count, "reason": removed.reason }),
            Ok(Entry::Note(note)) => json!({ "note": note }),
            Ok(Entry::Hint(hint)) => json!({ "hint": hint }),
            Err(error) => json!({ "error": error.to_string() }),
        };
        lines.push_str(&line.to_string());
        lines.push('\n');
    }
    lines
}
