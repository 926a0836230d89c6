//! The reading point: now, or any earlier moment.

use async_graphql::{Enum, InputObject, Result};
use domain::reading::{Axis, Known, ReadingPoint, instant};

use crate::error::bad_input;

/// By which time `knownAt` is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Axis")]
pub enum TimeAxis {
    /// The log's own time: proven.
    Recorded,
    /// The time that an imported source states, where there is one: not proven.
    Stated,
}

/// A moment to read at. `knownAt` and `position` choose what had been recorded, `occurredBy` what
/// had happened. Times are instants (RFC 3339) or days; a day means its end in Denmark.
#[derive(Debug, Clone, PartialEq, Eq, Default, InputObject)]
pub struct ReadingPointInput {
    /// What had been recorded by then.
    pub known_at: Option<String>,
    /// What stands in the log before this position.
    pub position: Option<u64>,
    /// What had happened by then.
    pub occurred_by: Option<String>,
    /// By which time `knownAt` is read; the log's own where not stated.
    pub axis: Option<TimeAxis>,
}

impl ReadingPointInput {
    /// The point as the domain reads it.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` when a time cannot be read, or both `knownAt` and `position` are given.
    pub fn point(&self) -> Result<ReadingPoint> {
        let time = |text: &String, field: &str| {
            instant(text).map_err(|error| bad_input(&format!("at.{field}: {error}")))
        };
        let known = match (&self.known_at, self.position) {
            (Some(_), Some(_)) => return Err(bad_input("at: give knownAt or position, not both")),
            (Some(text), None) => Known::At(time(text, "knownAt")?),
            (None, Some(position)) => Known::Position(position),
            (None, None) => Known::Now,
        };
        let occurred_by = self
            .occurred_by
            .as_ref()
            .map(|text| time(text, "occurredBy"))
            .transpose()?;
        let axis = self.axis.map_or(Axis::Recorded, Into::into);
        Ok(ReadingPoint {
            known,
            occurred_by,
            axis,
        })
    }
}
