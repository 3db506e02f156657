//! What notes of Obsidian keep from their readers, between two signs of percent: `%%to whom this is said%%`, on one line or over many.

/// What stands around a comment.
const SIGN: &str = "%%";

/// Longest code within a line of text, in bytes.
const MAX_CODE_LEN: usize = 4 << 10;

/// A text without its comments, and how many it had. What stands in code is code.
pub(super) fn without_comments(text: &str) -> (String, u64) {
    let mut out = String::with_capacity(text.len());
    let mut num_comments = 0;
    let mut rest = text;
    // The sign with which a block of code began.
    let mut fence: Option<&str> = None;
    while !rest.is_empty() {
        let is_line_start = out.is_empty() || out.ends_with('\n');
        if is_line_start && let Some(found) = fence_of(rest) {
            match fence {
                None => fence = Some(found),
                Some(open) if found.starts_with(open) => fence = None,
                Some(_) => {}
            }
        }
        if is_line_start && (fence.is_some() || fence_of(rest).is_some()) {
            rest = take(rest, rest.find('\n').map_or(rest.len(), |end| end + 1), &mut out);
            continue;
        }
        if let Some(len) = code_len(rest) {
            rest = take(rest, len, &mut out);
            continue;
        }
        if let Some(inner) = rest.strip_prefix(SIGN).filter(|_| !out.ends_with(|c: char| c.is_ascii_digit())) {
            let is_alone = is_line_start && inner.trim_start_matches([' ', '\t', '\r']).starts_with('\n');
            match inner.split_once(SIGN) {
                Some((_, behind)) => rest = behind,
                // On a line of its own it hides all that follows.
                None if is_alone => rest = "",
                None => {
                    rest = take(rest, SIGN.len(), &mut out);
                    continue;
                }
            }
            num_comments += 1;
            continue;
        }
        // On to where anything may begin that means something.
        let first = rest.chars().next().map_or(1, char::len_utf8);
        let len = rest.get(first..).and_then(|rest| rest.find(['%', '`', '\n'])).map_or(rest.len(), |at| first + at);
        let len = if rest.starts_with('\n') { 1 } else { len };
        rest = take(rest, len, &mut out);
    }
    (out, num_comments)
}

/// Moves the beginning of a text to `out`; gives the rest.
fn take<'a>(text: &'a str, len: usize, out: &mut String) -> &'a str {
    let (head, rest) = text.split_at_checked(len).unwrap_or((text, ""));
    out.push_str(head);
    rest
}

/// The sign with which the first line of a text begins or ends a block of code.
fn fence_of(text: &str) -> Option<&str> {
    let line = text.trim_start_matches(' ');
    let sign = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let len = line.len() - line.trim_start_matches(sign).len();
    line.get(..len).filter(|_| len >= 3)
}

/// The length of the code that begins here, its signs included; it ends within its paragraph.
fn code_len(text: &str) -> Option<usize> {
    let run = text.len() - text.trim_start_matches('`').len();
    if run == 0 {
        return None;
    }
    let near = text.get(..text.floor_char_boundary(run + MAX_CODE_LEN))?;
    let end = near.find("\n\n").unwrap_or(near.len());
    let mut at = run;
    while let Some(found) = text.get(at..end)?.find('`') {
        let start = at + found;
        let behind = text.get(start..end)?;
        let len = behind.len() - behind.trim_start_matches('`').len();
        at = start + len;
        if len == run {
            return Some(at);
        }
    }
    // Signs without their like are text.
    Some(run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_left_out_and_counted() {
        let check = |text: &str, expected: &str, count| {
            assert_eq!(without_comments(text), (expected.to_owned(), count), "{text}");
        };
        check("a %%b%% c", "a  c", 1);
        check("a\n%%\nb\n\nc\n%%\nd%%e%%", "a\n\nd", 2);
        check("a\n%%\nhidden to the end", "a\n", 1);
        check("a %% b", "a %% b", 0);
        check("50%% of 60%%", "50%% of 60%%", 0);
        check("`%%a%%` %%b%%", "`%%a%%` ", 1);
        check("```\n%%a%%\n```\n%%b%%\n~~~ py\n%%c%%\n", "```\n%%a%%\n```\n\n~~~ py\n%%c%%\n", 1);
        check("` %%a%%", "` ", 1);
        check("%", "%", 0);
        check("", "", 0);
    }

    #[test]
    fn no_text_panics_or_grows() {
        proptest::proptest!(|(text in "[%`~a1я\n ]{0,60}")| {
            let (out, _) = without_comments(&text);
            proptest::prop_assert!(out.len() <= text.len());
        });
    }
}
