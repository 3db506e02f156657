//! Things that were opened and are kept while there is room: the least recently used go first.

use std::cell::{Cell, RefCell};

/// Values by key, each with the bytes that it takes.
#[derive(Debug)]
pub struct Lru<K, V> {
    /// In ascending order of keys.
    items: RefCell<Vec<Item<K, V>>>,
    /// Grows with every use.
    clock: Cell<u64>,
    cost: Cell<usize>,
}

#[derive(Debug)]
struct Item<K, V> {
    key: K,
    value: V,
    cost: usize,
    used: Cell<u64>,
}

impl<K, V> Default for Lru<K, V> {
    fn default() -> Self {
        Self { items: RefCell::default(), clock: Cell::new(0), cost: Cell::new(0) }
    }
}

impl<K: Ord, V: Clone> Lru<K, V> {
    /// A value that is kept.
    pub fn get(&self, key: &K) -> Option<V> {
        let items = self.items.borrow();
        let item = items.get(items.binary_search_by(|item| item.key.cmp(key)).ok()?)?;
        item.used.set(self.tick());
        Some(item.value.clone())
    }

    /// Keeps a value that takes `cost` bytes.
    pub fn put(&self, key: K, value: V, cost: usize) {
        let used = Cell::new(self.tick());
        let mut items = self.items.borrow_mut();
        self.cost.set(self.cost.get() + cost);
        match items.binary_search_by(|item| item.key.cmp(&key)) {
            Ok(place) => {
                if let Some(item) = items.get_mut(place) {
                    self.cost.set(self.cost.get() - item.cost);
                    *item = Item { key, value, cost, used };
                }
            }
            Err(place) => items.insert(place, Item { key, value, cost, used }),
        }
    }

    /// Forgets a value.
    pub fn remove(&self, key: &K) {
        let mut items = self.items.borrow_mut();
        if let Ok(place) = items.binary_search_by(|item| item.key.cmp(key)) {
            self.cost.set(self.cost.get() - items.remove(place).cost);
        }
    }

    /// Bytes that all values take together.
    #[must_use]
    pub fn cost(&self) -> usize {
        self.cost.get()
    }

    /// A moment, for [`Lru::trim`]: what is used from now on is used after it.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.clock.get()
    }

    /// Forgets what was used longest ago until `budget` bytes are left, but nothing that was used after `since`.
    pub fn trim(&self, budget: usize, since: u64) {
        if self.cost.get() <= budget {
            return;
        }
        let mut items = self.items.borrow_mut();
        // Moments are distinct, so the last one to go tells all that go.
        let mut uses: Vec<(u64, usize)> =
            items.iter().map(|item| (item.used.get(), item.cost)).filter(|(used, _)| *used <= since).collect();
        uses.sort_unstable();
        let (mut cost, mut last) = (self.cost.get(), 0);
        for (used, freed) in uses {
            if cost <= budget {
                break;
            }
            cost -= freed;
            last = used;
        }
        items.retain(|item| item.used.get() > last);
        self.cost.set(cost);
    }

    fn tick(&self) -> u64 {
        self.clock.set(self.clock.get() + 1);
        self.clock.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_used_go_first_but_nothing_used_since() {
        let lru: Lru<u32, &str> = Lru::default();
        for (key, value) in [(1, "a"), (2, "b"), (3, "c"), (4, "d")] {
            lru.put(key, value, 10);
        }
        assert_eq!(lru.get(&1), Some("a"));
        let since = lru.now();
        assert_eq!(lru.get(&2), Some("b"));
        lru.trim(25, since);
        assert_eq!((lru.get(&1), lru.get(&2), lru.get(&3), lru.get(&4)), (Some("a"), Some("b"), None, None));
        assert_eq!(lru.cost(), 20);
        lru.trim(0, 0);
        assert_eq!(lru.cost(), 20);
        lru.put(2, "e", 5);
        assert_eq!((lru.get(&2), lru.cost()), (Some("e"), 15));
        lru.trim(0, lru.now());
        assert_eq!((lru.get(&1), lru.cost()), (None, 0));
    }
}
