// Makes channel-scrape.txt out of posts.jsonl: the same posts, oldest first, without their dates, as a scraper
// of the channel's web preview leaves them. fonds has to recover the posts from such a file, and posts.jsonl
// says what it should find.
//
//   file    := (fwdpost | stub)*
//   fwdpost := "Forwarded from " NAME LF copy1 copy2
//   stub    := "Please open Telegram to view this post" LF "VIEW IN TELEGRAM"
//
// copy1 is the post's lines: the title, if there is one, then the lines of the text. copy2 is the same lines
// without the first. The cause: a text extractor emits a block whole, and then once more the text that follows
// each line break. In about one post in eight copy2 also lacks one line of its middle, a quoted one if there is
// one, as happens where the page wraps a line in an element of its own. A post of one line stands once.
//
// Run it anywhere: node make-scrape.mjs. Same input, same output, byte for byte.

import { readFileSync, writeFileSync } from "node:fs";

const posts = readFileSync(new URL("posts.jsonl", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line));

const out = [];
let forwarded = 0; // forwarded posts so far
let dropped = 0; // of these, how many second copies lack a middle line

for (const post of posts) {
  if (post.text === "") {
    out.push("Please open Telegram to view this post", "VIEW IN TELEGRAM");
    continue;
  }
  const copy1 = (post.title === undefined ? [] : [post.title]).concat(post.text.split("\n"));
  const copy2 = copy1.slice(1);
  forwarded += 1;
  if (dropped < Math.floor(forwarded / 8) && copy2.length >= 3) {
    copy2.splice(middleLine(copy2, forwarded), 1);
    dropped += 1;
  }
  out.push(`Forwarded from ${post.forwarded_from.name}`, ...copy1, ...copy2);
}

writeFileSync(new URL("channel-scrape.txt", import.meta.url), out.join("\n") + "\n");

/** Index of the line to leave out: the first quotation that is neither first nor last, else any line between. */
function middleLine(lines, seed) {
  const quoted = lines.findIndex((line, i) => i > 0 && i < lines.length - 1 && /["“„«]/.test(line));
  return quoted > 0 ? quoted : 1 + (seed % (lines.length - 2));
}
