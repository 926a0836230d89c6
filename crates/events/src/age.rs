//! How old somebody is on a day, and on which day an age is reached: one answer for the law, the
//! views and what may be recorded.
//!
//! Which ages matter, and why, is not said here.
//!
//! ```
//! use events::age::{age_on, reaches};
//! use jiff::civil::date;
//!
//! // A year is over when its last day is over. Who is born on 29 February is a year older on 1
//! // March of a year without that day.
//! let born = date(2008, 2, 29);
//! assert_eq!(age_on(born, date(2026, 2, 28)), Some(17));
//! assert_eq!(age_on(born, date(2026, 3, 1)), Some(18));
//! assert_eq!(reaches(born, 18 * 12), Some(date(2026, 3, 1)));
//! ```

use jiff::ToSpan;
use jiff::civil::Date;

/// The age in whole years on a day; null before birth.
#[must_use]
pub fn age_on(born: Date, on: Date) -> Option<u16> {
    let had_birthday = (on.month(), on.day()) >= (born.month(), born.day());
    let years = on.year().checked_sub(born.year())? - i16::from(!had_birthday);
    (on >= born).then(|| u16::try_from(years).unwrap_or(0))
}

/// The day on which an age in months is reached; null beyond the calendar.
///
/// Who is born on a day that the month lacks reaches it on the first day of the next month: the
/// last month is over only then. The sources found do not settle it for 29 February, so the
/// answer is a working choice (`U-27` of the catalogue of rules).
#[must_use]
pub fn reaches(born: Date, months: u16) -> Option<Date> {
    let day = born.checked_add(i32::from(months).months()).ok()?;
    if day.day() == born.day() {
        Some(day)
    } else {
        day.tomorrow().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn an_age_is_reached_on_the_birthday() {
        let born = day("2018-08-19");
        assert_eq!(reaches(born, 120), Some(day("2028-08-19")));
        assert_eq!(age_on(born, day("2028-08-18")), Some(9));
        assert_eq!(age_on(born, day("2028-08-19")), Some(10));
        assert_eq!(age_on(born, day("2018-08-18")), None);
        assert_eq!(age_on(born, born), Some(0));
        assert_eq!(reaches(day("2016-02-29"), 10 * 12), Some(day("2026-03-01")));
        assert_eq!(reaches(day("2016-02-29"), 12 * 12), Some(day("2028-02-29")));
        assert_eq!(
            reaches(day("2012-11-03"), 17 * 12 + 6),
            Some(day("2030-05-03"))
        );
    }

    #[test]
    fn the_two_answers_agree_on_every_birthday() {
        let mut born = day("1999-12-31");
        while born < day("2005-01-01") {
            for years in 0..=100 {
                let reached = reaches(born, years * 12).unwrap();
                assert_eq!(age_on(born, reached), Some(years));
                let eve = age_on(born, reached.yesterday().unwrap());
                assert_eq!(eve, years.checked_sub(1), "{born} {years}");
            }
            born = born.tomorrow().unwrap();
        }
    }
}
