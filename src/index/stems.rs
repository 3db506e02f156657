//! Stem groups: which entries of the dictionary are forms of one word.
//!
//! Entries of one language whose forms, as they are written, have the same stem are a group. Folding takes away what stemmers go
//! by, so [`WrittenForms`] remembers how folded forms were written where that differs; of several spellings the most frequent one
//! is stemmed, since a form is in one group only (`все` and `всё`).

use std::collections::HashMap;

use super::writer::EntryKey;
use crate::text::stem::{has_stemmer, is_stemmed, stem, written};
use crate::text::tokenize;
use crate::text::tokenizer::TokenKind;

/// How the words of an archive are written, where folding changes them.
#[derive(Debug, Default)]
pub struct WrittenForms {
    /// By language, then folded form: the spellings, with how often each was met.
    spellings: HashMap<String, HashMap<String, Vec<(String, u32)>>>,
}

impl WrittenForms {
    /// Hears a text of a record of this language.
    pub fn add(&mut self, lang: &str, text: &str) {
        // ASCII is written as it folds.
        if text.is_ascii() || !has_stemmer(lang) {
            return;
        }
        if !self.spellings.contains_key(lang) {
            self.spellings.insert(lang.to_owned(), HashMap::new());
        }
        let Some(spellings) = self.spellings.get_mut(lang) else { return };
        for token in tokenize(text).into_iter().filter(|token| token.kind == TokenKind::Word) {
            let spelling = written(text.get(token.range).unwrap_or_default());
            // A form that is only ever written as it folds takes no place.
            if spelling == token.term && !spellings.contains_key(&token.term) {
                continue;
            }
            let known = spellings.entry(token.term).or_default();
            match known.iter_mut().find(|(other, _)| *other == spelling) {
                Some((_, times)) => *times += 1,
                None => known.push((spelling, 1)),
            }
        }
    }

    /// The most frequent spelling of a folded form, of several equally frequent ones the first met.
    fn of<'a>(&'a self, lang: &str, form: &'a str) -> &'a str {
        let known = self.spellings.get(lang).and_then(|spellings| spellings.get(form));
        let most = known.into_iter().flatten().rev().max_by_key(|(_, times)| *times);
        most.map_or(form, |(spelling, _)| spelling)
    }
}

/// For each entry, in the order of the dictionary, the place of the first member of its group; its own where it has no relatives.
/// Entries of languages without a stemmer, hashtags, numbers and n-grams have none.
#[must_use]
pub fn leaders(forms: &WrittenForms, languages: &[String], entries: &[EntryKey<'_>]) -> Vec<u32> {
    let mut first_of: HashMap<(u8, String), u32> = HashMap::new();
    let mut leaders = Vec::with_capacity(entries.len());
    for (entry, place) in entries.iter().zip(0u32..) {
        let lang = usize::from(entry.lang).checked_sub(1).and_then(|place| languages.get(place));
        let stem = lang.filter(|_| is_stemmed(entry.form));
        let stem = stem.and_then(|lang| stem_of(forms, lang, entry.form));
        leaders.push(stem.map_or(place, |stem| *first_of.entry((entry.lang, stem)).or_insert(place)));
    }
    leaders
}

fn stem_of(forms: &WrittenForms, lang: &str, form: &str) -> Option<String> {
    stem(lang, forms.of(lang, form))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The groups of the words of some texts, each with its language.
    fn groups(texts: &[(&str, &str)]) -> Vec<Vec<String>> {
        let mut forms = WrittenForms::default();
        let mut languages: Vec<String> = texts.iter().map(|(lang, _)| (*lang).to_owned()).collect();
        languages.sort();
        languages.dedup();
        let mut keys: Vec<(String, u8)> = Vec::new();
        for (lang, text) in texts {
            forms.add(lang, text);
            let ord = languages.iter().position(|known| known == lang).unwrap() as u8 + 1;
            keys.extend(tokenize(text).into_iter().map(|token| (token.term, ord)));
        }
        keys.sort();
        keys.dedup();
        let entries: Vec<EntryKey<'_>> = keys.iter().map(|(form, lang)| EntryKey { form, lang: *lang }).collect();
        let leaders = leaders(&forms, &languages, &entries);
        let mut groups: Vec<Vec<String>> = vec![Vec::new(); entries.len()];
        for (place, leader) in leaders.iter().enumerate() {
            assert!(*leader as usize <= place && leaders[*leader as usize] == *leader);
            groups[*leader as usize].push(keys[place].0.clone());
        }
        groups.retain(|group| group.len() > 1);
        groups
    }

    #[test]
    fn forms_of_a_word_are_a_group_in_their_language() {
        assert_eq!(
            groups(&[("en", "The harbour, harbours; a harboured hope")]),
            [["harbour", "harboured", "harbours"]]
        );
        assert_eq!(groups(&[("ru", "Гавань: в гавани, за гаванями. Город")]), [["гавани", "гавань", "гаванями"]]);
        assert_eq!(groups(&[("en", "boat"), ("de", "boats")]), Vec::<Vec<String>>::new());
        assert_eq!(groups(&[("xx", "boat boats")]), Vec::<Vec<String>>::new());
    }

    #[test]
    fn words_are_stemmed_as_they_are_written() {
        // Folded, the plural would be "hauser".
        assert_eq!(groups(&[("de", "Das Haus, die Häuser")]), [["haus", "hauser"]]);
        // Of two spellings the more frequent one counts.
        assert_eq!(groups(&[("de", "schön schöne schon schön schone")]), [["schon", "schone"]]);
    }

    #[test]
    fn tags_numbers_and_n_grams_stand_alone() {
        let alone = [("en", "#boat #boats 10 101 港口 港"), ("ru", "a1 a2")];
        assert_eq!(groups(&alone), [["boat", "boats"]]);
    }
}
