//! `fonds build`: sources → an archive → what people open.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use jiff::tz::TimeZone;
use serde_json::json;

use super::args::{Build, Outputs, Publishing, Reading, YesNo};
use super::folded::BySource;
use super::input::named;
use super::media::Media;
use super::overrides::Applied;
use super::source::{self, SourceOptions, read_sources, skipped_sentence};
use super::{Outcome, Run, carried, inspect, output, owner, unused};
use crate::builder::{self, BuildOptions, Builder};
use crate::gather::{self, Filter, Gather, Gathered};
use crate::ingest::{FORMATS, ReadOptions};
use crate::publish::output as publish_output;
use crate::publish::{self, MediaFiles, MediaWriter, Owner, Publication, Published, Staged, bag, files, posts};
use crate::record::{Record, file_stem};
use crate::searcher::SourceAccount;

/// Skipped entries that the summary shows; `skipped.jsonl` has all.
const SKIPPED_SHOWN: usize = 5;

/// Length of a single html above which browsers are slow to open it, in bytes.
const SINGLE_WARN_LEN: usize = 25_000_000;

/// Length of a single html that is refused without `--force`, in bytes.
const SINGLE_MAX_LEN: usize = 90_000_000;

pub(super) fn run(args: &Build) -> Run {
    check_outputs(&args.outputs, &args.inputs)?;
    carried::check_places(&args.outputs, args.media)?;
    let owner = owner::read(&args.publishing)?;
    owner::check_outputs(&args.outputs, &args.publishing, &owner)?;
    publish_output::stop_cleanly()?;
    let time_zone = TimeZone::get(&args.timezone).map_err(|_| {
        anyhow!("--timezone {}: there is no such time zone; write UTC or a name such as Europe/Berlin", args.timezone)
    })?;
    let (reading, quiet) = (&args.reading, args.publishing.quiet);
    let options = source_options(reading, &time_zone, quiet)?;

    let facets: Vec<String> =
        reading.facet.iter().cloned().chain(options.read.table.facets().map(str::to_owned)).collect();
    let filter = filter(reading, &time_zone)?;
    let asked = filter.clone();
    let mut media = Media::new(args.media, &args.inputs, spill_folder(&args.outputs).as_deref())?;
    let mut builder = Builder::new(BuildOptions {
        time_zone,
        facets: facets.clone(),
        dates: options.read.table.dates().map(str::to_owned).collect(),
        numbers: options.read.table.numbers().map(str::to_owned).collect(),
        detect_languages: true,
        spill_folder: spill_folder(&args.outputs),
        lang: owner::lang(&owner),
        ..BuildOptions::default()
    });
    let mut skipped = String::new();
    // Within one export nothing is merged, so its records need not wait for each other in memory.
    let is_one_export = match args.inputs.as_slice() {
        [input] => source::is_one_export(input, &options)?,
        _ => false,
    };
    let mut sources = if is_one_export && !filter.is_active() {
        let mut into = (&mut builder, &mut media);
        let add = |into: &mut (&mut Builder, &mut Media), mut record: Record| {
            into.1.take(&mut record);
            into.0.add(&record);
        };
        read_inputs(&args.inputs, &options, &mut into, &mut skipped, add, |into, _| into.0.end_source())?
    } else {
        let mut gather = Gather::new(filter);
        let end = |gather: &mut Gather, account: &SourceAccount| gather.end_source(account.clone());
        read_inputs(&args.inputs, &options, &mut gather, &mut skipped, Gather::add, end)?;
        add_gathered(&args.inputs, gather, &mut builder, &mut media)?
    };
    let (taken, hint) = media.finish(&mut sources)?;
    if let Some(hint) = hint.filter(|_| !quiet) {
        output::note(&format!("fonds: {hint}"));
    }
    if asked.is_active() {
        skipped = source::discreet(&skipped, &asked);
    }
    let summary = builder.summary().clone();
    if summary.num_records == 0 {
        let skipped = skipped.lines().next().map(|line| format!(" (skipped: {})", skipped_sentence(line)));
        let mut notes = sources.iter().flat_map(|source| &source.notes);
        let left_out = notes.find(|note| note.contains(" left out: ")).map(|note| format!(" ({note})"));
        let other = if left_out.is_some() {
            "what is to be taken in with --chat, or another file"
        } else {
            "another file or --format"
        };
        let why = no_such_chat(&options).or(left_out).or(skipped).unwrap_or_default();
        bail!("{}: there is no post in it{why}; nothing was written, name {other}", names(&args.inputs));
    }
    check_facets(&facets, &summary.fields)?;
    // A title that nobody gave is made of names, of which something may be to be unreadable.
    let title = || asked.redacted(&default_title(summary.channel, &args.inputs));
    builder.set_title(args.publishing.title.clone().unwrap_or_else(title));
    let none = MediaFiles::new();
    let taken = taken.as_ref().map_or(&none, MediaWriter::files);
    write_archive(&args.outputs, &args.publishing, builder, &sources, &skipped, taken, owner)
}

/// That nothing is called as somebody asked, as the reason why there is no post.
pub(super) fn no_such_chat(options: &SourceOptions) -> Option<String> {
    let missing = options.read.chats.missing();
    // Where hints are printed, it has been said.
    missing.first().map(|told| if options.progress { String::new() } else { format!(" ({told})") })
}

/// How the inputs are read.
pub(super) fn source_options(reading: &Reading, time_zone: &TimeZone, quiet: bool) -> Result<SourceOptions> {
    if let Some(name) = reading.format.as_ref().filter(|name| !FORMATS.iter().any(|format| format.name == **name)) {
        bail!("--format {name}: there is no such format; `fonds formats` lists those there are");
    }
    let mut options = SourceOptions {
        format: reading.format.clone(),
        time_zone: time_zone.clone(),
        read: ReadOptions { table: reading.table.options(), ..ReadOptions::default() },
        progress: !quiet,
        quotes: !filter(reading, time_zone)?.is_active(),
        drop: reading.drop.clone(),
        overrides: None,
    };
    reading.telegram.fill(&mut options.read);
    if let Some(path) = &reading.overrides {
        let applied = Applied::open(path, time_zone)?;
        options.read.boundaries = applied.overrides.boundaries();
        options.overrides = Some(RefCell::new(applied));
    }
    Ok(options)
}

/// Reads every input into `into`; returns what became of the records of each, as read.
pub(super) fn read_inputs<T>(
    inputs: &[PathBuf],
    options: &SourceOptions,
    into: &mut T,
    skipped: &mut String,
    add: impl Fn(&mut T, Record),
    end: impl Fn(&mut T, &SourceAccount),
) -> Result<Vec<SourceAccount>> {
    let mut sources = Vec::new();
    for (input, place) in named(inputs).iter().zip(1..) {
        read_sources(input, options, into, &add, |into, mut read, is_last| {
            let (found, accounted) = (read.num_found, read.account.found());
            ensure!(
                found == accounted,
                "{}: {found} records were found and {accounted} are accounted for",
                input.path.display()
            );
            if options.progress {
                read.hints.iter().for_each(|hint| output::note(&format!("fonds: {}: {hint}", read.account.name)));
            }
            if let Some(overrides) = options.overrides.as_ref().filter(|_| is_last && place == inputs.len()) {
                read.account.notes.extend(overrides.borrow().unused());
            }
            end(into, &read.account);
            sources.push(read.account);
            skipped.push_str(&read.skipped);
            Ok(())
        })?;
    }
    if options.progress {
        unused::say(options, &sources.iter().map(|source| source.format.clone()).collect());
    }
    Ok(sources)
}

/// Adds what is left of the records of several sources to the archive; returns what became of the rest.
fn add_gathered(
    inputs: &[PathBuf],
    gather: Gather,
    builder: &mut Builder,
    media: &mut Media,
) -> Result<Vec<SourceAccount>> {
    let gathered = gathered(inputs, gather)?;
    let mut records = gathered.records.into_iter();
    for source in &gathered.sources {
        for mut record in records.by_ref().take(source.read as usize) {
            media.take(&mut record);
            builder.add(&record);
        }
        builder.end_source();
    }
    Ok(gathered.sources)
}

/// What is left of the records of several sources, every one of them accounted for.
pub(super) fn gathered(inputs: &[PathBuf], gather: Gather) -> Result<Gathered> {
    let num_found = gather.len() as u64;
    let gathered = gather.finish();
    if let Some(field) = gathered.unknown_fields.first().filter(|_| num_found > 0) {
        bail!("--drop {field}: no post has such a field; leave the option out, or name one that `fonds extract` shows");
    }
    if let Some(field) = gathered.unknown_only.first().filter(|_| num_found > 0) {
        bail!("--only {field}: no post has such a field; name one that `fonds extract` shows");
    }
    let count = |account: fn(&SourceAccount) -> u64| gathered.sources.iter().map(account).sum::<u64>();
    let (read, known) = (count(|source| source.read), count(|source| source.merged + source.removed));
    // What readers merged or left out themselves was never found here.
    ensure!(
        read == gathered.records.len() as u64 && read + known >= num_found,
        "{} records of {num_found} are there, {read} are accounted for, and {known} as merged or left out",
        gathered.records.len()
    );
    if gathered.records.is_empty() && num_found > 0 {
        bail!("{}: no post is left of {num_found}; ask for less to be left out", names(inputs));
    }
    Ok(gathered)
}

/// Where records may be written down while the archive is built: beside the output, since there is room for that.
pub(super) fn spill_folder(outputs: &Outputs) -> Option<PathBuf> {
    let out = [&outputs.out, &outputs.zip, &outputs.single].into_iter().flatten().next()?;
    out.parent().filter(|folder| folder.is_dir()).map(Path::to_path_buf)
}

/// Builds the archive of what was added, publishes it, and says so.
pub(super) fn write_archive(
    outputs: &Outputs,
    publishing: &Publishing,
    mut builder: Builder,
    sources: &[SourceAccount],
    skipped: &str,
    media: &MediaFiles,
    owner: Owner,
) -> Run {
    if outputs.single.is_some() && !publishing.quiet {
        carried::say_what_single_holds(media);
    }
    let text_len = builder.summary().text_len;
    sources.iter().for_each(|source| builder.add_source(source::with_skipped(source, sources, skipped)));
    let built = builder.finish().context("cannot build the archive")?;
    let pages = match publishing.pages {
        Some(choice) => choice == YesNo::Yes,
        None => text_len <= posts::DEFAULT_MAX_TEXT,
    };
    let mut publication = Publication::of_built(&built, skipped, pages, media, owner)?;
    // Of a merger, the sources are those of its archives, whose records name their files.
    if publication.folded.is_empty() {
        let mut counts = BySource::new(sources);
        for doc in &built.later {
            counts.add(&built.records.get(*doc)?.source.file);
        }
        publication.folded = counts.finish();
    }
    if outputs.bag {
        publication.beside = bag::beside(&publication, published_on()?.as_deref(), built.records.iter())?;
    }
    let written = publish_all(outputs, publishing.quiet, &publication)?;
    let counts = Counts { records: built.records.len(), terms: Some(built.root.index.num_terms), moved: 0 };
    summarise(publishing, &publication, counts, (sources, &publication.folded), &written)?;
    Ok(Outcome::Good)
}

/// The day of publication, where the environment says it, as [builds that can be repeated](https://reproducible-builds.org/specs/source-date-epoch/)
/// are told it.
#[expect(clippy::disallowed_methods, reason = "the one word of the environment that a build takes")]
pub(super) fn published_on() -> Result<Option<String>> {
    let Ok(text) = std::env::var("SOURCE_DATE_EPOCH") else { return Ok(None) };
    let seconds = text.parse().ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    let seconds =
        seconds.with_context(|| format!("SOURCE_DATE_EPOCH={text}: this is no number of seconds since 1970"))?;
    Ok(Some(TimeZone::UTC.to_datetime(seconds).date().to_string()))
}

/// What the summary counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counts {
    pub(super) records: usize,
    /// Not known of several segments together.
    pub(super) terms: Option<u64>,
    /// Posts of an archive that were written anew as they are, beside those that say the same.
    pub(super) moved: usize,
}

/// What is to be left out.
pub(super) fn filter(reading: &Reading, time_zone: &TimeZone) -> Result<Filter> {
    let period = |name: &str, date: &Option<String>| match date {
        None => Ok(None),
        Some(date) => gather::period(date, time_zone)
            .map(Some)
            .ok_or_else(|| anyhow!("{name} {date}: this is no date; write 2024, 2024-06 or 2024-06-24")),
    };
    let pair = |text: &String| {
        let (field, value) =
            text.split_once('=').ok_or_else(|| anyhow!("--only {text}: write FIELD=VALUE, as author=marta"))?;
        Ok((field.to_owned(), value.to_owned()))
    };
    let pattern = |text: &String| match regex::Regex::new(text) {
        Ok(_) if text.is_empty() => {
            Err(anyhow!("--redact: an empty pattern matches no word; write one, or leave it out"))
        }
        pattern => pattern.map_err(|error| anyhow!("--redact {text}: {error}")),
    };
    if let Some(field) = reading.drop.iter().find(|field| gather::droppable(field).is_none()) {
        bail!("--drop {field}: no post can do without it");
    }
    Ok(Filter {
        since: period("--since", &reading.since)?.map(|(start, _)| start),
        until: period("--until", &reading.until)?.map(|(_, end)| end),
        only: reading.only.iter().map(pair).collect::<Result<_>>()?,
        drop: reading.drop.clone(),
        redact: reading.redact.iter().map(pattern).collect::<Result<_>>()?,
    })
}

/// Refuses outputs that cannot be written, or would be lost, before anything is read.
pub(super) fn check_outputs(args: &Outputs, inputs: &[PathBuf]) -> Result<()> {
    let outputs: Vec<&PathBuf> = [&args.out, &args.zip, &args.single].into_iter().flatten().collect();
    if outputs.is_empty() {
        bail!("no output is named; write -o FOLDER, --zip FILE.zip or --single FILE.html");
    }
    args.out.iter().try_for_each(|path| check_extension(path, "folder", &["zip", "html", "htm"]))?;
    args.zip.iter().try_for_each(|path| check_extension(path, "zip", &["html", "htm"]))?;
    args.single.iter().try_for_each(|path| check_extension(path, "single html", &["zip"]))?;
    let mut places: Vec<PathBuf> = Vec::new();
    for path in outputs {
        let is_folder = args.out.as_ref().is_some_and(|out| out == path) && !is_container(path);
        let place = publish_output::place_of(path)?;
        if places.iter().any(|other| place.starts_with(other) || other.starts_with(&place)) {
            bail!("{}: this is the place of another output, or within it; give each its own name", path.display());
        }
        if inputs.iter().any(|input| input.canonicalize().is_ok_and(|input| input.starts_with(&place))) {
            bail!("{}: an input is there, which would be lost; choose another name", path.display());
        }
        publish_output::sweep(path);
        publish_output::check(path, is_folder, args.force)?;
        if !args.force {
            check_grown(path)?;
        }
        places.push(place);
    }
    Ok(())
}

/// Refuses to replace an archive that posts were added to: they may be of sources that this build is not given.
fn check_grown(path: &Path) -> Result<()> {
    let is_grown = Published::open(path).is_ok_and(|old| old.segments().len() > 1);
    ensure!(
        !is_grown,
        "{}: posts were added to this archive after it was built (fonds add), and would be lost; add to it again, choose another name, or, where all sources are named, replace it with --force",
        path.display()
    );
    Ok(())
}

/// Refuses a name that says it is another form than it is: nothing would open it.
fn check_extension(path: &Path, form: &str, others: &[&str]) -> Result<()> {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase()).unwrap_or_default();
    if others.contains(&extension.as_str()) {
        bail!("{}: this would be a {form}, whatever its name says; choose a name that ends otherwise", path.display());
    }
    Ok(())
}

/// Facets and numbers that no field of a source can be, since they are found out of all posts.
const DERIVED: [&str; 2] = ["group", "copies"];

/// Refuses a facet that no record has a value for.
pub(super) fn check_facets(facets: &[String], fields: &BTreeSet<String>) -> Result<()> {
    if let Some(own) = facets.iter().find(|facet| DERIVED.contains(&facet.as_str())) {
        bail!(
            "--facet {own}: the archive itself finds out what this is called by; give the column another name: --map NAME={own}:facet"
        );
    }
    let known: BTreeSet<&str> = fields.iter().map(String::as_str).chain(builder::FACETS).collect();
    let Some(facet) = facets.iter().find(|facet| !known.contains(facet.as_str())) else { return Ok(()) };
    let own: Vec<&str> = known.into_iter().filter(|name| !builder::FACETS.contains(name)).collect();
    if own.is_empty() {
        bail!("--facet {facet}: no post has such a field, nor any other of its own; leave the option out");
    }
    bail!("--facet {facet}: no post has such a field; choose one of those there are: {}", own.join(", "))
}

pub(super) fn is_container(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "fonds")
}

/// What was written: what it is, where, how long.
pub(super) struct Written {
    pub(super) form: &'static str,
    pub(super) path: PathBuf,
    pub(super) len: u64,
    pub(super) num_files: usize,
}

/// Writes every output that was asked for: none takes its place before all are written.
pub(super) fn publish_all(args: &Outputs, quiet: bool, publication: &Publication<'_>) -> Result<Vec<Written>> {
    let stage_file = |form, path: &PathBuf, bytes: &[u8]| -> Result<(Staged, Written)> {
        let file = publish::stage_file(path, args.force, |file| Ok(file.write_all(bytes)?))?;
        Ok((file, Written { form, path: path.clone(), len: bytes.len() as u64, num_files: 1 }))
    };
    let (container, folder) = match &args.out {
        Some(path) if is_container(path) && args.bag => {
            bail!(
                "{}: a bag is a folder, and a container one file; choose another name, or leave --bag out",
                path.display()
            )
        }
        Some(path) if is_container(path) => (Some(path), None),
        out => (None, out.as_ref()),
    };
    let mut outputs = Vec::new();
    if let Some(path) = container {
        outputs.push(stage_container(path, publication, args.force)?);
    }
    if folder.is_some() || args.zip.is_some() {
        let files = files(publication)?;
        if let Some(path) = folder {
            let (files, media) = if args.bag {
                &bag::packed(publication, published_on()?.as_deref(), files.clone(), &publication.media)
            } else {
                &(files.clone(), publication.media.clone())
            };
            let len = files.values().map(|bytes| bytes.len() as u64).chain(media.values().map(|file| file.len)).sum();
            let form = if args.bag { "bag" } else { "folder" };
            let written = Written { form, path: path.clone(), len, num_files: files.len() + media.len() };
            outputs.push((publish::stage_folder(path, files, media, &[], args.force)?, written));
        }
        if let Some(path) = &args.zip {
            let mut len = 0;
            let file = publish::stage_file(path, args.force, |file| {
                len = publish::write_zip(&files, &publication.media, file)?;
                Ok(())
            })?;
            outputs.push((file, Written { form: "zip", path: path.clone(), len, num_files: 1 }));
        }
    }
    if let Some(path) = &args.single {
        let html = publish::single(publication)?;
        let len = output::bytes(html.len() as u64);
        if html.len() > SINGLE_MAX_LEN && !args.force {
            bail!(
                "{}: the page would be {len} long, more than browsers open well; publish a folder or zip, or insist with --force",
                path.display()
            );
        }
        if html.len() > SINGLE_WARN_LEN && !quiet {
            output::note("fonds: the page is so long that phones may not open it: a folder or zip loads by need");
        }
        outputs.push(stage_file("single html", path, html.as_bytes())?);
    }
    let (staged, written): (Vec<Staged>, Vec<Written>) = outputs.into_iter().unzip();
    staged.into_iter().try_for_each(Staged::commit)?;
    Ok(written)
}

/// Writes a bare container beside its place.
fn stage_container(path: &Path, publication: &Publication<'_>, force: bool) -> Result<(Staged, Written)> {
    let manifest = &publication.manifest;
    if manifest.is_of_several() {
        bail!("{}: a container holds one segment; publish a folder, zip or single html of several", path.display());
    }
    let file = publish::stage_file(path, force, |file| {
        manifest.shards.iter().try_for_each(|shard| Ok(file.write_all(&(publication.shard)(shard)?)?))
    })?;
    Ok((file, Written { form: "container", path: path.to_owned(), len: manifest.len, num_files: 1 }))
}

pub(super) fn summarise(
    args: &Publishing,
    publication: &Publication<'_>,
    counts: Counts,
    (sources, folded): (&[SourceAccount], &[Option<u64>]),
    written: &[Written],
) -> Result<()> {
    if args.quiet {
        return Ok(());
    }
    let mut out = output::stdout();
    let folded = folded.iter().copied().chain(std::iter::repeat(None));
    if args.json {
        let outputs = written.iter().map(|written| {
            json!({"form": written.form, "path": written.path.display().to_string(), "bytes": written.len, "files": written.num_files})
        });
        let summary = json!({
            "title": publication.title,
            "records": counts.records,
            "terms": counts.terms,
            "folded": publication.num_folded,
            "written_anew": counts.moved,
            "sources": sources.iter().zip(folded).map(|(source, folded)| files::with_folded(files::account(source), folded)).collect::<Vec<_>>(),
            "outputs": outputs.collect::<Vec<_>>(),
        });
        writeln!(out, "{}", output::json(&summary))?;
    } else {
        for (source, folded) in sources.iter().zip(folded) {
            writeln!(out, "{}", inspect::describe(source))?;
            inspect::details(source, folded).iter().try_for_each(|line| writeln!(out, "  {line}"))?;
            source.notes.iter().try_for_each(|note| writeln!(out, "  {}", output::line(note)))?;
        }
        if publication.num_folded > 0 {
            let posts = output::count(u64::from(publication.num_folded), "post says", "posts say");
            writeln!(
                out,
                "{posts} the same as an earlier one in another channel; copies:>1 finds them, fold:copies folds them"
            )?;
        }
        if counts.moved > 0 {
            let posts = output::count(counts.moved as u64, "post", "posts");
            writeln!(out, "{posts} of the archive stand in its new segment too, in groups with new ones")?;
        }
        for line in publication.skipped.lines().take(SKIPPED_SHOWN) {
            writeln!(out, "  skipped: {}", output::line(&skipped_sentence(line)))?;
        }
        let more = publication.skipped.lines().count().saturating_sub(SKIPPED_SHOWN);
        if more > 0 {
            writeln!(out, "  and {more} more")?;
        }
        for written in written {
            let files = output::count(written.num_files as u64, "file", "files");
            writeln!(out, "{}: {} ({files}, {})", written.form, written.path.display(), output::bytes(written.len))?;
            let page = match written.form {
                "folder" => written.path.join("index.html"),
                "bag" => written.path.join(bag::PAYLOAD).join("index.html"),
                _ => continue,
            };
            writeln!(out, "open {}", page.display())?;
        }
    }
    out.flush()?;
    Ok(())
}

/// The channel that all records share, else the first file's name.
fn default_title(channel: Option<String>, inputs: &[PathBuf]) -> String {
    let name = || inputs.first().and_then(|input| input.file_name()).map(|name| name.to_string_lossy().into_owned());
    channel.or_else(|| name().map(|name| file_stem(&name).to_owned())).unwrap_or_else(|| "Archive".to_owned())
}

pub(super) fn names(inputs: &[PathBuf]) -> String {
    inputs.iter().map(|input| input.display().to_string()).collect::<Vec<_>>().join(", ")
}
