//! The way out: checkpoints taken to witnesses and to time stamping authorities.

pub mod client;
pub mod time_stamp;
