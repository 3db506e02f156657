//! `fonds add`: posts of further sources become a new segment of an archive; what it has is not written anew.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::Write as _;

use anyhow::{Context as _, Result, anyhow, bail};
use jiff::tz::TimeZone;

use super::args::{Add, MediaChoice};
use super::build::{self, Counts, Written};
use super::carried::{Carried, SINGLE_HOLDS};
use super::driver::Driver;
use super::fresh::{Fresh, folded_with, is_of_one_channel};
use super::media::Media;
use super::source::discreet;
use super::{Outcome, Run, output, owner, renewed};
use crate::builder::{self, BuildOptions, Builder, Built};
use crate::format::Paging;
use crate::format::writer::frame;
use crate::gather::{Gather, Update, Updated};
use crate::index::writer::num_words;
use crate::publish::output::{self as publish_output, cause};
use crate::publish::{self, Form, MediaWriter, Owner, Publication, files, shard};
use crate::query::DocSet;
use crate::record::{DocId, Record};
use crate::searcher::{Hidden, SourceAccount};

pub(super) fn run(args: &Add) -> Run {
    let mut driver = Driver::open(&args.archive)?;
    check(args, &driver)?;
    let given = owner::read(&args.publishing)?;
    publish_output::stop_cleanly()?;
    let zone = driver.zone().name.clone();
    let time_zone = TimeZone::get(&zone).with_context(|| format!("{zone}: there is no such time zone"))?;
    let (update, skipped) = read(args, &time_zone)?;
    let (updated, mut superseded) = meet(update, &driver)?;
    let Updated { mut records, mut sources } = updated;
    let says_more = args.publishing.title.is_some() || !given.is_silent();
    if records.is_empty() && !says_more {
        return say_nothing_new(args, &driver, &sources);
    }
    let mut media = Media::new(args.media, &args.inputs, args.archive.parent().filter(|folder| folder.is_dir()))?;
    media.know(renewed::media(&driver)?);
    records.iter_mut().for_each(|record| media.take(record));
    let (taken, hint) = media.finish(&mut sources)?;
    if let Some(hint) = hint.filter(|_| !args.publishing.quiet) {
        output::note(&format!("fonds: {hint}"));
    }

    // Where no post is new, what the owner says of them is.
    let (mut built, mut num_moved) = (None, 0);
    if !records.is_empty() {
        let uids = name_records(&driver, &records)?;
        let fresh = Fresh::new(&driver, &records, &uids, &superseded)?;
        let moved = fresh.moved(&driver)?;
        num_moved = moved.len();
        superseded.extend(moved);
        built = Some(build_segment(args, &driver, time_zone, &records, fresh, &sources)?);
    }
    let hidden = match &built {
        Some(_) => hidden_with(&driver, &superseded)?,
        None => driver.published.hidden()?.map(|(_, list)| list),
    };
    if let Some(built) = &built {
        driver.append_built(&built.container, hidden.as_deref())?;
    }
    // A source that gave no post has no account, and what it skipped none either.
    let skipped = if built.is_some() { skipped.as_str() } else { "" };
    let written = renew(args, given, &driver, built.as_ref(), hidden, skipped, taken.as_ref())?;
    let counts = Counts { records: driver.num_docs() as usize, terms: None, moved: num_moved };
    // The new ones stand behind those that the archive had.
    let folded = written.0.folded.len().checked_sub(sources.len()).filter(|_| built.is_some());
    let folded = folded.and_then(|start| written.0.folded.get(start..)).unwrap_or_default();
    build::summarise(&args.publishing, &written.0, counts, (&sources, folded), &[written.1])?;
    Ok(Outcome::Good)
}

/// Refuses what cannot be added to, or would be lost.
fn check(args: &Add, driver: &Driver) -> Result<()> {
    let path = args.archive.display();
    if driver.published.form() == Form::Container {
        bail!(
            "{path}: a container holds one segment and is never changed; build the new posts by themselves, and make one of both: fonds merge {path} NEW.fonds -o OUT.fonds"
        );
    }
    if driver.published.is_bag() {
        bail!(
            "{path}: a bag is kept as it was made; make a new one of both: fonds build the new posts, then fonds merge {path} NEW --bag -o OUT"
        );
    }
    if driver.published.form() == Form::Single && args.media == MediaChoice::Copy {
        bail!(
            "{path}: {SINGLE_HOLDS}; make a folder of it (fonds merge {path} --keep -o OUT), or choose --media thumbs"
        );
    }
    let place = args.archive.canonicalize().ok();
    let is_within = |input: &std::path::PathBuf| {
        input.canonicalize().is_ok_and(|input| place.as_ref().is_some_and(|place| input.starts_with(place)))
    };
    if let Some(input) = args.inputs.iter().find(|input| is_within(input)) {
        bail!("{}: it is within the archive that it would be added to; copy it elsewhere first", input.display());
    }
    check_left_out(args, driver)?;
    publish_output::sweep(&args.archive);
    publish_output::check(&args.archive, driver.published.form() == Form::Folder, true)
}

/// What an archive was built without would come back with posts of which it is not taken.
fn check_left_out(args: &Add, driver: &Driver) -> Result<()> {
    let mut missing: Vec<String> = Vec::new();
    for field in driver.library.sources().flat_map(|source| &source.dropped) {
        let option = format!("--drop {field}");
        if !args.reading.drop.contains(field) && !missing.contains(&option) {
            missing.push(option);
        }
    }
    if args.reading.redact.is_empty() && driver.library.sources().any(|source| source.redacted > 0) {
        missing.push("--redact PATTERN".to_owned());
    }
    if missing.is_empty() {
        return Ok(());
    }
    bail!(
        "{}: it was built with {}, and what that took would come back; give it again, or build the archive anew from all sources",
        args.archive.display(),
        missing.join(" and ")
    )
}

/// Reads the inputs; gives what was gathered, and the lines of what was skipped.
fn read(args: &Add, time_zone: &TimeZone) -> Result<(Update, String)> {
    let options = build::source_options(&args.reading, time_zone, args.publishing.quiet)?;
    let filter = build::filter(&args.reading, time_zone)?;
    let (mut gather, mut skipped) = (Gather::new(filter.clone()), String::new());
    let end = |gather: &mut Gather, account: &SourceAccount| gather.end_source(account.clone());
    build::read_inputs(&args.inputs, &options, &mut gather, &mut skipped, Gather::add, end)?;
    if gather.is_empty() {
        let why = build::no_such_chat(&options).unwrap_or_default();
        bail!("{}: there is no post in it{why}; nothing was written", build::names(&args.inputs));
    }
    if filter.is_active() {
        skipped = discreet(&skipped, &filter);
    }
    Ok((Update::new(build::gathered(&args.inputs, gather)?), skipped))
}

/// Holds what is new against what the archive has; gives what is left to add, and the records that are superseded, with how many
/// words each has.
fn meet(mut update: Update, driver: &Driver) -> Result<(Updated, Vec<(DocId, u64)>)> {
    let path = driver.published.path().display();
    let record =
        |doc: DocId| driver.record(doc).with_context(|| format!("{path}: record {doc} is lost; nothing was written"));
    // Where all is called by one name, what may be the same post is called alike.
    let is_called_alike = is_of_one_channel(driver, update.channel())?;
    let mut docs = Vec::new();
    match update.uids().filter(|_| is_called_alike) {
        Some(uids) => {
            for uid in uids {
                // What a channel has several times under one id is numbered.
                let names = std::iter::once(uid.clone()).chain((2u64..).map(|number| format!("{uid}.{number}")));
                for name in names {
                    let Some(doc) = driver.answer(|library| library.find(&name), |_| {})? else { break };
                    docs.push(doc);
                }
            }
        }
        None => docs = driver.docs()?,
    }
    for doc in &docs {
        update.note(&record(*doc)?);
    }
    let mut superseded = Vec::new();
    for (old, place) in update.known() {
        let Some(doc) = docs.get(old).copied() else { continue };
        let old = record(doc)?;
        if update.meet(place, &old) {
            superseded.push((doc, num_words(old.title.as_deref().unwrap_or_default(), &old.text)));
        }
    }
    Ok((update.finish(), superseded))
}

fn say_nothing_new(args: &Add, driver: &Driver, sources: &[SourceAccount]) -> Run {
    if args.publishing.quiet {
        return Ok(Outcome::Good);
    }
    let mut out = output::stdout();
    if args.publishing.json {
        let summary = serde_json::json!({
            "title": driver.title_and_lang().0,
            "records": driver.num_docs(),
            "terms": null,
            "folded": driver.library.num_folded(),
            "written_anew": 0,
            "sources": sources.iter().map(files::account).collect::<Vec<_>>(),
            "outputs": [],
        });
        writeln!(out, "{}", output::json(&summary))?;
    } else {
        sources.iter().try_for_each(|source| writeln!(out, "{}", super::inspect::describe(source)))?;
        writeln!(out, "{}: it has all of these posts already; nothing was written", args.archive.display())?;
    }
    out.flush()?;
    Ok(Outcome::Good)
}

/// Builds the new segment.
fn build_segment(
    args: &Add,
    driver: &Driver,
    time_zone: TimeZone,
    records: &[Record],
    fresh: Fresh<'_>,
    sources: &[SourceAccount],
) -> Result<Built> {
    let is_own = |name: &String| !builder::FACETS.contains(&name.as_str());
    let mut facets: Vec<String> = driver.library.all_facet_names().into_iter().filter(is_own).collect();
    let asked: Vec<String> = args.reading.facet.clone();
    let from_columns = args.reading.table.options();
    facets.extend(asked.iter().cloned().chain(from_columns.facets().map(str::to_owned)));
    facets.dedup();
    let of_dates = from_columns.dates().map(str::to_owned).chain(driver.library.date_names()).collect();
    let of_numbers = from_columns.numbers().map(str::to_owned).chain(driver.library.number_names()).collect();
    let mut builder = Builder::new(BuildOptions {
        title: driver.root().title.clone(),
        lang: driver.root().lang.clone(),
        time_zone,
        facets,
        dates: of_dates,
        numbers: of_numbers,
        detect_languages: true,
        paging: Paging::default(),
        spill_folder: args.archive.parent().filter(|folder| folder.is_dir()).map(std::path::Path::to_path_buf),
    });
    know_answered(driver, records, &mut builder)?;
    fresh.build(driver, &mut builder)?;
    build::check_facets(&asked, &builder.summary().fields)?;
    sources.iter().for_each(|source| builder.add_source(source.clone()));
    builder.finish().context("cannot build the new segment")
}

/// Tells a builder which posts of the archive new ones may mean by an id: where chats have one name, several are called by it.
fn know_answered(driver: &Driver, records: &[Record], builder: &mut Builder) -> Result<()> {
    let mut bases = BTreeSet::new();
    for record in records.iter().filter(|record| record.channel.is_some()) {
        let ids = [&record.reply_to, &record.thread, &record.album].into_iter().flatten();
        bases.extend(ids.map(|id| Record::uid_of_id(record.channel.as_deref(), &record.source.file, id)));
    }
    for base in &bases {
        for uid in std::iter::once(base.clone()).chain((2u64..).map(|number| format!("{base}.{number}"))) {
            let Some(doc) = driver.answer(|library| library.find(&uid), |_| {})? else { break };
            builder.know(&driver.record(doc)?);
        }
    }
    Ok(())
}

/// A uid for each record: its own where it supersedes one, else what its content gives, with a number where a post of the
/// archive, or one before it, is called so.
fn name_records(driver: &Driver, records: &[Record]) -> Result<Vec<String>> {
    let bases: Vec<String> = records.iter().map(builder::uid_base).collect();
    let known: HashSet<&str> = bases.iter().map(String::as_str).collect();
    let mut taken: HashSet<String> =
        records.iter().filter(|record| !record.uid.is_empty()).map(|record| record.uid.clone()).collect();
    let mut named = Vec::with_capacity(records.len());
    for (record, base) in records.iter().zip(&bases) {
        if !record.uid.is_empty() {
            named.push(record.uid.clone());
            continue;
        }
        let mut number = 1u64;
        let mut uid = base.clone();
        loop {
            let is_taken = taken.contains(&uid)
                || (number > 1 && known.contains(uid.as_str()))
                || driver.answer(|library| library.find(&uid), |_| {})?.is_some();
            if !is_taken {
                break;
            }
            number += 1;
            uid = format!("{base}.{number}");
        }
        taken.insert(uid.clone());
        named.push(uid);
    }
    Ok(named)
}

/// The list of what is hidden of each segment, the new one included; none where nothing is.
fn hidden_with(driver: &Driver, superseded: &[(DocId, u64)]) -> Result<Option<Vec<u8>>> {
    let mut lists = Vec::new();
    for (segment, place) in driver.library.segments().iter().zip(0..) {
        let range = segment.first_doc..segment.first_doc + segment.archive.num_docs();
        let own = superseded.iter().filter(|(doc, _)| range.contains(doc));
        let mut docs: Vec<DocId> = own.clone().map(|(doc, _)| doc - segment.first_doc).collect();
        docs.sort_unstable();
        let docs = DocSet::union(&[segment.hidden.clone(), DocSet::from_sorted(docs)]);
        lists.push(Hidden {
            num_folded: folded_with(driver, place, &docs),
            docs,
            num_tokens: segment.hidden_tokens() + own.map(|(_, words)| words).sum::<u64>(),
        });
    }
    lists.push(Hidden::default());
    if lists.iter().all(|list| list.docs.is_empty()) {
        return Ok(None);
    }
    let list = frame(0, &Hidden::encode(&lists)).map_err(|_| {
        let path = driver.published.path().display();
        anyhow!(
            "{path}: too many posts far apart are superseded; make one archive of it first: fonds merge {path} -o OUT"
        )
    })?;
    Ok(Some(list))
}

/// Publishes the archive with its new segment where it is.
fn renew<'a>(
    args: &Add,
    given: Owner,
    driver: &'a Driver,
    built: Option<&'a Built>,
    hidden: Option<Vec<u8>>,
    skipped: &str,
    taken: Option<&MediaWriter>,
) -> Result<(Publication<'a>, Written)> {
    let path = &args.archive;
    let unread = |error: std::io::Error| anyhow!("{}: cannot be read: {}", path.display(), cause(&error));
    let new = built.map(|built| shard::manifest(&built.container)).transpose()?;
    let mut segments = renewed::segments(driver);
    segments.extend(new.clone());
    let new_shards: BTreeMap<String, publish::manifest::Shard> =
        new.into_iter().flat_map(|new| new.shards).map(|shard| (shard.name.clone(), shard)).collect();
    let read_shard = move |shard: &publish::manifest::Shard| match new_shards.get(&shard.name).zip(built) {
        Some((own, built)) => Ok(shard::bytes_of(&built.container, own)),
        None => driver.published.shard(shard).map(|bytes| bytes.to_vec()).map_err(|reason| anyhow!(reason)),
    };
    let mut publication = renewed::publication(driver, segments, hidden, read_shard, &args.publishing, given)?;
    let lines = driver.published.small_file("skipped.jsonl").map_err(unread)?.unwrap_or_default();
    publication.skipped = format!("{}{skipped}", String::from_utf8_lossy(&lines));
    publication.media = taken.map(|taken| taken.files().clone()).unwrap_or_default();
    let form = driver.published.form();
    let old_media;
    let (staged, len, num_files) = match form {
        Form::Folder => {
            publication.kept = renewed::kept(driver)?;
            publication.media.retain(|name, _| !publication.kept.contains_key(name));
            let files = files(&publication)?;
            // What fonds did not make there stays too, though it is no part of the archive.
            let sums = driver.published.sums().map_err(unread)?;
            let others = driver.published.list().map_err(unread)?.into_iter().filter(|name| !sums.contains_key(name));
            let kept: Vec<String> = publication.kept.keys().cloned().chain(others).collect();
            let staged = publish::stage_folder(path, &files, &publication.media, &kept, true)?;
            let media = &publication.media;
            let len = files.values().map(|bytes| bytes.len() as u64).chain(media.values().map(|file| file.len)).sum();
            let num_kept = publication.kept.keys().filter(|name| !files.contains_key(*name)).count();
            (staged, len, files.len() + media.len() + num_kept)
        }
        Form::Zip => {
            publication.kept = renewed::kept(driver)?;
            let mut carried = Carried::new(MediaChoice::Copy, std::slice::from_ref(path), path.parent())?;
            carried.take_all()?;
            // It is there until the zip is written.
            old_media = carried.finish();
            publication.media.extend(old_media.iter().flat_map(|old| old.files().clone()));
            publication.kept.retain(|name, _| !name.starts_with("archive/") && !publication.media.contains_key(name));
            let mut files = files(&publication)?;
            for name in publication.kept.keys() {
                if !files.contains_key(name)
                    && let Some(bytes) = driver.published.small_file(name).map_err(unread)?
                {
                    files.insert(name.clone(), bytes);
                }
            }
            let mut len = 0;
            let staged = publish::stage_file(path, true, |file| {
                len = publish::write_zip(&files, &publication.media, file)?;
                Ok(())
            })?;
            (staged, len, 1)
        }
        Form::Single | Form::Container => {
            let mut carried = Carried::new(MediaChoice::Copy, std::slice::from_ref(path), path.parent())?;
            carried.take_all()?;
            old_media = carried.finish();
            publication.media.extend(old_media.iter().flat_map(|old| old.files().clone()));
            let html = publish::single(&publication)?;
            let staged = publish::stage_file(path, true, |file| Ok(file.write_all(html.as_bytes())?))?;
            (staged, html.len() as u64, 1)
        }
    };
    staged.commit()?;
    Ok((publication, Written { form: form.name(), path: path.clone(), len, num_files }))
}
