//! Records → one container: gives each its uid and its place in time, and joins the writers of every section.
//!
//! The same records in the same order give the same bytes: nothing here reads a clock, a random number or a hash map's order.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use crate::error::Result;
use crate::facet::FacetWriter;
use crate::format::writer::ContainerWriter;
use crate::index::stems::{self, WrittenForms};
use crate::index::{IndexWriter, Indexed, writer::write_uids};
use crate::ingest::lang::{Census, Languages};
use crate::number::{COLUMNS, NumberReader, NumberWriter};
use crate::record::Record;
use crate::searcher::{Root, SourceAccount};
use crate::store::StoreWriter;
use crate::text::stem::has_stemmer;
use crate::time::{TimeWriter, Zone};

/// How to build an archive.
#[derive(Clone, Debug)]
pub struct BuildOptions {
    /// Title of the archive.
    pub title: String,
    /// Language of the interface, ISO 639-1.
    pub lang: String,
    /// Time zone of months, days and date filters.
    pub time_zone: TimeZone,
    /// Fields of the source that become facets beside the built-in ones.
    pub facets: Vec<String>,
    /// Whether records whose source names no language get the one that their text is in.
    pub detect_languages: bool,
}

impl Default for BuildOptions {
    fn default() -> Self {
        Self {
            title: "Archive".into(),
            lang: "en".into(),
            time_zone: TimeZone::UTC,
            facets: Vec::new(),
            detect_languages: false,
        }
    }
}

/// Collects records and builds the archive.
#[derive(Debug)]
pub struct Builder {
    options: BuildOptions,
    records: Vec<Record>,
    sources: Vec<SourceAccount>,
}

/// A built archive.
#[derive(Debug)]
pub struct Built {
    /// The container's bytes.
    pub container: Vec<u8>,
    /// The records in archive order, with their uids.
    pub records: Vec<Record>,
    /// The root.
    pub root: Root,
}

impl Builder {
    /// Starts an archive without records.
    #[must_use]
    pub fn new(options: BuildOptions) -> Self {
        Self { options, records: Vec::new(), sources: Vec::new() }
    }

    /// Adds the next record of a source; sources come in the order in which they were named.
    pub fn add(&mut self, record: Record) {
        self.records.push(record);
    }

    /// Adds what became of a source's records.
    pub fn add_source(&mut self, account: SourceAccount) {
        self.sources.push(account);
    }

    /// Builds the archive.
    ///
    /// # Errors
    /// A record, a facet or the root is too large for the format.
    pub fn finish(self) -> Result<Built> {
        let Self { options, mut records, sources } = self;
        let languages = if options.detect_languages { detect_languages(&mut records) } else { Languages::default() };
        give_uids(&mut records);
        sort_by_time(&mut records);

        let mut times = TimeWriter::new(zone_table(&options.time_zone, &records));
        let mut index = IndexWriter::default();
        let mut written = WrittenForms::default();
        let mut store = StoreWriter::default();
        let mut facets = Facets::new(&options.facets);
        let mut numbers = Numbers::new(&options.facets);
        for record in &records {
            record.date.iter().for_each(|date| times.add(date));
            let lang = languages.to_stem_by(record).filter(|lang| has_stemmer(lang)).unwrap_or_default();
            let title = record.title.as_deref().unwrap_or_default();
            [title, &record.text].into_iter().for_each(|text| written.add(lang, text));
            index.add(&Indexed { lang, title, text: &record.text, sigils: &sigils(record) });
            store.add(record);
            facets.add(record, &times);
            numbers.add(record);
        }

        let mut out = ContainerWriter::default();
        let uids: Vec<String> = records.iter().map(|record| record.uid.clone()).collect();
        let dated = || records.iter().filter_map(|record| record.date.as_ref());
        let root = Root {
            title: options.title,
            lang: options.lang,
            dates: dated().next().zip(dated().next_back()).map(|(first, last)| (first.text.clone(), last.text.clone())),
            sources,
            uids: write_uids(&uids, &mut out)?,
            index: index.finish(&mut out, |languages, entries| stems::leaders(&written, languages, entries))?,
            times: times.finish(&mut out)?,
            facets: facets.finish(&mut out)?,
            numbers: numbers.finish(&mut out)?,
            store: store.finish(&mut out)?,
        };
        let container = out.finish(root.encode())?;
        Ok(Built { container, records, root })
    }
}

/// Names the languages of records, knowing what the whole archive is written in. Records that come out of an archive, with a uid,
/// have been named or left unnamed there.
fn detect_languages(records: &mut [Record]) -> Languages {
    let mut census = Census::default();
    records.iter().for_each(|record| census.add(record));
    let languages = census.finish();
    for record in records.iter_mut().filter(|record| record.uid.is_empty()) {
        languages.name(record);
    }
    languages
}

/// Gives each record its uid: `CHANNEL/ID` where both are known, else `FILESTEM/ID`, else `~` and the first 16 hexadecimal
/// digits of the SHA-256 of forwarded-from, title and text, each ended by a zero byte. A repeated uid gets `.2`, `.3`, ….
fn give_uids(records: &mut [Record]) {
    let mut seen: HashMap<String, u32> = HashMap::new();
    for record in records {
        let base = match (&record.channel, &record.id) {
            (Some(channel), Some(id)) => format!("{channel}/{id}"),
            (None, Some(id)) => format!("{}/{id}", file_stem(&record.source.file)),
            (_, None) => content_uid(record),
        };
        // A suffix can meet another record's own id ("7.2"), so that one is asked for as well.
        let mut uid = base.clone();
        loop {
            let times = seen.entry(uid.clone()).or_default();
            *times += 1;
            if *times == 1 {
                break;
            }
            uid = format!("{base}.{}", seen.get(&base).copied().unwrap_or(2));
            if !seen.contains_key(&uid) {
                seen.insert(uid.clone(), 1);
                break;
            }
            *seen.entry(base.clone()).or_default() += 1;
        }
        record.uid = uid;
    }
}

fn content_uid(record: &Record) -> String {
    let mut hasher = Sha256::new();
    let forward = record.forwarded_from.as_ref().map_or("", |forward| forward.name.as_str());
    for part in [forward, record.title.as_deref().unwrap_or_default(), &record.text] {
        hasher.update(part);
        hasher.update([0]);
    }
    let digest = hasher.finalize();
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("~{hex}")
}

fn file_stem(file: &str) -> &str {
    let name = file.rsplit('/').next().unwrap_or(file);
    name.split_once('.').map_or(name, |(stem, _)| if stem.is_empty() { name } else { stem })
}

/// Dated records by time, coarse dates before what lies within them, then the undated ones; equal ones in source order.
fn sort_by_time(records: &mut [Record]) {
    records.sort_by_key(|record| match &record.date {
        Some(date) => (false, date.seconds, Some(date.precision)),
        None => (true, 0, None),
    });
}

/// Tags and mentions of a record as they are searched for. The text holds most of them already.
fn sigils(record: &Record) -> Vec<String> {
    // A tag of several words is one tag.
    let tags = record.tags.iter().map(|tag| format!("#{}", tag.replace(char::is_whitespace, "_")));
    tags.chain(record.mentions.iter().map(|mention| format!("@{mention}"))).collect()
}

/// Offsets of a time zone over the span of the records, and a year beyond, so that filters past the end are right too.
fn zone_table(time_zone: &TimeZone, records: &[Record]) -> Zone {
    const YEAR: i64 = 366 * 86_400;
    let name = time_zone.iana_name().unwrap_or("UTC").to_owned();
    let seconds = || records.iter().filter_map(|record| record.date.as_ref()).map(|date| date.seconds);
    let (Some(first), Some(last)) = (seconds().min(), seconds().max()) else {
        return Zone { name, ..Zone::default() };
    };
    let clamped = |seconds: i64| {
        let (low, high) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
        Timestamp::from_second(seconds.clamp(low, high)).unwrap_or(Timestamp::UNIX_EPOCH)
    };
    let (start, end) = (clamped(first.saturating_sub(YEAR)), clamped(last.saturating_add(YEAR)));
    let first_offset = i64::from(time_zone.to_offset(start).seconds());
    let mut changes: Vec<(i64, i64)> = Vec::new();
    for transition in time_zone.following(start).take_while(|transition| transition.timestamp() <= end) {
        let offset = i64::from(transition.offset().seconds());
        let before = changes.last().map_or(first_offset, |(_, offset)| *offset);
        if offset != before {
            changes.push((transition.timestamp().as_second(), offset));
        }
    }
    Zone { name, first_offset, changes }
}

/// Built-in facets, in the order in which they stand when nothing tells them apart.
pub const FACETS: [&str; 14] = [
    "channel",
    "author",
    "forwarded_from",
    "tag",
    "mention",
    "domain",
    "media",
    "lang",
    "flag",
    "dates_mentioned",
    "year",
    "month",
    "is",
    "kind",
];

/// Facets of time stand last: the timeline shows the same.
const TIME_FACETS: [&str; 3] = ["dates_mentioned", "year", "month"];

/// Entropy, in nats, above which more values make a facet no easier to divide by: twelve equally frequent ones, about as many
/// as are seen at once.
const MAX_ENTROPY: f64 = 2.5;

#[derive(Debug)]
struct Facets {
    writers: Vec<(String, FacetWriter, FacetCounts)>,
    num_records: u32,
}

/// How often each value stood, for the order of facets.
type FacetCounts = std::collections::BTreeMap<String, u32>;

impl Facets {
    fn new(user_facets: &[String]) -> Self {
        let mut names: Vec<&str> = FACETS.to_vec();
        for name in user_facets {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        let writers = names.iter().map(|name| ((*name).to_owned(), FacetWriter::new(name), FacetCounts::new()));
        Self { writers: writers.collect(), num_records: 0 }
    }

    fn add(&mut self, record: &Record, times: &TimeWriter) {
        self.num_records += 1;
        for (name, writer, counts) in &mut self.writers {
            let values = facet_values(name, record, times);
            for value in &values {
                *counts.entry(value.clone()).or_default() += 1;
            }
            writer.add(values.iter().map(String::as_str));
        }
    }

    /// Writes the facets that have values, those that divide the archive best first.
    fn finish(self, out: &mut ContainerWriter) -> Result<Vec<crate::facet::FacetReader>> {
        let num_records = self.num_records;
        let mut writers: Vec<_> = self.writers.into_iter().filter(|(_, writer, _)| !writer.is_empty()).collect();
        writers.sort_by_cached_key(|(name, _, counts)| {
            let is_time = TIME_FACETS.contains(&name.as_str());
            // Thousandths, so that the order rests on integers.
            (is_time, std::cmp::Reverse((division(counts, num_records) * 1000.0) as u64))
        });
        writers.into_iter().map(|(_, writer, _)| writer.finish(out)).collect()
    }
}

/// How well a facet divides an archive: the entropy of its values, as far as it helps, times the share of records that have one.
fn division(counts: &FacetCounts, num_records: u32) -> f64 {
    let total: f64 = counts.values().map(|count| f64::from(*count)).sum();
    let entropy: f64 =
        counts.values().map(|count| f64::from(*count) / total).map(|share| -share * libm::log(share)).sum();
    entropy.min(MAX_ENTROPY) * (total / f64::from(num_records.max(1))).min(1.0)
}

fn facet_values(name: &str, record: &Record, times: &TimeWriter) -> Vec<String> {
    let one = |value: &Option<String>| value.iter().cloned().collect::<Vec<_>>();
    match name {
        "channel" => one(&record.channel),
        "author" => one(&record.author),
        "forwarded_from" => record.forwarded_from.iter().map(|forward| forward.name.clone()).collect(),
        "tag" => record.tags.clone(),
        "mention" => record.mentions.clone(),
        "domain" => distinct(record.links.iter().filter_map(|link| domain(link)).collect()),
        "media" => distinct(record.media.iter().map(|attachment| attachment.kind.clone()).collect()),
        "lang" => one(&record.lang),
        "flag" => record.flags.clone(),
        "is" => distinct(marks(record)),
        "kind" => vec![record.kind.clone()],
        "dates_mentioned" => record.dates_mentioned.clone(),
        "year" => record.date.iter().map(|date| format!("{:04}", times.period(date).first().year)).collect(),
        "month" => record
            .date
            .iter()
            .map(|date| times.period(date))
            .filter(|period| matches!(period, crate::time::civil::Period::Month(..)))
            .map(|period| period.to_string())
            .collect(),
        user => {
            record.fields.iter().filter(|(field, _)| field == user).flat_map(|(_, value)| json_labels(value)).collect()
        }
    }
}

/// What a record is and has, as queries ask for it by `is:` and `has:`.
fn marks(record: &Record) -> Vec<String> {
    let marks = [
        ("edited", record.edited.is_some()),
        ("forwarded", record.forwarded_from.is_some()),
        ("reply", record.reply_to.is_some()),
        ("link", !record.links.is_empty()),
        ("media", !record.media.is_empty()),
        ("poll", record.poll.is_some()),
        ("reactions", !record.reactions.is_empty()),
        ("tag", !record.tags.is_empty()),
        ("mention", !record.mentions.is_empty()),
        ("title", record.title.is_some()),
    ];
    let marks = marks.into_iter().filter(|(_, has)| *has).map(|(mark, _)| mark.to_owned());
    let kinds = record.media.iter().map(|attachment| attachment.kind.clone());
    marks.chain(kinds).chain(record.flags.iter().cloned()).collect()
}

/// Columns of numbers: the built-in ones and the fields of the source that become facets.
#[derive(Debug)]
struct Numbers {
    writers: Vec<(String, NumberWriter)>,
}

impl Numbers {
    fn new(user_facets: &[String]) -> Self {
        let mut names: Vec<&str> = COLUMNS.to_vec();
        for name in user_facets {
            if !names.contains(&name.as_str()) && !FACETS.contains(&name.as_str()) {
                names.push(name);
            }
        }
        Self { writers: names.iter().map(|name| ((*name).to_owned(), NumberWriter::new(name))).collect() }
    }

    fn add(&mut self, record: &Record) {
        for (name, writer) in &mut self.writers {
            let count = record.poll.as_ref().and_then(|poll| {
                let votes = || poll.answers.iter().filter_map(|answer| answer.votes).reduce(u64::saturating_add);
                poll.voters.or_else(votes)
            });
            let reactions = record.reactions.iter().map(|reaction| reaction.count).reduce(u64::saturating_add);
            match name.as_str() {
                "views" => writer.add(record.views),
                "reactions" => writer.add(reactions),
                "votes" => writer.add(count),
                "length" => writer.add(Some(record.text.chars().count() as u64)),
                user => {
                    let field = record.fields.iter().find(|(field, _)| field == user);
                    let labels = field.map(|(_, json)| json_labels(json)).unwrap_or_default();
                    // A field of several values has no one number; text is none.
                    let text = if labels.len() > 1 { Some("") } else { labels.first().map(String::as_str) };
                    writer.add_text(text);
                }
            }
        }
    }

    fn finish(self, out: &mut ContainerWriter) -> Result<Vec<NumberReader>> {
        let columns = self.writers.into_iter().map(|(_, writer)| writer.finish(out));
        Ok(columns.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
    }
}

fn distinct(mut values: Vec<String>) -> Vec<String> {
    values.sort_unstable();
    values.dedup();
    values
}

/// The host that a link leads to, without `www.`.
fn domain(link: &str) -> Option<String> {
    let (_, rest) = link.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?.split(':').next()?;
    let host = host.strip_prefix("www.").unwrap_or(host).to_lowercase();
    (!host.is_empty()).then_some(host)
}

/// Labels of a JSON value: a scalar is one, a list has one for each of its scalars.
fn json_labels(json: &str) -> Vec<String> {
    let scalar = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    };
    match serde_json::from_str::<serde_json::Value>(json) {
        Ok(serde_json::Value::Array(items)) => items.iter().filter_map(scalar).collect(),
        Ok(value) => scalar(&value).into_iter().collect(),
        Err(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uids(records: &[(Option<&str>, Option<&str>, &str)]) -> Vec<String> {
        let mut records: Vec<Record> = records
            .iter()
            .map(|(channel, id, text)| Record {
                channel: channel.map(str::to_owned),
                id: id.map(str::to_owned),
                text: (*text).to_owned(),
                source: crate::record::Source { file: "dump.2024.jsonl".into(), ..Default::default() },
                ..Record::default()
            })
            .collect();
        give_uids(&mut records);
        records.into_iter().map(|record| record.uid).collect()
    }

    #[test]
    fn uids_are_stable_and_distinct() {
        assert_eq!(uids(&[(Some("c"), Some("7"), ""), (None, Some("7"), "")]), ["c/7", "dump/7"]);
        let same = uids(&[
            (Some("c"), Some("7"), ""),
            (Some("c"), Some("7"), ""),
            (Some("c"), Some("7.2"), ""),
            (Some("c"), Some("7"), ""),
        ]);
        assert_eq!(same, ["c/7", "c/7.2", "c/7.2.2", "c/7.3"]);
        let by_content = uids(&[(None, None, "a"), (None, None, "b"), (None, None, "a")]);
        assert_eq!(by_content[2], format!("{}.2", by_content[0]));
        assert_ne!(by_content[0], by_content[1]);
        assert_eq!(by_content[0].len(), 17);
    }

    #[test]
    fn a_facet_asked_for_twice_stands_once() {
        let options =
            BuildOptions { facets: vec!["mood".into(), "tag".into(), "mood".into()], ..BuildOptions::default() };
        let mut builder = Builder::new(options);
        let fields = vec![("mood".to_owned(), "\"calm\"".to_owned())];
        builder.add(Record { tags: vec!["a".into()], fields, ..Record::default() });
        let root = builder.finish().unwrap().root;
        let names: Vec<&str> = root.facets.iter().map(|facet| facet.name.as_str()).collect();
        assert_eq!(
            (names.iter().filter(|name| **name == "mood").count(), names.iter().filter(|name| **name == "tag").count()),
            (1, 1)
        );
    }

    #[test]
    fn domains_of_links() {
        for (link, expected) in [
            ("https://www.Harbour.example/tides?x=1", Some("harbour.example")),
            ("http://user@host.example:8080", Some("host.example")),
            ("mailto:a@b.example", None),
            ("https:///x", None),
        ] {
            assert_eq!(domain(link).as_deref(), expected, "{link}");
        }
    }
}
