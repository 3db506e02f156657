//! Cuts a scraped text at the lines that are no prose: headers of forwarded posts, and stubs.

use super::Line;

/// Stands before the name of the channel that a post was forwarded from, and after it spaces, breaking or not.
const HEADER: &str = "Forwarded from";

/// First line of what the page shows in place of a post that only the app can show.
const STUB_NOTE: &str = "Please open Telegram to view this post";

/// The button below it.
const STUB_BUTTON: &str = "VIEW IN TELEGRAM";

/// The line that says where a post was forwarded from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Header<'a> {
    pub(super) line: u64,
    pub(super) name: &'a str,
}

/// What stands between two cuts.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Piece<'a> {
    /// A post that the page does not show; its first and last line.
    Stub { header: Option<Header<'a>>, first: u64, last: u64 },
    /// Lines of a forwarded post and whatever follows it; of any number of posts without a header.
    Segment { header: Option<Header<'a>>, lines: Vec<Line<'a>> },
    /// Lines of one post, as people say.
    Given { header: Option<Header<'a>>, lines: Vec<Line<'a>> },
}

impl<'a> Piece<'a> {
    /// Its lines of prose.
    pub(super) fn lines(&self) -> &[Line<'a>] {
        match self {
            Self::Stub { .. } => &[],
            Self::Segment { lines, .. } | Self::Given { lines, .. } => lines,
        }
    }
}

/// Whether `lines` hold a header or a whole stub.
pub(super) fn has_marks(lines: &[Line<'_>]) -> bool {
    let is_stub = |pair: &[Line<'_>]| match pair {
        [note, button] => note.text.starts_with(STUB_NOTE) && button.text.starts_with(STUB_BUTTON),
        _ => false,
    };
    lines.iter().any(|line| header_name(line.text).is_some()) || lines.windows(2).any(is_stub)
}

/// Cuts `lines`, which are not blank, into pieces.
pub(super) fn cut<'a>(lines: &[Line<'a>]) -> Vec<Piece<'a>> {
    let mut cutter = Cutter::default();
    let mut lines = lines.iter().copied().peekable();
    while let Some(line) = lines.next() {
        let mut rest = Some(line);
        while let Some(line) = rest.take() {
            if let Some(name) = header_name(line.text) {
                cutter.end_segment();
                cutter.header = Some(Header { line: line.number, name });
            } else if let Some(tail) = line.text.strip_prefix(STUB_NOTE) {
                // The button stands on the next line, or the scraper ran it into this one.
                let button = lines.next_if(|next| tail.trim().is_empty() && next.text.starts_with(STUB_BUTTON));
                let last = button.map_or(Line { text: tail, ..line }, |button| button);
                cutter.stub(line.number, last.number);
                let tail = last.text.trim_start();
                let tail = tail.strip_prefix(STUB_BUTTON).unwrap_or(tail).trim_start();
                rest = (!tail.is_empty()).then_some(Line { text: tail, ..last });
            } else {
                cutter.lines.push(line);
            }
        }
    }
    cutter.end_segment();
    cutter.pieces
}

/// The post that people say these lines are; none where they are all blank.
pub(super) fn given<'a>(lines: &[Line<'a>]) -> Option<Piece<'a>> {
    let (first, rest) = lines.split_first()?;
    Some(match header_name(first.text) {
        Some(name) => Piece::Given { header: Some(Header { line: first.number, name }), lines: rest.to_vec() },
        None => Piece::Given { header: None, lines: lines.to_vec() },
    })
}

/// The pieces so far, and the segment that is still open.
#[derive(Default)]
struct Cutter<'a> {
    pieces: Vec<Piece<'a>>,
    header: Option<Header<'a>>,
    lines: Vec<Line<'a>>,
}

impl Cutter<'_> {
    fn end_segment(&mut self) {
        let header = self.header.take();
        let lines = std::mem::take(&mut self.lines);
        if header.is_some() || !lines.is_empty() {
            self.pieces.push(Piece::Segment { header, lines });
        }
    }

    /// Adds a stub. A header right before it is its own.
    fn stub(&mut self, first: u64, last: u64) {
        if !self.lines.is_empty() {
            self.end_segment();
        }
        let header = self.header.take();
        self.pieces.push(Piece::Stub { header, first, last });
    }
}

/// The name in a header: `^Forwarded from[ \u{a0}]+(.+)$`.
fn header_name(line: &str) -> Option<&str> {
    let rest = line.strip_prefix(HEADER)?;
    let name = rest.trim_start_matches([' ', '\u{a0}']);
    (name.len() < rest.len() && !name.is_empty()).then(|| name.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shows pieces as `NAME: line | line` and `[first-last]`.
    fn check(text: &str, expected: &[&str]) {
        let lines: Vec<_> = (1..).zip(text.lines()).map(|(number, text)| Line { number, text }).collect();
        let show = |piece: &Piece<'_>| {
            let (header, body) = match piece {
                Piece::Stub { header, first, last } => (header, format!("[{first}-{last}]")),
                Piece::Segment { header, lines } | Piece::Given { header, lines } => {
                    (header, lines.iter().map(|line| line.text).collect::<Vec<_>>().join(" | "))
                }
            };
            header.map_or(String::new(), |header| format!("{}: ", header.name)) + &body
        };
        assert_eq!(cut(&lines).iter().map(show).collect::<Vec<_>>(), expected, "{text:?}");
    }

    #[test]
    fn cuts_at_headers() {
        check("Forwarded from A\na\nb\nForwarded from B C \nc", &["A: a | b", "B C: c"]);
        check("x\nForwarded from\u{a0} A\na", &["x", "A: a"]);
        check(
            "Forwarded from\na\nforwarded from A\nForwarded fromA",
            &["Forwarded from | a | forwarded from A | Forwarded fromA"],
        );
        check("Forwarded from A\nForwarded from B\nb", &["A: ", "B: b"]);
        check("", &[]);
    }

    #[test]
    fn cuts_stubs() {
        let note = STUB_NOTE;
        check(&format!("a\n{note}\nVIEW IN TELEGRAM\nb"), &["a", "[2-3]", "b"]);
        check(&format!("{note}\nVIEW IN TELEGRAMSecond\nb"), &["[1-2]", "Second | b"]);
        check(&format!("{note}VIEW IN TELEGRAM Second\nb"), &["[1-1]", "Second | b"]);
        check(&format!("{note}\nVIEW IN TELEGRAMForwarded from A\nb"), &["[1-2]", "A: b"]);
        check(&format!("{note}\n{note}\nVIEW IN TELEGRAM{note}"), &["[1-1]", "[2-3]", "[3-3]"]);
        check(&format!("Forwarded from A\n{note}\nVIEW IN TELEGRAM"), &["A: [2-3]"]);
        check("VIEW IN TELEGRAM\na", &["VIEW IN TELEGRAM | a"]);
    }
}
