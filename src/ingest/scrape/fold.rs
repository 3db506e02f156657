//! Finds posts that a scraper wrote twice.
//!
//! A known extractor emits each block of a page whole, and then the text after every line break in it once more. So a post of
//! several lines stands there as *A* *B*, where *B* lacks what no line break precedes: the first line, and quoted stretches.
//!
//! ```text
//! heading            ┐
//! first paragraph    │ A, the whole post
//! a quoted line      │
//! second paragraph   ┘
//! first paragraph    ┐ B, an ordered subsequence of A
//! second paragraph   ┘
//! ```
//!
//! A repetition counts only where all of *B* stands, in order, in *A*: folding never loses a line.

use std::collections::HashMap;
use std::ops::Range;

use super::Line;

/// What *B* must hold: two distinct lines with so many characters together …
const MIN_CHARS: usize = 60;
/// … or one line with so many. Less than that people repeat by themselves: cheers, rules, `Amen`.
const MIN_LINE_CHARS: usize = 40;

/// Lines of *B* per hundred of *A*. A repeated refrain is a smaller part of a longer text.
const MIN_PERCENT: usize = 30;

/// Lines of the longest *A*. A message of Telegram has at most 4096 characters, so at most half as many lines that are not
/// blank; what is longer is several posts. The limit also keeps the search linear in hostile texts.
const MAX_POST_LINES: usize = 2048;

/// How many places are tried as the start of *B*. A line that returns more often within a post is a rule or a bullet, and its
/// posts begin with something else.
const MAX_STARTS: usize = 8;

/// Multi-line blocks per hundred that must double, unless [`MIN_DOUBLED`] do, for a text to count as written twice.
const MIN_DOUBLED_PERCENT: usize = 60;
const MIN_DOUBLED: usize = 2;

/// Neighbouring lines of a segment, by their indexes: one post, or several that cannot be told apart.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Block {
    /// The post, or its first copy.
    pub(super) first: Range<usize>,
    /// Its second copy; empty where it has none.
    pub(super) second: Range<usize>,
}

impl Block {
    pub(super) fn undoubled(lines: Range<usize>) -> Self {
        Self { second: lines.end..lines.end, first: lines }
    }

    pub(super) fn is_doubled(&self) -> bool {
        !self.second.is_empty()
    }

    pub(super) fn num_lines(&self) -> usize {
        self.first.len() + self.second.len()
    }
}

/// Whether these blocks, which are all of a text, show that its scraper wrote posts twice; else what doubles is a refrain.
pub(super) fn is_doubling<'a>(blocks: impl IntoIterator<Item = &'a Block>) -> bool {
    let (mut doubled, mut multi_line) = (0, 0);
    for block in blocks {
        doubled += usize::from(block.is_doubled());
        multi_line += usize::from(block.num_lines() > 1);
    }
    doubled >= MIN_DOUBLED || doubled > 0 && doubled * 100 >= multi_line * MIN_DOUBLED_PERCENT
}

/// Divides a segment into blocks that cover it: the segment as one doubled post, else from left to right the longest ones that
/// begin at each line, and what is left between them.
pub(super) fn fold(lines: &[Line<'_>]) -> Vec<Block> {
    let segment = Segment::new(lines);
    if let Some(block) = segment.halves() {
        return vec![block];
    }
    let mut blocks = Vec::new();
    let (mut start, mut at) = (0, 0);
    while at < lines.len() {
        match segment.tandem_at(at) {
            Some(block) => {
                if start < at {
                    blocks.push(Block::undoubled(start..at));
                }
                at = block.second.end;
                start = at;
                blocks.push(block);
            }
            None => at += 1,
        }
    }
    if start < at {
        blocks.push(Block::undoubled(start..at));
    }
    blocks
}

/// Lines as numbers, equal where their texts are.
struct Segment {
    ids: Vec<usize>,
    /// Characters of each line.
    lens: Vec<usize>,
    /// Characters before each line, and of all.
    ends: Vec<usize>,
    /// By id, the indexes of its lines, ascending.
    places: Vec<Vec<usize>>,
}

impl Segment {
    fn new(lines: &[Line<'_>]) -> Self {
        let (mut ids_by_text, mut num_chars) = (HashMap::new(), 0);
        let mut segment = Self { ids: Vec::new(), lens: Vec::new(), ends: vec![0], places: Vec::new() };
        for (index, line) in lines.iter().enumerate() {
            let text = line.text.trim();
            let id = *ids_by_text.entry(text).or_insert(segment.places.len());
            if id == segment.places.len() {
                segment.places.push(Vec::new());
            }
            if let Some(places) = segment.places.get_mut(id) {
                places.push(index);
            }
            segment.ids.push(id);
            let len = text.chars().count();
            num_chars += len;
            segment.lens.push(len);
            segment.ends.push(num_chars);
        }
        segment
    }

    /// The segment as *A* *B* with the shortest *A* that is at least half of it.
    fn halves(&self) -> Option<Block> {
        let len = self.ids.len();
        // Where a tail is a subsequence of what stands before it, so is every shorter tail: halving finds the longest.
        let (mut low, mut high) = (len.div_ceil(2), len);
        while low < high {
            let middle = low.midpoint(high);
            if self.matched(0..middle, middle) == len - middle {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        let block = Block { first: 0..low, second: low..len };
        (low <= MAX_POST_LINES && self.is_copy(&block)).then_some(block)
    }

    /// The longest *A* *B* that begins at `start`, where *B* begins with the first or second line of *A*.
    fn tandem_at(&self, start: usize) -> Option<Block> {
        let (head, second) = (*self.ids.get(start)?, *self.ids.get(start + 1)?);
        // A post of one line has no line break, and so no copy.
        let nearest = start + 2;
        let starts = |id: usize| {
            let places = self.places.get(id).map_or(&[][..], Vec::as_slice);
            let from = places.partition_point(|place| *place < nearest);
            places.iter().copied().skip(from).take(MAX_STARTS).take_while(|place| place - start <= MAX_POST_LINES)
        };
        let starts = starts(head).chain(starts(second).filter(|_| head != second));
        let blocks = starts.filter(|middle| self.may_be_copied(start..*middle)).map(|middle| {
            let first = start..middle;
            let second = middle..middle + self.matched(first.clone(), middle);
            Block { first, second }
        });
        // Of equally long ones the last: its copies are the more alike.
        blocks.filter(|block| self.is_copy(block)).max_by_key(Block::num_lines)
    }

    /// How many lines from `start` on stand, in order, in `first`.
    fn matched(&self, first: Range<usize>, start: usize) -> usize {
        let mut next = first.start;
        let in_order = |id: &&usize| {
            let Some(places) = self.places.get(**id) else { return false };
            match places.get(places.partition_point(|place| *place < next)) {
                Some(place) if *place < first.end => {
                    next = place + 1;
                    true
                }
                _ => false,
            }
        };
        self.ids.iter().skip(start).take(first.len()).take_while(in_order).count()
    }

    /// Whether as many lines as `first` has could, after it, be long enough to be no chance. Spares a search in vain.
    fn may_be_copied(&self, first: Range<usize>) -> bool {
        let end = (first.end + first.len()).min(self.ids.len());
        match (self.ends.get(first.end), self.ends.get(end)) {
            (Some(before), Some(after)) => after - before >= MIN_LINE_CHARS.min(MIN_CHARS),
            _ => false,
        }
    }

    /// Whether the second part of a block is long enough to be no chance.
    fn is_copy(&self, block: &Block) -> bool {
        if block.second.len() * 100 < block.first.len() * MIN_PERCENT {
            return false;
        }
        let lens = self.lens.get(block.second.clone()).unwrap_or_default();
        let ids = self.ids.get(block.second.clone()).unwrap_or_default();
        let are_distinct = ids.iter().any(|id| Some(id) != ids.first());
        lens.iter().any(|len| *len >= MIN_LINE_CHARS) || are_distinct && lens.iter().sum::<usize>() >= MIN_CHARS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lower-case letters stand for lines of 40 characters, upper-case ones for short lines; blocks show as `first=second`.
    fn check(text: &str, expected: &str) {
        let long: Vec<String> =
            text.chars().map(|c| c.to_string().repeat(if c.is_lowercase() { 40 } else { 5 })).collect();
        let lines: Vec<_> = (1..).zip(&long).map(|(number, text)| Line { number, text }).collect();
        let show = |block: &Block| {
            let second = &text[block.second.clone()];
            text[block.first.clone()].to_owned() + if second.is_empty() { "" } else { "=" } + second
        };
        assert_eq!(fold(&lines).iter().map(show).collect::<Vec<_>>().join(" "), expected, "{text}");
    }

    #[test]
    fn one_doubled_post() {
        check("abcdbcd", "abcd=bcd");
        check("abcdeabcde", "abcde=abcde");
        check("abqcdbcd", "abqcd=bcd");
        check("abcab", "abc=ab");
        check("ab_cd_b_cd_", "ab_cd_=b_cd_");
        check("qrabcbc", "qrabc=bc");
    }

    #[test]
    fn neighbours_without_headers() {
        check("abcbcdefef", "abc=bc def=ef");
        check("xabcbcydefef", "x abc=bc y def=ef");
        check("abcbcx", "abc=bc x");
        check("xyz", "xyz");
    }

    #[test]
    fn chance_repeats_stay() {
        check("", "");
        check("a", "a");
        check("ABCABC", "ABCABC");
        check("ABAB", "ABAB");
        check("abcdefghb", "abcdefghb");
        check("abcb", "abc=b");
        check("abcdefb", "abcdefb");
    }

    #[test]
    fn a_text_must_double_as_a_rule() {
        let check = |doubled: usize, undoubled: usize, single: usize, expected| {
            let mut blocks = vec![Block { first: 0..2, second: 2..3 }; doubled];
            blocks.extend(vec![Block::undoubled(0..2); undoubled]);
            blocks.extend(vec![Block::undoubled(0..1); single]);
            assert_eq!(is_doubling(&blocks), expected, "{doubled} {undoubled} {single}");
        };
        check(0, 0, 0, false);
        check(0, 0, 5, false);
        check(1, 0, 9, true);
        check(1, 1, 0, false);
        check(2, 9, 0, true);
    }
}
