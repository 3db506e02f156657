//! Chats that people ask for by name, and which of them there are.

use std::cell::RefCell;
use std::rc::Rc;

/// Chats that are remembered, for whoever asked for one that is not there.
const MAX_SEEN: usize = 20;

/// The chats that were asked for. Copies know together which of them were met, so that one asked for is missing only where no source
/// has it.
#[derive(Clone, Debug, Default)]
pub struct ChosenChats {
    names: Vec<String>,
    found: Rc<RefCell<Found>>,
}

#[derive(Debug, Default)]
struct Found {
    /// Which of the names a chat has, by their places.
    met: Vec<usize>,
    /// What the chats are called.
    seen: Vec<String>,
}

impl ChosenChats {
    /// The chats that are called so.
    #[must_use]
    pub fn new(names: Vec<String>) -> Self {
        Self { names, found: Rc::default() }
    }

    /// Number of names.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether nobody asked for any.
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Whether a chat is asked for by any of its names. People know it by its `label`.
    pub(super) fn has(&self, label: &str, is_called: impl Fn(&str) -> bool) -> bool {
        if self.is_empty() {
            return false;
        }
        let found = &mut *self.found.borrow_mut();
        if found.seen.len() <= MAX_SEEN && !found.seen.iter().any(|seen| seen == label) {
            found.seen.push(label.to_owned());
        }
        let mut has = false;
        for (place, _) in self.names.iter().enumerate().filter(|(_, name)| is_called(name)) {
            has = true;
            if !found.met.contains(&place) {
                found.met.push(place);
            }
        }
        has
    }

    /// What to tell whoever asked for chats of which no source has any.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let found = self.found.borrow();
        let there = match found.seen.as_slice() {
            [] => "; there is nothing that it could choose from".to_owned(),
            seen => {
                let named: Vec<String> = seen.iter().take(MAX_SEEN).map(|label| format!("`{label}`")).collect();
                let more = if seen.len() > MAX_SEEN { " and more" } else { "" };
                format!("; there are {}{more}", named.join(", "))
            }
        };
        let missing = self.names.iter().enumerate().filter(|(place, _)| !found.met.contains(place));
        missing.map(|(_, name)| format!("--chat {name}: nothing is called so or has this id{there}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_source_has_is_missing() {
        let chosen = ChosenChats::new(["Quay", "7", "Typo"].map(str::to_owned).to_vec());
        let of_one_source = chosen.clone();
        assert!(of_one_source.has("Quay", |name| name == "Quay"));
        assert!(!of_one_source.has("Pier", |name| name == "Pier"));
        assert!(chosen.clone().has("Mole", |name| name == "7"));
        let told = "--chat Typo: nothing is called so or has this id; there are `Quay`, `Pier`, `Mole`";
        assert_eq!(chosen.missing(), [told]);
    }

    #[test]
    fn what_has_no_chats_says_so() {
        let chosen = ChosenChats::new(vec!["Quay".to_owned()]);
        let told = "--chat Quay: nothing is called so or has this id; there is nothing that it could choose from";
        assert_eq!(chosen.missing(), [told]);
        assert_eq!(ChosenChats::default().missing(), [""; 0]);
    }

    #[test]
    fn many_chats_are_not_all_named() {
        let chosen = ChosenChats::new(vec!["none".to_owned()]);
        (0..50).for_each(|number| assert!(!chosen.has(&format!("c{number}"), |name| name == number.to_string())));
        assert!(chosen.missing()[0].ends_with("`c18`, `c19` and more"), "{:?}", chosen.missing());
    }
}
