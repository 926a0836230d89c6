//! The language of the case: ids, value types, the envelope, and one struct per event type.
//!
//! The crate says what can be recorded and which person each field is about. It holds no
//! rules (those are `domain` and `law`) and knows nothing of hashes or keys (`record`).

pub mod ids;
pub mod time;
pub mod personal;
pub mod person;
pub mod words;
pub mod meta;
pub mod spec;
pub mod raw;
pub mod parts;
mod define;
pub mod vocabulary;
pub mod early_advice;
pub mod notification;
pub mod people;
pub mod casework;
pub mod assessment;
pub mod involvement;
pub mod decision;
pub mod plan;
pub mod support;
pub mod lifecycle;
pub mod erasure;
pub mod correction;
pub mod event;
pub mod upcast;
pub mod schema;
