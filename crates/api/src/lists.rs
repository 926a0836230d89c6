//! Lists over many cases: cases, notifications, duties, key figures.

pub mod board;
pub mod cases;
pub mod figures;
pub mod notification;
