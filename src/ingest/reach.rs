//! Chats that not everyone could read, as whoever builds is told of them: by name, and how much is in each. Nobody else is.

/// Chats that are named; of more their number is told.
const MAX_NAMED: usize = 40;

/// Names chats with what each holds: `` `pilots` (3), `tides` (2) and 7 more ``; nothing where there are none.
pub(super) fn named<'a>(chats: impl IntoIterator<Item = (&'a str, u64)>) -> Option<String> {
    let mut chats = chats.into_iter();
    let names: Vec<String> =
        chats.by_ref().take(MAX_NAMED).map(|(name, count)| format!("`{name}` ({count})")).collect();
    let more = match chats.count() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    (!names.is_empty()).then(|| names.join(", ") + &more)
}

/// What is said of chats that were left out, and how to get them.
pub(super) fn left_out(names: &str) -> String {
    format!("left out as private: {names}; `--chat` takes them by name or id, and then only chats that are named")
}

/// What is said of chats that were taken.
pub(super) fn taken(names: &str) -> String {
    format!("{names} are not public: whoever gets the archive can read them")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_chats_are_counted() {
        assert_eq!(named([]), None);
        assert_eq!(named([("a", 2), ("b", 1)]).as_deref(), Some("`a` (2), `b` (1)"));
        let many = named(std::iter::repeat_n(("a", 1), MAX_NAMED + 2)).unwrap();
        assert!(many.ends_with(", `a` (1) and 2 more"), "{many}");
    }
}
