//! The language of each record of an archive: what its source says, else what its letters leave no doubt of.
//!
//! A dozen words tell neighbours apart badly: of 800,000 one-line descriptions in English, trigram profiles alone call some
//! Portuguese, Afrikaans, Latin and fifty more. So languages are settled in two steps. The [`Census`] hears every record and
//! looks closely at a sample of them, short ones joined until they are long enough, and learns which languages the archive is
//! written in and which words are frequent in each. Then a record is of the language whose frequent words it holds; where two
//! languages compete, trigram profiles decide between these two; a language that the archive hardly has is named only for a
//! text that is long and clear. Everything else has no language: it is stemmed as most of the archive in its script is, and
//! stands under no value of the facet.

use std::collections::BTreeMap;

use whatlang::{Detector, Lang, Script};

use crate::record::Record;

/// Letters below which a guess is a coin toss, whatever the archive.
const MIN_LETTERS: usize = 20;

/// Letters that a text of the sample has at least. Measured on 40,000 short descriptions: of the texts below, a quarter to three
/// quarters are doubtful to the trigram profiles, above it hardly any.
const SAMPLE_LETTERS: usize = 160;

/// Letters from which a language that the archive hardly has is believed.
const CLEAR_LETTERS: usize = 240;

/// Bytes of a text that are looked at: the guess does not improve beyond, while long texts would cost the build its time.
const MAX_LEN: usize = 1 << 10;

/// Every one of the first so many records is looked at, after that one in so many parts of those seen: a few thousand of a million.
const SAMPLE: u64 = 512;

/// A language has at least one in so many texts of the sample that are in its script, else it is a sliver: the trigram profiles
/// take fewer of the English texts for any one other language.
const SLIVER: u32 = 250;

/// Words of a language's profile.
const PROFILE_WORDS: usize = 200;

/// Share of a text's words, as one in so many, that are in the profile of its language: function words alone make a third of
/// most texts.
const PROFILE_SHARE: usize = 6;

/// Frequent words that a text must hold at the least.
const MIN_VOTES: usize = 2;

/// What is known of the languages of an archive.
#[derive(Debug, Default)]
pub(crate) struct Census {
    seen: u64,
    next: u64,
    /// Short texts of the sample, by script, until they are long enough together.
    pending: Vec<(Script, String)>,
    counts: BTreeMap<&'static str, Counts>,
}

/// What the sample tells of a language.
#[derive(Debug)]
struct Counts {
    lang: Lang,
    script: Script,
    texts: u32,
    words: BTreeMap<String, u32>,
}

/// The languages that an archive is written in.
#[derive(Debug, Default)]
pub(crate) struct Languages {
    main: Vec<Profile>,
}

/// A language, and its most frequent words in the archive, sorted.
#[derive(Debug)]
struct Profile {
    lang: Lang,
    script: Script,
    texts: u32,
    words: Vec<String>,
}

impl Census {
    /// Hears the next record, in any order that is the same in every build.
    pub(crate) fn add(&mut self, record: &Record) {
        self.seen += 1;
        if self.seen <= self.next {
            return;
        }
        self.next = self.seen + self.seen / SAMPLE;
        let prose = prose(record);
        let Some(script) = whatlang::detect_script(&prose) else { return };
        if let Some(code) = &record.lang {
            if let Some(lang) = Lang::all().iter().find(|lang| iso_639_1(**lang) == code) {
                self.count(*lang, script, &prose);
            }
            return;
        }
        let place = self.pending.iter().position(|(known, _)| *known == script).unwrap_or_else(|| {
            self.pending.push((script, String::new()));
            self.pending.len() - 1
        });
        let Some((_, text)) = self.pending.get_mut(place) else { return };
        text.push_str(&prose);
        text.push(' ');
        if letters(text) >= SAMPLE_LETTERS {
            let text = std::mem::take(text);
            self.sample(&text);
        }
    }

    fn sample(&mut self, text: &str) {
        if let Some(info) = whatlang::detect(text).filter(whatlang::Info::is_reliable) {
            self.count(info.lang(), info.script(), text);
        }
    }

    fn count(&mut self, lang: Lang, script: Script, text: &str) {
        let counts = self.counts.entry(lang.code());
        let counts = counts.or_insert_with(|| Counts { lang, script, texts: 0, words: BTreeMap::new() });
        counts.texts += 1;
        words(text).for_each(|word| *counts.words.entry(word).or_default() += 1);
    }

    /// What the records heard so far are written in.
    pub(crate) fn finish(mut self) -> Languages {
        // An archive too small for the sample is judged by all that there is of it.
        for (_, text) in std::mem::take(&mut self.pending) {
            if letters(&text) >= MIN_LETTERS && (self.counts.is_empty() || letters(&text) >= SAMPLE_LETTERS / 2) {
                self.sample(&text);
            }
        }
        let of_script = |script: Script| {
            let same = self.counts.values().filter(move |counts| counts.script == script);
            same.map(|counts| counts.texts).sum::<u32>()
        };
        let is_main = |counts: &Counts| counts.texts * SLIVER >= of_script(counts.script);
        let mut main: Vec<Profile> = self.counts.values().filter(|counts| is_main(counts)).map(Profile::new).collect();
        main.sort_by_key(|profile| std::cmp::Reverse(profile.texts));
        Languages { main }
    }
}

impl Profile {
    fn new(counts: &Counts) -> Self {
        let mut frequent: Vec<(&String, &u32)> = counts.words.iter().filter(|(_, times)| **times > 1).collect();
        frequent.sort_by_key(|(word, times)| (std::cmp::Reverse(**times), word.as_str()));
        let mut words: Vec<String> = frequent.into_iter().take(PROFILE_WORDS).map(|(word, _)| word.clone()).collect();
        words.sort_unstable();
        Self { lang: counts.lang, script: counts.script, texts: counts.texts, words }
    }

    fn has(&self, word: &str) -> bool {
        self.words.binary_search_by(|known| known.as_str().cmp(word)).is_ok()
    }
}

impl Languages {
    /// Names the language of a record, unless its source did or nothing is sure.
    pub(crate) fn name(&self, record: &mut Record) {
        if record.lang.is_none() {
            let prose = prose(record);
            let named = whatlang::detect_script(&prose).and_then(|script| self.named(&prose, script));
            record.lang = named.map(|lang| iso_639_1(lang).to_owned());
        }
    }

    /// The language to stem a record by: its own, or where that is unknown the one that most texts of its script are in.
    pub(crate) fn to_stem_by<'a>(&self, record: &'a Record) -> Option<&'a str> {
        if record.lang.is_some() || self.main.is_empty() {
            return record.lang.as_deref();
        }
        let script = whatlang::detect_script(&prose(record))?;
        self.of_script(script).next().map(|profile| iso_639_1(profile.lang))
    }

    fn of_script(&self, script: Script) -> impl Iterator<Item = &Profile> {
        self.main.iter().filter(move |profile| profile.script == script)
    }

    fn named(&self, prose: &str, script: Script) -> Option<Lang> {
        let letters = letters(prose);
        if letters < MIN_LETTERS {
            return None;
        }
        if matches!(script, Script::Mandarin | Script::Hiragana | Script::Katakana) {
            return whatlang::detect(prose).map(|info| info.lang());
        }
        if let [only] = script.langs() {
            return Some(*only);
        }
        let words: Vec<String> = words(prose).collect();
        let votes = |profile: &Profile| words.iter().filter(|word| profile.has(word)).count();
        let mut by_votes: Vec<(usize, Lang)> =
            self.of_script(script).map(|profile| (votes(profile), profile.lang)).collect();
        by_votes.sort_by_key(|(votes, _)| std::cmp::Reverse(*votes));
        let dominant = self.of_script(script).next().map(|profile| profile.lang);
        let (best, second) = (by_votes.first().copied(), by_votes.get(1).map_or(0, |(votes, _)| *votes));
        if let Some((best, lang)) = best
            && Some(lang) == dominant
            && best * PROFILE_SHARE >= words.len()
            && best >= MIN_VOTES.max(2 * second)
        {
            return Some(lang);
        }
        let has_votes = |(votes, lang): &&(usize, Lang)| *votes >= MIN_VOTES || Some(*lang) == dominant;
        let rivals: Vec<Lang> = by_votes.iter().filter(has_votes).map(|(_, lang)| *lang).collect();
        // A small archive tells little of its words.
        let is_little_known = self.of_script(script).all(|profile| profile.words.len() < PROFILE_WORDS);
        if letters >= CLEAR_LETTERS || is_little_known {
            let info = whatlang::detect(prose).filter(whatlang::Info::is_reliable)?;
            let is_clear = letters >= CLEAR_LETTERS && info.confidence() >= 1.0;
            return (is_clear || by_votes.iter().any(|(_, lang)| *lang == info.lang())).then(|| info.lang());
        }
        // No frequent word of any language of the archive, or of one alone and that seldom: nothing to go by.
        if rivals.len() < 2 {
            return None;
        }
        let info = Detector::with_allowlist(rivals).detect(prose)?;
        info.is_reliable().then(|| info.lang())
    }
}

/// Title and text without links, names, tags and code, which speak no language. Where letters of a script that no Latin language
/// uses are a fifth, the Latin ones are left out: names of things stand in Latin letters everywhere.
fn prose(record: &Record) -> String {
    let mut prose = String::new();
    let mut end = 0;
    let foreign =
        record.spans.iter().filter(|span| span.kind != "bold" && span.kind != "italic" && span.kind != "quote");
    prose.push_str(record.title.as_deref().unwrap_or_default());
    prose.push(' ');
    let text_end = record.text.len();
    for range in foreign.map(|span| span.range.clone()).chain(std::iter::once(text_end..text_end)) {
        prose.push_str(record.text.get(end..range.start).unwrap_or_default());
        prose.push(' ');
        end = end.max(range.end);
        if prose.len() >= MAX_LEN {
            break;
        }
    }
    prose.truncate(prose.floor_char_boundary(MAX_LEN));
    let is_latin = |c: char| c.is_alphabetic() && c < '\u{370}';
    let others = prose.chars().filter(|c| c.is_alphabetic() && !is_latin(*c)).count();
    if others * 5 >= letters(&prose) && others > 0 {
        prose.retain(|c| !is_latin(c));
    }
    prose
}

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphabetic()).count()
}

/// Words in lower case.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// The two-letter code of a language that whatlang knows by three.
fn iso_639_1(lang: Lang) -> &'static str {
    match lang {
        Lang::Afr => "af",
        Lang::Aka => "ak",
        Lang::Amh => "am",
        Lang::Ara => "ar",
        Lang::Aze => "az",
        Lang::Bel => "be",
        Lang::Ben => "bn",
        Lang::Bul => "bg",
        Lang::Cat => "ca",
        Lang::Ces => "cs",
        Lang::Cmn => "zh",
        Lang::Cym => "cy",
        Lang::Dan => "da",
        Lang::Deu => "de",
        Lang::Ell => "el",
        Lang::Eng => "en",
        Lang::Epo => "eo",
        Lang::Est => "et",
        Lang::Fin => "fi",
        Lang::Fra => "fr",
        Lang::Guj => "gu",
        Lang::Heb => "he",
        Lang::Hin => "hi",
        Lang::Hrv => "hr",
        Lang::Hun => "hu",
        Lang::Hye => "hy",
        Lang::Ind => "id",
        Lang::Ita => "it",
        Lang::Jav => "jv",
        Lang::Jpn => "ja",
        Lang::Kan => "kn",
        Lang::Kat => "ka",
        Lang::Khm => "km",
        Lang::Kor => "ko",
        Lang::Lat => "la",
        Lang::Lav => "lv",
        Lang::Lit => "lt",
        Lang::Mal => "ml",
        Lang::Mar => "mr",
        Lang::Mkd => "mk",
        Lang::Mya => "my",
        Lang::Nep => "ne",
        Lang::Nld => "nl",
        Lang::Nob => "nb",
        Lang::Ori => "or",
        Lang::Pan => "pa",
        Lang::Pes => "fa",
        Lang::Pol => "pl",
        Lang::Por => "pt",
        Lang::Ron => "ro",
        Lang::Rus => "ru",
        Lang::Sin => "si",
        Lang::Slk => "sk",
        Lang::Slv => "sl",
        Lang::Sna => "sn",
        Lang::Spa => "es",
        Lang::Srp => "sr",
        Lang::Swe => "sv",
        Lang::Tam => "ta",
        Lang::Tel => "te",
        Lang::Tgl => "tl",
        Lang::Tha => "th",
        Lang::Tuk => "tk",
        Lang::Tur => "tr",
        Lang::Ukr => "uk",
        Lang::Urd => "ur",
        Lang::Uzb => "uz",
        Lang::Vie => "vi",
        Lang::Yid => "yi",
        Lang::Zul => "zu",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Span;

    const ENGLISH: &str = "Every morning at seven the ferry leaves the old harbour for the island, and with the last light of \
        the day it brings back those who have had enough of the wind there.";
    const RUSSIAN: &str = "Каждое утро в семь часов паром отходит от старой пристани на остров, а вечером, до темноты, \
        привозит обратно тех, кому уже хватило ветра, и ещё немного рыбы для рынка.";
    const PORTUGUESE: &str = "Todas as manhãs, às sete horas, a balsa parte do velho porto para a ilha e, com a última luz do \
        dia, traz de volta aqueles que já tiveram o suficiente do vento que sopra por lá, e também um pouco de peixe para o \
        mercado, que abre cedo e fecha quando os barcos voltam a sair, porque ninguém quer esperar até à noite.";

    /// The named language and the one to stem by of the last of these texts, in an archive of all of them.
    fn check(texts: &[&str]) -> (Option<String>, Option<String>) {
        let record = |text: &&str| Record { text: (*text).to_owned(), ..Record::default() };
        let mut records: Vec<Record> = texts.iter().map(record).collect();
        let mut census = Census::default();
        records.iter().for_each(|record| census.add(record));
        let languages = census.finish();
        let last = records.last_mut().unwrap();
        languages.name(last);
        (last.lang.clone(), languages.to_stem_by(last).map(str::to_owned))
    }

    fn both(code: &str) -> (Option<String>, Option<String>) {
        (Some(code.to_owned()), Some(code.to_owned()))
    }

    #[test]
    fn names_the_language_where_it_is_sure() {
        assert_eq!(check(&[ENGLISH]), both("en"));
        assert_eq!(check(&[RUSSIAN]), both("ru"));
        assert_eq!(
            check(&["每天早上七点，开往岛上的渡船从旧码头出发，天黑之前返回，请大家提前买票上船。"]),
            both("zh")
        );
        assert_eq!(check(&["フェリーは毎朝七時に古い港を出て島へ向かい、日が暮れる前に戻ってきます。"]), both("ja"));
        let arabic = "تغادر العبارة إلى الجزيرة كل صباح في الساعة السابعة من الميناء القديم وتعود قبل حلول الظلام";
        assert_eq!(check(&[arabic]), both("ar"));
    }

    #[test]
    fn says_nothing_of_little_text() {
        for text in ["", "OK", "12345 67890 12345 67890 !!!", "渡船出发"] {
            assert_eq!(check(&[text]), (None, None), "{text:?}");
        }
    }

    #[test]
    fn a_short_text_is_stemmed_as_most_of_its_script_is() {
        let mut texts = vec![ENGLISH; 20];
        texts.extend([RUSSIAN, "OK"]);
        assert_eq!(check(&texts), (None, Some("en".into())));
        texts.push("да");
        assert_eq!(check(&texts), (None, Some("ru".into())));
        texts.push("the ferry leaves for the island");
        assert_eq!(check(&texts), both("en"));
    }

    #[test]
    fn a_sliver_is_named_only_where_the_text_is_long_and_clear() {
        let mut texts = vec![ENGLISH; 2000];
        texts.push("uma balsa parte do velho porto");
        assert_eq!(check(&texts), (None, Some("en".into())));
        texts.push(PORTUGUESE);
        assert_eq!(check(&texts), both("pt"));
    }

    #[test]
    fn what_the_source_says_stands() {
        let mut record = Record { text: ENGLISH.into(), lang: Some("fy".into()), ..Record::default() };
        Languages::default().name(&mut record);
        assert_eq!(record.lang.as_deref(), Some("fy"));
    }

    #[test]
    fn leaves_foreign_stretches_out() {
        let text = "https://example.org/the-ferry-to-the-island-leaves-every-morning да".to_owned();
        let spans = vec![Span { range: 0..67, kind: "link".into(), href: None }];
        let mut record = Record { text, spans, ..Record::default() };
        Languages::default().name(&mut record);
        assert_eq!(record.lang, None);
    }
}
