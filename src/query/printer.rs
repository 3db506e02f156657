//! [`Query`] → the text that parses to it.

use super::ast::{Field, Forms, Query};
use super::parser::{Parsed, ends_chunk, is_quote};
use crate::text::tokenize;
use crate::text::tokenizer::{TokenKind, is_sigil};

/// The text of a query in its shortest form: [`super::parse()`] gives back the same query.
///
/// # Example
/// ```
/// use fonds::query::{parse, print};
/// assert_eq!(print(&parse("( Minsk )  OR  -(Brest from:\"Harbour Office\") ", false).query), "minsk OR -(brest from:\"Harbour Office\")");
/// ```
#[must_use]
pub fn print(query: &Query) -> String {
    let mut out = String::new();
    push(query, Within::Nothing, &mut out);
    out
}

/// The text of a query with the settings in it.
#[must_use]
pub fn print_parsed(parsed: &Parsed) -> String {
    let sort = parsed.sort.as_ref().map(|(name, _)| format!("sort:{}", quoted(name)));
    let any = parsed.any.map(|any| if any { "match:any" } else { "match:all" }.to_owned());
    let fold = parsed.fold.then(|| "fold:copies".to_owned());
    let mut parts = vec![print(&parsed.query)];
    // `OR` takes what stands beside it; a setting asks for nothing, so that it may stand anywhere.
    parts.extend(sort.into_iter().chain(any).chain(fold));
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

/// What a part of a query stands in.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Within {
    Nothing,
    Or,
    And,
    Not,
}

fn push(query: &Query, within: Within, out: &mut String) {
    match query {
        Query::All => {}
        Query::Word(term) | Query::Forms(Forms { word: term, .. }) => out.push_str(term),
        Query::Literal(term) => {
            if !is_sigil(term) {
                out.push('=');
            }
            out.push_str(term);
        }
        Query::Prefix(term) => {
            out.push_str(term);
            out.push('*');
        }
        Query::Phrase { terms, prefix, quoted } => {
            let (mark, between) = if *quoted { ("\"", ' ') } else { ("", '-') };
            out.push_str(mark);
            push_terms(terms, between, out);
            out.push_str(mark);
            if *prefix {
                out.push('*');
            }
        }
        Query::Part(part) => {
            out.push_str(&format!("*{}*", quoted(part)));
        }
        Query::Pattern { source, folded } => {
            out.push_str(&format!("/{source}/"));
            if *folded {
                out.push('i');
            }
        }
        Query::Field(Field { name, value, prefix, .. }) => {
            out.push_str(&format!("{name}:{}", quoted(value)));
            if *prefix {
                out.push('*');
            }
        }
        // No character of an emoji is a word: what has no word in it finds nothing.
        Query::Or(parts) if parts.is_empty() => out.push('!'),
        Query::Or(parts) => push_all(parts, " OR ", Within::Or, within != Within::Nothing, out),
        Query::And(parts) => push_all(parts, " ", Within::And, matches!(within, Within::And | Within::Not), out),
        Query::Not(inner) => {
            out.push('-');
            push(inner, Within::Not, out);
        }
    }
}

fn push_all(parts: &[Query], between: &str, within: Within, in_brackets: bool, out: &mut String) {
    if in_brackets {
        out.push('(');
    }
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            out.push_str(between);
        }
        push(part, within, out);
    }
    if in_brackets {
        out.push(')');
    }
}

/// Words side by side. N-grams that overlap are one run again; those that end a run stand in the one before.
fn push_terms(terms: &[String], between: char, out: &mut String) {
    // What the next n-gram of a run begins with: the one before without its first character.
    let mut run = "";
    for (place, term) in terms.iter().enumerate() {
        let is_gram = tokenize(term).first().is_some_and(|token| token.kind == TokenKind::Gram);
        match term.strip_prefix(run) {
            Some(rest) if is_gram && !run.is_empty() => out.push_str(rest),
            _ => {
                if place > 0 {
                    out.push(between);
                }
                out.push_str(term);
            }
        }
        let first = term.chars().next().map_or(0, char::len_utf8);
        run = if is_gram { term.get(first..).unwrap_or_default() } else { "" };
    }
}

/// A value, in quotation marks where it would not be one without them.
fn quoted(value: &str) -> String {
    let is_plain =
        !value.is_empty() && !value.contains(|c| ends_chunk(c) || is_quote(c) || c == '*') && !value.starts_with("//");
    if is_plain { value.to_owned() } else { in_quotes(value) }
}

/// A value in quotation marks that do not close within it.
#[must_use]
pub fn in_quotes(value: &str) -> String {
    let kinds = [('"', '"', ['"', '”']), ('“', '”', ['”', '”']), ('«', '»', ['»', '»']), ('„', '“', ['“', '”'])];
    let fits = kinds.iter().find(|(_, _, closing)| !value.contains(closing));
    fits.map_or_else(|| value.to_owned(), |(open, close, _)| format!("{open}{value}{close}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::parse;
    use proptest::prelude::*;

    /// Texts of one leaf each.
    const LEAVES: [&str; 29] = [
        "harbour",
        "Ёж",
        "=Storm",
        "stor*",
        "#Union_State",
        "C++",
        "ภาษาไทย",
        "\"ภา ไทย a\"",
        "@pilot*",
        "\"the storm hit\"",
        "\"e ma\"*",
        "港",
        "港口新",
        "\"港口 口新 a港\"",
        "e-mail",
        "*arb*",
        "*\"b o u\"*",
        "*港*",
        "/st[o]rm \\/ (x|y)/",
        "/ШТОРМ/i",
        "from:marta",
        "from:\"Harbour Office\"",
        "from:harb*",
        "views:>1000",
        "date:2024-06..2024-07",
        "site:a.example",
        "x:«a \"b\" c»",
        "has:photo",
        "x:\"a*\"",
    ];

    fn leaf() -> impl Strategy<Value = Query> {
        proptest::sample::select(&LEAVES[..]).prop_map(|text| {
            let parsed = parse(text, false);
            assert_eq!(parsed.problem, None, "{text}");
            parsed.query
        })
    }

    fn tree() -> impl Strategy<Value = Query> {
        leaf().prop_recursive(4, 24, 4, |inner| {
            let parts = proptest::collection::vec(inner.clone(), 2..4);
            prop_oneof![
                parts.clone().prop_map(Query::And),
                parts.prop_map(Query::Or),
                inner.prop_map(|inner| Query::Not(Box::new(inner))),
            ]
        })
    }

    /// Pieces that mean something, and some that mean little.
    fn typed() -> impl Strategy<Value = String> {
        let pieces = [
            "a",
            "b",
            "ё",
            "ß",
            "½",
            "\u{fb03}",
            "№",
            "港",
            "口",
            "ไ",
            "ท",
            "ย",
            "か",
            "\u{3099}",
            "+",
            "\u{301}",
            "\u{306}и",
            "_",
            "1",
            ".",
            ",",
            " ",
            " ",
            "\n",
            "\"",
            "“",
            "”",
            "„",
            "«",
            "»",
            "(",
            ")",
            "-",
            "OR ",
            " OR ",
            "*",
            "=",
            "#",
            "@",
            "/",
            "\\",
            "i",
            ":",
            "from:",
            "sort:",
            "match:any",
            "fold:copies",
            "date:",
            ">",
            "..",
            "＊",
            "＂",
            "：",
            "//",
            "＊",
            "＂",
            "：",
            "🔥",
        ];
        proptest::collection::vec(proptest::sample::select(pieces.to_vec()), 0..16).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn a_printed_query_parses_to_itself(query in tree()) {
            let text = print(&query);
            prop_assert_eq!(parse(&text, false).query, query, "{}", text);
        }

        #[test]
        fn whatever_was_typed_is_printed_and_parsed_to_the_same(text in typed(), typing: bool) {
            let parsed = parse(&text, typing);
            let printed = print_parsed(&parsed);
            let again = parse(&printed, false);
            let name = |sort: Option<(String, usize)>| sort.map(|(name, _)| name);
            prop_assert_eq!(&again.query, &parsed.query, "{:?} is printed {:?}", text, printed);
            prop_assert_eq!(again.places.len(), parsed.places.len());
            prop_assert_eq!((name(again.sort), again.any, again.fold), (name(parsed.sort), parsed.any, parsed.fold), "{:?}", printed);
        }
    }
}
