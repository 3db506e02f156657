//! Which post a record is: the channel that it stands in, told by the best that its source says, and its id there.
//!
//! A source tells a channel by its number (Telegram's `id`), by its public handle (`t.me/HANDLE/12`), by its name, or by several of
//! these. Numbers are never shared and never change, handles are one channel's at a time, and names are whatever people like:
//!
//! ```text
//! JSON  number 77, name News       ┐
//! web   handle harbour, name News  ├─ one channel, as long as no other one has this name
//! HTML  name News                  ┘
//! JSON  number 88, name News       ── another: then those that say nothing but the name are of neither
//! ```
//!
//! Where only a name tells the channel, another may have it too, and the same ids: what the records say of themselves has to fit then
//! (`gather/evidence.rs`).
//!
//! *Useful for* holding records of several sources against each other. *Not useful for* naming them: uids follow from names.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sha2::{Digest as _, Sha256};

use super::evidence::Evidence;
use crate::record::Record;

/// What identifies a post among sources: the number of its channel, and a digest of its id there. A post whose channel or id nobody
/// knows has a digest of all that tells posts apart.
pub(super) type Key = (Option<usize>, [u8; 16]);

/// Hosts under which Telegram has its addresses.
const TELEGRAM: [&str; 3] = ["t.me", "telegram.me", "telegram.dog"];

/// A record, as far as it identifies a post before all channels are known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Post {
    /// Which of the noted channels it says that it is of.
    said: Option<usize>,
    digest: [u8; 16],
    evidence: Evidence,
}

impl Post {
    /// Takes what another record of the same post says more exactly.
    pub(super) fn learn(&mut self, other: &Self) {
        self.evidence.learn(&other.evidence);
    }
}

/// What records say of their channels; each saying once.
#[derive(Debug, Default)]
pub(crate) struct Channels {
    said: Vec<Signs>,
    places: HashMap<Signs, usize>,
}

/// What one record says of its channel.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
struct Signs {
    number: Option<String>,
    handle: Option<String>,
    name: Option<String>,
}

/// Which channel each saying is about.
#[derive(Debug, Default)]
pub(crate) struct Identities {
    channels: Vec<usize>,
}

impl Channels {
    /// Notes what a record says.
    pub(super) fn note(&mut self, record: &Record) -> Post {
        let address = record.url.as_deref().and_then(|url| Address::parse(url, record));
        let signs = signs(record, address.as_ref());
        let id = record.id.as_deref().or(address.as_ref().map(|address| address.id));
        let evidence = Evidence::of(record);
        let (true, Some(id)) = (signs != Signs::default(), id) else {
            return Post { said: None, digest: content(record), evidence };
        };
        Post { said: Some(self.say(signs)), digest: digest(&[Some(id)]), evidence }
    }

    /// Whether two posts of one key are one: both know their channel by a number or a handle that is its alone, or nothing speaks against
    /// it.
    pub(super) fn are_one(&self, a: &Post, b: &Post) -> bool {
        let signs = |post: &Post| post.said.and_then(|said| self.said.get(said));
        let Some((of_a, of_b)) = signs(a).zip(signs(b)) else { return true };
        let is_shared = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
        is_shared(&of_a.number, &of_b.number) || is_shared(&of_a.handle, &of_b.handle) || a.evidence.fits(&b.evidence)
    }

    /// Notes what a record says of its channel alone; its number among what is said.
    pub(crate) fn note_channel(&mut self, record: &Record) -> Option<usize> {
        let address = record.url.as_deref().and_then(|url| Address::parse(url, record));
        let signs = signs(record, address.as_ref());
        (signs != Signs::default()).then(|| self.say(signs))
    }

    fn say(&mut self, signs: Signs) -> usize {
        let next = self.said.len();
        *self.places.entry(signs).or_insert_with_key(|signs| {
            self.said.push(signs.clone());
            next
        })
    }

    /// The name in something said.
    pub(crate) fn name(&self, said: usize) -> Option<&str> {
        self.said.get(said)?.name.as_deref()
    }

    /// Names that several channels have.
    pub(crate) fn names_of_several(&self, identities: &Identities) -> HashSet<String> {
        let (mut first, mut several) = (HashMap::new(), HashSet::new());
        for (signs, channel) in self.said.iter().zip(&identities.channels) {
            let Some(name) = &signs.name else { continue };
            if first.entry(name).or_insert(channel) != &channel {
                several.insert(name.clone());
            }
        }
        several
    }

    /// Finds out which sayings are about the same channel. The order in which they came does not matter.
    pub(crate) fn settle(&self) -> Identities {
        let numbers: BTreeSet<&str> = self.said.iter().filter_map(|signs| signs.number.as_deref()).collect();
        let mut channels: BTreeMap<Sign<'_>, usize> = numbers.into_iter().map(Sign::Number).zip(0..).collect();
        let mut next = channels.len();

        // A handle is of the number that has been seen with it, where that is one alone.
        let mut handles: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for signs in &self.said {
            if let Some(handle) = &signs.handle {
                handles.entry(handle).or_default().extend(signs.number.as_deref());
            }
        }
        let mut named = Named::default();
        for (handle, numbers) in &handles {
            let numbered = numbers.iter().filter_map(|number| channels.get(&Sign::Number(number)).copied());
            named.with_handle.extend(numbered);
            let only = numbers.first().filter(|_| numbers.len() == 1);
            let channel = only.and_then(|number| channels.get(&Sign::Number(number)).copied()).unwrap_or(next);
            next += usize::from(channel == next);
            channels.insert(Sign::Handle(handle), channel);
        }
        for signs in &self.said {
            let known = signs.sign().and_then(|sign| channels.get(&sign));
            if let (Some(name), Some(channel)) = (&signs.name, known) {
                named.of_name.entry(name).or_default().insert(*channel);
            }
        }

        // One that only has a number and one that only has a handle are the same where their name says so, and says nothing else.
        let num_numbers = channels.keys().filter(|sign| matches!(sign, Sign::Number(_))).count();
        for (handle, number) in named.pairs(num_numbers) {
            channels.values_mut().filter(|channel| **channel == handle).for_each(|channel| *channel = number);
            for of_name in named.of_name.values_mut() {
                if of_name.remove(&handle) {
                    of_name.insert(number);
                }
            }
        }
        for signs in &self.said {
            if let (None, Some(name)) = (signs.sign(), &signs.name) {
                let of_name = named.of_name.get(name.as_str());
                let only = of_name.and_then(|channels| channels.first().copied().filter(|_| channels.len() == 1));
                channels.entry(Sign::Name(name)).or_insert_with(|| {
                    only.unwrap_or_else(|| {
                        next += 1;
                        next - 1
                    })
                });
            }
        }
        let channel = |signs: &Signs| {
            let sign = signs.sign().or(signs.name.as_deref().map(Sign::Name));
            sign.and_then(|sign| channels.get(&sign).copied()).unwrap_or(usize::MAX)
        };
        Identities { channels: self.said.iter().map(channel).collect() }
    }
}

impl Identities {
    /// The channel that something said is about.
    pub(crate) fn channel(&self, said: usize) -> Option<usize> {
        self.channels.get(said).copied()
    }

    /// What identifies a post that was noted.
    pub(super) fn key(&self, post: Post) -> Key {
        (post.said.and_then(|said| self.channels.get(said).copied()), post.digest)
    }
}

/// Posts that are told apart, held against those of further exports. Each export has each of its posts once.
#[derive(Debug, Default)]
pub(super) struct Known {
    of_key: HashMap<Key, Vec<(usize, Post)>>,
    /// Which of them each export has, by their places.
    taken: HashSet<(usize, usize)>,
    /// How many of the first ones with a key each export has.
    num_taken: HashMap<(usize, Key), usize>,
}

/// Posts with one key that are looked at for one that fits.
const MAX_LOOKED_AT: usize = 64;

impl Known {
    /// The place of the post that an export has again; where it has none, `place` becomes that of a new one, and if others are called
    /// like it the place of the first of these is given.
    pub(super) fn find(
        &mut self,
        (export, place): (usize, usize),
        key: Key,
        post: &Post,
        channels: &Channels,
    ) -> Result<usize, Option<usize>> {
        let posts = self.of_key.entry(key).or_default();
        let start = self.num_taken.entry((export, key)).or_default();
        while posts.get(*start).is_some_and(|(place, _)| self.taken.contains(&(export, *place))) {
            *start += 1;
        }
        let others = || posts.iter().skip(*start).filter(|(place, _)| !self.taken.contains(&(export, *place)));
        let refused = others().next().map(|(place, _)| *place);
        let found = posts
            .iter_mut()
            .skip(*start)
            .take(MAX_LOOKED_AT)
            .find(|(place, known)| !self.taken.contains(&(export, *place)) && channels.are_one(known, post));
        if let Some((place, known)) = found {
            known.learn(post);
            self.taken.insert((export, *place));
            return Ok(*place);
        }
        posts.push((place, *post));
        self.taken.insert((export, place));
        Err(refused)
    }
}

impl Signs {
    /// The best of them, but for the name.
    fn sign(&self) -> Option<Sign<'_>> {
        self.number.as_deref().map(Sign::Number).or(self.handle.as_deref().map(Sign::Handle))
    }
}

/// One thing by which a channel is told.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Sign<'a> {
    Number(&'a str),
    Handle(&'a str),
    Name(&'a str),
}

/// Which channels have a name.
#[derive(Default)]
struct Named<'a> {
    of_name: BTreeMap<&'a str, BTreeSet<usize>>,
    /// Those told by numbers of which a handle is known.
    with_handle: BTreeSet<usize>,
}

impl Named<'_> {
    /// Channels with a handle alone, each with the one with a number alone that is meant: both have a name that no third one has, and
    /// no name leads to another. Channels below `num_numbers` have numbers.
    fn pairs(&self, num_numbers: usize) -> Vec<(usize, usize)> {
        let mut partners: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for channels in self.of_name.values() {
            let channels: Vec<usize> = channels.iter().copied().collect();
            if let [number, handle] = channels.as_slice()
                && *number < num_numbers
                && *handle >= num_numbers
                && !self.with_handle.contains(number)
            {
                partners.entry(*number).or_default().insert(*handle);
                partners.entry(*handle).or_default().insert(*number);
            }
        }
        let only = |channel: &usize| partners.get(channel).filter(|others| others.len() == 1)?.first().copied();
        let handles = partners.keys().filter(|channel| **channel >= num_numbers);
        handles
            .filter_map(|handle| Some((*handle, only(handle).filter(|number| only(number) == Some(*handle))?)))
            .collect()
    }
}

/// The address of a post.
struct Address<'a> {
    /// Its host, without `www.`.
    host: &'a str,
    /// The public handle, or the number of a channel that has none, in an address of Telegram.
    telegram: Option<Result<&'a str, &'a str>>,
    /// The id, where the address says it.
    id: &'a str,
}

impl<'a> Address<'a> {
    /// Takes an address apart, as far as it is that of this very post.
    fn parse(url: &'a str, record: &Record) -> Option<Self> {
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
        let rest = rest.split(['?', '#']).next()?.trim_end_matches('/');
        let (host, path) = rest.split_once('/')?;
        let host = host.strip_prefix("www.").unwrap_or(host);
        let (place, id) = path.rsplit_once('/')?;
        let is_own = match &record.id {
            Some(own) => own == id,
            // What a text speaks of is no address of its post.
            None => is_number(id) && TELEGRAM.contains(&host) && !record.links.iter().any(|link| link == url),
        };
        if !is_own {
            return None;
        }
        let mut parts = place.split('/').filter(|part| *part != "s");
        let telegram = match (parts.next(), parts.next()) {
            _ if !TELEGRAM.contains(&host) || !is_number(id) => None,
            (Some("c"), Some(number)) => is_number(number).then_some(Err(number)),
            (Some(handle), _) => Some(Ok(handle)),
            (None, _) => None,
        };
        Some(Self { host, telegram, id })
    }
}

fn signs(record: &Record, address: Option<&Address<'_>>) -> Signs {
    let field = |name: &str| {
        let json = record.fields.iter().find(|(known, _)| known == name).map(|(_, json)| json.as_str())?;
        let text = match serde_json::from_str(json).ok()? {
            serde_json::Value::String(text) => text,
            serde_json::Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!text.is_empty()).then_some(text)
    };
    let telegram = address.and_then(|address| address.telegram);
    // People, small groups and channels have numbers of their own each.
    let kind = match field("chat_type").as_deref() {
        Some("personal_chat" | "bot_chat" | "saved_messages" | "replies" | "verification_codes") => "user",
        Some("private_group") => "chat",
        _ => "channel",
    };
    let bare = |number: String| {
        let number = number.strip_prefix("-100").or_else(|| number.strip_prefix('-')).unwrap_or(&number);
        format!("{kind} {number}")
    };
    let in_address = || telegram.and_then(Result::err).map(str::to_owned);
    let number = field("channel_id").or_else(in_address).map(bare);
    let handle = match telegram {
        Some(Ok(handle)) => Some(format!("t.me/{}", handle.to_lowercase())),
        _ => field("channel_handle").map(|handle| {
            let host = address.map_or("t.me", |address| address.host);
            format!("{host}/{}", handle.trim_start_matches('@').to_lowercase())
        }),
    };
    Signs { number, handle, name: record.channel.clone() }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A digest of all that tells a post apart whose channel or id nobody knows.
fn content(record: &Record) -> [u8; 16] {
    digest(&[
        record.channel.as_deref(),
        record.id.as_deref(),
        record.author.as_deref(),
        record.date.as_ref().map(|date| date.text.as_str()),
        record.title.as_deref(),
        record.forwarded_from.as_ref().map(|forward| forward.name.as_str()),
        Some(&record.text),
    ])
}

fn digest(parts: &[Option<&str>]) -> [u8; 16] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update([u8::from(part.is_some())]);
        hasher.update(part.unwrap_or_default());
        hasher.update([0]);
    }
    let digest: [u8; 32] = hasher.finalize().into();
    let mut key = [0; 16];
    key.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record_json::from_json;
    use jiff::tz::TimeZone;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn read(json: &Value) -> Record {
        from_json(json.as_object().unwrap().clone(), &TimeZone::UTC)
    }

    /// The channels of posts, all with one id, as letters: the same letter is the same post.
    fn check(posts: &[Value], expected: &str) {
        let of = |posts: &[&Value]| {
            let mut channels = Channels::default();
            let noted: Vec<Post> = posts.iter().map(|post| channels.note(&read(post))).collect();
            let identities = channels.settle();
            noted.into_iter().map(|post| identities.key(post)).collect::<Vec<Key>>()
        };
        let letters = |keys: &[Key]| {
            let first = |key: &Key| keys.iter().position(|other| other == key).unwrap();
            let mut firsts: Vec<usize> = keys.iter().map(first).collect();
            firsts.sort_unstable();
            firsts.dedup();
            let letter = |key| char::from(b'a' + firsts.iter().position(|place| *place == first(key)).unwrap() as u8);
            keys.iter().map(letter).collect::<String>()
        };
        assert_eq!(letters(&of(&posts.iter().collect::<Vec<_>>())), expected, "{posts:?}");
        let turned: String = letters(&of(&posts.iter().rev().collect::<Vec<_>>()));
        let is_same = |text: &str, a: usize, b: usize| text.as_bytes()[a] == text.as_bytes()[b];
        let len = expected.len();
        for (a, b) in (0..len).flat_map(|a| (0..len).map(move |b| (a, b))) {
            assert_eq!(is_same(expected, a, b), is_same(&turned, len - 1 - a, len - 1 - b), "{posts:?}");
        }
    }

    fn export(number: u64, name: &str) -> Value {
        json!({"id": "12", "channel": name, "chat_type": "public_channel", "channel_id": number.to_string(), "text": "a"})
    }

    fn page(handle: &str, name: &str) -> Value {
        json!({"id": "12", "channel": name, "url": format!("https://t.me/{handle}/12"), "channel_handle": handle, "text": "b"})
    }

    fn bare(name: &str) -> Value {
        json!({"id": "12", "channel": name, "text": "c"})
    }

    #[test]
    fn chats_of_one_name_are_not_one() {
        check(&[export(1, "News"), export(2, "News")], "ab");
        check(&[page("one", "News"), page("two", "News")], "ab");
        check(&[export(1, "News"), export(2, "News"), bare("News")], "abc");
        check(&[export(1, "News"), page("one", "News"), page("two", "News")], "abc");
        // A person and a channel may have the same number.
        let person =
            json!({"id": "12", "channel": "News", "chat_type": "personal_chat", "channel_id": "1", "text": "d"});
        check(&[export(1, "News"), person], "ab");
    }

    #[test]
    fn a_channel_that_is_renamed_is_one() {
        check(&[export(1, "News"), export(1, "Daily News")], "aa");
        check(&[page("one", "News"), page("One", "Daily News")], "aa");
        check(&[export(1, "News"), export(1, "Daily News"), bare("Daily News"), bare("Weekly")], "aaab");
    }

    #[test]
    fn what_links_number_handle_and_name() {
        check(&[export(1, "News"), page("one", "News"), bare("News")], "aaa");
        let both = json!({"id": "12", "channel": "Old", "url": "https://t.me/one/12", "channel_id": 1, "text": "d"});
        check(&[export(1, "News"), page("one", "Daily"), both.clone(), bare("Daily")], "aaaa");
        // What has a handle already does not get a second by its name.
        check(&[both, page("two", "Old")], "ab");
        let private = json!({"id": "12", "url": "https://t.me/c/1/12", "text": "e"});
        check(&[export(1, "News"), private], "aa");
        let scraped = json!({"url": "https://t.me/s/one/12", "text": "f"});
        check(&[page("one", "News"), scraped], "aa");
    }

    #[test]
    fn an_address_of_something_else_says_nothing() {
        let linked = |id: Option<&str>| json!({"id": id, "channel": "c", "url": "https://t.me/one/12", "links": ["https://t.me/one/12"], "text": "g"});
        check(&[page("one", "News"), linked(Some("77")), linked(None)], "abc");
        check(&[bare("c"), linked(Some("12"))], "aa");
        let tweet = |handle: &str| json!({"id": "12", "channel": "News", "url": format!("https://x.com/{handle}/status/12"), "channel_handle": handle, "text": "h"});
        check(&[page("one", "News"), tweet("one"), tweet("two")], "abc");
    }

    /// The same question, answered slowly: sayings are joined two at a time as long as a rule joins any.
    fn naive(said: &[Signs]) -> Vec<usize> {
        let mut of: Vec<usize> = (0..said.len()).collect();
        let join = |of: &mut Vec<usize>, a: usize, b: usize| {
            let (from, to) = (of[a], of[b]);
            of.iter_mut().filter(|channel| **channel == from).for_each(|channel| *channel = to);
        };
        let all = |of: &[usize], channel: usize| -> Vec<&Signs> {
            said.iter().zip(of).filter(|(_, other)| **other == channel).map(|(signs, _)| signs).collect()
        };
        for (a, b) in (0..said.len()).flat_map(|a| (0..said.len()).map(move |b| (a, b))) {
            if said[a].number.is_some() && said[a].number == said[b].number {
                join(&mut of, a, b);
            }
        }
        for a in 0..said.len() {
            for b in 0..said.len() {
                let (Some(handle), None) = (&said[a].handle, &said[a].number) else { continue };
                if said[b].handle.as_ref() != Some(handle) {
                    continue;
                }
                let numbers: BTreeSet<_> = said
                    .iter()
                    .filter(|signs| signs.handle.as_ref() == Some(handle))
                    .filter_map(|signs| signs.number.as_ref())
                    .collect();
                if said[b].number.is_none() || numbers.len() == 1 {
                    join(&mut of, a, b);
                }
            }
        }
        let before = of.clone();
        let has_sign = |signs: &Signs| signs.sign().is_some();
        let channels_of = |name: &String| -> BTreeSet<usize> {
            let named =
                said.iter().zip(&before).filter(|(signs, _)| has_sign(signs) && signs.name.as_ref() == Some(name));
            named.map(|(_, channel)| *channel).collect()
        };
        let is_numbered = |channel: usize| all(&before, channel).iter().any(|signs| signs.number.is_some());
        let has_handle = |channel: usize| all(&before, channel).iter().any(|signs| signs.handle.is_some());
        let partners = |channel: usize| -> BTreeSet<usize> {
            let names: Vec<&String> = all(&before, channel).iter().filter_map(|signs| signs.name.as_ref()).collect();
            let pairs = names.into_iter().map(channels_of).filter(|channels| channels.len() == 2);
            let pairs = pairs.filter(|channels| {
                let (numbered, others): (Vec<usize>, Vec<usize>) =
                    channels.iter().partition(|channel| is_numbered(**channel));
                numbered.len() == 1 && others.len() == 1 && !has_handle(numbered[0])
            });
            pairs.flatten().filter(|other| *other != channel).collect()
        };
        for (a, b) in (0..said.len()).flat_map(|a| (0..said.len()).map(move |b| (a, b))) {
            let (of_a, of_b) = (partners(before[a]), partners(before[b]));
            if of_a == BTreeSet::from([before[b]]) && of_b == BTreeSet::from([before[a]]) {
                join(&mut of, a, b);
            }
        }
        for a in 0..said.len() {
            let Some(name) = said[a].name.as_ref().filter(|_| !has_sign(&said[a])) else { continue };
            let named: Vec<usize> =
                (0..said.len()).filter(|b| has_sign(&said[*b]) && said[*b].name.as_ref() == Some(name)).collect();
            let channels: BTreeSet<usize> = named.iter().map(|b| of[*b]).collect();
            if channels.len() == 1 {
                join(&mut of, a, named[0]);
            }
            for (b, other) in said.iter().enumerate() {
                if !has_sign(other) && other.name.as_ref() == Some(name) {
                    join(&mut of, b, a);
                }
            }
        }
        of
    }

    proptest! {
        #[test]
        fn channels_are_those_of_the_naive_way(said in prop::collection::vec((0u8..4, 0u8..4, 0u8..4), 1..9)) {
            let sign = |value: u8| (value > 0).then(|| value.to_string());
            let said: Vec<Signs> =
                said.into_iter().filter(|signs| *signs != (0, 0, 0)).map(|(number, handle, name)| Signs { number: sign(number), handle: sign(handle), name: sign(name) }).collect();
            let channels = Channels { said: said.clone(), places: HashMap::new() };
            let (found, expected) = (channels.settle().channels, naive(&said));
            for a in 0..said.len() {
                for b in 0..said.len() {
                    prop_assert_eq!(found[a] == found[b], expected[a] == expected[b], "{:?} {:?} in {:?}", said[a], said[b], said);
                    // Whatever else there is, two numbers are two channels.
                    if let (Some(one), Some(other)) = (&said[a].number, &said[b].number) {
                        prop_assert_eq!(found[a] == found[b], one == other);
                    }
                }
            }
        }
    }
}
