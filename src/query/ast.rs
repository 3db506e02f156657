//! The shape of a query. Every term in it is folded.

use crate::facet::ValueOrd;

/// What a record must hold to answer a query.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Query {
    /// Every record.
    All,
    /// A word, in any of its forms; the form itself first.
    Word(String),
    /// A word and the other forms of it that an archive has, once `expand` has found them out.
    Forms(Forms),
    /// A term just as it is; so are hashtags and mentions.
    Literal(String),
    /// A term that begins like this.
    Prefix(String),
    /// Terms side by side in one of the record's texts.
    Phrase {
        /// At least two terms.
        terms: Vec<String>,
        /// Whether the last one may go on.
        prefix: bool,
        /// Whether they were quoted: nothing else will do then, while of `e-mail` or `港口新闻` the parts may.
        quoted: bool,
    },
    /// This anywhere in a word or, where it is more than a part of one word, anywhere in the folded text.
    Part(String),
    /// A regular expression that matches somewhere in the text.
    Pattern {
        /// The expression as typed, without the slashes around it.
        source: String,
        /// Whether it is held against the folded text, where case and accents are one.
        folded: bool,
    },
    /// A value of a field.
    Field(Field),
    /// All of these.
    And(Vec<Query>),
    /// Any of these.
    Or(Vec<Query>),
    /// Not this.
    Not(Box<Query>),
}

/// A word in the forms that an archive has of it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Forms {
    /// The word itself, whether the archive has it or not.
    pub word: String,
    /// The others, in order, each with the number of records that hold it.
    pub others: Vec<(String, u32)>,
    /// Whether words that begin with the word itself answer as well.
    pub prefix: bool,
}

impl Forms {
    /// The word and its other forms.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.word.as_str()).chain(self.others.iter().map(|(form, _)| form.as_str()))
    }
}

/// `name:value`
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Field {
    /// Its name, folded.
    pub name: String,
    /// The value as typed, without quotation marks around it.
    pub value: String,
    /// Whether the value may go on.
    pub prefix: bool,
    /// What it means in an archive, once `bind` has found that out.
    pub test: Option<Test>,
}

/// What a field asks of a record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Test {
    /// To have at least one of these values.
    Values {
        /// Place of the facet among the archive's.
        facet: usize,
        /// Numbers of the values.
        ords: Vec<ValueOrd>,
    },
    /// To have a date that lies within this, as a whole.
    Within {
        /// First instant, in seconds since 1970-01-01T00:00:00Z.
        start: Option<i64>,
        /// First instant behind.
        end: Option<i64>,
    },
    /// To have a date in a field that lies within this, as a whole.
    #[cfg(feature = "more")]
    Dated {
        /// Place of the column among the archive's columns of numbers.
        column: usize,
        /// First instant, in seconds since 1970-01-01T00:00:00Z.
        start: i64,
        /// First instant behind.
        end: i64,
    },
    /// To have a number between these, both included.
    #[cfg(feature = "more")]
    Number {
        /// Place of the column among the archive's.
        column: usize,
        /// Smallest, in units of the column.
        min: i64,
        /// Largest, in units of the column.
        max: i64,
    },
}

impl Query {
    /// What no record answers.
    #[must_use]
    pub fn nothing() -> Self {
        Self::Or(Vec::new())
    }

    /// The leaves that a record can match by holding something: those not under a [`Query::Not`].
    #[must_use]
    pub fn positive_leaves(&self) -> Vec<&Self> {
        match self {
            Self::All | Self::Not(_) => Vec::new(),
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::positive_leaves).collect(),
            _ => vec![self],
        }
    }

    /// True for a leaf of words, or beginnings of words: what is scored and highlighted by the words of a text.
    #[must_use]
    pub fn is_of_words(&self) -> bool {
        matches!(self, Self::Word(_) | Self::Forms(_) | Self::Literal(_) | Self::Prefix(_) | Self::Phrase { .. })
    }

    /// True where nothing but values of fields is asked for.
    #[must_use]
    pub fn is_of_fields(&self) -> bool {
        match self {
            Self::Field(_) => true,
            Self::And(parts) | Self::Or(parts) => !parts.is_empty() && parts.iter().all(Self::is_of_fields),
            Self::Not(inner) => inner.is_of_fields(),
            _ => false,
        }
    }

    /// True for what is looked for in texts, or must not stand in them.
    #[must_use]
    pub fn is_scan(&self) -> bool {
        match self {
            Self::Part(_) | Self::Pattern { .. } => true,
            Self::Not(inner) => matches!(**inner, Self::Part(_) | Self::Pattern { .. }),
            _ => false,
        }
    }

    /// True where it has something to be looked for in texts.
    #[must_use]
    pub fn scans(&self) -> bool {
        self.has_leaf(&|leaf| matches!(leaf, Self::Part(_) | Self::Pattern { .. }))
    }

    /// True where one of its leaves is such.
    pub fn has_leaf(&self, is_such: &dyn Fn(&Self) -> bool) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(|part| part.has_leaf(is_such)),
            Self::Not(inner) => inner.has_leaf(is_such),
            leaf => is_such(leaf),
        }
    }
}
