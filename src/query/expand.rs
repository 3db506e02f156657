//! A word → the forms of it that an archive has.
//!
//! Stem groups are made when an archive is built, so a word that is in it brings its relatives along, in each language in which
//! it is there. A word that the archive has never seen is stemmed (feature `more`) and held against the words that begin alike.
//! What is found are forms, whatever the language of the records that hold them: so that every hit shows by which words.

use super::ast::{Forms, Query};
use crate::format::{Container, Fetch, gather};
use crate::index::{IndexReader, TermEntry, TermInfo, TermOrd};
use crate::text::tokenizer::is_sigil;

/// Most forms of a word that are searched beside it; the longest paradigms of Snowball's vocabularies have fewer.
pub const MAX_FORMS: usize = 64;

/// Letters of the shortest word that is stemmed where the archive has never seen it. Most of Snowball's algorithms leave shorter ones as
/// they are (<https://snowballstem.org/algorithms/english/stemmer.html>: *if the word has two letters or less, leave it*), and they are
/// the first letters of a longer one that is being typed: what begins with them would be a large part of the dictionary.
const MIN_STEMMED: usize = 3;

/// Puts the forms that the archive has in the place of every word of a query. While the reader is `typing`, a prefix at its end is
/// a word too, which may go on.
pub fn expand(query: &mut Query, index: &IndexReader, container: &Container, typing: bool) -> Fetch<Unseen> {
    expand_by(query, typing, &mut |word| {
        container.because(|| format!("the forms of {word}"), || others(word, index, container))
    })
}

/// The other forms of a word, in order, each with the number of records that hold it; and whether the word itself is known.
pub type OtherForms = (Vec<(String, u32)>, bool);

/// The same as [`expand`], with the other forms of a word as `others` gives them.
pub fn expand_by(query: &mut Query, typing: bool, others: &mut dyn FnMut(&str) -> Fetch<OtherForms>) -> Fetch<Unseen> {
    let mut unseen = Some(Unseen::default());
    let last = if typing { query.positive_leaves().last().copied().cloned() } else { None };
    let whole = visit(query, &mut |leaf| {
        let is_last = last.as_ref() == Some(&*leaf);
        let (word, prefix) = match leaf {
            Query::Word(word) => (word.clone(), is_open(word)),
            Query::Prefix(word) if is_last && !is_sigil(word) => (word.clone(), true),
            _ => return Ok(Some(())),
        };
        let Some((others, is_seen)) = others(&word)? else { return Ok(None) };
        if !is_seen && may_have_forms(&word) {
            unseen.iter_mut().for_each(|unseen| unseen.words.push(word.clone()));
        }
        *leaf = Query::Forms(Forms { word, others, prefix });
        Ok(Some(()))
    })?;
    Ok(whole.and(unseen))
}

/// Whether a word that no record holds may have forms that some do.
#[must_use]
pub fn may_have_forms(word: &str) -> bool {
    word.chars().all(char::is_alphabetic) && word.chars().nth(MIN_STEMMED - 1).is_some()
}

/// Words that the archive has never seen, and that may have forms which it has.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Unseen {
    /// Their folded forms.
    pub words: Vec<String>,
}

/// Calls `change` with every leaf, also those under a minus.
fn visit(query: &mut Query, change: &mut dyn FnMut(&mut Query) -> Fetch<()>) -> Fetch<()> {
    match query {
        Query::And(parts) | Query::Or(parts) => {
            Ok(gather(parts.iter_mut().map(|part| visit(part, change)))?.map(|_| ()))
        }
        Query::Not(inner) => visit(inner, change),
        leaf => change(leaf),
    }
}

/// True for Korean: particles follow a word without a space, so that every word may go on. Of 1,500 words of titles, that found
/// 0.593 in the text below, pairs of syllables 0.599, whole words 0.387.
fn is_open(word: &str) -> bool {
    word.chars().count() > 1 && word.chars().all(|c| ('\u{ac00}'..='\u{d7a3}').contains(&c))
}

/// The other forms of a word in an archive.
fn others(word: &str, index: &IndexReader, container: &Container) -> Fetch<OtherForms> {
    let Some(entries) = index.entries(container, word)? else { return Ok(None) };
    if entries.is_empty() {
        let forms = unseen_forms(word, index, container)?;
        return Ok(forms.map(|forms| (forms, false)));
    }
    let Some(mut forms) = relatives(&entries, index, container)? else { return Ok(None) };
    forms.retain(|form| form != word);
    Ok(counted(forms, index, container)?.map(|forms| (forms, true)))
}

/// The forms in the stem groups of these entries, in order.
fn relatives(entries: &[TermEntry], index: &IndexReader, container: &Container) -> Fetch<Vec<String>> {
    let firsts = gather(entries.iter().filter_map(|entry| entry.group).map(|first| index.entry(container, first)))?;
    let Some(firsts) = firsts else { return Ok(None) };
    let members = firsts.iter().flat_map(|first| std::iter::once(first.info.ord).chain(first.members.iter().copied()));
    // Entries are numbered in the order of their forms.
    let mut members: Vec<u64> = members.take(MAX_FORMS).map(|member| u64::from(member.0)).collect();
    members.sort_unstable();
    let members = gather(members.iter().map(|member| index.entry(container, TermOrd(*member as u32))))?;
    let Some(members) = members else { return Ok(None) };
    let mut forms: Vec<String> = members.into_iter().map(|entry| entry.form).collect();
    forms.dedup();
    Ok(Some(forms))
}

/// Forms, each with the number of records that hold it.
fn counted(forms: Vec<String>, index: &IndexReader, container: &Container) -> Fetch<Vec<(String, u32)>> {
    gather(forms.into_iter().map(|form| {
        let infos = index.infos(container, &form)?;
        let sum = |infos: Vec<TermInfo>| infos.iter().fold(0, |sum: u32, info| sum.saturating_add(info.doc_freq));
        Ok(infos.map(|infos| (form, sum(infos))))
    }))
}

#[cfg(not(feature = "more"))]
#[expect(clippy::unnecessary_wraps, reason = "the shape of the one that reads blocks")]
fn unseen_forms(_: &str, _: &IndexReader, _: &Container) -> Fetch<Vec<(String, u32)>> {
    Ok(Some(Vec::new()))
}

/// The forms that a word has in an archive that has not the word itself: words with its stem, in any language of the archive, and
/// those in their groups. Only words with certain [`beginnings`] are looked at; where no form begins so, none is found.
#[cfg(feature = "more")]
fn unseen_forms(word: &str, index: &IndexReader, container: &Container) -> Fetch<Vec<(String, u32)>> {
    use crate::text::stem::stem;
    use std::collections::BTreeSet;

    if !may_have_forms(word) {
        return Ok(Some(Vec::new()));
    }
    let languages = (0..).zip(std::iter::once("").chain(index.root.languages.iter().map(String::as_str)));
    let stems: Vec<_> = languages
        .filter_map(|(ord, lang)| {
            let stem = stem(lang, word)?;
            Some((ord, lang, beginnings(word, lang, &stem), stem))
        })
        .collect();
    let stretches = stretches(stems.iter().flat_map(|(_, _, beginnings, _)| beginnings.clone()).collect());
    let leaves = gather(stretches.iter().map(|prefix| index.leaves_with_prefix(container, prefix)))?;
    let Some(leaves) = leaves else { return Ok(None) };
    let mut forms: BTreeSet<String> = BTreeSet::new();
    let mut groups: BTreeSet<TermOrd> = BTreeSet::new();
    let mut entries: Vec<TermEntry> = Vec::new();
    for (number, leaf, places) in leaves.iter().flatten() {
        for place in places.clone() {
            let (form, lang) = (leaf.form(place), leaf.lang(place));
            let is_relative = stems.iter().any(|(ord, name, beginnings, wanted)| {
                *ord == lang
                    && beginnings.iter().any(|beginning| form.starts_with(beginning))
                    && stem(name, form).as_ref() == Some(wanted)
            });
            if is_relative && forms.len() < MAX_FORMS {
                forms.insert(form.to_owned());
                let entry = leaf.entry(*number, place)?;
                if entry.group.is_some_and(|group| groups.insert(group)) {
                    entries.push(entry);
                }
            }
        }
    }
    let Some(others) = relatives(&entries, index, container)? else { return Ok(None) };
    forms.extend(others);
    counted(forms.into_iter().take(MAX_FORMS).collect(), index, container)
}

/// How the relatives of a word begin: as the word does and, where its stem does not stand at its beginning or its language has
/// particles that do, as the stem does, with these before it.
#[cfg(feature = "more")]
#[must_use]
pub fn beginnings(word: &str, lang: &str, stem: &str) -> Vec<String> {
    let own = beginning(stem, stem);
    let mut beginnings = vec![beginning(word, stem).to_owned()];
    let particles = crate::text::stem::particles(lang);
    if own.chars().count() > 1 && (!particles.is_empty() || word.chars().next() != own.chars().next()) {
        beginnings.extend(std::iter::once(&"").chain(particles).map(|particle| format!("{particle}{own}")));
    }
    beginnings
}

/// The stretches of a dictionary in which these beginnings lie, each once.
#[cfg(feature = "more")]
#[must_use]
pub fn stretches(mut beginnings: Vec<String>) -> Vec<String> {
    beginnings.sort_unstable();
    beginnings.dedup_by(|next, before| next.starts_with(before.as_str()));
    beginnings
}

/// What a word and its relatives have in common at the least: what it shares with its stem, less two letters that inflection may
/// change, but three letters.
#[cfg(feature = "more")]
#[must_use]
pub fn beginning<'a>(word: &'a str, stem: &str) -> &'a str {
    let shared = word.chars().zip(stem.chars()).take_while(|(a, b)| a == b).count();
    let kept = shared.saturating_sub(2).max(3);
    word.char_indices().nth(kept).map_or(word, |(end, _)| word.get(..end).unwrap_or(word))
}
