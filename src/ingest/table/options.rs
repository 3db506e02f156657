//! What people say about a table.

use encoding_rs::Encoding;

use super::is_known;

/// How to read tables, where their columns do not say it.
#[derive(Clone, Debug, Default)]
pub struct TableOptions {
    /// Which columns go to which fields.
    pub map: Vec<Mapped>,
    /// How dates are written, for `strptime`.
    pub date_format: Option<String>,
    /// What stands between the cells of a row.
    pub delimiter: Option<u8>,
    /// Whether the first row names the columns.
    pub header: Option<bool>,
    /// Path of the list of records in a JSON object.
    pub records: Option<String>,
    /// Encoding of the text.
    pub encoding: Option<&'static Encoding>,
}

/// One `FIELD=COLUMN[:KIND]`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mapped {
    /// The record's field: a known one, or a name of its own.
    pub field: String,
    /// The column's name, or a path of names with dots between them.
    pub column: String,
    /// How its values are read.
    pub kind: Kind,
}

/// How the values of a column are read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// As they are, numbers as texts.
    Text,
    /// As numbers, where they are.
    Number,
    /// As dates.
    Date,
    /// As lists, split at commas, semicolons or bars.
    List,
    /// As names or addresses of media, which may be a list.
    Media,
    /// As they are; the field becomes a facet.
    Facet,
}

impl Kind {
    /// What the values of a field are, where nothing else is said.
    #[must_use]
    pub fn of_field(field: &str) -> Self {
        match field {
            "date" | "edited" => Self::Date,
            "views" => Self::Number,
            "tags" | "mentions" | "links" | "flags" | "dates_mentioned" => Self::List,
            "media" => Self::Media,
            _ => Self::Text,
        }
    }

    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "text" | "title" | "author" | "id" | "url" | "lang" => Self::Text,
            "number" => Self::Number,
            "date" => Self::Date,
            "list" | "tag" | "link" => Self::List,
            "media" => Self::Media,
            "facet" => Self::Facet,
            _ => return None,
        })
    }
}

impl std::str::FromStr for Mapped {
    type Err = String;

    /// Reads `FIELD=COLUMN`, `FIELD=COLUMN:KIND`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (field, column) = text
            .split_once('=')
            .filter(|(field, column)| !field.is_empty() && !column.is_empty())
            .ok_or_else(|| format!("`{text}` is not FIELD=COLUMN; write for example text=body or date=created_at"))?;
        let field = match field.trim() {
            "tag" => "tags",
            "mention" => "mentions",
            "link" => "links",
            field => field,
        };
        let (column, kind) = match column.rsplit_once(':').map(|(column, kind)| (column, Kind::named(kind))) {
            Some((column, Some(kind))) if !column.is_empty() => (column, Some(kind)),
            _ => (column, None),
        };
        let kind = kind.filter(|_| !is_known(field)).unwrap_or_else(|| Kind::of_field(field));
        Ok(Self { field: field.to_owned(), column: column.trim().to_owned(), kind })
    }
}

impl TableOptions {
    /// Fields that were asked to be facets, and those of numbers and dates, which have a range too.
    pub fn facets(&self) -> impl Iterator<Item = &str> {
        let has_range = |mapped: &Mapped| matches!(mapped.kind, Kind::Number | Kind::Date) && !is_known(&mapped.field);
        let is_one = move |mapped: &&Mapped| mapped.kind == Kind::Facet || has_range(mapped);
        self.map.iter().filter(is_one).map(|mapped| mapped.field.as_str())
    }

    /// Fields of their own that hold dates.
    pub fn dates(&self) -> impl Iterator<Item = &str> {
        self.own(Kind::Date)
    }

    /// Fields of their own that hold numbers.
    pub fn numbers(&self) -> impl Iterator<Item = &str> {
        self.own(Kind::Number)
    }

    fn own(&self, kind: Kind) -> impl Iterator<Item = &str> {
        let is_one = move |mapped: &&Mapped| mapped.kind == kind && !is_known(&mapped.field);
        self.map.iter().filter(is_one).map(|mapped| mapped.field.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_typed() {
        let check = |text: &str, field: &str, column: &str, kind| {
            let expected = Mapped { field: field.into(), column: column.into(), kind };
            assert_eq!(text.parse::<Mapped>(), Ok(expected), "{text}");
        };
        check("text=body", "text", "body", Kind::Text);
        check("date=created at", "date", "created at", Kind::Date);
        check("tag=labels", "tags", "labels", Kind::List);
        check("price=Price:number", "price", "Price", Kind::Number);
        check("mood=mood:facet", "mood", "mood", Kind::Facet);
        check("mood=a:b", "mood", "a:b", Kind::Text);
        check("author=user.name:text", "author", "user.name", Kind::Text);
        check("x=a=b", "x", "a=b", Kind::Text);
        for text in ["text", "=a", "text="] {
            assert!(text.parse::<Mapped>().unwrap_err().contains("FIELD=COLUMN"), "{text}");
        }
    }
}
