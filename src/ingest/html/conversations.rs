//! Pages of conversations that programs write: read as ordinary pages, all that is private in them would be one long post that anyone
//! may read. The same programs write what tells messages apart, and that is read.

/// A program whose pages are refused.
#[derive(Debug)]
pub(in crate::ingest) struct Exporter {
    /// What wrote the page, and what it is.
    pub(in crate::ingest) what: &'static str,
    /// What to do instead.
    pub(in crate::ingest) remedy: &'static str,
    /// Names of classes that its pages have, in their sheet or their elements.
    classes: &'static [&'static str],
    /// How many of them make it sure.
    min_classes: usize,
}

const EXPORTERS: [Exporter; 3] = [
    Exporter {
        what: "a page of a download from Facebook or Instagram, which has conversations and much else that is private",
        remedy: "ask there for the download as JSON, and name that",
        classes: &["uiBoxWhite", "_a6-g", "_a6-p", "_a72d", "_3-95", "_2lek", "_a706"],
        min_classes: 2,
    },
    Exporter {
        what: "a channel that DiscordChatExporter wrote as a page",
        remedy: "export it again as JSON (`--format Json`), and name that",
        classes: &["chatlog__message-group", "chatlog__message-container", "chatlog__message", "chatlog__messages"],
        min_classes: 2,
    },
    Exporter {
        what: "a room that Element wrote as a page",
        remedy: "export it again as JSON, and name that",
        classes: &["mx_Export_EventWrapper", "mx_EventTile", "mx_MessagePanel"],
        min_classes: 2,
    },
];

/// Which program wrote conversations into a page, where one did.
pub(in crate::ingest) fn exporter(html: &str) -> Option<&'static Exporter> {
    EXPORTERS.iter().find(|exporter| {
        let has = |class: &&&str| html.match_indices(**class).any(|(at, _)| is_class(html, at, class.len()));
        exporter.classes.iter().filter(has).count() >= exporter.min_classes
    })
}

/// Whether what stands here is a class by itself: in an attribute, or behind the point of a sheet.
fn is_class(html: &str, at: usize, len: usize) -> bool {
    let before = html.get(..at).and_then(|before| before.chars().next_back());
    let behind = html.get(at + len..).and_then(|behind| behind.chars().next());
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    before.is_some_and(|c| matches!(c, '.' | '"' | '\'' | '=' | ' ')) && !behind.is_some_and(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_known_by_their_classes() {
        let check = |html: &str, expected: Option<&str>| {
            let found = exporter(html).map(|exporter| exporter.what);
            assert_eq!(found.is_some(), expected.is_some(), "{html}");
            assert!(found.unwrap_or_default().contains(expected.unwrap_or_default()), "{html}");
        };
        check("<div class=\"pam _3-95 _2ph- _a6-g uiBoxWhite noborder\"><h2 class=\"_a6-h\">Marta", Some("Facebook"));
        check("<style>._3-95{margin:0}._a6-p{}</style>", Some("Facebook"));
        check("<div class=chatlog__message-group><div class=chatlog__message-container>", Some("DiscordChatExporter"));
        check("<li class=\"mx_EventTile\"></li><style>.mx_Export_EventWrapper:target{}", Some("Element"));
        check("<p>The classes chatlog__message-group and chatlog__messagesOfMine", None);
        check("<div class=\"message\">uiBoxWhite", None);
        check("", None);
    }
}
