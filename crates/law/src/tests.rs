//! Tests of the catalogue, the engine and the rules, over facts built from stored names.

mod alone;
mod catalogue;
mod dossiers;
mod history_a;

mod history_b;
mod history_c;
mod key_figures;
mod laws;
mod legal;
mod library;
mod measurement;
mod overlooked;
mod rules;
mod scenarios;
mod story;
mod table;
mod what_if;
