//! Days and hours in Denmark once more, by other algorithms than the program's: days are numbers,
//! Easter comes from the formula of Gauss, summer time from the rule of the Union.

/// Days since 1 January 1970.
pub(super) type Day = i64;

/// The number of a day of the civil calendar, by counting days of whole years and months.
pub(super) fn day(year: i64, month: i64, of_month: i64) -> Day {
    let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days_before: i64 = (1970..year).map(|year| 365 + i64::from(leap(year))).sum();
    let days_after: i64 = (year..1970).map(|year| 365 + i64::from(leap(year))).sum();
    let months: i64 = (1..month).map(|month| length(year, month)).sum();
    days_before - days_after + months + of_month - 1
}

pub(super) fn length(year: i64, month: i64) -> i64 {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Year, month and day of the month.
pub(super) fn civil(number: Day) -> (i64, i64, i64) {
    let mut year = 1970 + number / 366 - i64::from(number < 0);
    while day(year + 1, 1, 1) <= number {
        year += 1;
    }
    let mut month = 1;
    while month < 12 && day(year, month + 1, 1) <= number {
        month += 1;
    }
    (year, month, number - day(year, month, 1) + 1)
}

pub(super) fn parse(text: &str) -> Day {
    let part = |range: std::ops::Range<usize>| text[range].parse::<i64>().unwrap();
    day(part(0..4), part(5..7), part(8..10))
}

pub(super) fn text(number: Day) -> String {
    let (year, month, of_month) = civil(number);
    format!("{year:04}-{month:02}-{of_month:02}")
}

/// Monday is 0.
fn weekday(number: Day) -> i64 {
    (number + 3).rem_euclid(7)
}

/// Easter Sunday, by Gauss.
fn easter(year: i64) -> Day {
    let (a, b, c) = (year % 19, year % 4, year % 7);
    let k = year / 100;
    let p = (13 + 8 * k) / 25;
    let q = k / 4;
    let m = (15 - p + k - q) % 30;
    let n = (4 + k - q) % 7;
    let d = (19 * a + m) % 30;
    let e = (2 * b + 4 * c + 6 * d + n) % 7;
    let march = 22 + d + e;
    let march = match (d, e, a) {
        (29, 6, _) => march - 7,
        (28, 6, a) if (11 * m + 11) % 30 < 19 && a > 10 => march - 7,
        _ => march,
    };
    day(year, 3, 1) + march - 1
}

fn holiday(number: Day) -> bool {
    let (year, month, of_month) = civil(number);
    let from_easter = number - easter(year);
    matches!((month, of_month), (1, 1) | (12, 25 | 26))
        || matches!(from_easter, -3 | -2 | 0 | 1 | 39 | 49 | 50)
        || (from_easter == 26 && year < 2024)
}

fn working(number: Day) -> bool {
    weekday(number) < 5 && !holiday(number)
}

/// So many days from Monday to Friday without holidays later.
pub(super) fn working_days_on(from: Day, count: i64) -> Day {
    let mut later = from;
    let mut left = count;
    while left > 0 {
        later += 1;
        left -= i64::from(working(later));
    }
    later
}

/// The same day of a month so many months on, or its last.
pub(super) fn months_on(from: Day, months: i64) -> Day {
    let (year, month, of_month) = civil(from);
    let whole = year * 12 + month - 1 + months;
    let (year, month) = (whole.div_euclid(12), whole.rem_euclid(12) + 1);
    day(year, month, of_month.min(length(year, month)))
}

/// Whole years of life on a day.
pub(super) fn years(born: Day, on: Day) -> i64 {
    let ((year, month, day), (this_year, this_month, today)) = (civil(born), civil(on));
    this_year - year - i64::from((this_month, today) < (month, day))
}

/// Where a citizen's period ends on a day on which nobody can act, the next one on which one can.
pub(super) fn rolled(mut last: Day) -> Day {
    let half = |number: Day| {
        let (_, month, of_month) = civil(number);
        matches!((month, of_month), (6, 5) | (12, 24 | 31))
    };
    while !working(last) || half(last) {
        last += 1;
    }
    last
}

/// Seconds that Danish clocks are ahead of UTC at an instant.
fn ahead(at: i64) -> i64 {
    let (year, ..) = civil(at.div_euclid(86_400));
    let change = |month: i64| {
        let mut sunday = day(year, month, 31);
        while weekday(sunday) != 6 {
            sunday -= 1;
        }
        sunday * 86_400 + 3_600
    };
    if change(3) <= at && at < change(10) {
        7_200
    } else {
        3_600
    }
}

/// The day in Denmark at an instant.
pub(super) fn day_at(at: i64) -> Day {
    (at + ahead(at)).div_euclid(86_400)
}

/// The first instant of a day in Denmark.
pub(super) fn begins(number: Day) -> i64 {
    let midnight = number * 86_400;
    let winter = midnight - 3_600;
    if day_at(winter - 1) == number {
        midnight - 7_200
    } else {
        winter
    }
}

/// The last second of a day in Denmark.
pub(super) fn ends(number: Day) -> i64 {
    begins(number + 1) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_as_everybody_does() {
        for number in [-30_000, -1, 0, 59, 11_016, 19_782, 20_513, 40_000] {
            let (year, month, of_month) = civil(number);
            assert_eq!(day(year, month, of_month), number);
        }
        assert_eq!(text(parse("2024-02-29")), "2024-02-29");
        assert_eq!(weekday(parse("2025-12-01")), 0);
        let easters = [
            "2019-04-21",
            "2024-03-31",
            "2025-04-20",
            "2038-04-25",
            "2049-04-18",
        ];
        for text in easters {
            assert_eq!(easter(text[..4].parse().unwrap()), parse(text), "{text}");
        }
        assert_eq!(text(working_days_on(parse("2023-04-27"), 6)), "2023-05-08");
        assert_eq!(text(working_days_on(parse("2024-04-25"), 6)), "2024-05-03");
        assert_eq!(text(rolled(parse("2025-04-17"))), "2025-04-22");
        assert_eq!(
            ends(parse("2024-03-31")) - begins(parse("2024-03-31")),
            23 * 3_600 - 1
        );
        assert_eq!(
            ends(parse("2024-10-27")) - begins(parse("2024-10-27")),
            25 * 3_600 - 1
        );
    }
}
