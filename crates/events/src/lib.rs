//! The language of the case: ids, value types, the envelope, and one struct per event type.
//!
//! The crate says what can be recorded and which person each field is about. It holds no
//! rules (those are `domain` and `law`) and knows nothing of hashes or keys (`record`).

pub mod access;
pub mod age;
#[cfg(feature = "graphql")]
pub mod answer;
pub mod appeal;
pub mod assessment;
pub mod calendar;
pub mod casework;
pub mod committee;
pub mod correction;
pub mod decision;
mod define;
pub mod document;
pub mod early_advice;
pub mod erasure;
pub mod event;
pub mod holiday;
pub mod identity;
pub mod ids;
pub mod involvement;
pub mod labels;
pub mod lifecycle;
pub mod log;
pub mod meta;
pub mod moment;
pub mod moving;
mod named;
pub mod notification;
pub mod parts;
pub mod people;
pub mod person;
pub mod personal;
pub mod plan;
pub mod raw;
pub mod rights;
pub mod schema;
pub mod shape;
pub mod spec;
pub mod support;
pub mod text;
pub mod time;
pub mod upcast;
pub mod words;

#[cfg(test)]
mod catalogue_tests;
