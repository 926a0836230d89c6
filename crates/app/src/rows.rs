//! The rows of lists and of the board of duties: made from streams, found by keyed tokens.

pub(crate) mod bucket;
pub mod case_row;
pub(crate) mod codec;
pub mod draft;
pub mod duty;
pub(crate) mod duty_lists;
pub(crate) mod duty_row;
pub(crate) mod fold;
pub(crate) mod foresights;
pub mod keys;
pub mod lists;
pub(crate) mod projector;
pub mod search;
#[cfg(test)]
mod search_tests;
pub(crate) mod span;
pub mod sums;
