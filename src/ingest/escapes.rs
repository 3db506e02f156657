//! The three characters that services write as HTML does, in texts that are none.

/// The text that is meant: X and Slack write `&amp;`, `&lt;` and `&gt;`, and nothing else, so.
pub(super) fn unescaped(text: &str) -> String {
    // The ampersand last: `&amp;lt;` is somebody's `&lt;`.
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_undone_once() {
        assert_eq!(unescaped("a &lt;b&gt; &amp;amp; &amp;lt; &quot;"), "a <b> &amp; &lt; &quot;");
    }
}
