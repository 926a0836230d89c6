//! Where something stands: in the log, in its stream, in time. Each is a type of its own, so that
//! the index of a leaf cannot be taken for the size of a tree or for a place in a stream.
//!
//! All arithmetic on them is here: it is checked, or it stops at the largest number, which no log
//! comes near. How many there may be is the format's business (`schema/record.md`), not theirs.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The text is not a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal number without sign and leading zeros")]
pub struct ParsePositionError;

/// Reads the one text that a number has: `7`, but not `+7` or `07`.
fn parse(text: &str) -> Result<u64, ParsePositionError> {
    let number: u64 = text.parse().map_err(|_| ParsePositionError)?;
    if number.to_string() == text {
        Ok(number)
    } else {
        Err(ParsePositionError)
    }
}

const fn split(number: u64, per_page: NonZeroU64) -> (u64, u64) {
    (number / per_page.get(), number % per_page.get())
}

macro_rules! text {
    ($name:ident, $parse:expr) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParsePositionError;

            /// # Errors
            /// [`ParsePositionError`] for any text that [`fmt::Display`] would not write.
            fn from_str(text: &str) -> Result<Self, ParsePositionError> {
                parse(text).and_then($parse)
            }
        }
    };
}

macro_rules! number {
    ($name:ident) => {
        impl $name {
            /// From its number.
            #[must_use]
            pub const fn new(number: u64) -> Self {
                Self(number)
            }

            /// Its number.
            #[must_use]
            pub const fn get(self) -> u64 {
                self.0
            }

            /// The bytes that are hashed and stored: big-endian.
            #[must_use]
            pub const fn to_be_bytes(self) -> [u8; 8] {
                self.0.to_be_bytes()
            }

            /// From the bytes that are stored.
            #[must_use]
            pub const fn from_be_bytes(bytes: [u8; 8]) -> Self {
                Self(u64::from_be_bytes(bytes))
            }
        }

        text!($name, |number| Ok(Self(number)));
    };
}

/// The place of an entry in the log: a leaf of the tree, counted from 0.
///
/// ```
/// use record::positions::{LogIndex, Size};
///
/// let index: LogIndex = "7".parse()?;
/// assert_eq!(index.next(), Some(LogIndex::new(8)));
/// assert_eq!(index.size(), Some(Size::new(8)), "the smallest tree that has it");
/// assert!("07".parse::<LogIndex>().is_err());
/// # Ok::<(), record::positions::ParsePositionError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LogIndex(u64);

number!(LogIndex);

impl LogIndex {
    /// The first entry of a log.
    pub const FIRST: Self = Self(0);

    /// The index of the entry behind this one.
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        match self.0.checked_add(1) {
            Some(index) => Some(Self(index)),
            None => None,
        }
    }

    /// The index of the entry before this one; there is none before the first.
    #[must_use]
    pub const fn previous(self) -> Option<Self> {
        match self.0.checked_sub(1) {
            Some(index) => Some(Self(index)),
            None => None,
        }
    }

    /// The index that lies so many entries behind this one.
    #[must_use]
    pub const fn plus(self, entries: u64) -> Option<Self> {
        match self.0.checked_add(entries) {
            Some(index) => Some(Self(index)),
            None => None,
        }
    }

    /// This index and all behind it, as far as a number reaches.
    pub fn and_behind(self) -> impl Iterator<Item = Self> + Clone {
        (self.0..=u64::MAX).map(Self)
    }

    /// The indexes from this one on that a tree of that size holds.
    pub fn up_to(self, size: Size) -> impl DoubleEndedIterator<Item = Self> + Clone {
        (self.0..size.0).map(Self)
    }

    /// The number of entries in front of this one: the largest tree that does not hold it.
    #[must_use]
    pub const fn size_before(self) -> Size {
        Size(self.0)
    }

    /// The size of a log that ends behind so many entries from this one on; at most
    /// [`Size::MAX`].
    #[must_use]
    pub const fn size_after(self, entries: u64) -> Size {
        Size(self.0.saturating_add(entries))
    }

    /// The number of the page that the entry stands on, and its place there, where each page holds
    /// `per_page` entries.
    #[must_use]
    pub const fn page(self, per_page: NonZeroU64) -> (u64, u64) {
        split(self.0, per_page)
    }

    /// Where the entry stands in a list of all entries; null when no list can be so long.
    #[must_use]
    pub fn offset(self) -> Option<usize> {
        usize::try_from(self.0).ok()
    }

    /// Where the entry stands in a list of entries that begins with the one at `first`; null when
    /// it comes before that one.
    #[must_use]
    pub fn offset_from(self, first: Self) -> Option<usize> {
        usize::try_from(self.0.checked_sub(first.0)?).ok()
    }

    /// The size of the smallest tree that holds the entry.
    #[must_use]
    pub const fn size(self) -> Option<Size> {
        match self.0.checked_add(1) {
            Some(size) => Some(Size(size)),
            None => None,
        }
    }
}

/// The number of entries that a tree holds.
///
/// ```
/// use record::positions::{LogIndex, Size};
///
/// let size = Size::new(3);
/// assert!(size.holds(LogIndex::new(2)) && !size.holds(LogIndex::new(3)));
/// assert_eq!(size.last(), Some(LogIndex::new(2)));
/// assert_eq!(size.next_index(), LogIndex::new(3), "what is recorded next stands there");
/// assert_eq!(size.grown_by(2), Some(Size::new(5)));
/// assert_eq!(Size::EMPTY.last(), None);
/// ```
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Size(u64);

number!(Size);

impl Size {
    /// The empty tree.
    pub const EMPTY: Self = Self(0);

    /// The largest number that a size can have; as a bound it leaves nothing out.
    pub const MAX: Self = Self(u64::MAX);

    /// The size of a tree over a list of so many entries.
    #[must_use]
    pub const fn of(len: usize) -> Self {
        Self(len as u64)
    }

    /// The indexes of all entries of the tree, in order.
    pub fn indexes(self) -> impl DoubleEndedIterator<Item = LogIndex> + Clone {
        LogIndex::FIRST.up_to(self)
    }

    /// How many pages of `per_page` entries are full, and how many entries stand behind them.
    #[must_use]
    pub const fn pages(self, per_page: NonZeroU64) -> (u64, u64) {
        split(self.0, per_page)
    }

    /// By how many entries the tree is larger than another; 0 when it is not.
    #[must_use]
    pub const fn beyond(self, smaller: Self) -> u64 {
        self.0.saturating_sub(smaller.0)
    }

    /// The size with so many entries less; the empty tree when it has not so many.
    #[must_use]
    pub const fn without(self, entries: u64) -> Self {
        Self(self.0.saturating_sub(entries))
    }

    /// The size with one entry more. No log comes near the end of the numbers, so the addition
    /// stops there.
    #[must_use]
    pub const fn grown(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// Whether the tree holds no entry.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the tree holds the entry at an index.
    #[must_use]
    pub const fn holds(self, index: LogIndex) -> bool {
        index.0 < self.0
    }

    /// The index of the last entry; the empty tree has none.
    #[must_use]
    pub const fn last(self) -> Option<LogIndex> {
        match self.0.checked_sub(1) {
            Some(index) => Some(LogIndex(index)),
            None => None,
        }
    }

    /// The index that the next entry is recorded at.
    #[must_use]
    pub const fn next_index(self) -> LogIndex {
        LogIndex(self.0)
    }

    /// The size after that many more entries.
    #[must_use]
    pub const fn grown_by(self, entries: u64) -> Option<Self> {
        match self.0.checked_add(entries) {
            Some(size) => Some(Self(size)),
            None => None,
        }
    }
}

/// The place of an event in its stream, counted from 1. Events are numbered without gaps, so it is
/// also the [`StreamVersion`] that the stream has with the event.
///
/// ```
/// use record::positions::{Seq, StreamVersion};
///
/// let second = Seq::FIRST.next().ok_or("no end")?;
/// assert_eq!(second.get(), 2);
/// assert_eq!(second.version(), StreamVersion::new(2));
/// assert_eq!(Seq::FIRST.previous(), None);
/// assert_eq!(Seq::new(0), None, "no event stands at 0");
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(NonZeroU64);

text!(Seq, |number| Self::new(number).ok_or(ParsePositionError));

impl Seq {
    /// The first event of a stream.
    pub const FIRST: Self = Self(NonZeroU64::MIN);

    /// From its number; null for 0, where no event stands.
    #[must_use]
    pub const fn new(number: u64) -> Option<Self> {
        match NonZeroU64::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// Its number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0.get()
    }

    /// The bytes that are hashed and stored: big-endian.
    #[must_use]
    pub const fn to_be_bytes(self) -> [u8; 8] {
        self.0.get().to_be_bytes()
    }

    /// From the bytes that are stored; null for 0.
    #[must_use]
    pub const fn from_be_bytes(bytes: [u8; 8]) -> Option<Self> {
        Self::new(u64::from_be_bytes(bytes))
    }

    /// The place of the event behind this one.
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        match self.0.checked_add(1) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The place of the event before this one; there is none before the first.
    #[must_use]
    pub const fn previous(self) -> Option<Self> {
        Self::new(self.0.get() - 1)
    }

    /// The sequence of the event at that offset in a list of all events of its stream.
    #[must_use]
    pub const fn of_offset(offset: usize) -> Self {
        Self(NonZeroU64::MIN.saturating_add(offset as u64))
    }

    /// Where the event stands in a list of all events of its stream; null when no list can be so
    /// long.
    #[must_use]
    pub fn offset(self) -> Option<usize> {
        usize::try_from(self.0.get() - 1).ok()
    }

    /// This place and all behind it that a stream of that version has.
    pub fn up_to(self, version: StreamVersion) -> impl DoubleEndedIterator<Item = Self> + Clone {
        (self.0.get()..=version.0).filter_map(Self::new)
    }

    /// The number of the page that the event stands on, and its place there, both counted from 0,
    /// where each page holds `per_page` events.
    #[must_use]
    pub const fn page(self, per_page: NonZeroU64) -> (u64, u64) {
        split(self.0.get() - 1, per_page)
    }

    /// The version of the stream when this event was its newest.
    #[must_use]
    pub const fn version(self) -> StreamVersion {
        StreamVersion(self.0.get())
    }
}

/// The version of a stream: the number of its events. 0 is a stream that has none.
///
/// ```
/// use record::positions::{Seq, StreamVersion};
///
/// assert_eq!(StreamVersion::EMPTY.next_seq(), Some(Seq::FIRST));
/// let version = StreamVersion::new(4);
/// assert_eq!(version.last(), Seq::new(4), "its newest event");
/// assert_eq!(version.next_seq(), Seq::new(5));
/// ```
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct StreamVersion(u64);

number!(StreamVersion);

impl StreamVersion {
    /// A stream without events.
    pub const EMPTY: Self = Self(0);

    /// The version of a stream of so many events.
    #[must_use]
    pub const fn of(len: usize) -> Self {
        Self(len as u64)
    }

    /// The places of all events of the stream, in order.
    pub fn seqs(self) -> impl DoubleEndedIterator<Item = Seq> + Clone {
        Seq::FIRST.up_to(self)
    }

    /// How many events this version has more than another; 0 when it has not more.
    #[must_use]
    pub const fn beyond(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// How many pages of `per_page` events are full, and how many events stand behind them.
    #[must_use]
    pub const fn pages(self, per_page: NonZeroU64) -> (u64, u64) {
        split(self.0, per_page)
    }

    /// The place in the middle between the newest event of this version and that of a later one;
    /// null when no event stands between them.
    #[must_use]
    pub const fn between(self, later: Self) -> Option<Seq> {
        match later.beyond(self) {
            0 | 1 => None,
            ahead => Seq::new(self.0 + ahead / 2),
        }
    }

    /// The place of the newest event; null where there is none.
    #[must_use]
    pub const fn last(self) -> Option<Seq> {
        Seq::new(self.0)
    }

    /// The place that the next event is recorded at.
    #[must_use]
    pub const fn next_seq(self) -> Option<Seq> {
        match self.0.checked_add(1) {
            Some(number) => Seq::new(number),
            None => None,
        }
    }
}

/// The log's own time: whole seconds of Unix time. It never runs backwards within a log.
///
/// ```
/// use record::positions::LogTime;
///
/// let newest = LogTime::new(1_735_689_600);
/// let clock = LogTime::new(1_735_689_599);
/// assert_eq!(clock.max(newest), newest, "a clock that was set back is not followed");
/// assert_eq!(newest.to_string(), "1735689600");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LogTime(u64);

number!(LogTime);

impl LogTime {
    /// 1970: before every entry of a log.
    pub const EPOCH: Self = Self(0);

    /// From signed seconds of Unix time; a time before 1970 becomes [`LogTime::EPOCH`].
    #[must_use]
    pub const fn from_unix(seconds: i64) -> Self {
        if seconds < 0 {
            Self::EPOCH
        } else {
            Self(seconds.unsigned_abs())
        }
    }

    /// So many seconds later, at most the largest time.
    #[must_use]
    pub const fn later(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// How many seconds this is after another time; 0 when it is not.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}
