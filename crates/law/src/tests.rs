//! Tests of the catalogue, the engine and the rules, over facts built from stored names.

mod catalogue;
mod scenarios;
mod story;
