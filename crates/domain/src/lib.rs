//! What the facts of a case mean: readings on two time axes, decisions about commands, and views.
//!
//! Pure: no clock, no randomness, no storage. The same fold answers for now and for any earlier
//! day.

pub mod ages;
pub mod correction;
pub mod decide;
pub mod name_key;
pub mod persons;
pub mod reading;
pub mod references;
pub mod refusal;
pub mod scales;
pub mod state;
pub mod views;

#[cfg(test)]
mod catalogue_tests;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod given;
#[cfg(test)]
mod reading_tests;
#[cfg(test)]
mod refusal_tests;
#[cfg(test)]
mod views_tests;
