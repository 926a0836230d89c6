//! What the facts of a case mean: readings on two time axes, decisions about commands, and views.
//!
//! Pure: no clock, no randomness, no storage. The same fold answers for now and for any earlier
//! day. Begin at [`reading::Reading`], then [`decide::decide`], then one view, for example
//! [`views::child_voice`].

pub mod recorded;

pub mod reading;

pub mod correction;
pub mod references;

pub mod current;
pub mod decide;
pub mod refusal;
pub mod state;

pub mod ages;
pub mod name_key;
pub mod persons;
pub mod scales;

pub mod views;

#[cfg(test)]
mod catalogue_tests;
#[cfg(test)]
mod current_tests;
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
