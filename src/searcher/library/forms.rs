//! A word → the forms of it that any segment has.
//!
//! Stem groups are made for each segment by itself. What holds them together is what the segments have in common: a form that stands
//! in groups of two segments joins these, and where a segment has not the word itself, the forms are its relatives there that have
//! its stem. A spelling that folding takes away is known within a segment alone.

use std::collections::{BTreeMap, BTreeSet};

use super::{Library, Segment};
use crate::collector::Best;
use crate::error::Result;
use crate::format::{Fetch, gather};
use crate::index::{LangOrd, TermEntry, TermOrd};
use crate::query::eval::MAX_SCORED_ENTRIES;
use crate::query::expand::{MAX_FORMS, OtherForms, beginning, beginnings, expand_by, may_have_forms, stretches};
use crate::query::{DocSet, Query};
use crate::text::stem::{is_stemmed, stem};

impl Library {
    /// Puts the forms that any segment has in the place of every word of the queries, which differ by their fields alone; false
    /// while blocks are missing.
    pub(super) fn expand(&self, queries: &mut [Query], typing: bool) -> Result<bool> {
        let mut known = BTreeMap::new();
        let mut whole = true;
        for query in queries {
            let expanded = expand_by(query, typing, &mut |word| {
                if let Some(forms) = known.get(word) {
                    return Ok(Clone::clone(forms));
                }
                let forms = self.forms_of(word)?;
                known.insert(word.to_owned(), forms.clone());
                Ok(forms)
            });
            whole &= expanded?.is_some();
        }
        Ok(whole)
    }

    /// The other forms of a word, each with the number of records that hold it, in order; and whether any segment has the word.
    pub(super) fn forms_of(&self, word: &str) -> Fetch<OtherForms> {
        let entries = self.each(|_, segment| segment.entries(word))?;
        let Some(entries) = entries else { return Ok(None) };
        let mut languages: BTreeSet<&str> = BTreeSet::new();
        for (segment, entries) in self.segments.iter().zip(&entries) {
            languages.extend(entries.iter().map(|entry| segment.archive.index().language(entry.lang)));
        }
        let is_seen = !languages.is_empty();
        let found = if is_seen { self.relatives(word, &languages)? } else { self.unseen_relatives(word)? };
        let Some(forms) = found else { return Ok(None) };
        let others = forms.into_iter().filter(|form| form != word).take(MAX_FORMS);
        let counted = gather(others.map(|form| {
            let count = self.each(|_, segment| segment.count(&form))?;
            Ok(count.map(|count| (form, count.iter().sum::<usize>() as u32)))
        }))?;
        Ok(counted.map(|forms| (forms.into_iter().filter(|(_, count)| *count > 0).collect(), is_seen)))
    }

    /// The forms of a word that some segment has in these languages, itself among them.
    fn relatives(&self, word: &str, languages: &BTreeSet<&str>) -> Fetch<BTreeSet<String>> {
        let mut new: Vec<(&str, String)> = languages.iter().map(|lang| (*lang, word.to_owned())).collect();
        let mut whole = true;
        for lang in languages {
            let Some(wanted) = stem(lang, word).filter(|_| is_stemmed(word)) else { continue };
            for segment in &self.segments {
                let Some(ord) = segment.language(lang) else { continue };
                // Where the word itself is, its group says what belongs to it.
                let has_word = match segment.entries(word)? {
                    Some(entries) => entries.iter().any(|entry| entry.lang == ord),
                    None => true,
                };
                if !has_word {
                    let mut begin = beginnings(word, lang, &wanted);
                    begin.push(start(word, &wanted).to_owned());
                    match segment.with_stems(&stretches(begin), &[(ord, lang, wanted.clone())])? {
                        Some(forms) => new.extend(forms),
                        None => whole = false,
                    }
                }
            }
        }
        let known = self.with_groups(new)?;
        if whole { known.map_or(Ok(None), |known| self.forms_there(known)) } else { Ok(None) }
    }

    /// These forms, each in a language, and those in their groups in any segment.
    fn with_groups<'n>(&self, mut new: Vec<(&'n str, String)>) -> Fetch<BTreeSet<(&'n str, String)>> {
        let mut known: BTreeSet<(&str, String)> = BTreeSet::new();
        let mut whole = true;
        while let Some((lang, form)) = new.pop() {
            if known.len() > MAX_FORMS || !known.insert((lang, form.clone())) {
                continue;
            }
            match self.each(|_, segment| segment.group(&form, lang))? {
                Some(groups) => new.extend(groups.into_iter().flatten().map(|form| (lang, form))),
                None => whole = false,
            }
        }
        Ok(whole.then_some(known))
    }

    /// The forms that a word has in a library that has not the word itself: those with its stem, in any language.
    fn unseen_relatives(&self, word: &str) -> Fetch<BTreeSet<String>> {
        if !may_have_forms(word) {
            return Ok(Some(BTreeSet::new()));
        }
        let names = self.segments.iter().flat_map(|segment| &segment.archive.index().root.languages);
        let stems: BTreeMap<&String, String> = names.filter_map(|name| Some((name, stem(name, word)?))).collect();
        let begin = |(name, stem): (&&String, &String)| beginnings(word, name, stem);
        let stretches = stretches(stems.iter().flat_map(begin).collect());
        let forms = self.each(|_, segment| {
            let known = stems.iter().filter_map(|(name, stem)| Some((segment.language(name)?, name, stem)));
            let stems: Vec<(LangOrd, &str, String)> =
                known.map(|(ord, name, stem)| (ord, name.as_str(), stem.clone())).collect();
            let forms = segment.with_stems(&stretches, &stems)?;
            let begins = |(lang, form): &(&str, String)| {
                let wanted = stems.iter().find(|(_, name, _)| name == lang).map(|(_, _, stem)| stem);
                let begins =
                    |stem: &String| beginnings(word, lang, stem).iter().any(|beginning| form.starts_with(beginning));
                wanted.is_some_and(begins)
            };
            Ok(forms.map(|forms| forms.into_iter().filter(begins).take(MAX_FORMS).collect::<Vec<_>>()))
        })?;
        let Some(forms) = forms else { return Ok(None) };
        // What only hidden records have leads to nothing, as if it had never been seen.
        let Some(forms) = self.there(forms.into_iter().flatten().collect())? else { return Ok(None) };
        let known = self.with_groups(forms.into_iter().collect())?;
        known.map_or(Ok(None), |known| self.forms_there(known))
    }

    /// Those of these forms that stand in a record which is there, in whichever language.
    fn forms_there(&self, forms: BTreeSet<(&str, String)>) -> Fetch<BTreeSet<String>> {
        Ok(self.there(forms)?.map(|forms| forms.into_iter().map(|(_, form)| form).collect()))
    }

    /// Those of these forms, each in a language, that stand in a record which is there.
    fn there<'n>(&self, forms: BTreeSet<(&'n str, String)>) -> Fetch<BTreeSet<(&'n str, String)>> {
        if self.segments.iter().all(|segment| segment.hidden.is_empty()) {
            return Ok(Some(forms));
        }
        let found = gather(forms.into_iter().map(|(lang, form)| {
            let entries = self.each(|_, segment| {
                let entries = segment.entries(&form)?;
                let is_there = |entry: &TermEntry| segment.archive.index().language(entry.lang) == lang;
                Ok(entries.map(|entries| entries.iter().any(is_there)))
            })?;
            Ok(entries.map(|entries| entries.contains(&true).then_some((lang, form))))
        }))?;
        Ok(found.map(|found| found.into_iter().flatten().collect()))
    }

    /// The words that begin like this, the most frequent first, each with the number of records that hold it.
    pub(super) fn words_like(&self, prefix: &str, limit: usize) -> Fetch<Vec<(String, u32)>> {
        let found = self.each(|_, segment| {
            let (index, container) = (segment.archive.index(), segment.archive.container());
            let Some(entries) = index.entries_with_prefix(container, prefix)? else { return Ok(None) };
            gather(entries.into_iter().map(|entry| {
                if segment.hidden.is_empty() {
                    return Ok(Some((entry.form, entry.info.doc_freq)));
                }
                let docs = index.docs(container, &entry.info)?;
                Ok(docs.map(|docs| (entry.form, docs.difference(&segment.hidden).len() as u32)))
            }))
        })?;
        let Some(found) = found else { return Ok(None) };
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for (form, count) in found.into_iter().flatten() {
            *counts.entry(form).or_default() += count;
        }
        let mut best = Best::new(limit, |a: &(String, u32), b: &(String, u32)| a.1 > b.1 || (a.1 == b.1 && a.0 < b.0));
        counts.into_iter().filter(|(_, count)| *count > 0).for_each(|word| best.offer(word));
        Ok(Some(best.items))
    }

    /// The prefixes in queries of which the segments together have more words than are scored one by one.
    pub(super) fn many_prefixes(&self, queries: &[Query]) -> Fetch<Vec<String>> {
        let leaves = queries.first().map(Query::positive_leaves).unwrap_or_default();
        let prefixes: BTreeSet<&str> = leaves
            .into_iter()
            .filter_map(|leaf| match leaf {
                Query::Prefix(prefix) => Some(prefix.as_str()),
                Query::Forms(forms) if forms.prefix => Some(forms.word.as_str()),
                Query::Phrase { terms, prefix: true, .. } => terms.last().map(String::as_str),
                _ => None,
            })
            .collect();
        let found = gather(prefixes.into_iter().map(|prefix| {
            let is_many = self.is_many(prefix)?;
            Ok(is_many.map(|is_many| is_many.then(|| prefix.to_owned())))
        }))?;
        Ok(found.map(|found| found.into_iter().flatten().collect()))
    }

    fn is_many(&self, prefix: &str) -> Fetch<bool> {
        let words = self.each(|_, segment| {
            let (index, container) = (segment.archive.index(), segment.archive.container());
            let ends = match index.prefix_ends(container, prefix)? {
                None => return Ok(None),
                Some(None) => return Ok(Some(Some(Vec::new()))),
                Some(Some(ends)) => ends,
            };
            // A whole leaf between the ends is more than are scored one by one.
            if ends.1.leaf().saturating_sub(ends.0.leaf()) > 1 {
                return Ok(Some(None));
            }
            let Some(leaves) = index.leaves_with_prefix(container, prefix)? else { return Ok(None) };
            let word = |(_, leaf, places): &crate::index::reader::LeafPart| -> Vec<(String, String)> {
                let of = |place| (leaf.form(place).to_owned(), index.language(leaf.lang(place)).to_owned());
                places.clone().map(of).collect()
            };
            Ok(Some(Some(leaves.iter().flat_map(word).collect())))
        })?;
        Ok(words.map(|words| {
            let all: Option<BTreeSet<_>> = words.into_iter().try_fold(BTreeSet::new(), |mut all, words| {
                all.extend(words?);
                Some(all)
            });
            all.is_none_or(|all| all.len() > MAX_SCORED_ENTRIES)
        }))
    }
}

/// What a word and its relatives have in common at the least, where the word is one of them: as much as [`beginning`] says, and no
/// more than the stem has.
fn start<'a>(word: &'a str, stem: &str) -> &'a str {
    let shared = word.chars().zip(stem.chars()).take_while(|(a, b)| a == b).count();
    let short = word.char_indices().nth(shared).map_or(word, |(end, _)| word.get(..end).unwrap_or(word));
    if (1..3).contains(&shared) { short } else { beginning(word, stem) }
}

impl Segment {
    /// The entries of a form that stand in a record which is there.
    fn entries(&self, form: &str) -> Fetch<Vec<TermEntry>> {
        let (index, container) = (self.archive.index(), self.archive.container());
        let Some(entries) = index.entries(container, form)? else { return Ok(None) };
        if self.hidden.is_empty() {
            return Ok(Some(entries));
        }
        let kept = gather(entries.into_iter().map(|entry| {
            let docs = index.docs(container, &entry.info)?;
            Ok(docs.map(|docs| (!docs.difference(&self.hidden).is_empty()).then_some(entry)))
        }))?;
        Ok(kept.map(|kept| kept.into_iter().flatten().collect()))
    }

    /// Number of records that hold a form.
    fn count(&self, form: &str) -> Fetch<usize> {
        let (index, container) = (self.archive.index(), self.archive.container());
        let Some(infos) = index.infos(container, form)? else { return Ok(None) };
        if self.hidden.is_empty() {
            return Ok(Some(infos.iter().map(|info| info.doc_freq as usize).sum()));
        }
        let docs: Option<DocSet> = index.union(container, &infos)?;
        Ok(docs.map(|docs| docs.difference(&self.hidden).len()))
    }

    /// The number of a language.
    fn language(&self, name: &str) -> Option<LangOrd> {
        if name.is_empty() {
            return Some(0);
        }
        let place = self.archive.index().root.languages.iter().position(|known| known == name)?;
        LangOrd::try_from(place + 1).ok()
    }

    /// The forms in a form's stem group in a language.
    fn group(&self, form: &str, lang: &str) -> Fetch<Vec<String>> {
        let (index, container) = (self.archive.index(), self.archive.container());
        let Some(ord) = self.language(lang) else { return Ok(Some(Vec::new())) };
        let Some(entries) = index.entries(container, form)? else { return Ok(None) };
        let first = entries.iter().filter(|entry| entry.lang == ord).find_map(|entry| entry.group);
        let Some(first) = first else { return Ok(Some(Vec::new())) };
        let Some(leader) = index.entry(container, first)? else { return Ok(None) };
        let members: Vec<TermOrd> = leader.members.iter().copied().take(MAX_FORMS).collect();
        let members = gather(members.into_iter().map(|member| index.entry(container, member)))?;
        Ok(members.map(|members| members.into_iter().chain([leader]).map(|entry| entry.form).collect()))
    }

    /// The forms in these stretches of the dictionary that have one of these stems in its language, each with that.
    fn with_stems<'n>(
        &self,
        stretches: &[String],
        stems: &[(LangOrd, &'n str, String)],
    ) -> Fetch<Vec<(&'n str, String)>> {
        let (index, container) = (self.archive.index(), self.archive.container());
        let leaves = gather(stretches.iter().map(|prefix| index.leaves_with_prefix(container, prefix)))?;
        let Some(leaves) = leaves else { return Ok(None) };
        let mut forms: Vec<(&str, String)> = Vec::new();
        for (_, leaf, places) in leaves.iter().flatten() {
            for place in places.clone() {
                let (form, lang) = (leaf.form(place), leaf.lang(place));
                if !is_stemmed(form) {
                    continue;
                }
                let relative =
                    stems.iter().find(|(ord, name, wanted)| *ord == lang && stem(name, form).as_ref() == Some(wanted));
                forms.extend(relative.map(|(_, name, _)| (*name, form.to_owned())));
            }
        }
        Ok(Some(forms))
    }
}
