//! The shape of a query. Every term in it is folded.

/// What a record must hold to answer a query.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Query {
    /// Every record.
    All,
    /// A term.
    Term(String),
    /// A term that begins like this.
    Prefix(String),
    /// Terms side by side in one of the record's texts.
    Phrase {
        /// At least two terms.
        terms: Vec<String>,
        /// Whether the last one may go on.
        prefix: bool,
    },
    /// All of these.
    And(Vec<Query>),
    /// Any of these.
    Or(Vec<Query>),
    /// Not this.
    Not(Box<Query>),
}

impl Query {
    /// The leaves that a record can match by holding something: those not under a [`Query::Not`].
    #[must_use]
    pub fn positive_leaves(&self) -> Vec<&Self> {
        match self {
            Self::All | Self::Not(_) => Vec::new(),
            Self::Term(_) | Self::Prefix(_) | Self::Phrase { .. } => vec![self],
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::positive_leaves).collect(),
        }
    }
}
