//! Requests of the page, read from JavaScript objects.

use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::{JsError, JsValue};

use crate::collector::Sort;
use crate::searcher::{self, Match};
use crate::time::civil::Period;

/// Reads a `SearchRequest`. By hand: deserializing three small shapes would cost the page 15 KB.
pub(super) fn search_request(request: &JsValue) -> Result<searcher::SearchRequest, JsError> {
    let filters = Array::from(&field(request, "filters"));
    let filters = filters.iter().map(|filter| searcher::Filter {
        facet: text(&filter, "facet"),
        value: text(&filter, "value"),
        exclude: field(&filter, "exclude").is_truthy(),
    });
    Ok(searcher::SearchRequest {
        query: text(request, "query"),
        typing: field(request, "typing").is_truthy(),
        literal: field(request, "literal").is_truthy(),
        filters: filters.collect(),
        from: period(request, "from")?,
        to: period(request, "to")?,
        sort: match text(request, "sort").as_str() {
            "" => Sort::New,
            name => Sort::parse(name),
        },
        matching: match text(request, "matching").as_str() {
            "all" => Match::All,
            "any" => Match::Any,
            _ => Match::AllOrAny,
        },
        offset: number(request, "offset"),
        limit: number(request, "limit"),
        facet_limit: number(request, "facet_limit"),
        suggestions: number(request, "suggestions"),
        zoom: period(request, "zoom_from")?.zip(period(request, "zoom_to")?),
        scan_limit: number(request, "scan_limit"),
    })
}

/// Reads a `PostRequest`.
pub(super) fn post_request(request: &JsValue) -> searcher::PostRequest {
    searcher::PostRequest {
        uid: text(request, "uid"),
        query: text(request, "query"),
        typing: field(request, "typing").is_truthy(),
        literal: field(request, "literal").is_truthy(),
        context: number(request, "context") as u32,
    }
}

/// A property of an object; undefined where it has none.
fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// A text property; empty where it is none.
fn text(object: &JsValue, name: &str) -> String {
    field(object, name).as_string().unwrap_or_default()
}

/// A number property; 0 where it is none.
fn number(object: &JsValue, name: &str) -> usize {
    field(object, name).as_f64().unwrap_or_default() as usize
}

fn period(object: &JsValue, name: &str) -> Result<Option<Period>, JsError> {
    let parse = |text: String| {
        text.parse().map_err(|()| JsError::new(&format!("{text} is no date: write 2024, 2024-06 or 2024-06-24")))
    };
    field(object, name).as_string().map(parse).transpose()
}
