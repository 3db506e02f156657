//! What would otherwise be held without end: names and addresses that records share, which a source says once and any number of
//! records repeat, so that a long one would be held as often as there are records; and what is held until the end of a file.

use crate::record::Record;

/// Bytes of a name or an address. A path of this length is the longest that file systems know, and no name comes near it.
const MAX_NAME_LEN: usize = 4096;

/// Bytes of memory that a reader holds of one file whose end says what all of it is about; what stands behind them is read by itself.
pub(super) const MAX_HELD_LEN: usize = 96 << 20;

/// A name, cut where it is too long.
pub(super) fn bounded(name: String) -> String {
    if name.len() <= MAX_NAME_LEN {
        return name;
    }
    let end = (0..=MAX_NAME_LEN).rev().find(|end| name.is_char_boundary(*end));
    name.get(..end.unwrap_or(0)).unwrap_or_default().to_owned()
}

/// Cuts the names of a record that are too long, and leaves out addresses that are, since the start of one leads elsewhere; whether
/// there were any. Ids are cut alike everywhere, so that records still find each other.
pub fn bound(record: &mut Record) -> bool {
    let mut is_cut = false;
    let ids = [&mut record.id, &mut record.reply_to, &mut record.thread, &mut record.album];
    let names = [&mut record.author, &mut record.channel].into_iter().chain(ids);
    for name in names.chain(record.media.iter_mut().map(|medium| &mut medium.name)) {
        if name.as_ref().is_some_and(|name| name.len() > MAX_NAME_LEN) {
            is_cut = true;
            *name = name.take().map(bounded);
        }
    }
    let mut addresses = vec![&mut record.url];
    addresses.extend(record.media.iter_mut().map(|medium| &mut medium.path));
    if let Some(forward) = &mut record.forwarded_from {
        if forward.name.len() > MAX_NAME_LEN {
            is_cut = true;
            forward.name = bounded(std::mem::take(&mut forward.name));
        }
        addresses.extend([&mut forward.id, &mut forward.url]);
    }
    for address in addresses {
        if address.as_ref().is_some_and(|address| address.len() > MAX_NAME_LEN) {
            is_cut = true;
            *address = None;
        }
    }
    is_cut
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Attachment, Forward};

    #[test]
    fn long_names_are_cut_and_long_addresses_left_out() {
        let (long, cut) = ("é".repeat(5000), "é".repeat(MAX_NAME_LEN / 2));
        let some = || Some(long.clone());
        let medium = Attachment { name: some(), path: some(), ..Attachment::default() };
        let forward = Forward { name: long.clone(), id: some(), url: some() };
        let mut record = Record { id: some(), author: some(), channel: some(), url: some(), ..Record::default() };
        (record.text, record.media, record.forwarded_from) = (long.clone(), vec![medium], Some(forward));
        assert!(bound(&mut record));
        for name in [&record.id, &record.author, &record.channel, &record.media[0].name] {
            assert_eq!(name.as_ref(), Some(&cut));
        }
        assert_eq!((&record.url, &record.media[0].path, &record.text), (&None, &None, &long));
        assert_eq!(record.forwarded_from, Some(Forward { name: cut, id: None, url: None }));
        assert!(!bound(&mut record));
        assert_eq!(bounded(format!("a{}", "é".repeat(5000))).len(), MAX_NAME_LEN - 1);
    }
}
