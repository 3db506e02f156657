//! The order in which people number files.

use std::cmp::Ordering;

/// Compares paths folder by folder, and in each name runs of digits by their number: `a2/b` before `a10/b`. Equal only where the
/// paths are.
#[must_use]
pub fn natural_order(a: &str, b: &str) -> Ordering {
    let by_parts = || {
        let (mut a, mut b) = (a.split('/'), b.split('/'));
        loop {
            match (a.next(), b.next()) {
                (Some(a), Some(b)) => match compare_names(a, b) {
                    Ordering::Equal => {}
                    unequal => return unequal,
                },
                (None, None) => return Ordering::Equal,
                (a, b) => return a.is_some().cmp(&b.is_some()),
            }
        }
    };
    by_parts().then_with(|| a.cmp(b))
}

fn compare_names(mut a: &str, mut b: &str) -> Ordering {
    loop {
        let (digits_a, digits_b) = (digits(a), digits(b));
        if !digits_a.is_empty() && !digits_b.is_empty() {
            let (number_a, number_b) = (digits_a.trim_start_matches('0'), digits_b.trim_start_matches('0'));
            match number_a.len().cmp(&number_b.len()).then_with(|| number_a.cmp(number_b)) {
                Ordering::Equal => {}
                unequal => return unequal,
            }
            a = a.get(digits_a.len()..).unwrap_or_default();
            b = b.get(digits_b.len()..).unwrap_or_default();
            continue;
        }
        let (mut chars_a, mut chars_b) = (a.chars(), b.chars());
        match (chars_a.next(), chars_b.next()) {
            (Some(left), Some(right)) if left == right => (a, b) = (chars_a.as_str(), chars_b.as_str()),
            (left, right) => return left.cmp(&right),
        }
    }
}

/// The digits that a text begins with.
fn digits(text: &str) -> &str {
    let len = text.bytes().take_while(u8::is_ascii_digit).count();
    text.get(..len).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_count_as_numbers() {
        let sorted = [
            "a/9.html",
            "a/10.html",
            "a.html",
            "messages.html",
            "messages2.html",
            "messages010.html",
            "messages10.html",
            "messages10a.html",
            "z",
            "é",
        ];
        let mut found = sorted;
        found.reverse();
        found.sort_by(|a, b| natural_order(a, b));
        assert_eq!(found, sorted);
    }

    proptest! {
        #[test]
        fn it_is_an_order(a in "[a0-2/]{0,6}", b in "[a0-2/]{0,6}", c in "[a0-2/]{0,6}") {
            prop_assert_eq!(natural_order(&a, &b), natural_order(&b, &a).reverse());
            prop_assert_eq!(natural_order(&a, &b) == Ordering::Equal, a == b);
            if natural_order(&a, &b).is_lt() && natural_order(&b, &c).is_lt() {
                prop_assert!(natural_order(&a, &c).is_lt());
            }
        }
    }
}
