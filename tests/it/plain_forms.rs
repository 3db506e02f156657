//! The forms of a word, as a plain scan sees them: stems of every word of every record, compared.

use std::collections::{BTreeMap, BTreeSet};

use fonds::Record;
use fonds::query::Query;
use fonds::query::ast::Forms;
use fonds::text::stem::{has_stemmer, stem, written};
use fonds::text::tokenize;
use fonds::text::tokenizer::TokenKind;

/// The words of an archive by language, each with its stem; no stem for hashtags, n-grams and words with digits.
pub(crate) struct PlainForms {
    stems: BTreeMap<(String, String), Option<String>>,
    /// Terms of each record, for counts.
    records: Vec<BTreeSet<String>>,
}

/// The language that words of a record are stemmed by; empty for none.
pub(crate) fn lang(record: &Record) -> &str {
    record.lang.as_deref().filter(|lang| has_stemmer(lang)).unwrap_or_default()
}

impl PlainForms {
    /// Reads records in archive order. `terms` are those that a record is found by.
    pub(crate) fn new<'a>(records: impl Iterator<Item = (&'a Record, BTreeSet<String>)>) -> Self {
        let mut spellings: BTreeMap<(String, String), Vec<(String, u32)>> = BTreeMap::new();
        let mut found = Self { stems: BTreeMap::new(), records: Vec::new() };
        for (record, terms) in records {
            let lang = lang(record);
            for text in [record.title.as_deref().unwrap_or_default(), &record.text] {
                for token in
                    tokenize(text).into_iter().filter(|token| token.kind == TokenKind::Word && !text.is_ascii())
                {
                    let spelling = written(&text[token.range]);
                    let known = spellings.entry((lang.to_owned(), token.term.clone())).or_default();
                    // Spellings count from the first on that is not the folded form.
                    if spelling == token.term && known.is_empty() {
                        continue;
                    }
                    match known.iter().position(|(other, _)| *other == spelling) {
                        Some(place) => known[place].1 += 1,
                        None => known.push((spelling, 1)),
                    }
                }
            }
            for term in &terms {
                found.stems.insert((lang.to_owned(), term.clone()), None);
            }
            found.records.push(terms);
        }
        for ((lang, term), slot) in &mut found.stems {
            if term.chars().all(char::is_alphabetic) {
                let known = spellings.get(&(lang.clone(), term.clone())).cloned().unwrap_or_default();
                let most = known.iter().map(|(_, times)| *times).max().unwrap_or_default();
                let spelling = known.iter().find(|(_, times)| *times == most).map_or(term, |(spelling, _)| spelling);
                *slot = stem(lang, spelling);
            }
        }
        found
    }

    /// The query with the forms of its words in it.
    pub(crate) fn expand(&self, query: Query, typing: bool) -> Query {
        let last = if typing { query.positive_leaves().last().map(|leaf| (*leaf).clone()) } else { None };
        self.expand_leaf(query, last.as_ref())
    }

    fn expand_leaf(&self, query: Query, last: Option<&Query>) -> Query {
        let all = |parts: Vec<Query>| parts.into_iter().map(|part| self.expand_leaf(part, last)).collect();
        match query {
            Query::And(parts) => Query::And(all(parts)),
            Query::Or(parts) => Query::Or(all(parts)),
            Query::Not(inner) => Query::Not(Box::new(self.expand_leaf(*inner, last))),
            Query::Word(word) => {
                let is_korean = word.chars().count() > 1 && word.chars().all(|c| ('가'..='힣').contains(&c));
                Query::Forms(Forms { others: self.others(&word), word, prefix: is_korean })
            }
            Query::Prefix(word)
                if last == Some(&Query::Prefix(word.clone())) && word.starts_with(char::is_alphanumeric) =>
            {
                Query::Forms(Forms { others: self.others(&word), word, prefix: true })
            }
            other => other,
        }
    }

    /// Words with the stem that the word has in a language of the archive; if it has none there, with the stem that it would have,
    /// and words that share these words' stems.
    fn others(&self, word: &str) -> Vec<(String, u32)> {
        let is_seen = self.stems.keys().any(|(_, term)| term == word);
        let mut forms = BTreeSet::new();
        for ((lang, term), found) in &self.stems {
            let wanted = if is_seen {
                self.stems.get(&(lang.clone(), word.to_owned())).cloned().flatten()
            } else if word.chars().all(char::is_alphabetic) && word.chars().count() > 2 {
                stem(lang, word)
            } else {
                None
            };
            let begins_alike = |stem: &str| {
                let shared = word.chars().zip(stem.chars()).take_while(|(a, b)| a == b).count();
                let beginning: String = word.chars().take(shared.saturating_sub(2).max(3)).collect();
                let own: String = stem.chars().take(stem.chars().count().saturating_sub(2).max(3)).collect();
                let before: &[&str] = match lang.as_str() {
                    _ if own.chars().count() < 2 => &[],
                    "ar" => &["", "ال", "ب", "بال", "ل", "لل", "و", "وال"],
                    _ if word.chars().next() != stem.chars().next() => &[""],
                    _ => &[],
                };
                term.starts_with(&beginning) || before.iter().any(|before| term.starts_with(&format!("{before}{own}")))
            };
            let wanted = wanted.filter(|wanted| is_seen || begins_alike(wanted));
            // What is never seen is compared as it folds.
            let found = if is_seen { found.clone() } else { stem(lang, term) };
            if wanted.is_some() && wanted == found && term != word {
                forms.insert(term.clone());
                let group = self.stems.get(&(lang.clone(), term.clone())).cloned().flatten();
                let related =
                    self.stems.iter().filter(|((other, _), stem)| other == lang && group.is_some() && **stem == group);
                forms.extend(related.map(|((_, form), _)| form.clone()));
            }
        }
        let count = |form: &String| self.records.iter().filter(|terms| terms.contains(form)).count() as u32;
        forms.into_iter().map(|form| (form.clone(), count(&form))).collect()
    }
}
