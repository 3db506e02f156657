//! Search equals a plain scan over the same records.
//!
//! The scan ([`Plain`]) shares with the core only what defines words and the grammar (`tokenize`, `parse`); it looks at every
//! record itself, with its own BM25, its own facets, its own calendar (jiff) and its own order. What is special about scripts
//! without spaces is held against `str::contains` instead, and the rest of the meaning against cases worked out by hand, so
//! that scan and core cannot be wrong together.

use std::collections::{BTreeMap, BTreeSet};

use fonds::Record;
use fonds::collector::{Bar, Sort, Unit};
use fonds::ingest::parse_date;
use fonds::query::parser::plain;
use fonds::query::scan::Scan as Scanned;
use fonds::query::{Field, Query, parse};
use fonds::record::{Attachment, Date, Forward, Precision, Reaction, Source};
use fonds::searcher::{FacetCounts, Filter, Match, PostRequest, SearchPage, SearchRequest, Shown};
use fonds::snippet::Snippet;
use fonds::text::fold::fold;
use fonds::text::tokenize;
use fonds::text::tokenizer::TokenKind;
use fonds::time::civil::{Day, Period};
use jiff::Timestamp;
use jiff::civil::Date as CivilDate;
use jiff::tz::TimeZone;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::plain_fields::{Asked, asked, has_value, in_words, marks, number};
use crate::plain_forms::{PlainForms, lang};
use crate::support::{Driver, MANNERS, build, build_in, dated, post, request, search, uids};

// The scan.

/// A word of a text: its folded form and where it stands.
type Word = (String, std::ops::Range<usize>, bool);

/// A record as the scan sees it.
struct Plain {
    record: Record,
    /// Words of title and text; those of `#tag` and `@name` as a whole are in `sigils`.
    words: [Vec<Word>; 2],
    /// Hashtags and mentions in title and text, as a whole.
    sigils: [Vec<Word>; 2],
    /// Tags and mentions that are fields of the record, as a whole.
    fields: BTreeSet<String>,
}

impl Plain {
    fn new(record: Record) -> Self {
        let texts = [record.title.clone().unwrap_or_default(), record.text.clone()];
        let of = |wanted: bool| {
            texts.clone().map(|text| {
                let tokens = tokenize(&text).into_iter().filter(|token| (token.kind == TokenKind::Sigil) == wanted);
                tokens.map(|token| (token.term, token.range, token.kind == TokenKind::Gram)).collect()
            })
        };
        let tags = record.tags.iter().map(|tag| format!("#{}", tag.replace(char::is_whitespace, "_")));
        let fields = tags.chain(record.mentions.iter().map(|name| format!("@{name}")));
        let fields = fields.flat_map(|field| tokenize(&field)).filter(|token| token.kind == TokenKind::Sigil);
        let fields = fields.map(|token| token.term).collect();
        Self { words: of(false), sigils: of(true), fields, record }
    }

    /// How often the terms for which `fits` stand in the record, words of the title counting twice.
    fn frequencies(&self, fits: &dyn Fn(&str) -> bool) -> BTreeMap<&str, f64> {
        let mut counts: BTreeMap<&str, u32> = self.fields.iter().map(|term| (term.as_str(), 0)).collect();
        for which in [0, 1] {
            for (term, _, _) in self.words[which].iter().chain(&self.sigils[which]) {
                *counts.entry(term).or_default() += [2, 1][which];
            }
        }
        counts.into_iter().filter(|(term, _)| fits(term)).map(|(term, count)| (term, f64::from(count.max(1)))).collect()
    }

    fn len(&self) -> usize {
        self.words.iter().map(Vec::len).sum()
    }

    /// How often terms for which `fits` stand in the record, each term by itself.
    fn frequency(&self, fits: &dyn Fn(&str) -> bool) -> u32 {
        let mut counts: BTreeMap<&str, u32> = self.fields.iter().map(|term| (term.as_str(), 0)).collect();
        for (term, _, _) in self.words.iter().chain(&self.sigils).flatten() {
            *counts.entry(term).or_default() += 1;
        }
        counts.into_iter().filter(|(term, _)| fits(term)).map(|(_, count)| count.max(1)).sum()
    }

    /// Whether the record answers a leaf of a query that asks for words.
    fn answers(&self, leaf: &Query) -> bool {
        match leaf {
            Query::Word(wanted) | Query::Literal(wanted) => self.frequency(&|term| term == wanted) > 0,
            Query::Forms(forms) => {
                let is_form = |term: &str| forms.all().any(|form| form == term);
                self.frequency(&|term| is_form(term) || (forms.prefix && term.starts_with(&forms.word))) > 0
            }
            Query::Prefix(wanted) => self.frequency(&|term| term.starts_with(wanted.as_str())) > 0,
            Query::Phrase { terms, prefix, .. } => {
                self.words.iter().any(|words| !places(words, terms, *prefix).is_empty())
            }
            Query::Part(part) if is_one_word(part) => self.frequency(&|term| term.contains(part.as_str())) > 0,
            Query::Part(part) => self.texts().iter().any(|text| fold(text).contains(part.as_str())),
            Query::Pattern { source, folded: false } => {
                let pattern = regex_lite::Regex::new(source).unwrap();
                self.texts().iter().any(|text| pattern.is_match(text))
            }
            other => panic!("{other:?} is no leaf of words"),
        }
    }

    fn texts(&self) -> [&str; 2] {
        [self.record.title.as_deref().unwrap_or_default(), &self.record.text]
    }

    /// What a reader should see highlighted in the title (0) or the text (1).
    fn highlights(&self, leaves: &[Query], which: usize) -> Vec<std::ops::Range<usize>> {
        let text = [self.record.title.as_deref().unwrap_or_default(), &self.record.text][which];
        let mut lit = vec![false; text.len()];
        // Where one highlight begins anew although it touches the one before.
        let mut starts = BTreeSet::new();
        let forms = |leaf: &Query| match leaf {
            // Each form is as good as a leaf of its own.
            Query::Forms(forms) => {
                let others = forms.others.iter().map(|(form, _)| Query::Literal(form.clone()));
                let word = forms.word.clone();
                others.chain([if forms.prefix { Query::Prefix(word) } else { Query::Literal(word) }]).collect()
            }
            leaf => vec![leaf.clone()],
        };
        for leaf in &leaves.iter().flat_map(forms).collect::<Vec<_>>() {
            if let Some(scan) = Scanned::new(leaf).unwrap() {
                starts.extend(scan.ranges(text).into_iter().map(|range| (range.start, range.end)));
                scan.ranges(text).into_iter().for_each(|range| lit[range].fill(true));
            }
            let (terms, prefix) = match leaf {
                Query::Word(term) | Query::Literal(term) => (vec![term.clone()], false),
                Query::Prefix(term) => (vec![term.clone()], true),
                Query::Phrase { terms, prefix, .. } => (terms.clone(), *prefix),
                _ => continue,
            };
            let is_sigil = terms.len() == 1 && (terms[0].starts_with(['#', '@']) || terms[0].ends_with(['#', '+']));
            let words = if is_sigil { &self.sigils[which] } else { &self.words[which] };
            for place in places(words, &terms, prefix) {
                let (start, mut end) = (words[place].1.start, words[place + terms.len() - 1].1.end);
                let (_, range, is_gram) = &words[place + terms.len() - 1];
                // Fewer characters of a script without spaces than an n-gram has are found as its beginning.
                let wanted = terms[terms.len() - 1].chars().count();
                if prefix && *is_gram && wanted < words[place + terms.len() - 1].0.chars().count() {
                    end = range.start + text[range.clone()].chars().take(wanted).map(char::len_utf8).sum::<usize>();
                }
                lit[start..end].fill(true);
                starts.insert((start, end));
            }
        }
        // Ranges that overlap are one; ranges that only touch are two.
        let mut found: Vec<std::ops::Range<usize>> = Vec::new();
        for (start, end) in starts {
            match found.last_mut() {
                Some(last) if start < last.end => last.end = last.end.max(end),
                _ => found.push(start..end),
            }
        }
        assert_eq!(found.iter().map(ExactSizeIterator::len).sum::<usize>(), lit.iter().filter(|lit| **lit).count());
        found
    }
}

fn is_one_word(text: &str) -> bool {
    matches!(tokenize(text).as_slice(), [word] if word.kind == TokenKind::Word && word.range == (0..text.len()))
}

/// Puts words in the place of regular expressions that are none; true where there was one.
fn patterns_as_words(query: &mut Query) -> bool {
    match query {
        Query::And(parts) | Query::Or(parts) => {
            parts.iter_mut().map(patterns_as_words).collect::<Vec<_>>().contains(&true)
        }
        Query::Not(inner) => patterns_as_words(inner),
        Query::Pattern { source, .. } if regex_lite::Regex::new(source).is_err() => {
            *query = plain(&source.clone(), false);
            true
        }
        _ => false,
    }
}

/// Where terms stand side by side.
fn places(words: &[Word], terms: &[String], prefix: bool) -> Vec<usize> {
    let fits = |start: &usize| {
        (0..terms.len()).all(|i| {
            let (word, wanted) = (&words[start + i].0, &terms[i]);
            word == wanted || (prefix && i + 1 == terms.len() && word.starts_with(wanted.as_str()))
        })
    };
    (0..(words.len() + 1).saturating_sub(terms.len())).filter(fits).collect()
}

/// The period of a date by year, month or day, as far as it is known; `day` is the one that it falls on.
fn period_of(unit: Unit, date: &Date, day: CivilDate) -> Option<Period> {
    let (year, month) = (i32::from(day.year()), day.month() as u8);
    match (unit, date.precision) {
        (Unit::Year, _) => Some(Period::Year(year)),
        (Unit::Month, Precision::Year)
        | (Unit::Day, Precision::Year | Precision::Month)
        | (Unit::Hour, Precision::Year | Precision::Month | Precision::Day) => None,
        (Unit::Month, _) => Some(Period::Month(year, month)),
        (Unit::Day | Unit::Hour, _) => Some(Period::Day(Day { year, month, day: day.day() as u8 })),
    }
}

/// The leaves that no minus stands before.
fn leaves(query: &Query) -> Vec<Query> {
    match query {
        Query::All | Query::Not(_) => Vec::new(),
        Query::And(parts) | Query::Or(parts) => parts.iter().flat_map(leaves).collect(),
        leaf => vec![leaf.clone()],
    }
}

/// A whole archive as the scan sees it, in archive order.
struct Scan {
    time_zone: TimeZone,
    forms: PlainForms,
    docs: Vec<Plain>,
    num_dated: usize,
}

impl Scan {
    fn new(time_zone: &TimeZone, records: &[Record]) -> Self {
        let (mut dated, undated): (Vec<&Record>, Vec<&Record>) = records.iter().partition(|r| r.date.is_some());
        dated.sort_by_key(|record| record.date.as_ref().map(|date| (date.seconds, date.precision)));
        let num_dated = dated.len();
        let docs: Vec<Plain> = dated.into_iter().chain(undated).map(|record| Plain::new(record.clone())).collect();
        let terms = |doc: &Plain| doc.frequencies(&|_| true).into_keys().map(str::to_owned).collect();
        let forms = PlainForms::new(docs.iter().map(|doc| (&doc.record, terms(doc))));
        Self { time_zone: time_zone.clone(), forms, docs, num_dated }
    }

    fn day_of(&self, seconds: i64) -> CivilDate {
        Timestamp::from_second(seconds).unwrap().to_zoned_datetime(self.time_zone.clone()).date()
    }

    fn start_of(&self, day: CivilDate) -> i64 {
        day.at(0, 0, 0, 0).to_zoned_datetime(self.time_zone.clone()).unwrap().timestamp().as_second()
    }

    /// First instant of a period, and the first one behind it.
    fn instants(&self, period: Period) -> (i64, i64) {
        let day = period.first();
        let first = CivilDate::new(day.year as i16, day.month as i8, day.day as i8).unwrap();
        let next = match period {
            Period::Year(_) => first.saturating_add(jiff::Span::new().years(1)),
            Period::Month(..) => first.saturating_add(jiff::Span::new().months(1)),
            Period::Day(_) => first.tomorrow().unwrap(),
        };
        (self.start_of(first), self.start_of(next))
    }

    /// The periods of a record by year, month and day, as far as its date is known.
    fn period(&self, doc: usize, unit: Unit) -> Option<Period> {
        let date = self.docs[doc].record.date.as_ref()?;
        period_of(unit, date, self.day_of(date.seconds))
    }

    /// First instant of a record's date, and the first one behind it.
    fn span(&self, doc: usize) -> Option<(i64, i64)> {
        Some(self.span_of(self.docs[doc].record.date.as_ref()?))
    }

    fn span_of(&self, date: &Date) -> (i64, i64) {
        let whole = match date.precision {
            Precision::Year => period_of(Unit::Year, date, self.day_of(date.seconds)),
            Precision::Month => period_of(Unit::Month, date, self.day_of(date.seconds)),
            Precision::Day => period_of(Unit::Day, date, self.day_of(date.seconds)),
            _ => None,
        };
        whole.map_or((date.seconds, date.seconds + 1), |period| self.instants(period))
    }

    /// What a record says in its field `due`.
    fn due(&self, doc: usize) -> Option<String> {
        let fields = &self.docs[doc].record.fields;
        fields.iter().find(|(name, _)| name == "due").map(|(_, json)| serde_json::from_str(json).unwrap())
    }

    /// The date that this is.
    fn due_date(&self, doc: usize) -> Option<Date> {
        parse_date(&self.due(doc)?, &self.time_zone)
    }

    /// A number of a record, by which it is ordered.
    fn number(&self, doc: usize, name: &str) -> Option<i64> {
        if name == "due" {
            return self.due_date(doc).map(|date| date.seconds * 10 + date.precision as i64);
        }
        number(&self.docs[doc].record, name)
    }

    fn is_within(&self, doc: usize, from: Option<Period>, to: Option<Period>) -> bool {
        if from.is_none() && to.is_none() {
            return true;
        }
        let Some(date) = &self.docs[doc].record.date else { return false };
        let Some((start, end)) = self.span(doc) else { return false };
        assert_eq!(start, date.seconds, "a coarse date begins with its period");
        from.is_none_or(|from| self.instants(from).0 <= start) && to.is_none_or(|to| end <= self.instants(to).1)
    }

    fn values(&self, doc: usize, facet: &str) -> BTreeSet<String> {
        let record = &self.docs[doc].record;
        let unit = |unit| self.period(doc, unit).map(|period| period.to_string()).into_iter().collect();
        let values: Vec<String> = match facet {
            "channel" => record.channel.clone().into_iter().collect(),
            "author" => record.author.clone().into_iter().collect(),
            "forwarded_from" => record.forwarded_from.iter().map(|forward| forward.name.clone()).collect(),
            "tag" => record.tags.clone(),
            "mention" => record.mentions.clone(),
            // The generator makes links of this one shape.
            "domain" => record.links.iter().map(|link| link.split('/').nth(2).unwrap().to_owned()).collect(),
            "media" => record.media.iter().map(|attachment| attachment.kind.clone()).collect(),
            "lang" => record.lang.clone().into_iter().collect(),
            "flag" => record.flags.clone(),
            "dates_mentioned" => record.dates_mentioned.clone(),
            "year" => unit(Unit::Year),
            "month" => unit(Unit::Month),
            "due" => self.due(doc).into_iter().collect(),
            _ => Vec::new(),
        };
        // A label is one line without space around it.
        let label = |value: String| value.split_whitespace().collect::<Vec<_>>().join(" ");
        values.into_iter().map(label).filter(|value| !value.is_empty()).collect()
    }

    /// True when the filters let a record through; those that choose values of `except` do not count.
    fn passes(&self, doc: usize, filters: &[Filter], except: Option<&str>) -> bool {
        let has = |filter: &Filter| self.values(doc, &filter.facet).contains(&filter.value);
        let excluded = filters.iter().any(|filter| filter.exclude && has(filter));
        let choosing = |facet: &&Filter| !facet.exclude && Some(facet.facet.as_str()) != except;
        let facets: BTreeSet<&str> = filters.iter().filter(choosing).map(|filter| filter.facet.as_str()).collect();
        let chosen = facets
            .into_iter()
            .all(|facet| filters.iter().any(|filter| !filter.exclude && filter.facet == facet && has(filter)));
        !excluded && chosen
    }

    fn answers(&self, doc: usize, query: &Query) -> bool {
        match query {
            Query::All => true,
            Query::And(parts) => parts.iter().all(|part| self.answers(doc, part)),
            Query::Or(parts) => parts.iter().any(|part| self.answers(doc, part)),
            Query::Not(inner) => !self.answers(doc, inner),
            Query::Field(field) => self.has(doc, field),
            leaf => self.docs[doc].answers(leaf),
        }
    }

    fn has(&self, doc: usize, field: &Field) -> bool {
        let record = &self.docs[doc].record;
        match asked(field, &|name| self.has_numbers(name)) {
            Asked::Value(facet) => has_value(field, self.values(doc, facet).iter().map(String::as_str)),
            Asked::Mark => has_value(field, marks(record).into_iter()),
            Asked::Kind => has_value(field, [record.kind.as_str()].into_iter()),
            Asked::Number(fits) => number(record, &field.name).is_some_and(fits),
            Asked::Due(from, to) => self.due_date(doc).is_some_and(|date| {
                let at = |(period, at_end): (Period, bool)| {
                    let (start, end) = self.instants(period);
                    if at_end { end } else { start }
                };
                let (start, end) = self.span_of(&date);
                from.is_none_or(|from| at(from) <= start) && to.is_none_or(|to| end <= at(to))
            }),
            Asked::Date(from, to) if field.name == "before" || field.name == "after" => {
                // Whole, on the one side of the whole period.
                let opposite =
                    |period: Period, end: bool| if end { self.instants(period).1 } else { self.instants(period).0 };
                let Some((start, end)) = self.span(doc) else { return false };
                from.is_none_or(|from| start >= opposite(from, true)) && to.is_none_or(|to| end <= opposite(to, false))
            }
            Asked::Date(from, to) => record.date.is_some() && self.is_within(doc, from, to),
            Asked::Words => panic!("{field:?} is words"),
        }
    }

    fn has_numbers(&self, name: &str) -> bool {
        if name == "due" {
            // Said to be one of dates, it is that whatever its values are.
            return (0..self.docs.len()).any(|doc| self.due(doc).is_some());
        }
        self.docs.iter().any(|doc| number(&doc.record, name).is_some())
    }

    /// True where a field asks for a value that no record has: that is said.
    fn names_nothing(&self, query: &Query) -> bool {
        match query {
            Query::And(parts) | Query::Or(parts) => parts.iter().any(|part| self.names_nothing(part)),
            Query::Not(inner) => self.names_nothing(inner),
            Query::Field(field) => match asked(field, &|name| self.has_numbers(name)) {
                Asked::Value(_) | Asked::Mark | Asked::Kind => !(0..self.docs.len()).any(|doc| self.has(doc, field)),
                Asked::Number(_) => !self.has_numbers(&field.name),
                Asked::Date(..) | Asked::Due(..) => false,
                Asked::Words => true,
            },
            _ => false,
        }
    }

    fn scores(&self, query: &Query) -> Vec<f64> {
        let num_docs = self.docs.len() as f64;
        let average = self.docs.iter().map(Plain::len).sum::<usize>() as f64 / num_docs;
        let mut scores = vec![0.0; self.docs.len()];
        // Two fifths of octaves.
        let length = |len: f64| (len + 16.0).powf(0.875);
        let quantised = |doc: &Plain, count: f64| {
            let steps = 2.5 * count.log2() - 2.5 * 0.875 * (doc.len() as f64 + 16.0).log2();
            (steps.round() / 2.5).exp2() * length(average)
        };
        let idf_of = |doc_freq: f64| (1.0 + (num_docs - doc_freq + 0.5) / (doc_freq + 0.5)).ln();
        let saturated = |freq: f64| freq * 2.2 / (freq + 1.2);
        // A word in all its forms is one term; a fifth of it is for the form asked for.
        for leaf in leaves(query) {
            let Query::Forms(forms) = leaf else { continue };
            let of = |fits: &dyn Fn(&str) -> bool| -> Vec<f64> {
                let freqs = |doc: &Plain| doc.frequencies(fits).into_values().map(|count| quantised(doc, count)).sum();
                self.docs.iter().map(freqs).collect()
            };
            let together = of(&|term| forms.all().any(|form| form == term));
            let exact = of(&|term| term == forms.word);
            let idf = idf_of(together.iter().filter(|freq| **freq > 0.0).count() as f64);
            for ((score, together), exact) in scores.iter_mut().zip(together).zip(exact) {
                *score += 0.8 * idf * saturated(together) + 0.2 * idf * saturated(exact);
            }
        }
        let mut add = |fits: &dyn Fn(&str) -> bool| {
            let found: Vec<BTreeMap<&str, f64>> = self.docs.iter().map(|doc| doc.frequencies(fits)).collect();
            // What begins alike in many words, or languages, counts as if it stood once in a record of average length.
            let lang = |doc: usize| lang(&self.docs[doc].record);
            let entries: BTreeSet<(&str, &str)> = found
                .iter()
                .enumerate()
                .flat_map(|(doc, terms)| terms.keys().map(move |term| (*term, lang(doc))))
                .collect();
            let doc_freq = found.iter().filter(|terms| !terms.is_empty()).count() as f64;
            let idf = idf_of(doc_freq);
            for ((doc, terms), score) in self.docs.iter().zip(&found).zip(&mut scores) {
                // The best of the words counts.
                let Some(best) = terms.values().copied().reduce(f64::max) else { continue };
                let freq = if entries.len() > 16 { 1.0 } else { quantised(doc, best) };
                *score += idf * saturated(freq);
            }
        };
        for leaf in leaves(query) {
            let (terms, prefix) = match leaf {
                Query::Word(term) | Query::Literal(term) => (vec![term], false),
                Query::Prefix(term) => (vec![term], true),
                Query::Phrase { terms, prefix, .. } => (terms, prefix),
                Query::Forms(forms) => {
                    if forms.prefix {
                        add(&|term| term.starts_with(forms.word.as_str()));
                    }
                    continue;
                }
                _ => continue,
            };
            for (place, wanted) in terms.iter().enumerate() {
                // Exact forms come first: what may go on counts as itself, and once more as everything that begins like it.
                add(&|term| term == wanted);
                if prefix && place + 1 == terms.len() {
                    add(&|term| term.starts_with(wanted.as_str()));
                }
            }
        }
        scores
    }

    /// The page that should come, field by field.
    fn check(&self, request: &SearchRequest, page: &SearchPage) {
        let mut parsed = parse(&request.query, request.typing);
        let mut names_nothing = patterns_as_words(&mut parsed.query);
        names_nothing |= self.names_nothing(&parsed.query);
        let mut query = in_words(parsed.query, &|name| self.has_numbers(name));
        let matching = match parsed.any {
            Some(any) => [Match::All, Match::Any][usize::from(any)],
            None => request.matching,
        };
        if matching == Match::Any {
            query = any_of(query);
        }
        query = self.forms.expand(query, request.typing && !request.query.trim_end().ends_with('*'));
        let answering = |query: &Query| (0..self.docs.len()).filter(|doc| self.answers(*doc, query)).collect();
        let mut found: Vec<usize> = answering(&query);
        let mut relaxed = false;
        if matching == Match::AllOrAny && found.is_empty() {
            query = any_of(query);
            found = answering(&query);
            relaxed = !found.is_empty();
        }
        assert_eq!(page.relaxed, relaxed);
        let matching = found;
        let is_order = |sort: &Sort| !matches!(sort, Sort::By { name, .. } if !self.has_numbers(name));
        let asked = parsed.sort.as_ref().map(|(name, _)| Sort::parse(name));
        let orders = asked.clone().into_iter().chain([request.sort.clone()]);
        names_nothing |= orders.clone().take_while(|sort| !is_order(sort)).count() > 0;
        let sort = orders.into_iter().find(is_order).unwrap_or(Sort::New);
        let sort = if relaxed && sort == Sort::New && asked.is_none() { Sort::Relevance } else { sort };
        let within = |doc: &usize| self.is_within(*doc, request.from, request.to);
        let passing = |docs: &[usize], except| -> Vec<usize> {
            docs.iter().copied().filter(|doc| self.passes(*doc, &request.filters, except)).collect()
        };
        let in_time: Vec<usize> = matching.iter().copied().filter(within).collect();
        let hits = passing(&in_time, None);

        assert_eq!(page.total, hits.len(), "total");
        assert!(page.exact && page.damage.is_empty());
        match parsed.problem {
            None => assert_eq!(page.problem.is_some(), names_nothing, "{:?}", page.problem),
            some => assert_eq!(page.problem, some),
        }
        self.check_order(request, &sort, &query, &hits, page);
        assert_eq!(page.sort, sort);
        self.check_snippets(&query, page);
        if request.facet_limit == 0 {
            assert!(page.facets.is_empty() && page.timeline.is_none());
            return;
        }
        let mut names: Vec<&str> = page.facets.iter().map(|facet| facet.name.as_str()).collect();
        names.sort_unstable();
        let mut expected_names: Vec<&str> = FACETS.to_vec();
        expected_names.retain(|name| (0..self.docs.len()).any(|doc| !self.values(doc, name).is_empty()));
        expected_names.sort_unstable();
        assert_eq!(names, expected_names);
        for facet in &page.facets {
            self.check_facet(request, facet, &passing(&in_time, Some(&facet.name)));
        }
        match request.zoom {
            None => self.check_timeline(&passing(&matching, None), page),
            Some(span) => self.check_zoom(span, &passing(&matching, None), page),
        }
    }

    fn check_order(&self, request: &SearchRequest, sort: &Sort, query: &Query, hits: &[usize], page: &SearchPage) {
        let place_in_time = |doc: &usize| if *doc < self.num_dated { self.num_dated - 1 - doc } else { *doc };
        let mut expected = hits.to_vec();
        if *sort != Sort::Old {
            expected.sort_by_key(place_in_time);
        }
        let scores = match sort {
            Sort::Relevance => self.scores(query),
            Sort::By { name, ascending } => {
                let sign = if *ascending { -1.0 } else { 1.0 };
                let score = |doc| self.number(doc, name).map_or(f64::NEG_INFINITY, |n| n as f64 * sign);
                (0..self.docs.len()).map(score).collect()
            }
            _ => vec![0.0; self.docs.len()],
        };
        expected.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
        let expected: Vec<usize> = expected.into_iter().skip(request.offset).take(request.limit).collect();
        let found: Vec<usize> = page.hits.iter().map(|hit| hit.doc as usize).collect();
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(b.abs());
        if *sort == Sort::Relevance {
            // Nearly equal scores may be rounded to either side: then the places agree in score, and what the core takes for
            // equal stands in the order of time.
            assert_eq!(found.len(), expected.len());
            for (hit, wanted) in page.hits.iter().zip(&expected) {
                assert!(
                    close(hit.score, scores[hit.doc as usize]),
                    "{} is not {}",
                    hit.score,
                    scores[hit.doc as usize]
                );
                assert!(close(hit.score, scores[*wanted]), "order by relevance");
            }
            for pair in page.hits.windows(2) {
                let (a, b) = (&pair[0], &pair[1]);
                let in_time = place_in_time(&(a.doc as usize)) < place_in_time(&(b.doc as usize));
                assert!(a.score > b.score || (a.score == b.score && in_time), "ties by time");
            }
        } else {
            assert_eq!(found, expected, "order");
            assert!(page.hits.iter().all(|hit| hit.score == 0.0));
        }
        for hit in &page.hits {
            let Shown::Whole(record) = &hit.record else { panic!("nothing is damaged") };
            assert_eq!(without_uid(record), self.docs[hit.doc as usize].record);
        }
    }

    fn check_snippets(&self, query: &Query, page: &SearchPage) {
        let leaves = leaves(query);
        for hit in &page.hits {
            let doc = &self.docs[hit.doc as usize];
            let title = doc.record.title.as_ref().map(|title| Snippet {
                text: title.clone(),
                ranges: doc.highlights(&leaves, 0),
                ..Snippet::default()
            });
            assert_eq!(hit.title, title);
            check_excerpt(&doc.record.text, &doc.highlights(&leaves, 1), &hit.snippet);
        }
    }

    fn check_facet(&self, request: &SearchRequest, facet: &FacetCounts, docs: &[usize]) {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for value in docs.iter().flat_map(|doc| self.values(*doc, &facet.name)) {
            *counts.entry(value).or_default() += 1;
        }
        assert_eq!(facet.num_values, counts.len(), "values of {}", facet.name);
        let mut ranked: Vec<(String, usize)> = counts.clone().into_iter().collect();
        ranked.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        ranked.truncate(request.facet_limit);
        let asked = |exclude: bool| {
            let filters = request.filters.iter().filter(move |f| f.facet == facet.name && f.exclude == exclude);
            filters.map(|filter| filter.value.clone()).collect::<BTreeSet<_>>()
        };
        let (chosen, excluded) = (asked(false), asked(true));
        let listed = |value: &String| ranked.iter().any(|(ranked, _)| ranked == value);
        let mut expected: Vec<_> = ranked.clone();
        expected.extend(
            chosen
                .union(&excluded)
                .filter(|value| !listed(value))
                .map(|value| (value.clone(), counts.get(value).copied().unwrap_or(0))),
        );
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(value, count)| (chosen.contains(&value), excluded.contains(&value), value, count))
            .collect();
        let found: Vec<_> = facet.values.iter().map(|v| (v.chosen, v.excluded, v.value.clone(), v.count)).collect();
        let (head, tail) = found.split_at(ranked.len().min(found.len()));
        let (expected_head, expected_tail) = expected.split_at(ranked.len());
        assert_eq!(head, expected_head, "counts of {}", facet.name);
        assert_eq!(
            tail.iter().collect::<BTreeSet<_>>(),
            expected_tail.iter().collect::<BTreeSet<_>>(),
            "values of {} that are asked for",
            facet.name
        );
        assert_eq!(found.len(), expected.len());
    }

    /// What is offered are the most frequent words that begin so, with the numbers of records that hold them.
    fn check_completions(&self, query: &str, driver: &mut Driver, archive: &fonds::searcher::Archive) {
        let offered = driver.ask(archive, |archive| archive.completions(query, 3)).unwrap();
        let parsed = parse(query, true).query;
        let prefix = match parsed.positive_leaves().last() {
            Some(Query::Prefix(word)) if word.trim_start_matches(['#', '@']).chars().count() > 1 => word.clone(),
            _ => return assert!(offered.is_empty()),
        };
        let mut expected: BTreeMap<String, u32> = BTreeMap::new();
        for doc in &self.docs {
            let words: BTreeSet<&str> = doc.frequencies(&|word| word.starts_with(&prefix)).into_keys().collect();
            for word in words {
                *expected.entry(word.to_owned()).or_default() += 1;
            }
        }
        let mut expected: Vec<(String, u32)> = expected.into_iter().collect();
        expected.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        expected.truncate(3);
        assert_eq!(offered, expected, "completions of {query}");
    }

    fn check_zoom(&self, (from, to): (Period, Period), docs: &[usize], page: &SearchPage) {
        let timeline = page.timeline.as_ref().unwrap();
        let (start, end) = (self.instants(from).0, self.instants(to).1);
        let seconds = |doc: usize| self.docs[doc].record.date.as_ref().map_or(i64::MIN, |date| date.seconds);
        let inside: Vec<usize> = (0..self.num_dated).filter(|doc| (start..end).contains(&seconds(*doc))).collect();
        let hour = |doc| {
            let shown = Timestamp::from_second(seconds(doc)).unwrap().to_zoned_datetime(self.time_zone.clone());
            (timeline.unit == Unit::Hour).then(|| shown.hour() as u8)
        };
        let mut hits = 0;
        for bar in &timeline.bars {
            let is_in = |doc: &usize| {
                self.period(*doc, timeline.unit) == Some(bar.period) && (bar.hour.is_none() || bar.hour == hour(*doc))
            };
            let counted: Vec<&usize> = inside.iter().filter(|doc| is_in(doc)).collect();
            assert_eq!(bar.total, counted.len(), "{bar:?}");
            assert_eq!(bar.count, counted.iter().filter(|doc| docs.contains(doc)).count(), "{bar:?}");
            hits += bar.count;
        }
        assert_eq!(timeline.coarse + hits, docs.iter().filter(|doc| inside.contains(doc)).count());
        let days = to.next().first().to_days() - from.first().to_days();
        let bars = timeline.bars.len() as i64;
        match days {
            ..1 => assert_eq!(bars, 0),
            1 => assert_eq!((timeline.unit, bars), (Unit::Hour, 24)),
            2..=124 => assert_eq!((timeline.unit, bars), (Unit::Day, days)),
            _ => assert!(matches!(timeline.unit, Unit::Month | Unit::Year) && bars > 0),
        }
    }

    fn check_timeline(&self, docs: &[usize], page: &SearchPage) {
        if self.num_dated == 0 {
            assert!(page.timeline.is_none());
            return;
        }
        let timeline = page.timeline.as_ref().unwrap();
        let months_between = |a: Day, b: Day| (b.year - a.year) * 12 + i32::from(b.month) - i32::from(a.month) + 1;
        let run = |doc| self.period(doc, Unit::Month).or(self.period(doc, Unit::Year)).unwrap().first();
        let months = months_between(run(0), run(self.num_dated - 1));
        let all = |unit| (0..self.num_dated).filter_map(|doc| self.period(doc, unit)).collect::<Vec<_>>();
        let days = all(Unit::Day);
        let num_days =
            days.first().map_or(0, |first| days.last().unwrap().first().to_days() - first.first().to_days() + 1);
        let knows_months = (0..self.num_dated).any(|doc| self.period(doc, Unit::Month).is_some());
        let unit = match months {
            ..=4 if (1..=124).contains(&num_days) => Unit::Day,
            ..=480 if knows_months => Unit::Month,
            _ => Unit::Year,
        };
        assert_eq!(timeline.unit, unit);
        let periods = all(unit);
        let mut expected: Vec<Bar> = Vec::new();
        let mut period = periods.first().copied();
        while let Some(at) = period {
            let count = docs.iter().filter(|doc| self.period(**doc, unit) == Some(at)).count();
            let total = periods.iter().filter(|period| **period == at).count();
            expected.push(Bar { period: at, hour: None, count, total });
            period = (periods.last() != Some(&at)).then(|| at.next());
        }
        assert_eq!(timeline.bars, expected);
        let dated = docs.iter().filter(|doc| **doc < self.num_dated).count();
        assert_eq!(timeline.coarse, dated - expected.iter().map(|bar| bar.count).sum::<usize>());
        assert_eq!(timeline.undated, docs.len() - dated);
    }
}

fn without_uid(record: &Record) -> Record {
    Record { uid: String::new(), ..record.clone() }
}

/// An excerpt is a stretch of the text, its line ends aside, and highlights just what it shows of the text's highlights.
fn check_excerpt(text: &str, highlights: &[std::ops::Range<usize>], snippet: &Snippet) {
    let plain: String = text.chars().map(|c| if "\n\r\t".contains(c) { ' ' } else { c }).collect();
    let shows = |start: &usize| {
        let (start, end) = (*start, start + snippet.text.len());
        let inside = highlights.iter().filter(|range| start <= range.start && range.end <= end);
        let ranges: Vec<_> = inside.map(|range| range.start - start..range.end - start).collect();
        plain.get(start..end) == Some(&snippet.text.replace('\n', " "))
            && ranges == snippet.ranges
            && snippet.cut_start != plain[..start].trim().is_empty()
            && snippet.cut_end != plain[end..].trim().is_empty()
    };
    assert!(
        (0..=plain.len() - snippet.text.len()).any(|start| shows(&start)),
        "{snippet:?} is no excerpt of {text:?} with {highlights:?}"
    );
    assert!(snippet.text.chars().count() <= 240);
    // Something is highlighted if anything of a usual length is.
    if highlights.iter().any(|range| text[range.clone()].chars().count() < 100) && highlights.len() == 1 {
        assert!(!snippet.ranges.is_empty(), "{snippet:?} of {text:?} shows no hit");
    }
}

/// Any of the words instead of all of them; fields, and what a minus stands before, still narrow.
fn any_of(query: Query) -> Query {
    // A sentence without spaces is as many words as it has n-grams, and whatever else stands in it.
    let is_gram = |term: &String| tokenize(term)[0].kind == TokenKind::Gram;
    let loosened = |query: Query| match query {
        Query::Phrase { mut terms, prefix, quoted: false } if terms.iter().any(is_gram) => {
            let open = if prefix { terms.pop() } else { None };
            let word = |term| if is_gram(&term) { Query::Literal(term) } else { Query::Word(term) };
            Query::Or(terms.into_iter().map(word).chain(open.map(Query::Prefix)).collect())
        }
        other => other,
    };
    let Query::And(parts) = query else { return loosened(query) };
    let narrows = |part: &Query| matches!(part, Query::Not(_)) || part.is_of_fields() || part.scans();
    let (negated, positive): (Vec<_>, Vec<_>) = parts.into_iter().partition(narrows);
    let mut all = negated;
    if !positive.is_empty() {
        all.push(Query::Or(positive.into_iter().map(loosened).collect()));
    }
    Query::And(all)
}

// Random records and requests.

const FACETS: [&str; 13] = [
    "due",
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
];

/// Few words, of many scripts, so that hits happen.
pub(crate) const WORDS: [&str; 35] = [
    "المدرسة",
    "مدرسية",
    "بمدرسي",
    "harbour",
    "harbours",
    "storm",
    "Café",
    "cafe",
    "e-mail",
    "2,500",
    "l'avion",
    "Straße",
    "гавань",
    "ёж",
    "Ежи",
    "мои\u{306}",
    "مَدْرَسَة",
    "مدرسه",
    "港口新闻",
    "港口",
    "新港",
    "口",
    "カタカナ",
    "ﾊﾝｶｸ",
    "ภาษาไทย",
    "ไทย",
    "हिन्दी",
    "⚓️",
    "🇷🇺",
    "#Union_State",
    "#港口新",
    "@pilot_marta",
    "mail@host.example",
    "of",
    "a",
];

const TAGS: [&str; 6] = ["Union_State", "storm", "港口新", "Ёж", "two words", "🎉"];

const SEPARATORS: [&str; 6] = [" ", " ", "\n", ", ", "", "-"];

const DATES: [&str; 26] = [
    "1963",
    "1963-01",
    "1963-01-01",
    "1963-06-30",
    "1999-12-31T23:59:59Z",
    "2000",
    "2000-01",
    "2024",
    "2024-03",
    "2024-03-31",
    "2024-03-31T00:59:59Z",
    "2024-03-31T01:00:00Z",
    "2024-03-31T02:30:00",
    "2024-03-30T23:30:00-05:00",
    "2024-04-01T00:00:00+02:00",
    "2024-10-27T02:30:00",
    "2024-10-27T01:30:00Z",
    "2024-10-27",
    "2024-10-31T23:30:00Z",
    "2024-11-01T00:30:00",
    "2024-12",
    "2024-12-31",
    "2024-12-31T23:30:00Z",
    "2025-01-01T00:00:00+01:00",
    "2024-06-15T12:00:00Z",
    "2024-06-15T12:00:00Z",
];

fn text() -> impl Strategy<Value = String> {
    let piece =
        (select(&WORDS[..]), select(&SEPARATORS[..])).prop_map(|(word, separator)| format!("{word}{separator}"));
    let long = prop_oneof![30 => Just(""), 1 => Just("ё"), 1 => Just("x"), 1 => Just("港"), 1 => Just("harbour ")];
    (vec(piece, 0..10), long, 1..400usize, vec(select(&WORDS[..]), 0..3))
        .prop_map(|(pieces, long, times, tail)| pieces.concat() + &long.repeat(times) + " " + &tail.join(" "))
}

fn some<T: Clone + std::fmt::Debug + 'static>(values: &'static [T]) -> impl Strategy<Value = Vec<T>> {
    subsequence(values, 0..=values.len().min(3))
}

fn strings(values: Vec<&str>) -> Vec<String> {
    values.into_iter().map(str::to_owned).collect()
}

/// Records whose dates are texts still, since they are read in the time zone of their archive.
pub(crate) fn records() -> impl Strategy<Value = Vec<(Record, Option<&'static str>)>> {
    let people = (
        option::of(select(&["marta", "Öznur", "two  words ", ""][..])),
        option::of(select(&["harbour", "гавань"][..])),
        option::of(select(&["Radio", "港"][..])),
        option::of(select(&["ru", "zh", "en", "ar"][..])),
    );
    let lists = (
        some(&TAGS),
        some(&["pilot_marta", "ёж"]),
        some(&["https://harbour.example/a", "https://harbour.example/b", "http://x.example/"]),
        some(&["photo", "video"]),
        some(&["elided", "read_more"]),
        some(&["2024-06-24", "2024-06"]),
    );
    let date = option::weighted(0.85, select(&DATES[..]));
    let record =
        (text(), option::weighted(0.2, text()), people, lists, date).prop_map(|(text, title, people, lists, date)| {
            let (author, channel, forward, lang) = people;
            let (tags, mentions, links, media, flags, dates_mentioned) = lists;
            // Numbers and marks that follow from the rest, and so need no strategy of their own.
            let due = text.chars().count() % 3;
            let due = DATES.iter().chain(&["soon"]).nth((text.len() * due * 7) % (DATES.len() + 1)).filter(|_| due > 0);
            let due = due.map(|due| ("due".to_owned(), format!("{due:?}")));
            let seen = (text.len() % 4 > 0).then_some((text.len() % 7 * 100) as u64);
            let record = Record {
                views: seen,
                edited: (text.len() % 5 == 0).then(|| "2024".to_owned()),
                reply_to: (text.len() % 3 == 0).then(|| "1".to_owned()),
                kind: if text.len() % 2 == 0 { "post" } else { "Message" }.to_owned(),
                reactions: seen
                    .map(|count| Reaction { emoji: "⚓".to_owned(), count: count / 10 })
                    .into_iter()
                    .collect(),
                fields: seen
                    .map(|count| ("replies".to_owned(), (count / 100).to_string()))
                    .into_iter()
                    .chain(due)
                    .collect(),
                title,
                author: author.map(str::to_owned),
                channel: channel.map(str::to_owned),
                forwarded_from: forward.map(|name| Forward { name: name.to_owned(), ..Forward::default() }),
                lang: lang.map(str::to_owned),
                tags: strings(tags),
                mentions: strings(mentions),
                links: strings(links),
                media: media
                    .into_iter()
                    .map(|kind| Attachment { kind: kind.into(), ..Attachment::default() })
                    .collect(),
                flags: strings(flags),
                dates_mentioned: strings(dates_mentioned),
                source: Source { file: "notes.txt".into(), ..Source::default() },
                ..post(&text)
            };
            (record, date)
        });
    vec(record, 0..24)
}

/// Fields as they are typed, also wrongly.
const FIELDS: [&str; 55] = [
    "from:marta",
    "from:MAR*",
    "author:oznur",
    "from:\"Two Words\"",
    "from:nobody",
    "channel:harbour",
    "channel:Гавань",
    "forwarded:radio",
    "forwarded:港",
    "tag:storm",
    "tag:\"two words\"",
    "mention:ёж",
    "site:example",
    "site:harbour.example",
    "site:bour.example",
    "has:photo",
    "has:link",
    "has:media",
    "has:nothing",
    "is:edited",
    "is:forwarded",
    "is:reply",
    "is:elided",
    "lang:ru",
    "lang:xx",
    "kind:message",
    "year:2024",
    "month:2024-10",
    "about:2024-06",
    "about:2024-06-01..2024-06-30",
    "about:x",
    "before:2024",
    "after:1963-01",
    "on:2024-03-31",
    "date:2000..2024-03",
    "date:..1963",
    "date:2024-10..",
    "date:soon",
    "views:>200",
    "views:100..300",
    "reactions:<30",
    "replies:3",
    "votes:5",
    "nothing:x",
    "due:2024-03..2024-10",
    "due:>2024-03-30",
    "due:>=1963-01",
    "due:<2024",
    "due:<=2024-10-27",
    "due:1963",
    "due:2024-03-31",
    "due:..2024-03-31",
    "due:2024-10-27..",
    "due:soon",
    "due:>soon",
];

fn query() -> impl Strategy<Value = String> {
    let word = select(&WORDS[..]);
    let cut = (select(&WORDS[..]), any::<proptest::sample::Index>()).prop_map(|(word, index)| {
        let ends: Vec<usize> = word.char_indices().map(|(at, c)| at + c.len_utf8()).collect();
        word[..ends[index.index(ends.len())]].to_owned()
    });
    let part = prop_oneof![
        6 => word.clone().prop_map(str::to_owned),
        3 => cut.clone(),
        3 => cut.prop_map(|start| format!("{start}*")),
        3 => (word.clone(), select(&SEPARATORS[..]), word.clone()).prop_map(|(a, s, b)| format!("\"{a}{s}{b}\"")),
        2 => (word.clone(), word.clone()).prop_map(|(a, b)| format!("{a}-{b}")),
        3 => "[港口新闻闻カタナไทย1a]{1,4}",
        2 => select(&["#union", "#Union_State", "#storm", "#港口新", "#ёж", "@pilot_marta", "@pilot", "#no", "#two words"][..])
            .prop_map(str::to_owned),
        2 => select(&["*arb*", "*\"r s\"*", "*ж*", "*港*", "*港口新*", "*\"m, \"*", "*union*", "-*o*"][..]).prop_map(str::to_owned),
        2 => select(&["/har[a-z]+r/", "/storm.?/", "/^.{3}$/", "/Ежи?/", "/harbours?|storm/", "-/o/", "/a b/"][..]).prop_map(str::to_owned),
        1 => select(&["sort:views", "sort:-length", "sort:old", "sort:nothing", "sort:due", "sort:-due", "match:any", "match:all"][..]).prop_map(str::to_owned),
        5 => select(&FIELDS[..]).prop_map(str::to_owned),
        1 => select(&["(", ")", "\"", "-", "*", "«", "#", "@", "!!", "OR", "((", "--a", "\u{301}"][..])
            .prop_map(str::to_owned),
        1 => (select(&["x", "ё", "港"][..]), 100..400usize).prop_map(|(c, times)| c.repeat(times)),
    ];
    let part = part.prop_recursive(2, 8, 3, |part| {
        prop_oneof![
            part.clone().prop_map(|part| format!("-{part}")),
            (part.clone(), part.clone()).prop_map(|(a, b)| format!("({a} OR {b})")),
            (part.clone(), part).prop_map(|(a, b)| format!("({a} {b})")),
        ]
    });
    prop_oneof![
        1 => Just(String::new()),
        12 => (vec(part, 1..4), select(&[" ", " ", " OR ", "  "][..])).prop_map(|(parts, glue)| parts.join(glue)),
        1 => "\\PC{0,12}",
    ]
}

fn filter() -> impl Strategy<Value = Filter> {
    let of = |facet: &'static str, values: &'static [&'static str]| {
        (Just(facet), select(values)).prop_map(|(facet, value)| (facet, value.to_owned())).boxed()
    };
    let known = prop_oneof![
        of("author", &["marta", "Öznur", "two words", "nobody"]),
        of("channel", &["harbour", "гавань"]),
        of("forwarded_from", &["Radio"]),
        of("tag", &TAGS),
        of("mention", &["pilot_marta", "ёж"]),
        of("domain", &["harbour.example", "x.example"]),
        of("media", &["photo", "video"]),
        of("lang", &["ru", "zh", "en", "xx"]),
        of("flag", &["elided"]),
        of("year", &["1963", "2024", "2025"]),
        of("month", &["2024-03", "2024-10", "1963-01"]),
        of("nothing", &["x"]),
    ];
    (known, prop::bool::weighted(0.35)).prop_map(|((facet, value), exclude)| Filter {
        facet: facet.into(),
        value,
        exclude,
    })
}

fn period() -> impl Strategy<Value = Period> {
    let periods = [
        "1962",
        "1963",
        "1963-01",
        "1963-12",
        "1999-12-31",
        "2000",
        "2024",
        "2024-03",
        "2024-03-30",
        "2024-03-31",
        "2024-04-01",
        "2024-10",
        "2024-10-27",
        "2024-11",
        "2024-12-31",
        "2025",
        "2025-01-01",
        "2099",
    ];
    select(periods.to_vec()).prop_map(|text| text.parse().unwrap())
}

pub(crate) fn requests() -> impl Strategy<Value = SearchRequest> {
    let dates = (option::weighted(0.3, period()), option::weighted(0.3, period()));
    let filters = prop_oneof![2 => Just(Vec::new()), 2 => vec(filter(), 1..5)];
    let page = (prop_oneof![3 => Just(0usize), 1 => 0..9usize], select(&[1000, 3, 0][..]), select(&[50, 2, 0][..]));
    let orders = ["new", "old", "relevance", "relevance", "views", "-replies", "due", "-due"];
    let matchings = [Match::All, Match::All, Match::Any, Match::AllOrAny];
    let order = (select(orders.to_vec()).prop_map(Sort::parse), any::<bool>(), select(matchings.to_vec()));
    let zoom = option::weighted(0.3, (period(), period()));
    (query(), filters, (dates, zoom), page, order).prop_map(|(query, filters, ((from, to), zoom), page, order)| {
        let (sort, typing, matching) = order;
        let (offset, limit, facet_limit) = page;
        let scan_limit = 0;
        SearchRequest {
            query,
            typing,
            filters,
            from,
            to,
            sort,
            matching,
            offset,
            limit,
            facet_limit,
            zoom,
            literal: false,
            suggestions: 0,
            scan_limit,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn search_equals_a_plain_scan(
        records in records(),
        zone in select(&["UTC", "Europe/Berlin", "America/New_York"][..]),
        requests in vec(requests(), 24),
        manner in select(&MANNERS[..]),
        at in any::<proptest::sample::Index>(),
        context in 0..4u32,
    ) {
        let time_zone = TimeZone::get(zone).unwrap();
        let records: Vec<Record> = records
            .into_iter()
            .map(|(record, date)| Record { date: date.map(|date| parse_date(date, &time_zone).unwrap()), ..record })
            .collect();
        let built = build_in(&time_zone, records.iter().cloned());
        let scan = Scan::new(&time_zone, &records);
        let records: Vec<Record> = built.records.iter().map(Result::unwrap).collect();
        let in_order: Vec<Record> = records.iter().map(without_uid).collect();
        prop_assert!(in_order.iter().eq(scan.docs.iter().map(|doc| &doc.record)), "records are not in order of time");

        let mut driver = Driver { manner, ..Driver::new(&built.container) };
        let archive = driver.open();
        for request in &requests {
            let page = driver.search(&archive, request).unwrap();
            let checked = std::panic::AssertUnwindSafe(|| scan.check(request, &page));
            if let Err(panic) = std::panic::catch_unwind(checked) {
                let what = panic.downcast_ref::<String>().cloned();
                let what = what.or(panic.downcast_ref::<&str>().map(|what| (*what).to_owned())).unwrap_or_default();
                return Err(TestCaseError::fail(format!("{request:?}: {what}")));
            }
        }
        for request in &requests {
            scan.check_completions(&request.query, &mut driver, &archive);
        }
        check_post(&scan, &records, &mut driver, &archive, at, context, &requests[0].query)?;
    }

    /// What a string of characters without spaces means, said without tokens: the records whose text contains it.
    #[test]
    fn characters_without_spaces_are_found_as_substrings(
        texts in vec("[港口新闻 a。カナไท]{0,12}", 1..20),
        // Scripts whose n-grams differ in length are apart, as words are.
        wanted in vec("[港口新闻カナ]{1,4}|[ไท]{1,5}", 12),
    ) {
        let built = build(texts.iter().map(|text| post(text)));
        for wanted in wanted {
            for typing in [false, true] {
                let expected: Vec<&String> = texts.iter().filter(|text| fold(text).contains(&fold(&wanted))).collect();
                let page = search(&built.container, &SearchRequest { typing, ..request(&wanted) });
                let found: Vec<String> = page.hits.iter().map(|hit| match &hit.record {
                    Shown::Whole(record) => record.text.clone(),
                    Shown::Damaged(_) => String::new(),
                }).collect();
                prop_assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{:?}", wanted);
            }
        }
    }
}

fn check_post(
    scan: &Scan,
    records: &[Record],
    driver: &mut Driver<'_>,
    archive: &fonds::searcher::Archive,
    at: proptest::sample::Index,
    context: u32,
    query: &str,
) -> Result<(), TestCaseError> {
    let ask = PostRequest { uid: "nothing/0".into(), query: query.into(), typing: false, literal: false, context };
    prop_assert_eq!(driver.post(archive, &ask).unwrap(), None);
    let distinct: BTreeSet<&str> = records.iter().map(|record| record.uid.as_str()).collect();
    prop_assert_eq!(distinct.len(), records.len());
    if records.is_empty() {
        return Ok(());
    }
    let doc = at.index(records.len());
    let view = driver.post(archive, &PostRequest { uid: records[doc].uid.clone(), ..ask }).unwrap().unwrap();
    let first = doc.saturating_sub(context as usize);
    let last = (doc + context as usize).min(records.len() - 1);
    prop_assert_eq!(view.posts.len(), last - first + 1);
    prop_assert_eq!(view.index, doc - first);
    let leaves = leaves(&scan.forms.expand(parse(query, false).query, false));
    for ((found, shown, title, text), doc) in view.posts.iter().zip(first..) {
        prop_assert_eq!(*found as usize, doc);
        prop_assert_eq!(shown, &Shown::Whole(Box::new(records[doc].clone())));
        prop_assert_eq!(&title.ranges, &scan.docs[doc].highlights(&leaves, 0));
        prop_assert_eq!(&text.ranges, &scan.docs[doc].highlights(&leaves, 1));
        prop_assert_eq!(&text.text, &records[doc].text);
    }
    Ok(())
}

// Cases worked out by hand.

/// Which of these texts, in this order, a query finds.
fn found(texts: &[&str], query: &str) -> Vec<usize> {
    let built = build(texts.iter().map(|text| post(text)));
    let page = search(&built.container, &request(query));
    assert!(page.exact);
    page.hits.iter().map(|hit| hit.doc as usize).collect()
}

#[test]
fn words() {
    let texts =
        ["The Union State", "state of the union", "Unions", "état d'union", "e-mail", "mail, e", "#Union_State"];
    for (query, expected) in [
        ("union", &[0, 1, 3, 6][..]),
        ("union*", &[0, 1, 2, 3, 6]),
        ("UNION state", &[0, 1, 6]),
        ("\"union state\"", &[0, 6]),
        ("\"the union\"", &[0, 1]),
        ("\"the uni\"*", &[0, 1]),
        ("etat", &[3]),
        ("e-mail", &[4]),
        ("e mail", &[4, 5]),
        ("union -the", &[3, 6]),
        ("-union", &[2, 4, 5]),
        ("(mail OR etat) -l", &[3, 4, 5]),
        ("(mail OR etat) -d", &[4, 5]),
        ("#union_state", &[6]),
        ("#union*", &[6]),
        ("#union", &[]),
        ("union_state", &[0, 6]),
    ] {
        assert_eq!(found(&texts, query), expected, "{query}");
    }
}

#[test]
fn a_scan_in_slices_ends_where_one_at_once_does() {
    let texts: Vec<String> = (0..40).map(|i| format!("storm {i}, harbour {}", i % 3)).collect();
    let built = build(texts.iter().map(|text| post(text)));
    for query in ["/r [12]$/", "-/r [12]$/", "storm -*\", h\"* ", "*\"m 1\"* OR /9,/", "*\"9, \"* /r 0/"] {
        let whole = search(&built.container, &request(query));
        assert!(whole.exact);
        let sliced = SearchRequest { scan_limit: 3, ..request(query) };
        let mut driver = Driver::new(&built.container);
        let archive = driver.open();
        let mut last = 0;
        let page = loop {
            let page = driver.search(&archive, &sliced).unwrap();
            let (scanned, to_scan) = page.scan.unwrap();
            assert!(page.total <= whole.total, "{query}");
            assert_eq!(page.exact, scanned == to_scan);
            if page.exact {
                break page;
            }
            assert!(scanned >= last, "{query} stands still");
            last = scanned;
        };
        assert_eq!((page.total, uids(&page)), (whole.total, uids(&whole)), "{query}");
    }
}

#[test]
fn scripts() {
    let texts = ["港口新闻", "在港口。新闻", "口新", "新港口新", "港 口新", "Ёлка и ежи", "елка", "مَدْرَسَةٌ", "ภาษาไทย"];
    for (query, expected) in [
        ("港口新", &[0, 3][..]),
        ("口新", &[0, 2, 3, 4]),
        ("港", &[0, 1, 3, 4]),
        ("新", &[0, 1, 2, 3, 4]),
        ("闻", &[0, 1]),
        ("新闻在", &[]),
        ("港口 新闻", &[0, 1]),
        ("-港口", &[2, 4, 5, 6, 7, 8]),
        ("ёлка", &[5, 6]),
        ("ежи", &[5]),
        ("مدرسه", &[7]),
        ("ไทย", &[8]),
        ("ษาไ", &[8]),
        ("ยไ", &[]),
    ] {
        assert_eq!(found(&texts, query), expected, "{query}");
    }
}

#[test]
fn order_puts_undated_records_behind() {
    let records = [
        post("a first"),
        dated("2", "2024-06-15", "a"),
        dated("3", "2024-06", "a"),
        post("a last"),
        dated("5", "2024-06-01T00:00:00Z", "a"),
        dated("6", "1963", "a"),
    ];
    let built = build(records);
    let order = |sort| {
        let page = search(&built.container, &SearchRequest { sort, ..request("a") });
        uids(&page)
            .iter()
            .map(|uid| uid.trim_start_matches("notes/").chars().take(1).collect::<String>())
            .collect::<String>()
    };
    // A month sorts before what lies within it.
    assert_eq!(order(Sort::New), "2536~~");
    assert_eq!(order(Sort::Old), "6352~~");
    let page = search(&built.container, &request("a"));
    let texts =
        |range: std::ops::Range<usize>| page.hits[range].iter().map(|hit| hit.snippet.text.clone()).collect::<Vec<_>>();
    assert_eq!(texts(4..6), ["a first", "a last"]);
}

#[test]
fn a_coarse_date_lies_within_a_range_only_as_a_whole() {
    let dates = ["1963", "1963-06", "1963-06-30", "1963-06-30T23:59:59Z", "1964"];
    let built = build(dates.iter().map(|date| dated(date, date, "a")));
    for (from, to, expected) in [
        ("1963", "1963", &["1963", "1963-06", "1963-06-30", "1963-06-30T23:59:59Z"][..]),
        ("1963-06", "1963-06", &["1963-06", "1963-06-30", "1963-06-30T23:59:59Z"]),
        ("1963-06-02", "1963", &["1963-06-30", "1963-06-30T23:59:59Z"]),
        ("1963", "1963-06-29", &[]),
        ("1963-06-30", "1963-06-30", &["1963-06-30", "1963-06-30T23:59:59Z"]),
        ("1964", "1963", &[]),
    ] {
        let (from, to) = (Some(from.parse().unwrap()), Some(to.parse().unwrap()));
        let page = search(&built.container, &SearchRequest { from, to, sort: Sort::Old, ..request("") });
        let found: Vec<String> = uids(&page).iter().map(|uid| uid.replace("notes/", "")).collect();
        assert_eq!(found, expected, "{from:?} to {to:?}");
    }
}

#[test]
fn counts_of_a_facet_are_taken_as_if_nothing_were_chosen_in_it() {
    let record =
        |author: &str, lang: &str| Record { author: Some(author.into()), lang: Some(lang.into()), ..post("a") };
    let built = build([record("x", "en"), record("x", "ru"), record("y", "ru"), record("z", "de")]);
    let filter = |facet: &str, value: &str, exclude| Filter { facet: facet.into(), value: value.into(), exclude };
    let counts = |filters: &[Filter]| {
        let page = search(&built.container, &SearchRequest { filters: filters.to_vec(), ..request("a") });
        let of = |name: &str| {
            let facet = page.facets.iter().find(|facet| facet.name == name).unwrap();
            facet.values.iter().map(|value| format!("{}{}", value.value, value.count)).collect::<Vec<_>>().join(" ")
        };
        (page.total, of("author"), of("lang"))
    };
    let expect = |total, author: &str, lang: &str| (total, author.to_owned(), lang.to_owned());
    assert_eq!(counts(&[]), expect(4, "x2 y1 z1", "ru2 de1 en1"));
    assert_eq!(counts(&[filter("author", "x", false)]), expect(2, "x2 y1 z1", "en1 ru1"));
    let both = [filter("author", "x", false), filter("author", "y", false)];
    assert_eq!(counts(&both), expect(3, "x2 y1 z1", "ru2 en1"));
    let narrowed = [filter("author", "x", false), filter("lang", "ru", false)];
    assert_eq!(counts(&narrowed), expect(1, "x1 y1", "en1 ru1"));
    assert_eq!(counts(&[filter("lang", "ru", true)]), expect(2, "x1 z1", "de1 en1 ru0"));
    assert_eq!(counts(&[filter("author", "q", false)]), expect(0, "x2 y1 z1 q0", ""));
}

#[test]
fn scores_are_those_of_the_definition() {
    // Two records of 16 words; `b` stands in one, once: idf = ln(1 + 1.5 / 1.5) = ln 2. Its posting weighs 32^(-7/8), to two
    // fifths of an octave 2^(-4.4), and the archive gives back 32^(7/8).
    let built = build([post(&format!("b{}", " a".repeat(15))), post(&format!("c c c c{}", " a".repeat(12)))]);
    let page = search(&built.container, &SearchRequest { sort: Sort::Relevance, ..request("b") });
    let frequency = 2f64.powf(-4.4 + 4.375);
    let expected = 2f64.ln() * frequency * 2.2 / (frequency + 1.2);
    assert!((page.hits[0].score - expected).abs() < 1e-12, "{}", page.hits[0].score);
    // `c` stands there four times: 2^(-2.375), to the step 2^(-2.4).
    let page = search(&built.container, &SearchRequest { sort: Sort::Relevance, ..request("c") });
    let frequency = 2f64.powf(-2.4 + 4.375);
    let expected = 2f64.ln() * frequency * 2.2 / (frequency + 1.2);
    assert!((page.hits[0].score - expected).abs() < 1e-12, "{}", page.hits[0].score);
}

#[test]
fn literal_words_are_found_as_they_are_typed_alone() {
    let english = |text: &str| Record { lang: Some("en".into()), ..post(text) };
    let built = build([english("a storm came"), english("storms came"), english("it stormed")]);
    let found = |query: &str, literal, typing| {
        let page = search(&built.container, &SearchRequest { literal, typing, ..request(query) });
        (page.total, page.terms.iter().map(|term| term.forms.len()).sum::<usize>())
    };
    assert_eq!(found("storm", false, false), (3, 2));
    assert_eq!(found("storm", true, false), (1, 0));
    assert_eq!(found("storm", true, true), (3, 0));
    assert_eq!(found("-storm", true, false), (2, 0));
}
