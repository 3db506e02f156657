//! Of which account a file is, where one source holds those of several: each has its files in a folder of its own.

use std::collections::HashMap;

/// What is known of accounts, by the folders of their files.
#[derive(Debug)]
pub(super) struct Owners<T>(HashMap<String, T>);

impl<T> Default for Owners<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T> Owners<T> {
    /// Keeps what a file in this folder says of its account.
    pub(super) fn put(&mut self, folder: &str, owner: T) {
        self.0.insert(folder.to_owned(), owner);
    }

    /// Whose the files of a folder are: of the account there, or of the only one. Of several, none is taken for it.
    pub(super) fn of(&self, folder: &str) -> Option<&T> {
        self.0.get(folder).or_else(|| self.0.values().next().filter(|_| self.0.len() == 1))
    }
}

/// The folder that a file is in.
pub(super) fn folder_of(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_only_account_owns_all_and_of_several_each_its_own() {
        let mut owners = Owners::default();
        assert_eq!(owners.of("a"), None);
        owners.put(folder_of("x/a/account.js"), 1);
        assert_eq!((owners.of("x/a"), owners.of("y")), (Some(&1), Some(&1)));
        owners.put(folder_of("x/b/account.js"), 2);
        assert_eq!((owners.of("x/a"), owners.of("x/b"), owners.of("y")), (Some(&1), Some(&2), None));
        assert_eq!(folder_of("account.js"), "");
    }
}
