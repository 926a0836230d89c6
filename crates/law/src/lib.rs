//! What the law asks of a case: the calendar, the catalogue of rules as data, and the duties that
//! follow from facts.
//!
//! Pure: no clock, no randomness, no storage. The law here dates and shows; it decides nothing.

pub mod calendar;
