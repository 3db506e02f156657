//! Why blocks are asked for: what `fonds search --explain` prints. Natively only, and only where somebody asks.

use std::cell::{Cell, RefCell};

use super::block::BlockRef;
use super::section::Section;

/// A block that was asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Asked {
    /// Its section.
    pub section: Section,
    /// Its place in the section.
    pub ord: usize,
    /// Its place in the container.
    pub block: BlockRef,
    /// What it was asked for, each reason once.
    pub why: Vec<String>,
}

/// Reasons of the blocks that were asked for since the last look.
#[derive(Debug, Default)]
pub struct Reasons {
    is_on: Cell<bool>,
    /// From the outermost to the innermost of what goes on.
    going_on: RefCell<Vec<String>>,
    asked: RefCell<Vec<Asked>>,
}

impl Reasons {
    /// Notes reasons from now on.
    pub fn turn_on(&self) {
        self.is_on.set(true);
    }

    /// The blocks asked for since the last call, by section and place.
    pub fn take(&self) -> Vec<Asked> {
        let mut asked = self.asked.take();
        asked.sort_by_key(|asked| (asked.section, asked.ord));
        asked
    }

    pub(super) fn because<T>(&self, why: impl FnOnce() -> String, ask: impl FnOnce() -> T) -> T {
        if !self.is_on.get() {
            return ask();
        }
        self.going_on.borrow_mut().push(why());
        let answer = ask();
        self.going_on.borrow_mut().pop();
        answer
    }

    pub(super) fn note(&self, section: Section, ord: usize, block: BlockRef) {
        if !self.is_on.get() {
            return;
        }
        let going_on = self.going_on.borrow();
        let why = going_on.last().map_or("what the archive has", String::as_str);
        let mut asked = self.asked.borrow_mut();
        match asked.iter_mut().find(|asked| asked.block == block) {
            Some(known) if known.why.iter().any(|known| known == why) => {}
            Some(known) => known.why.push(why.to_owned()),
            None => asked.push(Asked { section, ord, block, why: vec![why.to_owned()] }),
        }
    }
}
