//! DAG-CBOR: the values of which records of Bluesky are made, and the names of blocks.
//!
//! Of CBOR (RFC 8949) it allows what can be written in one way alone: lengths are given, keys are texts, the only tag is that of a name
//! of a block. Whatever else stands there is an error. <https://ipld.io/specs/codecs/dag-cbor/spec/>

use std::fmt;

/// Values within each other.
const MAX_DEPTH: usize = 64;

/// Longest name of a block, in bytes: a version, a codec and a hash of 64 bytes.
const MAX_CID_LEN: usize = 100;

/// Values in one block: a byte may stand for one, which takes some thirty in memory. A record has hundreds, and a node of a tree of
/// thousands of keys some ten thousand.
const MAX_VALUES: u32 = 500_000;

/// A value; texts and bytes are its own.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(String),
    Bytes(Vec<u8>),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
    Cid(Cid),
}

/// The name of a block.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Cid(Vec<u8>);

impl Cid {
    /// Takes the name from the start of a section of a file; what follows is the block.
    pub(super) fn split(section: &[u8]) -> Option<(Self, &[u8])> {
        // A bare SHA-256 is a name of version 0.
        let len = if section.starts_with(&[0x12, 0x20]) {
            34
        } else {
            let mut at = 0;
            // Version, codec, hash, and how long that is.
            let mut number = 0;
            for _ in 0..4 {
                let mut shift = 0;
                number = 0_usize;
                loop {
                    let byte = *section.get(at)?;
                    at += 1;
                    number |= usize::from(byte & 0x7F).checked_shl(shift)?;
                    shift += 7;
                    if byte & 0x80 == 0 {
                        break;
                    }
                    if shift > 28 {
                        return None;
                    }
                }
            }
            at.checked_add(number)?
        };
        if len > MAX_CID_LEN {
            return None;
        }
        let (cid, block) = section.split_at_checked(len)?;
        Some((Self(cid.to_owned()), block))
    }
}

impl Cid {
    /// As it stands before its block.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Value {
    /// A member of a map.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Self::Map(members) => members.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn as_bytes(&self) -> Option<&[u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    pub(super) fn as_u64(&self) -> Option<u64> {
        if let Self::Int(number) = self { u64::try_from(*number).ok() } else { None }
    }

    pub(super) fn as_list(&self) -> Option<&[Value]> {
        if let Self::List(values) = self { Some(values) } else { None }
    }

    pub(super) fn as_cid(&self) -> Option<Cid> {
        if let Self::Cid(cid) = self { Some(cid.clone()) } else { None }
    }

    /// The same in JSON; none of bytes and of names of blocks, which mean nothing outside of the file.
    pub(super) fn to_json(&self) -> Option<serde_json::Value> {
        Some(match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(flag) => (*flag).into(),
            Self::Int(number) => i64::try_from(*number).ok()?.into(),
            Self::Float(number) => (*number).into(),
            Self::Text(text) => text.as_str().into(),
            Self::List(values) => values.iter().filter_map(Self::to_json).collect(),
            Self::Map(members) => {
                members.iter().filter_map(|(name, value)| Some((name.clone(), value.to_json()?))).collect()
            }
            Self::Bytes(_) | Self::Cid(_) => return None,
        })
    }

    /// The members of a map but those of these names.
    pub(super) fn members_but(&self, names: &[&str]) -> impl Iterator<Item = (&str, &Value)> {
        let members = if let Self::Map(members) = self { members.as_slice() } else { &[] };
        members.iter().map(|(name, value)| (&**name, value)).filter(|(name, _)| !names.contains(name))
    }
}

/// Why bytes are no value.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct NoValue(&'static str);

impl fmt::Display for NoValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Decodes one value that takes all bytes.
pub(super) fn decode(bytes: &[u8]) -> Result<Value, NoValue> {
    let mut decoder = Decoder { rest: bytes, left: MAX_VALUES };
    let value = decoder.value(0)?;
    if decoder.rest.is_empty() { Ok(value) } else { Err(NoValue("bytes stand behind its end")) }
}

struct Decoder<'a> {
    rest: &'a [u8],
    /// How many values there may still be.
    left: u32,
}

impl<'a> Decoder<'a> {
    fn take(&mut self, len: u64) -> Result<&'a [u8], NoValue> {
        let cut = NoValue("it is cut");
        let Ok(len) = usize::try_from(len) else { return Err(cut) };
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(cut)?;
        self.rest = rest;
        Ok(taken)
    }

    /// The kind of the next value, and the number that follows it.
    fn head(&mut self) -> Result<(u8, u8, u64), NoValue> {
        let first = *self.take(1)?.first().ok_or(NoValue("it is cut"))?;
        let (kind, info) = (first >> 5, first & 0x1F);
        let len = match info {
            0..=23 => return Ok((kind, info, u64::from(info))),
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            _ => return Err(NoValue("it has no length")),
        };
        let number = self.take(len)?.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        Ok((kind, info, number))
    }

    fn value(&mut self, depth: usize) -> Result<Value, NoValue> {
        if depth > MAX_DEPTH {
            return Err(NoValue("values stand too deep in each other"));
        }
        self.left = self.left.checked_sub(1).ok_or(NoValue("it has more values than any record"))?;
        let (kind, info, number) = self.head()?;
        Ok(match kind {
            0 => Value::Int(i128::from(number)),
            1 => Value::Int(-1 - i128::from(number)),
            2 => Value::Bytes(self.take(number)?.to_owned()),
            3 => Value::Text(self.text(number)?),
            4 => {
                // Each value takes a byte at least, so that no list is longer than what is left.
                let mut values = Vec::new();
                for _ in 0..number.min(self.rest.len() as u64 + 1) {
                    values.push(self.value(depth + 1)?);
                }
                Value::List(values)
            }
            5 => {
                let mut members = Vec::new();
                for _ in 0..number.min(self.rest.len() as u64 + 1) {
                    let (kind, _, len) = self.head()?;
                    if kind != 3 {
                        return Err(NoValue("a key is no text"));
                    }
                    members.push((self.text(len)?, self.value(depth + 1)?));
                }
                Value::Map(members)
            }
            6 if number == 42 => match self.value(depth + 1)? {
                // A byte before the name says that it is written plainly.
                Value::Bytes(bytes) if bytes.len() <= MAX_CID_LEN => match bytes.strip_prefix(&[0]) {
                    Some(cid) => Value::Cid(Cid(cid.to_owned())),
                    None => return Err(NoValue("the name of a block is written in an unknown way")),
                },
                _ => return Err(NoValue("the name of a block is no name")),
            },
            6 => return Err(NoValue("it has an unknown tag")),
            _ => match (info, number) {
                (20, _) => Value::Bool(false),
                (21, _) => Value::Bool(true),
                (22, _) => Value::Null,
                (27, bits) => Value::Float(f64::from_bits(bits)),
                _ => return Err(NoValue("it has a value of no kind")),
            },
        })
    }

    fn text(&mut self, len: u64) -> Result<String, NoValue> {
        let bytes = self.take(len)?;
        std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| NoValue("a text is no UTF-8"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_every_kind() {
        let check = |bytes: &[u8], expected: Result<Value, NoValue>| assert_eq!(decode(bytes), expected, "{bytes:x?}");
        check(&[0x18, 0x64], Ok(Value::Int(100)));
        check(&[0x38, 0x63], Ok(Value::Int(-100)));
        check(&[0x62, 0xD1, 0x91], Ok(Value::Text("ё".to_owned())));
        check(&[0x82, 0xF5, 0xF6], Ok(Value::List(vec![Value::Bool(true), Value::Null])));
        check(&[0xA1, 0x61, b'a', 0x41, 7], Ok(Value::Map(vec![("a".to_owned(), Value::Bytes(vec![7]))])));
        check(&[0xFB, 0x3F, 0xF8, 0, 0, 0, 0, 0, 0], Ok(Value::Float(1.5)));
        check(&[0xD8, 0x2A, 0x43, 0, 1, 2], Ok(Value::Cid(Cid(vec![1, 2]))));
        check(&[0x5B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], Err(NoValue("it is cut")));
        check(&[0x9B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], Err(NoValue("it is cut")));
        check(&[0x9F, 0xFF], Err(NoValue("it has no length")));
        check(&[0xA1, 1, 1], Err(NoValue("a key is no text")));
        check(&[0xC1, 1], Err(NoValue("it has an unknown tag")));
        check(&[1, 1], Err(NoValue("bytes stand behind its end")));
        check(&[0x81; 1000], Err(NoValue("values stand too deep in each other")));
    }

    #[test]
    fn names_of_blocks_end_where_they_say() {
        let section = [&[1, 0x71, 0x12, 0x20][..], &[9; 32], b"block"].concat();
        assert_eq!(Cid::split(&section).unwrap().1, b"block");
        assert_eq!(Cid::split(&[&[0x12, 0x20][..], &[9; 32], b"b"].concat()).unwrap().1, b"b");
        assert!(
            Cid::split(&[1, 0x71, 0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]).is_none()
                && Cid::split(&[1, 0x71]).is_none()
        );
    }

    #[test]
    fn no_bytes_panic() {
        proptest::proptest!(|(bytes: Vec<u8>)| {
            let _ = (decode(&bytes), Cid::split(&bytes).is_some());
        });
    }
}
