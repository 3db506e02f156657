//! Corrections: which words of the dictionary may have been meant by one that is rare or not there.
//!
//! A candidate is at most two edits away, where an edit adds, drops or changes a letter or swaps two neighbours: Damerau's
//! distance as "optimal string alignment" (Boytsov, *Indexing methods for approximate dictionary searching*, 2011, section 2.1).
//! Candidates are ranked by how likely people make these edits, and by how frequent the word is.
//!
//! The dictionary is sorted, so [`Corrector::offer`] reuses the rows of the distance matrix for the letters that a form shares
//! with the one before it, and gives a whole stretch of forms up by one comparison where their common beginning is already too
//! far off.
//!
//! ```text
//!            h a r b u o r      the typed word
//!          0 1 2 3 4 5 6 7
//!     h    1 0 1 2 3 4 5 6      rows that "harbour" shares with "harbor"
//!     a    2 1 0 1 2 3 4 5
//!     …
//! ```

use std::collections::BTreeMap;

/// Most edits between a word and its correction.
pub const MAX_DISTANCE: u8 = 2;

/// Shortest word that is corrected, in characters: nearly every pair of letters is a word somewhere.
pub const MIN_CHARS: usize = 3;

/// Longest word that is corrected, in characters: keeps rows short; longer ones are addresses and digests.
pub const MAX_CHARS: usize = 40;

/// A word that may have been meant.
#[derive(Clone, Debug, PartialEq)]
pub struct Correction {
    /// Its folded form.
    pub form: String,
    /// Number of records that hold it.
    pub doc_freq: u32,
    /// Edits between it and the word typed.
    pub distance: u8,
    /// How likely it was meant; comparable among corrections of one word only.
    pub likelihood: f64,
}

/// Collects the corrections of one word from the forms of a dictionary.
#[derive(Clone, Debug)]
pub struct Corrector {
    word: Vec<char>,
    max_distance: u8,
    /// The form that came last, as far as rows are known for it.
    path: Vec<char>,
    /// One row of the matrix for each character of `path`, after the row of the empty form.
    rows: Vec<Vec<u8>>,
    found: BTreeMap<String, (u32, u8)>,
}

impl Corrector {
    /// For a folded word; `None` when it is too short or too long to be corrected, or has digits, which are no matter of spelling.
    #[must_use]
    pub fn new(word: &str) -> Option<Self> {
        let word: Vec<char> = word.chars().collect();
        if !(MIN_CHARS..=MAX_CHARS).contains(&word.len()) || !word.iter().all(|c| c.is_alphabetic()) {
            return None;
        }
        // Two edits make any word of three or four letters from any other.
        let max_distance = if word.len() <= 4 { 1 } else { MAX_DISTANCE };
        let first: Vec<u8> = (0..=word.len() as u8).collect();
        Some(Self { word, max_distance, path: Vec::new(), rows: vec![first], found: BTreeMap::new() })
    }

    /// Looks at the next form, in the order of the dictionary (any order is right, this one is fast). A form may come several
    /// times, once for each language: its frequencies add up.
    pub fn offer(&mut self, form: &str, doc_freq: u32) {
        if form.starts_with(|c: char| !c.is_alphabetic()) {
            return;
        }
        let shared = self.path.iter().zip(form.chars()).take_while(|(known, c)| **known == *c).count();
        self.path.truncate(shared);
        self.rows.truncate(shared + 1);
        for c in form.chars().skip(shared) {
            if self.is_hopeless() {
                return;
            }
            self.push(c);
        }
        let distance = self.rows.last().and_then(|row| row.last()).copied().unwrap_or(u8::MAX);
        if (1..=self.max_distance).contains(&distance) && !form.ends_with(|c: char| c.is_numeric()) {
            let (found, _) = self.found.entry(form.to_owned()).or_insert((0, distance));
            *found = found.saturating_add(doc_freq);
        }
    }

    /// True where no form that begins with `path` can be near enough: neither by the last row nor, swapping, by the one before.
    fn is_hopeless(&self) -> bool {
        let is_far = |row: &Vec<u8>| row.iter().all(|distance| *distance > self.max_distance);
        self.rows.iter().rev().take(2).all(is_far) || self.path.len() > MAX_CHARS + usize::from(MAX_DISTANCE)
    }

    /// Appends a character to the path, and its row.
    fn push(&mut self, c: char) {
        let before = self.path.last().copied();
        let (last, earlier) = match self.rows.as_slice() {
            [.., earlier, last] => (last, Some(earlier)),
            [last] => (last, None),
            [] => return,
        };
        let at = |row: &Vec<u8>, place: usize| row.get(place).copied().unwrap_or(u8::MAX);
        let mut row = Vec::with_capacity(last.len());
        row.push(at(last, 0).saturating_add(1));
        for (place, typed) in self.word.iter().enumerate() {
            let changed = at(last, place).saturating_add(u8::from(*typed != c));
            let dropped = at(last, place + 1).saturating_add(1);
            let added = row.last().copied().unwrap_or(u8::MAX).saturating_add(1);
            let mut best = changed.min(dropped).min(added);
            let is_swapped = place > 0 && before == Some(*typed) && self.word.get(place - 1) == Some(&c);
            if let (true, Some(earlier)) = (is_swapped, earlier) {
                best = best.min(at(earlier, place - 1).saturating_add(1));
            }
            row.push(best);
        }
        self.path.push(c);
        self.rows.push(row);
    }

    /// The best corrections, most likely first, up to `limit`.
    #[must_use]
    pub fn finish(self, limit: usize) -> Vec<Correction> {
        let word = self.word;
        let mut found: Vec<Correction> = self
            .found
            .into_iter()
            .map(|(form, (doc_freq, distance))| {
                let likelihood = libm::log(f64::from(doc_freq) + 1.0) - EDIT_WEIGHT * cost(&word, &form);
                Correction { form, doc_freq, distance, likelihood }
            })
            .collect();
        found.sort_by(|a, b| b.likelihood.total_cmp(&a.likelihood).then_with(|| a.form.cmp(&b.form)));
        found.truncate(limit);
        found
    }
}

/// How many natural logarithms of frequency an edit of cost 1 outweighs. Chosen, as the costs below, on every other pair of
/// Wikipedia's list of common misspellings against the vocabulary of 50,000 English articles.
const EDIT_WEIGHT: f64 = 4.0;

/// Cost of swapping two neighbours.
const SWAP: f64 = 0.8;

/// Cost of one letter too many or too few beside the same letter.
const DOUBLED: f64 = 0.5;

/// Cost of a vowel for a vowel.
const VOWEL: f64 = 0.8;

/// What an edit of the first letter costs more: it is the letter that people get right.
const FIRST: f64 = 0.6;

/// How unlikely it is that somebody types `word` and means `form`: the same edits as the distance, each at its own cost.
fn cost(word: &[char], form: &str) -> f64 {
    let form: Vec<char> = form.chars().collect();
    let at = |letters: &[char], place: usize| letters.get(place).copied();
    // A letter that is too much or missing costs less beside its like.
    let alone = |letters: &[char], place: usize| {
        let is_doubled = place > 0 && at(letters, place - 1) == at(letters, place);
        let extra = if place == 0 { FIRST } else { 0.0 };
        if is_doubled { DOUBLED } else { 1.0 + extra }
    };
    let mut rows: Vec<Vec<f64>> = Vec::with_capacity(word.len() + 1);
    let mut first = vec![0.0];
    for place in 0..form.len() {
        first.push(first.last().copied().unwrap_or_default() + alone(&form, place));
    }
    rows.push(first);
    for (i, typed) in word.iter().enumerate() {
        let get =
            |row: usize, column: usize| rows.get(row).and_then(|row| row.get(column)).copied().unwrap_or(f64::MAX);
        let mut row = vec![get(i, 0) + alone(word, i)];
        for (j, meant) in form.iter().enumerate() {
            let extra = if i == 0 && j == 0 { FIRST } else { 0.0 };
            let change = match (typed, meant) {
                (typed, meant) if typed == meant => 0.0,
                (typed, meant) if is_vowel(*typed) && is_vowel(*meant) => VOWEL + extra,
                _ => 1.0 + extra,
            };
            let mut best = (get(i, j) + change)
                .min(get(i, j + 1) + alone(word, i))
                .min(row.last().copied().unwrap_or(f64::MAX) + alone(&form, j));
            let is_swapped = i > 0 && j > 0 && at(word, i - 1) == Some(*meant) && at(&form, j - 1) == Some(*typed);
            if is_swapped && typed != meant {
                best = best.min(get(i - 1, j - 1) + SWAP);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows.last().and_then(|row| row.last()).copied().unwrap_or(f64::MAX)
}

fn is_vowel(c: char) -> bool {
    matches!(
        c,
        'a' | 'e'
            | 'i'
            | 'o'
            | 'u'
            | 'y'
            | 'а'
            | 'е'
            | 'и'
            | 'о'
            | 'у'
            | 'ы'
            | 'э'
            | 'ю'
            | 'я'
            | 'і'
            | 'α'
            | 'ε'
            | 'η'
            | 'ι'
            | 'ο'
            | 'υ'
            | 'ω'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// Corrections of a word in a dictionary, each form once.
    fn corrections(word: &str, forms: &[&str]) -> Vec<(String, u8)> {
        let Some(mut corrector) = Corrector::new(word) else { return Vec::new() };
        forms.iter().for_each(|form| corrector.offer(form, 1));
        let found = corrector.finish(usize::MAX).into_iter();
        found.map(|correction| (correction.form, correction.distance)).collect()
    }

    fn check(word: &str, form: &str, expected: Option<u8>) {
        let found = corrections(word, &[form]);
        assert_eq!(found.first().map(|(_, distance)| *distance), expected, "{word} → {form}");
    }

    #[test]
    fn edits_are_counted() {
        check("harbuor", "harbour", Some(1));
        check("harbor", "harbour", Some(1));
        check("harrbour", "harbour", Some(1));
        check("herbour", "harbour", Some(1));
        check("ahrbuor", "harbour", Some(2));
        check("arbor", "harbour", Some(2));
        check("arbor", "harbours", None);
        check("harbour", "harbour", None);
        check("гаванб", "гавань", Some(1));
        check("cat", "cut", Some(1));
        check("cat", "dog", None);
        check("cat", "cups", None);
    }

    #[test]
    fn what_is_no_word_is_not_corrected() {
        assert!(Corrector::new("ab").is_none());
        assert!(Corrector::new("b2b1").is_none());
        assert!(Corrector::new(&"a".repeat(MAX_CHARS + 1)).is_none());
        check("tags", "#tags", None);
    }

    #[test]
    fn likely_slips_of_frequent_words_come_first() {
        let rank = |word: &str, forms: &[(&str, u32)]| {
            let mut corrector = Corrector::new(word).unwrap();
            forms.iter().for_each(|(form, doc_freq)| corrector.offer(form, *doc_freq));
            corrector.finish(3).into_iter().map(|correction| correction.form).collect::<Vec<_>>()
        };
        assert_eq!(rank("recieve", &[("receive", 9), ("relieve", 9)]), ["receive", "relieve"]);
        assert_eq!(rank("ocurred", &[("occurred", 9), ("scurried", 9)]), ["occurred", "scurried"]);
        assert_eq!(rank("teh", &[("ten", 5), ("the", 5000)]), ["the", "ten"]);
        assert_eq!(rank("boatt", &[("boat", 3), ("boats", 3), ("goats", 9)])[0], "boat");
    }

    #[test]
    fn frequencies_of_a_form_in_several_languages_add_up() {
        let mut corrector = Corrector::new("harbor").unwrap();
        corrector.offer("harbour", 2);
        corrector.offer("harbour", 3);
        assert_eq!(corrector.finish(1)[0].doc_freq, 5);
    }

    /// The textbook's whole matrix.
    fn distance(a: &[char], b: &[char]) -> usize {
        let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                let mut best = if i == 0 || j == 0 { i + j } else { usize::MAX };
                if i > 0 && j > 0 {
                    best = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                    best = best.min(rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]));
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        best = best.min(rows[i - 2][j - 2] + 1);
                    }
                }
                rows[i][j] = best;
            }
        }
        rows[a.len()][b.len()]
    }

    proptest! {
        #[test]
        fn a_walk_finds_what_the_whole_matrix_finds(word in "[abcж]{3,8}", mut forms in vec("[abcж]{1,9}", 0..60)) {
            forms.sort();
            forms.dedup();
            let letters: Vec<char> = word.chars().collect();
            let max = if letters.len() <= 4 { 1 } else { 2 };
            let mut expected: Vec<(String, u8)> = Vec::new();
            for form in &forms {
                let distance = distance(&letters, &form.chars().collect::<Vec<_>>());
                if (1..=max).contains(&distance) {
                    expected.push((form.clone(), distance as u8));
                }
            }
            let mut found = corrections(&word, &forms.iter().map(String::as_str).collect::<Vec<_>>());
            found.sort();
            prop_assert_eq!(found, expected);
        }
    }
}
