//! The way out: checkpoints taken to witnesses and to time stamping authorities.

pub mod client;
pub(crate) mod newest_time;
pub mod time_stamp;
