//! What nobody keeps of mails: what is deleted, drafts, spam, and what is not whole; by headers, by labels of Gmail, and by the names and
//! folders of files.

use std::borrow::Cow;

use base64::Engine as _;

use super::MAX_HEADER_LINES;
use crate::ingest::files::path_in_source;

/// The bit of `X-Mozilla-Status` by which Thunderbird and its kin say that a message is deleted (`nsMsgMessageFlags::Expunged`).
const EXPUNGED: u16 = 8;

/// Why messages are left out.
pub(super) const DELETED: &str = "deleted, and not yet swept from where they were";
pub(super) const DRAFT: &str = "drafts, which nobody has been sent";
pub(super) const SPAM: &str = "sorted out as spam";
const PARTIAL: &str = "in the part of a folder where mails are that are not whole yet";

/// Folders, and Gmail's labels, in small letters, of what nobody keeps. Gmail writes its labels in the language in which people see
/// it; they are those of the folders that it shows to mail programs. Where `spam` is the word, it stands here once.
const LEFT_OUT: [(&str, &str); 56] = [
    ("trash", DELETED),
    ("bin", DELETED),
    ("deleted", DELETED),
    ("deleted items", DELETED),
    ("deleted messages", DELETED),
    ("drafts", DRAFT),
    ("draft", DRAFT),
    ("spam", SPAM),
    ("junk", SPAM),
    ("junk e-mail", SPAM),
    ("junk email", SPAM),
    ("junk mail", SPAM),
    ("bulk mail", SPAM),
    // Russian.
    ("корзина", DELETED),
    ("черновики", DRAFT),
    ("спам", SPAM),
    // German.
    ("papierkorb", DELETED),
    ("entwürfe", DRAFT),
    // Spanish.
    ("papelera", DELETED),
    ("borradores", DRAFT),
    // Arabic.
    ("المهملات", DELETED),
    ("سلة المهملات", DELETED),
    ("المسودات", DRAFT),
    ("مسودات", DRAFT),
    ("الرسائل غير المرغوب فيها", SPAM),
    ("رسائل غير مرغوب فيها", SPAM),
    ("غير مرغوب فيها", SPAM),
    // Chinese, in both scripts.
    ("已删除邮件", DELETED),
    ("已删除的邮件", DELETED),
    ("垃圾桶", DELETED),
    ("草稿", DRAFT),
    ("垃圾邮件", SPAM),
    ("垃圾郵件", SPAM),
    // French, Italian, Portuguese.
    ("corbeille", DELETED),
    ("brouillons", DRAFT),
    ("cestino", DELETED),
    ("bozze", DRAFT),
    ("lixeira", DELETED),
    ("rascunhos", DRAFT),
    // Programs that are not Gmail, in some of these languages.
    ("удалённые", DELETED),
    ("удаленные", DELETED),
    ("удалённые элементы", DELETED),
    ("удаленные элементы", DELETED),
    ("нежелательная почта", SPAM),
    ("gelöscht", DELETED),
    ("gelöschte elemente", DELETED),
    ("gelöschte objekte", DELETED),
    ("junk-e-mail", SPAM),
    ("elementos eliminados", DELETED),
    ("correo no deseado", SPAM),
    ("éléments supprimés", DELETED),
    ("courrier indésirable", SPAM),
    ("indésirables", SPAM),
    ("posta eliminata", DELETED),
    ("posta indesiderata", SPAM),
    ("itens excluídos", DELETED),
];

/// What the place of a file says of its messages: in a maildir (<https://cr.yp.to/proto/maildir.html>) its name and folder, else the names
/// that programs give to the files and folders of what nobody keeps.
///
/// ```text
/// mail/.Sent/cur/1700000000.M1.host:2,ST      folder Sent, Trashed
/// mail/tmp/1700000000.M1.host                 not whole
/// mail/Trash   mail/Trash.sbd/Old   mail/Junk.mbox/mbox
/// ```
pub(super) struct MaildirPlace {
    /// The folder, where it is not the first.
    pub(super) folder: Option<String>,
    pub(super) left_out: Option<&'static str>,
}

impl MaildirPlace {
    pub(super) fn of(file: &str) -> Self {
        let mut parts = file.rsplit('/');
        let (name, part, folder) = (parts.next().unwrap_or(file), parts.next(), parts.next());
        let is_maildir = matches!(part, Some("cur" | "new" | "tmp"));
        let folder = folder.filter(|_| is_maildir).and_then(|folder| folder.strip_prefix('.')).map(str::to_owned);
        let flags = name.rsplit_once("2,").filter(|(before, flags)| {
            before.ends_with([':', ';', '!', '-']) && flags.bytes().all(|byte| byte.is_ascii_alphabetic())
        });
        let has = |flag: char| flags.is_some_and(|(_, flags)| flags.contains(flag));
        // People may call a folder of mails so; programs begin such names with a time.
        let is_unique =
            name.split('.').next().is_some_and(|time| time.len() > 8 && time.bytes().all(|byte| byte.is_ascii_digit()));
        let folders = path_in_source(file);
        let of_folder = || {
            // A message by itself may be called anything; a file of many has no end, or that of such files.
            let named = folders.rsplit_once('/').map_or("", |(folders, _)| folders);
            let is_named = !name.contains('.') || ends_as_mailbox(name);
            named.split('/').chain(is_named.then_some(name)).find_map(left_out_of)
        };
        let left_out = match () {
            () if has('T') => Some(DELETED),
            () if has('D') => Some(DRAFT),
            () if part == Some("tmp") && is_unique => Some(PARTIAL),
            () => of_folder(),
        };
        Self { folder, left_out }
    }
}

/// Whether a file or a folder is called as programs call one of many messages.
fn ends_as_mailbox(name: &str) -> bool {
    let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
    matches!(end.as_deref(), Some("mbox" | "mbx" | "sbd" | "mbs"))
}

/// Why what is in a file or a folder of this name is left out. Maildirs write folders within each other as one name with dots.
fn left_out_of(name: &str) -> Option<&'static str> {
    let name = if ends_as_mailbox(name) { name.rsplit_once('.').map_or(name, |(stem, _)| stem) } else { name };
    let name = from_imap(name);
    match name.strip_prefix('.') {
        Some(nested) => nested.split('.').find_map(left_out),
        None => left_out(&name),
    }
}

/// A name that is written as IMAP writes letters beyond ASCII ([RFC 3501](https://www.rfc-editor.org/rfc/rfc3501), 5.1.3): UTF-16 as
/// base64, with a comma for the slash, between `&` and `-`. What is written otherwise stays.
fn from_imap(name: &str) -> Cow<'_, str> {
    if !name.contains('&') {
        return Cow::Borrowed(name);
    }
    let (mut text, mut rest) = (String::new(), name);
    while let Some((before, after)) = rest.split_once('&') {
        let Some((packed, behind)) = after.split_once('-') else { break };
        text.push_str(before);
        if packed.is_empty() {
            text.push('&');
        } else {
            let base64 = base64::engine::general_purpose::STANDARD_NO_PAD.decode(packed.replace(',', "/"));
            let Ok(bytes) = base64 else { return Cow::Borrowed(name) };
            let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
            text.push_str(&String::from_utf16_lossy(&units));
        }
        rest = behind;
    }
    Cow::Owned(text + rest)
}

/// Whether a header says that the message is one that Thunderbird saved before it was sent.
pub(super) fn is_unsent(bytes: &[u8]) -> bool {
    header_lines(bytes).any(|line| line.starts_with(b"X-Mozilla-Draft-Info:"))
}

fn header_lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').take(MAX_HEADER_LINES).take_while(|line| !line.trim_ascii().is_empty())
}

/// Whether a header says that the message is deleted.
pub(super) fn is_expunged(bytes: &[u8]) -> bool {
    let mut status = header_lines(bytes).filter_map(|line| line.strip_prefix(b"X-Mozilla-Status: "));
    let bits = status.next().and_then(|bits| u16::from_str_radix(std::str::from_utf8(bits).ok()?.trim(), 16).ok());
    bits.is_some_and(|bits| bits & EXPUNGED != 0)
}

/// Why a message of this label, or in this folder, is left out.
pub(super) fn left_out(name: &str) -> Option<&'static str> {
    let small = name.to_lowercase();
    LEFT_OUT.iter().find(|(label, _)| *label == small).map(|(_, reason)| *reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_deleted_says_so() {
        let check = |file: &str, expected| assert_eq!(MaildirPlace::of(file).left_out, expected, "{file}");
        check("mail/cur/1700000000.M1P2.host:2,ST", Some(DELETED));
        check("mail/cur/1700000000.M1P2.host;2,T", Some(DELETED));
        check("mail/cur/1700000000.M1P2.host:2,DS", Some(DRAFT));
        check("mail/cur/1700000000.M1P2.host:2,S", None);
        check("mail/new/1700000000.M1P2.host", None);
        check("mail/tmp/1700000000.M1P2.host", Some(PARTIAL));
        check("tmp/note.eml", None);
        check("mail/.Trash/cur/1700000000.M1P2.host:2,S", Some(DELETED));
        check("mail/.INBOX.Junk/new/1700000000.M1P2.host", Some(SPAM));
        check("mail/.Sent/new/1700000000.M1P2.host", None);
        check("mail/.INBOX.Trash.old/cur/1700000000.M1P2.host:2,S", Some(DELETED));
        check("mail/Trash/cur/1700000000.M1P2.host:2,S", Some(DELETED));
        check("mail/.&BBoEPgRABDcEOAQ9BDA-/cur/1700000000.M1P2.host:2,S", Some(DELETED));
        check("mail/Trash", Some(DELETED));
        check("mail/trash.MBOX", Some(DELETED));
        check("mail/Junk.mbox/mbox", Some(SPAM));
        check("mail/Drafts.sbd/2019", Some(DRAFT));
        check("Spam.mbox", Some(SPAM));
        check("mail/Entw\u{fc}rfe/1.eml", Some(DRAFT));
        check("Trash/Inbox", None);
        check("mail/All mail Including Spam and Trash.mbox", None);
        check("mail/draft.eml", None);
        check("mail/&x", None);
        check("Take 2,Today", None);
        check("in-2,Test.eml", None);
        assert_eq!(MaildirPlace::of("mail/.Sent/new/1700000000.M1P2.host").folder.as_deref(), Some("Sent"));
        assert_eq!(MaildirPlace::of("mail/.old/1.eml").folder, None);
        let check = |head: &str, expected| assert_eq!(is_expunged(head.as_bytes()), expected, "{head}");
        check("X-Mozilla-Status: 0009\r\nFrom: a\r\n\r\nb", true);
        check("From: a\nX-Mozilla-Status: 0001\n\nb", false);
        check("From: a\n\nX-Mozilla-Status: 0009\n", false);
        assert!(is_unsent(b"From: a\r\nX-Mozilla-Draft-Info: internal/draft; vcard=0\r\n\r\nb"));
        assert!(!is_unsent(b"From: a\n\nX-Mozilla-Draft-Info: x\n"));
    }
}
