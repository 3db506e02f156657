//! The border to the page: the only file that knows wasm-bindgen.
//!
//! [`Explorer`] wraps an archive; requests and answers are twins of the core's plain structs, with their shapes written down in
//! www/types.d.ts. Ranges cross in UTF-16 units, as JavaScript counts text. Every error crosses as a sentence for the reader.

mod answer;
mod post;
mod request;
mod units;
mod value;

use js_sys::Uint8Array;
use serde::Serialize as _;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

use crate::record::Record;
use value::Value;

/// The whole core opens several segments as one archive, the small one has but one.
#[cfg(feature = "more")]
use crate::searcher::Library as Opened;

#[cfg(not(feature = "more"))]
use crate::searcher::Archive as Opened;

/// An open archive.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Explorer {
    archive: Opened,
    clock: Clock,
}

#[wasm_bindgen]
impl Explorer {
    /// Opens an archive from the bytes of its first shard.
    ///
    /// # Errors
    /// They are no archive of this version, or damaged.
    #[wasm_bindgen(constructor)]
    pub fn new(head: &[u8]) -> Result<Explorer, JsError> {
        Ok(Self { archive: Opened::open(head)?, clock: Clock::of_worker() })
    }

    /// What is known without loading anything more.
    ///
    /// # Errors
    /// None in practice: the answer is plain.
    pub fn info(&self) -> Result<JsValue, JsError> {
        to_js(&answer::archive_info(&self.archive))
    }

    /// Answers a `SearchRequest` with an `Answer<SearchPage>`.
    ///
    /// # Errors
    /// A date that is none, or a block of the index is lost.
    pub fn search(&self, request: &JsValue) -> Result<JsValue, JsError> {
        let start = self.clock.now_ms();
        let request = request::search_request(request)?;
        let found = self.archive.search(&request)?;
        let none = Record::default();
        to_js(&answer::answer(&found, |page| {
            answer::search_page(page, &request.query, self.clock.now_ms() - start, &none)
        }))
    }

    /// Answers a `PostRequest` with an `Answer<PostView | null>`.
    ///
    /// # Errors
    /// The block that names the post is lost.
    pub fn post(&self, request: &JsValue) -> Result<JsValue, JsError> {
        let view = self.archive.post(&request::post_request(request))?;
        let none = Record::default();
        to_js(&answer::answer(&view, |view| post::post_view(view.as_ref(), &none)))
    }

    /// Answers what is being typed with an `Answer<Form[]>`: words that begin as its last one does.
    ///
    /// # Errors
    /// A block of the dictionary is lost.
    pub fn complete(&self, query: &str, limit: u32) -> Result<JsValue, JsError> {
        let words = self.archive.completions(query, limit as usize)?;
        to_js(&answer::answer(&words, |words| answer::forms(words)))
    }

    /// Hands over one block.
    ///
    /// # Errors
    /// Its checksum is wrong.
    pub fn supply(&self, offset: f64, bytes: &Uint8Array) -> Result<(), JsError> {
        Ok(self.archive.supply(offset as u64, &bytes.to_vec())?)
    }

    /// Gives a block up: what depends on it is shown as damaged, the rest goes on.
    pub fn lose(&self, offset: f64, reason: &str) {
        self.archive.lose(offset as u64, reason);
    }

    /// Takes back that a block was given up.
    pub fn forget_lost(&self, offset: f64) {
        self.archive.forget_lost(offset as u64);
    }

    /// Sets how many bytes of blocks, and of what was made of them, are kept.
    pub fn set_budget(&self, bytes: u32) {
        self.archive.set_budget(bytes as usize);
    }

    /// Bytes that are kept now.
    pub fn loaded_len(&self) -> f64 {
        self.archive.loaded_len() as f64
    }
}

#[cfg(feature = "more")]
#[wasm_bindgen]
impl Explorer {
    /// Opens the next segment from the bytes of its first shard.
    ///
    /// # Errors
    /// They are no archive of this version, or damaged; or the segment does not fit the others.
    pub fn append(&mut self, head: &[u8]) -> Result<(), JsError> {
        Ok(self.archive.append(head)?)
    }

    /// Hides what newer segments have anew.
    ///
    /// # Errors
    /// The list is damaged.
    pub fn hide(&mut self, list: &[u8]) -> Result<(), JsError> {
        Ok(self.archive.hide(list)?)
    }
}

/// The worker's clock. Looked up once: asking the global object what it is takes longer than a short search.
#[derive(Debug)]
struct Clock(Option<web_sys::Performance>);

impl Clock {
    fn of_worker() -> Self {
        Self(js_sys::global().dyn_into::<web_sys::WorkerGlobalScope>().ok().and_then(|worker| worker.performance()))
    }

    /// Milliseconds; 0 where there is no clock.
    fn now_ms(&self) -> f64 {
        self.0.as_ref().map_or(0.0, web_sys::Performance::now)
    }
}

/// Carries a value over.
fn to_js(value: &Value<'_>) -> Result<JsValue, JsError> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true);
    Ok(value.serialize(&serializer)?)
}
