//! When something took place, as exactly as it is known, in a form that is cheap to compare.
//!
//! It only compares; counting days and months is the calendar's.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::calendar::days_between;
use crate::time::{Occurred, day_of, end_of_day, start_of_day};

/// A day in Denmark, and the instant where it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// The day in Denmark.
    pub day: Date,
    /// The instant; null when only the day is known.
    pub at: Option<Timestamp>,
    /// Whether the day itself is known about only: it may be the day before or after.
    pub about: bool,
}

impl Moment {
    /// A day of which no time is known.
    #[must_use]
    pub const fn on(day: Date) -> Self {
        Self {
            day,
            at: None,
            about: false,
        }
    }

    /// An instant.
    #[must_use]
    pub fn at(at: Timestamp) -> Self {
        Self {
            day: day_of(at),
            at: Some(at),
            about: false,
        }
    }

    /// The earliest instant that it can mean.
    #[must_use]
    pub fn earliest(self) -> Timestamp {
        self.at.unwrap_or_else(|| start_of_day(self.day))
    }

    /// The latest instant that it can mean.
    #[must_use]
    pub fn latest(self) -> Timestamp {
        self.at.unwrap_or_else(|| end_of_day(self.day))
    }

    /// Whether it can have taken place no later than another. Where one of them is a day only, the same
    /// day is no later, and where a day is known about only, nor is the next one: the record does not
    /// say that it was.
    #[must_use]
    pub fn not_after(self, other: Self) -> bool {
        match (self.at, other.at) {
            (Some(this), Some(that)) => this <= that,
            _ => days_between(other.day, self.day) <= self.slack() + other.slack(),
        }
    }

    fn slack(self) -> i32 {
        i32::from(self.about)
    }
}

impl From<Occurred> for Moment {
    fn from(occurred: Occurred) -> Self {
        match occurred {
            Occurred::At(at) => Self::at(at),
            Occurred::On(day) => Self::on(day),
            Occurred::About(day) => Self {
                about: true,
                ..Self::on(day)
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_day_is_no_later_unless_both_times_are_known() {
        let moment = |text: &str| Moment::from(text.parse::<Occurred>().unwrap());
        assert!(moment("2024-04-19").not_after(moment("2024-04-19T08:00:00Z")));
        assert!(moment("2024-04-19T10:00:00Z").not_after(moment("2024-04-19")));
        assert!(!moment("2024-04-19T10:00:00Z").not_after(moment("2024-04-19T08:00:00Z")));
        assert!(moment("2024-04-20~").not_after(moment("2024-04-19T20:00:00Z")));
        assert!(!moment("2024-04-21~").not_after(moment("2024-04-19T20:00:00Z")));
        assert!(moment("2024-04-20~").not_after(moment("2024-04-18~")));
        assert!(!moment("2024-04-20").not_after(moment("2024-04-19")));
        assert!(
            !moment("2024-04-21~")
                .not_after(moment("2024-04-19T23:00:00Z").min(moment("2024-04-19")))
        );
    }
}
