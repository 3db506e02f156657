//! Integration tests: one binary, one module for each kind of test.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::float_cmp,
    clippy::needless_for_each,
    reason = "tests stop at the first surprise, read their own fixtures, and mean every number that they compare"
)]

/// Archives made from records, and drivers that hand an archive its blocks in several manners.
mod support;

/// What is fuzzed, and what it needs: a container taken apart, changed, and put together with right checksums.
#[path = "../fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "the fuzz targets use it as a library")]
mod fuzz;

/// The forms of a word, as the scan sees them.
mod plain_forms;

/// Search equals a plain scan over the same records, whatever the records and the request.
mod oracle;

/// Posts added to an archive, and archives of several segments, as users of the program meet them.
mod added;

/// What an owner gives an archive, as users of the program meet it.
mod owner;

/// Several archives, searched as one, answer as one build of the same records does.
mod segments;

/// Answers of an archive of which only a part is there, or comes late, twice, or in another order.
mod partial;

/// Fields of a query, looked up in records.
mod plain_fields;

/// Damaged and hostile containers.
mod corrupt;

/// The functions that are fuzzed, on a few thousand inputs.
mod fuzz_smoke;

/// Archives kept in the repository: the same bytes are built, and every byte can be accounted for.
mod golden;

/// Archives of former versions of the format.
mod frozen;

/// The grammar of queries: texts and what they parse to.
mod grammar;

/// The same records give the same bytes.
mod reproducible;

/// The program, run as its users run it.
mod cli;

/// Posts that say the same, in several channels.
mod groups;

/// Which posts answer which, and what stands in one thread or album.
mod replies;

/// Inputs that were made to do harm.
mod hostile;

/// Stemmers and words, held against Snowball's vocabularies and Unicode's cases.
mod languages;

/// Files that posts name: found, published, and never from anywhere else.
mod media;

/// Tables of what people know and sources do not say.
mod overrides;

/// Several sources, what is left out of them, several archives: the program's account of every record.
mod sources;

/// Corrected queries, offered beside what a query finds.
mod suggestions;

/// Rules of the repository.
mod tidy;

/// Damage at every place, interruption at every moment, and archives made to do harm.
mod torture;

/// What proves an archive whole, and whose it is: named damage, signatures, bags.
mod trust;
