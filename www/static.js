/** What only the pages without a script say, which no script brings: the English of index.html and of the monthly pages, for those who
 *  translate it. src/publish/words.rs has it where it is said; build.mjs takes the other languages' words out of their tables. */

export const STATIC = {
  static_all: 'All posts, month by month',
  static_extract: 'Extract the zip first.',
  static_extract_how: 'This page was opened without the files that belong beside it. If it came as a zip, extract all of it and open index.html from the extracted folder; if it was copied, copy the folders “fonds” and “archive” with it; a server must send .js files as scripts. The newest posts can be read below.',
  static_months: 'All months',
  static_no_script: 'Scripts are off, so this archive cannot be searched here. If it came as a zip, extract the zip first. Its newest posts stand below.',
  static_search: 'Search',
};
