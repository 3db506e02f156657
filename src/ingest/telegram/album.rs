//! Albums: several media that were sent as one. No export of Telegram Desktop names them, so they are inferred.

use crate::ingest::Entry;
use crate::record::Record;

/// Mark of a record whose album was inferred.
const FLAG: &str = "album_inferred";

/// Kinds of media that can stand in an album.
const KINDS: [&str; 4] = ["photo", "video", "audio", "file"];

/// Holds back one record, until the next shows whether both are of one album: neighbours with media, with consecutive ids, from
/// one author, of one second or the next, of which at most one has a text.
#[derive(Debug, Default)]
pub(super) struct Albums {
    held: Option<Box<Record>>,
}

impl Albums {
    /// Takes the next entry; gives what can go.
    pub(super) fn pass(&mut self, entry: Entry) -> impl Iterator<Item = Entry> + use<> {
        let (first, second) = match entry {
            Entry::Record(mut record) => {
                if let Some(held) = &mut self.held {
                    join(held, &mut record);
                }
                (self.held.replace(record).map(Entry::Record), None)
            }
            other => (self.held.take().map(Entry::Record), Some(other)),
        };
        first.into_iter().chain(second)
    }

    /// What is still held.
    pub(super) fn finish(&mut self) -> Option<Entry> {
        self.held.take().map(Entry::Record)
    }
}

fn join(before: &mut Record, record: &mut Record) {
    if !is_together(before, record) {
        return;
    }
    if before.album.is_none() {
        before.album.clone_from(&before.id);
        before.flags.push(FLAG.to_owned());
    }
    record.album.clone_from(&before.album);
    record.flags.push(FLAG.to_owned());
}

fn is_together(before: &Record, record: &Record) -> bool {
    let number = |record: &Record| record.id.as_ref()?.parse::<u64>().ok();
    let kind = |record: &Record| {
        record.media.first().map(|media| media.kind.clone()).filter(|kind| KINDS.contains(&kind.as_str()))
    };
    // Photos and videos mix; files and audio stay among themselves.
    let visual = |kind: &str| matches!(kind, "photo" | "video");
    let fits = |a: &str, b: &str| a == b || visual(a) && visual(b);
    let (Some(first), Some(second)) = (kind(before), kind(record)) else { return false };
    let (Some(date), Some(next_date)) = (&before.date, &record.date) else { return false };
    fits(&first, &second)
        && number(before).zip(number(record)).is_some_and(|(before, id)| before.checked_add(1) == Some(id))
        && (0..=1).contains(&(next_date.seconds - date.seconds))
        && (before.text.is_empty() || record.text.is_empty())
        && before.author == record.author
        && before.channel == record.channel
        && before.forwarded_from.as_ref().map(|from| &from.name)
            == record.forwarded_from.as_ref().map(|from| &from.name)
        && before.reply_to == record.reply_to
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::parse_date;
    use crate::record::Attachment;
    use jiff::tz::TimeZone;

    /// Records as `id kind second text`; shows the album of each.
    fn check(records: &[(&str, &str, u8, &str)], expected: &[&str]) {
        let mut albums = Albums::default();
        let mut found = Vec::new();
        for (id, kind, second, text) in records {
            let date = parse_date(&format!("2024-01-01T00:00:{second:02}Z"), &TimeZone::UTC);
            let media = vec![Attachment { kind: (*kind).to_owned(), ..Attachment::default() }];
            let record =
                Record { id: Some((*id).to_owned()), date, media, text: (*text).to_owned(), ..Record::default() };
            found.extend(albums.pass(Entry::Record(Box::new(record))));
        }
        found.extend(albums.finish());
        let album = |entry: Entry| match entry {
            Entry::Record(record) => record.album.unwrap_or_default(),
            other => panic!("{other:?}"),
        };
        assert_eq!(found.into_iter().map(album).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn neighbours_of_one_second() {
        check(
            &[("1", "photo", 1, "a"), ("2", "video", 1, ""), ("3", "photo", 2, ""), ("4", "photo", 9, "")],
            &["1", "1", "1", ""],
        );
        check(&[("1", "photo", 1, "a"), ("2", "photo", 1, "b")], &["", ""]);
        check(&[("1", "photo", 1, ""), ("3", "photo", 1, "")], &["", ""]);
        check(&[("1", "photo", 1, ""), ("2", "file", 1, "")], &["", ""]);
        check(&[("1", "sticker", 1, ""), ("2", "sticker", 1, "")], &["", ""]);
    }
}
