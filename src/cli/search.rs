//! `fonds search`: the page's engine in a terminal.
#![expect(clippy::disallowed_methods, reason = "reads queries from a file and times answers")]

use std::io::{BufRead as _, BufReader, Write};
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow, bail};
use serde_json::{Value, json};

use super::args::{MatchBy, Search};
use super::driver::Driver;
use super::{Outcome, Run, output};
use crate::collector::Sort;
use crate::format::reasons::{Asked, Reasons};
use crate::publish::output::cause;
use crate::query::printer::in_quotes;
use crate::searcher::{Filter, Hit, Match, ScoreParts, SearchPage, SearchRequest, Shown, WordScore};
use crate::snippet::Snippet;
use crate::time::civil::Period;

pub(super) fn run(args: &Search) -> Run {
    let mut driver = Driver::open(&args.archive)?;
    args.also.iter().try_for_each(|path| driver.open_another(path))?;
    let request = request(args)?;
    check_names(&driver, &request)?;
    let mut out = output::stdout();
    let mut total = 0;
    match &args.queries {
        None => {
            let answered = answer(&driver, &request, args.explain)?;
            total += answered.page.total;
            if args.json {
                writeln!(out, "{}", output::json(&to_json(&request.query, &answered)))?;
            } else {
                if let Some(explanation) = &answered.explanation {
                    write_explanation(&answered.page, explanation);
                }
                write_page(&answered.page, &mut out)?;
            }
        }
        Some(path) => {
            let reader: Box<dyn std::io::Read> = if path.as_os_str() == "-" {
                Box::new(std::io::stdin())
            } else {
                Box::new(
                    std::fs::File::open(path)
                        .map_err(|error| anyhow!("{}: {}; check the name", path.display(), cause(&error)))?,
                )
            };
            for line in BufReader::new(reader).lines() {
                let query = line.map_err(|error| anyhow!("{}: cannot be read: {}", path.display(), cause(&error)))?;
                let request = SearchRequest { query, ..request.clone() };
                let answered = answer(&driver, &request, args.explain)?;
                total += answered.page.total;
                writeln!(out, "{}", output::json(&to_json(&request.query, &answered)))?;
                // Whoever asks line by line waits for each answer.
                out.flush()?;
            }
        }
    }
    out.flush()?;
    Ok(if total > 0 { Outcome::Good } else { Outcome::Bad })
}

/// Corrected queries that are offered at most: as many as one looks at.
const SUGGESTIONS: usize = 3;

fn request(args: &Search) -> Result<SearchRequest> {
    let period = |text: &Option<String>| -> Result<Option<Period>> {
        let parse = |text: &String| {
            text.parse().map_err(|()| anyhow!("{text}: this is no date; write 2024, 2024-06 or 2024-06-24"))
        };
        text.as_ref().map(parse).transpose()
    };
    Ok(SearchRequest {
        zoom: None,
        query: args.query.clone(),
        typing: false,
        literal: args.literal,
        filters: args.filter.iter().map(|filter| parse_filter(filter)).collect::<Result<_>>()?,
        from: period(&args.from)?,
        to: period(&args.to)?,
        sort: Sort::parse(&args.sort),
        matching: match args.matching {
            None => Match::AllOrAny,
            Some(MatchBy::All) => Match::All,
            Some(MatchBy::Any) => Match::Any,
        },
        offset: 0,
        limit: args.limit,
        facet_limit: if args.facets { args.facet_limit } else { 0 },
        // The program waits for the end.
        scan_limit: 0,
        suggestions: SUGGESTIONS,
    })
}

/// A facet or an order that the archive does not have is a mistake of whoever typed it; the answer says which there are.
fn check_names(driver: &Driver, request: &SearchRequest) -> Result<()> {
    let facets = driver.library.all_facet_names();
    if let Some(filter) = request.filters.iter().find(|filter| !facets.contains(&filter.facet)) {
        bail!("{}: the archive has no such facet; it has {}", filter.facet, facets.join(", "));
    }
    let numbers = driver.library.number_names();
    if let Sort::By { name, .. } = &request.sort
        && !numbers.contains(name)
    {
        bail!("{name}: there is no such order; there are new, old, relevance, {}", numbers.join(", "));
    }
    Ok(())
}

fn parse_filter(text: &str) -> Result<Filter> {
    let (facet, value) =
        text.split_once('=').with_context(|| format!("{text}: this is no filter; write it as tag=storm"))?;
    let (exclude, facet) = facet.strip_prefix('-').map_or((false, facet), |facet| (true, facet));
    Ok(Filter { facet: facet.to_owned(), value: value.to_owned(), exclude })
}

/// A page, how long it took, and what became of the question on the way.
struct Answered {
    page: SearchPage,
    took_us: u64,
    explanation: Option<Explanation>,
}

/// What a search read and reckoned.
struct Explanation {
    /// The blocks of each round of asking.
    rounds: Vec<Vec<Asked>>,
    /// Parts of the score of each hit; empty where hits have none.
    scores: Vec<ScoreParts>,
}

fn answer(driver: &Driver, request: &SearchRequest, explain: bool) -> Result<Answered> {
    if explain {
        driver.reasons().for_each(Reasons::turn_on);
    }
    let mut rounds = Vec::new();
    let start = Instant::now();
    let page = driver.answer(|library| library.search(request), |_| rounds.push(asked(driver)))?;
    let took_us = start.elapsed().as_micros() as u64;
    let explanation = if explain {
        let scores = driver.answer(|library| library.explain(request, &page), |_| rounds.push(asked(driver)))?;
        Some(Explanation { rounds, scores })
    } else {
        None
    };
    Ok(Answered { page, took_us, explanation })
}

/// The blocks that all segments asked for since the last look.
fn asked(driver: &Driver) -> Vec<Asked> {
    let mut asked: Vec<Asked> = driver.reasons().flat_map(Reasons::take).collect();
    asked.sort_by_key(|asked| asked.section);
    asked
}

/// Says on stderr which blocks were asked for in each round, section by section, and why; then what each hit's score is made of.
fn write_explanation(page: &SearchPage, explanation: &Explanation) {
    for (asked, round) in explanation.rounds.iter().zip(1..) {
        for of_section in asked.chunk_by(|a, b| a.section == b.section) {
            let Some(first) = of_section.first() else { continue };
            let number = output::count(of_section.len() as u64, "block", "blocks");
            let len = of_section.iter().map(|asked| u64::from(asked.block.len)).sum();
            output::note(&format!("round {round}: {number} of {}, {}", first.section.name(), output::bytes(len)));
            for Asked { section, ord, block, why } in of_section {
                let (len, why) = (output::bytes(u64::from(block.len)), output::line(&why.join("; ")));
                output::note(&format!("  {} {ord}, {len}: {why}", section.name()));
            }
        }
    }
    for (hit, parts) in page.hits.iter().zip(&explanation.scores) {
        let words = parts.words.iter().filter(|word| word.weight > 0.0).map(|part| {
            format!("{} {:.3} = {:.3} × {:.3}", output::line(&part.word), part.score(), part.idf, part.weight)
        });
        let parts: Vec<String> = words.collect();
        output::note(&format!("hit {}, score {:.3}: {}", hit.doc, hit.score, parts.join(", ")));
    }
}

fn explanation_to_json(explanation: &Explanation) -> Value {
    let block = |asked: &Asked| {
        let Asked { section, ord, block, why } = asked;
        json!({"section": section.name(), "block": ord, "bytes": block.len, "why": why})
    };
    let rounds: Vec<Vec<Value>> = explanation.rounds.iter().map(|round| round.iter().map(block).collect()).collect();
    let word =
        |part: &WordScore| json!({"word": part.word, "idf": part.idf, "weight": part.weight, "score": part.score()});
    let parts = |parts: &ScoreParts| json!({"words": parts.words.iter().map(word).collect::<Vec<_>>()});
    let scores: Vec<Value> = explanation.scores.iter().map(parts).collect();
    json!({"rounds": rounds, "scores": scores})
}

/// The answer in the shape that scripts rely on. Ranges count Unicode code points.
fn to_json(query: &str, answered: &Answered) -> Value {
    let Answered { page, took_us, explanation } = answered;
    let mut facets = serde_json::Map::new();
    for facet in &page.facets {
        let values = facet.values.iter().map(|value| json!({"value": value.value, "count": value.count}));
        facets.insert(facet.name.clone(), values.collect());
    }
    let mut answer = json!({
        "query": query,
        "total": page.total,
        "exact": page.exact,
        "took_us": took_us,
        "hits": page.hits.iter().map(hit_to_json).collect::<Vec<_>>(),
        "facets": facets,
        "suggestions": page.suggestions.iter().map(|found| &found.query).collect::<Vec<_>>(),
    });
    if let (Some(problem), Some(answer)) = (&page.problem, answer.as_object_mut()) {
        let at = query.get(..problem.at).map_or(0, |before| before.chars().count());
        answer.insert("problem".to_owned(), json!({"at": at, "message": problem.message}));
    }
    if let (false, Some(answer)) = (page.facets.is_empty(), answer.as_object_mut()) {
        let num_values = page.facets.iter().map(|facet| (facet.name.clone(), json!(facet.num_values)));
        answer.insert("num_values".to_owned(), num_values.collect::<serde_json::Map<_, _>>().into());
    }
    if let (true, Some(answer)) = (page.relaxed, answer.as_object_mut()) {
        answer.insert("relaxed".to_owned(), json!(true));
    }
    if let (true, Some(answer)) = (page.folded > 0, answer.as_object_mut()) {
        answer.insert("folded".to_owned(), json!(page.folded));
    }
    if let (Some(explanation), Some(answer)) = (explanation, answer.as_object_mut()) {
        answer.insert("explain".to_owned(), explanation_to_json(explanation));
    }
    answer
}

fn hit_to_json(hit: &Hit) -> Value {
    let snippet = json!({"text": hit.snippet.text, "ranges": code_points(&hit.snippet)});
    let mut value = match &hit.record {
        Shown::Whole(record) => json!({
            "doc": hit.doc,
            "uid": record.uid,
            "id": record.id,
            "date": record.date.as_ref().map(|date| &date.text),
            "title": record.title,
            "score": hit.score,
            "snippet": snippet,
        }),
        Shown::Damaged(reason) => json!({"doc": hit.doc, "score": hit.score, "snippet": snippet, "damaged": reason}),
    };
    if let (Some(copies), Some(value)) = (&hit.copies, value.as_object_mut()) {
        value.insert("group".to_owned(), json!(copies.group));
        value.insert("copies".to_owned(), json!(copies.count));
    }
    value
}

/// A snippet's ranges in code points.
fn code_points(snippet: &Snippet) -> Vec<[usize; 2]> {
    let place = |at: usize| snippet.text.get(..at).map_or(0, |before| before.chars().count());
    snippet.ranges.iter().map(|range| [place(range.start), place(range.end)]).collect()
}

fn write_page(page: &SearchPage, out: &mut impl Write) -> Result<()> {
    let relaxed = page.relaxed.then_some("no post has all of these words: these have at least one");
    for said in relaxed.into_iter().chain(page.problem.as_ref().map(|problem| problem.message.as_str())) {
        output::note(&format!("fonds: {said}"));
    }
    let colourful = output::is_colourful();
    for hit in &page.hits {
        match &hit.record {
            Shown::Damaged(reason) => writeln!(out, "(a post that cannot be read: {})\n", output::line(reason))?,
            Shown::Whole(record) => {
                let date = record.date.as_ref().map(|date| date.text.clone());
                let forward = record.forwarded_from.as_ref().map(|forward| format!("forwarded from {}", forward.name));
                let about = [date, record.author.clone(), forward, Some(record.uid.clone())];
                let about: Vec<String> = about.into_iter().flatten().map(|text| output::line(&text)).collect();
                writeln!(out, "{}", about.join(" · "))?;
                if let Some(title) = &hit.title {
                    writeln!(out, "{}", marked(title, colourful))?;
                }
                writeln!(out, "{}", marked(&hit.snippet, colourful))?;
                if let Some(copies) = &hit.copies {
                    let count = output::count(copies.count as u64, "copy", "copies");
                    // Where the names of groups are lost, there is nothing to ask by.
                    let query = if copies.group.is_empty() {
                        String::new()
                    } else {
                        format!(": group:{}", in_quotes(&copies.group))
                    };
                    writeln!(out, "and {count}{}", output::line(&query))?;
                }
                writeln!(out)?;
            }
        }
    }
    for facet in &page.facets {
        let values = facet.values.iter().map(|value| format!("{} {}", output::line(&value.value), value.count));
        let left = facet.num_values.saturating_sub(facet.values.len());
        let more = if left > 0 { format!(", and {left} more (--facet-limit)") } else { String::new() };
        writeln!(out, "{}: {}{more}", output::line(&facet.name), values.collect::<Vec<_>>().join(", "))?;
    }
    for term in page.terms.iter().filter(|term| !term.forms.is_empty()) {
        let forms = term.forms.iter().map(|(form, count)| format!("{} {count}", output::line(form)));
        writeln!(out, "{} also as: {}", output::line(&term.text), forms.collect::<Vec<_>>().join(", "))?;
    }
    for found in &page.suggestions {
        writeln!(
            out,
            "did you mean: {} ({})",
            output::line(&found.query),
            output::count(found.total as u64, "post", "posts")
        )?;
    }
    let bound = if page.exact { "" } else { "at least " };
    let posts = output::count(page.total as u64, "post", "posts");
    let folded = if page.folded > 0 { format!(", {} of them folded into others", page.folded) } else { String::new() };
    writeln!(out, "{bound}{posts}{folded}")?;
    Ok(())
}

/// A snippet with its hits in bold, where people look at it.
fn marked(snippet: &Snippet, colourful: bool) -> String {
    let mut text = String::new();
    let mut end = 0;
    for range in &snippet.ranges {
        text.push_str(&output::line(snippet.text.get(end..range.start).unwrap_or_default()));
        let hit = output::line(snippet.text.get(range.clone()).unwrap_or_default());
        if colourful {
            text.push_str(&format!("\u{1b}[1m{hit}\u{1b}[0m"));
        } else {
            text.push_str(&hit);
        }
        end = range.end;
    }
    text.push_str(&output::line(snippet.text.get(end..).unwrap_or_default()));
    format!("{}{text}{}", if snippet.cut_start { "… " } else { "" }, if snippet.cut_end { " …" } else { "" })
}
