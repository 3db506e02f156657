//! The language of a text, where its letters leave no doubt.

use std::ops::Range;

use whatlang::Lang;

/// Letters below which a guess is a coin toss: trigram profiles of a dozen words confuse neighbours such as Czech and Slovak.
const MIN_LETTERS: usize = 20;

/// Bytes of a text that are looked at. The guess does not improve beyond this, while long texts would cost the build its time.
const MAX_LEN: usize = 8 << 10;

/// ISO 639-1 code of the language of `text` without its `foreign` stretches, which are sorted: addresses, names and tags speak
/// no language.
pub(super) fn language(text: &str, foreign: impl Iterator<Item = Range<usize>>) -> Option<&'static str> {
    let mut prose = String::new();
    let mut end = 0;
    for range in foreign.chain(std::iter::once(text.len()..text.len())) {
        prose.push_str(text.get(end..range.start).unwrap_or_default());
        prose.push(' ');
        end = range.end;
        if prose.len() >= MAX_LEN {
            break;
        }
    }
    prose.truncate(prose.floor_char_boundary(MAX_LEN));

    prose.chars().filter(|c| c.is_alphabetic()).nth(MIN_LETTERS - 1)?;
    whatlang::detect(&prose).filter(whatlang::Info::is_reliable).map(|info| iso_639_1(info.lang()))
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

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(language(text, std::iter::empty()), expected, "{text:?}");
    }

    #[test]
    fn names_the_language_where_it_is_sure() {
        check(
            "Every morning at seven the ferry leaves the old harbour for the island, and with the last light of the day it brings back those who have had enough of the wind there.",
            Some("en"),
        );
        check(
            "Каждое утро в семь часов паром отходит от старой пристани на остров, а вечером, до темноты, привозит обратно тех, кому уже хватило ветра, и ещё немного рыбы для рынка.",
            Some("ru"),
        );
        check("每天早上七点，开往岛上的渡船从旧码头出发，天黑之前返回，请大家提前买票上船。", Some("zh"));
        check("تغادر العبارة إلى الجزيرة كل صباح في الساعة السابعة من الميناء القديم وتعود قبل حلول الظلام", Some("ar"));
    }

    #[test]
    fn says_nothing_of_little_text() {
        check("", None);
        check("OK", None);
        check("12345 67890 12345 67890 !!!", None);
        check("渡船出发", None);
    }

    #[test]
    fn leaves_foreign_stretches_out() {
        let text = "https://example.org/the-ferry-to-the-island-leaves-every-morning да";
        assert_eq!(language(text, std::iter::once(0..67)), None);
    }
}
