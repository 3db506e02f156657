//! Which posts say the same: the same text in several channels, or nearly the same.
//!
//! ```text
//! add     each text, from the second channel on → its words → a digest of all of them, and the keys of its bands
//! finish  the texts before the second channel, read again → the same
//!         equal digests, equal origins ─► classes ─► classes with a band in common ─► their texts, read again, compared
//! ```
//!
//! Posts that have the same words, or were forwarded from the same post, are of one class. A group has a first post, the
//! earliest, and the classes of which a post is in another channel than that and like it: the sets of their shingles, runs of
//! [`SHINGLE_LEN`] words, have a Jaccard index of [`MIN_PERCENT`] per cent at least. Such likeness is not handed on from class
//! to class, so that a group does not wander. What stands in one channel alone is no group: forms that a channel fills in every day are much alike, and are no copies.
//!
//! Which texts are compared follows from `MinHash`: the least of a shingle's hashes is the same for two sets as often as their
//! Jaccard index says, so that bands of several such numbers agree for texts that are alike and hardly for others. Broder, "On
//! the resemblance and containment of documents", 1997; for the bands Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets",
//! chapter 3. docs/BENCHMARKS.md has what it finds of all there is to find, beside `SimHash`.
//!
//! What it holds of each post is some hundred bytes, of those of one channel alone four, and what it does with a post is bounded
//! by `MAX_COMPARED`. Nothing depends
//! on the order in which posts come, but for those of the same moment and the same name.
//!
//! *Useful for* telling copies from posts. *Not useful for* merging records of the same post: that is `gather`.

use std::collections::HashMap;
use std::rc::Rc;

use sha2::{Digest as _, Sha256};

use crate::error::Result;
use crate::record::Record;
use crate::text::fold::fold_char;
use crate::text::script::{Class, class};

/// Words of a shingle.
pub const SHINGLE_LEN: usize = 3;

/// Least Jaccard index of two texts that are nearly the same, in per cent.
pub const MIN_PERCENT: u32 = 50;

/// Words that a text has at least to be found again as it is. Shorter ones are said by many who know nothing of each other.
const MIN_WORDS: usize = 4;

/// Words that a text has at least to be compared with others: of few shingles one more or less is a large part.
pub const MIN_WORDS_NEAR: usize = 8;

/// Numbers of a band, and bands. Texts whose index is 0.5 have a band in common in 982 cases of 1,000, those of 0.6 in 9,993 of
/// 10,000: 1 − (1 − indexʳᵒʷˢ)ᵇᵃⁿᵈˢ.
const ROWS: usize = 3;
const BANDS: usize = 30;

/// Texts with a band in common that one is compared with in that band: so many of the earliest, and so many before it.
const MAX_BESIDE: usize = 16;

/// Texts that one is compared with at most, in all bands.
const MAX_COMPARED: u16 = 256;

/// Shingles that are kept for the next comparison: 32 MB.
const MAX_KEPT: usize = 4 << 20;

/// Likeness of equal sets.
pub const WHOLE: u32 = 10_000;

/// What tells a whole text, or where it comes from.
type Print = [u8; 16];

/// No text to speak of, or no known origin.
const NONE: Print = [0; 16];

/// Collects what is needed of each record to tell copies.
#[derive(Debug, Default)]
pub struct Groups {
    /// Channel → number in order of appearance.
    channels: HashMap<String, u32>,
    channel_of: Vec<u32>,
    /// Records that came before there was a second channel, of which nothing else is known yet.
    num_alone: u32,
    /// Digest of the words of each record.
    words_of: Vec<Print>,
    /// Digest of the address of the post that it was forwarded from, with true, or of its own address.
    origin_of: Vec<(Print, bool)>,
    /// Records whose text is long enough to be compared, and the keys of their bands, one record behind the other.
    sketched: Vec<u32>,
    keys: Vec<u32>,
}

/// The groups that were found.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Grouping {
    /// For each record as it came, 1 more than the number of its group; 0 for none.
    group_of: Vec<u32>,
    /// The first record of each group and how many there are.
    groups: Vec<(u32, u32)>,
}

/// Two posts whose texts are alike, as numbers in the order in which they came.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Pair {
    /// The earlier one.
    pub first: u32,
    /// The other.
    pub second: u32,
    /// Jaccard index of their shingles, times [`WHOLE`].
    pub likeness: u32,
}

impl Grouping {
    /// The first record of a record's group, and how many are in it.
    #[must_use]
    pub fn of(&self, seq: u32) -> Option<(u32, u32)> {
        let group = self.group_of.get(seq as usize)?.checked_sub(1)?;
        self.groups.get(group as usize).copied()
    }

    /// The groups of some records alone, which have their places among these; what else is in a group counts no more.
    pub(super) fn among(&self, seqs: &[u32]) -> Self {
        let mut numbers: HashMap<u32, u32> = HashMap::new();
        let mut found = Self { group_of: Vec::with_capacity(seqs.len()), groups: Vec::new() };
        for (seq, place) in seqs.iter().zip(0u32..) {
            let number = match self.group_of.get(*seq as usize) {
                None | Some(0) => 0,
                Some(group) => *numbers.entry(*group).or_insert_with(|| {
                    found.groups.push((place, 0));
                    found.groups.len() as u32
                }),
            };
            found.group_of.push(number);
            let group = number.checked_sub(1).and_then(|group| found.groups.get_mut(group as usize));
            let Some((first, len)) = group else { continue };
            *len += 1;
            // The earliest, wherever it stands among these.
            if self.of(*seq).is_some_and(|(earliest, _)| earliest == *seq) {
                *first = place;
            }
        }
        found
    }
}

impl Groups {
    /// Adds the next record.
    pub fn add(&mut self, record: &Record) {
        let channel = record.channel.as_ref().or(record.author.as_ref()).unwrap_or(&record.source.file);
        let next = self.channels.len() as u32;
        let number = self.channels.get(channel).copied().unwrap_or_else(|| {
            self.channels.insert(channel.clone(), next);
            next
        });
        self.channel_of.push(number);
        if self.channels.len() < 2 {
            self.num_alone += 1;
        } else {
            self.sketch(self.channel_of.len() - 1, record);
        }
    }

    /// Notes of a record what tells copies.
    fn sketch(&mut self, seq: usize, record: &Record) {
        let num_records = self.channel_of.len();
        self.words_of.resize(num_records, NONE);
        self.origin_of.resize(num_records, (NONE, false));
        let words = words(record.title.as_deref().unwrap_or_default(), &record.text);
        if words.len() >= MIN_WORDS
            && let Some(slot) = self.words_of.get_mut(seq)
        {
            *slot = print(words.iter().map(|word| word.to_le_bytes()));
        }
        if let Some((url, is_forward)) = origin(record)
            && let Some(slot) = self.origin_of.get_mut(seq)
        {
            *slot = (print([url.as_bytes()]), is_forward);
        }
        if words.len() >= MIN_WORDS_NEAR {
            self.sketched.push(seq as u32);
            self.keys.extend(band_keys(&shingles_of(&words)));
        }
    }

    /// The same of those that came before there was a second channel. Most archives have no second one, and of them nothing is noted.
    fn sketch_rest(&mut self, read: &impl Fn(u32) -> Result<Record>) -> Result<()> {
        if self.channels.len() < 2 {
            return Ok(());
        }
        for seq in 0..std::mem::take(&mut self.num_alone) {
            self.sketch(seq as usize, &read(seq)?);
        }
        Ok(())
    }

    /// Finds the groups. `rank` has the place of each record in the order of time, all of them different, and `read` reads a
    /// record again.
    ///
    /// # Errors
    /// A record cannot be read again.
    pub fn finish(mut self, rank: &[u32], read: impl Fn(u32) -> Result<Record>) -> Result<Grouping> {
        if self.channels.len() < 2 {
            return Ok(Grouping::default());
        }
        let pairs = self.pairs(rank, MIN_PERCENT, read)?;
        Ok(self.group(rank, &pairs))
    }

    /// Pairs of texts in different channels that are alike by so many per cent; of records whose words are the same the earliest
    /// stands for all.
    ///
    /// # Errors
    /// A record cannot be read again.
    pub fn pairs(&mut self, rank: &[u32], min_percent: u32, read: impl Fn(u32) -> Result<Record>) -> Result<Vec<Pair>> {
        self.sketch_rest(&read)?;
        let standing = self.standing(rank);
        let least = min_percent * (WHOLE / 100);
        let mut texts = Texts { read, least, kept: HashMap::new(), num_kept: 0 };
        let mut num_compared = vec![0u16; self.sketched.len()];
        let mut pairs = Vec::new();
        for band in 0..BANDS {
            let mut bucketed: Vec<(u32, u32, usize)> =
                standing.iter().map(|(rank, place)| (self.key(*place, band), *rank, *place)).collect();
            bucketed.sort_unstable();
            for bucket in bucketed.chunk_by(|a, b| a.0 == b.0).filter(|bucket| bucket.len() > 1) {
                self.compare(bucket, band, &mut num_compared, &mut texts, &mut pairs)?;
            }
        }
        pairs.sort_unstable();
        Ok(pairs)
    }

    /// Compares the texts that have a band in common.
    fn compare(
        &self,
        bucket: &[(u32, u32, usize)],
        band: usize,
        num_compared: &mut [u16],
        texts: &mut Texts<impl Fn(u32) -> Result<Record>>,
        pairs: &mut Vec<Pair>,
    ) -> Result<()> {
        let seq_of = |place: usize| self.sketched.get(place).copied().unwrap_or_default();
        let channel_of = |place: usize| self.channel_of.get(seq_of(place) as usize);
        for (later, (.., place)) in bucket.iter().enumerate().skip(1) {
            let near = later.saturating_sub(MAX_BESIDE).max(MAX_BESIDE.min(later));
            for (.., other) in
                bucket.iter().take(MAX_BESIDE.min(later)).chain(bucket.get(near..later).unwrap_or_default())
            {
                // Pairs that met in an earlier band have been compared.
                let is_known = (0..band).any(|band| self.key(*place, band) == self.key(*other, band));
                let is_at_home = channel_of(*place) == channel_of(*other);
                let Some(count) = num_compared.get_mut(*place).filter(|count| **count < MAX_COMPARED) else { break };
                if is_known || is_at_home {
                    continue;
                }
                *count += 1;
                let (first, second) = (seq_of(*other), seq_of(*place));
                let likeness = likeness(&texts.shingles(first)?, &texts.shingles(second)?);
                if likeness >= texts.least {
                    pairs.push(Pair { first, second, likeness });
                }
            }
        }
        Ok(())
    }

    /// The earliest record of each text that is compared: its rank, and its place among the sketched.
    fn standing(&self, rank: &[u32]) -> Vec<(u32, usize)> {
        let rank_of = |seq: u32| rank.get(seq as usize).copied().unwrap_or_default();
        let words_of = |place: usize| self.sketched.get(place).and_then(|seq| self.words_of.get(*seq as usize));
        let mut places: Vec<(u32, usize)> = self.sketched.iter().map(|seq| rank_of(*seq)).zip(0..).collect();
        places.sort_unstable_by(|a, b| words_of(a.1).cmp(&words_of(b.1)).then(a.cmp(b)));
        let texts = places.chunk_by(|a, b| words_of(a.1) == words_of(b.1));
        let mut standing: Vec<_> = texts.filter_map(|same| same.first().copied()).collect();
        standing.sort_unstable();
        standing
    }

    /// The key of a band of a sketched record.
    fn key(&self, place: usize, band: usize) -> u32 {
        self.keys.get(place * BANDS + band).copied().unwrap_or_default()
    }

    /// Groups of records by their words, origins and likeness.
    fn group(&self, rank: &[u32], pairs: &[Pair]) -> Grouping {
        let num_records = self.channel_of.len();
        let rank_of = |seq: u32| rank.get(seq as usize).copied().unwrap_or_default();
        let mut by_rank: Vec<u32> = (0..num_records as u32).collect();
        by_rank.sort_unstable_by_key(|seq| rank_of(*seq));
        let mut classes = Classes::new(num_records, rank);
        self.join_same_words(&by_rank, &mut classes);
        self.join_same_origins(&mut classes);
        // Of each class the best of the earlier ones that it may join.
        let mut edges: Vec<(u32, std::cmp::Reverse<u32>, u32)> = pairs
            .iter()
            .map(|pair| (classes.first(pair.first), classes.first(pair.second), pair.likeness))
            .filter(|(a, b, _)| a != b)
            .map(|(a, b, likeness)| {
                let (earlier, later) = if rank_of(a) < rank_of(b) { (a, b) } else { (b, a) };
                (rank_of(later), std::cmp::Reverse(likeness), rank_of(earlier))
            })
            .collect();
        edges.sort_unstable();
        // A class that has joined another takes in none itself.
        let mut leader_of: Vec<u32> = by_rank.iter().map(|seq| rank_of(classes.first(*seq))).collect();
        for edges in edges.chunk_by(|a, b| a.0 == b.0) {
            let is_free = |rank: u32| leader_of.get(rank as usize) == Some(&rank);
            let best = edges.iter().find(|(.., earlier)| is_free(*earlier));
            if let Some((later, _, earlier)) = best
                && let Some(leader) = leader_of.get_mut(*later as usize)
            {
                *leader = *earlier;
            }
        }
        let leader = |rank: u32| leader_of.get(rank as usize).copied().unwrap_or(rank);
        // From a record to the first of its class, and from that to the first of its group.
        let group_of_rank: Vec<u32> = (0..num_records as u32).map(|rank| leader(leader(rank))).collect();
        self.number(&by_rank, &group_of_rank)
    }

    fn join_same_words(&self, by_rank: &[u32], classes: &mut Classes<'_>) {
        let words_of = |seq: &u32| self.words_of.get(*seq as usize);
        let mut said: Vec<u32> =
            by_rank.iter().copied().filter(|seq| words_of(seq).is_some_and(|words| *words != NONE)).collect();
        said.sort_by_key(words_of);
        said.chunk_by(|a, b| words_of(a) == words_of(b)).for_each(|same| classes.join_all(same));
    }

    /// Joins what was forwarded from one post, and that post. Where several records have its address, as all posts of a page or
    /// a thread may, none is known to be it.
    fn join_same_origins(&self, classes: &mut Classes<'_>) {
        let known = self.origin_of.iter().zip(0u32..).filter(|((origin, _), _)| *origin != NONE);
        let mut known: Vec<(Print, bool, u32)> =
            known.map(|((origin, is_forward), seq)| (*origin, *is_forward, seq)).collect();
        known.sort_unstable();
        for same in known.chunk_by(|a, b| a.0 == b.0) {
            let (own, forwards) = same.split_at(same.partition_point(|(_, is_forward, _)| !is_forward));
            let own = if own.len() == 1 && !forwards.is_empty() { own } else { &[] };
            let seqs: Vec<u32> = own.iter().chain(forwards).map(|(.., seq)| *seq).collect();
            classes.join_all(&seqs);
        }
    }

    /// Numbers the groups that are in several channels.
    fn number(&self, by_rank: &[u32], group_of_rank: &[u32]) -> Grouping {
        let channel_of = |seq: u32| self.channel_of.get(seq as usize).copied();
        // Of each first record: its channel, how many follow it, and whether one of them is elsewhere.
        let mut sizes: Vec<(u32, bool)> = vec![(0, false); by_rank.len()];
        for (seq, first) in by_rank.iter().zip(group_of_rank) {
            let home = by_rank.get(*first as usize).and_then(|first| channel_of(*first));
            if let Some((size, is_spread)) = sizes.get_mut(*first as usize) {
                *size += 1;
                *is_spread |= channel_of(*seq) != home;
            }
        }
        let mut grouping = Grouping { group_of: vec![0; by_rank.len()], groups: Vec::new() };
        let mut numbers = vec![0u32; by_rank.len()];
        for (seq, first) in by_rank.iter().zip(group_of_rank) {
            let Some((size, true)) = sizes.get(*first as usize).copied() else { continue };
            let Some(number) = numbers.get_mut(*first as usize) else { continue };
            if *number == 0 {
                grouping.groups.push((by_rank.get(*first as usize).copied().unwrap_or(*seq), size));
                *number = grouping.groups.len() as u32;
            }
            if let Some(group) = grouping.group_of.get_mut(*seq as usize) {
                *group = *number;
            }
        }
        grouping
    }
}

/// Sets of records, each known by its earliest.
struct Classes<'a> {
    parents: Vec<u32>,
    rank: &'a [u32],
}

impl<'a> Classes<'a> {
    fn new(num_records: usize, rank: &'a [u32]) -> Self {
        Self { parents: (0..num_records as u32).collect(), rank }
    }

    fn first(&mut self, seq: u32) -> u32 {
        let mut at = seq;
        while let Some(parent) = self.parents.get(at as usize).copied().filter(|parent| *parent != at) {
            // Each step halves the way for the next who goes it.
            let above = self.parents.get(parent as usize).copied().unwrap_or(parent);
            if let Some(slot) = self.parents.get_mut(at as usize) {
                *slot = above;
            }
            at = above;
        }
        at
    }

    fn join_all(&mut self, seqs: &[u32]) {
        seqs.windows(2).for_each(|pair| {
            if let [a, b] = pair {
                self.join(*a, *b);
            }
        });
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.first(a), self.first(b));
        let rank = |seq: u32| self.rank.get(seq as usize).copied().unwrap_or_default();
        let (earlier, later) = if rank(a) < rank(b) { (a, b) } else { (b, a) };
        if let Some(parent) = self.parents.get_mut(later as usize) {
            *parent = earlier;
        }
    }
}

/// Texts as they are read again to be compared.
struct Texts<F> {
    read: F,
    /// Likeness that is wanted at least.
    least: u32,
    kept: HashMap<u32, Rc<Vec<u64>>>,
    num_kept: usize,
}

impl<F: Fn(u32) -> Result<Record>> Texts<F> {
    fn shingles(&mut self, seq: u32) -> Result<Rc<Vec<u64>>> {
        if let Some(shingles) = self.kept.get(&seq) {
            return Ok(Rc::clone(shingles));
        }
        let record = (self.read)(seq)?;
        let shingles = Rc::new(shingles(record.title.as_deref().unwrap_or_default(), &record.text));
        if self.num_kept + shingles.len() > MAX_KEPT {
            self.kept.clear();
            self.num_kept = 0;
        }
        self.num_kept += shingles.len();
        self.kept.insert(seq, Rc::clone(&shingles));
        Ok(shingles)
    }
}

/// The shingles of a text, as hashes, ascending.
#[must_use]
pub fn shingles(title: &str, text: &str) -> Vec<u64> {
    shingles_of(&words(title, text))
}

fn shingles_of(words: &[u64]) -> Vec<u64> {
    let mut shingles: Vec<u64> =
        words.windows(SHINGLE_LEN).map(|words| words.iter().fold(0, |hash, word| mixed(hash ^ *word))).collect();
    shingles.sort_unstable();
    shingles.dedup();
    shingles
}

/// Jaccard index of two ascending sets, times [`WHOLE`].
#[must_use]
pub fn likeness(a: &[u64], b: &[u64]) -> u32 {
    let (mut common, mut left, mut right) = (0u64, a.iter().peekable(), b.iter().peekable());
    while let (Some(x), Some(y)) = (left.peek(), right.peek()) {
        let order = x.cmp(y);
        common += u64::from(order.is_eq());
        if order.is_le() {
            left.next();
        }
        if order.is_ge() {
            right.next();
        }
    }
    let all = (a.len() + b.len()) as u64 - common;
    (common * u64::from(WHOLE)).checked_div(all).unwrap_or_default() as u32
}

/// Hashes of the words of a text: of what case, accents and punctuation leave. In scripts without spaces a character is a word.
/// Addresses are no words: a line of links below each post would make short posts alike, and one link with another tag would
/// make the same text another.
fn words(title: &str, text: &str) -> Vec<u64> {
    let (mut words, mut word) = (Vec::new(), String::new());
    let ends_piece = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '<' | '>' | '"' | '«' | '»');
    let pieces = title.split(ends_piece).chain(text.split(ends_piece));
    for piece in pieces.filter(|piece| !is_address(piece)) {
        for c in piece.chars().chain(['\n']) {
            let kind = class(c);
            if matches!(kind, Class::Separator | Class::Unspaced) && !word.is_empty() {
                words.push(hash(&word));
                word.clear();
            }
            match kind {
                Class::Word => fold_char(c, &mut word),
                Class::Unspaced => {
                    fold_char(c, &mut word);
                    words.push(hash(&word));
                    word.clear();
                }
                Class::Mark | Class::Separator => {}
            }
        }
    }
    words
}

fn is_address(piece: &str) -> bool {
    piece.contains("://") || piece.starts_with("t.me/") || piece.starts_with("www.")
}

/// The address of the post that a record was forwarded from, with true, or its own.
fn origin(record: &Record) -> Option<(&str, bool)> {
    let forwarded = record.forwarded_from.as_ref().and_then(|forward| forward.url.as_deref());
    let forwarded = forwarded.filter(|url| names_a_post(url)).map(|url| (url, true));
    let own = || record.url.as_deref().filter(|url| names_a_post(url)).map(|url| (url, false));
    let (url, is_forward) = forwarded.or_else(own)?;
    let url = url.split_once("://").map_or(url, |(_, rest)| rest).split(['?', '#']).next()?;
    Some((url.trim_end_matches('/'), is_forward))
}

/// Whether an address leads to one post and not to a channel: its last part is a number behind a name.
fn names_a_post(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let mut parts = path.rsplit('/');
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.next().is_some_and(is_number) && path.split_once("://").is_some_and(|(_, rest)| rest.split('/').count() > 2)
}

fn print<T: AsRef<[u8]>>(parts: impl IntoIterator<Item = T>) -> Print {
    let mut hasher = Sha256::new();
    parts.into_iter().for_each(|part| hasher.update(part));
    let digest: [u8; 32] = hasher.finalize().into();
    let mut print = NONE;
    print.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    print
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo), mixed.
fn hash(word: &str) -> u64 {
    mixed(
        word.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)),
    )
}

/// The last steps of `SplitMix64`: every bit of the result hangs on every bit of the number. Steele, Lea, Flood, "Fast
/// splittable pseudorandom number generators", 2014.
fn mixed(number: u64) -> u64 {
    let z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A key for each band of the `MinHash` of a set.
fn band_keys(shingles: &[u64]) -> [u32; BANDS] {
    let mut least = [u32::MAX; ROWS * BANDS];
    for shingle in shingles {
        // Two independent hashes give as many as are wanted (Kirsch, Mitzenmacher, "Less hashing, same performance", 2006).
        let (start, step) = (mixed(*shingle), mixed(!*shingle) | 1);
        let mut hash = start;
        for least in &mut least {
            hash = hash.wrapping_add(step);
            *least = (*least).min((hash >> 32) as u32);
        }
    }
    let mut keys = [0; BANDS];
    for (key, rows) in keys.iter_mut().zip(least.chunks(ROWS)) {
        *key = rows.iter().fold(0, |hash, row| mixed(hash ^ u64::from(*row))) as u32;
    }
    keys
}
