//! Which method finds copies, how many of them, and how many that are none?
//!
//! `./build.sh bench duplicates POSTS.jsonl [--show]` compares, on the posts of a file of `fonds extract`'s form, `MinHash` as the
//! builder has it and `SimHash` of 64 bits with what an exact comparison of all pairs gives: texts of different channels whose
//! shingles have a Jaccard index of the builder's least at least. Texts whose words are the same count once, since neither
//! method is needed to find them. Precision is the share of found pairs that are pairs, recall that of pairs that are found. The
//! last line is of the groups that the builder makes: of posts, and of all pairs of posts in one. `--show` prints some pairs.
#![expect(clippy::print_stdout, reason = "prints what it measures")]
#![expect(clippy::disallowed_methods, reason = "reads its file and the clock")]
#![expect(clippy::indexing_slicing, reason = "numbers of posts are places in lists of as many")]

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Instant;

use fonds::builder::groups::{Groups, MIN_PERCENT, MIN_WORDS_NEAR, SHINGLE_LEN, WHOLE, likeness, shingles};
use fonds::record::Record;
use fonds::record_json::from_json;
use jiff::tz::TimeZone;

/// Bits in which two prints may differ.
const DISTANCES: [u32; 6] = [3, 6, 9, 12, 15, 18];

/// Pairs that `--show` prints.
const SHOWN: usize = 40;

type Pairs = HashSet<(u32, u32)>;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let path = args.first().expect("a file of posts is given");
    let text = std::fs::read_to_string(path).expect("the file can be read");
    let posts: Vec<Record> = text
        .lines()
        .map(|line| from_json(serde_json::from_str(line).expect("each line is a post"), &TimeZone::UTC))
        .collect();
    let sets: Vec<Vec<u64>> =
        posts.iter().map(|post| shingles(post.title.as_deref().unwrap_or_default(), &post.text)).collect();
    let rank = ranks(&posts);
    let read = |seq: u32| Ok(posts.get(seq as usize).cloned().unwrap_or_default());

    let start = Instant::now();
    let mut groups = Groups::default();
    posts.iter().for_each(|post| groups.add(post));
    let candidates = groups.pairs(&rank, 0, read).expect("posts are in memory");
    let took = start.elapsed();

    let start = Instant::now();
    let (alike, is_first) = exact(&posts, &sets, &rank);
    println!(
        "{} posts; {} pairs of different texts with an index of {MIN_PERCENT} % and more, in different channels ({:?})",
        posts.len(),
        alike.len(),
        start.elapsed()
    );
    let found: Pairs = candidates.iter().map(|pair| ordered(pair.first, pair.second)).collect();
    report("MinHash, bands alone", &found, &alike);
    let verified = candidates.iter().filter(|pair| pair.likeness >= MIN_PERCENT * (WHOLE / 100));
    report("MinHash, compared", &verified.map(|pair| ordered(pair.first, pair.second)).collect(), &alike);
    for (distance, found) in simhash(&posts, &sets, &is_first) {
        report(&format!("SimHash, {distance} bits"), &found, &alike);
    }
    println!("sketches and comparing {took:?}");
    report_groups(&posts, &sets, &rank, groups);
    if args.iter().any(|arg| arg == "--show") {
        show(&posts, &sets, &alike);
    }
}

fn ordered(a: u32, b: u32) -> (u32, u32) {
    (a.min(b), a.max(b))
}

fn ranks(posts: &[Record]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..posts.len() as u32).collect();
    let time = |seq: &u32| posts.get(*seq as usize).and_then(|post| post.date.as_ref()).map(|date| date.seconds);
    order.sort_by_key(|seq| (time(seq).is_none(), time(seq)));
    let mut ranks = vec![0; posts.len()];
    for (seq, place) in order.iter().zip(0..) {
        ranks[*seq as usize] = place;
    }
    ranks
}

fn channel(post: &Record) -> &str {
    post.channel.as_ref().or(post.author.as_ref()).unwrap_or(&post.source.file)
}

/// All pairs of texts that are alike, by counting the shingles that each has in common with every other; and which posts are the
/// first of their text.
fn exact(posts: &[Record], sets: &[Vec<u64>], rank: &[u32]) -> (Pairs, Vec<bool>) {
    let mut firsts: BTreeMap<&[u64], u32> = BTreeMap::new();
    for seq in 0..posts.len() as u32 {
        let first = firsts.entry(&sets[seq as usize]).or_insert(seq);
        if rank[seq as usize] < rank[*first as usize] {
            *first = seq;
        }
    }
    let is_first: Vec<bool> = (0..posts.len() as u32)
        .map(|seq| firsts.get(sets[seq as usize].as_slice()) == Some(&seq) && is_long(&sets[seq as usize]))
        .collect();
    let mut pairs = Pairs::new();
    each_pair(sets, |a, b, index| {
        let is_pair = is_first[a as usize] && is_first[b as usize];
        if is_pair && index >= MIN_PERCENT * (WHOLE / 100) && channel(&posts[a as usize]) != channel(&posts[b as usize])
        {
            pairs.insert(ordered(a, b));
        }
    });
    (pairs, is_first)
}

fn is_long(set: &[u64]) -> bool {
    set.len() + SHINGLE_LEN > MIN_WORDS_NEAR
}

/// Visits each pair of posts that have a shingle in common, with their likeness.
fn each_pair(sets: &[Vec<u64>], mut visit: impl FnMut(u32, u32, u32)) {
    let mut posts_with: HashMap<u64, Vec<u32>> = HashMap::new();
    for (set, seq) in sets.iter().zip(0u32..) {
        let mut common: HashMap<u32, u32> = HashMap::new();
        for shingle in set {
            let with = posts_with.entry(*shingle).or_default();
            with.iter().for_each(|other| *common.entry(*other).or_default() += 1);
            with.push(seq);
        }
        let mut common: Vec<(u32, u32)> = common.into_iter().collect();
        common.sort_unstable();
        for (other, count) in common {
            let all = (set.len() + sets[other as usize].len()) as u32 - count;
            visit(other, seq, (u64::from(count) * u64::from(WHOLE) / u64::from(all)) as u32);
        }
    }
}

/// Pairs whose prints differ in few bits, for each distance.
fn simhash(posts: &[Record], sets: &[Vec<u64>], is_first: &[bool]) -> Vec<(u32, Pairs)> {
    let prints: Vec<(u32, u64)> = (0..posts.len() as u32)
        .filter(|seq| is_first[*seq as usize])
        .map(|seq| (seq, simprint(&sets[seq as usize])))
        .collect();
    let mut found: Vec<(u32, Pairs)> = DISTANCES.iter().map(|distance| (*distance, Pairs::new())).collect();
    for (place, (a, print)) in prints.iter().enumerate() {
        for (b, other) in &prints[..place] {
            let distance = (print ^ other).count_ones();
            if distance <= DISTANCES[DISTANCES.len() - 1]
                && channel(&posts[*a as usize]) != channel(&posts[*b as usize])
            {
                found.iter_mut().filter(|(most, _)| distance <= *most).for_each(|(_, pairs)| {
                    pairs.insert(ordered(*a, *b));
                });
            }
        }
    }
    found
}

/// Charikar, "Similarity estimation techniques from rounding algorithms", 2002: each bit is what most shingles have there.
fn simprint(set: &[u64]) -> u64 {
    (0..64).fold(0, |print, bit| {
        let set_here = set.iter().filter(|shingle| **shingle >> bit & 1 == 1).count();
        print | u64::from(set_here * 2 > set.len()) << bit
    })
}

fn report(method: &str, found: &Pairs, alike: &Pairs) {
    let right = found.intersection(alike).count();
    println!(
        "{method}: {} found, precision {:.3}, recall {:.3}",
        found.len(),
        right as f64 / found.len().max(1) as f64,
        right as f64 / alike.len().max(1) as f64
    );
}

/// How the groups stand to all pairs of posts that are alike, in different channels.
fn report_groups(posts: &[Record], sets: &[Vec<u64>], rank: &[u32], groups: Groups) {
    let read = |seq: u32| Ok(posts.get(seq as usize).cloned().unwrap_or_default());
    let grouping = groups.finish(rank, read).expect("posts are in memory");
    let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for seq in 0..posts.len() as u32 {
        if let Some((first, _)) = grouping.of(seq) {
            members.entry(first).or_default().push(seq);
        }
    }
    let (mut together, mut like_together) = (0u64, 0u64);
    for group in members.values() {
        for (place, a) in group.iter().enumerate() {
            for b in group[..place].iter().filter(|b| channel(&posts[*a as usize]) != channel(&posts[**b as usize])) {
                together += 1;
                let index = likeness(&sets[*a as usize], &sets[*b as usize]);
                like_together += u64::from(index >= MIN_PERCENT * (WHOLE / 100));
            }
        }
    }
    let mut like = 0u64;
    each_pair(sets, |a, b, index| {
        let is_pair = is_long(&sets[a as usize]) && is_long(&sets[b as usize]);
        let is_apart = channel(&posts[a as usize]) != channel(&posts[b as usize]);
        like += u64::from(is_pair && is_apart && index >= MIN_PERCENT * (WHOLE / 100));
    });
    let num_grouped: usize = members.values().map(Vec::len).sum();
    println!(
        "groups: {} of {num_grouped} posts, {} folded; of {together} pairs of posts in one, in different channels, {like_together} are alike; of {like} such pairs of long texts",
        members.len(),
        num_grouped - members.len()
    );
}

fn show(posts: &[Record], sets: &[Vec<u64>], alike: &Pairs) {
    let mut pairs: Vec<_> =
        alike.iter().map(|(a, b)| (likeness(&sets[*a as usize], &sets[*b as usize]), *a, *b)).collect();
    pairs.sort_unstable();
    for (index, a, b) in pairs.iter().take(SHOWN) {
        println!("\n{:.2}", f64::from(*index) / f64::from(WHOLE));
        for seq in [a, b] {
            let post = &posts[*seq as usize];
            let text: String = post.text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect();
            println!("  {}: {text}", channel(post));
        }
    }
}
