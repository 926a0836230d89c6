//! Views: what a reader sees of a reading. Plain data, one fold each.

pub mod access;
pub mod appeal;
pub mod child_voice;
pub mod decisions;
pub mod difference;
pub mod documents;
pub mod early_advice;
pub mod family;
pub mod family_voice;
pub mod findings;
pub mod goals;
pub mod inbox;
pub mod integrity;
pub mod ladder;
pub mod listing;
pub mod network;
pub mod overview;
pub mod parties;
pub mod party;
mod plain;
pub mod recorded_event;
pub mod retention;
pub mod sheet;
pub mod statistics;
pub mod summary;
pub mod timeline;
pub mod wellbeing;
