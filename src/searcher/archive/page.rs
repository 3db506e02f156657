//! The steps of a search, in their order: what is asked for, which records answer, which of them are shown, and what is counted.

#[cfg(feature = "more")]
use super::super::asked::scans_or_words;
use super::super::asked::{Asked, any_of, is_open};
#[cfg(feature = "more")]
use super::super::fold::Folded;
use super::super::request::{Hit, Match, SearchPage, SearchRequest, SearchTerm, Shown};
use super::counts::Damage;
use super::filters::within;
use super::{Archive, FEW_HITS};
use crate::collector::{self, Sort};
use crate::format::{Fetch, gather};
use crate::query::eval::Evaluator;
use crate::query::expand::expand;
use crate::query::{DocSet, Forms, Matcher, Query, bind, parse};
use crate::record::DocId;
use crate::snippet::{self, Snippet};

impl Archive {
    /// The page that a request asks for.
    pub(super) fn search_page(&self, request: &SearchRequest) -> Fetch<SearchPage> {
        let Some(mut asked) = self.asked(request)? else { return Ok(None) };
        let evaluator = self.evaluator();
        if request.scan_limit > 0 {
            evaluator.to_scan.set(request.scan_limit);
        }
        let found = found(&evaluator, &mut asked)?;
        let dates = self.dated_within(request)?;
        let Some(filters) = self.resolve_filters(&request.filters)? else { return Ok(None) };
        let (Some(found), Some(dates)) = (found, dates) else { return Ok(None) };
        let Some(narrowed) = self.narrow(&found, &filters)? else { return Ok(None) };
        let docs = within(&narrowed.all, dates.as_ref());
        let total = docs.len();

        let mut damage = Damage::default();
        #[cfg(feature = "more")]
        let Some(folded) = (if asked.folds { damage.spare(self.fold(&docs)) } else { Some(None) }) else {
            return Ok(None);
        };
        #[cfg(feature = "more")]
        let docs = folded.as_ref().map_or(docs, |folded| folded.docs.clone());

        // Scores and counts are asked for before either is waited for.
        let scores = self.scores(&evaluator, &asked, &docs)?;
        let (facets, timeline) = if request.facet_limit == 0 {
            (Some(Vec::new()), Some(None))
        } else {
            self.counts(&mut damage, &narrowed, dates.as_ref(), &filters, request)?
        };
        let Some(scores) = scores else { return Ok(None) };
        let page = self.page_of(&docs, scores.as_deref(), &asked.sort, request);
        let matcher = Matcher::new(&asked.query);
        let hits = self.hits(&page, &matcher)?;
        #[cfg(feature = "more")]
        let hits = self.unfolded(hits, folded.as_ref())?;
        let (Some(facets), Some(timeline), Some(hits)) = (facets, timeline, hits) else { return Ok(None) };
        let wants_more = if cfg!(feature = "more") { Some(false) } else { self.wants_more(request, &asked, total)? };
        let Some(wants_more) = wants_more else { return Ok(None) };
        let (scanned, to_scan) = evaluator.progress.get();
        Ok(Some(SearchPage {
            total,
            #[cfg(feature = "more")]
            folded: folded.map_or(0, |folded| folded.count),
            exact: evaluator.unchecked.get() == 0 && scanned == to_scan,
            relaxed: asked.relaxed,
            scan: (to_scan > 0).then_some((scanned, to_scan)),
            hits,
            facets,
            timeline,
            terms: search_terms(&matcher),
            suggestions: Vec::new(),
            wants_more,
            sort: asked.sort,
            problem: asked.problem,
            damage: damage.notices,
        }))
    }

    /// The number of records that answer a request.
    #[cfg(feature = "more")]
    pub(in crate::searcher) fn total(&self, request: &SearchRequest) -> Fetch<usize> {
        let counting = SearchRequest { limit: 0, facet_limit: 0, sort: Sort::New, ..request.clone() };
        Ok(self.search_page(&counting)?.map(|page| page.total))
    }

    /// What is searched for, and how.
    pub(in crate::searcher) fn asked(&self, request: &SearchRequest) -> Fetch<Asked<Query>> {
        let mut parsed = parse(&request.query, request.typing);
        bind(&mut parsed, self.names())?;
        #[cfg(feature = "more")]
        scans_or_words(&mut parsed.query, &mut parsed.problem, &request.query);
        let query = std::mem::replace(&mut parsed.query, Query::All);
        let mut asked = Asked::new(query, parsed, request, |name| self.names().number(name).is_some());
        if asked.matching == Match::Any {
            asked.query = any_of(asked.query);
        }
        if request.literal {
            return Ok(Some(asked));
        }
        let is_open = is_open(&request.query, request.typing);
        let Some(unseen) = expand(&mut asked.query, &self.index, &self.container, is_open)? else { return Ok(None) };
        asked.has_unseen = !unseen.words.is_empty();
        Ok(Some(asked))
    }

    /// By what the records are ordered, the largest first; `Some(None)` for their order in time.
    fn scores(&self, evaluator: &Evaluator<'_>, asked: &Asked<Query>, docs: &DocSet) -> Fetch<Option<Vec<f64>>> {
        match &asked.sort {
            Sort::Relevance => Ok(evaluator.scores(&asked.query, docs)?.map(Some)),
            Sort::By { name, ascending } => {
                let why = || format!("the posts' {name}");
                Ok(self.container.because(why, || self.numbers(name, *ascending, docs))?.map(Some))
            }
            Sort::New | Sort::Old => Ok(Some(None)),
        }
    }

    /// The number of each of these records by which they are ordered, the largest first.
    fn numbers(&self, name: &str, ascending: bool, docs: &DocSet) -> Fetch<Vec<f64>> {
        let column = self.names().number(name).and_then(|column| self.root.numbers.get(column));
        let Some(column) = column else { return Ok(Some(vec![0.0; docs.len()])) };
        let numbers = column.numbers(&self.container, &docs.to_vec())?;
        // A column holds only what this type holds exactly.
        let score = |number: i64| if ascending { -number as f64 } else { number as f64 };
        Ok(numbers.map(|numbers| numbers.into_iter().map(|number| number.map_or(f64::NEG_INFINITY, score)).collect()))
    }

    /// The records that are shown, with their scores, which only an order by relevance has.
    fn page_of(
        &self,
        docs: &DocSet,
        scores: Option<&[f64]>,
        sort: &Sort,
        request: &SearchRequest,
    ) -> Vec<(DocId, f64)> {
        let (offset, limit) = (request.offset, request.limit);
        let mut page = match sort {
            Sort::Old => collector::oldest_docs(docs, offset, limit),
            _ => collector::top_docs(docs, scores, self.root.times.num_dated, offset, limit),
        };
        if *sort != Sort::Relevance {
            page.iter_mut().for_each(|(_, score)| *score = 0.0);
        }
        page
    }

    fn hits(&self, page: &[(DocId, f64)], matcher: &Matcher) -> Fetch<Vec<Hit>> {
        gather(page.iter().map(|(doc, score)| Ok(self.hit(*doc, *score, matcher))))
    }

    pub(in crate::searcher) fn hit(&self, doc: DocId, score: f64, matcher: &Matcher) -> Option<Hit> {
        let record = self.container.because(|| format!("the hit {doc}"), || self.shown(doc))?;
        let (title, snippet) = match &record {
            Shown::Whole(record) => {
                let title = record.title.as_deref().map(|title| snippet::whole(title, matcher));
                (title, snippet::snippet(&record.covered_text(), matcher))
            }
            Shown::Damaged(_) => (None, Snippet::default()),
        };
        Some(Hit {
            doc,
            score,
            record,
            title,
            snippet,
            #[cfg(feature = "more")]
            copies: None,
        })
    }

    /// The hits with what is folded into each.
    #[cfg(feature = "more")]
    fn unfolded(&self, hits: Option<Vec<Hit>>, folded: Option<&Folded>) -> Fetch<Vec<Hit>> {
        match (hits, folded) {
            (Some(hits), Some(folded)) => self.with_copies(hits, folded),
            (hits, _) => Ok(hits),
        }
    }

    /// Whether the whole core could say more: forms of words never seen, or corrections.
    fn wants_more(&self, request: &SearchRequest, asked: &Asked<Query>, total: usize) -> Fetch<bool> {
        if asked.has_unseen || request.suggestions == 0 || total <= FEW_HITS || asked.relaxed {
            return Ok(Some(asked.has_unseen || request.suggestions > 0));
        }
        self.has_rare(&asked.query)
    }

    /// Whether one of the words is rare as it is typed, however many hits its other forms have: it may be misspelled then. One that
    /// may still go on is not asked about, since where it is rare there are few hits, or not all words have any together.
    fn has_rare(&self, query: &Query) -> Fetch<bool> {
        let infos = gather(query.positive_leaves().into_iter().filter_map(|leaf| match leaf {
            Query::Forms(Forms { word, prefix: false, .. }) => Some(self.index.infos(&self.container, word)),
            _ => None,
        }))?;
        let is_rare = |infos: &Vec<crate::index::TermInfo>| {
            infos.iter().map(|info| info.doc_freq as usize).sum::<usize>() <= FEW_HITS
        };
        Ok(infos.map(|infos| infos.iter().any(is_rare)))
    }
}

/// The records that answer: those with any of the words where none has all, and that will do.
fn found(evaluator: &Evaluator<'_>, asked: &mut Asked<Query>) -> Fetch<DocSet> {
    let found = evaluator.docs(&asked.query)?;
    if found.is_none() && asked.sort == Sort::Relevance {
        // What scores are made of is asked for together with the posts that have them: one trip less.
        evaluator.scored_terms(&asked.query)?;
    }
    if asked.matching != Match::AllOrAny || !found.as_ref().is_some_and(DocSet::is_empty) {
        return Ok(found);
    }
    let any = any_of(asked.query.clone());
    if any == asked.query {
        return Ok(found);
    }
    asked.query = any;
    let found = evaluator.docs(&asked.query)?;
    if found.as_ref().is_some_and(|found| !found.is_empty()) {
        asked.relax();
    }
    Ok(found)
}

/// The words that are marked, and what else was found for each.
pub(in crate::searcher) fn search_terms(matcher: &Matcher) -> Vec<SearchTerm> {
    let term = |(term, prefix, leaf): (&str, bool, usize)| SearchTerm {
        text: term.to_owned(),
        prefix,
        forms: matcher.others(leaf).to_vec(),
    };
    matcher.terms().map(term).collect()
}
