//! What the program prints: reports, pages, colours.

pub(crate) mod case_report;
pub(crate) mod page;
pub(crate) mod table;
pub(crate) mod terminal;
pub(crate) mod user_errors;
