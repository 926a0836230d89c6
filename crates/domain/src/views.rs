//! Views: what a reader sees of a reading. Plain data, one fold each.

pub mod child_voice;
pub mod decisions;
pub mod goals;
pub mod inbox;
pub mod ladder;
pub mod network;
pub mod overview;
pub mod summary;
pub mod timeline;
pub mod wellbeing;
