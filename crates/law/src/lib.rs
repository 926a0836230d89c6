//! What the law asks of a case: the calendar, the catalogue of rules as data, and the duties that
//! follow from facts.
//!
//! Pure: no clock, no randomness, no storage. It dates duties and shows them; it decides nothing.

pub mod alone;
pub mod case;
pub mod catalogue;
mod consistency;
mod deadline;
pub mod duty;
pub mod engine;
pub mod fact;
pub mod finding;
pub mod key_figures;
pub mod library;
pub mod measure;
pub mod measurement;
pub mod obligation;
mod overlay;
mod overlooked;
pub mod predicates;
pub mod rule;
pub mod section;
pub mod seen;
mod status;

#[cfg(test)]
mod tests;
