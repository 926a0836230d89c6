//! The stored form of rows. Values are encrypted and bound to their keys; a key holds an ordinal
//! or a token, nothing else.

use std::collections::BTreeSet;

use domain::views::listing::CaseRow;
use events::ids::PersonId;
use events::text::IdNumber;
use jiff::civil::Date;
use record::b64u;
use record::hash::Hash;
use record::keys::Token;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use store::projection_store::{Direction, ProjectionError, ProjectionSnapshot};

use super::keys::{ListKeys, NameTerms, STATUS, status_text};

/// The form of rows and the rules of names. Rows of another form, or of another law, are made anew.
pub(crate) const FORM: u64 = 6;

/// Rows read at once.
const PAGE: usize = 256;

/// Where rows stand.
pub(crate) enum Key {
    /// What the rows are, by the epoch of the keys that they were made under.
    Head(u32),
    /// A case, by the ordinal of its stream.
    Case(u64),
    /// What a case is found by.
    Terms(u64),
    /// A person, by token.
    Person(Token),
    /// Days on which the cases of a span were opened.
    Days(u64),
    /// Cases of a span that have a term.
    Posting(Token, u64),
    /// What a case owes.
    Duties(u64),
    /// What a case adds to the key figures, in parts.
    Figures(u64, u32),
    /// What all cases add to a figure in a month.
    Sum(Token),
    /// What is to be known of what all cases add.
    Totals,
    /// Where the entries of a list of duties lie.
    Calendar(Token),
    /// Entries of a list of duties that lie together.
    Bucket(Token),
}

impl Key {
    /// What the key of the head begins with.
    pub(crate) const HEADS: &[u8] = b"h";

    /// What the keys of the rows of key figures begin with.
    pub(crate) const FIGURES: &[u8] = b"f";

    /// What the keys of the rows of key figures of a case begin with.
    pub(crate) fn figures_of(ordinal: u64) -> Vec<u8> {
        [Self::FIGURES, &ordinal.to_be_bytes()].concat()
    }

    /// The ordinal in the key of a row of key figures, and which part of its case it is.
    pub(crate) fn figures_in(key: &[u8]) -> Option<(u64, u32)> {
        let (ordinal, part) = key.get(1..)?.split_first_chunk::<8>()?;
        let part = part.try_into().ok().map(u32::from_be_bytes)?;
        Some((u64::from_be_bytes(*ordinal), part))
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Head(epoch) => [Self::HEADS, &epoch.to_be_bytes()].concat(),
            Self::Case(ordinal) => [b"c".as_slice(), &ordinal.to_be_bytes()].concat(),
            Self::Terms(ordinal) => [b"x".as_slice(), &ordinal.to_be_bytes()].concat(),
            Self::Person(token) => [b"p".as_slice(), token].concat(),
            Self::Days(span) => [b"d".as_slice(), &span.to_be_bytes()].concat(),
            Self::Duties(ordinal) => [b"o".as_slice(), &ordinal.to_be_bytes()].concat(),
            Self::Figures(ordinal, part) => {
                [Self::figures_of(*ordinal).as_slice(), &part.to_be_bytes()].concat()
            }
            Self::Sum(token) => [b"s".as_slice(), token].concat(),
            Self::Totals => b"s".to_vec(),
            Self::Calendar(list) => [b"a".as_slice(), list].concat(),
            Self::Bucket(token) => [b"b".as_slice(), token].concat(),
            Self::Posting(token, span) => {
                [Self::postings(token).as_slice(), &span.to_be_bytes()].concat()
            }
        }
    }

    /// What the keys of a term's postings begin with.
    pub(crate) fn postings(token: &Token) -> Vec<u8> {
        [b"t".as_slice(), token].concat()
    }

    /// The span in the key of a posting.
    pub(crate) fn span(key: &[u8]) -> Option<u64> {
        key.get(17..)?.try_into().ok().map(u64::from_be_bytes)
    }
}

/// A row that is not what was written.
pub(crate) const MALFORMED: ProjectionError = ProjectionError::Damaged("a row is malformed");

/// What is written of some kind of row.
pub(crate) trait Stored: Sized {
    fn write(&self) -> Vec<u8>;
    fn read(bytes: &[u8]) -> Option<Self>;
}

/// The row of a key, opened.
pub(crate) fn get<T: Stored>(
    rows: &dyn ProjectionSnapshot,
    keys: &ListKeys,
    key: &Key,
) -> Result<Option<T>, ProjectionError> {
    let place = key.bytes();
    rows.get(&place)?
        .map(|sealed| opened(keys, &place, &sealed))
        .transpose()
}

/// A row that was found, opened.
pub(crate) fn opened<T: Stored>(
    keys: &ListKeys,
    place: &[u8],
    sealed: &[u8],
) -> Result<T, ProjectionError> {
    let plain = keys.rows.open(place, sealed).map_err(|_| MALFORMED)?;
    T::read(&plain).ok_or(MALFORMED)
}

/// Hands every row whose key begins with `prefix` to `visit`, opened, in the order of their keys.
pub(crate) fn each_row<T: Stored>(
    rows: &dyn ProjectionSnapshot,
    keys: &ListKeys,
    prefix: &[u8],
    mut visit: impl FnMut(&[u8], T) -> Result<(), ProjectionError>,
) -> Result<(), ProjectionError> {
    let mut beyond: Option<Vec<u8>> = None;
    loop {
        let page = rows.scan(prefix, beyond.as_deref(), Direction::Rising, PAGE)?;
        let last = page.len() < PAGE;
        for (place, sealed) in page {
            visit(&place, opened(keys, &place, &sealed)?)?;
            beyond = Some(place);
        }
        if last {
            return Ok(());
        }
    }
}

/// What the rows are: how they are written, and where they were made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// Leaf of the last entry that they reflect, so that another log is noticed.
    pub(crate) leaf: Option<Hash>,
    /// Whether files may still hold tokens of what was erased.
    pub(crate) remnants: bool,
    /// The law that they were made by.
    pub(crate) law: String,
}

/// What a row is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// A case, or a course of early advice.
    Case,
    /// A notification that belongs to no case yet, or that nobody has assessed. Lists of cases leave it
    /// out.
    Notification,
}

/// A case in a list, as it is stored; or a notification, for what is owed because of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedCase {
    /// What it is.
    pub kind: RowKind,
    /// The row.
    pub row: CaseRow,
    /// Whether all that the row is folded from could be read.
    pub whole: bool,
}

/// What a case is found by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct CaseTerms {
    pub(crate) terms: BTreeSet<Token>,
    /// The words of each name, so that several words are found in one person only.
    pub(crate) names: Vec<Vec<Token>>,
}

/// A person as cases are found by it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonEntry {
    /// Token of the identity number.
    pub number: Option<Token>,
    /// Tokens of the name.
    pub name: NameTerms,
    /// The person that this registration turned out to be.
    pub merged_into: Option<PersonId>,
    /// Registrations that turned out to be this person.
    pub absorbed: BTreeSet<PersonId>,
    /// Whether the person's stream could not be read.
    pub unreadable: bool,
}

impl PersonEntry {
    /// A person who is found by number and name.
    #[must_use]
    pub fn found_by(keys: &ListKeys, number: Option<&IdNumber>, name: Option<&str>) -> Self {
        let name = name.map(|name| keys.name(name)).unwrap_or_default();
        Self {
            number: number.map(|number| keys.number(number)),
            name,
            ..Self::default()
        }
    }
}

fn text<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn member<T: DeserializeOwned>(value: &Value, name: &str) -> Option<T> {
    serde_json::from_value(value.get(name)?.clone()).ok()
}

fn tokens<'a>(tokens: impl IntoIterator<Item = &'a Token>) -> Value {
    tokens
        .into_iter()
        .map(|token| Value::String(b64u::encode(token)))
        .collect()
}

fn token(value: &Value) -> Option<Token> {
    b64u::decode(value.as_str()?.as_bytes())
        .ok()?
        .try_into()
        .ok()
}

fn read_tokens(value: Option<&Value>) -> Option<Vec<Token>> {
    value?.as_array()?.iter().map(token).collect()
}

impl Head {
    /// The form that rows are written in, as their head says.
    pub(crate) fn form(bytes: &[u8]) -> Option<u64> {
        serde_json::from_slice::<Value>(bytes)
            .ok()?
            .get("form")?
            .as_u64()
    }
}

impl Stored for Head {
    fn write(&self) -> Vec<u8> {
        json!({ "form": FORM, "law": self.law, "leaf": self.leaf.map(|leaf| leaf.to_b64u()), "remnants": self.remnants })
            .to_string()
            .into_bytes()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        if Self::form(bytes)? != FORM {
            return None;
        }
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let leaf: Option<String> = member(&value, "leaf")?;
        let leaf = leaf.map(|leaf| Hash::parse_b64u(&leaf)).transpose().ok()?;
        Some(Self {
            leaf,
            remnants: member(&value, "remnants")?,
            law: member(&value, "law")?,
        })
    }
}

impl Stored for ListedCase {
    fn write(&self) -> Vec<u8> {
        let CaseRow {
            case,
            status,
            child,
            opened,
            closed,
            caseworkers,
            unit,
            weight,
            family,
        } = &self.row;
        let value = json!({
            "case": case, "status": status_text(*status), "child": child, "opened": opened, "closed": closed,
            "caseworkers": caseworkers, "unit": unit, "weight": weight, "family": family, "whole": self.whole,
            "notification": self.kind == RowKind::Notification,
        });
        value.to_string().into_bytes()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let status: String = member(&value, "status")?;
        let row = CaseRow {
            case: member(&value, "case")?,
            status: STATUS.iter().find(|(_, text)| *text == status)?.0,
            child: member(&value, "child")?,
            opened: member(&value, "opened")?,
            closed: member(&value, "closed")?,
            caseworkers: member(&value, "caseworkers")?,
            unit: member(&value, "unit")?,
            weight: member(&value, "weight")?,
            family: member(&value, "family")?,
        };
        let notification: bool = member(&value, "notification")?;
        Some(Self {
            kind: if notification {
                RowKind::Notification
            } else {
                RowKind::Case
            },
            row,
            whole: member(&value, "whole")?,
        })
    }
}

impl Stored for CaseTerms {
    fn write(&self) -> Vec<u8> {
        let names: Value = self.names.iter().map(tokens).collect();
        json!({ "terms": tokens(&self.terms), "names": names })
            .to_string()
            .into_bytes()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let terms = read_tokens(value.get("terms"))?.into_iter().collect();
        let names = value
            .get("names")?
            .as_array()?
            .iter()
            .map(|name| read_tokens(Some(name)))
            .collect::<Option<_>>()?;
        Some(Self { terms, names })
    }
}

impl Stored for PersonEntry {
    fn write(&self) -> Vec<u8> {
        let value = json!({
            "number": self.number.map(|number| b64u::encode(&number)), "words": tokens(&self.name.words), "pairs": tokens(&self.name.pairs),
            "mergedInto": self.merged_into, "absorbed": text(&self.absorbed), "unreadable": self.unreadable,
        });
        value.to_string().into_bytes()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let number = match value.get("number")? {
            Value::Null => None,
            number => Some(token(number)?),
        };
        let name = NameTerms {
            words: read_tokens(value.get("words"))?,
            pairs: read_tokens(value.get("pairs"))?,
        };
        let merged_into = member(&value, "mergedInto")?;
        Some(Self {
            number,
            name,
            merged_into,
            absorbed: member(&value, "absorbed")?,
            unreadable: member(&value, "unreadable")?,
        })
    }
}

/// The days on which cases of a span were opened, by their number in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Days(pub(crate) std::collections::BTreeMap<u16, i32>);

/// A day as a number: days since the first of 1970.
pub(crate) fn day_number(day: Date) -> i32 {
    jiff::civil::date(1970, 1, 1)
        .until(day)
        .map_or(0, |span| span.get_days())
}

impl Stored for Days {
    fn write(&self) -> Vec<u8> {
        self.0
            .iter()
            .flat_map(|(number, day)| number.to_be_bytes().into_iter().chain(day.to_be_bytes()))
            .collect()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (rows, rest) = bytes.as_chunks::<6>();
        let read = |row: &[u8; 6]| {
            let (number, day) = row.split_first_chunk::<2>()?;
            Some((
                u16::from_be_bytes(*number),
                i32::from_be_bytes(day.try_into().ok()?),
            ))
        };
        if rest.is_empty() {
            rows.iter().map(read).collect::<Option<_>>().map(Self)
        } else {
            None
        }
    }
}
