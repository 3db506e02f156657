//! Groups of posts that say the same: against what all pairs tell, whatever the order, and as a search finds them.

use std::collections::{BTreeMap, BTreeSet};

use fonds::Record;
use fonds::builder::groups::{Groups, MIN_PERCENT, WHOLE, likeness, shingles};
use fonds::collector::Sort;
use fonds::format::Section;
use fonds::record::Forward;
use fonds::searcher::{Archive, PostRequest, SearchRequest};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support::{Driver, MANNERS, build, dated, request, search, uids};

/// The texts of a group, each with its channel and date.
type Members = BTreeSet<(String, String, Option<String>)>;

/// The groups of records, whatever they are called.
fn groups_of(records: &[Record]) -> BTreeSet<Members> {
    let mut order: Vec<u32> = (0..records.len() as u32).collect();
    let key = |seq: &u32| {
        let record = &records[*seq as usize];
        let seconds = record.date.as_ref().map(|date| date.seconds);
        (seconds.is_none(), seconds, record.channel.clone(), record.id.clone(), record.text.clone())
    };
    order.sort_by_key(key);
    let mut rank = vec![0; records.len()];
    order.iter().zip(0..).for_each(|(seq, place)| rank[*seq as usize] = place);
    let mut groups = Groups::default();
    records.iter().for_each(|record| groups.add(record));
    let grouping = groups.finish(&rank, |seq| Ok(records[seq as usize].clone())).unwrap();
    let mut members: BTreeMap<u32, Members> = BTreeMap::new();
    let mut counts = BTreeMap::new();
    for (record, seq) in records.iter().zip(0..) {
        let Some((first, count)) = grouping.of(seq) else { continue };
        counts.insert(first, count as usize);
        assert!(rank[first as usize] <= rank[seq as usize], "the first is the earliest");
        let date = record.date.as_ref().map(|date| date.text.clone());
        let named =
            format!("{}/{}: {}", record.channel.clone().unwrap(), record.id.clone().unwrap_or_default(), record.text);
        members.entry(first).or_default().insert((named, record.channel.clone().unwrap(), date));
    }
    for (first, group) in &members {
        assert_eq!(counts[first], group.len());
    }
    members.into_values().collect()
}

fn of_channel(channel: &str, id: usize, date: &str, text: &str) -> Record {
    Record { channel: Some(channel.into()), id: Some(id.to_string()), ..dated("", date, text) }
}

fn likeness_of(a: &Record, b: &Record) -> u32 {
    likeness(&shingles("", &a.text), &shingles("", &b.text))
}

/// Which text a post has, its channel, its day, and the words that are others in it.
type Made = (usize, usize, usize, Vec<(usize, usize)>);

/// Posts of few channels, of texts that are often the same, or the same but for some words.
fn posts() -> impl Strategy<Value = Vec<Record>> {
    let base = vec(vec(0usize..400, 0..40), 1..6);
    let post = (0usize..6, 0usize..4, 1usize..29, vec((0usize..40, 0usize..400), 0..6));
    (base, vec(post, 0..24)).prop_map(|(bases, posts)| {
        let of = |(number, (base, channel, day, changes)): (usize, Made)| {
            let mut words = bases[base % bases.len()].clone();
            for (place, word) in changes {
                if place < words.len() {
                    words[place] = word;
                }
            }
            let text: Vec<String> = words.iter().map(|word| format!("w{word}")).collect();
            of_channel(&format!("c{channel}"), number, &format!("2024-06-{day:02}"), &text.join(" "))
        };
        posts.into_iter().enumerate().map(of).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_post_of_a_group_is_like_its_first(records in posts()) {
        let by_name: BTreeMap<String, &Record> = records
            .iter()
            .map(|record| (format!("{}/{}: {}", record.channel.clone().unwrap(), record.id.clone().unwrap(), record.text), record))
            .collect();
        for group in groups_of(&records) {
            let channels: BTreeSet<&String> = group.iter().map(|(_, channel, _)| channel).collect();
            prop_assert!(channels.len() > 1, "{:?}", group);
            let all: Vec<&Record> = group.iter().map(|(name, ..)| by_name[name]).collect();
            let is_like = |first: &&Record| all.iter().all(|other| {
                first.text == other.text || likeness_of(first, other) >= MIN_PERCENT * (WHOLE / 100)
            });
            prop_assert!(all.iter().any(is_like), "{:?}", group);
        }
    }

    #[test]
    fn the_order_in_which_posts_come_changes_nothing(records in posts(), seed in any::<u64>()) {
        let mut shuffled = records.clone();
        let mut state = seed;
        for place in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            shuffled.swap(place, (state >> 33) as usize % (place + 1));
        }
        prop_assert_eq!(groups_of(&records), groups_of(&shuffled));
    }

    #[test]
    fn the_same_words_in_two_channels_are_always_together(records in posts()) {
        let groups = groups_of(&records);
        let group_of = |record: &Record| {
            let name = format!("{}/{}: {}", record.channel.clone().unwrap(), record.id.clone().unwrap(), record.text);
            groups.iter().position(|group| group.iter().any(|(member, ..)| *member == name))
        };
        for a in &records {
            for b in records.iter().filter(|b| b.text == a.text && b.channel != a.channel) {
                if a.text.split(' ').count() >= 4 {
                    prop_assert!(group_of(a).is_some(), "{}", a.text);
                    prop_assert_eq!(group_of(a), group_of(b), "{}", a.text);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn folding_shows_the_earliest_of_each_group_and_changes_no_count(records in posts(), word in 0usize..400) {
        let container = build(records).container;
        for query in [String::new(), format!("w{word}"), "channel:c0 OR channel:c1".to_owned(), "-channel:c0".to_owned()] {
            for sort in [Sort::Old, Sort::New, Sort::Relevance] {
                let asked = SearchRequest { sort: sort.clone(), ..request(&query) };
                let plain = search(&container, &asked);
                let oldest = uids(&search(&container, &SearchRequest { sort: Sort::Old, ..asked.clone() }));
                let groups: BTreeMap<String, String> = oldest.iter().filter_map(|uid| Some((uid.clone(), group_of(&container, uid)?))).collect();
                let mut firsts: BTreeMap<&String, (&String, usize)> = BTreeMap::new();
                for uid in &oldest {
                    if let Some(group) = groups.get(uid) {
                        firsts.entry(group).or_insert((uid, 0)).1 += 1;
                    }
                }
                let is_shown = |uid: &String| groups.get(uid).is_none_or(|group| firsts[group].0 == uid);
                let expected: Vec<(String, usize)> = uids(&plain)
                    .into_iter()
                    .filter(is_shown)
                    .map(|uid| (uid.clone(), groups.get(&uid).map_or(0, |group| firsts[group].1 - 1)))
                    .collect();
                for manner in MANNERS {
                    let mut driver = Driver { manner, ..Driver::new(&container) };
                    let folded = SearchRequest { query: format!("{query} fold:copies"), ..asked.clone() };
                    let page = driver.search(&driver.open(), &folded).unwrap();
                    let found: Vec<(String, usize)> =
                        uids(&page).into_iter().zip(page.hits.iter().map(|hit| hit.copies.as_ref().map_or(0, |copies| copies.count))).collect();
                    prop_assert_eq!(&found, &expected, "{:?}", folded);
                    prop_assert_eq!((page.total, page.total - page.folded), (plain.total, expected.len()));
                    prop_assert_eq!((&page.facets, &page.timeline), (&plain.facets, &plain.timeline));
                    let named = page.hits.iter().zip(&found).filter_map(|(hit, (uid, _))| Some((&hit.copies.as_ref()?.group, uid)));
                    for (group, uid) in named {
                        prop_assert_eq!(Some(group), groups.get(uid));
                    }
                }
            }
        }
    }
}

/// The group of a post, as an opened post says it.
fn group_of(container: &[u8], uid: &str) -> Option<String> {
    let mut driver = Driver::new(container);
    let asked = PostRequest { uid: uid.to_owned(), ..PostRequest::default() };
    driver.post(&driver.open(), &asked).unwrap().unwrap().group
}

const STORM: &str =
    "The storm has damaged four boats in the harbour, and the ferry will not sail before Thursday morning.";

#[test]
fn groups_by_hand() {
    let check = |posts: &[(&str, &str)], expected: &[&[usize]]| {
        let records: Vec<Record> = posts
            .iter()
            .enumerate()
            .map(|(number, (channel, text))| of_channel(channel, number, &format!("2024-06-{:02}", number + 1), text))
            .collect();
        let found: Vec<Vec<usize>> = groups_of(&records)
            .iter()
            .map(|group| {
                let number = |(name, ..): &(String, String, Option<String>)| {
                    name.split(['/', ':']).nth(1).unwrap().parse::<usize>().unwrap()
                };
                let mut numbers: Vec<usize> = group.iter().map(number).collect();
                numbers.sort_unstable();
                numbers
            })
            .collect();
        assert_eq!(found, expected, "{posts:?}");
    };
    let shouted = STORM.to_uppercase().replace(' ', "  ").replace(',', " —");
    let signed = format!("{STORM} Follow the harbour bulletin.");
    let other = STORM.replace("four boats", "one crane").replace("Thursday", "Friday");
    // Case, space and punctuation are no difference; what stands in one channel alone is no group.
    check(&[("a", STORM), ("b", &shouted)], &[&[0, 1]]);
    check(&[("a", STORM), ("a", STORM)], &[]);
    check(&[("a", STORM), ("a", STORM), ("b", STORM)], &[&[0, 1, 2]]);
    // A signature is a small part; two facts changed in a short text are a large one.
    check(&[("a", STORM), ("b", &signed)], &[&[0, 1]]);
    check(&[("a", STORM), ("b", &other)], &[]);
    // The form that one channel fills in every day is no copy of itself, whoever copies one day of it.
    check(&[("a", STORM), ("a", &signed), ("b", STORM)], &[&[0, 2]]);
    // What many say is nobody's.
    check(&[("a", "Good morning!"), ("b", "good morning")], &[]);
    check(&[("a", ""), ("b", ""), ("c", "🌊🌊🌊🌊🌊🌊🌊🌊🌊")], &[]);
    check(&[("a", "Boats sail at noon"), ("b", "boats sail at noon!")], &[&[0, 1]]);
    // In scripts without spaces each character counts as a word.
    check(&[("a", "港口今天早上因为暴风雨关闭"), ("b", "港口今天早上因为暴风雨关闭。")], &[&[0, 1]]);
}

#[test]
fn forwards_of_one_post_are_one_whatever_they_say() {
    let forward = |url: &str| Some(Forward { name: "Harbour".into(), id: None, url: Some(url.into()) });
    let mut original = of_channel("Harbour", 7, "2024-06-01", "");
    original.url = Some("https://t.me/harbour/7".into());
    let mut first = of_channel("Pilots", 1, "2024-06-02", "look");
    first.forwarded_from = forward("https://t.me/harbour/7?single");
    let mut second = of_channel("Quay", 1, "2024-06-03", "");
    second.forwarded_from = forward("http://t.me/harbour/7/");
    // The address of a channel is of all its posts, and so of none.
    let mut vague = of_channel("Quay", 2, "2024-06-04", "");
    vague.forwarded_from = forward("https://t.me/harbour");
    let groups = groups_of(&[vague, second, original, first]);
    assert_eq!(groups.len(), 1);
    assert_eq!(groups.iter().next().unwrap().len(), 3);
}

#[test]
fn an_address_that_several_posts_have_is_of_none_of_them() {
    let at = |channel: &str, id: usize, url: &str, text: &str| Record {
        url: Some(url.into()),
        ..of_channel(channel, id, "2024-06-01", text)
    };
    for url in ["https://logs.example/2024-06-01.html", "https://forum.example/topic/7"] {
        let mut posts =
            vec![at("a", 1, url, "of the fog"), at("b", 2, url, "of the ferry"), at("c", 3, url, "of gulls")];
        assert!(groups_of(&posts).is_empty(), "{url}");
        posts[1].forwarded_from = Some(Forward { name: "x".into(), id: None, url: Some(url.into()) });
        let mut again = at("d", 4, "https://t.me/d/4", "look");
        again.forwarded_from.clone_from(&posts[1].forwarded_from);
        posts.push(again);
        // What was forwarded from there is one; which of the others it is nobody knows.
        let num_together: usize = groups_of(&posts).iter().map(std::collections::BTreeSet::len).sum();
        assert_eq!(num_together, if url.ends_with('7') { 2 } else { 0 }, "{url}");
    }
}

#[test]
fn a_form_filled_in_thousands_of_times_is_read_once_each() {
    let text =
        |number: usize| format!("{STORM} Water level at the quay this morning: {number} centimetres above zero.");
    let records: Vec<Record> =
        (0..3000).map(|number| of_channel(["a", "b"][number % 2], number, "2024-06-01", &text(number))).collect();
    let mut groups = Groups::default();
    records.iter().for_each(|record| groups.add(record));
    let num_reads = std::cell::Cell::new(0);
    let rank: Vec<u32> = (0..3000).collect();
    let pairs = groups.pairs(&rank, MIN_PERCENT, |seq| {
        num_reads.set(num_reads.get() + 1);
        Ok(records[seq as usize].clone())
    });
    // Each is compared with a few hundred at most, though all are alike; the first came before there was a second channel.
    assert!(pairs.unwrap().len() <= 3000 * 256);
    assert!(num_reads.get() <= 3001);
}

#[test]
fn of_one_channel_nothing_is_read_again() {
    let mut groups = Groups::default();
    for number in 0..10 {
        groups.add(&of_channel("a", number, "2024-06-01", STORM));
    }
    let rank: Vec<u32> = (0..10).collect();
    let grouping = groups.finish(&rank, |seq| panic!("{seq} was read again")).unwrap();
    assert_eq!((0..10).filter_map(|seq| grouping.of(seq)).count(), 0);
}

#[test]
fn copies_are_found_whichever_channel_came_first() {
    let records = [("a", 1, STORM), ("a", 2, "Something else that nobody says again."), ("b", 1, STORM)];
    for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
        let records = order.map(|at| of_channel(records[at].0, records[at].1, "2024-06-01", records[at].2));
        let mut groups = Groups::default();
        records.iter().for_each(|record| groups.add(record));
        let grouping = groups.finish(&[0, 1, 2], |seq| Ok(records[seq as usize].clone())).unwrap();
        let sizes: Vec<Option<u32>> = (0..3).map(|seq| grouping.of(seq).map(|(_, len)| len)).collect();
        let expected = order.map(|at| (at != 1).then_some(2));
        assert_eq!(sizes, expected, "{order:?}");
    }
}

#[test]
fn queries_find_groups_and_their_sizes() {
    let container = build(vec![
        of_channel("Quay", 2, "2024-06-03", &format!("{STORM} Follow the quay.")),
        of_channel("Harbour", 1, "2024-06-01", STORM),
        of_channel("Pilots", 9, "2024-06-02", STORM),
        of_channel("Quay", 1, "2024-06-01", "A quiet day, and nothing to tell of the harbour at all."),
    ])
    .container;
    let old = |query: &str| SearchRequest { sort: Sort::Old, ..request(query) };
    let grouped = ["Harbour/1", "Pilots/9", "Quay/2"];
    assert_eq!(uids(&search(&container, &old("group:Harbour/1"))), grouped);
    assert_eq!(uids(&search(&container, &old("copies:>1"))), grouped);
    assert_eq!(uids(&search(&container, &old("copies:3 channel:pilots"))), ["Pilots/9"]);
    assert_eq!(uids(&search(&container, &old("-group:harbour/*"))), ["Quay/1"]);
    let none = search(&container, &old("group:Pilots/9"));
    assert_eq!((none.total, none.problem.unwrap().message.as_str()), (0, "no group is called Pilots/9"));
    // It is there for queries, not to choose from.
    assert!(search(&container, &old("")).facets.iter().all(|facet| facet.name != "group"));
}

#[test]
fn uids_that_are_no_labels_still_name_one_group_each() {
    let long = |end: &str| format!("{}{end}", "x".repeat(250));
    let text = |number: usize| {
        format!("Report number {number}: {}", STORM.replace("boats", &format!("boats{number} a{number} b{number}")))
    };
    let container = build(vec![
        of_channel(&long("1"), 1, "2024-06-01", &text(1)),
        of_channel("b", 1, "2024-06-02", &text(1)),
        of_channel(&long("2"), 1, "2024-06-01", "Of the lighthouse nobody has anything new to say to anyone."),
        of_channel("b", 2, "2024-06-02", "Of the lighthouse nobody has anything new to say to anyone."),
    ])
    .container;
    let page = search(&container, &request("group:~*"));
    assert_eq!((page.total, page.problem), (4, None));
    assert_eq!(search(&container, &request("copies:2")).total, 4);
}

#[test]
fn a_damaged_column_of_groups_costs_the_folding_and_nothing_else() {
    let container =
        build(vec![of_channel("Harbour", 1, "2024-06-01", STORM), of_channel("Pilots", 9, "2024-06-02", STORM)])
            .container;
    let archive = Archive::open(&container).unwrap();
    let facet = archive.root().facets.iter().find(|facet| facet.name == "group").unwrap();
    let place =
        archive.container().places_in(&container, Section::FacetColumns).unwrap()[facet.first_column_block as usize];
    let mut driver = Driver { lost: [place.offset].into(), ..Driver::new(&container) };
    let page = driver.search(&driver.open(), &request("storm fold:copies")).unwrap();
    assert_eq!((uids(&page).len(), page.folded), (2, 0));
    assert!(page.damage.iter().any(|notice| notice.contains("facet-columns")), "{:?}", page.damage);
    let post = PostRequest { uid: "Harbour/1".into(), ..PostRequest::default() };
    assert_eq!(driver.post(&driver.open(), &post).unwrap().unwrap().group, None);
}
