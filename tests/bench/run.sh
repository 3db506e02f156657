#!/usr/bin/env bash
# What `./build.sh bench` runs. Each benchmark's file says what it measures and how to read it.
#
#   peers [OPTION…]          fonds beside other engines, in a browser     (FONDS_PEERS: the benchmark's directory)
#   files [OPTION…]          start and search from file:// in three engines   (FONDS_PEERS)
#   relevance [OPTION…]      nDCG@10 on judged collections                (FONDS_IR: their directory)
#   corrections CORPUS       misspellings whose right word is offered     (FONDS_MISSPELL: their file)
#   growth [OPTION…]         what grows with an archive and what does not (--sizes 10000,100000 is the short run)
#   page [OPTION…]           how long a reader waits for the page, a hit, an answer to a key, in three engines
#   duplicates POSTS [--show]  posts that say the same, by MinHash and SimHash, beside a comparison of all pairs
#   core CONTAINER           the page's core without a browser, in both its builds
#   micro [PATTERN]          parts of a search, by divan
#   instructions [--renew]   instructions of fixed queries, by callgrind, against instructions.txt
set -euo pipefail
cd "$(dirname "$0")/../.."

usage() { sed -n '4,13p' "$0" | sed 's/^# \{0,3\}//' >&2; exit 2; }

# Builds one of the benches and prints its path.
bench_program() {
  # The program itself may be built along, before or after.
  cargo build --release --quiet --bench "$1" --message-format json | sed -n '/"kind":\["bench"\]/s/.*"executable":"\([^"]*\)".*/\1/p'
}

# The program that everything but `micro` measures.
need_program() {
  [ -n "${FONDS_BIN:-}" ] || cargo build --release --quiet
}

verb=${1:-}
[ $# -gt 0 ] && shift
case "$verb" in
  peers)
    if [ ! -f "${FONDS_PEERS:-}/run.mjs" ]; then
      echo "skipped: FONDS_PEERS does not name the benchmark's directory (the one with run.mjs)"
      exit 0
    fi
    need_program
    [ $# -gt 0 ] || set -- --engines fonds,pagefind,minisearch,flexsearch,sqlite-fts5,sqlite-httpvfs,plain-js --corpora medium
    ADAPTERS_DIR=$PWD/tests/bench/peers FONDS_BIN=${FONDS_BIN:-$PWD/target/release/fonds} node "$FONDS_PEERS/run.mjs" "$@"
    ;;
  core) node tests/bench/core.mjs "$@" ;;
  files) node tests/bench/peers/files.mjs "$@" ;;
  relevance | corrections) need_program; node "tests/bench/$verb.mjs" "$@" ;;
  page) need_program; node tests/bench/page/run.mjs "$@" ;;
  growth) need_program; FONDS_MEASURE=$(bench_program growth) node tests/bench/growth/run.mjs "$@" ;;
  instructions) need_program; FONDS_COUNTED=$(bench_program instructions) node tests/bench/instructions.mjs "$@" ;;
  duplicates) "$(bench_program duplicates)" "$@" ;;
  micro) cargo bench --bench micro -- "$@" ;;
  *) usage ;;
esac
