//! When a fact took place: an instant, a day, or about a day.
//!
//! No clock here. The only zone is Denmark's, given by its rule so that nothing is read from
//! the machine.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shape::Shape;

/// Denmark's time zone by rule (CET, summer time from the last Sunday of March 02:00 to the
/// last Sunday of October 03:00; in force in the whole EU since 1996).
///
/// # Panics
/// Never: the rule text is a constant that a test parses.
#[must_use]
pub fn denmark() -> TimeZone {
    DENMARK.clone()
}

/// Parsed once: a case is sorted by thousands of days.
static DENMARK: LazyLock<TimeZone> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "a constant rule text, parsed by a test")]
    TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("constant time zone rule")
});

/// The day in Denmark.
#[must_use]
pub fn day_of(at: Timestamp) -> Date {
    DENMARK.to_datetime(at).date()
}

/// The last instant of a day in Denmark: what "on that day" reaches to.
#[must_use]
pub fn end_of_day(day: Date) -> Timestamp {
    let next = day.checked_add(1.day()).unwrap_or(Date::MAX);
    start_of_day(next)
        .checked_sub(1.second())
        .unwrap_or(Timestamp::MAX)
}

/// The first instant of a day in Denmark.
#[must_use]
pub fn start_of_day(day: Date) -> Timestamp {
    DENMARK
        .to_zoned(day.to_datetime(jiff::civil::Time::midnight()))
        .map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

/// When something took place, as exactly as it is known.
///
/// Written as RFC 3339 in UTC (`2024-03-22T08:05:00Z`), as a day (`2024-03-22`), or as about
/// a day (`2024-03-22~`, the EDTF mark for approximate).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Occurred {
    /// An instant, whole seconds.
    At(Timestamp),
    /// A day in Denmark, time of day not stated.
    On(Date),
    /// About that day.
    About(Date),
}

/// The text is not a time as [`Occurred`] writes it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a time must be an instant like 2024-03-22T09:05:00+01:00, a day like 2024-03-22, or about a day like 2024-03-22~"
)]
pub struct OccurredError;

impl Occurred {
    /// The day in Denmark.
    #[must_use]
    pub fn day(self) -> Date {
        match self {
            Self::At(at) => day_of(at),
            Self::On(day) | Self::About(day) => day,
        }
    }

    /// The earliest instant that this can mean: used to order and to compare.
    #[must_use]
    pub fn earliest(self) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::On(day) | Self::About(day) => start_of_day(day),
        }
    }
}

impl fmt::Display for Occurred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(at) => at.fmt(f),
            Self::On(day) => day.fmt(f),
            Self::About(day) => write!(f, "{day}~"),
        }
    }
}

impl FromStr for Occurred {
    type Err = OccurredError;

    fn from_str(text: &str) -> Result<Self, OccurredError> {
        if let Some(day) = text.strip_suffix('~') {
            return day_only(day).map(Self::About);
        }
        if text.len() == 10 {
            return day_only(text).map(Self::On);
        }
        let at: Timestamp = text.parse().map_err(|_| OccurredError)?;
        // The record keeps whole seconds; a finer stated time is cut, never rounded up.
        Timestamp::from_second(at.as_second())
            .map(Self::At)
            .map_err(|_| OccurredError)
    }
}

fn day_only(text: &str) -> Result<Date, OccurredError> {
    if text.len() != 10 {
        return Err(OccurredError);
    }
    text.parse().map_err(|_| OccurredError)
}

impl TryFrom<String> for Occurred {
    type Error = OccurredError;
    fn try_from(text: String) -> Result<Self, OccurredError> {
        text.parse()
    }
}

impl From<Occurred> for String {
    fn from(occurred: Occurred) -> Self {
        occurred.to_string()
    }
}

impl JsonSchema for Occurred {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Occurred".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "instant (RFC 3339, UTC, whole seconds), day (ISO 8601) or about a day (day followed by ~)",
            "pattern": "^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}:\\d{2}Z|~)?$"
        })
    }
}

/// An instant (RFC 3339, cut to whole seconds), a day in Denmark (`2024-03-22`), or about a day
/// (`2024-03-22~`).
#[cfg(feature = "graphql")]
#[async_graphql::Scalar(name = "Occurred")]
impl async_graphql::ScalarType for Occurred {
    fn parse(value: async_graphql::Value) -> async_graphql::InputValueResult<Self> {
        match value {
            async_graphql::Value::String(text) => Ok(text.parse()?),
            other => Err(async_graphql::InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> async_graphql::Value {
        async_graphql::Value::String(self.to_string())
    }
}

impl Shape for Occurred {
    const LIST: bool = false;
}
impl Shape for Date {
    const LIST: bool = false;
}
impl Shape for Timestamp {
    const LIST: bool = false;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_reads_as_it_was_written() {
        for text in ["2024-03-22T08:05:00Z", "2024-03-22", "2024-03-22~"] {
            assert_eq!(text.parse::<Occurred>().unwrap().to_string(), text);
        }
        assert_eq!(
            "2024-03-22T09:05:00+01:00"
                .parse::<Occurred>()
                .unwrap()
                .to_string(),
            "2024-03-22T08:05:00Z"
        );
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2024-13-01",
            "2024-02-30",
            "22.03.2024",
            "2024-03-22 09:05",
            "~",
            "2024-3-22",
        ] {
            assert_eq!(text.parse::<Occurred>(), Err(OccurredError), "{text}");
        }
    }

    #[test]
    fn a_day_ends_at_danish_midnight_in_winter_and_summer() {
        assert_eq!(
            end_of_day("2024-11-01".parse().unwrap()).to_string(),
            "2024-11-01T22:59:59Z"
        );
        assert_eq!(
            end_of_day("2024-07-01".parse().unwrap()).to_string(),
            "2024-07-01T21:59:59Z"
        );
        assert_eq!(
            start_of_day("2024-03-31".parse().unwrap()).to_string(),
            "2024-03-30T23:00:00Z"
        );
        assert_eq!(
            "2024-03-31T23:30:00Z"
                .parse::<Occurred>()
                .unwrap()
                .day()
                .to_string(),
            "2024-04-01"
        );
    }
}
