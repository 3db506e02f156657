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
