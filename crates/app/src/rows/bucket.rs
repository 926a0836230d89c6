//! Where the entries of a list of duties lie together.

use jiff::civil::Date;

/// Entries that lie together: those of one month, or without a day, of neighbouring cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Months since the year 0; the largest number for those without a day.
    pub(crate) month: u32,
    /// Which neighbouring cases.
    pub(crate) span: u32,
}

/// Neighbouring cases whose dated duties of a month lie together.
const DATED_SPAN: u64 = 16_384;

/// Neighbouring cases whose duties without a day lie together.
const UNDATED_SPAN: u64 = 1_024;

impl Place {
    /// The month of a day.
    pub(crate) fn month_of(day: Date) -> u32 {
        u32::try_from(i32::from(day.year()) * 12 + i32::from(day.month()) - 1).unwrap_or(0)
    }

    /// Where an entry lies.
    pub(crate) fn of(due: Option<Date>, ordinal: u64) -> Self {
        let (month, span) = match due {
            Some(day) => (Self::month_of(day), ordinal / DATED_SPAN),
            None => (u32::MAX, ordinal / UNDATED_SPAN),
        };
        Self {
            month,
            span: u32::try_from(span).unwrap_or(u32::MAX),
        }
    }
}
