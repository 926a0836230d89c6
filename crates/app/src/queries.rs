//! Answers: a case as it was known at a moment, lists, duties, figures, the log itself.

pub mod board;
pub mod case;
pub mod cases;
pub mod duties;
pub mod figures;
pub mod log;
pub(crate) mod look_up_streams;
pub mod look_ups;
pub mod rules;
pub mod witnessing;
