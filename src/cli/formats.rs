//! `fonds formats`: every reader, how it is recognised, what it keeps.

use std::io::Write as _;

use serde_json::json;

use super::args::Formats;
use super::{Outcome, Run, output};
use crate::ingest::FORMATS;

pub(super) fn run(args: &Formats) -> Run {
    let mut out = output::stdout();
    if args.markdown {
        write!(out, "{}", markdown())?;
    } else if args.json {
        let rows: Vec<_> = FORMATS
            .iter()
            .map(|format| {
                json!({
                    "name": format.name,
                    "title": format.title,
                    "recognised_by": format.recognised_by,
                    "keeps": format.keeps,
                    "proven": format.is_proven,
                })
            })
            .collect();
        writeln!(out, "{}", output::json(&rows.into()))?;
    } else {
        for format in FORMATS {
            writeln!(out, "{:<14}{}", format.name, format.title)?;
            writeln!(out, "              recognised by {}", format.recognised_by)?;
            writeln!(out, "              keeps {}", format.keeps)?;
            if let Some(caution) = format.caution() {
                writeln!(out, "              {caution}")?;
            }
            writeln!(out)?;
        }
    }
    out.flush()?;
    Ok(Outcome::Good)
}

/// What stands before the formats in docs/FORMATS.md.
const BEFORE: &str = "\
# Formats that fonds reads

`fonds formats` prints this table; this page is made of the same source (`fonds formats --markdown`), and a test compares the two.

A source is a file, a folder or a zip, read in place. Its format is found by structure, never by name; where files of several
formats lie together, `--format` chooses. Of an unknown file fonds says what it saw.

The page shows [a sample of each](screenshots/README.md#a-sample-of-each-format).

";

/// What stands after them.
const AFTER: &str = "\
## How to add one

1. Write `src/ingest/NAME.rs` with two functions. `recognise(&Sample) -> bool` looks at the first 64 KiB of a file; it must be true
   of no file of another format, unless the format is marked `is_generic` and yields to all others. `read` gets the files of the
   format, one after another and open, and the context; it yields one `Entry` after another: records beside the account of what
   was skipped, merged or left out, each with its file and place. It opens nothing, reads no clock, and knows nothing of indexes.
2. Add a row to `FORMATS` in `src/ingest/formats.rs`.
3. Put what the row and the reader say in the account of a source, in each language of the page, into `www/languages/accounts.json`:
   `node --test tests/www/accounts.test.mjs` says what is missing.
4. Add samples of your own invention to `tests/golden/NAME-…/input.*`, or a folder `input`, one for each thing that bites, and run
   `UPDATE_GOLDEN=1 cargo test --test ingest_golden`; read what comes of them.
5. Add a fuzz target beside `tests/fuzz/fuzz_targets/ingest_jsonl.rs`, and its function to `tests/it/fuzz_smoke.rs`.
6. Run `UPDATE_GOLDEN=1 cargo test --test it formats` for this page.

What the readers share stands in `src/ingest/`: `lines` (bounded lines), `date`, `entities` (tags, mentions and links in plain text),
`json/outline` (a long list of objects in one or many files, streamed), `json/object` (its members, one after another), `html` (a page as
a tree), `rich_text` (texts with their formatting), `telegram/` (what all forms of Telegram have in common). Files that say what others
mean are named in `leads`, and come first. A reader that no real export has met is `is_proven: false`.
";

/// docs/FORMATS.md.
fn markdown() -> String {
    let rows = FORMATS.iter().map(|format| {
        let lacks = format.lacks.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ");
        let lacks = if lacks.is_empty() { lacks } else { format!("- Never holds {lacks}.\n") };
        let caution =
            format.caution().map(|caution| format!("- **Unproven**{}.\n", caution.trim_start_matches("unproven")));
        let caution = caution.unwrap_or_default();
        format!(
            "## `{}`\n\n{}.\n\n- Recognised by {}.\n- Keeps {}.\n{lacks}{caution}\n",
            format.name, format.title, format.recognised_by, format.keeps
        )
    });
    BEFORE.to_owned() + &rows.collect::<String>() + AFTER
}
