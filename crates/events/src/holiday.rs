//! Which days are public holidays in Denmark. How periods are counted around them is
//! [`crate::calendar`].
//!
//! ```
//! use jiff::civil::date;
//! use events::holiday::{Holiday, holiday};
//!
//! assert_eq!(holiday(date(2023, 5, 5)), Some(Holiday::Bededag));
//! assert_eq!(holiday(date(2024, 4, 26)), None, "it was abolished");
//! ```

use jiff::ToSpan;
use jiff::civil::Date;

/// The last year in which *Store Bededag* was a holiday (abolished from 1 January 2024,
/// BEK 270/2023 § 1).
pub const LAST_BEDEDAG_YEAR: i16 = 2023;

/// A Danish public holiday (*helligdag*).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holiday {
    /// 1 January (*nytårsdag*).
    NewYear,
    /// *Skærtorsdag*.
    MaundyThursday,
    /// *Langfredag*.
    GoodFriday,
    /// *Påskedag*.
    EasterSunday,
    /// *2. påskedag*.
    EasterMonday,
    /// *Store Bededag*, the fourth Friday after Easter, until 2023.
    Bededag,
    /// *Kristi himmelfartsdag*.
    Ascension,
    /// *Pinsedag*.
    WhitSunday,
    /// *2. pinsedag*.
    WhitMonday,
    /// 25 December (*juledag*).
    ChristmasDay,
    /// 26 December (*2. juledag*).
    SecondChristmasDay,
}

/// Easter Sunday of a year of the Gregorian calendar, by the arithmetic of its lunar table
/// (golden number, epact with solar and lunar corrections).
#[must_use]
pub fn easter_sunday(year: i16) -> Date {
    day(year, 3, 22).saturating_add(easter_after_22_march(year).days())
}

/// Days from 22 March to Easter Sunday, at most 34.
fn easter_after_22_march(year: i16) -> i32 {
    let year_number = i32::from(year);
    let golden = year_number.rem_euclid(19);
    let century = year_number.div_euclid(100);
    let in_century = year_number.rem_euclid(100);
    let moon_shift =
        (century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 19 * golden + 15)
            .rem_euclid(30);
    let to_sunday =
        (32 + 2 * (century % 4) + 2 * (in_century / 4) - moon_shift - in_century % 4).rem_euclid(7);
    let exception = (golden + 11 * moon_shift + 22 * to_sunday) / 451;
    moon_shift + to_sunday - 7 * exception
}

/// A day of a year; the first day of that year stands in for one that does not exist, which no
/// caller here asks for.
fn day(year: i16, month: i8, day: i8) -> Date {
    Date::new(year, month, day)
        .or_else(|_| Date::new(year, 1, 1))
        .unwrap_or(Date::MAX)
}

/// Days from 22 March of the year to a day of March to June, negative before it.
fn after_22_march(date: Date) -> i32 {
    let month = match date.month() {
        3 => 0,
        4 => 31,
        5 => 61,
        _ => 92,
    };
    month + i32::from(date.day()) - 22
}

/// The holidays of a year, in no order.
pub(crate) fn holidays(year: i16) -> impl Iterator<Item = Date> {
    let easter = easter_sunday(year);
    let bededag = (year <= LAST_BEDEDAG_YEAR).then_some(26);
    let moving = [-3, -2, 0, 1, 39, 49, 50].into_iter().chain(bededag);
    let fixed = [(1, 1), (12, 25), (12, 26)].into_iter();
    fixed
        .map(move |(month, number)| day(year, month, number))
        .chain(moving.map(move |days: i32| easter.saturating_add(days.days())))
}

/// The holiday that falls on a day, if one does.
#[must_use]
pub fn holiday(date: Date) -> Option<Holiday> {
    match (date.month(), date.day()) {
        (1, 1) => return Some(Holiday::NewYear),
        (12, 25) => return Some(Holiday::ChristmasDay),
        (12, 26) => return Some(Holiday::SecondChristmasDay),
        // Holidays that move with Easter fall on 19 March at the earliest, on 14 June at the latest.
        (1 | 2 | 7..=12, _) => return None,
        _ => {}
    }
    match after_22_march(date) - easter_after_22_march(date.year()) {
        -3 => Some(Holiday::MaundyThursday),
        -2 => Some(Holiday::GoodFriday),
        0 => Some(Holiday::EasterSunday),
        1 => Some(Holiday::EasterMonday),
        26 if date.year() <= LAST_BEDEDAG_YEAR => Some(Holiday::Bededag),
        39 => Some(Holiday::Ascension),
        49 => Some(Holiday::WhitSunday),
        50 => Some(Holiday::WhitMonday),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{Weekday, date};
    use proptest::prelude::*;

    /// Easter as the church's tables of 1582 define it: the epact of the year gives the paschal
    /// full moon, and Easter is the Sunday after it, found by walking day by day.
    fn easter_by_walking(year: i16) -> Date {
        let golden = i32::from(year) % 19 + 1;
        let century = i32::from(year) / 100 + 1;
        let solar = 3 * century / 4 - 12;
        let lunar = (8 * century + 5) / 25 - 5;
        let mut epact = (11 * golden + 20 + lunar - solar).rem_euclid(30);
        if epact == 24 || (epact == 25 && golden > 11) {
            epact += 1;
        }
        let mut full_moon = date(year, 2, 28)
            .last_of_month()
            .saturating_add((44 - epact).days());
        if full_moon < date(year, 3, 21) {
            full_moon = full_moon.saturating_add(30.days());
        }
        let mut sunday = full_moon.tomorrow().unwrap();
        while sunday.weekday() != Weekday::Sunday {
            sunday = sunday.tomorrow().unwrap();
        }
        sunday
    }

    #[test]
    fn easter_falls_where_almanacs_say() {
        let known = [
            date(2010, 4, 4),
            date(2011, 4, 24),
            date(2016, 3, 27),
            date(2019, 4, 21),
            date(2023, 4, 9),
            date(2024, 3, 31),
            date(2025, 4, 20),
            date(2038, 4, 25),
            date(2049, 4, 18),
            date(2060, 4, 18),
        ];
        for easter in known {
            assert_eq!(easter_sunday(easter.year()), easter);
        }
    }

    proptest! {
        #[test]
        fn the_holidays_of_a_year_are_the_days_that_are_one(year in 1900_i16..2200) {
            let mut listed: Vec<Date> = holidays(year).collect();
            listed.sort();
            let days = date(year, 1, 1).series(1.day()).take_while(|day| day.year() == year);
            let found: Vec<Date> = days.filter(|day| holiday(*day).is_some()).collect();
            prop_assert_eq!(listed, found);
        }

        #[test]
        fn easter_agrees_with_the_tables(year in 1900_i16..2200) {
            prop_assert_eq!(easter_sunday(year), easter_by_walking(year));
        }
    }

    #[test]
    fn every_year_has_its_ten_holidays_and_bededag_until_2023() {
        for year in 2010..=2060 {
            let days = (0..366)
                .map(|n| date(year, 1, 1).saturating_add(n.days()))
                .filter(|day| day.year() == year);
            let mut found: Vec<Holiday> = days.filter_map(holiday).collect();
            found.sort_unstable();
            found.dedup();
            // Ascension and Whitsun never meet the fixed ones between 2010 and 2060.
            assert_eq!(
                found.len(),
                if year <= LAST_BEDEDAG_YEAR { 11 } else { 10 },
                "{year}"
            );
        }
        assert_eq!(holiday(date(2023, 5, 5)), Some(Holiday::Bededag));
        assert_eq!(holiday(date(2024, 4, 26)), None);
    }
}
