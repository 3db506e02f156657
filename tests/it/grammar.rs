//! The grammar of queries, kept as a table: each text, the tree that it parses to, and what is said about it.
//!
//! `tests/golden/grammar.txt` has a text a line, written as a string of Rust, and below it what comes of it. A line that ends in
//! `…` is parsed as it is while it is typed. `UPDATE_GOLDEN=1 cargo test --test it grammar` writes the answers anew.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use fonds::query::{Query, parse, print_parsed};

/// A tree on one line.
fn dump(query: &Query) -> String {
    let all = |parts: &[Query]| parts.iter().map(dump).collect::<Vec<_>>().join(" ");
    match query {
        Query::All => "(all)".to_owned(),
        Query::Word(term) => format!("(word {term})"),
        Query::Literal(term) => format!("(literal {term})"),
        Query::Prefix(term) => format!("(prefix {term})"),
        Query::Forms(forms) => panic!("{forms:?}: no parser knows the archive"),
        Query::Phrase { terms, prefix, .. } => {
            format!("(phrase {}{})", terms.join(" "), if *prefix { "…" } else { "" })
        }
        Query::Part(part) => format!("(part {part:?})"),
        Query::Pattern { source, folded } => format!("(regex {source:?}{})", if *folded { " folded" } else { "" }),
        Query::Field(field) => {
            format!("(field {} {:?}{})", field.name, field.value, if field.prefix { "…" } else { "" })
        }
        Query::And(parts) => format!("(and {})", all(parts)),
        Query::Or(parts) if parts.is_empty() => "(nothing)".to_owned(),
        Query::Or(parts) => format!("(or {})", all(parts)),
        Query::Not(inner) => format!("(not {})", dump(inner)),
    }
}

fn answer(text: &str) -> String {
    let (text, typing) = text.strip_suffix('…').map_or((text, false), |text| (text, true));
    let parsed = parse(text, typing);
    let mut out = format!("    {}\n", dump(&parsed.query));
    if let Some((name, at)) = &parsed.sort {
        let _ = writeln!(out, "    sort by {name} ({at})");
    }
    if parsed.fold {
        let _ = writeln!(out, "    fold copies");
    }
    if let Some(any) = parsed.any {
        let _ = writeln!(out, "    match {}", if any { "any" } else { "all" });
    }
    if let Some(problem) = &parsed.problem {
        let _ = writeln!(out, "    problem at {}: {}", problem.at, problem.message);
    }
    let printed = print_parsed(&parsed);
    if printed != text {
        let _ = writeln!(out, "    printed {printed:?}");
    }
    out
}

#[test]
fn every_text_parses_to_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/grammar.txt");
    let kept = fs::read_to_string(&path).unwrap();
    let mut found = String::new();
    for line in kept.lines().filter(|line| !line.starts_with("    ")) {
        let _ = writeln!(found, "{line}");
        if !line.is_empty() && !line.starts_with("# ") {
            found.push_str(&answer(line));
        }
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &found).unwrap();
    }
    assert_eq!(found, kept);
}
