//! What an attachment is, by its type or its name.

/// By a type such as `image/png`.
pub(super) fn kind_of_type(media_type: &str) -> &'static str {
    match media_type.split('/').next().unwrap_or_default() {
        "image" => "photo",
        "video" => "video",
        "audio" => "audio",
        _ => "file",
    }
}

/// By the end of a name, or of an address.
pub(super) fn kind_of_name(name: &str) -> &'static str {
    let path = name.split(['?', '#']).next().unwrap_or(name);
    let end = path.rsplit(['/', '.']).next().unwrap_or_default().to_ascii_lowercase();
    match &*end {
        "jpg" | "jpeg" | "png" | "gif" | "webp" | "heic" | "avif" | "bmp" | "svg" => "photo",
        "mp4" | "m4v" | "mov" | "webm" | "mkv" | "avi" | "ogv" => "video",
        "mp3" | "m4a" | "ogg" | "oga" | "opus" | "wav" | "flac" | "aac" => "audio",
        _ => "file",
    }
}

/// The last part of a path or an address.
pub(super) fn last_of(path: &str) -> &str {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}

/// An address of a file with what was written as `%20` and the like.
pub(crate) fn unescaped(address: &str) -> String {
    let mut bytes = Vec::with_capacity(address.len());
    let mut rest = address.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = tail.get(..2).filter(|_| *first == b'%').and_then(|code| std::str::from_utf8(code).ok());
        let byte = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { tail.get(2..).unwrap_or_default() } else { tail };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_types_tell() {
        assert_eq!((kind_of_type("image/png"), kind_of_type("text/html")), ("photo", "file"));
        assert_eq!((kind_of_name("a/B.JPG?x=1.mp4"), kind_of_name("https://a.example/jpg/x")), ("photo", "file"));
        assert_eq!(last_of("https://a.example/b/c.png?d=/e"), "c.png");
    }
}
