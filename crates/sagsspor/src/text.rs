//! What the program prints: reports, pages, colours.

pub(crate) mod case_report;
pub(crate) mod page;
pub(crate) mod terminal;
