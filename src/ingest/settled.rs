//! Records as they are once more when their archive is read again: what JSON would not give back is not in them to begin with.

use super::format::{Entry, Reader};
use crate::record::Record;

/// The same entries, with settled records.
pub(super) fn settled(reader: Reader<'_>) -> Reader<'_> {
    Box::new(reader.map(|entry| {
        entry.map(|entry| match entry {
            Entry::Record(mut record) => {
                settle(&mut record);
                Entry::Record(record)
            }
            other => other,
        })
    }))
}

/// Takes out what says nothing: texts without a character, names without a letter, and codes of languages that are none.
fn settle(record: &mut Record) {
    let Record { id, author, channel, reply_to, thread, album, title, edited, url, .. } = record;
    for text in [id, author, channel, reply_to, thread, album, title, edited, url] {
        text.take_if(|text| text.is_empty());
    }
    for (names, sign) in [(&mut record.tags, '#'), (&mut record.mentions, '@')] {
        let is_settled = |name: &String| !name.is_empty() && !name.starts_with(sign) && name.trim() == name;
        if !names.iter().all(is_settled) {
            let bare = std::mem::take(names)
                .into_iter()
                .map(|name| name.trim_start_matches(|c: char| c == sign || c.is_whitespace()).trim_end().to_owned());
            *names = super::distinct(bare.filter(|name| !name.is_empty()));
        }
    }
    if let Some(lang) = &mut record.lang {
        lang.make_ascii_lowercase();
    }
    let is_code = |lang: &str| matches!(lang.len(), 2 | 3) && lang.bytes().all(|byte| byte.is_ascii_lowercase());
    record.lang.take_if(|lang| !is_code(lang));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record_json::{from_json, to_json};
    use jiff::tz::TimeZone;

    #[test]
    fn settled_records_are_the_same_when_they_are_read_again() {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let mut record = Record {
            kind: "post".to_owned(),
            id: Some("1".to_owned()),
            channel: Some(String::new()),
            title: Some(String::new()),
            tags: texts(&["a", " ", "##b", " a", ""]),
            mentions: texts(&["@ann", "\t"]),
            lang: Some("EN".to_owned()),
            ..Record::default()
        };
        settle(&mut record);
        assert_eq!((&record.channel, &record.title, record.lang.as_deref()), (&None, &None, Some("en")));
        assert_eq!((&record.tags, &record.mentions), (&texts(&["a", "b"]), &texts(&["ann"])));
        assert_eq!(from_json(to_json(&record), &TimeZone::UTC), record);
        record.lang = Some("pt-BR".to_owned());
        settle(&mut record);
        assert_eq!(record.lang, None);
    }
}
