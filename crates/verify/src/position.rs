//! Where something stands, and when: an index in the log, the size of a tree, the sequence of an
//! event in its stream, a time. Each is a type of its own, so that none is taken for another.
//!
//! All arithmetic on them is here. Numbers of bytes, of streams, of tiles and of parts are no
//! positions and stay plain.
//!
//! ```
//! use verify::position::{LogIndex, Seq, Size};
//!
//! let size = Size::new(3);
//! assert!(size.holds(LogIndex::new(2)) && !size.holds(LogIndex::new(3)));
//! assert_eq!(size.last(), Some(LogIndex::new(2)));
//! assert_eq!(size.next(), LogIndex::new(3), "the next entry stands behind those that are there");
//! assert_eq!(Seq::FIRST.offset(), Some(0), "sequences begin at 1");
//! ```

use std::fmt;

macro_rules! position {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize,
        )]
        pub struct $name(u64);

        impl $name {
            /// From a number, as it was read or stored.
            #[must_use]
            pub const fn new(number: u64) -> Self {
                Self(number)
            }

            /// The number, to be written or stored.
            #[must_use]
            pub const fn get(self) -> u64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

position! {
    /// The index of an entry in the log, counted from 0.
    LogIndex
}
position! {
    /// How many entries a log has, or leaves a tree; for an archive, how many records.
    Size
}
position! {
    /// The sequence of an event in its stream, counted from 1. An entry may state any number, so 0
    /// can be read as well; it has no [`Seq::offset`].
    Seq
}
position! {
    /// A time in whole seconds of Unix time.
    LogTime
}

impl LogIndex {
    /// The first entry of a log.
    pub const FIRST: Self = Self(0);

    /// This index and all behind it, as far as a number reaches.
    pub fn and_behind(self) -> impl Iterator<Item = Self> {
        (self.0..).map(Self)
    }
}

impl Size {
    /// Nothing.
    pub const EMPTY: Self = Self(0);

    /// Whether the entry at that index is among the first so many.
    #[must_use]
    pub const fn holds(self, index: LogIndex) -> bool {
        index.0 < self.0
    }

    /// The index of the last entry; none when there is none.
    #[must_use]
    pub const fn last(self) -> Option<LogIndex> {
        match self.0.checked_sub(1) {
            Some(last) => Some(LogIndex(last)),
            None => None,
        }
    }

    /// The index of the entry that comes behind so many.
    #[must_use]
    pub const fn next(self) -> LogIndex {
        LogIndex(self.0)
    }

    /// The size with one entry more.
    #[must_use]
    pub const fn grown(self) -> Self {
        Self(self.0 + 1)
    }

    /// By how many entries this is more than `smaller`; 0 when it is not.
    #[must_use]
    pub const fn beyond(self, smaller: Self) -> u64 {
        self.0.saturating_sub(smaller.0)
    }

    /// Whether there is nothing.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl Seq {
    /// The first event of a stream.
    pub const FIRST: Self = Self(1);

    /// All sequences in order, as far as a number reaches.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..).map(Self)
    }

    /// The sequence of the event at that offset in a list of all events of the stream.
    #[must_use]
    pub const fn of_offset(offset: usize) -> Self {
        Self(offset as u64 + 1)
    }

    /// The offset in a list of all events of the stream; none of sequence 0, or when a list cannot
    /// be so long.
    #[must_use]
    pub fn offset(self) -> Option<usize> {
        usize::try_from(self.0.checked_sub(1)?).ok()
    }
}

impl LogTime {
    /// 1970; stands for a time that is not known.
    pub const EPOCH: Self = Self(0);

    /// So many seconds later.
    #[must_use]
    pub const fn later(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// So many seconds earlier, not before 1970.
    #[must_use]
    pub const fn earlier(self, seconds: u64) -> Self {
        Self(self.0.saturating_sub(seconds))
    }

    /// How many seconds this is after `earlier`; 0 when it is not.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// How many seconds lie between the two, whichever comes first.
    #[must_use]
    pub const fn apart(self, other: Self) -> u64 {
        self.0.abs_diff(other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{LogIndex, LogTime, Seq, Size};

    #[test]
    fn positions_do_their_arithmetic_without_wrapping() {
        assert_eq!(Size::EMPTY.last(), None);
        assert!(!Size::EMPTY.holds(LogIndex::FIRST));
        assert_eq!(Size::new(2).grown().last(), Some(LogIndex::new(2)));
        assert_eq!(
            (
                Size::new(5).beyond(Size::new(3)),
                Size::new(3).beyond(Size::new(5))
            ),
            (2, 0)
        );
        assert_eq!(Seq::new(0).offset(), None);
        assert_eq!(Seq::of_offset(4).offset(), Some(4));
        assert_eq!(Seq::all().next(), Some(Seq::FIRST));
        let last = LogTime::new(u64::MAX);
        assert_eq!(
            (last.later(5), LogTime::EPOCH.earlier(5)),
            (last, LogTime::EPOCH)
        );
        assert_eq!(
            (LogTime::EPOCH.since(last), LogTime::EPOCH.apart(last)),
            (0, u64::MAX)
        );
        assert_eq!(format!("{:06}", Seq::new(12)), "000012");
    }
}
