//! What the app itself writes into a chat, in the languages of which its words are known. Whatever else stands in angles or brackets
//! somebody typed, and it is text.

/// Instead of a file, in angles: Android.
const LEFT_OUT: [&str; 26] = [
    "media omitted",
    "medien ausgeschlossen",
    "multimedia omitido",
    "archivo omitido",
    "mídia oculta",
    "arquivo de mídia oculto",
    "ficheiro não revelado",
    "médias omis",
    "fichier omis",
    "media omessi",
    "media omesso",
    "media weggelaten",
    "без медиафайлов",
    "медіа пропущено",
    "pominięto multimedia",
    "medya dahil edilmedi",
    "media tidak disertakan",
    "media har utelämnats",
    "medier udeladt",
    "medier utelatt",
    "省略多媒体文件",
    "省略多媒體檔案",
    "メディアは含まれていません",
    "미디어 파일 생략됨",
    "המדיה לא נכללה",
    "تم استبعاد الوسائط",
];

/// Behind the name of a file, in brackets: Android.
const ATTACHED: [&str; 24] = [
    "file attached",
    "datei angehängt",
    "archivo adjunto",
    "arquivo anexado",
    "ficheiro anexado",
    "fichier joint",
    "file allegato",
    "bestand bijgevoegd",
    "файл добавлен",
    "файл додано",
    "plik załączony",
    "załączono plik",
    "dosya ekli",
    "file terlampir",
    "fil bifogad",
    "fil vedhæftet",
    "fil vedlagt",
    "soubor byl přiložen",
    "fájl csatolva",
    "文件附件",
    "檔案附件",
    "添付ファイル",
    "파일 첨부됨",
    "קובץ מצורף",
];

/// Before the name of a file, with a colon: iOS.
const NAMED: [&str; 14] = [
    "attached",
    "anhang",
    "adjunto",
    "anexado",
    "pièce jointe",
    "allegato",
    "bijgevoegd",
    "прикреплено",
    "вложение",
    "bifogad",
    "附件",
    "添付ファイル",
    "첨부됨",
    "مُرفق",
];

/// Instead of a file, by what it is: iOS.
const KINDS: [(&str, &str); 22] = [
    ("image", "photo"),
    ("bild", "photo"),
    ("imagen", "photo"),
    ("imagem", "photo"),
    ("immagine", "photo"),
    ("afbeelding", "photo"),
    ("изображение", "photo"),
    ("video", "video"),
    ("vídeo", "video"),
    ("vidéo", "video"),
    ("видео", "video"),
    ("gif", "video"),
    ("audio", "voice"),
    ("áudio", "voice"),
    ("аудиофайл", "voice"),
    ("sticker", "sticker"),
    ("figurinha", "sticker"),
    ("document", "file"),
    ("dokument", "file"),
    ("documento", "file"),
    ("contact card", "contact"),
    ("kontaktkarte", "contact"),
];

/// What is said of it there.
const OMITTED: [&str; 14] = [
    "omitted",
    "weggelassen",
    "ausgelassen",
    "omitida",
    "omitido",
    "ocultada",
    "ocultado",
    "absente",
    "omis",
    "manquant",
    "omessa",
    "omesso",
    "weggelaten",
    "отсутствует",
];

/// Behind a text that was changed, in angles.
const EDITED: [&str; 10] = [
    "this message was edited",
    "diese nachricht wurde bearbeitet",
    "se editó este mensaje",
    "mensagem editada",
    "esta mensagem foi editada",
    "ce message a été modifié",
    "questo messaggio è stato modificato",
    "dit bericht is bewerkt",
    "сообщение изменено",
    "данное сообщение изменено",
];

/// Whether this stands in angles for a file.
pub(super) fn is_left_out(words: &str) -> bool {
    is_one_of(&LEFT_OUT, words)
}

/// Whether this says, behind a name, that it is a file.
pub(super) fn is_attached(words: &str) -> bool {
    is_one_of(&ATTACHED, words)
}

/// Whether this says, before a name, that it is a file.
pub(super) fn is_named(words: &str) -> bool {
    is_one_of(&NAMED, words)
}

/// Whether this says that a message was changed.
pub(super) fn is_edited(words: &str) -> bool {
    is_one_of(&EDITED, words.trim_end_matches('.'))
}

/// What a line says that a file was which is left out.
pub(super) fn kind_left_out(line: &str) -> Option<&'static str> {
    let (kind, omitted) = line.rsplit_once(' ')?;
    let kind = kind.to_lowercase();
    let (_, kind) = KINDS.iter().find(|(known, _)| *known == kind)?;
    is_one_of(&OMITTED, omitted).then_some(kind)
}

/// Whether a file is called as the app calls those that it writes: `IMG-20240115-WA0001.jpg`, `00000012-PHOTO-2024-01-15.jpg`.
pub(super) fn is_apps_name(name: &str) -> bool {
    let mut parts = name.splitn(3, '-');
    let (first, second) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let third = parts.next().unwrap_or_default();
    let is_number = |part: &str, len: usize| part.len() == len && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_kind = |part: &str| part.len() >= 3 && part.bytes().all(|byte| byte.is_ascii_uppercase());
    is_number(first, 8) && is_kind(second) || is_kind(first) && is_number(second, 8) && third.starts_with("WA")
}

fn is_one_of(known: &[&str], words: &str) -> bool {
    let words = words.trim().to_lowercase();
    known.contains(&words.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_the_names_that_the_app_gives() {
        for name in ["IMG-20240115-WA0001.jpg", "STK-20240115-WA0002.webp", "00000012-PHOTO-2024-01-15.jpg"] {
            assert!(is_apps_name(name), "{name}");
        }
        for name in ["report.pdf", "IMG-2024.jpg", "DSC-20240115-1.jpg", "2024-01-15.jpg", "0000001-PHOTO.jpg", ""] {
            assert!(!is_apps_name(name), "{name}");
        }
    }
}
