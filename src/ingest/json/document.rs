//! The lists of objects in a JSON text: one that is a list, or one whose objects hold lists.

use std::io::BufRead;

use super::scan::{ScanError, Scanner};

/// Objects within objects that are looked into for a list.
const MAX_DEPTH: usize = 4;

/// Longest name of a member, in bytes; longer ones name no list that anybody could choose.
const MAX_NAME_LEN: usize = 1 << 16;

/// Lists that records consist of themselves, and that therefore hold none.
const PARTS: &[&str] = &[
    "spans",
    "media",
    "entities",
    "text_entities",
    "reactions",
    "attachments",
    "answers",
    "mentions",
    "tags",
    "links",
    "recent",
    "files",
    "embeds",
];

/// A JSON text of which one list at a time is gone through.
pub(super) struct Document<R> {
    scanner: Scanner<R>,
    /// Names of the objects that are open, the root's being empty.
    open: Vec<Object>,
    has_begun: bool,
    list: Option<List>,
    buf: Vec<u8>,
    /// Lists of objects that were passed over.
    pub(super) others: Vec<String>,
    /// Whether the root is an object.
    pub(super) is_object: bool,
}

struct Object {
    name: String,
    has_members: bool,
}

struct List {
    has_values: bool,
    /// Where the first value stands, which is in `buf` already.
    first: Option<u64>,
}

/// What a value of the list is.
pub(super) struct Element<'a> {
    /// Its bytes, perhaps not JSON.
    pub(super) json: &'a [u8],
    /// Bytes of the text before it.
    pub(super) offset: u64,
}

impl<R: BufRead> Document<R> {
    pub(super) fn new(input: R, limit: usize) -> Self {
        Self {
            scanner: Scanner::new(input, limit),
            open: Vec::new(),
            has_begun: false,
            list: None,
            buf: Vec::new(),
            others: Vec::new(),
            is_object: false,
        }
    }

    /// Bytes gone over.
    pub(super) fn offset(&self) -> u64 {
        self.scanner.offset()
    }

    /// The whole text, once it is gone over, where it is short.
    pub(super) fn take_copy(&mut self) -> Option<Vec<u8>> {
        self.scanner.take_copy()
    }

    /// Goes on to the next list that `accept` takes by its path and first value, and gives its path. A text that is a list is
    /// taken unseen. `None` at the end of the text.
    pub(super) fn next_list(
        &mut self,
        mut accept: impl FnMut(&str, &[u8]) -> bool,
    ) -> Result<Option<String>, ScanError> {
        if !self.has_begun {
            self.has_begun = true;
            self.scanner.skip_mark()?;
            match self.scanner.peek()? {
                Some(b'[') => {
                    self.scanner.expect(b'[', "`[`")?;
                    self.list = Some(List { has_values: false, first: None });
                    return Ok(Some(String::new()));
                }
                Some(b'{') => {
                    self.is_object = true;
                    self.enter(String::new())?;
                }
                _ => self.pass_value()?,
            }
        }
        while let Some(object) = self.open.last_mut() {
            let next = self.scanner.peek()?.ok_or(ScanError::End)?;
            if next == b'}' {
                self.scanner.expect(b'}', "`}`")?;
                self.open.pop();
                continue;
            }
            if object.has_members {
                self.scanner.expect(b',', "a comma or `}`")?;
            }
            object.has_members = true;
            let name = self.name()?;
            self.scanner.expect(b':', "a colon")?;
            match self.scanner.peek()? {
                Some(b'{') if self.open.len() < MAX_DEPTH => self.enter(name)?,
                Some(b'[') => {
                    if let Some(path) = self.list(&name, &mut accept)? {
                        return Ok(Some(path));
                    }
                }
                _ => self.pass_value()?,
            }
        }
        match self.scanner.peek()? {
            None => Ok(None),
            Some(byte) => Err(ScanError::Unexpected { byte, wanted: "the end" }),
        }
    }

    /// The next value of the list, or `None` at its end.
    pub(super) fn next_element(&mut self) -> Result<Option<Element<'_>>, ScanError> {
        let Some(list) = &mut self.list else { return Ok(None) };
        if let Some(offset) = list.first.take() {
            return Ok(Some(Element { json: &self.buf, offset }));
        }
        if self.scanner.peek()? == Some(b']') {
            self.scanner.expect(b']', "`]`")?;
            self.list = None;
            return Ok(None);
        }
        if list.has_values {
            self.scanner.expect(b',', "a comma or `]`")?;
        }
        list.has_values = true;
        let offset = self.scanner.value(&mut self.buf)?;
        Ok(Some(Element { json: &self.buf, offset }))
    }

    /// A list: begun where it is accepted, else passed over.
    fn list(&mut self, name: &str, accept: &mut impl FnMut(&str, &[u8]) -> bool) -> Result<Option<String>, ScanError> {
        self.scanner.expect(b'[', "`[`")?;
        let mut list = List { has_values: false, first: None };
        if self.scanner.peek()? == Some(b'{') {
            let offset = self.scanner.value(&mut self.buf)?;
            list = List { has_values: true, first: Some(offset) };
            let path = self.path(name);
            if !PARTS.contains(&name) && accept(&path, &self.buf) {
                self.list = Some(list);
                return Ok(Some(path));
            }
            self.others.push(path);
        }
        self.list = Some(list);
        while let Some(element) = self.next_element()? {
            check(element.json)?;
        }
        Ok(None)
    }

    fn enter(&mut self, name: String) -> Result<(), ScanError> {
        self.scanner.expect(b'{', "`{`")?;
        self.open.push(Object { name, has_members: false });
        Ok(())
    }

    fn name(&mut self) -> Result<String, ScanError> {
        match self.scanner.peek()? {
            Some(b'"') => {}
            Some(byte) => return Err(ScanError::Unexpected { byte, wanted: "a name in quotes" }),
            None => return Err(ScanError::End),
        }
        self.scanner.value(&mut self.buf)?;
        if self.buf.len() > MAX_NAME_LEN {
            return Err(ScanError::TooLong);
        }
        serde_json::from_slice(&self.buf).map_err(|_| ScanError::Unexpected { byte: b'"', wanted: "a name" })
    }

    fn pass_value(&mut self) -> Result<(), ScanError> {
        self.scanner.value(&mut self.buf)?;
        check(&self.buf)
    }

    /// The path of a member of the innermost object.
    fn path(&self, name: &str) -> String {
        let names = self.open.iter().skip(1).map(|object| object.name.as_str());
        names.chain([name]).collect::<Vec<_>>().join(".")
    }
}

/// Whether a value that nobody wants is one all the same.
fn check(json: &[u8]) -> Result<(), ScanError> {
    let first = json.first().copied().unwrap_or_default();
    let checked = super::lenient::value(json);
    checked.map(|_| ()).map_err(|_| ScanError::Unexpected { byte: first, wanted: "a value of JSON" })
}
