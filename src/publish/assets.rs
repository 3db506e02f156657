//! The built page, inside the program. build.rs has made sure that it is there.

/// Template of index.html.
pub(super) const INDEX: &str = include_str!("../../www/dist/index.html");

/// Inline script that loads the others.
pub(super) const BOOT: &str = include_str!("../../www/dist/boot.js");

/// The page's style sheet.
pub(super) const STYLE: &str = include_str!("../../www/dist/style.css");

/// The page's code.
pub(super) const APP: &str = include_str!("../../www/dist/app.js");

/// What surrounds the hits.
pub(super) const ROOM: &str = include_str!("../../www/dist/room.js");

/// What is wanted for a post once it was read: citations, and the basket.
pub(super) const DESK: &str = include_str!("../../www/dist/desk.js");

/// What the page says in other languages than English, as JSON, by the name of the part.
pub(super) const WORDS: [(&str, &str); 5] = [
    ("words-ar", include_str!("../../www/dist/words-ar.json")),
    ("words-de", include_str!("../../www/dist/words-de.json")),
    ("words-es", include_str!("../../www/dist/words-es.json")),
    ("words-ru", include_str!("../../www/dist/words-ru.json")),
    ("words-zh", include_str!("../../www/dist/words-zh.json")),
];

/// What the program writes into the account of the sources in English, and how the page says it in other languages; www/view/told.js says
/// what stands in it.
pub(super) const ACCOUNTS: &str = include_str!("../../www/languages/accounts.json");

/// What only the pages without a script say in them.
pub(super) const STATIC: [(&str, &str); 5] = [
    ("static-ar", include_str!("../../www/dist/static-ar.json")),
    ("static-de", include_str!("../../www/dist/static-de.json")),
    ("static-es", include_str!("../../www/dist/static-es.json")),
    ("static-ru", include_str!("../../www/dist/static-ru.json")),
    ("static-zh", include_str!("../../www/dist/static-zh.json")),
];

/// The worker's code, with the glue to the core.
pub(super) const WORKER: &str = include_str!("../../www/dist/worker.js");

/// The core that the page loads first, packed.
pub(super) const CORE: &[u8] = include_bytes!("../../www/dist/core.wasm.lzma");

/// The whole core, with what few queries need, packed.
pub(super) const MORE: &[u8] = include_bytes!("../../www/dist/more.wasm.lzma");

/// Defines `<fonds-archive>`.
pub(super) const EMBED: &str = include_str!("../../www/dist/embed.js");

/// The worker that keeps an archive for a visit without a network.
pub(super) const OFFLINE: &str = include_str!("../../www/dist/sw.js");

/// Style sheet of the pages that need no script.
pub(super) const POSTS_STYLE: &str = include_str!("../../www/dist/posts.css");
