//! Output types.

pub mod case;
pub mod log;
pub mod notification;
pub mod point;
pub mod timeline;
pub mod views;
pub mod words;
