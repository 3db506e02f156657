//! Options of which no input had any use: whoever gave one meant something by it.

use std::collections::BTreeSet;

use super::output;
use super::source::SourceOptions;
use crate::ingest::ReadOptions;

/// Formats of rows and columns.
const TABLES: [&str; 4] = ["csv", "json", "jsonl", "tsv"];

/// Says which options meant nothing to inputs of these formats, and which chats none of them has.
pub(super) fn say(options: &SourceOptions, formats: &BTreeSet<String>) {
    let names: Vec<&str> = formats.iter().map(String::as_str).collect();
    for name in unused(&options.read, &names) {
        output::note(&format!("fonds: {name}: no input has any use for it ({})", names.join(", ")));
    }
    options.read.chats.missing().iter().for_each(|told| output::note(&format!("fonds: {told}")));
}

/// Options that are given, and of which none of these formats has any use.
fn unused(options: &ReadOptions, formats: &[&str]) -> Vec<&'static str> {
    let table = &options.table;
    let with_dates = [&TABLES[..], &["whatsapp"]].concat();
    let given: [(&'static str, bool, &[&str]); 7] = [
        ("--map", !table.map.is_empty(), &TABLES),
        ("--date-format", table.date_format.is_some(), &with_dates),
        ("--delimiter", table.delimiter.is_some(), &["csv", "tsv"]),
        ("--header", table.header.is_some(), &["csv", "tsv"]),
        ("--records", table.records.is_some(), &["json"]),
        ("--encoding", table.encoding.is_some(), &["csv", "json", "tsv"]),
        ("--handle", options.handle.is_some(), &["bluesky", "telegram-html", "telegram-json", "tg-archive"]),
    ];
    let is_used = |by: &[&str]| by.iter().any(|format| formats.contains(format));
    given.into_iter().filter(|(_, is_given, by)| *is_given && !is_used(by)).map(|(name, ..)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::{FORMATS, TableOptions};

    fn all_given() -> ReadOptions {
        let table = TableOptions {
            map: vec!["text=body".parse().unwrap()],
            date_format: Some("%d/%m/%Y".to_owned()),
            delimiter: Some(b';'),
            header: Some(true),
            records: Some("items".to_owned()),
            encoding: Some(encoding_rs::WINDOWS_1251),
        };
        ReadOptions { table, handle: Some("quay".to_owned()), ..ReadOptions::default() }
    }

    #[test]
    fn an_option_is_used_where_one_input_uses_it() {
        let check = |formats: &[&str], expected: &[&str]| assert_eq!(unused(&all_given(), formats), expected);
        check(&["csv"], &["--records", "--handle"]);
        check(&["csv", "json", "telegram-json"], &[]);
        check(&["jsonl"], &["--delimiter", "--header", "--records", "--encoding", "--handle"]);
        check(&["mail"], &["--map", "--date-format", "--delimiter", "--header", "--records", "--encoding", "--handle"]);
        assert_eq!(unused(&ReadOptions::default(), &["mail"]), [""; 0]);
    }

    #[test]
    fn formats_are_called_as_in_the_table() {
        let all: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        assert_eq!(unused(&all_given(), &all), [""; 0]);
        assert!(TABLES.iter().chain(&["whatsapp", "bluesky", "tg-archive"]).all(|name| all.contains(name)));
    }
}
