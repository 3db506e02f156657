//! Builds the index: collects the words of each record, then writes terms, postings, weights and positions.

use std::collections::HashMap;
use std::ops::Range;

use super::leaf::{self, LEAF_ENTRIES, MAX_PREFIXES, PrefixInfo};
use super::lists::{Pool, TermLists};
use super::prefixes::{PrefixList, prefix_lists};
use super::reader::IndexRoot;
use super::stream::Stream;
use super::termdict::{LangOrd, TermEntry, TermInfo, TermOrd, Tree};
use crate::error::{Error, Result};
use crate::format::Section;
use crate::format::writer::ContainerWriter;
use crate::text::tokenizer::TokenKind;
use crate::text::{Token, tokenize};

/// Postings from which on streams are cut into longer blocks: of so many the places alone would be more to load at a first question
/// than is saved by reading less beside each list (docs/ARCHITECTURE.md, place of a list).
const MANY_POSTINGS: u64 = 4 << 20;

/// How long these are, before compression.
const LONG_BLOCK_LEN: u64 = 8 * 1024;

/// Most languages that are told apart; records of further ones are as if theirs were not known.
const MAX_LANGUAGES: usize = LangOrd::MAX as usize;

/// What is written of a record.
#[derive(Clone, Copy, Debug, Default)]
pub struct Indexed<'a> {
    /// Its language, ISO 639-1; empty for none.
    pub lang: &'a str,
    /// Its heading; empty for none.
    pub title: &'a str,
    /// Its text.
    pub text: &'a str,
    /// Hashtags and mentions that are fields of it, as `#tag` and `@name`; they count once each where no text holds them.
    pub sigils: &'a [String],
}

/// A form in one language, as stem groups are made of them.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct EntryKey<'a> {
    /// The folded form.
    pub form: &'a str,
    /// Its language's number, of the list of languages from 1 on; 0 for none.
    pub lang: LangOrd,
}

/// Collects lists in memory, coded as they will be written.
#[derive(Debug, Default)]
pub struct IndexWriter {
    /// Languages in order of first appearance, each with the numbers of its terms.
    languages: Vec<(String, HashMap<String, u32>)>,
    /// By these numbers.
    lists: Vec<TermLists>,
    pool: Pool,
    num_docs: u32,
    num_tokens: u64,
    /// Words of the record at hand.
    found: Vec<Occurrence>,
}

/// A word of a record.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Occurrence {
    term: u32,
    /// From 1 on; [`NOWHERE`] for what is a field only.
    position: u32,
}

/// The position of what stands in no text.
const NOWHERE: u32 = u32::MAX;

/// How many words a record counts as: those of its texts, without the hashtags and mentions that stand for themselves.
#[must_use]
pub fn num_words(title: &str, text: &str) -> u64 {
    let words = |text: &str| tokenize(text).iter().filter(|token| token.kind != TokenKind::Sigil).count() as u64;
    words(title) + words(text)
}

impl IndexWriter {
    /// Adds the next record. Records come in the order of their `DocId`s.
    ///
    /// # Errors
    /// There are more words than can be held.
    pub fn add(&mut self, record: &Indexed<'_>) -> Result<()> {
        let lang = self.lang(record.lang);
        let (mut len, mut start, mut title_end) = (0u32, 1u32, 0u32);
        for (text, is_title) in [(record.title, true), (record.text, false)] {
            let mut end = start;
            for token in tokenize(text) {
                len += u32::from(token.kind != TokenKind::Sigil);
                end = end.max(start + token.position + 1);
                self.occurs(lang, token.term, start + token.position);
            }
            if is_title && end > start {
                (title_end, start) = (end, end + 1);
            }
        }
        // Whole: a word is searched in the texts, and nobody who counts its hits would count the parts of a field.
        let fields = record.sigils.iter().flat_map(|sigil| tokenize(sigil));
        for Token { term, .. } in fields.filter(|token| token.kind == TokenKind::Sigil) {
            self.occurs(lang, term, NOWHERE);
        }
        let mut found = std::mem::take(&mut self.found);
        found.sort_unstable();
        let mut positions = Vec::new();
        for run in found.chunk_by(|a, b| a.term == b.term) {
            let Some(lists) = run.first().and_then(|first| self.lists.get_mut(first.term as usize)) else { continue };
            positions.clear();
            positions.extend(run.iter().map(|found| found.position).filter(|position| *position != NOWHERE));
            lists.add(self.num_docs, &positions, title_end, len, &mut self.pool)?;
        }
        found.clear();
        self.found = found;
        self.num_docs += 1;
        self.num_tokens += u64::from(len);
        Ok(())
    }

    /// The place of a language among those that occur.
    fn lang(&mut self, lang: &str) -> usize {
        if let Some(known) = self.languages.iter().position(|(name, _)| name == lang) {
            return known;
        }
        // No language is always told apart, so that this ends.
        if self.languages.len() >= MAX_LANGUAGES && !lang.is_empty() {
            return self.lang("");
        }
        self.languages.push((lang.to_owned(), HashMap::new()));
        self.languages.len() - 1
    }

    fn occurs(&mut self, lang: usize, form: String, position: u32) {
        let Some((_, terms)) = self.languages.get_mut(lang) else { return };
        let next = self.lists.len() as u32;
        let term = *terms.entry(form).or_insert(next);
        if term == next {
            self.lists.push(TermLists::default());
        }
        self.found.push(Occurrence { term, position });
    }

    /// Writes the sections `terms`, `postings`, `prefixes`, `weights` and `positions`; returns the index's part of the root.
    /// `group` tells the stem groups: it is given the languages and the entries in order, and answers for each entry the place of the first
    /// member of its group, which is its own where it has no relatives. All members of a group are of one language.
    ///
    /// # Errors
    /// A block cannot be compressed, or there are more entries than numbers for them.
    pub fn finish(
        self,
        out: &mut ContainerWriter,
        group: impl FnOnce(&[String], &[EntryKey<'_>]) -> Vec<u32>,
    ) -> Result<IndexRoot> {
        let mut languages: Vec<String> =
            self.languages.iter().map(|(lang, _)| lang.clone()).filter(|lang| !lang.is_empty()).collect();
        languages.sort_unstable();
        let mut sorted: Vec<(EntryKey<'_>, u32)> = Vec::with_capacity(self.lists.len());
        for (name, terms) in &self.languages {
            let lang = languages.iter().position(|lang| lang == name).map_or(0, |place| place + 1) as LangOrd;
            #[expect(clippy::iter_over_hash_type, reason = "sorted right below")]
            for (form, term) in terms {
                sorted.push((EntryKey { form, lang }, *term));
            }
        }
        sorted.sort_unstable();
        let keys: Vec<EntryKey<'_>> = sorted.iter().map(|(key, _)| *key).collect();
        let leaders = group(&languages, &keys);
        let leaves = leaves(&keys);
        let mut ords: Vec<TermOrd> = Vec::with_capacity(keys.len());
        for (leaf, range) in leaves.iter().enumerate() {
            ords.extend((0..range.len()).map(|place| TermOrd::at(leaf, place)));
        }
        if leaves.len() > u32::MAX as usize / LEAF_ENTRIES {
            return Err(Error::corrupt("more entries than a dictionary may have"));
        }
        let groups = Groups::new(&leaders, &ords);
        let lists = |place: usize| sorted.get(place).and_then(|(_, term)| self.lists.get(*term as usize));
        let postings_len = |place: usize| lists(place).map_or(0, |lists| lists.postings_len as usize);
        let docs = |place: usize| lists(place).map_or(Ok(Vec::new()), |lists| lists.docs(&self.pool));
        let mut prefixes = prefix_lists(&keys, out.paging.prefix_len, postings_len, docs)?.into_iter().peekable();

        let num_postings: u64 = self.lists.iter().map(|lists| u64::from(lists.doc_freq)).sum();
        if num_postings > MANY_POSTINGS {
            out.cut.block_len = LONG_BLOCK_LEN;
        }
        let stream = |section| Stream::new(section, out.cut);
        let mut postings = stream(Section::Postings);
        let mut unions = stream(Section::Prefixes);
        let mut weights = stream(Section::Weights);
        let mut places = stream(Section::Positions);
        for range in &leaves {
            let mut entries: Vec<TermEntry> = Vec::with_capacity(range.len());
            for place in range.clone() {
                let Some(((key, term), ord)) = sorted.get(place).zip(ords.get(place)) else { continue };
                let Some(lists) = self.lists.get(*term as usize) else { continue };
                let split = lists.split(&self.pool)?;
                let info = TermInfo {
                    ord: *ord,
                    doc_freq: lists.doc_freq,
                    postings: postings.append(&[&split.postings], out)?,
                    weights: weights.append(&[&split.weights], out)?,
                    positions: if key.form.starts_with(['#', '@']) {
                        places.append(&[], out)?
                    } else {
                        places.append(&[&split.table, &split.positions], out)?
                    },
                };
                let (group, members) = groups.of(place);
                entries.push(TermEntry { form: key.form.to_owned(), lang: key.lang, info, group, members });
            }
            let mut infos: Vec<PrefixInfo> = Vec::new();
            while let Some(PrefixList { first, len, doc_freq, postings }) =
                prefixes.next_if(|list| range.contains(&list.first))
            {
                if infos.len() == MAX_PREFIXES {
                    continue;
                }
                let postings = unions.append(&[&postings], out)?;
                infos.push(PrefixInfo { place: first - range.start, len, doc_freq, postings });
            }
            out.push(Section::Terms, &leaf::encode(&entries, &infos))?;
        }
        let form = |place: usize| keys.get(place).map_or("", |key| key.form);
        let ends: Vec<_> = leaves.iter().map(|range| (form(range.start), form(range.end - 1))).collect();
        let tree = Tree::new(&ends, out.paging, |node| out.push(Section::Terms, node))?;
        for stream in [&mut postings, &mut unions, &mut weights, &mut places] {
            stream.finish(out)?;
        }
        Ok(IndexRoot { num_terms: keys.len() as u64, num_postings, num_tokens: self.num_tokens, languages, tree })
    }
}

/// Entries cut into leaves. All entries of a form stand in one leaf.
fn leaves(keys: &[EntryKey<'_>]) -> Vec<Range<usize>> {
    let mut leaves: Vec<Range<usize>> = Vec::new();
    let mut place = 0;
    for run in keys.chunk_by(|a, b| a.form == b.form) {
        let end = place + run.len();
        match leaves.last_mut() {
            Some(leaf) if end - leaf.start <= LEAF_ENTRIES => leaf.end = end,
            _ => leaves.push(place..end),
        }
        place = end;
    }
    leaves
}

/// Stem groups by the places of their members.
struct Groups<'a> {
    ords: &'a [TermOrd],
    leaders: &'a [u32],
    /// Members that are not the first of their group, as `leader << 32 | member`, in order.
    others: Vec<u64>,
}

impl<'a> Groups<'a> {
    fn new(leaders: &'a [u32], ords: &'a [TermOrd]) -> Self {
        let pairs = leaders.iter().zip(0u32..).filter(|(leader, place)| *leader < place);
        let mut others: Vec<u64> = pairs.map(|(leader, place)| u64::from(*leader) << 32 | u64::from(place)).collect();
        others.sort_unstable();
        Self { ords, leaders, others }
    }

    /// The first member of an entry's group, and the others where it is the first itself.
    fn of(&self, place: usize) -> (Option<TermOrd>, Vec<TermOrd>) {
        let ord = |place: u32| self.ords.get(place as usize).copied().unwrap_or_default();
        let of_leader = |leader: u64| self.others.partition_point(|pair| pair >> 32 < leader);
        let members = of_leader(place as u64)..of_leader(place as u64 + 1);
        let members: Vec<TermOrd> =
            self.others.get(members).unwrap_or_default().iter().map(|pair| ord(*pair as u32)).collect();
        let leader = self.leaders.get(place).copied().unwrap_or(place as u32);
        let is_alone = leader as usize >= place && members.is_empty();
        (if is_alone { None } else { Some(ord(leader)) }, members)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where its input is wrong")]
mod tests {
    use super::*;

    #[test]
    fn languages_beyond_all_numbers_are_as_if_not_known() {
        let names: Vec<String> = (0..400).map(|number| format!("l{number:03}")).collect();
        let mut writer = IndexWriter::default();
        for lang in &names {
            writer.add(&Indexed { lang, text: "storm", ..Indexed::default() }).unwrap();
        }
        let root = writer.finish(&mut ContainerWriter::default(), |_, keys| (0..keys.len() as u32).collect()).unwrap();
        assert_eq!(root.languages, names[..MAX_LANGUAGES]);
        assert_eq!((root.num_terms, root.num_postings), (MAX_LANGUAGES as u64 + 1, 400));
    }
}
