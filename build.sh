#!/usr/bin/env bash
# The one entry. With no argument: builds core, page and program, and the demo explorer, and prints the path to open.
#
#   ./build.sh            everything, from a bare clone
#   ./build.sh core       the core as WebAssembly, and its glue
#   ./build.sh page       the page, and what it weighs
#   ./build.sh program    the program, with the page inside
#   ./build.sh demo       dist/demo, from tests/samples/harbour
#   ./build.sh check      formatting, lints, types
#   ./build.sh test       installs what the tests need, then runs every test
#   ./build.sh fuzz [MINUTES]  fuzzes each target so long (1)
#   ./build.sh fuzz-keep  keeps the least of what fuzzing found that reaches as much, for ./build.sh test
#   ./build.sh coverage   how much of the core the tests in Rust reach, room by room
#   ./build.sh torture    damage at every place, interruption at every moment, every hostile text
#   ./build.sh deny       licences, origins and known faults of dependencies; installs what looks at them
#   ./build.sh sbom       target/fonds.cdx.json, what the program consists of
#   ./build.sh weigh      what the core's code consists of, by crate and module
#   ./build.sh bench NAME      measures one thing: peers, files, relevance, corrections, growth, page, duplicates, core, micro, instructions
#   ./build.sh screenshots [DIR]   pictures of every state of the page, and of a sample of each format
#   ./build.sh tour            docs/tour.webp, the moving picture of the README
set -euo pipefail
cd "$(dirname "$0")"
# Everything is looked for under target/, so a folder set elsewhere must not count.
unset CARGO_TARGET_DIR

say() { printf '\n── %s\n' "$*"; }
need() { command -v "$1" >/dev/null || { echo "build.sh: $1 is missing: $2" >&2; exit 2; }; }

# First load of the page, gzipped, in bytes: html, css, scripts and core. The build fails above it; the aim is 110000.
readonly MAX_FIRST_LOAD=128000

tools() {
  need cargo "install Rust with rustup (https://rustup.rs)"
  need node "install Node.js 20 or later (https://nodejs.org, or your system's packages)"
  need npm "it comes with Node.js (or your system's package npm)"
}

core() {
  tools
  say "core: Rust to WebAssembly"
  if ! rustc --print target-libdir --target wasm32-unknown-unknown | xargs test -d; then
    need rustup "this Rust has no wasm32-unknown-unknown target: install Rust with rustup (https://rustup.rs)"
    rustup target add wasm32-unknown-unknown
  fi
  wasm core wasm wasm
  wasm more wasm,more wasm-fast
  CARGO_TARGET_DIR=target/bindgen cargo build --release --manifest-path www/bindgen/Cargo.toml
  mkdir -p www/dist/bindgen
  target/bindgen/release/fonds-bindgen www/dist core=target/core.wasm more=target/more.wasm
}

# wasm NAME FEATURES PROFILE: target/NAME.wasm
wasm() {
  # Paths of this machine stay out of what is published, and the same sources give the same bytes anywhere.
  local flags="--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}/registry/src=crates --remap-path-prefix=$PWD=fonds" build=(cargo build)
  if lean_std; then
    flags+=" --remap-path-prefix=$(rustc --print sysroot)/lib/rustlib/src/rust=rust -Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none"
    build=(env RUSTC_BOOTSTRAP=1 cargo build -Z build-std=std,panic_abort)
    [ "$1" != core ] || build+=(-Z build-std-features=optimize_for_size)
  fi
  # The first core is to be short: what opt-level z still inlines costs more than its calls, and the standard library's fast sorts
  # and searches more than its short ones (docs/ARCHITECTURE.md has the figures).
  [ "$1" != core ] || flags+=" -Cllvm-args=-inline-threshold=15"
  RUSTFLAGS=$flags "${build[@]}" --profile "$3" --lib --target wasm32-unknown-unknown --no-default-features --features "$2"
  cp "target/wasm32-unknown-unknown/$3/fonds.wasm" "target/$1.wasm"
}

# Whether the standard library can be built along, without the messages of panics, which nobody sees in a worker and which are
# 7 % of the core. Where it cannot, the core is larger, and no different otherwise.
lean_std() {
  local src
  src=$(rustc --print sysroot)/lib/rustlib/src/rust/library/Cargo.lock
  [ -f "$src" ] || { command -v rustup >/dev/null && rustup component add rust-src >&2; } || true
  # Not to /dev/null: rustc puts a file in the place of whatever stands there.
  mkdir -p target
  [ -f "$src" ] && echo 'fn main() {}' | RUSTC_BOOTSTRAP=1 rustc --target wasm32-unknown-unknown --emit metadata -o target/probe.rmeta \
    -Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none --crate-name probe - 2>/dev/null
}

page() {
  tools
  say "page"
  (cd www && npm ci --silent --no-fund --no-audit && node build.mjs)
  first_load
}

# What a browser loads before anything is searched, part by part.
first_load() {
  local total=0 size part
  printf '\nfirst load, gzip -9:\n'
  for part in index.html boot.js style.css app.js worker.js; do
    size=$(gzip -9 -n -c "www/dist/$part" | wc -c)
    total=$((total + size))
    printf '  %-12s %7d\n' "$part" "$size"
  done
  # As the page gets it: base64 in a script, which deflate takes back to a hundredth more than the packed core.
  size=$(base64 -w 0 www/dist/core.wasm.lzma | gzip -9 -n -c | wc -c)
  total=$((total + size))
  printf '  %-12s %7d\n  %-12s %7d of %d\n' core.wasm "$size" total "$total" "$MAX_FIRST_LOAD"
  printf 'after the first hits, when it is used, and once a reader types:\n  %-12s %7d\n  %-12s %7d\n  %-12s %7d\n' \
    room.js "$(gzip -9 -n -c www/dist/room.js | wc -c)" desk.js "$(gzip -9 -n -c www/dist/desk.js | wc -c)" \
    more.wasm "$(base64 -w 0 www/dist/more.wasm.lzma | gzip -9 -n -c | wc -c)"
  if [ "$total" -gt "$MAX_FIRST_LOAD" ]; then
    echo "build.sh: the page's first load outgrew its budget" >&2
    exit 1
  fi
}

weigh() {
  core
  target/bindgen/release/fonds-bindgen target/weigh core=target/core.wasm --names
  node www/weigh.mjs target/weigh/bindgen/core/fonds_bg.wasm
}

program() {
  tools
  say "program"
  cargo build --release
}

demo() {
  say "demo"
  rm -rf dist/demo
  mkdir -p dist
  target/release/fonds build tests/samples/harbour/posts.jsonl --timezone Europe/Berlin -o dist/demo
}

check() {
  tools
  say "check: formatting, lints, types"
  cargo fmt --check
  cargo clippy --all-targets -- -D warnings
  cargo clippy --lib --target wasm32-unknown-unknown --no-default-features --features wasm -- -D warnings
  RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --quiet
  (cd www && npm ci --silent --no-fund --no-audit && npx tsc -p .)
  if cargo deny --version >/dev/null 2>&1; then
    dependencies
  else
    echo "skipped: cargo-deny is missing, so licences, origins and known faults of dependencies are not looked at (./build.sh deny installs it)"
  fi
  sbom
}

# Licences and origins of dependencies, and what is known against them, where the list of that can be had.
dependencies() {
  cargo deny --locked check licenses bans sources
  if cargo deny --locked fetch db >/dev/null 2>&1; then
    cargo deny --locked --offline check advisories
  else
    echo "skipped: the list of known faults (https://github.com/RustSec/advisory-db) cannot be had here"
  fi
}

deny() {
  tools
  cargo deny --version >/dev/null 2>&1 || cargo install cargo-deny --locked
  dependencies
}

# What the program consists of, for whoever looks for known faults in it, as CycloneDX has it.
sbom() {
  mkdir -p target
  node tests/sbom.mjs > target/fonds.cdx.json
}

run_tests() {
  all
  check
  say "tests: Rust"
  cargo test
  say "tests: a reader in Python, from docs/FORMAT.md alone"
  python_tests
  say "tests: the page, without a browser"
  node --test tests/www/*.test.mjs
  say "tests: the page, in browsers"
  tests/browser/install.sh
  # Where the browsers could be installed they must be there: a suite that skips them all would pass having shown nothing.
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    need chromium "apt-get install chromium"
    need firefox-esr "apt-get install firefox-esr"
    need WebKitWebDriver "apt-get install webkit2gtk-driver"
  fi
  (cd tests/browser && npm ci --silent --no-fund --no-audit --omit=dev)
  node tests/browser/run.mjs
}

python_tests() {
  if ! command -v python3 >/dev/null; then
    echo "skipped: python3 is missing"
    return
  fi
  local venv=target/python
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r tests/python/requirements.txt
  "$venv/bin/python" -m unittest discover -s tests/python
}

# The long forms of the tests of damage, interruption and hostile inputs; `test` has the short ones.
torture() {
  page
  program
  say "torture: damage, interruption, hostile inputs"
  cargo test --release --test it -- --include-ignored --nocapture torture:: hostile::
  say "torture: hostile texts, in browsers"
  (cd tests/browser && npm ci --silent --no-fund --no-audit --omit=dev)
  FONDS_TORTURE=1 node tests/browser/run.mjs payloads.test.mjs damage.test.mjs embed.test.mjs
}

fuzz() {
  tools
  cargo fuzz --version >/dev/null 2>&1 || cargo install cargo-fuzz --locked
  local seconds=$((${1:-1} * 60)) target seeds=$PWD/target/fuzz-seeds
  cargo test --quiet --test it fuzz_smoke::write_seeds -- --ignored
  for target in $(cd tests/fuzz && cargo fuzz list --fuzz-dir .); do
    say "fuzz: $target, $seconds s"
    mkdir -p "$seeds/$target" "tests/fuzz/corpus/$target"
    seed "$target" "$seeds/$target"
    (cd tests/fuzz && RUSTC_BOOTSTRAP=1 cargo fuzz run --fuzz-dir . "$target" "corpus/$target" "$seeds/$target" -- \
      -max_total_time="$seconds" -max_len=16384 -timeout=20 -rss_limit_mb=2048)
  done
}

# Keeps the least of each corpus that reaches what all of it reaches, in tests/fuzz/kept, where `cargo test` runs it again.
fuzz_keep() {
  local target
  for target in $(cd tests/fuzz && cargo fuzz list --fuzz-dir .); do
    [ -d "tests/fuzz/corpus/$target" ] || continue
    (cd tests/fuzz && RUSTC_BOOTSTRAP=1 cargo fuzz cmin --fuzz-dir . "$target" "corpus/$target")
  done
  cargo test --quiet --test it fuzz_smoke::keep_corpora -- --ignored
}

# seed TARGET FOLDER: what a target begins with, made of the golden inputs.
seed() {
  local golden=tests/golden file
  case "$1" in
    ingest_scrape) set -- "$2" $golden/scrape-*/input.txt $golden/text-*/input.txt ;;
    ingest_jsonl) set -- "$2" $golden/jsonl-*/input.jsonl ;;
    ingest_json) set -- "$2" $golden/json-*/input.json ;;
    ingest_csv) set -- "$2" $golden/csv-*/input.csv $golden/tsv-*/input.tsv ;;
    ingest_telegram_json) set -- "$2" $golden/telegram-{json,account}/input.json $golden/telegram-twins/result.json ;;
    ingest_telegram_html) set -- "$2" $golden/telegram-html/input.html $golden/telegram-twins/messages.html ;;
    ingest_telegram_web) set -- "$2" $golden/telegram-web/input.html ;;
    ingest_x) set -- "$2" $golden/x-archive/input/data/tweets.js $golden/x-archive/input/data/account.js $golden/x-old/input.js ;;
    ingest_mastodon) set -- "$2" $golden/mastodon/input/outbox.json $golden/mastodon/input/actor.json ;;
    ingest_slack) set -- "$2" $golden/slack/input/harbour/2024-01-31.json $golden/slack/input/users.json $golden/slack/input/channels.json ;;
    ingest_discord) set -- "$2" $golden/discord/input.json $golden/discord-direct/input.json ;;
    ingest_whatsapp) set -- "$2" $golden/whatsapp-ios/input.txt $golden/whatsapp-order/input.txt ;;
    ingest_meta) set -- "$2" $golden/meta/input/messages/inbox/theharbour_7/message_1.json ;;
    ingest_mail) set -- "$2" $golden/mail-mbox/input.mbox $golden/mail-single/input.eml ;;
    ingest_feed) set -- "$2" $golden/feed-rss/input.xml $golden/feed-atom/input.xml $golden/feed-json/input.json ;;
    ingest_reddit) set -- "$2" $golden/reddit/input.ndjson ;;
    ingest_matrix) set -- "$2" $golden/matrix/input.json ;;
    ingest_wordpress) set -- "$2" $golden/wordpress/input.xml $golden/wordpress-entities/input.xml ;;
    ingest_markdown) set -- "$2" $golden/markdown/input/_posts/2024-01-05-fog-and-ferries.md $golden/markdown/input/content/hugo.md ;;
    ingest_html) set -- "$2" $golden/html/input/single.html $golden/html/input/list.html ;;
    ingest_tg_archive) set -- "$2" $golden/tg-archive/input.sqlite ;;
    ingest_git) set -- "$2" $golden/git/input.fast-export ;;
    ingest_warc) set -- "$2" $golden/warc/input.warc $golden/warc-packed/input.gz ;;
    ingest_bluesky) set -- "$2" $golden/bluesky/input.car ;;
    ingest_meta_posts) set -- "$2" $golden/meta-*-posts/input.json ;;
    ingest_zip) set -- "$2" tests/fuzz/seeds/*.zip ;;
    query_parse) set -- "$2" $golden/grammar.txt ;;
    open_and_search) set -- "$2" $golden/archive/archive.fonds ;;
    *) set -- "$2" ;;
  esac
  for file in "${@:2}"; do
    cp "$file" "$1/$(basename "$(dirname "$file")")-${file##*/}"
  done
}

# Which lines and branches of the code in Rust its own tests run. Built apart, since everything is compiled anew for it.
coverage() {
  tools
  if ! cargo llvm-cov --version >/dev/null 2>&1; then
    echo "build.sh: cargo-llvm-cov is missing: cargo install cargo-llvm-cov --locked; rustup component add llvm-tools" >&2
    exit 2
  fi
  [ -f www/dist/index.html ] || page
  say "coverage of the core by cargo test"
  mkdir -p target
  # Programs that the tests kill leave half of their account, which does not matter.
  CARGO_LLVM_COV_TARGET_DIR=target/coverage cargo llvm-cov --failure-mode all --json --output-path target/coverage.json
  node tests/coverage.mjs target/coverage.json format index store query
}

all() {
  core
  page
  program
  demo
  printf '\nopen %s\n' "$PWD/dist/demo/index.html"
}

case "${1:-all}" in
  all | core | page | program | demo | check | weigh | torture | deny | sbom | coverage) "${1:-all}" ;;
  test) run_tests ;;
  fuzz) fuzz "${2:-1}" ;;
  fuzz-keep) fuzz_keep ;;
  bench) tests/bench/run.sh "${@:2}" ;;
  tour) (cd tests/browser && npm ci --silent --no-fund --no-audit) && node tests/browser/tour.mjs ;;
  screenshots)
    node tests/browser/screenshots.mjs "${2:-dist/screenshots}"
    node tests/browser/formats.mjs "${2:-dist/screenshots}/formats"
    ;;
  *)
    sed -n '2,21s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
