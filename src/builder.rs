//! Records → one container: gives each its uid and its place in time, and joins the writers of every section.
//!
//! The same records in the same order give the same bytes: nothing here reads a clock, a random number or a hash map's order.

mod chats;
mod columns;
pub mod groups;
pub mod regroup;
mod spill;
mod uids;

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use self::chats::Chats;
use self::columns::{Columns, Evidence};
use self::groups::{Grouping, Groups};
use self::spill::Spill;
use self::uids::Uids;
pub use self::uids::uid_base;
use crate::error::{Error, Result};
use crate::facet::writer::label;
use crate::facet::{FacetWriter, GROUP};
use crate::format::Paging;
use crate::format::writer::ContainerWriter;
use crate::index::stems::{self, WrittenForms};
use crate::index::{IndexWriter, Indexed};
use crate::ingest::lang::{Census, Languages};
use crate::record::{Date, DocId, Record};
use crate::searcher::{Root, SourceAccount};
use crate::store::writer::{Layout, StoreWriter, sample_block, train, weight};
use crate::store::{UidsReader, uids as stored_uids};
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
    /// Those of them that hold dates. Of others it is found out.
    pub dates: Vec<String>,
    /// Those of them that hold numbers, however many of their texts are none. Of others the most decide.
    pub numbers: Vec<String>,
    /// Whether records whose source names no language get the one that their text is in.
    pub detect_languages: bool,
    /// Where records of long archives are written down in between; the system's own place where it is none.
    pub spill_folder: Option<PathBuf>,
    /// How what would make the root long is cut into pages.
    pub paging: Paging,
}

impl Default for BuildOptions {
    fn default() -> Self {
        Self {
            title: "Archive".into(),
            lang: "en".into(),
            time_zone: TimeZone::UTC,
            facets: Vec::new(),
            dates: Vec::new(),
            numbers: Vec::new(),
            detect_languages: false,
            spill_folder: None,
            paging: Paging::default(),
        }
    }
}

/// Collects records and builds the archive.
///
/// It goes over the records twice: as they come, to learn what the archive has, and in the order of time, to write it. Between
/// the two they are written down, so that what it holds in memory of each is a few numbers and its words.
#[derive(Debug)]
pub struct Builder {
    options: BuildOptions,
    spill: Spill,
    uids: Uids,
    /// What the records are written in, where it is asked for.
    census: Option<Census>,
    times: Vec<TimeKey>,
    evidence: Evidence,
    chats: Chats,
    groups: Groups,
    /// Groups that were found among more records than these.
    grouping: Option<Grouping>,
    summary: Summary,
    sources: Vec<SourceAccount>,
    /// How many records there were when each source ended, where that was said.
    ends: Vec<usize>,
    /// What kept a record from being written down.
    failure: Option<Error>,
}

/// When a record was published: what orders the archive.
#[derive(Clone, Copy, Debug)]
struct TimeKey {
    seconds: i64,
    /// Number of the precision; [`UNDATED`] sorts last.
    precision: u8,
}

/// The precision of records without a date.
const UNDATED: u8 = u8::MAX;

/// What is known of the records before the archive is built.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Number of records.
    pub num_records: usize,
    /// Bytes of their texts.
    pub text_len: u64,
    /// The channel that all of them are of.
    pub channel: Option<String>,
    /// Names of the fields that their sources have beside those known.
    pub fields: BTreeSet<String>,
    /// About how long they are in the store.
    weight: u64,
}

/// A built archive.
#[derive(Debug)]
pub struct Built {
    /// The container's bytes.
    pub container: Vec<u8>,
    /// The records in archive order, with their uids.
    pub records: Records,
    /// The root.
    pub root: Root,
    /// Of each source, the records that say the same as an earlier one in another channel; none where it was not said which those are.
    pub folded: Vec<u64>,
    /// All records that do.
    pub later: Vec<DocId>,
}

/// The records of an archive that was just built, by their `DocId`s.
#[derive(Debug)]
pub struct Records {
    spill: Spill,
    uids: Uids,
    languages: Option<Languages>,
    /// For each record of the archive, which one it was of those that came.
    order: Vec<u32>,
}

impl Records {
    /// Number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// True when there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// A record.
    ///
    /// # Errors
    /// There is none, or it cannot be read back from where it was written down.
    pub fn get(&self, doc: DocId) -> Result<Record> {
        let seq = self.order.get(doc as usize).ok_or(Error::corrupt("there is no such record"))?;
        let mut record = self.spill.get(*seq)?;
        // Records that come out of an archive, with a uid, have been named or left unnamed there.
        if record.uid.is_empty() {
            self.languages.iter().for_each(|languages| languages.name(&mut record));
        }
        self.uids.get(*seq).clone_into(&mut record.uid);
        Ok(record)
    }

    /// Every record, in order.
    pub fn iter(&self) -> impl Iterator<Item = Result<Record>> + '_ {
        (0..self.order.len() as DocId).map(|doc| self.get(doc))
    }
}

impl Builder {
    /// Starts an archive without records.
    #[must_use]
    pub fn new(options: BuildOptions) -> Self {
        let spill = Spill::new(options.spill_folder.as_deref());
        let census = options.detect_languages.then(Census::default);
        let evidence = Evidence::new(&options.facets, &options.dates, &options.time_zone);
        Self {
            options,
            spill,
            evidence,
            census,
            uids: Uids::default(),
            times: Vec::new(),
            chats: Chats::default(),
            groups: Groups::default(),
            grouping: None,
            summary: Summary::default(),
            sources: Vec::new(),
            ends: Vec::new(),
            failure: None,
        }
    }

    /// Adds the next record of a source; sources come in the order in which they were named.
    pub fn add(&mut self, record: &Record) {
        self.add_named(record, &uid_base(record));
    }

    /// Adds the next record under a uid that no other one has.
    pub fn add_named(&mut self, record: &Record, uid: &str) {
        if self.failure.is_some() {
            return;
        }
        self.uids.push(uid);
        self.times.push(TimeKey::new(record.date.as_ref()));
        self.summary.add(record);
        self.evidence.add(record);
        self.chats.add(record);
        if self.grouping.is_none() {
            self.groups.add(record);
        }
        self.census.iter_mut().for_each(|census| census.add(record));
        self.failure = self.spill.push(record).err();
    }

    /// Says that a post is in the archive already, elsewhere: these may answer it.
    pub fn know(&mut self, record: &Record) {
        self.chats.know(record);
    }

    /// Says that the next record is of another source. Where that is said, it is counted how many of each say the same as others.
    pub fn end_source(&mut self) {
        self.ends.push(self.uids.len());
    }

    /// Adds what became of a source's records.
    pub fn add_source(&mut self, account: SourceAccount) {
        self.sources.push(account);
    }

    /// Takes the groups as they are known, instead of finding them; records have the numbers in which they are added after this.
    pub fn set_groups(&mut self, grouping: Grouping) {
        self.grouping = Some(grouping);
    }

    /// Names the archive.
    pub fn set_title(&mut self, title: String) {
        self.options.title = title;
    }

    /// What is known of the records so far.
    #[must_use]
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Builds the archive.
    ///
    /// # Errors
    /// A record, a facet or the root is too large for the format, or a record could not be written down.
    pub fn finish(mut self) -> Result<Built> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        self.spill.flush()?;
        let Self {
            options,
            spill,
            mut uids,
            census,
            times,
            evidence,
            chats,
            groups,
            grouping,
            summary,
            sources,
            ends,
            ..
        } = self;
        let order = in_time_order(&times);
        // By their place in the archive, so that what is taken out of it gets the same uids again.
        let places = places_in(&order);
        let by_uid = uids.settle(|seq| places.get(seq as usize).copied().unwrap_or(seq));
        drop(places);
        let zone = zone_table(&options.time_zone, &times, evidence.span());
        let grouping = match grouping {
            Some(known) => known,
            None => groups.finish(&ranks(&times, &by_uid), |seq| spill.get(seq))?,
        };
        drop(times);
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let is_later = |seq: &u32| grouping.of(*seq).is_some_and(|(first, _)| first != *seq);
        let folded = starts.zip(&ends);
        let folded = folded.map(|(start, end)| (start as u32..*end as u32).filter(is_later).count() as u64).collect();
        let later = order.iter().zip(0..).filter(|(seq, _)| is_later(seq)).map(|(_, doc)| doc).collect();
        let records = Records { spill, uids, languages: census.map(Census::finish), order };

        let answered = chats.settle(|seq| {
            let mut record = records.spill.get(seq)?;
            records.uids.get(seq).clone_into(&mut record.uid);
            Ok(record)
        })?;
        let layout = Layout::new(records.len(), summary.weight)?;
        let mut out = ContainerWriter::default();
        out.paging = options.paging;
        let by_uid = write_uids(&records, &by_uid, &layout, &mut out)?;
        set_dictionary(&records, &layout, &mut out)?;
        let mut columns = Columns::new(&options.facets, &options.numbers, &evidence, &zone);
        let mut times = TimeWriter::new(zone);
        let mut index = IndexWriter::default();
        let mut written = WrittenForms::default();
        let unknown = Languages::default();
        let languages = records.languages.as_ref().unwrap_or(&unknown);
        let mut store = StoreWriter::new(&layout);
        let mut facets = Facets::new(&options.facets);
        let mut dates = None;
        for (record, seq) in records.iter().zip(&records.order) {
            let record = record?;
            let group = grouping.of(*seq);
            if let Some(date) = &record.date {
                times.add(date);
                let (_, last) = dates.get_or_insert_with(|| (date.text.clone(), String::new()));
                date.text.clone_into(last);
            }
            let lang = languages.to_stem_by(&record).filter(|lang| has_stemmer(lang)).unwrap_or_default();
            let title = record.title.as_deref().unwrap_or_default();
            [title, &record.text].into_iter().for_each(|text| written.add(lang, text));
            index.add(&Indexed { lang, title, text: &record.text, sigils: &sigils(&record) })?;
            let group_name = group.map(|(first, _)| group_name(records.uids.get(first)));
            facets.add(&record, &times, group_name.as_deref(), &|id| answered.uid(&record, *seq, id));
            columns.add(&record, group.map(|(_, count)| count));
            store.add(record, &mut out)?;
        }

        let root = Root {
            title: options.title,
            lang: options.lang,
            dates,
            sources,
            uids: by_uid,
            store: store.finish(&mut out)?,
            index: index.finish(&mut out, |languages, entries| stems::leaders(&written, languages, entries))?,
            times: times.finish(&mut out)?,
            facets: facets.finish(&mut out)?,
            numbers: columns.finish(&mut out)?,
        };
        let container = out.finish(root.encode())?;
        Ok(Built { container, records, root, folded, later })
    }
}

impl Summary {
    fn add(&mut self, record: &Record) {
        if self.num_records == 0 {
            self.channel.clone_from(&record.channel);
        } else if self.channel != record.channel {
            self.channel = None;
        }
        self.num_records += 1;
        self.text_len += record.text.len() as u64;
        self.weight += weight(record) as u64;
        for (name, _) in &record.fields {
            if !self.fields.contains(name) {
                self.fields.insert(name.clone());
            }
        }
    }
}

impl TimeKey {
    fn new(date: Option<&Date>) -> Self {
        date.map_or(Self { seconds: 0, precision: UNDATED }, |date| Self {
            seconds: date.seconds,
            precision: date.precision as u8,
        })
    }

    fn is_dated(self) -> bool {
        self.precision != UNDATED
    }
}

/// Dated records by time, coarse dates before what lies within them, then the undated ones; equal ones in source order.
fn in_time_order(times: &[TimeKey]) -> Vec<u32> {
    let key = |seq: &u32| times.get(*seq as usize).map(|time| (!time.is_dated(), time.seconds, time.precision, *seq));
    let mut order: Vec<u32> = (0..times.len() as u32).collect();
    order.sort_unstable_by_key(key);
    order
}

/// The place of each record in an order of all of them.
fn places_in(order: &[u32]) -> Vec<u32> {
    let mut places = vec![0; order.len()];
    for (seq, place) in order.iter().zip(0..) {
        if let Some(slot) = places.get_mut(*seq as usize) {
            *slot = place;
        }
    }
    places
}

/// The place of each record in the order of time; of the same moment that of the lesser uid comes first, whatever came first.
/// `by_uid` has the records in the order of their uids.
fn ranks(times: &[TimeKey], by_uid: &[u32]) -> Vec<u32> {
    let key = |seq: &u32| times.get(*seq as usize).map(|time| (!time.is_dated(), time.seconds, time.precision));
    let mut in_order = by_uid.to_vec();
    in_order.sort_by_key(key);
    places_in(&in_order)
}

/// What the group is called whose first record has this uid: so, where that is a label as it stands, else by its digest.
fn group_name(uid: &str) -> String {
    if label(uid) == uid { uid.to_owned() } else { uids::digest_name([uid]) }
}

/// Writes the section `uids`. `by_uid` has the records as they came, in the order of their uids.
fn write_uids(records: &Records, by_uid: &[u32], layout: &Layout, out: &mut ContainerWriter) -> Result<UidsReader> {
    let mut blocks = vec![0; records.len()];
    for (seq, doc) in records.order.iter().zip(0..) {
        if let Some(block) = blocks.get_mut(*seq as usize) {
            *block = layout.root().block_of(doc);
        }
    }
    let block_of = |seq: u32| blocks.get(seq as usize).copied().unwrap_or_default();
    stored_uids::write(by_uid.iter().map(|seq| (records.uids.get(*seq).as_bytes(), block_of(*seq))), out)
}

/// Trains the dictionary of the store, where one pays.
fn set_dictionary(records: &Records, layout: &Layout, out: &mut ContainerWriter) -> Result<()> {
    let sample = |docs: Range<DocId>| docs.map(|doc| records.get(doc)).collect::<Result<Vec<_>>>();
    let samples = layout.samples().map(|docs| Ok(sample_block(&sample(docs)?))).collect::<Result<Vec<_>>>()?;
    match train(layout, &samples) {
        Some(dictionary) => out.set_dictionary(&dictionary),
        None => Ok(()),
    }
}

/// Tags and mentions of a record as they are searched for. The text holds most of them already.
fn sigils(record: &Record) -> Vec<String> {
    // A tag of several words is one tag.
    let tags = record.tags.iter().map(|tag| format!("#{}", tag.replace(char::is_whitespace, "_")));
    tags.chain(record.mentions.iter().map(|mention| format!("@{mention}"))).collect()
}

/// Offsets of a time zone over the span of the records and that of their fields' dates.
fn zone_table(time_zone: &TimeZone, times: &[TimeKey], of_fields: Option<(i64, i64)>) -> Zone {
    let dated = times.iter().filter(|time| time.is_dated()).map(|time| (time.seconds, time.seconds));
    zone_between(time_zone, dated.chain(of_fields).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))))
}

/// Offsets of a time zone between two instants, and a year beyond, so that filters past the end are right too.
#[must_use]
pub fn zone_between(time_zone: &TimeZone, span: Option<(i64, i64)>) -> Zone {
    const YEAR: i64 = 366 * 86_400;
    let name = time_zone.iana_name().unwrap_or("UTC").to_owned();
    let Some((first, last)) = span else {
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
pub const FACETS: [&str; 18] = [
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
    GROUP,
    "reply_to",
    "thread",
    "album",
];

/// Facets of time stand last: the timeline shows the same.
const TIME_FACETS: [&str; 3] = ["dates_mentioned", "year", "month"];

/// Entropy, in nats, above which more values make a facet no easier to divide by: twelve equally frequent ones, about as many
/// as are seen at once.
const MAX_ENTROPY: f64 = 2.5;

#[derive(Debug)]
struct Facets {
    writers: Vec<(String, FacetWriter)>,
    num_records: u32,
}

impl Facets {
    fn new(user_facets: &[String]) -> Self {
        let mut names: Vec<&str> = FACETS.to_vec();
        for name in user_facets {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        let writers = names.iter().map(|name| ((*name).to_owned(), FacetWriter::new(name)));
        Self { writers: writers.collect(), num_records: 0 }
    }

    fn add(&mut self, record: &Record, times: &TimeWriter, group: Option<&str>, uid: &dyn Fn(&str) -> String) {
        self.num_records += 1;
        for (name, writer) in &mut self.writers {
            if name == GROUP {
                writer.add(group);
                continue;
            }
            writer.add(facet_values(name, record, times, uid).iter().map(String::as_str));
        }
    }

    /// Writes the facets that have values, those that divide the archive best first.
    fn finish(self, out: &mut ContainerWriter) -> Result<Vec<crate::facet::FacetReader>> {
        let num_records = self.num_records;
        let mut writers: Vec<_> = self.writers.into_iter().filter(|(_, writer)| !writer.is_empty()).collect();
        writers.sort_by_cached_key(|(name, writer)| {
            let is_time = TIME_FACETS.contains(&name.as_str());
            // Thousandths, so that the order rests on integers.
            (is_time, std::cmp::Reverse((division(writer.counts(), num_records) * 1000.0) as u64))
        });
        writers.into_iter().map(|(_, writer)| writer.finish(out)).collect()
    }
}

/// How well a facet divides an archive: the entropy of its values, as far as it helps, times the share of records that have one.
fn division(counts: &[u32], num_records: u32) -> f64 {
    let total: f64 = counts.iter().map(|count| f64::from(*count)).sum();
    let entropy: f64 =
        counts.iter().map(|count| f64::from(*count) / total).map(|share| -share * libm::log(share)).sum();
    entropy.min(MAX_ENTROPY) * (total / f64::from(num_records.max(1))).min(1.0)
}

fn facet_values(name: &str, record: &Record, times: &TimeWriter, uid: &dyn Fn(&str) -> String) -> Vec<String> {
    let one = |value: &Option<String>| value.iter().cloned().collect::<Vec<_>>();
    // An id of the source is one within its channel: by the uid that a record of this id has, all others are told apart from it.
    let within = |id: &Option<String>| id.iter().map(|id| uid(id)).collect::<Vec<_>>();
    match name {
        "channel" => one(&record.channel),
        "author" => one(&record.author),
        "forwarded_from" => record.forwarded_from.iter().map(|forward| forward.name.clone()).collect(),
        "tag" => record.tags.clone(),
        "mention" => record.mentions.clone(),
        "domain" => distinct(record.links.iter().filter_map(|link| domain(link)).collect()),
        "media" => distinct(record.media.iter().map(|attachment| attachment.kind.clone()).collect()),
        "lang" => one(&record.lang),
        "reply_to" => within(&record.reply_to),
        "thread" => within(&record.thread),
        "album" => within(&record.album),
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

    #[test]
    fn a_facet_asked_for_twice_stands_once() {
        let options =
            BuildOptions { facets: vec!["mood".into(), "tag".into(), "mood".into()], ..BuildOptions::default() };
        let mut builder = Builder::new(options);
        let fields = vec![("mood".to_owned(), "\"calm\"".to_owned())];
        builder.add(&Record { tags: vec!["a".into()], fields, ..Record::default() });
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
