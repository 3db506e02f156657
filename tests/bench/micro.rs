//! How long do the parts of a search take? `./build.sh bench micro [PATTERN]`.
//!
//! The archive is made here, in memory: 20,000 posts of words that follow Zipf's law, from a fixed seed, so that the numbers of
//! two commits can be compared. Every block is loaded before anything is timed, but for `block`, which times just that.

use std::sync::OnceLock;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use fonds::builder::{BuildOptions, Builder};
use fonds::collector::Sort;
use fonds::record::Record;
use fonds::searcher::{Answer, Archive, SearchPage, SearchRequest};

/// Posts in the archive, and words in each.
const POSTS: u32 = 20_000;
const WORDS: u32 = 30;
/// Different words.
const VOCABULARY: u32 = 30_000;

fn main() {
    divan::main();
}

fn container() -> &'static [u8] {
    static CONTAINER: OnceLock<Vec<u8>> = OnceLock::new();
    CONTAINER.get_or_init(|| {
        let mut builder = Builder::new(BuildOptions::default());
        let mut state = 1;
        for post in 0..POSTS {
            let words: Vec<String> = (0..WORDS).map(|_| word(rank(&mut state))).collect();
            builder.add(&Record { uid: post.to_string(), text: words.join(" "), ..Record::default() });
        }
        builder.finish().expect("an archive").container
    })
}

/// A rank by Zipf's law: uniform on a logarithmic scale. `state` is that of Knuth's MMIX generator.
fn rank(state: &mut u64) -> u32 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    let uniform = f64::from((*state >> 32) as u32) / f64::from(u32::MAX);
    (f64::from(VOCABULARY).powf(uniform) as u32).saturating_sub(1)
}

/// A word of a rank: its digits to the base 50 as syllables.
fn word(rank: u32) -> String {
    const CONSONANTS: [&str; 10] = ["b", "d", "f", "k", "l", "m", "n", "r", "s", "t"];
    const VOWELS: [&str; 5] = ["a", "e", "i", "o", "u"];
    let mut rest = rank;
    let mut word = String::new();
    loop {
        let digit = rest as usize % 50;
        word.push_str(CONSONANTS.get(digit / 5).unwrap_or(&""));
        word.push_str(VOWELS.get(digit % 5).unwrap_or(&""));
        rest /= 50;
        if rest == 0 {
            return word;
        }
    }
}

fn request(query: &str, sort: Sort, limit: usize) -> SearchRequest {
    SearchRequest { query: query.to_owned(), sort, limit, ..SearchRequest::default() }
}

fn archive() -> Archive {
    Archive::open(container()).expect("an archive")
}

fn answer(archive: &Archive, request: &SearchRequest) -> SearchPage {
    loop {
        match archive.search(request).expect("an answer") {
            Answer::Beyond => panic!("the program has every feature"),
            Answer::Ready(page) => return page,
            Answer::Need(blocks) => {
                for block in blocks {
                    let bytes = container().get(block.offset as usize..block.end() as usize).expect("a block");
                    archive.supply(block.offset, bytes).expect("a whole block");
                }
            }
        }
    }
}

/// Times a request whose blocks are loaded.
fn warm(bencher: Bencher<'_, '_>, request: &SearchRequest) {
    let archive = archive();
    answer(&archive, request);
    bencher.bench_local(|| black_box(answer(&archive, black_box(request))));
}

/// Finds terms: no hit is shown.
mod dictionary {
    use super::{Bencher, Sort, request, warm, word};

    #[divan::bench]
    fn word_that_is_not_there(bencher: Bencher<'_, '_>) {
        warm(bencher, &request("zzyzx", Sort::New, 0));
    }

    #[divan::bench]
    fn rare_word(bencher: Bencher<'_, '_>) {
        warm(bencher, &request(&word(20_000), Sort::New, 0));
    }

    #[divan::bench]
    fn prefix_of_two_letters(bencher: Bencher<'_, '_>) {
        warm(bencher, &request("ba*", Sort::New, 0));
    }

    #[divan::bench]
    fn prefix_of_one_letter(bencher: Bencher<'_, '_>) {
        warm(bencher, &request("b*", Sort::New, 0));
    }
}

/// Decodes and combines lists of documents: no hit is shown.
mod sets {
    use super::{Bencher, Sort, request, warm, word};

    #[divan::bench]
    fn common_word(bencher: Bencher<'_, '_>) {
        warm(bencher, &request(&word(0), Sort::New, 0));
    }

    #[divan::bench]
    fn two_common_words(bencher: Bencher<'_, '_>) {
        warm(bencher, &request(&format!("{} {}", word(0), word(1)), Sort::New, 0));
    }

    #[divan::bench]
    fn either_of_two(bencher: Bencher<'_, '_>) {
        warm(bencher, &request(&format!("{} OR {}", word(0), word(1)), Sort::New, 0));
    }

    #[divan::bench]
    fn one_without_another(bencher: Bencher<'_, '_>) {
        warm(bencher, &request(&format!("{} -{}", word(0), word(1)), Sort::New, 0));
    }

    #[divan::bench]
    fn phrase(bencher: Bencher<'_, '_>) {
        warm(bencher, &request(&format!("\"{} {}\"", word(0), word(1)), Sort::New, 0));
    }
}

/// Scores every hit, and shows none.
mod scoring {
    use super::{Bencher, Sort, request, warm, word};

    #[divan::bench]
    fn common_word(bencher: Bencher<'_, '_>) {
        warm(bencher, &request(&word(0), Sort::Relevance, 0));
    }

    #[divan::bench]
    fn two_common_words(bencher: Bencher<'_, '_>) {
        warm(bencher, &request(&format!("{} {}", word(0), word(1)), Sort::Relevance, 0));
    }
}

/// Reads ten records and cuts their snippets: the difference to `sets::common_word`.
#[divan::bench]
fn ten_snippets(bencher: Bencher<'_, '_>) {
    warm(bencher, &request(&word(0), Sort::New, 10));
}

/// Checks and decodes the blocks of a first answer.
#[divan::bench]
fn blocks_of_a_first_answer(bencher: Bencher<'_, '_>) {
    let request = request(&word(0), Sort::New, 10);
    let counted = archive();
    let mut bytes = 0_u64;
    while let Answer::Need(blocks) = counted.search(&request).expect("an answer") {
        for block in blocks {
            bytes += u64::from(block.len);
            let slice = container().get(block.offset as usize..block.end() as usize).expect("a block");
            counted.supply(block.offset, slice).expect("a whole block");
        }
    }
    bencher
        .counter(BytesCount::new(bytes))
        .with_inputs(archive)
        .bench_local_values(|archive| answer(&archive, &request).total);
}
