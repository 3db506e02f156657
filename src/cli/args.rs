//! What can be typed.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use encoding_rs::Encoding;
use jiff::fmt::strtime;

use crate::ingest::{ChosenChats, Mapped, ReadOptions, TableOptions};

/// Turns an archive of posts into a folder that anyone opens by double-click and searches as they type.
#[derive(Debug, Parser)]
#[command(name = "fonds", version, max_term_width = 100, arg_required_else_help = true)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build an archive from sources and publish it
    Build(Box<Build>),
    /// Add posts to an archive, without rewriting what it has
    Add(Box<Add>),
    /// Search an archive, as its page does
    Search(Search),
    /// Say what is in an archive, or in a source
    Inspect(Inspect),
    /// Make one archive of several
    Merge(Merge),
    /// Check that an archive is whole
    Verify(Verify),
    /// Give the records back
    Extract(Extract),
    /// List the formats that can be read
    Formats(Formats),
}

/// `fonds build`.
#[derive(ClapArgs, Debug)]
pub struct Build {
    /// Files, folders or zips to read
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "its own options have them, and a text here would be that of the command")]
    pub outputs: Outputs,
    #[command(flatten)]
    #[allow(missing_docs, reason = "its own options have them, and a text here would be that of the command")]
    pub reading: Reading,
    /// Publish the pictures and files that posts name and that stand beside their source: none, thumbnails of what has a picture,
    /// or also copies of all
    #[arg(long, value_enum, default_value_t = MediaChoice::None, value_name = "none|thumbs|copy")]
    pub media: MediaChoice,
    /// Time zone of months, days and dates without an offset, such as Europe/Berlin
    #[arg(long, default_value = "UTC", value_name = "ZONE")]
    pub timezone: String,
    #[command(flatten)]
    #[allow(missing_docs, reason = "its own options have them, and a text here would be that of the command")]
    pub publishing: Publishing,
}

/// `fonds add`.
#[derive(ClapArgs, Debug)]
pub struct Add {
    /// A published folder, its zip, or a single html; it is renewed where it is
    pub archive: PathBuf,
    /// Files, folders or zips to read
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "its own options have them, and a text here would be that of the command")]
    pub reading: Reading,
    /// Publish the pictures and files that the new posts name and that stand beside their source, as in fonds build; what the archive
    /// has of them stays
    #[arg(long, value_enum, default_value_t = MediaChoice::None, value_name = "none|thumbs|copy")]
    pub media: MediaChoice,
    #[command(flatten)]
    #[allow(missing_docs, reason = "its own options have them, and a text here would be that of the command")]
    pub publishing: Publishing,
}

/// Where an archive is published.
#[derive(ClapArgs, Clone, Debug, Default)]
pub struct Outputs {
    /// Publish a folder, or with a name that ends in .fonds, the bare container
    #[arg(short, long, value_name = "OUT")]
    pub out: Option<PathBuf>,
    /// Publish the folder as one zip
    #[arg(long, value_name = "OUT.zip")]
    pub zip: Option<PathBuf>,
    /// Publish one html file that holds everything
    #[arg(long, value_name = "OUT.html")]
    pub single: Option<PathBuf>,
    /// Publish the folder in a bag (BagIt), with every post as a line of JSON and a description as RO-Crate has it
    #[arg(long, requires = "out")]
    pub bag: bool,
    /// Replace what is in the way, even if fonds did not make it
    #[arg(long)]
    pub force: bool,
}

/// How an archive is published, and what is said of it.
#[derive(ClapArgs, Clone, Debug, Default)]
pub struct Publishing {
    /// Title of the archive [default: the archive's own, the channel's name, the first file's]
    #[arg(long)]
    pub title: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "its own options have them, and a text here would be that of the command")]
    pub owner: Owner,
    /// Whether to write the posts as static pages too [default: yes, up to 20 MB of text]
    #[arg(long, value_name = "yes|no")]
    pub pages: Option<YesNo>,
    /// Print nothing but errors
    #[arg(long)]
    pub quiet: bool,
    /// Print the summary as JSON
    #[arg(long)]
    pub json: bool,
}

/// What the owner says of an archive, and how it looks. `fonds add` and `fonds merge` keep what is there, unless it is given again.
#[derive(ClapArgs, Clone, Debug, Default)]
pub struct Owner {
    /// What the archive is, as Markdown: shown under "About this archive"
    #[arg(long, value_name = "FILE.md", help_heading = "The owner's hand")]
    pub about: Option<PathBuf>,
    /// A picture in the place of the title: PNG, JPEG, WebP or SVG, up to 64 KB
    #[arg(long, value_name = "FILE", help_heading = "The owner's hand")]
    pub logo: Option<PathBuf>,
    /// A style sheet whose rules come before the page's own; it loads nothing from elsewhere
    #[arg(long, value_name = "FILE.css", help_heading = "The owner's hand")]
    pub css: Option<PathBuf>,
    /// Colour of links and controls, as CSS has them: #8a3b12, teal; a legible shade of it is found for light and for dark paper
    #[arg(long, value_name = "COLOUR", help_heading = "The owner's hand")]
    pub accent: Option<String>,
    /// Language of the page for those who have chosen none: en, ru, de, es, ar, zh [default: their browser's]
    #[arg(long, value_name = "CODE", help_heading = "The owner's hand")]
    pub lang: Option<String>,
    /// Terms of use: a name such as CC-BY-4.0, an address, or a sentence
    #[arg(long, alias = "license", value_name = "TEXT", help_heading = "The owner's hand")]
    pub licence: Option<String>,
    /// Dublin Core (creator, publisher, date, rights …) as TOML or JSON
    #[arg(long, value_name = "FILE", help_heading = "The owner's hand")]
    pub meta: Option<PathBuf>,
    /// Address at which the folder, or the single html, will be found: previews of links and other sites need it whole
    #[arg(long, value_name = "ADDRESS", help_heading = "The owner's hand")]
    pub url: Option<String>,
    /// Whether a worker of the folder keeps the archive in its readers' browsers, so that a second visit works offline; on https
    /// alone. No takes away what an earlier build put there [default: no worker, or as it was]
    #[arg(long, value_name = "yes|no", help_heading = "The owner's hand")]
    pub service_worker: Option<YesNo>,
}

/// How sources are read, and which of their posts become the archive's.
#[derive(ClapArgs, Clone, Debug, Default)]
pub struct Reading {
    /// Read the inputs as this format instead of recognising it (see fonds formats)
    #[arg(long, value_name = "NAME")]
    pub format: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "its own options have them, and a text here would be that of the command")]
    pub table: Table,
    #[command(flatten)]
    #[allow(missing_docs, reason = "its own options have them, and a text here would be that of the command")]
    pub telegram: Telegram,
    /// Set dates, channels, handles, authors and addresses that the sources lack, and in scraped text where posts begin and end, by
    /// a table of comma-separated cells (docs/SOURCES.md describes it)
    #[arg(long, value_name = "FILE.csv")]
    pub overrides: Option<PathBuf>,
    /// Leave out posts before this date: 2024, 2024-06 or 2024-06-24; and those without a date
    #[arg(long, value_name = "DATE")]
    pub since: Option<String>,
    /// Leave out posts after this date, as in --since
    #[arg(long, value_name = "DATE")]
    pub until: Option<String>,
    /// Keep only posts with this value of a field, as author=marta; several of one field add up
    #[arg(long, value_name = "FIELD=VALUE")]
    pub only: Vec<String>,
    /// Leave out this field of every post; can be given several times
    #[arg(long, value_name = "FIELD")]
    pub drop: Vec<String>,
    /// Make unreadable what this regular expression matches, wherever it stands; can be given several times
    #[arg(long, value_name = "PATTERN", allow_hyphen_values = true)]
    pub redact: Vec<String>,
    /// Make a facet of this field; can be given several times
    #[arg(long, value_name = "FIELD")]
    pub facet: Vec<String>,
}

/// What an export of Telegram does not say, or holds too much of.
#[derive(ClapArgs, Clone, Debug, Default)]
pub struct Telegram {
    /// Take this chat, channel, room or conversation of an export that has several, or a private one, by name or id, of pages by name or
    /// number; can be given several times [default: all public ones; of pages none, which do not say it]
    #[arg(long, value_name = "CHAT")]
    pub chat: Vec<String>,
    /// Public name of the channel, where the export lacks it: addresses of posts follow from it
    #[arg(long, value_name = "NAME", value_parser = handle)]
    pub handle: Option<String>,
}

impl Telegram {
    /// Puts the same into the options of readers.
    pub fn fill(&self, options: &mut ReadOptions) {
        options.chats = ChosenChats::new(self.chat.clone());
        options.handle.clone_from(&self.handle);
    }
}

/// A public name, without the sign or address that people write before it.
fn handle(text: &str) -> Result<String, String> {
    let name = ["https://", "t.me/", "bsky.app/profile/", "@"]
        .iter()
        .fold(text, |name, before| name.strip_prefix(before).unwrap_or(name));
    let is_word = |word: &str, other: u8| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == other)
    };
    // On Telegram a name is a word, on Bluesky the name of a host.
    let is_host = name.contains('.') && name.split('.').all(|part| is_word(part, b'-'));
    let is_name = name.len() >= 3 && (is_word(name, b'_') || is_host);
    is_name.then(|| name.to_owned()).ok_or_else(|| "write a name such as harbour_news or marta.bsky.social".to_owned())
}

/// What is published of the files that posts name.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub enum MediaChoice {
    /// Nothing: an archive is as public as its place, and pictures say more than their posts.
    #[default]
    None,
    /// Thumbnails of pictures, and of videos that have one beside them.
    Thumbs,
    /// Copies of all files, byte by byte, and thumbnails.
    Copy,
}

/// A choice.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum YesNo {
    /// Do it.
    Yes,
    /// Do not.
    No,
}

/// How tables are read, where their columns do not say it.
#[derive(ClapArgs, Clone, Debug, Default)]
pub struct Table {
    /// Take a field of the posts from a column: text=body, author=user.name; a field of your own may have a
    /// kind, as in price=Price:number (text, number, date, list, media, facet); can be given several times
    #[arg(long, value_name = "FIELD=COLUMN[:KIND]")]
    pub map: Vec<Mapped>,
    /// How dates are written, as in %d/%m/%Y %H:%M
    #[arg(long, value_name = "FORMAT", value_parser = date_format)]
    pub date_format: Option<String>,
    /// What stands between the cells of a row, or tab
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    pub delimiter: Option<u8>,
    /// Whether the first row of a table names its columns
    #[arg(long, value_name = "yes|no")]
    pub header: Option<YesNo>,
    /// Path of the list of posts in a JSON object, as in data.items
    #[arg(long, value_name = "PATH")]
    pub records: Option<String>,
    /// Encoding of the text, such as windows-1251
    #[arg(long, value_name = "NAME", value_parser = encoding)]
    pub encoding: Option<&'static Encoding>,
}

impl Table {
    /// The same, for readers.
    #[must_use]
    pub fn options(&self) -> TableOptions {
        TableOptions {
            map: self.map.clone(),
            date_format: self.date_format.clone(),
            delimiter: self.delimiter,
            header: self.header.map(|choice| choice == YesNo::Yes),
            records: self.records.clone(),
            encoding: self.encoding,
        }
    }
}

/// How dates are written: a moment that is written so says its year to whoever reads it again.
fn date_format(text: &str) -> Result<String, String> {
    const REMEDY: &str = "write for example %d/%m/%Y %H:%M";
    let written = strtime::format(text, jiff::Timestamp::UNIX_EPOCH).map_err(|error| format!("{error}; {REMEDY}"))?;
    let read = strtime::parse(text, written).map_err(|error| format!("{error}; {REMEDY}"))?;
    let has_year = read.year().is_some() || read.timestamp().is_some() || read.to_date().is_ok();
    has_year.then(|| text.to_owned()).ok_or_else(|| format!("it says no year; {REMEDY}"))
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'"' | b'\r' | b'\n') => {
            Ok(*byte)
        }
        b"tab" | b"\\t" => Ok(b'\t'),
        _ => Err("write one character such as ; or |, or tab".to_owned()),
    }
}

fn encoding(text: &str) -> Result<&'static Encoding, String> {
    Encoding::for_label(text.as_bytes())
        .ok_or_else(|| "there is no such encoding; write for example windows-1251".to_owned())
}

/// `fonds search`.
#[derive(ClapArgs, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line")]
pub struct Search {
    /// A published folder, its zip, a single html, or a container
    pub archive: PathBuf,
    /// Words, all of which a post must hold; "side by side", word*, -not, OR, ( ), #tag, @name, from:name, on:2024-06, views:>100,
    /// *part*, /regex/ (docs/QUERY.md has all) [required unless --queries is given]
    #[arg(
        required_unless_present = "queries",
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    pub query: String,
    /// Search this archive too, as if both were one; can be given several times
    #[arg(long, value_name = "ARCHIVE")]
    pub also: Vec<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// Hits to print at most
    #[arg(long, default_value_t = 10)]
    pub limit: usize,
    /// Order of the hits
    #[arg(long, value_name = "new|old|relevance|NUMBER|-NUMBER", default_value = "new", allow_hyphen_values = true)]
    pub sort: String,
    /// Whether a post must hold all of the words [default: all, or where none does, any]
    #[arg(long = "match", value_enum)]
    pub matching: Option<MatchBy>,
    /// Count the values of each facet among the hits
    #[arg(long)]
    pub facets: bool,
    /// Values of each facet to print at most
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub facet_limit: usize,
    /// Narrow to a value of a facet, as tag=storm; several of one facet add up; -tag=storm leaves out
    #[arg(long, value_name = "FACET=VALUE", allow_hyphen_values = true)]
    pub filter: Vec<String>,
    /// First date: 2024, 2024-06 or 2024-06-24
    #[arg(long, value_name = "DATE")]
    pub from: Option<String>,
    /// Last date, as in --from
    #[arg(long, value_name = "DATE")]
    pub to: Option<String>,
    /// Find words as they are typed alone, not in their other forms
    #[arg(long)]
    pub literal: bool,
    /// Say which blocks were loaded and why, and what scores are made of: on stderr, or in the JSON object
    #[arg(long)]
    pub explain: bool,
    /// Answer each line of a file ("-" for standard input), one JSON object a line
    #[arg(long, value_name = "FILE", conflicts_with_all = ["query"])]
    pub queries: Option<PathBuf>,
}

/// Matchings of `fonds search`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum MatchBy {
    /// All words.
    All,
    /// At least one word.
    Any,
}

/// `fonds inspect`.
#[derive(ClapArgs, Debug)]
pub struct Inspect {
    /// An archive, or a source that could become one
    #[arg(value_name = "ARCHIVE|INPUT")]
    pub path: PathBuf,
    /// Read an input as this format instead of recognising it
    #[arg(long, value_name = "NAME")]
    pub format: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "its own options have them, and a text here would be that of the command")]
    pub table: Table,
    #[command(flatten)]
    #[allow(missing_docs, reason = "its own options have them, and a text here would be that of the command")]
    pub telegram: Telegram,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// `fonds merge`.
#[derive(ClapArgs, Debug)]
pub struct Merge {
    /// Published folders, zips, single htmls, or containers
    #[arg(required = true, value_name = "ARCHIVE")]
    pub archives: Vec<PathBuf>,
    /// Publish the archives as they are, as segments of one, instead of one that is built of their posts
    #[arg(long)]
    pub keep: bool,
    /// What to take over of the pictures and files that the archives publish
    #[arg(long, value_enum, default_value_t = MediaChoice::Copy, value_name = "none|thumbs|copy")]
    pub media: MediaChoice,
    #[command(flatten)]
    #[allow(missing_docs, reason = "its own options have them, and a text here would be that of the command")]
    pub outputs: Outputs,
    #[command(flatten)]
    #[allow(missing_docs, reason = "its own options have them, and a text here would be that of the command")]
    pub publishing: Publishing,
}

/// `fonds verify`.
#[derive(ClapArgs, Debug)]
pub struct Verify {
    /// A published folder, its zip, a single html, or a container
    pub archive: PathBuf,
    /// Check a minisign signature too, by this public key: a file, or the key itself
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// The signature [default: what it signs with .minisig behind it: of a folder SHA256SUMS, of a bag tagmanifest-sha256.txt, else the archive]
    #[arg(long, value_name = "FILE", requires = "key")]
    pub signature: Option<PathBuf>,
    /// Print nothing; the exit code tells
    #[arg(long)]
    pub quiet: bool,
}

/// `fonds extract`.
#[derive(ClapArgs, Debug)]
pub struct Extract {
    /// A published folder, its zip, a single html, or a container
    pub archive: PathBuf,
    /// What to write
    #[arg(long, value_enum, default_value_t = ExtractAs::Jsonl)]
    pub format: ExtractAs,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Replace the file that is in the way
    #[arg(long)]
    pub force: bool,
}

/// Formats of `fonds extract`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum ExtractAs {
    /// One JSON object a line, with every field.
    Jsonl,
    /// Text to read.
    Txt,
}

/// `fonds formats`.
#[derive(ClapArgs, Debug)]
pub struct Formats {
    /// Print docs/FORMATS.md
    #[arg(long, hide = true)]
    pub markdown: bool,
    /// Print one JSON array
    #[arg(long)]
    pub json: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_words_or_names_of_hosts() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(handle(text).ok().as_deref(), expected, "{text}");
        check("@harbour_news", Some("harbour_news"));
        check("https://t.me/harbour_news", Some("harbour_news"));
        check("marta.bsky.social", Some("marta.bsky.social"));
        check("https://bsky.app/profile/tide-tables.example", Some("tide-tables.example"));
        for text in ["", "a", "harbour news", "a..b", ".example", "harbour_news/7", "a.b/c"] {
            check(text, None);
        }
    }
}
