//! Where something stands: in the log, in its stream, in time. Each is a type of its own, so that
//! the index of a leaf cannot be taken for the size of a tree or for a place in a stream.
//!
//! All arithmetic on them is here, and it is checked. How many there may be is the format's
//! business (`schema/record.md`), not theirs.

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

            /// Its number, for bytes that are hashed or stored.
            #[must_use]
            pub const fn get(self) -> u64 {
                self.0
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

    /// Its number, for bytes that are hashed or stored.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0.get()
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn arithmetic_ends_where_the_numbers_end() {
        let (index, size) = (LogIndex::new(u64::MAX), Size::new(u64::MAX));
        assert_eq!((index.next(), index.size()), (None, None));
        assert_eq!(LogIndex::FIRST.previous(), None);
        assert_eq!((size.grown_by(0), size.grown_by(1)), (Some(size), None));
        assert!(!size.holds(index), "a tree of that size ends one before it");
        assert_eq!(StreamVersion::new(u64::MAX).next_seq(), None);
        assert_eq!(Seq::new(u64::MAX).and_then(Seq::next), None);
    }

    #[test]
    fn nothing_is_held_by_the_empty_tree_or_stands_in_the_empty_stream() {
        assert!(Size::EMPTY.is_empty() && !Size::EMPTY.holds(LogIndex::FIRST));
        assert_eq!(Size::EMPTY.next_index(), LogIndex::FIRST);
        assert_eq!(StreamVersion::EMPTY.last(), None);
    }

    #[test]
    fn a_position_has_one_text() {
        for text in [
            "",
            "+1",
            "-1",
            "01",
            " 1",
            "1 ",
            "1.0",
            "18446744073709551616",
        ] {
            assert_eq!(text.parse::<LogIndex>(), Err(ParsePositionError), "{text}");
            assert_eq!(text.parse::<Seq>(), Err(ParsePositionError), "{text}");
        }
        assert_eq!("0".parse(), Ok(Size::EMPTY));
        assert_eq!("0".parse::<Seq>(), Err(ParsePositionError));
    }

    #[test]
    fn in_json_a_position_is_its_number() {
        let json = serde_json::to_string(&(LogIndex::new(3), Seq::FIRST)).unwrap();
        assert_eq!(json, "[3,1]");
        assert!(serde_json::from_str::<Seq>("0").is_err());
        assert_eq!(serde_json::from_str::<LogTime>("9").unwrap(), LogTime(9));
    }

    proptest! {
        #[test]
        fn a_tree_holds_what_stands_before_its_size(index in 0..u64::MAX, size: u64) {
            let (index, size) = (LogIndex::new(index), Size::new(size));
            prop_assert_eq!(size.holds(index), index.size().unwrap() <= size);
            prop_assert_eq!(index.size().unwrap().last(), Some(index));
            prop_assert_eq!(index.next().unwrap().previous(), Some(index));
        }

        #[test]
        fn the_newest_event_stands_at_the_version(number in 1..u64::MAX) {
            let seq = Seq::new(number).unwrap();
            prop_assert_eq!(seq.version().last(), Some(seq));
            prop_assert_eq!(seq.version().next_seq(), seq.next());
            prop_assert_eq!(seq.next().unwrap().previous(), Some(seq));
            prop_assert_eq!(seq.to_string().parse(), Ok(seq));
        }
    }
}
