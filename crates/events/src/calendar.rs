//! How the law counts time in Denmark: weekdays, working days, elapsed hours, months.
//!
//! Pure arithmetic on days and instants. Which rule counts in which way stands in the catalogue,
//! not here.
//!
//! ```
//! use jiff::civil::date;
//! use events::calendar::{add_months, add_weeks, add_working_days, roll_for_citizen};
//!
//! // The working day after the Wednesday before Easter is the Tuesday after it.
//! assert_eq!(add_working_days(date(2025, 4, 16), 1), date(2025, 4, 22));
//!
//! // Four weeks of an authority end on Maundy Thursday; those of a citizen go on past Easter.
//! let last = add_weeks(date(2025, 3, 20), 4);
//! assert_eq!(last, date(2025, 4, 17));
//! assert_eq!(roll_for_citizen(last), date(2025, 4, 22));
//!
//! // A month without that day ends with its last day.
//! assert_eq!(add_months(date(2025, 5, 31), 4), date(2025, 9, 30));
//! ```

use jiff::civil::{Date, Weekday};
use jiff::{Span, Timestamp, ToSpan};

use crate::holiday::{holiday, holidays};

/// Whether Saturdays count as weekdays (*hverdage*): the sources found do not settle it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saturdays {
    /// They count: the earlier, careful date.
    Count,
    /// They do not count: Monday to Friday.
    DoNotCount,
}

fn plus(date: Date, span: Span) -> Date {
    date.checked_add(span).unwrap_or(Date::MAX)
}

/// Whether a day is a weekday (*hverdag*). Sundays and holidays never are.
#[must_use]
pub fn is_weekday(date: Date, saturdays: Saturdays) -> bool {
    let free = match date.weekday() {
        Weekday::Sunday => true,
        Weekday::Saturday => saturdays == Saturdays::DoNotCount,
        Weekday::Monday
        | Weekday::Tuesday
        | Weekday::Wednesday
        | Weekday::Thursday
        | Weekday::Friday => false,
    };
    !free && holiday(date).is_none()
}

/// The day that many weekdays after a day; the day itself is not counted.
#[must_use]
pub fn add_weekdays(date: Date, count: u16, saturdays: Saturdays) -> Date {
    let mut date = date;
    let mut left = count;
    while left > 0 && date < Date::MAX {
        date = date.tomorrow().unwrap_or(Date::MAX);
        if is_weekday(date, saturdays) {
            left -= 1;
        }
    }
    date
}

/// The day that many working days (*arbejdsdage*, Monday to Friday without holidays) after a day.
#[must_use]
pub fn add_working_days(date: Date, count: u16) -> Date {
    add_weekdays(date, count, Saturdays::DoNotCount)
}

/// The number of working days after `from` up to and including `to`; 0 when `to` is not later. Of a
/// span of more than ten years the last ten are counted: longer ones are mistakes in a date.
#[must_use]
pub fn working_days_between(from: Date, to: Date) -> u32 {
    let from = from.max(subtract_months(to, 120));
    if from >= to {
        return 0;
    }
    let days = days_between(from, to);
    // Days of the last week that is not whole, walked one by one.
    let rest = (0..days % 7).scan(to, |date, _| {
        let this = *date;
        *date = this.yesterday().unwrap_or(Date::MIN);
        Some(this)
    });
    let rest = rest.filter(|date| monday_to_friday(*date)).count();
    let holidays = (from.year()..=to.year()).flat_map(holidays);
    let free = holidays.filter(|day| from < *day && *day <= to && monday_to_friday(*day));
    let weekdays = u32::try_from(days / 7 * 5).unwrap_or(0) + u32::try_from(rest).unwrap_or(0);
    weekdays.saturating_sub(u32::try_from(free.count()).unwrap_or(0))
}

fn monday_to_friday(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// The instant that many hours later on the clock that never shifts: 24 hours over a spring
/// night end one hour later by the wall clock.
#[must_use]
pub fn add_hours(at: Timestamp, hours: u16) -> Timestamp {
    at.checked_add(i64::from(hours).hours())
        .unwrap_or(Timestamp::MAX)
}

/// The same day number that many months later, or the last day of a shorter month.
#[must_use]
pub fn add_months(date: Date, months: u16) -> Date {
    plus(date, i32::from(months).months())
}

/// The same day number that many months earlier, or the last day of a shorter month.
#[must_use]
pub fn subtract_months(date: Date, months: u16) -> Date {
    date.checked_sub(i32::from(months).months())
        .unwrap_or(Date::MIN)
}

/// The same weekday that many weeks later.
#[must_use]
pub fn add_weeks(date: Date, weeks: u16) -> Date {
    plus(date, i32::from(weeks).weeks())
}

/// The day that many days later.
#[must_use]
pub fn add_days(date: Date, days: u16) -> Date {
    plus(date, i32::from(days).days())
}

/// Whether a citizen's period may not end on the day: weekend, holiday, 5 June, 24 and 31
/// December. The last three stand in *forældelsesloven* § 27(2); that they hold for complaints
/// too is a working choice.
#[must_use]
pub fn citizen_cannot_act(date: Date) -> bool {
    !is_weekday(date, Saturdays::DoNotCount)
        || matches!((date.month(), date.day()), (6, 5) | (12, 24 | 31))
}

/// The last day of a *citizen's* period: moved on to the next day on which one can act. Duties of
/// the authority are never moved.
#[must_use]
pub fn roll_for_citizen(date: Date) -> Date {
    let mut date = date;
    while citizen_cannot_act(date) && date < Date::MAX {
        date = plus(date, 1.day());
    }
    date
}

/// The day that many days earlier.
#[must_use]
pub fn subtract_days(date: Date, days: u16) -> Date {
    date.checked_sub(i32::from(days).days())
        .unwrap_or(Date::MIN)
}

/// Days from one day to a later one; negative when it is earlier.
#[must_use]
pub fn days_between(from: Date, to: Date) -> i32 {
    to.since(from).map_or(0, |span| span.get_days())
}

/// The last day of a month.
#[must_use]
pub fn month_end(date: Date) -> Date {
    date.last_of_month()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::holiday::Holiday;
    use crate::time::denmark;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn local(text: Timestamp) -> String {
        text.to_zoned(denmark()).datetime().to_string()
    }

    proptest! {
        #[test]
        fn a_citizen_gets_never_less_time(offset in 0_i32..18_000) {
            let start = plus(date(2010, 1, 1), offset.days());
            let rolled = roll_for_citizen(start);
            prop_assert!(rolled >= start && !citizen_cannot_act(rolled) && days_between(start, rolled) <= 6);
        }

        #[test]
        fn saturdays_only_make_it_earlier(offset in 0_i32..18_000, count in 0_u16..20) {
            let start = plus(date(2010, 1, 1), offset.days());
            prop_assert!(add_weekdays(start, count, Saturdays::Count) <= add_weekdays(start, count, Saturdays::DoNotCount));
            prop_assert_eq!(working_days_between(start, add_working_days(start, count)), u32::from(count));
        }

        #[test]
        fn working_days_are_those_that_one_walks_over(offset in 0_i32..109_000, days in 0_i32..4_200) {
            let from = plus(date(1900, 1, 1), offset.days());
            let to = plus(from, days.days());
            let mut walked = 0;
            let mut day = from.max(subtract_months(to, 120));
            while day < to {
                day = plus(day, 1.day());
                walked += u32::from(is_weekday(day, Saturdays::DoNotCount));
            }
            prop_assert_eq!(working_days_between(from, to), walked);
        }

        #[test]
        fn months_keep_the_day_number_or_end_the_month(offset in 0_i32..18_000, months in 0_u16..40) {
            let start = plus(date(2010, 1, 1), offset.days());
            let end = add_months(start, months);
            prop_assert!(end.day() == start.day() || (end.day() < start.day() && end == end.last_of_month()));
        }
    }

    #[test]
    fn receipts_count_six_weekdays_with_and_without_saturdays() {
        let due = |day| {
            (
                add_weekdays(day, 6, Saturdays::Count),
                add_weekdays(day, 6, Saturdays::DoNotCount),
            )
        };
        assert_eq!(
            due(date(2023, 4, 27)),
            (date(2023, 5, 4), date(2023, 5, 8)),
            "Store Bededag is left out"
        );
        assert_eq!(
            due(date(2024, 4, 25)),
            (date(2024, 5, 2), date(2024, 5, 3)),
            "it is a weekday from 2024"
        );
        assert_eq!(
            due(date(2024, 3, 21)),
            (date(2024, 3, 30), date(2024, 4, 3)),
            "Easter lies between"
        );
        assert_eq!(
            due(date(2025, 2, 14)),
            (date(2025, 2, 21), date(2025, 2, 24))
        );
    }

    #[test]
    fn a_complaint_may_come_after_easter_and_the_authority_may_not_wait() {
        let day = add_weeks(date(2025, 3, 20), 4);
        assert_eq!(holiday(day), Some(Holiday::MaundyThursday));
        assert_eq!(day, date(2025, 4, 17), "a duty of the authority ends here");
        assert_eq!(roll_for_citizen(day), date(2025, 4, 22));
    }

    #[test]
    fn periods_of_citizens_do_not_end_on_half_holidays() {
        assert_eq!(roll_for_citizen(date(2025, 6, 5)), date(2025, 6, 6));
        assert_eq!(roll_for_citizen(date(2024, 12, 24)), date(2024, 12, 27));
        assert_eq!(roll_for_citizen(date(2025, 12, 31)), date(2026, 1, 2));
        assert_eq!(roll_for_citizen(date(2025, 2, 22)), date(2025, 2, 24));
        assert_eq!(roll_for_citizen(date(2025, 2, 21)), date(2025, 2, 21));
    }

    #[test]
    fn a_month_without_that_day_ends_early() {
        assert_eq!(add_months(date(2025, 5, 31), 4), date(2025, 9, 30));
        assert_eq!(add_months(date(2023, 11, 20), 4), date(2024, 3, 20));
        assert_eq!(add_months(date(2024, 2, 29), 12), date(2025, 2, 28));
        assert_eq!(subtract_months(date(2030, 11, 3), 6), date(2030, 5, 3));
        assert_eq!(subtract_months(date(2031, 8, 31), 6), date(2031, 2, 28));
    }

    #[test]
    fn hours_elapse_across_the_shift_of_clocks() {
        assert_eq!(
            local(add_hours(at("2025-03-29T20:00:00+01:00"), 24)),
            "2025-03-30T21:00:00"
        );
        assert_eq!(
            local(add_hours(at("2025-10-25T20:00:00+02:00"), 24)),
            "2025-10-26T19:00:00"
        );
        assert_eq!(
            local(add_hours(at("2025-02-14T22:40:00+01:00"), 24)),
            "2025-02-15T22:40:00"
        );
    }

    #[test]
    fn working_days_leave_weekends_and_holidays_out() {
        assert_eq!(add_working_days(date(2025, 2, 26), 7), date(2025, 3, 7));
        assert_eq!(add_working_days(date(2025, 4, 16), 1), date(2025, 4, 22));
        assert_eq!(
            working_days_between(date(2025, 4, 16), date(2025, 4, 22)),
            1
        );
        assert_eq!(
            working_days_between(date(2025, 4, 16), date(2025, 4, 16)),
            0
        );
        assert_eq!(
            working_days_between(date(-9999, 1, 1), date(2025, 4, 16)),
            working_days_between(date(2015, 4, 16), date(2025, 4, 16))
        );
    }
}
