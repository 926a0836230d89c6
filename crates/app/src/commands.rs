//! What changes the record: a fact is recorded or corrected, a document filed, content erased.

pub mod correct;
pub mod document;
pub mod erase;
pub mod placeholders;
pub mod record;
