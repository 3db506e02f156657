//! Emoji by the names that people type for them: `:wave:`, `:+1::skin-tone-3:`, `:flag-nl:`.
//!
//! The names are GitHub's, from which those of Slack differ in few: there `-` stands for `_`, and flags are called by their countries. A
//! name that no table has is of an emoji that a workspace made itself, and stays what it is.

use emojis::SkinTone;

/// Longest name that is looked up, in bytes; the longest there is has not half of it.
const MAX_NAME_LEN: usize = 80;

/// What a name means, without the colons around it; a skin tone may stand behind it: `wave::skin-tone-3`.
pub(super) fn emoji(name: &str) -> Option<String> {
    let (name, tone) = name.split_once("::").map_or((name, None), |(name, tone)| (name, Some(tone)));
    if let Some(country) = name.strip_prefix("flag-") {
        return flag(country);
    }
    // What Slack's own client writes for `:)`.
    let name = if name == "simple_smile" { "slightly_smiling_face" } else { name };
    let emoji = emojis::get_by_shortcode(name).or_else(|| emojis::get_by_shortcode(&name.replace('-', "_")))?;
    let toned = tone.and_then(skin_tone).and_then(|tone| emoji.with_skin_tone(tone));
    Some(toned.unwrap_or(emoji).to_string())
}

/// The emoji whose name begins `rest`, colons included, and its length there. Within a word, a time or an address none begins.
pub(super) fn emoji_at(before: &str, rest: &str) -> Option<(usize, String)> {
    let inner = rest.strip_prefix(':')?;
    if before.ends_with(char::is_alphanumeric) {
        return None;
    }
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+');
    let name_len = inner.find(|c| !is_of_name(c)).filter(|len| (1..=MAX_NAME_LEN).contains(len))?;
    let after = inner.get(name_len..)?.strip_prefix(':')?;
    let tone = after.strip_prefix(":skin-tone-").and_then(|tone| tone.get(..2)).filter(|tone| tone.ends_with(':'));
    let len = match tone {
        Some(_) => name_len + "::skin-tone-2".len(),
        None => name_len,
    };
    let found = emoji(inner.get(..len)?)?;
    Some((len + "::".len(), found))
}

/// Slack counts skin tones as Fitzpatrick did, the first two as one.
fn skin_tone(name: &str) -> Option<SkinTone> {
    Some(match name.strip_prefix("skin-tone-")? {
        "2" => SkinTone::Light,
        "3" => SkinTone::MediumLight,
        "4" => SkinTone::Medium,
        "5" => SkinTone::MediumDark,
        "6" => SkinTone::Dark,
        _ => return None,
    })
}

/// The flag of a country by its two letters, where there is one.
fn flag(country: &str) -> Option<String> {
    let letter = |c: char| c.is_ascii_lowercase().then(|| char::from_u32(0x1F1E6 + (u32::from(c) - u32::from('a'))))?;
    let letters: Option<String> = country.chars().map(letter).collect();
    letters.filter(|letters| emojis::get(letters).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_emoji() {
        let check = |name: &str, expected: Option<&str>| assert_eq!(emoji(name).as_deref(), expected, "{name}");
        check("thumbsup", Some("👍"));
        check("+1", Some("👍"));
        check("+1::skin-tone-3", Some("👍🏼"));
        check("tada::skin-tone-3", Some("🎉"));
        check("woman-shrugging", Some("🤷‍♀️"));
        check("slightly_smiling_face", Some("🙂"));
        check("simple_smile", Some("🙂"));
        check("flag-nl", Some("🇳🇱"));
        check("flag-zz", None);
        check("flag-Ж", None);
        check("harbour-flag", None);
        check("", None);
    }

    #[test]
    fn within_words_and_times_there_are_none() {
        let check = |before: &str, rest: &str, expected: Option<(usize, &str)>| {
            let found = emoji_at(before, rest);
            assert_eq!(found.as_ref().map(|(len, emoji)| (*len, emoji.as_str())), expected, "{before}{rest}");
        };
        check("hi ", ":wave: all", Some((6, "👋")));
        check("", ":wave::skin-tone-6:!", Some((19, "👋🏿")));
        check("👋", ":wave::wave:", Some((6, "👋")));
        check("a", ":key:b", None);
        check("10", ":30:15", None);
        check("", ":harbour-flag:", None);
        check("", "::", None);
        check("", ":wave", None);
    }
}
